"""`segue mail explain FILE.eml… | DIR`: what Segue makes of a mail, and why. Reads files, sends nothing, stores nothing."""

import re
from pathlib import Path
from typing import Any

from segue.domain.inbound import Kind, ReadContext, Verdict, read

MAX_BYTES = 30_000_000
_ALWAYS = frozenset({".eml", ".mail", ".mbox", ".txt", ""})
"""Endings of files that are taken for mails without a look inside."""
_SNIFF = 4_096
_FIRST_LINE = re.compile(rb"\s{0,40}(?:>?From [^\r\n]{1,500}(?:\r\n|\n|\r))?[!-9;-~]{1,100}[ \t]*:")
_KNOWN_FIELD = re.compile(
    rb"(?im)^(?:from|to|subject|date|received|message-id|return-path|delivered-to|mime-version|content-type|x-[\w-]{2,60})[ \t]*:"
)


def explain_file(source: str | Path | bytes, context: ReadContext | None = None) -> dict[str, Any]:
    """The verdict on one mail as plain values. `source` is a path or the raw bytes.

    Stable keys: file, kind, hard, class, recipient, answers, return_date, new_text, signals. Further keys may be added.
    Raises OSError if the file cannot be read; a mail that cannot be understood is a verdict, not an error.
    """
    name = "" if isinstance(source, bytes) else str(source)
    raw = source if isinstance(source, bytes) else _load(Path(source))
    return {"file": name, **explain_verdict(read(raw, context or ReadContext()))}


def explain_verdict(verdict: Verdict) -> dict[str, Any]:
    """A verdict as JSON-ready values. `class` is the bounce class or the kind of automatic answer or the intent of a reply."""
    bounce = verdict.bounce
    named = (*bounce.failed_recipients, *(r.address for r in bounce.recipients if r.address)) if bounce else ()
    return {
        "kind": verdict.kind.value,
        "hard": bool(bounce and bounce.hard),
        "class": bounce.reason if bounce else verdict.auto_kind or verdict.intent,
        "recipient": named[0] if named else None,
        "answers": _answers(verdict),
        "return_date": verdict.return_date.isoformat() if verdict.return_date else None,
        "new_text": verdict.new_text,
        "signals": list(verdict.signals),
        "rule": verdict.rule,
        "version": verdict.version,
        "undecided": verdict.undecided,
        "opt_out": verdict.opt_out,
        "sender": verdict.sender,
        "subject": verdict.subject,
        "status": bounce.status if bounce else None,
        "action": bounce.action if bounce else None,
        "diagnostic": bounce.diagnostic if bounce else None,
        "return_sentence": verdict.return_sentence or None,
        "successor": verdict.successor or None,
        "calendar": verdict.partstat or None,
        "authentication": verdict.authentication,
    }


def _answers(verdict: Verdict) -> list[str]:
    """Ids of the mails that this one answers or returns, nearest first."""
    returned = verdict.bounce.original_message_ids if verdict.bounce and verdict.kind is Kind.BOUNCE else ()
    return list(dict.fromkeys((*returned, *verdict.in_reply_to, *reversed(verdict.references))))


def mail_files(path: Path) -> list[Path]:
    """The file itself, or the mails below a folder in the order of their names.

    Mail stores give files names of their own ("1161867.M5P9.host:2,S", "00001.7c53336b"), so what has another ending is looked into.
    Hidden files are left out.
    """
    if not path.is_dir():
        return [path]
    return sorted(p for p in path.rglob("*") if not p.name.startswith(".") and p.is_file() and _is_mail(p))


def _is_mail(path: Path) -> bool:
    if path.suffix.lower() in _ALWAYS:
        return True
    try:
        with path.open("rb") as file:
            head = file.read(_SNIFF)
    except OSError:
        return True  # named among those that could not be read
    return bool(_FIRST_LINE.match(head) and _KNOWN_FIELD.search(head))


def _load(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES)
