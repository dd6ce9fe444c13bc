"""Whom an automatic answer names in the place of the one who left (MAIL-75). Shown and offered, never written to by itself."""

import re

from segue.domain.addresses import plain_form

_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")


def find_successor(text: str, sender: str, own: frozenset[str]) -> str:
    """The first address in the text that is neither the sender's nor ours, preferably in the sender's domain; "" if none is named."""
    found = [plain_form(a.strip(".")) for a in _ADDRESS.findall(text[:6_000])]
    others = [a for a in dict.fromkeys(found) if a and a != sender and a not in own]
    domain = sender.rpartition("@")[2]
    return next((a for a in others if a.endswith("@" + domain)), others[0] if others else "")
