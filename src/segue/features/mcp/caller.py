"""Who asks through MCP: a user of a workspace, within the scopes of the API key that was shown, or without limits of scope on stdio."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

from segue.db.tx import Database, Tx
from segue.domain.errors import Unauthenticated
from segue.domain.ids import WorkspaceId
from segue.domain.permissions import Actor
from segue.domain.scopes import Principal
from segue.features.workspaces.api_keys import authenticate_key

BEARER = "bearer "


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `principal` None: a process on this machine that acts as the user, or as the operator."""

    db: Database
    workspace_id: WorkspaceId
    actor: Actor
    principal: Principal | None = None

    def tx(self, scope: str) -> AbstractContextManager[Tx]:
        """Begin a transaction in the caller's name. Raises Forbidden: the key lacks the scope."""
        self.require(scope)
        return self.db.tx(self.workspace_id, actor=self.name)

    def require(self, scope: str) -> None:
        """Let pass whose key has the scope. Raises Forbidden."""
        if self.principal is not None:
            self.principal.require(scope)

    @property
    def name(self) -> str:
        """Return what stands on the timeline as who did something (SEQ-13)."""
        if self.principal is not None:
            return f"{self.principal.name} through MCP"
        return f"mcp as {self.actor.email}" if self.actor.email else "mcp"


FindCaller = Callable[[Mapping[str, str] | None], Caller]
"""Given the headers of a request, or None on stdio. Raises Unauthenticated, Forbidden."""


def caller_of_key(db: Database, presented: str) -> Caller:
    """Return who stands behind an API key. Raises Unauthenticated, Forbidden."""
    principal = authenticate_key(db, presented)
    return Caller(db, principal.workspace_id, principal.actor, principal)


def callers_by_header(db: Database) -> FindCaller:
    """Return what finds the caller of each request over HTTP by its own key; a session proves nothing."""

    def find(headers: Mapping[str, str] | None) -> Caller:
        given = {name.lower(): value for name, value in (headers or {}).items()}.get("authorization", "")
        if given[: len(BEARER)].lower() != BEARER:
            hint = "Send `Authorization: Bearer segue_…`; `segue api-key create` makes a key."
            raise Unauthenticated("No API key was shown.", hint=hint, code="key_missing")
        return caller_of_key(db, given[len(BEARER) :].strip())

    return find
