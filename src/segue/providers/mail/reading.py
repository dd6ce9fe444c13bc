"""What every provider that reads folders needs: ids of a copy (MAIL-13) and alarms about a folder (MAIL-55). Never parses a message."""

import re

from segue.providers.mail.base import IdKind

_HEADER = re.compile(rb"^(message-id|x-microsoft-original-message-id)[ \t]*:[ \t\r\n]*(<[^<>\r\n]{1,996}>)", re.IGNORECASE | re.MULTILINE)


def ids_of_copy(raw: bytes, folder: str, uid_validity: int, uid: int) -> tuple[tuple[str, str], ...]:
    """Return (kind, value) pairs of a Sent copy: the observed Message-ID, ours if the server kept it elsewhere, and where the copy lies."""
    head = raw.partition(b"\r\n\r\n")[0]
    found: list[tuple[str, str]] = []
    for name, value in _HEADER.findall(head):
        kind = IdKind.OBSERVED if name.lower() == b"message-id" else IdKind.ORIGINAL
        found.append((kind, value.decode("ascii", "replace")))
    found.append((IdKind.PROVIDER, f"{folder};{uid_validity};{uid}"))
    return tuple(found)


def vanished(folder: str) -> str:
    """Return the alarm for a folder that is gone."""
    return f"the folder {folder} has vanished from the server"


def alarm_of(folder: str, *, last_uid: int, uid_next: int, count: int, count_before: int | None) -> str:
    """Return a sentence when a folder is not what it was, else an empty string.

    `count_before` is what this session saw last (None: not yet), so that somebody who keeps an empty inbox hears it once and not
    with every poll.
    """
    if last_uid >= uid_next:
        return f"the folder {folder} lost messages without a new UIDVALIDITY: the next UID is {uid_next}, {last_uid} was read"
    if count == 0 and last_uid > 0 and count_before != 0:
        return f"the folder {folder} is empty although messages were read from it"
    if count_before is not None and count_before >= 20 and count * 2 < count_before:
        return f"the folder {folder} shrank from {count_before} to {count} messages"
    return ""
