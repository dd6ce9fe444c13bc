"""The commands by name, and the edge at which every error becomes a sentence and an exit code."""

import importlib
import json
import os
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass

import typer
from typer import rich_utils
from typer._click.exceptions import ClickException

from segue import __version__
from segue.cli.failures import Failure, explain
from segue.cli.screen import Screen, cell

BEGIN, SEND, LOOK, DECIDE = "Begin", "Send", "Look", "Decide"


@dataclass(frozen=True, slots=True)
class Entry:
    """A command or a group of commands. Its file is imported only when it is used: `segue --help` answers at once."""

    module: str
    panel: str
    help: str


COMMANDS = {
    "init": Entry("segue.cli.setup", BEGIN, "Set up a workspace."),
    "mailbox": Entry("segue.cli.mailboxes", BEGIN, "Connect mailboxes, test them, list them."),
    "workspace": Entry("segue.cli.calendars", BEGIN, "Working week, holidays and limits of the workspace."),
    "user": Entry("segue.cli.users", BEGIN, "Users: roles, seats, absences, and leaving."),
    "sign-in": Entry("segue.cli.signing_in", BEGIN, "Signing in: invitations, passwords, sessions, second factors."),
    "api-key": Entry("segue.cli.api_keys", BEGIN, "API keys: made, listed, revoked."),
    "webhooks": Entry("segue.cli.webhooks", BEGIN, "Webhooks: tell other programs what happens."),
    "contacts": Entry("segue.cli.contacts", BEGIN, "Contacts: import, find, edit, export, erase."),
    "company": Entry("segue.cli.companies", BEGIN, "Companies, by the domain of their people's addresses."),
    "list": Entry("segue.cli.lists", BEGIN, "Lists of contacts, and saved filters."),
    "consent": Entry("segue.cli.consents", BEGIN, "Consent of contacts, and each country's policy."),
    "property": Entry("segue.cli.properties", BEGIN, "Properties of contacts and their types."),
    "sequence": Entry("segue.cli.sequences", BEGIN, "Check sequences, publish them, list them."),
    "demo": Entry("segue.cli.demo", BEGIN, "Watch a month of a sales team in a minute; nobody is written to."),
    "enroll": Entry("segue.cli.enrolling", SEND, "Enroll contacts into a sequence."),
    "plan": Entry("segue.cli.planning", SEND, "Show what will go, when, to whom, and why then."),
    "up": Entry("segue.cli.running", SEND, "Run everything: database, API and workers."),
    "worker": Entry("segue.cli.working", SEND, "Send what is due and read the inboxes, until stopped."),
    "api": Entry("segue.cli.serving", SEND, "Answer programs, and contacts who unsubscribe; count opens and clicks."),
    "mcp": Entry("segue.cli.mcp_serving", SEND, "Let assistants look and act through the Model Context Protocol."),
    "pause": Entry("segue.cli.holding", DECIDE, "Pause a contact, a sequence, a user's contacts, a mailbox or everything."),
    "resume": Entry("segue.cli.holding", DECIDE, "Take a pause back."),
    "reenroll": Entry("segue.cli.again", DECIDE, "Enroll a contact once more, where it left off."),
    "transfer": Entry("segue.cli.again", DECIDE, "Let contacts go on from another mailbox."),
    "review": Entry("segue.cli.again", DECIDE, "What waits for a person's look."),
    "correct": Entry("segue.cli.again", DECIDE, "Open an enrollment again that a misread mail has ended."),
    "undo": Entry("segue.cli.again", DECIDE, "Take a start back within its undo time."),
    "edit": Entry("segue.cli.editing", DECIDE, "Change a text, a time or a step for one contact."),
    "continue": Entry("segue.cli.continuing", DECIDE, "Let a step begin that waits for a person's word."),
    "unenroll": Entry("segue.cli.holding", DECIDE, "End a contact's enrollment."),
    "stop": Entry("segue.cli.stopping", DECIDE, "Emergency stop: everything, a mailbox, a user or a sequence."),
    "tasks": Entry("segue.cli.tasks", DECIDE, "List tasks and complete them."),
    "undecided": Entry("segue.cli.undecided", DECIDE, "Decide what became of mails whose fate nobody knows."),
    "suppress": Entry("segue.cli.suppressing", DECIDE, "Addresses and domains that get no mail."),
    "breaker": Entry("segue.cli.breakers", DECIDE, "Circuit breakers: what stopped sending by itself, and how to go on."),
    "notices": Entry("segue.cli.notices", LOOK, "What users and admins were told of, and what to do."),
    "backup": Entry("segue.cli.backing_up", DECIDE, "Write everything into a file."),
    "restore": Entry("segue.cli.backing_up", DECIDE, "Load a backup; nothing is sent until it is confirmed."),
    "move-database": Entry("segue.cli.backing_up", DECIDE, "Move everything to another PostgreSQL."),
    "keys": Entry("segue.cli.rotating", DECIDE, "Rotate the keys that seal stored secrets."),
    "confirm-instance": Entry("segue.cli.confirming", DECIDE, "Let a restored or copied database send."),
    "status": Entry("segue.cli.looking", LOOK, "Show where everything stands, and that the promises hold."),
    "why": Entry("segue.cli.again", LOOK, "Say why a contact's next step has not gone yet, and when it will."),
    "timeline": Entry("segue.cli.looking", LOOK, "Show everything that happened with a contact."),
    "audit": Entry("segue.cli.auditing", LOOK, "The audit log: who did what, when and from where."),
    "mail": Entry("segue.cli.explaining", LOOK, "Explain what a received mail is taken for; mails that could not be read."),
    "config": Entry("segue.cli.running", LOOK, "What the configuration comes to."),
    "doctor": Entry("segue.cli.checking", LOOK, "Check this installation and say what to do."),
}


def run(argv: Sequence[str] | None = None) -> int:
    """Run a command line; return its exit code."""
    given = list(sys.argv[1:] if argv is None else argv) or ["--help"]
    screen = Screen(as_json="--json" in given)
    try:
        result = make_app(next((word for word in given if word in COMMANDS), ""))(given, prog_name="segue", standalone_mode=False)
    except ClickException as error:
        return _usage(screen, error)
    except typer.Abort:
        return _fail(screen, Failure("aborted", "Stopped; nothing more was done."), 1)
    except BrokenPipeError:  # the reader has seen enough: `segue timeline … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # noqa: BLE001  the edge
        if os.environ.get("SEGUE_DEBUG"):
            traceback.print_exc()
        return _fail(screen, explain(error), 1)
    return result if isinstance(result, int) else 0


def make_app(used: str) -> typer.Typer:
    """Return the program, in which the command `used` is real and of the others name and help are known; with "*" all are real."""
    app = typer.Typer(
        help="Sales sequences that send each step once, at the right hour, and stop the moment the contact answers.",
        epilog="The database starts by itself. Settings: SEGUE_DATA_DIR, DATABASE_URL, SEGUE_SECRET_KEY, SEGUE_PUBLIC_URL,"
        " SEGUE_TRUSTED_PROXIES, SEGUE_ALLOWED_HOSTS, SEGUE_DEBUG.",
        add_completion=False,
        pretty_exceptions_enable=False,
        no_args_is_help=True,
    )
    app.callback()(_version)
    for name, entry in COMMANDS.items():
        if used in (name, "*"):
            importlib.import_module(entry.module).add_to(app, name, entry.panel)
        else:
            app.command(name, help=entry.help, rich_help_panel=entry.panel)(_never_run)
    return app


def _never_run() -> None:
    """Stand for a command of which only name and help are asked."""


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"segue {__version__}")
        raise typer.Exit


def _version(
    *,
    version: bool = typer.Option(False, "--version", help="Show the version.", is_eager=True, callback=_show_version),
) -> None:
    """Ask for the version before any command is looked for."""


def _usage(screen: Screen, error: ClickException) -> int:
    if screen.as_json:
        hint = "Ask the command with --help for what it understands."
        print(json.dumps(Failure("usage", error.format_message(), hint).document(), indent=2))
    else:
        rich_utils.rich_format_error(error)
    return 2 if error.exit_code == 2 else 1


def _fail(screen: Screen, failure: Failure, code: int) -> int:
    if screen.as_json:
        print(json.dumps(failure.document(), indent=2, default=str))
        return code
    console = screen.console(error=True)
    console.print(cell("Error: ", "bold red") + cell(failure.message))
    if failure.hint:
        console.print(cell("→ ", "bold") + cell(failure.hint))
    return code
