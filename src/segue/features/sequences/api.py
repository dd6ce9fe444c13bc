"""The API of sequences: see, write, publish, share, archive, delete them. Who may enroll into them is asked where contacts are enrolled."""

import json
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from ruamel.yaml import YAML
from starlette.responses import Response

from segue.db.tx import Tx
from segue.domain.errors import Conflict, Forbidden, Invalid, NotFound
from segue.domain.ids import SequenceId, UserId
from segue.domain.permissions import Actor, Permission
from segue.domain.sequence import EmailSettings, Sequence
from segue.domain.sequence_diff import differences
from segue.features.mail.links import why_no_link
from segue.features.sequences import lifecycle, schemas
from segue.features.sequences.lifecycle import Sharing
from segue.features.sequences.queries import get_visible, list_visible, require_to_edit
from segue.features.sequences.service import give_sequence, publish
from segue.features.sequences.yaml_file import Loaded, dump_sequence, load_sequence
from segue.features.workspaces.queries import get_user_row
from segue.http.asking import Asked, asks
from segue.http.etag import etag_of
from segue.http.models import Id, Page
from segue.http.paging import PagingDep

router = APIRouter(prefix="/api/v1/sequences", tags=["sequences"])

Reads = Annotated[Asked, asks("sequences:read")]
Writes = Annotated[Asked, asks("sequences:write", Permission.CREATE, Permission.EDIT_ANY)]
Creates = Annotated[Asked, asks("sequences:write", Permission.CREATE)]


@router.get("", operation_id="list_sequences")
def list_all(
    asked: Reads,
    paging: PagingDep,
    status: schemas.SequenceStatus | None = None,
    search: Annotated[str, Query(max_length=200, description="A part of the name.")] = "",
) -> Page[schemas.SequenceOut]:
    """List the sequences that you see (SEQ-8), with how many are enrolled, open and have replied."""
    with asked.tx() as tx:
        rows = list_visible(
            tx, asked.actor, after=paging.after("sequences"), most=paging.one_more, status=status or "", search=search.strip()
        )
    return Page[schemas.SequenceOut].model_validate(paging.page(rows, "sequences"))


@router.post("", operation_id="create_sequence", status_code=201, response_model=schemas.SequenceDetail)
def create(asked: Creates, body: schemas.NewSequence) -> Response:
    """Publish a new sequence: its first version is active at once."""
    loaded = read_text(body)

    def act(tx: Tx) -> schemas.SequenceDetail:
        _refuse_name(tx, loaded.sequence.name)
        made = publish(tx, loaded.sequence, owner=UserId(asked.user_id), source="api", sharing=body.sharing)
        return _detail(tx, asked.actor, made.sequence_id, loaded)

    return asked.once(act, status=201, location="/api/v1/sequences/{id}")


@router.post("/lint", operation_id="lint_sequence")
def lint(asked: Reads, body: schemas.SequenceText) -> schemas.Linted:
    """Check a sequence and publish nothing: every mistake is told at once, with its line where `yaml` is given."""
    loaded = read_text(body)
    with asked.tx() as tx:
        warnings = _warnings(tx, loaded)
    steps = [
        schemas.StepOut(
            key=str(step.key), type=step.type, delay_seconds=step.delay.total_seconds(), subject=str(getattr(step.settings, "subject", ""))
        )
        for step in loaded.sequence.steps
    ]
    return schemas.Linted(name=loaded.sequence.name, steps=steps, warnings=warnings)


@router.get("/deleted", operation_id="list_deleted_sequences")
def list_deleted(asked: Writes) -> Page[schemas.DeletedOut]:
    """List the sequences that can be brought back (SEQ-136)."""
    with asked.tx() as tx:
        rows = [row for row in lifecycle.list_deleted(tx) if _may_restore(tx, asked.actor, row["id"])]
    return Page[schemas.DeletedOut].model_validate({"items": rows})


@router.get("/{sequence_id}", operation_id="get_sequence")
def get(asked: Reads, sequence_id: Id, response: Response) -> schemas.SequenceDetail:
    """Return a sequence with its newest version; the ETag is what If-Match of an edit compares."""
    with asked.tx() as tx:
        found = _detail(tx, asked.actor, sequence_id)
    response.headers["etag"] = etag_of(found)
    return found


@router.put("/{sequence_id}", operation_id="replace_sequence", response_model=schemas.SequenceDetail)
def replace(asked: Writes, sequence_id: Id, body: schemas.SequenceText) -> Response:
    """Publish a new version. Enrollments under way keep theirs (SEQ-131); what says the same as the newest version makes none."""
    loaded = read_text(body)

    def act(tx: Tx) -> schemas.SequenceDetail:
        row = _editable(tx, asked, sequence_id)
        if loaded.sequence.name.casefold() != row["name"].casefold():
            raise Invalid("A sequence keeps its name.", hint=f'Write "{row["name"]}", or clone it under the new name.', field="name")
        made = publish(tx, loaded.sequence, owner=UserId(row["owner_user_id"]), source="api")
        return _detail(tx, asked.actor, sequence_id, loaded).model_copy(update={"changed": made.changed})

    return asked.once(act)


@router.delete("/{sequence_id}", operation_id="delete_sequence", response_model=schemas.DeletedSequence)
def delete(
    asked: Writes,
    sequence_id: Id,
    unenroll_all: Annotated[bool, Query(description="Also where contacts are in it: they leave.")] = False,
) -> Response:
    """Delete a sequence. From the answer on no mail of it goes out; for 90 days it can be brought back (SEQ-136)."""

    def act(tx: Tx) -> schemas.DeletedSequence:
        row = _editable(tx, asked, sequence_id)
        done = lifecycle.mark_deleted(tx, row["name"], unenroll_all=unenroll_all)
        return schemas.DeletedSequence(id=sequence_id, unenrolling=done["open"])

    return asked.once(act)


@router.get("/{sequence_id}/versions", operation_id="list_sequence_versions")
def list_versions(asked: Reads, sequence_id: Id) -> schemas.Versions:
    """List the versions, the newest first, with how many enrollments are open in each."""
    with asked.tx() as tx:
        get_visible(tx, asked.actor, sequence_id)
        rows = lifecycle.list_versions(tx, sequence_id)
    return schemas.Versions.model_validate({"items": rows})


@router.get("/{sequence_id}/versions/{version}", operation_id="get_sequence_version")
def get_version(asked: Reads, sequence_id: Id, version: Annotated[int, Path(ge=1, le=2**31 - 1)]) -> schemas.VersionDetail:
    """Return what a version says."""
    with asked.tx() as tx:
        get_visible(tx, asked.actor, sequence_id)
        text = dump_sequence(lifecycle.get_content(tx, sequence_id, version))
    return schemas.VersionDetail(sequence_id=sequence_id, version=version, content=_plain(text), yaml=text)


@router.get("/{sequence_id}/diff", operation_id="diff_sequence_versions")
def diff(
    asked: Reads,
    sequence_id: Id,
    old: Annotated[int, Query(ge=0, le=2**31 - 1, description="By default the one before `new`.")] = 0,
    new: Annotated[int, Query(ge=0, le=2**31 - 1, description="By default the newest.")] = 0,
) -> schemas.Differences:
    """Show what differs between two versions, step by step."""
    with asked.tx() as tx:
        row = get_visible(tx, asked.actor, sequence_id)
        new = new or row["version"]
        old = old or new - 1
        if old < 1:
            raise Conflict(f'"{row["name"]}" has one version alone.', hint="Publish another first.")
        found = differences(lifecycle.get_content(tx, sequence_id, old), lifecycle.get_content(tx, sequence_id, new))
    return schemas.Differences.model_validate({"old": old, "new": new, "differences": [asdict(each) for each in found]})


@router.post("/{sequence_id}/archive", operation_id="archive_sequence", response_model=schemas.SequenceDetail)
def archive(asked: Writes, sequence_id: Id) -> Response:
    """Let nobody be enrolled any more; those who are in it finish (SEQ-135)."""

    def act(tx: Tx) -> schemas.SequenceDetail:
        lifecycle.archive(tx, _editable(tx, asked, sequence_id)["name"])
        return _detail(tx, asked.actor, sequence_id)

    return asked.once(act)


@router.post("/{sequence_id}/activate", operation_id="activate_sequence", response_model=schemas.SequenceDetail)
def activate(asked: Writes, sequence_id: Id) -> Response:
    """Let contacts be enrolled into an archived sequence again. A draft is published with `replace_sequence`."""

    def act(tx: Tx) -> schemas.SequenceDetail:
        lifecycle.activate(tx, _editable(tx, asked, sequence_id)["name"])
        return _detail(tx, asked.actor, sequence_id)

    return asked.once(act)


@router.post("/{sequence_id}/clone", operation_id="clone_sequence", status_code=201, response_model=schemas.SequenceDetail)
def clone(asked: Creates, sequence_id: Id, body: schemas.CloneIn) -> Response:
    """Copy the newest version as a private draft of yours (SEQ-48)."""

    def act(tx: Tx) -> schemas.SequenceDetail:
        row = get_visible(tx, asked.actor, sequence_id)
        made = lifecycle.clone(tx, row["name"], body.name.strip() or row["name"], owner=UserId(asked.user_id))
        return _detail(tx, asked.actor, made)

    return asked.once(act, status=201, location="/api/v1/sequences/{id}")


@router.put("/{sequence_id}/sharing", operation_id="share_sequence", response_model=schemas.SequenceDetail)
def share(asked: Writes, sequence_id: Id, body: schemas.SharingIn) -> Response:
    """Say who may use a sequence beside its owner (SEQ-8); acts at once."""

    def act(tx: Tx) -> schemas.SequenceDetail:
        row = _editable(tx, asked, sequence_id)
        chosen = body.sharing == "chosen"
        users = tuple(UserId(get_user_row(tx, each)["id"]) for each in body.users) if chosen else ()
        lifecycle.share(tx, row["name"], Sharing(body.sharing, users, tuple(body.teams) if chosen else ()))
        return _detail(tx, asked.actor, sequence_id)

    return asked.once(act)


@router.put("/{sequence_id}/owner", operation_id="give_sequence", response_model=schemas.SequenceOut)
def give(asked: Writes, sequence_id: Id, body: schemas.OwnerIn) -> Response:
    """Give a sequence to another user with a seat (SEQ-7)."""

    def act(tx: Tx) -> schemas.SequenceOut:
        row = _editable(tx, asked, sequence_id)
        give_sequence(tx, SequenceId(sequence_id), UserId(body.user_id))
        owner = get_user_row(tx, body.user_id)
        return schemas.SequenceOut.model_validate(row | {"owner_user_id": owner["id"], "owner": owner["email"], "updated_at": tx.now})

    return asked.once(act)


@router.post("/{sequence_id}/restore", operation_id="restore_sequence", response_model=schemas.SequenceDetail)
def restore(asked: Writes, sequence_id: Id) -> Response:
    """Bring a deleted sequence back as archived; enrollments stay ended (SEQ-136)."""

    def act(tx: Tx) -> schemas.SequenceDetail:
        row = get_visible(tx, asked.actor, sequence_id, deleted=True)
        require_to_edit(asked.actor, row)
        newest = next((each["id"] for each in lifecycle.list_deleted(tx) if each["name"].lower() == row["name"].lower()), None)
        if newest != sequence_id:
            raise NotFound(
                f"Sequence {sequence_id} cannot be brought back.", hint="Another of its name was deleted later, or it is too old."
            )
        return _detail(tx, asked.actor, lifecycle.restore(tx, row["name"]))

    return asked.once(act)


def read_text(body: schemas.SequenceText) -> Loaded:
    """Return the sequence that a request brings. Raises Problems."""
    text = body.yaml if body.yaml is not None else json.dumps(body.content, ensure_ascii=False, indent=1)
    return load_sequence(text, source="sequence")


def _editable(tx: Tx, asked: Asked, sequence_id: int) -> dict[str, Any]:
    row = get_visible(tx, asked.actor, sequence_id)
    require_to_edit(asked.actor, row)
    tx.run("SELECT FROM sequences WHERE workspace_id = %(ws)s AND id = %(id)s FOR NO KEY UPDATE", {"id": sequence_id})
    if asked.if_match:
        asked.expect(_detail(tx, asked.actor, sequence_id))
    return row


def _may_restore(tx: Tx, actor: Actor, sequence_id: int) -> bool:
    try:
        require_to_edit(actor, get_visible(tx, actor, sequence_id, deleted=True))
    except (NotFound, Forbidden):
        return False
    return True


def _refuse_name(tx: Tx, name: str) -> None:
    if tx.one(
        "SELECT 1 AS one FROM sequences WHERE workspace_id = %(ws)s AND lower(name) = lower(%(name)s) AND status <> 'deleted'",
        {"name": name},
    ):
        raise Conflict(f'There is a sequence called "{name}" already.', hint="Choose another name, or replace that one.")


def _detail(tx: Tx, actor: Actor, sequence_id: int, loaded: Loaded | None = None) -> schemas.SequenceDetail:
    row = get_visible(tx, actor, sequence_id)
    text = dump_sequence(lifecycle.get_content(tx, sequence_id, row["version"]))
    warnings = _warnings(tx, loaded) if loaded else []
    return schemas.SequenceDetail.model_validate(row | {"content": _plain(text), "yaml": text, "warnings": warnings})


def _warnings(tx: Tx, loaded: Loaded) -> list[schemas.Warned]:
    found = [schemas.Warned(line=each.line, message=each.message, hint=each.hint) for each in loaded.warnings]
    why, hint = why_no_link(tx)
    if why and _has_email(loaded.sequence):
        found.append(schemas.Warned(line=1, message=f"The emails show no unsubscribe link: {why}.", hint=hint))
    return found


def _has_email(content: Sequence) -> bool:
    return any(isinstance(step.settings, EmailSettings) for step in content.steps)


def _plain(text: str) -> dict[str, Any]:
    plain: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return plain
