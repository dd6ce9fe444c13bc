"""A small Segue behind its API, and callers with keys of every kind."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.testclient import TestClient

from make import Small, make_small
from segue.app import create_app
from segue.domain.ids import UserId, WorkspaceId
from segue.domain.permissions import OPERATOR, Role
from segue.features.mail.links import set_link_settings
from segue.features.mail.telemetry import Telemetry
from segue.features.mail.tracking import load_signs
from segue.features.workspaces.api_keys import NewKey, create_key
from segue.features.workspaces.users import UserChange, add_user
from segue.http.limits import RateLimit

HOST = "https://segue.acme.test"
CONTENT = {
    "name": "Welcome",
    "steps": [
        {"email": {"subject": "Hi {{ contact.first_name | fallback('there') }}", "body": "Hello"}},
        {"call": {"subject": "Call them"}, "after": "1 day"},
        {"email": {"body": "Again"}, "after": "2 days"},
    ],
}


@dataclass
class Api:
    """A workspace, its API, and the key of its owner."""

    small: Small
    client: TestClient
    key: str
    keys: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: Any = None, *, key: str | None = None, **headers: str) -> Any:
        """Send a request as the owner, or with another key; an empty one is none."""
        shown = self.key if key is None else key
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent |= {"Authorization": f"Bearer {shown}"} if shown else {}
        return self.client.request(method, f"/api/v1{path}", json=body, headers=sent)

    def get(self, path: str, **more: Any) -> Any:
        """Return what is answered to a GET that succeeds."""
        answer = self.ask("GET", path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def do(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """Return what is answered to a change that succeeds."""
        answer = self.ask(method, path, body, **more)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def refused(self, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, str]:
        """Return status and code of a request that is refused, which is told as a problem."""
        answer = self.ask(method, path, body, **more)
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        told = answer.json()
        assert told["status"] == answer.status_code
        assert told["request_id"] == answer.headers["x-request-id"]
        return answer.status_code, told["code"]

    def add_sequence(self, **more: Any) -> int:
        """Publish the example; returns its number."""
        return int(self.do("POST", "/sequences", {"content": CONTENT | more, "sharing": "everyone"})["id"])

    def add_contacts(self, count: int, domain: str = "prospect.test") -> list[int]:
        """Add contacts; returns their numbers."""
        for start in range(0, count, 10_000):
            rows = [{"email": f"p{i}@{domain}", "first_name": "Pat"} for i in range(start, min(count, start + 10_000))]
            self.do("POST", "/contacts/batch", {"contacts": rows})
        rows = self.small.sql("SELECT id FROM contacts WHERE workspace_id = %(ws)s ORDER BY id")
        return [row["id"] for row in rows]

    def key_of(self, role: Role, *scopes: str, seat: bool | None = None, team: str = "") -> str:
        """Return the key of a user of a role, made once."""
        name = f"{role.value}{len(self.keys)}"
        with self.small.db.tx(self.small.workspace_id) as tx:
            user = add_user(tx, f"{name}@acme.test", UserChange(timezone="Europe/Berlin", role=role, seat=seat, team=team))
        self.keys[name] = make_key(self.small, self.small.workspace_id, user, *(scopes or ("all",)))
        return self.keys[name]


def make_key(small: Small, workspace_id: WorkspaceId, user: UserId, *scopes: str) -> str:
    """Make an API key."""
    with small.db.tx(workspace_id) as tx:
        return create_key(tx, user, NewKey("test", scopes), by=OPERATOR)[1]


def make_api(app_url: str, folder: Any) -> Api:
    """Put a small Segue behind its API, without limits of rate."""
    small = make_small(app_url, warm_up=False)
    with small.db.tx(small.workspace_id) as tx:
        set_link_settings(tx, {}, postal_address="Acme, 1 Road, Town")
    app = create_app(small.db, Telemetry(small.db, load_signs(folder)))  # jobs are carried out where a test says so
    app.state.limits |= {name: RateLimit(small.clock, 1_000_000) for name in ("api", "strangers")}
    client = TestClient(app, base_url=HOST, follow_redirects=False, raise_server_exceptions=False)
    return Api(small, client, make_key(small, small.workspace_id, small.user_id, "all"))


def close_api(api: Api) -> None:
    """Let it end."""
    api.client.close()
    api.client.app.state.telemetry.close()  # type: ignore[attr-defined]
    api.small.close()


@pytest.fixture
def api(db_urls, tmp_path) -> Iterator[Api]:
    made = make_api(db_urls.app_url, tmp_path)
    yield made
    close_api(made)
