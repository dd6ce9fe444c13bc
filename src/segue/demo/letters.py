"""What the contacts' mail programs and servers write: raw mail as it arrives in the real world, for the real reader to judge."""

from datetime import date, datetime
from email.message import EmailMessage, Message
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from hashlib import blake2b
from zoneinfo import ZoneInfo

from segue.demo.cast import Person

ELSEWHERE = "mail.example"
"""Where people have their private addresses."""


def reply(person: Person, mail: Message, at: datetime, words: str, *, sender: str = "") -> bytes:
    """Write an answer to `mail`, quoting it, from the person's address or another."""
    made = _begin(person, mail, at, sender or person.address)
    made["Subject"] = _answer_subject(mail)
    _refer(made, mail)
    name, address = parseaddr(str(mail["From"]))
    quoted = "".join(f"> {line}\n" for line in _text(mail).splitlines())
    made.set_content(f"{words}\n\nOn {at:%a, %b %-d, %Y at %H:%M}, {name} <{address}> wrote:\n\n{quoted}")
    return made.as_bytes(policy=SMTP)


def new_mail(person: Person, mail: Message, at: datetime, words: str) -> bytes:
    """Write to the sender of `mail` without answering it: nothing but the address tells who it is."""
    made = _begin(person, mail, at, person.address)
    made["Subject"] = f"{person.company}: quick question"
    made.set_content(f"{words}\n\n{person.first_name}\n")
    return made.as_bytes(policy=SMTP)


def away_note(person: Person, mail: Message, at: datetime, back: date) -> bytes:
    """Write an out-of-office answer with the day of return in words (RFC 3834 headers)."""
    made = _begin(person, mail, at, person.address)
    made["Subject"] = f"Automatic reply: {mail['Subject']}"
    _refer(made, mail)
    made["Auto-Submitted"] = "auto-replied"
    made["X-Auto-Response-Suppress"] = "All"
    made.set_content(
        f"Thank you for your message.\n\nI am out of the office and will be back on {back:%A}, {back:%B} {back.day}, {back.year}.\n"
        f"I have no access to my email until then.\n\nKind regards\n{person.name}\n"
    )
    return made.as_bytes(policy=SMTP)


def bounce(person: Person, mail: Message, at: datetime) -> bytes:
    """Write the notice of a mail server that knows no such mailbox (RFC 3464), as Postfix does."""
    server = f"mx.{person.domain}"
    said = f"550 5.1.1 <{person.address}>: Recipient address rejected: User unknown in virtual mailbox table"
    human = (
        f"This is the mail system at host {server}.\n\nI'm sorry to have to inform you that your message could not\n"
        "be delivered to one or more recipients. It's attached below.\n\n"
        f"<{person.address}>: host {server} said: {said}\n    (in reply to RCPT TO command)\n"
    )
    machine = (
        f"Reporting-MTA: dns; {server}\nArrival-Date: {format_datetime(at)}\n\n"
        f"Final-Recipient: rfc822; {person.address}\nOriginal-Recipient: rfc822;{person.address}\nAction: failed\nStatus: 5.1.1\n"
        f"Remote-MTA: dns; {server}\nDiagnostic-Code: smtp; {said}\n"
    )
    head = {
        "Return-Path": "<>",
        "From": f"Mail Delivery System <MAILER-DAEMON@{server}>",
        "Subject": "Undelivered Mail Returned to Sender",
        "Auto-Submitted": "auto-replied",
    }
    return _report(person, mail, at, head, ("delivery-status", human, machine))


def complaint(person: Person, mail: Message, at: datetime) -> bytes:
    """Write the report that a mail host sends when somebody presses the spam button (ARF, RFC 5965)."""
    human = f"This is an email abuse report for an email message received on {format_datetime(at)}.\nThe recipient marked it as spam.\n"
    machine = (
        "Feedback-Type: abuse\nUser-Agent: ExampleFBL/1.0\nVersion: 1\n"
        f"Original-Mail-From: <{parseaddr(str(mail['From']))[1]}>\nOriginal-Rcpt-To: <{person.address}>\n"
        f"Arrival-Date: {format_datetime(at)}\nReported-Domain: halden.test\n"
    )
    head = {"From": f"Abuse Desk <feedback@fbl.{person.domain}>", "Subject": f"FW: {mail['Subject']}"}
    return _report(person, mail, at, head, ("feedback-report", human, machine))


def _report(person: Person, mail: Message, at: datetime, head: dict[str, str], parts: tuple[str, str, str]) -> bytes:
    """Write a multipart/report (RFC 6522): words, fields for machines, the header of the mail it is about."""
    kind, human, machine = parts
    mark = f"=_{_digest(person, at, kind)}"
    original = "".join(f"{name}: {value}\n" for name, value in mail.items())
    returned = "text/rfc822-headers" if kind == "delivery-status" else "message/rfc822"
    body = original if kind == "delivery-status" else f"{original}\n{_text(mail)}"
    headers = {
        **head,
        "To": str(mail["From"]),
        "Date": format_datetime(at.astimezone(ZoneInfo(person.timezone))),
        "Message-ID": f"<{_digest(person, at, kind)}@mx.{person.domain}>",
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/report; report-type={kind}; boundary="{mark}"',
    }
    top = "".join(f"{name}: {value}\n" for name, value in headers.items())
    sections = (("text/plain; charset=us-ascii", human), (f"message/{kind}", machine), (returned, body))
    content = "".join(f"--{mark}\nContent-Type: {kind_of}\n\n{text}\n" for kind_of, text in sections)
    return f"{top}\n{content}--{mark}--\n".replace("\n", "\r\n").encode()


def _begin(person: Person, mail: Message, at: datetime, sender: str) -> EmailMessage:
    made = EmailMessage()
    made["From"] = f"{person.name} <{sender}>"
    made["To"] = str(mail["From"])
    made["Date"] = format_datetime(at.astimezone(ZoneInfo(person.timezone)))
    made["Message-ID"] = f"<{_digest(person, at, sender)}@{sender.partition('@')[2]}>"
    return made


def _refer(made: EmailMessage, mail: Message) -> None:
    made["In-Reply-To"] = str(mail["Message-ID"])
    made["References"] = " ".join(filter(None, (str(mail["References"] or ""), str(mail["Message-ID"]))))


def _answer_subject(mail: Message) -> str:
    subject = str(mail["Subject"])
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"


def _text(mail: Message) -> str:
    for part in mail.walk():
        if part.get_content_type() == "text/plain":
            content = part.get_payload(decode=True)
            return content.decode() if isinstance(content, bytes) else ""
    return ""


def _digest(person: Person, at: datetime, what: str) -> str:
    return blake2b(f"{person.address}/{at.isoformat()}/{what}".encode(), digest_size=10).hexdigest()
