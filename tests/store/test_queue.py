"""Wake-up calls are job ids in plain JSON; a queue that does not answer stops nobody."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.domain.errors import Unavailable
from app.domain.ids import new_id
from app.store.queue import WakeUps

WORKER, JOB = new_id(), new_id()


@pytest.fixture
def calls(tmp_path: Path) -> WakeUps:
    return WakeUps(tmp_path / "queue.db")


def stored(calls: WakeUps) -> list[bytes]:
    with closing(sqlite3.connect(calls.file)) as queue:
        return [data for (data,) in queue.execute("SELECT data FROM task ORDER BY id")]


def hear_all(calls: WakeUps) -> list[str]:
    heard: list[str] = []
    queue = calls.heard_by(WORKER, heard.append)
    while (call := queue.dequeue()) is not None:
        queue.execute(call)
    queue.storage.close()
    return heard


def test_a_worker_hears_its_own_calls_in_their_order(calls: WakeUps) -> None:
    second = new_id()
    calls.wake(WORKER, JOB)
    calls.wake(new_id(), new_id())
    calls.wake(WORKER, second)
    assert hear_all(calls) == [JOB.hex, second.hex]
    assert hear_all(calls) == []


def test_a_call_is_json_and_holds_a_jobs_id(calls: WakeUps) -> None:
    calls.wake(WORKER, JOB)
    (call,) = stored(calls)
    told = json.loads(call)
    assert told[6:8] == [[JOB.hex], {}]


def test_who_has_calls_left_to_hear_is_not_reminded(calls: WakeUps) -> None:
    calls.remind(WORKER, [JOB])
    calls.remind(WORKER, [JOB])
    assert hear_all(calls) == [JOB.hex]


def test_calls_that_nobody_will_hear_are_dropped(calls: WakeUps) -> None:
    calls.wake(WORKER, JOB)
    calls.forget(WORKER)
    assert stored(calls) == []


def test_a_queue_that_does_not_answer_is_only_said(calls: WakeUps, caplog: pytest.LogCaptureFixture) -> None:
    calls.file.write_bytes(b"not a database, but long enough to be taken for one" * 40)
    calls.wake(WORKER, JOB)
    calls.remind(WORKER, [JOB])
    calls.forget(WORKER)
    assert caplog.text.count("does not answer") == 3
    with pytest.raises(Unavailable, match="queue"):
        calls.heard_by(WORKER, print)
