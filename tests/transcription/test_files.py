"""Originals: heard from anywhere, byte for byte, and never a byte that was not sealed."""

import http.client
import logging
import threading
from urllib.parse import urlsplit

import pytest
from werkzeug.serving import make_server

from app.crypto.stream import CHUNK, HEADER_LENGTH
from tests.cast import Cast
from tests.transcription.scenes import flip, send

SEALED_CHUNK = CHUNK + 16
DATA = b"OggS" + bytes(n % 251 for n in range(3 * CHUNK + 1000))


@pytest.fixture(scope="module")
def sent(cast: Cast):
    return send(cast, files=[(DATA, {"name": "../../etc/passwd\r\nX: y"})])


@pytest.fixture(scope="module")
def lilit(cast: Cast):
    return cast.client("lilit")


def test_a_recording_is_heard_whole(lilit, sent):
    answer = lilit.get(sent.file())
    assert (answer.status_code, answer.data) == (200, DATA)
    assert answer.headers["Content-Type"] == "audio/ogg"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert int(answer.headers["Content-Length"]) == len(DATA)


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-", 0, len(DATA)),
        ("bytes=0-0", 0, 1),
        ("bytes=-10", len(DATA) - 10, len(DATA)),
        (f"bytes={CHUNK - 5}-{CHUNK + 4}", CHUNK - 5, CHUNK + 5),
        (f"bytes={2 * CHUNK}-99999999", 2 * CHUNK, len(DATA)),
        ("bytes=-99999999", 0, len(DATA)),
    ],
)
def test_a_player_gets_the_stretch_it_asks_for(lilit, sent, asked, start, stop):
    answer = lilit.get(sent.file(), headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.data == DATA[start:stop]
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(DATA)}"


@pytest.mark.parametrize(
    "asked", [f"bytes={len(DATA)}-", "bytes=99999999-99999999", "bytes=99999999999999999999-"]
)
def test_a_stretch_beyond_the_end_is_told_so(lilit, sent, asked):
    answer = lilit.get(sent.file(), headers={"Range": asked})
    assert (answer.status_code, answer.data) == (416, b"")
    assert answer.headers["Content-Range"] == f"bytes */{len(DATA)}"


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "lines=0-1", "bytes=5-2", "bytes=x"])
def test_what_is_no_single_stretch_is_answered_with_the_whole(lilit, sent, asked):
    assert lilit.get(sent.file(), headers={"Range": asked}).status_code == 200


def test_a_stretch_of_another_version_is_answered_with_the_whole(lilit, sent):
    answer = lilit.get(sent.file(), headers={"Range": "bytes=0-1", "If-Range": '"a"'})
    assert (answer.status_code, "ETag" in answer.headers) == (200, False)


def test_an_original_runs_nothing_and_is_kept_nowhere(lilit, sent):
    for path in (sent.file(), sent.file(rest="/original")):
        headers = lilit.get(path).headers
        assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"


def test_an_original_leaves_under_a_name_of_ours(lilit, sent):
    headers = lilit.get(sent.file(rest="/original")).headers
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"] == f'attachment; filename="linden-4-{sent.files[0].hex[:8]}.ogg"'


@pytest.mark.parametrize(
    "kind", ["text/html", "image/svg+xml", "application/pdf", "image/tiff", "application/octet-stream", ""]
)
def test_what_a_browser_could_run_is_never_opened_in_it(cast: Cast, lilit, kind):
    sent = send(cast, files=[(b"<script>alert(1)</script>", {"type": kind})])
    answer = lilit.get(sent.file())
    assert (answer.status_code, answer.location) == (302, sent.file(rest="/original"))
    kept = lilit.get(sent.file(rest="/original"))
    assert kept.headers["Content-Disposition"].startswith("attachment")
    assert b"Take it out" in lilit.get(sent.path()).data


def test_neither_a_name_nor_a_stated_type_makes_a_page_a_recording(cast: Cast, lilit):
    sent = send(cast, files=[(b"<script>alert(1)</script>", {"type": "audio/ogg", "name": "voice.ogg"})])
    assert lilit.get(sent.file()).location == sent.file(rest="/original")


def test_taking_an_original_out_asks_for_the_second_factor_again(cast: Cast, sent):
    lilit = cast.client("lilit")
    cast.clock.ahead += 700
    answer = lilit.get(sent.file(rest="/original"))
    assert (answer.status_code, urlsplit(answer.location).path) == (302, "/confirm")
    assert lilit.get(sent.file()).status_code == 200


def damage(cast: Cast, asset, fault: str) -> None:
    path = cast.services.blobs.path(asset)
    stored = path.read_bytes()
    first, second = (
        stored[HEADER_LENGTH + n * SEALED_CHUNK : HEADER_LENGTH + (n + 1) * SEALED_CHUNK] for n in (0, 1)
    )
    altered = {
        "header": bytes([stored[0] ^ 1]) + stored[1:],
        "first": stored[:HEADER_LENGTH] + bytes([stored[HEADER_LENGTH] ^ 1]) + stored[HEADER_LENGTH + 1 :],
        "cut": stored[:-SEALED_CHUNK],
        "lengthened": stored + stored[-100:],
        "swapped": stored[:HEADER_LENGTH] + second + first + stored[HEADER_LENGTH + 2 * SEALED_CHUNK :],
        "empty": b"",
    }
    path.write_bytes(altered[fault])


@pytest.mark.parametrize("fault", ["header", "first", "cut", "lengthened", "swapped", "empty"])
def test_a_file_that_was_touched_is_told_before_a_byte_of_it(cast: Cast, lilit, fault):
    sent = send(cast, files=[(DATA, {})])
    damage(cast, sent.files[0], fault)
    answer = lilit.get(sent.file())
    assert answer.status_code == 409
    assert "is not what was sealed" in answer.get_data(as_text=True)
    assert DATA[:64] not in answer.data


def test_a_file_that_is_gone_is_told_and_the_page_still_opens(cast: Cast, lilit):
    sent = send(cast, files=[(DATA, {})])
    cast.services.blobs.delete(sent.files[0])
    assert lilit.get(sent.file()).status_code == 409
    page = lilit.get(sent.path(f"?show={sent.files[0]}"))
    assert page.status_code == 200
    assert b"The file is not in the storage any more" in page.data


def test_another_file_in_its_place_is_refused(cast: Cast, lilit):
    one, two = (send(cast, files=[(DATA, {})]) for _each in range(2))
    blobs = cast.services.blobs
    blobs.path(one.files[0]).write_bytes(blobs.path(two.files[0]).read_bytes())
    assert lilit.get(one.file()).status_code == 409


@pytest.fixture
def port(cast: Cast):
    """The application behind a real socket."""
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    server = make_server("127.0.0.1", 0, cast.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_stream_that_was_touched_in_the_middle_breaks_off_where_it_was_touched(
    cast: Cast, lilit, port, caplog
):
    sent = send(cast, files=[(DATA, {})])
    flip(cast, sent.files[0], HEADER_LENGTH + SEALED_CHUNK + 7)
    cookie = lilit.client.get_cookie("demo-session").value
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", sent.file(), headers={"Cookie": f"demo-session={cookie}"})
    answer = connection.getresponse()
    with pytest.raises(http.client.IncompleteRead) as broken_off:
        answer.read()
    connection.close()
    assert broken_off.value.partial == DATA[:CHUNK]
    assert f"cut short: file {sent.files[0]}" in caplog.text


def test_what_was_not_touched_is_still_heard(cast: Cast, lilit):
    sent = send(cast, files=[(DATA, {})])
    flip(cast, sent.files[0], HEADER_LENGTH + SEALED_CHUNK + 7)
    assert lilit.get(sent.file(), headers={"Range": "bytes=0-9"}).data == DATA[:10]
    assert lilit.get(sent.file(), headers={"Range": f"bytes={2 * CHUNK}-"}).data == DATA[2 * CHUNK :]


def test_a_player_that_hangs_up_leaves_no_file_open(cast: Cast, lilit, sent):
    from pathlib import Path

    path = str(cast.services.blobs.path(sent.files[0]))

    def still_open() -> int:
        return sum(
            link.is_symlink() and str(link.readlink()) == path for link in Path("/proc/self/fd").iterdir()
        )

    for method in ("get", "head"):
        answer = getattr(lilit.client, method)(sent.file(), buffered=False)
        answer.close()
    del answer
    assert still_open() == 0
