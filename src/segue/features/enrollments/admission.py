"""What concerns all contacts of an enrolling alike: the request, whether it can be begun at all (SEQ-62), what its texts need."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from segue.db.locks import LockKind
from segue.db.tx import Tx
from segue.domain.edit_rules import check_edit
from segue.domain.edits import NO_EDIT, NOTHING_OWN, OwnSettings, StepEdit, edited, with_own
from segue.domain.errors import Invalid, Refused
from segue.domain.ids import MailboxId, SequenceId, StepKey, UserId
from segue.domain.permissions import OPERATOR, Actor, Permission, Reach, holds_seat
from segue.domain.sequence import EmailSettings, FinishSettings
from segue.domain.sequence import Sequence as SequenceContent
from segue.domain.sequence_order import reached_from
from segue.domain.tokens import TokenUse, tokens_used
from segue.features.enrollments.forecast import Start
from segue.features.enrollments.pauses import find_pause
from segue.features.enrollments.refusals import MESSAGES
from segue.features.enrollments.store import DAY_COLUMNS, load_versions
from segue.features.workspaces.queries import get_user_row
from segue.features.workspaces.service import check_timezone
from segue.features.workspaces.users import is_seated

START_AHEAD = timedelta(days=90)
"""How far ahead a start may lie (SEQ-62)."""


WARNED_SHOWN = 20
"""Contacts named with a warning; the others are counted."""


class OverLimit(StrEnum):
    """Wait in line, or be refused with SEND_LIMIT_REACHED (SEQ-96)."""

    QUEUE = "queue"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class EnrollRequest:
    """Who is to be enrolled into what, by whom and from which mailbox. `start_position` counts from 0."""

    sequence_id: SequenceId
    mailbox_id: MailboxId
    enroller_user_id: UserId
    start_position: int = 0
    start_at: datetime | None = None
    entry_point: str = "cli"
    actor: Actor = OPERATOR
    """Who asks, and is asked for their rights; the operator may everything."""
    named_sender: UserId | None = None
    """The user who is to send; None: whoever the mailbox belongs to."""
    as_owner: bool = False
    """The sender was chosen because the contact is theirs: then anybody who may write to it may send from there (sequences.md §4.2)."""
    many: bool = False
    """Part of a selection of more than one contact, which needs a permission of its own (SEQ-3)."""
    warn: bool = False
    """Look also for what bars nobody and is worth a word (SEQ-60)."""
    dry_run: bool = False
    override_cool_off: bool = False
    """A person's decision against the cool-off time (SEQ-140)."""
    over_limit: OverLimit = OverLimit.QUEUE
    """What becomes of first emails for which the mailbox has no room within 24 hours (SEQ-96)."""
    fill: Mapping[str, str] = field(default_factory=dict)
    """Placeholders, without `placeholder.` (SEQ-21)."""
    edits: Mapping[StepKey, StepEdit] = field(default_factory=dict)
    """Texts and delays in place of the version's, by step (SEQ-57, SEQ-66)."""
    own: OwnSettings = NOTHING_OWN
    """Window, days and held first email in place of the sequence's."""
    timezone: str = ""
    """The zone in place of the one that the sequence would choose (SEQ-70)."""
    undo: timedelta = timedelta(0)
    """How long a first email that a person starts now is held and can be taken back (SEQ-59); API and automation have none."""

    @property
    def start(self) -> Start:
        """Return the start that the forecast is asked about."""
        return Start(self.sequence_id, self.mailbox_id, self.enroller_user_id, self.start_position, self.start_at)

    @property
    def told_as(self) -> str:
        """Return what stands on the timeline as the one who enrolled."""
        return f"{self.entry_point} as {self.actor.email}" if self.actor.email else self.entry_point


@dataclass(frozen=True, slots=True)
class RefusedContact:
    """One contact that was not enrolled. `also`: the codes and sentences of all further hits (SEQ-62)."""

    email: str
    code: str
    message: str
    also: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Warned:
    """How many of the contacts who are enrolled a warning concerns, and the first few of them."""

    code: str
    message: str
    count: int
    emails: tuple[str, ...]


@dataclass(slots=True)
class EnrollReport:
    """What enrolling did, or with `dry_run` would do. `paused`: a sentence where the enrollments begin paused (SEQ-123)."""

    enrolled: int = 0
    paused: str = ""
    refused: list[RefusedContact] = field(default_factory=list)
    last_first_on: date | None = None
    """The day on which the last first email goes out, where that is a later one than today's (SEQ-95)."""
    warnings: list[Warned] = field(default_factory=list)
    """What bars nobody and is worth a word (SEQ-60), where the request asks for it."""
    without_consent: int = 0
    """Contacts among the enrolled from whose country a policy wants a consent that is not recorded, but only warns."""

    def add(self, other: "EnrollReport") -> None:
        """Count another part of the same selection in."""
        self.enrolled += other.enrolled
        self.refused += other.refused
        self.paused = other.paused or self.paused
        self.last_first_on = max(filter(None, (self.last_first_on, other.last_first_on)), default=None)
        self.without_consent += other.without_consent
        self.warn(other.warnings)

    def warn(self, more: Iterable[Warned]) -> None:
        """Count warnings in."""
        both = {each.code: each for each in self.warnings}
        for each in more:
            had = both.get(each.code, Warned(each.code, each.message, 0, ()))
            both[each.code] = Warned(each.code, each.message, had.count + each.count, (had.emails + each.emails)[:WARNED_SHOWN])
        self.warnings = list(both.values())


@dataclass(frozen=True, slots=True)
class Beginning:
    """Everything about a request that is the same for all its contacts."""

    request: EnrollRequest
    version: int
    content: SequenceContent
    sender: dict[str, Any]
    required: tuple[str, ...]
    pause: dict[str, Any] | None
    """The pause under which these enrollments begin (SEQ-123)."""


def admit(tx: Tx, request: EnrollRequest) -> Beginning:
    """Check what concerns all contacts alike, in the order of SEQ-62.

    Raises:
        Refused: with the first hit; the others stand in `also`.
        Invalid: what is to be different for these contacts cannot be.
    """
    tx.share_lock(LockKind.WORKSPACE, tx.workspace_id)
    tx.share_lock(LockKind.SEQUENCE, request.sequence_id)  # before it is read: nobody is enrolled into what is being deleted (SEQ-136)
    sequence = tx.one(
        """SELECT status, version, owner_user_id, sharing, shared_with, shared_teams FROM sequences
           WHERE workspace_id = %(ws)s AND id = %(id)s""",
        {"id": request.sequence_id},
    )
    sender = tx.one(SENDER, {"id": request.mailbox_id, "enroller": request.enroller_user_id})
    key = (request.sequence_id, sequence["version"]) if sequence else None
    content = with_own(load_versions(tx, {key})[key], request.own) if key else None
    may = request.actor.may(Permission.USE) and (not request.many or request.actor.may(Permission.BULK_ENROLL))
    hits: list[tuple[str, dict[str, Any]]] = [] if may else [("NOT_ALLOWED", {})]
    if sequence is not None and not is_in_sight(sequence, request.actor):
        sequence = content = None  # what the actor may not see looks as what is not there
    hits += [hit for hit in _refusals(tx, request, sequence, sender, content) if hit not in hits]
    if hits:
        code, words = hits[0]
        hint = "Fill it in: --fill NAME=VALUE" if code == "UNFILLED_PLACEHOLDER" else ""
        also = tuple((other, MESSAGES[other].format_map(more)) for other, more in hits[1:])
        raise Refused(MESSAGES[code].format_map(words), code=code, hint=hint, also=also)
    assert sequence is not None
    assert sender is not None
    assert content is not None
    check_own(request, content)
    pause = find_pause(tx, request.sequence_id, request.enroller_user_id)
    return Beginning(request, sequence["version"], content, sender, _required_properties(content, request), pause)


def check_own(request: EnrollRequest, content: SequenceContent) -> None:
    """Raises Invalid where what is to be different for these contacts cannot be."""
    request.own.check()
    if request.timezone:
        check_timezone(request.timezone)
    for key, edit in request.edits.items():
        place = content.position_of(key)
        if place is None:
            raise Invalid(
                f"This sequence has no step {key!r}.", hint=f"Its steps: {', '.join(step.key for step in content.steps)}.", field="step"
            )
        check_edit(content.steps[place], edit)


def _refusals(
    tx: Tx, request: EnrollRequest, sequence: dict[str, Any] | None, sender: dict[str, Any] | None, content: SequenceContent | None
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every code that hits, with the values of its sentence, in the order of the table of SEQ-62."""
    another = sender is not None and sender["user_id"] != request.enroller_user_id  # else the sender's own code tells it
    if sender and another and not holds_seat(role=sender["enroller_role"], seat=sender["enroller_seat"], active=sender["enroller_active"]):
        yield "NOT_ALLOWED", {}
    if sequence is None:
        yield "SEQUENCE_NOT_FOUND", {}
    elif sequence["status"] != "active":
        yield "SEQUENCE_NOT_ACTIVE", {}
    if sender is None:
        yield "SENDER_NO_MAILBOX", {"sender": "The sender"}
    else:
        if not is_seated(sender):
            yield "SENDER_NO_SEAT", {"sender": sender["email"]}
        if sequence is not None and not is_visible(sequence, sender["user_id"], sender["team"]):
            yield "SEQUENCE_NOT_SHARED", {"sender": sender["email"]}
        named, actor = request.named_sender, request.actor
        if named is not None and named != sender["user_id"]:
            yield "SENDER_MISMATCH", {"user": get_user_row(tx, named)["email"], "address": sender["address"]}
        elif not request.as_owner and not actor.may_manage(sender["user_id"], sender["team"]):
            yield "SENDER_MISMATCH", {"user": actor.email, "address": sender["address"]}
        if sender["state"] == "sign_in":
            yield "MAILBOX_DISCONNECTED", {"mailbox": sender["address"]}
    if content is not None:
        steps = content.steps
        if not 0 <= request.start_position < len(steps) or isinstance(steps[request.start_position].settings, FinishSettings):
            yield "START_STEP_INVALID", {}
    if request.start_at is not None and not tx.now <= request.start_at <= tx.now + START_AHEAD:
        yield "START_TIME_INVALID", {}
    unfilled = find_unfilled(content, request) if content is not None else None
    if unfilled:
        yield "UNFILLED_PLACEHOLDER", {"step": unfilled[0], "name": unfilled[1]}
    if sender and sender["stopped_at"] is not None:
        yield "WORKSPACE_STOPPED", {}


def is_visible(sequence: dict[str, Any], user_id: int, team: str) -> bool:
    """Say whether a user may use the sequence: the sender must, not only who clicks (SEQ-8, SEQ-9)."""
    chosen = sequence["sharing"] == "chosen" and (user_id in sequence["shared_with"] or (team != "" and team in sequence["shared_teams"]))
    return sequence["sharing"] == "everyone" or user_id == sequence["owner_user_id"] or chosen


def is_in_sight(sequence: dict[str, Any], actor: Actor) -> bool:
    """Say whether the actor sees the sequence at all; who may edit any sequence sees every one."""
    if actor.user_id is None or actor.reach(Permission.EDIT_ANY) is Reach.ALL:
        return True
    return is_visible(sequence, actor.user_id, actor.team)


def pause_sentence(pause: dict[str, Any] | None) -> str:
    """Say that enrollments begin paused, and under which pause (SEQ-123); empty where there is none."""
    if pause is None:
        return ""
    what = f'The sequence "{pause["sequence"]}"' if pause["sequence"] else "Every sequence"
    whose = f" of {pause['user']}" if pause["user"] else ""
    until = f" until {pause['until']}" if pause["until"] else ""
    return f"{what}{whose} is paused{until}: these enrollments begin paused."


def _required_properties(content: SequenceContent, request: EnrollRequest) -> tuple[str, ...]:
    """Return what the emails ahead cannot do without: contact properties by name, `company.…` for its record (SEQ-19, SEQ-20)."""
    names: dict[str, None] = {}
    for _, use in _tokens_ahead(content, request):
        head, _, name = use.name.partition(".")
        if head == "contact" and name != "email":
            names[name] = None
        elif head == "company":
            names[use.name] = None
    return tuple(names)


def find_unfilled(content: SequenceContent, request: EnrollRequest) -> tuple[str, str] | None:
    """Return an email ahead and a placeholder in it that nobody has filled in (SEQ-21)."""
    for key, use in _tokens_ahead(content, request):
        head, _, name = use.name.partition(".")
        if head == "placeholder" and not request.fill.get(name):
            return key, use.name
    return None


def _tokens_ahead(content: SequenceContent, request: EnrollRequest) -> Iterator[tuple[str, TokenUse]]:
    """Yield the tokens without fallback of the emails from a step on, all their variants included, with what is edited in them."""
    start = request.start_position
    if start >= len(content.steps):
        return  # told as START_STEP_INVALID
    for place in sorted(reached_from(content, max(0, start))):
        step = content.steps[place]
        for variant in step.contents:
            settings = edited(replace(step, settings=variant.settings), request.edits.get(step.key, NO_EDIT)).settings
            if variant.active and isinstance(settings, EmailSettings):
                for use in tokens_used(f"{settings.subject}\n{settings.body}"):
                    if not use.has_fallback:
                        yield step.key, use


SENDER = f"""
    SELECT b.address, b.state, b.user_id, u.email, u.active, u.seat, u.role, u.team, u.timezone AS user_timezone,
        a.timezone AS assignee_timezone, a.active AS enroller_active, a.seat AS enroller_seat, a.role AS enroller_role,
        COALESCE(w.sending_stopped_at, u.sending_stopped_at) AS stopped_at, {DAY_COLUMNS}, w.settings AS workspace_settings
    FROM mailboxes AS b JOIN users AS u ON u.workspace_id = b.workspace_id AND u.id = b.user_id
    JOIN users AS a ON a.workspace_id = b.workspace_id AND a.id = %(enroller)s
    JOIN workspaces AS w ON w.workspace_id = b.workspace_id
    WHERE b.workspace_id = %(ws)s AND b.id = %(id)s
"""
