"""Branches, dependencies and variants on the real engine (SEQ-38, SEQ-41, SEQ-44, SEQ-118, SEQ-191)."""

from dataclasses import replace
from datetime import timedelta

from domain.sequences import branch
from make import MONDAY, email, make_small, sequence, task
from segue.domain.ids import StepKey, TaskId
from segue.domain.sequence import EmailSettings, Variant
from segue.domain.stop_rules import Stop
from segue.features.contacts.lists import change_members, create_list
from segue.features.enrollments.react import continue_enrollments, stop_enrollments
from segue.features.tasks.service import list_tasks, resolve_task

DAY = timedelta(days=1)
ANN = "ann@prospect.test"


def resolve(small, *, how="complete", outcome=""):
    with small.db.tx(small.workspace_id) as tx:
        for row in list_tasks(tx):
            resolve_task(tx, TaskId(row["id"]), how, outcome=outcome)


def events(small, kind):
    return [
        row["data"] for row in small.sql("SELECT data FROM events WHERE workspace_id = %(ws)s AND kind = %(k)s ORDER BY id", {"k": kind})
    ]


def subjects(small, address=ANN):
    return [
        row["subject"]
        for row in small.sql("SELECT subject FROM messages WHERE workspace_id = %(ws)s AND recipient = %(a)s ORDER BY id", {"a": address})
    ]


def called(**asked):
    """A call, then a question about its outcome, a mail for each answer, one mail for all."""
    return sequence(
        task("ring", after=timedelta(0)),
        branch("ask", when=({"task": "ring", "outcome": "connected"},), yes="talked", no="missed", **asked),
        replace(email("talked", subject="Our talk"), then="last"),
        email("missed", subject="I tried to reach you"),
        replace(email("last", subject="One more thing", after=DAY), settings=EmailSettings("x", "One more thing", thread=False)),
    )


def begun(db_urls, content):
    small = make_small(db_urls.app_url)
    small.enroll(small.add_sequence(content), [small.add_contact(ANN)])
    small.run_until(MONDAY + timedelta(hours=1))
    return small


def test_seq_191_the_outcome_of_a_call_decides_and_both_ways_join_again(db_urls):
    small = begun(db_urls, called())
    resolve(small, outcome="connected")
    small.run_until(MONDAY + 2 * DAY)
    assert subjects(small) == ["Our talk", "One more thing"]
    told = events(small, "branch_taken")
    assert told == [{"step_key": "ask", "way": "yes", "seen": "task ring outcome connected: connected", "next_step": "talked"}]
    small.close()


def test_seq_191_another_outcome_takes_the_other_way(db_urls):
    small = begun(db_urls, called())
    resolve(small, outcome="no answer")
    small.run_until(MONDAY + 2 * DAY)
    assert subjects(small) == ["I tried to reach you", "One more thing"]
    assert events(small, "branch_taken")[0]["way"] == "no"
    small.close()


def test_seq_191_an_open_question_is_answered_by_the_fact_that_changes_it(db_urls):
    content = called(within=5 * DAY)
    ring = content.steps[0]
    content = replace(content, steps=(replace(ring, settings=replace(ring.settings, wait=False)), *content.steps[1:]))
    small = begun(db_urls, content)
    assert small.state(ANN)["waiting_for"] == "CONDITION"
    assert subjects(small) == []
    small.run_until(MONDAY + DAY)
    resolve(small, outcome="connected")
    small.run_until(MONDAY + DAY + timedelta(hours=1))
    assert subjects(small) == ["Our talk"]
    small.close()


def test_seq_191_an_open_question_takes_no_when_its_time_is_over_and_not_before(db_urls):
    content = called(within=2 * DAY)
    ring = content.steps[0]
    content = replace(content, steps=(replace(ring, settings=replace(ring.settings, wait=False)), *content.steps[1:]))
    small = begun(db_urls, content)
    small.run_until(MONDAY + 2 * DAY - timedelta(minutes=10))
    assert subjects(small) == []
    small.run_until(MONDAY + 2 * DAY + timedelta(minutes=40))
    assert subjects(small) == ["I tried to reach you"]
    small.close()


def test_seq_191_a_changed_value_of_the_contact_is_seen_within_the_hour(db_urls):
    content = sequence(
        branch("ask", when=({"property": "country", "is": "FR"},), yes="french", no="finish", within=5 * DAY),
        email("french", subject="Bonjour"),
    )
    small = begun(db_urls, content)
    assert subjects(small) == []
    small.sql("UPDATE contacts SET country = 'FR' WHERE workspace_id = %(ws)s")
    small.run_until(MONDAY + timedelta(hours=2, minutes=10))
    assert subjects(small) == ["Bonjour"]
    small.close()


def test_seq_42_a_mail_behind_others_waits_for_an_earlier_task(db_urls):
    content = sequence(
        task("ring", after=timedelta(0), wait=False),
        email("hello", subject="Hello"),
        replace(email("after-call", after=DAY), needs=(StepKey("ring"),)),
    )
    small = begun(db_urls, content)
    small.run_until(MONDAY + 3 * DAY)
    assert subjects(small) == ["Hello"]
    assert small.state(ANN)["waiting_for"] == "TASK"
    resolve(small, how="skip")
    small.run_until(MONDAY + 4 * DAY + timedelta(hours=1))
    assert subjects(small) == ["Hello", "Re: Hello"]
    small.close()


def test_seq_118_a_held_step_goes_on_at_a_persons_word_and_says_so(db_urls):
    content = sequence(email("hello", subject="Hello"), replace(email("offer", after=DAY), hold=True))
    small = begun(db_urls, content)
    small.run_until(MONDAY + 3 * DAY)
    assert subjects(small) == ["Hello"]
    ids = [small.state(ANN)["id"]]
    with small.db.tx(small.workspace_id, actor="rita") as tx:
        assert continue_enrollments(tx, ids) == 1
        assert continue_enrollments(tx, ids) == 0
    assert events(small, "step_released") == [{"step_key": "offer"}]
    small.run_until(MONDAY + 4 * DAY + timedelta(hours=1))
    assert subjects(small) == ["Hello", "Re: Hello"]
    small.close()


def test_seq_38_each_contact_gets_one_variant_and_the_message_says_which(db_urls):
    tested = replace(email("hello", subject="A"), variants=(Variant(2, EmailSettings("Other text", "B")),))
    small = make_small(db_urls.app_url, per_minute=60, spacing=timedelta(0), jitter=timedelta(0), warm_up=False)
    contacts = [small.add_contact(f"p{n}@prospect.test") for n in range(20)]
    small.enroll(small.add_sequence(sequence(tested)), contacts)
    small.run_until(MONDAY + timedelta(minutes=30))
    rows = small.sql("SELECT subject, variant FROM messages WHERE workspace_id = %(ws)s AND state = 'sent'")
    assert {(row["subject"], row["variant"]) for row in rows} == {("A", 1), ("B", 2)}
    assert len(rows) == 20
    small.close()


def test_seq_191_a_question_for_a_list_sees_its_members_and_whom_a_saved_filter_finds(db_urls):
    small = make_small(db_urls.app_url)
    people = {name: small.add_contact(f"{name}@prospect.test", company=name) for name in ("listed", "found", "neither")}
    with small.db.tx(small.workspace_id) as tx:
        create_list(tx, "VIP")
        change_members(tx, "VIP", [people["listed"]], add=True)
        create_list(tx, "Finds", "company = found")
        create_list(tx, "Broken", "company = found")
    small.sql("UPDATE contact_lists SET filter = 'gone_property = 1' WHERE workspace_id = %(ws)s AND name = 'Broken'")
    for name, asked in {
        "One": {"in_list": "vip"},
        "Two": {"in_list": "finds"},
        "Three": {"not_in_list": "Finds"},
        "Four": {"not_in_list": "Broken"},
    }.items():
        steps = (branch("ask", when=(asked,), yes="in", no="out"), email("in", subject="Yes"), email("out", subject="No"))
        steps = (steps[0], replace(steps[1], then="end"), steps[2], email("end", subject="End", after=9 * DAY))
        small.enroll(small.add_sequence(sequence(*steps, name=name)), list(people.values()))
        small.run_until(small.clock.now() + timedelta(hours=1))
        with small.db.tx(small.workspace_id) as tx:
            stop_enrollments(tx, [small.state(f"{each}@prospect.test")["id"] for each in people], Stop("MANUAL"))
    told = {each: subjects(small, f"{each}@prospect.test") for each in people}
    assert told == {"listed": ["Yes", "No", "Yes", "No"], "found": ["No", "Yes", "No", "No"], "neither": ["No", "No", "Yes", "No"]}
    small.close()
