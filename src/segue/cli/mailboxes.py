"""`segue mailbox add | test | list`."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.text import Text

from segue.cli.forecasting import forecast
from segue.cli.limiting import set_mailbox
from segue.cli.mailbox_file import MailboxFile, read_mailbox_file
from segue.cli.opening import Segue, open_segue
from segue.cli.options import Common, add_command
from segue.cli.screen import Maker, Screen, cell, sentence, table, when
from segue.db.tx import Tx
from segue.domain.addresses import normal_form
from segue.domain.errors import DomainError, Invalid
from segue.features.mail.connect import NewMailbox, check_mailbox, connect_mailbox, get_mailbox, list_mailboxes
from segue.features.mail.doctor import blocks, check_domain
from segue.features.mail.names import is_public, look_up_at
from segue.features.mail.presets import MICROSOFT, PASSWORDS_END, PRESETS, find_preset
from segue.features.mail.sessions import config_of
from segue.features.workspaces.service import find_or_create_user, get_workspace
from segue.providers.mail.base import Checks, Misconfigured


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    group = typer.Typer(help="Connect mailboxes, test them, list them.", no_args_is_help=True)
    add_command(group, "add", add)
    add_command(group, "test", test)
    add_command(group, "list", list_all)
    add_command(group, "set", set_mailbox)
    add_command(group, "forecast", forecast)
    app.add_typer(group, name=name, rich_help_panel=panel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Add(Common):
    mailbox: Annotated[str, typer.Argument(help="An address, or a mailbox file such as examples/mailbox.yaml.", metavar="ADDRESS|FILE")]
    preset: Annotated[str, typer.Option(help=f"Whose servers: {', '.join(PRESETS)}. Told from the address where possible.")] = ""
    smtp_host: Annotated[str, typer.Option(help="Outgoing server, for any other provider.")] = ""
    smtp_port: Annotated[int, typer.Option(help="587 with STARTTLS, or 465.")] = 587
    imap_host: Annotated[str, typer.Option(help="Incoming server.")] = ""
    imap_port: Annotated[int, typer.Option(help="993, or 143 with STARTTLS.")] = 993
    username: Annotated[str, typer.Option(help="User name at the servers, if it is not the address.")] = ""
    display_name: Annotated[str, typer.Option(help="The name that recipients see.")] = ""
    user: Annotated[str, typer.Option(help="Address of the person it belongs to, if not the mailbox's own.")] = ""
    per_day: Annotated[int | None, typer.Option(help="Mails in any 24 hours (default 200).", min=1, max=10_000)] = None
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")] = False
    dkim_selector: Annotated[str, typer.Option(help="Name of the DKIM key, if your provider uses one of its own.")] = ""
    no_test: Annotated[bool, typer.Option("--no-test", help="Connect it without signing in first.")] = False


def add(options: Add, screen: Screen) -> None:
    """Connect a mailbox, or give a connected one new settings.

    Signs in to send and to read first, says what works, and stores nothing unless everything does.
    """
    file = read_mailbox_file(Path(options.mailbox)) if _is_file(options.mailbox) else MailboxFile({"address": options.mailbox})
    address = file.text("address")
    if not normal_form(address):
        raise Invalid(f"{address!r} is no address.", hint="Give a mailbox's address, or a mailbox file.", field="address")
    provider, settings, note = _servers(options, file, address)
    with open_segue(options) as segue:
        new = _new_mailbox(options, file, provider, settings, _password(options, file, screen, note))
        checks = Checks() if options.no_test else _check(segue, new, screen)
        checks = Checks((*checks.results, *([] if options.no_test else _check_names(segue, new, options.dkim_selector, screen))))
        if checks.ok:
            with segue.tx() as tx:
                mailbox_id = connect_mailbox(tx, _user(tx, options, file, address), new, segue.vault())
    document: dict[str, Any] = {"mailbox": address, "provider": provider, "checks": _checks_json(checks), "connected": checks.ok}
    if not checks.ok:
        raise MailboxNotConnected(checks, note)
    screen.show(
        {**document, "mailbox_id": mailbox_id},
        *_draw_checks(checks),
        sentence(f"{address} is connected.", "bold green"),
        sentence("Next: `segue sequence apply FILE.yaml`, then `segue enroll`."),
    )


class MailboxNotConnected(DomainError):
    """A check failed, so nothing was stored. The sentences of all checks are its message."""

    code = "mailbox_check_failed"

    def __init__(self, checks: Checks, note: str) -> None:
        told = "\n".join(f"  {'✓' if ok else '✗'} {name}: {said}" for name, ok, said in checks.results)
        hint = f"{note} Correct it and run the command again; --no-test connects it as it is.".strip()
        super().__init__(f"The mailbox was not connected.\n{told}", hint=hint)


def _is_file(given: str) -> bool:
    return given.endswith((".yaml", ".yml")) or ("@" not in given and Path(given).is_file())


def _servers(options: Add, file: MailboxFile, address: str) -> tuple[str, dict[str, Any], str]:
    """Return provider, settings and what is to be known of them: from the options, the file, a preset, or the address."""
    settings = dict(file.values.get("settings", {}))
    if options.smtp_host:
        settings |= {"smtp_host": options.smtp_host, "smtp_port": options.smtp_port}
        settings |= {"smtp_tls": "implicit" if options.smtp_port == 465 else "starttls"}
    if options.imap_host:
        settings |= {"imap_host": options.imap_host, "imap_port": options.imap_port}
        settings |= {"imap_tls": "implicit" if options.imap_port == 993 else "starttls"}
    if options.username:
        settings |= {"smtp_username": options.username, "imap_username": options.username}
    provider = file.text("provider") or "smtp_imap"
    if provider != "smtp_imap" or "smtp_host" in settings:
        return provider, settings, ""
    named = options.preset or file.text("preset")
    if named and named not in PRESETS:
        raise Invalid(f"There is no preset {named!r}.", hint=f"Choose one of: {', '.join(PRESETS)}.", field="preset")
    preset = PRESETS[named] if named else find_preset(address)
    if preset is None:
        raise Invalid(
            f"Which servers {address} uses cannot be told from the address.",
            hint=f"Add --preset ({', '.join(PRESETS)}), or --smtp-host and --imap-host; your provider's help pages name them.",
            field="preset",
        )
    return provider, preset.settings() | settings, preset.note


def _password(options: Add, file: MailboxFile, screen: Screen, note: str) -> str:
    if options.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if file.text("password"):
        return file.text("password")
    if file.text("password_file"):
        try:
            return Path(file.text("password_file")).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise Invalid(f"The password file cannot be read: {error.strerror}.", hint="Check `password_file`.") from error
    if not sys.stdin.isatty():
        hint = "Pipe it in: `segue mailbox add … --password-stdin < password.txt`."
        raise Invalid("The mailbox needs a password, and nobody is here to type it.", hint=hint, field="password")
    if note:
        screen.note(note)
    return str(typer.prompt(f"Password of {file.text('address')}", hide_input=True, err=True))


def _new_mailbox(options: Add, file: MailboxFile, provider: str, settings: dict[str, Any], password: str) -> NewMailbox:
    limits = file.limits()
    if options.per_day is not None:
        limits["per_day"] = options.per_day
    return NewMailbox(
        address=file.text("address"),
        provider=provider,
        secret=password,
        settings=settings,
        display_name=options.display_name or file.text("display_name"),
        **limits,
    )


def _user(tx: Tx, options: Add, file: MailboxFile, address: str) -> Any:
    """Return whose mailbox it is. A person who is known keeps their name and zone."""
    email = options.user or file.text("user") or address
    known = tx.one("SELECT name, timezone FROM users WHERE workspace_id = %(ws)s AND email = %(email)s", {"email": email.lower()})
    zone = file.text("timezone") or (known["timezone"] if known else get_workspace(tx)["timezone"])
    name = "" if known and known["name"] else options.display_name or file.text("display_name")
    return find_or_create_user(tx, email, name=name, timezone=zone)


def _check(segue: Segue, new: NewMailbox, screen: Screen) -> Checks:
    screen.note(f"Signing in as {new.address} …")
    try:
        return check_mailbox(new, segue.providers())
    except Misconfigured as error:
        return Checks((("settings", False, f"{error.detail[:1].upper()}{error.detail[1:]}."),))


def _check_names(segue: Segue, new: NewMailbox, selector: str, screen: Screen) -> list[tuple[str, bool, str]]:
    """Look at the sending domain. Only one with neither SPF nor DKIM is not connected (MAIL-48); other findings are told."""
    domain = new.address.rpartition("@")[2]
    if new.provider != "smtp_imap" or not (is_public(domain) or segue.settings.name_servers):
        return []
    screen.note(f"Looking {domain} up …")
    host = str(new.settings.get("smtp_host", ""))
    found = check_domain(domain, look_up_at(segue.settings.name_servers), host=host, selector=selector)
    if host.lower() in MICROSOFT:
        screen.note(PASSWORDS_END, style="yellow")
    bad = blocks(found)
    marks = {True: "", None: "? ", False: "! "}
    return [(each.name, not (bad and each.name in ("SPF", "DKIM")), f"{marks[each.ok]}{each.message}") for each in found]


def _checks_json(checks: Checks) -> list[dict[str, Any]]:
    return [{"name": name, "ok": ok, "message": said} for name, ok, said in checks.results]


def _draw_checks(checks: Checks) -> list[Maker]:
    def line(name: str, ok: bool, said: str) -> Maker:
        def make() -> RenderableType:
            return Text("✓ " if ok else "✗ ", "bold green" if ok else "bold red") + cell(f"{name}: {said}")

        return make

    return [line(*result) for result in checks.results]


@dataclass(frozen=True, slots=True, kw_only=True)
class Test(Common):
    address: Annotated[str, typer.Argument(help="A connected mailbox; all of them if left out.")] = ""


def test(options: Test, screen: Screen) -> None:
    """Sign in to connected mailboxes and say what works."""
    with open_segue(options) as segue:
        with segue.tx() as tx:
            addresses = [options.address] if options.address else [row["address"] for row in list_mailboxes(tx)]
            rows = [get_mailbox(tx, address) for address in addresses]
        found = []
        for row in rows:
            screen.note(f"Signing in as {row['address']} …")
            found.append((row["address"], check_stored(segue, row)))
    document = {"mailboxes": [{"address": a, "ok": c.ok, "checks": _checks_json(c)} for a, c in found]}
    screen.show(document, *(maker for a, c in found for maker in (sentence(a, "bold"), *_draw_checks(c))))
    if not found:
        screen.note("No mailbox is connected; `segue mailbox add ADDRESS` connects one.")
    if not all(checks.ok for _, checks in found):
        raise typer.Exit(1)


def check_stored(segue: Segue, row: dict[str, Any]) -> Checks:
    """Sign in to a mailbox as it is stored."""
    try:
        with segue.tx() as tx:
            config = config_of(tx, row, segue.vault())
        return check_mailbox(NewMailbox(config.address, config.provider, config.secret, dict(config.settings)), segue.providers())
    except Misconfigured as error:
        return Checks((("settings", False, error.detail),))
    except DomainError as error:
        return Checks((("password", False, f"{error.message} {error.hint}"),))


def list_all(options: Common, screen: Screen) -> None:
    """List the connected mailboxes: their state, and what they sent in the last 24 hours."""
    with open_segue(options) as segue, segue.tx() as tx:
        rows = list_mailboxes(tx)
        zone = get_workspace(tx)["timezone"]
    screen.show(
        {"mailboxes": rows},
        table(
            ("Address", "State", "#Sent in 24 h", "#Limit", "Next free slot", "Inbox read"),
            (
                (
                    row["address"],
                    describe_state(row),
                    row["sent_24h"],
                    row["per_day"],
                    when(row["next_slot_at"], zone),
                    when(row["inbox_read_at"], zone),
                )
                for row in rows
            ),
            empty="No mailbox is connected; `segue mailbox add ADDRESS` connects one.",
        ),
        *tell_todos(rows),
    )


def tell_todos(rows: list[dict[str, Any]]) -> list[Maker]:
    """Return a line for each mailbox that needs somebody: what is wrong and what to do (SEQ-109)."""
    return [sentence(f"{row['address']}: {row['todo']}", "yellow") for row in rows if row["todo"]]


def describe_state(row: dict[str, Any]) -> Text:
    """Return a mailbox's state in words."""
    if row["state"] != "ok":
        return cell(row["badge"], "bold red")
    if row["breaker"]:
        return cell(f"breaker {row['breaker'].replace('_', ' ')}: {row['breaker_detail']}".rstrip(": "), "bold red")
    if row["badge"] and not row["paused"]:
        return cell(row["badge"], "yellow")
    return cell("paused", "yellow") if row["paused"] else cell("ok", "green")
