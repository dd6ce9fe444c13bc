"""The commands of the README and of "Your first sequence", run as a new user would: in their order, on an empty data folder.

Two commands are changed on the way, because they would leave the machine: the mailbox lies on servers of the test, and the worker's clock runs fast.
"""

import contextlib
import json
import os
import re
import shlex
import subprocess
import sys
from collections import Counter

import pytest

from architecture.tree import ROOT
from servers.faulty_imap import FaultyImap
from servers.faulty_smtp import FaultySmtp

PAGES = ["README.md", "docs/howto/first-sequence.md"]
FENCE = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
ELSEWHERE = {"demo"}
"""Has tests of its own, and takes a minute."""
EMAILS_BEFORE_THE_CALL = 2


def commands_of(page):
    blocks = FENCE.findall((ROOT / page).read_text(encoding="utf-8"))
    lines = [shlex.split(line, comments=True) for block in blocks for line in block.splitlines()]
    return [words[1:] for words in lines if words and words[0] == "./segue" and words[1] not in ELSEWHERE]


class Inbox(FaultyImap):
    """An empty inbox, which takes it calmly when the worker ends while it waits for mail."""

    def _idle(self, sock, lines, tag):
        with contextlib.suppress(StopIteration):
            super()._idle(sock, lines, tag)


class Sandbox:
    """A data folder and a mail server of a test's own."""

    def __init__(self, data, folder, smtp, imap):
        self.environment = os.environ | {"SEGUE_DATA_DIR": str(data), "SEGUE_ALLOWED_HOSTS": "127.0.0.1:*"}
        self.mailbox = folder / "mailbox.yaml"
        server = "  {kind}_host: 127.0.0.1\n  {kind}_port: {port}\n  {kind}_tls: none\n"
        self.mailbox.write_text(
            "address: rita@acme.example\nspacing_seconds: 0\njitter_seconds: 0\nper_minute: 60\nwarm_up: false\nsettings:\n"
            + server.format(kind="smtp", port=smtp.port)
            + server.format(kind="imap", port=imap.port)
            + '  smtp_username: ""\n  files_sent_copies: true\n'
        )

    def run(self, words):
        run = subprocess.run(
            [sys.executable, "-m", "segue.cli", *self._changed(words)],
            cwd=ROOT,
            env=self.environment,
            input="the password\n",
            check=False,
            capture_output=True,
            text=True,
        )
        assert run.returncode == 0, f"./segue {shlex.join(words)}\n{run.stdout}\n{run.stderr}"
        return run.stdout

    def _changed(self, words):
        if words[:2] == ["mailbox", "add"]:
            assert words[2] == "rita@acme.example"
            return ["mailbox", "add", str(self.mailbox), "--password-stdin"]
        return [*words, "--until-idle", "--clock-speed", "100000"] if words == ["worker"] else words


@pytest.fixture
def servers():
    with FaultySmtp() as smtp, Inbox() as imap:
        yield smtp, imap


@pytest.mark.parametrize("page", PAGES)
def test_a_new_user_gets_to_the_first_mails_with_the_commands_of_the_page(page, servers, run_folder, tmp_path):
    smtp, imap = servers
    sandbox = Sandbox(run_folder / page.replace("/", "-"), tmp_path, smtp, imap)
    for words in commands_of(page):
        said = sandbox.run(words)
        if "--dry-run" in words:
            assert "20 of 20 contacts would be enrolled" in said
            assert smtp.accepted == []
    mails = Counter(mail.recipient for mail in smtp.accepted)
    assert len(mails) == 20
    assert set(mails.values()) == {EMAILS_BEFORE_THE_CALL}, "the rest waits for the call"
    assert len({mail.key for mail in smtp.accepted}) == len(smtp.accepted)
    status = json.loads(sandbox.run(["status", "--json"]))
    assert status["sent"] == len(smtp.accepted)
    assert set(status["promises"].values()) == {0}


def test_the_pages_show_what_they_are_for():
    """Each page must contain the commands without which the test above would prove nothing."""
    for page in PAGES:
        shown = [words[0] for words in commands_of(page)]
        assert [each for each in ("init", "mailbox", "sequence", "enroll", "worker", "status") if each not in shown] == []


def test_the_sequence_in_the_readme_is_a_good_one(tmp_path):
    shown = re.search(r"^```yaml\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    file = tmp_path / "readme.yaml"
    file.write_text(shown[1])
    run = subprocess.run(
        [sys.executable, "-m", "segue.cli", "sequence", "lint", str(file), "--json"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout
    assert json.loads(run.stdout)["warnings"] == []
