"""What went wrong, as a code for programs and a sentence with a way out for people. No traceback for anything that can be expected."""

import errno
from dataclasses import dataclass, field
from typing import Any

from segue.domain.errors import DomainError, Invalid


@dataclass(frozen=True, slots=True)
class Failure:
    """An error as it is shown. `more` are further keys of the JSON document: `field`, `line`, `problems`."""

    code: str
    message: str
    hint: str = ""
    more: dict[str, Any] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return it as `{"error": {...}}`."""
        return {"error": {"code": self.code, "message": self.message, "hint": self.hint, **self.more}}


def explain(error: BaseException) -> Failure:
    """Find the words for an error."""
    if isinstance(error, DomainError):
        return Failure(error.code, error.message, error.hint, _details(error))
    if isinstance(error, OSError):
        return _of_system(error)
    kind = f"{type(error).__module__}.{type(error).__name__}"
    if kind.startswith("psycopg"):
        return _of_database(error)
    if kind.startswith("segue.providers.mail"):  # what the mailbox's server said goes into the mailbox's state, not on a screen (X4)
        words = {
            "SignInAgain": "The mail server refused the user name or the password.",
            "Misconfigured": f"These mailbox settings cannot work: {error}.",
        }
        said = words.get(type(error).__name__, "The mail server could not be reached in time, or asked to come back later.")
        return Failure("mailbox", said, "`segue mailbox test` shows which part fails.")
    return Failure(
        "internal",
        f"Segue has met an error that it does not know: {type(error).__name__}: {error}",
        "Nothing half-done was stored. Run it again with SEGUE_DEBUG=1 to see where it happened, and report that.",
    )


def _details(error: DomainError) -> dict[str, Any]:
    items = getattr(error, "items", None)
    if items is not None:
        return {"problems": [{"line": i.line, "message": i.message, "hint": i.hint} for i in items]}
    if isinstance(error, Invalid):
        return {name: value for name, value in (("field", error.field), ("line", error.line)) if value}
    return {}


def _of_system(error: OSError) -> Failure:
    where = f" {error.filename}" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Failure("disk_full", f"The disk is full{': ' + where.strip() if where else ''}.", "Free some space and run it again.")
    said = error.strerror or str(error)
    return Failure("system", f"The system refused{where}: {said}.", "Check the path and its permissions.")


def _of_database(error: BaseException) -> Failure:
    name, words = type(error).__name__, " ".join(str(error).split())
    if name in ("DiskFull", "OutOfMemory"):
        return Failure("disk_full", f"The database has no room left: {words}", "Free some space on the database's disk and run it again.")
    if name in ("QueryCanceled", "LockNotAvailable", "DeadlockDetected", "SerializationFailure"):
        return Failure("unavailable", f"The database was too busy: {words}", "Nothing was stored. Run it again.")
    if isinstance(error, _operational()):
        return Failure("unavailable", f"The database does not answer: {words}", "Check DATABASE_URL and that PostgreSQL runs.")
    if name in ("InsufficientPrivilege", "UndefinedTable", "InvalidParameterValue"):
        hint = "DATABASE_URL must name the owner of Segue's database, who may create tables and roles."
        return Failure("database", f"The database refuses Segue: {words}", hint)
    return Failure("internal", f"The database met an error: {name}: {words}", "Run it again with SEGUE_DEBUG=1 and report what it shows.")


def _operational() -> type[BaseException]:
    import psycopg

    return psycopg.OperationalError
