"""The contract of the API as OpenAPI: who may ask is written beside every operation. It is shown to those who are known alone."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute

from segue.http.asking import Asked, Policy, asks, policy_of
from segue.http.errors import MEDIA_TYPE, Problem
from segue.http.middleware import API_PREFIX

VERSION = "1"
"""Of the contract: what is there stays, what is added breaks nobody."""

_SAID = {
    400: "The request cannot be read.",
    401: "Nobody is known by what was sent.",
    403: "You may not do this.",
    404: "It is not there, or not for you to see.",
    409: "It is not as it would have to be; nothing was changed.",
    412: "It has changed since you looked (If-Match).",
    413: "The request is too large.",
    422: "What was sent does not fit; `errors` says where.",
    429: "Too many requests; `Retry-After` says when again.",
    503: "The database does not answer; try again.",
}
RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": said, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    for status, said in _SAID.items()
}

router = APIRouter(prefix="/api/v1", tags=["about"])


@router.get("/openapi.json", operation_id="get_openapi", include_in_schema=False)
def show(_: Annotated[Asked, asks()], request: Request) -> JSONResponse:
    """Return the contract."""
    return JSONResponse(request.app.openapi())


def describe(app: FastAPI, routes: Sequence[BaseRoute]) -> None:
    """Let the application describe its API; `routes` are those of its routers, which say who may ask."""
    policies = {(route.path_format, method.lower()): policy_of(route) for route, method in operations(routes)}

    def made() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _make(app, policies)
        return app.openapi_schema

    app.__dict__["openapi"] = made  # in place of the method, as FastAPI's manual says


def operations(routes: Sequence[BaseRoute]) -> Iterator[tuple[APIRoute, str]]:
    """Yield every operation of the API: its route and method."""
    for route in routes:
        if isinstance(route, APIRoute) and route.path.startswith(API_PREFIX):
            for method in sorted(route.methods or ()):
                yield route, method


def _make(app: FastAPI, policies: Mapping[tuple[str, str], Policy | None]) -> dict[str, Any]:
    contract = get_openapi(title="Segue", version=VERSION, description=DESCRIPTION, routes=app.routes)
    contract["paths"] = {path: found for path, found in contract["paths"].items() if path.startswith(API_PREFIX)}
    parts = contract.setdefault("components", {})
    parts.setdefault("schemas", {}).update(_schema_of_problem())
    parts["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "An API key: segue_…"},
        "session": {"type": "apiKey", "in": "cookie", "name": "__Host-segue_session"},
    }
    for (path, method), policy in policies.items():
        operation = contract["paths"].get(path, {}).get(method, {})
        operation["security"] = [{"key": []}, {"session": []}] if policy else []
        if policy and policy.scope:
            operation["x-segue-scope"] = policy.scope
        if policy and policy.permission:
            operation["x-segue-permission"] = [each.value for each in (policy.permission, *policy.also)]
    return contract


def _schema_of_problem() -> dict[str, Any]:
    made = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**made.pop("$defs", {}), "Problem": made}


DESCRIPTION = """Every request bears an API key: `Authorization: Bearer segue_…`.

Lists are pages: ask again with `next_cursor` as `cursor`. Errors are problem details (RFC 9457) with a stable `code`. A POST, PUT, PATCH or
DELETE with an `Idempotency-Key` has one effect however often it is sent within 24 hours. An edit with `If-Match` is refused where the
resource has changed since."""
