"""A real server, somebody who is signed in, and a file of ten mebibytes for other people's programs to send."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.store.uploads import uploads
from app.vault.fields import ASSET_FACTS
from app.vault.upload_rows import WHOLE
from tests.cast import Cast, assemble
from tests.faults.evidence import read_elsewhere
from tests.faults.servers import Gunicorn, cookie_of, running
from tests.intake.notebook import SHORT, Notebook, contents, file_bytes, receipt_on

MIB = 1 << 20
SIZE = 10 * MIB
NAME = "the mill, առավոտ.mp4"
MARKER = b"heron-at-the-mill"


@dataclass
class Place:
    """`file`: what is sent, with the marker in it again and again."""

    cast: Cast
    server: Gunicorn
    notebook: Notebook
    file: Path

    @property
    def cookie(self) -> str:
        return f"demo-session={cookie_of(self.notebook.browser)}"

    @property
    def content(self) -> bytes:
        return self.file.read_bytes()

    def capsule(self) -> str:
        """Of a new form."""
        return self.notebook.open().capsule

    def asset(self, capsule: str) -> UUID:
        """Of the one whole file that waits for the words of a form."""
        with self.cast.services.database.engine.connect() as connection:
            here = sa.select(uploads.c.asset).where(
                uploads.c.capsule == capsule.encode(), uploads.c.state == WHOLE
            )
            asset: UUID = connection.execute(here).scalar_one()
            return asset

    def require_sent(self, capsule: str) -> None:
        """All of it is there, once: the words that come later take it along, readers open it, and nothing lies in clear."""
        asset = self.asset(capsule)
        sheet = self.notebook.open().with_capsule(capsule)
        assert receipt_on(self.notebook.send(sheet, **SHORT))
        assert file_bytes(self.cast, asset) == self.content
        assert contents(self.cast, ASSET_FACTS, asset)[0]["name"] == NAME
        places = (self.cast.services.config.data_dir, self.server.folder)
        lying = (path for place in places for path in place.rglob("*") if path.is_file())
        assert [path for path in lying if MARKER in read_elsewhere(path)] == []


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("foreign")
    cast = assemble(folder / "data")
    file = folder / "sent" / NAME
    file.parent.mkdir()
    file.write_bytes(b"".join(MARKER + secrets.token_bytes(100_000) for _ in range(110))[:SIZE])
    with running(cast, folder / "server") as server:
        yield Place(cast, server, Notebook(cast, cast.client("anahit")), file)
    cast.close()
