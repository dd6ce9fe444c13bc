"""`segue sequence show | diff | archive | activate | clone | share | delete | restore`."""

from dataclasses import asdict, dataclass
from typing import Annotated, Any

import typer

from segue.cli.opening import open_segue
from segue.cli.options import Common, add_command
from segue.cli.screen import Maker, Screen, cell, pairs, sentence, table, when
from segue.domain.errors import Conflict, Invalid
from segue.domain.sequence_diff import Difference, differences
from segue.features.enrollments.delete_sequence import delete_sequence
from segue.features.sequences import lifecycle
from segue.features.sequences.lifecycle import Sharing
from segue.features.sequences.results import VariantResult, list_results
from segue.features.sequences.service import get_sequence
from segue.features.workspaces.queries import get_user, get_user_row
from segue.features.workspaces.service import get_workspace

SIGNS = {"added": "+", "removed": "-", "changed": "~", "moved": "↕", "setting": "~"}


def add_to(group: typer.Typer) -> None:
    add_command(group, "show", show)
    add_command(group, "diff", diff)
    add_command(group, "archive", archive)
    add_command(group, "activate", activate)
    add_command(group, "clone", clone)
    add_command(group, "share", share)
    add_command(group, "delete", delete)
    add_command(group, "restore", restore)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named(Common):
    name: Annotated[str, typer.Argument(help="A sequence.", metavar="NAME")]


def show(options: Named, screen: Screen) -> None:
    """Show a sequence: owner, versions with their open enrollments, results of its variants."""
    with open_segue(options) as segue, segue.tx() as tx:
        row = get_sequence(tx, options.name)
        versions = lifecycle.list_versions(tx, row["id"])
        results = list_results(tx, row["id"], lifecycle.get_content(tx, row["id"], row["version"]))
        owner = get_user_row(tx, row["owner_user_id"])["email"]
        zone = str(get_workspace(tx)["timezone"])
    document = {
        "sequence": row["name"],
        "sequence_id": row["id"],
        "status": row["status"],
        "owner": owner,
        "sharing": row["sharing"],
        "version": row["version"],
        "versions": versions,
        "variants": [{**asdict(each), "too_early": each.too_early} for each in results],
    }
    screen.show(
        document,
        pairs((("Sequence", row["name"]), ("Status", row["status"]), ("Owner", owner), ("Shared with", row["sharing"]))),
        table(
            ("#Version", "From", "Published", "#Open"),
            ((v["version"], v["source"], when(v["created_at"], zone), v["open"]) for v in versions),
        ),
        *([_draw_results(results)] if results else []),
    )


def _draw_results(results: list[VariantResult]) -> Maker:
    return table(
        ("Step", "#Variant", "Subject", "#Contacts", "#Replied", "Share", ""),
        (
            (
                each.step_key,
                each.ordinal,
                each.subject if each.active else f"{each.subject} (off)",
                each.contacts,
                each.replied,
                f"{each.interval[0]:.1%}–{each.interval[1]:.1%}" if each.contacts else "–",
                cell("too early", "yellow") if each.too_early else "",
            )
            for each in results
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff(Named):
    old: Annotated[int, typer.Argument(help="Version to compare from; by default the one before the newest.", metavar="[OLD]")] = 0
    new: Annotated[int, typer.Argument(help="Version to compare with; by default the newest.", metavar="[NEW]")] = 0


def diff(options: Diff, screen: Screen) -> None:
    """Show what differs between two versions, step by step."""
    with open_segue(options) as segue, segue.tx() as tx:
        row = get_sequence(tx, options.name)
        new = options.new or row["version"]
        old = options.old or new - 1
        if old < 1:
            raise Conflict(f'"{row["name"]}" has one version alone.', hint="`segue sequence apply FILE.yaml` publishes another.")
        found = differences(lifecycle.get_content(tx, row["id"], old), lifecycle.get_content(tx, row["id"], new))
    screen.show(
        {"sequence": row["name"], "old": old, "new": new, "differences": [asdict(each) for each in found]},
        sentence(f"{row['name']}: version {old} → {new}", "bold"),
        *(maker for each in found for maker in _draw(each)),
        *([] if found else [sentence("Nothing differs.", "dim")]),
    )


def _draw(each: Difference) -> list[Maker]:
    style = {"added": "green", "removed": "red"}.get(each.kind, "yellow")
    what = "step" if each.kind != "setting" else "setting"
    field = f" · {each.field}" if each.field else ""
    shown = [sentence(f"{SIGNS[each.kind]} {what} {each.key}{field}{' moved' if each.kind == 'moved' else ''}", style)]
    shown += [sentence(f"    - {line}", "red") for line in each.before.splitlines()]
    return shown + [sentence(f"    + {line}", "green") for line in each.after.splitlines()]


def archive(options: Named, screen: Screen) -> None:
    """Let nobody be enrolled any more; those who are in it finish."""
    with open_segue(options) as segue, segue.tx() as tx:
        changed = lifecycle.archive(tx, options.name)
    _tell(screen, options.name, "archived", changed=changed)


def activate(options: Named, screen: Screen) -> None:
    """Let contacts be enrolled into an archived sequence again."""
    with open_segue(options) as segue, segue.tx() as tx:
        changed = lifecycle.activate(tx, options.name)
    _tell(screen, options.name, "active", changed=changed)


def _tell(screen: Screen, name: str, status: str, *, changed: bool) -> None:
    said = f"{name} is {status}." if changed else f"{name} is {status} already; nothing was changed."
    screen.show({"sequence": name, "status": status, "changed": changed}, sentence(said, "bold green" if changed else ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Clone(Named):
    new_name: Annotated[str, typer.Argument(help="Name of the copy.", metavar="NEW_NAME")]
    owner: Annotated[str, typer.Option(help="Whose copy it is; by default the first user's.", metavar="EMAIL")] = ""


def clone(options: Clone, screen: Screen) -> None:
    """Copy a sequence as a private draft; `segue sequence export` and `apply` change and publish it."""
    with open_segue(options) as segue, segue.tx() as tx:
        made = lifecycle.clone(tx, options.name, options.new_name.strip(), owner=get_user(tx, options.owner))
    document = {"sequence": options.new_name.strip(), "sequence_id": made, "status": "draft"}
    screen.show(document, sentence(f"{options.new_name.strip()} is a draft; publish it with `segue sequence apply`.", "bold green"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Share(Named):
    everyone: Annotated[bool, typer.Option("--everyone", help="With everyone.")] = False
    private: Annotated[bool, typer.Option("--private", help="With nobody beside the owner.")] = False
    user: Annotated[list[str] | None, typer.Option(help="With a user; may be given several times.", metavar="EMAIL")] = None
    team: Annotated[list[str] | None, typer.Option(help="With a team; may be given several times.")] = None


def share(options: Share, screen: Screen) -> None:
    """Say from whose mailboxes a sequence may be sent beside its owner's."""
    chosen = bool(options.user or options.team)
    if sum((options.everyone, options.private, chosen)) != 1:
        raise Invalid("With whom to share is not said.", hint="Give one of --everyone, --private, or --user and --team.")
    kind = "everyone" if options.everyone else "private" if options.private else "chosen"
    with open_segue(options) as segue, segue.tx() as tx:
        users = tuple(get_user(tx, email) for email in options.user or ())
        lifecycle.share(tx, options.name, Sharing(kind, users, tuple(options.team or ())))
    screen.show({"sequence": options.name, "sharing": kind}, sentence(f"{options.name} is shared with: {kind}.", "bold green"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete(Named):
    unenroll_all: Annotated[bool, typer.Option("--unenroll-all", help="Also where contacts are in it: they leave.")] = False
    repeated: Annotated[str, typer.Option("--name", help="The name once more, with --unenroll-all.", metavar="NAME")] = ""


def delete(options: Delete, screen: Screen) -> None:
    """Delete a sequence. For 90 days `segue sequence restore` brings it back as archived; who was in it stays out."""
    with open_segue(options) as segue, screen.progress("Unenrolling", None) as moved:
        ended = delete_sequence(
            segue.db,
            segue.workspace_id,
            options.name,
            unenroll_all=options.unenroll_all,
            repeated_name=options.repeated,
            progress=moved,
        )
    document: dict[str, Any] = {"sequence": options.name, "status": "deleted", "unenrolled": ended}
    screen.show(document, sentence(f"{options.name} is deleted; {ended:,} unenrolled.", "bold green"))


def restore(options: Named, screen: Screen) -> None:
    """Bring back a deleted sequence as archived; enrollments stay ended."""
    with open_segue(options) as segue, segue.tx() as tx:
        made = lifecycle.restore(tx, options.name)
    screen.show(
        {"sequence": options.name, "sequence_id": made, "status": "archived"}, sentence(f"{options.name} is back, archived.", "bold green")
    )
