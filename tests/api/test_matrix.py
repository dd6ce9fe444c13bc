"""G12, S21, S22: every operation × everybody who might ask; 0 foreign reads, 0 foreign writes, and a refusal changes nothing.

Operations come from the route table, so that a new one is asked about without being named here; bodies that get far are given for those known.
"""

import re
from datetime import timedelta
from typing import Any

import psycopg
from psycopg import sql

from api.conftest import CONTENT, Api, make_key
from api.test_contract import ROUTES
from make import MONDAY
from segue.db.tables import metadata
from segue.domain.permissions import GRANTS, NEEDS_SEAT, OPERATOR, Permission, Role
from segue.features.workspaces.api_keys import NewKey, create_key
from segue.features.workspaces.notices import Notice, give_notice
from segue.features.workspaces.service import create_workspace, find_or_create_user
from segue.features.workspaces.users import UserChange, add_user, write_user
from segue.http.asking import policy_of
from segue.http.openapi import operations

CANARY = "zephyrine"
FOREIGN = "another workspace's admin"
ENROLL = {"sequence_id": 1, "contacts": [1, 2]}
BODIES: dict[str, Any] = {
    "create_contact": {"email": f"new@{CANARY}.test"},
    "save_contacts": {"contacts": [{"email": f"more@{CANARY}.test"}]},
    "change_contact": {"first_name": "Changed"},
    "merge_contacts": {"other_id": 2},
    "create_sequence": {"content": CONTENT | {"name": "Another"}},
    "replace_sequence": {"content": CONTENT | {"name": CANARY, "description": "changed"}},
    "lint_sequence": {"content": CONTENT},
    "clone_sequence": {"name": "Copy"},
    "share_sequence": {"sharing": "everyone"},
    "give_sequence": {"user_id": 1},
    "enroll_contacts": ENROLL,
    "preview_enrollment": ENROLL,
    "enroll_in_bulk": ENROLL,
    "pause_enrollment": {},
    "unenroll_contact": {},
    "edit_enrollment_step": {"body": "Changed"},
    "move_enrollment": {"step": "email-2"},
    "change_enrollment_sender": {"mailbox_id": 1},
    "complete_task": {},
    "skip_task": {},
    "assign_task": {"user_id": 1},
    "suppress": {"kind": "address", "value": f"p1@{CANARY}.test"},
    "lift_suppression": {"value": f"p1@{CANARY}.test", "why": "asked"},
    "record_consent": {"email": f"p0@{CANARY}.test", "basis": "express", "source": "fair"},
    "set_consent_policy": {"policy": "warn"},
    "create_contact_list": {"name": "Another"},
    "add_list_members": {"contacts": [1]},
    "remove_list_members": {"contacts": [1]},
    "add_property": {"name": "seats", "kind": "number"},
    "add_user": {"email": "one@more.test"},
    "change_user": {"name": "Changed"},
    "create_api_key": {"name": "key"},
}
QUERIES = {"email": f"p0@{CANARY}.test"}
PATHS = {"version": "1", "country": "DE", "name": CANARY}
"""What stands in a path in place of a number; every number is 1, and everything of the first workspace has a number 1."""
FINER = {"change_enrollment_sender", "resume_enrollment", "edit_enrollment_step", "move_enrollment", "send_enrollment_now", "assign_task"}
FINER |= {"complete_task", "skip_task", "replace_sequence", "delete_sequence", "archive_sequence", "activate_sequence", "share_sequence"}
FINER |= {"give_sequence", "restore_sequence", "create_api_key", "stop_all_sending", "allow_all_sending"}
"""Operations whose permission is not enough: whose thing it is counts as well."""


def fill(api: Api) -> None:
    """Put something of everything into the workspace."""
    small = api.small
    api.add_contacts(3, f"{CANARY}.test")
    api.do("POST", "/sequences", {"content": CONTENT | {"name": CANARY}, "sharing": "private"})
    api.do("POST", "/enrollments", {"sequence_id": 1, "contacts": [1]})
    api.do("POST", "/enrollments/bulk", {"sequence_id": 1, "contacts": [3]})
    small.run_until(MONDAY + timedelta(days=1, hours=2), step=timedelta(hours=6))
    api.do("POST", "/lists", {"name": CANARY})
    api.do("POST", "/suppressions", {"kind": "domain", "value": f"{CANARY}.example"})
    with small.db.tx(small.workspace_id) as tx:
        give_notice(tx, Notice("mailbox", "1", f"{CANARY} is broken.", "Mend it."))
    assert [len(api.get(path)["items"]) for path in ("/tasks", "/jobs", "/notices", "/enrollments")] == [1, 1, 1, 1]


def callers(api: Api) -> dict[str, str]:
    """Return a key for each one who might ask."""
    small = api.small
    keys = {"anonymous": ""} | {role.value: api.key_of(role) for role in Role} | {"seatless": api.key_of(Role.USER, seat=False)}
    with small.db.tx(small.workspace_id) as tx:
        bare = add_user(tx, "bare@acme.test", UserChange(role=Role.ADMIN))
        keys["scopeless"] = create_key(tx, bare, NewKey("nothing"), by=OPERATOR)[1]
        out = add_user(tx, "disabled@acme.test", UserChange(role=Role.ADMIN))
        keys["disabled"] = create_key(tx, out, NewKey("k", ("all",)), by=OPERATOR)[1]
        keys["expired"] = create_key(tx, small.user_id, NewKey("k", ("all",), small.clock.now() + timedelta(minutes=1)), by=OPERATOR)[1]
        write_user(tx, out, UserChange(active=False))
    small.clock.advance(timedelta(minutes=2))
    other = create_workspace(small.db, "Other")
    with small.db.tx(other) as tx:
        boss = find_or_create_user(tx, "boss@other.test")
    keys[FOREIGN] = make_key(small, other, boss, "all")
    return keys


def ask(api: Api, route: Any, method: str, key: str) -> Any:
    """Send an operation as somebody, about what has the number 1."""
    path = re.sub(r"{(\w+)(?::\w+)?}", lambda found: PATHS.get(found.group(1), "1"), route.path_format).removeprefix("/api/v1")
    wanted = {each.alias for each in route.dependant.query_params if each.field_info.is_required()}
    query = "&".join(f"{name}={QUERIES[name]}" for name in sorted(wanted & set(QUERIES)))
    return api.ask(method, f"{path}?{query}" if query else path, BODIES.get(route.operation_id), key=key)


def expected(name: str, route: Any) -> int:
    """Return 401, 403, or 200 where the policy lets this one in."""
    policy = policy_of(route)
    if policy is None:
        return 200
    if name in ("anonymous", "disabled", "expired"):
        return 401
    if name == "scopeless":
        return 403 if policy.scope else 200
    if name in (FOREIGN, Role.OWNER.value, Role.ADMIN.value):
        return 200
    wanted = {policy.permission, *policy.also} if policy.permission else set()
    granted = GRANTS[Role.USER if name == "seatless" else Role(name)]
    held = {each for each in wanted if each in granted and not (name == "seatless" and each in NEEDS_SEAT)}
    return 200 if held or not wanted else 403


def digests(owner_url: str, workspace_id: int) -> dict[str, str]:
    """Return a digest of what a workspace has in each table."""
    made = {}
    with psycopg.connect(owner_url) as connection:
        for table in sorted(metadata.tables):
            statement = sql.SQL("SELECT md5(COALESCE(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {} AS t WHERE workspace_id = %s")
            made[table] = connection.execute(statement.format(sql.Identifier(table)), (workspace_id,)).fetchone()[0]
    return made


def test_every_cell_of_the_matrix_is_as_its_policy_says(api, db_urls):
    """First all refusals, which must change nothing (S22), then what is allowed."""
    fill(api)
    everything = list(operations(ROUTES))
    keys, cells, wrong = callers(api), 0, []
    for key in keys.values():
        api.ask("GET", "/me", key=key)  # so that it is written down when each key was used, before anything is compared
    before = digests(db_urls.owner_url, api.small.workspace_id)
    for name, key in keys.items():
        for route, method in everything:
            if (cell := expected(name, route)) != 200 or name == FOREIGN:
                answer, cells = ask(api, route, method, key), cells + 1
                if answer.status_code != cell if name != FOREIGN else shows_foreign(route, answer):
                    wrong.append((name, route.operation_id, answer.status_code, cell, answer.text))
    assert wrong == []
    after = digests(db_urls.owner_url, api.small.workspace_id)
    assert {table for table in before if before[table] != after[table]} == set(), "whoever was refused changed something"
    for name, key in keys.items():
        for route, method in everything:
            if expected(name, route) == 200 and name != FOREIGN:
                answer = ask(api, route, method, key)
                cells += 1
                barred = answer.status_code == 403 and route.operation_id not in FINER and answer.json()["code"] != "NOT_ALLOWED"
                if answer.status_code in (401, 500) or barred:
                    wrong.append((name, route.operation_id, answer.status_code, answer.text))
    assert wrong == []
    assert cells == len(everything) * len(keys)
    assert len(keys) == 11


def shows_foreign(route: Any, answer: Any) -> bool:
    """Say whether an answer breaks, or holds more of the canary than the request itself brought."""
    brought = f"{BODIES.get(route.operation_id, '')} {answer.request.url}"
    return answer.status_code in (401, 500) or (CANARY in answer.text and CANARY not in brought)


def test_with_every_filter_stripped_the_database_shows_nothing_foreign(api):
    """S21, D11: as another workspace, each table is asked for everything it has."""
    fill(api)
    other = create_workspace(api.small.db, "Looks around")
    with api.small.db.tx(other) as tx:
        for table in sorted(metadata.tables):
            rows = tx.all(f"SELECT * FROM {table}")
            assert {row["workspace_id"] for row in rows} <= {other}, table


def test_permissions_are_those_that_the_matrix_reckons_with():
    assert set(GRANTS[Role.ADMIN]) == set(Permission)
