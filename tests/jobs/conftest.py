"""A small case with one file, and a worker's desk, on either database."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.store.jobs import jobs
from app.vault.jobs import JobStanding
from tests.cast import Cast, assemble
from tests.databases import PostgresServer
from tests.jobs.desk import Desk
from tests.vault.scene import Scene, adopt, copied, submit

CONTENT = b"what the lens saw at the mill " * 20_000


@dataclass
class Room:
    """`asset`: a file that nobody has had prepared yet."""

    cast: Cast
    asset: UUID

    @property
    def job(self) -> Any:
        """The only job there is, as its row says."""
        with self.cast.services.database.engine.connect() as connection:
            return connection.execute(sa.select(jobs)).one()

    def put(self, **values: Any) -> None:
        with self.cast.services.database.writing() as connection:
            connection.execute(sa.update(jobs).values(values))

    def standing(self) -> JobStanding:
        uow = self.cast.uow("lilit")
        try:
            return uow.vault.jobs.state(self.asset)
        finally:
            uow.end()

    def blobs(self) -> set[UUID]:
        return {blob for blob, _at in self.cast.services.blobs.finished()}


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Assembled once; each test works on a copy."""
    return _built(tmp_path_factory.mktemp("room"))


@pytest.fixture(scope="session")
def postgres_model(tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer) -> Scene:
    url = postgres_server.create("template1")
    return _built(tmp_path_factory.mktemp("room"), url)


def _built(folder: Path, url: str = "") -> Scene:
    cast = assemble(folder / "model", url, url)
    statement = submit(cast, "anahit", files=[CONTENT])
    adopt(cast)
    scene = Scene(cast, folder / "model", statement, statement)
    cast.close()
    return scene


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def room(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Room]:
    url = ""
    if request.param == "postgres":
        model: Scene = request.getfixturevalue("postgres_model")
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = server.create(str(model.cast.services.database.url.database))
    else:
        model = request.getfixturevalue("model")
    scene = copied(model, tmp_path / "room", url)
    yield Room(scene.cast, scene.asset)
    scene.cast.close()


@pytest.fixture
def desk(room: Room) -> Desk:
    return Desk(room.cast)
