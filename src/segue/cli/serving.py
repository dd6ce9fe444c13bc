"""`segue api`: the public pages, in the foreground."""

import socket
from dataclasses import dataclass
from typing import Annotated

import typer

from segue.cli.opening import open_installation
from segue.cli.options import Common, add_command
from segue.cli.screen import Screen, sentence
from segue.cli.working import set_up_logs
from segue.domain.errors import Conflict, Unavailable
from segue.features.mail.tracking import load_signs
from segue.settings import read_settings


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    add_command(app, name, api, panel=panel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Api(Common):
    host: Annotated[str, typer.Option(help="Address to listen on; only this machine by default.")] = "127.0.0.1"
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65_535)] = 8320


def api(options: Api, screen: Screen) -> None:
    """Answer contacts who unsubscribe, and count opens and clicks.

    Put a web server with a certificate in front of it, and its address into SEGUE_PUBLIC_URL. Runs until Ctrl-C or SIGTERM.
    """
    from segue.app import serve

    set_up_logs(read_settings().log_format)
    with open_installation() as segue:
        check_free(options.host, options.port)
        where = f"http://{options.host}:{options.port}"
        known = segue.settings.public_url
        screen.note(f"Listening on {where}, known to contacts as {known}; Ctrl-C stops." if known else f"Listening on {where}.")
        if not known:
            screen.note("SEGUE_PUBLIC_URL is not set: no mail leads here. Set it for this command and for `segue worker`.")
        serve(
            segue.db,
            load_signs(segue.settings.data_dir),
            host=options.host,
            port=options.port,
            trusted_proxies=segue.settings.trusted_proxies,
        )
    screen.show({"stopped": True, "address": where}, sentence("Stopped.", "bold"))


def check_free(host: str, port: int) -> None:
    """Raises Conflict, Unavailable."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except socket.gaierror as error:
        raise Unavailable(f"{host} is no address of this machine.", hint="Leave --host out, or write 0.0.0.0 for all.") from error
    except OSError as error:
        raise Conflict(f"Port {port} of {host} cannot be used: {error.strerror}.", hint="Choose another with --port.") from error
