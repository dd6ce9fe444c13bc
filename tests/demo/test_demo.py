"""`segue demo`: it keeps the promise it shows, shows every behaviour it names, and its count would catch a lie."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from segue.demo.cast import HOW_MANY, REPS, Dice, make_cast, make_sequence
from segue.demo.ledger import count_invariants
from segue.demo.pace import Pace
from segue.demo.run import PlainView, SilentView, Summary, is_live, play, run_demo
from segue.demo.screen import Screen
from segue.demo.story import BEGIN, Story
from segue.demo.summary import print_summary
from segue.demo.telling import Cell, Line
from segue.domain.sequence_rules import check
from segue.ports import StoppedClock
from segue.providers.mail.base import Outgoing

UNHURRIED = Pace(StoppedClock(BEGIN), 0.0)


TOLD: list[tuple[Summary, str]] = []
"""The run that most tests look at, made once in a process: it takes some seconds and never differs."""


@pytest.fixture
def told(db_urls) -> tuple[Summary, str]:
    """A run with seed 7, and what it says where there is no terminal."""
    if not TOLD:
        out = StringIO()
        TOLD.append((play(db_urls.app_url, PlainView(Console(file=out), UNHURRIED), seed=7), out.getvalue()))
    return TOLD[0]


def test_the_demo_shows_every_behaviour_and_breaks_no_promise(told):
    summary, text = told
    assert summary.invariants.hold, summary.invariants
    figures = summary.figures
    assert (figures.contacts, figures.still_open) == (40, 0)
    assert figures.emails > 100
    assert figures.tasks_done == figures.tasks_created > 20
    assert figures.ended["REPLIED"] >= 8
    assert figures.ended["CONTACT_EMAILED"] == 2
    assert figures.ended["BOUNCED"] == 2
    assert figures.ended["SPAM_COMPLAINT"] == 1
    assert figures.opted_out == 2
    assert figures.ended["MANUAL"] == 2
    assert figures.finished + sum(figures.ended.values()) == 40
    assert figures.holds == figures.resumed == 5
    assert "answers from" in text
    assert "is on holiday: on hold until" in text


def test_a_worker_killed_after_the_acceptance_is_recovered_by_evidence(told):
    summary, text = told
    assert (summary.worker_kills, summary.recovered_by_evidence) == (1, 1)
    lines = text.splitlines()
    killed = next(n for n, line in enumerate(lines) if "Worker KILLED after the mail to" in line)
    assert "recovered by evidence" in lines[killed + 1]
    assert "not sent twice" in lines[killed + 1]


def test_on_the_weekend_nothing_but_first_emails_goes(told):
    _, text = told
    weekend = [line for line in text.splitlines() if line.startswith(("Sat", "Sun")) and "Step " in line]
    assert len([line for line in weekend if "Step 1 (hello)" in line]) == 10
    assert [line for line in weekend if "Step 1" not in line and "(Mon " not in line] == []


def test_without_a_terminal_there_are_plain_lines(told):
    _, text = told
    assert "\x1b" not in text
    assert len(text.splitlines()) > 200


def test_the_same_seed_tells_the_same_story_and_another_seed_another(db_urls):
    once, again, other = (play(db_urls.app_url, SilentView(), seed=seed) for seed in (11, 11, 12))
    assert once == again
    assert other.figures != once.figures
    assert other.invariants.hold


def test_the_count_catches_what_must_never_happen(db_urls):
    story = Story(db_urls.app_url, Dice(3), SilentView())
    story.tell()
    addresses = [rep.address for rep in REPS]
    assert count_invariants(story.db, story.workspace_id, story.world, addresses).hold
    log = story.world.acceptances()
    follow_up = next(a for n, a in enumerate(log) if a.recipient in {b.recipient for b in log[:n]})
    story.clock.at = datetime.fromisoformat("2027-03-06T12:00:00Z")  # a Saturday
    story.world.accept(Outgoing(follow_up.wire, follow_up.sender, follow_up.recipient, follow_up.message_id, follow_up.key))
    story.world.deliver(addresses[0], b"From: a@b.example\r\nTo: rita@halden.test\r\n\r\nunread")
    found = count_invariants(story.db, story.workspace_id, story.world, addresses)
    assert (found.sent_twice, found.after_a_stop, found.outside_the_window, found.unread_mail) == (1, 1, 1, 1)
    with story.db.tx(story.workspace_id) as tx:
        tx.run("DELETE FROM accepted WHERE workspace_id = %(ws)s AND message_id = (SELECT min(message_id) FROM accepted)", {})
        tx.run("UPDATE messages SET state = 'in_doubt' WHERE workspace_id = %(ws)s AND id = (SELECT min(id) FROM messages)", {})
    found = count_invariants(story.db, story.workspace_id, story.world, addresses)
    assert (found.unaccounted, found.stuck_rows) == (1, 1)
    story.close()


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (160, 50)])
def test_the_picture_fills_the_terminal_and_no_more(size):
    width, height = size
    console = Console(file=StringIO(), force_terminal=True, width=width, height=height)
    screen = Screen(console, UNHURRIED)
    screen.board([Cell(f"Bartholomew Featherstonehaugh{n}", n % 6, "active", "TASK", "", "", opted_out=False) for n in range(40)])
    for n in range(60):
        screen.say(Line(BEGIN, "A sentence that is by far too long for any terminal " * 4, "red", "", str(n)))
    lines = console.render_lines(screen.picture(BEGIN + timedelta(hours=30)), pad=False)
    assert len(lines) == height
    assert max(sum(segment.cell_length for segment in line) for line in lines) <= width


def test_a_picture_is_drawn_only_where_it_can_be():
    assert is_live(Console(force_terminal=True, no_color=False, _environ={"TERM": "xterm"}))
    assert not is_live(Console(force_terminal=True, _environ={"TERM": "xterm", "NO_COLOR": "1"}))
    assert not is_live(Console(force_terminal=True, _environ={"TERM": "dumb"}))
    assert not is_live(Console(file=StringIO(), _environ={}))


def test_the_summary_fits_a_small_terminal(told):
    summary, _ = told
    out = StringIO()
    small = Console(file=out, force_terminal=True, width=80, height=24, color_system=None)
    print_summary(small, summary.figures, summary.invariants, summary.in_words())
    lines = out.getvalue().splitlines()
    assert len(lines) <= 22
    assert any(summary.in_words() in line for line in lines)
    assert any("40 contacts" in line and "mails read" in line for line in lines)
    assert max(map(len, lines)) <= 80


def test_every_seed_deals_the_same_natures_to_forty_people():
    for seed in range(20):
        cast = make_cast(Dice(seed))
        assert len({person.address for person in cast}) == 40
        assert {nature: sum(p.nature is nature for p in cast) for nature in HOW_MANY} == dict(HOW_MANY)


def test_the_sequence_of_the_demo_is_one_that_could_be_published():
    assert [finding for finding in check(make_sequence()) if finding.severity == "error"] == []


def test_json_is_one_document_from_a_database_that_is_gone_afterwards(capsys):
    assert run_demo(json=True) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["ok"] is True
    assert set(summary["invariants"].values()) == {0}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_an_interrupted_demo_leaves_nothing_behind(run_folder, number):
    folder = Path(tempfile.mkdtemp(dir=run_folder))
    folder.chmod(0o711)
    command = [sys.executable, "-c", "import sys; from segue.demo import run_demo; sys.exit(run_demo())"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": str(folder)}) as running:
        assert running.stdout is not None
        next(line for line in running.stdout if "Step 1" in line)
        [server] = (int(found.read_text().split()[0]) for found in folder.glob("*/data/pgdata/18/postmaster.pid"))
        running.send_signal(number)
        assert running.stdout.read().endswith("Stopped. Nothing is left behind.\n")
    assert running.returncode == 130
    assert list(folder.iterdir()) == []
    assert not Path(f"/proc/{server}/exe").exists()
