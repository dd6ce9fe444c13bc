"""A small Segue that contacts can reach, and a browser of theirs."""

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

PUBLIC_URL = "https://mail.acme.test"
ANN = "ann@prospect.test"


@dataclass
class Public:
    """A workspace with a postal address, one contact in a sequence of two mails, and the pages."""

    small: Small
    browser: TestClient

    def start(self, *contacts: str, step: Step | None = None, **settings: Any) -> None:
        """Enroll contacts and let the first mail go."""
        small = self.small
        flow = small.add_sequence(sequence(step or email("hello", subject="Hi"), email("again", after=timedelta(days=2)), **settings))
        report = small.enroll(flow, [small.add_contact(each) for each in contacts or (ANN,)])
        assert not report.refused
        small.run_until(small.clock.now() + timedelta(minutes=10))

    def mail(self, number: int = 0, to: str = ANN) -> EmailMessage:
        """Return a mail that somebody received."""
        found = message_from_bytes(self.small.sent_to(to)[number].wire, policy=policy.default)
        assert isinstance(found, EmailMessage)
        return found

    def link(self, number: int = 0, to: str = ANN) -> str:
        """Return the path of the visible unsubscribe link in a mail."""
        text = self.mail(number, to).get_body(("plain",)).get_content()
        return "/u/" + text.partition(f"{PUBLIC_URL}/u/")[2].split()[0]


@pytest.fixture
def public(db_urls) -> Iterator[Public]:
    small = make_small(db_urls.app_url, warm_up=False)
    small.db.public_url = PUBLIC_URL
    with small.db.tx(small.workspace_id) as tx:
        set_link_settings(tx, {}, postal_address="Acme, 1 Road, Town")
    with TestClient(create_app(small.db), base_url=PUBLIC_URL, follow_redirects=False) as browser:
        yield Public(small, browser)
    small.close()


def html_step(body: str, key: str = "hello") -> Step:
    """Build an HTML email step."""
    return Step(StepKey(key), "email", EmailSettings(body=body, subject="Hi", format="html"))
