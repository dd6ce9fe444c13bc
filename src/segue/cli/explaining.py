"""`segue mail explain FILE… | DIR`: what received mails are taken for, and why. Reads files alone."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from segue.cli.options import Common, add_command
from segue.cli.quarantine import add_quarantine
from segue.cli.screen import Maker, Screen, pairs, sentence, table
from segue.domain.errors import Invalid, NotFound
from segue.features.mail.explain import explain_file, mail_files


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    group = typer.Typer(help="Explain what a received mail is taken for; mails that could not be read.", no_args_is_help=True)
    add_command(group, "explain", explain)
    add_quarantine(group)
    app.add_typer(group, name=name, rich_help_panel=panel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explain(Common):
    paths: Annotated[list[Path], typer.Argument(help="Mail files, or folders with mail files.", metavar="FILE|DIR…")]


def explain(options: Explain, screen: Screen) -> None:
    """Say what received mails are taken for: answer, automatic answer, bounce, complaint; and why.

    Needs no database, sends nothing, stores nothing. With --json one file gives one object, a folder or several files a list.
    """
    files = [file for path in options.paths for file in _files_of(path)]
    if not files:
        raise Invalid("There is no mail file in this folder.", hint="Mail files end in .eml, .mbox, .txt, or in nothing.")
    found = []
    with screen.progress("Reading", len(files)) as moved:
        for number, file in enumerate(files, 1):
            found.append(explain_file(file))
            moved(number)
    alone = len(options.paths) == 1 and not options.paths[0].is_dir()
    screen.show(found[0] if alone else found, *(_describe(found[0]) if alone else [_list(found)]))


def _files_of(path: Path) -> list[Path]:
    if not path.exists():
        raise NotFound(f"There is no file {path}.", hint="Give a mail file as it was received, or a folder of them.")
    return mail_files(path)


def _describe(verdict: dict[str, Any]) -> list[Maker]:
    shown = (
        ("Class", verdict["class"]),
        ("Hard", "yes" if verdict["hard"] else ""),
        ("Recipient", verdict["recipient"]),
        ("Answers", " ".join(verdict["answers"])),
        ("Back on", verdict["return_date"]),
        ("Said so by", ", ".join(map(str, verdict["signals"]))),
        ("New text", verdict["new_text"]),
    )
    return [
        sentence(f"{verdict['file']}: {str(verdict['kind']).replace('_', ' ')}", "bold"),
        pairs((name, value) for name, value in shown if value),
    ]


def _list(found: list[dict[str, Any]]) -> Maker:
    rows = ((Path(each["file"]).name, each["kind"], each["class"], each["recipient"] or "", each["return_date"] or "") for each in found)
    return table(("File", "Taken for", "Class", "Recipient", "Back on"), rows)
