"""Facts of the timeline in words (SEQ-175): one line each."""

from collections.abc import Mapping
from typing import Any

_SENTENCES = {
    "contact_enrolled": "Enrolled into {sequence}, version {version} ({entry_point}).",
    "enrollment_refused": "Not enrolled into {sequence}: {code}.",
    "email_sent": 'Step {step_key} sent: "{subject}"',
    "email_delayed": "Step {step_key} could not be delivered yet, next try {next_at}: {detail}",
    "email_failed": "Step {step_key} was refused for good ({reason}): {detail}",
    "email_undecided": "Step {step_key}: nobody can say whether this mail left. Decide with `segue undecided decide`.",
    "email_decided": "Step {step_key}: decided by hand: {choice}.",
    "acceptance_proven": "An undecided mail is proven to have been accepted.",
    "stop_met_message_in_flight": "A stop ({reason}) came while a mail was being handed over.",
    "reply_received": "Answered: {sender}.",
    "contact_wrote": "Wrote outside the sequence: {sender}.",
    "auto_reply_received": "Automatic answer ({auto_kind}){return_words}{instead_words}.",
    "invitation_accepted": "Accepted an invitation: {sender}.",
    "alias_learnt": "Answers from {address} too; mail from there counts as this contact's.",
    "alias_forgotten": "Mail from {address} no longer counts as this contact's.",
    "bounce_received": "Came back ({reason}): {detail}",
    "complaint_received": "Reported our mail as spam.",
    "unsubscribe_received": "Unsubscribed ({way}).",
    "address_suppressed": "{value} gets no mail any more: {reason}.",
    "task_created": "Task {task_id} made: {task_kind}, step {step_key}.",
    "task_resolved": "Task {task_id} {how}{outcome_words}.",
    "branch_taken": "At step {step_key} the answer is {way} ({seen}); next is {next_step}.",
    "exit_rule_applied": "The exit rule {rule} held ({seen}): {action}.",
    "version_applied": "Moved from version {before} to {after}; next is {step_after}.",
    "task_cancelled": "Task {task_id} was taken back.",
    "step_released": "Step {step_key} may begin.",
    "enrollment_ended": "{state_words}{reason_words}",
    "enrollment_paused": "Paused ({pause_kind}){until_words}{detail_words}",
    "enrollment_resumed": "Resumed.",
    "verdict_corrected": "Corrected by hand: the mail behind {reason} was misread; open again.",
    "start_undone": "Taken back within the undo time ({sequence}).",
    "step_edited": "Step {step_key} changed by hand: {what}.",
    "step_skipped": "Step {step_key} left out, as a person had said.",
    "enrollment_moved": "Moved by hand from step {from_step} to {to_step}.",
    "value_missing": "Step {step_key} waits for a value: {names}.",
    "waits_long": "Has been waiting for more than a day ({waiting_for}){detail_words}",
    "task_reassigned": "Task {task_id} passed from {before} to {after}.",
    "email_opened": 'Opened "{subject}"{verdict_words}.',
    "link_clicked": 'Clicked {url} in "{subject}"{verdict_words}.',
    "machines_seen": 'Machines opened or clicked in "{subject}" {count} times; not counted.',
    "mailbox_state_changed": "The mailbox is {state}: {detail}",
    "instance_confirmed": "This database was confirmed as this installation's own.",
    "notice_given": "{said}",
    "breaker_changed": "The breaker of a {of} is {state}{detail_words}",
    "hand_mail_sent": "The rep wrote by hand{thread_words}.",
    "mail_quarantined": "A mail could not be read and was set aside: {error}.",
}


def tell(kind: str, data: Mapping[str, Any]) -> str:
    """Return a fact as a sentence; its bare name where none is known."""
    values = _Values(data)
    return " ".join(_SENTENCES.get(kind, kind.replace("_", " ").capitalize()).format_map(values).rstrip(": ").split())


class _Values(dict[str, Any]):
    """The values of a fact, and parts of sentences made of them."""

    def __missing__(self, name: str) -> str:
        value = {
            "return_words": f", back on {self.get('return_date')}" if self.get("return_date") else "",
            "instead_words": f"; named instead: {self.get('successor')}" if self.get("successor") else "",
            "outcome_words": f": {self.get('outcome')}" if self.get("outcome") else "",
            "state_words": str(self.get("state", "")).capitalize(),
            "reason_words": f": {self.get('reason')}{self._detail()}" if self.get("reason") else self._detail(),
            "until_words": f" until {str(self.get('resume_at'))[:16].replace('T', ' ')} UTC" if self.get("resume_at") else "",
            "thread_words": " in the sequence's thread" if self.get("in_thread") else "",
            "detail_words": self._detail(),
            "verdict_words": self._verdict(),
        }
        return value.get(name, "–")

    def _verdict(self) -> str:
        """Say what is thought of an open or click (SCI-41); opens are never quite certain (SEQ-182)."""
        why = f" ({', '.join(self.get('reasons') or ())})".replace("_", " ") if self.get("reasons") else ""
        if self.get("verdict") != "human":
            return f", by a machine{why}"
        return "" if self.get("final") else " (still being checked)"

    def _detail(self) -> str:
        return f": {self.get('detail')}" if self.get("detail") else ""
