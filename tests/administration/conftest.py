"""A cast for every test of the administrator's pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cast import Cast, assemble


@pytest.fixture
def cast(tmp_path: Path) -> Iterator[Cast]:
    made = assemble(tmp_path)
    yield made
    made.close()
