"""A command that a page names exists, with the options that the page gives it."""

import re
import subprocess
import sys

import pytest

from architecture.tree import ROOT, all_files

FENCE = re.compile(r"^```(?:sh|bash|console|shell)?\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\s*(?:\$ )?(\./[a-z][^#\n|>&;]*)", re.MULTILINE)


def commands():
    pages = [name for name in all_files() if name.endswith(".md") and not name.startswith("docs/adr/")]
    found = {command.strip() for name in pages for block in FENCE.findall((ROOT / name).read_text()) for command in COMMAND.findall(block)}
    return sorted(found)


def test_every_command_that_a_page_names_exists():
    for command in commands():
        program, *arguments = command.split()
        assert (ROOT / program).is_file(), command
        if program == "./segue":
            words = [word for word in arguments if re.fullmatch(r"[a-z][a-z-]*", word)][:2]
            options = [word.split("=")[0] for word in arguments if word.startswith("--") and word != "--help"]
            described = help_of(words)
            assert [option for option in options if option not in described] == [], command


def help_of(words):
    """Return the help of the deepest command that the words name: a word may also be a value."""
    for count in (len(words), 1):
        run = subprocess.run(
            [sys.executable, "-m", "segue.cli", *words[:count], "--help"], check=False, capture_output=True, text=True, cwd=ROOT
        )
        if run.returncode == 0:
            return run.stdout
    return pytest.fail(f"./segue {' '.join(words)} --help: {run.stderr or run.stdout}")
