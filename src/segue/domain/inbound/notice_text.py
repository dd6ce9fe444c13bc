"""A notice's own words, apart from the mail it returns; the addresses and the SMTP answers in them."""

import re
from dataclasses import dataclass, field

from segue.domain.addresses import plain_form
from segue.domain.inbound.decode import fold
from segue.domain.inbound.message import Message, addresses, ids_in
from segue.domain.inbound.mime_tree import Part, split_headers
from segue.domain.inbound.phrases.notice import RETURNED
from segue.domain.inbound.search import find_phrase

MAX_LINES = 200
_HEADER_LINE = re.compile(
    r"(?i)[>\s]{0,4}(?:received|return-path|from|to|subject|date|message-id|mime-version|x-mailer|delivered-to|x-[\w-]{2,40}):[ \t]"
)
_TRACE = re.compile(r"(?i)[>\s]{0,4}(?:received: (?:from|by|\(|via)|return-path: ?<)")
_REPLY_LINE = re.compile(
    r"(?:^|[\s<>:;\"'(\[])(?:[45][0-5]\d[ \-](?!\w+ (?:days?|hours?|minutes?|bytes|messages?)\b)\S|#?[45]\.\d{1,3}\.\d{1,3}\b)"
    r"|(?i:\bsaid: |responded|error code|smtp error|remote host)"
)
_TRANSCRIPT = re.compile(
    r"(?:^|[\s<>:;\"'(\[])(?:[45][0-5]\d[ \-]#?[45]\.\d{1,3}\.\d{1,3}|[45][0-5]\d[ \-]+<?[\w(]|\(?#[45]\.\d\.\d)"
    r"|<<< [45]\d\d|>>> "
)
_ANSWER = re.compile(r"<<< [45]\d\d|\(reason: [45]\d\d")
_TRANSLATION = re.compile(r"[45]\d\d [45]\.\d\.\d \S{1,320}\.\.\. (?:User unknown|Service unavailable|Data format error|Host unknown)")
"""Sendmail's own words after the server's answer: it calls every 550 and 553 an unknown user, an SPF failure too."""
_ECHO = re.compile(r"(?i)\s*(?:subject|betreff|objet|asunto|assunto|oggetto|onderwerp|sujet|件名|主题|主題|제목|тема)\s?[:：].*")
_PEOPLE_ECHO = re.compile(r"(?i)\s*(?:to|cc|from|reply-to|sender|an|von|de|à|para|da|a)\s?:\s")
_TO_ECHO = re.compile(r"(?i)\s*(?:to|rcpt to|an|à|para|aan|till|til|do|кому|宛先|收件人)\s?[:：]")
_STOCK = (
    r"(?:message is in mime format|mail reader does not understand"
    r"|some or all of this message|further assistance"
    r"|please (?:contact|include)|delete your own text|this is the (?:mail|postfix|.{1,30} program)"
    r"|sorry to have to inform|message was created automatically"
    r"|automatically generated|if you (?:believe|feel|think|do so|have any)|content-(?:type|transfer|disposition)"
    r"|charset=|do not reply)"
)
_IS_STOCK = re.compile(f"(?i){_STOCK}")
"""Asked first: the sentence around it costs eighty tries at each character."""
_BOILERPLATE = re.compile(rf"(?i)[^.\n]{{0,80}}{_STOCK}[^.\n]{{0,80}}\.?")
_REPORT_HEAD = re.compile(
    r"(?i)report (?:relates|refers) to|following header|header fields|your message|ihre nachricht|votre message|su mensaje"
)
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,100}@[A-Za-z0-9\u00a1-\uffff-]{1,80}(?:\.[A-Za-z0-9\u00a1-\uffff-]{1,80}){0,8}")
_NOT_PEOPLE = re.compile(r"(?:mailer-daemon|postmaster|mailerdaemon|abuse|support|helpdesk|noc|hostmaster)@|(?:gif|jpg|png)$")


@dataclass(slots=True)
class Notice:
    """`body`: the notice's words. `returned`: a returned mail was found. `addressed`: to whom that mail was written."""

    body: str = ""
    folded: str = ""
    lines: list[str] = field(default_factory=list)
    returned: bool = False
    transcript: bool = False
    original_ids: tuple[str, ...] = ()
    addressed: tuple[str, ...] = ()
    reply_lines: list[str] = field(default_factory=list)

    def grounds(self) -> str:
        """The words that can give a reason: no stock sentences, and not the subject of the returned mail."""
        lines = [line[:2_000] for line in self.lines if not _ECHO.match(line)]
        return "\n".join(_BOILERPLATE.sub(" ", line) if _IS_STOCK.search(line) else line for line in lines)

    def reply_about(self, address: str) -> str:
        """The SMTP answer in the text, preferably on or right after a line that names the address."""
        if not self.reply_lines:
            return ""
        local = address.partition("@")[0]
        near = [line for line in self.reply_lines if address and (address in line.lower() or (len(local) > 3 and local in line.lower()))]
        said = " ".join(near or self.reply_lines)
        return (_TRANSLATION.sub(" ", said) if _ANSWER.search(said) else said)[:1_500]


def notice_of(mail: Message) -> Notice:
    """Take the notice apart."""
    notice = Notice()
    lines, rest = _own_lines(mail.text)
    returned = [p for p in mail.parts if _is_returned(p)]
    notice.returned = bool(returned) or bool(rest)
    notice.body = "\n".join(lines)
    notice.folded = fold(notice.body)
    notice.lines = lines
    notice.transcript = any(_TRANSCRIPT.search(line) for line in lines)
    notice.reply_lines = _reply_lines(lines)
    ids: list[str] = []
    people: list[str] = []
    for part in returned[:5]:
        headers = part.children[0].headers if part.children else split_headers(part.content()[:200_000])[0]
        _learn(headers, ids, people)
    if not ids and rest:
        block = "\n".join(
            line.lstrip("> ") if line.startswith(">") else line.strip(" ") if line.startswith("   ") else line for line in rest
        )
        _learn(split_headers(block.lstrip("\n").encode("utf-8", "replace"))[0], ids, people)
        ids = ids or list(ids_in("\n".join(line for line in rest if "message-id" in line.lower())))
    notice.original_ids = tuple(dict.fromkeys(ids))[:50]
    notice.addressed = tuple(dict.fromkeys(people))[:50]
    return notice


def _is_returned(part: Part) -> bool:
    return not part.inside_message and part.kind in {
        "message/rfc822",
        "text/rfc822-headers",
        "message/rfc822-headers",
        "message/global",
        "message/global-headers",
    }


def _learn(headers: list[tuple[str, bytes]], ids: list[str], people: list[str]) -> None:
    for name, value in headers:
        if name in {"message-id", "x-microsoft-original-message-id"}:
            ids.extend(ids_in(value.decode("latin-1")))
        elif name in {"to", "cc"}:
            people.extend(address for address, _ in addresses(value))


def _own_lines(text: str) -> tuple[list[str], list[str]]:
    """Lines above the returned mail, and that mail's lines. It begins at a separator, trace headers, or header lines in a row."""
    lines = text.split("\n")[: MAX_LINES * 5]
    run = 0
    for at, line in enumerate(lines):
        run = run + 1 if _HEADER_LINE.match(line) else run if run and line[:1] in " \t" and line.strip() else 0
        if _TRACE.match(line) or (run >= 4 and not _is_echo(lines, at - run)):
            start = at - run + 1 if run else at
            return _quiet(lines[:start]), lines[start:]
        if at and _is_separator(line):
            return _quiet(lines[:at]), lines[at + 1 :]
    return _quiet(lines[:MAX_LINES]), []


def _is_echo(lines: list[str], before: int) -> bool:
    """The header lines only say which mail is meant ("This report relates to a message you sent with the following header fields")."""
    above = [line for line in lines[max(0, before - 3) : before + 1] if line.strip()]
    return before < 25 and bool(above) and bool(_REPORT_HEAD.search(above[-1]))


def _is_separator(line: str) -> bool:
    stripped = line.strip()
    if not 6 <= len(stripped) <= 110:
        return False
    folded = fold(stripped).strip(" -=*_:.>")
    ruled = stripped[0] in "-=*_+#" or stripped.endswith((":", "--", "**", "=="))
    return ruled and bool(find_phrase(folded, RETURNED)) and "transcript" not in folded and "follow" in folded + "follow" * ruled


def _quiet(lines: list[str]) -> list[str]:
    """Without quoted lines; transcripts begin with `>>> ` or `<<< ` and stay."""
    return [line for line in lines[:MAX_LINES] if not line.startswith(">") or line.startswith(">>> ")]


def _reply_lines(lines: list[str]) -> list[str]:
    out: list[str] = []
    for at, line in enumerate(lines):
        if _REPLY_LINE.search(line):
            joined = " ".join(part.strip() for part in lines[max(0, at - 1) : at + 3] if part.strip())
            out.append(joined[:600])
        if len(out) >= 20:
            break
    return out


def text_recipients(mail: Message, notice: Notice) -> tuple[str, ...]:
    """Addresses that the notice's words name; failing that, to whom the returned mail was written."""
    lines = [line for line in notice.body[:50_000].split("\n") if not _PEOPLE_ECHO.match(line)]
    found = [plain_form(m.strip(".'`")) or m.lower() for m in _ADDRESS.findall("\n".join(lines))]
    skip = {mail.sender, *mail.recipients}
    people = [a for a in dict.fromkeys(found) if a not in skip and not _NOT_PEOPLE.search(a)]
    both = [a for a in people if a in notice.addressed]
    returned = [a for a in notice.addressed if a not in skip]
    return tuple((both or people or returned or [a for a in _echoed(notice) if a not in skip])[:20])


def _echoed(notice: Notice) -> list[str]:
    """Who stands in a "To:" line among the notice's own words."""
    lines = [line for line in notice.lines[:MAX_LINES] if _TO_ECHO.match(line)]
    return [plain_form(m.strip(".'`")) or m.lower() for m in _ADDRESS.findall("\n".join(lines)[:5_000])]
