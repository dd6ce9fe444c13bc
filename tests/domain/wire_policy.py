"""The reference policy of MAIL-2 for the standard library: slow, right, and what the serializer's headers are compared with."""

import re
from email import policy
from email.header import Header
from email.headerregistry import Address
from typing import Any

WHOLE = {"message-id", "in-reply-to", "references", "list-unsubscribe", "list-unsubscribe-post"}
PEOPLE = {"from", "to", "cc", "reply-to", "sender"}
STDLIB = {"content-type", "content-transfer-encoding", "content-disposition", "content-id", "mime-version", "date"}


def words(text: str, used: int) -> list[str]:
    if text.isascii() and "=?" not in text:
        return text.split(" ")
    return Header(text, "utf-8", maxlinelen=75, header_name="x" * used).encode(linesep="\n").split("\n ")


def person(a: Address) -> str:
    name = a.display_name
    if name.isascii() and "=?" not in name:
        name = '"{}"'.format(re.sub(r'([\\"])', r"\\\1", name)) if name else ""
    else:
        name = " ".join(words(name, 12))
    return f"{name} <{a.addr_spec}>" if name else a.addr_spec


class Wire(policy.EmailPolicy):
    """Folds identifiers and URLs only at blanks, encodes a text or name wholly or not at all, leaves addresses untouched."""

    def fold(self, name: str, value: Any) -> str:
        low = name.lower()
        if low in STDLIB:
            return super().fold(name, value)
        if low in WHOLE:
            parts = str(value).split()
        elif low in PEOPLE:
            parts = ", ".join(map(person, value.addresses)).split(" ")
        else:
            parts = words(str(value), len(name))
        out = [name + ":"]
        for p in parts:
            if p and len(out[-1]) + 1 + len(p) > 78 and out[-1] != name + ":":
                out.append("")
            out[-1] += " " + p
        if max(map(len, out)) > 998:
            raise ValueError(f"{name}: a word longer than a line may be")
        return "\r\n".join(out) + "\r\n"

    def fold_binary(self, name: str, value: Any) -> bytes:
        return self.fold(name, value).encode("ascii")


WIRE = Wire(linesep="\r\n", cte_type="7bit")
