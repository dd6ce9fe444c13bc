"""Pytest fixtures of the real servers: import them in a conftest, mark the tests `servers`."""

from collections.abc import Iterator

import pytest

from servers.mail_servers import MailServers, installed

SPARE_BOXES = 300
"""Mailboxes box1@acme.test … for tests that want one of their own."""


@pytest.fixture(scope="session")
def mail_servers() -> Iterator[MailServers]:
    """One set of real servers for the whole run."""
    assert installed(), (
        "install dovecot-imapd dovecot-lmtpd dovecot-submissiond dovecot-sieve postfix and run as root, or deselect -m servers"
    )
    with MailServers(spare_boxes=SPARE_BOXES) as servers:
        yield servers
