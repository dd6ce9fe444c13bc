"""`segue up`: database, API and workers in one go. `segue config check`: what the configuration comes to."""

from dataclasses import dataclass
from typing import Annotated

import typer

from segue.cli.opening import open_installation
from segue.cli.options import Common, add_command
from segue.cli.screen import Screen, pairs, sentence
from segue.cli.serving import check_free
from segue.cli.supervising import Child, Supervisor
from segue.cli.working import set_up_logs
from segue.ports import SystemClock
from segue.settings import read_settings


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    if name == "up":
        add_command(app, name, up, panel=panel)
        return
    group = typer.Typer(help="The configuration: environment variables, each also as NAME_FILE.", no_args_is_help=True)
    add_command(group, "check", check)
    app.add_typer(group, name=name, rich_help_panel=panel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Up(Common):
    host: Annotated[str, typer.Option(help="Address to listen on; only this machine by default.")] = "127.0.0.1"
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65_535)] = 8320
    workers: Annotated[int, typer.Option(help="How many workers; one sends for a hundred mailboxes.", min=0, max=64)] = 1


def up(options: Up, screen: Screen) -> None:
    """Run everything: the embedded database, the API, the workers.

    What dies is started again. Ctrl-C or SIGTERM ends all of it, each part after what it has in hand.
    """
    set_up_logs(read_settings().log_format)
    with open_installation() as segue:
        check_free(options.host, options.port)
        where = f"http://{options.host}:{options.port}"
        screen.note(f"Segue is at {where}; Ctrl-C stops.")
        if not segue.db.workspace_ids():
            screen.note("There is no workspace yet: `segue init` makes one, and the worker begins by itself.")
        plain = ["--json"] if screen.as_json else []
        children = [Child("The API", ["api", "--host", options.host, "--port", str(options.port), *plain])]
        children += [Child(f"Worker {n + 1}", ["worker", *plain], lambda: bool(segue.db.workspace_ids())) for n in range(options.workers)]
        Supervisor(children, SystemClock(), screen.note).run()
    screen.show({"stopped": True, "address": where}, sentence("Stopped.", "bold"))


def check(_: Common, screen: Screen) -> None:
    """Read the configuration and show what it comes to, secrets masked. A mistyped variable is an error that names the right one."""
    shown = read_settings().shown()
    rows = sorted((name, value or "–") for name, value in shown.items())
    screen.show({"settings": shown}, sentence("The configuration is good.", "bold green"), pairs(rows))
