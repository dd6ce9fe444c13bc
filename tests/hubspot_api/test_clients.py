"""HubSpot's own clients from PyPI, unmodified, against Segue on a real socket: the SDK strict, and the older client (HSA-1…HSA-62)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2
import hubspot
import hubspot_sdk
import pytest
from hubspot.crm.contacts import ApiException, PublicObjectSearchRequest, SimplePublicObjectInput, SimplePublicObjectInputForCreate

from api.conftest import Api, close_api, make_api, make_key
from make import REP, email, sequence, task
from pages.serving import served
from segue.domain.permissions import Role
from segue.domain.sequence import Step
from segue.features.workspaces.service import create_workspace
from segue.features.workspaces.users import UserChange, add_user

V4 = "/automation/v4/sequences"
NEW = "/automation/sequences/2026-03"


@dataclass
class Hub:
    """Segue as HubSpot's clients see it."""

    api: Api
    url: str

    def sdk(self, key: str = "", **more: Any) -> hubspot_sdk.HubSpot:
        return hubspot_sdk.HubSpot(access_token=key or self.api.key, base_url=self.url, _strict_response_validation=True, **more)

    def old(self) -> Any:
        return hubspot.HubSpot(access_token=self.api.key, host=self.url, base_url=self.url)

    def ask(self, method: str, path: str, *, key: str | None = None, **more: Any) -> httpx2.Response:
        headers = more.pop("headers", {}) | ({"Authorization": f"Bearer {self.api.key if key is None else key}"} if key != "" else {})
        return httpx2.request(method, self.url + path, headers=headers, trust_env=False, timeout=60, **more)

    @property
    def user(self) -> str:
        return str(self.api.small.user_id)

    def add_sequence(self, name: str = "Post-demo", *steps: Step, **settings: Any) -> str:
        made = steps or (email("one", subject="Hello"), task("call"), email("two", after=timedelta(days=2)))
        return str(self.api.small.add_sequence(sequence(*made, name=name, **settings)))

    def count(self) -> int:
        return int(self.api.small.sql("SELECT count(*) AS n FROM enrollments WHERE workspace_id = %(ws)s")[0]["n"])


@pytest.fixture
def hub(db_urls, tmp_path) -> Iterator[Hub]:
    api = make_api(db_urls.app_url, tmp_path)
    with served(api.client.app) as url:
        yield Hub(api, url)
    close_api(api)


def body_of(hub: Hub, sequence_id: str, contact: int | str) -> dict[str, str]:
    return {"contactId": str(contact), "senderEmail": REP, "sequenceId": sequence_id}


def test_the_sdk_lists_reads_enrolls_and_finds_the_enrollment(hub: Hub):
    """Checks 1, 3 and 17."""
    made = [hub.add_sequence(name) for name in ("Alpha", "Beta", "Gamma")]
    sdk = hub.sdk()
    [owner] = sdk.crm.owners.list(email=REP).results
    assert str(owner.user_id) == hub.user
    assert owner.id != hub.user
    assert [each.id for each in sdk.automation.sequences.list(user_id=hub.user, limit=1)] == made
    assert [each.name for each in sdk.automation.sequences.list(user_id=hub.user, name="ET")] == ["Beta"]
    read = sdk.automation.sequences.get(made[0], user_id=hub.user)
    assert [step.action_type for step in read.steps] == ["EMAIL", "TASK", "EMAIL", "FINISH_ENROLLMENT"]
    contact = sdk.crm.objects.contacts.create(properties={"email": "ann@prospect.test", "firstname": "Ann"}, associations=[])
    with pytest.raises(hubspot_sdk.NotFoundError) as absent:
        sdk.automation.sequences.get_enrollment_by_contact_id(contact.id)
    assert absent.value.body["subCategory"] == "NOT_ENROLLED"  # type: ignore[index]
    done = sdk.automation.sequences.create_enrollment(user_id=hub.user, contact_id=contact.id, sender_email=REP, sequence_id=made[0])
    assert done.to_email == "ann@prospect.test"
    found = sdk.automation.sequences.get_enrollment_by_contact_id(contact.id)
    assert (found.id, found.sequence_name, found.enrolled_by_email) == (done.id, "Alpha", REP)
    with pytest.raises(hubspot_sdk.BadRequestError) as again:
        sdk.automation.sequences.create_enrollment(user_id=hub.user, contact_id=contact.id, sender_email=REP, sequence_id=made[0])
    assert again.value.body["subCategory"] == "ALREADY_ENROLLED"  # type: ignore[index]
    assert hub.count() == 1
    hub.api.small.run_until(hub.api.small.clock.now() + timedelta(minutes=10))
    assert len(hub.api.small.sent_to("ann@prospect.test")) == 1


def test_the_older_client_asks_on_v4_with_and_without_a_slash_and_gets_the_same(hub: Hub):
    """Check 2; HSA-3."""
    made = hub.add_sequence()
    old = hub.old()
    for path in (V4, f"{V4}/", NEW):
        answer = old.api_request({"method": "GET", "path": path, "qs": {"userId": hub.user}}).json()
        assert (answer["total"], answer["results"][0]["id"]) == (1, made)
        assert "paging" not in answer
    whole = [old.api_request({"method": "GET", "path": f"{base}/{made}", "qs": {"userId": hub.user}}).json() for base in (V4, NEW)]
    assert whole[0] == whole[1]
    contact = hub.api.small.add_contact("ben@prospect.test")
    done = old.api_request({"method": "POST", "path": f"{V4}/enrollments", "qs": {"userId": hub.user}, "body": body_of(hub, made, contact)})
    assert done.status_code == 200
    found = old.api_request({"method": "GET", "path": f"{V4}/enrollments/contact/{contact}"}).json()
    assert found["id"] == done.json()["id"]


def test_a_whole_sequence_loses_no_setting_dependency_or_long_delay(hub: Hub):
    """Checks 8 and 9; HSA-14, HSA-15, HSA-25, HSA-26."""
    made = hub.add_sequence("Long", email("one", subject="Hello"), task("call"), email("two", after=timedelta(days=90)))
    read = hub.sdk().automation.sequences.get(made, user_id=hub.user)
    assert [step.step_order for step in read.steps] == [0, 1, 2, 3]
    assert read.steps[2].delay_millis == 90 * 86_400_000
    assert read.steps[2].email_pattern is not None
    assert read.steps[2].email_pattern.thread_email_to_step_order == 0
    [waits] = read.dependencies
    assert (waits.dependency_type, waits.relies_on_step_order, waits.required_by_step_order) == ("TASK_COMPLETION", 1, 2)
    assert (waits.relies_on_sequence_step_id, waits.required_by_sequence_step_id) == (read.steps[1].id, read.steps[2].id)
    assert read.settings is not None
    assert (read.settings.eligible_follow_up_days, read.settings.selling_strategy) == ("BUSINESS_DAYS", "LEAD_BASED")
    assert (read.settings.send_window_start_minute, read.settings.send_window_end_minute) == (540, 1020)


CODES = {
    "UNSUBSCRIBED_PERSONAL": "INSERT INTO suppressions (workspace_id, kind, value, reason, created_at) VALUES (%(ws)s, 'address', 'eve@x.test', 'unsubscribed', now()) RETURNING kind",
    "BLOCKED_ADDRESS": "INSERT INTO suppressions (workspace_id, kind, value, reason, created_at) VALUES (%(ws)s, 'address', 'eve@x.test', 'blocked', now()) RETURNING kind",
    "BLOCKED_DOMAIN": "INSERT INTO suppressions (workspace_id, kind, value, reason, created_at) VALUES (%(ws)s, 'domain', 'x.test', 'blocked', now()) RETURNING kind",
    "RECIPIENT_PREVIOUSLY_BOUNCED_ON_PORTAL": "UPDATE contacts SET address_dead_at = now() WHERE workspace_id = %(ws)s RETURNING id",
    "NO_EMAIL_ADDRESS": "UPDATE contacts SET email = '' WHERE workspace_id = %(ws)s RETURNING id",
    "SEQUENCE_NOT_ACTIVE": "UPDATE sequences SET status = 'archived' WHERE workspace_id = %(ws)s RETURNING id",
    "MAILBOX_DISCONNECTED": "UPDATE mailboxes SET state = 'sign_in' WHERE workspace_id = %(ws)s RETURNING id",
}


@pytest.mark.parametrize("code", CODES)
def test_every_refusal_is_one_400_with_its_code_and_no_enrollment(hub: Hub, code: str):
    """Check 4; HSA-17, HSA-30."""
    made, contact = hub.add_sequence(), hub.api.small.add_contact("eve@x.test")
    hub.api.small.sql(CODES[code])
    with pytest.raises(hubspot_sdk.BadRequestError) as refused:
        hub.sdk().automation.sequences.create_enrollment(user_id=hub.user, contact_id=str(contact), sender_email=REP, sequence_id=made)
    said: Any = refused.value.body
    assert (said["status"], said["category"], said["subCategory"]) == ("error", "VALIDATION_ERROR", code)
    assert said["errors"][0]["code"] == code
    assert said["errors"][0]["in"] in ("contactId", "senderEmail", "sequenceId")
    assert hub.count() == 0


def test_what_stands_in_the_body_and_is_not_there_is_a_400(hub: Hub):
    """HSA-23, HSA-30."""
    made, contact = hub.add_sequence(), hub.api.small.add_contact("ann@prospect.test")
    right = body_of(hub, made, contact)
    for change, code in (
        ({"contactId": "999"}, "CONTACT_NOT_FOUND"),
        ({"sequenceId": "999"}, "SEQUENCE_NOT_FOUND"),
        ({"senderEmail": "no@acme.test"}, "SENDER_MISMATCH"),
        ({"senderAliasAddress": "alias@acme.test"}, "ALIAS_NOT_ALLOWED"),
    ):
        answer = hub.ask("POST", f"{NEW}/enrollments?userId={hub.user}", json=right | change)
        assert (answer.status_code, answer.json()["subCategory"]) == (400, code)
    for name in ("contactId", "senderEmail", "sequenceId"):
        answer = hub.ask("POST", f"{NEW}/enrollments?userId={hub.user}", json={key: value for key, value in right.items() if key != name})
        assert (answer.status_code, answer.json()["errors"][0]["in"]) == (400, name)
    for query in ("", "?userId=x", "?userId=999"):
        answer = hub.ask("GET", f"{NEW}{query}")
        assert (answer.status_code, answer.json()["errors"][0]["in"]) == (400, "userId")
    assert hub.count() == 0


def test_a_repeat_whose_first_answer_was_lost_gets_the_enrollment_and_not_a_second_one(hub: Hub):
    """Check 5; HSA-18."""
    made, contact = hub.add_sequence(), hub.api.small.add_contact("ann@prospect.test")
    path = f"{NEW}/enrollments?userId={hub.user}"
    first = hub.ask("POST", path, json=body_of(hub, made, contact))
    again = hub.ask("POST", path, json=body_of(hub, made, contact), headers={"x-stainless-retry-count": "1"})
    assert (again.status_code, again.json()) == (200, first.json())
    other = hub.api.small.add_contact("ben@prospect.test")
    keyed = [hub.ask("POST", path, json=body_of(hub, made, other), headers={"Idempotency-Key": "k-1"}) for _ in range(2)]
    assert keyed[0].json() == keyed[1].json()
    reused = hub.ask("POST", path, json=body_of(hub, made, contact), headers={"Idempotency-Key": "k-1"})
    assert reused.status_code == 400
    assert hub.count() == 2


def test_contacts_go_through_their_whole_life_with_the_sdk(hub: Hub):
    """Checks 7, 14 and 15."""
    contacts = hub.sdk().crm.objects.contacts
    ann = contacts.create(properties={"email": "a+x@b.test", "firstname": "Ann", "jobtitle": "CFO"}, associations=[])
    with pytest.raises(hubspot_sdk.ConflictError) as known:
        contacts.create(properties={"email": "A+x@b.test"}, associations=[])
    assert f"Existing ID: {ann.id}" in known.value.body["message"]  # type: ignore[index]
    found = contacts.get("a+x@b.test", id_property="email", properties=["jobtitle", "phone", "hs_sequences_is_enrolled"])
    assert found.properties == {"hs_object_id": ann.id, "jobtitle": "CFO", "hs_sequences_is_enrolled": "false"}
    assert contacts.update(ann.id, properties={"lastname": "Lee", "jobtitle": ""}).properties["lastname"] == "Lee"
    ben = contacts.create(properties={"email": "ben@b.test", "firstname": "Ben"}, associations=[])
    assert [each.id for each in contacts.list(limit=1)] == [ann.id, ben.id]
    merged = contacts.merge(primary_object_id=ann.id, object_id_to_merge=ben.id)
    assert merged.id == ann.id
    contacts.delete(ann.id)
    contacts.delete(ann.id)
    with pytest.raises(hubspot_sdk.NotFoundError):
        contacts.get(ann.id)
    assert contacts.get(ann.id, archived=True).archived is True
    eve = contacts.create(properties={"email": "eve@b.test"}, associations=[])
    contacts.gdpr_delete(object_id=eve.id)
    with pytest.raises(hubspot_sdk.NotFoundError):
        contacts.get(eve.id)


def test_a_search_knows_every_operator_and_pages_by_offset(hub: Hub):
    """Check 14; HSA-53 to HSA-56."""
    contacts = hub.sdk().crm.objects.contacts
    for name, title in (("ann", "Chief"), ("ben", "Clerk"), ("cid", "")):
        contacts.create(properties={"email": f"{name}@b.test", "firstname": name, "jobtitle": title}, associations=[])

    def search(*filters: Any, **more: Any) -> list[str]:
        groups = [{"filters": list(filters)}] if filters else []
        asked = {"after": "", "limit": 10, "properties": ["firstname"], "sorts": ["firstname"], "filter_groups": groups} | more
        return [each.properties["firstname"] for each in contacts.search(**asked).results]

    def one(name: str, operator: str, **values: Any) -> dict[str, Any]:
        return {"propertyName": name, "operator": operator, **values}

    assert search() == ["ann", "ben", "cid"]
    assert search(sorts=["-firstname"]) == ["cid", "ben", "ann"]
    assert search(query="ben@") == ["ben"]
    assert search(one("firstname", "EQ", value="Ann")) == ["ann"]
    assert search(one("firstname", "NEQ", value="ann")) == ["ben", "cid"]
    assert search(one("firstname", "IN", values=["ANN", "cid"])) == ["ann", "cid"]
    assert search(one("firstname", "NOT_IN", values=["ann"])) == ["ben", "cid"]
    assert search(one("jobtitle", "HAS_PROPERTY")) == ["ann", "ben"]
    assert search(one("jobtitle", "NOT_HAS_PROPERTY")) == ["cid"]
    assert search(one("jobtitle", "CONTAINS_TOKEN", value="C*")) == ["ann", "ben"]
    assert search(one("jobtitle", "NOT_CONTAINS_TOKEN", value="chief")) == ["ben", "cid"]
    assert search(one("firstname", "GT", value="ann"), one("firstname", "LTE", value="cid")) == ["ben", "cid"]
    assert search(one("firstname", "BETWEEN", value="ann", highValue="ben")) == ["ann", "ben"]
    assert search(one("createdate", "GTE", value="0")) == ["ann", "ben", "cid"]
    assert search(one("createdate", "LT", value="2020-01-01")) == []
    first = contacts.search(after="", limit=2, properties=[], sorts=[], filter_groups=[])
    assert first.total == 3
    assert first.paging is not None
    assert len(contacts.search(after=first.paging.next.after, limit=2, properties=[], sorts=[], filter_groups=[]).results) == 1  # type: ignore[union-attr]


def test_a_batch_tells_what_failed_beside_what_succeeded(hub: Hub):
    """Check 14; HSA-57, HSA-58."""
    batch = hub.sdk().crm.objects.contacts.batch
    made = batch.create(inputs=[{"properties": {"email": f"{name}@b.test"}, "associations": []} for name in ("ann", "ben")])
    ids = [each.id for each in made.results]
    read = batch.get(inputs=[{"id": each} for each in (*ids, "999")], properties=["email"], properties_with_history=[])
    assert [each.id for each in read.results] == ids
    assert hub.ask("POST", "/crm/objects/2026-03/contacts/batch/read", json={"inputs": [{"id": "999"}]}).status_code == 207
    changed = batch.update(inputs=[{"id": ids[0], "properties": {"firstname": "Ann"}}])
    assert changed.results[0].properties["firstname"] == "Ann"
    both = batch.upsert(
        inputs=[{"id": f"{name}@b.test", "id_property": "email", "properties": {"city": "Bonn"}} for name in ("ann", "cid")]
    )
    assert [each.new for each in both.results] == [False, True]
    batch.delete(inputs=[{"id": ids[0]}, {"id": "999"}])
    failed = hub.ask("POST", "/crm/v3/objects/contacts/batch/create", json={"inputs": [{"properties": {"email": "ben@b.test"}}]})
    said = failed.json()
    assert (failed.status_code, said["numErrors"], said["errors"][0]["category"]) == (207, 1, "CONFLICT")
    assert {"status", "category", "message", "context", "errors", "links"} <= said["errors"][0].keys()


def test_the_older_client_knows_contacts_too(hub: Hub):
    """Checks 7, 14 and 15: an unset property is null on v3."""
    old = hub.old().crm.contacts
    made = old.basic_api.create(SimplePublicObjectInputForCreate(properties={"email": "ann@b.test", "firstname": "Ann"}, associations=[]))
    with pytest.raises(ApiException) as known:
        old.basic_api.create(SimplePublicObjectInputForCreate(properties={"email": "ann@b.test"}, associations=[]))
    assert known.value.status == 409
    read = old.basic_api.get_by_id("ann@b.test", id_property="email", properties=["firstname", "phone"])
    assert read.properties == {"firstname": "Ann", "phone": None, "hs_object_id": made.id}
    old.basic_api.update(made.id, SimplePublicObjectInput(properties={"lastname": "Lee"}))
    found = old.search_api.do_search(PublicObjectSearchRequest(query="lee", limit=5, filter_groups=[], sorts=[], properties=["lastname"]))
    assert (found.total, found.results[0].properties["lastname"]) == (1, "Lee")
    assert [each.id for each in old.get_all()] == [made.id]
    old.basic_api.archive(made.id)
    assert old.basic_api.get_page(archived=True).results[0].id == made.id


def test_tokens_reach_as_far_as_their_scopes_users_and_workspace(hub: Hub):
    """Check 18; HSA-6, HSA-7, HSA-31."""
    small = hub.api.small
    made, contact = hub.add_sequence(), small.add_contact("ann@prospect.test")
    for key in ("", "nonsense", "segue_" + "a" * 36):
        answer = hub.ask("GET", f"{NEW}?userId={hub.user}", key=key)
        assert (answer.status_code, answer.json()["category"]) == (401, "INVALID_AUTHENTICATION")
    narrow = make_key(small, small.workspace_id, small.user_id, "contacts:read")
    answer = hub.ask("GET", f"{NEW}?userId={hub.user}", key=narrow)
    assert (answer.status_code, answer.json()["category"]) == (403, "MISSING_SCOPES")
    assert answer.json()["errors"][0]["context"]["requiredGranularScopes"] == ["automation.sequences.read"]
    with small.db.tx(small.workspace_id) as tx:
        other = add_user(tx, "other@acme.test", UserChange(role=Role.USER, seat=True, timezone="Europe/Berlin"))
    theirs = make_key(small, small.workspace_id, other, "all")
    assert hub.ask("GET", f"{NEW}?userId={hub.user}", key=theirs).json()["category"] == "FORBIDDEN"
    assert hub.ask("GET", f"{NEW}?userId={other}", key=theirs).json()["total"] == 1
    small.sql("UPDATE sequences SET sharing = 'private' WHERE workspace_id = %(ws)s RETURNING id")
    assert hub.ask("GET", f"{NEW}?userId={other}", key=theirs).json()["total"] == 0
    assert hub.ask("GET", f"{NEW}/{made}?userId={other}", key=theirs).status_code == 404
    hub.ask("POST", f"{NEW}/enrollments?userId={hub.user}", json=body_of(hub, made, contact))
    assert hub.ask("GET", f"{NEW}/enrollments/contact/{contact}", key=theirs).json()["sequenceName"] == "private sequence"
    foreign = create_workspace(small.db, "Other")
    with small.db.tx(foreign) as tx:
        stranger = add_user(tx, "boss@other.test", UserChange(role=Role.OWNER, seat=True, timezone="Europe/Berlin"))
    key = make_key(small, foreign, stranger, "all")
    for path in (f"{NEW}/{made}?userId={stranger}", f"{NEW}/enrollments/contact/{contact}", f"/crm/objects/2026-03/contacts/{contact}"):
        assert hub.ask("GET", path, key=key).status_code == 404
    assert hub.ask("PATCH", f"/crm/objects/2026-03/contacts/{contact}", key=key, json={"properties": {"city": "Bonn"}}).status_code == 404


def test_whatever_is_asked_the_answer_is_json_and_no_fault_of_ours(hub: Hub):
    """Checks 19 and 20; HSA-4, HSA-5, HSA-11, HSA-16."""
    hub.add_sequence()
    for method, path, more, status in (
        ("GET", "/automation/v9/x", {}, 404),
        ("GET", "/crm/v3/objects/deals", {}, 404),
        ("POST", V4, {"json": {}}, 405),
        ("PUT", "/crm/objects/2026-03/contacts/search", {"json": {}}, 405),
        ("POST", "/crm/v3/objects/contacts", {"content": b"{", "headers": {"content-type": "application/json"}}, 400),
        ("POST", "/crm/v3/objects/contacts", {"content": b"a=1", "headers": {"content-type": "text/plain"}}, 415),
        ("POST", "/crm/v3/objects/contacts", {"json": {"properties": {"nope": "1", "email": "a@b.test"}}}, 400),
        ("POST", "/crm/v3/objects/contacts", {"json": {"properties": {"hs_object_id": "1", "email": "a@b.test"}}}, 400),
        ("POST", "/crm/v3/objects/contacts", {"json": {"properties": {"email": "nobody"}}}, 400),
        ("GET", "/crm/v3/objects/contacts?limit=0", {}, 400),
        ("GET", "/crm/v3/objects/contacts?after=x", {}, 400),
        ("GET", f"{V4}/search?userId={hub.user}", {}, 404),
        ("GET", "/crm/v3/owners/999", {}, 404),
    ):
        answer = hub.ask(method, path, **more)
        said = answer.json()
        assert (answer.status_code, said["status"], said["correlationId"]) == (
            status,
            "error",
            answer.headers["x-hubspot-correlation-id"],
        ), path
        assert {"category", "message"} <= said.keys()
    assert hub.ask("POST", V4, json={}).headers["allow"] == "GET"
    assert hub.ask("POST", "/crm/v3/objects/contacts", content=b"x" * (6 << 20)).status_code == 413
    assert hub.ask("GET", "/crm/v3/properties/contacts").json()["results"][0].keys() >= {
        "name",
        "label",
        "type",
        "fieldType",
        "groupName",
        "options",
    }


def test_many_keyed_requests_at_once_all_get_their_answer(hub: Hub):
    """HSA-18: each holds a connection while it uses a second, and none may wait for the others with the pool empty."""

    def create(number: int) -> int:
        sent = {"properties": {"email": f"p{number % 10}@b.test"}}
        return hub.ask("POST", "/crm/objects/2026-03/contacts", json=sent, headers={"Idempotency-Key": f"k-{number % 10}"}).status_code

    with ThreadPoolExecutor(30) as pool:
        assert set(pool.map(create, range(30))) == {201}
    assert len(hub.api.small.sql("SELECT id FROM contacts WHERE workspace_id = %(ws)s")) == 10
