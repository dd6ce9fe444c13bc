"""Plans on the screen and as JSON: `segue plan` and `segue enroll --dry-run`."""

from collections import Counter
from typing import Any
from zoneinfo import ZoneInfo

from segue.cli.screen import Maker, cell, sentence, table, when
from segue.domain.sequence import EmailSettings
from segue.domain.steps import STEP_TYPES
from segue.features.enrollments.plan import Plan, PlannedStep
from segue.features.enrollments.preview import render_step

SHOWN_STEPS = 1_000
"""Steps of a plan in one JSON document; the days are counted over all of them."""
SHOWN_ROWS = 40


def document_of_steps(plan: Plan, *, texts: bool = True, most: int = SHOWN_STEPS) -> dict[str, Any]:
    """Return a plan as JSON."""
    return {
        "now": plan.now,
        "until": plan.until,
        "steps_total": len(plan.steps),
        "emails_by_day": _by_day(plan),
        "steps": [_step_json(step, texts=texts) for step in plan.steps[:most]],
    }


def _step_json(step: PlannedStep, *, texts: bool) -> dict[str, Any]:
    loaded = step.loaded
    text = render_step(step)
    return {
        "at": step.at,
        "local": step.at.astimezone(loaded.around.zone) if step.at else None,
        "zone": loaded.around.zone.key,
        "due_at": step.due_at,
        "earliest": step.after_person,
        "contact": loaded.address,
        "sequence": loaded.around.sequence.name,
        "version": loaded.version,
        "step": _number(step),
        "key": step.step.key,
        "type": step.step.type,
        "mailbox": loaded.mailbox.address,
        "why": list(step.why),
        "subject": text.subject if text else "",
        "text": text.body if text and texts else None,
    }


def _number(step: PlannedStep) -> int:
    return step.loaded.around.sequence.place_of(step.step.key, 0) + 1


def _by_day(plan: Plan) -> dict[str, int]:
    """Count the mails of each day, as the contact's calendar names it."""
    days = Counter(
        str(step.at.astimezone(step.loaded.around.zone).date())
        for step in plan.steps
        if step.at is not None and isinstance(step.step.settings, EmailSettings)
    )
    return dict(sorted(days.items()))


def draw_plan(plan: Plan, zone: str, *, texts: bool = False, most: int = SHOWN_ROWS) -> list[Maker]:
    """Return a plan for people: the steps, their days when there are many, and the first contact's texts."""
    if not plan.steps:
        return [sentence("Nothing is ahead.", "dim")]
    shown: list[Maker] = [
        table(
            ("When", "Contact", "#Step", "What", "Why then"),
            (
                (
                    _when(step, zone),
                    step.loaded.address,
                    _number(step),
                    _what(step),
                    " ".join(step.why),
                )
                for step in plan.steps[:most]
            ),
        )
    ]
    if len(plan.steps) > most:
        shown.append(sentence(f"… and {len(plan.steps) - most:,} more steps until {when(plan.until, zone)}.", "dim"))
        days = _by_day(plan)
        shown += [table(("Day", "#Emails"), days.items())] if days else []
    if any(step.after_person for step in plan.steps):
        shown.append(sentence("≥ at the earliest: a task stands before it, and counts as done when it appears.", "dim"))
    if texts:
        first = plan.steps[0].loaded.enrollment.id
        shown += [maker for step in plan.steps if step.loaded.enrollment.id == first for maker in _draw_text(step, zone)]
    return shown


def _when(step: PlannedStep, zone: str) -> str:
    if step.at is None:
        return "–"
    own = step.loaded.around.zone
    same = step.at.astimezone(own).utcoffset() == step.at.astimezone(ZoneInfo(zone)).utcoffset()
    there = "" if same else f"\n{when(step.at, own.key)} there"
    return f"{'≥ ' if step.after_person else ''}{when(step.at, zone)}{there}"


def _what(step: PlannedStep) -> str:
    title = STEP_TYPES[step.step.type].title
    text = render_step(step)
    return f"{title}: {text.subject}" if text and text.subject else title


def _draw_text(step: PlannedStep, zone: str) -> list[Maker]:
    text = render_step(step)
    if text is None or not isinstance(step.step.settings, EmailSettings):
        return []
    heading = f"── {when(step.at, zone)} · to {step.loaded.address} · {text.subject} "
    return [lambda: cell(f"{heading:─<100}", "bold"), sentence(text.body)]
