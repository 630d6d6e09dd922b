"""What is sent is sealed to readers, complete or seen to be incomplete, and proved by a receipt; however the form was used."""

import hashlib
import threading
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.audit.acts import Act
from app.crypto import hpke
from app.crypto.keys import HpkeSeed
from app.crypto.log import HeadMark
from app.crypto.numbers import receipt_digits
from app.crypto.objects import Manifest, Receipt, Roster, sign_object
from app.domain.errors import Conflict, Forbidden, InvalidInput, NotFound, Tampered, Unavailable
from app.domain.ids import new_id
from app.store import cases as tables
from app.store import keys as key_tables
from app.store import log as log_tables
from app.store import people as people_tables
from app.store import records as record_tables
from app.store import trust as trust_tables
from app.vault.fields import DOUBLE, NOTES, PART
from app.vault.submissions import (
    CAPSULE_SECONDS,
    Sealed,
    StreamIntake,
    file_intake,
    new_withdrawal_code,
    open_form,
    segment_context,
    withdrawal_tag,
)
from tests.vault.scene import ACCOUNT, FILE, Scene, adopt, form, seal_file, seal_part, submit

statements, assets, versions = tables.statements, tables.assets, record_tables.versions


def finish(scene: Scene, name: str, sealed: Sealed) -> None:
    with scene.cast.acting(name) as uow:
        uow.vault.submissions.finish(sealed.capsule)


def in_parts(scene: Scene, *accounts: str) -> Sealed:
    """Sealed part by part, each from the form that the one before gave back; not finished."""
    capsule = form(scene.cast, "anahit")
    for account in accounts:
        sealed = seal_part(scene.cast, "anahit", capsule, account)
        capsule = sealed.capsule
    return sealed


def faults(scene: Scene, statement: Any = None) -> tuple[str, ...]:
    with scene.reading("selma") as uow:
        return uow.vault.submissions.verify_submission(statement or scene.statement)


def of(statement: Any) -> sa.ColumnElement[bool]:
    column: sa.ColumnElement[bool] = statements.c.id == statement
    return column


def part_row(statement: Any, number: int, field: Any = PART) -> sa.ColumnElement[bool]:
    return sa.and_(
        versions.c.record == statement, versions.c.field == field.path, versions.c.version == number
    )


# Sending


def test_a_form_writes_nothing_until_it_is_sent(scene: Scene) -> None:
    before = scene.read(sa.select(statements))
    form(scene.cast, "anahit")
    assert scene.read(sa.select(statements)) == before


def test_who_is_not_on_the_roster_is_given_no_form(scene: Scene) -> None:
    with scene.reading("stranger") as uow, pytest.raises(NotFound):
        uow.vault.submissions.begin(scene.case)


def test_a_statement_in_parts_is_one_chain_in_order(scene: Scene) -> None:
    sealed = in_parts(scene, "first", "second", "third")
    finish(scene, "anahit", sealed)
    statement = sealed.capsule.submission
    assert faults(scene, statement) == ()
    with scene.reading("selma") as uow:
        opened = uow.vault.records.open_all(PART, scene.case, statement)
    assert [
        word in part.content for word, part in zip((b"first", b"second", b"third"), opened, strict=True)
    ] == [True] * 3
    manifest = Manifest.decode(scene.row(statements, of(statement))["manifest"])
    assert [entry.version for entry in manifest.parts if entry.field == PART.path] == [1, 2, 3]


def test_the_same_part_twice_is_kept_beside_the_first(scene: Scene) -> None:
    capsule = form(scene.cast, "anahit")
    seal_part(scene.cast, "anahit", capsule, "as it was")
    seal_part(scene.cast, "anahit", capsule, "as it was sent again")
    again = seal_part(scene.cast, "anahit", capsule, "and again")
    finish(scene, "anahit", again)
    with scene.reading("selma") as uow:
        records = uow.vault.records
        assert b"as it was" in records.open(PART, scene.case, capsule.submission).content
        doubles = records.open_all(DOUBLE, scene.case, capsule.submission)
    assert [b"sent again" in doubles[0].content, b"and again" in doubles[1].content] == [True, True]
    assert faults(scene, capsule.submission) == ()


def test_a_part_whose_predecessor_was_dropped_is_not_taken(scene: Scene) -> None:
    sealed = in_parts(scene, "first", "second")
    statement = sealed.capsule.submission
    tips = record_tables.tips
    scene.tamper(sa.delete(versions).where(versions.c.record == statement))
    scene.tamper(sa.delete(tips).where(tips.c.record == statement))
    scene.tamper(sa.delete(log_tables.entries).where(log_tables.entries.c.record == statement))
    with pytest.raises(Tampered, match="part-missing"):
        seal_part(scene.cast, "anahit", sealed.capsule, "third")
    with pytest.raises(Conflict, match="part-missing"):
        finish(scene, "anahit", sealed)


@pytest.mark.parametrize("field", [PART, NOTES])
def test_a_part_dropped_before_the_end_is_not_signed_away(scene: Scene, field: Any) -> None:
    sealed = in_parts(scene, "first", "second", "third")
    scene.tamper(sa.delete(versions).where(part_row(sealed.capsule.submission, 1, field)))
    with pytest.raises(Tampered, match="version-missing"):
        finish(scene, "anahit", sealed)


def test_a_part_exchanged_before_the_end_is_not_signed(scene: Scene) -> None:
    sealed = in_parts(scene, "first", "second")
    scene.swap(
        versions, "digest", part_row(sealed.capsule.submission, 1), part_row(sealed.capsule.submission, 2)
    )
    with pytest.raises(Tampered, match="version"):
        finish(scene, "anahit", sealed)


def test_a_file_row_damaged_before_the_end_is_not_signed(scene: Scene) -> None:
    capsule = form(scene.cast, "anahit")
    sealed = seal_part(scene.cast, "anahit", capsule, "with a file", [b"x"])
    scene.tamper(
        sa.update(assets).where(assets.c.statement == capsule.submission).values(whole_digest=b"short")
    )
    with pytest.raises(Tampered, match="file"):
        finish(scene, "anahit", sealed)


def test_a_statement_is_finished_once(scene: Scene) -> None:
    sealed = in_parts(scene, "all")
    finish(scene, "anahit", sealed)
    with pytest.raises(Conflict, match="finished-already"):
        finish(scene, "anahit", sealed)


def test_two_endings_at_once_are_one(scene: Scene) -> None:
    sealed = in_parts(scene, "all")
    first, second = scene.cast.uow("anahit"), scene.cast.uow("anahit")
    for uow in (first, second):
        uow.vault.submissions.finish(sealed.capsule)
    first.commit()
    with pytest.raises(Conflict):
        second.commit()
    second.end()


def test_a_form_is_used_by_whom_it_was_given_to(scene: Scene) -> None:
    capsule = form(scene.cast, "anahit")
    with pytest.raises(Forbidden, match="capsule-of-another"):
        seal_part(scene.cast, "davit", capsule, "not mine")
    sealed = seal_part(scene.cast, "anahit", capsule, "mine")
    with pytest.raises(Forbidden, match="capsule-of-another"):
        finish(scene, "davit", sealed)


def test_a_forged_or_old_form_is_not_opened(scene: Scene) -> None:
    installation = scene.cast.services.installation
    with scene.reading("anahit") as uow:
        token = uow.vault.submissions.begin(scene.case)
        assert uow.vault.submissions.token(open_form(installation, token, 0)) == token
    forged = token[:40] + ("A" if token[40] != "A" else "B") + token[41:]
    for bad in (forged, "", "ü", token[:-4]):
        with pytest.raises(Forbidden, match="capsule-forged"):
            open_form(installation, bad, scene.cast.clock())
    with pytest.raises(Forbidden, match="capsule-expired"):
        open_form(installation, token, scene.cast.clock() + CAPSULE_SECONDS + 60)


# To whose key


def swapped_public(scene: Scene) -> dict[str, Any]:
    """The roster's row with intake keys of whoever writes the database."""
    row = scene.row(trust_tables.rosters, trust_tables.rosters.c.case == scene.case)
    roster = Roster.decode(row["object"])
    mine = hpke.public_of(HpkeSeed.generate())
    keys = tuple(replace(key, public=mine) for key in roster.intake_keys)
    return {**row, "object": replace(roster, intake_keys=keys).encode()}


@pytest.mark.parametrize("how", ["swapped", "garbage", "gone"])
def test_with_a_roster_that_was_altered_intake_goes_to_the_key_that_the_book_remembers(
    scene: Scene, how: str
) -> None:
    rosters = trust_tables.rosters
    with scene.cast.acting("anahit") as uow:
        uow.vault.trust.roster(scene.case)
    capsule, genuine = form(scene.cast, "anahit"), scene.row(rosters, rosters.c.case == scene.case)
    altered = {
        "swapped": [swapped_public(scene)],
        "garbage": [{**genuine, "object": b"garbage"}],
        "gone": [],
    }[how]
    scene.put_back(rosters, altered, rosters.c.case == scene.case)
    seal_part(scene.cast, "anahit", capsule, "still arrives")
    scene.put_back(rosters, [genuine], rosters.c.case == scene.case)
    with scene.reading("selma") as uow:
        assert b"still arrives" in uow.vault.records.open(PART, scene.case, capsule.submission).content


def test_without_a_roster_and_without_a_book_that_knows_it_nothing_is_sealed(scene: Scene) -> None:
    capsule, rosters = form(scene.cast, "nadim"), trust_tables.rosters
    scene.tamper(sa.delete(rosters).where(rosters.c.case == scene.case))
    with pytest.raises(Tampered, match="roster"):
        seal_part(scene.cast, "nadim", capsule, "to whom?")


def test_a_key_that_the_roster_does_not_name_is_not_sealed_to(scene: Scene) -> None:
    capsule = replace(form(scene.cast, "anahit"), statement_key=new_id())
    with pytest.raises(Tampered, match="intake-key"):
        seal_part(scene.cast, "anahit", capsule, "to whom?")
    rosters = trust_tables.rosters
    scene.tamper(sa.delete(rosters).where(rosters.c.case == scene.case))
    with pytest.raises(Tampered, match="roster"):
        seal_part(scene.cast, "anahit", capsule, "to whom?")


def test_a_swapped_private_half_opens_nothing(scene: Scene) -> None:
    intake_keys = key_tables.intake_keys
    kinds = [
        (intake_keys.c.case == scene.case) & (intake_keys.c.kind == kind) for kind in ("case", "identity")
    ]
    scene.swap(intake_keys, "private", *kinds)
    with scene.reading("selma") as uow, pytest.raises(Tampered, match="intake-key"):
        uow.vault.records.open(PART, scene.case, scene.waiting)


# Receipts


def test_the_receipt_names_the_manifest_and_its_place_in_the_log(scene: Scene) -> None:
    with scene.reading("anahit") as uow:
        facts = uow.vault.submissions.receipt(scene.statement)
    manifest = scene.row(statements, of(scene.statement))["manifest_digest"]
    assert facts.digits == receipt_digits(manifest)
    entry = scene.row(log_tables.entries, log_tables.entries.c.sequence == facts.position)
    assert (entry["act"], entry["record"], entry["object_digest"]) == (
        Act.STATEMENT_FINISHED,
        scene.statement,
        manifest,
    )


def test_a_receipt_is_shown_to_its_author_once_there_is_one(scene: Scene) -> None:
    unfinished = in_parts(scene, "not finished").capsule.submission
    for name, statement in (("davit", scene.statement), ("anahit", unfinished), ("anahit", new_id())):
        with scene.reading(name) as uow, pytest.raises(NotFound):
            uow.vault.submissions.receipt(statement)


@pytest.mark.parametrize("column", ["receipt", "receipt_signature"])
def test_a_forged_receipt_is_refused(scene: Scene, column: str) -> None:
    scene.flip(statements, column, of(scene.statement))
    with scene.reading("anahit") as uow, pytest.raises(Tampered, match="receipt"):
        uow.vault.submissions.receipt(scene.statement)


def test_a_receipt_of_another_statement_is_refused(scene: Scene) -> None:
    other = submit(scene.cast, "anahit", "another one")
    for column in ("receipt", "receipt_signature"):
        scene.swap(statements, column, of(scene.statement), of(other))
    with scene.reading("anahit") as uow, pytest.raises(Tampered, match="receipt-of-another"):
        uow.vault.submissions.receipt(other)


def test_a_receipt_that_the_server_key_did_not_sign_is_refused(scene: Scene) -> None:
    row = scene.row(statements, of(scene.statement))
    receipt = replace(Receipt.decode(row["receipt"]), position=1)
    seed = scene.cast.people["helga"].seeds.signing
    forged = sign_object(seed, scene.cast.services.installation.id, receipt)
    scene.tamper(
        sa.update(statements)
        .where(of(scene.statement))
        .values(receipt=receipt.encode(), receipt_signature=forged)
    )
    with scene.reading("anahit") as uow, pytest.raises(Tampered, match="receipt"):
        uow.vault.submissions.receipt(scene.statement)


# What is wrong with a submission


def test_a_whole_submission_has_no_fault(scene: Scene) -> None:
    assert faults(scene) == faults(scene, scene.waiting) == ()
    assert faults(scene, in_parts(scene, "not finished").capsule.submission) == ()
    with pytest.raises(NotFound):
        faults(scene, new_id())


@pytest.mark.parametrize("values", [{"manifest": b"garbage"}, {"manifest_signature": bytes(64)}])
def test_a_manifest_that_its_author_did_not_sign_is_a_fault(scene: Scene, values: dict[str, Any]) -> None:
    scene.tamper(sa.update(statements).where(of(scene.statement)).values(values))
    assert faults(scene) == ("manifest-signature",)


def test_a_manifest_by_an_unvouched_hand_is_a_fault(scene: Scene) -> None:
    nobody, installation = scene.cast.people["nobody"], scene.cast.services.installation.id
    manifest = replace(
        Manifest.decode(scene.row(statements, of(scene.statement))["manifest"]), author=nobody.card
    )
    forged = sign_object(nobody.seeds.signing, installation, manifest)
    scene.tamper(
        sa.update(statements)
        .where(of(scene.statement))
        .values(manifest=manifest.encode(), manifest_signature=forged)
    )
    assert faults(scene) == ("manifest-signature",)


def test_a_manifest_of_another_statement_is_a_fault(scene: Scene) -> None:
    for column in ("manifest", "manifest_signature"):
        scene.swap(statements, column, of(scene.statement), of(scene.waiting))
    assert faults(scene) == ("manifest-of-another", "part-missing")
    assert faults(scene, scene.waiting) == ("manifest-of-another", "part-missing", "file-missing")


def test_a_submission_passed_off_as_somebody_elses_is_a_fault(scene: Scene) -> None:
    scene.tamper(
        sa.update(statements).where(of(scene.statement)).values(submitter=scene.cast.people["davit"].person)
    )
    assert faults(scene) == ("manifest-of-another",)


def test_a_missing_or_altered_part_is_a_fault(scene: Scene) -> None:
    scene.flip(versions, "envelope", part_row(scene.statement, 1, NOTES))
    assert faults(scene) == ("part-missing",)
    scene.tamper(sa.delete(versions).where(part_row(scene.statement, 1, NOTES)))
    assert faults(scene) == ("part-missing",)


@pytest.mark.parametrize("values", [{"size": 1}, {"key": new_id()}, {"header_digest": b"short"}])
def test_an_altered_file_is_a_fault(scene: Scene, values: dict[str, Any]) -> None:
    scene.tamper(sa.update(assets).where(assets.c.statement == scene.statement).values(values))
    assert faults(scene) == ("file-missing",)


# Files while they stream in


def stored(scene: Scene) -> set[str]:
    return {path.name for path in scene.cast.services.blobs.root.rglob("*") if path.is_file()}


def test_a_file_that_was_broken_off_leaves_nothing(scene: Scene) -> None:
    before = stored(scene)
    intake = file_intake(scene.cast.services.installation.id, scene.case, scene.cast.services.blobs)
    intake.write(FILE)
    intake.abandon()
    intake.abandon()
    assert stored(scene) == before
    with pytest.raises(Unavailable):  # the key that sealed the first half seals no second
        intake.write(FILE * 10)
        intake.finish()
    assert stored(scene) == before


def test_a_file_whose_digest_failed_is_not_kept(scene: Scene) -> None:
    """Its receipt would name another file than lies there."""
    before, threads = stored(scene), threading.active_count()

    class Failing:
        def update(self, _data: bytes, /) -> None:
            raise MemoryError

        def digest(self) -> bytes:
            return bytes(32)

    context = segment_context(scene.case, asset := new_id(), 1)
    blobs = scene.cast.services.blobs
    intake = StreamIntake(scene.cast.services.installation.id, context, asset, new_id(), blobs, Failing())
    with pytest.raises(MemoryError):
        intake.write(FILE)
        intake.finish()
    intake.abandon()
    assert stored(scene) == before
    assert threading.active_count() == threads


def test_nobody_is_given_a_receipt_for_bytes_that_are_gone(scene: Scene) -> None:
    receipt = seal_file(scene.cast, FILE)
    scene.cast.services.blobs.delete(receipt.asset)
    with scene.cast.acting("anahit") as uow:
        token = uow.vault.submissions.begin(scene.case)
        capsule = open_form(uow.installation, token, uow.clock())
        with pytest.raises(Unavailable):
            uow.vault.submissions.seal_part(capsule, {"account": "x"}, {}, {}, [(receipt, {})])


def test_an_empty_file_is_not_taken(scene: Scene) -> None:
    before = stored(scene)
    intake = file_intake(scene.cast.services.installation.id, scene.case, scene.cast.services.blobs)
    intake.write(b"")
    with pytest.raises(InvalidInput) as caught:
        intake.finish()
    assert caught.value.problems == {"files": "empty-file"}
    assert stored(scene) == before


def test_a_file_begun_anew_has_another_key(scene: Scene) -> None:
    one, other = seal_file(scene.cast, FILE), seal_file(scene.cast, FILE)
    assert len({one.key_id, other.key_id}) == len({one.asset, other.asset}) == 2
    assert one.key != other.key
    assert one.whole_digest != other.whole_digest


def test_the_digest_of_a_file_is_that_of_the_stored_bytes(scene: Scene) -> None:
    receipt = seal_file(scene.cast, FILE * 2)
    content = scene.cast.services.blobs.path(receipt.asset).read_bytes()
    assert hashlib.sha256(content).digest() == receipt.whole_digest
    assert (len(content), receipt.length) == (receipt.size, len(FILE) * 2)
    assert FILE[:36] not in content


# Withdrawing


def test_a_withdrawal_code_is_found_however_it_is_typed(scene: Scene) -> None:
    installation, code = scene.cast.services.installation, new_withdrawal_code()
    arabic = code.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert withdrawal_tag(installation, code) == withdrawal_tag(installation, arabic.replace(" ", "-"))
    assert withdrawal_tag(installation, code) != withdrawal_tag(installation, new_withdrawal_code())
    with pytest.raises(InvalidInput):
        withdrawal_tag(installation, code[:-1])


def test_a_late_double_of_a_finished_statement_is_no_fault(scene: Scene) -> None:
    capsule = form(scene.cast, "anahit")
    sealed = seal_part(scene.cast, "anahit", capsule, ACCOUNT)
    finish(scene, "anahit", sealed)
    seal_part(scene.cast, "anahit", capsule, ACCOUNT)
    assert faults(scene, capsule.submission) == ()


# While the database is not what was seen


def state_of(scene: Scene, statement: UUID) -> str:
    return str(scene.row(tables.statements, tables.statements.c.id == statement)["state"])


def test_what_comes_while_the_database_is_older_than_the_server_is_set_apart(scene: Scene) -> None:
    head_file = scene.cast.services.head_file
    known = head_file.read()
    assert known is not None
    head_file.write(HeadMark(known.era, known.sequence + 1_000, bytes(32)))
    statement = submit(scene.cast, "davit")
    head_file.write(known)
    assert state_of(scene, statement) == "quarantined"
    assert state_of(scene, submit(scene.cast, "davit")) == "received"
    adopt(scene.cast)
    with scene.reading("selma") as uow:
        assert uow.vault.records.open(PART, scene.case, statement).content
        assert uow.vault.submissions.verify_submission(statement) == ()


@pytest.mark.parametrize("how", ["gone", "altered"])
def test_with_a_list_of_people_that_was_taken_away_statements_go_to_the_key_that_the_author_knows(
    scene: Scene, how: str
) -> None:
    rosters = trust_tables.rosters
    with scene.cast.acting("anahit") as uow:
        uow.vault.trust.roster(scene.case)
    genuine = scene.row(rosters, rosters.c.case == scene.case)
    changed = [] if how == "gone" else [{**genuine, "object": b"garbage"}]
    scene.put_back(rosters, changed, rosters.c.case == scene.case)
    with scene.reading("anahit") as uow:
        assert uow.vault.submissions.can_begin(scene.case)
    statement = submit(scene.cast, "anahit")
    scene.put_back(rosters, [genuine], rosters.c.case == scene.case)
    assert state_of(scene, statement) == "quarantined"
    adopt(scene.cast)
    with scene.reading("selma") as uow:
        assert uow.vault.submissions.verify_submission(statement) == ()


def test_whose_book_knows_no_key_begins_nothing_then(scene: Scene) -> None:
    scene.tamper(sa.delete(trust_tables.rosters).where(trust_tables.rosters.c.case == scene.case))
    with scene.reading("stranger") as uow:
        assert not uow.vault.submissions.can_begin(scene.case)
        with pytest.raises(NotFound):
            uow.vault.submissions.begin(scene.case)


def test_whom_nobody_vouches_for_any_more_begins_nothing_by_their_own_book(scene: Scene) -> None:
    with scene.cast.acting("anahit") as uow:
        uow.vault.trust.roster(scene.case)
    rosters, vouches = trust_tables.rosters, people_tables.vouches
    scene.tamper(
        sa.delete(rosters).where(rosters.c.case == scene.case),
        sa.delete(vouches).where(vouches.c.card == scene.cast.people["anahit"].card),
    )
    with scene.reading("anahit") as uow:
        assert not uow.vault.submissions.can_begin(scene.case)


def test_only_interviewers_of_a_case_begin(scene: Scene) -> None:
    for name, can in (("anahit", True), ("lilit", False), ("stranger", False)):
        with scene.reading(name) as uow:
            assert uow.vault.submissions.can_begin(scene.case) is can
            assert not uow.vault.submissions.can_begin(new_id())
