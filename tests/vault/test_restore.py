"""A restored database opens nothing until an operator accepts it; then leads alone, until they sign who may open."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.audit.log import LogKeys
from app.audit.verify import verify_log
from app.crypto.log import ZERO, HeadMark
from app.domain.duties import Duty
from app.domain.errors import Frozen, Tampered, Unusable
from app.store import log as tables
from app.vault.casework import CASE_ZERO
from app.vault.restore import accept_restore
from app.vault.secrets import RELEASE
from tests.vault.scene import Scene, copied
from tests.vault.test_rosters import change


@pytest.fixture
def restored(model: Scene, tmp_path: Path) -> Iterator[Scene]:
    """Selma was removed after the backup was taken; the backup is put back, the server's head file stays."""
    scene = copied(model, tmp_path / "first")
    change(scene, "selma")
    scene.cast.services.head_file.write(head(scene))
    scene.cast.close()
    shutil.copytree(tmp_path / "first" / "keys", tmp_path / "kept")
    back = copied(model, tmp_path / "restored")
    shutil.copy(tmp_path / "kept" / "head", back.cast.services.config.head_file)
    yield back
    back.cast.close()


def head(scene: Scene) -> HeadMark:
    row = scene.read(sa.select(tables.heads))[0]
    return HeadMark(row.era, row.sequence, row.chain)


def accept(scene: Scene) -> tuple[HeadMark, HeadMark | None]:
    services = scene.cast.services
    tx = services.database.transaction()
    try:
        return accept_restore(tx, services.installation, services.head_file, services.clock)
    finally:
        tx.release()


def log_keys(scene: Scene) -> LogKeys:
    return scene.cast.services.installation.log_keys


def test_a_database_put_back_in_time_opens_nothing(restored: Scene) -> None:
    for name in ("ruben", "selma"):
        with pytest.raises(Frozen, match="head-behind"):
            restored.transcript(name)


def test_accepting_begins_a_new_era_and_logs_both_heads(restored: Scene) -> None:
    before = head(restored)
    found, known = accept(restored)
    assert (found, known) == (
        before,
        HeadMark(1, known.sequence if known else 0, known.chain if known else b""),
    )
    assert head(restored).era == 2
    assert restored.cast.services.head_file.read() == head(restored)
    with restored.reading(None) as uow:
        assert verify_log(uow.tx, log_keys(restored), head(restored)).fault == ""
    entries = tables.entries
    last = restored.read(sa.select(entries).order_by(entries.c.sequence.desc()).limit(1))[0]
    assert (last.act, last.era) == ("restore.accepted", 2)
    assert f"{before.era}/{before.sequence}" in last.note


def test_in_the_new_era_only_leads_open_until_one_signs_the_roster(restored: Scene) -> None:
    accept(restored)
    assert restored.transcript("ruben") == b"lights, then silence 3"
    for name in ("lilit", "selma"):
        with pytest.raises(Frozen, match="new-era") as caught:
            restored.transcript(name)
        assert caught.value.case == restored.case
    change(restored, "selma")
    assert restored.transcript("lilit") == b"lights, then silence 3"
    with pytest.raises(Exception, match="no-grant"):
        restored.transcript("selma")


def test_whoever_saw_a_later_head_before_the_restore_goes_on_in_the_new_era(restored: Scene) -> None:
    later = restored.cast.uow("ruben")
    later.vault.book.learn_head(HeadMark(1, 10_000, bytes(32)))
    later.commit()
    later.end()
    accept(restored)
    assert restored.transcript("ruben") == b"lights, then silence 3"


def test_where_nothing_was_restored_there_is_nothing_to_accept(scene: Scene) -> None:
    with pytest.raises(Unusable, match="nothing to accept"):
        accept(scene)
    scene.cast.services.head_file.path.unlink()
    with pytest.raises(Unusable, match="nothing to accept"):
        accept(scene)
    scene.cast.services.head_file.write(HeadMark(1, 0, ZERO))
    with pytest.raises(Unusable, match="nothing to accept"):
        accept(scene)


def test_a_database_that_took_another_turn_is_accepted_too(scene: Scene) -> None:
    mark = head(scene)
    scene.cast.services.head_file.write(HeadMark(1, mark.sequence - 1, bytes(32)))
    with pytest.raises(Frozen, match="head-forked"):
        scene.transcript()
    accept(scene)
    assert scene.transcript("ruben")


def test_a_head_that_is_not_ours_is_not_accepted(restored: Scene) -> None:
    restored.flip(tables.heads, "signature")
    with pytest.raises(Tampered, match="head-signature"):
        accept(restored)
    restored.tamper(sa.delete(tables.heads))
    with pytest.raises(Unusable, match="no log head"):
        accept(restored)


def test_the_new_era_holds_for_the_release_key_as_well(restored: Scene) -> None:
    accept(restored)
    with restored.reading("mark") as uow, pytest.raises(Frozen, match="new-era"):
        uow.vault.secrets.current(CASE_ZERO, RELEASE)
    with restored.cast.acting("ruben") as uow:
        held = {
            restored.cast.people["ruben"].card: frozenset({Duty.LEAD}),
            restored.cast.people["mark"].card: frozenset({Duty.PUBLISHER}),
        }
        uow.vault.casework.change_publishers(held)
    with restored.reading("mark") as uow:
        assert uow.vault.secrets.current(CASE_ZERO, RELEASE)
