"""A command that a page names exists, with the options that the page gives it."""

import re

import typer

from architecture.tree import ROOT, all_files
from segue.cli.program import make_app

FENCE = re.compile(r"^```(?:sh|bash|console|shell)?\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\s*(?:\$ )?(\./[a-z][^#\n|>&;]*)", re.MULTILINE)


def commands():
    pages = [name for name in all_files() if name.endswith(".md") and not name.startswith("docs/adr/")]
    found = {command.strip() for name in pages for block in FENCE.findall((ROOT / name).read_text()) for command in COMMAND.findall(block)}
    return sorted(found)


def test_every_command_that_a_page_names_exists():
    program_itself = typer.main.get_command(make_app("*"))
    for command in commands():
        program, *arguments = command.split()
        assert (ROOT / program).is_file(), command
        if program == "./segue":
            words = [word for word in arguments if re.fullmatch(r"[a-z][a-z-]*", word)]
            options = [word.split("=")[0] for word in arguments if word.startswith("--") and word != "--help"]
            known = options_of(program_itself, words)
            assert [option for option in options if option not in known] == [], command


def options_of(command, words):
    """Return the options of the deepest command that the words name: a word may also be a value."""
    named = command
    for word in words:
        if word not in getattr(named, "commands", {}):
            break
        named = named.commands[word]
    assert named is not command or not words, f"there is no ./segue {' '.join(words)}"
    return {option for parameter in named.params for option in (*parameter.opts, *parameter.secondary_opts)}
