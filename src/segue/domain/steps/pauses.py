"""Steps that are nothing but their delay: the wait between steps and the end (SEQ-35)."""

from datetime import timedelta

from segue.domain.effects import Finish, Wait
from segue.domain.sequence import Finding, FinishSettings, Sequence, Step, WaitSettings
from segue.domain.steps.kind import PlainSettings, StepType, object_schema

SCHEMA = object_schema({})


def _read_wait(plain: PlainSettings) -> WaitSettings:  # noqa: ARG001  a wait has no settings
    return WaitSettings()


def _validate_wait(step: Step) -> list[Finding]:
    if step.delay > timedelta(0):
        return []
    return [Finding("This wait has no length.", "Write how long, such as `wait: 3 days`, or remove the step.", path=("delay",))]


def _wait(step: Step, sequence: Sequence) -> Wait:  # noqa: ARG001  every step type is asked in the same way
    return Wait()


def _read_finish(plain: PlainSettings) -> FinishSettings:  # noqa: ARG001  an end has no settings
    return FinishSettings()


def _validate_finish(step: Step) -> list[Finding]:  # noqa: ARG001  an end may come at once
    return []


def _finish(step: Step, sequence: Sequence) -> Finish:  # noqa: ARG001
    return Finish()


WAIT = StepType("wait", "Wait", WaitSettings, SCHEMA, _read_wait, _validate_wait, _wait)
FINISH = StepType("finish", "End of the sequence", FinishSettings, SCHEMA, _read_finish, _validate_finish, _finish)
