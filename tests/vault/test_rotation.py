"""Taking over what arrived, and changing the locks when somebody leaves: nobody waits, nothing is lost, nothing is left open."""

from typing import Any

import pytest
import sqlalchemy as sa

from app.crypto.objects import Roster
from app.domain.duties import Duty
from app.domain.errors import Conflict, Forbidden, Tampered
from app.store import keys as key_tables
from app.store import trust as trust_tables
from app.vault.fields import CASE_SETTINGS, IDENTITY, LINE, NOTES, PART, TRANSCRIPT
from app.vault.records import ADOPTED, INTAKE
from app.vault.secrets import CASE
from tests.vault.scene import ACCOUNT, NAME, Scene, adopt, form, seal_part, submit
from tests.vault.test_rosters import change

keys, links, intake_keys, grants = (
    key_tables.record_keys,
    key_tables.epoch_links,
    key_tables.intake_keys,
    trust_tables.grants,
)
READERS = ("ruben", "anush", "lilit", "selma", "irina", "nadim")


def newest(scene: Scene) -> Roster:
    with scene.reading("ruben") as uow:
        return uow.vault.trust.roster(scene.case).roster


def of_statement(scene: Scene, statement: Any, *fields: Any) -> None:
    """Everybody who reads opens it."""
    for name in READERS:
        with scene.reading(name) as uow:
            for field in fields:
                assert uow.vault.records.open(field, scene.case, statement).content


def rewrap(scene: Scene, limit: int = 500, name: str = "ruben") -> int:
    with scene.cast.acting(name) as uow:
        return uow.vault.casework.rewrap(scene.case, limit)


def waiting_keys(scene: Scene) -> int:
    return len(scene.read(sa.select(keys).where(keys.c.state == INTAKE, keys.c.kind == CASE)))


# Taking over


def test_a_reader_takes_over_what_waits_and_a_custodian_the_names(scene: Scene) -> None:
    adopt(scene.cast)
    assert scene.read(sa.select(keys).where(keys.c.state == INTAKE)) == []
    of_statement(scene, scene.waiting, PART, NOTES)
    with scene.reading("anush") as uow:
        assert NAME.encode() in uow.vault.records.open(IDENTITY, scene.case, scene.waiting).content


def test_readers_who_take_over_at_once_both_succeed(scene_on_both: Scene) -> None:
    scene = scene_on_both
    first, second = scene.cast.uow("lilit"), scene.cast.uow("selma")
    taken = [uow.vault.submissions.adopt(scene.case, 50) for uow in (first, second)]
    assert taken[0] == taken[1] != []
    first.commit()
    second.commit()
    for uow in (first, second):
        uow.end()
    of_statement(scene, scene.waiting, PART, NOTES)
    assert waiting_keys(scene) == 0


def test_only_so_many_are_taken_over_at_once(scene: Scene) -> None:
    before = waiting_keys(scene)
    with scene.cast.acting("lilit") as uow:
        assert len(uow.vault.submissions.adopt(scene.case, 1)) == 1
    assert waiting_keys(scene) == before - 1


def test_damaged_keys_never_keep_the_others_waiting(scene: Scene) -> None:
    """More damaged ones than are taken over at once, and all of them first in line."""
    for _ in range(3):
        submit(scene.cast, "davit")
    lowest = scene.read(
        sa.select(keys.c.id).where(keys.c.state == INTAKE, keys.c.kind == CASE).order_by(keys.c.id)
    )
    damaged = [row.id for row in lowest[:4]]
    scene.tamper(sa.update(keys).where(keys.c.id.in_(damaged)).values(wrap=b"garbage"))
    total = waiting_keys(scene)
    while True:
        with scene.cast.acting("lilit") as uow:
            if not uow.vault.submissions.adopt(scene.case, 2):
                break
    assert (waiting_keys(scene), total) == (4, total)


def test_who_opens_nothing_takes_nothing_over(scene: Scene) -> None:
    with scene.reading("davit") as uow, pytest.raises(Forbidden):
        uow.vault.submissions.adopt(scene.case, 50)
    with scene.reading("lilit") as uow, pytest.raises(Forbidden):
        uow.vault.submissions.adopt_identity(scene.case, 50)


def test_where_nothing_waits_there_is_nothing_to_take_over(scene: Scene) -> None:
    adopt(scene.cast)
    with scene.cast.acting("selma") as uow:
        assert uow.vault.submissions.adopt(scene.case, 50) == []


# Somebody leaves


def test_who_was_removed_opens_nothing_from_the_commit_on(scene: Scene) -> None:
    row = scene.read(sa.select(grants).where(grants.c.member_card == scene.cast.people["selma"].card))
    sessions, selma = scene.cast.services.sessions, scene.cast.people["selma"]
    cookie = sessions.begin(selma.person, selma.card, selma.seeds)
    alive = scene.cast.services.unit_of_work(sessions.resume(cookie))
    assert alive.vault.records.open(TRANSCRIPT, scene.case, scene.statement).content  # now it is cached
    alive.commit()
    change(scene, "selma")
    scene.tamper(*(sa.insert(grants).values(each._mapping) for each in row))  # and the old grant is put back
    again = scene.cast.services.unit_of_work(sessions.resume(cookie))
    with pytest.raises(Forbidden):
        again.vault.records.open(TRANSCRIPT, scene.case, scene.statement)
    again.end()


def test_who_stays_never_waits_not_before_nor_between_nor_after(scene: Scene) -> None:
    change(scene, "mark")
    of_statement(scene, scene.statement, TRANSCRIPT, PART)
    assert rewrap(scene, 2) > 0
    of_statement(scene, scene.statement, TRANSCRIPT, PART)
    assert rewrap(scene) == 0
    of_statement(scene, scene.statement, TRANSCRIPT, PART, LINE)
    with scene.reading("lilit") as uow:
        assert uow.vault.files.open(scene.case, scene.asset).length
        assert uow.vault.records.open(CASE_SETTINGS, scene.case, scene.case).content


def test_a_rewrap_that_was_cut_off_is_taken_up_again(scene: Scene) -> None:
    change(scene, "mark")
    cut_off = scene.cast.uow("ruben")
    left = cut_off.vault.casework.rewrap(scene.case, 3)
    cut_off.end()
    assert rewrap(scene, 3) == left
    total = left
    while left:
        left = rewrap(scene, 3, "lilit")
        assert left < total
        total = left
    of_statement(scene, scene.statement, TRANSCRIPT)


def test_once_all_is_rewrapped_links_and_old_grants_are_gone(scene: Scene) -> None:
    change(scene, "mark")
    assert scene.read(sa.select(links))
    rewrap(scene)
    assert scene.read(sa.select(links)) == []
    assert {
        row.epoch
        for row in scene.read(sa.select(grants).where(grants.c.case == scene.case, grants.c.kind == CASE))
    } == {2}
    assert {
        row.epoch
        for row in scene.read(
            sa.select(keys).where(keys.c.case == scene.case, keys.c.state == ADOPTED, keys.c.kind == CASE)
        )
    } == {2}


def test_two_rotations_in_a_row_block_nobody(scene: Scene) -> None:
    change(scene, "mark")
    change(scene, "mark", "irina")
    with scene.reading("selma") as uow:
        assert uow.vault.records.open(TRANSCRIPT, scene.case, scene.statement).version == 3
    assert rewrap(scene) == 0
    assert scene.transcript("nadim") == b"lights, then silence 3"
    with pytest.raises(Forbidden):
        scene.transcript("irina")


def test_secrets_of_three_epochs_open_from_one_grant_in_any_order(scene: Scene) -> None:
    change(scene, "mark")
    change(scene, "mark", "irina")
    for order in ((1, 2, 3), (3, 2, 1), (2, 1, 3)):
        with scene.reading("lilit") as uow:
            opened = {uow.vault.secrets.of_epoch(scene.case, CASE, epoch).reveal() for epoch in order}
        assert len(opened) == 3


def test_a_damaged_wrap_keeps_no_other_from_the_new_secret(scene: Scene) -> None:
    ids = scene.read(
        sa.select(keys.c.id).where(keys.c.case == scene.case, keys.c.state == ADOPTED, keys.c.kind == CASE)
    )
    damaged = min(row.id for row in ids)
    genuine = scene.row(keys, keys.c.id == damaged)
    scene.tamper(sa.update(keys).where(keys.c.id == damaged).values(wrap=b"garbage"))
    change(scene, "mark")
    assert rewrap(scene, 1) == len(ids) - 1
    assert rewrap(scene) == rewrap(scene) == 1
    assert scene.read(sa.select(links))  # the link stays for what may come back from a backup
    scene.tamper(sa.update(keys).where(keys.c.id == damaged).values(wrap=genuine["wrap"]))
    assert rewrap(scene) == 0
    assert scene.read(sa.select(links)) == []


def test_a_damaged_intake_key_keeps_its_link_and_nothing_else(scene: Scene) -> None:
    old = (intake_keys.c.case == scene.case) & (intake_keys.c.kind == CASE)
    genuine = scene.row(intake_keys, old)
    change(scene, "mark")
    scene.tamper(sa.update(intake_keys).where(intake_keys.c.id == genuine["id"]).values(private=b"garbage"))
    assert rewrap(scene) == 0
    assert scene.read(sa.select(links))
    of_statement(scene, scene.statement, TRANSCRIPT)
    scene.tamper(
        sa.update(intake_keys).where(intake_keys.c.id == genuine["id"]).values(private=genuine["private"])
    )
    rewrap(scene)
    assert scene.read(sa.select(links)) == []
    with scene.reading("lilit") as uow:
        assert uow.vault.records.open(PART, scene.case, scene.waiting).content


@pytest.mark.parametrize("alter", ["flipped", "of-another-case"])
def test_a_swapped_link_opens_nothing(scene: Scene, alter: str) -> None:
    change(scene, "mark")
    if alter == "flipped":
        scene.flip(links, "wrap", links.c.case == scene.case)
    else:
        scene.tamper(sa.update(links).values(case=scene.cast.other_case))
    with scene.reading("lilit") as uow, pytest.raises(Tampered, match="epoch"):
        uow.vault.records.open(TRANSCRIPT, scene.case, scene.statement)


# New keys for what arrives


def test_after_a_rotation_new_statements_go_to_a_new_key(scene: Scene) -> None:
    before = {key.kind: key for key in newest(scene).intake_keys}
    change(scene, "mark")
    after = {key.kind: key for key in newest(scene).intake_keys}
    assert before[CASE] != after[CASE]
    assert before["identity"] == after["identity"]
    statement = submit(scene.cast, "anahit", "to the new key")
    adopt(scene.cast)
    of_statement(scene, statement, PART)


@pytest.mark.parametrize("rewrapped", [False, True])
def test_a_late_statement_to_the_old_key_is_still_taken_over(scene: Scene, *, rewrapped: bool) -> None:
    capsule = form(scene.cast, "anahit")
    change(scene, "mark")
    if rewrapped:
        rewrap(scene)
    sealed = seal_part(scene.cast, "anahit", capsule, ACCOUNT)
    with scene.cast.acting("anahit") as uow:
        uow.vault.submissions.finish(sealed.capsule)
    adopt(scene.cast)
    of_statement(scene, capsule.submission, PART)


# Meanwhile


def test_what_a_removed_member_was_writing_does_not_land(scene: Scene) -> None:
    writing = scene.cast.uow("selma")
    writing.vault.records.seal(TRANSCRIPT, scene.case, scene.statement, b"too late", expected=3)
    change(scene, "selma")
    with pytest.raises(Conflict, match="roster-moved"):
        writing.commit()
    writing.end()


def test_what_was_being_written_during_a_rotation_is_never_lost(scene_on_both: Scene) -> None:
    """Sealed under the old secret, committed before the old link goes: it stays until it was brought over too."""
    scene = scene_on_both
    writing, cleaning = scene.cast.uow("selma"), None
    writing.vault.records.seal(TRANSCRIPT, scene.case, scene.statement, b"meanwhile", expected=3)
    change(scene, "mark")
    cleaning = scene.cast.uow("ruben")
    assert cleaning.vault.casework.rewrap(scene.case) == 0
    writing.commit()
    cleaning.commit()
    assert scene.transcript("nadim") == b"meanwhile"
    assert rewrap(scene) == 0
    assert scene.transcript("nadim") == b"meanwhile"
    for uow in (writing, cleaning):
        uow.end()


def test_what_comes_after_the_old_link_went_is_refused_and_not_lost(scene: Scene) -> None:
    writing = scene.cast.uow("selma")
    writing.vault.records.seal(TRANSCRIPT, scene.case, scene.statement, b"too late", expected=3)
    adopting = scene.cast.uow("nadim")
    adopting.vault.submissions.adopt(scene.case, 50)
    change(scene, "mark")
    rewrap(scene)
    for uow in (writing, adopting):
        with pytest.raises(Conflict, match="roster-moved"):
            uow.commit()
        uow.end()
    adopt(scene.cast)
    of_statement(scene, scene.waiting, PART)


# Custodians


def test_a_custodian_who_leaves_loses_the_names_at_once_and_the_roster_says_so(scene: Scene) -> None:
    row = scene.read(sa.select(grants).where(grants.c.member_card == scene.cast.people["anush"].card))
    change(scene, "anush")
    scene.tamper(*(sa.insert(grants).values(each._mapping) for each in row))
    assert newest(scene).identity_epoch_pending == 1
    with scene.reading("anush") as uow, pytest.raises(Forbidden):
        uow.vault.records.open(IDENTITY, scene.case, scene.statement)
    change(scene, "anush", "mark")
    assert newest(scene).identity_epoch_pending == 1


def test_a_custodian_who_goes_on_as_a_lead_opens_no_name_with_a_grant_that_was_put_back(scene: Scene) -> None:
    mine = (grants.c.member_card == scene.cast.people["anush"].card, grants.c.kind == "identity")
    kept = scene.read(sa.select(grants).where(*mine))
    change(scene, anush=frozenset({Duty.LEAD}))
    assert scene.read(sa.select(grants).where(*mine)) == []
    scene.tamper(*(sa.insert(grants).values(each._mapping) for each in kept))
    with scene.reading("anush") as uow, pytest.raises(Tampered, match="grant-outlived"):
        uow.vault.records.open(IDENTITY, scene.case, scene.statement)


def test_a_custodian_who_stays_as_a_reader_loses_the_names_all_the_same(scene: Scene) -> None:
    change(scene, anush=frozenset({Duty.READER}))
    with scene.reading("anush") as uow:
        assert uow.vault.records.open(TRANSCRIPT, scene.case, scene.statement).content
        with pytest.raises(Forbidden):
            uow.vault.records.open(IDENTITY, scene.case, scene.statement)
    assert newest(scene).identity_epoch_pending == 1
    identity = (grants.c.kind == "identity", grants.c.member_card == scene.cast.people["anush"].card)
    assert scene.read(sa.select(grants).where(*identity)) == []


def test_a_reader_who_becomes_an_interviewer_reads_no_more_and_stays_on_the_case(scene: Scene) -> None:
    change(scene, selma=frozenset({Duty.INTERVIEWER}))
    with pytest.raises(Forbidden):
        scene.transcript("selma")
    memberships = trust_tables.memberships
    assert scene.row(
        memberships,
        memberships.c.case == scene.case,
        memberships.c.person == scene.cast.people["selma"].person,
    )
    assert newest(scene).identity_epoch_pending == 0


def test_who_is_added_reads_all_that_was_before(scene: Scene) -> None:
    change(scene, stranger=frozenset({Duty.READER}))
    assert newest(scene).epoch == 1
    assert scene.transcript("stranger") == b"lights, then silence 3"


def test_a_member_moved_by_hand_between_memberships_gains_nothing(scene: Scene) -> None:
    memberships = trust_tables.memberships
    scene.tamper(sa.insert(memberships).values(case=scene.case, person=scene.cast.people["stranger"].person))
    with pytest.raises(Forbidden):
        scene.transcript("stranger")


def test_seals_of_two_cases_never_meet(scene: Scene) -> None:
    """The same person, in both cases, is given each with its own secret."""
    with scene.cast.acting("stranger") as uow:
        roster = uow.vault.trust.roster(scene.cast.other_case)
        duties = {
            scene.cast.people["stranger"].card: frozenset({Duty.LEAD}),
            scene.cast.people["lilit"].card: frozenset({Duty.READER}),
        }
        uow.vault.casework.change_roster(scene.cast.other_case, roster.digest, duties)
    with scene.reading("lilit") as uow:
        assert uow.vault.secrets.current(scene.case)[1] != uow.vault.secrets.current(scene.cast.other_case)[1]
    mine = [
        sa.and_(
            grants.c.kind == CASE,
            grants.c.member_card == scene.cast.people["lilit"].card,
            grants.c.case == case,
        )
        for case in (scene.case, scene.cast.other_case)
    ]
    scene.swap(grants, "box", *mine)
    with pytest.raises(Tampered):
        scene.transcript("lilit")
