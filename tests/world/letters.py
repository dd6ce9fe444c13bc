"""What the people of a simulated world, and the mail systems around them, write: raw bytes, the same for the same arguments."""

from datetime import datetime
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.utils import format_datetime

CRLF = b"\r\n"


def header(raw: bytes, name: str) -> str:
    """Return one header of a mail, unfolded."""
    return "".join(str(BytesHeaderParser().parsebytes(raw).get(name, "")).splitlines())


def person_mail(number: int, at: datetime, sender: str, to: str, text: str, *, answers: bytes = b"") -> bytes:
    """A person's mail; with `answers`, a reply to that mail as it was received."""
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, to
    mail["Subject"] = f"Re: {header(answers, 'Subject')}" if answers else f"A question ({number})"
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<in-{number}@{sender.partition('@')[2]}>"
    if answers:
        mail["In-Reply-To"] = header(answers, "Message-ID")
        mail["References"] = f"{header(answers, 'References')} {header(answers, 'Message-ID')}".strip()
    mail.set_content(text)
    return mail.as_bytes().replace(b"\n", CRLF)


def away_mail(number: int, at: datetime, sender: str, to: str, text: str, *, answers: bytes) -> bytes:
    """An out-of-office answer, as RFC 3834 wants it."""
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, to
    mail["Subject"] = f"Automatic reply: {header(answers, 'Subject')}"
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<in-{number}@{sender.partition('@')[2]}>"
    mail["In-Reply-To"] = header(answers, "Message-ID")
    mail["Auto-Submitted"] = "auto-replied"
    mail.set_content(text)
    return mail.as_bytes().replace(b"\n", CRLF)


WORDS = {
    "failed": ("5.1.1", "550 5.1.1 <%s>: Recipient address rejected: User unknown"),
    "full": ("5.2.2", "552 5.2.2 <%s>: Over quota"),
    "delayed": ("4.4.1", "451 4.4.1 %s: connection timed out"),
}
"""What a notice may say: its status and the server's words."""


def delivery_notice(number: int, at: datetime, to: str, recipient: str, *, action: str, returned: bytes = b"") -> bytes:
    """A delivery status notification (RFC 3464) as Postfix writes it, marked auto-replied; `returned` quotes our mail's headers.

    `action`: failed (no such user), full (over quota, for good), delayed.
    """
    boundary = f"=_{number}"
    status, words = WORDS[action]
    action = "delayed" if action == "delayed" else "failed"
    title = "Undelivered Mail Returned to Sender" if action == "failed" else "Delayed Mail (still being retried)"
    told = "could not be delivered" if action == "failed" else "has not yet been delivered; you do not need to resend it"
    lines = [
        "From: MAILER-DAEMON@mx.prospect.test (Mail Delivery System)",
        f"To: {to}",
        f"Subject: {title}",
        f"Date: {format_datetime(at)}",
        f"Message-ID: <in-{number}@mx.prospect.test>",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type=delivery-status; boundary="{boundary}"',
        "",
        f"--{boundary}",
        "Content-Type: text/plain; charset=us-ascii",
        "",
        f"This is the mail system at host mx.prospect.test. Your message {told}.",
        "",
        f"--{boundary}",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mx.prospect.test",
        "",
        f"Final-Recipient: rfc822; {recipient}",
        f"Action: {action}",
        f"Status: {status}",
        f"Diagnostic-Code: smtp; {words % recipient}",
        "",
    ]
    if returned:
        head = returned.partition(b"\r\n\r\n")[0].decode("ascii", "replace")
        lines += [f"--{boundary}", "Content-Type: text/rfc822-headers", "", *head.split("\r\n"), ""]
    return "\r\n".join([*lines, f"--{boundary}--", ""]).encode()


def complaint(number: int, at: datetime, to: str, returned: bytes) -> bytes:
    """An abuse report (RFC 5965) that quotes our mail."""
    boundary = f"=_{number}"
    head = returned.partition(b"\r\n\r\n")[0].decode("ascii", "replace")
    lines = [
        "From: feedback@fbl.prospect.test",
        f"To: {to}",
        "Subject: Abuse report",
        f"Date: {format_datetime(at)}",
        f"Message-ID: <in-{number}@fbl.prospect.test>",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type=feedback-report; boundary="{boundary}"',
        "",
        f"--{boundary}",
        "Content-Type: text/plain",
        "",
        "This is an email abuse report.",
        "",
        f"--{boundary}",
        "Content-Type: message/feedback-report",
        "",
        "Feedback-Type: abuse",
        "User-Agent: SomeGenerator/1.0",
        "Version: 1",
        "",
        f"--{boundary}",
        "Content-Type: text/rfc822-headers",
        "",
        *head.split("\r\n"),
        "",
        f"--{boundary}--",
        "",
    ]
    return "\r\n".join(lines).encode()
