"""Mail providers by name. A new one is a file here and a line in `MAIL_PROVIDERS`; the contract suite then runs on it."""

from segue.providers.mail.base import MailProvider
from segue.providers.mail.fake import FAKE
from segue.providers.mail.smtp_imap import SmtpImapProvider

MAIL_PROVIDERS: dict[str, MailProvider] = {
    "smtp_imap": SmtpImapProvider(),
    "fake": FAKE,
}
