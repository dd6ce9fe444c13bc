"""Who asks, by what right, and how what they ask for is carried out: the one way from a request to a transaction.

Every operation of the API says what it needs with `asks(...)`; `create_app` refuses to start with one that does not. A handler then has an
`Asked`: its transactions belong to the caller's workspace and bear the caller's name.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

from fastapi import Depends, Header
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from segue.db.tx import Database, Tx
from segue.domain.errors import Forbidden, TooMany, Unauthenticated
from segue.domain.permissions import Actor, Permission
from segue.domain.scopes import SCOPES, Principal
from segue.http.csrf import check_origin
from segue.http.dependencies import get_caller
from segue.http.errors import PreconditionFailed
from segue.http.etag import etag_of, matches
from segue.http.idempotency import Kept, Once, find_answer, fingerprint_of, keep_answer, read_key
from segue.http.limits import RateLimit

PER_MINUTE = 1_200
"""Of one user, whatever the credential (G19: lists at 50 a second are within it for a short while)."""
STRANGERS_PER_MINUTE = 60
"""Requests of one address that nobody is known by."""
SESSION_COOKIES = ("__Host-segue_session", "segue_session")
"""The second where the installation is reached without TLS: browsers take `__Host-` only with it."""
SAFE = ("GET", "HEAD", "OPTIONS")


class Authenticate(Protocol):
    """From what was presented, and the address it came from, to who it is."""

    def __call__(self, db: Database, presented: str, *, address: str) -> Principal:
        """Raises Unauthenticated, Forbidden."""
        ...


@dataclass(frozen=True, slots=True)
class Doors:
    """The two ways in: API keys come in a header, sessions in a cookie, and neither in the other's place."""

    key: Authenticate
    session: Authenticate


@dataclass(frozen=True, slots=True)
class Policy:
    """What an operation needs: a scope of the credential, and a permission of the user. Without a scope anybody who is known may ask."""

    scope: str = ""
    permission: Permission | None = None
    also: tuple[Permission, ...] = ()
    """Permissions any of which does as well."""

    def check(self, principal: Principal) -> None:
        """Raises Forbidden."""
        if self.scope:
            principal.require(self.scope)
        wanted = (self.permission, *self.also) if self.permission else ()
        if wanted and not any(principal.actor.may(each) for each in wanted):
            raise Forbidden(f"You lack the permission {wanted[0].value}.", hint="An admin can give it.")


@dataclass(slots=True)
class Asked:
    """A request of somebody who may make it."""

    db: Database
    principal: Principal
    request: Request
    once_key: str = ""
    if_match: str = ""
    body: bytes = b""

    @property
    def actor(self) -> Actor:
        """The user who asks."""
        return self.principal.actor

    @property
    def user_id(self) -> int:
        """The number of the user who asks."""
        assert self.principal.actor.user_id is not None
        return int(self.principal.actor.user_id)

    def tx(self) -> AbstractContextManager[Tx]:
        """Begin a transaction of the caller's workspace in the caller's name."""
        return self.db.tx(self.principal.workspace_id, actor=self.principal.name, origin=self.principal.address)

    def expect(self, seen: BaseModel) -> None:
        """Let pass a caller who has seen this state, or did not say which. Raises PreconditionFailed."""
        if self.if_match and not matches(self.if_match, etag_of(seen)):
            raise PreconditionFailed("It has changed since you looked.", hint="Get it again and decide anew.")

    def once(self, act: Callable[[Tx], BaseModel | None], *, status: int = 200, location: str = "", secret: bool = False) -> Response:
        """Carry out in one transaction, and under an Idempotency-Key only once (S25). What `act` returns is the answer.

        In `location` the answer's `id` stands for `{id}`. A `secret` answer is given once and kept nowhere (S23).
        """
        once = Once(self.user_id, self.once_key, self._fingerprint()) if self.once_key else None
        with self.tx() as tx:
            kept = find_answer(tx, once) if once else None
            if kept is not None:
                return _response(kept, replayed=True)
            made = act(tx)
            kept = _kept(made, status, location)
            if once:
                keep_answer(tx, once, kept, told=not secret)
        return _response(kept, replayed=False)

    def _fingerprint(self) -> bytes:
        url = self.request.url
        return fingerprint_of(self.request.method, url.path, url.query, self.body)


def _kept(made: BaseModel | None, status: int, location: str) -> Kept:
    if made is None:
        return Kept(204, b"", {})
    headers = {"etag": etag_of(made)} if hasattr(made, "id") else {}
    if location:
        headers["location"] = location.format(id=getattr(made, "id", ""))
    return Kept(status, made.model_dump_json().encode(), headers)


def _response(kept: Kept, *, replayed: bool) -> Response:
    headers = kept.headers | ({"idempotent-replayed": "true"} if replayed else {})
    return Response(kept.body, kept.status, headers, media_type="application/json" if kept.body else None)


async def _read_body(request: Request) -> bytes:
    """Return the body, which is read once and kept by the request; its size is limited by `Surround`."""
    return await request.body()


def get_principal(request: Request) -> Principal:
    """Return who asks, by API key or session cookie. Raises Unauthenticated, TooMany, Forbidden."""
    caller, state = get_caller(request), request.app.state
    header, cookie = request.headers.get("authorization", ""), _cookie(request)
    scheme, _, presented = header.partition(" ")
    if header and scheme.lower() != "bearer":
        raise Unauthenticated("Authorization is by Bearer token.", hint="Authorization: Bearer segue_…")
    presented = presented.strip() if header else cookie
    limits: dict[str, RateLimit] = state.limits
    if not presented or not presented.isascii():
        _take(limits["strangers"], caller)
        raise Unauthenticated("Nobody is signed in.", hint="Send an API key: Authorization: Bearer segue_…")
    doors: Doors = state.doors
    try:
        principal = (doors.key if header else doors.session)(state.db, presented, address=caller)
    except Unauthenticated:
        _take(limits["strangers"], caller)
        raise
    if not header and request.method not in SAFE:
        check_origin(request, state.db.public_url)
    _take(limits["api"], f"{principal.workspace_id}/{principal.actor.user_id}")
    return principal


def make_limits(db: Database) -> dict[str, RateLimit]:
    """Return the limits of the API."""
    return {"api": RateLimit(db.clock, PER_MINUTE), "strangers": RateLimit(db.clock, STRANGERS_PER_MINUTE)}


def _cookie(request: Request) -> str:
    return next((request.cookies[name] for name in SESSION_COOKIES if name in request.cookies), "")


def _take(limit: RateLimit, key: str) -> None:
    if not limit.allows(key):
        raise TooMany("Too many requests.", retry_after=limit.retry_after(key), hint="Wait as long as Retry-After says.")


PrincipalDep = Annotated[Principal, Depends(get_principal)]


@dataclass(frozen=True, slots=True)
class _Look:
    """What an operation that changes nothing depends on."""

    policy: Policy

    def __call__(self, request: Request, principal: PrincipalDep) -> Asked:
        self.policy.check(principal)
        return Asked(request.app.state.db, principal, request)


@dataclass(frozen=True, slots=True)
class _Act:
    """What an operation depends on that changes something."""

    policy: Policy

    def __call__(
        self,
        request: Request,
        principal: PrincipalDep,
        body: Annotated[bytes, Depends(_read_body)],
        idempotency_key: Annotated[str | None, Header(description="Makes a repeat of this request harmless.", max_length=255)] = None,
        if_match: Annotated[str | None, Header(description="Change it only if it is still as you saw it: its ETag.")] = None,
    ) -> Asked:
        self.policy.check(principal)
        key = read_key(idempotency_key) if idempotency_key is not None else ""
        return Asked(request.app.state.db, principal, request, key, if_match or "", body)


def asks(scope: str = "", permission: Permission | None = None, *also: Permission) -> Any:
    """Return the dependency of an operation that needs a scope, and a permission or one of `also`."""
    assert not scope or scope in SCOPES, scope
    policy = Policy(scope, permission, also)
    return Depends(_Look(policy) if scope.endswith(":read") or not scope else _Act(policy))


def policy_of(route: APIRoute) -> Policy | None:
    """Return what an operation needs; None where it says nothing."""
    return next((each.call.policy for each in route.dependant.dependencies if isinstance(each.call, _Look | _Act)), None)


def check_policies(routes: Sequence[Any], prefix: str, public: Sequence[str] = ()) -> None:
    """Refuse a program in which an operation of the API says not who may ask for it (reliability.md §8)."""
    for route in routes:
        if isinstance(route, APIRoute) and route.path.startswith(prefix) and route.operation_id not in public:
            assert policy_of(route) is not None, f"{route.path} declares no policy"
            assert route.operation_id, f"{route.path} has no operation_id"
