"""The database goes away and comes back: who was sending keeps their words, and nothing needs a restart."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store.people import people
from tests.cast import Cast, assemble
from tests.databases import (
    NoPostgresError,
    PostgresDatabases,
    PostgresServer,
    _spawn,
    _unprivileged_user,
    binaries_of_postgres,
)
from tests.faults.servers import eventually, running, statement
from tests.intake.notebook import Notebook, blobs, stored
from tests.intake.server import Server

pytestmark = [pytest.mark.slow, pytest.mark.postgres]


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    """Nobody else's: it is stopped and started again."""
    try:
        server = PostgresServer.start()
    except NoPostgresError as error:
        pytest.skip(str(error))
    yield server
    server.stop()


@pytest.fixture
def troupe(own_server: PostgresServer, tmp_path: Path) -> Iterator[Cast]:
    url = PostgresDatabases(own_server).migrated()
    assembled = assemble(tmp_path / "data", url, url)
    yield assembled
    assembled.close()


def go_away(server: PostgresServer) -> None:
    server.process.send_signal(signal.SIGINT)
    server.process.wait(60)


def come_back(server: PostgresServer) -> None:
    server.process = _spawn(binaries_of_postgres(), server.folder, _unprivileged_user())
    server.wait()


def test_a_snapshot_that_is_lost_with_the_database_is_let_go_in_silence(
    troupe: Cast, own_server: PostgresServer
):
    tx = troupe.services.database.transaction()
    tx.first(people.select())
    with PostgresDatabases(own_server).unwritable(troupe.services.database):
        tx.release()


def test_gone_in_the_middle_of_a_statement_and_back(troupe: Cast, own_server: PostgresServer, tmp_path: Path):
    browser = troupe.client("anahit")
    tape = {"files": ("tape.ogg", b"OggS" + bytes(3_000_000))}
    post = statement(Notebook(troupe, browser), "Bittern", "They took her papers at the bridge.", files=tape)
    with running(troupe, tmp_path / "server", SWEEP_SECONDS="0.1") as server:
        assert server.get("/notebook", browser)[0] == 200
        line = Server(server.port).line()
        line.send(post.head + post.body[: len(post.body) // 2])
        eventually(lambda: bool(blobs(troupe)))  # its file is being sealed
        go_away(own_server)
        line.send(post.body[len(post.body) // 2 :])
        status, page = line.answer()
        line.close()
        assert status == 503, server.log.read_text()
        assert "What was sealed before is safe" in page or "They took her papers at the bridge." in page

        status, page = server.get("/notebook", browser)
        assert status == 503
        assert "try again in a minute" in page
        assert server.get("/weather")[0] == 200

        come_back(own_server)
        eventually(lambda: server.get("/notebook", browser)[0] == 200)  # the session has outlived it, too
        assert server.send(post)[0] == 200
        assert "Traceback" not in server.log.read_text()

        before = server.children()
        browser.post("/sign-out")
        eventually(lambda: server.children().isdisjoint(before))  # nor has the sweeper died of it
    assert len(stored(troupe)) == 1
