"""Once nobody is signed in any more, the worker that held somebody's seeds ends, and its memory with it."""

from pathlib import Path

import pytest

from tests.cast import Cast
from tests.faults.servers import Gunicorn, cookie_of, eventually, running
from tests.intake.server import Post

pytestmark = pytest.mark.slow


def worker_of(server: Gunicorn) -> int:
    (worker,) = server.children()
    return worker


def test_after_the_last_sign_out_the_worker_is_another(cast: Cast, tmp_path: Path):
    browser = cast.client("lilit")
    with running(cast, tmp_path / "server", SWEEP_SECONDS="0.1") as server:
        before = worker_of(server)
        assert server.get("/account", browser)[0] == 200
        browser.post("/sign-out")
        eventually(lambda: server.children().isdisjoint({before}))
        eventually(server.answers)


def test_the_worker_that_checked_the_words_is_recycled_too(cast: Cast, tmp_path: Path):
    browser = cast.client()
    token = browser.token("/sign-in")
    nonce = browser.client.get_cookie("demo-form")
    assert nonce is not None
    words, code = cast.password("lilit").replace(" ", "+"), cast.code("lilit")
    body = f"csrf_token={token}&name=lilit&words={words}&code={code}".encode()
    head = (
        "POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        f"Cookie: demo-form={nonce.value}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with running(cast, tmp_path / "server", SWEEP_SECONDS="0.1") as server:
        before = worker_of(server)
        assert server.send(Post(head.encode(), body))[0] == 303
        cast.services.sessions.end_all(cast.people["lilit"].person)
        eventually(lambda: server.children().isdisjoint({before}))


def test_a_worker_that_held_nothing_stays(cast: Cast, tmp_path: Path):
    with running(cast, tmp_path / "server", workers=2, SWEEP_SECONDS="0.1") as server:
        before = server.children()
        browser = cast.client("lilit")
        assert server.get("/account", browser)[0] == 200
        cookie_of(browser)
        browser.post("/sign-out")
        eventually(lambda: len(server.children() - before) == 1 and len(server.children()) == 2)
        assert len(server.children() & before) == 1


def test_a_demo_does_not_start_where_others_could_reach_it(cast: Cast, tmp_path: Path):
    (tmp_path / "server").mkdir()
    server = Gunicorn(cast, tmp_path / "server", settings={"BIND": "0.0.0.0:0"})
    with pytest.raises(AssertionError, match="loopback only"):
        server.start()
