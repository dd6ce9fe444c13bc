"""What refuses publishing (SEQ-46) and what only warns (SEQ-47)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given

from domain.sequences import DAY, email, finish, sequence, task, valid_sequences, wait
from segue.domain.ids import StepKey
from segue.domain.send_window import SendWindow
from segue.domain.sequence import AwayHold, Criteria, EmailSettings, Step, TaskKind, TaskSettings, ZoneMode
from segue.domain.sequence_rules import check, is_zone, with_end

NOW = timedelta(0)
FIRST = email(subject="Hello", delay=NOW)


def errors(checked):
    return [(found.path, found.message) for found in check(checked) if found.severity == "error"]


def warnings(checked):
    return [(found.path, found.message) for found in check(checked) if found.severity == "warning"]


def test_a_sequence_of_one_email_is_valid_and_nothing_is_said_about_it():
    assert check(sequence()) == []


@given(valid_sequences)
def test_whatever_keeps_the_rules_has_no_errors(valid):
    assert errors(valid) == []


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        (sequence(name=" "), ("name",)),
        (sequence(name="x" * 256), ("name",)),
        (sequence(name="two\nlines"), ("name",)),
        (sequence(finish()), ("steps",)),
        (sequence(FIRST), ("steps",)),
        (sequence(FIRST, finish(), email("late")), ("steps", 1)),
        (sequence(FIRST, finish("a"), finish("b")), ("steps", 1)),
        (sequence(window=SendWindow(600, 600)), ("settings", "window")),
        (sequence(window=SendWindow(1020, 540)), ("settings", "window")),
        (sequence(window=SendWindow(540, 1441)), ("settings", "window")),
        (sequence(window=SendWindow(-1, 540)), ("settings", "window")),
        (sequence(task_creation_minute=1440), ("settings", "task_creation_minute")),
        (sequence(task_creation_minute=-1), ("settings", "task_creation_minute")),
        (sequence(zone_mode=ZoneMode.FIXED, fixed_zone="Europe/Berln"), ("settings", "fixed_zone")),
        (sequence(zone_mode=ZoneMode.FIXED), ("settings", "fixed_zone")),
        (sequence(away_hold=AwayHold.FIXED_DAYS, away_days=0), ("settings", "away_days")),
        (sequence(away_hold=AwayHold.FIXED_DAYS, away_days=31), ("settings", "away_days")),
        (sequence(FIRST, finish(delay=-DAY)), ("steps", 1, "delay")),
        (sequence(FIRST, finish(delay=366 * DAY)), ("steps", 1, "delay")),
        (sequence(FIRST, finish(delay=timedelta(seconds=90))), ("steps", 1, "delay")),
        (sequence(email(body=" \n", subject="Hello", delay=NOW), finish()), ("steps", 0, "body")),
        (sequence(email(body="x" * 256_001, subject="Hello", delay=NOW), finish()), ("steps", 0, "body")),
        (sequence(email(delay=NOW), finish()), ("steps", 0, "subject")),
        (sequence(email(subject="a\r\nBcc: b@c.example", delay=NOW), finish()), ("steps", 0, "subject")),
        (sequence(email(subject="x" * 256, delay=NOW), finish()), ("steps", 0, "subject")),
        (sequence(FIRST, email("b", body="B", thread=False), finish()), ("steps", 1, "subject")),
        (sequence(FIRST, email("b", body="B"), finish(), threaded=False), ("steps", 1, "subject")),
        (sequence(FIRST, task(subject="two\nlines"), finish()), ("steps", 1, "subject")),
        (sequence(FIRST, task(notes="x" * 70_000), finish()), ("steps", 1, "notes")),
        (sequence(FIRST, wait(delay=NOW), finish()), ("steps", 1, "delay")),
        (sequence(FIRST, email(body="B"), finish()), ("steps", 1, "key")),
        (sequence(FIRST, email("Not A Key", body="B"), finish()), ("steps", 1, "key")),
        (sequence(FIRST, email("x" * 65, body="B"), finish()), ("steps", 1, "key")),
        (sequence(FIRST, Step(StepKey("x"), "dance", TaskSettings(TaskKind.TODO)), finish()), ("steps", 1)),
        (sequence(FIRST, Step(StepKey("x"), "call", EmailSettings("B")), finish()), ("steps", 1)),
        (sequence(FIRST, Step(StepKey("x"), "call", TaskSettings(TaskKind.TODO)), finish()), ("steps", 1)),
    ],
)
def test_each_rule_refuses_what_breaks_it_and_says_where_and_what_to_do(wrong, path):
    assert path in [place for place, _ in errors(wrong)]
    assert all(found.message.endswith(".") and found.hint.endswith((".", "?")) for found in check(wrong))


@pytest.mark.parametrize(
    "edge",
    [
        sequence(name="x" * 255),
        sequence(window=SendWindow(0, 1440)),
        sequence(window=SendWindow(540, 600)),
        sequence(task_creation_minute=1439),
        sequence(zone_mode=ZoneMode.FIXED, fixed_zone="America/Argentina/Buenos_Aires"),
        sequence(away_hold=AwayHold.FIXED_DAYS, away_days=1),
        sequence(away_hold=AwayHold.FIXED_DAYS, away_days=30),
        sequence(FIRST, finish(delay=365 * DAY)),
        sequence(FIRST, finish(delay=NOW)),
        sequence(FIRST, email("b", body="B", thread=True), finish(), threaded=False),
        sequence(FIRST, email("b", body="B", subject="New", thread=False), finish()),
        sequence(task(delay=NOW), finish()),
    ],
)
def test_the_edges_of_the_rules_are_inside(edge):
    assert check(edge) == []


@pytest.mark.parametrize(
    ("doubtful", "path"),
    [
        (sequence(window=SendWindow(540, 599)), ("settings", "window")),
        (sequence(stop_on_email=Criteria.NONE), ("settings", "stop_on_email")),
        (sequence(FIRST, email("b", body="B", delay=timedelta(minutes=59)), finish()), ("steps", 1, "delay")),
        (sequence(FIRST, task(wait=False, delay=NOW), email("b", body="B", delay=NOW), finish()), ("steps", 2, "delay")),
        (sequence(FIRST, email("b", body="Hello \n"), finish()), ("steps", 1, "body")),
        (sequence(FIRST, *(email(f"m{n}", body=f"{n}") for n in range(15)), finish()), ("steps",)),
    ],
)
def test_each_doubt_is_a_warning_and_does_not_refuse(doubtful, path):
    assert errors(doubtful) == []
    assert [place for place, _ in warnings(doubtful)] == [path]


def test_emails_with_a_wait_or_a_waiting_task_between_them_do_not_count_as_close():
    assert warnings(sequence(FIRST, wait(delay=timedelta(hours=1)), email("b", body="B", delay=NOW), finish())) == []
    assert warnings(sequence(FIRST, task(delay=NOW), email("b", body="B", delay=NOW), finish())) == []


def test_all_errors_are_told_at_once():
    wrong = sequence(email(body="", delay=-DAY), finish(), name="", window=SendWindow(2, 1))
    assert [path for path, _ in errors(wrong)] == [
        ("name",),
        ("settings", "window"),
        ("steps", 0, "delay"),
        ("steps", 0, "body"),
        ("steps", 0, "subject"),
    ]


def test_a_sequence_without_an_end_gets_one_of_one_day():
    """SEQ-35."""
    ended = with_end(sequence(FIRST))
    assert [(step.type, step.delay) for step in ended.steps] == [("email", NOW), ("finish", DAY)]
    assert with_end(ended) == ended
    taken = with_end(sequence(replace(FIRST, key=StepKey("finish-1"))))
    assert errors(taken) == []


@pytest.mark.parametrize(
    ("name", "known"), [("Europe/Berlin", True), ("UTC", True), ("", False), ("Europe", False), ("../etc/passwd", False)]
)
def test_only_names_of_the_zone_data_are_zones(name, known):
    assert is_zone(name) is known


def test_a_misspelt_zone_is_answered_with_the_nearest_name():
    (found,) = check(sequence(zone_mode=ZoneMode.FIXED, fixed_zone="Europe/Berln"))
    assert found.hint == "Did you mean Europe/Berlin?"
