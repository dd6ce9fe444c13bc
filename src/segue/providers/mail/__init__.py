"""Mail providers by name. A new one is a file here and a line in `mail_providers`; the contract suite then runs on it."""

from segue.providers.egress import EgressPolicy
from segue.providers.mail.base import MailProvider
from segue.providers.mail.fake import FAKE
from segue.providers.mail.smtp_imap import SmtpImapProvider


def mail_providers(egress: EgressPolicy) -> dict[str, MailProvider]:
    """Return the providers under the operator's policy for hosts that users name."""
    return {
        "smtp_imap": SmtpImapProvider(egress),
        "fake": FAKE,
    }


MAIL_PROVIDERS = mail_providers(EgressPolicy())
"""The providers of an operator who allowed nothing: public IPv4 hosts only."""
