"""What must have happened when a simulated world has come to rest: nothing lost, nothing stuck, every cause with its one effect."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from world.checker import Truth
    from world.faults import Faults, Refusal
    from world.people import Cause, People
    from world.sim_database import WorldEye

FROM_MAIL = frozenset({"REPLIED", "CONTACT_EMAILED", "ALIAS_EMAILED", "BOUNCED", "ADDRESS_RETIRED", "SPAM_COMPLAINT", "OPTED_OUT"})
EFFECTS = frozenset({"reply_received", "contact_wrote", "auto_reply_received", "bounce_received", "complaint_received"})
SECOND = timedelta(seconds=1)
GIVEN_UP = timedelta(hours=48)


def judge(eye: "WorldEye", truth: "Truth", people: "People", faults: "Faults") -> list[str]:
    """Return every sentence that says what does not hold."""
    rows = eye.all("SELECT * FROM enrollments ORDER BY id")
    messages = eye.all("SELECT id, enrollment_id, step_key, generation, state, key, handed_at FROM messages ORDER BY id")
    return [
        *_at_an_end(rows, messages),
        *_nothing_lost(rows, messages, truth, people),
        *_reasons(rows, messages, truth, people, faults),
        *_one_end(eye, rows),
        *_judged_once(eye, rows, messages, people, truth),
        *_barred_rightly(eye, people, truth),
        *_counted_by_hand(eye, truth),
    ]


def _at_an_end(rows: list[dict[str, Any]], messages: list[dict[str, Any]]) -> Iterator[str]:
    for row in rows:
        if row["state"] in ("active", "paused"):
            mails = [f"{m['step_key']} {m['state']}" for m in messages if m["enrollment_id"] == row["id"]]
            yield f"L1: enrollment {row['id']} is still {row['state']}, waiting for {row['waiting_for']}, due {row['due_at']}; {mails}"
    for message in messages:
        if message["state"] in ("sending", "in_doubt", "queued", "unknown"):
            yield f"L2: {message['step_key']} of enrollment {message['enrollment_id']} is left {message['state']}"


def _nothing_lost(rows: list[dict[str, Any]], messages: list[dict[str, Any]], truth: "Truth", people: "People") -> Iterator[str]:
    """S2: a finished enrollment has had every email of its sequence accepted, once; and what is stored as sent was accepted."""
    accepted = {mail.key for mail in truth.accepted}
    had: dict[int, set[str]] = defaultdict(set)
    for message in messages:
        if message["key"] in accepted or truth.decided.get(message["key"]) == "skip":
            had[truth.first_of(message["enrollment_id"])].add(message["step_key"])
        if message["state"] == "sent" and message["key"] not in accepted:
            yield f"S2: {message['step_key']} of enrollment {message['enrollment_id']} counts as sent and never left"
        if message["state"] not in ("sent", "skipped") and message["key"] in accepted:
            yield f"S2: {message['step_key']} of enrollment {message['enrollment_id']} left and counts as {message['state']}"
    for row in rows:
        if row["state"] == "finished":
            steps = truth.plan(row["sequence_id"], row["version"]).way(people.known[address_of(row, truth)].country).steps
            for step in steps:
                if step.kind == "email" and step.key not in had[truth.first_of(row["id"])]:
                    yield f"S2: enrollment {row['id']} finished and {step.key} was never sent"


def _reasons(
    rows: list[dict[str, Any]], messages: list[dict[str, Any]], truth: "Truth", people: "People", faults: "Faults"
) -> Iterator[str]:
    """S13: no end without a cause of that kind before it."""
    enrollment_of = {message["key"]: message["enrollment_id"] for message in messages}
    refused = {enrollment_of.get(each.key) for each in faults.refusals if each.is_final or _lasted(each, faults)}
    replaced = set(truth.continued.values())
    for row in rows:
        reason, enrollment = row["reason"], row["id"]
        who = truth.group(address_of(row, truth))
        told = [c for c in people.causes if _may_end(c, reason) and c.contact in who and c.at <= row["ended_at"] + SECOND]
        for ended, known in (
            ("CONTACT_MERGED", len(who) > 1),
            ("CONTACT_DELETED", bool(who & truth.erased)),
            ("UNSUBSCRIBED", bool(who & truth.opted_out)),
            ("REPLACED", enrollment in replaced),
        ):
            if reason == ended and not known:
                yield f"S13: enrollment {enrollment} ended {ended} and nobody did it"
        if reason in FROM_MAIL and not told and not (reason == "BOUNCED" and enrollment in refused):
            yield f"S13: enrollment {enrollment} ended with {reason} and nothing of the kind happened"
        if reason == "MANUAL" and enrollment not in truth.stopped_by_hand:
            yield f"S13: enrollment {enrollment} ended MANUAL and nobody did it"
        if reason == "SUPPRESSED" and not who & (truth.suppressed_by_hand | truth.opted_out) and not _left_for_good(who, people):
            yield f"S13: enrollment {enrollment} ended SUPPRESSED and nobody suppressed it"
        if row["state"] == "failed" or reason in ("SEND_FAILED", "RENDER_FAILED", "SENDER_LOST"):
            yield f"S13: enrollment {enrollment} ended {row['state']} with {reason}: {row['reason_detail']}"


def _lasted(refusal: "Refusal", faults: "Faults") -> bool:
    """Passing refusals of one mail went on for two days."""
    return any(each.key == refusal.key and each.at - refusal.at >= GIVEN_UP for each in faults.refusals)


def _may_end(cause: "Cause", reason: str) -> bool:
    """A reply to the mail of an enrollment that has ended is other mail for the one that is open now (SEQ-150)."""
    return cause.ends == reason or (reason == "CONTACT_EMAILED" and cause.ends == "REPLIED")


def address_of(row: dict[str, Any], truth: "Truth") -> str:
    """Return to whom an enrollment wrote, also where the person was erased."""
    return truth.addresses.get(row["id"], row["address"])


def _left_for_good(who: set[str], people: "People") -> bool:
    """An opt-out, a bounce or a complaint suppresses the address: what else is open for it ends SUPPRESSED."""
    return any(people.known[each].temper in ("opts out in words", "bounces", "complains") for each in who)


def _one_end(eye: "WorldEye", rows: list[dict[str, Any]]) -> Iterator[str]:
    """SEQ-144: one end each."""
    ended = Counter(row["enrollment_id"] for row in eye.all("SELECT enrollment_id FROM events WHERE kind = 'enrollment_ended'"))
    for row in rows:
        if row["ended_at"] is not None and ended[row["id"]] != 1:
            yield f"S13: enrollment {row['id']} has {ended[row['id']]} ends on its timeline"


def _judged_once(
    eye: "WorldEye", rows: list[dict[str, Any]], messages: list[dict[str, Any]], people: "People", truth: "Truth"
) -> Iterator[str]:
    """S14: each mail was read, and had its effect on an enrollment once; at most once where it came when all was over."""
    over = {row["id"]: row["ended_at"] for row in rows}
    enrollment_of = {message["key"]: message["enrollment_id"] for message in messages}
    judged = eye.all("SELECT message_id, kind, rule FROM inbound_messages ORDER BY id")
    read = Counter(row["message_id"] for row in judged)
    verdicts = {row["message_id"]: f"{row['kind']} by {row['rule']}" for row in judged}
    effects = eye.all(
        """SELECT i.message_id, e.kind, e.enrollment_id, count(*) AS times FROM events AS e
           JOIN inbound_messages AS i ON i.id = (e.data ->> 'inbound_id')::bigint
           WHERE e.kind = ANY(%s) GROUP BY i.message_id, e.kind, e.enrollment_id""",
        (list(EFFECTS),),
    )
    for row in effects:
        if row["times"] != 1 and row["message_id"]:
            yield f"S14: {row['message_id']} made {row['times']} times {row['kind']}"
    known = {row["message_id"] for row in effects}
    for cause in people.causes:
        if cause.contact in truth.erased:
            continue  # nothing tells of it any more (S27)
        if not read[cause.inbound_id]:
            yield f"S14: {cause.inbound_id} ({cause.what}) was never read"
        elif _must_have_effect(cause) and over[enrollment_of[cause.key]] > cause.at and cause.inbound_id not in known:
            yield f"S14: {cause.inbound_id} ({cause.what}) was read as {verdicts[cause.inbound_id]} and had no effect"


PROVES = {"bounced": "bounces", "opted out by mail": "opts out in words", "complaint": "complains"}
"""Reason of a suppression from mail → whose mail proves it."""


def _one_spelling(email: str) -> str:
    """Write an address as everybody of the same mailbox: dots and tags mean nothing at gmail.com."""
    name, _, domain = email.lower().partition("@")
    return f"{name.partition('+')[0].replace('.', '')}@{domain}" if domain == "gmail.com" else f"{name}@{domain}"


def _barred_rightly(eye: "WorldEye", people: "People", truth: "Truth") -> Iterator[str]:
    """S15, S16: mail bars an address only where it proves what it says: a full box, a forged or traceless notice, a note of leaving do not."""
    known = {_one_spelling(email): person for email, person in people.known.items()}
    for row in eye.all("SELECT value, reason FROM suppressions WHERE kind = 'address' AND reason = ANY(%s)", (list(PROVES),)):
        person = known.get(row["value"])
        if person is None or person.temper != PROVES[row["reason"]]:
            yield f"S16: {row['value']} is barred ({row['reason']}) and is one who {person.temper if person else 'is nobody we know'}"
    for row in eye.all("SELECT value FROM suppressions WHERE kind = 'address' AND reason LIKE 'unsubscribed%%'"):
        if row["value"] not in {_one_spelling(each) for each in truth.opted_out}:
            yield f"S17: {row['value']} is opted out and never asked for it"


def _must_have_effect(cause: "Cause") -> bool:
    return cause.what == "away" or cause.ends in ("REPLIED", "BOUNCED", "ADDRESS_RETIRED")


def _counted_by_hand(eye: "WorldEye", truth: "Truth") -> Iterator[str]:
    """SEQ-93: what a rep wrote in the mail program counts once, and nothing that Segue sent does."""
    rows = eye.all(
        """SELECT b.address, count(h.sent_at) AS n FROM mailboxes AS b
           LEFT JOIN hand_sent_mails AS h ON h.workspace_id = b.workspace_id AND h.mailbox_id = b.id GROUP BY b.address"""
    )
    for row in rows:
        if row["n"] != truth.by_hand[row["address"]]:
            yield f"SEQ-93: {row['address']} wrote {truth.by_hand[row['address']]} mails by hand, {row['n']} are counted"
