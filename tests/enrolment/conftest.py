"""One cast for all tests of coming in, and a copy of one for each test of coming back."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.ids import NIL
from tests.cast import Cast, assemble
from tests.vault.scene import Scene, copied


@pytest.fixture(scope="module")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    assembled = assemble(tmp_path_factory.mktemp("enrolment"))
    yield assembled
    assembled.close()


@pytest.fixture(scope="session")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """A cast that nothing has happened to, closed, to be copied."""
    folder = tmp_path_factory.mktemp("coming-back") / "model"
    assembled = assemble(folder)
    assembled.close()
    return Scene(assembled, folder, NIL, NIL)


@pytest.fixture
def own_cast(untouched: Scene, tmp_path: Path) -> Iterator[Cast]:
    """For one test alone: its locks are changed, its rows altered, its clock moved."""
    copy = replace(copied(untouched, tmp_path / "data").cast, _codes={})  # its clock is not another's
    yield copy
    copy.close()
