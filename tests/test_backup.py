"""A backup taken, somebody removed since, the backup put back: intake goes on, nobody opens, then leads alone."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.services import Services
from tests.cast import LINDEN, Cast, assemble
from tests.operator import Command
from tests.statements import send


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
