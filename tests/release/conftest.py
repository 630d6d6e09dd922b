"""A case ready to be written about."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cast import assemble
from tests.release.stage import Stage, set_up


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    cast = assemble(tmp_path / "data")
    yield set_up(cast)
    cast.close()
