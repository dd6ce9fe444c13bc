"""The contracts of import-linter in pyproject.toml can really fail: each catches a violation planted in a copy of the tree."""

import shutil
import subprocess
import sys

import pytest

from architecture.tree import ROOT

PLANTED = {
    "layers": ("src/segue/domain/planted.py", "import segue.providers\n"),
    "slices": ("src/segue/features/workspaces/planted.py", "import segue.features.mail\n"),
    "pure": ("src/segue/domain/planted.py", "import random\n"),
    "tables": ("src/segue/features/mail/service.py", "import segue.db.tables\n"),
    "acyclic": ("src/segue/providers/egress.py", "import segue.providers.mail.smtp\n"),
}


def lint(folder, contract):
    command = [f"{sys.prefix}/bin/lint-imports", "--no-cache", "--contract", contract]
    return subprocess.run(command, cwd=folder, env={"PYTHONPATH": str(folder / "src")}, check=False, capture_output=True, text=True)


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


@pytest.mark.parametrize("contract", PLANTED)
def test_a_contract_breaks_on_a_planted_violation(copy, contract):
    name, line = PLANTED[contract]
    planted = copy / name
    before = planted.read_text() if planted.exists() else None
    planted.write_text(line + (before or ""))
    run = lint(copy, contract)
    if before is None:
        planted.unlink()
    else:
        planted.write_text(before)
    assert run.returncode == 1, run.stdout + run.stderr
    assert "0 kept, 1 broken" in run.stdout


def test_a_new_top_module_must_be_given_its_place(copy):
    planted = copy / "src/segue/planted.py"
    planted.write_text("")
    run = lint(copy, "layers")
    planted.unlink()
    assert run.returncode == 1
    assert "planted" in run.stdout
