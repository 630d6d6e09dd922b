"""A cast of its own for every test: what is sent must not stay for the next one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cast import Cast, assemble
from tests.intake.notebook import Notebook
from tests.intake.sender import Client


@pytest.fixture
def cast(tmp_path: Path) -> Iterator[Cast]:
    assembled = assemble(tmp_path / "data")
    yield assembled
    assembled.close()


@pytest.fixture
def notebook(cast: Cast) -> Notebook:
    """Anahit's: an interviewer on Linden-4."""
    return Notebook(cast, cast.client("anahit"))


@pytest.fixture
def client(notebook: Notebook) -> Client:
    """What sends Anahit's files in pieces."""
    return Client(notebook.browser)


@pytest.fixture
def begun(notebook: Notebook) -> str:
    """The capsule of a form whose words have not been sent yet."""
    return notebook.open().capsule
