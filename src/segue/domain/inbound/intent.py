"""What the new text of a reply wants (MAIL-81, MAIL-82). Rules only, high precision; only `unsubscribe` acts, everything else labels.

Whatever this says, a person's reply stops the sequence.
"""

import re

from segue.domain.inbound.decode import fold
from segue.domain.inbound.phrases.intents import LATER, MEETING, NOT_INTERESTED, REFERRAL, WRONG_PERSON
from segue.domain.inbound.phrases.opting_out import STOP_DEMANDS
from segue.domain.inbound.phrases.opting_out_words import STOP_WORDS
from segue.domain.inbound.search import find_phrase

MAX_CHARACTERS = 4_000
SHORT = 80
"""Characters of a short message; one word can be the message of a text of four times as many, name and signature included."""

_NEGATED = re.compile(
    r"(?:\bnot|n't|\bdont|\bnever|\bwithout|\bnicht|\bkein\w*|\bne|\bpas|\bno|\bnao|\bnon|\bniet|\binte|\bikke|\balla|\bnie|\bnem|\bnu|\bне)"
    r"\W{1,3}(?:\w{1,12}\W{1,2}){0,2}$"
)
_THIRD = re.compile(
    r"\b(?:how (?:do|can|to|did)|if (?:you|they|people|users|customers)|c(?:an|ould) (?:i|you|we|they)|whether)\W(?:\w+\W){0,4}$"
)
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_GREETING = re.compile(
    r"^(?:hi|hello|hey|dear|hallo|guten tag|bonjour|hola|ola|ciao|hej|hei|dzien dobry|dobry den|здравствуйте|please|pls|bitte|por favor"
    r"|merci|thanks|thank you|danke|kindly)\b"
)
_SIGN_OFF = re.compile(
    r"\b(?:please|pls|plz|thanks|thank you|thx|bitte|danke|merci|svp|por favor|gracias|grazie|obrigado|now|immediately|me|this|list|from"
    r"|your|the|all|email|emails|mailing|regards|best|kind)\b"
)


def intent_of(text: str, own_domain_addresses: frozenset[str] = frozenset()) -> str:
    """One of unsubscribe, wrong_person, referral, not_interested, later, meeting, question, needs_person."""
    folded = re.sub(r"[ \t]+", " ", fold(text[:MAX_CHARACTERS]))
    if wants_out(folded):
        return "unsubscribe"
    named = [a for a in _ADDRESS.findall(folded) if a not in own_domain_addresses]
    if find_phrase(folded, WRONG_PERSON):
        return "referral" if named and find_phrase(folded, REFERRAL) else "wrong_person"
    if named and find_phrase(folded, REFERRAL):
        return "referral"
    for label, phrases in (("not_interested", NOT_INTERESTED), ("later", LATER), ("meeting", MEETING)):
        if find_phrase(folded, phrases):
            return label
    return "question" if re.search(r"[?？؟](?:\s|$)", folded) else "needs_person"


def wants_out(folded: str) -> bool:
    """Whether folded new text demands to hear no more: a clear demand anywhere, or an opt-out word that is the message."""
    for phrase in STOP_DEMANDS:
        at = folded.find(phrase)
        while at >= 0:
            if _is_meant(folded, at, phrase):
                return True
            at = folded.find(phrase, at + 1)
    return _is_the_message(folded)


def _is_meant(text: str, at: int, phrase: str) -> bool:
    before = text[max(0, at - 40) : at]
    if phrase[0] < "\u0e00" and before[-1:].isalnum():
        return False
    sentence = re.split(r"[.!?\n]", before)[-1]
    if _NEGATED.search(sentence) or _THIRD.search(sentence):
        return False
    after = text[at + len(phrase) : at + len(phrase) + 80]
    return not re.match(r"[^.!\n]{0,60}\?| (?:\w+ )?(?:nicht|niet|inte|ikke)\b", after)


def _is_the_message(folded: str) -> bool:
    lines = [line.strip() for line in folded.split("\n") if line.strip()]
    if not lines or "?" in folded:
        return False
    if len(lines) > 1 and (lines[0].endswith(",") or _GREETING.match(lines[0])) and len(lines[0]) < 40:
        bare = _bare_words(lines[0])
        lines = lines if bare in STOP_WORDS else lines[1:]
    return _bare_words(lines[0]) in STOP_WORDS and len(folded) <= 4 * SHORT


def _bare_words(line: str) -> str:
    """A line without greeting, thanks and the small words around a demand."""
    words = re.sub(r"[^\w\s-]", " ", line)
    return " ".join(_SIGN_OFF.sub(" ", _GREETING.sub(" ", words)).split())
