"""The faulty server as a soak uses it: a process of its own with a log that tells the truth."""

import json
import os
import smtplib
import subprocess
import sys
from pathlib import Path

from servers.smtp_faults import CATALOGUE, by_seed


def test_as_a_process_it_logs_each_acceptance_before_the_client_hears_of_it(tmp_path: Path) -> None:
    log = tmp_path / "accepted.jsonl"
    tests = Path(__file__).resolve().parents[1]
    command = [sys.executable, "-m", "servers.faulty_smtp", "--log", str(log), "--seed", "3", "--rate", "0"]
    environment = os.environ | {"PYTHONPATH": str(tests)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        port = int(server.stdout.readline())
        with smtplib.SMTP("127.0.0.1", port, local_hostname="acme.test") as client:
            for number in range(3):
                client.sendmail("a@b.test", "c@d.test", f"X-Segue-Key: k{number}\r\nMessage-ID: <{number}@x>\r\n\r\nhello\r\n".encode())
                assert [json.loads(line)["key"] for line in log.read_text().splitlines()] == [f"k{n}" for n in range(number + 1)]
        server.stdin.close()
        assert json.loads(server.stdout.readline()) == {}
    assert server.returncode == 0


def test_the_same_seed_chooses_the_same_faults_and_covers_the_catalogue() -> None:
    first, again = by_seed(11, 0.5), by_seed(11, 0.5)
    chosen = [(what, first(what, n)) for what in ("connection", "message") for n in range(2000)]
    assert chosen == [(what, again(what, n)) for what in ("connection", "message") for n in range(2000)]
    assert {fault for _, fault in chosen if fault} == set(CATALOGUE)
