"""One POST to a host that a user named: through the guard, to the checked address, no redirects, within one deadline (X4).

No proxy of the environment is asked, nothing of what the other side says is returned but its status, and its body is not read: a hundred
megabytes of it cost nothing.
"""

import socket
import ssl
from collections.abc import Mapping
from http.client import HTTPException, HTTPResponse

from segue.domain.webhooks import Place
from segue.ports import Clock, SystemClock
from segue.providers.egress import WEB_PORTS, EgressPolicy, EgressRefused, check_host, open_socket, system_resolver
from segue.providers.mail.watchdog import WATCHDOG

DEADLINE_S = 15.0
"""Standard Webhooks: 15 to 30 seconds."""


class PostFailed(Exception):
    """Nothing answered, or no web server. The text is ours."""


def post(place: Place, body: bytes, headers: Mapping[str, str], policy: EgressPolicy, *, deadline_s: float = DEADLINE_S) -> int:
    """Post and return the status of the answer; one of 300 to 399 is not followed.

    Raises:
        EgressRefused: the host may not be connected to, or only with TLS.
        PostFailed: no answer in time, no certificate that fits, no HTTP.
    """
    clock: Clock = SystemClock()
    end = clock.monotonic() + deadline_s
    try:
        host = place.host if ":" in place.host else place.host.encode("idna").decode()
    except UnicodeError:
        raise EgressRefused("this is not a host name and a port") from None
    try:
        target = check_host(host, place.port, policy, ports=WEB_PORTS, resolver=system_resolver, timeout_s=deadline_s)
        if not place.secure and not target.private:
            raise EgressRefused("webhooks go by https")
        with open_socket(target, lambda: end - clock.monotonic()) as plain:
            return _converse(plain, place, host, _request(place, host, body, headers), end)
    except TimeoutError:
        raise PostFailed(f"no answer within {deadline_s:g} seconds") from None
    except ssl.SSLCertVerificationError:
        raise PostFailed("its certificate is not valid for this host") from None
    except HTTPException:
        raise PostFailed("what answers is no web server") from None
    except OSError:
        raise PostFailed("it cannot be connected to") from None


def _converse(plain: socket.socket, place: Place, host: str, request: bytes, end: float) -> int:
    """Send a request and read the head of the answer; a server that drips is cut off at the monotonic second `end`."""
    with plain.dup() as twin:
        ticket = WATCHDOG.arm(twin, end)
        try:
            sock = ssl.create_default_context().wrap_socket(plain, server_hostname=host) if place.secure else plain
            with sock:
                sock.sendall(request)
                answer = HTTPResponse(sock, method="POST")
                answer.begin()
                return answer.status
        finally:
            if not WATCHDOG.disarm(ticket):
                raise TimeoutError


def _request(place: Place, host: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    named = f"[{host}]" if ":" in host else host
    if place.port != (443 if place.secure else 80):
        named += f":{place.port}"
    given = {"Host": named, "User-Agent": "Segue", "Content-Type": "application/json", "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in {**given, **headers, "Connection": "close"}.items())
    return f"POST {place.path} HTTP/1.1\r\n{head}\r\n".encode("ascii") + body
