"""Work beside a request: in order, told when it fails, over when it is stopped."""

import threading

import pytest

from app.domain.errors import Unavailable
from app.vault.background import Background


def test_all_is_taken_in_order_and_more_may_follow():
    taken: list[bytes] = []
    work = Background(taken.append)
    for number in range(20):
        work.put(bytes([number]))
    work.finish()
    assert taken == [bytes([number]) for number in range(20)]
    work.put(b"more")
    work.finish()
    assert taken[-1] == b"more"


def test_what_went_wrong_reaches_whoever_brings_the_bytes():
    """And nothing is taken after it: what comes behind a hole must not be written."""
    taken: list[bytes] = []

    def take(piece: bytes) -> None:
        if piece == b"bad":
            raise Unavailable("storage")
        taken.append(piece)

    work = Background(take)
    work.put(b"good")
    work.put(b"bad")
    with pytest.raises(Unavailable):
        work.finish()
    with pytest.raises(Unavailable):
        work.put(b"behind it")
    work.stop()
    assert taken == [b"good"]


def test_a_failure_does_not_hold_whoever_hands_over_more_than_may_wait():
    def take(_piece: bytes) -> None:
        raise Unavailable("storage")

    work = Background(take)
    with pytest.raises(Unavailable):
        for _more in range(100):
            work.put(b"piece")
        work.finish()
    work.stop()


def test_stopping_waits_for_what_was_handed_over_and_leaves_no_thread():
    before = threading.active_count()
    taken: list[bytes] = []
    work = Background(taken.append)
    work.put(b"one")
    work.stop()
    work.stop()
    assert taken == [b"one"]
    assert threading.active_count() == before


def test_where_no_thread_can_begin_nothing_waits_for_one(monkeypatch: pytest.MonkeyPatch):
    def refused(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refused)
    work = Background(lambda _piece: None)
    with pytest.raises(RuntimeError, match="start"):
        work.put(b"piece")
    work.stop()
