"""What programs send by mistake, and sequences that HubSpot does not know, on the wire of HubSpot's API (HSA-16, HSA-26, HSA-58, X7)."""

import json
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from api.conftest import Api, close_api, make_api
from make import MONDAY, REP, email, sequence, task
from segue.domain.ids import StepKey
from segue.domain.sequence import BranchSettings, Step
from segue.features.hubspot.sequence_shapes import sequence_of

CONTACTS = "/crm/objects/2026-03/contacts"
ODD = (None, 0, -1, 1.5, True, "", "x", "\x00", "\ud800", [], [None], [[]], {}, {"": None}, 10**30, "9" * 400)
DEEP = {
    "inputs": [*([{"id": each}] for each in ODD), *([{"id": "1", "idProperty": "email", "properties": each}] for each in ODD)],
    "filterGroups": [
        *([{"filters": each}] for each in ODD),
        *([{"filters": [{"propertyName": "email", "operator": "IN", "value": each, "values": each}]}] for each in ODD),
        *([{"filters": [{"propertyName": "createdate", "operator": "EQ", "value": each}]}] for each in ODD),
        *([{"filters": [{"propertyName": each, "operator": each, "value": "1"}]}] for each in ODD),
    ],
}
FIELDS = {
    "/automation/v4/sequences/enrollments?userId=1": ("contactId", "senderEmail", "sequenceId", "senderAliasAddress"),
    CONTACTS: ("properties",),
    f"{CONTACTS}/search": ("filterGroups", "sorts", "properties", "after", "limit", "query"),
    f"{CONTACTS}/merge": ("primaryObjectId", "objectIdToMerge"),
    f"{CONTACTS}/gdpr-delete": ("objectId", "idProperty"),
    **{f"{CONTACTS}/batch/{way}": ("inputs", "properties", "idProperty") for way in ("create", "read", "update", "upsert", "archive")},
}
GOOD = {"contactId": "1", "senderEmail": REP, "sequenceId": "1", "primaryObjectId": "1", "objectIdToMerge": "2", "objectId": "1"}


@pytest.fixture
def api(db_urls, tmp_path) -> Iterator[Api]:
    made = make_api(db_urls.app_url, tmp_path)
    yield made
    close_api(made)


def post(client: TestClient, key: str, path: str, body: object) -> object:
    # Not by the client's own JSON, which refuses half a surrogate pair before it is sent.
    sent = json.dumps(body).encode()
    return client.post(path, content=sent, headers={"content-type": "application/json", "authorization": f"Bearer {key}"})


def test_no_value_of_any_field_is_our_fault(api: Api) -> None:
    """Whatever stands where something else belongs, the answer is JSON of this API's shape and no 5xx."""
    for path, names in FIELDS.items():
        for name in names:
            for value in (*ODD, *DEEP.get(name, ())):
                answer = post(api.client, api.key, path, {**GOOD, "inputs": [{"id": "1"}], name: value})
                assert answer.status_code < 500, (path, name, value)
                if answer.status_code not in (200, 201, 204, 207):
                    assert answer.json()["status"] == "error", (path, name, value)


def test_the_same_contact_twice_in_a_batch_is_refused(api: Api) -> None:
    for way in ("read", "update"):
        answer = post(api.client, api.key, f"{CONTACTS}/batch/{way}", {"inputs": [{"id": "1", "properties": {}}] * 2})
        assert answer.status_code == 400, way


def test_a_body_that_is_too_large_is_told_in_the_shape_of_this_api(api: Api) -> None:
    answer = post(api.client, api.key, CONTACTS, {"properties": {"email": "a" * (6 << 20)}})
    assert (answer.status_code, answer.json()["category"]) == (413, "VALIDATION_ERROR")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["correlationId"] == answer.headers["x-hubspot-correlation-id"]


def test_an_unknown_sender_and_an_unknown_alias_are_told_apart(api: Api) -> None:
    """SEQ-62, in the order and the words of its table."""
    sequence_id, contact = api.add_sequence(), api.add_contacts(1)[0]
    body = {"contactId": str(contact), "sequenceId": str(sequence_id), "senderEmail": REP}
    path = f"/automation/v4/sequences/enrollments?userId={api.small.user_id}"
    for change, code, where in (
        ({"senderEmail": "nobody@acme.test"}, "SENDER_MISMATCH", "senderEmail"),
        ({"senderAliasAddress": "alias@acme.test"}, "ALIAS_NOT_ALLOWED", "senderAliasAddress"),
    ):
        said = post(api.client, api.key, path, body | change).json()
        assert (said["subCategory"], said["errors"][0]["in"]) == (code, where)
    assert post(api.client, api.key, path, body | {"senderAliasAddress": REP.upper()}).status_code == 200


def test_past_a_branch_the_main_way_is_shown_with_its_real_numbers() -> None:
    """HSA-26: the way for *no*; what depends on steps that are not shown is left out."""
    question = Step(StepKey("ask"), "branch", BranchSettings((), yes="warm", no="cold"))
    content = sequence(email("hello", subject="Hi"), question, task("warm"), email("cold", "Again"), name="Branched")
    row = {"id": 7, "name": "Branched", "owner_user_id": 1, "created_at": MONDAY, "updated_at": MONDAY}
    told = sequence_of(row, content, MONDAY)
    assert [(step["stepOrder"], step["actionType"]) for step in told["steps"]] == [(0, "EMAIL"), (3, "EMAIL"), (4, "FINISH_ENROLLMENT")]
    assert told["dependencies"] == []
    assert told["steps"][1]["emailPattern"]["threadEmailToStepOrder"] == 0
