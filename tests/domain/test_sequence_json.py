"""The stored form of a sequence keeps everything and outlives changes of defaults."""

import json

import pytest
from hypothesis import given

from domain.sequences import email, finish, sequence, valid_sequences
from segue.domain.errors import Invalid
from segue.domain.send_window import DayMode, SendWindow
from segue.domain.sequence_json import from_json, to_json

SETTINGS = {
    "days": "BUSINESS_DAYS",
    "window_start_minute": 540,
    "window_end_minute": 1020,
    "zone_mode": "SENDER",
    "fixed_zone": "",
    "hold_first_email": False,
    "threaded": True,
    "task_creation_minute": 480,
    "stop_on_email": "ALL",
    "reply_from_any_address": True,
    "away_hold": "UNTIL_RETURN",
    "away_days": 5,
    "email_scope": "LEAD_BASED",
    "stop_on_meeting": "ALL",
    "meeting_scope": "LEAD_BASED",
    "meeting_rule": "SEED",
    "company_scope": "THIS_SEQUENCE",
    "company_action": "UNENROLL",
    "contact_holidays": False,
    "best_time": False,
    "overlap": "OFF",
    "cool_off_days": 0,
    "max_starts_per_day": None,
    "on_end_open_tasks": "KEEP",
    "task_reminder_minute": 540,
    "individual_reminders": False,
    "track_opens": None,
    "track_clicks": None,
    "exit_rules": [],
}


@given(valid_sequences)
def test_a_stored_sequence_reads_back_the_same(valid):
    assert from_json(json.loads(json.dumps(to_json(valid)))) == valid


def test_the_form_that_lies_in_databases_does_not_change_unnoticed():
    """Stored versions are kept for good: whoever changes this raises FORMAT and keeps reading the old one."""
    stored = to_json(sequence(email(subject="Hi"), finish(), description="For tests"))
    plain = {"delay_most_ms": None, "then": "", "needs": [], "hold": False, "active": True, "variants": []}
    assert stored == {
        "format": 2,
        "name": "Intro",
        "description": "For tests",
        "settings": SETTINGS,
        "steps": [
            {
                "key": "intro",
                "type": "email",
                "delay_ms": 172_800_000,
                "settings": {"body": "Hello", "subject": "Hi", "format": "text", "thread": None},
                **plain,
            },
            {"key": "end", "type": "finish", "delay_ms": 86_400_000, "settings": {}, **plain},
        ],
    }


def test_settings_that_an_older_segue_did_not_know_take_their_default():
    stored = to_json(sequence())
    del stored["settings"]["away_days"]
    assert from_json(stored) == sequence()


def test_what_segue_stored_before_it_knew_branches_still_reads():
    old = {
        "format": 1,
        "name": "Intro",
        "description": "",
        "settings": {"days": "EVERYDAY", "window_start_minute": 480, "window_end_minute": 1080, "hold_first_email": True},
        "steps": [
            {"key": "intro", "type": "email", "delay_ms": 172_800_000, "settings": {"body": "Hello", "subject": "Hi"}},
            {"key": "end", "type": "finish", "delay_ms": 86_400_000, "settings": {}},
        ],
    }
    read = from_json(old)
    window = SendWindow(480, 1080, DayMode.EVERYDAY)
    assert read == sequence(email(subject="Hi"), finish(), window=window, hold_first_email=True)


@pytest.mark.parametrize(
    "damaged",
    [
        {},
        {"format": 3, "name": "x", "steps": []},
        {"format": 1, "name": "x"},
        {"format": 1, "name": "x", "steps": [{"key": "a", "type": "dance", "settings": {}, "delay_ms": 0}]},
        {"format": 1, "name": "x", "steps": [{"key": "a", "type": "email", "settings": {}, "delay_ms": 0}]},
        {"format": 1, "name": "x", "steps": [], "settings": {"zone_mode": "MOON"}},
        {"format": 1, "name": "x", "steps": ["email"]},
    ],
)
def test_what_is_not_ours_is_refused_and_not_guessed(damaged):
    with pytest.raises(Invalid) as refused:
        from_json(damaged)
    assert refused.value.hint
