"""The order of steps: jumps, ways and dependencies lead forward and to something, and every step can be reached (SEQ-42, SEQ-46, SEQ-191).

A sequence is a flat list. A step is followed by the next one, unless it names another with `then`; a branch names one for each answer. As
every jump leads forward, no loop is possible, and whatever stands in the list has one place for good.
"""

from collections.abc import Iterator

from segue.domain.conditions import Condition
from segue.domain.ids import StepKey
from segue.domain.sequence import BranchSettings, Finding, FinishSettings, Sequence, Step, TaskSettings


def check_order(sequence: Sequence) -> Iterator[Finding]:
    """Yield what is wrong with the order of the steps."""
    for i, step in enumerate(sequence.steps):
        yield from _check_jumps(sequence, i, step)
        yield from _check_needs(sequence, i, step)
    yield from _check_questions(sequence)
    yield from _check_reach(sequence)


def reached_from(sequence: Sequence, position: int) -> frozenset[int]:
    """Return every place that an enrollment at `position` may still come to, itself included."""
    reached = {position}
    for place in range(position, len(sequence.steps)):
        if place in reached:
            reached.update(sequence.followers(place))
    return frozenset(reached)


def _check_jumps(sequence: Sequence, i: int, step: Step) -> Iterator[Finding]:
    targets = {("then",): step.then}
    if isinstance(step.settings, BranchSettings):
        targets |= {("yes",): step.settings.yes, ("no",): step.settings.no}
        if step.then:
            hint = "Name the steps under `yes` and `no`."
            yield Finding("A branch goes where its answer says and takes no `then`.", hint, path=("steps", i, "then"))
    elif step.then and isinstance(step.settings, FinishSettings):
        yield Finding("Nothing comes after an end.", "Remove `then`.", path=("steps", i, "then"))
    for field, key in targets.items():
        place = sequence.position_of(StepKey(key)) if key else None
        if key and place is None:
            hint = f"The keys are {', '.join(each.key for each in sequence.steps)}."
            yield Finding(f'There is no step with the key "{key}".', hint, path=("steps", i, *field))
        elif place is not None and place <= i:
            hint = "Sequences have no loops; name a step further down."
            yield Finding(f'"{key}" does not stand behind this step.', hint, path=("steps", i, *field))


def _check_needs(sequence: Sequence, i: int, step: Step) -> Iterator[Finding]:
    for key in step.needs:
        place = sequence.position_of(key)
        if place is None or place >= i:
            yield Finding(f'"{key}" is no earlier step.', "Name the key of a task further up.", path=("steps", i, "needs"))
        elif not isinstance(sequence.steps[place].settings, TaskSettings):
            yield Finding(f'The step "{key}" is no task.', "Only tasks can be waited for.", path=("steps", i, "needs"))
        elif i not in reached_from(sequence, place):
            hint = "Whoever comes here has not passed that task."
            yield Finding(f'The task "{key}" stands on another way.', hint, path=("steps", i, "needs"))
    if step.hold and i == 0:
        hint = "Remove `hold`; enrolling is the person's word."
        yield Finding("The first step cannot wait for a person.", hint, path=("steps", i, "hold"))


def _check_questions(sequence: Sequence) -> Iterator[Finding]:
    """Conditions that name steps name steps that are there."""
    asked: list[tuple[Condition, tuple[str | int, ...]]] = [
        (condition, ("steps", i, "when", n))
        for i, step in enumerate(sequence.steps)
        if isinstance(step.settings, BranchSettings)
        for n, condition in enumerate(step.settings.when)
    ]
    asked += [(rule.when, ("settings", "exit_rules", n)) for n, rule in enumerate(sequence.settings.exit_rules)]
    for condition, path in asked:
        names_step = condition.about in ("opened", "clicked", "task", "variant")
        if names_step and condition.name != "any" and sequence.position_of(StepKey(condition.name)) is None:
            yield Finding(f'There is no step with the key "{condition.name}".', "Name a step's key, or any.", path=path)
    for n, rule in enumerate(sequence.settings.exit_rules):
        if rule.when.problem:
            yield Finding(rule.when.problem, "The guide shows every kind of condition.", path=("settings", "exit_rules", n))
        elif rule.action == "branch" and sequence.position_of(StepKey(rule.to)) is None:
            yield Finding(f'There is no step with the key "{rule.to}".', "Name a step's key.", path=("settings", "exit_rules", n))


def _check_reach(sequence: Sequence) -> Iterator[Finding]:
    if not sequence.steps:
        return
    exits = {sequence.position_of(StepKey(rule.to)) for rule in sequence.settings.exit_rules if rule.to}
    reached = {place for start in (0, *(each for each in exits if each is not None)) for place in reached_from(sequence, start)}
    for i, step in enumerate(sequence.steps):
        behind_end = i > 0 and isinstance(sequence.steps[i - 1].settings, FinishSettings)
        if i not in reached and not behind_end:
            hint = "Name it under `then`, `yes` or `no` of an earlier step, or remove it."
            yield Finding(f'No way leads to the step "{step.key}".', hint, path=("steps", i))
