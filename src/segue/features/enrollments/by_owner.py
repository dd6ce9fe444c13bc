"""Enrolling with each contact's owner as sender (sequences.md §4.2): who has none is refused, the others go from their owner's mailbox."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from segue.db.tx import Database, Tx
from segue.domain.errors import Refused
from segue.domain.events import EnrollmentRefused
from segue.domain.ids import MailboxId, UserId, WorkspaceId
from segue.features.enrollments.admission import EnrollReport, EnrollRequest, RefusedContact
from segue.features.enrollments.enroll import enroll, without_doubles
from segue.features.enrollments.refusals import MESSAGES
from segue.features.enrollments.spread import Starts

OF_SENDER = frozenset(
    {"SENDER_NO_SEAT", "SEQUENCE_NOT_SHARED", "SENDER_NO_MAILBOX", "SENDER_MISMATCH", "MAILBOX_DISCONNECTED", "WORKSPACE_STOPPED"}
)
"""Refusals that concern one owner's contacts and leave the others alone."""


@dataclass(frozen=True, slots=True)
class OwnerMailbox:
    """From where a contact's mail goes. `mailbox_id` None: its owner has connected none; `user_id` None: it has no owner."""

    email: str
    user_id: UserId | None = None
    owner: str = ""
    mailbox_id: MailboxId | None = None


def find_owner_mailboxes(tx: Tx, contacts: Sequence[int]) -> dict[int, OwnerMailbox]:
    """Return for each contact its owner and the mailbox that this user connected first."""
    rows = tx.all(
        """SELECT c.id, c.email, u.id AS user_id, COALESCE(u.email, '') AS owner,
               (SELECT min(b.id) FROM mailboxes AS b WHERE b.workspace_id = %(ws)s AND b.user_id = u.id) AS mailbox_id
           FROM contacts AS c
           LEFT JOIN users AS u ON u.workspace_id = %(ws)s AND u.email = lower(c.properties ->> 'owner') AND u.deleted_at IS NULL
           WHERE c.workspace_id = %(ws)s AND c.id = ANY(%(ids)s)""",
        {"ids": list(contacts)},
    )
    return {row["id"]: OwnerMailbox(row["email"], row["user_id"], row["owner"], row["mailbox_id"]) for row in rows}


def enroll_for_owners(
    db: Database,
    workspace_id: WorkspaceId,
    asked: tuple[EnrollRequest, Sequence[Starts]],
    contacts: Sequence[int],
    progress: Callable[[int], None] = lambda _: None,
) -> EnrollReport:
    """Enroll contacts in their order, each share with its start and from its owner's mailbox. What concerns one owner refuses only their
    contacts; whoever asks without being a user enrolls in the owner's name. Raises as `enroll` does."""
    request, starts = asked
    whole, done = EnrollReport(), 0
    request = replace(request, many=request.many or len(contacts) > 1, as_owner=True)
    chosen = without_doubles(db, workspace_id, contacts, whole)
    with db.tx(workspace_id, actor=request.told_as) as tx:
        owners = find_owner_mailboxes(tx, chosen)
        whole.refused += _without_sender(tx, request, owners)
    for start in starts:
        groups: dict[MailboxId, list[int]] = {}
        for contact in chosen[done : done + start.count]:
            owner = owners.get(contact)
            if owner is not None and owner.mailbox_id is not None:
                groups.setdefault(owner.mailbox_id, []).append(contact)
        done += start.count
        for mailbox, theirs in groups.items():
            owner = owners[theirs[0]]
            assert owner.user_id is not None
            whole.add(
                _enroll_of(db, workspace_id, replace(_from(request, owner.user_id, mailbox), start_at=start.at), (theirs, owners), progress)
            )
    whole.refused += [RefusedContact("", "CONTACT_NOT_FOUND", MESSAGES["CONTACT_NOT_FOUND"]) for each in chosen if each not in owners]
    return whole


def _from(request: EnrollRequest, owner: UserId, mailbox: MailboxId) -> EnrollRequest:
    return replace(request, mailbox_id=mailbox, named_sender=owner, enroller_user_id=request.actor.user_id or owner)


def _enroll_of(
    db: Database,
    workspace_id: WorkspaceId,
    request: EnrollRequest,
    chosen: tuple[Sequence[int], Mapping[int, OwnerMailbox]],
    progress: Callable[[int], None],
) -> EnrollReport:
    theirs, owners = chosen
    try:
        return enroll(db, workspace_id, request, theirs, progress)
    except Refused as refused:
        if refused.code not in OF_SENDER:
            raise
        return EnrollReport(refused=[RefusedContact(owners[each].email, refused.code, refused.message, refused.also) for each in theirs])


def _without_sender(tx: Tx, request: EnrollRequest, owners: Mapping[int, OwnerMailbox]) -> list[RefusedContact]:
    sequence = tx.one("SELECT name FROM sequences WHERE workspace_id = %(ws)s AND id = %(id)s", {"id": request.sequence_id})
    found = []
    for contact, owner in owners.items():
        if owner.mailbox_id is not None:
            continue
        code = "SENDER_MISSING" if owner.user_id is None else "SENDER_NO_MAILBOX"
        found.append(RefusedContact(owner.email, code, MESSAGES[code].format(sender=owner.owner)))
        if not request.dry_run:
            tx.record(EnrollmentRefused(contact_id=contact, code=code, sequence=sequence["name"] if sequence else ""))
    return found
