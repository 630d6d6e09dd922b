"""Slow, cut, killed and full: what was acknowledged is there, what was not is gone, and nothing was ever in clear."""

import logging
import resource
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.intake.arriving import SignsOfLife
from tests.cast import Cast
from tests.intake.notebook import PNG, SHORT, Notebook, blobs, file_bytes, nothing_is_kept, only, read, stored
from tests.intake.server import Post, eventually, own_process, serving

MARKER = b"the-grey-heron-stood-in-the-road"
MARKED = MARKER * 100_000
"""About 3 MB in which every few bytes would give themselves away."""


def test_while_a_large_file_comes_in_others_are_not_kept_waiting(cast: Cast, notebook: Notebook):
    davit = Notebook(cast, cast.client("davit"))
    large = Post.of(notebook.browser, notebook.open(), files={"files": ("long.mp4", MARKED)}, **SHORT)
    small = Post.of(davit.browser, davit.open(), **{**SHORT, "account": "A few words."})
    with serving(cast) as server:
        line = server.line()
        line.send(large.head + large.body[:2_000_000])
        eventually(lambda: blobs(cast))
        started = time.monotonic()
        status, _page = server.post(small)
        took = time.monotonic() - started
        line.send(large.body[2_000_000:])
        assert line.answer()[0] == 200
        line.close()
    assert status == 200
    assert took < 1
    assert len(stored(cast)) == 2


def test_nothing_is_in_clear_on_the_disk_or_in_a_log_while_a_file_comes_in_or_after(
    cast: Cast, notebook: Notebook, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):  # fmt: skip
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    caplog.set_level(logging.DEBUG)
    words = {**SHORT, "code_name": "Bittern", "account": MARKER.decode() * 10_000}
    post = Post.of(
        notebook.browser, notebook.open(), files={"files": (f"{MARKER.decode()}.mp4", MARKED)}, **words
    )
    with serving(cast) as server:
        line = server.line()
        line.send(post.head + post.body[: len(post.body) // 2])
        eventually(lambda: sum(path.stat().st_size for path in blobs(cast)) > 500_000)
        assert not _found_in(tmp_path)
        line.send(post.body[len(post.body) // 2 :])
        status, page = line.answer()
        line.close()
    assert status == 200
    assert not _found_in(tmp_path)
    assert not list(temporary.iterdir())
    said = caplog.text + "".join(capfd.readouterr()) + page
    for telling in (MARKER.decode(), "Bittern"):
        assert telling not in said
    assert file_bytes(cast, read(cast).files[0]) == MARKED


def test_a_refused_form_leaves_nothing_in_clear_either(cast: Cast, notebook: Notebook, tmp_path: Path):
    notebook.send_short({"files": [("road.mp4", MARKED), ("empty", b"")]}, account=MARKER.decode())
    assert not _found_in(tmp_path)
    assert nothing_is_kept(cast)


def test_a_cut_body_leaves_nothing(cast: Cast, notebook: Notebook):
    post = Post.of(notebook.browser, notebook.open(), files={"files": ("long.mp4", MARKED)}, **SHORT)
    with serving(cast) as server:
        line = server.line()
        line.send(post.head + post.body[:1_500_000])
        eventually(lambda: blobs(cast))
        line.close()
        eventually(lambda: not blobs(cast))
    assert nothing_is_kept(cast)


def test_after_a_cut_the_same_form_is_taken(cast: Cast, notebook: Notebook):
    sheet = notebook.open()
    post = Post.of(notebook.browser, sheet, files={"files": ("road.png", PNG)}, **SHORT)
    with serving(cast) as server:
        line = server.line()
        line.send(post.head + post.body[:-20])
        line.close()
        assert server.post(post)[0] == 200
    assert file_bytes(cast, read(cast).files[0]) == PNG


def test_with_a_full_disk_the_words_come_back_and_nothing_is_left(cast: Cast, notebook: Notebook):
    sheet = notebook.open()
    with _no_file_larger_than(2_500_000):
        answer = notebook.send(sheet, {"files": ("long.mp4", MARKED)}, **SHORT)
    assert answer.status_code == 422
    assert "The storage could not take a file." in answer.text
    assert SHORT["account"] in answer.text
    assert nothing_is_kept(cast)
    assert notebook.send(sheet, {"files": ("long.mp4", MARKED)}, **SHORT).status_code == 200
    assert file_bytes(cast, read(cast).files[0]) == MARKED


def test_with_a_full_database_the_words_come_back_and_nothing_is_left(cast: Cast, notebook: Notebook):
    sheet = notebook.open()
    log = Path(str(cast.services.database.url.database) + "-wal")
    with _no_file_larger_than(max(log.stat().st_size + 4096, 16384)):
        answer = notebook.send(sheet, {"files": ("small", b"x")}, **{**SHORT, "account": "word " * 40_000})
    assert answer.status_code == 503
    assert "Your words are still here." in answer.text
    assert "word word" in answer.text
    assert nothing_is_kept(cast)


def test_an_upload_that_goes_on_counts_as_being_here(cast: Cast, notebook: Notebook):
    cookie = notebook.browser.client.get_cookie("demo-session")
    assert cookie is not None
    for _quarter in range(3):
        cast.clock.ahead += 14 * 60
        with cast.app.test_request_context(headers={"Cookie": f"demo-session={cookie.value}"}):
            SignsOfLife(last=time.monotonic() - 61).note()
    assert notebook.browser.get("/notebook").status_code == 200


@pytest.mark.slow
def test_killed_in_mid_send_nothing_is_half_there(cast: Cast, notebook: Notebook, tmp_path: Path):
    sheet = notebook.open()
    post = Post.of(notebook.browser, sheet, files={"files": ("long.mp4", MARKED)}, **SHORT)
    with own_process(cast) as (server, process):
        line = server.line()
        line.send(post.head + post.body[:2_000_000])
        eventually(lambda: sum(path.stat().st_size for path in blobs(cast)) > 500_000)
        process.send_signal(signal.SIGKILL)
        process.wait()
        line.close()
    assert not stored(cast)
    assert not _found_in(tmp_path)
    assert cast.services.blobs.sweep(time.time() + 1) == 1
    assert not blobs(cast)
    with own_process(cast) as (server, _process):
        status, page = server.post(post)
    assert status == 200, page
    assert only(cast).receipt is not None
    assert file_bytes(cast, read(cast).files[0]) == MARKED


@pytest.mark.slow
def test_killed_at_any_moment_a_statement_is_whole_or_not_there(cast: Cast, notebook: Notebook):
    for milliseconds in range(0, 60, 6):
        post = Post.of(notebook.browser, notebook.open(), files={"files": ("road.png", PNG)}, **SHORT)
        with own_process(cast) as (server, process):
            line = server.line()
            line.send(post.head + post.body)
            time.sleep(milliseconds / 1000)
            process.send_signal(signal.SIGKILL)
            process.wait()
            line.close()
    for row in stored(cast):
        assert row.finished is not None
        assert row.receipt is not None
        uow = cast.uow("lilit")
        assert uow.vault.submissions.verify_submission(row.id) == ()
        uow.end()


def _found_in(folder: Path) -> list[Path]:
    """Files in which the marker can be read."""
    return [path for path in folder.rglob("*") if path.is_file() and MARKER in path.read_bytes()]


@contextmanager
def _no_file_larger_than(size: int) -> Iterator[None]:
    """A disk that takes no more; the kernel says so at the write, as a full one would."""
    earlier = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, earlier[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, earlier)
