"""Finding phrases in folded text. Plain substring search: linear, and faster than an alternation of hundreds of words."""

from collections.abc import Iterable

_NO_WORD_BREAKS = "\u0e00"
"""From Thai on, scripts may write without blanks: no boundary is asked for there."""


def find_phrase(text: str, phrases: Iterable[str]) -> str:
    """The first phrase of the list that occurs and begins at a word's beginning; "" if none does."""
    return next((phrase for phrase in phrases if phrase in text and starts_word(text, phrase)), "")


def count_phrases(text: str, phrases: Iterable[str], enough: int) -> int:
    """How many different phrases occur, counting no further than `enough`."""
    seen = 0
    for phrase in phrases:
        if phrase in text and starts_word(text, phrase):
            seen += 1
            if seen >= enough:
                break
    return seen


def starts_word(text: str, phrase: str) -> bool:
    """Whether some occurrence is not the tail of a longer word."""
    if not phrase[0].isalnum() or phrase[0] >= _NO_WORD_BREAKS:
        return True
    at = text.find(phrase)
    while at >= 0:
        if at == 0 or not text[at - 1].isalnum():
            return True
        at = text.find(phrase, at + 1)
    return False
