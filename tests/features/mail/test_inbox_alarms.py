"""A folder that is not what it was is an alarm and no success; mail that cannot be judged is kept and can be judged later (L4, MAIL-55, MAIL-56)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from make import MONDAY, REP, Small, answer, email, make_small, sequence
from segue.domain.errors import Invalid, NotFound
from segue.features.mail.quarantine import Place, get_quarantined, list_quarantined, retry_quarantined
from segue.features.workspaces.notices import close_notice, list_notices
from segue.providers.mail.fake_world import INBOX

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
ANN = "ann@prospect.test"
FLOW = sequence(email("a", subject="Hi"), email("b", after=timedelta(hours=4)))


@pytest.fixture
def small(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url)
    yield made
    made.close()


def notices(small: Small) -> list[dict]:
    with small.db.tx(small.workspace_id) as tx:
        return [row for row in list_notices(tx) if row["kind"] == "inbox"]


def folders(small: Small) -> dict:
    box = small.world.mailbox(REP)
    assert box is not None
    return box.folders


def begin(small: Small) -> None:
    small.enroll(small.add_sequence(FLOW), [small.add_contact(ANN)])
    small.run_until(MONDAY + MINUTE, step=MINUTE)


def test_an_inbox_that_vanished_is_told_and_mail_waits_until_it_is_back(small: Small) -> None:
    begin(small)
    kept = folders(small).pop(INBOX)
    folders(small)["Junk"] = folders(small).get("Junk", kept)
    small.engine.sessions.forget(small.workspace_id, small.mailbox_id)
    read_at = small.sql("SELECT inbox_read_at FROM mailboxes WHERE workspace_id = %(ws)s")[0]["inbox_read_at"]
    _read_as_watched(small)
    assert small.sql("SELECT inbox_read_at FROM mailboxes WHERE workspace_id = %(ws)s")[0]["inbox_read_at"] == read_at
    assert ["vanished" in row["said"] for row in notices(small)] == [True]
    folders(small)[INBOX] = kept
    small.run_until(MONDAY + 6 * HOUR, step=10 * MINUTE)
    assert len(small.sent_to(ANN)) == 2


def _read_as_watched(small: Small) -> None:
    """Read INBOX as a session does that listed the folders before one vanished."""
    small.clock.at += 5 * MINUTE
    with small.engine.sessions.use(small.workspace_id, small.mailbox_id, "read") as session:
        session.watched_folders = lambda: (INBOX,)
    small.engine.read(small.workspace_id, small.mailbox_id)
    small.engine.sessions.forget(small.workspace_id, small.mailbox_id)


def test_an_emptied_inbox_is_told_once_and_stays_told_until_somebody_has_looked(small: Small) -> None:
    begin(small)
    small.world.deliver(REP, answer(small.sent_to(ANN)[0].wire, sender="else@other.test", text="hello"))
    small.engine.read(small.workspace_id, small.mailbox_id)
    folders(small)[INBOX].messages.clear()
    for _ in range(3):
        small.clock.at += 10 * MINUTE
        small.engine.read(small.workspace_id, small.mailbox_id)
    [told] = notices(small)
    assert "is empty although" in told["said"]
    with small.db.tx(small.workspace_id) as tx:
        assert close_notice(tx, told["id"])
        assert not close_notice(tx, told["id"])
    assert notices(small) == []


def test_a_quiet_inbox_is_no_alarm(small: Small) -> None:
    begin(small)
    small.run_until(MONDAY + 2 * HOUR, step=10 * MINUTE)
    assert notices(small) == []


def set_aside(small: Small, raw: bytes) -> Place:
    with small.db.tx(small.workspace_id) as tx:
        tx.run(
            """INSERT INTO quarantine (workspace_id, mailbox_id, folder, uid_validity, uid, tries, error, raw, released, at)
               VALUES (%(ws)s, %(box)s, 'Work/In', 1, 77, 3, 'ValueError: x', %(raw)s, true, %(now)s)""",
            {"box": small.mailbox_id, "raw": raw, "now": tx.now},
        )
        return Place.read(list_quarantined(tx)[0]["place"])


def test_a_quarantined_answer_stops_the_sequence_once_it_can_be_judged(small: Small) -> None:
    begin(small)
    place = set_aside(small, answer(small.sent_to(ANN)[0].wire, sender=ANN))
    assert retry_quarantined(small.db, small.workspace_id, place) == ""
    assert (small.state(ANN)["state"], small.state(ANN)["reason"]) == ("unenrolled", "REPLIED")
    with small.db.tx(small.workspace_id) as tx:
        assert list_quarantined(tx) == []


def test_what_still_cannot_be_judged_stays_with_its_bytes(small: Small) -> None:
    place = set_aside(small, b"  \n")
    assert "Unavailable" in retry_quarantined(small.db, small.workspace_id, place)
    with small.db.tx(small.workspace_id) as tx:
        row = get_quarantined(tx, place)
    assert (row["tries"], bytes(row["raw"])) == (4, b"  \n")


def test_a_place_that_is_none_and_one_that_is_empty_are_refused(small: Small) -> None:
    with pytest.raises(Invalid):
        Place.read("somewhere")
    with pytest.raises(NotFound):
        retry_quarantined(small.db, small.workspace_id, Place(1, "INBOX", 1, 1))
