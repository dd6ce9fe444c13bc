"""A contact in a sequence, and mails that arrive for its rep: what the tests of ways out by mail have in common."""

from datetime import timedelta
from typing import Any

from make import MONDAY, REP, Small, email, sequence
from world import letters

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
ANN, BEN, HOME, BOSS = "ann@prospect.test", "ben@prospect.test", "ann@home.test", "boss@prospect.test"
FLOW = (email("a", subject="Hi"), email("b", "Again", after=2 * DAY), email("c", "Last", after=2 * DAY))
ON, OFF = ("active", ""), ("paused", "review")


def begin(small: Small, **settings: Any) -> bytes:
    """Enroll Ann, whose mailbox host signs for what it receives, let the first mail go, and return it as she has it."""
    small.sql('UPDATE mailboxes SET settings = settings || \'{"imap_host": "imap.gmail.com"}\' WHERE workspace_id = %(ws)s')
    small.enroll(small.add_sequence(sequence(*FLOW, **settings)), [small.add_contact(ANN)])
    small.run_until(MONDAY + HOUR)
    [first] = small.sent_to(ANN)
    return bytes(first.wire)


def colleagues(small: Small) -> list[int]:
    """Store Ann and Ben, who work for one company."""
    both = [small.add_contact(ANN), small.add_contact(BEN)]
    small.sql("INSERT INTO companies (workspace_id, domain, created_at, updated_at) VALUES (%(ws)s, 'prospect.test', now(), now())")
    small.sql("UPDATE contacts SET company_id = (SELECT id FROM companies WHERE workspace_id = %(ws)s) WHERE workspace_id = %(ws)s")
    return both


def arrives(small: Small, raw: bytes, *, to: str = REP, mailbox: int | None = None) -> None:
    small.world.deliver(to, raw)
    small.engine.read(small.workspace_id, mailbox or small.mailbox_id)


def wrote(sender: str, text: str = "Tell me more.", *, answers: bytes = b"", host: str = "", **headers: str) -> bytes:
    """A person's mail. `host`: what the mailbox's host found out about its From."""
    raw = letters.person_mail(7, MONDAY, sender, REP, text, answers=answers)
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    if host:
        more["Authentication-Results"] = f"mx.google.com; dmarc={host} header.from={sender.partition('@')[2]}"
    return "".join(f"{name}: {value}\r\n" for name, value in more.items()).encode() + raw


def noted(sender: str, text: str, *, answers: bytes = b"", host: str = "") -> bytes:
    return wrote(sender, text, answers=answers, host=host, Auto_Submitted="auto-replied")


def invited(sender: str, partstat: str, *, typed: str = "", host: str = "", created: str = "", organizer: str = REP) -> bytes:
    """The answer to an invitation, as calendars send it."""
    boundary = "=_cal"
    lines = [
        f"Authentication-Results: mx.google.com; dmarc={host or 'pass'} header.from={sender.partition('@')[2]}",
        f"From: {sender}",
        f"To: {REP}",
        f"Subject: {partstat.title()}: A talk",
        "Message-ID: <cal-1@prospect.test>",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; boundary="{boundary}"',
        "",
        f"--{boundary}",
        "Content-Type: text/plain; charset=utf-8",
        "",
        typed,
        f"--{boundary}",
        "Content-Type: text/calendar; method=REPLY; charset=utf-8",
        "",
        "BEGIN:VCALENDAR",
        "METHOD:REPLY",
        "BEGIN:VEVENT",
        "UID:1",
        *([f"CREATED:{created}"] if created else []),
        *([f'ORGANIZER;CN="Rita, of Acme":MAILTO:{organizer}'] if organizer else []),
        f"ATTENDEE;PARTSTAT={partstat}:mailto:{sender}",
        "END:VEVENT",
        "END:VCALENDAR",
        f"--{boundary}--",
        "",
    ]
    return "\r\n".join(lines).encode()


def outcome(small: Small, who: str = ANN) -> tuple[str, str]:
    """State, and the reason or the kind of pause."""
    row = small.state(who)
    return row["state"], row["reason"] or row["pause_kind"]


def kinds(small: Small) -> list[str]:
    return [row["kind"] for row in small.sql("SELECT kind FROM events WHERE workspace_id = %(ws)s ORDER BY id")]


def barred(small: Small) -> list[str]:
    return [row["value"] for row in small.sql("SELECT value FROM suppressions WHERE workspace_id = %(ws)s ORDER BY value")]


def further(small: Small) -> list[str]:
    [row] = small.sql("SELECT other_addresses FROM contacts WHERE workspace_id = %(ws)s AND email = 'ann@prospect.test'")
    return list(row["other_addresses"])


def bounced(first: bytes, status: str, words: str) -> bytes:
    raw = letters.delivery_notice(7, MONDAY, REP, ANN, action="failed", returned=first)
    lines = raw.split(b"\r\n")
    return b"\r\n".join(
        f"Status: {status}".encode()
        if line.startswith(b"Status:")
        else f"Diagnostic-Code: smtp; {words}".encode()
        if line.startswith(b"Diagnostic-Code:")
        else line
        for line in lines
    )
