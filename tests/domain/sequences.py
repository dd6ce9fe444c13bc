"""Sequences for tests: short to write, and random ones that are valid."""

from dataclasses import replace
from datetime import timedelta
from string import ascii_lowercase

from hypothesis import strategies as st

from segue.domain.conditions import Condition, read_condition
from segue.domain.ids import StepKey
from segue.domain.send_window import DayMode, SendWindow
from segue.domain.sequence import (
    AwayHold,
    BranchSettings,
    CompanyAction,
    CompanyScope,
    Criteria,
    EmailSettings,
    ExitRule,
    FinishSettings,
    MeetingRule,
    OpenTasks,
    Overlap,
    Scope,
    Sequence,
    SequenceSettings,
    Step,
    TaskKind,
    TaskSettings,
    Variant,
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


def branch(key="ask", *, when=({"opened": "intro"},), yes="", no="", within=timedelta(0), match="all") -> Step:
    conditions = tuple(each if isinstance(each, Condition) else read_condition(each) for each in when)
    return Step(StepKey(key), "branch", BranchSettings(conditions, match, yes, no, within))


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
    steps = [_varied(draw, step, steps[:n]) for n, step in enumerate(steps)]
    if draw(st.booleans()):  # a question whose one way leaves everything else out
        asked = [draw(st.sampled_from(CONDITIONS)) for _ in range(draw(st.integers(1, 3)))]
        place = draw(st.integers(0, len(steps) - 1))
        question = branch(
            "ask-9", when=asked, no="end", within=draw(st.sampled_from([timedelta(0), DAY])), match=draw(st.sampled_from(["all", "any"]))
        )
        steps.insert(place, question)
    return (*steps, finish(delay=draw(_delays)))


CONDITIONS = (
    {"property": "country", "is": "DE"},
    {"property": "size", "known": False},
    {"opened": "any", "at_least": 2},
    {"replied_to": "First talk"},
    {"task": "any", "outcome": "connected"},
    {"in_list": "VIP"},
)


def _varied(draw, step: Step, before: list[Step]) -> Step:
    """A step with some of what any step may have beside its type."""
    if draw(st.booleans()):
        step = replace(step, delay_most=min(step.delay + timedelta(minutes=draw(st.integers(1, 9_000))), 365 * DAY))
        step = step if step.delay < step.delay_most else replace(step, delay_most=None)
    if before and draw(st.booleans()):
        needs = tuple(each.key for each in before if isinstance(each.settings, TaskSettings))[:2]
        step = replace(step, hold=draw(st.booleans()), needs=needs)
    if isinstance(step.settings, EmailSettings) and draw(st.booleans()):
        others = tuple(
            Variant(ordinal, replace(step.settings, body=draw(texts), subject=draw(lines)), active=draw(st.booleans()))
            for ordinal in (2, 5)
        )
        step = replace(step, variants=others, active=draw(st.booleans()) or not any(each.active for each in others))
    return step


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
        email_scope=draw(st.sampled_from(Scope)),
        stop_on_meeting=draw(st.sampled_from(Criteria)),
        meeting_scope=draw(st.sampled_from(Scope)),
        meeting_rule=draw(st.sampled_from(MeetingRule)),
        company_scope=draw(st.sampled_from(CompanyScope)),
        company_action=draw(st.sampled_from(CompanyAction)),
        contact_holidays=draw(st.booleans()),
        overlap=draw(st.sampled_from(Overlap)),
        cool_off_days=draw(st.integers(0, 365)),
        max_starts_per_day=draw(st.one_of(st.none(), st.integers(1, 1_000))),
        on_end_open_tasks=draw(st.sampled_from(OpenTasks)),
        task_reminder_minute=draw(_minutes),
        individual_reminders=draw(st.booleans()),
        track_opens=draw(st.sampled_from([None, True, False])),
        track_clicks=draw(st.sampled_from([None, True, False])),
        exit_rules=draw(st.sampled_from([(), (ExitRule("Rang", Condition("task", "any", "outcome", "connected"), "pause"),)])),
    )


valid_sequences = st.builds(
    Sequence, lines.filter(lambda text: len(text) <= 255), valid_steps(), valid_settings(), st.one_of(st.just(""), lines)
)
