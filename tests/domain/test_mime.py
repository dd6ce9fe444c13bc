"""The serializer against the standard parser and against the reference policy of MAIL-2."""

import email
import email.message
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email import policy
from email.header import decode_header, make_header
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.wire_policy import WIRE
from segue.domain.mime import Attachment, Letter, Person, Unbuildable, quoted_printable, serialize

LETTER = Letter(
    sender=Person("Rep Roe", "rep@acme.test"),
    recipient=Person("Ann Prospect", "ann@prospect.test"),
    subject="A question",
    date=datetime(2026, 3, 29, 9, 5, 7, tzinfo=timezone(timedelta(hours=-3, minutes=-30))),
    message_id="<left@acme.test>",
    key="k" * 32,
    text="Hello Ann,\n\nshall we talk?\n",
    html="<p>Hello Ann,</p><p>shall we talk?</p>",
)
FORBIDDEN = [chr(c) for c in [*range(32), *range(127, 160), 0x2028, 0x2029]]
words = st.text(st.characters(exclude_categories=("Cs",), exclude_characters=FORBIDDEN))
bodies = st.text(st.characters(exclude_categories=("Cs",), exclude_characters=[c for c in FORBIDDEN if c not in "\t\r\n\u2028\u2029"]))


def parsed(wire: bytes) -> email.message.EmailMessage:
    return email.message_from_bytes(wire, policy=policy.default)  # type: ignore[return-value]


def raw_headers(wire: bytes) -> dict[str, str]:
    """Return the headers unfolded as RFC 5322 §2.2.3 says: only the CRLF before a blank goes away."""
    head = wire.partition(b"\r\n\r\n")[0].decode("ascii").replace("\r\n ", " ")
    return dict(line.split(": ", 1) for line in head.split("\r\n"))


def display_name(value: str) -> str:
    """Return the name before `<…>`, decoded as RFC 2047 says. (`policy.default` of Python 3.11 puts a blank between adjacent words of a name.)"""
    phrase = value.rpartition("<")[0].rstrip(" ")
    if phrase.startswith('"'):
        return re.sub(r"\\(.)", r"\1", phrase[1:-1])
    return str(make_header(decode_header(phrase)))


def collapsed(text: str) -> str:
    return " ".join(filter(None, text.split(" ")))


def with_final_line_end(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.endswith("\n") else text + "\n"


def assert_is_correct_on_the_wire(wire: bytes) -> None:
    assert wire.isascii()
    assert wire.endswith(b"\r\n")
    lines = wire.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert not any(b"\r" in line or b"\n" in line or b"\0" in line for line in lines)
    head = wire.partition(b"\r\n\r\n")[0]
    assert all(len(line) <= 76 for line in head.split(b"\r\n") if b"=?utf-8?" in line)
    for word in re.findall(r"=\?utf-8\?[bq]\?[^? ]*\?=", head.decode("ascii")):  # RFC 2047 §5: a character is never split
        ((octets, _),) = decode_header(word)
        assert octets.decode("utf-8")


def content(part: email.message.EmailMessage) -> str:
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode("utf-8").replace("\r\n", "\n")


@given(subject=words, sender=words, recipient=words)
@example("", "", "0 \u00a0")
@example("Ünïcode   with  blanks ", "=?utf-8?q?a?=", 'Quote " and \\ back')
@example("x" * 200 + " " + "y" * 700, "", "a b " * 60)
def test_any_subject_and_name_reads_back_equal(subject: str, sender: str, recipient: str) -> None:
    """MAIL-2, MAIL-4: only blanks are stripped and collapsed."""
    wire = serialize(replace(LETTER, subject=subject, sender=Person(sender, "rep@acme.test"), recipient=Person(recipient, "ann@b.test")))
    assert_is_correct_on_the_wire(wire)
    raw = raw_headers(wire)
    assert str(make_header(decode_header(raw["Subject"]))) == collapsed(subject)
    message = parsed(wire)
    for field, name, address in (("From", sender, "rep@acme.test"), ("To", recipient, "ann@b.test")):
        (person,) = message[field].addresses
        assert person.addr_spec == address
        assert display_name(raw[field]) == collapsed(name)
        if raw[field].count("=?utf-8?") < 2:  # that parser also strips no-break blanks
            assert person.display_name.split() == name.split()


@given(text=bodies, html=bodies)
@example("From me\nFrom From From x\n.\n..\n \n\t\n", "a" * 75 + " \n" + "b" * 74 + "  \n")
@example("a" * 74 + " \n", "é" + "b" * 68 + "\t\n" + "c" * 73 + "\t")
@example("\r\r\n\n\r", "=" * 300)
@example("é" * 400, "x" * 2000)
@example("x" * 75 + "." + "\n" + "x" * 75 + "From a", "")
def test_any_body_reads_back_equal(text: str, html: str) -> None:
    """MAIL-1: both parts, every line end as CRLF, lines of at most 76 octets."""
    wire = serialize(replace(LETTER, text=text, html=html))
    assert_is_correct_on_the_wire(wire)
    parts = [part for part in parsed(wire).walk() if not part.is_multipart()]
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"][: len(parts)]
    assert [content(part) for part in parts] == [with_final_line_end(body) for body in ([text, html] if html else [text])]
    for line in wire.partition(b"\r\n\r\n")[2].split(b"\r\n"):
        assert len(line) <= 76
        assert not line.startswith(b"From ")
        assert not line.endswith((b" ", b"\t"))


@given(body=bodies)
def test_quoted_printable_never_holds_a_boundary_or_a_bare_line_end(body: str) -> None:
    out = quoted_printable(body, "text")
    assert b"=_" not in out
    assert b"\n" not in out.replace(b"\r\n", b"")
    assert b"\r" not in out.replace(b"\r\n", b"")


@pytest.mark.parametrize("length", [60, 76, 77, 78, 90, 200, 400, 800])
def test_ids_of_every_length_are_byte_for_byte_equal(length: int) -> None:
    """MAIL-3: no encoded word, no fold inside."""
    ids = tuple(f"<{str(n) + 'a' * (length - 13 - len(str(n)))}@acme.test>" for n in range(12))
    assert {len(each) for each in ids} == {length - 1} or {len(each) for each in ids} == {length}
    wire = serialize(replace(LETTER, message_id=ids[0], in_reply_to=ids[1], references=ids))
    assert_is_correct_on_the_wire(wire)
    raw = raw_headers(wire)
    assert raw["Message-ID"] == ids[0]
    assert raw["In-Reply-To"] == ids[1]
    assert raw["References"].split(" ") == list(ids)
    message = parsed(wire)
    assert str(message["References"]).split() == list(ids)
    assert str(message["In-Reply-To"]) == ids[1]
    assert b"=?" not in wire


def test_a_long_unsubscribe_url_is_folded_only_at_blanks() -> None:
    """MAIL-3, MAIL-45: RFC 2369, RFC 8058."""
    url = "https://segue.acme.test/u/" + "t" * 174
    mailto = "mailto:rep@acme.test?subject=unsubscribe%20" + "t" * 80
    wire = serialize(replace(LETTER, list_unsubscribe_url=url, list_unsubscribe_mailto=mailto))
    raw = raw_headers(wire)
    assert raw["List-Unsubscribe"] == f"<{url}>, <{mailto}>"
    assert raw["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "List-Unsubscribe-Post" not in raw_headers(serialize(replace(LETTER, list_unsubscribe_mailto=mailto)))


def random_text(random: Random) -> str:
    letters = "abc xyz  Zürich Ærø Привет 你好 👩‍👩‍👧 é,;:<>@()[]\"\\'=?_.=?utf-8?q?"
    return "".join(random.choice(letters) for _ in range(random.randint(0, 160)))


def test_3000_random_subjects_and_names_survive() -> None:
    """MAIL-3: of such subjects the standard library damages 6 to 10 %."""
    random = Random(20261124)
    for _ in range(3000):
        subject, name = random_text(random), random_text(random)
        wire = serialize(replace(LETTER, subject=subject, sender=Person(name, "rep@acme.test"), html=""))
        assert_is_correct_on_the_wire(wire)
        message = parsed(wire)
        assert str(make_header(decode_header(raw_headers(wire)["Subject"]))) == collapsed(subject)
        assert display_name(raw_headers(wire)["From"]) == collapsed(name)
        assert message["From"].addresses[0].addr_spec == "rep@acme.test"


@given(subject=words, name=words, length=st.integers(5, 400), count=st.integers(0, 12))
def test_headers_agree_with_the_reference_policy(subject: str, name: str, length: int, count: int) -> None:
    """MAIL-2: equal octets where the text is ASCII, equal after decoding otherwise."""
    subject, name = collapsed(subject), collapsed(name)
    ids = tuple(f"<{n:0{length}}@acme.test>" for n in range(count))
    ours = serialize(replace(LETTER, subject=subject, sender=Person(name, "rep@acme.test"), references=ids))
    reference = email.message.EmailMessage(policy=WIRE)
    reference["Subject"] = subject
    reference["From"] = email.headerregistry.Address(display_name=name, addr_spec="rep@acme.test")
    if ids:
        reference["References"] = " ".join(ids)
    theirs = reference.as_bytes()
    for field in reference:
        pattern = re.compile(rf"^{field}: (?:.|\r\n )*\r\n".encode(), re.MULTILINE)
        mine, its = (pattern.search(wire)[0] for wire in (ours, theirs))  # type: ignore[index]
        if b"=?" in its:
            decoded = [str(make_header(decode_header(each.decode().replace("\r\n ", " ").rstrip("\r\n")))) for each in (mine, its)]
            assert decoded[0] == decoded[1]
        else:
            assert mine == its


def test_the_date_keeps_the_zone_of_the_sender() -> None:
    """MAIL-7."""
    assert raw_headers(serialize(LETTER))["Date"] == "Sun, 29 Mar 2026 09:05:07 -0330"
    assert parsed(serialize(replace(LETTER, date=datetime(2026, 1, 2, tzinfo=UTC))))["Date"].datetime == datetime(2026, 1, 2, tzinfo=UTC)


def test_the_same_letter_gives_the_same_bytes_and_other_keys_other_boundaries() -> None:
    wire = serialize(LETTER)
    assert wire == serialize(replace(LETTER))
    assert parsed(wire).get_boundary() != parsed(serialize(replace(LETTER, key="other"))).get_boundary()
    assert raw_headers(wire)["X-Segue-Key"] == LETTER.key


def test_nothing_marks_the_mail_as_automatic() -> None:
    """MAIL-7: this is personal mail."""
    names = {name.lower() for name in raw_headers(serialize(LETTER))}
    assert not names & {"precedence", "auto-submitted", "x-auto-response-suppress", "list-id", "x-mailer"}


FILES = (
    Attachment("offer.pdf", "application/pdf", bytes(range(256)) * 5),
    Attachment('Ünterlagen "final" \\ % 你好' + "x" * 150 + ".pdf", "application/pdf", b""),
    Attachment("a" * 57, "application/octet-stream", b"x" * 57),
)


@pytest.mark.parametrize("html", ["", "<p>Hi</p>"])
def test_attachments_read_back_equal_with_their_names(html: str) -> None:
    """MAIL-8: RFC 2231 names."""
    wire = serialize(replace(LETTER, html=html, attachments=FILES))
    assert_is_correct_on_the_wire(wire)
    assert max(map(len, wire.split(b"\r\n"))) <= 78
    message = parsed(wire)
    assert message.get_content_type() == "multipart/mixed"
    assert not [part.defects for part in message.walk() if part.defects]
    found = [(part.get_filename(), part.get_content_type(), part.get_payload(decode=True)) for part in message.iter_attachments()]
    assert found == [(file.filename, file.content_type, file.content) for file in FILES]
    assert content(message.get_body(("plain",))) == LETTER.text  # type: ignore[arg-type]


@given(name=words.filter(str.strip))
def test_any_file_name_reads_back_equal(name: str) -> None:
    message = parsed(serialize(replace(LETTER, attachments=(Attachment(name, "text/csv", b"x"),))))
    assert next(message.iter_attachments()).get_filename() == collapsed(name).strip()


@pytest.mark.parametrize("kind", ["message/rfc822", "multipart/mixed", "text", "a/b; x=y", "a/b\r\nX: y", ""])
def test_strange_kinds_of_files_are_refused(kind: str) -> None:
    with pytest.raises(Unbuildable):
        serialize(replace(LETTER, attachments=(Attachment("a", kind, b""),)))


@pytest.mark.parametrize("control", FORBIDDEN)
def test_a_control_character_in_any_header_field_is_refused(control: str) -> None:
    """X5, MAIL-4: also NUL, ESC, DEL and C1, which the standard library accepts."""
    dirty = f"a{control}b"
    for letter in (
        replace(LETTER, subject=dirty),
        replace(LETTER, sender=Person(dirty, "rep@acme.test")),
        replace(LETTER, recipient=Person(dirty, "ann@b.test")),
        replace(LETTER, sender=Person("", f"{dirty}@acme.test")),
        replace(LETTER, recipient=Person("", f"ann@{dirty}.test")),
        replace(LETTER, message_id=f"<{dirty}@acme.test>"),
        replace(LETTER, in_reply_to=f"<{dirty}@acme.test>"),
        replace(LETTER, references=("<a@b>", f"<{dirty}@acme.test>")),
        replace(LETTER, key=dirty),
        replace(LETTER, list_unsubscribe_url=f"https://a.test/{dirty}"),
        replace(LETTER, list_unsubscribe_mailto=f"mailto:{dirty}@a.test"),
        replace(LETTER, attachments=(Attachment(dirty, "text/csv", b""),)),
    ):
        with pytest.raises(Unbuildable):
            serialize(letter)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_trailing_line_end_does_not_slip_past_a_check(end: str) -> None:
    for letter in (
        replace(LETTER, subject="a" + end),
        replace(LETTER, recipient=Person("", "ann@b.test" + end)),
        replace(LETTER, message_id="<a@b>" + end),
        replace(LETTER, key="a" + end),
        replace(LETTER, list_unsubscribe_url="https://a.test/" + end),
    ):
        with pytest.raises(Unbuildable):
            serialize(letter)


@pytest.mark.parametrize("control", [c for c in FORBIDDEN if c not in "\t\r\n\u2028\u2029"])
def test_a_control_character_in_a_body_is_refused(control: str) -> None:
    for letter in (replace(LETTER, text=f"a{control}b"), replace(LETTER, html=f"<p>{control}</p>")):
        with pytest.raises(Unbuildable):
            serialize(letter)


def test_half_a_character_pair_is_refused_everywhere() -> None:
    for letter in (
        replace(LETTER, subject="a\ud83d"),
        replace(LETTER, text="\udc00"),
        replace(LETTER, sender=Person("\udc00", "a@b.test")),
    ):
        with pytest.raises(Unbuildable):
            serialize(letter)


def test_an_encoded_word_typed_by_a_user_arrives_as_typed() -> None:
    """X5: what a reader decodes once is the literal text, never a line break."""
    wire = serialize(replace(LETTER, subject="=?utf-8?q?a=0D=0ABcc:_x@y.test?="))
    assert str(make_header(decode_header(raw_headers(wire)["Subject"]))) == "=?utf-8?q?a=0D=0ABcc:_x@y.test?="


@pytest.mark.parametrize(
    "address",
    [
        *(
            "",
            "a",
            "@b.test",
            "a@",
            "a b@c.test",
            "a@b..test",
            "a@-b.test",
            "a..b@c.test",
            ".a@c.test",
            "a@b.test, c@d.test",
            "<a@b.test>",
            "a@[1.2.3.4]",
        ),
        *(
            '"a b"@c.test',
            "a@b.test>",
            "a@b@c.test",
            "a" * 65 + "@b.test",
            "a@" + "b." * 130 + "test",
            "a\\@b.test",
            "a@b_c.test",
            "a@bücher.test",
        ),
    ],
)
def test_an_address_that_is_not_one_is_refused(address: str) -> None:
    """MAIL-5, MAIL-27: checked strictly, because smtplib reads leniently."""
    with pytest.raises(Unbuildable):
        serialize(replace(LETTER, recipient=Person("", address)))


@pytest.mark.parametrize("address", ["a@b", "o'neil+tag@a-b.co.uk", '"a..b"@docomo.test', "a@xn--bcher-kva.test", "x=y/z@b.test"])
def test_a_correct_address_stays_untouched(address: str) -> None:
    wire = serialize(replace(LETTER, recipient=Person("", address)))
    assert raw_headers(wire)["To"] == address


def test_a_local_part_outside_ascii_says_why() -> None:
    """MAIL-5: it would need SMTPUTF8, so it is refused before any connection."""
    with pytest.raises(Unbuildable) as caught:
        serialize(replace(LETTER, recipient=Person("", "jürgen@b.test")))
    assert caught.value.code == "smtputf8"


def test_words_longer_than_a_line_are_refused() -> None:
    for letter in (
        replace(LETTER, message_id=f"<{'a' * 1000}@b>"),
        replace(LETTER, references=(f"<{'a' * 1000}@b>",)),
        replace(LETTER, list_unsubscribe_url="https://a.test/" + "x" * 1000),
        replace(LETTER, subject="x" * 1000),
    ):
        with pytest.raises(Unbuildable, match="longer than a line"):
            serialize(letter)


def test_a_date_without_zone_is_refused() -> None:
    with pytest.raises(Unbuildable):
        serialize(replace(LETTER, date=datetime(2026, 1, 1)))  # noqa: DTZ001


def test_a_hundred_kilobytes_of_html_in_one_line_is_wrapped() -> None:
    html = "<p>" + "é x" * 33_000 + "</p>"
    wire = serialize(replace(LETTER, html=html))
    assert_is_correct_on_the_wire(wire)
    assert content(parsed(wire).get_body(("html",))) == html + "\n"  # type: ignore[arg-type]
