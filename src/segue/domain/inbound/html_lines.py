"""HTML to lines of text, each knowing whether a mail client marked it as quotation (MAIL-79, layer 1). One pass, linear, any input.

Only what reading a reply needs: block elements break lines, scripts and styles vanish, entities become characters.
"""

import html
import re
from dataclasses import dataclass, field

from segue.domain.inbound.decode import strip_invisible

MAX_HTML = 600_000
"""Characters looked at; a reply's own words stand long before."""
_MAX_OPEN = 200

_TAG = re.compile(r"</?([a-zA-Z][\w:-]{0,30})")
_ATTRIBUTE = re.compile(r"""\b(class|id|type|style|name)\s*=\s*(?:"([^"]{0,1000})"|'([^']{0,1000})'|([^\s"'>]{1,300}))""", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n\f]+")

_BLOCK = re.compile(
    r"address|article|aside|blockquote|body|br|center|dd|div|dl|dt|footer|form|h1|h2|h3|h4|h5|h6|head|header|hr"
    r"|html|li|main|nav|ol|p|pre|section|table|tbody|td|tfoot|th|thead|title|tr|ul"
)
_SILENT = frozenset({"script", "style", "title", "head", "noscript", "template"})
_TRACKED = frozenset({"div", "blockquote", "span", "table", "td", "p", "section", "font"})

# Elements whose whole inside is somebody else's text.
_QUOTE_CLASSES = re.compile(
    r"(?:^|\s)(?:yahoo_quoted|protonmail_quote|moz-cite-prefix|gmail_attr|gmail_extra_quote|tutanota_quote|zmail_extra|OutlookMessageHeader|"
    r"wordsection_quote|front-blockquote|freshdesk_quote|zendesk_quote|moz-forward-container|ms-outlook-mobile-reference-message|"
    r"quoted-?text|quotedMessage|email_quote|bloop_markdown_quote|WM_QUOTE|x_gmail_attr|nativecontent_quote|hmquote)(?=$|\s|-)",
    re.IGNORECASE,
)
# From these on, everything up to the end of the document is.
_REST_IDS = re.compile(
    r"^(?:x_)*(?:appendonsend|divRplyFwdMsg|mail-editor-reference-message-container|OLK_SRC_BODY_SECTION|stopSpelling)$", re.IGNORECASE
)
_GMAIL = re.compile(r"(?:^|\s)(?:x_)?gmail_quote(?:_container)?(?=$|\s)", re.IGNORECASE)
_SIGNATURE = re.compile(r"(?:^|\s)(?:gmail_signature|moz-signature|protonmail_signature_block)(?=$|\s|-)", re.IGNORECASE)
# Outlook draws a line above the header block of the quoted mail. Its colour is one of few; other borders are decoration.
_OUTLOOK_LINE = re.compile(r"border:\s*none;\s*border-top:\s*solid\s*#(?:E1E1E1|B5C4DF|C0C0C0)\s", re.IGNORECASE)


@dataclass(slots=True)
class Line:
    """One line of text. `quoted`: marked as quotation by the client. `marked` tells by what."""

    text: str
    quoted: bool = False
    signature: bool = False
    block: bool = False
    """Inside a blockquote."""
    gmail: int = 0
    """Number of the Gmail container around it, 0 for none."""


@dataclass(slots=True)
class _State:
    lines: list[Line] = field(default_factory=list)
    current: list[str] = field(default_factory=list)
    stack: list[tuple[str, str]] = field(default_factory=list)
    """Open elements: tag and its role, one of "", quote, block, gmail, signature, rest, silent."""
    quotes: int = 0
    blocks: int = 0
    signatures: int = 0
    silent: int = 0
    gmail: list[int] = field(default_factory=list)
    gmail_count: int = 0
    rest: bool = False

    def end_line(self) -> None:
        text = _SPACE.sub(" ", "".join(self.current)).strip()
        self.current.clear()
        gmail = self.gmail[-1] if self.gmail else 0
        quoted = self.rest or self.quotes > 0 or self.blocks > 0
        self.lines.append(Line(text, quoted, self.signatures > 0, self.blocks > 0, gmail))


def html_lines(source: str) -> tuple[list[Line], bool]:
    """The lines, and whether any quotation marker was seen."""
    state = _State()
    text = source[:MAX_HTML]
    at, size = 0, len(text)
    comments_end = True
    while at < size:
        opening = text.find("<", at)
        if opening < 0:
            opening = size
        if opening > at and not state.silent:
            state.current.append(html.unescape(text[at:opening]))
        if opening == size:
            break
        if comments_end and text.startswith("<!--", opening):
            stop = text.find("-->", opening + 4)
            comments_end = stop >= 0
            if comments_end:
                at = stop + 3
                continue
        tag = _TAG.match(text, opening)
        if not tag and not text.startswith(("<!", "<?", "</"), opening):
            if not state.silent:
                state.current.append("<")
            at = opening + 1
            continue
        stop = text.find(">", opening, opening + 20_000)
        stop = stop if stop >= 0 else min(size, opening + 20_000) - 1
        if tag:
            _element(state, tag[1].lower(), text[opening : stop + 1])
        at = stop + 1
    state.end_line()
    return _settle(state)


def _element(state: _State, tag: str, source: str) -> None:
    closing = source.startswith("</")
    if _BLOCK.fullmatch(tag) and not state.silent:
        state.end_line()
    if tag in _SILENT:
        _open_silent(state, tag, closing=closing)
        return
    if state.silent:
        if tag == "body":
            state.stack = [entry for entry in state.stack if entry[1] != "silent"]
            state.silent = 0
        return
    if tag not in _TRACKED or source.endswith("/>"):
        if tag in {"a", "hr", "tr"} and not closing:
            _positional(state, source)
        return
    if closing:
        _close(state, tag)
        return
    if len(state.stack) < _MAX_OPEN:
        role = _role(tag, source)
        state.stack.append((tag, role))
        _enter(state, role)


def _open_silent(state: _State, tag: str, *, closing: bool) -> None:
    if closing:
        if state.silent and state.stack and state.stack[-1] == (tag, "silent"):
            state.stack.pop()
            state.silent -= 1
    elif tag != "head" and len(state.stack) < _MAX_OPEN:
        state.stack.append((tag, "silent"))
        state.silent += 1


def _attributes(source: str) -> dict[str, str]:
    return {m[1].lower(): m[2] or m[3] or m[4] or "" for m in _ATTRIBUTE.finditer(source[:3_000])}


def _role(tag: str, source: str) -> str:
    if tag != "blockquote" and "=" not in source:
        return ""
    known = _attributes(source)
    names = known.get("class", "")
    if tag == "blockquote":
        return "block"
    if _REST_IDS.match(known.get("id", "")) or _OUTLOOK_LINE.search(known.get("style", "")):
        return "rest"
    if _GMAIL.search(names):
        return "gmail"
    if _QUOTE_CLASSES.search(names) or _QUOTE_CLASSES.search(known.get("id", "")):
        return "quote"
    return "signature" if _SIGNATURE.search(names) else ""


def _positional(state: _State, source: str) -> None:
    if _REST_IDS.match(_attributes(source).get("id", "")):
        state.end_line()
        state.rest = True


def _enter(state: _State, role: str) -> None:
    if not role:
        return
    if state.current:
        state.end_line()
    if role == "quote":
        state.quotes += 1
    elif role == "block":
        state.blocks += 1
    elif role == "signature":
        state.signatures += 1
    elif role == "rest":
        state.rest = True
    elif role == "gmail":
        state.gmail_count += 1
        state.gmail.append(state.gmail_count)


def _close(state: _State, tag: str) -> None:
    """Close the nearest open element of that name, and whatever was left open inside it."""
    for back in range(len(state.stack) - 1, -1, -1):
        if state.stack[back][0] == tag:
            for _, role in reversed(state.stack[back:]):
                _leave(state, role)
            del state.stack[back:]
            return


def _leave(state: _State, role: str) -> None:
    if role and state.current:
        state.end_line()
    if role == "quote":
        state.quotes -= 1
    elif role == "block":
        state.blocks -= 1
    elif role == "signature":
        state.signatures -= 1
    elif role == "gmail" and state.gmail:
        state.gmail.pop()


def _settle(state: _State) -> tuple[list[Line], bool]:
    """Gmail's container holds answers between its blockquotes; one without a blockquote is a forward and is quotation as a whole."""
    with_quote = {line.gmail for line in state.lines if line.gmail and line.block and line.text}
    seen = state.rest or bool(state.gmail_count)
    for line in state.lines:
        line.text = strip_invisible(line.text).strip()
        if line.gmail and line.gmail not in with_quote:
            line.quoted = True
        seen = seen or line.quoted
    return _squeeze(state.lines), seen


def _squeeze(lines: list[Line]) -> list[Line]:
    """At most one empty line in a row."""
    out: list[Line] = []
    for line in lines:
        if line.text or (out and out[-1].text):
            out.append(line)
    return out


def html_text(source: str) -> str:
    """Plain text of HTML, quotation included."""
    return "\n".join(line.text for line in html_lines(source)[0]).strip()
