"""The example sequence to twenty people on real Dovecot and Postfix, in accelerated days: what they receive, and who receives nothing more."""

import csv
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from e2e.console import Console, instant
from e2e.post import Mail, People, each_thread, from_rep, mails_of, sent_by_key
from servers.mail_servers import MailServers

pytestmark = [pytest.mark.servers, pytest.mark.timeout(400)]

EXAMPLES = Path(__file__).parents[2] / "examples"
SEQUENCE = "First talk about month-end closing"
SECONDS_A_DAY = 5
BERLIN = ZoneInfo("Europe/Berlin")

GONE, FULL, BLOCKED = "lars.holm@gone.test", "ana.duarte@full.test", "mikko.laine@blocked.test"
MOVED = {"lars.holm@fjordkraft.test": GONE, "ana.duarte@ribeira.test": FULL, "mikko.laine@jarvi.test": BLOCKED}
AMELIA, JONAS, KATARZYNA = "amelia.hart@brightwater.example", "jonas.keller@nordlicht.example", "katarzyna.wrona@jesion.test"
PIETER, PIETERS_OTHER = "pieter.vandijk@zonnedael.test", "pieter@privat.test"
SOFIA, TOMAS, CHLOE = "sofia.marino@vialetto.example", "tomas.novak@modrany.example", "chloe.bernard@atelier-bernard.example"
REPLIERS = {AMELIA: 1, JONAS: 2, KATARZYNA: 3, PIETER: 1, CHLOE: 2}
"""Who answers which mail of the rep."""


@dataclass
class Story:
    """What happened."""

    servers: MailServers
    zones: dict[str, ZoneInfo]
    starts: datetime
    returns: date
    status: dict[str, Any] = field(default_factory=dict)
    timelines: dict[str, dict[str, Any]] = field(default_factory=dict)
    answered: dict[str, Mail] = field(default_factory=dict)
    worker_told: str = ""

    def received(self, who: str) -> list[Mail]:
        return from_rep(self.servers, who)

    def everybody(self) -> Iterator[tuple[str, list[Mail]]]:
        for who in self.zones:
            yield who, self.received(who)

    def enrollment(self, who: str) -> dict[str, Any]:
        found: dict[str, Any] = self.timelines[who]["enrollments"][0]
        return found

    def entries(self, who: str, kind: str) -> list[dict[str, Any]]:
        return [each for each in self.timelines[who]["entries"] if each["kind"] == kind]


def next_saturday() -> datetime:
    today = datetime.now(BERLIN)
    return (today + timedelta(days=(5 - today.weekday()) % 7 or 7)).replace(hour=0, minute=0, second=0, microsecond=0)


@pytest.fixture(scope="module")
def story(run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Three weeks, lived through once; the tests below look at what is left of them."""
    with (EXAMPLES / "contacts.csv").open(encoding="utf-8", newline="") as file:
        rows = [{**row, "Email": MOVED.get(row["Email"], row["Email"])} for row in csv.DictReader(file)]
    starts = next_saturday()
    returns = (starts + timedelta(days=4)).date()
    local = [row["Email"] for row in rows if row["Email"] not in MOVED.values()]
    vacations = {
        SOFIA: f"I am out of the office and will be back on {returns.day} {returns:%B %Y}.",
        TOMAS: "Thank you for your message. I am out of the office at the moment.",
        CHLOE: f"Je suis absente du bureau et serai de retour le {returns.day}/{returns.month:02}/{returns.year}.",
    }
    folder = run_folder / "example-story"
    folder.mkdir(mode=0o711)
    with MailServers(users=("rep@acme.test", PIETERS_OTHER, *local), vacations=vacations) as servers:
        console = Console(folder / "data", tmp_path_factory.mktemp("story"), servers)
        told = Story(servers, {row["Email"]: ZoneInfo(row["Time zone"]) for row in rows}, starts, returns)
        try:
            live_through(told, console, write_contacts(console, rows))
            yield told
        finally:
            console.close()


def write_contacts(console: Console, rows: list[dict[str, str]]) -> str:
    path = console.folder / "contacts.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def live_through(story: Story, console: Console, contacts: str) -> None:
    """Connect, import, publish, enroll, then let the worker run while people answer and the rep does the calls."""
    console.init()
    console.connect()
    assert console.ask("contacts", "import", contacts)["created"] == 20
    console.ask("sequence", "apply", str(EXAMPLES / "sequence.yaml"))
    enrolled = console.ask("enroll", SEQUENCE, "--from", contacts)
    assert (enrolled["enrolled"], enrolled["refused"]) == (20, [])
    with People(story.servers) as people:
        for who, number in REPLIERS.items():
            people.reply(who, number, "Interesting, let us talk next week.", sender=PIETERS_OTHER if who == PIETER else "")
        words = ("--clock-start", story.starts.isoformat(), "--clock-speed", str(86_400 / SECONDS_A_DAY))
        with console.worker(*words) as worker:
            do_calls_until_all_is_over(console)
            story.answered = people.answered
            story.status = console.status()
            with ThreadPoolExecutor(2) as pool:
                story.timelines = dict(zip(story.zones, pool.map(lambda who: console.ask("timeline", who), story.zones), strict=True))
        story.worker_told = worker.told()


def do_calls_until_all_is_over(console: Console) -> None:
    """The rep: completes each call that comes up, until nobody is active or away any more."""

    def over(status: dict[str, Any]) -> bool:
        calls = [task for task in console.ask("tasks", "list")["tasks"] if task["kind"] == "call" and task["enrollment_active"]]
        with ThreadPoolExecutor(2) as hands:
            list(hands.map(lambda task: console.ask("tasks", "complete", str(task["id"]), "--outcome", "no answer"), calls))
        return bool(status["enrollments"].get("active", 0) == 0 and status["enrollments"].get("paused", 0) == 1)

    console.wait_until(over, seconds=300)


def test_everybody_gets_every_step_once_and_the_rep_keeps_one_copy_of_each(story: Story) -> None:
    arrived = [mail for _, mails in story.everybody() for mail in mails]
    assert all(len(same) == 1 for same in sent_by_key(arrived).values())
    copies = sent_by_key(mails_of(story.servers, "rep@acme.test", "Sent"))
    assert all(len(same) == 1 for same in copies.values())
    assert set(copies) >= set(sent_by_key(arrived))
    assert len(copies) == story.status["sent"]
    assert {key: same[0].body for key, same in sent_by_key(arrived).items()}.items() <= {k: s[0].body for k, s in copies.items()}.items()


def test_follow_ups_name_exactly_the_mails_before_them_and_keep_the_first_subject(story: Story) -> None:
    threads = [mails for _, mails in story.everybody() if len(mails) > 1]
    assert len(threads) >= 13
    for mails in threads:
        first = mails[0]
        assert (first["In-Reply-To"], first["References"]) == ("", "")
        for mail, before in list(each_thread(mails))[1:]:
            assert mail["In-Reply-To"] == before[-1]["Message-ID"]
            assert mail["References"] == " ".join(each["Message-ID"] for each in before)
            assert mail.subject == f"Re: {first.subject}"


def test_a_person_who_answers_gets_nothing_more(story: Story) -> None:
    for who, number in REPLIERS.items():
        enrollment = story.enrollment(who)
        assert (enrollment["state"], enrollment["reason"]) == ("unenrolled", "REPLIED"), (who, enrollment)
        assert len(story.received(who)) == number
        assert len(story.entries(who, "reply_received")) == 1
    assert PIETERS_OTHER in story.enrollment(PIETER)["reason_detail"]


def test_an_out_of_office_answer_ends_nothing_and_holds_until_the_stated_return(story: Story) -> None:
    for who in (SOFIA, TOMAS, CHLOE):
        assert [mail["Auto-Submitted"] for mail in mails_of(story.servers, "rep@acme.test") if who in mail["From"]][:1] == [
            "auto-replied (vacation)"
        ]
        (paused,) = story.entries(who, "enrollment_paused")
        assert paused["data"]["pause_kind"] == "away"
        assert len(story.entries(who, "enrollment_resumed")) == 1
        back = instant(paused["data"]["resume_at"]).astimezone(story.zones[who])
        if who != TOMAS:
            assert (back.date(), back.hour) == (story.returns, 9), (who, back)
        first, second = story.received(who)[:2]
        assert first.date < back < second.date
    assert story.enrollment(SOFIA)["state"] == story.enrollment(TOMAS)["state"] == "finished"
    assert [len(story.received(who)) for who in (SOFIA, TOMAS)] == [3, 3]


def test_a_real_bounce_ends_the_enrollment_and_marks_only_the_dead_address(story: Story) -> None:
    assert (story.enrollment(GONE)["state"], story.enrollment(GONE)["reason"]) == ("unenrolled", "BOUNCED")
    assert len(story.entries(GONE, "email_sent")) == 1
    assert [each["data"]["reason"] for each in story.entries(GONE, "bounce_received")] == ["invalid"]
    assert story.entries(GONE, "address_suppressed")
    assert (story.enrollment(FULL)["state"], story.enrollment(FULL)["reason"]) == ("unenrolled", "BOUNCED")
    assert {each["data"]["reason"] for each in story.entries(FULL, "bounce_received")} == {"full"}
    assert not story.entries(FULL, "address_suppressed")


def test_a_refusal_for_policy_waits_for_a_person(story: Story) -> None:
    assert story.enrollment(BLOCKED)["state"] == "paused"
    (paused,) = story.entries(BLOCKED, "enrollment_paused")
    assert paused["data"]["pause_kind"] == "review"
    assert len(story.entries(BLOCKED, "email_sent")) == 1


def test_nothing_goes_on_a_weekend_or_at_night_but_a_first_email(story: Story) -> None:
    for who, mails in story.everybody():
        for place, mail in enumerate(mails):
            assert mail.date.utcoffset() == mail.date.astimezone(BERLIN).utcoffset()
            there = mail.date.astimezone(story.zones[who])
            if place == 0:
                assert mail.date.astimezone(BERLIN).date() - story.starts.date() < timedelta(days=2)  # at once, though it is a weekend
            else:
                assert there.weekday() < 5, (who, mail["Date"])
                assert 9 <= there.hour < 17, (who, mail["Date"])


def test_the_days_between_the_steps_are_working_days(story: Story) -> None:
    silent = [who for who in story.zones if story.enrollment(who)["state"] == "finished" and not story.entries(who, "enrollment_paused")]
    assert len(silent) == 10
    for who in silent:
        first, second, third = (mail.date.astimezone(story.zones[who]).date() for mail in story.received(who))
        assert working_days(first, second) >= 3
        (call,) = [each for each in story.entries(who, "task_resolved") if each["data"]["step_key"] == "call"]
        assert working_days(instant(call["at"]).astimezone(story.zones[who]).date(), third) >= 4


def working_days(after: date, until: date) -> int:
    return sum((after + timedelta(days=n)).weekday() < 5 for n in range(1, (until - after).days + 1))


def test_the_count_of_the_promises_finds_no_breach(story: Story) -> None:
    assert story.status["promises"] == {"sent_twice": 0, "after_stop": 0, "outside_window": 0}
    assert story.status["promises_kept"] is True
    assert story.status["undecided"] == 0
    assert story.status["quarantined"] == 0
    assert story.status["enrollments"] == {"finished": 12, "unenrolled": 7, "paused": 1}, json.dumps(story.status["ended_because"])
    assert story.status["ended_because"] == {"REPLIED": 5, "BOUNCED": 2}


def test_the_worker_tells_what_it_did_and_no_error(story: Story) -> None:
    for word in ("ERROR", "WARNING", "Traceback"):
        assert word not in story.worker_told, story.worker_told
