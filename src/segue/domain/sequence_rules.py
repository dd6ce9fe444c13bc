"""What makes a sequence fit to publish: errors of SEQ-46, warnings of SEQ-47."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from difflib import get_close_matches
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from segue.domain.ids import StepKey
from segue.domain.sequence import (
    AWAY_DAYS,
    COOL_OFF_DAYS,
    END_DELAY,
    FIRST_VARIANT,
    MAX_DELAY,
    NAME_LIMIT,
    AwayHold,
    BranchSettings,
    Criteria,
    EmailSettings,
    Finding,
    FinishSettings,
    Sequence,
    SequenceSettings,
    Step,
    TaskSettings,
    ZoneMode,
)
from segue.domain.sequence_order import check_order, reached_from
from segue.domain.steps import STEP_TYPES
from segue.domain.steps.email import is_threaded

KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
"""Form of a step's key: it stands in file names, statistics and URLs for good (SEQ-37)."""
CLOSE_EMAILS = timedelta(hours=1)
MANY_EMAILS = 15
NARROW_WINDOW = 60
DAY_MINUTES = 1440


def check(sequence: Sequence) -> list[Finding]:
    """Return everything wrong with the sequence, errors and warnings, in the order of its parts. No error means it may be published."""
    return [
        *_check_name(sequence),
        *check_settings(sequence.settings),
        *_check_end(sequence),
        *_check_keys(sequence),
        *check_steps(sequence.steps),
        *check_order(sequence),
        *_check_subjects(sequence),
        *_warn_about_emails(sequence),
    ]


def with_end(sequence: Sequence) -> Sequence:
    """Return the sequence with an end step of one day after its last step, or unchanged if it has an end (SEQ-35)."""
    if sequence.steps and sequence.steps[-1].type == "finish":
        return sequence
    taken = {step.key for step in sequence.steps}
    key = next(key for n in range(1, len(taken) + 2) if (key := StepKey(f"finish-{n}")) not in taken)
    return replace(sequence, steps=(*sequence.steps, Step(key, "finish", FinishSettings(), END_DELAY)))


def is_zone(name: str) -> bool:
    """Whether `name` is a time zone of the IANA data, such as Europe/Berlin."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a directory of the zone data, such as "Europe"
        return False
    return True


def zone_hint(name: str) -> str:
    """Return what to write instead of a zone that does not exist: the nearest names, if any is near."""
    near = get_close_matches(name, sorted(available_timezones()), n=1, cutoff=0.7)
    return f"Did you mean {near[0]}?" if near else "Write an IANA name such as Europe/Berlin or America/New_York."


def _check_name(sequence: Sequence) -> Iterator[Finding]:
    if not sequence.name.strip():
        yield Finding("The sequence has no name.", "Give it a name that people will find in a list.", path=("name",))
    elif len(sequence.name) > NAME_LIMIT or not sequence.name.isprintable():
        yield Finding(f"The name is not one line of at most {NAME_LIMIT} characters.", "Shorten it to one line.", path=("name",))


def check_settings(settings: SequenceSettings) -> Iterator[Finding]:
    """Yield what is wrong with the settings alone."""
    start, end = settings.window.start_minute, settings.window.end_minute
    place = ("settings", "window")
    if not (0 <= start <= DAY_MINUTES and 0 <= end <= DAY_MINUTES):
        yield Finding("The send window does not lie within one day.", "Write it as from 00:00 to 24:00 at most.", path=place)
    elif end <= start:
        hint = 'Write the earlier time first, such as "09:00-17:00"; it cannot span midnight.'
        yield Finding("The send window ends before it begins.", hint, path=place)
    elif end - start < NARROW_WINDOW:
        yield Finding("The send window is shorter than one hour.", "Mail that misses it waits a whole day.", "warning", place)
    if not 0 <= settings.task_creation_minute < DAY_MINUTES:
        yield Finding(
            "The time for creating tasks is no time of day.", "Write it as 00:00 to 23:59.", path=("settings", "task_creation_minute")
        )
    if settings.zone_mode is ZoneMode.FIXED and not is_zone(settings.fixed_zone):
        yield Finding(f'"{settings.fixed_zone}" is no time zone.', zone_hint(settings.fixed_zone), path=("settings", "fixed_zone"))
    if settings.away_hold is AwayHold.FIXED_DAYS and settings.away_days not in AWAY_DAYS:
        hint = f"Write {AWAY_DAYS[0]} to {AWAY_DAYS[-1]} days."
        yield Finding("The out-of-office hold is too short or too long.", hint, path=("settings", "away_days"))
    if settings.best_time:
        message = "This version cannot choose the best time to send: that comes with a later version."
        yield Finding(message, "Remove best_time; what it will learn from is recorded already.", path=("settings", "best_time"))
    if not 0 <= settings.task_reminder_minute < DAY_MINUTES:
        yield Finding("The time for reminders is no time of day.", "Write it as 00:00 to 23:59.", path=("settings", "task_reminder_minute"))
    if settings.cool_off_days not in COOL_OFF_DAYS:
        hint = f"Write {COOL_OFF_DAYS[0]} to {COOL_OFF_DAYS[-1]} days."
        yield Finding("The cool-off time is too long or negative.", hint, path=("settings", "cool_off_days"))
    if settings.max_starts_per_day is not None and settings.max_starts_per_day < 1:
        hint = "Write 1 or more, or leave it out for no limit."
        yield Finding("Nobody could begin this sequence.", hint, path=("settings", "max_starts_per_day"))
    if settings.stop_on_email is Criteria.NONE:
        # SEQ-43: allowed, and said out loud for as long as it stands.
        message = "Answers do not stop this sequence: contacts who replied will be written to again."
        yield Finding(message, "Set stop_on_email to all unless you mean it.", "warning", ("settings", "stop_on_email"))


def _check_end(sequence: Sequence) -> Iterator[Finding]:
    if not any(step.type != "finish" for step in sequence.steps):
        yield Finding("The sequence has no steps.", "Add at least one step, such as an email.", path=("steps",))
    elif not any(step.type == "finish" for step in sequence.steps):
        yield Finding("The sequence has no end step after its last step.", "Add a finish step at the end.", path=("steps",))
    elif sequence.steps[-1].type != "finish":
        yield Finding("The last step is no end step.", "Add a finish step behind it.", path=("steps", len(sequence.steps) - 1))
    for i, step in enumerate(sequence.steps[:-1]):
        if step.type == "finish" and not _is_led_to(sequence, i + 1):
            yield Finding("The end step is not the last one.", "Move it to the end, or remove the steps behind it.", path=("steps", i))


def _is_led_to(sequence: Sequence, position: int) -> bool:
    """Say whether a `then` or a branch names this step: what stands behind the end of one way is the beginning of another (SEQ-191)."""
    key = sequence.steps[position].key
    return any(key == rule.to for rule in sequence.settings.exit_rules) or any(
        key == step.then or (isinstance(step.settings, BranchSettings) and key in (step.settings.yes, step.settings.no))
        for step in sequence.steps[:position]
    )


def _check_keys(sequence: Sequence) -> Iterator[Finding]:
    first_with: dict[StepKey, int] = {}
    for i, step in enumerate(sequence.steps):
        if not KEY.fullmatch(step.key):
            hint = "Use up to 64 lower-case letters, digits, - and _, beginning with a letter or digit."
            yield Finding(f'"{step.key}" cannot be the key of a step.', hint, path=("steps", i, "key"))
        elif step.key in first_with:
            hint = f"Give this step a `key` of its own; step {first_with[step.key] + 1} has it already."
            yield Finding(f'Two steps have the key "{step.key}".', hint, path=("steps", i, "key"))
        first_with.setdefault(step.key, i)


def check_steps(steps: tuple[Step, ...]) -> Iterator[Finding]:
    """Yield what is wrong with each step taken alone."""
    for i, step in enumerate(steps):
        if step.delay % timedelta(minutes=1):
            # SEQ-44: the editor and the file take whole minutes, so every valid sequence can be exported.
            yield Finding("The delay is not in whole minutes.", "Choose whole minutes.", path=("steps", i, "delay"))
        if step.delay_most is not None and not (step.delay < step.delay_most <= MAX_DELAY and not step.delay_most % timedelta(minutes=1)):
            hint = "Write the shorter delay first, such as 2 days to 4 days."
            yield Finding("The range of the delay is empty or too long.", hint, path=("steps", i, "delay"))
        if not timedelta(0) <= step.delay <= MAX_DELAY:
            yield Finding("The delay is not between 0 minutes and 365 days.", "Choose a shorter one.", path=("steps", i, "delay"))
        kind = STEP_TYPES.get(step.type)
        if kind is None:
            yield Finding(f'"{step.type}" is no step type.', f"The types are {', '.join(STEP_TYPES)}.", path=("steps", i))
        elif not isinstance(step.settings, kind.settings) or (isinstance(step.settings, TaskSettings) and step.settings.kind != step.type):
            yield Finding(f'The settings of this step are not those of "{step.type}".', "Build the step anew.", path=("steps", i))
        else:
            yield from (replace(found, path=("steps", i, *found.path)) for found in (*kind.validate(step), *_check_variants(step)))


def _check_variants(step: Step) -> Iterator[Finding]:
    """Yield what is wrong with the variants of a step (SEQ-38, SEQ-46); each is checked like the step's own content."""
    if not any(each.active for each in step.contents):
        yield Finding("No variant of this step is active.", "Switch one on, or leave `active` out.", path=("active",))
    if step.variants and not isinstance(step.settings, EmailSettings | TaskSettings):
        yield Finding("Only emails and tasks have variants.", "Remove them.", path=("variants",))
        return
    numbers = [each.ordinal for each in step.contents]
    if len(set(numbers)) < len(numbers) or min(numbers) < FIRST_VARIANT:
        hint = "Give each variant an ordinal of its own, from 2 on."
        yield Finding("Two variants of this step have the same ordinal.", hint, path=("variants",))
    for n, variant in enumerate(step.variants):
        if (
            isinstance(variant.settings, TaskSettings)
            and isinstance(step.settings, TaskSettings)
            and variant.settings.wait != step.settings.wait
        ):
            hint = "Whether the next step waits is the same for all; write `wait` as the step has it."
            yield Finding(f"Variant {variant.ordinal} waits otherwise than the step.", hint, path=("variants", n))
        for found in STEP_TYPES[step.type].validate(replace(step, settings=variant.settings)):
            yield replace(found, path=("variants", n, *found.path), message=f"Variant {variant.ordinal}: {found.message}")


def _emails(sequence: Sequence) -> list[tuple[int, EmailSettings]]:
    return [(i, step.settings) for i, step in enumerate(sequence.steps) if isinstance(step.settings, EmailSettings)]


def _check_subjects(sequence: Sequence) -> Iterator[Finding]:
    first = {
        i for i, _ in _emails(sequence) if not any(isinstance(sequence.steps[p].settings, EmailSettings) for p in _before(sequence, i))
    }
    for i, email in _emails(sequence):
        for variant in sequence.steps[i].contents:
            content = variant.settings
            if not isinstance(content, EmailSettings) or content.subject.strip() or not (variant.active or content is email):
                continue
            place = ("steps", i, "subject") if content is email else ("steps", i, "variants")
            if i in first:
                yield Finding("The first email has no subject.", "Write one under `subject`.", path=place)
            elif not is_threaded(content, sequence):
                hint = "Write a `subject`, or let it answer the thread with `thread: true`."
                yield Finding("This email begins a new thread and has no subject.", hint, path=place)


def _before(sequence: Sequence, position: int) -> set[int]:
    """Return the places from which the one at `position` can be reached."""
    before: set[int] = set()
    for place in range(position - 1, -1, -1):
        if {position, *before} & set(sequence.followers(place)):
            before.add(place)
    return before


def _warn_about_emails(sequence: Sequence) -> Iterator[Finding]:
    emails = _emails(sequence)
    if len(emails) > MANY_EMAILS:
        message = f"The sequence has {len(emails)} automated emails."
        yield Finding(message, f"More than {MANY_EMAILS} to one person are seldom welcome.", "warning", ("steps",))
    seen: dict[str, int] = {}
    for i, email in emails:
        body = email.body.strip()
        if body and body in seen:
            hint = "Write something new: the same text again reads like a machine."
            yield Finding(f"This email has the same text as step {seen[body] + 1}.", hint, "warning", ("steps", i, "body"))
        seen.setdefault(body, i)
    for (before, _), (i, _) in pairwise(emails):
        if i not in reached_from(sequence, before):
            continue  # on another way: nobody gets both
        between = sequence.steps[before + 1 : i + 1]
        if any(isinstance(step.settings, TaskSettings) and step.settings.wait for step in between):
            continue  # a person decides when the second one goes
        if sum((step.delay for step in between), timedelta(0)) < CLOSE_EMAILS:
            message = "This email follows the one before it in less than an hour."
            yield Finding(message, "Add a delay in front of it, such as `after: 2 days`.", "warning", ("steps", i, "delay"))
