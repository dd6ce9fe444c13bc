"""What smtplib does not do by itself (MAIL-20 … MAIL-28), seen from outside."""

import ssl
import threading
from collections.abc import Iterator

import pytest

from providers.mail_rigs import LOOPBACK, SENDER, outgoing, trusting_test_certificate, yes
from segue.ports import SystemClock
from segue.providers.egress import EgressPolicy
from segue.providers.mail.base import MailboxConfig, MailSession, Misconfigured, Refused, RefusedClass, TryLater, Unknown
from segue.providers.mail.smtp_imap import SmtpImapProvider, default_tls_context
from servers.certificates import certificate, client_context, server_context
from servers.faulty_smtp import FaultySmtp
from servers.smtp_faults import CATALOGUE, CONNECTION_STAGES, Fault, by_seed, in_order

CLOCK = SystemClock()


class Opener:
    """Opens sessions and closes them at the end."""

    def __init__(self) -> None:
        self.sessions: list[MailSession] = []

    def __call__(
        self, server: FaultySmtp, *, egress: EgressPolicy = LOOPBACK, context: ssl.SSLContext | None = None, **settings: object
    ) -> MailSession:
        given: dict[str, object] = {"smtp_host": "localhost", "smtp_port": server.port, **settings}
        provider = SmtpImapProvider(egress, CLOCK, lambda: context or trusting_test_certificate())
        self.sessions.append(provider.open(MailboxConfig(SENDER, "smtp_imap", given, "pw")))
        return self.sessions[-1]


@pytest.fixture
def opened() -> Iterator[Opener]:
    opener = Opener()
    yield opener
    for session in opener.sessions:
        session.close()


def secured(**options: object) -> FaultySmtp:
    return FaultySmtp(tls=server_context(certificate()), password="pw", **options)  # type: ignore[arg-type]


def send(session: MailSession, *, deadline_s: float = 10) -> str:
    message = outgoing()
    session.hand_off(message, deadline_s=deadline_s, may_still_send=yes)
    return message.key


# TLS (MAIL-20) --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("context", ["unknown authority", "expired", "other name"])
def test_a_certificate_that_does_not_verify_stops_the_connection_before_the_password(opened: Opener, context: str) -> None:
    pem = {
        "unknown authority": certificate(),
        "expired": certificate(expired=True),
        "other name": certificate(name="elsewhere.test"),
    }[context]
    trusted = default_tls_context() if context == "unknown authority" else client_context(pem)
    host = "localhost"
    with FaultySmtp(tls=server_context(pem), password="pw") as server:
        session = opened(server, context=trusted, smtp_host=host)
        for _ in range(2):
            with pytest.raises(TryLater):
                send(session)
        with pytest.raises(Misconfigured):  # TLS failed three times in a row (mail.md §5)
            send(session)
        assert not any(line.startswith(b"AUTH") for line in server.commands)


def test_a_server_without_starttls_gets_no_password(opened: Opener) -> None:
    with FaultySmtp(password="pw") as server:
        with pytest.raises(Misconfigured, match="STARTTLS"):
            send(opened(server))
        assert not any(line.startswith(b"AUTH") for line in server.commands)


def test_plain_text_is_possible_only_to_hosts_that_the_operator_allowed(opened: Opener) -> None:
    with FaultySmtp() as server:
        plain = {"smtp_tls": "none", "smtp_username": ""}
        assert send(opened(server, **plain)) == server.accepted[0].key
        with pytest.raises(Misconfigured):
            send(opened(server, egress=EgressPolicy(), **plain))
        assert server.connections == 1


# Names, replies, deadline (MAIL-22, MAIL-23, MAIL-24, MAIL-26) ----------------------------------------------------------------------


def test_the_name_we_say_is_the_senders_domain_and_not_this_machines(opened: Opener) -> None:
    with secured() as server:
        send(opened(server))
        assert {line for line in server.commands if line.lower().startswith(b"ehlo")} == {b"ehlo acme.test"}


def test_a_reply_that_drips_beyond_the_deadline_is_in_doubt_and_cut_in_time(opened: Opener) -> None:
    with secured(choose=in_order(Fault("drip", "dot", accepted=True, seconds=0.1))) as server:
        session, began = opened(server), CLOCK.monotonic()
        with pytest.raises(Unknown):
            send(session, deadline_s=0.5)
        assert CLOCK.monotonic() - began < 1.5


@pytest.mark.parametrize("reply", ["250", "250 ok", "251 forwarded", "252 perhaps", "250-first\r\n250 second"])
def test_every_well_formed_2xx_after_the_dot_is_an_acceptance(opened: Opener, reply: str) -> None:
    with secured(choose=in_order(Fault("reply", "dot", reply, accepted=True))) as server:
        assert [send(opened(server))] == [t.key for t in server.accepted]


@pytest.mark.parametrize(
    "reply", ["354 more", "999 what", "25", "2500 x", "+OK", "", "250-first\r\n251 other", "ok 250", "x" * 9000, "550" + "5" * 9000]
)
def test_what_is_no_reply_after_the_dot_leaves_it_in_doubt(opened: Opener, reply: str) -> None:
    with secured(choose=in_order(Fault("reply", "dot", reply))) as server, pytest.raises(Unknown):
        send(opened(server), deadline_s=1)


def test_an_answer_to_quit_means_nothing(opened: Opener) -> None:
    with secured() as server:
        session = opened(server, mails_per_connection=1)
        keys = [send(session) for _ in range(3)]
        assert [t.key for t in server.accepted] == keys
        assert server.connections == 3


@pytest.mark.parametrize("fault", [f for f in CATALOGUE if f.stage in CONNECTION_STAGES], ids=lambda f: f.name)
def test_what_breaks_while_connecting_is_try_later_and_passes(opened: Opener, fault: Fault) -> None:
    with secured(choose=in_order(fault)) as server:
        session = opened(server)
        with pytest.raises(TryLater):
            send(session, deadline_s=0.4)
        assert [send(session)] == [t.key for t in server.accepted]


def test_a_banner_that_refuses_us_does_not_touch_the_contact(opened: Opener) -> None:
    refusing = in_order(Fault("reply", "banner", "554 5.7.1 your address is blocked"))
    with secured(choose=refusing) as server, pytest.raises(Misconfigured):
        send(opened(server))


# Keeping connections --------------------------------------------------------------------------------------------------------------


def test_a_connection_is_kept_for_twenty_mails(opened: Opener) -> None:
    with secured() as server:
        session = opened(server)
        for _ in range(41):
            send(session)
        assert server.connections == 3


def test_an_idle_connection_closes_by_itself(opened: Opener) -> None:
    with secured() as server:
        session = opened(server, idle_s=0.1)
        send(session)
        end = CLOCK.monotonic() + 5
        while any(t.name == "faulty-connection" for t in threading.enumerate()) and CLOCK.monotonic() < end:
            CLOCK.sleep(0.02)
        assert CLOCK.monotonic() < end
        send(session)
        assert server.connections == 2


@pytest.mark.parametrize("fault", [Fault("drop", "mail"), Fault("reply", "mail", "421 4.4.2 idle too long")], ids=lambda f: f.name)
def test_a_kept_connection_that_has_died_costs_a_reconnect_and_no_mail(opened: Opener, fault: Fault) -> None:
    with secured(choose=in_order(None, fault)) as server:
        session = opened(server)
        assert [send(session), send(session)] == [t.key for t in server.accepted]
        assert server.connections == 2


def test_after_a_refused_recipient_the_connection_goes_on(opened: Opener) -> None:
    with secured(choose=in_order(*[Fault("reply", "rcpt", "550 5.1.1 no")] * 3)) as server:
        session = opened(server)
        for _ in range(3):
            with pytest.raises(Refused):
                send(session)
        send(session)
        assert server.connections == 1


def test_no_dot_goes_out_when_data_was_taken_without_a_recipient(opened: Opener) -> None:
    with secured(choose=in_order(Fault("reply", "rcpt", "550 5.1.1 no"))) as server:
        server.careless = True
        session = opened(server)
        with pytest.raises(Refused) as caught:
            send(session)
        assert caught.value.reason is RefusedClass.INVALID
        assert server.accepted == []
        assert [send(session)] == [t.key for t in server.accepted]
        assert server.connections == 2


def test_a_message_above_the_servers_limit_is_refused_without_being_sent(opened: Opener) -> None:
    with secured(features=("PIPELINING", "SIZE 300")) as server:
        session = opened(server)
        with pytest.raises(Refused) as caught:
            session.hand_off(outgoing(body=b"x\r\n" * 200), deadline_s=5, may_still_send=yes)
        assert caught.value.reason is RefusedClass.CONTENT
        assert not any(line.startswith(b"MAIL") for line in server.commands)


def test_a_check_that_raises_leaves_nothing_accepted(opened: Opener) -> None:
    def broken() -> bool:
        raise ZeroDivisionError

    with secured() as server:
        session = opened(server)
        with pytest.raises(ZeroDivisionError):
            session.hand_off(outgoing(), deadline_s=5, may_still_send=broken)
        key = send(session)
        assert [t.key for t in server.accepted] == [key]


# All faults by seed ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_under_random_faults_what_we_call_accepted_or_refused_is_always_true(opened: Opener, seed: int) -> None:
    with secured(choose=by_seed(seed, 0.5)) as server:
        session, accepted, surely_not, unknown = opened(server), set(), set(), set()
        for _ in range(40):
            message = outgoing()
            try:
                session.hand_off(message, deadline_s=0.25, may_still_send=yes)
                accepted.add(message.key)
            except Unknown:
                unknown.add(message.key)
            except (TryLater, Refused, Misconfigured):
                surely_not.add(message.key)
        assert accepted
        assert surely_not
        assert server.injected
    log = [t.key for t in server.accepted]
    assert len(log) == len(set(log))
    assert accepted <= set(log)
    assert not surely_not & set(log)
