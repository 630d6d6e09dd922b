"""A sealed version opens as its author sealed it, in its own place, as the newest, or not at all; the others still do."""

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.crypto.objects import Version, sign_object
from app.domain.errors import Conflict, Forbidden, NotFound, Tampered
from app.domain.ids import new_id
from app.store import keys as key_tables
from app.store import log as log_tables
from app.store import records as tables
from app.vault.fields import CASE_SETTINGS, LINE, PART, TRANSCRIPT
from app.vault.records import Broken
from tests.vault.scene import Scene, adopt

versions, tips, keys = tables.versions, tables.tips, key_tables.record_keys


def at(scene: Scene, number: int, statement: UUID | None = None) -> sa.ColumnElement[bool]:
    return sa.and_(
        versions.c.record == (statement or scene.statement),
        versions.c.field == TRANSCRIPT.path,
        versions.c.version == number,
    )


def tip_of(scene: Scene, statement: UUID | None = None) -> sa.ColumnElement[bool]:
    return sa.and_(tips.c.record == (statement or scene.statement), tips.c.field == TRANSCRIPT.path)


def key_of(scene: Scene, number: int, statement: UUID | None = None) -> sa.ColumnElement[bool]:
    column: sa.ColumnElement[bool] = keys.c.id == scene.row(versions, at(scene, number, statement))["key"]
    return column


@pytest.fixture
def two(scene: Scene) -> Scene:
    """Both statements have a transcript."""
    adopt(scene.cast)
    with scene.cast.acting("lilit") as uow:
        uow.vault.records.seal(TRANSCRIPT, scene.case, scene.waiting, b"the other witness", expected=0)
    return scene


def fault_of(scene: Scene, statement: UUID | None = None) -> str:
    with scene.reading("selma") as uow, pytest.raises(Tampered) as caught:
        uow.vault.records.open(TRANSCRIPT, scene.case, statement or scene.statement)
    return caught.value.fault


# The chain of what was sealed


def test_every_version_opens_in_order_and_each_alone(scene: Scene) -> None:
    with scene.reading("selma") as uow:
        records, lilit = uow.vault.records, scene.cast.people["lilit"].person
        opened = records.open_all(TRANSCRIPT, scene.case, scene.statement)
        assert [each.content for each in opened] == [f"lights, then silence {n}".encode() for n in (1, 2, 3)]
        assert {each.author for each in opened} == {lilit}
        assert records.open_version(TRANSCRIPT, scene.case, scene.statement, 2) == opened[1]
        for missing in (0, 4):
            with pytest.raises(NotFound):
                records.open_version(TRANSCRIPT, scene.case, scene.statement, missing)


def test_where_nothing_was_sealed_there_is_nothing(scene: Scene) -> None:
    with scene.reading("selma") as uow:
        records = uow.vault.records
        assert records.open_if_any(TRANSCRIPT, scene.case, new_id()) is None
        assert records.open_all(TRANSCRIPT, scene.case, new_id()) == []
        with pytest.raises(NotFound):
            records.open(TRANSCRIPT, scene.case, new_id())
        assert records.open_if_any(TRANSCRIPT, scene.case, scene.statement) is not None


def test_a_version_over_a_newer_one_is_a_conflict(scene: Scene) -> None:
    with scene.reading("lilit") as uow, pytest.raises(Conflict) as caught:
        uow.vault.records.seal(TRANSCRIPT, scene.case, scene.statement, b"late", expected=1)
    assert caught.value.newest == 3


def test_two_versions_sealed_at_once_do_not_both_land(scene: Scene) -> None:
    first, second = scene.cast.uow("lilit"), scene.cast.uow("selma")
    for uow in (first, second):
        uow.vault.records.seal(TRANSCRIPT, scene.case, scene.statement, b"at once", expected=3)
    first.commit()
    with pytest.raises(Conflict):
        second.commit()
    second.end()


def test_a_tip_moved_by_somebody_else_keeps_the_version_from_landing(scene: Scene) -> None:
    uow = scene.cast.uow("lilit")
    uow.vault.records.seal(TRANSCRIPT, scene.case, scene.statement, b"four", expected=3)
    scene.tamper(sa.update(tips).where(tip_of(scene)).values(version=7))
    with pytest.raises(Conflict, match="newer-version"):
        uow.commit()
    uow.end()


def test_a_version_names_its_sources_so_that_they_can_be_destroyed_without_a_key(scene: Scene) -> None:
    story = new_id()
    for expected in range(2):
        with scene.cast.acting("lilit") as uow:
            made_from = [scene.statement, story]
            uow.vault.records.seal(
                TRANSCRIPT, scene.case, story, b"told", expected=expected, made_from=made_from
            )
    assert scene.row(tables.sources, tables.sources.c.record == story)["source"] == scene.statement


# What somebody with the database does to it


@pytest.mark.parametrize("column", ["envelope", "object", "signature", "digest", "author"])
def test_an_altered_version_is_refused_and_no_other_with_it(two: Scene, column: str) -> None:
    two.flip(versions, column, at(two, 3))
    assert fault_of(two)
    assert two.transcript("selma", two.waiting) == b"the other witness"


@pytest.mark.parametrize("column", ["mac", "digest"])
def test_an_altered_tip_is_refused(scene: Scene, column: str) -> None:
    scene.flip(tips, column, tip_of(scene))
    assert fault_of(scene) == "tip"


@pytest.mark.parametrize("values", [{"version": 2}, {"sequence": 1_000_000}, {"digest": b"short"}])
def test_a_forged_tip_is_refused(scene: Scene, values: dict[str, Any]) -> None:
    scene.tamper(sa.update(tips).where(tip_of(scene)).values(values))
    assert fault_of(scene) == "tip"


def test_a_version_put_back_with_its_tip_is_caught_by_the_log(two: Scene) -> None:
    old_tip = two.row(tips, tip_of(two))
    with two.cast.acting("lilit") as uow:
        uow.vault.records.seal(TRANSCRIPT, two.case, two.statement, b"withdrawn words", expected=3)
    two.put_back(tips, [old_tip], tip_of(two))
    two.tamper(sa.delete(versions).where(at(two, 4)))
    assert fault_of(two) == "rolled-back"
    two.tamper(sa.delete(tips).where(tip_of(two)))
    assert fault_of(two) == "rolled-back"


def test_a_version_gone_from_the_middle_is_missed(scene: Scene) -> None:
    scene.tamper(sa.delete(versions).where(at(scene, 2)))
    with scene.reading("selma") as uow:
        records = uow.vault.records
        assert records.open(TRANSCRIPT, scene.case, scene.statement).version == 3
        for look in (
            lambda: records.open_all(TRANSCRIPT, scene.case, scene.statement),
            lambda: records.open_version(TRANSCRIPT, scene.case, scene.statement, 1),
            lambda: records.chain(TRANSCRIPT, scene.statement),
        ):
            with pytest.raises(Tampered, match="version-missing"):
                look()


@pytest.mark.parametrize("column", ["envelope", "object", "digest", "key"])
def test_versions_swapped_with_each_other_are_refused(scene: Scene, column: str) -> None:
    scene.swap(versions, column, at(scene, 2), at(scene, 3))
    assert fault_of(scene)


@pytest.mark.parametrize("column", ["envelope", "object", "key"])
def test_versions_swapped_between_statements_are_refused(two: Scene, column: str) -> None:
    two.swap(versions, column, at(two, 1), at(two, 1, two.waiting))
    assert fault_of(two, two.waiting)


def test_an_envelope_of_another_field_is_refused(scene: Scene) -> None:
    line = (versions.c.record == scene.statement) & (versions.c.field == LINE.path)
    scene.tamper(
        sa.update(versions).where(line).values(envelope=scene.row(versions, at(scene, 3))["envelope"])
    )
    with scene.reading("selma") as uow, pytest.raises(Tampered, match="ciphertext"):
        uow.vault.records.open(LINE, scene.case, scene.statement)


def test_a_record_of_another_case_is_refused(scene: Scene) -> None:
    settings = (versions.c.record == scene.cast.other_case) & (versions.c.field == CASE_SETTINGS.path)
    with scene.reading("lilit") as uow, pytest.raises(Tampered, match="case"):
        uow.vault.records.open(CASE_SETTINGS, scene.case, scene.cast.other_case)
    scene.tamper(sa.update(versions).where(settings).values(case=scene.case))
    with scene.reading("lilit") as uow, pytest.raises(Tampered, match="version"):
        uow.vault.records.open(CASE_SETTINGS, scene.case, scene.cast.other_case)


def test_wraps_swapped_between_records_are_refused(two: Scene) -> None:
    two.swap(keys, "wrap", key_of(two, 3), key_of(two, 1, two.waiting))
    assert fault_of(two) == fault_of(two, two.waiting) == "key-wrap"


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"state": "intake"}, "intake-key-missing"),
        ({"epoch": 0}, "epoch-gone"),
        ({"epoch": -2_000_000_000}, "epoch-gone"),
        ({"epoch": 2}, "epoch-ahead"),
        ({"wrap": b""}, "key-wrap"),
    ],
)
def test_a_record_key_with_an_altered_row_is_refused(
    scene: Scene, values: dict[str, Any], fault: str
) -> None:
    scene.tamper(sa.update(keys).where(key_of(scene, 3)).values(values))
    assert fault_of(scene) == fault


def test_a_destroyed_key_leaves_nothing_to_open(scene: Scene) -> None:
    scene.tamper(sa.delete(keys).where(key_of(scene, 3)))
    with scene.reading("selma") as uow, pytest.raises(NotFound, match="destroyed"):
        uow.vault.records.open(TRANSCRIPT, scene.case, scene.statement)


def test_words_that_a_reader_signs_in_anothers_name_are_refused(scene: Scene) -> None:
    """A member holds the keys of the case and writes the database, too."""
    row = scene.row(versions, at(scene, 3))
    signed = Version.decode(row["object"])
    mark = scene.cast.people["mark"]
    signature = sign_object(mark.seeds.signing, scene.cast.services.installation.id, signed)
    scene.tamper(sa.update(versions).where(at(scene, 3)).values(signature=signature))
    assert fault_of(scene) == "version-signature"


def test_a_version_that_is_none_is_refused(scene: Scene) -> None:
    scene.tamper(sa.update(versions).where(at(scene, 3)).values(object=b"garbage"))
    assert fault_of(scene) == "version"


# Lists


@pytest.fixture
def listed(scene: Scene) -> Scene:
    adopt(scene.cast)
    with scene.cast.acting("lilit") as uow:
        uow.vault.records.seal(LINE, scene.case, scene.waiting, b'{"title":"Finch"}', expected=0)
    return scene


def lines(scene: Scene, who: str = "selma") -> dict[UUID, bytes | Broken]:
    with scene.reading(who) as uow:
        return uow.vault.records.lines(scene.case, [scene.statement, scene.waiting])


def line_of(statement: UUID) -> sa.ColumnElement[bool]:
    return sa.and_(versions.c.record == statement, versions.c.field == LINE.path)


def test_a_list_opens_at_once(listed: Scene) -> None:
    assert lines(listed) == {listed.statement: b'{"title":"Juniper"}', listed.waiting: b'{"title":"Finch"}'}
    with listed.reading("selma") as uow:
        assert uow.vault.records.lines(listed.case, []) == {}


def test_a_swapped_list_line_shows_as_broken_and_the_others_open(listed: Scene) -> None:
    other = listed.row(versions, line_of(listed.waiting))
    listed.tamper(sa.update(versions).where(line_of(listed.statement)).values(envelope=other["envelope"]))
    assert lines(listed) == {listed.statement: Broken("envelope"), listed.waiting: b'{"title":"Finch"}'}


@pytest.mark.parametrize(
    ("table", "values", "fault"),
    [
        (tips, {"mac": bytes(32)}, "tip"),
        (tips, {"digest": b"short"}, "tip"),
        (versions, {"digest": bytes(32)}, "tip"),
        (versions, {"case": UUID(int=7)}, "case"),
        (versions, {"key": UUID(int=7)}, "destroyed"),
    ],
)
def test_a_broken_list_line_hides_no_other(
    listed: Scene, table: sa.Table, values: dict[str, Any], fault: str
) -> None:
    of_line = (table.c.record == listed.statement) & (table.c.field == LINE.path)
    listed.tamper(sa.update(table).where(of_line).values(values))
    assert lines(listed) == {listed.statement: Broken(fault), listed.waiting: b'{"title":"Finch"}'}


# Who seals


def test_who_reads_nothing_seals_nothing_for_readers(scene: Scene) -> None:
    with scene.reading("anahit") as uow, pytest.raises(Forbidden):
        uow.vault.records.seal(TRANSCRIPT, scene.case, scene.statement, b"mine", expected=3)


def test_every_sealed_version_stands_in_the_log(scene: Scene) -> None:
    entries = log_tables.entries
    logged = scene.read(
        sa.select(entries.c.version, entries.c.object_digest)
        .where(entries.c.record == scene.statement, entries.c.field == TRANSCRIPT.path)
        .order_by(entries.c.sequence)
    )
    stored = scene.read(
        sa.select(versions.c.version, versions.c.digest)
        .where(versions.c.record == scene.statement, versions.c.field == TRANSCRIPT.path)
        .order_by(versions.c.version)
    )
    assert [tuple(each) for each in logged] == [tuple(each) for each in stored]


def test_what_waits_unopened_opens_for_a_reader_already(scene: Scene) -> None:
    with scene.reading("selma") as uow:
        assert (
            uow.vault.records.open(PART, scene.case, scene.waiting).author
            == scene.cast.people["davit"].person
        )
