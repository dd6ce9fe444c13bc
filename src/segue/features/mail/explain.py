"""`segue mail explain FILE.eml… | DIR`: what Segue makes of a mail, and why. Reads files, sends nothing, stores nothing."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from segue.domain.inbound import Kind, ReadContext, Verdict, read

MAIL_SUFFIXES = frozenset({".eml", ".mail", ".msg", ".txt", ".mbox", ""})
MAX_BYTES = 30_000_000


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


def explain_paths(paths: Iterable[str | Path], context: ReadContext | None = None) -> Iterator[dict[str, Any]]:
    """Explain files, and every mail file below folders, in the order of their names."""
    for path in paths:
        for file in mail_files(Path(path)):
            yield explain_file(file, context)


def mail_files(path: Path) -> list[Path]:
    """The file itself, or the mail files below a folder."""
    if not path.is_dir():
        return [path]
    return sorted(p for p in path.rglob("*") if p.is_file() and p.suffix.lower() in MAIL_SUFFIXES and not p.name.startswith("."))


def _load(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES)
