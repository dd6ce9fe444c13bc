"""The routes of HubSpot's API that Segue answers, for programs written for HubSpot.

Nothing here is described in Segue's own OpenAPI: whoever calls it has HubSpot's. Queries and bodies are read as HubSpot's clients send them
(HSA-5, HSA-8…HSA-10); what is not foreseen is a JSON error and never a page.
"""

import json
import logging
import threading
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from segue.db.tx import Tx
from segue.features.hubspot import contact_batches as batches
from segue.features.hubspot import contacts, sequences
from segue.features.hubspot.wire import SCOPES, Call, Document, WireError, bad, error_of, make_correlation_id
from segue.http.asking import Asked, get_principal
from segue.http.idempotency import Kept, Once, find_answer, fingerprint_of, keep_answer, read_key

log = logging.getLogger("segue.hubspot")
router = APIRouter(include_in_schema=False)

VERBS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
SEQUENCES = (
    "/automation/v4/sequences",
    "/automation/sequences/2026-03",
    "/automation/sequences/2026-09",
    "/automation/sequences/2026-09-beta",
)
CONTACTS = ("/crm/v3/objects/contacts", "/crm/objects/2026-03/contacts", "/crm/objects/2026-09/contacts")
OWNERS = ("/crm/v3/owners", "/crm/owners/2026-03")
PROPERTIES = ("/crm/v3/properties/contacts", "/crm/properties/2026-03/contacts")
BODY_MAX = 5 << 20
"""HSA-16: more is a 413, told in this API's own shape."""
LIMIT_MAX, LIMIT_MS = 1_200, 60_000
"""What `asking.PER_MINUTE` lets a user ask, as HubSpot's headers say it (HSA-19)."""

Handler = Callable[[Call], Any]
_KEYED = threading.BoundedSemaphore(4)
"""Requests under a key hold one connection while they use a second: more at once could wait for each other with the pool empty."""


async def _read_body(request: Request) -> bytes:
    return await request.body()


def _serve(paths: Sequence[str], method: str, scope: str, handler: Handler, status: int = 200) -> None:
    """Answer these paths, with and without a slash at the end (HSA-3)."""

    def endpoint(request: Request, body: Annotated[bytes, Depends(_read_body)]) -> Response:
        correlation = make_correlation_id(request.app.state.db)
        try:
            return _respond(*_carry_out(request, body, scope, handler, status), correlation)
        except Exception as error:
            found = error_of(error)
            if found is None:
                log.exception("a request of HubSpot's shape failed, correlation id %s", correlation)
                found = WireError(500, "INTERNAL_ERROR", "Segue failed at this. Its log says why, under this correlation id.")
            elif found.status != 404:
                log.info("refused with %s, correlation id %s", found.status, correlation)
            return _respond(found.status, found.document(correlation), correlation, found.headers)

    for path in paths:
        for form in (path, f"{path}/"):
            router.add_api_route(form, endpoint, methods=[method], operation_id=f"hubspot {method} {form}")


def _carry_out(request: Request, body: bytes, scope: str, handler: Handler, status: int) -> tuple[int, Document | None]:
    """Return status and body of a success. Raises what `error_of` knows."""
    principal = get_principal(request)
    if not principal.has(SCOPES[scope]):
        hit = {"message": f"The scope {scope} is missing.", "code": "MISSING_SCOPES", "context": {"requiredGranularScopes": [scope]}}
        said = f"This API key lacks the scope {SCOPES[scope]}, which stands for {scope}."
        raise WireError(403, "MISSING_SCOPES", said, errors=[hit])
    query: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        query.setdefault(name, []).append(value)
    repeated = request.headers.get("x-stainless-retry-count", "0") not in ("", "0") or "idempotency-key" in request.headers
    call = Call(request.app.state.db, principal, request.path_params, query, _document_of(request, body), request.url.path, repeated)
    key = request.headers.get("idempotency-key", "")
    if not key or request.method == "GET":
        return _answer(handler(call), status)
    return _once(Asked(call.db, principal, request, read_key(key), "", body), lambda: _answer(handler(call), status))


def _once(asked: Asked, act: Callable[[], tuple[int, Document | None]]) -> tuple[int, Document | None]:
    """Carry out once under a key, whoever asks twice (HSA-18). The key is held while the effect commits in its own transactions."""
    url = asked.request.url
    once = Once(asked.user_id, f"hubspot {asked.once_key}", fingerprint_of(asked.request.method, url.path, url.query, asked.body))
    with _KEYED, asked.tx() as tx:
        kept = find_answer(tx, once)
        if kept is None:
            kept = _keep(tx, once, *act())
    return kept.status, json.loads(kept.body) if kept.body else None


def _keep(tx: Tx, once: Once, status: int, said: Document | None) -> Kept:
    kept = Kept(status, json.dumps(said).encode() if said is not None else b"", {})
    keep_answer(tx, once, kept)
    return kept


def _answer(made: Any, status: int) -> tuple[int, Document | None]:
    return made if isinstance(made, tuple) else (status if made is not None else 204, made)


def _document_of(request: Request, body: bytes) -> Document:
    if len(body) > BODY_MAX:
        raise WireError(413, "VALIDATION_ERROR", "The body is larger than 5 MB.")
    if request.method in ("GET", "DELETE") or not body:
        return {}
    if "json" not in request.headers.get("content-type", "json").lower():
        raise WireError(415, "VALIDATION_ERROR", "Send the body as application/json.")
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        raise bad("body", "The body is no JSON.") from None
    if not isinstance(given, dict):
        raise bad("body", "The body must be a JSON object.")
    return given


def _respond(status: int, said: Document | None, correlation: str, headers: dict[str, str] | None = None) -> Response:
    sent = {"X-HubSpot-Correlation-Id": correlation, "X-HubSpot-RateLimit-Max": str(LIMIT_MAX)}
    sent |= {"X-HubSpot-RateLimit-Interval-Milliseconds": str(LIMIT_MS), **(headers or {})}
    body = json.dumps(said, ensure_ascii=False).encode("utf-8", "replace") if said is not None else b""
    return Response(body, status, sent, media_type="application/json" if said is not None else None)


def _under(prefixes: Sequence[str], rest: str = "") -> list[str]:
    return [f"{prefix}{rest}" for prefix in prefixes]


READ, ENROLL = "automation.sequences.read", "automation.sequences.enrollments.write"
CRM_READ, CRM_WRITE, OWN = "crm.objects.contacts.read", "crm.objects.contacts.write", "crm.objects.owners.read"

# Literal segments stand before parameters (HSA-4).
_serve(SEQUENCES, "GET", READ, sequences.list_sequences)
_serve(_under(SEQUENCES, "/enrollments"), "POST", ENROLL, sequences.enroll_contact)
_serve(_under(SEQUENCES, "/enrollments/contact/{contact_id}"), "GET", READ, sequences.get_enrollment_of_contact)
_serve(_under(SEQUENCES, "/{sequence_id}"), "GET", READ, sequences.get_sequence)
_serve(_under(CONTACTS, "/search"), "POST", CRM_READ, contacts.search)
_serve(_under(CONTACTS, "/merge"), "POST", CRM_WRITE, contacts.merge)
_serve(_under(CONTACTS, "/gdpr-delete"), "POST", CRM_WRITE, contacts.gdpr_delete)
_serve(_under(CONTACTS, "/batch/create"), "POST", CRM_WRITE, batches.create)
_serve(_under(CONTACTS, "/batch/read"), "POST", CRM_READ, batches.read)
_serve(_under(CONTACTS, "/batch/update"), "POST", CRM_WRITE, batches.update)
_serve(_under(CONTACTS, "/batch/upsert"), "POST", CRM_WRITE, batches.upsert)
_serve(_under(CONTACTS, "/batch/archive"), "POST", CRM_WRITE, batches.archive)
_serve(CONTACTS, "POST", CRM_WRITE, contacts.create, 201)
_serve(CONTACTS, "GET", CRM_READ, contacts.list_page)
_serve(_under(CONTACTS, "/{contact_id}"), "GET", CRM_READ, contacts.get)
_serve(_under(CONTACTS, "/{contact_id}"), "PATCH", CRM_WRITE, contacts.update)
_serve(_under(CONTACTS, "/{contact_id}"), "DELETE", CRM_WRITE, contacts.archive)
_serve(OWNERS, "GET", OWN, contacts.list_owners)
_serve(_under(OWNERS, "/{owner_id}"), "GET", OWN, contacts.get_owner)
_serve(PROPERTIES, "GET", "crm.schemas.contacts.read", contacts.list_properties)

_SERVED = list(router.routes)


@router.api_route("/automation/{rest:path}", methods=VERBS, operation_id="hubspot automation")
@router.api_route("/crm/{rest:path}", methods=VERBS, operation_id="hubspot crm")
def unknown(request: Request) -> Response:
    """Name a path that is not served, or the verbs of one that is (HSA-61, check 19)."""
    correlation = make_correlation_id(request.app.state.db)
    allowed = sorted(
        {verb for route in _SERVED if route.matches(request.scope)[0] is Match.PARTIAL for verb in getattr(route, "methods", ())}
    )
    if allowed:
        error = WireError(405, "METHOD_NOT_ALLOWED", f"{request.method} is not answered here.", headers={"Allow": ", ".join(allowed)})
    else:
        error = WireError(404, "OBJECT_NOT_FOUND", f"There is nothing at {request.url.path}.")
    return _respond(error.status, error.document(correlation), correlation, error.headers)
