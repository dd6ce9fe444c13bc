"""Opens and clicks are telemetry: recorded, judged, shown, and without any consequence (SEQ-26, SEQ-182, SCI-40…43, S19, S20)."""

from datetime import timedelta

import pytest

from make import email, sequence
from pages.conftest import ANN, PUBLIC_URL, html_step
from segue.features.enrollments.queries import list_timeline
from segue.features.mail.links import set_link_settings, set_tracked, set_user_link_settings

BODY = (
    '<p>Hi {{ contact.first_name }}, <a href="https://acme.example/a?x=1&amp;y=2" title="a > b">this <b>one</b></a>, '
    '<a href="https://acme.example/b">that</a>, <a href="mailto:rep@acme.test">write</a>, '
    '<a href="https://acme.example/c">https://acme.example/c</a></p>'
)
TARGETS = ["https://acme.example/a?x=1&y=2", "https://acme.example/b"]
APPLE, GMAIL = "Mozilla/5.0", "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"


def test_links_and_the_pixel_lead_back_to_us_and_the_text_part_stays(public):
    public.start(step=html_step(BODY))
    assert len(public.paths("o")) == 1
    assert [public.get(path).headers["location"] for path in public.paths("c")] == TARGETS
    html = public.html()
    assert 'href="mailto:rep@acme.test"' in html
    assert 'href="https://acme.example/c"' in html, "its words show an address: another one behind them looks like fraud"
    assert f'href="{PUBLIC_URL}{public.link()}"' in html, "unsubscribing is never rewritten"
    text = public.mail().get_body(("plain",)).get_content()
    assert "https://acme.example/a?x=1&y=2" in text
    assert "/c/" not in text.replace("acme.example/c", "")


def test_a_mail_written_as_text_is_left_as_it_is(public):
    public.start(step=email("hello", "See https://acme.example/a", subject="Hi"))
    assert public.paths("o") == public.paths("c") == []


def test_a_click_leads_only_where_our_own_row_says(public):
    """S19."""
    public.start(step=html_step(BODY))
    path = public.paths("c")[0]
    answer = public.get(f"{path}?url=https://evil.example&to=https://evil.example")
    assert (answer.status_code, answer.headers["location"]) == (302, TARGETS[0])
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert public.get(path + "x").status_code == 404
    with public.small.db.tx(public.small.workspace_id) as tx:
        tx.run("UPDATE message_links SET url = 'javascript:alert(1)' WHERE workspace_id = %(ws)s", {})
    assert public.get(path).status_code == 404


def test_the_pixel_answers_the_same_for_any_token(public):
    public.start(step=html_step(BODY))
    known, unknown = public.get(public.paths("o")[0]), public.get("/o/" + "a" * 32)
    assert (known.status_code, known.content, known.headers["content-type"]) == (200, unknown.content, "image/gif")
    assert len(public.events()) == 1


def test_a_persons_open_and_click_are_provisional_for_ten_minutes(public):
    """SCI-41."""
    public.start(step=html_step(BODY))
    public.get(public.paths("o")[0])
    public.get(public.paths("c")[1])
    assert [(e["kind"], e["position"], e["verdict"], e["final"]) for e in public.events()] == [
        ("open", 0, "human", False),
        ("click", 2, "human", False),
    ]
    public.settle()
    assert [e["final"] for e in public.events()] == [True, True]


@pytest.mark.parametrize(
    ("how", "verdict", "reason"),
    [
        ({"method": "HEAD"}, "machine", "head_request"),
        ({"after": -599}, "machine", "too_soon"),
        ({"agent": APPLE}, "prefetch", "prefetch_agent"),
        ({"address": "17.58.1.2"}, "prefetch", "prefetch_network"),
        ({"agent": GMAIL}, "human", "image_proxy"),
        ({"agent": "Barracuda Sentinel (EE)"}, "machine", "scanner_agent"),
        ({"address": "67.231.152.9"}, "machine", "scanner_network"),
        ({}, "human", None),
    ],
    ids=str,
)
def test_each_sign_has_its_verdict(public, how, verdict, reason):
    """SCI-40, rules 1 to 4 and 10."""
    public.start(step=html_step(BODY))
    public.get(public.paths("o")[0], **how)
    event = public.events()[0]
    assert event["verdict"] == verdict
    assert event["reasons"] == ([reason] if reason else [])


def test_every_link_within_five_seconds_is_a_machine_and_one_after_the_other_is_not(public):
    """Rule 5 looks back."""
    public.start(ANN, "bob@prospect.test", step=html_step(BODY))
    for path in public.paths("c"):
        public.get(path, after=1)
    for path in public.paths("c", to="bob@prospect.test"):
        public.get(path, after=40, address="198.51.100.4")
    assert {e["verdict"] for e in public.events()} == {"human"}
    public.settle()
    assert [e["verdict"] for e in public.events()] == ["machine", "machine", "human", "human"]
    assert public.events()[0]["reasons"] == ["many_links"]


def test_one_network_that_reaches_five_people_is_a_machine(public):
    """Rule 7."""
    people = [f"p{i}@prospect.test" for i in range(5)]
    public.start(*people, step=html_step(BODY))
    for i, each in enumerate(people):
        public.get(public.paths("o", to=each)[0], address=f"192.0.2.{i}")
    public.get(public.paths("o", to=people[0])[0], address="198.51.100.9")
    public.settle()
    assert [e["verdict"] for e in public.events()] == ["machine"] * 5 + ["human"]


def test_what_machines_and_people_open_changes_no_enrollment(public):
    """S20."""
    public.start(step=html_step(BODY))
    before = public.small.state(ANN)
    for _ in range(40):
        public.get(public.paths("o")[0], after=0)
        public.get(public.paths("c")[0], after=0)
    public.settle()
    assert public.small.state(ANN) == before
    assert len(public.events()) == 60, "thirty of each in a minute: the rest is answered but not recorded"


def test_where_it_came_from_is_forgotten(public):
    """SCI-42, reliability.md §9."""
    public.start(step=html_step(BODY))
    public.get(public.paths("o")[0])
    assert public.events()[0]["origin"] is not None
    assert b"203" not in bytes(public.events()[0]["origin"])
    public.small.clock.advance(timedelta(hours=25))
    public.small.engine.tend(public.small.workspace_id)
    assert (public.events()[0]["origin"], public.events()[0]["agent"] != "") == (None, True)
    public.small.clock.advance(timedelta(days=7))
    public.small.engine.tend(public.small.workspace_id)
    assert public.events()[0]["agent"] == ""


@pytest.mark.parametrize("what", ["workspace", "user", "sequence", "contact", "country", "no public url"])
def test_tracking_is_off_where_anybody_switched_it_off(public, what):
    """SEQ-26."""
    small = public.small
    settings = {"track_opens": False, "track_clicks": False}
    with small.db.tx(small.workspace_id) as tx:
        if what == "workspace":
            set_link_settings(tx, settings)
        if what == "user":
            set_user_link_settings(tx, small.user_id, settings)
        if what == "country":
            set_link_settings(tx, {"untracked_countries": ["DE"]})
    if what == "no public url":
        small.db.public_url = ""
    contact = small.add_contact(ANN)
    with small.db.tx(small.workspace_id) as tx:
        tx.run("UPDATE contacts SET country = 'DE' WHERE workspace_id = %(ws)s", {})
        set_tracked(tx, [contact], what != "contact")
    flow = small.add_sequence(sequence(html_step(BODY), **(settings if what == "sequence" else {})))
    small.enroll(flow, [contact])
    small.run_until(small.clock.now() + timedelta(minutes=10))
    assert public.paths("o") == public.paths("c") == []
    assert 'href="https://acme.example/b"' in public.html()


def test_a_sequence_may_track_where_the_workspace_does_not(public):
    with public.small.db.tx(public.small.workspace_id) as tx:
        set_link_settings(tx, {"track_opens": False, "track_clicks": False})
    public.start(step=html_step(BODY), track_opens=True)
    assert (len(public.paths("o")), len(public.paths("c"))) == (1, 0)


def test_switching_a_contact_off_counts_for_mails_already_sent(public):
    public.start(step=html_step(BODY))
    with public.small.db.tx(public.small.workspace_id) as tx:
        set_tracked(tx, [row["id"] for row in tx.all("SELECT id FROM contacts WHERE workspace_id = %(ws)s", {})], False)
    assert public.get(public.paths("c")[0]).status_code == 302
    assert public.events() == []


def test_the_timeline_shows_people_and_folds_machines_away(public):
    """SEQ-175, SEQ-182."""
    public.start(step=html_step(BODY))
    for agent in ("Barracuda", "Mimecast", APPLE):
        public.get(public.paths("o")[0], agent=agent)
    public.get(public.paths("c")[0], after=60)
    with public.small.db.tx(public.small.workspace_id) as tx:
        shown = [(e["kind"], e["data"].get("count"), e["data"].get("url")) for e in list_timeline(tx, ANN)][2:]
        every = [e["data"].get("verdict") for e in list_timeline(tx, ANN, machines=True)][2:]
    assert shown == [("machines_seen", 3, None), ("link_clicked", None, TARGETS[0])]
    assert every == ["machine", "machine", "prefetch", "human"]


def log(public):
    return public.small.sql(
        "SELECT handed_minute, reaction_minute, reaction_kind, left_out FROM hour_log WHERE workspace_id = %(ws)s ORDER BY handed_minute"
    )


def test_the_log_of_hours_learns_from_people_alone(public):
    """SCI-5, SCI-6: the first human reaction counts, further ones are evidence, machines are nothing."""
    public.start(step=html_step(BODY))
    sent = log(public)[0]
    assert (sent["reaction_minute"], sent["left_out"]) == (None, "")
    public.get(public.paths("o")[0], agent="Mimecast")
    public.settle()
    assert log(public) == [sent]
    public.get(public.paths("c")[0])
    minute = int(public.small.clock.now().timestamp()) // 60
    public.get(public.paths("o")[0], after=90)
    public.settle()
    assert (log(public)[0]["reaction_minute"], log(public)[0]["reaction_kind"]) == (minute, "click")
    assert public.small.sql("SELECT minute - %(m)s AS later, weight FROM hour_evidence", {"m": minute}) == [{"later": 1, "weight": 0.5}]


def test_opens_of_a_contact_whose_pictures_a_machine_loads_teach_nothing(public):
    """SCI-6, SCI-43."""
    public.start(step=html_step(BODY))
    public.get(public.paths("o")[0], agent=APPLE)
    public.get(public.paths("o")[0])
    public.settle()
    assert log(public)[0]["reaction_minute"] is None
    public.get(public.paths("c")[0])
    public.settle()
    assert log(public)[0]["reaction_kind"] == "click"


def test_the_log_of_hours_forgets_after_180_days(public):
    """SCI-7."""
    public.start(step=html_step(BODY))
    public.small.clock.advance(timedelta(days=181))
    public.small.engine.tend(public.small.workspace_id)
    assert log(public) == []
