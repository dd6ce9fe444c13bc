"""`segue mcp`: assistants and other programs ask and act through the Model Context Protocol."""

import os
from dataclasses import dataclass
from typing import Annotated

import typer

from segue.cli.opening import open_installation, open_segue
from segue.cli.options import Acting, add_command
from segue.cli.screen import Screen
from segue.cli.serving import check_free
from segue.cli.working import set_up_logs
from segue.domain.errors import Invalid
from segue.settings import read_settings

KEY = "SEGUE_API_KEY"


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    add_command(app, name, mcp, panel=panel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mcp(Acting):
    http: Annotated[bool, typer.Option("--http", help="Listen for HTTP instead; every request shows an API key.")] = False
    host: Annotated[str, typer.Option(help="With --http: address to listen on; only this machine by default.")] = "127.0.0.1"
    port: Annotated[int, typer.Option(help="With --http: port to listen on.", min=1, max=65_535)] = 8330


def mcp(options: Mcp, screen: Screen) -> None:
    """Let an assistant list, preview, enroll, pause and do tasks, through the Model Context Protocol.

    On stdio it has the rights of the user named by --as, or of the API key in SEGUE_API_KEY. With --http each request brings its own key.
    """
    set_up_logs(read_settings().log_format)
    if options.http:
        _serve_http(options, screen)
        return
    from segue.features.mcp.caller import Caller, caller_of_key
    from segue.features.mcp.server import make_server

    key = os.environ.get(KEY, "")
    if bool(key) == bool(options.as_user):
        hint = f"Start it with --as EMAIL, or with {KEY} set to a key of `segue api-key create`; not with both."
        raise Invalid("In whose name an assistant acts is not said.", hint=hint, field="as")
    with open_segue(options) as segue:

        def find(_: object) -> Caller:
            """Asked anew for each call: a key that is revoked and a user who lost a role are out with the next one."""
            return caller_of_key(segue.db, key) if key else Caller(segue.db, segue.workspace_id, segue.actor(options))

        screen.note(f"Serving {find(None).name} on stdio.")
        make_server(find).run("stdio")


def _serve_http(options: Mcp, screen: Screen) -> None:
    from segue.app import serve_mcp

    if options.as_user:
        raise Invalid("--as is for stdio.", hint="Over HTTP each request acts as the user of its own API key.", field="as")
    with open_installation() as segue:
        check_free(options.host, options.port)
        screen.note(f"Listening on http://{options.host}:{options.port}/mcp; Ctrl-C stops.")
        serve_mcp(segue.db, host=options.host, port=options.port)
