"""Machines that ask the sender to prove that he is a person (MAIL-65, MAIL-75)."""

from segue.domain.inbound.decode import fold
from segue.domain.inbound.delivery_status import status_parts
from segue.domain.inbound.message import Message
from segue.domain.inbound.phrases.challenge import CHALLENGE
from segue.domain.inbound.phrases.prefixes import START
from segue.domain.inbound.search import count_phrases
from segue.domain.inbound.senders import has_null_path, is_daemon, is_office

_FIRST = 3_000


def find_challenge(mail: Message, automatic: str) -> str:
    """The rule by which it is one, "" if it is none. One phrase needs a machine's sender or header beside it; two stand alone.

    A report of delivery that happens to use one of the phrases ("your address is not on its allowed senders list") stays a report.
    A person's reply never is one, unless a header says that a machine wrote it, or it has three phrases and no thread: people talk about
    such mails too.
    """
    hits = count_phrases(mail.folded_subject + "\n" + fold(mail.text[:_FIRST]), CHALLENGE, 3)
    if not hits:
        return ""
    machine = bool(automatic) or has_null_path(mail) or is_daemon(mail) or is_office(mail)
    threaded = bool(mail.in_reply_to or mail.references)
    if (START.match(mail.folded_subject) and not machine and (hits < 3 or threaded)) or (hits == 1 and status_parts(mail.parts)):
        return ""
    if hits >= 2 or machine:
        mail.note(f"challenge words: {hits}")
        return "MAIL-75.challenge" if machine or hits >= 2 else ""
    return ""
