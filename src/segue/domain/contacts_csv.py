"""Contacts as rows of a table file: what the columns mean, what a good row is, and cells that spreadsheets cannot run. Pure.

Reading files is `features/contacts/csv_file.py`.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from segue.domain.addresses import domain_to_ascii, normal_form
from segue.domain.errors import Invalid
from segue.domain.properties import BUILT_IN, ENGINE_WRITTEN, Kind, Property, ValueProblem, written_form

FIELDS = ("email", "first_name", "last_name", "company", "timezone", "country")
"""Columns of a contact. Everything else is a property."""
FIELD_LIMIT = 255
PROPERTY_LIMIT = 10_000
"""Characters of one property; a whole row is bounded by the reader."""
COLUMN_LIMIT = 500
OTHERS = "other_addresses"
OTHERS_LIMIT = 20
"""Further addresses of one contact."""
OURS = ("segue_line", "segue_problem")
"""Columns that the file of rows with problems puts in front; a corrected copy may be imported with them."""

_MEANINGS = {
    "email": "email emailaddress mail mailaddress emailadresse mailadresse workemail businessemail contactemail correo courriel",
    "first_name": "firstname first givenname forename vorname prenom fname",
    "last_name": "lastname last surname familyname nachname nomdefamille lname",
    "company": "company companyname organization organisation organizationname account employer firma unternehmen societe empresa",
    "timezone": "timezone tz zeitzone ianatimezone hstimezone fuseauhoraire",
    "country": "country countrycode countryregion land pays pais",
    "job_title": "jobtitle position jobposition",
    "phone": "phone phonenumber telephone tel telefon workphone",
    "mobile_phone": "mobilephone mobile mobilephonenumber cellphone cell handy",
    "website": "website websiteurl web homepage url",
    "city": "city town stadt ville ciudad",
    "owner": "owner contactowner owneremail zustandig",
    "other_addresses": "otheraddresses furtheraddresses additionalemails otheremails secondaryemail",
    "state": "state region stateregion province bundesland",
}
_MEANS = {word: field for field, words in _MEANINGS.items() for word in words.split()}


class ContactValues(NamedTuple):
    """What one row says of a contact; empty texts say nothing."""

    email: str
    email_normal: str
    first_name: str
    last_name: str
    company: str
    timezone: str
    country: str
    properties: dict[str, str]
    other_addresses: tuple[str, ...] = ()
    """Normal forms of further addresses of the person (MAIL-78)."""


class RowProblem(Exception):
    """Why a row cannot be taken."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which place of a row is what. `names` maps each heading of the file to the field or property it fills."""

    width: int
    fields: tuple[int | None, ...]
    """Places of `FIELDS`, None for those the file lacks."""
    properties: tuple[tuple[int, str], ...]
    names: Mapping[str, str]
    other_addresses: int | None = None
    typed: Mapping[str, Property] = field(default_factory=dict)
    """Those of the properties whose values must fit a type."""
    unknown: Mapping[str, str] = field(default_factory=dict)
    """Names and headings of properties that nobody has defined yet."""


def match_columns(header: Sequence[str], known: Mapping[str, Property] = BUILT_IN) -> Columns:
    """Find out what the columns of a file are, by friendly names: "E-Mail", "First Name", "Vorname", and labels of `known` properties.

    Columns that only the engine writes (SEQ-173) are passed over, so that an export can be imported again.

    Raises:
        Invalid: no column for the address, two columns for one field, or too many; names what was found and what is expected.
    """
    heads = [_BROKEN.sub("?", restore(head).strip()) for head in header]
    if len(heads) > COLUMN_LIMIT:
        raise Invalid(f"The file has {len(heads)} columns; at most {COLUMN_LIMIT} are read.", hint="Remove those you do not need.")
    labels = {_letters(each.label): name for name, each in known.items() if name not in BUILT_IN}
    places: dict[str, int] = {}
    for place, head in enumerate(heads):
        name = _MEANS.get(_letters(head)) or labels.get(_letters(head)) or _property_name(head, place)
        if head in OURS or name in ENGINE_WRITTEN:
            continue
        if name in (*FIELDS, OTHERS) and name in places:
            hint = "Rename one of them, or remove it."
            raise Invalid(f'Two columns both mean {name}: "{heads[places[name]]}" and "{head}".', hint=hint, line=1)
        places[_free(name, places)] = place
    if "email" not in places:
        raise Invalid(
            _no_address(heads), hint=f"Expected: email; possible beside it: {', '.join(FIELDS[1:])}; others become properties.", line=1
        )
    others = places.pop(OTHERS, None)
    properties = {name: place for name, place in places.items() if name not in FIELDS}
    return Columns(
        width=len(heads),
        fields=tuple(places.get(field) for field in FIELDS),
        properties=tuple((place, name) for name, place in properties.items()),
        names={heads[place]: name for name, place in places.items() if heads[place]}
        | ({heads[others]: OTHERS} if others is not None else {}),
        other_addresses=others,
        typed={name: known[name] for name in properties if name in known and known[name].kind is not Kind.TEXT},
        unknown={name: heads[place] for name, place in properties.items() if name not in known},
    )


def without_unknown(columns: Columns) -> Columns:
    """Return the columns without those that are no property yet."""
    return replace(
        columns,
        properties=tuple((place, name) for place, name in columns.properties if name not in columns.unknown),
        names={head: name for head, name in columns.names.items() if name not in columns.unknown},
        unknown={},
    )


def _no_address(heads: Sequence[str]) -> str:
    if any("@" in head for head in heads):
        return "The first line holds an address and not the names of the columns."
    shown = ", ".join(head[:40] for head in heads[:20] if head) or "none"
    return f"The file has no column with email addresses. Columns found: {shown}."


def read_row(columns: Columns, cells: Sequence[str], zones: Mapping[str, str]) -> ContactValues:
    """Make a contact's values of one row. `zones` maps the names of time zones in lower case to their right spelling.

    Raises:
        RowProblem: the row cannot be taken, with the reason in a sentence.
    """
    if len(cells) > columns.width and any(cell.strip() for cell in cells[columns.width :]):
        raise RowProblem(f"The row has {len(cells)} cells, the first line {columns.width}. Is a quote or a separator missing?")
    email, first_name, last_name, company, zone, country = _fields(columns, cells)
    if email.endswith(">"):  # "Ann Lee <ann@x.example>"
        email = email.removesuffix(">").rpartition("<")[2].strip()
    if not email:
        raise RowProblem("The row has no email address.")
    if not is_address(email):
        raise RowProblem(f'"{email[:100]}" is no email address.')
    if zone:
        known = zones.get(zone.casefold().replace(" ", "_"))
        if known is None:
            raise RowProblem(f'"{zone}" is no time zone. Write a name such as Europe/Berlin, or leave it empty.')
        zone = known
    normal = normal_form(email)
    place = columns.other_addresses
    others = read_addresses(cells[place], normal) if place is not None and place < len(cells) else ()
    return ContactValues(email, normal, first_name, last_name, company, zone, country, _properties(columns, cells), others)


def read_addresses(text: str, own: str = "") -> tuple[str, ...]:
    """Return the normal forms of addresses with semicolons, commas or blanks between them, without `own`.

    Raises:
        RowProblem: one of them is no address, or there are too many.
    """
    given = [each for each in re.split(r"[;,\s]+", restore(text).strip()) if each]
    for each in given:
        if not is_address(each):
            raise RowProblem(f'"{each[:100]}" among the other addresses is no email address.')
    normals = tuple(dict.fromkeys(form for each in given if (form := normal_form(each)) != own))
    if len(normals) > OTHERS_LIMIT:
        raise RowProblem(f"The contact has {len(normals)} other addresses; at most {OTHERS_LIMIT} are kept.")
    return normals


def _properties(columns: Columns, cells: Sequence[str]) -> dict[str, str]:
    found = {}
    for place, name in columns.properties:
        value = restore(cells[place]).strip() if place < len(cells) else ""
        if value:
            found[name] = value.replace("\x00", "")
            if len(value) > PROPERTY_LIMIT:
                raise RowProblem(f"{name} is longer than {PROPERTY_LIMIT:,} characters.")
            if not value.isascii() and _BROKEN.search(value):
                raise RowProblem(f"{name} has characters that cannot be read. Save the file as UTF-8.")
            if name in columns.typed:
                try:
                    found[name] = written_form(columns.typed[name], found[name])
                except ValueProblem as problem:
                    raise RowProblem(f"{name}: {problem}.") from None
    return found


_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_BROKEN = re.compile(r"[\ud800-\udfff]")


def _fields(columns: Columns, cells: Sequence[str]) -> list[str]:
    """Return the values of `FIELDS`. Rows of plain text, which most are, are looked at once and not cell by cell."""
    width = len(cells)
    given = [cells[place].strip() if place is not None and place < width else "" for place in columns.fields]
    whole = "".join(given)
    if not whole.isascii() or not whole.isprintable() or "'" in whole:
        given = [_clean(value) for value in given]
    if len(whole) > FIELD_LIMIT:
        for field, value in zip(FIELDS, given, strict=True):
            if len(value) > FIELD_LIMIT:
                raise RowProblem(f"{field} is longer than {FIELD_LIMIT} characters.")
    return given


def _clean(cell: str) -> str:
    """Return a cell as one clean line: these values go into subjects and headers (X5), and PostgreSQL takes no NUL."""
    text = restore(cell).strip()
    if _BROKEN.search(text):
        raise RowProblem("The row has characters that cannot be read. Save the file as UTF-8.")
    return " ".join(_CONTROLS.sub(" ", text.replace("\x00", "")).split())


_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a1-\U0010ffff-]+")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_PLAIN = re.compile(r"[A-Za-z0-9_-]+(?:[.+][A-Za-z0-9_-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.IGNORECASE)


def is_address(text: str) -> bool:
    """Whether this is an address one can write to: local@domain after RFC 5321 and 6531, without quoted locals and address literals.

    Limits: 64 octets before the @ and 254 in all (RFC 5321 §4.5.3.1, erratum 1690).
    """
    if len(text) > 254:
        return False
    local, _, domain = text.rpartition("@")
    if len(local) <= 64 and _PLAIN.fullmatch(text):
        return True
    if not text.isprintable() or len(text.encode()) > 254 or len(local.encode()) > 64 or domain.endswith("."):
        return False
    labels = domain_to_ascii(domain).split(".")
    return (
        all(_ATOM.fullmatch(atom) for atom in local.split("."))
        and len(labels) > 1
        and all(_LABEL.fullmatch(label) for label in labels)
        and not labels[-1].isdigit()
    )


_RUNS = re.compile(r"[\s'\"\u2018\u2019\u201c\u201d]*[=+\-@\t\r＝＋－＠﹢﹣﹦﹫]")
"""What a spreadsheet may take for a formula, also behind blanks and quotes and in full width (X6)."""


def neutralise(cell: str) -> str:
    """Return a cell that no spreadsheet runs: one that could be a formula gets an apostrophe in front (X6)."""
    return f"'{cell}" if _RUNS.match(cell) else cell


def restore(cell: str) -> str:
    """Undo `neutralise`; other cells come back as they are."""
    return cell[1:] if cell[:1] == "'" and _RUNS.match(cell, 1) else cell


def _letters(head: str) -> str:
    """Return the bare lower-case letters of a heading: "E-Mail Address" becomes "emailaddress"."""
    return re.sub(r"[^a-z0-9]", "", _ascii(head))


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()


def _property_name(head: str, place: int) -> str:
    """Return the name by which tokens know a property: "Shoe size" becomes shoe_size (`tokens.exists` has the form)."""
    name = re.sub(r"[^a-z0-9]+", "_", _ascii(head)).strip("_")[:90]
    if not name:
        return f"column_{place + 1}"
    return name if name[0].isalpha() else f"column_{name}"


def _free(name: str, taken: Mapping[str, int]) -> str:
    number = 1
    free = name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free
