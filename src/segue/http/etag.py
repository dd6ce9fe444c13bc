"""The state of a resource in a few characters, for If-Match and ETag (RFC 9110 §8.8, §13.1)."""

import hashlib

from pydantic import BaseModel

from segue.http.models import Out


def etag_of(shown: BaseModel) -> str:
    """Return the validator of what is shown of a resource: of `edited()` where there is more to it than what a person edits."""
    shown = shown.edited() if isinstance(shown, Out) else shown
    return f'"{hashlib.sha256(shown.model_dump_json().encode()).hexdigest()[:24]}"'


def matches(if_match: str, etag: str) -> bool:
    """Say whether a header names this state, or any."""
    return if_match.strip() == "*" or etag in (each.strip() for each in if_match.split(","))
