"""Step types, one line each (D8). To add one: write its file, then its line here; its form, checks and file format follow from it."""

from segue.domain.steps.branch import BRANCH
from segue.domain.steps.email import EMAIL
from segue.domain.steps.kind import StepType
from segue.domain.steps.pauses import FINISH, WAIT
from segue.domain.steps.tasks import CALL, LINKEDIN_CONNECT, LINKEDIN_MESSAGE, MANUAL_EMAIL, MEETING, TODO

STEP_TYPES: dict[str, StepType] = {
    "email": EMAIL,
    "call": CALL,
    "manual_email": MANUAL_EMAIL,
    "todo": TODO,
    "meeting": MEETING,
    "linkedin_connect": LINKEDIN_CONNECT,
    "linkedin_message": LINKEDIN_MESSAGE,
    "branch": BRANCH,
    "wait": WAIT,
    "finish": FINISH,
}
