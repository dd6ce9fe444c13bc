"""Enrolling of any number of contacts as a job (SEQ-65): step by step, each one transaction together with the progress that it makes.

A step holds the job's row, so that no two processes take the same one; a process that dies leaves the job as the last step left it, and the
next one goes on from there. Whoever asked is asked for their rights anew at each step.
"""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from segue.db.tx import Database, Tx
from segue.domain.contact_events import ContactErased
from segue.domain.edits import StepEdit, own_from_json
from segue.domain.errors import NotFound, Refused
from segue.domain.ids import MailboxId, SequenceId, StepKey, UserId, WorkspaceId
from segue.domain.permissions import Actor, Permission, Reach
from segue.features.contacts.erase import find_traces
from segue.features.enrollments.admission import EnrollReport, EnrollRequest, OverLimit, RefusedContact
from segue.features.enrollments.enroll import enroll_in
from segue.features.workspaces.queries import actor_of, get_user_row

log = logging.getLogger("segue.jobs")

STEP = 1_000
"""Contacts of one step: a second or less, after which progress is seen."""
TRIES_MOST = 5
"""Steps that may break off in a row before a job is given up."""
KEPT = timedelta(days=30)
"""How long a job can be looked at once it is over."""
OPEN = "state IN ('queued', 'running')"


@dataclass(frozen=True, slots=True)
class NewJob:
    """An enrolling that was asked for: the request, whom, and who was refused before it began."""

    request: EnrollRequest
    contacts: Sequence[int]
    refused: Sequence[RefusedContact] = ()


def create_job(tx: Tx, new: NewJob) -> int:
    """Write down what is to be done; returns the job's number."""
    request = new.request
    row = tx.one(
        """INSERT INTO jobs (workspace_id, user_id, kind, settings, subjects, refused, actor, created_at)
           VALUES (%(ws)s, %(user)s, 'enroll', %(settings)s, %(subjects)s, %(refused)s, %(actor)s, %(now)s) RETURNING id""",
        {
            "user": request.enroller_user_id,
            "settings": Jsonb(_settings(request)),
            "subjects": list(new.contacts),
            "refused": Jsonb([_plain(each) for each in new.refused]),
            "actor": tx.actor,
            "now": tx.now,
        },
    )
    assert row is not None
    tx.run(f"DELETE FROM jobs WHERE workspace_id = %(ws)s AND NOT {OPEN} AND ended_at < %(before)s", {"before": tx.now - KEPT})
    return int(row["id"])


def list_jobs(tx: Tx, actor: Actor, *, after: int = 0, most: int = 50) -> list[dict[str, Any]]:
    """Return the jobs that an actor may see, their own or for an admin all, in the order in which they were asked for."""
    return tx.all(
        f"""SELECT {COLUMNS} FROM jobs WHERE workspace_id = %(ws)s AND id > %(after)s AND (%(all)s OR user_id = %(me)s)
            ORDER BY id LIMIT %(most)s""",
        {"after": after, "most": most, **_seer(actor)},
    )


def get_job(tx: Tx, actor: Actor, job_id: int) -> dict[str, Any]:
    """Return a job with whom it refused. Raises NotFound."""
    row = tx.one(
        f"SELECT {COLUMNS}, refused FROM jobs WHERE workspace_id = %(ws)s AND id = %(id)s AND (%(all)s OR user_id = %(me)s)",
        {"id": job_id, **_seer(actor)},
    )
    if row is None:
        raise NotFound(f"There is no job {job_id}.")
    return row


def run_jobs(db: Database) -> None:
    """Carry out the jobs of every workspace of this installation until none is open. What breaks off is logged and tried again."""
    for workspace_id in db.own_workspace_ids():
        while run_step(db, workspace_id):
            pass


def run_step(db: Database, workspace_id: WorkspaceId) -> bool:
    """Do the next step of the oldest job that nobody else has in hand; False where there is none."""
    job_id = 0
    try:
        with db.tx(workspace_id) as tx:
            job = tx.one(f"SELECT * FROM jobs WHERE workspace_id = %(ws)s AND {OPEN} ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED", {})
            if job is None:
                return False
            job_id = job["id"]
            tx.actor = job["actor"]
            over = _step(tx, job)
    except Exception as error:  # the edge of a job: whatever it is, the others go on
        log.warning("a step of job %s broke off: %s", job_id, type(error).__name__, exc_info=error)
        with db.tx(workspace_id) as tx:
            tx.run(GIVE_UP, {"id": job_id, "most": TRIES_MOST, "now": tx.now})
        return False
    if over and len(job["subjects"]) >= STEP:
        db.refresh_statistics("enrollments", "contacts")
    return True


def _step(tx: Tx, job: dict[str, Any]) -> bool:
    """Enroll the next contacts and write down how far it is; True where that was the last step."""
    batch = job["subjects"][job["done"] : job["done"] + STEP]
    report = EnrollReport()
    try:
        enroll_in(tx, _request(tx, job), batch, report)
    except Refused as refused:  # nobody can be enrolled any more, and nothing was written
        tx.run(FAIL, {"id": job["id"], "detail": f"{refused.code}: {refused.message}", "now": tx.now})
        return True
    done = job["done"] + len(batch)
    over: bool = done >= len(job["subjects"])
    figures = dict(job["figures"])
    figures["enrolled"] = figures.get("enrolled", 0) + report.enrolled
    figures["without_consent"] = figures.get("without_consent", 0) + report.without_consent
    tx.run(
        SAVE,
        {
            "id": job["id"],
            "done": done,
            "state": "finished" if over else "running",
            "figures": Jsonb(figures),
            "refused": Jsonb([_plain(each) for each in report.refused]),
            "detail": report.paused,
            "now": tx.now,
            "ended": tx.now if over else None,
        },
    )
    return over


def _settings(request: EnrollRequest) -> dict[str, Any]:
    return {
        "sequence_id": request.sequence_id,
        "mailbox_id": request.mailbox_id,
        "start_position": request.start_position,
        "start_at": request.start_at.isoformat() if request.start_at else None,
        "override_cool_off": request.override_cool_off,
        "over_limit": request.over_limit.value,
        "fill": dict(request.fill),
        "edits": {str(key): _stored(edit) for key, edit in request.edits.items()},
        "own": request.own.to_json(),
        "timezone": request.timezone,
    }


def _request(tx: Tx, job: dict[str, Any]) -> EnrollRequest:
    told = job["settings"]
    start_at = datetime.fromisoformat(told["start_at"]) if told["start_at"] else None
    return EnrollRequest(
        SequenceId(told["sequence_id"]),
        MailboxId(told["mailbox_id"]),
        UserId(job["user_id"]),
        told["start_position"],
        max(start_at, tx.now) if start_at else None,
        entry_point="api",
        actor=actor_of(get_user_row(tx, job["user_id"])),
        many=True,
        override_cool_off=told["override_cool_off"],
        over_limit=OverLimit(told["over_limit"]),
        fill=told["fill"],
        edits={StepKey(key): _edit(*stored) for key, stored in told["edits"].items()},
        own=own_from_json(told["own"]),
        timezone=told["timezone"],
    )


def _stored(edit: StepEdit) -> list[str | float | None]:
    return [edit.subject, edit.body, None if edit.delay is None else edit.delay.total_seconds()]


def _edit(subject: str | None, body: str | None, delay: float | None) -> StepEdit:
    return StepEdit(subject, body, None if delay is None else timedelta(seconds=delay))


def _plain(refused: RefusedContact) -> dict[str, Any]:
    return {name: value for name, value in asdict(refused).items() if name != "also"}


def _seer(actor: Actor) -> dict[str, Any]:
    return {"me": actor.user_id, "all": actor.reach(Permission.MANAGE_ANY) is Reach.ALL}


def erase_jobs(tx: Tx, event: ContactErased) -> None:
    """Take the person out of what jobs say of whom they refused (S27)."""
    assert event.contact_id is not None
    tx.run(
        """UPDATE jobs AS j SET refused = (
             SELECT COALESCE(jsonb_agg(r.told ORDER BY r.place), '[]')
             FROM jsonb_array_elements(j.refused) WITH ORDINALITY AS r(told, place) WHERE lower(r.told ->> 'email') <> ALL(%(spellings)s))
           WHERE j.workspace_id = %(ws)s AND j.refused <> '[]'""",
        {"spellings": find_traces(tx, event.contact_id).spellings},
    )


COLUMNS = """id, kind, state, done, cardinality(subjects) AS total, (figures ->> 'enrolled')::int AS enrolled,
    jsonb_array_length(refused) AS refused_total, detail, settings ->> 'sequence_id' AS sequence_id, created_at, started_at, ended_at"""
SAVE = """
    UPDATE jobs SET done = %(done)s, state = %(state)s, figures = %(figures)s, refused = refused || %(refused)s::jsonb, detail = %(detail)s,
        tries = 0, started_at = COALESCE(started_at, %(now)s), ended_at = %(ended)s
    WHERE workspace_id = %(ws)s AND id = %(id)s
"""
FAIL = """
    UPDATE jobs SET state = 'failed', detail = %(detail)s, ended_at = %(now)s, started_at = COALESCE(started_at, %(now)s)
    WHERE workspace_id = %(ws)s AND id = %(id)s
"""
GIVE_UP = """
    UPDATE jobs SET tries = tries + 1, state = CASE WHEN tries + 1 >= %(most)s THEN 'failed' ELSE state END,
        detail = 'A step broke off; the log says why.', ended_at = CASE WHEN tries + 1 >= %(most)s THEN %(now)s::timestamptz END
    WHERE workspace_id = %(ws)s AND id = %(id)s
"""
