"""What surrounds every answer: security headers, and limits of what a request may bring (X7, reliability.md §8)."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse

BODY_MAX = 16_384
"""No public page takes more than a small form."""
PATH_MAX = 2_000

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
    """Refuses what is too large before it is read, and gives every answer its headers."""

    def __init__(self, app: App, *, https: bool) -> None:
        self.app = app
        self.headers = {**HEADERS, **({"strict-transport-security": "max-age=31536000"} if https else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        refused = _too_large(scope)
        if refused is not None:
            await refused(scope, receive, answer)
            return
        await self.app(scope, _counted(receive), answer)


class TooLarge(Exception):
    """The body turned out to be longer than it may be."""


def _too_large(scope: Scope) -> PlainTextResponse | None:
    if len(scope.get("raw_path") or b"") + len(scope.get("query_string") or b"") > PATH_MAX:
        return PlainTextResponse("The address is too long.\n", 414)
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    if not length.isdigit() or int(length) > BODY_MAX:
        return PlainTextResponse("The request is too large.\n", 413)
    return None


def _counted(receive: Receive) -> Receive:
    """Count what a body without a length brings."""
    read = 0

    async def counted() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > BODY_MAX:
            raise TooLarge
        return message

    return counted
