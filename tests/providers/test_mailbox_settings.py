"""Settings of a mailbox: what a user may type, and what is refused with a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.mail_rigs import outgoing
from segue.providers.egress import EgressPolicy
from segue.providers.mail import mail_providers
from segue.providers.mail.base import MailboxConfig, Misconfigured, Refused
from segue.providers.mail.connection import Tls
from segue.providers.mail.envelope import check_outgoing, is_address, stuffed
from segue.providers.mail.smtp_imap import read_settings


def config(address: str = "rep@acme.test", secret: str = "pw", **settings: object) -> MailboxConfig:
    return MailboxConfig(address, "smtp_imap", {"smtp_host": "mail.example", **settings}, secret)


def test_the_usual_ports_bring_their_tls_mode() -> None:
    plain = read_settings(config(imap_host="imap.example"))
    assert (plain.smtp.port, plain.smtp.tls) == (587, Tls.STARTTLS)
    assert plain.imap is not None
    assert (plain.imap.port, plain.imap.tls) == (993, Tls.IMPLICIT)
    other = read_settings(config(smtp_port=465, imap_host="imap.example", imap_port=143))
    assert other.smtp.tls is Tls.IMPLICIT
    assert other.imap is not None
    assert other.imap.tls is Tls.STARTTLS
    assert plain.smtp.username == plain.imap.username == "rep@acme.test"


def test_servers_that_file_sent_copies_are_known_and_can_be_overruled() -> None:
    assert read_settings(config(smtp_host="smtp.gmail.com")).files_sent_copies
    assert read_settings(config(smtp_host="SMTP.office365.com")).files_sent_copies
    assert not read_settings(config()).files_sent_copies
    assert read_settings(config(files_sent_copies=True)).files_sent_copies
    assert not read_settings(config(smtp_host="smtp.gmail.com", files_sent_copies=False)).files_sent_copies


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"smtp_hots": "x"}, "smtp_hots"),
        ({"smtp_host": ""}, "smtp_host"),
        ({"smtp_host": "a\r\nb"}, "smtp_host"),
        ({"smtp_host": 5}, "smtp_host"),
        ({"smtp_port": "587"}, "smtp_port"),
        ({"smtp_port": 0}, "smtp_port"),
        ({"smtp_port": 70000}, "smtp_port"),
        ({"smtp_port": True}, "smtp_port"),
        ({"smtp_tls": "ssl"}, "smtp_tls"),
        ({"imap_host": "x", "imap_tls": "maybe"}, "imap_tls"),
        ({"imap_host": "x", "imap_username": "a\0b"}, "imap_username"),
        ({"files_sent_copies": "yes"}, "files_sent_copies"),
        ({"mails_per_connection": -1}, "mails_per_connection"),
        ({"idle_s": 1e9}, "idle_s"),
    ],
)
def test_impossible_settings_are_refused_by_name(settings: dict[str, object], words: str) -> None:
    with pytest.raises(Misconfigured, match=words):
        mail_providers(EgressPolicy())["smtp_imap"].open(config(**settings))


@pytest.mark.parametrize("bad", [{"address": "no address"}, {"address": "a\n@b.test"}, {"secret": "a\r\nb"}, {"secret": "a\0b"}])
def test_an_address_or_password_with_control_characters_is_refused(bad: dict[str, str]) -> None:
    with pytest.raises(Misconfigured):
        read_settings(config(**bad))  # type: ignore[arg-type]


def test_the_secret_is_in_no_text_of_the_configuration() -> None:
    assert "hunter2" not in repr(config(secret="hunter2"))


@pytest.mark.parametrize(
    "good", ["a@b.test", "first.last+tag@sub.example.com", "o'neil@x.test", '"quoted one"@x.test', "a@xn--bcher-kva.test"]
)
def test_ordinary_addresses_are_addresses(good: str) -> None:
    assert is_address(good)


@given(st.text(max_size=40))
def test_no_text_with_a_character_that_could_end_the_argument_is_an_address(text: str) -> None:
    for address in (text, f"{text}@x.test", f"a@{text}"):
        if is_address(address):
            assert address.isascii()
            assert not set(address) & set("\r\n\0<>,;\t")


@given(st.lists(st.sampled_from([b"", b".", b"..", b".a", b"a.", b"a"]), max_size=8))
def test_a_stuffed_message_never_ends_early_and_comes_back_whole(lines: list[bytes]) -> None:
    wire = b"\r\n".join(lines)
    sent = stuffed(wire)
    assert b"\r\n.\r\n" not in b"\r\n" + sent
    assert sent.endswith(b"\r\n")
    back = b"\r\n".join(line.removeprefix(b".") for line in sent.split(b"\r\n"))
    assert back.removesuffix(b"\r\n") == wire.removesuffix(b"\r\n")


@pytest.mark.parametrize("key", ["", "a\r\nb", "schlüssel"])
def test_a_message_without_a_usable_key_is_refused(key: str) -> None:
    message = outgoing()
    with pytest.raises(Refused):
        check_outgoing(type(message)(message.wire, message.sender, message.recipient, message.message_id, key))
