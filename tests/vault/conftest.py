"""One scene is assembled for all tests; each test works on a copy of its files."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import PostgresDatabases
from tests.vault.scene import Scene, build, copied


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    scene = build(tmp_path_factory.mktemp("scene") / "model")
    scene.cast.close()
    return scene


@pytest.fixture
def scene(model: Scene, tmp_path: Path) -> Iterator[Scene]:
    copy = copied(model, tmp_path / "scene")
    yield copy
    copy.cast.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def scene_on_both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    """The scene on SQLite, then on PostgreSQL: for what two requests do at once."""
    if request.param == "sqlite":
        yield request.getfixturevalue("scene")
        return
    databases: PostgresDatabases = request.getfixturevalue("postgres_databases")
    url = databases.empty()
    built = build(tmp_path / "postgres", url, url)
    yield built
    built.cast.close()
