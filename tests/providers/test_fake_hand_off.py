"""The fake provider keeps the hand-off contract."""

import pytest

from providers.contract_mail import HandOffContract
from providers.mail_rigs import FakeHandOffRig


class TestFakeHandOff(HandOffContract):
    @pytest.fixture
    def rig(self) -> FakeHandOffRig:
        return FakeHandOffRig()
