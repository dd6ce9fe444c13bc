"""How messages are named and hang together: MAIL-6, MAIL-11, MAIL-12, SEQ-39, SEQ-40, S12."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.domain.errors import Invalid
from segue.domain.ids import EnrollmentId, StepKey, WorkspaceId
from segue.domain.threading import SentEmail, Thread, is_message_id, make_key, make_message_id, references_for, reply_subject, thread_of

SECRET = b"0123456789abcdef0123456789abcdef"
labels = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", fullmatch=True)
domains = st.lists(labels, min_size=1, max_size=4).map(".".join)
numbers = st.integers(1, 2**63 - 1)


def message_id(
    *, secret: bytes = SECRET, workspace: int = 1, enrollment: int = 2, step: str = "s1", generation: int = 1, domain: str = "acme.test"
) -> str:
    return make_message_id(secret, WorkspaceId(workspace), EnrollmentId(enrollment), StepKey(step), generation, domain=domain)


@given(workspace=numbers, enrollment=numbers, step=st.text(min_size=1), generation=st.integers(0, 999), domain=domains)
def test_an_id_is_correct_and_at_most_76_characters(workspace: int, enrollment: int, step: str, generation: int, domain: str) -> None:
    """MAIL-6, RFC 5322 §3.6.4."""
    made = message_id(workspace=workspace, enrollment=enrollment, step=step, generation=generation, domain=domain)
    assert len(made) <= 76
    assert re.fullmatch(r"<[a-z2-7]{32}@[a-z0-9.-]+>", made)
    assert is_message_id(made)
    right = made[1:-1].split("@")[1]
    assert right == domain or len(domain) > 41
    assert made == message_id(workspace=workspace, enrollment=enrollment, step=step, generation=generation, domain=domain)


def test_a_long_domain_keeps_its_end() -> None:
    assert message_id(domain="a" * 40 + ".sales.acme.test").endswith("@sales.acme.test>")


def test_every_part_of_the_key_changes_the_id() -> None:
    made = [
        message_id(),
        message_id(workspace=3),
        message_id(enrollment=3),
        message_id(step="s2"),
        message_id(generation=2),
        message_id(secret=SECRET[::-1]),
        message_id(enrollment=2, generation=11, step="s1"),
        message_id(enrollment=21, generation=1, step="s1"),
        message_id(step="1/s1"),
    ]
    assert len(set(made)) == len(made)


def test_the_evidence_mark_is_another_hash() -> None:
    """MAIL-6: whoever sees one cannot tell the other."""
    mark = make_key(SECRET, WorkspaceId(1), EnrollmentId(2), StepKey("s1"), 1)
    assert re.fullmatch(r"[a-z2-7]{32}", mark)
    assert mark not in message_id()
    assert mark == make_key(SECRET, WorkspaceId(1), EnrollmentId(2), StepKey("s1"), 1)
    assert mark != make_key(SECRET, WorkspaceId(1), EnrollmentId(2), StepKey("s1"), 2)


@pytest.mark.parametrize("domain", ["", "bücher.test", "a b", "a..b", "a@b", "a>b", "-a.test", "a.test\n"])
def test_a_domain_that_is_none_is_refused(domain: str) -> None:
    with pytest.raises(Invalid):
        message_id(domain=domain)


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        message_id(secret=b"short")


@pytest.mark.parametrize(
    ("base", "reply"),
    [
        ("A question", "Re: A question"),
        ("Re: A question", "Re: A question"),
        ("RE:re : A question", "Re: A question"),
        ("Revenue: up", "Re: Revenue: up"),
        ("", "Re: "),
        ("Re: ", "Re: "),
        ("Regarding re: this", "Re: Regarding re: this"),
    ],
)
def test_a_reply_prefix_is_never_stacked(base: str, reply: str) -> None:
    """MAIL-12."""
    assert reply_subject(base) == reply
    assert reply_subject(reply) == reply


def test_references_grow_by_the_answered_id() -> None:
    """MAIL-11, RFC 5322 §3.6.4."""
    assert references_for((), "<a@b>") == ("<a@b>",)
    assert references_for(("<a@b>",), "<c@d>") == ("<a@b>", "<c@d>")
    assert references_for(("<a@b>", "<c@d>", "<a@b>"), "<a@b>") == ("<c@d>", "<a@b>")


@given(st.lists(st.integers(0, 99).map("<{}@b.test>".format)), st.integers(100, 199).map("<{}@b.test>".format))
def test_references_are_the_first_and_the_last_twenty(previous: list[str], answered: str) -> None:
    made = references_for(previous, answered)
    unique = [*dict.fromkeys(previous), answered]
    assert len(made) == min(len(unique), 21)
    assert made[0] == unique[0]
    assert list(made[-20:]) == unique[-20:]


@pytest.mark.parametrize("strange", ["", "a@b", "<a b@c>", "<a@b> <c@d>", "<ü@b>", "<a@b>\r\nBcc: x@y", "<" + "a" * 900 + "@b>"])
def test_strange_ids_never_reach_a_header(strange: str) -> None:
    """MAIL-1: a header that another system broke would make our mail unbuildable."""
    assert references_for((strange, "<a@b>"), "<c@d>") == ("<a@b>", "<c@d>")
    assert references_for(("<a@b>",), strange) == ("<a@b>",)


FIRST = SentEmail(StepKey("s1"), "<one@outlook.test>", (), "A question")
SECOND = SentEmail(StepKey("s2"), "<two@outlook.test>", ("<one@outlook.test>",), "Re: A question")
OTHER = SentEmail(StepKey("s3"), "<three@outlook.test>", (), "Another thing")


def test_a_threaded_follow_up_carries_the_observed_id_and_the_subject() -> None:
    """S12, SEQ-39: one thread is the default; the subject of the step itself does not count."""
    made = thread_of(own_subject="ignored", first_subject="f", one_thread=True, continues=None, sent=[FIRST, SECOND])
    assert made == Thread("Re: A question", "<two@outlook.test>", ("<one@outlook.test>", "<two@outlook.test>"), StepKey("s2"))


def test_an_unthreaded_mail_carries_neither() -> None:
    """S12, SEQ-39."""
    assert thread_of(own_subject="New", first_subject="f", one_thread=False, continues=None, sent=[FIRST]) == Thread("New")


def test_the_first_mail_opens_a_thread() -> None:
    assert thread_of(own_subject="New", first_subject="f", one_thread=True, continues=None, sent=[]) == Thread("New")


@pytest.mark.parametrize("one_thread", [True, False])
def test_a_step_may_name_the_thread_that_it_continues(one_thread: bool) -> None:
    """SEQ-40."""
    made = thread_of(own_subject="x", first_subject="f", one_thread=one_thread, continues=StepKey("s1"), sent=[FIRST, OTHER])
    assert made == Thread("Re: A question", "<one@outlook.test>", ("<one@outlook.test>",), StepKey("s1"))


@pytest.mark.parametrize(("own", "subject"), [("Own", "Own"), ("", "First")])
def test_a_step_whose_answered_mail_was_not_sent_opens_a_new_thread(own: str, subject: str) -> None:
    """SEQ-40: start in the middle, or the answered step was skipped."""
    made = thread_of(own_subject=own, first_subject="First", one_thread=True, continues=StepKey("s9"), sent=[FIRST])
    assert made == Thread(subject)
    assert thread_of(own_subject=own, first_subject="First", one_thread=True, continues=None, sent=[]) == Thread(subject)


def test_a_step_that_was_sent_twice_is_answered_at_its_last_mail() -> None:
    again = SentEmail(StepKey("s1"), "<again@outlook.test>", (), "Once more")
    made = thread_of(own_subject="", first_subject="f", one_thread=True, continues=StepKey("s1"), sent=[FIRST, again])
    assert made.in_reply_to == "<again@outlook.test>"
