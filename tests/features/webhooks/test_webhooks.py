"""Outgoing webhooks by Standard Webhooks 1.0: nothing lost, nothing told of what did not happen, signed, repeated, dead in sight (L7, X4)."""

import json
import threading
from datetime import datetime, timedelta

import psycopg
import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from features.webhooks.receiver import receiving
from make import MONDAY, email, make_small, sequence
from segue.domain.contact_events import ContactDeleted
from segue.domain.errors import Forbidden, Invalid
from segue.domain.events import MailboxStateChanged
from segue.domain.permissions import OPERATOR, Actor, Role
from segue.domain.webhooks import GIVES_UP_AFTER, RETRY_AFTER, read_url
from segue.features.contacts.erase import erase_person
from segue.features.webhooks import deliveries, endpoints
from segue.features.webhooks.lane import Lane
from segue.ports import StoppedClock, SystemClock
from segue.providers.egress import EgressPolicy

HERE = EgressPolicy.allowing(["127.0.0.1:*"])


class WallClock(StoppedClock):
    """Stands still for the product, and tells servers outside the machine's time, by which they judge signatures."""

    def wall(self) -> datetime:
        return SystemClock().wall()


@pytest.fixture
def small(db_urls):
    small = make_small(db_urls.app_url)
    small.clock = small.db.clock = WallClock(MONDAY)
    yield small
    small.close()


def lane(small, **options) -> Lane:
    return Lane(small.db, small.vault, options.pop("policy", HERE), **options)


def add(small, url: str, *kinds: str) -> tuple[int, str]:
    with small.db.tx(small.workspace_id) as tx:
        row, secret = endpoints.add_endpoint(tx, url, kinds or ["*"], small.vault, by=OPERATOR)
    return row["id"], secret


def happen(small, state: str = "ok", count: int = 1) -> None:
    with small.db.tx(small.workspace_id, actor="rita") as tx:
        for number in range(count):
            tx.record(MailboxStateChanged(mailbox_id=number + 1, state=state))


def delete_and_fail(small) -> None:
    with small.db.tx(small.workspace_id) as tx:
        tx.record(ContactDeleted(contact_id=1))
        tx.flush()
        tx.run("SELECT 1 / 0")


def told(small, endpoint_id: int, state: str = ""):
    with small.db.tx(small.workspace_id) as tx:
        return deliveries.list_deliveries(tx, endpoint_id, state=state)


def test_a_fact_is_told_signed_so_that_the_reference_library_believes_it(small) -> None:
    with receiving() as receiver:
        endpoint_id, secret = add(small, receiver.url + "/hook?x=1", "mailbox_state_changed")
        happen(small, "blocked")
        assert lane(small).deliver_due(small.workspace_id) == 1
        assert lane(small).deliver_due(small.workspace_id) == 0
    headers, body = receiver.got[0]
    assert len(receiver.got) == 1
    assert Webhook(secret).verify(body, headers)["type"] == "mailbox_state_changed"
    said = json.loads(body)
    assert said["data"] | {"event_id": 0} == {"mailbox_id": 1, "state": "blocked", "detail": "", "actor": "rita", "event_id": 0}
    assert datetime.fromisoformat(said["timestamp"]) == MONDAY
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body + b" ", headers)
    assert [row["state"] for row in told(small, endpoint_id)] == ["delivered"]


def test_what_is_rolled_back_is_never_told_and_what_is_not_subscribed_to_neither(small) -> None:
    with receiving() as receiver:
        endpoint_id, _ = add(small, receiver.url, "contact_deleted")
        happen(small)
        with pytest.raises(psycopg.errors.DivisionByZero):
            delete_and_fail(small)
        lane(small).deliver_due(small.workspace_id)
    assert receiver.got == []
    assert told(small, endpoint_id) == []


def test_whatever_writes_the_timeline_is_told_bulk_enrollment_and_erasure_too(small) -> None:
    """Events are written by several statements; the trigger sees them all. An erased person is in no payload (S27)."""
    with receiving() as receiver:
        endpoint_id, _ = add(small, receiver.url)
        sequence_id = small.add_sequence(sequence(email("a", subject="Hi"), name="Told"))
        people = [small.add_contact(f"p{n}@prospect.test") for n in range(3)]
        small.enroll(sequence_id, people)
        with small.db.tx(small.workspace_id) as tx:
            assert [row["kind"] for row in deliveries.list_deliveries(tx, endpoint_id)].count("contact_enrolled") == 3
            erase_person(tx, "p0@prospect.test")
        small.clock.advance(timedelta(seconds=1))
        lane(small).deliver_due(small.workspace_id)
    bodies = [body.decode() for _, body in receiver.got]
    assert any('"contact_erased"' in body for body in bodies)
    assert not any("p0@prospect.test" in body for body in bodies)
    recorded = small.sql("SELECT id FROM events WHERE workspace_id = %(ws)s AND id >= (SELECT min(event_id) FROM webhook_deliveries)")
    assert {json.loads(body)["data"]["event_id"] for body in bodies} == {row["id"] for row in recorded}


def test_ten_tries_in_75_hours_with_one_id_then_dead_and_replayed(small) -> None:
    with receiving(500) as receiver:
        endpoint_id, secret = add(small, receiver.url, "mailbox_state_changed")
        happen(small)
        began = small.clock.now()
        for pause in RETRY_AFTER:
            assert lane(small).deliver_due(small.workspace_id) == 1
            assert [row["state"] for row in told(small, endpoint_id)] == ["waiting"]
            small.clock.advance(pause - timedelta(seconds=1))
            assert lane(small).deliver_due(small.workspace_id) == 0
            small.clock.advance(timedelta(seconds=1))
        assert timedelta(hours=75) < small.clock.now() - began < GIVES_UP_AFTER
        assert lane(small).deliver_due(small.workspace_id) == 1
        (dead,) = told(small, endpoint_id, "dead")
        assert (dead["attempts"], dead["last_status"], dead["last_error"]) == (10, 500, "it answered 500")
        assert len(receiver.got) == 10
        assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
        assert small.sql("SELECT kind FROM notices WHERE workspace_id = %(ws)s AND closed_at IS NULL") == [{"kind": "webhook"}]
        receiver.answers = [200]
        with small.db.tx(small.workspace_id) as tx:
            assert deliveries.replay(tx, endpoint_id, [], by=OPERATOR) == 1
        small.clock.advance(timedelta(minutes=5))
        lane(small).deliver_due(small.workspace_id)
        assert [row["state"] for row in told(small, endpoint_id)] == ["delivered"]
        assert receiver.got[0][0]["webhook-id"] == receiver.got[-1][0]["webhook-id"]
        assert Webhook(secret).verify(receiver.got[-1][1], receiver.got[-1][0])


def test_a_backlog_behind_a_dead_server_is_dead_in_sight_after_76_hours(small) -> None:
    with receiving(503) as receiver:
        endpoint_id, _ = add(small, receiver.url, "mailbox_state_changed")
        happen(small, count=30)
        lane(small).deliver_due(small.workspace_id)
        assert len(receiver.got) == 1, "the first failure ends a batch"
        small.clock.advance(GIVES_UP_AFTER)
        lane(small).deliver_due(small.workspace_id)
    assert len(told(small, endpoint_id, "dead")) == 30
    assert "its turn did not come in time" in {row["last_error"] for row in told(small, endpoint_id)}


def test_410_takes_the_endpoint_out_of_use(small) -> None:
    with receiving(410) as receiver:
        endpoint_id, _ = add(small, receiver.url, "mailbox_state_changed")
        happen(small, count=2)
        lane(small).deliver_due(small.workspace_id)
        happen(small)
    with small.db.tx(small.workspace_id) as tx:
        row = endpoints.get_endpoint(tx, endpoint_id)
    assert (row["state"], row["waiting"], row["dead"]) == ("gone", 0, 2)
    assert len(receiver.got) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_a_failure_and_is_not_followed(small, status: int) -> None:
    with receiving(status) as receiver:
        endpoint_id, _ = add(small, receiver.url, "mailbox_state_changed")
        happen(small)
        lane(small).deliver_due(small.workspace_id)
    assert len(receiver.got) == 1
    (row,) = told(small, endpoint_id)
    assert (row["state"], row["last_status"]) == ("waiting", status)


def test_a_server_that_hangs_costs_its_deadline_and_keeps_no_other_waiting(small) -> None:
    with receiving(0) as slow, receiving() as quick:
        slow_id, _ = add(small, slow.url, "mailbox_state_changed")
        quick_id, _ = add(small, quick.url, "mailbox_state_changed")
        happen(small, count=3)
        lane(small, deadline_s=0.5).deliver_due(small.workspace_id)
    assert [row["state"] for row in told(small, quick_id)] == ["delivered"] * 3
    assert {row["last_error"] for row in told(small, slow_id)} == {"", "no answer within 0.5 seconds"}


def test_while_a_secret_is_changed_both_sign_and_a_day_later_only_the_new_one(small) -> None:
    with receiving() as receiver:
        endpoint_id, old = add(small, receiver.url, "mailbox_state_changed")
        with small.db.tx(small.workspace_id) as tx:
            _, new = endpoints.rotate_secret(tx, endpoint_id, small.vault, by=OPERATOR)
        happen(small)
        lane(small).deliver_due(small.workspace_id)
        small.clock.advance(timedelta(hours=24))
        happen(small)
        lane(small).deliver_due(small.workspace_id)
    (first, body), (second, after) = receiver.got
    assert Webhook(old).verify(body, first)
    assert Webhook(new).verify(body, first)
    assert Webhook(new).verify(after, second)
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(after, second)
    stored = small.sql("SELECT secret, old_secret FROM webhook_endpoints WHERE workspace_id = %(ws)s")
    assert all(secret.removeprefix("whsec_").encode() not in bytes(stored[0]["secret"]) for secret in (old, new))


def test_the_lane_tells_until_it_is_stopped_and_an_endpoint_whose_secret_is_lost_keeps_nobody_waiting(small) -> None:
    stopping, pause = threading.Event(), threading.Event()
    with receiving() as receiver:
        endpoint_id, _ = add(small, receiver.url, "mailbox_state_changed")
        broken, _ = add(small, receiver.url, "mailbox_state_changed")
        small.sql(
            "UPDATE webhook_endpoints SET secret = 'v1.x.y.z' WHERE workspace_id = %(ws)s AND id = %(id)s RETURNING 1", {"id": broken}
        )
        thread = threading.Thread(target=lane(small).run, args=(stopping,))
        thread.start()
        happen(small)
        while {row["state"] for row in told(small, endpoint_id)} != {"delivered"}:
            pause.wait(0.05)
        stopping.set()
        thread.join(60)
    assert not thread.is_alive()
    assert len(receiver.got) == 1
    assert [row["state"] for row in told(small, broken)] == ["waiting"]
    (notice,) = small.sql("SELECT said, subject FROM notices WHERE workspace_id = %(ws)s AND kind = 'webhook'")
    assert notice["subject"] == str(broken)


def test_a_private_address_is_refused_by_the_guard_and_told_as_such(small) -> None:
    with receiving() as receiver:
        endpoint_id, _ = add(small, receiver.url, "mailbox_state_changed")
        happen(small)
        lane(small, policy=EgressPolicy()).deliver_due(small.workspace_id)
    assert receiver.got == []
    assert "private" in told(small, endpoint_id)[0]["last_error"]


def test_a_crash_between_telling_and_storing_tells_again_with_the_same_id(small) -> None:
    with receiving() as receiver:
        endpoint_id, _ = add(small, receiver.url, "mailbox_state_changed")
        happen(small)
        with small.db.tx(small.workspace_id) as tx:
            (batch,) = deliveries.claim_batches(tx, small.vault, 8)
        lane(small).tell(batch.place, batch.deliveries[0].message_id, batch.deliveries[0].body or b"", batch.secrets)
        assert lane(small).deliver_due(small.workspace_id) == 0, "it is leased"
        small.sql(
            "UPDATE webhook_endpoints SET lease_until = clock_timestamp() - interval '1 second' WHERE workspace_id = %(ws)s RETURNING 1"
        )
        lane(small).deliver_due(small.workspace_id)
        with small.db.tx(small.workspace_id) as tx:  # the one who was thought dead comes late
            deliveries.settle_batch(tx, batch, [deliveries.Outcome(batch.deliveries[0], 500, "it answered 500")])
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert len(receiver.got) == 2
    assert [row["state"] for row in told(small, endpoint_id)] == ["delivered"]


def test_only_who_manages_programs_may_and_only_known_events_are_taken(small) -> None:
    rep = Actor(small.user_id, "rep@acme.test", Role.USER)
    with small.db.tx(small.workspace_id) as tx:
        with pytest.raises(Forbidden):
            endpoints.add_endpoint(tx, "https://example.com", ["*"], small.vault, by=rep)
        with pytest.raises(Invalid):
            endpoints.add_endpoint(tx, "https://example.com", ["mailbox_state_chnged"], small.vault, by=OPERATOR)
        with pytest.raises(Invalid):
            endpoints.add_endpoint(tx, "https://example.com", ["signed_in"], small.vault, by=OPERATOR)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "example.com",
            "ftp://example.com",
            "https://",
            "https://user:pw@example.com",
            "https://example.com#x",
            "https://exa mple.com",
        ),
        *(
            "https://example.com:99999",
            "https://example.com\r\nX: y",
            "https://example.com/ä",
            "https://example.com/a b",
            "https://a\tb.com",
        ),
        *("https://[::1", "https://::1/", "https://a:b:c/", "https://example.com/\x00", "javascript:alert(1)", "https:///path"),
    ],
)
def test_what_is_no_address_is_refused_at_once(url: str) -> None:
    with pytest.raises(Invalid):
        read_url(url)


def test_an_address_is_taken_apart_and_shown_without_what_may_be_secret() -> None:
    place = read_url("https://hooks.example.com:8443/s/abc?token=1")
    assert (place.secure, place.host, place.port, place.path) == (True, "hooks.example.com", 8443, "/s/abc?token=1")
    assert place.shown == "https://hooks.example.com:8443"
    assert read_url("http://[::1]:8080").host == "::1"
    assert read_url("https://example.com").path == "/"


def test_the_machine_of_the_specification_knows_its_schedule() -> None:
    assert sum(RETRY_AFTER, timedelta()) == timedelta(hours=75, minutes=35, seconds=5)
    assert len(RETRY_AFTER) == 9
