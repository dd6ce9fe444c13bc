"""The HTTP side: the public pages of mails, and the API. `create_app` puts it together, `serve` runs it."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from segue.db.tx import Database
from segue.domain.machine_events import Signs
from segue.features.contacts import api as contacts_api
from segue.features.contacts import more_api
from segue.features.enrollments import api as enrollments_api
from segue.features.enrollments import metrics_api, tasks_api, users_api, whole_api
from segue.features.enrollments.bulk import run_jobs
from segue.features.hubspot import api as hubspot_api
from segue.features.mail import api as mail_api
from segue.features.mail import mailboxes_api
from segue.features.mail.telemetry import Telemetry
from segue.features.sequences import api as sequences_api
from segue.features.workspaces import api as workspaces_api
from segue.features.workspaces.api_keys import authenticate_key
from segue.features.workspaces.user_sessions import authenticate_session
from segue.http import health, openapi
from segue.http.asking import Doors, check_policies, make_limits
from segue.http.background import Background
from segue.http.errors import add_error_answers
from segue.http.middleware import API_PREFIX, Surround

ROUTERS = (
    *(health.router, mail_api.router, openapi.router),
    *(workspaces_api.router, contacts_api.router, more_api.router, mailboxes_api.router, sequences_api.router),
    *(enrollments_api.router, enrollments_api.jobs_router, tasks_api.router, whole_api.router, users_api.router),
    metrics_api.router,
    hubspot_api.router,
)
DOORS = Doors(authenticate_key, authenticate_session)
CONNECTIONS_MAX = 1_000
SLOW_S = 20
"""How long running requests may take to finish when the server is stopped (L9)."""


def create_app(db: Database, telemetry: Telemetry, wake_jobs: Callable[[], object] = lambda: None) -> FastAPI:
    """Return the application. It shows no documentation of itself: that needs a sign-in. `wake_jobs` is told of every new job."""
    app = FastAPI(title="Segue", docs_url=None, redoc_url=None, openapi_url=None, responses=openapi.RESPONSES, version=openapi.VERSION)
    app.state.db = db
    app.state.telemetry = telemetry
    app.state.doors = DOORS
    app.state.wake_jobs = wake_jobs
    app.state.limits = mail_api.make_limits(db) | make_limits(db)
    for router in ROUTERS:
        app.include_router(router)
    routes = [route for router in ROUTERS for route in router.routes]
    check_policies(routes, API_PREFIX)
    openapi.describe(app, routes)
    add_error_answers(app)
    app.add_middleware(Surround, https=db.public_url.startswith("https:"))
    return app


def serve(db: Database, signs: Signs, *, host: str, port: int, trusted_proxies: str) -> None:
    """Answer requests until SIGINT or SIGTERM. `trusted_proxies`: whose X-Forwarded-For is believed, by commas."""
    telemetry, jobs = Telemetry(db, signs), Background("jobs", lambda: run_jobs(db))
    config = uvicorn.Config(
        create_app(db, telemetry, jobs.wake),
        host=host,
        port=port,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=trusted_proxies,
        limit_concurrency=CONNECTIONS_MAX,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=SLOW_S,
    )
    with _signals_end_it():
        uvicorn.Server(config).run()
        jobs.close()
        telemetry.close()


def serve_mcp(db: Database, *, host: str, port: int) -> None:
    """Answer MCP requests at /mcp until SIGINT or SIGTERM, each in the name of the API key that it shows.

    No session is kept between requests: a key that is revoked is out with the next one.
    """
    from segue.features.mcp.caller import callers_by_header
    from segue.features.mcp.server import make_server  # half a second of packages that only this needs

    app = make_server(callers_by_header(db)).streamable_http_app(json_response=True, stateless_http=True, host=host)
    config = uvicorn.Config(app, host=host, port=port, http="h11", ws="none", log_config=None, access_log=False, server_header=False)
    with _signals_end_it():
        uvicorn.Server(config).run()


@contextmanager
def _signals_end_it() -> Iterator[None]:
    """Uvicorn raises the signal that stopped it once more when it is done: that one must not cut off what comes after."""
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
