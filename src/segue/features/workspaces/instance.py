"""The clone fence: a restored, copied or forked database sends nothing until somebody confirms (S26).

The database carries the id of the instance it belongs to, and so does the data folder; the gate compares them for every mail. The
folder's id also names the file it stands in by its inode, so that a copy of the whole folder is a copy too.
"""

import json
import os
from contextlib import suppress
from pathlib import Path

from segue.db.locks import LockKind
from segue.db.tx import Database
from segue.domain.account_events import DatabaseLeft
from segue.domain.errors import Conflict, Unavailable
from segue.domain.events import Event, InstanceConfirmed
from segue.settings import Settings

FILE = "instance.json"


def settle_instance(db: Database, settings: Settings) -> str:
    """Return the id of this instance, made on first use; empty where the folder has none and the database belongs to somebody else.

    Raises:
        Unavailable: the data folder cannot be written.
    """
    own = settings.instance or read_id(settings.data_dir)
    found = list_instances(db)
    if found <= {"", own}:
        own = own or make_id(settings.data_dir, db)
        if "" in found:  # from a version before the fence
            _write(db, own)
    return own


def list_instances(db: Database) -> set[str]:
    """Return the ids that the workspaces of this database carry."""
    with db.anywhere() as conn:
        return {row[0] for row in conn.execute("SELECT instance_id FROM segue_instances()").fetchall()}


def is_fenced(db: Database) -> bool:
    """Say whether some workspace belongs to another instance than this one."""
    return db.instance_id is not None and bool(list_instances(db) - {db.instance_id})


def confirm_instance(db: Database, settings: Settings, *, join: bool) -> str:
    """Make this database this instance's own, or with `join` this folder another one of the database's instance; returns the id.

    Raises:
        Conflict: with `join`, the database has no single instance, or SEGUE_INSTANCE names another one.
        Unavailable: the data folder cannot be written.
    """
    if join:
        found = list_instances(db)
        if len(found) != 1 or (settings.instance and settings.instance not in found):
            raise Conflict("There is no one instance to join.", hint="Leave --join out, or correct SEGUE_INSTANCE.")
        [own] = found
        if not settings.instance:
            write_id(settings.data_dir, own)
    else:
        own = settings.instance or make_id(settings.data_dir, db)
        _write(db, own)
    db.instance_id = own
    return own


def leave_database(db: Database) -> str:
    """Fence this database, as it is about to go on elsewhere; returns the instance that it belonged to, which goes along.

    Waits for the hand-offs that are under way; from the return on nothing is sent from here.
    """
    own = db.instance_id or next(iter(list_instances(db)), "")
    _write(db, f"moved-{db.random_bytes(8).hex()}", DatabaseLeft(instance=own))
    return own


def return_to_database(db: Database, own: str) -> None:
    """Lift the fence again: going elsewhere has failed."""
    _write(db, own)


def _write(db: Database, own: str, fact: Event | None = None) -> None:
    for workspace_id in db.workspace_ids():
        with db.tx(workspace_id) as tx:
            tx.lock_for_stop(LockKind.INSTANCE, 0)
            changed = tx.run(
                "UPDATE workspaces SET instance_id = %(own)s WHERE workspace_id = %(ws)s AND instance_id NOT IN ('', %(own)s)", {"own": own}
            )
            tx.run("UPDATE workspaces SET instance_id = %(own)s WHERE workspace_id = %(ws)s AND instance_id = ''", {"own": own})
            if changed:
                tx.record(fact or InstanceConfirmed(instance=own))


def read_id(folder: Path) -> str:
    """Return the id of a data folder; empty where it has none, or was copied from another one."""
    path = folder / FILE
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return str(kept["id"]) if kept["inode"] == path.stat().st_ino else ""
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return ""


def make_id(folder: Path, db: Database) -> str:
    """Give a data folder a new id. Raises Unavailable."""
    return write_id(folder, db.random_bytes(16).hex())


def write_id(folder: Path, own: str) -> str:
    """Write a data folder's id, whole or not at all. Raises Unavailable."""
    making = folder / f".{FILE}.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with making.open("w", encoding="utf-8") as file:
            json.dump({"id": own, "inode": os.fstat(file.fileno()).st_ino}, file)
            file.flush()
            os.fsync(file.fileno())
        making.replace(folder / FILE)
    except OSError as error:
        with suppress(OSError):
            making.unlink()
        hint = "Let Segue write to SEGUE_DATA_DIR, or give this installation a name with SEGUE_INSTANCE."
        raise Unavailable(f"The id of this installation cannot be kept in {folder}: {error.strerror}.", hint=hint) from error
    return own
