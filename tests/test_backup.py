"""A backup taken, somebody removed since, the backup put back: intake goes on, nobody opens, then leads alone."""

import json
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from app.services import Services
from tests.cast import LINDEN, Browser, Cast, assemble
from tests.databases import Databases, NoPostgresError, binaries_of_postgres
from tests.faults.servers import Gunicorn, running, statement
from tests.intake.notebook import Notebook, stored
from tests.operator import Command
from tests.statements import send
from tests.transcription.scenes import take_over

ACCOUNT = "The grey heron stood in the road"


@pytest.fixture
def cast(tmp_path: Path) -> Iterator[Cast]:
    assembled = assemble(tmp_path / "data")
    yield assembled
    assembled.close()


def without_selma(cast: Cast) -> None:
    held = {cast.people[name].card: duties for name, duties in LINDEN.items() if name != "selma"}
    with cast.acting("ruben") as uow:
        uow.vault.casework.change_roster(cast.case, uow.vault.trust.roster(cast.case).digest, held)


def test_a_restore_lets_nobody_in_again_by_itself(cast: Cast, vouchsafe: Command, tmp_path: Path):
    statement, _same = send(cast, cast.case, "Before the backup.")
    data, kept = tmp_path / "data", tmp_path / "kept"
    assert vouchsafe(data, "backup", str(kept)).code == 0
    assert cast.client("selma").get(f"/cases/{cast.case}").status_code == 200
    without_selma(cast)
    cast.services.close()

    keys, fresh = tmp_path / "keys", tmp_path / "fresh"
    shutil.copytree(data / "keys", keys)
    shutil.rmtree(data)
    apart = {"ROOT_KEY_FILE": str(keys / "root.key"), "HEAD_FILE": str(keys / "head")}
    said = vouchsafe(fresh, "restore", str(kept), **apart)
    assert (said.code, "accept-restore" in said.line) == (0, True)

    back = served(cast, fresh, keys)
    for name in ("lilit", "selma", "ruben"):
        answer = back.client(name).get(f"/cases/{cast.case}")
        assert answer.status_code in {409, 503}, (name, answer.status_code)
    assert back.client("anahit").get(f"/notebook/cases/{cast.case}/form").status_code == 200
    assert send(back, cast.case, "After the restore.")[0] != statement

    assert vouchsafe(fresh, "audit", "accept-restore", **apart).code == 0
    again = served(cast, fresh, keys)
    for name in ("lilit", "selma"):
        browser = again.client(name)
        assert browser.get(f"/cases/{cast.case}").status_code in {403, 409, 503}
        assert [browser.get(path).status_code for path in ("/desk", "/cases", "/stories")] == [200] * 3, name
    ruben, page = again.client("ruben"), f"/cases/{cast.case}/people/change"
    shown = ruben.get(page).get_data(as_text=True)
    assert "Is this still who can open it?" in shown
    expected = re.search(r'name="expected"[^>]*value="([0-9a-f]{64})"', shown)
    assert expected is not None
    ticked = [
        f"{cast.people[name].card.hex()}:{duty.value}"
        for name, duties in LINDEN.items()
        for duty in duties
        if name != "selma"
    ]
    answer = ruben.post(page, {"expected": expected[1], "duty": ticked}, token_from=page)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    assert again.client("lilit").get(f"/cases/{cast.case}").status_code == 200
    assert again.client("selma").get(f"/cases/{cast.case}").status_code == 404
    assert vouchsafe(fresh, "audit", "verify", **apart).code == 0


def served(cast: Cast, folder: Path, keys: Path) -> Cast:
    """The same people at the restored installation."""
    config = replace(
        cast.services.config,
        data_dir=folder,
        database_url=f"sqlite:///{folder / 'vouchsafe.db'}",
        sessions_url=f"sqlite:///{folder / 'sessions.db'}",
        root_key_file=keys / "root.key",
        head_file=keys / "head",
        public_dir=folder / "public",
    )
    return replace(cast, services=Services.start(config, cast.clock), _app=None)


def test_a_backup_that_was_touched_or_a_place_that_is_taken_is_refused(
    cast: Cast, vouchsafe: Command, tmp_path: Path
):
    data, kept = tmp_path / "data", tmp_path / "kept"
    assert vouchsafe(data, "backup", str(kept)).code == 0
    assert vouchsafe(data, "backup", str(kept)).code == 2
    assert vouchsafe(data, "restore", str(kept)).code == 2
    (kept / "vouchsafe.db").write_bytes(b"another database")
    said = vouchsafe(tmp_path / "fresh", "restore", str(kept))
    assert (said.code, "changed" in said.line + said.error) == (2, True)


# End to end: real servers, the real command, both kinds of database


@dataclass(frozen=True)
class Place:
    """Where an installation lies: its people as they sign in there, and the settings that the command needs for it."""

    cast: Cast
    settings: dict[str, str]

    @property
    def folder(self) -> Path:
        return self.cast.services.config.data_dir


def place_of(cast: Cast) -> Place:
    config = cast.services.config
    settings = {
        "DATABASE_URL": config.database_url,
        "SESSIONS_URL": config.sessions_url,
        "ROOT_KEY_FILE": str(config.root_key_file),
        "HEAD_FILE": str(config.head_file),
        "PUBLIC_DIR": str(config.public_dir),
    }
    return Place(cast, settings)


@pytest.fixture
def home(databases: Databases, tmp_path: Path) -> Iterator[Place]:
    """Keys and head file lie apart from the data, as they must outside a demonstration."""
    assembled = assemble(tmp_path / "data", databases.migrated(), databases.migrated_sessions())
    (tmp_path / "data" / "keys").rename(tmp_path / "keys")
    config = assembled.services.config
    config = replace(
        config, root_key_file=tmp_path / "keys" / "root.key", head_file=tmp_path / "keys" / "head"
    )
    assembled.services.close()
    yield place_of(replace(assembled, services=Services.start(config, assembled.clock)))
    assembled.close()


def empty_place(home: Place, databases: Databases, folder: Path) -> Place:
    """A new disk and a new database, with the keys and the head file of before."""
    url = databases.empty()
    sessions = databases.empty() if url.startswith("sqlite") else url
    config = replace(
        home.cast.services.config,
        data_dir=folder,
        database_url=url,
        sessions_url=sessions,
        public_dir=folder / "public",
    )
    home.cast.close()
    services = replace(home.cast.services, config=config)
    return place_of(replace(home.cast, services=services, _app=None))


def started(place: Place) -> Place:
    """The people of a place whose database is there now."""
    services = Services.start(place.cast.services.config, place.cast.clock)
    return replace(place, cast=replace(place.cast, services=services, _app=None))


def programs() -> tuple[str, ...]:
    """For the command: PostgreSQL's own, of the server that the tests start."""
    try:
        return "--pg-bin", str(binaries_of_postgres())
    except NoPostgresError:
        return ()


def answers(server: Gunicorn, browsers: dict[str, Browser], path: str) -> dict[str, int]:
    return {name: server.get(path, browser)[0] for name, browser in browsers.items()}


@pytest.mark.slow
def test_last_weeks_backup_under_a_server_that_was_at_work(
    home: Place, databases: Databases, vouchsafe: Command, tmp_path: Path
):
    cast, kept = home.cast, tmp_path / "kept"
    notebook = Notebook(cast, cast.client("anahit"))
    posts = [statement(notebook, f"Bird {number}", f"{ACCOUNT} {number}") for number in range(12)]
    with running(cast, tmp_path / "server", 1, **home.settings) as server:
        assert [server.send(post)[0] for post in posts[:4]] == [200] * 4
        with ThreadPoolExecutor(1) as pool:
            meanwhile = pool.submit(lambda: [server.send(post)[0] for post in posts[4:8]])
            assert vouchsafe(home.folder, "backup", str(kept), *programs(), **home.settings).code == 0
        assert meanwhile.result() == [200] * 4
        take_over(cast)
        without_selma(cast)
        assert [server.send(post)[0] for post in posts[8:]] == [200] * 4
        assert server.stop() == 0
    assert len(stored(cast)) == 12
    assert ACCOUNT.encode() not in b"".join(path.read_bytes() for path in kept.rglob("*") if path.is_file())

    place = empty_place(home, databases, tmp_path / "fresh")
    command = partial(vouchsafe, place.folder, **place.settings)
    said = command("restore", str(kept), *programs())
    assert (said.code, "accept-restore" in said.line) == (0, True), said
    place = started(place)
    assert 4 <= len(stored(place.cast)) <= 8
    a_statement = f"/statements/{min(stored(place.cast), key=lambda row: row.arrival).id}"
    with running(place.cast, tmp_path / "restored", 1, **place.settings) as server:
        people = {name: place.cast.client(name) for name in ("ruben", "lilit", "selma")}
        assert set(answers(server, people, a_statement).values()) == {503}
        assert "Opening is stopped" in server.get(a_statement, people["ruben"])[1]
        behind = command("audit", "verify", "--json")
        assert (behind.code, json.loads(behind.line)["fault"]) == (1, "behind-head-file")
        assert command("doctor").code == 1

        accepted = command("audit", "accept-restore")
        assert (accepted.code, accepted.line.startswith("A new era begins.")) == (0, True)
        with place.cast.acting("ruben") as uow:
            uow.vault.submissions.adopt(place.cast.case, 500)
        status, page = server.get(a_statement, people["ruben"])
        assert (status, ACCOUNT in page) == (200, True)
        for name in ("lilit", "selma"):
            pages = [server.get(path, people[name]) for path in (a_statement, f"/cases/{cast.case}")]
            assert {status for status, _page in pages} <= {403, 409, 503}, name
            assert not any(ACCOUNT in page for _status, page in pages)

        without_selma(place.cast)
        assert answers(server, people, a_statement) == {"ruben": 200, "lilit": 200, "selma": 404}
        assert command("audit", "verify").code == 0
        assert command("doctor").code == 0
        assert command("audit", "accept-restore").code == 2
    place.cast.close()
