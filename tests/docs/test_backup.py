"""The commands of "Back up and restore": what was dumped is there again in another data folder, fenced as before."""

import json
import os
import re
import shlex
import subprocess
import sys

from architecture.tree import ROOT

FENCE = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def run(folder, *command):
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=os.environ | {"SEGUE_DATA_DIR": str(folder)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{shlex.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def commands_of_the_page(dump):
    """Return the two commands that make and load a backup, with a file of the test's own."""
    blocks = FENCE.findall((ROOT / "docs/operate/backup.md").read_text(encoding="utf-8"))
    lines = [shlex.split(line) for block in blocks for line in block.splitlines()]
    wanted = [words for words in lines if words[:2] in (["./segue", "backup"], ["./segue", "restore"])]
    return [["-m", "segue.cli", *(word.replace("acme.backup", str(dump)) for word in words[1:])] for words in wanted]


def test_a_dump_restored_into_an_empty_folder_holds_everything(run_folder, tmp_path):
    before, after = run_folder / "backed-up", run_folder / "restored"
    dump, restore = commands_of_the_page(tmp_path / "acme.backup")
    run(before, "-m", "segue.cli", "init", "--name", "Acme", "--timezone", "Europe/Berlin", "--email", "rita@acme.example")
    run(before, "-m", "segue.cli", "sequence", "apply", "examples/sequence.yaml")
    run(before, "-m", "segue.cli", "contacts", "import", "examples/contacts.csv")
    run(before, *dump)
    run(after, *restore)
    listed = [json.loads(run(folder, "-m", "segue.cli", "contacts", "list", "--json")) for folder in (before, after)]
    assert listed[0]["count"] == 20
    assert listed[0] == listed[1]
    assert json.loads(run(after, "-m", "segue.cli", "sequence", "list", "--json"))["sequences"][0]["version"] == 1
    # S26: the copy is fenced until somebody confirms; the original is not.
    fenced = [json.loads(run(folder, "-m", "segue.cli", "status", "--json"))["fenced"] for folder in (before, after)]
    assert fenced == [False, True]
    assert json.loads(run(after, "-m", "segue.cli", "confirm-instance", "--yes", "--json"))["confirmed"]
    assert not json.loads(run(after, "-m", "segue.cli", "status", "--json"))["fenced"]
    assert "tenant" in run(
        after, "build_tools/with_database.py", "psql", "--no-psqlrc", "-c", "SELECT DISTINCT policyname FROM pg_policies"
    )


def test_a_program_that_does_not_exist_is_told_in_a_sentence(run_folder):
    done = subprocess.run(
        [sys.executable, "build_tools/with_database.py", "pg_nothing"],
        cwd=ROOT,
        env=os.environ | {"SEGUE_DATA_DIR": str(run_folder / "no-program")},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr == "There is no program pg_nothing, neither beside the embedded PostgreSQL nor on PATH.\n"
