"""Sequence files that are right: what they mean, and that exporting and importing keeps it (SEQ-30)."""

from datetime import timedelta

import pytest
from hypothesis import example, given

from domain.sequences import DAY, sequence, valid_sequences
from segue.domain.durations import read_duration, write_duration
from segue.domain.send_window import DayMode, SendWindow
from segue.domain.sequence import AwayHold, Criteria, EmailSettings, SequenceSettings, TaskKind, TaskSettings, ZoneMode
from segue.features.sequences.yaml_file import dump_sequence, load_sequence

FULL = """
name: Intro
description: |
  For heads of finance.
settings:
  days: everyday
  window: 8:30 - 24:00
  zone: Asia/Tokyo
  threaded: false
  hold_first_email: true
  stop_on_email: none
  reply_from_any_address: false
  away_hold: 7 days
  task_time: 07:05
steps:
  - email:
      subject: "Hello {{ contact.first_name | fallback('there') }}"
      body: |
        First line

          indented
  - linkedin_connect:
    after: 1 day
  - wait: 1 week 2 days 4 hours 30 minutes
  - call:
      subject: Ring
      notes: Ask
      priority: high
      wait: false
    key: ring
  - manual_email: {priority: low}
  - todo:
      notes: "12"
  - linkedin_message:
  - email:
      subject: Again
      body: <p>Hello</p>
      format: html
      thread: true
    after: 90 minutes
  - finish:
    after: 3 days
"""


def load(text):
    return load_sequence(text, source="test.yaml").sequence


def test_a_file_says_everything_that_a_sequence_holds():
    loaded = load(FULL)
    assert (loaded.name, loaded.description) == ("Intro", "For heads of finance.")
    assert loaded.settings == SequenceSettings(
        window=SendWindow(510, 1440, DayMode.EVERYDAY),
        zone_mode=ZoneMode.FIXED,
        fixed_zone="Asia/Tokyo",
        hold_first_email=True,
        threaded=False,
        task_creation_minute=425,
        stop_on_email=Criteria.NONE,
        reply_from_any_address=False,
        away_hold=AwayHold.FIXED_DAYS,
        away_days=7,
    )
    first, ring, last = loaded.steps[0], loaded.steps[3], loaded.steps[7]
    assert first.settings == EmailSettings("First line\n\n  indented\n", "Hello {{ contact.first_name | fallback('there') }}")
    assert ring.settings == TaskSettings(TaskKind.CALL, "Ring", "Ask", "high", wait=False)
    assert last.settings == EmailSettings("<p>Hello</p>", "Again", "html", thread=True)


def test_delays_stand_in_front_of_their_step_and_a_wait_is_its_own():
    delays = [step.delay for step in load(FULL).steps]
    nothing = timedelta(0)
    assert delays == [
        nothing,
        DAY,
        timedelta(days=9, hours=4, minutes=30),
        nothing,
        nothing,
        nothing,
        nothing,
        timedelta(minutes=90),
        3 * DAY,
    ]


def test_steps_without_a_key_get_one_that_does_not_depend_on_their_text():
    keys = ["email-1", "linkedin-connect-1", "wait-1", "ring", "manual-email-1", "todo-1", "linkedin-message-1", "email-2", "finish-1"]
    assert [step.key for step in load(FULL).steps] == keys
    assert [step.key for step in load(FULL.replace("Hello", "Good day").replace("Ask", "Listen")).steps] == keys


def test_what_is_left_out_keeps_its_default_and_the_end_comes_after_a_day():
    """SEQ-35 and the defaults of SEQ §3.2."""
    loaded = load("name: Intro\nsteps:\n  - email:\n      subject: Hello\n      body: Hello\n")
    assert loaded.settings == SequenceSettings()
    assert [(step.key, step.delay) for step in loaded.steps] == [("email-1", timedelta(0)), ("finish-1", DAY)]


def test_an_empty_group_of_settings_is_none_at_all():
    text = "name: Intro\nsettings:\nsteps:\n  - todo:\n"
    assert load(text).settings == SequenceSettings()


@given(valid_sequences)
def test_an_exported_sequence_imports_as_the_same(valid):
    assert load(dump_sequence(valid)) == valid


@given(valid_sequences)
def test_exporting_twice_gives_the_same_file(valid):
    assert dump_sequence(load(dump_sequence(valid))) == dump_sequence(valid)


@given(valid_sequences)
@example(sequence())
def test_windows_line_ends_change_nothing_but_line_ends_in_texts(valid):
    text = dump_sequence(valid)
    assert load(text.replace("\n", "\r\n")) == load(text)


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("0 minutes", timedelta(0)),
        ("1 minute", timedelta(minutes=1)),
        ("1 week 2 days 4 hours 5 minutes", timedelta(days=9, hours=4, minutes=5)),
        ("36 hours", timedelta(hours=36)),
    ],
)
def test_a_delay_is_read_in_words_and_written_so_that_it_reads_back(text, delay):
    assert read_duration(text) == delay
    assert read_duration(write_duration(delay)) == delay
