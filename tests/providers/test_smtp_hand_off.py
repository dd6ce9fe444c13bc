"""The smtp_imap provider keeps the hand-off contract, with and without pipelining."""

from collections.abc import Iterator

import pytest

from providers.contract_mail import HandOffContract
from providers.mail_rigs import SmtpHandOffRig, smtp_rig


class TestSmtpHandOffTogether(HandOffContract):
    @pytest.fixture
    def rig(self) -> Iterator[SmtpHandOffRig]:
        with smtp_rig() as rig:
            yield rig


class TestSmtpHandOffInTurn(HandOffContract):
    @pytest.fixture
    def rig(self) -> Iterator[SmtpHandOffRig]:
        with smtp_rig("8BITMIME") as rig:
            yield rig
