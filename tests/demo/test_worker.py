"""The demonstration's worker is started again when it ends by itself, and its failure ends the demonstration."""

import sys
import time
from pathlib import Path

from app.demo.__main__ import _Worker


def ending(code: int, marks: Path) -> list[str]:
    """A command that leaves a mark and ends at once."""
    says = f"open({str(marks)!r}, 'a').write('x'); raise SystemExit({code})"
    return [sys.executable, "-c", says]


def tended(worker: _Worker, seconds: float = 3) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not worker.tend():
            return False
        time.sleep(0.05)
    return True


def test_one_that_ends_well_is_started_again(tmp_path: Path):
    with _Worker(ending(0, tmp_path / "marks")) as worker:
        assert tended(worker)
    assert len((tmp_path / "marks").read_text()) > 1


def test_one_that_fails_is_not(tmp_path: Path):
    with _Worker(ending(1, tmp_path / "marks")) as worker:
        assert not tended(worker, 30)
    assert (tmp_path / "marks").read_text() == "x"
