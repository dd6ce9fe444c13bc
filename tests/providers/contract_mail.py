"""The contract that every mail provider keeps (`segue.providers.mail.base`). Subclass with a `rig` fixture; see `mail_rigs`."""

import pytest

from providers.mail_rigs import Asked, HandOffRig, outgoing, yes
from segue.providers.mail.base import HandOffError, Misconfigured, Refused, RefusedClass, Scope, SignInAgain, TryLater, Unknown
from servers.smtp_faults import Fault

QUICK_S = 0.4
"""A hand-off deadline for servers that hang."""

BEFORE_DOT = (
    Fault("hang", "mail"),
    Fault("hang", "rcpt"),
    Fault("hang", "data"),
    Fault("drop", "mail"),
    Fault("drop", "rcpt"),
    Fault("drop", "data"),
    Fault("garble", "mail"),
    Fault("garble", "rcpt"),
    Fault("garble", "data"),
)
IN_DOUBT = (
    Fault("hang", "dot"),
    Fault("drop", "dot"),
    Fault("hang", "dot", accepted=True),
    Fault("drop", "dot", accepted=True),
    Fault("garble", "dot", accepted=True),
)


def named(fault: Fault) -> str:
    return fault.name


class HandOffContract:
    """Handing one message over, whatever the server does (mail.md §4, §5)."""

    def test_an_accepted_message_is_taken_once_as_written(self, rig: HandOffRig) -> None:
        message = outgoing(body=b".\r\n..two\r\n.hidden\r\nlast without end")
        accepted = rig.open().hand_off(message, deadline_s=10, may_still_send=yes)
        assert accepted.reply.startswith("250")
        assert rig.accepted() == [message.key]
        assert rig.body_of(message.key).removesuffix(b"\r\n") == message.wire

    def test_many_messages_go_over_one_session_in_order(self, rig: HandOffRig) -> None:
        session, messages = rig.open(), [outgoing() for _ in range(45)]
        for message in messages:
            session.hand_off(message, deadline_s=10, may_still_send=yes)
        assert rig.accepted() == [m.key for m in messages]
        session.close()

    def test_the_last_check_is_asked_once_while_nothing_is_accepted_yet(self, rig: HandOffRig) -> None:
        asked, message = Asked(rig), outgoing()
        rig.open().hand_off(message, deadline_s=10, may_still_send=asked)
        assert asked.seen == [[]]

    def test_a_last_check_that_says_no_leaves_nothing_accepted(self, rig: HandOffRig) -> None:
        session = rig.open()
        with pytest.raises(TryLater):
            session.hand_off(outgoing(), deadline_s=10, may_still_send=Asked(rig, answer=False))
        again = outgoing()
        session.hand_off(again, deadline_s=10, may_still_send=yes)
        assert rig.accepted() == [again.key]

    @pytest.mark.parametrize("fault", BEFORE_DOT, ids=named)
    def test_what_breaks_before_the_dot_is_surely_not_accepted(self, rig: HandOffRig, fault: Fault) -> None:
        session = rig.open()
        rig.fail_next(fault)
        began = rig.clock.monotonic()
        with pytest.raises(TryLater) as caught:
            session.hand_off(outgoing(), deadline_s=QUICK_S, may_still_send=yes)
        assert caught.value.scope is Scope.MAILBOX
        assert rig.clock.monotonic() - began < QUICK_S + 1
        assert rig.accepted() == []
        self._still_works(rig, session)

    @pytest.mark.parametrize("fault", [Fault("hang", "body"), Fault("drop", "body")], ids=named)
    def test_a_body_that_does_not_get_through_is_surely_not_accepted(self, rig: HandOffRig, fault: Fault) -> None:
        session, message = rig.open(), outgoing(body=(b"x" * 70 + b"\r\n") * 200_000)
        rig.fail_next(fault)
        with pytest.raises(TryLater):
            session.hand_off(message, deadline_s=2 * QUICK_S, may_still_send=yes)
        assert rig.accepted() == []
        self._still_works(rig, session)

    @pytest.mark.parametrize("fault", IN_DOUBT, ids=named)
    def test_what_breaks_after_the_dot_is_in_doubt(self, rig: HandOffRig, fault: Fault) -> None:
        session, message = rig.open(), outgoing()
        rig.fail_next(fault)
        began = rig.clock.monotonic()
        with pytest.raises(Unknown):
            session.hand_off(message, deadline_s=QUICK_S, may_still_send=yes)
        assert rig.clock.monotonic() - began < QUICK_S + 1
        assert rig.accepted() == ([message.key] if fault.accepted else [])
        self._still_works(rig, session)

    @pytest.mark.parametrize(
        ("stage", "reply", "kind", "reason"),
        [
            ("rcpt", "550 5.1.1 no such user", Refused, RefusedClass.INVALID),
            ("rcpt", "550 5.7.1 message blocked by policy", Refused, RefusedClass.BLOCKED),
            ("rcpt", "450 4.2.0 greylisted", TryLater, None),
            ("data", "451 4.3.0 later", TryLater, None),
            ("dot", "451 4.3.0 later", TryLater, None),
            ("dot", "552 5.3.4 message too large", Refused, RefusedClass.CONTENT),
            ("dot", "554 rejected as spam", Refused, RefusedClass.BLOCKED),
            ("mail", "550 5.1.8 your address is unknown here", Misconfigured, None),
            ("mail", "421 4.3.2 closing", TryLater, None),
            ("rcpt", "421 4.3.2 closing", TryLater, None),
        ],
    )
    def test_a_well_formed_refusal_is_an_outcome(
        self, rig: HandOffRig, stage: str, reply: str, kind: type[HandOffError], reason: RefusedClass | None
    ) -> None:
        session = rig.open()
        rig.fail_next(Fault("reply", stage, reply))
        with pytest.raises(kind) as caught:
            session.hand_off(outgoing(), deadline_s=10, may_still_send=yes)
        if reason is not None:
            assert isinstance(caught.value, Refused)
            assert caught.value.reason is reason
        assert rig.accepted() == []
        self._still_works(rig, session)

    def test_an_answer_that_drips_in_time_is_an_acceptance(self, rig: HandOffRig) -> None:
        message = outgoing()
        rig.fail_next(Fault("drip", "dot", accepted=True, seconds=0.005))
        rig.open().hand_off(message, deadline_s=10, may_still_send=yes)
        assert rig.accepted() == [message.key]

    def test_a_server_may_accept_after_we_stopped_waiting(self, rig: HandOffRig) -> None:
        message = outgoing()
        rig.fail_next(Fault("late", "dot", seconds=QUICK_S + 0.2))
        with pytest.raises(Unknown):
            rig.open().hand_off(message, deadline_s=QUICK_S, may_still_send=yes)
        end = rig.clock.monotonic() + 5
        while not rig.accepted() and rig.clock.monotonic() < end:
            rig.clock.sleep(0.02)
        assert rig.accepted() == [message.key]

    def test_a_wrong_password_asks_to_sign_in_again(self, rig: HandOffRig) -> None:
        with pytest.raises(SignInAgain):
            rig.open(secret="wrong").hand_off(outgoing(), deadline_s=10, may_still_send=yes)
        assert rig.accepted() == []

    @pytest.mark.parametrize(
        ("recipient", "reason"),
        [
            ("no address", RefusedClass.INVALID),
            ("bob@prospect.test>\r\nRCPT TO:<eve@evil.test", RefusedClass.INVALID),
            ("a@b.test, c@d.test", RefusedClass.INVALID),
            ("bob\0@prospect.test", RefusedClass.INVALID),
            ("bób@prospect.test", RefusedClass.CONTENT),
        ],
    )
    def test_an_address_that_cannot_be_one_is_refused_before_any_server(
        self, rig: HandOffRig, recipient: str, reason: RefusedClass
    ) -> None:
        with pytest.raises(Refused) as caught:
            rig.open().hand_off(outgoing(recipient), deadline_s=10, may_still_send=yes)
        assert caught.value.reason is reason
        assert rig.accepted() == []

    @pytest.mark.parametrize("body", [b"a\nb\r\n", b"a\rb\r\n", b"a\n.\nMAIL FROM:<x@y>\r\n", b"nul\0\r\n", b"x" * 999 + b"\r\n"])
    def test_a_message_that_could_smuggle_or_break_a_line_is_refused(self, rig: HandOffRig, body: bytes) -> None:
        with pytest.raises(Refused) as caught:
            rig.open().hand_off(outgoing(body=body), deadline_s=10, may_still_send=yes)
        assert caught.value.reason is RefusedClass.CONTENT
        assert rig.accepted() == []

    def test_a_closed_session_can_be_used_again(self, rig: HandOffRig) -> None:
        session, message = rig.open(), outgoing()
        session.close()
        session.close()
        session.hand_off(message, deadline_s=10, may_still_send=yes)
        session.close()
        assert rig.accepted() == [message.key]

    def test_a_good_mailbox_passes_its_test_and_a_bad_password_does_not(self, rig: HandOffRig) -> None:
        # A rig that only sends is told that nothing could read its replies; all else works.
        assert {name for name, works, _ in rig.open().test().results if not works} <= {"imap"}
        failed = rig.open(secret="wrong").test()
        assert not failed.ok
        assert all(sentence.endswith(".") for _, _, sentence in failed.results)

    @staticmethod
    def _still_works(rig: HandOffRig, session: object) -> None:
        """After any failure the same session carries the next message."""
        before, message = rig.accepted(), outgoing()
        session.hand_off(message, deadline_s=10, may_still_send=yes)  # type: ignore[attr-defined]
        assert rig.accepted() == [*before, message.key]
