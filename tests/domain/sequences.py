"""Sequences for tests: short to write, and random ones that are valid."""

from dataclasses import replace
from datetime import timedelta
from string import ascii_lowercase

from hypothesis import strategies as st

from segue.domain.ids import StepKey
from segue.domain.send_window import DayMode, SendWindow
from segue.domain.sequence import (
    AwayHold,
    Criteria,
    EmailSettings,
    FinishSettings,
    Sequence,
    SequenceSettings,
    Step,
    TaskKind,
    TaskSettings,
    WaitSettings,
    ZoneMode,
)

DAY = timedelta(days=1)


def email(key="intro", *, body="Hello", subject="", delay=2 * DAY, thread=None) -> Step:
    return Step(StepKey(key), "email", EmailSettings(body=body, subject=subject, thread=thread), delay)


def task(key="call", *, kind=TaskKind.CALL, delay=DAY, **settings) -> Step:
    return Step(StepKey(key), kind.value, TaskSettings(kind, **settings), delay)


def wait(key="pause", delay=DAY) -> Step:
    return Step(StepKey(key), "wait", WaitSettings(), delay)


def finish(key="end", delay=DAY) -> Step:
    return Step(StepKey(key), "finish", FinishSettings(), delay)


def sequence(*steps, name="Intro", description="", **settings) -> Sequence:
    """A sequence of these steps; without any, one email and its end."""
    steps = steps or (email(subject="Hello", delay=timedelta(0)), finish())
    return Sequence(name, steps, replace(SequenceSettings(), **settings), description)


# Words of many scripts, braces left out: they would be tokens. What stands around them is a person's business.
_words = st.text(st.characters(codec="utf-8", exclude_characters="{}%#", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)
lines = _words.map(lambda text: " ".join(text.split()) or "x").filter(str.isprintable)
texts = st.lists(st.one_of(_words, lines, st.just("")), min_size=1, max_size=6).map("\n".join).filter(str.strip)
_delays = st.integers(min_value=60, max_value=365 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
_minutes = st.integers(min_value=0, max_value=1439)


@st.composite
def valid_steps(draw) -> tuple[Step, ...]:
    """Steps of every type, the first email with a subject, an end behind them."""
    kinds = draw(st.lists(st.sampled_from(["email", "wait", *TaskKind]), min_size=1, max_size=6))
    steps = []
    for n, kind in enumerate(kinds):
        key = draw(st.text(ascii_lowercase, min_size=1, max_size=5)) + f"-{n}"
        if kind == "email":
            settings = EmailSettings(
                draw(texts), draw(lines), draw(st.sampled_from(["text", "html"])), draw(st.sampled_from([None, True, False]))
            )
            steps.append(Step(StepKey(key), "email", settings, draw(_delays)))
        elif kind == "wait":
            steps.append(wait(key, draw(_delays)))
        else:
            priority = draw(st.sampled_from(["none", "low", "medium", "high"]))
            steps.append(task(key, kind=kind, delay=draw(_delays), notes=draw(texts), priority=priority, wait=draw(st.booleans())))
    return (*steps, finish(delay=draw(_delays)))


@st.composite
def valid_settings(draw) -> SequenceSettings:
    start, end = sorted(draw(st.lists(_minutes, min_size=2, max_size=2, unique=True)))
    zone = draw(st.sampled_from(ZoneMode))
    hold = draw(st.sampled_from(AwayHold))
    return SequenceSettings(
        window=SendWindow(start, end, draw(st.sampled_from(DayMode))),
        zone_mode=zone,
        fixed_zone="Asia/Tokyo" if zone is ZoneMode.FIXED else "",
        hold_first_email=draw(st.booleans()),
        threaded=draw(st.booleans()),
        task_creation_minute=draw(_minutes),
        stop_on_email=draw(st.sampled_from(Criteria)),
        reply_from_any_address=draw(st.booleans()),
        away_hold=hold,
        away_days=draw(st.integers(1, 30)) if hold is AwayHold.FIXED_DAYS else 5,
    )


valid_sequences = st.builds(
    Sequence, lines.filter(lambda text: len(text) <= 255), valid_steps(), valid_settings(), st.one_of(st.just(""), lines)
)
