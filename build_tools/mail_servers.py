"""Real mail servers for the tests marked `servers`: Dovecot and Postfix from Debian's packages, installed where that can be done unasked.

Only the programs are wanted: the tests run them with a configuration of their own. Nothing is started and no configuration is asked for.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PACKAGES = ["dovecot-imapd", "dovecot-lmtpd", "dovecot-submissiond", "dovecot-sieve", "postfix"]
POLICY = Path("/usr/sbin/policy-rc.d")
"""Debian's switch for "do not start services on installation"; invoke-rc.d and deb-systemd-invoke both ask it."""


def install_mail_servers(policy: Path = POLICY) -> str:
    """Install what is missing. Return an empty string when the servers are there, else why they are not."""
    if not shutil.which("dpkg-query") or not shutil.which("apt-get"):
        return "there is no apt-get here"
    missing = [name for name in PACKAGES if not is_installed(name)]
    if not missing:
        return ""
    if os.geteuid() != 0 and (not shutil.which("sudo") or not succeeds(["sudo", "-n", "true"])):
        return f"installing {' '.join(missing)} needs root"
    command = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *missing]
    with services_not_started(policy):
        preseed = "postfix postfix/main_mailer_type select No configuration\n"
        subprocess.run(as_root(["debconf-set-selections"]), check=False, input=preseed, text=True, capture_output=True)
        if not succeeds(as_root(command)) and not (succeeds(as_root(["apt-get", "update", "--quiet"])) and succeeds(as_root(command))):
            return f"apt-get could not install {' '.join(missing)}"
    return ""


def is_installed(package: str) -> bool:
    """Say whether dpkg has the package, configured."""
    asked = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status}", package], check=False, capture_output=True, text=True)
    return asked.stdout == "installed"


def as_root(command: list[str]) -> list[str]:
    """Return the command as root runs it, without questions."""
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", *command]
    return quiet if os.geteuid() == 0 else ["sudo", "-n", *quiet]


def succeeds(command: list[str]) -> bool:
    """Run a command; its output is shown only if it fails."""
    done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        print((done.stdout + done.stderr).strip()[-1500:], flush=True)
    return done.returncode == 0


@contextmanager
def services_not_started(policy: Path) -> Iterator[None]:
    """Keep packages from starting services while they are installed; a policy that the machine has of its own is left alone."""
    if policy.exists():
        yield
        return
    subprocess.run(as_root(["sh", "-c", f"printf '#!/bin/sh\\nexit 101\\n' > {policy} && chmod 755 {policy}"]), check=True)
    try:
        yield
    finally:
        subprocess.run(as_root(["rm", "-f", str(policy)]), check=True)
