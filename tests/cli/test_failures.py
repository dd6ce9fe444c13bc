"""What can be expected to fail has words of its own, whatever raised it."""

import errno

import psycopg
import pytest

from segue.cli.failures import explain
from segue.domain.errors import Conflict, Invalid
from segue.providers.mail.base import Misconfigured, Scope, SignInAgain, TryLater


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (Invalid("Wrong.", hint="Right it.", field="x", line=3), "invalid", "Wrong."),
        (Conflict("Too late.", code="LATE"), "LATE", "Too late."),
        (OSError(errno.ENOSPC, "No space left on device", "/data/x"), "disk_full", "The disk is full: /data/x."),
        (PermissionError(errno.EACCES, "Permission denied", "/data/x"), "system", "The system refused /data/x: Permission denied."),
        (psycopg.errors.DiskFull("could not extend file"), "disk_full", "The database has no room left"),
        (psycopg.errors.AdminShutdown("terminating connection"), "unavailable", "The database does not answer"),
        (psycopg.errors.QueryCanceled("statement timeout"), "unavailable", "The database was too busy"),
        (psycopg.errors.InsufficientPrivilege("permission denied"), "database", "The database refuses Segue"),
        (SignInAgain("535 secret banner"), "mailbox", "refused the user name or the password"),
        (TryLater("timed out", scope=Scope.MAILBOX), "mailbox", "could not be reached in time"),
        (Misconfigured("smtp_tls must be one of starttls"), "mailbox", "smtp_tls must be one of starttls"),
        (ZeroDivisionError("division by zero"), "internal", "ZeroDivisionError: division by zero"),
    ],
)
def test_an_error_becomes_a_code_a_sentence_and_a_way_out(error: Exception, code: str, words: str) -> None:
    failure = explain(error)
    assert failure.code == code
    assert words in failure.message
    assert "secret banner" not in failure.message
    assert failure.hint or code == "LATE"


def test_input_errors_say_where() -> None:
    assert explain(Invalid("Wrong.", field="x", line=3)).document()["error"] == {
        "code": "invalid",
        "message": "Wrong.",
        "hint": "",
        "field": "x",
        "line": 3,
    }
