"""What HubSpot's wire asks of every answer: numbers as strings, dates with milliseconds, errors of one shape (HSA-5…HSA-22)."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg

from segue.db.tx import Database, Tx
from segue.domain.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, Refused, TooMany, Unauthenticated, Unavailable
from segue.domain.permissions import Actor, Permission, Reach
from segue.domain.scopes import Principal
from segue.features.workspaces.queries import actor_of, get_user_row

ID_MAX = 2**53 - 1
SCOPES = {
    "automation.sequences.read": "sequences:read",
    "automation.sequences.enrollments.write": "enrollments:write",
    "crm.objects.contacts.read": "contacts:read",
    "crm.objects.contacts.write": "contacts:write",
    "crm.objects.owners.read": "workspace:read",
    "crm.schemas.contacts.read": "contacts:read",
}
"""HubSpot's scopes (HSA-7), and which of Segue's stands behind each."""
Document = dict[str, Any]


class WireError(Exception):
    """An answer that is no success, as HubSpot's programs read it."""

    def __init__(self, status: int, category: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status, self.category, self.message = status, category, message
        self.sub_category: str = more.pop("sub_category", "")
        self.errors: list[Document] = more.pop("errors", [])
        self.headers: dict[str, str] = more.pop("headers", {})

    def document(self, correlation_id: str) -> Document:
        """Return the body (HSA-16)."""
        said: Document = {"status": "error", "message": self.message, "correlationId": correlation_id, "category": self.category}
        if self.sub_category:
            said["subCategory"] = self.sub_category
        if self.errors:
            said["errors"] = self.errors
        return said


def make_correlation_id(db: Database) -> str:
    """Return a random UUID (RFC 9562 version 4), under which the log has what an answer leaves out (HSA-11)."""
    number = bytearray(db.random_bytes(16))
    number[6], number[8] = number[6] & 0x0F | 0x40, number[8] & 0x3F | 0x80
    text = number.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def bad(where: str, message: str, *, code: str = "INVALID_VALUE") -> WireError:
    """Return the refusal of one part of a request; `where` is its name in the query or its path in the body."""
    return WireError(400, "VALIDATION_ERROR", message, errors=[{"message": message, "in": where, "code": code}])


def missing(what: str, sub_category: str = "") -> WireError:
    """Return a 404."""
    return WireError(404, "OBJECT_NOT_FOUND", what, sub_category=sub_category)


def error_of(error: Exception) -> WireError | None:
    """Return what an error of Segue is on this wire; None for one that nobody foresaw. A final refusal is never repeated (HSA-17)."""
    if isinstance(error, WireError):
        return error
    if isinstance(error, psycopg.OperationalError):
        return WireError(503, "SERVICE_UNAVAILABLE", "Segue's database does not answer. Try again later.")
    if isinstance(error, psycopg.DataError | UnicodeEncodeError):
        return WireError(400, "VALIDATION_ERROR", "A value cannot be stored. Send texts without NUL and numbers within their range.")
    return _of_domain(error) if isinstance(error, DomainError) else None


def _of_domain(error: DomainError) -> WireError:
    said = f"{error.message} {error.hint}".strip()
    if isinstance(error, Refused):
        hits = [(error.code, error.message), *error.also]
        errors = [{"message": message, "code": code, "in": place_of(code)} for code, message in hits]
        return WireError(400, "VALIDATION_ERROR", error.message, sub_category=error.code, errors=errors)
    if isinstance(error, Unauthenticated):
        category = "EXPIRED_AUTHENTICATION" if error.code == "key_expired" else "INVALID_AUTHENTICATION"
        return WireError(401, category, said, headers={"WWW-Authenticate": 'Bearer realm="segue"'})
    if isinstance(error, Forbidden):
        return WireError(403, "FORBIDDEN", said)
    if isinstance(error, NotFound):
        return WireError(404, "OBJECT_NOT_FOUND", said)
    if isinstance(error, TooMany):
        return WireError(429, "RATE_LIMITS", said, headers={"Retry-After": str(error.retry_after)})
    if isinstance(error, Unavailable):
        return WireError(503, "SERVICE_UNAVAILABLE", said)
    if isinstance(error, Invalid) and error.field:
        return WireError(400, "VALIDATION_ERROR", said, errors=[{"message": error.message, "in": error.field, "code": "INVALID_VALUE"}])
    return WireError(400, "VALIDATION_ERROR", said, sub_category="CONFLICT" if isinstance(error, Conflict) else "")


def place_of(code: str) -> str:
    """Return which part of an enroll call a refusal is about (HSA-30)."""
    if code.startswith(("SENDER", "MAILBOX", "SEND_", "NOT_ALLOWED")):
        return "senderEmail"
    if code == "ALIAS_NOT_ALLOWED":
        return "senderAliasAddress"
    return "sequenceId" if code.startswith(("SEQUENCE", "START_", "UNFILLED", "WORKSPACE")) else "contactId"


@dataclass(frozen=True, slots=True)
class Call:
    """One request: who asks, and everything they sent."""

    db: Database
    principal: Principal
    path: Mapping[str, str]
    query: Mapping[str, list[str]]
    body: Document = field(default_factory=dict)
    url_path: str = ""
    repeated: bool = False
    """The SDK says that it repeats a request whose answer it has not seen (HSA-18)."""

    def tx(self) -> Any:
        """Begin a transaction in the caller's name."""
        return self.db.tx(self.principal.workspace_id, actor=self.principal.name, origin=self.principal.address)

    def text(self, name: str) -> str:
        """Return a value of the query, empty where it is not given."""
        return self.query.get(name, [""])[-1]

    def flag(self, name: str) -> bool:
        """Return a boolean of the query, in any case (HSA-8)."""
        return self.text(name).lower() == "true"

    def names(self, name: str) -> list[str]:
        """Return a list of the query, repeated, joined by commas, or both (HSA-9)."""
        return [part for value in self.query.get(name, []) for part in value.split(",") if part]

    def limit(self, default: int, most: int) -> int:
        """Raises WireError."""
        return read_limit(self.text("limit") or default, most)

    def after(self) -> int:
        """Return the number behind which a list goes on, 0 at its beginning. Raises WireError."""
        return read_after(self.text("after"))

    def field(self, name: str) -> str:
        """Return a mandatory text of the body. Raises WireError."""
        value = self.body.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str) or not value.strip():
            raise bad(name, f"{name} is missing. Send it as a string.", code="REQUIRED_FIELD")
        return value.strip()

    def texts(self, name: str) -> list[str]:
        """Return a list of texts of the body, empty where it is not given. Raises WireError."""
        given = self.body.get(name) or []
        if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
            raise bad(name, f"{name} must be a list of strings.")
        return given


def read_limit(given: object, most: int) -> int:
    """Raises WireError."""
    text = str(given)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= most:
        raise bad("limit", f"limit must be between 1 and {most}.")
    return int(text)


def read_after(text: str) -> int:
    """Raises WireError."""
    if text and (not text.isascii() or not text.isdigit() or len(text) > 16):
        raise bad("after", "This `after` is not of this list. Begin again without it.")
    return int(text or 0)


def read_id(text: str) -> int | None:
    """Return an id of decimal digits (HSA-12); None where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 16 and 0 < int(text) <= ID_MAX else None


def number_of(*what: object) -> int:
    """Return the number that stands for something Segue knows by name: always the same, never of another thing (HSA-12)."""
    digest = hashlib.sha256(json.dumps([str(each) for each in what]).encode()).digest()
    return int.from_bytes(digest[:8]) % (ID_MAX - 2**32) + 2**32


def date_of(at: datetime) -> str:
    """Return an instant as HubSpot writes it (HSA-13)."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def page_of(rows: list[Document], limit: int, *, key: str = "id") -> Document:
    """Return a page of rows that were asked for with one more than `limit`; on the last one `paging` is left out (HSA-21)."""
    shown = rows[:limit]
    said: Document = {"results": shown}
    if len(rows) > limit:
        said["paging"] = {"next": {"after": str(shown[-1][key])}}
    return said


def acting_user(tx: Tx, principal: Principal, user_id: str) -> Actor:
    """Return the user named by `userId`: the key's own, or with a key of an admin any (HSA-6, HSA-23). Raises WireError, Forbidden."""
    if not user_id:
        raise bad("userId", "userId is missing. Send the id of a user; owners carry it as userId.", code="REQUIRED_FIELD")
    number = read_id(user_id)
    own = principal.actor
    if number is None:
        raise bad("userId", "userId must be a number.")
    if number == own.user_id:
        return own
    if own.reach(Permission.MANAGE_ANY) is not Reach.ALL:
        raise Forbidden("This API key acts for its own user alone.", hint="Use that user's key, or one of an admin.")
    try:
        row = get_user_row(tx, number)
    except NotFound:
        raise bad("userId", f"There is no user {number}.") from None
    if not row["active"] or row["deleted_at"] is not None:
        raise bad("userId", f"User {number} is not active.")
    return actor_of(row)
