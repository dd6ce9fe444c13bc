"""Options as frozen dataclasses: one field an option or argument, so that a command is a function of its options and a screen.

Every command's options begin with `Common`; so every command has `--json`.
"""

import dataclasses
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, get_type_hints

import typer

from segue.cli.screen import Screen


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """What every command understands."""

    json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False
    workspace: Annotated[str, typer.Option(help="Name of the workspace, where there are several.", metavar="NAME")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting(Common):
    """What a command understands that a user of the workspace may or may not do."""

    as_user: Annotated[str, typer.Option("--as", help="Act as this user, with this user's rights.", metavar="EMAIL")] = ""


O = TypeVar("O", bound=Common)  # noqa: E741  the options of one command
Command = Callable[[O, Screen], None]


def add_command(app: typer.Typer, name: str, command: Command[O], *, panel: str | None = None) -> None:
    """Add a command under this name. Its options are the dataclass of its first parameter, its help is its docstring."""
    options: type[O] = next(iter(get_type_hints(command).values()))

    def run(**given: Any) -> None:
        screen = Screen(as_json=given["json"])
        command(options(**given), screen)

    common = {each.name for each in dataclasses.fields(Common)}
    hints = get_type_hints(options, include_extras=True)
    own_first = sorted(dataclasses.fields(options), key=lambda each: each.name in common)
    parameters = [
        inspect.Parameter(each.name, inspect.Parameter.KEYWORD_ONLY, default=_default(each), annotation=hints[each.name])
        for each in own_first
    ]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    run.__doc__ = command.__doc__
    app.command(name, rich_help_panel=panel)(run)


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default is not dataclasses.MISSING:
        return field.default
    return inspect.Parameter.empty if field.default_factory is dataclasses.MISSING else field.default_factory()
