"""After a walk over a real server nothing that was typed or sent can be read on its disk, in its temporary files or its log."""

from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.cast import Browser, Cast, assemble
from tests.faults.servers import Gunicorn, cookie_of, running, statement
from tests.intake.notebook import Notebook, file_bytes, only, read
from tests.intake.server import Post
from tests.transcription.scenes import take_over

WORDS, ACCOUNT, FILE, NAME, WITNESS = (
    f"the-grey-heron-{place}" for place in ("in", "by", "on", "at", "under")
)
MARKER = b"grey-heron"


@pytest.mark.slow
def test_nothing_that_was_typed_or_sent_is_in_clear_anywhere(tmp_path: Path):
    cast = assemble(tmp_path / "data")
    interviewer, reviewer = cast.client("anahit"), cast.client("lilit")
    post = statement(
        Notebook(cast, interviewer),
        WITNESS,
        f"{ACCOUNT} " * 5_000,
        files={"files": (f"{NAME}.ogg", FILE.encode() * 50_000)},
    )
    with running(cast, tmp_path / "server") as server:
        assert server.send(guess(cast, WORDS))[0] == 403
        assert server.send(post)[0] == 200
        take_over(cast)
        sent = only(cast).id
        status, page = server.get(f"/statements/{sent}", reviewer)
        assert (status, ACCOUNT in page) == (200, True)
        fetch_every_file(server, cast, reviewer)
        assert server.get(f"/statements/{sent}/{ACCOUNT}", reviewer)[0] == 404
        readable = found_in(tmp_path)
        assert server.stop() == 0
    assert readable == []
    assert found_in(tmp_path) == []
    assert list(server.temporary.iterdir()) == []
    assert file_bytes(cast, read(cast).files[0]) == FILE.encode() * 50_000
    cast.close()


def guess(cast: Cast, words: str) -> Post:
    """A sign-in form with words that are not right, as bytes for any server."""
    browser = cast.client()
    token = browser.token("/sign-in")
    nonce = browser.client.get_cookie("demo-form")
    assert nonce is not None
    body = urlencode({"csrf_token": token, "name": words, "words": words, "code": "000000"}).encode()
    head = (
        "POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        f"Cookie: demo-form={nonce.value}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return Post(head.encode(), body)


def fetch_every_file(server: Gunicorn, cast: Cast, reviewer: Browser) -> None:
    assert cookie_of(reviewer)
    for asset in read(cast).files:
        path = f"/statements/{only(cast).id}/files/{asset}/original"
        assert server.get(path, reviewer)[0] in {200, 302, 303}


def found_in(folder: Path) -> list[Path]:
    """Files in which any of the markers can be read."""
    return [path for path in folder.rglob("*") if path.is_file() and MARKER in path.read_bytes()]
