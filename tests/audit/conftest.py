"""A founded log, on both kinds of database."""

from pathlib import Path

import pytest

from app.audit.headfile import HeadFile
from app.store.database import Database
from tests.audit.logbook import Logbook, new_keys


@pytest.fixture
def logbook(database: Database, tmp_path: Path) -> Logbook:
    book = Logbook(database, new_keys(), HeadFile(tmp_path / "head"))
    book.found()
    return book
