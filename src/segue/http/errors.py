"""From an error to a status and a body: the same shape everywhere, and never more than a caller may know."""

import logging

import psycopg
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from segue.domain.errors import Conflict, DomainError, Invalid, NotFound, Refused, Unavailable
from segue.http.middleware import TooLarge

log = logging.getLogger("segue.http")

STATUS: dict[type[DomainError], int] = {NotFound: 404, Invalid: 422, Refused: 409, Conflict: 409, Unavailable: 503}


def add_error_answers(app: FastAPI) -> None:
    """Answer every error as {"error": {"code", "message", "hint"}}."""
    app.add_exception_handler(DomainError, _domain)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(TooLarge, _too_large)
    app.add_exception_handler(psycopg.OperationalError, _database)
    app.add_exception_handler(Exception, _unexpected)


def problem(status: int, code: str, message: str, hint: str = "") -> JSONResponse:
    """Return an error as it is answered."""
    return JSONResponse({"error": {"code": code, "message": message, "hint": hint}}, status)


def _domain(_: Request, error: Exception) -> Response:
    assert isinstance(error, DomainError)
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
    return problem(status, error.code, error.message, error.hint)


def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    answer = problem(error.status_code, {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "http"), str(error.detail))
    answer.headers.update(error.headers or {})
    return answer


def _too_large(_: Request, __: Exception) -> Response:
    return problem(413, "too_large", "The request is too large.")


def _database(_: Request, error: Exception) -> Response:
    log.warning("the database is away: %s", error)
    return problem(503, "unavailable", "Segue cannot reach its database.", "Try again in a minute.")


def _unexpected(_: Request, error: Exception) -> Response:
    log.error("a request failed", exc_info=error)
    return problem(500, "error", "Something went wrong here. It has been noted.")
