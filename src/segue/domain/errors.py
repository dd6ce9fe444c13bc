"""The errors of Segue. Each carries a stable code for programs and a sentence for people.

DomainError
├── NotFound            something named does not exist (or is not visible, which looks the same)
├── Invalid             input that breaks a rule; `field` and `line` say where
├── Refused             an enrollment that may not start; `code` is one of SEQ-62
├── Forbidden           the one who asks may not do this
├── Unauthenticated     nobody knows who asks: what was presented is wrong, over or missing
├── TooMany             tried too often; `retry_after` says when again
├── Conflict            the state has moved on; nothing was changed
└── Unavailable         an outside thing (database, mailbox) does not answer
"""


class DomainError(Exception):
    """Base of all errors that a person may see. `code` is stable, `hint` says what to do."""

    code = "error"

    def __init__(self, message: str, *, hint: str = "", code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if code is not None:
            self.code = code


class NotFound(DomainError):
    """The named thing does not exist in this workspace."""

    code = "not_found"


class Invalid(DomainError):
    """Input that breaks a rule. `line` counts from 1 where the input is a file."""

    code = "invalid"

    def __init__(self, message: str, *, hint: str = "", field: str = "", line: int | None = None) -> None:
        super().__init__(message, hint=hint)
        self.field = field
        self.line = line


class Refused(DomainError):
    """An enrollment that may not start, with its code of SEQ-62; `also` holds the codes and sentences of all further hits."""

    code = "refused"

    def __init__(self, message: str, *, hint: str = "", code: str | None = None, also: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message, hint=hint, code=code)
        self.also = also


class Forbidden(DomainError):
    """The one who asks lacks the permission (SEQ-3); nothing was changed."""

    code = "not_allowed"


class Unauthenticated(DomainError):
    """What was presented to get in is missing, wrong, expired or revoked; nothing was changed but what counts tries."""

    code = "unauthenticated"


class TooMany(DomainError):
    """Tried too often; `retry_after` is in seconds."""

    code = "too_many_tries"

    def __init__(self, message: str, *, retry_after: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class Conflict(DomainError):
    """The state has moved on since the caller looked; nothing was changed."""

    code = "conflict"


class Unavailable(DomainError):
    """The database, a mailbox or another outside thing does not answer."""

    code = "unavailable"
