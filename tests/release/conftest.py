"""A case ready to be written about: one for a whole file, or, where a test turns it over, one of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cast import assemble
from tests.release.stage import Stage, set_up


def _staged(folder: Path) -> Iterator[Stage]:
    cast = assemble(folder)
    yield set_up(cast)
    cast.close()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    yield from _staged(tmp_path_factory.mktemp("stage") / "data")


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Stage]:
    yield from _staged(tmp_path / "data")
