"""Each way out of a sequence that there is so far, on real servers in accelerated days; and what looks like one and is none (sequences.md §11)."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.mime.text import MIMEText
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from e2e.console import PAUSE, Console, instant
from e2e.post import Mail, People, answer, deliver, from_rep, write
from servers.mail_servers import MailServers

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]

SECONDS_A_DAY = 4
SEQUENCE = """
name: Three mails
settings: {days: everyday, window: "00:00-24:00"}
steps:
  - email:
      subject: A question about {{ contact.company | fallback("your company") }}
      body: "Hello {{ contact.first_name }}, may I ask you something?"
  - email:
      body: "Hello again."
    after: 2 days
  - email:
      body: "A last time."
    after: 2 days
"""
ANN, BEN, CARA, NORA = "ann@prospect.test", "ben@prospect.test", "cara@prospect.test", "nora.berg@gmail.com"
DAN, EVE, FAY, GUS, HAL = "dan@prospect.test", "eve@prospect.test", "fay@gone.test", "gus@prospect.test", "hal@prospect.test"
IDA, JON, KIM, LEA, MAX = "ida@prospect.test", "jon@prospect.test", "kim@prospect.test", "lea@prospect.test", "max@prospect.test"
EVERYBODY = (ANN, BEN, CARA, NORA, DAN, EVE, FAY, GUS, HAL, IDA, JON, KIM, LEA, MAX)

# contact → state, reason, mails received, suppressed
EXPECTED = {
    "a reply": (ANN, "unenrolled", "REPLIED", 1, False),
    "a reply from another address": (BEN, "unenrolled", "REPLIED", 1, False),
    "a new mail that answers nothing": (CARA, "unenrolled", "CONTACT_EMAILED", 1, False),
    "a new mail from another spelling of the address": (NORA, "unenrolled", "ALIAS_EMAILED", 1, False),
    "a wish to be left alone": (DAN, "unenrolled", "REPLIED", 1, True),
    "a complaint": (EVE, "unenrolled", "SPAM_COMPLAINT", 1, True),
    "a bounce": (FAY, "unenrolled", "BOUNCED", 0, True),
    "a person who unenrolls": (GUS, "unenrolled", "MANUAL", 1, False),
    "a suppression": (IDA, "unenrolled", "SUPPRESSED", 1, True),
    "a notice that the person has left": (JON, "unenrolled", "ADDRESS_RETIRED", 1, False),
    "a pause taken back": (HAL, "finished", "", 3, False),
    "a ticket receipt": (KIM, "finished", "", 3, False),
    "a mailing list that the contact writes to": (LEA, "finished", "", 3, False),
    "silence": (MAX, "finished", "", 3, False),
}


@dataclass
class Story:
    """What happened."""

    servers: MailServers
    timelines: dict[str, dict[str, Any]] = field(default_factory=dict)
    status: dict[str, Any] = field(default_factory=dict)
    suppressed: set[str] = field(default_factory=set)
    mails_of_hal_while_paused: int = -1
    refused_again: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture(scope="module")
def story(run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = run_folder / "ways-out"
    folder.mkdir(mode=0o711)
    local = [who for who in EVERYBODY if not who.endswith("@gone.test")]
    vacations = {JON: "Jon Smith has left the company and no longer works here. Please write to office@prospect.test instead."}
    with MailServers(users=("rep@acme.test", *local), vacations=vacations) as servers:
        console = Console(folder / "data", tmp_path_factory.mktemp("ways-out"), servers)
        told = Story(servers)
        try:
            live_through(told, console)
            yield told
        finally:
            console.close()


def live_through(story: Story, console: Console) -> None:
    console.init()
    console.connect()
    names = "".join(f"{who},{who.split('@')[0].split('.')[0].title()},Prospect\n" for who in EVERYBODY)
    console.ask("contacts", "import", console.write("contacts.csv", f"email,first_name,company\n{names}"))
    console.ask("sequence", "apply", console.write("sequence.yaml", SEQUENCE))
    console.enroll("Three mails", *EVERYBODY)
    with People(story.servers) as people, console.worker("--clock-speed", str(86_400 / SECONDS_A_DAY)) as worker:
        let_people_react(people, story.servers)
        wait_for_mails(story, [who for who in EVERYBODY if who != FAY], 1)
        with ThreadPoolExecutor(2) as hands:
            for words in (("pause", HAL), ("unenroll", GUS), ("suppress", "add", IDA)):
                hands.submit(partial(console.ask, *words)).add_done_callback(lambda done: done.result())
        wait_for_mails(story, [MAX], 2)
        story.mails_of_hal_while_paused = len(from_rep(story.servers, HAL))
        console.ask("resume", HAL)
        console.wait_until(lambda status: not {"active", "paused"} & set(status["enrollments"]), seconds=120)
        story.status = console.status()
        with ThreadPoolExecutor(2) as pool:
            story.timelines = dict(zip(EVERYBODY, pool.map(lambda who: console.ask("timeline", who), EVERYBODY), strict=True))
        story.suppressed = {row["value"] for row in console.ask("suppress", "list")["suppressions"]}
        chosen = [word for who in (DAN, EVE, FAY, IDA) for word in ("--contact", who)]
        story.refused_again = console.ask("enroll", "Three mails", *chosen)["refused"]
    assert not [line for line in worker.told().splitlines() if " ERROR " in line or " WARNING " in line], worker.told()


def wait_for_mails(story: Story, whose: list[str], count: int) -> None:
    for _ in range(600):
        if all(len(from_rep(story.servers, who)) >= count for who in whose):
            return
        PAUSE.wait(0.05)
    raise AssertionError("the mails did not come")


def let_people_react(people: People, servers: MailServers) -> None:
    people.reply(ANN, 1, "Yes, please. Tuesday would be fine.")
    people.reply(BEN, 1, "I take this one, Ben is my colleague.", sender="somebody@elsewhere.test")
    people.on(
        CARA, 1, lambda _: deliver(servers, CARA, write(CARA, "Your prices", "Hello, can you send me a list of your prices?")) and None
    )
    people.on(
        NORA, 1, lambda _: deliver(servers, "noraberg@googlemail.com", write("Nora <noraberg@googlemail.com>", "Lunch", "Hungry?")) and None
    )
    people.reply(DAN, 1, "Please remove me from your list.")
    people.on(EVE, 1, lambda mail: send_complaint(servers, mail))
    people.on(KIM, 1, lambda mail: send_receipt(servers, mail))
    people.on(LEA, 1, lambda _: send_to_list(servers))


def send_complaint(servers: MailServers, mail: Mail) -> None:
    """Send a report of RFC 5965, as feedback loops do."""
    report = MIMEMultipart("report", report_type="feedback-report")
    report["From"] = "feedback@isp.test"
    report["To"] = "rep@acme.test"
    report["Subject"] = "FW: A question"
    report.attach(MIMEText("This is an email abuse report for an email message received from 127.0.0.1.\n"))
    machine = MIMENonMultipart("message", "feedback-report")
    machine.set_payload(
        f"Feedback-Type: abuse\nUser-Agent: Isp/1.0\nVersion: 1\nOriginal-Mail-From: rep@acme.test\nOriginal-Rcpt-To: {EVE}\n"
    )
    report.attach(machine)
    report.attach(MIMEMessage(message_from_bytes(mail.raw)))
    deliver(servers, "feedback@isp.test", report)


def send_receipt(servers: MailServers, mail: Mail) -> None:
    receipt = answer(mail, KIM, "We have received your request. Your ticket number is 4711. We will get back to you soon.")
    receipt["Auto-Submitted"] = "auto-replied"
    receipt.replace_header("Subject", "[Ticket #4711] We have received your request")
    deliver(servers, KIM, receipt)


def send_to_list(servers: MailServers) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = LEA, "gardeners@lists.test", "Which roses?"
    mail["List-Id"] = "<gardeners.lists.test>"
    mail["List-Post"] = "<mailto:gardeners@lists.test>"
    mail.set_content("Which roses stand the frost?")
    deliver(servers, "gardeners-bounces@lists.test", mail)


@pytest.mark.parametrize("what", EXPECTED)
def test_it_ends_as_it_must_and_no_mail_follows(story: Story, what: str) -> None:
    who, state, reason, mails, suppressed = EXPECTED[what]
    enrollment = story.timelines[who]["enrollments"][0]
    assert (enrollment["state"], enrollment["reason"]) == (state, reason), json.dumps(story.timelines[who], indent=1)
    assert len(from_rep(story.servers, who)) == mails
    assert (who in story.suppressed) is suppressed


def test_a_pause_holds_and_what_was_left_of_the_delay_is_waited_for(story: Story) -> None:
    assert story.mails_of_hal_while_paused == 1
    resumed = next(each for each in story.timelines[HAL]["entries"] if each["kind"] == "enrollment_resumed")
    assert from_rep(story.servers, HAL)[1].date > instant(resumed["at"])


def test_who_wants_no_mail_cannot_be_enrolled_again(story: Story) -> None:
    assert {each["email"]: each["code"] for each in story.refused_again} == {
        DAN: "UNSUBSCRIBED_PERSONAL",
        EVE: "PREVIOUSLY_MARKED_AS_SPAM",
        FAY: "RECIPIENT_PREVIOUSLY_BOUNCED_ON_PORTAL",
        IDA: "BLOCKED_ADDRESS",
    }


def test_mail_of_an_alias_is_not_put_on_the_timeline_but_the_end_is(story: Story) -> None:
    assert story.timelines[NORA]["entries"][-1]["kind"] == "enrollment_ended"


def test_the_promises_hold(story: Story) -> None:
    assert story.status["promises"] == {"sent_twice": 0, "after_stop": 0, "outside_window": 0}
    assert (story.status["undecided"], story.status["quarantined"]) == (0, 0)
