"""`segue sequence apply-to-active`: move those who are in a sequence to another version (SEQ-132)."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Annotated

import typer

from segue.cli.opening import Segue, open_segue
from segue.cli.options import Acting, add_command
from segue.cli.screen import Maker, Screen, sentence, table, when
from segue.db.tx import Tx
from segue.domain.errors import Invalid
from segue.domain.ids import SequenceId
from segue.domain.permissions import Actor, Permission
from segue.features.enrollments.apply_version import BATCH, IN_FLIGHT, Action, Move, list_to_move, move_enrollments, preview_moves
from segue.features.enrollments.queries import list_open_ids
from segue.features.enrollments.rights import list_manageable
from segue.features.sequences.lifecycle import get_content
from segue.features.sequences.service import get_sequence
from segue.features.workspaces.queries import get_user, require
from segue.features.workspaces.service import get_workspace

SHOWN = 40
Act = Callable[[Tx, Sequence[int], int], list[Move]]


def add_to(group: typer.Typer) -> None:
    add_command(group, "apply-to-active", apply_to_active)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyToActive(Acting):
    name: Annotated[str, typer.Argument(help="A sequence.", metavar="NAME")]
    version: Annotated[int, typer.Option(help="The version to move to; by default the newest.", min=0)] = 0
    contact: Annotated[list[str] | None, typer.Option(help="Only this contact; may be given several times.", metavar="EMAIL")] = None
    user: Annotated[list[str] | None, typer.Option(help="Only whom this user enrolled; may be given several times.", metavar="EMAIL")] = (
        None
    )
    overwrite_edits: Annotated[
        bool, typer.Option("--overwrite-edits", help="Take back what was changed for single contacts: texts, delays, times, hours.")
    ] = False
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing; show what would change for whom.")] = False
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False


def apply_to_active(options: ApplyToActive, screen: Screen) -> None:
    """Move contacts who are in a sequence to its newest version. What has been sent stays; steps are matched by key.

    Shows first what changes for whom. What was changed for a single contact stays, unless --overwrite-edits is said. A contact whose mail
    is being handed over is moved right afterwards.
    """
    with open_segue(options) as segue:
        actor = segue.actor(options)
        require(actor, Permission.USE)
        with segue.tx() as tx:
            row = get_sequence(tx, options.name)
            version = options.version or int(row["version"])
            get_content(tx, row["id"], version)
            ids = list_manageable(tx, actor, _chosen(tx, options, SequenceId(row["id"]), version))
            zone = str(get_workspace(tx)["timezone"])
        look: Act = partial(preview_moves, overwrite=options.overwrite_edits)
        act: Act = partial(move_enrollments, overwrite=options.overwrite_edits)
        moves = _in_batches(segue, actor, look, (ids, version))
        shown = _draw(row["name"], version, moves, zone)
        if not options.dry_run and moves:
            _confirm(options, screen, shown, len(ids))
            with screen.progress("Moving", len(ids)) as moved:
                moves = _in_batches(segue, actor, act, (ids, version), moved)
    done = sum(not move.left_out for move in moves)
    document = {
        "sequence": row["name"],
        "version": version,
        "dry_run": options.dry_run,
        "moved": done,
        "later": sum(move.left_out == IN_FLIGHT for move in moves),
        "enrollments": [asdict(move) for move in moves],
    }
    verb = "would be moved" if options.dry_run else "moved"
    screen.show(document, *(shown if options.dry_run else []), sentence(f"{done:,} {verb} to version {version}.", "bold green"))


def _chosen(tx: Tx, options: ApplyToActive, sequence_id: SequenceId, version: int) -> list[int]:
    contacts = [each for email in options.contact or () for each in list_open_ids(tx, email=email)] if options.contact else None
    users = [get_user(tx, email) for email in options.user] if options.user else None
    return list_to_move(tx, sequence_id, version, enrollments=contacts, enrollers=users)


def _in_batches(
    segue: Segue, actor: Actor, act: Act, what: tuple[list[int], int], moved: Callable[[int], None] = lambda _: None
) -> list[Move]:
    ids, version = what
    moves: list[Move] = []
    for start in range(0, len(ids), BATCH):
        with segue.tx_as(actor) as tx:
            moves += act(tx, ids[start : start + BATCH], version)
        moved(start + BATCH)
    return moves


def _confirm(options: ApplyToActive, screen: Screen, shown: list[Maker], count: int) -> None:
    if options.yes:
        return
    if screen.as_json:
        raise Invalid(f"This would move {count:,} contacts.", hint="Look at it with --dry-run, then add --yes.")
    screen.show({}, *shown)
    typer.confirm(f"Move {count:,} contacts?", abort=True, err=True)


def _draw(name: str, version: int, moves: list[Move], zone: str) -> list[Maker]:
    if not moves:
        return [sentence(f"Everybody in {name} has version {version} already.", "dim")]
    counts = Counter(kind for move in moves for kind in ("added", "removed", "changed") if getattr(move, kind))
    rows = (
        (
            move.address,
            move.version,
            _action(move.before, zone) if move.before else move.current_step,
            _action(move.after, zone) if move.after else "–",
            move.left_out,
        )
        for move in moves[:SHOWN]
    )
    shown: list[Maker] = [table(("Contact", "#Version", "Next now", "Next then", "Left out"), rows)]
    if len(moves) > SHOWN:
        shown.append(sentence(f"… and {len(moves) - SHOWN:,} more; --json shows all.", "dim"))
    first = next((move for move in moves if counts and not move.left_out), None)
    for kind in ("added", "removed", "changed"):
        keys = ", ".join(getattr(first, kind)) if first else ""
        if keys:
            shown.append(sentence(f"Steps {kind}: {keys}"))
    return shown


def _action(action: Action, zone: str) -> str:
    return f"{action.step_key} {when(action.due_at, zone)}" if action.due_at else f"{action.step_key}, waits: {action.waiting_for.lower()}"
