"""The fake provider keeps the reading contract."""

import pytest

from providers.contract_mailbox import MailboxContract
from providers.mailbox_rigs import FakeMailboxRig


class TestFakeMailbox(MailboxContract):
    @pytest.fixture
    def rig(self) -> FakeMailboxRig:
        return FakeMailboxRig()
