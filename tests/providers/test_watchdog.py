"""Deadlines from outside the socket call (MAIL-23)."""

import socket
import threading

import pytest

from segue.ports import SystemClock
from segue.providers.mail.connection import twin_of
from segue.providers.mail.watchdog import Watchdog

CLOCK = SystemClock()


@pytest.fixture
def ends():
    left, right = socket.socketpair()
    twin = twin_of(left)
    left.settimeout(10)
    yield left, twin
    for sock in (left, right, twin):
        sock.close()


def test_a_read_that_waits_is_ended_at_the_deadline(ends) -> None:
    sock, twin = ends
    began = CLOCK.monotonic()
    ticket = Watchdog().arm(twin, began + 0.2)
    assert sock.recv(1) == b""
    assert 0.15 < CLOCK.monotonic() - began < 2
    assert ticket > 0


def test_a_disarmed_deadline_cuts_nothing(ends) -> None:
    sock, twin = ends
    dog = Watchdog()
    assert dog.disarm(dog.arm(twin, CLOCK.monotonic() + 0.1)) is True
    sock.settimeout(0.4)
    with pytest.raises(TimeoutError):
        sock.recv(1)


def test_disarming_after_the_deadline_says_so(ends) -> None:
    sock, twin = ends
    dog = Watchdog()
    ticket = dog.arm(twin, CLOCK.monotonic())
    assert sock.recv(1) == b""
    assert dog.disarm(ticket) is False


def test_an_earlier_deadline_is_kept_while_a_later_one_waits(ends) -> None:
    sock, twin = ends
    other, far_end = socket.socketpair()
    dog, began = Watchdog(), CLOCK.monotonic()
    dog.arm(other, began + 60)
    dog.arm(twin, began + 0.2)
    assert sock.recv(1) == b""
    assert CLOCK.monotonic() - began < 2
    other.close()
    far_end.close()


def test_hundreds_of_threads_share_one_watchdog() -> None:
    dog, cut = Watchdog(), []

    def wait() -> None:
        left, right = socket.socketpair()
        with left, right, twin_of(left) as twin:
            for _ in range(20):
                dog.disarm(dog.arm(twin, CLOCK.monotonic() + 5))
            dog.arm(twin, CLOCK.monotonic() + 0.1)
            cut.append(left.recv(1))

    threads = [threading.Thread(target=wait) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert cut == [b""] * 100
    assert sum(t.name == "deadlines" for t in threading.enumerate()) >= 1
