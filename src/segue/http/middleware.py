"""What surrounds every answer: a request id, security headers, and limits of what a request may bring (X7, reliability.md §8)."""

import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.responses import Response

from segue.ports import RandomBytes, system_random

BODY_MAX = 16_384
"""No public page takes more than a small form."""
API_BODY_MAX = 8 << 20
"""Ten thousand contacts by address fit ten times over."""
PATH_MAX = 2_000
API_PREFIX = "/api/"
LARGE_PREFIXES = (API_PREFIX, "/crm/", "/automation/")
"""Segue's own API, and the paths of HubSpot's, which have a smaller limit of their own."""
REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

HEADERS = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "x-robots-tag": "noindex, nofollow",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cross-origin-opener-policy": "same-origin",
}
"""Of every answer, unless it brings its own."""


class Surround:
    """Refuses what is too large before it is read, and gives every request its id and every answer its headers."""

    def __init__(self, app: App, *, https: bool, random_bytes: RandomBytes = system_random) -> None:
        self.app = app
        self.random_bytes = random_bytes
        self.headers = {**HEADERS, **({"strict-transport-security": "max-age=31536000"} if https else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = self._request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                headers["x-request-id"] = request_id
            await send(message)

        most = _most(scope["path"])
        refused = _too_large(scope, most, request_id)
        if refused is not None:
            await refused(scope, receive, answer)
            return
        await self.app(scope, _counted(receive, most), answer)

    def _request_id(self, scope: Scope) -> str:
        """Return the id that the caller gave, if it is a plain one, else a new one."""
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        return given.decode("ascii") if REQUEST_ID.fullmatch(given) else self.random_bytes(12).hex()


def _most(path: str) -> int:
    return API_BODY_MAX if path.startswith(LARGE_PREFIXES) else BODY_MAX


class TooLarge(Exception):
    """The body turned out to be longer than it may be."""


def _too_large(scope: Scope, most: int, request_id: str) -> Response | None:
    if len(scope.get("raw_path") or b"") + len(scope.get("query_string") or b"") > PATH_MAX:
        return _problem(414, "URI Too Long", "too_long", "The address is too long.", request_id)
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    if not length.isdigit() or int(length[:20]) > most:
        return _problem(413, "Content Too Large", "too_large", "The request is too large.", request_id)
    return None


def _problem(status: int, title: str, code: str, detail: str, request_id: str) -> Response:
    said = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail, "hint": "", "request_id": request_id}
    return Response(json.dumps({**said, "errors": []}), status, media_type="application/problem+json")


def _counted(receive: Receive, most: int) -> Receive:
    """Count what a body without a length brings."""
    read = 0

    async def counted() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > most:
            raise TooLarge
        return message

    return counted
