"""The ceremony happens once and whole, and the process starts only with its own, certified keys."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.audit.headfile import HeadFile
from app.crypto.keys import RootKey, SigningSeed
from app.crypto.lock import Argon2Cost
from app.crypto.objects import Certificate, sign_object
from app.crypto.signing import public_of
from app.crypto.words import from_words
from app.domain.duties import Role
from app.domain.errors import Conflict, InvalidInput, Unusable
from app.domain.ids import new_id
from app.store import log as log_tables
from app.store import people as people_tables
from app.store import trust as tables
from app.store.blobs import BlobStore
from app.store.database import Database
from app.vault.founding import Founder, Founding
from app.vault.installation import Installation, load_installation
from app.vault.rootfile import RootFile
from app.vault.sessions import SessionStore
from tests.cast import Clock
from tests.databases import SqliteDatabases
from tests.vault.scene import Scene

operation_keys, certificates = tables.operation_keys, tables.certificates
ADMINISTRATOR, REVIEWER, INTERVIEWER = (
    frozenset({role}) for role in (Role.ADMINISTRATOR, Role.REVIEWER, Role.INTERVIEWER)
)


def founder(name: str, roles: frozenset[Role]) -> Founder:
    return Founder(name, name.title(), roles, "some words", b"seed")


@pytest.fixture
def ceremony(tmp_path: Path, sqlite_databases: SqliteDatabases) -> Founding:
    clock = Clock()
    return Founding(
        Database(sqlite_databases.migrated()),
        SessionStore(Database(sqlite_databases.migrated_sessions(), durable=False), new_id(), clock),
        BlobStore(tmp_path / "blobs"),
        tmp_path / "keys" / "root.key",
        HeadFile(tmp_path / "head"),
        clock,
        Argon2Cost(1, 64, 1),
        demo=True,
    )


BOTH = [founder("helga", ADMINISTRATOR), founder("ruben", REVIEWER)]


def load(ceremony: Founding) -> Installation:
    tx = ceremony.database.transaction()
    try:
        return load_installation(tx, RootFile.read(ceremony.root_path))
    finally:
        tx.release()


# Founding


def test_a_founding_shows_each_secret_once_and_keeps_none_of_them(ceremony: Founding) -> None:
    founded = ceremony.found(BOTH, trustees=0, threshold=0)
    assert founded.trustees == ()
    root = RootFile.read(ceremony.root_path)
    assert from_words(founded.root_words) == root.key.reveal()
    organisation = from_words(founded.organisation_words)
    assert organisation not in Path(str(ceremony.database.url.database)).read_bytes()
    assert organisation.hex() not in ceremony.root_path.read_text()
    assert root.key.reveal() not in Path(str(ceremony.database.url.database)).read_bytes()
    assert load(ceremony).id == founded.installation


@pytest.mark.parametrize(
    ("founders", "trustees", "threshold"),
    [
        (BOTH, 3, 1),
        (BOTH, 3, 4),
        ([BOTH[0]], 0, 0),
        ([BOTH[1]], 0, 0),
        ([], 0, 0),
        ([BOTH[0], founder("anahit", INTERVIEWER)], 0, 0),
    ],
)
def test_a_founding_that_could_not_work_leaves_nothing(
    ceremony: Founding, founders: list[Founder], trustees: int, threshold: int
) -> None:
    with pytest.raises(Unusable):
        ceremony.found(founders, trustees, threshold)
    assert not ceremony.root_path.exists()
    ceremony.found(BOTH, 3, 2)


def test_an_installation_is_founded_once(ceremony: Founding) -> None:
    ceremony.found(BOTH, 0, 0)
    key = ceremony.root_path.read_bytes()
    with pytest.raises(Unusable, match="already"):
        ceremony.found(BOTH, 0, 0)
    assert ceremony.root_path.read_bytes() == key


def test_another_installations_root_key_is_never_overwritten(ceremony: Founding) -> None:
    ceremony.root_path.parent.mkdir()
    ceremony.root_path.write_text("somebody's")
    with pytest.raises(Unusable, match="already"):
        ceremony.found(BOTH, 0, 0)
    assert ceremony.root_path.read_text() == "somebody's"


def test_a_founding_that_does_not_land_leaves_no_root_key(ceremony: Founding) -> None:
    same_names = [*BOTH, founder("ruben", REVIEWER)]
    with pytest.raises(Conflict):
        ceremony.found(same_names, 0, 0)
    assert not ceremony.root_path.exists()


# The root key's file


def test_the_file_is_readable_by_its_owner_alone(scene: Scene) -> None:
    path = scene.cast.services.config.root_key_file
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    with pytest.raises(Unusable, match="chmod 600"):
        RootFile.read(path)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="vouchsafe init"):
        RootFile.read(tmp_path / "none")
    with pytest.raises(Unusable, match="cannot be read"):
        RootFile.read(tmp_path)


Edit = Callable[[str], str]


@pytest.mark.parametrize(
    "edit",
    [
        lambda _text: "",
        lambda _text: "garbage",
        lambda text: text.replace("vouchsafe-root 1", "vouchsafe-root 2"),
        lambda text: text.replace("installation ", "installation x"),
        lambda text: "\n".join(line for line in text.splitlines() if "key-id" not in line),
        lambda text: text.replace("\nkey ", "\nkey 00"),
        lambda text: text.replace("\nanchor ", "\nanchor 00"),
        lambda text: text.replace("\nkey ", "\nkey zz"),
        lambda text: text.replace("vouchsafe", "vouchsäfe"),
    ],
)
def test_a_file_that_is_no_root_key_is_refused(scene: Scene, edit: Edit) -> None:
    path = scene.cast.services.config.root_key_file
    path.write_text(edit(path.read_text()))
    with pytest.raises(Unusable):
        RootFile.read(path)


def test_what_was_written_is_read_back_and_never_overwritten(tmp_path: Path) -> None:
    root = RootFile(new_id(), new_id(), RootKey.generate(), bytes(range(32)))
    root.write(tmp_path / "keys" / "root.key")
    assert RootFile.read(tmp_path / "keys" / "root.key") == root
    with pytest.raises(Unusable):
        root.write(tmp_path / "keys" / "root.key")


# Starting


def start(scene: Scene) -> Installation:
    with scene.reading(None) as uow:
        return load_installation(uow.tx, RootFile.read(scene.cast.services.config.root_key_file))


def test_a_database_without_an_installation_says_so(scene: Scene) -> None:
    scene.tamper(sa.delete(tables.installation))
    with pytest.raises(Unusable, match="no installation yet"):
        start(scene)


@pytest.mark.parametrize("column", ["id", "root_key"])
def test_another_installations_root_key_does_not_start(scene: Scene, column: str) -> None:
    scene.tamper(sa.update(tables.installation).values({column: new_id()}))
    with pytest.raises(Unusable, match="another installation"):
        start(scene)


def of(kind: str) -> sa.ColumnElement[bool]:
    return operation_keys.c.kind == kind


SPOILS: dict[str, Callable[[Scene], None]] = {
    "missing": lambda scene: scene.tamper(sa.delete(operation_keys).where(of("take-down-key"))),
    "emptied": lambda scene: scene.tamper(
        sa.update(operation_keys).where(of("server-key")).values(sealed=None)
    ),
    "swapped": lambda scene: scene.swap(operation_keys, "sealed", of("server-key"), of("take-down-key")),
    "public-half-altered": lambda scene: scene.flip(operation_keys, "public", of("release-key")),
    "certificate-altered": lambda scene: scene.flip(
        certificates, "signature", certificates.c.kind == "server-key"
    ),
    "certificate-garbage": lambda scene: scene.tamper(
        sa.update(certificates).where(certificates.c.kind == "release-key").values(object=b"garbage")
    ),
    "certificates-gone": lambda scene: scene.tamper(sa.delete(certificates)),
}


@pytest.mark.parametrize("spoil", SPOILS.values(), ids=SPOILS)
def test_without_every_key_certified_nothing_starts(scene: Scene, spoil: Callable[[Scene], None]) -> None:
    spoil(scene)
    with pytest.raises(Unusable, match="not certified"):
        start(scene)


def test_a_certificate_by_another_hand_certifies_no_key(scene: Scene) -> None:
    """Somebody with the database and the root key still has no release key: the anchor is offline."""
    mine, installation = SigningSeed.generate(), scene.cast.services.installation
    certificate = Certificate(kind="release-key", subject=public_of(mine), issued=1)
    row: dict[str, Any] = {
        "digest": certificate.digest(installation.id),
        "kind": certificate.kind,
        "subject": certificate.subject,
        "object": certificate.encode(),
        "signature": sign_object(mine, installation.id, certificate),
    }
    scene.tamper(sa.insert(certificates).values(row))
    assert start(scene).release_public == installation.release_public
    scene.tamper(sa.update(operation_keys).where(of("release-key")).values(public=certificate.subject))
    with pytest.raises(Unusable, match="not certified"):
        start(scene)


def test_the_first_line_of_the_log_is_the_founding(scene: Scene) -> None:
    entries = log_tables.entries
    first = scene.read(sa.select(entries.c.act).order_by(entries.c.sequence).limit(1))
    assert first[0].act == "installation.founded"
    assert scene.read(sa.select(people_tables.people))


def test_nobody_but_an_administrator_is_appointed(ceremony: Founding) -> None:
    ceremony.found(BOTH, trustees=0, threshold=0)
    with pytest.raises(InvalidInput, match="not-an-administrator"):
        ceremony.appoint(founder("lilit", REVIEWER))
