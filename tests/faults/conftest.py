"""A cast of its own for every fault."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cast import Cast, assemble


@pytest.fixture
def cast(tmp_path: Path) -> Iterator[Cast]:
    assembled = assemble(tmp_path / "data")
    yield assembled
    assembled.close()
