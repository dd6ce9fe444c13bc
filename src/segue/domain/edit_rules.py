"""What a person may change of a step for single contacts: at enrolling and later, by the same rules (SEQ-57, SEQ-58, SEQ-66). Pure."""

from datetime import timedelta

from segue.domain.edits import StepEdit, edited
from segue.domain.errors import Invalid
from segue.domain.sequence import MAX_DELAY, EmailSettings, Step, TaskSettings
from segue.domain.steps import STEP_TYPES


def check_edit(step: Step, edit: StepEdit) -> None:
    """Raises Invalid where the edited step would be none: a text it cannot have, tokens that do not exist, a delay out of range."""
    if edit.subject is not None or edit.body is not None:
        if not isinstance(step.settings, EmailSettings | TaskSettings):
            raise Invalid(f"Step {step.key} has no text.", field="step")
        wrong = [finding for finding in STEP_TYPES[step.type].validate(edited(step, edit)) if finding.severity == "error"]
        if wrong:
            raise Invalid(wrong[0].message, hint=wrong[0].hint, field=str(wrong[0].path[-1]) if wrong[0].path else "")
    if edit.delay is not None and not timedelta(0) <= edit.delay <= MAX_DELAY:
        raise Invalid("Choose a delay from nothing to 365 days.", field="delay")
