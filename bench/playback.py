"""How soon a reviewer sees the first frame of a sealed film of 2 GiB, and one in its middle, in a real browser's own player."""

import io
import statistics

import av
import numpy as np
from playwright.sync_api import BrowserContext, Page, sync_playwright

from bench.pieces import GIB, Line, stored
from bench.report import Figure, publish
from bench.staff import HOST, Staff, serving
from tests.browser.chromium import launch

ROUNDS = 5
SECONDS = 20
RATE = 10
FIRST_FRAME = """(address) => new Promise((settle, fail) => {
  const film = document.createElement("video");
  const began = performance.now();
  film.preload = "auto";
  film.addEventListener("loadeddata", () => {
    const first = performance.now() - began;
    const sought = performance.now();
    film.addEventListener("seeked", () => settle([first, performance.now() - sought]), { once: true });
    film.currentTime = film.duration / 2;
  });
  film.addEventListener("error", () => fail(new Error(String(film.error && film.error.message))));
  film.src = address;
})"""


def main() -> None:
    firsts: list[float] = []
    seeks: list[float] = []
    with serving(workers=1) as staff, sync_playwright() as playwright:
        address = stored(staff, Line.of(staff, "anahit"), film_of(2 * GIB))
        with staff.cast.acting("lilit") as uow:
            uow.vault.submissions.adopt(staff.cast.case, 1_000)
        browser, cookie = launch(playwright), staff.cookie("lilit")
        for _round in range(ROUNDS):
            page = _page(browser.new_context(), staff, cookie)
            first, seek = page.evaluate(FIRST_FRAME, address)
            firsts.append(first / 1000)
            seeks.append(seek / 1000)
            page.context.close()
        browser.close()
    first, seek = statistics.median(firsts), statistics.median(seeks)
    publish(
        "playback",
        [
            Figure("first frame of a sealed film of 2 GiB", first, "s", "< 1", first < 1),
            Figure("a frame in its middle", seek, "s", "", True),
        ],
        {"firsts": firsts, "seeks": seeks},
    )


def _page(context: BrowserContext, staff: Staff, cookie: str) -> Page:
    name, _equals, value = cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": f"http://{HOST}:{staff.port}"}])
    page = context.new_page()
    page.goto(f"http://{HOST}:{staff.port}/desk")
    return page


def film_of(size: int) -> bytes:
    """An MP4 as cameras write it, its index behind everything else, grown to `size` by a box that holds nothing."""
    film = _encoded()
    moov = film.rindex(b"moov") - 4
    filling = size - len(film)
    # a box of 64-bit length (ISO/IEC 14496-12, 4.2): size 1, type, then the true size
    free = (1).to_bytes(4) + b"free" + filling.to_bytes(8) + bytes(filling - 16)
    return film[:moov] + free + film[moov:]


def _encoded() -> bytes:
    kept = io.BytesIO()
    with av.open(kept, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for number in range(SECONDS * RATE):
            picture = np.full((360, 640, 3), number % 256, dtype=np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return kept.getvalue()


if __name__ == "__main__":
    main()
