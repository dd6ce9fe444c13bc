"""Planned steps as the API answers them."""

from segue.features.enrollments.plan import Plan, PlannedStep
from segue.features.enrollments.preview import render_step
from segue.features.enrollments.schemas import PlannedOut, PlanOut

SHOWN_MOST = 500


def told_plan(plan: Plan) -> PlanOut:
    """Return a plan, its first steps with their texts."""
    return PlanOut(now=plan.now, until=plan.until, total=len(plan.steps), steps=[told_step(step) for step in plan.steps[:SHOWN_MOST]])


def told_step(step: PlannedStep) -> PlannedOut:
    """Return one planned step."""
    loaded, text = step.loaded, render_step(step)
    return PlannedOut(
        at=step.at,
        due_at=step.due_at,
        zone=loaded.around.zone.key,
        contact=loaded.address,
        sequence=loaded.around.sequence.name,
        version=loaded.version,
        step_key=str(step.step.key),
        type=step.step.type,
        mailbox=loaded.mailbox.address,
        why=list(step.why),
        subject=text.subject if text else "",
        text=text.body if text else "",
    )
