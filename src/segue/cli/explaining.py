"""`segue mail explain FILE… | DIR`: what received mails are taken for, and why. Reads files alone."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from segue.cli import mail_settings
from segue.cli.options import Common, add_command
from segue.cli.quarantine import add_quarantine
from segue.cli.screen import Maker, Screen, pairs, sentence, table
from segue.domain.errors import NotFound
from segue.features.mail.explain import explain_file, mail_files


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    group = typer.Typer(
        help="Explain what received mails are taken for; what counts as a contact's mail; mails set aside.", no_args_is_help=True
    )
    add_command(group, "explain", explain)
    add_command(group, "rules", mail_settings.rules)
    add_command(group, "aliases", mail_settings.aliases)
    add_command(group, "forget-alias", mail_settings.forget_alias)
    add_quarantine(group)
    app.add_typer(group, name=name, rich_help_panel=panel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explain(Common):
    paths: Annotated[list[Path], typer.Argument(help="Mail files, or folders with mail files.", metavar="FILE|DIR…")]


def explain(options: Explain, screen: Screen) -> None:
    """Say what received mails are taken for: answer, automatic answer, bounce, complaint; and why.

    Needs no database, sends nothing, stores nothing. With --json every mail gives one object on a line of its own.
    """
    files = [file for path in options.paths for file in mail_files(path)]
    unread = 0
    found: list[dict[str, Any]] = []
    with screen.progress("Reading", len(files)) as moved:
        for number, file in enumerate(files, 1):
            try:
                told = explain_file(file)
            except OSError as error:
                if len(files) == 1:
                    raise NotFound(_cannot(file, error), hint="Give a mail file as it was received, or a folder of them.") from error
                unread += 1
                screen.show_line({"file": str(file), "error": str(error.strerror or error)})
                screen.note(_cannot(file, error), style="red")
                continue
            screen.show_line(told)
            if not screen.as_json:
                found.append(told)
            moved(number)
    if not screen.as_json:
        alone = len(found) == 1 and not options.paths[0].is_dir()
        screen.show(found, *(_describe(found[0]) if alone else [_list(found)] if found or not unread else []))
    if unread:
        raise typer.Exit(1)


def _cannot(file: Path, error: OSError) -> str:
    return f"{file} cannot be read: {error.strerror or error}"


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
    return table(("File", "Taken for", "Class", "Recipient", "Back on"), rows, empty="There is no mail in this folder.")
