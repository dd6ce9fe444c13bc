"""The API of enrollments: enroll, look, pause, go on, unenroll, change what is ahead of one contact."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from segue.db.tx import Tx
from segue.domain.durations import read_duration
from segue.domain.edits import StepEdit
from segue.domain.errors import Conflict, Invalid, NotFound, Refused
from segue.domain.ids import MailboxId, SequenceId, StepKey, UserId
from segue.domain.permissions import Actor, Permission
from segue.domain.sequence import MAX_DELAY
from segue.domain.stop_rules import Stop
from segue.features.contacts.lists import find_by_addresses
from segue.features.enrollments import schemas
from segue.features.enrollments.admission import EnrollReport, EnrollRequest, RefusedContact
from segue.features.enrollments.bulk import NewJob, create_job, get_job, list_jobs
from segue.features.enrollments.edit import Change, edit_step, move_to_step, send_now
from segue.features.enrollments.enroll import enroll_in
from segue.features.enrollments.lists import get_enrollment, list_page
from segue.features.enrollments.preview import preview
from segue.features.enrollments.react import pause_enrollments, resume_enrollments, stop_enrollments
from segue.features.enrollments.refusals import MESSAGES
from segue.features.enrollments.rights import require_to_hold, require_to_manage_all
from segue.features.enrollments.told import told_plan
from segue.features.enrollments.transfer import change_sender
from segue.features.sequences.lifecycle import get_content
from segue.features.sequences.queries import get_visible
from segue.http.asking import Asked, asks
from segue.http.models import Id, Page
from segue.http.paging import PagingDep

AT_ONCE = 100
"""SEQ-65: more contacts than these run as a job."""
CONFIRM_FROM = 1_000
PREVIEW_MOST = 20

router = APIRouter(prefix="/api/v1/enrollments", tags=["enrollments"])
jobs_router = APIRouter(prefix="/api/v1/jobs", tags=["jobs"])

Reads = Annotated[Asked, asks("enrollments:read")]
Looks = Annotated[Asked, asks("enrollments:read", Permission.USE)]
Enrolls = Annotated[Asked, asks("enrollments:write", Permission.USE)]
Holds = Annotated[Asked, asks("enrollments:write", Permission.USE, Permission.COMMUNICATE, Permission.MANAGE_ANY)]
EnrollerId = Annotated[Id | None, Query(description="Who enrolled.")]


@router.get("", operation_id="list_enrollments")
def list_all(
    asked: Reads,
    paging: PagingDep,
    contact_id: Id | None = None,
    sequence_id: Id | None = None,
    state: schemas.EnrollmentState | None = None,
    enroller_user_id: EnrollerId = None,
) -> Page[schemas.EnrollmentOut]:
    """List enrollments, past and present. Of a sequence that is not shared with you the name is not told (SEQ-10)."""
    wanted = {"contact": contact_id, "sequence": sequence_id, "state": state, "enroller": enroller_user_id}
    with asked.tx() as tx:
        rows = list_page(tx, asked.actor, wanted, after=paging.after("enrollments"), most=paging.one_more)
    return Page[schemas.EnrollmentOut].model_validate(paging.page(rows, "enrollments"))


@router.post("", operation_id="enroll_contacts", response_model=schemas.Enrolled)
def enroll(asked: Enrolls, body: schemas.NewEnrollments) -> Response:
    """Enroll up to 100 contacts at once. Who may not be enrolled is told with a code of SEQ-62 and stops no other; again is a no-op."""

    def act(tx: Tx) -> schemas.Enrolled:
        contacts, unknown = select(tx, body)
        if len(contacts) + len(unknown) > AT_ONCE:
            raise Invalid(f"More than {AT_ONCE} contacts run as a job.", hint="POST /api/v1/enrollments/bulk", field="contacts")
        request = make_request(tx, asked.actor, body, many=len(contacts) + len(unknown) > 1)
        report = EnrollReport(refused=unknown)
        enroll_in(tx, replace(request, dry_run=body.dry_run), contacts, report)
        return _enrolled(tx, request, contacts, report)

    return asked.once(act)


@router.post("/preview", operation_id="preview_enrollment")
def look_ahead(asked: Looks, body: schemas.EnrollIn) -> schemas.Preview:
    """Say who would be enrolled and who not, and for the first of them what would go when, with its text (SEQ-49)."""
    with asked.tx() as tx:
        contacts, unknown = select(tx, body)
        request = replace(make_request(tx, asked.actor, body, many=len(contacts) + len(unknown) > 1), dry_run=True)
        report = EnrollReport(refused=unknown)
        enroll_in(tx, request, contacts, report)
        planned = preview(tx, request, contacts[:PREVIEW_MOST], without={each.email for each in report.refused})
        return schemas.Preview(would=_enrolled(tx, request, [], report), plan=told_plan(planned))


@router.post("/bulk", operation_id="enroll_in_bulk", status_code=202, response_model=schemas.JobOut)
def enroll_many(asked: Enrolls, body: schemas.BulkIn) -> Response:
    """Enroll up to 10,000 contacts as a job; its progress is at /api/v1/jobs. Enrolling the same again is a no-op (SEQ-65)."""

    def act(tx: Tx) -> schemas.JobOut:
        if not asked.actor.may(Permission.BULK_ENROLL):
            raise Refused(MESSAGES["NOT_ALLOWED"], code="NOT_ALLOWED")
        contacts, unknown = select(tx, body)
        if len(contacts) > CONFIRM_FROM and not body.confirm:
            raise Conflict(f"{len(contacts):,} contacts would be enrolled.", hint="Say so with `confirm`.", code="confirm_needed")
        request = make_request(tx, asked.actor, body, many=True)
        enroll_in(tx, replace(request, dry_run=True), [], EnrollReport())  # what bars everybody is told at once
        job = create_job(tx, NewJob(request, contacts, unknown))
        tx.after_commit(asked.request.app.state.wake_jobs)
        return schemas.JobOut.model_validate(get_job(tx, asked.actor, job))

    return asked.once(act, status=202, location="/api/v1/jobs/{id}")


@router.get("/{enrollment_id}", operation_id="get_enrollment")
def get(asked: Reads, enrollment_id: Id) -> schemas.EnrollmentOut:
    """Return an enrollment."""
    with asked.tx() as tx:
        return schemas.EnrollmentOut.model_validate(get_enrollment(tx, asked.actor, enrollment_id))


@router.post("/{enrollment_id}/pause", operation_id="pause_enrollment", response_model=schemas.EnrollmentOut)
def pause(asked: Holds, enrollment_id: Id, body: schemas.PauseIn) -> Response:
    """Pause an enrollment; a mail that is being handed over is finished first (S3). Waiting time is not used up."""
    return _change(asked, enrollment_id, lambda tx: pause_enrollments(tx, [enrollment_id], until=body.until))


@router.post("/{enrollment_id}/resume", operation_id="resume_enrollment", response_model=schemas.EnrollmentOut)
def resume(asked: Holds, enrollment_id: Id) -> Response:
    """Let an enrollment go on, whatever held it; what was left of a delay is still waited for."""
    return _change(asked, enrollment_id, lambda tx: resume_enrollments(tx, [enrollment_id]), manage=True)


@router.post("/{enrollment_id}/unenroll", operation_id="unenroll_contact", response_model=schemas.EnrollmentOut)
def unenroll(asked: Holds, enrollment_id: Id, body: schemas.UnenrollIn) -> Response:
    """End an enrollment: nothing more is sent (SEQ-171). One that is over stays as it ended."""
    return _change(asked, enrollment_id, lambda tx: stop_enrollments(tx, [enrollment_id], Stop("MANUAL", body.note)))


@router.patch("/{enrollment_id}/steps", operation_id="edit_enrollment_step", response_model=schemas.EnrollmentOut)
def edit(asked: Holds, enrollment_id: Id, body: schemas.StepChange) -> Response:
    """Change a coming step for this contact alone: text, delay, time, left out or not (SEQ-57, SEQ-58)."""
    change = Change(body.subject, body.body, _delay(body.delay) if body.delay else None, body.at, body.skipped)
    if not change.named:
        raise Invalid("What to change is not said.", hint="Give subject, body, delay, at or skipped.")

    def act(tx: Tx) -> object:
        return edit_step(tx, enrollment_id, StepKey(body.step or _waiting_step(tx, asked.actor, enrollment_id)), change)

    return _change(asked, enrollment_id, act, manage=True)


@router.post("/{enrollment_id}/move", operation_id="move_enrollment", response_model=schemas.EnrollmentOut)
def move(asked: Holds, enrollment_id: Id, body: schemas.MoveIn) -> Response:
    """Go on with another step; steps passed over count as skipped."""
    return _change(asked, enrollment_id, lambda tx: move_to_step(tx, enrollment_id, StepKey(body.step), repeat=body.repeat), manage=True)


@router.post("/{enrollment_id}/send-now", operation_id="send_enrollment_now", response_model=schemas.EnrollmentOut)
def hurry(asked: Holds, enrollment_id: Id) -> Response:
    """Let the step that waits go now, without the rest of its delay; a follow-up still keeps to its hours (S5)."""
    return _change(asked, enrollment_id, lambda tx: send_now(tx, enrollment_id), manage=True)


@router.post("/{enrollment_id}/sender", operation_id="change_enrollment_sender", response_model=schemas.Changed)
def send_from(asked: Holds, enrollment_id: Id, body: schemas.SenderIn) -> Response:
    """Go on from another mailbox at the step that waits (SEQ-12): this enrollment ends, and another takes its place."""

    def act(tx: Tx) -> schemas.Changed:
        get_enrollment(tx, asked.actor, enrollment_id)
        require_to_manage_all(tx, asked.actor, [enrollment_id])
        _mailbox(tx, asked.actor, body.mailbox_id)
        done = change_sender(tx, [enrollment_id], MailboxId(body.mailbox_id))
        return schemas.Changed(changed=done.moved)

    return asked.once(act)


@jobs_router.get("", operation_id="list_jobs")
def list_all_jobs(asked: Reads, paging: PagingDep) -> Page[schemas.JobOut]:
    """List your jobs; an admin sees everybody's."""
    with asked.tx() as tx:
        rows = list_jobs(tx, asked.actor, after=paging.after("jobs"), most=paging.one_more)
    return Page[schemas.JobOut].model_validate(paging.page(rows, "jobs"))


@jobs_router.get("/{job_id}", operation_id="get_job")
def get_one_job(asked: Reads, job_id: Id) -> schemas.JobDetail:
    """Return a job: how far it is, and whom it refused so far."""
    with asked.tx() as tx:
        return schemas.JobDetail.model_validate(get_job(tx, asked.actor, job_id))


def select(tx: Tx, body: schemas.EnrollIn) -> tuple[list[int], list[RefusedContact]]:
    """Return the contacts that are meant, each once, and who is refused already: unknown or named twice (SEQ-62)."""
    found, unknown = find_by_addresses(tx, body.emails) if body.emails else ([], [])
    named = [*body.contacts, *found]
    once = list(dict.fromkeys(named))
    refused = [RefusedContact(each, "CONTACT_NOT_FOUND", MESSAGES["CONTACT_NOT_FOUND"]) for each in unknown]
    twice = "DUPLICATE_IN_SELECTION"
    return once, refused + [RefusedContact("", twice, MESSAGES[twice])] * (len(named) - len(once))


def make_request(tx: Tx, actor: Actor, body: schemas.EnrollIn, *, many: bool) -> EnrollRequest:
    """Return the request in the words of the engine. Raises Refused, NotFound."""
    position = 0
    if body.start_step is not None:
        row = get_visible(tx, actor, body.sequence_id)
        position = get_content(tx, body.sequence_id, row["version"]).place_of(StepKey(body.start_step), -1)
    assert actor.user_id is not None
    return EnrollRequest(
        SequenceId(body.sequence_id),
        MailboxId(body.mailbox_id if body.mailbox_id is not None else _own_mailbox(tx, actor)),
        UserId(actor.user_id),
        position,
        body.start_at,
        entry_point="api",
        actor=actor,
        many=many,
        override_cool_off=body.override_cool_off,
        over_limit=body.over_limit,
        fill={name.removeprefix("placeholder."): value for name, value in body.fill.items()},
        edits={StepKey(key): StepEdit(delay=_delay(text)) for key, text in body.delays.items()},
    )


def _own_mailbox(tx: Tx, actor: Actor) -> int:
    rows = tx.all("SELECT id, address FROM mailboxes WHERE workspace_id = %(ws)s AND user_id = %(me)s ORDER BY id", {"me": actor.user_id})
    if not rows:
        raise Refused(MESSAGES["SENDER_NO_MAILBOX"].format(sender=actor.email), code="SENDER_NO_MAILBOX")
    if len(rows) > 1:
        raise Invalid(f"You have {len(rows)} mailboxes.", hint="Say which with mailbox_id.", field="mailbox_id")
    return int(rows[0]["id"])


def _mailbox(tx: Tx, actor: Actor, mailbox_id: int) -> None:
    """Raises NotFound where there is none, or the actor may not send from it."""
    row = tx.one(
        """SELECT u.id, u.team FROM mailboxes AS b JOIN users AS u ON u.workspace_id = b.workspace_id AND u.id = b.user_id
           WHERE b.workspace_id = %(ws)s AND b.id = %(id)s""",
        {"id": mailbox_id},
    )
    if row is None or not actor.may_manage(row["id"], row["team"]):
        raise NotFound(f"There is no mailbox {mailbox_id} that you may send from.")


def _delay(text: str) -> timedelta:
    delay = read_duration(text)
    if delay > MAX_DELAY:
        raise Invalid("A delay has at most 365 days.", field="delay")
    return delay


def _waiting_step(tx: Tx, actor: Actor, enrollment_id: int) -> str:
    row = get_enrollment(tx, actor, enrollment_id)
    return str(get_content(tx, row["sequence_id"], row["version"]).steps[row["position"]].key)


def _change(asked: Asked, enrollment_id: int, act: Callable[[Tx], object], *, manage: bool = False) -> Response:
    """Change one enrollment for who may, and answer what it is then."""

    def whole(tx: Tx) -> schemas.EnrollmentOut:
        asked.expect(schemas.EnrollmentOut.model_validate(get_enrollment(tx, asked.actor, enrollment_id)))
        (require_to_manage_all if manage else require_to_hold)(tx, asked.actor, [enrollment_id])
        act(tx)
        return schemas.EnrollmentOut.model_validate(get_enrollment(tx, asked.actor, enrollment_id))

    return asked.once(whole)


def _enrolled(tx: Tx, request: EnrollRequest, contacts: Sequence[int], report: EnrollReport) -> schemas.Enrolled:
    rows = tx.all(
        """SELECT id FROM enrollments WHERE workspace_id = %(ws)s AND contact_id = ANY(%(ids)s) AND sequence_id = %(sequence)s
             AND enrolled_at = %(now)s ORDER BY id""",
        {"ids": list(contacts), "sequence": request.sequence_id, "now": tx.now},
    )
    return schemas.Enrolled(
        enrolled=report.enrolled,
        enrollment_ids=[row["id"] for row in rows],
        refused=[told_refusal(each) for each in report.refused],
        paused=report.paused,
        last_first_email_on=report.last_first_on,
        without_consent=report.without_consent,
    )


def told_refusal(each: RefusedContact) -> schemas.RefusedOut:
    """Return a refusal as it is answered."""
    also = [schemas.Code(code=code, message=message) for code, message in each.also]
    return schemas.RefusedOut(email=each.email, code=each.code, message=each.message, also=also)
