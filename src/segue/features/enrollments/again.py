"""Enrolling a contact once more (SEQ-137, SEQ-139): where to begin, what was received, what would repeat."""

from dataclasses import dataclass
from datetime import datetime

from segue.db.tx import Tx
from segue.domain.ids import SequenceId, StepKey
from segue.domain.sequence import EmailSettings, FinishSettings
from segue.features.enrollments.store import load, load_versions


@dataclass(frozen=True, slots=True)
class Received:
    """One email that the contact has got of this sequence."""

    step_key: StepKey
    subject: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Offer:
    """Where a new enrollment would begin, in the newest version: after the last step that ran, or at the failed one."""

    start_position: int
    start_step: StepKey
    received: tuple[Received, ...]
    emails: tuple[StepKey, ...]
    """The emails of the newest version, in order."""
    places: dict[StepKey, int]

    def repeats(self, start: int) -> tuple[StepKey, ...]:
        """Return the emails from a place on that the contact has got already."""
        had = {each.step_key for each in self.received}
        return tuple(key for key in self.emails if self.places[key] >= start and key in had)


def offer_again(tx: Tx, contact_id: int, sequence_id: SequenceId) -> Offer:
    """Look at what the contact has been through in this sequence."""
    rows = tx.all(
        """SELECT e.id, s.version AS newest FROM sequences AS s
           LEFT JOIN enrollments AS e ON e.workspace_id = s.workspace_id AND e.sequence_id = s.id AND e.contact_id = %(contact)s
           WHERE s.workspace_id = %(ws)s AND s.id = %(sequence)s ORDER BY e.id DESC NULLS LAST LIMIT 1""",
        {"contact": contact_id, "sequence": sequence_id},
    )
    newest = load_versions(tx, {(sequence_id, rows[0]["newest"])})[sequence_id, rows[0]["newest"]]
    last = load(tx, [rows[0]["id"]])[0] if rows[0]["id"] is not None else None
    start = 0
    if last is not None:
        keys = [step.key for step in last.around.sequence.steps[last.enrollment.position :]]
        still = next((place for key in keys if (place := newest.position_of(key)) is not None), None)
        begun = still is not None and not isinstance(newest.steps[still].settings, FinishSettings)
        start = still if begun and still is not None else 0
    received = tx.all(
        """SELECT m.step_key, m.subject, m.accepted_at FROM messages AS m
           JOIN enrollments AS e ON e.workspace_id = m.workspace_id AND e.id = m.enrollment_id
           WHERE m.workspace_id = %(ws)s AND m.contact_id = %(contact)s AND e.sequence_id = %(sequence)s AND m.state = 'sent'
           ORDER BY m.accepted_at""",
        {"contact": contact_id, "sequence": sequence_id},
    )
    return Offer(
        start,
        newest.steps[start].key,
        tuple(Received(StepKey(row["step_key"]), row["subject"], row["accepted_at"]) for row in received),
        tuple(step.key for step in newest.steps if isinstance(step.settings, EmailSettings)),
        {step.key: place for place, step in enumerate(newest.steps)},
    )
