"""Mail that could not be judged: look at it, and judge it again once the cause is gone (MAIL-56)."""

from dataclasses import dataclass
from typing import Any

from segue.db.tx import Database, Tx
from segue.domain.errors import Invalid, NotFound
from segue.domain.ids import MailboxId, WorkspaceId
from segue.features.mail.judge import judge
from segue.features.mail.mail_rules import Reader
from segue.providers.mail.base import Incoming


@dataclass(frozen=True, slots=True)
class Place:
    """Where a quarantined mail lay: `12/INBOX/1/345` is mailbox, folder, UIDVALIDITY, UID."""

    mailbox_id: int
    folder: str
    uid_validity: int
    uid: int

    @classmethod
    def read(cls, text: str) -> "Place":
        """Read a place as `list_quarantined` writes it. Raises Invalid."""
        head, _, uid = text.rpartition("/")
        head, _, validity = head.rpartition("/")
        mailbox, _, folder = head.partition("/")
        if not (mailbox.isdecimal() and folder and validity.isdecimal() and uid.isdecimal()):
            raise Invalid(f"{text!r} is no quarantined mail.", hint="`segue mail quarantine list` names them.")
        return cls(int(mailbox), folder, int(validity), int(uid))

    def __str__(self) -> str:
        return f"{self.mailbox_id}/{self.folder}/{self.uid_validity}/{self.uid}"

    def values(self) -> dict[str, Any]:
        return {"mailbox": self.mailbox_id, "folder": self.folder, "validity": self.uid_validity, "uid": self.uid}


def list_quarantined(tx: Tx, *, most: int = 500) -> list[dict[str, Any]]:
    """Return quarantined mails, the newest first, without their bytes."""
    rows = tx.all(
        """SELECT q.mailbox_id, q.folder, q.uid_validity, q.uid, q.tries, q.error, q.released, q.at, octet_length(q.raw) AS size,
               b.address AS mailbox
           FROM quarantine AS q JOIN mailboxes AS b ON b.workspace_id = q.workspace_id AND b.id = q.mailbox_id
           WHERE q.workspace_id = %(ws)s ORDER BY q.at DESC, q.uid DESC LIMIT %(most)s""",
        {"most": most},
    )
    return [{"place": str(Place(r["mailbox_id"], r["folder"], r["uid_validity"], r["uid"])), **r} for r in rows]


def get_quarantined(tx: Tx, place: Place) -> dict[str, Any]:
    """Return a quarantined mail with its bytes. Raises NotFound."""
    row = tx.one(f"SELECT * FROM quarantine WHERE {AT}", place.values())
    if row is None:
        raise NotFound(f"There is no quarantined mail {place}.", hint="`segue mail quarantine list` names them.")
    return row


def retry_quarantined(db: Database, workspace_id: WorkspaceId, place: Place) -> str:
    """Judge a mail again, as received when it was set aside; returns an empty string, or why it still cannot be judged.

    Raises:
        NotFound: it is not there (any more).
    """
    with db.tx(workspace_id) as tx:
        row = get_quarantined(tx, place)
    message = Incoming(place.folder, place.uid, place.uid_validity, row["at"], bytes(row["raw"]), len(row["raw"]))
    try:
        with db.tx(workspace_id, actor="inbox") as tx:
            judge(tx, Reader.load(tx, MailboxId(place.mailbox_id)), message, row["at"])
            tx.run(f"DELETE FROM quarantine WHERE {AT}", place.values())
    except Exception as error:  # noqa: BLE001  the edge: what it was set aside for may be anything
        said = f"{type(error).__name__}: {error}"[:500]
        with db.tx(workspace_id) as tx:
            tx.run(f"UPDATE quarantine SET tries = tries + 1, error = %(error)s WHERE {AT}", {**place.values(), "error": said})
        return said
    return ""


AT = "workspace_id = %(ws)s AND mailbox_id = %(mailbox)s AND folder = %(folder)s AND uid_validity = %(validity)s AND uid = %(uid)s"
