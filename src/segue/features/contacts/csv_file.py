"""Reading table files of any origin as rows of text: encodings, separators, open quotes, endless lines. Streams; memory does not grow.

A row that cannot be read is an item like any other, so that the reader of the rows decides and nothing is swallowed: a quote that is opened
and never closed costs its own line and not the rest of the file.
"""

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from segue.domain.errors import Invalid, NotFound

SIZE_LIMIT = 1_000_000_000
LINE_COUNT_LIMIT = 5_000_000
"""Lines of a file: the importer remembers 12 to 24 bytes of each address to tell doubled ones."""
LINE_LIMIT = 65_536
"""Characters of one line."""
RECORD_LINES = 100
RECORD_LIMIT = 100_000
"""How far a quoted cell may reach before its quote counts as left open; below the csv module's own limit of 131,072."""
SEPARATORS = ",;\t|"
_CHUNK = 1 << 20
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_SURROGATES = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class Row:
    """A row and the line it begins on. `problem` says why it could not be read; `cells` then hold the line as it stands."""

    line: int
    cells: list[str]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class FileForm:
    """How a file is written. `size` in bytes."""

    encoding: str
    size: int


def examine(path: Path) -> FileForm:
    """Read the file once, before anything is done with it, to find its encoding and to refuse what is too large.

    UTF-8 and UTF-16 by their mark; without one UTF-16 by its zero bytes, else UTF-8, and if that does not fit, Windows-1252 or Latin-1. A
    file that is mostly good UTF-8 with some broken bytes stays UTF-8: its broken rows are told, instead of every accent going wrong.

    Raises:
        NotFound: there is no such file.
        Invalid: it is empty, too large, or not text.
    """
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise NotFound(f"{path} is not a file.", hint="Give the path of a CSV file.")
        if size > SIZE_LIMIT:
            raise Invalid(f"{path.name} is larger than {SIZE_LIMIT // 1_000_000:,} MB.", hint="Split it into several files.")
        with path.open("rb") as file:
            encoding, lines = _survey(file)
    except OSError as error:
        raise NotFound(f"{path} cannot be read: {error.strerror}.", hint="Check the path and its permissions.") from error
    if lines > LINE_COUNT_LIMIT:
        raise Invalid(f"{path.name} has more than {LINE_COUNT_LIMIT:,} lines.", hint="Split it into several files.")
    return FileForm(encoding, size)


def _survey(file: BinaryIO) -> tuple[str, int]:
    head = file.read(4096)
    if head[:2] in _UTF16:
        fixed = _UTF16[head[:2]]
    elif head.count(0) * 3 > len(head):
        fixed = "utf-16-be" if head[:1] == b"\x00" else "utf-16-le"
    else:
        fixed = ""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    latin = _beyond_windows(head)
    lines = head.count(b"\n")
    good, broken = _weigh(decoder.decode(head))
    while chunk := file.read(_CHUNK):
        lines += chunk.count(b"\n")
        if not fixed:
            more_good, more_broken = _weigh(decoder.decode(chunk))
            good, broken = good + more_good, broken + more_broken
            latin = latin or _beyond_windows(chunk)
    if fixed:
        return fixed, lines
    return "utf-8-sig" if good >= broken else "latin-1" if latin else "cp1252", lines


def _beyond_windows(chunk: bytes) -> bool:
    """Whether a byte stands here that Windows-1252 leaves undefined."""
    return any(byte in chunk for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D))


def _weigh(text: str) -> tuple[int, int]:
    """Return how many characters beyond ASCII are good UTF-8, and how many bytes are none."""
    if text.isascii():
        return 0, 0
    broken = len(_SURROGATES.findall(text))
    return sum(character > "\x7f" for character in text) - broken, broken


class CsvFile:
    """An open table file: `header` and then rows. `position` is the byte up to which it was read."""

    def __init__(self, path: Path, form: FileForm) -> None:
        self._raw = path.open("rb")
        # A broken byte of UTF-8 stays visible as a surrogate, so that its row can be told.
        errors = "surrogateescape" if form.encoding == "utf-8-sig" else "replace"
        self._text = io.TextIOWrapper(self._raw, form.encoding, errors, newline="")
        self._lines = _Lines(self._text)
        self.separator = self._find_separator()
        self._reader = csv.reader(self._lines, delimiter=self.separator)
        self.header = next((row for row in self.rows() if row.problem or any(cell.strip() for cell in row.cells)), Row(1, []))

    @property
    def position(self) -> int:
        return self._raw.tell()

    def close(self) -> None:
        """Close the file."""
        self._text.close()

    def rows(self) -> Iterator[Row]:
        """Yield the rows from here on, unreadable ones too."""
        while True:
            self._lines.begin()
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except _Unreadable as bad:
                yield Row(bad.line, [bad.text], bad.problem)
            except csv.Error as error:
                yield Row(self._lines.record_line, [], f"The row cannot be read: {error}.")
            else:
                yield Row(self._lines.record_line, cells)

    def _find_separator(self) -> str:
        """Take the separator named by `sep=;` in the first line, as spreadsheets write it, or else the one that is most frequent there."""
        first = self._lines.peek()
        named = re.fullmatch(r"sep=(.)\s*", first, re.IGNORECASE)
        if named:
            self._lines.drop()
            return named[1]
        outside_quotes = re.sub(r'"[^"]*"', "", first)
        return max(SEPARATORS, key=lambda separator: (outside_quotes.count(separator), -SEPARATORS.index(separator)))


class _Unreadable(Exception):
    def __init__(self, line: int, text: str, problem: str) -> None:
        super().__init__(problem)
        self.line = line
        self.text = text
        self.problem = problem


class _Lines:
    """Feeds lines to the csv module and keeps those of the record under way, so that an open quote can be undone."""

    def __init__(self, file: io.TextIOWrapper) -> None:
        self._file = file
        self._again: deque[tuple[int, str]] = deque()
        self._record: list[tuple[int, str]] = []
        self._read = 0
        self._length = 0
        self.record_line = 0

    def begin(self) -> None:
        """Say that a new record begins with the next line."""
        self._record.clear()
        self._length = 0

    def peek(self) -> str:
        line = self._next()
        if line is None:
            return ""
        self._again.append(line)
        return line[1]

    def drop(self) -> None:
        self._again.popleft()

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        # Asked again within one record, the csv module stands inside a quoted cell.
        line = self._again.popleft() if self._again else self._next()
        if line is None:
            if self._record:
                raise self._open_quote()
            raise StopIteration
        number, text = line
        if len(text) > LINE_LIMIT:
            if self._record:
                self._again.appendleft(line)
                raise self._open_quote()
            raise _Unreadable(number, "", f"The line is longer than {LINE_LIMIT:,} characters.")
        if not self._record:
            self.record_line = number
        self._record.append(line)
        self._length += len(text)
        if len(self._record) > RECORD_LINES or (len(self._record) > 1 and self._length > RECORD_LIMIT):
            raise self._open_quote()
        return text

    def _next(self) -> tuple[int, str] | None:
        text = self._file.readline(LINE_LIMIT + 1)
        if not text:
            return None
        self._read += 1
        if len(text) > LINE_LIMIT:  # the rest is passed over in pieces: no line is ever held whole
            rest = text
            while rest and not rest.endswith(("\n", "\r")):
                rest = self._file.readline(LINE_LIMIT)
        return self._read, text

    def _open_quote(self) -> _Unreadable:
        (line, text), *others = self._record
        self._again.extendleft(reversed(others))
        self._record.clear()
        return _Unreadable(line, text.rstrip("\r\n"), "A quote is opened in this line and never closed.")
