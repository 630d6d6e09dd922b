"""256 MiB from a real browser: sealed while it is sent, beside the same browser sending the same file plain to the same server."""

import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from bench.report import Figure, publish
from bench.staff import HOST, Staff, serving
from bench.uploads import MP4, PlainServer
from tests.browser.chromium import launch

MIB = 2**20
SIZE = 256 * MIB
ROUNDS = 3
PATIENCE = 300_000
SEND_PLAIN = """() => new Promise((done, failed) => {
  const worker = new Worker("/worker");
  worker.onmessage = done;
  worker.onerror = failed;
  worker.postMessage(document.querySelector("input").files[0]);
}).then(() => true)"""
"""From a worker too: what a page itself sends is looked at by whoever drives the browser, and that takes longer than the sending."""


def main() -> None:
    sealed: list[float] = []
    plain: list[float] = []
    with (
        serving(workers=1) as staff,
        tempfile.TemporaryDirectory() as folder,
        PlainServer(Path(folder)) as port,
        sync_playwright() as playwright,
    ):
        film = Path(folder) / "film.mp4"
        film.write_bytes(MP4 + bytes(range(256)) * ((SIZE - len(MP4)) // 256) + bytes(SIZE % 256))
        browser, cookie = launch(playwright), staff.cookie("anahit")
        for _round in range(ROUNDS):
            sealed.append(_send_sealed(browser, staff, cookie, film))
            plain.append(_send_plain(browser, port, film))
        browser.close()
    ratio = statistics.median(sealed) / statistics.median(plain)
    publish(
        "browser",
        [
            Figure("256 MiB sealed in the browser and sent / sent plain", ratio, "ratio", "", True),
            Figure("sealed and sent", statistics.median(sealed) / MIB, "MiB/s", "", True),
            Figure("sent plain", statistics.median(plain) / MIB, "MiB/s", "", True),
        ],
        {"sealed": sealed, "plain": plain},
    )


def _send_sealed(browser: Browser, staff: Staff, cookie: str, film: Path) -> float:
    """Bytes a second from the choice of the file to the words that all of it is here."""
    name, _equals, value = cookie.partition("=")
    context = browser.new_context()
    context.add_cookies([{"name": name, "value": value, "url": f"http://{HOST}:{staff.port}"}])
    page = context.new_page()
    page.goto(f"http://{HOST}:{staff.port}/notebook/cases/{staff.cast.case}/form")
    began = time.perf_counter()
    page.set_input_files("input[data-upload]", film)
    page.wait_for_selector(".upload[data-state=done]", timeout=PATIENCE)
    seconds = time.perf_counter() - began
    context.close()
    return film.stat().st_size / seconds


def _send_plain(browser: Browser, port: int, film: Path) -> float:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"http://{HOST}:{port}/page")
    page.set_default_timeout(PATIENCE)
    began = time.perf_counter()
    page.set_input_files("input", film)
    page.evaluate(SEND_PLAIN)
    seconds = time.perf_counter() - began
    context.close()
    return film.stat().st_size / seconds


if __name__ == "__main__":
    main()
