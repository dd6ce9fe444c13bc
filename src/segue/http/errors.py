"""From an error to a status and a body: problem details (RFC 9457) with stable codes, the same shape everywhere, and never more than a
caller may know."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import psycopg
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from segue.domain.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    Refused,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from segue.http.middleware import TooLarge

log = logging.getLogger("segue.http")

MEDIA_TYPE = "application/problem+json"
ERRORS_MAX = 100
AGAIN_S = 5
"""After how many seconds a caller may try what a busy or absent database refused."""


class PreconditionFailed(Conflict):
    """The resource is no longer what the caller saw: its If-Match names another state."""

    code = "precondition_failed"


class BadRequest(Invalid):
    """The request cannot be read as one: a header or a body that is no such thing."""

    code = "bad_request"


STATUS: dict[type[DomainError], int] = {
    NotFound: 404,
    BadRequest: 400,
    Invalid: 422,
    Refused: 409,
    Forbidden: 403,
    Unauthenticated: 401,
    TooMany: 429,
    PreconditionFailed: 412,
    Conflict: 409,
    Unavailable: 503,
}
"""A kind stands before those it is a kind of."""


class FieldProblem(BaseModel):
    """One thing that is wrong about what was sent."""

    field: str = Field(description="Where it stands, such as `contacts.0.email`; empty where it is of the whole.")
    message: str
    code: str = ""


class Problem(BaseModel):
    """An error (RFC 9457). `code` is stable and meant for programs; `title`, `detail` and `hint` are for people."""

    type: str = Field("about:blank", examples=["about:blank"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    code: str = Field(examples=["not_found"])
    detail: str = Field(examples=["There is no contact 7."])
    hint: str = ""
    request_id: str = ""
    errors: list[FieldProblem] = Field([])


def add_error_answers(app: FastAPI) -> None:
    """Answer every error as a problem."""
    app.add_exception_handler(DomainError, _domain)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(TooLarge, _too_large)
    app.add_exception_handler(psycopg.DataError, _data)
    app.add_exception_handler(UnicodeEncodeError, _data)
    app.add_exception_handler(psycopg.errors.LockNotAvailable, _busy)
    app.add_exception_handler(psycopg.errors.DeadlockDetected, _busy)
    app.add_exception_handler(psycopg.OperationalError, _database)
    app.add_exception_handler(Exception, _unexpected)


def problem(request: Request, status: int, code: str, detail: str, **more: Any) -> JSONResponse:
    """Return an error as it is answered; `hint`, `errors` and `headers` may be added."""
    headers: Mapping[str, str] = more.pop("headers", {})
    said = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        code=code,
        detail=detail,
        request_id=str(getattr(request.state, "request_id", "")),
        **more,
    )
    return JSONResponse(said.model_dump(), status, headers=dict(headers), media_type=MEDIA_TYPE)


def _domain(request: Request, error: Exception) -> Response:
    assert isinstance(error, DomainError)
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 422)
    headers = {}
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = 'Bearer realm="segue"'
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, Unavailable):
        headers["Retry-After"] = str(AGAIN_S)
    return problem(request, status, error.code, error.message, hint=error.hint, errors=list(_errors_of(error)), headers=headers)


def _errors_of(error: DomainError) -> Sequence[FieldProblem]:
    """Return what else an error tells, one for each thing that is wrong."""
    if isinstance(error, Refused):
        return [FieldProblem(field="", message=message, code=code) for code, message in error.also]
    found = getattr(error, "items", ())  # the problems of a sequence that is no good
    if found:
        return [FieldProblem(field=f"line {each.line}", message=each.message, code=each.severity) for each in found[:ERRORS_MAX]]
    if isinstance(error, Invalid) and error.field:
        return [FieldProblem(field=error.field, message=error.message)]
    return []


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "http")
    return problem(request, error.status_code, code, str(error.detail), headers=error.headers or {})


def _validation(request: Request, error: Exception) -> Response:
    """What was sent does not fit the form of the request; the values themselves are not repeated."""
    assert isinstance(error, RequestValidationError)
    found = [FieldProblem(field=_place(each["loc"]), message=str(each["msg"]), code=str(each["type"])) for each in error.errors()]
    return problem(request, 422, "invalid_request", "The request does not fit its form.", errors=found[:ERRORS_MAX])


def _place(location: Sequence[Any]) -> str:
    return ".".join(str(part) for part in location if part != "body").encode("utf-8", "replace").decode()


def _too_large(request: Request, _: Exception) -> Response:
    return problem(request, 413, "too_large", "The request is too large.")


def _data(request: Request, _: Exception) -> Response:
    """A value that no column can hold, such as a text with a NUL in it or a number beyond 64 bits."""
    return problem(request, 422, "invalid_value", "A value cannot be stored: a character or a number is out of range.")


def _busy(request: Request, _: Exception) -> Response:
    return problem(request, 409, "busy", "Somebody else is changing this at the moment.", hint="Try again.", headers={"Retry-After": "1"})


def _database(request: Request, error: Exception) -> Response:
    log.warning("the database is away: %s", error)
    headers = {"Retry-After": str(AGAIN_S)}
    return problem(request, 503, "unavailable", "Segue cannot reach its database.", hint="Try again in a minute.", headers=headers)


def _unexpected(request: Request, error: Exception) -> Response:
    log.error("a request failed", exc_info=error)
    return problem(request, 500, "error", "Something went wrong here. It has been noted.")
