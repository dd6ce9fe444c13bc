"""Exit rules: ways out of a sequence that somebody set up (SEQ-172). Each is carried out once for an enrollment at most.

They are asked when something happens that they may ask about, and again before every step: whatever changed in between, nothing more is
sent after a rule holds.
"""

from collections.abc import Iterable, Mapping, Sequence

from segue.db.tx import Tx
from segue.domain import enrollment as machine
from segue.domain.conditions import ask
from segue.domain.enrollment import PauseKind, WaitingFor
from segue.domain.events import Event
from segue.domain.ids import EnrollmentId
from segue.domain.sequence import ExitRule
from segue.domain.sequence_events import ExitRuleApplied
from segue.domain.stop_rules import Stop
from segue.features.enrollments.questions import load_known
from segue.features.enrollments.react import pause_enrollments, stop_enrollments, take_back_queued
from segue.features.enrollments.store import Loaded, heirs_of, load, save

_UNDER_WAY = (WaitingFor.SENDING, WaitingFor.UNCONFIRMED)
"""A mail is under way: a rule that leads to another step is asked again before the next one."""


def leave_if_ruled(tx: Tx, event: Event) -> None:
    """Ask the exit rules of every open enrollment of the contact that the fact names."""
    rows = tx.all(
        "SELECT id FROM enrollments WHERE workspace_id = %(ws)s AND contact_id = %(contact)s AND state IN ('active', 'paused')",
        {"contact": event.contact_id},
    )
    ids = [row["id"] for row in rows]
    if any(each.around.sequence.settings.exit_rules for each in load(tx, ids)):
        apply_exit_rules(tx, load(tx, ids, lock=True))


def apply_exit_rules(tx: Tx, loaded: Iterable[Loaded]) -> set[EnrollmentId]:
    """Carry out the first rule that holds of each enrollment; returns those that it concerned. Their rows are locked already."""
    ruled = [each for each in loaded if each.around.sequence.settings.exit_rules and each.enrollment.is_open]
    if not ruled:
        return set()
    applied = _load_applied(tx, heirs_of(ruled))
    known = load_known(tx, ruled, [rule.when for each in ruled for rule in each.around.sequence.settings.exit_rules])
    touched: set[EnrollmentId] = set()
    for each in ruled:
        done = applied.get(each.enrollment.id, set())
        open_ones = (rule for rule in each.around.sequence.settings.exit_rules if rule.name not in done)
        answers = ((rule, ask(rule.when, known[each.enrollment.id])) for rule in open_ones)
        found = next(((rule, answer.seen) for rule, answer in answers if answer.holds), None)
        if found is None or (found[0].action == "branch" and each.enrollment.waiting_for in _UNDER_WAY):
            continue
        if _apply(tx, each, *found):
            touched.add(each.enrollment.id)
    return touched


def _apply(tx: Tx, each: Loaded, rule: ExitRule, seen: str) -> bool:
    """Carry a rule out; False when it leaves the enrollment where it stands."""
    steps = each.around.sequence.steps
    tx.record(
        ExitRuleApplied(
            contact_id=each.contact_id,
            enrollment_id=each.enrollment.id,
            rule=rule.name,
            action=rule.action,
            seen=f"{rule.when}: {seen}"[:1000],
            step_key=steps[each.enrollment.position].key,
            next_step=rule.to,
        )
    )
    if rule.action == "unenroll":
        return bool(stop_enrollments(tx, [each.enrollment.id], Stop("EXIT_RULE", rule.name)))
    if rule.action == "pause":
        return bool(pause_enrollments(tx, [each.enrollment.id], PauseKind.REVIEW, f"exit rule: {rule.name}"))
    return _go_to(tx, each, rule)


def _go_to(tx: Tx, each: Loaded, rule: ExitRule) -> bool:
    """Go on at the step of the rule, unless the enrollment has come further; its delay counts from now, and what is queued is dropped."""
    place = each.around.sequence.place_of(rule.to, each.enrollment.position)
    if place <= each.enrollment.position:
        return False
    take_back_queued(tx, [each.enrollment.id])
    save(tx, [(machine.go_to(each.enrollment, each.around, place, tx.now), each)])
    return True


def _load_applied(tx: Tx, heirs: Mapping[int, Sequence[EnrollmentId]]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for row in tx.all(
        """SELECT enrollment_id, data ->> 'rule' AS rule FROM events
           WHERE workspace_id = %(ws)s AND enrollment_id = ANY(%(ids)s) AND kind = 'exit_rule_applied'""",
        {"ids": list(heirs)},
    ):
        for heir in heirs[row["enrollment_id"]]:
            found.setdefault(heir, set()).add(row["rule"])
    return found
