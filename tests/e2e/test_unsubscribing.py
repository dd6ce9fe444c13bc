"""From the mail in a real mailbox to the button and back: `segue api` and `segue worker` as processes, Dovecot and Postfix, fast days."""

import re
import socket
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import Any
from urllib.parse import unquote

import httpx2
import pytest

from e2e.console import PAUSE, Console
from e2e.post import Mail, deliver, from_rep, mails_of, write
from servers.mail_servers import MailServers

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]

ANN, BEN, CARA, DAN = "ann@prospect.test", "ben@prospect.test", "cara@prospect.test", "dan@prospect.test"
SEQUENCE = """
name: Two mails
settings: {days: everyday, window: "00:00-24:00"}
steps:
  - email:
      subject: A question
      format: html
      body: <p>Hello, <a href="https://acme.example/offer?x=1&amp;y=2">this</a> may help.</p>
  - email:
      body: Hello again.
    after: 2 days
"""


@dataclass
class Story:
    """What happened."""

    servers: MailServers
    timelines: dict[str, dict[str, Any]] = field(default_factory=dict)
    pages: dict[str, httpx2.Response] = field(default_factory=dict)

    def reason(self, who: str) -> tuple[str, str]:
        enrollment = self.timelines[who]["enrollments"][0]
        return enrollment["state"], enrollment["reason"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def words_of(mail: Mail, kind: str) -> str:
    part = message_from_bytes(mail.raw, policy=policy.default).get_body((kind,))  # type: ignore[attr-defined]
    return str(part.get_content())


def first_mail(servers: MailServers, who: str) -> Mail:
    for _ in range(300):
        found = from_rep(servers, who)
        if found:
            return found[0]
        PAUSE.wait(0.1)
    raise AssertionError(f"{who} has received nothing")


def react(story: Story, address: str) -> None:
    """Ann presses the button, Ben's mail program posts, Cara's writes the mail form, Dan looks at everything and does nothing."""
    servers = story.servers
    links = {who: re.search(rf"{address}/u/[a-z2-7]+", words_of(first_mail(servers, who), "plain"))[0] for who in (ANN, BEN, DAN)}  # type: ignore[index]
    with httpx2.Client(trust_env=False, timeout=20) as browser:
        story.pages["shown"] = browser.get(links[ANN])
        story.pages["done"] = browser.post(links[ANN], data={"scope": "personal"})
        story.pages["one-click"] = browser.post(links[BEN], data={"List-Unsubscribe": "One-Click"})
        browser.get(links[DAN])
        html = words_of(first_mail(servers, DAN), "html")
        browser.get(re.search(rf"{address}/o/[a-z2-7]+", html)[0])  # type: ignore[index]
        story.pages["click"] = browser.get(
            re.search(rf"{address}/c/[a-z2-7]+", html)[0], headers={"User-Agent": "Mozilla/5.0 (X11) Firefox/130"}
        )  # type: ignore[index]
    mailto = re.search(r"<mailto:([^?]+)\?subject=([^>]+)>", first_mail(servers, CARA)["List-Unsubscribe"])
    assert mailto is not None
    deliver(servers, CARA, write(CARA, unquote(mailto[2]), "", to=unquote(mailto[1])))


@pytest.fixture(scope="module")
def story(run_folder, tmp_path_factory):
    folder = run_folder / "unsubscribing"
    folder.mkdir(mode=0o711)
    port = free_port()
    with MailServers(users=("rep@acme.test", ANN, BEN, CARA, DAN)) as servers:
        told = Story(servers)
        console = Console(folder / "data", tmp_path_factory.mktemp("unsubscribing"), servers)
        console.env["SEGUE_PUBLIC_URL"] = f"http://127.0.0.1:{port}"
        try:
            console.init()
            console.connect(spacing_seconds=0, jitter_seconds=0)
            assert "postal address" in console.fail("sequence", "apply", console.write("flow.yaml", SEQUENCE))["message"]
            console.ask("workspace", "set", "--postal-address", "Acme, 1 Road, Town")
            console.ask("sequence", "apply", console.write("flow.yaml", SEQUENCE))
            people = console.write("people.csv", "email,first_name\n" + "".join(f"{who},Some\n" for who in (ANN, BEN, CARA, DAN)))
            console.ask("contacts", "import", people)
            console.enroll("Two mails", ANN, BEN, CARA, DAN)
            with console.worker("--clock-speed", str(86_400 / 10)), console.api(port) as address:
                react(told, address)
                console.wait_until(lambda status: not status["enrollments"].get("active"), seconds=120)
            told.timelines = {who: console.ask("timeline", who) for who in (ANN, BEN, CARA, DAN)}
            yield told
        finally:
            console.close()


def test_the_page_is_shown_and_its_button_ends_the_enrollment(story: Story) -> None:
    assert "Unsubscribe" in story.pages["shown"].text
    assert "You are unsubscribed" in story.pages["done"].text
    assert story.reason(ANN) == ("unenrolled", "UNSUBSCRIBED")


def test_one_click_ends_the_enrollment(story: Story) -> None:
    assert story.pages["one-click"].text == "You are unsubscribed.\n"
    assert story.reason(BEN) == ("unenrolled", "UNSUBSCRIBED")


def test_the_mail_form_ends_the_enrollment(story: Story) -> None:
    assert story.reason(CARA) == ("unenrolled", "OPTED_OUT")


def test_nothing_more_goes_to_whoever_opted_out_and_the_other_gets_it_all(story: Story) -> None:
    assert [len(from_rep(story.servers, who)) for who in (ANN, BEN, CARA, DAN)] == [1, 1, 1, 2]
    assert story.reason(DAN) == ("finished", "")


def test_looking_opening_and_clicking_did_nothing_but_were_seen(story: Story) -> None:
    assert story.pages["click"].headers["location"] == "https://acme.example/offer?x=1&y=2"
    kinds = {entry["kind"] for entry in story.timelines[DAN]["entries"]}
    assert "link_clicked" in kinds


def test_the_real_mail_has_both_headers_whole(story: Story) -> None:
    mail = from_rep(story.servers, DAN)[1]
    assert re.fullmatch(
        r"<http://127\.0\.0\.1:\d+/u/[a-z2-7]{32}>, <mailto:rep@acme\.test\?subject=unsubscribe%20[a-z2-7]{32}>", mail["List-Unsubscribe"]
    )
    assert len(mails_of(story.servers, "rep@acme.test", "Sent")) == 5
