"""`./segue` sets itself up once and starts at once afterwards; a set-up that fails takes nothing away."""

import os
import shutil
import subprocess
from pathlib import Path

import build_tools.mail_servers as mail_servers
import pytest

from architecture.tree import ROOT


@pytest.fixture
def tree(tmp_path):
    """A copy of what `./segue` needs, with an environment that only says how it was called."""
    home = tmp_path / "a folder"
    shutil.copytree(ROOT / "build_tools", home / "build_tools")
    for name in ("segue", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(ROOT / name, home)
    set_up(home, "requirements.lock")
    return home


def set_up(home: Path, *locks: str) -> None:
    program = home / ".venv" / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    program.chmod(0o755)
    (home / ".venv" / "installed").mkdir()
    for lock in locks:
        shutil.copy(home / lock, home / ".venv" / "installed" / lock)
    (home / ".venv" / "installed" / "where").write_text(f"{home}\n")


def call(command, *arguments, **environment):
    """Run without a package index, so that a set-up must fail and can be seen."""
    return subprocess.run(
        [str(command), *arguments],
        cwd="/",
        env=os.environ | {"PIP_NO_INDEX": "1"} | environment,
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )


def test_it_starts_from_anywhere_and_through_links_with_its_arguments_whole(tree, tmp_path):
    (tmp_path / "first").symlink_to(Path("a folder") / "segue")
    (tmp_path / "second").symlink_to(tmp_path / "first")
    run = call(tmp_path / "second", "enroll", "two words", "*")
    assert run.stdout.splitlines() == ["-m", "segue.cli", "enroll", "two words", "*"]
    assert run.stderr == ""


def test_an_environment_of_check_serves_as_well(tree):
    shutil.rmtree(tree / ".venv")
    set_up(tree, "requirements-dev.lock", "requirements.lock")
    assert call(tree / "segue").stdout.splitlines() == ["-m", "segue.cli"]


def test_changed_requirements_are_installed_and_a_failure_puts_the_old_environment_back(tree):
    with (tree / "requirements.lock").open("a") as lock:
        lock.write("not-to-be-had==1.0 --hash=sha256:" + "0" * 64 + "\n")
    run = call(tree / "segue")
    assert run.returncode == 1
    assert "Setting Segue up" in run.stderr
    assert "failed" in run.stderr
    assert sorted(path.name for path in tree.glob(".venv*")) == [".venv", ".venv.lock"]
    assert (tree / ".venv" / "bin" / "python").read_text().startswith("#!/bin/sh")


@pytest.fixture
def old_python(tmp_path):
    """A PATH on which the only Python is too old: whoever looks for one to set up with says so."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("readlink", "dirname", "cmp"):
        (programs / name).symlink_to(shutil.which(name))
    (programs / "python3").write_text("#!/bin/sh\necho old\n")
    (programs / "python3").chmod(0o755)
    return str(programs)


def refuses(tree, path):
    run = call(tree / "segue", PATH=path)
    return run.returncode == 1 and run.stderr.startswith("segue: Python 3.11 or newer is needed")


def test_without_a_new_enough_python_it_says_so(tree, old_python):
    assert not refuses(tree, old_python)
    shutil.rmtree(tree / ".venv")
    assert refuses(tree, old_python)


def test_half_an_environment_is_not_taken_for_a_whole_one(tree, old_python):
    shutil.rmtree(tree / ".venv" / "installed")
    assert refuses(tree, old_python)


def test_an_environment_of_another_folder_is_not_used(tree, old_python):
    """Its programs and its link to the source name the folder where it was made."""
    assert refuses(tree.rename(tree.with_name("elsewhere")), old_python)


def test_mail_servers_that_cannot_be_installed_are_reported_with_the_reason(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert mail_servers.install_mail_servers() == "there is no apt-get here"


def test_mail_servers_are_installed_without_questions_after_one_update(tmp_path, monkeypatch):
    """A package list that was never fetched makes the first try fail; the second comes after `apt-get update`."""
    said, policy = tmp_path / "said", tmp_path / "policy-rc.d"
    said.touch()
    scripts = {
        "dpkg-query": "exit 1",
        "debconf-set-selections": "exit 0",
        "sudo": 'shift; exec "$@"',
        "apt-get": f'test -x {policy} && echo "$DEBIAN_FRONTEND $1" >> {said}; grep -q update {said}',
    }
    for name, script in scripts.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert mail_servers.install_mail_servers(policy) == ""
    assert not policy.exists()
    assert said.read_text().splitlines() == ["noninteractive install", "noninteractive update", "noninteractive install"]
