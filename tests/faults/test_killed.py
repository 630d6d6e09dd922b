"""Killed in the middle of its work, a server loses nothing that it acknowledged, and the log stays whole."""

import os
import signal
import threading
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
import sqlalchemy as sa

from app.audit.verify import verify_log
from app.store.cases import statements
from tests.cast import Cast
from tests.faults.servers import Gunicorn, eventually, running, statement
from tests.intake.notebook import Notebook
from tests.intake.server import Post, Server

pytestmark = pytest.mark.slow

EACH = 8


def sending(server: Gunicorn, posts: list[Post], acknowledged: "SimpleQueue[Post]") -> threading.Thread:
    """Sends one after the other, whatever becomes of each."""

    def send_all() -> None:
        for post in posts:
            try:
                status, _page = server.send(post)
            except OSError:
                continue
            if status == 200:
                acknowledged.put(post)

    thread = threading.Thread(target=send_all)
    thread.start()
    return thread


def whole_log(cast: Cast) -> bool:
    uow = cast.uow()
    verdict = verify_log(uow.tx, cast.services.installation.log_keys, cast.services.head_file.read())
    uow.end()
    return verdict.broken is None


def kept(cast: Cast) -> list[sa.Row[Any]]:
    uow = cast.uow("lilit")
    rows = list(uow.tx.all(sa.select(statements)))
    for row in rows:
        assert uow.vault.submissions.verify_submission(row.id) == ()
        assert row.receipt is not None
    uow.end()
    return rows


@pytest.mark.parametrize("victim", ["a worker", "everything"])
def test_what_was_acknowledged_is_there_and_the_rest_can_be_sent_again(
    cast: Cast, tmp_path: Path, victim: str
):
    notebooks = [Notebook(cast, cast.client(name)) for name in ("anahit", "davit")]
    piles = [[statement(each, f"Bird {number}") for number in range(EACH)] for each in notebooks]
    acknowledged: SimpleQueue[Post] = SimpleQueue()
    with running(cast, tmp_path / "server") as server:
        threads = [sending(server, pile, acknowledged) for pile in piles]
        taken = [acknowledged.get(timeout=60) for _ in range(3)]
        if victim == "everything":
            server.kill()
        else:
            os.kill(next(iter(server.children())), signal.SIGKILL)
        for thread in threads:
            thread.join()
        if victim == "everything":
            server.start()
        eventually(server.answers)  # somebody has taken the place of whoever was killed
        taken += [acknowledged.get() for _ in range(acknowledged.qsize())]

        assert whole_log(cast)
        assert len(taken) <= len(kept(cast)) <= 2 * EACH
        assert all(server.send(post)[0] == 200 for pile in piles for post in pile)
    assert len(kept(cast)) == 2 * EACH
    assert whole_log(cast)


def test_told_to_stop_it_ends_cleanly(cast: Cast, tmp_path: Path):
    browser = cast.client("lilit")
    with running(cast, tmp_path / "server", workers=2) as server:
        assert server.get("/account", browser)[0] == 200
        assert server.stop() == 0
        assert "Traceback" not in server.log.read_text()
        with pytest.raises(ConnectionRefusedError):
            server.get("/weather")


def test_what_was_begun_before_it_was_told_to_stop_is_finished(cast: Cast, tmp_path: Path):
    post = statement(Notebook(cast, cast.client("anahit")), "Bittern")
    with running(cast, tmp_path / "server") as server:
        line = Server(server.port).line()
        line.send(post.head + post.body[:-20])
        server.get("/weather")  # by now the worker has taken the line
        server.master.terminate()
        line.send(post.body[-20:])
        assert line.answer()[0] == 200
        line.close()
        assert server.master.wait(60) == 0
    assert len(kept(cast)) == 1
