"""Backups: the database and the sealed files as they lie, with a list of digests; no key, no session, nothing in clear."""

import hashlib
import json
import logging
import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.domain.errors import Unavailable, Unusable
from app.store.blobs import GROWING, HOLDER, PART, BlobStore
from app.store.database import Database
from app.store.migrate import SESSIONS

log = logging.getLogger("vouchsafe")

FORMAT: Final = "vouchsafe-backup/1"
LIST: Final = "backup.json"
SQLITE: Final = "vouchsafe.db"
POSTGRES: Final = "vouchsafe.pgdump"
BLOBS: Final = "blobs"
PIECE: Final = 1 << 20


@dataclass(frozen=True)
class Backup:
    """What was kept, in numbers: sealed files, and bytes in all."""

    files: int
    size: int


def back_up(
    database: Database, blobs: BlobStore, target: Path, at: int, programs: Path | None = None
) -> Backup:
    """Write a backup into a new folder: the database first, for every row's file was there before the row.

    `programs`: folder of PostgreSQL's own `pg_dump`, which must be of the server's version or newer.

    Raises:
        Unusable: the folder is there already and holds something; there is no `pg_dump`.
        Unavailable: the database or a disk does not answer; what was written is no backup, for it has no list.
    """
    with _storage():
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(target.iterdir()):
            raise Unusable(f"{target} is not empty. Name a folder that is new.")
        kept = {SQLITE if database.is_sqlite else POSTGRES: _database_into(database, target, programs)}
        kept |= _blobs_into(blobs, target)
        _write_list(target, {"format": FORMAT, "at": at, "files": kept})
    return Backup(len(kept) - 1, sum(size for size, _digest in kept.values()))


def check(source: Path) -> Backup:
    """Read a backup through.

    Raises:
        Unusable: a file of its list is missing, or is not what was written.
    """
    files = _read_list(source)
    for name, (size, digest) in files.items():
        path = source / name
        if not path.is_file() or path.stat().st_size != size or _digest_of(path) != digest:
            raise Unusable(f"{name} of this backup is missing or was changed. Take another backup.")
    return Backup(len(files) - 1, sum(size for size, _digest in files.values()))


def restore(source: Path, database: Database, blobs: BlobStore, programs: Path | None = None) -> Backup:
    """Put a backup that was read through in the place of nothing: an empty database and an empty folder of files.

    What fails leaves the place as empty as it was, so that it can be done again.

    Raises:
        Unusable: the backup is not whole, is of the other kind of database, or something is there already; there is no
            `pg_restore`.
        Unavailable: the database or a disk does not answer.
    """
    checked = check(source)
    dump = source / (SQLITE if database.is_sqlite else POSTGRES)
    if not dump.exists():
        raise Unusable("This backup is of the other kind of database. Set DATABASE_URL as it was then.")
    with _storage(), ExitStack() as undo:
        if _kept(blobs) or _holds_tables(database):
            raise Unusable(
                "There is an installation here already. Restore into an empty DATA_DIR and database."
            )
        for file in _kept(BlobStore(source / BLOBS)):
            copy = blobs.root / file.parent.name / file.name
            undo.callback(copy.unlink, missing_ok=True)
            _copy(file, copy)
        _database_from(database, dump, programs)
        undo.pop_all()
    return checked


def _kept(blobs: BlobStore) -> list[Path]:
    """Blobs, whole or coming in. A fence tells which of the requests of this moment may write: it goes with them."""
    return sorted(path for path in blobs.root.glob("*/*") if path.suffix not in {PART, HOLDER})


# The database


def _database_into(database: Database, target: Path, programs: Path | None) -> tuple[int, str]:
    if database.is_sqlite:
        path = target / SQLITE
        with database.engine.connect() as connection:
            plain = connection.execution_options(isolation_level="AUTOCOMMIT")
            plain.exec_driver_sql("COMMIT")  # VACUUM runs outside a transaction
            plain.exec_driver_sql("VACUUM INTO ?", (str(path),))
            plain.exec_driver_sql("BEGIN")
    else:
        path = target / POSTGRES
        sessions = [f"--exclude-table={name}" for name in (*SESSIONS.metadata.tables, SESSIONS.version_table)]
        _run(_program("pg_dump", programs), database, "--format=custom", f"--file={path}", *sessions)
    path.chmod(0o600)
    _sync(path)
    return path.stat().st_size, _digest_of(path)


def _database_from(database: Database, dump: Path, programs: Path | None) -> None:
    if not database.is_sqlite:
        _run(
            _program("pg_restore", programs),
            database,
            "--no-owner",
            "--exit-on-error",
            "--single-transaction",
            str(dump),
        )
        return
    name = database.url.database
    if name is None:
        raise Unusable("A database in memory cannot be restored into.")
    database.close()
    for left in (f"{name}-wal", f"{name}-shm"):
        Path(left).unlink(missing_ok=True)
    part = Path(f"{name}{PART}")
    _copy(dump, part)
    part.replace(name)


def _holds_tables(database: Database) -> bool:
    with database.engine.connect() as connection:
        names = sa.inspect(connection).get_table_names()
    return bool(set(names) - {*SESSIONS.metadata.tables, SESSIONS.version_table})


def _run(program: str, database: Database, *arguments: str) -> None:
    """The password goes by the environment: a command line is for everybody on the machine to read."""
    url = database.url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    secret = {"PGPASSWORD": database.url.password} if database.url.password else {}
    command = [program, f"--dbname={url}", *arguments]
    try:
        subprocess.run(command, env={**os.environ, **secret}, check=True, capture_output=True)  # noqa: S603  # fixed programs
    except FileNotFoundError as error:
        raise Unusable(
            f"There is no {program} here. Install PostgreSQL's own programs, of the server's version or newer, "
            "or name their folder with --pg-bin. Nothing was changed."
        ) from error
    except (OSError, subprocess.CalledProcessError) as error:
        log.warning("%s: %s", program, getattr(error, "stderr", b"").decode(errors="replace").strip())
        raise Unavailable(Path(program).name) from error


def _program(name: str, folder: Path | None) -> str:
    return str(folder / name) if folder else name


# Files


def _blobs_into(blobs: BlobStore, target: Path) -> dict[str, tuple[int, str]]:
    """Looked through twice: a blob that gets its name while a folder is read can be missed under both."""
    kept = {}
    for listed in sorted({*_kept(blobs), *_kept(blobs)}):
        source = _standing(listed)
        if source is not None:
            with source:
                name = f"{BLOBS}/{listed.parent.name}/{Path(source.name).name}"
                kept[name] = _write(source, target / name)
    return kept


def _standing(listed: Path) -> BinaryIO | None:
    """What was finished since it was listed has its name by now; what was given up is nowhere."""
    for path in (listed, listed.with_name(listed.name.removesuffix(GROWING))):
        with suppress(FileNotFoundError):
            return path.open("rb")
    return None


def _copy(source: Path, target: Path) -> tuple[int, str]:
    with source.open("rb") as read:
        return _write(read, target)


def _write(source: BinaryIO, target: Path) -> tuple[int, str]:
    """Through one buffer, durable when this returns; size and digest of what was written."""
    for folder in (target.parent.parent, target.parent):  # `parents=True` would leave those above readable
        folder.mkdir(mode=0o700, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as written:
        while piece := source.read(PIECE):
            digest.update(piece)
            written.write(piece)
            size += len(piece)
        written.flush()
        os.fsync(written.fileno())
    return size, digest.hexdigest()


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_list(target: Path, content: object) -> None:
    path = target / LIST
    path.write_text(json.dumps(content, indent=1, sort_keys=True))
    path.chmod(0o600)
    _sync(path)
    _sync(target)


def _read_list(source: Path) -> dict[str, tuple[int, str]]:
    try:
        content = json.loads((source / LIST).read_text())
        made_as = content["format"]
        files = {str(name): (int(size), str(digest)) for name, (size, digest) in content["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unusable(f"{source} is no finished backup: its list is missing or cannot be read.") from error
    if made_as != FORMAT:
        raise Unusable("This backup was made by another version. Restore it with that one, then upgrade.")
    if any(Path(name).is_absolute() or ".." in Path(name).parts for name in files):
        raise Unusable("The list of this backup names files outside of it.")
    return files


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _storage() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable("storage") from error
    except DBAPIError as error:
        raise Unavailable("database") from error
