"""The whole way through the API: publish, enroll, look, hold, do tasks, stop (SEQ-10, SEQ-62, SEQ-65, SEQ-115, SEQ-171)."""

from datetime import timedelta

from api.conftest import CONTENT, make_key
from make import MONDAY
from segue.domain.permissions import Role
from segue.features.enrollments.bulk import STEP, run_jobs
from segue.features.workspaces.service import create_workspace, find_or_create_user, set_enrolling_limits


def test_a_contact_goes_all_the_way(api):
    sequence = api.add_sequence()
    contact = api.do("POST", "/contacts", {"email": "ann@prospect.test", "first_name": "Ann"})["id"]
    looked = api.do("POST", "/enrollments/preview", {"sequence_id": sequence, "contacts": [contact]})
    assert looked["would"]["enrolled"] == 1
    assert [step["type"] for step in looked["plan"]["steps"]][:2] == ["email", "call"]
    assert looked["plan"]["steps"][0]["subject"] == "Hi Ann"
    body = {"sequence_id": sequence, "emails": ["Ann@prospect.test"]}
    assert api.do("POST", "/enrollments", body | {"dry_run": True})["enrolled"] == 1
    assert api.get("/enrollments")["items"] == []
    done = api.do("POST", "/enrollments", body)
    assert (done["enrolled"], len(done["enrollment_ids"])) == (1, 1)
    [again] = api.do("POST", "/enrollments", body)["refused"]
    assert again["code"] == "ALREADY_ENROLLED"
    api.small.run_until(MONDAY + timedelta(days=1, hours=2), step=timedelta(hours=1))
    assert len(api.small.sent_to("ann@prospect.test")) == 1
    [task] = api.get("/tasks")["items"]
    assert (task["kind"], task["contact"], task["waits"]) == ("call", "ann@prospect.test", True)
    assert api.do("POST", f"/tasks/{task['id']}/complete", {"outcome": "connected"})["state"] == "completed"
    assert api.refused("POST", f"/tasks/{task['id']}/complete", {}) == (409, "conflict")
    assert api.get("/plan?email=ann@prospect.test")["steps"][0]["type"] == "email"
    kinds = [entry["kind"] for entry in api.get(f"/contacts/{contact}/timeline")["items"]]
    assert {"email_sent", "task_created", "task_resolved"} <= set(kinds)
    number = done["enrollment_ids"][0]
    assert api.do("POST", f"/enrollments/{number}/unenroll", {"note": "they called"})["reason"] == "MANUAL"
    assert api.get("/status")["enrollments"] == {"unenrolled": 1}


def test_an_enrollment_is_held_and_goes_on(api):
    sequence = api.add_sequence()
    contact = api.add_contacts(1)[0]
    number = api.do("POST", "/enrollments", {"sequence_id": sequence, "contacts": [contact]})["enrollment_ids"][0]
    assert api.do("POST", f"/enrollments/{number}/pause", {"until": "2027-02-01"})["state"] == "paused"
    assert api.do("POST", f"/enrollments/{number}/resume")["state"] == "active"
    changed = api.do("PATCH", f"/enrollments/{number}/steps", {"step": "email-2", "body": "Only for you"})
    assert changed["state"] == "active"
    assert api.refused("PATCH", f"/enrollments/{number}/steps", {"step": "nothing", "body": "x"})[0] in (409, 422)
    assert api.refused("PATCH", f"/enrollments/{number}/steps", {}) == (422, "invalid")
    assert api.do("POST", f"/enrollments/{number}/move", {"step": "email-2"})["position"] == 2
    texts = [step["text"] for step in api.get("/plan?email=p0@prospect.test")["steps"]]
    assert any("Only for you" in text for text in texts)


def test_who_may_not_is_told_with_the_codes_of_the_table(api):
    """SEQ-62."""
    sequence = api.add_sequence()
    one, two = api.add_contacts(2)
    body = {"sequence_id": sequence, "contacts": [one]}
    viewer, rep = api.key_of(Role.VIEWER), api.key_of(Role.USER)
    assert api.refused("POST", "/enrollments", body, key=viewer) == (403, "not_allowed")
    assert api.refused("POST", "/enrollments", body, key=rep) == (409, "SENDER_NO_MAILBOX")
    assert api.refused("POST", "/enrollments", body | {"mailbox_id": 1}, key=rep) == (409, "SENDER_MISMATCH"), "another's mailbox"
    assert api.refused("POST", "/enrollments", body | {"sequence_id": 999}) == (409, "SEQUENCE_NOT_FOUND")
    assert api.refused("POST", "/enrollments", body | {"start_step": "finish-1"})[1] == "START_STEP_INVALID"
    assert api.refused("POST", "/enrollments", body | {"delays": {"email-2": "soon"}}) == (422, "invalid_request")
    told = api.do("POST", "/enrollments", {"sequence_id": sequence, "contacts": [one, one, 999_999], "emails": ["nobody@x.test"]})
    assert told["enrolled"] == 1
    assert sorted(each["code"] for each in told["refused"]) == ["CONTACT_NOT_FOUND", "CONTACT_NOT_FOUND", "DUPLICATE_IN_SELECTION"]
    api.do("POST", "/suppressions", {"kind": "address", "value": "p1@prospect.test"})
    assert api.do("POST", "/enrollments", body | {"contacts": [two]})["refused"][0]["code"] == "BLOCKED_ADDRESS"


def test_a_private_sequence_is_told_to_nobody_else(api):
    """SEQ-8, SEQ-10."""
    sequence = api.do("POST", "/sequences", {"content": CONTENT})["id"]
    contact = api.add_contacts(1)[0]
    number = api.do("POST", "/enrollments", {"sequence_id": sequence, "contacts": [contact]})["enrollment_ids"][0]
    rep = api.key_of(Role.USER)
    assert api.get("/sequences", key=rep)["items"] == []
    assert api.refused("GET", f"/sequences/{sequence}", key=rep) == (404, "not_found")
    assert api.refused("PUT", f"/sequences/{sequence}", {"content": CONTENT}, key=rep) == (404, "not_found")
    assert api.get(f"/enrollments/{number}", key=rep)["sequence"] == "private sequence"
    assert "Welcome" not in api.ask("GET", f"/contacts/{contact}/timeline", key=rep).text
    assert api.do("POST", f"/enrollments/{number}/pause", {}, key=rep)["state"] == "paused", "who may write to the contact may"
    assert api.refused("POST", f"/enrollments/{number}/resume", key=rep) == (403, "not_allowed")


def test_a_sequence_lives_its_life(api):
    """SEQ-48, SEQ-131, SEQ-135, SEQ-136."""
    made = api.ask("POST", "/sequences", {"content": CONTENT})
    path, seen = made.headers["location"].removeprefix("/api/v1"), made.headers["etag"]
    assert api.refused("POST", "/sequences", {"content": CONTENT}) == (409, "conflict")
    assert api.refused("POST", "/sequences/lint", {"yaml": "name: X\nsteps:\n  - nonsense: 1\n"})[0] == 422
    assert api.do("POST", "/sequences/lint", {"content": CONTENT})["name"] == "Welcome"
    same = api.do("PUT", path, {"content": api.get(path)["content"]}, If_Match=seen)
    assert (same["version"], same["changed"]) == (1, False), "what is shown can be given back"
    newer = CONTENT | {"steps": [*CONTENT["steps"], {"todo": {"subject": "Think"}, "after": "1 day"}]}
    changed = api.ask("PUT", path, {"content": newer}, If_Match=seen)
    assert changed.json()["version"] == 2
    assert api.refused("PUT", path, {"content": CONTENT}, If_Match=seen) == (412, "precondition_failed")
    assert api.refused("PUT", path, {"content": CONTENT | {"name": "Other"}}) == (422, "invalid")
    assert [each["version"] for each in api.get(f"{path}/versions")["items"]] == [2, 1]
    assert [each["kind"] for each in api.get(f"{path}/diff")["differences"]] == ["added"]
    assert api.do("POST", f"{path}/archive")["status"] == "archived"
    assert api.do("POST", f"{path}/activate")["status"] == "active"
    assert api.do("POST", f"{path}/clone", {"name": "Copy"})["status"] == "draft"
    assert api.do("PUT", f"{path}/sharing", {"sharing": "chosen", "users": [1]})["shared_with"] == [1]
    contact = api.add_contacts(1)[0]
    api.do("POST", "/enrollments", {"sequence_id": int(path.rpartition("/")[2]), "contacts": [contact]})
    assert api.refused("DELETE", path) == (409, "sequence_in_use")
    assert api.do("DELETE", f"{path}?unenroll_all=true")["unenrolling"] == 1
    for _ in range(2):  # once to end them, once to see that all are ended
        api.small.engine.tend(api.small.workspace_id)
    assert api.get("/enrollments")["items"][0]["reason"] == "SEQUENCE_DELETED"
    assert api.do("POST", f"{path}/restore")["status"] == "archived"


def test_a_new_version_is_applied_after_a_look(api):
    """SEQ-132."""
    sequence = api.add_sequence()
    api.do("POST", "/enrollments", {"sequence_id": sequence, "contacts": api.add_contacts(3)})
    newer = CONTENT | {"steps": [*CONTENT["steps"], {"email": {"body": "Last"}, "after": "1 day"}]}
    api.do("PUT", f"/sequences/{sequence}", {"content": newer})
    assert [move["added"] for move in api.get(f"/sequences/{sequence}/apply")["moves"]] == [["email-3"]] * 3
    assert {each["version"] for each in api.get("/enrollments")["items"]} == {1}
    assert len(api.do("POST", f"/sequences/{sequence}/apply")["moves"]) == 3
    assert {each["version"] for each in api.get("/enrollments")["items"]} == {2}
    assert api.do("POST", f"/sequences/{sequence}/apply")["moves"] == []


def test_ten_thousand_contacts_are_enrolled_as_a_job_and_again_is_a_no_op(api):
    """G21, SEQ-65, S25."""
    sequence, contacts = api.add_sequence(), api.add_contacts(10_000)
    body = {"sequence_id": sequence, "contacts": contacts}
    assert api.refused("POST", "/enrollments", body) == (422, "invalid")
    assert api.refused("POST", "/enrollments/bulk", body) == (409, "confirm_needed")
    job = api.do("POST", "/enrollments/bulk", body | {"confirm": True}, Idempotency_Key="all")
    assert (job["state"], job["total"], job["done"]) == ("queued", 10_000, 0)
    assert api.do("POST", "/enrollments/bulk", body | {"confirm": True}, Idempotency_Key="all")["id"] == job["id"]
    run_jobs(api.small.db)
    done = api.get(f"/jobs/{job['id']}")
    assert (done["state"], done["done"], done["enrolled"], done["refused"]) == ("finished", 10_000, 10_000, [])
    again = api.do("POST", "/enrollments/bulk", body | {"confirm": True})
    run_jobs(api.small.db)
    done = api.get(f"/jobs/{again['id']}")
    assert (done["enrolled"], {each["code"] for each in done["refused"]}) == (0, {"ALREADY_ENROLLED"})
    assert api.small.sql("SELECT count(*) AS n FROM enrollments WHERE workspace_id = %(ws)s") == [{"n": 10_000}]


class Crash(Exception):
    """What a process that dies looks like from within."""


def test_a_job_whose_process_dies_goes_on_where_it_was(api):
    """S25: each step is one transaction with its progress; the one that broke off is done again, and only that."""
    from segue.domain.events import EnrollmentRefused

    sequence, contacts = api.add_sequence(), api.add_contacts(STEP + 5)
    last = api.small.sql("SELECT email FROM contacts WHERE workspace_id = %(ws)s ORDER BY id DESC LIMIT 1")[0]["email"]
    api.do("POST", "/suppressions", {"kind": "address", "value": last})
    job = api.do("POST", "/enrollments/bulk", {"sequence_id": sequence, "contacts": contacts, "confirm": True})["id"]
    handlers, crashes = api.small.db.handlers, iter([True])

    def crash(*_):
        if next(crashes, False):
            raise Crash

    api.small.db.handlers = {**handlers, EnrollmentRefused: (crash,)}
    run_jobs(api.small.db)
    half = api.get(f"/jobs/{job}")
    assert (half["state"], half["done"], half["enrolled"]) == ("running", STEP, STEP)
    run_jobs(api.small.db)
    done = api.get(f"/jobs/{job}")
    assert (done["state"], done["enrolled"], [each["code"] for each in done["refused"]]) == ("finished", STEP + 4, ["BLOCKED_ADDRESS"])
    person = api.get(f"/contacts?email={last}")["items"][0]["id"]
    api.do("POST", f"/contacts/{person}/erase")
    assert api.get(f"/jobs/{job}")["refused"] == [], "who is erased stands in no job (S27)"


def test_a_job_is_its_owners_and_stops_where_the_right_is_lost(api):
    sequence, contacts = api.add_sequence(), api.add_contacts(3)
    job = api.do("POST", "/enrollments/bulk", {"sequence_id": sequence, "contacts": contacts})["id"]
    rep = api.key_of(Role.USER)
    assert api.refused("GET", f"/jobs/{job}", key=rep) == (404, "not_found")
    assert api.get(f"/jobs/{job}", key=api.key_of(Role.ADMIN))["id"] == job
    api.do("POST", f"/sequences/{sequence}/archive")
    run_jobs(api.small.db)
    done = api.get(f"/jobs/{job}")
    assert (done["state"], done["enrolled"]) == ("failed", None)
    assert done["detail"].startswith("SEQUENCE_NOT_ACTIVE")


def test_users_keys_and_the_rest_of_a_workspace(api):
    user = api.do("POST", "/users", {"email": "new@acme.test", "role": "user"})
    assert api.do("PATCH", f"/users/{user['id']}", {"role": "viewer"})["user_id"] == user["id"]
    assert api.get(f"/users/{user['id']}")["seat"] is False
    assert api.get(f"/users/{user['id']}/hanging")["enrollments"] == 0
    assert api.do("DELETE", f"/users/{user['id']}")["handed_over"] == 0
    assert api.refused("DELETE", f"/users/{api.small.user_id}") == (409, "conflict"), "the last owner"
    made = api.do("POST", "/api-keys", {"name": "sync", "scopes": ["contacts:read"]}, Idempotency_Key="k")
    assert api.get("/me", key=made["key"])["scopes"] == ["contacts:read"]
    assert api.refused("POST", "/api-keys", {"name": "sync", "scopes": ["contacts:read"]}, Idempotency_Key="k") == (409, "answer_not_kept")
    assert made["key"] not in api.ask("GET", "/api-keys").text
    assert made["key"].encode().hex() not in str(
        api.small.sql("SELECT encode(answer, 'hex') AS a FROM idempotency_keys WHERE workspace_id = %(ws)s")
    )
    narrow = api.key_of(Role.ADMIN, "workspace:write")
    assert api.refused("POST", "/api-keys", {"name": "wide", "scopes": ["all"]}, key=narrow) == (403, "missing_scope")
    assert api.do("DELETE", f"/api-keys/{made['id']}")["state"] == "revoked"
    assert api.refused("GET", "/me", key=made["key"]) == (401, "key_revoked")
    assert [each["address"] for each in api.get("/mailboxes")["items"]] == ["rep@acme.test"]
    assert api.get("/quarantine") == {"items": []}
    assert api.get("/notices")["items"] == []
    assert api.get("/audit")["items"][0]["kind"] == "api_key_revoked"
    assert api.do("POST", "/stop") == {"changed": 1}
    assert api.get("/status")["sending_stopped_at"]
    assert api.do("POST", "/go-on") == {"changed": 1}


def test_what_stands_around_contacts(api):
    one, two = api.add_contacts(2)
    assert api.do("POST", "/consents", {"email": "p0@prospect.test", "basis": "express", "source": "fair"})["items"][0]["kind"] == "express"
    assert api.do("DELETE", "/consents?email=p0@prospect.test") == {"withdrawn": 1}
    assert api.do("PUT", "/consent-policies/DE", {"policy": "block"})["policies"]["DE"] == "block"
    api.do("POST", "/lists", {"name": "Fair"})
    assert api.do("POST", "/lists/Fair/members", {"contacts": [one, two]}) == {"changed": 2}
    assert len(api.get('/contacts?filter=list = "Fair"')["items"]) == 2
    assert api.do("DELETE", "/lists/Fair/members", {"contacts": [one]}) == {"changed": 1}
    assert api.do("DELETE", "/lists/Fair") is None
    api.do("POST", "/properties", {"name": "seats", "kind": "number"})
    assert api.do("PATCH", f"/contacts/{one}", {"properties": {"seats": "12"}})["properties"] == {"seats": "12"}
    assert api.do("POST", f"/contacts/{one}/merge", {"other_id": two})["other_addresses"] == ["p1@prospect.test"]
    api.do("POST", "/suppressions", {"kind": "domain", "value": "spam.test", "reason": "ours"})
    assert [each["value"] for each in api.get("/suppressions")["items"]] == ["spam.test"]
    assert api.do("POST", "/suppressions/lift", {"value": "spam.test", "why": "a mistake"})["reason"] == "ours"
    assert api.do("DELETE", f"/contacts/{one}")["deleted_at"]
    assert api.do("POST", f"/contacts/{one}/restore")["deleted_at"] is None
    assert api.get(f"/contacts/{one}/everything")["data"]["addresses"]


def test_another_workspace_is_another_world(api):
    """S21: the same 404 as for what is not there."""
    other = create_workspace(api.small.db, "Other")
    with api.small.db.tx(other) as tx:
        user = find_or_create_user(tx, "boss@other.test")
    key = make_key(api.small, other, user, "all")
    contact = api.add_contacts(1)[0]
    assert api.refused("GET", f"/contacts/{contact}", key=key) == api.refused("GET", "/contacts/999999", key=key) == (404, "not_found")
    assert api.get("/contacts", key=key)["items"] == []


def test_prometheus_reads_the_figures_of_its_workspace(api):
    api.do("POST", "/enrollments", {"sequence_id": api.add_sequence(), "contacts": api.add_contacts(2)})
    headers = {"Authorization": f"Bearer {api.key_of(Role.ADMIN, 'reports:read')}"}
    answer = api.client.get("/metrics", headers=headers)
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'segue_enrollments{state="active"} 2.0' in answer.text
    assert "segue_sends_total 0.0" in answer.text
    assert api.client.get("/metrics").status_code == 401


def test_who_may_write_to_their_own_contacts_alone_edits_no_others(api):
    """SEQ-3: the workspace says that users may write to their own contacts."""
    contact, other = api.add_contacts(2)
    with api.small.db.tx(api.small.workspace_id) as tx:
        set_enrolling_limits(tx, communicate="own")
    rep = api.key_of(Role.USER)
    api.do("PATCH", f"/contacts/{contact}", {"properties": {"owner": api.get("/me", key=rep)["email"]}})
    assert api.do("PATCH", f"/contacts/{contact}", {"first_name": "Mine"}, key=rep)["first_name"] == "Mine"
    batch = {"contacts": [{"email": "p1@prospect.test", "first_name": "Taken"}]}
    refused = [
        api.refused("PATCH", f"/contacts/{other}", {"first_name": "Taken"}, key=rep),
        api.refused("DELETE", f"/contacts/{other}", key=rep),
        api.refused("POST", f"/contacts/{contact}/merge", {"other_id": other}, key=rep),
        api.refused("POST", "/contacts/batch", batch, key=rep),
    ]
    assert set(refused) == {(403, "not_allowed")}
    assert api.get(f"/contacts/{other}")["first_name"] == "Pat"
    assert api.do("POST", "/contacts/batch", {"contacts": [{"email": "new@prospect.test"}]}, key=rep)["created"] == 1
