"""HTML in and out: what of an author's HTML may be sent, the text part made from it, and the HTML part made from plain text.

Both parts carry the same words (SEQ-29). HTML is cleaned *after* the values were put in, so that nothing can be assembled from pieces.
"""

import html as entities
import re
from functools import lru_cache

import nh3
from css_inline import CSSInliner, InlineError
from inscriptis import get_text
from inscriptis.css_profiles import STRICT_CSS_PROFILE
from inscriptis.model.config import ParserConfig
from inscriptis.model.html_document_state import HtmlDocumentState
from inscriptis.model.tag import CustomHtmlTagHandlerMapping

from segue.domain.errors import Invalid
from segue.domain.template_grammar import Name, Node, Output, TemplateError, Text

HTML_MAX = 100_000
"""MAIL-8: Gmail clips above about 102 kB."""
TAGS_MAX = 2000
"""Cleaning is quadratic in the depth: 20,000 open lists take 1.6 s, 2,000 tags of any kind under 30 ms."""
CSS_MAX = 8000
SELECTORS_MAX = 100

_ANYWHERE = {"style", "class", "dir", "lang", "title", "align", "valign", "width", "height", "bgcolor"}
_TAGS = (nh3.ALLOWED_TAGS - {"area", "map", "details", "summary"}) | {"font", "tfoot"}
_ATTRIBUTES = {
    **{tag: set(names) for tag, names in nh3.ALLOWED_ATTRIBUTES.items() if tag in _TAGS},
    "*": _ANYWHERE,
    "img": {"src", "alt", "border"},
    "table": {"border", "cellpadding", "cellspacing", "summary"},
    "font": {"color", "face", "size"},
}
_STYLES = {
    *("color", "background-color", "font", "font-family", "font-size", "font-style", "font-weight", "line-height", "letter-spacing"),
    *("text-align", "text-decoration", "text-indent", "text-transform", "vertical-align", "white-space", "display", "opacity"),
    *("margin", "margin-top", "margin-right", "margin-bottom", "margin-left", "padding", "padding-top", "padding-right", "padding-bottom"),
    *("padding-left", "border", "border-top", "border-right", "border-bottom", "border-left", "border-color", "border-style"),
    *("border-width", "border-radius", "border-collapse", "border-spacing", "width", "max-width", "min-width", "height", "max-height"),
    *("list-style", "list-style-type", "table-layout", "float", "clear"),
}
_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    clean_content_tags={"script", "style", "title", "textarea", "noscript", "iframe", "object", "svg", "math", "template", "select"},
    attributes=_ATTRIBUTES,
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel=None,
    filter_style_properties=_STYLES,
)
_STYLE_BLOCK = re.compile(r"<style\b[^>]*>(.*?)</style\s*>", re.IGNORECASE | re.DOTALL)
_BAD_CSS = re.compile(r"@import|url\s*\(|expression\s*\(|javascript:|behavior\s*:|[<\\]|\{\{|\{%", re.IGNORECASE)
_MARKS = re.compile(r"<(?:[A-Za-z/!?]|\Z)|[>\"']")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_LINK = re.compile(r"https?://[^\s<>\"'“”]+")  # a literal beginning is searched at the speed of memchr
_LINK_END = ".,;:!?)]}'"
_MARK, _MARK_END = "\x01", "\x02"  # no text holds these: templates and values with control characters are refused
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")

HEAD = '<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body>\n'
FOOT = "</body></html>\n"


def clean(html: str) -> str:
    """Return only what may be sent: known tags, attributes, URL schemes and style properties (MAIL-8, X3)."""
    return _CLEANER.clean(html)


def check_places(nodes: tuple[Node, ...]) -> None:
    """Refuse a token inside an HTML tag that is not inside quotes: there a value could add attributes. Raises TemplateError."""
    state, line = "", 1
    for node in nodes:
        if isinstance(node, Text):
            for char in _MARKS.findall(node.text):
                state = _step(state, char)
            line += node.text.count("\n")
        elif isinstance(node, Output) and state == "<":
            raise TemplateError(
                "a token stands inside an HTML tag, outside of quotes.",
                hint='Write for example <a href="{{ contact.website }}">.',
                line=node.chain.base.line if isinstance(node.chain.base, Name) else line,
                column=node.chain.base.column if isinstance(node.chain.base, Name) else 1,
            )


def _step(state: str, char: str) -> str:
    """Follow where in the HTML we are: "" in text, "<" in a tag, a quote inside an attribute's value."""
    if state == "":
        return "<" if char.startswith("<") else ""
    if state == "<":
        return char if char in "\"'" else "" if char == ">" else "<"
    return "<" if char == state else state


def take_styles(source: str) -> tuple[str, str]:
    """Split an author's HTML into markup without comments and style blocks, lines kept, and the CSS. Raises Invalid for unfit CSS."""
    if "<!--" in source:  # their quotes and apostrophes would confuse `check_places`
        source = _COMMENT.sub(_only_lines, source)
    if "<STYLE" not in source.upper():
        return source, ""
    css = "\n".join(_STYLE_BLOCK.findall(source))
    bad = _BAD_CSS.search(css)
    if bad:
        raise Invalid(f"The style sheet holds {bad[0]!r}, which mail must not load or run.", hint="Remove it from <style>.", field="body")
    if len(css) > CSS_MAX or css.count("{") + css.count(",") > SELECTORS_MAX:
        raise Invalid("The style sheet is too long.", hint=f"Use at most {SELECTORS_MAX} selectors and {CSS_MAX} characters.", field="body")
    return _STYLE_BLOCK.sub(_only_lines, source), css


def _only_lines(found: re.Match[str]) -> str:
    return "\n" * found[0].count("\n")


@lru_cache(maxsize=256)
def _inliner(css: str) -> CSSInliner:
    # Its defaults would fetch remote style sheets and drop @media.
    return CSSInliner(load_remote_stylesheets=False, keep_at_rules=True, extra_css=css)


def as_document(clean_html: str, css: str) -> str:
    """Wrap cleaned HTML as a document, with the author's CSS inlined where there is any."""
    document = f"{HEAD}{clean_html}\n{FOOT}"
    if not css:
        return document
    try:
        return str(_inliner(css).inline(document))
    except InlineError:
        raise Invalid("The style sheet cannot be read.", hint="Correct the CSS in <style>.", field="body") from None


def from_text(text: str) -> str:
    """Return the HTML of plain text: paragraphs, line breaks, links."""
    escaped = _escape_and_link(text.strip("\n")) if "://" in text else entities.escape(text.strip("\n"), quote=False)
    paragraphs = [part.replace("\n", "<br>\n") for part in _BLANK_LINES.split(escaped)]
    return "<p>" + "</p>\n<p>".join(paragraphs) + "</p>"


def _escape_and_link(text: str) -> str:
    """Escape the text and make its URLs links; signs that end a sentence stay outside of them."""
    parts: list[str] = []
    at = 0
    for found in _LINK.finditer(text):
        url = found[0].rstrip(_LINK_END)
        if "(" in url and found[0].startswith(url + ")"):
            url += ")"
        shown = entities.escape(url)
        parts += (entities.escape(text[at : found.start()], quote=False), f'<a href="{shown}">{shown}</a>')
        at = found.start() + len(url)
    parts.append(entities.escape(text[at:], quote=False))
    return "".join(parts)


def to_text(clean_html: str) -> str:
    """Return the words of cleaned HTML as plain text; a link is written as "words (url)". Raises Invalid for absurd nesting."""
    if not clean_html.strip():
        return ""
    try:
        text = str(get_text(clean_html, _config()))
    except RecursionError:
        raise Invalid("The HTML is nested too deeply.", hint="Paste it again as plain text.", field="body") from None
    lines = "\n".join([line.rstrip() for line in _join_links(text).replace("\u00a0", " ").split("\n")])
    return _BLANK_LINES.sub("\n\n", lines).strip("\n")


def _join_links(text: str) -> str:
    """Write the targets that the link handler marked, but not where the words before are the target itself."""
    first, *rest = text.split(_MARK)
    parts = [first]
    for part in rest:
        target, _, tail = part.partition(_MARK_END)
        if not parts[-1].endswith(target):
            parts.append(f" ({target})")
        parts.append(tail)
    return "".join(parts)


def _config() -> ParserConfig:
    """Return a fresh configuration: it keeps the open links of one conversion."""
    links: list[str] = []

    def opens(_: HtmlDocumentState, attributes: dict[str, str]) -> None:
        links.append(attributes.get("href", ""))

    def closes(state: HtmlDocumentState) -> None:
        target = links.pop().removeprefix("mailto:").removeprefix("tel:") if links else ""
        if target and not target.startswith("#"):
            state.tags[-1].write(f"{_MARK}{target}{_MARK_END}")

    return ParserConfig(css=STRICT_CSS_PROFILE, custom_html_tag_handler_mapping=CustomHtmlTagHandlerMapping({"a": opens}, {"a": closes}))
