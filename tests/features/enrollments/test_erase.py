"""S27: after an erasure no table holds anything of the person; a keyed hash stays, and no import can have them mailed again."""

from datetime import timedelta
from email.message import EmailMessage

import psycopg
import pytest
from psycopg import sql

from make import MONDAY, REP, answer, email, make_small, sequence, task
from segue.db.tables import metadata
from segue.domain.addresses import normal_form
from segue.domain.consent import Basis
from segue.domain.contacts_csv import ContactValues
from segue.domain.errors import Conflict
from segue.features.contacts.consent import record_consent
from segue.features.contacts.edit import set_contact
from segue.features.contacts.erase import erase_person
from segue.features.contacts.store import save_contacts
from segue.features.enrollments.promises import check_promises
from segue.providers.mail.fake_world import SENT, Call, Fault, FaultKind

CANARIES = ("zephyrine", "quillfeather", "canary.example", "+49 30 7654321", "tell me in confidence")


@pytest.fixture
def small(db_urls):
    made = make_small(db_urls.app_url)
    yield made
    made.close()


def save(small, address, **properties):
    values = ContactValues(address, normal_form(address), "Zephyrine", "Quillfeather", "Zephyrine & Sons", "", "", properties)
    with small.db.tx(small.workspace_id) as tx:
        return save_contacts(tx, [values])


def found_in(db_urls):
    """Search every table for the person, as text and as bytes."""
    found = []
    with psycopg.connect(db_urls.owner_url) as conn:
        for table in metadata.tables:
            if table == "companies":
                continue  # a firm is no person; its domain is another here
            rows = conn.execute(sql.SQL("SELECT lower(t::text) FROM {} AS t").format(sql.Identifier(table))).fetchall()
            found += [(table, each) for (text,) in rows for each in CANARIES if each in text or each.encode().hex() in text]
    return found


def live_through_everything(small):
    """A contact with properties, consent, a task, mails, an answer, and a mail that could not be judged."""
    save(small, "Zephyrine.Quillfeather@canary.example", phone="+49 30 7654321", note="Zephyrine likes tea")
    with small.db.tx(small.workspace_id) as tx:
        record_consent(tx, "zephyrine.quillfeather@canary.example", Basis.EXPRESS, "met Zephyrine at a fair")
        set_contact(tx, "zephyrine.quillfeather@canary.example", {}, add=["zephyrine@gmail.com"])
    steps = (email("one", subject="Hello {{ contact.first_name }}"), task("call", wait=False), email("two", after=timedelta(days=1)))
    flow = small.add_sequence(sequence(*steps))
    contact = small.sql("SELECT id FROM contacts WHERE workspace_id = %(ws)s AND first_name = 'Zephyrine'")[0]["id"]
    small.enroll(flow, [contact])
    small.run_until(MONDAY + timedelta(hours=1))
    wire = small.sql("SELECT wire FROM messages WHERE workspace_id = %(ws)s")[0]["wire"]
    mail = answer(bytes(wire), sender="Zephyrine.Quillfeather@canary.example", text="Tell me in confidence, Zephyrine")
    small.world.deliver("rep@acme.test", mail)
    small.run_until(MONDAY + timedelta(days=2))
    small.sql(
        """INSERT INTO quarantine (workspace_id, mailbox_id, folder, uid_validity, uid, tries, error, raw, at)
           VALUES (%(ws)s, %(box)s, 'INBOX', 1, 999, 3, 'x', %(raw)s, now()) RETURNING uid""",
        {"box": small.mailbox_id, "raw": b"From: zephyrine.quillfeather@canary.example\n\nx"},
    )
    return flow, contact


def test_nothing_of_an_erased_person_is_left_in_any_table(small, db_urls):
    live_through_everything(small)
    small.add_contact("bystander@x.test", first_name="Bystander")
    before = {table for table, _ in found_in(db_urls)}
    assert {"contacts", "consents", "messages", "enrollments", "events", "inbound_messages", "quarantine"} <= before
    sent = small.sql("SELECT count(*) AS n FROM messages WHERE workspace_id = %(ws)s AND handed_at IS NOT NULL")
    with small.db.tx(small.workspace_id) as tx:
        assert erase_person(tx, "zephyrine@gmail.com") == 2
    assert found_in(db_urls) == []
    assert small.sql("SELECT count(*) AS n FROM messages WHERE workspace_id = %(ws)s AND handed_at IS NOT NULL") == sent
    assert small.sql("SELECT first_name FROM contacts WHERE workspace_id = %(ws)s AND email = 'bystander@x.test'") == [
        {"first_name": "Bystander"}
    ]
    with small.db.tx(small.workspace_id) as tx:
        assert all(count == 0 for count in check_promises(tx).values())


def mail_in(encoding, text):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "bystander@x.test", "rep@acme.test", "Ask somebody else"
    mail.set_content(text, cte=encoding)
    return mail.as_bytes()


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable"])
def test_a_stored_mail_of_somebody_else_that_names_the_person_in_base64_is_emptied(small, encoding):
    named = mail_in(encoding, "Ask ZEPHYRINE.Quillfeather@canary.example, he decides. = " * 3)
    kept = mail_in(encoding, "Ask the boss, he decides. = " * 3)
    for uid, raw in enumerate((named, kept), 1):
        small.sql(
            """INSERT INTO quarantine (workspace_id, mailbox_id, folder, uid_validity, uid, tries, error, raw, at)
               VALUES (%(ws)s, %(box)s, 'INBOX', 1, %(uid)s, 3, 'x', %(raw)s, now()) RETURNING uid""",
            {"box": small.mailbox_id, "uid": uid, "raw": raw},
        )
    with small.db.tx(small.workspace_id) as tx:
        erase_person(tx, "zephyrine.quillfeather@canary.example")
    rows = small.sql("SELECT uid, raw FROM quarantine WHERE workspace_id = %(ws)s ORDER BY uid")
    assert [bytes(row["raw"]) for row in rows] == [b"", kept]


def test_an_erased_person_is_not_taken_up_by_an_import_under_any_address(small):
    live_through_everything(small)
    with small.db.tx(small.workspace_id) as tx:
        erase_person(tx, "zephyrine.quillfeather@canary.example")
    for address in ("Zephyrine.Quillfeather@canary.example", "zephyrine+again@gmail.com"):
        saved = save(small, address)
        assert (saved.created, list(saved.barred.values())) == (0, ["This person was erased and is not taken up again."])


def test_an_erased_address_is_barred_at_enrolling_and_at_the_gate_even_if_a_contact_comes_to_be(small):
    """S4: erasure never lifts a suppression."""
    live_through_everything(small)
    flow = small.add_sequence(sequence(email("one", subject="Hello"), name="Other"))
    with small.db.tx(small.workspace_id) as tx:
        erase_person(tx, "zephyrine.quillfeather@canary.example")
    sneaked = small.add_contact("zephyrine.quillfeather@canary.example")
    assert [each.code for each in small.enroll(flow, [sneaked]).refused] == ["BLOCKED_ADDRESS"]
    other = small.add_contact("bob@x.test")
    small.enroll(flow, [other])
    small.sql(
        """UPDATE enrollments SET address = 'zephyrine@gmail.com', address_normal = 'zephyrine@gmail.com'
           WHERE workspace_id = %(ws)s AND contact_id = %(id)s RETURNING id""",
        {"id": other},
    )
    small.run_until(MONDAY + timedelta(days=4))
    assert small.sent_to("zephyrine@gmail.com") == []
    assert small.state("bob@x.test")["reason"] == "SUPPRESSED"


def test_an_open_enrollment_ends_with_the_erasure(small):
    small.enroll(
        small.add_sequence(sequence(email("one", subject="Hi"), email("two", after=timedelta(days=1)))), [small.add_contact("a@x.test")]
    )
    small.run_until(MONDAY + timedelta(hours=1))
    with small.db.tx(small.workspace_id) as tx:
        erase_person(tx, "a@x.test")
    small.run_until(MONDAY + timedelta(days=4))
    assert len(small.sent_to("a@x.test")) == 1
    assert small.sql("SELECT reason FROM enrollments WHERE workspace_id = %(ws)s") == [{"reason": "CONTACT_DELETED"}]


def test_somebody_who_never_was_a_contact_can_be_erased_too(small):
    with small.db.tx(small.workspace_id) as tx:
        assert erase_person(tx, "stranger@x.test") == 1
    assert save(small, "stranger@x.test").created == 0


def test_while_a_mail_is_in_doubt_nothing_is_erased(small):
    live_through_everything(small)
    small.sql("UPDATE messages SET state = 'in_doubt' WHERE workspace_id = %(ws)s RETURNING id")
    with pytest.raises(Conflict), small.db.tx(small.workspace_id) as tx:
        erase_person(tx, "zephyrine.quillfeather@canary.example")
    assert small.sql("SELECT erased_at, deleted_at FROM contacts WHERE workspace_id = %(ws)s") == [{"erased_at": None, "deleted_at": None}]


def test_no_empty_mail_is_filed_for_an_erased_person_whose_sent_copy_was_still_to_come(db_urls):
    """The defect: the Sent folder got the mail as the erasure had left it, without a byte; and its ids were kept anew."""
    small = make_small(db_urls.app_url, files_sent_copies=False)
    try:
        small.world.script(Call.FILE_SENT_COPY, REP, *[Fault(FaultKind.DROP)] * 3)
        small.enroll(small.add_sequence(sequence(email("one", subject="Hi"))), [small.add_contact("a@x.test")])
        while small.engine.run_due(small.workspace_id):
            pass
        assert small.sql("SELECT state, filed_at FROM messages WHERE workspace_id = %(ws)s") == [{"state": "sent", "filed_at": None}]
        with small.db.tx(small.workspace_id) as tx:
            erase_person(tx, "a@x.test")
        small.run_until(MONDAY + timedelta(hours=2))
        box = small.world.mailbox(REP)
        assert box is not None
        assert [stored.raw for stored in box.folders[SENT].messages if not stored.raw] == []
        assert small.sql("SELECT 1 FROM message_aliases WHERE workspace_id = %(ws)s") == []
    finally:
        small.close()
