"""Changing what is ahead of one contact: text, delay, time, leaving out, going now, another step (SEQ-57, SEQ-58).

Each change locks the enrollment first, which waits for a mail in flight (H2), and is refused once its own mail has been claimed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from psycopg.types.json import Jsonb

from segue.db.tx import Tx
from segue.domain import enrollment as machine
from segue.domain.acts import EnrollmentMoved, StepEdited
from segue.domain.edit_rules import check_edit
from segue.domain.edits import NO_EDIT, StepEdit
from segue.domain.enrollment import State, WaitingFor
from segue.domain.errors import Conflict, Invalid
from segue.domain.ids import StepKey
from segue.domain.replan import hurry, replan
from segue.domain.sequence import MAX_DELAY, FinishSettings
from segue.features.enrollments.react import take_back_queued
from segue.features.enrollments.store import Loaded, load, save

BEING_SENT = "This email is being sent."
IN_HAND = (WaitingFor.SENDING, WaitingFor.UNCONFIRMED)


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be different of a step; None leaves a thing as it is. `skipped` False takes leaving out back."""

    subject: str | None = None
    body: str | None = None
    delay: timedelta | None = None
    at: datetime | None = None
    skipped: bool | None = None

    @property
    def named(self) -> str:
        """Name what is changed, for the timeline."""
        words = (("subject", self.subject), ("text", self.body), ("delay", self.delay), ("time", self.at))
        given = [word for word, value in words if value is not None]
        if self.skipped is not None:
            given.append("left out" if self.skipped else "no longer left out")
        return ", ".join(given)


def edit_step(tx: Tx, enrollment_id: int, key: StepKey, change: Change) -> Loaded:
    """Change a coming step of one enrollment; returns it as it is then.

    Raises:
        Conflict: it has ended, the step has run, or its mail is being sent.
        Invalid: no such step, or a text or time that may not be.
    """
    loaded = _lock(tx, enrollment_id)
    position = _coming(loaded, key)
    before = loaded.around.edits.get(key, NO_EDIT)
    edit = replace(
        before,
        subject=before.subject if change.subject is None else change.subject,
        body=before.body if change.body is None else change.body,
        delay=before.delay if change.delay is None else change.delay,
        at=before.at if change.at is None and change.delay is None else change.at,
        skipped=before.skipped if change.skipped is None else change.skipped,
    )
    _check(tx, loaded, position, edit, change)
    after = _with_edit(loaded, key, edit)
    _store(tx, after, {key: edit})
    if position == loaded.enrollment.position:
        moved = change.delay is not None or change.at is not None
        after = replace(after, enrollment=replan(after.enrollment, after.around)) if moved else after
        save(tx, [(after.enrollment, after)])
    tx.record(StepEdited(contact_id=loaded.contact_id, enrollment_id=enrollment_id, step_key=key, what=change.named))
    return after


def send_now(tx: Tx, enrollment_id: int, *, undo: timedelta = timedelta(0)) -> Loaded:
    """Let the step that waits go now, without the rest of its delay; a follow-up still keeps to its hours (S5).

    With `undo` it is held that long and can be taken back (SEQ-59). Raises Conflict where it waits for something else than time.
    """
    loaded = _lock(tx, enrollment_id)
    enrollment = loaded.enrollment
    if enrollment.due_at is None:
        raise Conflict(
            f"The next step waits for {enrollment.waiting_for.value or 'the end of a pause'}.", hint="`segue why` says what to do."
        )
    key = loaded.around.sequence.steps[enrollment.position].key
    edit = replace(loaded.around.edits.get(key, NO_EDIT), at=None, skipped=False)
    after = _with_edit(loaded, key, edit)
    if edit != loaded.around.edits.get(key, NO_EDIT):
        _store(tx, after, {key: edit})
    after = replace(after, enrollment=hurry(enrollment, after.around, tx.now + undo))
    save(tx, [(after.enrollment, after)])
    _set_undo(tx, enrollment_id, tx.now + undo if undo else None, enrollment.due_at if undo else None)
    tx.record(StepEdited(contact_id=loaded.contact_id, enrollment_id=enrollment_id, step_key=key, what="sent now"))
    return after


def move_to_step(tx: Tx, enrollment_id: int, key: StepKey, *, repeat: bool = False) -> tuple[Loaded, tuple[str, ...]]:
    """Let another step be the next one; its own delay counts from the last step that ran, as ever (S7). Steps passed over count as skipped.

    Returns the enrollment and the steps that run again. Raises Conflict where steps would run again and `repeat` is not said.
    """
    loaded = _lock(tx, enrollment_id)
    steps = loaded.around.sequence.steps
    position = _position(loaded, key)
    if isinstance(steps[position].settings, FinishSettings):
        raise Invalid("The end is no step to go to.", hint="`segue unenroll` ends the enrollment.", field="step")
    generations = _next_generations(tx, loaded)
    repeats = tuple(step.key for step in steps[position : loaded.enrollment.position] if step.key in generations)
    if repeats and not repeat:
        raise Conflict(f"The contact would get again: {', '.join(repeats)}.", hint="Say --repeat if that is meant.")
    renewed = {each: replace(loaded.around.edits.get(each, NO_EDIT), generation=generations[each]) for each in repeats}
    after = replace(loaded, around=replace(loaded.around, edits={**loaded.around.edits, **renewed}))
    _store(tx, after, renewed)
    moved = machine.go_to(loaded.enrollment, after.around, position, loaded.enrollment.base_at)
    save(tx, [(moved, after)])
    _set_undo(tx, enrollment_id, None, None)
    take_back_queued(tx, [enrollment_id])
    tx.record(
        EnrollmentMoved(
            contact_id=loaded.contact_id,
            enrollment_id=enrollment_id,
            from_step=steps[loaded.enrollment.position].key,
            to_step=key,
            repeats=repeats,
        )
    )
    return replace(after, enrollment=moved), repeats


def fill_placeholders(tx: Tx, enrollment_id: int, values: Mapping[str, str]) -> Loaded:
    """Fill in what the texts ask of the person who enrolls (SEQ-21); an empty value takes one back."""
    loaded = _lock(tx, enrollment_id)
    filled = {name: value for name, value in {**loaded.placeholders, **values}.items() if value}
    tx.run(
        "UPDATE enrollments SET placeholders = %(filled)s WHERE workspace_id = %(ws)s AND id = %(id)s",
        {"id": enrollment_id, "filled": Jsonb(filled)},
    )
    key = loaded.around.sequence.steps[loaded.enrollment.position].key
    what = f"placeholders: {', '.join(sorted(values))}"
    tx.record(StepEdited(contact_id=loaded.contact_id, enrollment_id=enrollment_id, step_key=key, what=what))
    after = replace(loaded, placeholders=filled)
    paused = loaded.enrollment.state is State.PAUSED  # it looks when it resumes: nothing of a paused one is ever due
    if loaded.enrollment.waiting_for is WaitingFor.FIELD and not paused:  # what it waits for may have come
        after = replace(after, enrollment=machine.wait(loaded.enrollment, tx.now, WaitingFor.DELAY))
        save(tx, [(after.enrollment, after)])
    return after


def _set_undo(tx: Tx, enrollment_id: int, until: datetime | None, due_at: datetime | None) -> None:
    """Say until when this can be taken back, and what was due before it; None ends the undo time that an earlier order had."""
    tx.run(
        "UPDATE enrollments SET undo_until = %(until)s, undo_due_at = %(due)s WHERE workspace_id = %(ws)s AND id = %(id)s",
        {"id": enrollment_id, "until": until, "due": due_at},
    )


def _lock(tx: Tx, enrollment_id: int) -> Loaded:
    [loaded] = load(tx, [enrollment_id], lock=True)
    if not loaded.enrollment.is_open:
        raise Conflict(f"The enrollment of {loaded.address} has ended.", hint="`segue timeline` shows why.")
    if loaded.enrollment.waiting_for in IN_HAND:
        raise Conflict(BEING_SENT, hint="Wait until it has been sent; `segue undecided list` shows it if nobody knows.")
    return loaded


def _position(loaded: Loaded, key: StepKey) -> int:
    position = loaded.around.sequence.position_of(key)
    if position is None:
        keys = ", ".join(step.key for step in loaded.around.sequence.steps)
        raise Invalid(f"This enrollment has no step {key!r}.", hint=f"Its steps: {keys}.", field="step")
    return position


def _coming(loaded: Loaded, key: StepKey) -> int:
    position = _position(loaded, key)
    if position < loaded.enrollment.position:
        raise Conflict(f"Step {key} has run or was passed over.", hint="`--to-step` goes back to it.")
    if position == loaded.enrollment.position:
        known = loaded.message(key, loaded.enrollment.generation)
        if known is not None and known.attempt > 0:  # the same mail is tried again, byte for byte (MAIL-40)
            raise Conflict(BEING_SENT, hint="It has been handed over before and is tried again as it is.")
    return position


def _check(tx: Tx, loaded: Loaded, position: int, edit: StepEdit, change: Change) -> None:
    step = loaded.around.sequence.steps[position]
    check_edit(step, replace(edit, subject=None, body=None) if change.subject is None and change.body is None else edit)
    if change.at is not None and not tx.now <= change.at <= tx.now + MAX_DELAY:
        raise Invalid("Choose a time from now on, at most a year ahead.", field="at")
    if isinstance(step.settings, FinishSettings) and edit.skipped:
        raise Invalid("The end cannot be left out.", hint="`segue unenroll` ends the enrollment.", field="step")


def _with_edit(loaded: Loaded, key: StepKey, edit: StepEdit) -> Loaded:
    return replace(loaded, around=replace(loaded.around, edits={**loaded.around.edits, key: edit}))


def _store(tx: Tx, loaded: Loaded, edits: Mapping[StepKey, StepEdit]) -> None:
    if edits:
        tx.run(
            STORE,
            {
                "id": loaded.enrollment.id,
                "keys": list(edits),
                "subjects": [edit.subject for edit in edits.values()],
                "bodies": [edit.body for edit in edits.values()],
                "delays": [edit.delay for edit in edits.values()],
                "ats": [edit.at for edit in edits.values()],
                "skips": [edit.skipped for edit in edits.values()],
                "generations": [edit.generation for edit in edits.values()],
                "by": tx.actor,
                "now": tx.now,
            },
        )


def _next_generations(tx: Tx, loaded: Loaded) -> dict[StepKey, int]:
    """Return for each step that has run the number of its next run, above every one there was."""
    rows = tx.all(
        """SELECT step_key, max(generation) + 1 AS next FROM (
               SELECT step_key, generation FROM messages
               WHERE workspace_id = %(ws)s AND enrollment_id = %(id)s AND (attempt > 0 OR state NOT IN ('queued', 'withdrawn'))
               UNION ALL SELECT step_key, generation FROM tasks WHERE workspace_id = %(ws)s AND enrollment_id = %(id)s) AS run
           GROUP BY step_key""",
        {"id": loaded.enrollment.id},
    )
    return {StepKey(row["step_key"]): row["next"] for row in rows}


STORE = """
    INSERT INTO enrollment_edits (workspace_id, enrollment_id, step_key, subject, body, delay, at, skipped, generation, edited_by,
        edited_at)
    SELECT %(ws)s, %(id)s, n.*, %(by)s, %(now)s
    FROM unnest(%(keys)s::text[], %(subjects)s::text[], %(bodies)s::text[], %(delays)s::interval[], %(ats)s::timestamptz[],
        %(skips)s::bool[], %(generations)s::int[]) AS n
    ON CONFLICT (workspace_id, enrollment_id, step_key) DO UPDATE SET subject = EXCLUDED.subject, body = EXCLUDED.body,
        delay = EXCLUDED.delay, at = EXCLUDED.at, skipped = EXCLUDED.skipped, generation = EXCLUDED.generation,
        edited_by = EXCLUDED.edited_by, edited_at = EXCLUDED.edited_at
"""
