"""Bytes of a mail to text. Nothing here raises, whatever the bytes say; all of it is linear.

The stdlib's decoders raise on real mail (unknown charsets, half base64, 8-bit headers), so each step has a fallback.
"""

import binascii
import re
import unicodedata

# Names that mailers write and Python does not know, or knows as something narrower than what mailers mean by them.
_ALIASES = {
    "": "ascii", "us-ascii": "ascii", "ansi_x3.4-1968": "ascii", "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "latin1": "cp1252",
    "iso-8859-8-i": "iso-8859-8", "iso-8859-8-e": "iso-8859-8", "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030",
    "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949", "euc-kr": "cp949", "x-windows-949": "cp949", "shift_jis": "cp932",
    "x-sjis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "windows-31j": "cp932", "iso-2022-jp": "iso2022_jp_ext",
    "x-user-defined": "cp1252", "x-unknown": "ascii", "unknown-8bit": "ascii", "8bit": "ascii", "binary": "ascii",
    "unicode-1-1-utf-7": "utf-7", "utf8": "utf-8", "utf-8mb4": "utf-8", "x-mac-roman": "mac_roman", "macintosh": "mac_roman",
    "windows-874": "cp874", "tis-620": "cp874", "big5": "big5hkscs", "x-x-big5": "big5hkscs", "cp-850": "cp850", "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874", "unicode": "utf-8", "utf-16": "utf-16", "default": "ascii", "koi8-ru": "koi8-u",
}  # fmt: skip

# Only true character sets: Python also offers codecs that are quadratic (punycode, idna) or rewrite text (unicode_escape).
_SAFE = re.compile(
    r"ascii|utf-?(?:8|7|16|32)(?:[-_]?(?:le|be|sig))?|cp\d{3,4}|windows-125\d|iso-?8859-\d\d?|iso-?2022[-_](?:jp|kr)[\w-]*|koi8-[rut]"
    r"|gb18030|hz(?:-gb-2312)?|big5\w*|euc[-_](?:jp|kr)|mac_?\w+|latin-?\d\d?|tis-620|ptcp154|kz1048|shift_jis\w*"
)
_ENCODED_WORD = re.compile(r"=\?([\w.:+-]{1,60})(?:\*[\w-]{0,20})?\?([bBqQ])\?([^?]*)\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)[ \t\r\n]+(?==\?)")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
_INVISIBLE = dict.fromkeys([0xAD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def decode_bytes(raw: bytes, charset: str = "") -> str:
    """Text of `raw`; a charset that is unknown, missing or wrong falls back to UTF-8, then to Windows-1252 (a superset of Latin-1)."""
    name = charset.strip().strip("\"'").lower()
    name = _ALIASES.get(name, name)
    if name != "ascii" and _SAFE.fullmatch(name):
        try:
            return raw.decode(name)
        except (UnicodeError, LookupError, ValueError):
            if name not in {"utf-8", "cp1252"}:
                guess = _guess(raw)
                return guess if guess is not None else raw.decode(name, "replace") if _known(name) else raw.decode("latin-1")
    guess = _guess(raw)
    return guess if guess is not None else raw.decode("latin-1") if name != "utf-8" else _mixed_utf8(raw)


def _guess(raw: bytes) -> str | None:
    for name in ("utf-8", "cp1252"):
        try:
            return raw.decode(name)
        except UnicodeError:
            continue
    return None


def _known(name: str) -> bool:
    try:
        b"".decode(name)
    except LookupError:
        return False
    return True


def _mixed_utf8(raw: bytes) -> str:
    """UTF-8 that was cut or damaged: keep what is good."""
    return raw.decode("utf-8", "replace")


def decode_base64(raw: bytes) -> bytes:
    """Base64 as far as it goes: foreign characters are skipped, a missing tail is dropped."""
    clean = _NOT_BASE64.sub(b"", raw.split(b"=", 1)[0] if raw.count(b"=") <= 2 else raw.replace(b"=", b""))
    clean = clean[: len(clean) - 1] if len(clean) % 4 == 1 else clean
    try:
        return binascii.a2b_base64(clean + b"=" * (-len(clean) % 4))
    except (binascii.Error, ValueError):
        return b""


def decode_transfer(raw: bytes, encoding: str) -> bytes:
    """Undo a Content-Transfer-Encoding; an unknown one means: as it is."""
    name = encoding.strip().lower().split(";")[0].strip()
    if name == "base64":
        return decode_base64(raw)
    if name == "quoted-printable":
        return binascii.a2b_qp(raw)
    if name in {"x-uuencode", "uuencode", "x-uue"}:
        return _decode_uu(raw)
    return raw


def _decode_uu(raw: bytes) -> bytes:
    out = []
    for line in raw.splitlines():
        if line.startswith((b"begin ", b"end")) or not line:
            continue
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            continue
    return b"".join(out)


def decode_header(raw: bytes) -> str:
    """An unfolded header value as text: 8-bit bytes, RFC 2047 words, and words whose bytes split a character across two words."""
    text = decode_bytes(raw)
    if "=?" not in text:
        return text
    text = _BETWEEN_WORDS.sub(r"\1", text)
    out: list[str] = []
    run: list[bytes] = []
    run_charset = ""
    end = 0
    for found in _ENCODED_WORD.finditer(text):
        charset = found[1].lower()
        if run and (found.start() != end or charset != run_charset):
            out.append(decode_bytes(b"".join(run), run_charset))
            run = []
        out.append(text[end : found.start()])
        run_charset, end = charset, found.end()
        run.append(_word(found[2], found[3]))
    if run:
        out.append(decode_bytes(b"".join(run), run_charset))
    out.append(text[end:])
    return "".join(out)


def _word(how: str, body: str) -> bytes:
    raw = body.encode("utf-8", "replace")
    return decode_base64(raw) if how in "bB" else binascii.a2b_qp(raw.replace(b"_", b" "), header=True)


def fold(text: str) -> str:
    """One form for comparing words: lower case, no accents, plain quotes and blanks. Phrase lists pass through it as well.

    Dropping accents lets one entry match the mails that lost theirs ("Reponse automatique").
    """
    if text.isascii():
        return text.lower()
    text = text.translate(_INVISIBLE).replace("’", "'").replace("‘", "'").replace("ʼ", "'").replace("`", "'").replace("´", "'")
    text = unicodedata.normalize("NFKD", text.casefold()).replace("ı", "i").replace("ł", "l").replace("ø", "o").replace("đ", "d")
    text = text.replace("æ", "ae").replace("œ", "oe").replace("…", "...").replace("–", "-").replace("—", "-").replace("−", "-")
    text = "".join([c for c in text if not unicodedata.combining(c)])
    return unicodedata.normalize("NFC", text)


def strip_invisible(text: str) -> str:
    """Without zero-width characters and direction marks, and with plain blanks for no-break ones."""
    return text if text.isascii() else text.translate(_INVISIBLE).replace("\xa0", " ").replace("\u202f", " ").replace("\u3000", " ")
