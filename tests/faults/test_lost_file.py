"""SQLite's file is locked by somebody, or moved under a running server, and comes back: nobody's words are lost."""

from contextlib import closing
from pathlib import Path

import pytest

from app.store.database import Database
from tests.cast import Cast
from tests.faults.servers import running, statement
from tests.intake.notebook import Notebook, stored

pytestmark = pytest.mark.slow


def test_locked_in_the_middle_of_a_statement_and_let_go(cast: Cast, tmp_path: Path):
    browser = cast.client("anahit")
    post = statement(Notebook(cast, browser), "Bittern", "They took her papers at the bridge.")
    with running(cast, tmp_path / "server") as server:
        with closing(Database(cast.services.config.database_url)) as other, other.writing():
            status, page = server.send(post)
            assert status == 503, server.log.read_text()
            assert "What was sealed before is safe" in page or "They took her papers at the bridge." in page
            assert server.get("/notebook", browser)[0] == 200  # reading goes on
        assert stored(cast) == []
        assert server.send(post)[0] == 200
        assert "Traceback" not in server.log.read_text()
    assert len(stored(cast)) == 1


def test_moved_away_and_put_back_under_a_running_server(cast: Cast, tmp_path: Path):
    browser = cast.client("anahit")
    first, second, third = (
        statement(Notebook(cast, browser), name) for name in ("Bittern", "Crane", "Dunlin")
    )
    data, away = cast.services.config.data_dir, tmp_path / "away"
    away.mkdir()
    cast.services.database.close()
    with running(cast, tmp_path / "server") as server:
        assert server.send(first)[0] == 200
        move(data, away)
        assert server.send(second)[0] == 200  # it holds the file itself, whatever its name
        move(away, data)
        assert server.send(third)[0] == 200
        assert "Traceback" not in server.log.read_text()
    assert len(stored(cast)) == 3


def move(source: Path, target: Path) -> None:
    for path in source.glob("vouchsafe.db*"):
        path.rename(target / path.name)
