"""Make `.venv` hold exactly what a lock file names, and Segue itself. Called by environment.sh with the system's Python.

Usage: environment.py ROOT LOCK

Two callers at once take turns (flock). The environment that was there is put aside and comes back if the new one cannot be made, so a
failed set-up never leaves half an environment. `requirements-dev.lock` contains all of `requirements.lock`, so it serves for both.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

RUN, DEV = "requirements.lock", "requirements-dev.lock"


def main(root: Path, lock: str) -> int:
    """Return the exit code: 0 once the environment is whole."""
    venv = root / ".venv"
    with (root / ".venv.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if is_whole(root, venv, lock):  # somebody else has just made it
            return 0
        before = root / ".venv.before"
        if venv.exists() and not before.exists():
            venv.rename(before)
        shutil.rmtree(venv, ignore_errors=True)  # half of one, from a set-up that was killed
        began = time.monotonic()
        print("Setting Segue up in .venv (once; about half a minute) ... ", end="", file=sys.stderr, flush=True)
        try:
            install(root, venv, lock)
        except (subprocess.CalledProcessError, OSError, KeyboardInterrupt) as error:
            shutil.rmtree(venv, ignore_errors=True)
            if before.exists():
                before.rename(venv)
            print(f"failed.\n{explain(error)}", file=sys.stderr)
            return 1
        shutil.rmtree(before, ignore_errors=True)
        print(f"done in {time.monotonic() - began:.0f} s.", file=sys.stderr)
    return 0


def is_whole(root: Path, venv: Path, lock: str) -> bool:
    """Say whether `venv` was made here, from this very lock file (the same test as in environment.sh)."""
    try:
        where, made_from = (venv / "installed" / "where").read_text(), (venv / "installed" / lock).read_bytes()
    except OSError:
        return False
    return where == f"{root}\n" and made_from == (root / lock).read_bytes() and os.access(venv / "bin" / "python", os.X_OK)


def install(root: Path, venv: Path, lock: str) -> None:
    """Make the environment; its note of what it was made from comes last."""
    # By its real name: /usr/bin/python3 may be another version next year, /usr/bin/python3.12 is that or nothing.
    run(os.path.realpath(sys.executable), "-I", "-m", "venv", str(venv))
    pip = [str(venv / "bin" / "python"), "-I", "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet", "install"]
    run(*pip, "--require-hashes", "-r", str(root / lock))
    run(*pip, "--no-deps", "--no-build-isolation", "--editable", str(root))
    making = venv / "installed.making"
    making.mkdir()
    for name in {lock, RUN}:
        shutil.copyfile(root / name, making / name)
    (making / "where").write_text(f"{root}\n")
    making.rename(venv / "installed")


def run(*command: str) -> None:
    """Run a command; its output is kept for the case that it fails."""
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def explain(error: BaseException) -> str:
    """Return what a person needs to know of a failure."""
    if isinstance(error, subprocess.CalledProcessError):
        said = "\n".join(f"  {line}" for line in (error.stdout or "").strip().splitlines()[-12:])
        return f"{said}\nNothing was changed. Segue needs a package index that pip can reach; PIP_INDEX_URL can name another one."
    return f"{error or 'interrupted'}; nothing was changed."


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
