"""What the variants of a step have brought: counts with intervals, and said to be too early below 100 contacts (SEQ-38)."""

from dataclasses import dataclass

from segue.db.tx import Tx
from segue.domain.ids import StepKey
from segue.domain.sequence import EmailSettings, Sequence
from segue.domain.variants import MEANINGFUL, interval


@dataclass(frozen=True, slots=True)
class VariantResult:
    """One variant of an email step: contacts written to, how many of them answered that mail, and the 95 % interval of that share."""

    step_key: StepKey
    ordinal: int
    active: bool
    subject: str
    contacts: int
    replied: int
    interval: tuple[float, float]

    @property
    def too_early(self) -> bool:
        return self.contacts < MEANINGFUL


def list_results(tx: Tx, sequence_id: int, content: Sequence) -> list[VariantResult]:
    """Return the variants of every tested email step, over all versions: a variant is known by its ordinal, a step by its key."""
    counts = {
        (row["step_key"], row["variant"]): row
        for row in tx.all(
            """SELECT m.step_key, m.variant, count(DISTINCT m.contact_id) AS contacts,
                   count(DISTINCT m.contact_id) FILTER (WHERE EXISTS (
                     SELECT FROM events AS v WHERE v.workspace_id = m.workspace_id AND v.enrollment_id = m.enrollment_id
                       AND v.kind = 'reply_received' AND v.message_id = m.id)) AS replied
               FROM messages AS m
               JOIN enrollments AS e ON e.workspace_id = m.workspace_id AND e.id = m.enrollment_id
               WHERE m.workspace_id = %(ws)s AND e.sequence_id = %(id)s AND m.state = 'sent' AND m.step_key = ANY(%(steps)s)
               GROUP BY m.step_key, m.variant""",
            {"id": sequence_id, "steps": [str(step.key) for step in content.steps if step.variants]},
        )
    }
    results = []
    for step in content.steps:
        for variant in step.contents if step.variants and isinstance(step.settings, EmailSettings) else ():
            row = counts.get((step.key, variant.ordinal), {"contacts": 0, "replied": 0})
            contacts, replied = int(row["contacts"]), int(row["replied"])
            subject = str(getattr(variant.settings, "subject", ""))
            results.append(
                VariantResult(step.key, variant.ordinal, variant.active, subject, contacts, replied, interval(replied, contacts))
            )
    return results
