"""What a workspace has set about mail that arrives, and what judging needs to know of a mailbox (sequences.md §11.2)."""

from dataclasses import asdict, dataclass

from segue.db.tx import Tx
from segue.domain.ids import MailboxId
from segue.features.workspaces.service import write_settings

# Whose Authentication-Results are believed: those of the host that keeps the mailbox. Exchange Online writes none of its own name.
AUTHSERV = {
    "imap.gmail.com": ("mx.google.com",),
    "outlook.office365.com": ("",),
    "imap.fastmail.com": ("mx1.messagingengine.com", "mx2.messagingengine.com", "mx3.messagingengine.com", "mx4.messagingengine.com"),
    "imap.mail.me.com": ("bimi.icloud.com", "dmarc.icloud.com"),
}
_KEY = "mail_rules"


@dataclass(frozen=True, slots=True)
class MailRules:
    """`unrelated_any_user`: other mail of a contact counts in every connected mailbox, not only in its sender's and enroller's (SEQ-150).
    `log_alias_mail`: mail from an alias is put on the timeline (SEQ-152). `opt_out_words`: a reply that asks for no more mail opts the
    address out (SEQ-156). `count_by_hand`: mails that a rep writes in the mail program count toward the mailbox's limit (SEQ-93)."""

    unrelated_any_user: bool = False
    log_alias_mail: bool = False
    opt_out_words: bool = True
    count_by_hand: bool = True


@dataclass(frozen=True, slots=True)
class Reader:
    """What judging needs to know of the mailbox."""

    mailbox_id: MailboxId
    own_addresses: frozenset[str]
    trusted_authserv: frozenset[str]
    rules: MailRules = MailRules()

    @classmethod
    def load(cls, tx: Tx, mailbox_id: MailboxId) -> "Reader":
        """Mail from any connected mailbox of the workspace never counts as the contact's (sequences.md §11.2)."""
        rows = tx.all("SELECT id, address, settings FROM mailboxes WHERE workspace_id = %(ws)s", {})
        host = next((str(row["settings"].get("imap_host", "")) for row in rows if row["id"] == mailbox_id), "")
        own = frozenset(row["address"].lower() for row in rows)
        return cls(mailbox_id, own, frozenset(AUTHSERV.get(host.lower(), ())), get_mail_rules(tx))


def get_mail_rules(tx: Tx) -> MailRules:
    """Return what the workspace has set, or the defaults."""
    row = tx.one("SELECT settings -> 'mail_rules' AS rules FROM workspaces WHERE workspace_id = %(ws)s", {})
    stored = (row["rules"] if row else None) or {}
    return MailRules(**{name: bool(stored[name]) for name in asdict(MailRules()) if name in stored})


def set_mail_rules(tx: Tx, rules: MailRules) -> None:
    """Change them; mails judged before keep their verdicts."""
    write_settings(tx, {_KEY: asdict(rules)})
