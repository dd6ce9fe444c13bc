"""Ways out by mail that only show on real servers: notices of each class, forged ones, absence, the unsubscribe mail, a second address."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.mime.text import MIMEText
from pathlib import Path
from re import search
from time import monotonic
from typing import Any
from urllib.parse import unquote

import pytest

from e2e.console import PAUSE, Console
from e2e.post import Mail, People, deliver, from_rep, note, write
from servers.mail_servers import MailServers

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]

SECONDS_A_DAY = 4
SEQUENCE = """
name: Two mails
settings: {days: everyday, window: "00:00-24:00"}
steps:
  - email:
      subject: A question
      body: "Hello {{ contact.first_name }}, may I ask you something?"
  - email:
      body: "Hello again."
    after: 3 days
"""
FULL, BLOCK, DEAD, LATE = "full@prospect.test", "block@prospect.test", "dead@prospect.test", "late@prospect.test"
FORGED, OTHER, ODD = "forged@prospect.test", "other@prospect.test", "odd@prospect.test"
AWAY, OUT, HOME, YES, NO = "away@prospect.test", "out@prospect.test", "second@prospect.test", "yes@prospect.test", "no@prospect.test"
EVERYBODY = (FULL, BLOCK, DEAD, LATE, FORGED, OTHER, ODD, AWAY, OUT, HOME, YES, NO)

# contact → state, reason or kind of pause, mails received, suppressed
EXPECTED = {
    "SEQ-166 a full mailbox": (FULL, "unenrolled", "BOUNCED", 1, False),
    "SEQ-166 a refusal for policy": (BLOCK, "paused", "review", 1, False),
    "SEQ-165 a dead address": (DEAD, "unenrolled", "BOUNCED", 1, True),
    "MAIL-66 a delay": (LATE, "finished", "", 2, False),
    "S16 a notice that proves nothing": (FORGED, "paused", "review", 1, False),
    "S16 a notice about somebody else": (OTHER, "finished", "", 2, False),
    "MAIL-65 a notice that a person passes on": (ODD, "unenrolled", "CONTACT_EMAILED", 1, False),
    "SEQ-129 a note of absence": (AWAY, "finished", "", 2, False),
    "MAIL-47 the unsubscribe mail": (OUT, "unenrolled", "OPTED_OUT", 1, True),
    "SEQ-151 a second address": (HOME, "unenrolled", "ALIAS_EMAILED", 1, False),
    "SEQ-155 an accepted invitation": (YES, "unenrolled", "MEETING_BOOKED", 1, False),
    "SEQ-155 a declined invitation": (NO, "finished", "", 2, False),
}


@dataclass
class Story:
    """What happened."""

    servers: MailServers
    timelines: dict[str, dict[str, Any]] = field(default_factory=dict)
    status: dict[str, Any] = field(default_factory=dict)
    suppressed: set[str] = field(default_factory=set)


@pytest.fixture(scope="module")
def story(run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = run_folder / "ways-out-by-mail"
    folder.mkdir(mode=0o711)
    with MailServers(users=("rep@acme.test", *EVERYBODY)) as servers:
        console = Console(folder / "data", tmp_path_factory.mktemp("by-mail"), servers)
        told = Story(servers)
        try:
            live_through(told, console)
            yield told
        finally:
            console.close()


def live_through(story: Story, console: Console) -> None:
    console.env["SEGUE_PUBLIC_URL"] = "https://segue.acme.test"  # the mail form of unsubscribing comes with the link alone
    console.init()
    console.connect()
    console.ask("workspace", "set", "--postal-address", "Acme, 1 Road, Town")
    names = "".join(f"{who},{who.split('@')[0].title()},{'second@home.test' if who == HOME else ''}\n" for who in EVERYBODY)
    console.ask("contacts", "import", console.write("contacts.csv", f"email,first_name,other_addresses\n{names}"))
    console.ask("sequence", "apply", console.write("sequence.yaml", SEQUENCE))
    console.enroll("Two mails", *EVERYBODY)
    with People(story.servers) as people, console.worker("--clock-speed", str(86_400 / SECONDS_A_DAY)) as worker:
        let_the_post_react(people, story.servers)
        wait_until_all_have_reacted(people, story)
        console.wait_until(lambda status: not status["enrollments"].get("active") and status["enrollments"].get("paused") == 2, seconds=150)
        story.status = console.status()
        with ThreadPoolExecutor(2) as pool:
            story.timelines = dict(zip(EVERYBODY, pool.map(lambda who: console.ask("timeline", who), EVERYBODY), strict=True))
        story.suppressed = {row["value"] for row in console.ask("suppress", "list")["suppressions"]}
    assert not [line for line in worker.told().splitlines() if " ERROR " in line or " WARNING " in line], worker.told()


def wait_until_all_have_reacted(people: People, story: Story) -> None:
    end = monotonic() + 60
    while not people.all_done():
        people.assert_well()
        assert monotonic() < end, f"no mail came to {[who for who in EVERYBODY if not from_rep(story.servers, who)]}"
        PAUSE.wait(0.1)
    people.assert_well()


def let_the_post_react(people: People, servers: MailServers) -> None:
    people.on(FULL, 1, lambda mail: notify(servers, FULL, "failed", "5.2.2", "552 5.2.2 The mailbox is full", mail))
    people.on(BLOCK, 1, lambda mail: notify(servers, BLOCK, "failed", "5.7.1", "554 5.7.1 Blocked using zen.spamhaus.org", mail))
    people.on(DEAD, 1, lambda mail: notify(servers, DEAD, "failed", "5.1.1", "550 5.1.1 No such user here", mail))
    people.on(LATE, 1, lambda mail: notify(servers, LATE, "delayed", "4.4.1", "connection timed out", mail))
    people.on(FORGED, 1, lambda _: notify(servers, FORGED, "failed", "5.1.1", "550 5.1.1 No such user here", None))
    people.on(OTHER, 1, lambda mail: notify(servers, "zoe@else.test", "failed", "5.1.1", "550 5.1.1 No such user here", mail))
    people.on(ODD, 1, lambda _: pass_on(servers))
    people.on(
        AWAY, 1, lambda mail: deliver(servers, AWAY, note(mail, AWAY, "I am out of the office and will be back in two weeks.")) and None
    )
    people.on(OUT, 1, lambda mail: unsubscribe(servers, mail))
    people.on(HOME, 1, lambda _: deliver(servers, "second@home.test", write("second@home.test", "Lunch", "Hungry?")) and None)
    people.on(YES, 1, lambda _: answer_invitation(servers, YES, "ACCEPTED"))
    people.on(NO, 1, lambda _: answer_invitation(servers, NO, "DECLINED"))


def notice(recipient: str, action: str, status: str, words: str, mail: Mail | None) -> MIMEMultipart:
    """A delivery report (RFC 3464), as the contact's server would write it; without `mail` it returns nothing."""
    report = MIMEMultipart("report", report_type="delivery-status")
    report["From"], report["To"] = "Mail Delivery System <MAILER-DAEMON@mx.prospect.test>", "rep@acme.test"
    report["Subject"] = "Undelivered Mail Returned to Sender"
    report["Auto-Submitted"] = "auto-replied"
    report.attach(MIMEText(f"This is the mail system at host mx.prospect.test.\n\n<{recipient}>: {words}\n"))
    machine = MIMENonMultipart("message", "delivery-status")
    fields = (
        (("Reporting-MTA", "dns; mx.prospect.test"),),
        (
            ("Final-Recipient", f"rfc822; {recipient}"),
            ("Action", action),
            ("Status", status),
            ("Diagnostic-Code", f"smtp; {words}"),
        ),
    )
    machine.set_payload([_block(each) for each in fields])
    report.attach(machine)
    if mail is not None:
        report.attach(MIMEMessage(message_from_bytes(mail.raw)))
    return report


def _block(fields: tuple[tuple[str, str], ...]) -> "Message[str, str]":
    block: Message[str, str] = Message()
    for name, value in fields:
        block[name] = value
    return block


def notify(servers: MailServers, recipient: str, action: str, status: str, words: str, mail: Mail | None) -> None:
    deliver(servers, "", notice(recipient, action, status, words, mail))


def pass_on(servers: MailServers) -> None:
    """A person sends on a notice that says that somebody else's address is dead."""
    mail = MIMEMultipart("mixed")
    mail["From"], mail["To"], mail["Subject"] = ODD, "rep@acme.test", "Fwd: Undelivered Mail Returned to Sender"
    mail.attach(MIMEText("I got this back when I wrote to your colleague. Is the address right?\n"))
    mail.attach(MIMEMessage(notice(ODD, "failed", "5.1.1", "550 5.1.1 No such user here", None)))
    deliver(servers, ODD, mail)


def unsubscribe(servers: MailServers, mail: Mail) -> None:
    """What a mail program sends when its user presses the button (RFC 2369, RFC 6068)."""
    found = search(r"<mailto:([^?>]+)\?subject=([^>&]+)", mail["List-Unsubscribe"])
    assert found, f"no mail form to unsubscribe by: {mail.message.items()}"
    deliver(servers, OUT, write(OUT, unquote(found[2]), "", to=found[1]))


def answer_invitation(servers: MailServers, who: str, partstat: str) -> None:
    mail = MIMEMultipart("alternative")
    mail["From"], mail["To"], mail["Subject"] = who, "rep@acme.test", f"{partstat.title()}: A talk"
    mail.attach(MIMEText("", "plain"))
    calendar = MIMEText(
        "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:1\r\n"
        f"ATTENDEE;PARTSTAT={partstat}:mailto:{who}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        "calendar",
    )
    calendar.set_param("method", "REPLY")
    mail.attach(calendar)
    deliver(servers, who, mail)


@pytest.mark.parametrize("what", EXPECTED)
def test_it_ends_as_its_rule_says(story: Story, what: str) -> None:
    who, state, reason, mails, suppressed = EXPECTED[what]
    enrollment = story.timelines[who]["enrollments"][0]
    told = json.dumps(story.timelines[who], indent=1)
    held = [entry["data"]["pause_kind"] for entry in story.timelines[who]["entries"] if entry["kind"] == "enrollment_paused"]
    why = held[-1] if enrollment["state"] == "paused" else enrollment["reason"]
    assert (enrollment["state"], why) == (state, reason), told
    assert len(from_rep(story.servers, who)) == mails, told
    assert (who in story.suppressed) is suppressed


def test_absence_held_the_second_mail_until_the_day_it_named(story: Story) -> None:
    """SEQ-129: a hold until the return, then the rest of the delay."""
    kinds = [entry["kind"] for entry in story.timelines[AWAY]["entries"]]
    assert kinds.index("enrollment_paused") < kinds.index("enrollment_resumed") < len(kinds) - 1 - kinds[::-1].index("email_sent")


def test_the_promises_hold(story: Story) -> None:
    assert story.status["promises"] == {"sent_twice": 0, "after_stop": 0, "outside_window": 0}
    assert (story.status["undecided"], story.status["quarantined"]) == (0, 0)
