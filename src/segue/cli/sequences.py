"""`segue sequence lint | apply | list | export`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from segue.cli import applying, sequence_life
from segue.cli.opening import open_segue
from segue.cli.options import Common, add_command
from segue.cli.screen import Maker, Screen, cell, sentence, table, when
from segue.db.tx import Tx
from segue.domain.durations import write_duration
from segue.domain.errors import Invalid, NotFound
from segue.domain.sequence import EmailSettings, Sequence
from segue.domain.steps import STEP_TYPES
from segue.features.mail.links import why_no_link
from segue.features.sequences.lifecycle import get_content, list_deleted
from segue.features.sequences.service import get_sequence, list_sequences, publish
from segue.features.sequences.yaml_file import Loaded, Problem, dump_sequence, load_sequence
from segue.features.workspaces.queries import get_user
from segue.features.workspaces.service import get_workspace


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    group = typer.Typer(help="Check sequences, publish them, list them.", no_args_is_help=True)
    add_command(group, "lint", lint)
    add_command(group, "apply", apply)
    add_command(group, "list", list_all)
    add_command(group, "export", export)
    sequence_life.add_to(group)
    applying.add_to(group)
    app.add_typer(group, name=name, rich_help_panel=panel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lint(Common):
    file: Annotated[Path, typer.Argument(help="A sequence file; docs/howto/sequence-file.md says how to write one.", metavar="FILE.yaml")]


def lint(options: Lint, screen: Screen) -> None:
    """Check a sequence file: every mistake with its line. Needs no database."""
    loaded = load_file(options.file)
    sequence = loaded.sequence
    screen.show(
        {"sequence": sequence.name, "steps": _steps_json(sequence), "warnings": _warnings_json(loaded.warnings)},
        sentence(f"{options.file.name} is a good sequence: {sequence.name}", "bold green"),
        draw_steps(sequence),
        *draw_warnings(loaded.warnings),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Apply(Common):
    share: Annotated[bool, typer.Option("--share", help="Let everyone use it, where it is new and has an --owner.")] = False
    file: Annotated[Path, typer.Argument(help="A sequence file.", metavar="FILE.yaml")]
    owner: Annotated[
        str,
        typer.Option(help="Address of the user whose alone it is; else everyone may use it and the first user owns it.", metavar="EMAIL"),
    ] = ""


def apply(options: Apply, screen: Screen) -> None:
    """Publish a sequence file as a new version. Enrollments under way keep theirs; a file without changes makes none."""
    loaded = load_file(options.file)
    with open_segue(options) as segue, segue.tx() as tx:
        sharing = "everyone" if options.share or not options.owner else "private"  # what the operator publishes is for all (SEQ-8)
        published = publish(tx, loaded.sequence, owner=get_user(tx, options.owner), source=options.file.name, sharing=sharing)
        warnings = (*loaded.warnings, *_warn_of_link(tx, loaded.sequence))
    document = {
        "sequence": loaded.sequence.name,
        "sequence_id": published.sequence_id,
        "version": published.version,
        "changed": published.changed,
        "warnings": _warnings_json(warnings),
    }
    said = f"version {published.version} is active" if published.changed else f"version {published.version} says exactly this already"
    screen.show(
        document,
        sentence(f"{loaded.sequence.name}: {said}.", "bold green"),
        draw_steps(loaded.sequence),
        *draw_warnings(warnings),
        sentence(f'Next: `segue enroll "{loaded.sequence.name}" --from contacts.csv`.'),
    )


def _warn_of_link(tx: Tx, sequence: Sequence) -> Iterator[Problem]:
    """SEQ-47: not a matter of the file, so that only applying it can tell."""
    why, hint = why_no_link(tx)
    if why and any(isinstance(step.settings, EmailSettings) for step in sequence.steps):
        yield Problem(1, f"The emails of this sequence show no unsubscribe link: {why}.", hint, "warning")


@dataclass(frozen=True, slots=True, kw_only=True)
class List(Common):
    deleted: Annotated[bool, typer.Option("--deleted", help="Those that `segue sequence restore` can bring back.")] = False


def list_all(options: List, screen: Screen) -> None:
    """List the sequences with their enrollments and replies."""
    if options.deleted:
        _list_deleted(options, screen)
        return
    with open_segue(options) as segue, segue.tx() as tx:
        rows = list_sequences(tx)
        zone = get_workspace(tx)["timezone"]
    screen.show(
        {"sequences": rows},
        table(
            ("Name", "State", "#Version", "#Enrolled", "#Open", "#Replied", "Changed"),
            (
                (
                    row["name"],
                    cell("paused", "yellow") if row["paused"] else cell(row["status"], "green"),
                    row["version"],
                    row["enrolled"],
                    row["open"],
                    row["replied"],
                    when(row["updated_at"], zone),
                )
                for row in rows
            ),
            empty="There is no sequence yet; `segue sequence apply FILE.yaml` adds one.",
        ),
    )


def _list_deleted(options: List, screen: Screen) -> None:
    with open_segue(options) as segue, segue.tx() as tx:
        rows, zone = list_deleted(tx), get_workspace(tx)["timezone"]
    shown = ((row["name"], row["version"], when(row["deleted_at"], zone)) for row in rows)
    screen.show({"sequences": rows}, table(("Name", "#Version", "Deleted"), shown, empty="No sequence can be brought back."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Export(Common):
    name: Annotated[str, typer.Argument(help="A sequence.")]
    version: Annotated[int, typer.Option(help="An older version; by default the newest.", min=0)] = 0


def export(options: Export, screen: Screen) -> None:
    """Write a sequence as a file, to standard output."""
    with open_segue(options) as segue, segue.tx() as tx:
        row = get_sequence(tx, options.name)
        text = dump_sequence(get_content(tx, row["id"], options.version or row["version"]))
    if screen.as_json:
        screen.show({"sequence": row["name"], "version": options.version or row["version"], "yaml": text})
    else:
        print(text, end="")


def load_file(path: Path) -> Loaded:
    """Read a sequence file. Raises Problems, NotFound, Invalid."""
    try:
        return load_sequence(path.read_text(encoding="utf-8"), source=path.name)
    except OSError as error:
        raise NotFound(f"{path} cannot be read: {error.strerror}.", hint="Check the path and its permissions.") from error
    except UnicodeDecodeError as error:
        raise Invalid(f"{path} is not a text file in UTF-8.", hint="Save it as UTF-8; is it really a sequence file?") from error


def draw_steps(sequence: Sequence) -> Maker:
    """Return the steps as a table."""
    return table(
        ("#Step", "Key", "Type", "After", "Subject"),
        (
            (
                i + 1,
                step.key,
                STEP_TYPES[step.type].title,
                after(step.delay),
                subject_of(step.settings),
            )
            for i, step in enumerate(sequence.steps)
        ),
    )


def after(delay: timedelta) -> str:
    """Return a step's delay in words."""
    return write_duration(delay) if delay else "at once"


def subject_of(settings: object) -> str:
    """Return the subject of a step as it is written, empty where it has none."""
    return str(getattr(settings, "subject", ""))


def draw_warnings(warnings: tuple[Problem, ...]) -> list[Maker]:
    """Return what might be better about a file (SEQ-47)."""
    return [sentence(f"Warning, {problem}", "yellow") for problem in warnings]


def _warnings_json(warnings: tuple[Problem, ...]) -> list[dict[str, Any]]:
    return [{"line": each.line, "message": each.message, "hint": each.hint} for each in warnings]


def _steps_json(sequence: Sequence) -> list[dict[str, Any]]:
    return [
        {"key": step.key, "type": step.type, "delay_seconds": step.delay.total_seconds(), "subject": subject_of(step.settings)}
        for step in sequence.steps
    ]
