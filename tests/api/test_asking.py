"""The layer under every operation: who asks, problems, pages, Idempotency-Keys, ETags, limits (S23, S25, X1, X7)."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.conftest import CONTENT, HOST
from segue.domain.permissions import OPERATOR, Role
from segue.features.workspaces.api_keys import NewKey, create_key
from segue.features.workspaces.user_sessions import Visitor, start_session
from segue.http.idempotency import KEPT
from segue.http.limits import RateLimit

ANN = {"email": "ann@prospect.test", "first_name": "Ann"}


def test_nobody_is_let_in_without_a_key(api):
    assert api.refused("GET", "/contacts", key="") == (401, "unauthenticated")
    assert api.refused("GET", "/contacts", key="segue_wrong") == (401, "key_malformed")
    answer = api.ask("GET", "/contacts", key="")
    assert answer.headers["www-authenticate"] == 'Bearer realm="segue"'


def test_a_key_reaches_as_far_as_its_scopes_and_its_user(api):
    assert api.refused("POST", "/contacts", ANN, key=api.key_of(Role.ADMIN, "contacts:read")) == (403, "missing_scope")
    assert api.refused("POST", "/contacts", ANN, key=api.key_of(Role.VIEWER)) == (403, "not_allowed")
    assert api.ask("GET", "/contacts", key=api.key_of(Role.ADMIN, "contacts:write")).status_code == 200, "write includes read"


def test_a_browser_is_known_by_its_cookie_and_acts_only_from_our_own_pages(api):
    """reliability.md §8: a foreign page can make a browser send the cookie, and nothing else."""
    with api.small.db.tx(api.small.workspace_id) as tx:
        token = start_session(tx, api.small.user_id, "password", Visitor())
    cookie = {"Cookie": f"__Host-segue_session={token}"}
    own = {"Sec-Fetch-Site": "same-origin", "X-Segue-Request": "1"}
    assert api.ask("GET", "/contacts", key="", **cookie).status_code == 200
    assert api.refused("POST", "/contacts", ANN, key="", **cookie) == (403, "cross_site")
    assert api.refused("POST", "/contacts", ANN, key="", **cookie, **own | {"Sec-Fetch-Site": "cross-site"}) == (403, "cross_site")
    assert api.refused("POST", "/contacts", ANN, key="", **cookie, Sec_Fetch_Site="same-origin") == (403, "cross_site")
    assert api.refused("POST", "/contacts", ANN, key="", **cookie, Origin="https://evil.example", X_Segue_Request="1")[1] == "cross_site"
    assert api.ask("POST", "/contacts", ANN, key="", **cookie, **own).status_code == 201
    bob = {"email": "bob@prospect.test"}
    assert api.ask("POST", "/contacts", bob, key="", **cookie, Origin=HOST, X_Segue_Request="1").status_code == 201
    assert api.refused("GET", "/contacts", key=token) == (401, "key_malformed"), "a session is no key"


def test_the_same_key_and_request_have_one_effect_and_one_answer(api):
    """S25."""
    first = api.ask("POST", "/contacts", ANN, Idempotency_Key="one")
    again = api.ask("POST", "/contacts", ANN, Idempotency_Key="one")
    assert (first.status_code, first.content, first.headers["location"]) == (201, again.content, again.headers["location"])
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert api.refused("POST", "/contacts", ANN | {"first_name": "Bob"}, Idempotency_Key="one") == (422, "idempotency_key_reused")
    assert api.refused("POST", "/contacts/batch", {"contacts": [ANN]}, Idempotency_Key="one") == (422, "idempotency_key_reused")
    assert api.refused("POST", "/contacts", ANN, Idempotency_Key="two") == (409, "exists"), "another key is another request"
    assert len(api.get("/contacts")["items"]) == 1


def test_a_refusal_is_not_kept_because_nothing_happened(api):
    """S22, S25."""
    api.do("POST", "/contacts", ANN)
    assert api.refused("POST", "/contacts", ANN, Idempotency_Key="k") == (409, "exists")
    contact = api.get("/contacts")["items"][0]["id"]
    api.do("POST", f"/contacts/{contact}/erase")
    assert api.refused("POST", "/contacts", ANN, Idempotency_Key="k")[0] == 409, "asked again, answered anew"


def test_keys_belong_to_their_user_and_live_for_a_day(api):
    body = {"contacts": [ANN]}
    assert api.do("POST", "/contacts/batch", body, Idempotency_Key="k")["created"] == 1
    assert api.do("POST", "/contacts/batch", body, Idempotency_Key="k", key=api.key_of(Role.ADMIN))["unchanged"] == 1
    api.small.clock.advance(KEPT)
    assert api.do("POST", "/contacts/batch", body, Idempotency_Key="k")["unchanged"] == 1, "after a day it is a first call"
    assert api.refused("POST", "/contacts/batch", body, Idempotency_Key="") == (400, "bad_request")


def test_two_first_calls_at_once_have_one_effect(api):
    """S25: both wait at the same line, and both are told the same."""
    line = threading.Barrier(8)

    def call(_: int) -> tuple[int, bytes]:
        line.wait(60)
        answer = api.ask("POST", "/sequences", {"content": CONTENT}, Idempotency_Key="at once")
        return answer.status_code, answer.content

    with ThreadPoolExecutor(8) as callers:
        answers = list(callers.map(call, range(8)))
    assert {status for status, _ in answers} == {201}
    assert len({body for _, body in answers}) == 1
    assert len(api.small.sql("SELECT 1 FROM sequence_versions WHERE workspace_id = %(ws)s")) == 1


class Crash(Exception):
    """What a process that dies looks like from within."""


def test_a_call_that_broke_off_half_way_leaves_nothing_and_its_repeat_is_the_first(api):
    """S25: the effect was written, and the process died before the commit."""
    handlers, crashes = api.small.db.handlers, iter([True])

    def crash(*_):
        if next(crashes, False):
            raise Crash

    from segue.domain.contact_events import ContactChanged

    api.small.db.handlers = {**handlers, ContactChanged: (crash,)}
    answers = [api.ask("POST", "/contacts", ANN, Idempotency_Key="k") for _ in range(3)]
    assert [each.status_code for each in answers] == [500, 201, 201]
    assert answers[1].content == answers[2].content
    assert "idempotent-replayed" not in answers[1].headers
    assert len(api.get("/contacts")["items"]) == 1


def test_an_erased_person_stands_in_no_kept_answer(api):
    """S27."""
    made = api.do("POST", "/contacts", ANN, Idempotency_Key="k")
    assert b"ann@prospect.test" in bytes(api.small.sql("SELECT answer FROM idempotency_keys WHERE workspace_id = %(ws)s")[0]["answer"])
    api.do("POST", f"/contacts/{made['id']}/erase")
    assert api.small.sql("SELECT answer, fingerprint FROM idempotency_keys WHERE workspace_id = %(ws)s") == [
        {"answer": None, "fingerprint": b""}
    ]
    assert api.refused("POST", "/contacts", ANN, Idempotency_Key="k") == (409, "answer_not_kept")


def test_an_edit_is_refused_where_somebody_was_quicker(api):
    made = api.ask("POST", "/contacts", ANN)
    path, seen = f"/contacts/{made.json()['id']}", made.headers["etag"]
    assert api.ask("GET", path).headers["etag"] == seen
    changed = api.ask("PATCH", path, {"first_name": "Anna"}, If_Match=seen)
    assert changed.status_code == 200
    assert api.refused("PATCH", path, {"first_name": "Annie"}, If_Match=seen) == (412, "precondition_failed")
    assert api.refused("DELETE", path, If_Match=seen) == (412, "precondition_failed")
    assert api.get(path)["first_name"] == "Anna"
    assert api.ask("DELETE", path, If_Match=changed.headers["etag"]).status_code == 200


def test_pages_bring_everything_once(api):
    api.do("POST", "/contacts/batch", {"contacts": [{"email": f"p{i}@prospect.test"} for i in range(7)]})
    seen, cursor = [], ""
    while cursor is not None:
        page = api.get(f"/contacts?limit=3&cursor={cursor}")
        seen += [each["email"] for each in page["items"]]
        cursor = page["next_cursor"]
    assert seen == [f"p{i}@prospect.test" for i in range(7)]


@pytest.mark.parametrize("cursor", ["x", "WyJjb250YWN0cyIsIC0xXQ==", "WyJzZXF1ZW5jZXMiLCAxXQ==", "bnVsbA==", "é"])
def test_a_cursor_of_somewhere_else_is_refused(api, cursor):
    assert api.refused("GET", f"/contacts?cursor={cursor}") == (400, "bad_request")


def test_who_asks_too_often_is_told_when_to_come_back(api):
    """X7: at the limit, and one beyond it."""
    api.client.app.state.limits["api"] = RateLimit(api.small.clock, 2)
    assert [api.ask("GET", "/contacts").status_code for _ in range(2)] == [200, 200]
    answer = api.ask("GET", "/contacts")
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (429, "too_many_tries", "30")
    api.client.app.state.limits["strangers"] = RateLimit(api.small.clock, 1)
    assert [api.refused("GET", "/contacts", key="")[0] for _ in range(2)] == [401, 429]


def test_what_cannot_be_stored_is_refused_by_name(api):
    assert api.refused("POST", "/contacts", ANN | {"first_name": "a\x00b"}) == (422, "invalid_request")
    assert api.refused("POST", "/contacts", ANN | {"nonsense": 1}) == (422, "invalid_request")
    assert api.refused("POST", "/contacts", ANN | {"properties": {"nonsense": "1"}}) == (422, "invalid")
    assert api.refused("GET", "/contacts/99999999999999999999") == (422, "invalid_request")
    assert api.refused("GET", "/contacts?search=%00") == (422, "invalid_value")
    assert api.refused("GET", "/nothing") == (404, "not_found")
    assert api.refused("PUT", "/contacts") == (405, "method_not_allowed")


def test_a_request_keeps_the_id_that_it_came_with(api):
    assert api.ask("GET", "/contacts", X_Request_Id="abc-12345678").headers["x-request-id"] == "abc-12345678"
    assert api.ask("GET", "/contacts", X_Request_Id="no spaces, please").headers["x-request-id"] != "no spaces, please"


def test_too_much_is_refused_before_it_is_read(api):
    """X7."""
    headers = {"Authorization": f"Bearer {api.key}", "Content-Type": "application/json"}
    assert api.client.post("/api/v1/contacts", content=b"x" * ((8 << 20) + 1), headers=headers).status_code == 413
    assert api.client.post("/api/v1/contacts", content=b"x" * 20_000, headers=headers).status_code == 422


def test_the_contract_is_shown_to_who_is_known(api):
    assert api.refused("GET", "/openapi.json", key="")[0] == 401
    contract = api.get("/openapi.json")
    assert contract["paths"]["/api/v1/contacts"]["get"]["x-segue-scope"] == "contacts:read"
    assert contract["paths"]["/api/v1/contacts"]["post"]["x-segue-permission"] == ["contacts.communicate"]


def test_a_key_that_was_revoked_or_is_over_opens_nothing(api):
    """X1."""
    with api.small.db.tx(api.small.workspace_id) as tx:
        end = tx.now + KEPT
        _, key = create_key(tx, api.small.user_id, NewKey("short", ("all",), expires_at=end), by=OPERATOR)
    assert api.ask("GET", "/contacts", key=key).status_code == 200
    api.small.clock.advance(KEPT)
    assert api.refused("GET", "/contacts", key=key) == (401, "key_expired")
