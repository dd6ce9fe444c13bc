"""The public pages of a mail. Reading never changes anything (S17): only POST opts out; opens and clicks are telemetry."""

from base64 import b64decode
from html import escape
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from segue.db.tx import Database
from segue.domain.public_links import LinkKind, is_token
from segue.features.mail.links import FoundLink, find_links
from segue.features.mail.rewriting import is_web_address
from segue.features.mail.tracking import AGENT_MAX
from segue.features.mail.tracking import Request as Seen
from segue.features.mail.unsubscribe import find_unsubscribe_link, finish, get_opt_out_page, opt_out_by_link
from segue.http.body import form_fields
from segue.http.dependencies import CallerDep, DbDep
from segue.http.limits import RateLimit
from segue.http.pages import page, paragraph

POSTS_PER_MINUTE = 30
"""reliability.md §8: of one caller with one token, and of one caller with tokens that nobody knows."""
READS_PER_MINUTE = 300
EVENTS_PER_MINUTE = 30
"""Of one token: what comes beyond is answered, but not recorded."""
PIXEL = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")

router = APIRouter()


def _limits(request: Request) -> dict[str, RateLimit]:
    limits: dict[str, RateLimit] = request.app.state.limits
    return limits


def make_limits(db: Database) -> dict[str, RateLimit]:
    """Return the limits of these pages."""
    rates = {"post": POSTS_PER_MINUTE, "read": READS_PER_MINUTE, "telemetry": EVENTS_PER_MINUTE}
    return {name: RateLimit(db.clock, rate) for name, rate in rates.items()}


LimitsDep = Annotated[dict[str, RateLimit], Depends(_limits)]
FieldsDep = Annotated[dict[str, str], Depends(form_fields)]


@router.head("/u/{token:path}", operation_id="head_unsubscribe_page", include_in_schema=False)
@router.get("/u/{token:path}", operation_id="get_unsubscribe_page", response_class=HTMLResponse)
def show(token: str, db: DbDep, caller: CallerDep, limits: LimitsDep) -> Response:
    """Show the page with the button. Opening it does nothing (SEQ-164)."""
    if not limits["read"].allows(caller):
        return _too_often()
    link = find_unsubscribe_link(db, token)
    return _form(db, link) if link is not None else _unknown()


@router.post("/u/{token:path}", operation_id="unsubscribe", response_class=HTMLResponse)
def act(token: str, db: DbDep, caller: CallerDep, limits: LimitsDep, fields: FieldsDep, later: BackgroundTasks) -> Response:
    """Opt out in this request (L6): from the page, or as the one-click POST of RFC 8058. No login, no redirect (MAIL-45)."""
    if not limits["post"].allows(f"{caller} {token}"):
        return _too_often()
    link = find_unsubscribe_link(db, token)
    if link is None:
        return _unknown() if limits["post"].allows(caller) else _too_often()
    one_click = fields.get("List-Unsubscribe") == "One-Click"
    done = opt_out_by_link(db, link, everything=fields.get("scope") == "all", way="one-click" if one_click else "link")
    if done is None:
        return _unknown()
    if done.in_flight:
        later.add_task(finish, db, done)
    if one_click:
        return PlainTextResponse("You are unsubscribed.\n")
    company = get_opt_out_page(db, link).company
    said = "No more mail of any kind" if done.everything else "No more personal mail"
    return page(
        "You are unsubscribed",
        paragraph(f"{said} from {company} goes to {{}}.", strong=_masked(done.address)),
        *([paragraph("One mail was on its way at this very moment and may still arrive. It is the last one.")] if done.in_flight else []),
        paragraph("You can close this page."),
    )


@router.head("/o/{token:path}", operation_id="head_open_pixel", include_in_schema=False)
@router.get("/o/{token:path}", operation_id="get_open_pixel", response_class=Response)
async def opened(token: str, request: Request) -> Response:
    """Answer with one transparent point, known token or not. A coroutine, so that no thread is waited for (D2)."""
    _note(request, LinkKind.OPEN, token)
    return Response(PIXEL, media_type="image/gif")


@router.head("/c/{token:path}", operation_id="head_click", include_in_schema=False)
@router.get("/c/{token:path}", operation_id="follow_link", response_class=Response)
def clicked(token: str, request: Request, db: DbDep, caller: CallerDep, limits: LimitsDep) -> Response:
    """Lead on to where the link of this mail leads by our own row; nothing in the request has a say in it (S19)."""
    link = find_links(db, [(LinkKind.CLICK, token)]).get((LinkKind.CLICK, token))
    if link is None or not is_web_address(link.url):
        return _unknown() if limits["read"].allows(caller) else _too_often()
    _note(request, LinkKind.CLICK, token)
    return RedirectResponse(link.url, 302)


def _note(request: Request, kind: LinkKind, token: str) -> None:
    state = request.app.state
    if not is_token(token) or not state.limits["telemetry"].allows(token):
        return
    agent, referrer = (request.headers.get(name, "")[:AGENT_MAX] for name in ("user-agent", "referer"))
    host = request.client.host if request.client else ""
    state.telemetry.note(Seen(kind, token, state.db.clock.now(), request.method, agent, referrer, host))


def _form(db: Database, link: FoundLink) -> Response:
    shown = get_opt_out_page(db, link)
    if not shown.address:
        return _unknown()
    company = escape(shown.company)
    return page(
        f"Stop mail from {shown.company}?",
        paragraph(
            "Personal mail to {} will stop at once, from everybody there. You need not sign in or say why.", strong=_masked(shown.address)
        ),
        '<form method="post">\n<button class="first" name="scope" value="personal">Unsubscribe</button>\n'
        '<button class="second" name="scope" value="all">Unsubscribe from all mail</button>\n</form>',
        f"<small>All mail means everything from {company}: newsletters and notices too, if there are any.</small>",
    )


def _unknown() -> Response:
    return page(
        "This link is not known",
        paragraph("It may have been cut when it was copied. Open it from the mail once more."),
        paragraph("Answering the mail with the word {} works as well.", strong="unsubscribe"),
        status=404,
    )


def _too_often() -> Response:
    answer = page("Please wait a minute", paragraph("This was asked very often in a short time. Try once more in a minute."), status=429)
    answer.headers["Retry-After"] = "60"
    return answer


def _masked(address: str) -> str:
    """Show enough of an address for its owner to know it: whoever was forwarded the mail learns no more than it tells."""
    local, at, domain = address.rpartition("@")
    return f"{local[:2]}•••{at}{domain}"
