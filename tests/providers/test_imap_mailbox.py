"""The smtp_imap provider keeps the reading contract on a real Dovecot."""

from collections.abc import Iterator

import pytest

from providers.contract_mailbox import MailboxContract
from providers.mailbox_rigs import DovecotRig
from servers.mail_servers import MailServers

pytestmark = pytest.mark.servers


class TestDovecotMailbox(MailboxContract):
    @pytest.fixture
    def rig(self, mail_servers: MailServers) -> Iterator[DovecotRig]:
        rig = DovecotRig(mail_servers)
        yield rig
        rig.close()
