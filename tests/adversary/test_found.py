"""Where a walk of the adversary once led further than it should: each way as a test of its own."""

import sqlite3

import pytest
import sqlalchemy as sa

from app.crypto.log import HeadMark
from app.domain.duties import Duty
from app.domain.errors import Forbidden, Frozen, VouchsafeError
from app.domain.ids import new_id
from app.store.people import vouches
from app.store.records import tips, versions
from app.store.trust import certificates, grants, rosters
from app.vault.fields import IDENTITY, LINE, PART
from app.vault.records import Broken
from app.vault.recovery import open_share
from app.vault.secrets import CASE
from tests.adversary.world import enrol_puppet
from tests.cast import agree_to_recovery
from tests.vault.scene import Scene, submit, vouch_row
from tests.vault.test_rosters import change


@pytest.mark.parametrize("name", ["ruben", "lilit", "anush", "davit"])
def test_an_administrator_whose_certificate_was_deleted_vouches_for_nobody(scene: Scene, name: str) -> None:
    """That an administrator is one is known by a row alone: who deletes it makes the vouch count, of a puppet too."""
    puppet, helga = enrol_puppet(scene.cast, "puppet"), scene.cast.people["helga"]
    with scene.cast.acting(
        name
    ) as uow:  # as everybody does who opens a case: the charter's signer is proved, and known
        uow.vault.trust.charter(scene.case)
    scene.tamper(
        sa.delete(certificates).where(certificates.c.subject == helga.card),
        sa.insert(vouches).values(vouch_row(scene.cast, helga, puppet.card)),
    )
    with scene.reading(name) as uow:
        assert not uow.vault.trust.is_vouched(puppet.card)


def test_who_was_removed_reads_nothing_that_is_sent_after_the_newer_roster_was_deleted(scene: Scene) -> None:
    """An interviewer who has not seen the newer roster yet: the log tells of it, and nobody asks the log."""
    selma = grants.c.member_card == scene.cast.people["selma"].card
    kept = scene.read(sa.select(grants).where(selma))
    change(scene, "selma")
    scene.tamper(
        sa.delete(rosters).where(rosters.c.case == scene.case, rosters.c.number == 2),
        *(sa.insert(grants).values(each._mapping) for each in kept),
    )
    with scene.reading("selma") as uow, pytest.raises(VouchsafeError):
        statement = submit(scene.cast, "anahit", "said after she was gone")
        uow.vault.records.open(PART, scene.case, statement)


def test_an_administrator_leads_no_case(scene: Scene) -> None:
    """The screens offer reviewers only; the vault takes an administrator's own card for a charter."""
    case, helga = new_id(), scene.cast.people["helga"].card
    with scene.reading("helga") as uow, pytest.raises(VouchsafeError):
        uow.vault.casework.charter(case, "Birch-2", helga)


def test_an_administrator_is_given_no_secret(scene: Scene) -> None:
    """Nor does the vault refuse a lead who was led to put one on the roster."""
    with pytest.raises(VouchsafeError):
        change(scene, helga=frozenset({Duty.READER}))


def test_a_custodian_who_stays_as_a_lead_loses_the_names_all_the_same(scene: Scene) -> None:
    change(scene, anush=frozenset({Duty.LEAD}))
    with scene.reading("anush") as uow, pytest.raises(Forbidden):
        uow.vault.records.open(IDENTITY, scene.case, scene.statement)


def test_nothing_is_recovered_in_a_database_that_was_put_back(scene: Scene) -> None:
    """Opening stops there until an operator has accepted the restore; combining shares does not."""
    agree_to_recovery(scene.cast, CASE, "ruben")
    receiver = scene.cast.people["ruben"].card
    for sheet in scene.cast.founded.trustees[:2]:
        uow = scene.cast.uow()
        open_share(
            uow.tx, uow.installation, uow.audit, uow.clock, (scene.case, CASE, 1), sheet.words, receiver
        )
        uow.commit()
        uow.end()
    scene.cast.services.head_file.write(HeadMark(1, 100_000, bytes(32)))
    with scene.reading("ruben") as uow:
        with pytest.raises(Frozen):
            uow.vault.secrets.current(scene.case)
        with pytest.raises(Frozen):
            uow.vault.recovery.combine((scene.case, CASE, 1))


@pytest.mark.parametrize(("table", "column"), [(versions, "case"), (tips, "mac")])
def test_one_value_of_a_kind_that_no_column_has_never_blocks_the_rest(
    scene: Scene, table: sa.Table, column: str
) -> None:
    """A column of SQLite holds anything: a text where bytes or an id belong is no `Tampered`, and the list is gone."""
    with scene.cast.acting("lilit") as uow:
        uow.vault.records.seal(LINE, scene.case, scene.waiting, b"{}", expected=0)
    with sqlite3.connect(scene.folder / "vouchsafe.db") as raw:
        written = f'UPDATE "{table.name}" SET "{column}" = ? WHERE record = ? AND field = ?'
        raw.execute(written, ("nonsense", scene.statement.hex, LINE.path))
    raw.close()
    with scene.reading("lilit") as uow:
        lines = uow.vault.records.lines(scene.case, [scene.statement, scene.waiting])
    assert lines[scene.waiting] == b"{}"
    assert isinstance(lines[scene.statement], Broken)


def test_a_lead_who_leaves_locks_nobody_out(scene: Scene) -> None:
    """Nobody tampers: the grants of the new epoch are signed under a roster in which the one who signs leads no more."""
    change(scene, lilit=frozenset({Duty.LEAD}))
    change(scene, "ruben", lilit=frozenset({Duty.LEAD}))
    for name in ("lilit", "selma"):
        assert scene.transcript(name)
