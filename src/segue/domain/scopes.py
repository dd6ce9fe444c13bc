"""Scopes: what an API key may be used for, within what its user may do at all. A session of a person has all of them."""

from dataclasses import dataclass

from segue.domain.errors import Forbidden, Invalid
from segue.domain.ids import UserId, WorkspaceId
from segue.domain.permissions import Actor

RESOURCES = {
    "contacts": "contacts, companies, lists, properties, consent and suppression",
    "sequences": "sequences and templates",
    "enrollments": "enrollments: enroll, pause, resume, unenroll",
    "tasks": "tasks",
    "mailboxes": "mailboxes, their health and their limits",
    "messages": "messages, replies and timelines",
    "reports": "reports",
    "webhooks": "webhook subscriptions and deliveries",
    "workspace": "users, teams, settings, API keys and the audit log",
}
"""Resources by name, with what stands behind each."""

SCOPES: dict[str, str] = {
    f"{name}:{way}": f"{verb} {what}" for name, what in RESOURCES.items() for way, verb in (("read", "see"), ("write", "change"))
}
"""Every scope there is. `write` includes `read` of the same resource."""
ALL_SCOPES = frozenset(SCOPES)


def check_scopes(wanted: list[str]) -> list[str]:
    """Return scopes in order, each once; `all` stands for every one, and none is a key that may only ask who it is.

    Raises:
        Invalid: there is no such scope.
    """
    if "all" in wanted:
        return sorted(SCOPES)
    for name in wanted:
        if name not in SCOPES:
            raise Invalid(f"There is no scope {name!r}.", hint=f"There is: all, {', '.join(sorted(SCOPES))}.", field="scopes")
    return sorted(set(wanted))


@dataclass(frozen=True, slots=True)
class Principal:
    """Who stands behind a request: a user of a workspace, and what the credential that was presented lets them do."""

    workspace_id: WorkspaceId
    actor: Actor
    through: str
    """`session` or `api_key`."""
    credential_id: int
    """Number of the session or key."""
    credential_name: str
    scopes: frozenset[str]
    address: str = ""
    """Where the request came from."""

    @property
    def name(self) -> str:
        """Return what stands on the timeline and in the audit log as who did something (SEQ-13)."""
        return f"{self.actor.email} by API key {self.credential_name}" if self.through == "api_key" else self.actor.email

    def person(self) -> UserId:
        """Return the user who is here in person, for what no program may do. Raises Forbidden for an API key."""
        if self.through != "session" or self.actor.user_id is None:
            raise Forbidden("An API key may not do this.", hint="Sign in.", code="person_needed")
        return self.actor.user_id

    def has(self, scope: str) -> bool:
        """Say whether the credential reaches this far; the user's own permissions are asked besides."""
        resource, _, way = scope.partition(":")
        return scope in self.scopes or (way == "read" and f"{resource}:write" in self.scopes)

    def require(self, scope: str) -> None:
        """Let pass whose credential has a scope. Raises Forbidden with the code `missing_scope`."""
        if not self.has(scope):
            raise Forbidden(
                f"This API key lacks the scope {scope}.", hint="Make a key with it: segue api-key create --scope.", code="missing_scope"
            )
