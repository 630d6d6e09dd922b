"""An ordinary form's body stays in memory, whatever it holds, and is never larger than it may be."""

import io
import tempfile
from pathlib import Path
from typing import Any

import pytest
from flask import Request as Plain
from werkzeug.test import EnvironBuilder

from app.web.requests import Request
from tests.cast import Browser, Cast

LIMIT = 2_000_000
SPOOLED = 600_000
"""More than Werkzeug keeps in memory by itself."""


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files that is not there: whoever wants to make one fails loudly."""
    folder = tmp_path / "nowhere"
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture(scope="module")
def browser(cast: Cast) -> Browser:
    return cast.client("lilit")


def form(content: bytes, **fields: str) -> dict[str, Any]:
    """A form with a file, made by hand, for the test client would itself write a large one to a temporary file."""
    parts = [f'--x\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()]
    head = '--x\r\nContent-Disposition: form-data; name="tape"; filename="tape.ogg"\r\n\r\n'
    body = "".join([*parts, head]).encode() + content + b"\r\n--x--\r\n"
    return {"data": body, "content_type": "multipart/form-data; boundary=x"}


def post(browser: Browser, content: bytes, **fields: str) -> int:
    token = browser.token()
    sent = form(content, csrf_token=token, lang="en", **fields)
    return browser.client.post("/language", **sent).status_code


def test_a_file_in_an_ordinary_form_stays_in_memory(nowhere: Path):
    request = Request(EnvironBuilder(method="POST", **form(b"x" * SPOOLED)).get_environ())
    assert len(request.files["tape"].read()) == SPOOLED


def test_the_frameworks_own_request_would_have_written_it_down():
    request = Plain(EnvironBuilder(method="POST", **form(b"x" * SPOOLED)).get_environ())
    with request.files["tape"].stream as stream:
        assert isinstance(stream, tempfile.SpooledTemporaryFile)
        assert stream.name is not None  # it has a file on the disk


def test_no_route_writes_a_body_down(browser: Browser, nowhere: Path):
    assert post(browser, b"x" * SPOOLED) == 302
    assert not nowhere.exists()


@pytest.mark.parametrize("path", ["/language", "/sign-in", "/leave", "/nothing-here"])
def test_a_refused_body_is_not_written_down_either(cast: Cast, nowhere: Path, path: str):
    answer = cast.client("lilit").client.post(path, **form(b"x" * SPOOLED))
    assert answer.status_code in {403, 404}
    assert not nowhere.exists()


def test_more_than_two_million_bytes_of_words_are_refused(browser: Browser):
    answer = browser.post("/language", {"lang": "en", "content": "x" * (LIMIT + 1)})
    assert answer.status_code == 413
    assert "What is safe" in answer.text


def test_more_than_two_million_bytes_of_a_file_are_refused(browser: Browser):
    assert post(browser, b"x" * (LIMIT + 1)) == 413


def test_a_body_without_a_length_is_no_way_around(browser: Browser):
    answer = browser.client.post(
        "/language",
        input_stream=io.BytesIO(b"x=" + b"y" * (LIMIT + 1)),
        content_type="application/x-www-form-urlencoded",
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.status_code in {403, 413}


def test_a_thousand_and_one_parts_are_refused(browser: Browser):
    assert post(browser, b"x", **{f"field-{number}": "x" for number in range(1001)}) == 413
