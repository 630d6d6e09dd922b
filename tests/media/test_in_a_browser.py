"""A real Chromium plays and shows what was made anew, and leaps about in it."""

import re
import threading
from collections.abc import Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import launch
from tests.media.files import pdf, picture, recording, remade

pytestmark = pytest.mark.browser

PLAY = """async ([tag, address]) => {
  const player = document.createElement(tag);
  player.muted = true;
  document.body.append(player);
  const happens = (name) => new Promise((done, fail) => {
    player.addEventListener(name, done, {once: true});
    player.addEventListener("error", () => fail(player.error.message), {once: true});
  });
  const known = happens("loadedmetadata");
  player.src = address;
  await known;
  const leapt = happens("seeked");
  player.currentTime = player.duration * 0.7;
  await leapt;
  const playing = happens("timeupdate");
  await player.play();
  await playing;
  return [player.duration, player.currentTime, player.videoWidth || 0, player.videoHeight || 0];
}"""
SHOW = """async (address) => {
  const image = new Image();
  image.src = address;
  await image.decode();
  return [image.naturalWidth, image.naturalHeight];
}"""


@cache
def things() -> dict[str, tuple[str, bytes]]:
    """By path: type and bytes of what the browser is to take."""
    film = recording("avi", "pcm_s16le", "mpeg4", seconds=20, size=(320, 240))
    _, of_film = remade(film)
    _, of_photograph = remade(picture("HEIF"))
    _, of_document = remade(pdf(1))
    return {
        "/playback": ("video/mp4", of_film["playback"]),
        "/listening": ("audio/webm", of_film["listening"]),
        "/poster": ("image/jpeg", of_film["poster"]),
        "/view": ("image/jpeg", of_photograph["view"]),
        "/page": ("image/jpeg", of_document["page"]),
        "/mp4": ("video/mp4", recording("mp4", "aac", "libx264", seconds=10)),
        "/quicktime": ("video/quicktime", recording("mov", "aac", "libx264", seconds=10)),
        "/webm": ("video/webm", recording("webm", "libopus", "libvpx", seconds=10)),
        "/av1": ("video/webm", recording("webm", "libopus", "libsvtav1", seconds=10)),
    }


class Shop(BaseHTTPRequestHandler):
    """Answers Range requests, as the product does."""

    def do_GET(self) -> None:
        kind, data = things().get(self.path, ("text/html", b"<!doctype html><title>.</title>"))
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        first = int(asked[1]) if asked else 0
        last = min(int(asked[2]), len(data) - 1) if asked and asked[2] else len(data) - 1
        self.send_response(206 if asked else 200)
        self.send_header("Content-Type", kind)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(last - first + 1))
        self.send_header("Content-Range", f"bytes {first}-{last}/{len(data)}")
        self.end_headers()
        self.wfile.write(data[first : last + 1])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name in the library
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A player hangs up as soon as it has enough."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    things()
    with Server(("127.0.0.1", 0), Shop) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        try:
            browser = launch(playwright)
        except FileNotFoundError as error:
            pytest.skip(str(error))
        yield browser
        browser.close()


@pytest.mark.parametrize(
    ("tag", "path", "seconds", "size"),
    [
        ("video", "/playback", 20, (320, 240)),
        ("audio", "/listening", 20, (0, 0)),
        ("video", "/mp4", 10, (160, 120)),
        ("video", "/quicktime", 10, (160, 120)),
        ("video", "/webm", 10, (160, 120)),
        ("video", "/av1", 10, (160, 120)),
    ],
)
def test_it_plays_and_leaps(
    chromium: Browser, address: str, tag: str, path: str, seconds: int, size: tuple[int, int]
):
    """The copies made, and every kind of original of which no copy is made."""
    page = chromium.new_page()
    page.goto(address)
    length, position, *shown = page.evaluate(PLAY, [tag, path])
    page.close()
    assert length == pytest.approx(seconds, abs=0.2)
    assert position >= seconds * 0.7 - 0.1
    assert tuple(shown) == size


@pytest.mark.parametrize(
    ("path", "size"), [("/poster", (320, 240)), ("/view", (640, 480)), ("/page", (1131, 1600))]
)
def test_it_is_shown(chromium: Browser, address: str, path: str, size: tuple[int, int]):
    page = chromium.new_page()
    page.goto(address)
    assert tuple(page.evaluate(SHOW, path)) == size
    page.close()
