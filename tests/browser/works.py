"""An installation in the middle of its work: files on their way in, jobs that wait, and jobs that were set aside."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from playwright.sync_api import FilePayload, Page, Route, expect

from app.domain.ids import new_id
from app.store.database import Database
from app.store.jobs import jobs
from app.vault.prepared import REBUILD
from tests.browser.visitors import Visitor

WHOLE, CUT = 70_000, 20_000_000
PIECES = 1
STANDINGS: tuple[Mapping[str, Any], ...] = (
    {"state": "waiting"},
    {"state": "waiting", "reason": "crashed", "attempts": 2},
    {"state": "running", "progress": 420, "attempts": 1},
    {"state": "keyless", "reason": "worker-gone"},
    {"state": "set-aside", "reason": "crashed", "attempts": 5},
    {"state": "set-aside", "reason": "sandbox-missing"},
    {"state": "set-aside", "reason": "extra-missing"},
    {"state": "set-aside", "reason": "stream"},
)
"""One job of each kind that an administrator may find."""


def sends_files(anahit: Visitor, case: str) -> str:
    """Of a statement whose words she never sends: one arrives, one is cut off. Where she would discard one."""
    page = anahit.page
    anahit.go(f"/notebook/cases/{case}/form?way=short")
    page.get_by_label("Files").set_input_files(_file("gate.jpg", WHOLE))
    expect(page.get_by_text("Sealed and here, whole.", exact=True)).to_be_visible(timeout=60_000)
    with _a_line_that_breaks(page):
        page.get_by_label("Files").set_input_files(_file("road.mp4", CUT))
        expect(page.get_by_text("No connection.").first).to_be_visible(timeout=60_000)
        anahit.go("/notebook/files")
    expect(page.get_by_text("A file of 20 MB")).to_be_visible()
    return page.get_by_role("link", name="Discard it").first.get_attribute("href") or ""


def _file(name: str, size: int) -> FilePayload:
    return FilePayload(name=name, mimeType="application/octet-stream", buffer=bytes(size))


@contextmanager
def _a_line_that_breaks(page: Page) -> Iterator[None]:
    pieces = 0

    def pass_on(route: Route) -> None:
        nonlocal pieces
        pieces += route.request.method == "PATCH"
        if pieces > PIECES:
            route.abort()
        else:
            route.continue_()

    page.route("**/uploads/**", pass_on)
    yield
    page.unroute("**/uploads/**")


def leaves_jobs(folder: Path, case: str) -> None:
    """In the table alone, as a worker that is gone left them; of files that no page shows."""
    with (
        closing(Database(f"sqlite:///{folder / 'vouchsafe.db'}")) as database,
        database.writing() as connection,
    ):
        for standing in STANDINGS:
            connection.execute(sa.insert(jobs).values({**_fresh(case), **standing}))


def _fresh(case: str) -> dict[str, Any]:
    numbers = dict.fromkeys(("attempts", "not_before", "progress", "created", "since"), 0)
    ids = {"id": new_id(), "case": UUID(case), "subject": new_id(), "worker": new_id()}
    return {**ids, **numbers, "kind": REBUILD, "reason": ""}
