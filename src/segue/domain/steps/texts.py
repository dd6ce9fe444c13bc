"""Checks of the texts in a step: tokens are known and closed, subjects are one line."""

from difflib import get_close_matches

from segue.domain.sequence import Finding
from segue.domain.template_grammar import TemplateError
from segue.domain.tokens import TOKENS, TokenUse, check_template

SUBJECT_LIMIT = 255
"""Characters. Mail programs show some 60; what is longer is a text in the wrong place."""
_ALWAYS_THERE = frozenset({"contact.email", "unsubscribe_url"})
_MAY_LACK = ("contact.", "company.")
"""Values that come from records and may be absent; the sender's own are known before anything runs."""


def check_subject(text: str, field: str) -> list[Finding]:
    """Return what is wrong with a subject, which may be empty here. A line break would end the header it goes into."""
    if len(text) > SUBJECT_LIMIT:
        return [Finding(f"This subject is longer than {SUBJECT_LIMIT} characters.", "Shorten it.", path=(field,))]
    if text and not text.isprintable():
        return [Finding("This subject is not one line of plain text.", "Remove line breaks and control characters.", path=(field,))]
    return check_text(text, field)


def check_text(text: str, field: str, *, is_html: bool = False) -> list[Finding]:
    """Return wrong tokens as errors (SEQ-46), and tokens that may come out empty or are probably misspelt as warnings (SEQ-47)."""
    try:
        used = check_template(text, is_html=is_html)
    except TemplateError as error:
        said = error.message.partition(": ")[2]  # its line is the text's; `Finding` carries it, and a file has another
        message = said[:1].upper() + said[1:]
        return [Finding(message, error.hint, path=(field,), line=error.line or 0, column=error.column)]
    return [finding for use in used for finding in _doubts(use, text, field)]


def _doubts(use: TokenUse, text: str, field: str) -> list[Finding]:
    line = next((n for n, content in enumerate(text.split("\n"), 1) if use.name in content), 0)
    if use.name.startswith(_MAY_LACK) and use.name not in TOKENS:
        near = get_close_matches(use.name, TOKENS, n=1, cutoff=0.85)
        if near:
            # It may be a property of the workspace's own. But a slip of the pen with a fallback would never be told later.
            message = f"{use.name} is no token that every workspace has."
            return [Finding(message, f"Did you mean {near[0]}?", "warning", (field,), line)]
    if use.name.startswith("placeholder."):
        hint = "Whoever enrolls fills it in; enrolling by automation is refused."
        return [Finding(f"{use.name} has to be filled in for each contact.", hint, "warning", (field,), line)]
    if use.has_fallback or use.name in _ALWAYS_THERE or not use.name.startswith(_MAY_LACK):
        return []
    message = f"{use.name} has no fallback: contacts without this value are refused."
    return [Finding(message, f'Write {{{{ {use.name} | fallback("there") }}}}.', "warning", (field,), line)]
