"""Branches answered: what is known about the contact at this moment, the way that follows, and the values seen, on the timeline (SEQ-191).

Facts are loaded for a whole batch, one statement for each kind of thing that is asked about, whatever the number of enrollments.
"""

from collections.abc import Mapping, Sequence

from segue.db.tx import Tx
from segue.domain import enrollment as machine
from segue.domain.conditions import Condition, Known, TaskOutcome, ask_all
from segue.domain.effects import Branch
from segue.domain.enrollment import Enrollment, Surroundings
from segue.domain.ids import EnrollmentId, StepKey
from segue.domain.sequence_events import BranchTaken
from segue.domain.variants import variant_of
from segue.features.contacts.lists import ask_filters
from segue.features.enrollments.store import Loaded, heirs_of

Heirs = Mapping[int, Sequence[EnrollmentId]]
"""Whose facts those of an enrollment are: its own, and of the one that goes on from it (SEQ-12)."""


def answer(tx: Tx, questions: Sequence[tuple[Branch, Loaded]]) -> list[tuple[Enrollment, Loaded]]:
    """Ask each branch and return the enrollments as they go on; one whose question stays open goes nowhere yet."""
    if not questions:
        return []
    known = load_known(tx, [loaded for _, loaded in questions], [each for asked, _ in questions for each in asked.settings.when])
    moved: list[tuple[Enrollment, Loaded]] = []
    for asked, loaded in questions:
        before = loaded.enrollment
        found = ask_all(asked.settings.when, asked.settings.match, known[before.id])
        after = machine.branch(before, loaded.around, tx.now, holds=found.holds)
        moved.append((after, loaded))
        if after.position != before.position:
            steps = loaded.around.sequence.steps
            tx.record(
                BranchTaken(
                    contact_id=loaded.contact_id,
                    enrollment_id=before.id,
                    step_key=steps[before.position].key,
                    way="yes" if found.holds else "no",
                    seen=found.seen[:1000],
                    next_step=steps[after.position].key,
                )
            )
    return moved


def load_known(tx: Tx, loaded: Sequence[Loaded], asked: Sequence[Condition]) -> dict[EnrollmentId, Known]:
    """Return what these conditions may ask for, for each enrollment; only what is asked about is looked up."""
    about = {condition.about for condition in asked}
    heirs = heirs_of(loaded)
    contacts = [each.contact_id for each in loaded]
    tasks = _load_tasks(tx, heirs) if "task" in about else {}
    replied = _load_replied(tx, list(heirs), contacts) if "replied_to" in about else {}
    wrote = _load_written(tx, heirs) if "wrote_in_thread" in about else {}
    opens, clicks = _load_reactions(tx, heirs) if about & {"opened", "clicked"} else ({}, {})
    names = {condition.name.casefold() for condition in asked if condition.about in ("in_list", "not_in_list")}
    lists = _load_lists(tx, contacts) if names else {}
    filters = ask_filters(tx, names, sorted(set(contacts)))
    return {
        each.enrollment.id: Known(
            contact=each.contact,
            opens=opens.get(each.enrollment.id, {}),
            clicks=clicks.get(each.enrollment.id, {}),
            replied_to=replied.get(each.contact_id, frozenset()),
            tasks=tasks.get(each.enrollment.id, {}),
            lists=lists.get(each.contact_id, frozenset()) | {name for name, has in filters.items() if has and each.contact_id in has},
            unread_lists=frozenset(name for name, has in filters.items() if has is None),
            wrote_in_thread=wrote.get(each.enrollment.id, 0),
            variants=variants_of(each.around, each.enrollment.id),
        )
        for each in loaded
    }


def variants_of(around: Surroundings, enrollment_id: EnrollmentId) -> dict[StepKey, int]:
    """Return which variant of each tested step this enrollment gets (SEQ-38)."""
    return {step.key: variant_of(step, enrollment_id, around.drawn).ordinal for step in around.sequence.steps if step.variants}


def _load_tasks(tx: Tx, heirs: Heirs) -> dict[int, dict[StepKey, TaskOutcome]]:
    """Return the newest task of each step."""
    found: dict[int, dict[StepKey, TaskOutcome]] = {}
    for row in tx.all(
        """SELECT enrollment_id, step_key, state, outcome FROM tasks
           WHERE workspace_id = %(ws)s AND enrollment_id = ANY(%(ids)s) ORDER BY enrollment_id, generation""",
        {"ids": list(heirs)},
    ):
        for heir in heirs[row["enrollment_id"]]:
            found.setdefault(heir, {})[StepKey(row["step_key"])] = TaskOutcome(row["state"], row["outcome"])
    return found


def _load_written(tx: Tx, heirs: Heirs) -> dict[int, int]:
    """Return how many mails the rep wrote by hand in each one's thread (SEQ-172)."""
    tx.flush()  # the fact that makes somebody ask may be one of them
    found: dict[int, int] = {}
    for row in tx.all(
        """SELECT enrollment_id, count(*) AS n FROM events
           WHERE workspace_id = %(ws)s AND enrollment_id = ANY(%(ids)s) AND kind = 'hand_mail_sent' AND data -> 'in_thread' = 'true'
           GROUP BY enrollment_id""",
        {"ids": list(heirs)},
    ):
        for heir in heirs[row["enrollment_id"]]:
            found[heir] = found.get(heir, 0) + row["n"]
    return found


def _load_replied(tx: Tx, ids: Sequence[int], contacts: Sequence[int]) -> dict[int, frozenset[str]]:
    """Return the names of other sequences that these contacts have replied to, in lower case."""
    found: dict[int, set[str]] = {}
    for row in tx.all(
        """SELECT DISTINCT v.contact_id, lower(s.name) AS sequence FROM events AS v
           JOIN enrollments AS e ON e.workspace_id = v.workspace_id AND e.id = v.enrollment_id
           JOIN sequences AS s ON s.workspace_id = e.workspace_id AND s.id = e.sequence_id
           WHERE v.workspace_id = %(ws)s AND v.contact_id = ANY(%(contacts)s) AND v.kind = 'reply_received'
             AND v.enrollment_id <> ALL(%(ids)s)""",
        {"contacts": sorted(set(contacts)), "ids": list(ids)},
    ):
        found.setdefault(row["contact_id"], set()).add(row["sequence"].casefold())
    return {contact: frozenset(names) for contact, names in found.items()}


Counts = dict[int, dict[StepKey, int]]


def _load_reactions(tx: Tx, heirs: Heirs) -> tuple[Counts, Counts]:
    """Return opens and clicks by people, by step; those of the last ten minutes are not judged for good and do not count yet (SCI-41)."""
    found: dict[str, Counts] = {"open": {}, "click": {}}
    for row in tx.all(
        """SELECT t.enrollment_id, t.kind, m.step_key, count(*) AS n FROM tracking_events AS t
           JOIN messages AS m ON m.workspace_id = t.workspace_id AND m.id = t.message_id
           WHERE t.workspace_id = %(ws)s AND t.enrollment_id = ANY(%(ids)s) AND t.verdict = 'human' AND t.final
           GROUP BY t.enrollment_id, t.kind, m.step_key""",
        {"ids": list(heirs)},
    ):
        for heir in heirs[row["enrollment_id"]]:
            counts = found[row["kind"]].setdefault(heir, {})
            counts[StepKey(row["step_key"])] = counts.get(StepKey(row["step_key"]), 0) + row["n"]
    return found["open"], found["click"]


def _load_lists(tx: Tx, contacts: Sequence[int]) -> dict[int, frozenset[str]]:
    """Return the names of the lists on which these contacts stand, in lower case."""
    found: dict[int, set[str]] = {}
    for row in tx.all(
        """SELECT m.contact_id, lower(l.name) AS name FROM contact_list_members AS m
           JOIN contact_lists AS l ON l.workspace_id = m.workspace_id AND l.id = m.list_id
           WHERE m.workspace_id = %(ws)s AND m.contact_id = ANY(%(contacts)s)""",
        {"contacts": sorted(set(contacts))},
    ):
        found.setdefault(row["contact_id"], set()).add(row["name"].casefold())
    return {contact: frozenset(names) for contact, names in found.items()}
