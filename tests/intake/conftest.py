"""A cast of its own for every test: what is sent must not stay for the next one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cast import Cast, assemble
from tests.intake.notebook import Notebook


@pytest.fixture
def cast(tmp_path: Path) -> Iterator[Cast]:
    assembled = assemble(tmp_path / "data")
    yield assembled
    assembled.close()


@pytest.fixture
def notebook(cast: Cast) -> Notebook:
    """Anahit's: an interviewer on Linden-4."""
    return Notebook(cast, cast.client("anahit"))
