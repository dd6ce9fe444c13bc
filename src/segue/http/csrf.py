"""No other site can act through a browser that is signed in here (reliability.md §8): effects are never on GET, and whatever comes with a
cookie must say that it comes from our own pages and bear a header that a foreign form cannot send."""

from urllib.parse import urlsplit

from starlette.requests import Request

from segue.domain.errors import Forbidden

HEADER = "x-segue-request"
"""Any value; what matters is that a cross-site form cannot send it and a cross-site script must ask first."""


def check_origin(request: Request, public_url: str) -> None:
    """Let pass what our own pages send. Raises Forbidden."""
    site, origin = request.headers.get("sec-fetch-site", ""), request.headers.get("origin", "")
    own = {request.url.netloc, urlsplit(public_url).netloc}
    from_here = site == "same-origin" if site else bool(origin) and urlsplit(origin).netloc in own
    if not from_here or HEADER not in request.headers:
        raise Forbidden(
            "This request does not come from Segue's own pages.",
            hint="Programs use an API key; pages send X-Segue-Request.",
            code="cross_site",
        )
