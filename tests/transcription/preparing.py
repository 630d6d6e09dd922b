"""Files that were prepared, for tests of what a reader sees of them: a page is opened, and a worker does its jobs."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.jobs.actions import FAILED, REBUILT, Action, NotHereError, Outcome, Sink, Source
from app.vault.work import Head, Made
from tests.cast import Browser, Cast
from tests.jobs.desk import Desk, OutputHead, result
from tests.transcription.scenes import Sent

VIEW = b"\xff\xd8\xff" + bytes(n % 249 for n in range(700_000))
"""Longer than two chunks."""
CAPTURED = {"latitude": "40.123456", "model": "Pocket 3"}


def picture(
    source: Source, open_output: Callable[[Head], Sink], progress: Callable[[float], None]
) -> Outcome:
    """As of a picture: something to look at, and something small."""
    for kind, content in (("view", VIEW), ("thumbnail", b"\xff\xd8\xffsmall")):
        sink = open_output(OutputHead(kind, type="image/jpeg", width=640, height=480))
        sink.write(content)
        sink.finish()
    report: dict[str, Any] = {"family": "image", "type": "image/jpeg", "width": 4000, "height": 3000}
    return Outcome(REBUILT, report={**report, "captured": CAPTURED, "notes": ["trailing-bytes"]})


def failing(code: str) -> Action:
    def fail(
        source: Source, open_output: Callable[[Head], Sink], progress: Callable[[float], None]
    ) -> Outcome:
        return Outcome(FAILED, code)

    return fail


def not_here(
    source: Source, open_output: Callable[[Head], Sink], progress: Callable[[float], None]
) -> Outcome:
    raise NotHereError("sandbox-missing")


@dataclass
class Workshop:
    """One worker for the tests of a module; it shows itself before each page that may hand it something."""

    cast: Cast
    desk: Desk

    @classmethod
    def of(cls, cast: Cast) -> "Workshop":
        return cls(cast, Desk(cast, picture))

    def shows_itself(self) -> None:
        self.desk.ledger.beat(None, self.cast.clock())

    def prepare(self, browser: Browser, sent: Sent, action: Action = picture) -> None:
        """Somebody opens the statement, and the worker does what it was handed by that."""
        self.shows_itself()
        assert browser.get(sent.path()).status_code == 200
        self.work(action)

    def work(self, action: Action = picture) -> None:
        self.desk.runner.actions = dict.fromkeys(self.desk.runner.actions, action)
        for job in self.desk.ledger.due(self.cast.clock()):
            self.desk.do(job)

    def made(self, sent: Sent, kind: str, number: int = 0) -> Made:
        outputs = result(self.cast, sent.files[number]).derivatives
        return next(made for made in outputs if made.kind == kind)

    def address(self, sent: Sent, kind: str, number: int = 0) -> str:
        return sent.file(number, f"/made/{self.made(sent, kind, number).id}")


def addresses_in(page: str) -> list[str]:
    """Of everything on a page that a browser fetches by itself."""
    return re.findall(r'(?:src|poster|data-peaks)="(/statements/[^"]+)"', page)
