"""Whoever presses the button gets no more mail, and nobody else's press counts (SEQ-24, SEQ-25, SEQ-164, MAIL-45…47, S17, S18, H10)."""

import threading
from datetime import timedelta
from email.message import EmailMessage

import psycopg
import pytest

from make import email, sequence
from pages.conftest import ANN, PUBLIC_URL
from segue.db.locks import LockKind, lock_key
from segue.domain.errors import Invalid
from segue.features.contacts.suppression import suppress
from segue.features.mail.links import set_link_settings, set_user_link_settings
from segue.features.mail.unsubscribe import find_unsubscribe_link, opt_out_by_link


def suppressions(public):
    return public.small.sql("SELECT value, reason, source FROM suppressions WHERE workspace_id = %(ws)s ORDER BY value")


def test_every_mail_carries_the_link_the_postal_address_and_the_headers_follow_ups_too(public):
    public.start()
    public.small.run_until(public.small.clock.now() + timedelta(days=3))
    for number in (0, 1):
        mail, link = public.mail(number), public.link(number)
        assert "Acme, 1 Road, Town" in mail.get_body(("plain",)).get_content()
        assert f'href="{PUBLIC_URL}{link}"' in mail.get_body(("html",)).get_content()
        token = link.removeprefix("/u/")
        assert mail["List-Unsubscribe"] == f"<{PUBLIC_URL}{link}>, <mailto:rep@acme.test?subject=unsubscribe%20{token}>"
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert public.link(0) != public.link(1)
    raw = public.small.sent_to(ANN)[0].wire.split(b"\r\n\r\n")[0]
    assert b"=?" not in raw
    assert max(map(len, raw.split(b"\r\n"))) <= 140  # a URL is never cut (MAIL-2)


def test_pressing_the_button_ends_the_enrollment_and_nothing_more_goes(public):
    public.start(ANN, "bob@prospect.test")
    answer = public.browser.post(public.link(), data={"scope": "personal"})
    assert answer.status_code == 200
    assert "You are unsubscribed" in answer.text
    state = public.small.state(ANN)
    assert (state["state"], state["reason"], state["reason_detail"]) == ("unenrolled", "UNSUBSCRIBED", "link")
    assert suppressions(public) == [{"value": ANN, "reason": "unsubscribed", "source": "link"}]
    public.small.run_until(public.small.clock.now() + timedelta(days=5))
    assert len(public.small.sent_to(ANN)) == 1
    assert len(public.small.sent_to("bob@prospect.test")) == 2


def test_all_mail_is_a_wish_of_its_own_and_is_kept_over_the_smaller_one(public):
    public.start()
    public.browser.post(public.link(), data={"scope": "personal"})
    assert "No more mail of any kind" in public.browser.post(public.link(), data={"scope": "all"}).text
    assert suppressions(public)[0]["reason"] == "unsubscribed from all mail"
    public.browser.post(public.link(), data={"scope": "personal"})
    assert suppressions(public)[0]["reason"] == "unsubscribed from all mail"


def test_a_persons_own_wish_is_not_lost_behind_a_bounce(public):
    public.start()
    with public.small.db.tx(public.small.workspace_id) as tx:
        suppress(tx, "address", ANN, "bounced")
    public.browser.post(public.link())
    assert suppressions(public)[0]["reason"] == "unsubscribed"


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"List-Unsubscribe": "One-Click"}},
        {"files": {"List-Unsubscribe": (None, "One-Click")}},
    ],
    ids=["urlencoded", "in parts"],
)
def test_one_click_of_rfc_8058_works_alike_without_redirect_or_page(public, body):
    public.start()
    answer = public.browser.post(public.link(), **body)
    assert (answer.status_code, answer.text) == (200, "You are unsubscribed.\n")
    assert (public.small.state(ANN)["reason"], public.small.state(ANN)["reason_detail"]) == ("UNSUBSCRIBED", "one-click")


def test_pressing_again_says_the_same_and_tells_nothing_new(public):
    public.start()
    first = public.browser.post(public.link(), data={"scope": "personal"})
    before = public.small.sql("SELECT count(*) AS n FROM events WHERE workspace_id = %(ws)s")
    again = public.browser.post(public.link(), data={"scope": "personal"})
    assert again.text == first.text
    assert public.small.sql("SELECT count(*) AS n FROM events WHERE workspace_id = %(ws)s") == before


def test_looking_changes_nothing_whatever_the_method(public):
    public.start()
    for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"):
        public.browser.request(method, public.link())
    assert suppressions(public) == []
    assert public.small.state(ANN)["state"] == "active"


def test_every_changed_bit_answers_like_an_unknown_token(public):
    """S18."""
    public.start()
    token = public.link().removeprefix("/u/").encode()
    unknown = public.browser.get("/u/" + "a" * 32)
    assert unknown.status_code == 404
    for place in range(len(token)):
        for bit in range(7):
            changed = bytearray(token)
            changed[place] ^= 1 << bit
            path = "/u/" + "".join(f"%{byte:02x}" for byte in changed)
            answer = public.browser.get(path)
            assert (answer.status_code, answer.content) == (404, unknown.content), bytes(changed)
            public.small.clock.advance(timedelta(seconds=1))
    assert public.browser.get(f"/u/{token.decode()}").status_code == 200


def test_a_token_of_one_workspace_or_purpose_opens_nothing_else(public):
    public.start()
    token = public.link().removeprefix("/u/")
    assert public.browser.post(f"/c/{token}").status_code in (404, 405)
    assert public.browser.get(f"/c/{token}").status_code == 404
    assert token not in str(public.small.sql("SELECT digest FROM message_links WHERE workspace_id = %(ws)s"))


def test_a_mail_in_flight_does_not_hold_the_opt_out_up(public, db_urls):
    """H10: the suppression is committed after two seconds; what is in flight is recorded; the enrollment ends when the lock is free."""
    public.start()
    small = public.small
    key = lock_key(LockKind.ADDRESS, small.workspace_id, ANN)
    seen: list[list[dict[str, str]]] = []
    with psycopg.connect(db_urls.app_url) as sender:
        sender.execute("SELECT pg_advisory_xact_lock_shared(%s)", (key,))
        small.sql("UPDATE messages SET state = 'in_doubt' WHERE workspace_id = %(ws)s")

        def arrive() -> None:  # as soon as the wish is stored, the mail under way is through
            for _ in range(400):
                found = suppressions(public)
                if found:
                    seen.append(found)
                    break
                threading.Event().wait(0.05)
            sender.rollback()

        other = threading.Thread(target=arrive)
        other.start()
        answer = public.browser.post(public.link())
        other.join()
    assert seen == [[{"value": ANN, "reason": "unsubscribed", "source": "link"}]], "stored while the mail was still under way"
    assert "may still arrive" in answer.text
    facts = small.sql("SELECT data FROM events WHERE workspace_id = %(ws)s AND kind = 'stop_met_message_in_flight'")
    assert facts[0]["data"] == {"reason": "UNSUBSCRIBED"}
    assert small.state(ANN)["reason"] == "UNSUBSCRIBED"


def test_should_the_pages_die_after_an_opt_out_the_mail_under_way_ends_its_enrollment(public):
    """H10: the wish alone is stored, nobody calls `finish`, and yet no task and no mail follows."""
    public.start()
    small, done = public.small, []
    link = find_unsubscribe_link(small.db, public.link().removeprefix("/u/"))
    small.world.on_accept = lambda *_: done.append(opt_out_by_link(small.db, link, everything=False, way="link"))
    small.run_until(small.clock.now() + timedelta(days=3))
    assert [each.in_flight for each in done] == [True]
    assert len(small.sent_to(ANN)) == 2
    state = small.state(ANN)
    assert (state["state"], state["reason"], state["reason_detail"]) == ("unenrolled", "UNSUBSCRIBED", "unsubscribed")


def unsubscribe_mail(token: str, sender: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "rep@acme.test", f"unsubscribe {token}"
    mail["Message-ID"] = "<out@prospect.test>"
    mail.set_content("")
    return mail.as_bytes()


def test_the_mail_form_opts_out_whatever_its_sender_says(public):
    """MAIL-47: the token is the proof."""
    public.start()
    public.small.world.deliver("rep@acme.test", unsubscribe_mail(public.link().removeprefix("/u/"), "somebody@else.test"))
    public.small.engine.read(public.small.workspace_id, public.small.mailbox_id)
    state = public.small.state(ANN)
    assert (state["state"], state["reason"]) == ("unenrolled", "OPTED_OUT")
    assert suppressions(public)[0]["reason"] == "opted out by mail"


def test_a_mail_with_a_made_up_token_opts_nobody_out(public):
    public.start()
    public.small.world.deliver("rep@acme.test", unsubscribe_mail("a" * 32, "somebody@else.test"))
    public.small.engine.read(public.small.workspace_id, public.small.mailbox_id)
    assert public.small.state(ANN)["state"] == "active"
    assert suppressions(public) == []


def test_without_a_public_url_the_mail_form_alone_remains(public):
    public.small.db.public_url = ""
    public.start(step=email("hello", "Stop: {{ unsubscribe_url }}", subject="Hi"))
    mail = public.mail()
    text = mail.get_body(("plain",)).get_content()
    assert "Stop: mailto:rep@acme.test?subject=unsubscribe%20" in text
    assert "unsubscribe here" not in text
    assert mail["List-Unsubscribe"] is None  # SEQ-24: the headers come with the link
    assert mail["List-Unsubscribe-Post"] is None


def test_the_workspace_decides_about_the_link_and_its_words_or_lets_users_decide(public):
    """SEQ-24."""
    small = public.small

    def text_with(user: bool | None = None, **changed: str) -> str:
        with small.db.tx(small.workspace_id) as tx:
            set_link_settings(tx, changed)
            set_user_link_settings(tx, small.user_id, {"unsubscribe_link": user})
        who = f"{len(small.sql('SELECT id FROM contacts WHERE workspace_id = %(ws)s'))}@prospect.test"
        public.start(who)
        return public.mail(0, who).get_body(("plain",)).get_content()

    assert "No more of this: https://" in text_with(unsubscribe_words="No more of this")
    assert "https://" not in text_with(unsubscribe_link="off")
    assert "https://" in text_with(unsubscribe_link="user")
    assert "https://" not in text_with(user=False)
    assert "https://" in text_with(unsubscribe_link="on")


def test_a_sequence_needs_a_postal_address_while_the_link_is_on(public):
    """SEQ-25: and an admin may lift it."""
    small = public.small
    with small.db.tx(small.workspace_id) as tx:
        set_link_settings(tx, {}, postal_address="")
    with pytest.raises(Invalid, match="postal address"):
        small.add_sequence(sequence(email("hello", subject="Hi")))
    with small.db.tx(small.workspace_id) as tx:
        set_link_settings(tx, {"postal_address_required": False})
    small.add_sequence(sequence(email("hello", subject="Hi")))


def test_answers_carry_headers_that_let_nothing_else_in(public):
    public.start()
    headers = public.browser.get(public.link()).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert (headers["referrer-policy"], headers["x-content-type-options"], headers["cache-control"]) == (
        "no-referrer",
        "nosniff",
        "no-store",
    )
    assert headers["strict-transport-security"]


def test_what_is_too_large_or_asked_too_often_is_refused(public):
    """X7, at the limit and one beyond."""
    public.start()
    link = public.link()
    assert public.browser.post(link, content=b"x" * 16_385).status_code == 413
    assert public.browser.post(link, content=iter([b"x" * 9_000] * 2)).status_code == 413, "without a length, too"
    assert public.browser.get("/u/" + "a" * 2_001).status_code == 414
    assert public.small.state(ANN)["state"] == "active"
    assert [public.browser.post(link).status_code for _ in range(31)] == [200] * 30 + [429]
    public.small.clock.advance(timedelta(minutes=1))
    assert public.browser.post(link).status_code == 200
