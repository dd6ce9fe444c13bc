"""What the steps of enrollments have left behind: mails, tasks, drawn variants; also in those that they go on from (SEQ-12)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from segue.db.tx import Tx
from segue.domain.ids import EnrollmentId, MessageId, StepKey
from segue.domain.sequence import FIRST_VARIANT
from segue.domain.threading import SentEmail


@dataclass(frozen=True, slots=True)
class KnownMessage:
    """A message row of an enrollment, sent or not."""

    id: MessageId
    step_key: StepKey
    generation: int
    state: str
    attempt: int
    variant: int = FIRST_VARIANT


@dataclass(slots=True)
class Runs:
    """What steps of one enrollment have left behind."""

    sent: list[SentEmail] = field(default_factory=list)
    messages: list[KnownMessage] = field(default_factory=list)
    open_tasks: set[StepKey] = field(default_factory=set)
    drawn: dict[StepKey, int] = field(default_factory=dict)
    tasks: set[StepKey] = field(default_factory=set)
    earlier: set[StepKey] = field(default_factory=set)


NO_RUNS = Runs()


def load_runs(tx: Tx, ids: Sequence[int], heirs: Mapping[int, Sequence[int]], *, tasks: bool) -> dict[int, Runs]:
    """Return what steps have left behind, by enrollment; with `tasks` also their tasks, open or not."""
    runs: dict[int, Runs] = {}
    if heirs:
        _load_earlier_runs(tx, heirs, runs)
    for row in tx.all(
        """SELECT id, enrollment_id, step_key, generation, state, attempt, subject, reference_ids, variant,
               COALESCE(NULLIF(observed_id, ''), message_id) AS known_as
           FROM messages WHERE workspace_id = %(ws)s AND enrollment_id = ANY(%(ids)s) ORDER BY accepted_at NULLS LAST, id""",
        {"ids": list(ids)},
    ):
        mine = runs.setdefault(row["enrollment_id"], Runs())
        key = StepKey(row["step_key"])
        if row["state"] == "sent":
            mine.sent.append(SentEmail(key, row["known_as"], tuple(row["reference_ids"]), row["subject"]))
        mine.messages.append(KnownMessage(MessageId(row["id"]), key, row["generation"], row["state"], row["attempt"], row["variant"]))
        mine.drawn[key] = row["variant"]
    if tasks:
        for row in tx.all(
            """SELECT enrollment_id, step_key, state, variant FROM tasks WHERE workspace_id = %(ws)s AND enrollment_id = ANY(%(ids)s)
               ORDER BY id""",
            {"ids": list(ids)},
        ):
            mine = runs.setdefault(row["enrollment_id"], Runs())
            mine.drawn[StepKey(row["step_key"])] = row["variant"]
            mine.tasks.add(StepKey(row["step_key"]))
            if row["state"] == "open":
                mine.open_tasks.add(StepKey(row["step_key"]))
    return runs


def collect_heirs(given: Iterable[tuple[int, Sequence[int]]]) -> dict[int, list[EnrollmentId]]:
    """Return for each enrollment that others go on from which those are."""
    heirs: dict[int, list[EnrollmentId]] = {}
    for enrollment_id, earlier in given:
        for each in earlier:
            heirs.setdefault(each, []).append(EnrollmentId(enrollment_id))
    return heirs


def _load_earlier_runs(tx: Tx, heirs: Mapping[int, Sequence[int]], runs: dict[int, Runs]) -> None:
    """What ran before an enrollment went on elsewhere: it never runs again, and its variants hold (SEQ-38). Its thread is another one."""
    for row in tx.all(
        """SELECT enrollment_id, step_key, variant, state NOT IN ('queued', 'withdrawn') AS ran FROM messages
           WHERE workspace_id = %(ws)s AND enrollment_id = ANY(%(ids)s)
           UNION ALL SELECT enrollment_id, step_key, variant, true FROM tasks WHERE workspace_id = %(ws)s AND enrollment_id = ANY(%(ids)s)
           ORDER BY enrollment_id""",
        {"ids": list(heirs)},
    ):
        for heir in heirs[row["enrollment_id"]]:
            mine = runs.setdefault(heir, Runs())
            mine.drawn[StepKey(row["step_key"])] = row["variant"]
            if row["ran"]:
                mine.earlier.add(StepKey(row["step_key"]))
