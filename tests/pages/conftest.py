"""A small Segue that contacts can reach, and a browser of theirs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from starlette.testclient import TestClient

from make import Small, email, make_small, sequence
from segue.app import create_app
from segue.domain.ids import StepKey
from segue.domain.sequence import EmailSettings, Step
from segue.features.mail.links import set_link_settings
from segue.features.mail.telemetry import Telemetry
from segue.features.mail.tracking import load_signs

PUBLIC_URL = "https://mail.acme.test"
ANN = "ann@prospect.test"
PERSON = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"


@dataclass
class Public:
    """A workspace with a postal address, one contact in a sequence of two mails, and the pages."""

    small: Small
    browser: TestClient
    telemetry: Telemetry

    def start(self, *contacts: str, step: Step | None = None, **settings: Any) -> None:
        """Enroll contacts and let the first mail go."""
        small = self.small
        flow = small.add_sequence(sequence(step or email("hello", subject="Hi"), email("again", after=timedelta(days=2)), **settings))
        report = small.enroll(flow, [small.add_contact(each) for each in contacts or (ANN,)])
        assert not report.refused
        small.run_until(small.clock.now() + timedelta(minutes=10), step=timedelta(minutes=10 if len(contacts) < 3 else 1))

    def mail(self, number: int = 0, to: str = ANN) -> EmailMessage:
        """Return a mail that somebody received."""
        found = message_from_bytes(self.small.sent_to(to)[number].wire, policy=policy.default)
        assert isinstance(found, EmailMessage)
        return found

    def link(self, number: int = 0, to: str = ANN) -> str:
        """Return the path of the visible unsubscribe link in a mail."""
        text = self.mail(number, to).get_body(("plain",)).get_content()
        return "/u/" + text.partition(f"{PUBLIC_URL}/u/")[2].split()[0]

    def html(self, number: int = 0, to: str = ANN) -> str:
        """Return the HTML part of a mail."""
        return self.mail(number, to).get_body(("html",)).get_content()

    def paths(self, kind: str, number: int = 0, to: str = ANN) -> list[str]:
        """Return the paths of our own addresses in the HTML part: /o/… or /c/…, in order."""
        return [f"/{kind}/{each}" for each in re.findall(rf'"{PUBLIC_URL}/{kind}/([a-z2-7]+)"', self.html(number, to))]

    def get(self, path: str, *, agent: str = PERSON, after: float = 30, address: str = "203.0.113.7", method: str = "GET") -> Any:
        """Fetch as a mail program does, some seconds later; what comes of it is stored."""
        self.small.clock.advance(timedelta(seconds=after))
        self.browser._transport.client = (address, 50000)
        answer = self.browser.request(method, path, headers={"User-Agent": agent})
        self.telemetry.flush()
        return answer

    def events(self) -> list[dict[str, Any]]:
        """Return what was recorded, oldest first."""
        return self.small.sql(
            """SELECT kind, position, verdict, reasons, final, agent, origin FROM tracking_events WHERE workspace_id = %(ws)s ORDER BY id"""
        )

    def settle(self) -> None:
        """Let ten minutes pass, after which verdicts are final."""
        self.small.clock.advance(timedelta(minutes=11))
        self.small.engine.tend(self.small.workspace_id)


@pytest.fixture
def public(db_urls, tmp_path) -> Iterator[Public]:
    small = make_small(db_urls.app_url, warm_up=False)
    small.db.public_url = PUBLIC_URL
    with small.db.tx(small.workspace_id) as tx:
        set_link_settings(tx, {}, postal_address="Acme, 1 Road, Town")
    telemetry = Telemetry(small.db, load_signs(tmp_path))
    with TestClient(create_app(small.db, telemetry), base_url=PUBLIC_URL, follow_redirects=False) as browser:
        yield Public(small, browser, telemetry)
    telemetry.close()
    small.close()


def html_step(body: str, key: str = "hello") -> Step:
    """Build an HTML email step."""
    return Step(StepKey(key), "email", EmailSettings(body=body, subject="Hi", format="html"))
