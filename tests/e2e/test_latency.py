"""From the moment a reply is handed to the mail server to the stored stop, on the real clock (SEQ-147, G22)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from statistics import median, quantiles
from time import time

import psycopg
import pytest

from e2e.console import PAUSE, Console
from e2e.post import answer, deliver, from_rep
from servers.mail_servers import MailServers

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]

PEOPLE = [f"person{n}@prospect.test" for n in range(20)]
ONE_MAIL = """
name: One mail
steps:
  - email: {subject: A question, body: May I ask you something?}
  - email: {body: Hello again.}
    after: 2 days
"""


def test_a_reply_stops_its_contact_within_seconds(
    console_for: Callable[..., Console], database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with MailServers(users=("rep@acme.test", *PEOPLE), vacations={}) as servers:
        console = console_for(servers, database_url)
        console.init()
        console.connect(spacing_seconds=0, jitter_seconds=0)
        console.ask("contacts", "import", console.write("contacts.csv", "email\n" + "\n".join(PEOPLE)))
        console.ask("sequence", "apply", console.write("sequence.yaml", ONE_MAIL))
        console.enroll("One mail", *PEOPLE)
        with console.worker():
            console.wait_until(lambda status: status["sent"] == len(PEOPLE), seconds=60)
            written = {who: write_back(servers, who) for who in PEOPLE}
            console.wait_until(lambda status: status["ended_because"] == {"REPLIED": len(PEOPLE)}, seconds=60)
        assert all(len(from_rep(servers, who)) == 1 for who in PEOPLE)
    stopped = ends(database_url)
    took = sorted((stopped[who] - written[who]).total_seconds() for who in PEOPLE)
    p95 = quantiles(took, n=20)[-1]
    with capsys.disabled():
        print(f"\nreply to stop, {len(took)} replies: median {median(took):.2f} s, p95 {p95:.2f} s, most {took[-1]:.2f} s")
    assert min(took) > 0
    assert p95 <= timedelta(seconds=5).total_seconds()


def write_back(servers: MailServers, who: str) -> datetime:
    """Answer; return when that was begun."""
    PAUSE.wait(0.25)  # people do not answer all at once, and each shall wake the reader anew
    (mail,) = from_rep(servers, who)
    began = datetime.fromtimestamp(time(), datetime.now().astimezone().tzinfo)
    deliver(servers, who, answer(mail, who, "Yes."))
    return began


def ends(url: str) -> dict[str, datetime]:
    with psycopg.connect(url) as database:
        rows = database.execute(
            "SELECT c.email, v.at FROM events AS v JOIN contacts AS c ON c.workspace_id = v.workspace_id AND c.id = v.contact_id "
            "WHERE v.kind = 'enrollment_ended'"
        ).fetchall()
    return {str(email): at for email, at in rows}
