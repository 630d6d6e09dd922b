"""A trust book remembers the newest of everything its owner saw; nothing older, and nobody else's, is put in its place."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.audit.acts import Act
from app.audit.log import Note, head_values
from app.crypto import hpke
from app.crypto.log import HeadMark
from app.crypto.objects import Introduction, Member, RosterMark, sign_object
from app.domain.duties import Duty
from app.domain.errors import Conflict, Frozen, NotSignedIn, Tampered
from app.domain.ids import new_id
from app.store import log as log_tables
from app.store import people as people_tables
from app.store import trust as tables
from app.vault.book import PATH
from app.vault.people import introduction_context
from tests.cast import INTERVIEWER, open_case
from tests.vault.scene import Scene, card_of
from tests.vault.test_cards import newcomer
from tests.vault.test_rosters import change, following, look, roster_row

books, introductions = tables.trust_books, tables.introductions


def of(scene: Scene, name: str) -> sa.ColumnElement[bool]:
    return books.c.person == scene.cast.people[name].person


def assert_refused(scene: Scene, fault: str, who: str = "lilit") -> None:
    with scene.reading(who) as uow, pytest.raises(Tampered, match=fault):
        uow.vault.trust.roster(scene.case)
    assert scene.transcript("ruben") == b"lights, then silence 3"


def test_an_older_book_is_not_taken_for_the_newest(scene: Scene) -> None:
    old = scene.row(books, of(scene, "lilit"))
    change(scene)
    look(scene)
    scene.put_back(books, [old], of(scene, "lilit"))
    assert_refused(scene, "trust-book-rolled-back")


def test_an_older_book_under_the_newest_number_does_not_open(scene: Scene) -> None:
    old = scene.row(books, of(scene, "lilit"))
    change(scene)
    look(scene)
    scene.tamper(sa.update(books).where(of(scene, "lilit")).values(book=old["book"]))
    assert_refused(scene, "trust-book")


def test_a_book_that_was_taken_away_is_not_begun_anew(scene: Scene) -> None:
    """The introduction is still there; accepting it again would forget every roster seen since."""
    scene.tamper(sa.delete(books).where(of(scene, "lilit")))
    assert_refused(scene, "trust-book-rolled-back")


def test_another_persons_book_does_not_open(scene: Scene) -> None:
    scene.tamper(sa.update(books).where(of(scene, "lilit")).values(version=9))
    scene.tamper(sa.update(books).where(of(scene, "anush")).values(version=9))
    scene.swap(books, "book", of(scene, "lilit"), of(scene, "anush"))
    assert_refused(scene, "trust-book")


def test_a_book_of_another_anchor_is_refused(scene: Scene) -> None:
    with scene.reading("lilit") as uow:
        book = uow.vault.book
        book.book = replace(book.book, anchor=bytes(32))
        version, sealed = book.sealed()
    scene.tamper(sa.update(books).where(of(scene, "lilit")).values(version=version, book=sealed))
    assert_refused(scene, "trust-book-anchor")


def test_what_only_was_looked_at_again_leaves_the_book_alone(scene: Scene) -> None:
    look(scene)
    before = scene.row(books, of(scene, "lilit"))
    look(scene)
    assert scene.row(books, of(scene, "lilit")) == before


def test_nobody_signed_in_has_a_book(scene: Scene) -> None:
    with scene.reading(None) as uow, pytest.raises(NotSignedIn):
        uow.vault.trust.roster(scene.case)


# Several requests of one person


def test_concurrent_requests_of_one_person_lose_nothing(scene_on_both: Scene) -> None:
    scene = scene_on_both
    cases = [new_id() for _ in range(6)]
    for number, case in enumerate(cases):
        lilit = {"lilit": frozenset({Duty.READER})}
        open_case(scene.cast, case, f"Birch-{number}", "ruben", lilit, title="A mill")
    together = Barrier(len(cases))

    def read(case: UUID) -> None:
        with scene.cast.acting("lilit") as uow:
            uow.vault.trust.roster(case)
            together.wait()

    with ThreadPoolExecutor(len(cases)) as pool:
        list(pool.map(read, cases))
    with scene.reading("lilit") as uow:
        assert all(uow.vault.book.roster_mark(case) for case in cases)


def test_two_first_requests_of_a_newcomer_make_one_book(scene_on_both: Scene) -> None:
    scene = scene_on_both
    added = newcomer(scene, "ruben")
    scene.cast.people["new"] = added
    first, second = scene.cast.uow("new"), scene.cast.uow("new")
    first.vault.trust.policy()
    second.vault.trust.card(scene.cast.people["mark"].card)
    first.commit()
    second.commit()
    first.end()
    second.end()
    assert scene.row(books, of(scene, "new"))["version"] == 2
    with scene.reading("new") as uow:
        assert uow.vault.book.has_verified(scene.cast.people["mark"].card)


def test_a_conflict_that_is_not_the_books_is_the_callers(scene: Scene) -> None:
    uow = scene.cast.uow("lilit")
    uow.vault.book.learn_verified([bytes(32)])
    taken = scene.row(people_tables.people, people_tables.people.c.id == scene.cast.people["mark"].person)
    uow.tx.stage(sa.insert(people_tables.people).values(taken))
    with pytest.raises(Conflict, match="exists-already"):
        uow.commit()
    uow.end()


def test_a_conflict_before_there_is_a_book_is_the_callers(scene: Scene) -> None:
    scene.cast.people["new"] = newcomer(scene, "ruben")
    uow = scene.cast.uow("new")
    uow.vault.trust.policy()
    taken = scene.row(people_tables.people, people_tables.people.c.id == scene.cast.people["mark"].person)
    uow.tx.stage(sa.insert(people_tables.people).values(taken))
    with pytest.raises(Conflict, match="exists-already"):
        uow.commit()
    uow.end()
    uow = scene.cast.uow()
    uow.tx.stage(sa.insert(people_tables.people).values(taken))
    with pytest.raises(Conflict, match="exists-already"):
        uow.commit()
    uow.end()


def test_of_two_new_cards_learnt_at_once_the_book_keeps_the_one_that_came_first(scene: Scene) -> None:
    person = new_id()
    first, second = scene.cast.uow("lilit"), scene.cast.uow("lilit")
    first.vault.book.learn_card(person, b"1" * 32)
    second.vault.book.learn_card(person, b"2" * 32)
    first.commit()
    second.vault.book.learn_verified([bytes(32)])
    second.commit()
    for uow in (first, second):
        uow.end()
    with scene.reading("lilit") as uow:
        assert uow.vault.book.card_of(person) == b"1" * 32


def test_a_book_that_never_lands_is_given_up_and_nothing_lands_with_it(scene: Scene) -> None:
    trigger = "CREATE TRIGGER stubborn BEFORE UPDATE ON trust_books BEGIN SELECT RAISE(IGNORE); END"
    with scene.cast.services.database.writing() as connection:
        connection.exec_driver_sql(trigger)
    uow = scene.cast.uow("lilit")
    told: list[str] = []
    uow.vault.book.learn_card(new_id(), bytes(32))
    uow.after_commit.append(lambda: told.append("committed"))
    uow.audit.note(Note(Act.SIGNED_OUT, uow.vault.holder.person))
    before = scene.row(log_tables.heads)
    with pytest.raises(Conflict, match="trust-book-moved"):
        uow.commit()
    uow.end()
    assert (scene.row(log_tables.heads), told) == (before, [])


def test_what_waits_for_the_commit_is_told_once_it_is_durable(scene: Scene) -> None:
    told: list[str] = []
    uow = scene.cast.uow("lilit")
    uow.after_commit.append(lambda: told.append("committed"))
    assert told == []
    uow.commit()
    uow.commit()
    uow.end()
    assert told == ["committed"]


# Heads


def test_the_head_is_remembered_and_each_moved_book_stands_in_the_log(scene: Scene) -> None:
    with scene.cast.acting("lilit") as uow:
        uow.vault.learn_head()
    head = scene.row(log_tables.heads)
    with scene.reading("lilit") as uow:
        assert uow.vault.book.head.sequence == head["sequence"] - 1  # the line about the book came after
        version = uow.vault.book.version
    entries = log_tables.entries
    kept = sa.select(entries.c.act, entries.c.version).where(
        entries.c.record == scene.cast.people["lilit"].person, entries.c.field == PATH
    )
    assert tuple(scene.read(kept.order_by(entries.c.sequence.desc()))[0]) == (Act.BOOK_KEPT, version)


def test_a_log_that_does_not_go_on_from_the_head_in_the_book_opens_nothing(scene: Scene) -> None:
    with scene.cast.acting("lilit") as uow:
        uow.vault.learn_head()
    known = scene.read(sa.select(log_tables.heads))[0]
    scene.cast.services.head_file.path.unlink()
    scene.tamper(
        sa.update(log_tables.entries)
        .where(log_tables.entries.c.sequence == known.sequence - 1)
        .values(chain=bytes(32))
    )
    with scene.reading("lilit") as uow, pytest.raises(Frozen, match="head-forked"):
        uow.vault.learn_head()
    with scene.reading("lilit") as uow, pytest.raises(Frozen, match="head-forked"):
        uow.vault.secrets.current(scene.case)


def test_a_head_before_the_one_in_the_book_opens_nothing(scene: Scene) -> None:
    with scene.cast.acting("lilit") as uow:
        uow.vault.learn_head()
    scene.cast.services.head_file.path.unlink()
    keys = scene.cast.services.installation.log_keys
    entry = scene.row(log_tables.entries, log_tables.entries.c.sequence == 2)
    early = head_values(keys, HeadMark(1, 2, entry["chain"]), scene.cast.clock())
    scene.tamper(sa.update(log_tables.heads).values(early))
    with scene.reading("lilit") as uow, pytest.raises(Frozen, match="head-behind"):
        uow.vault.secrets.current(scene.case)
    with scene.reading("davit") as uow:  # a form is still handed out
        assert uow.vault.submissions.begin(scene.case)


def test_intake_goes_on_while_nothing_opens(scene: Scene) -> None:
    """The server has seen more of the log than the database knows."""
    scene.cast.services.head_file.write(HeadMark(1, 10_000, bytes(32)))
    with scene.reading("lilit") as uow, pytest.raises(Frozen, match="head-behind"):
        uow.vault.secrets.current(scene.case)
    case = new_id()
    uow = scene.cast.uow("davit")
    uow.vault.book.learn_card(case, bytes(32))
    uow.audit.note(Note(Act.SIGNED_IN, scene.cast.people["davit"].person))
    uow.commit()
    uow.end()


# Introductions


def arrive(scene: Scene) -> None:
    uow = scene.cast.uow()
    scene.cast.people["new"] = uow.vault.people.add("new", "Nila Orsan", INTERVIEWER, "six words", b"seed")
    uow.commit()
    with scene.cast.acting("ruben") as vouching:
        vouching.vault.vouching.vouch(scene.cast.people["new"].card, "face-to-face")


def introduction_refused(scene: Scene, fault: str) -> None:
    with scene.reading("new") as uow, pytest.raises(Tampered, match=fault):
        uow.vault.trust.policy()


def test_a_newcomers_first_book_begins_with_what_their_voucher_saw(scene: Scene) -> None:
    with scene.reading("ruben") as voucher:
        seen = voucher.vault.book.head
    arrive(scene)
    with scene.reading("new") as uow, scene.reading("ruben") as voucher:
        assert uow.vault.book.head == seen
        assert uow.vault.book.policy == voucher.vault.book.policy
        assert uow.vault.book.policy[0] == 1


def test_the_unvouched_have_no_book(scene: Scene) -> None:
    with scene.reading("nobody") as uow, pytest.raises(Frozen, match="no-introduction"):
        uow.vault.trust.policy()


@pytest.mark.parametrize("column", ["box", "signature"])
def test_an_altered_introduction_is_refused(scene: Scene, column: str) -> None:
    arrive(scene)
    person = introductions.c.person == scene.cast.people["new"].person
    scene.flip(introductions, column, person)
    introduction_refused(scene, "introduction")


def test_another_newcomers_introduction_is_refused(scene: Scene) -> None:
    arrive(scene)
    scene.swap(
        introductions,
        "box",
        introductions.c.person == scene.cast.people["new"].person,
        introductions.c.person == scene.cast.people["selma"].person,
    )
    introduction_refused(scene, "introduction")


def plant_introduction(scene: Scene, by: str, **changes: Any) -> None:
    """An introduction sealed to the newcomer by somebody else, signed as it should be."""
    installation, new = scene.cast.services.installation, scene.cast.people["new"]
    with scene.reading("ruben") as uow:
        _policy, policy = uow.vault.trust.policy()
    introduction = Introduction(
        **{
            "anchor": installation.anchor,
            "card": new.card,
            "voucher": scene.cast.people[by].card,
            "policy": policy,
            "era": 1,
            "sequence": 0,
            "chain": bytes(32),
            "rosters": (),
            "issued": 1,
            **changes,
        }
    )
    public = card_of(scene.cast, "new").hpke_public
    context = introduction_context(new.person)
    box = hpke.seal_box(public, new.card[:16], context, installation.id, introduction.encode())
    signature = sign_object(scene.cast.people[by].seeds.signing, installation.id, introduction)
    person = introductions.c.person == new.person
    scene.tamper(sa.update(introductions).where(person).values(box=box, signature=signature))


def test_only_a_voucher_introduces(scene: Scene) -> None:
    arrive(scene)
    for other in ("selma", "helga"):
        plant_introduction(scene, other)
        introduction_refused(scene, "introduction-by-stranger")


def test_an_introduction_leads_to_no_other_organisation_and_no_other_card(scene: Scene) -> None:
    arrive(scene)
    plant_introduction(scene, "ruben", anchor=bytes(32))
    introduction_refused(scene, "introduction")
    plant_introduction(scene, "ruben", card=scene.cast.people["selma"].card)
    introduction_refused(scene, "introduction")


def test_an_introduction_names_a_policy_that_is_there(scene: Scene) -> None:
    arrive(scene)
    plant_introduction(scene, "ruben", policy=bytes(32))
    introduction_refused(scene, "policy-missing")
    policies = tables.policies
    scene.tamper(sa.update(policies).values(digest=bytes(32)))
    introduction_refused(scene, "policy")


def book_refused(scene: Scene, reason: str) -> None:
    with scene.reading("new") as uow, pytest.raises(Frozen, match=reason):
        uow.vault.trust.policy()


def test_a_newcomer_knows_the_rosters_that_their_voucher_has_seen(scene: Scene) -> None:
    change(scene)
    arrive(scene)
    with scene.reading("new") as uow, scene.reading("ruben") as voucher:
        seen = voucher.vault.trust.roster(scene.case)
        assert uow.vault.book.roster_mark(scene.case) == seen.mark
        key = uow.vault.book.intake_key(scene.case, "case")
        assert key is not None
        assert key.public == seen.intake_key("case").public


def test_an_older_roster_is_not_put_before_a_newcomer(scene: Scene) -> None:
    change(scene)
    arrive(scene)
    rosters = tables.rosters
    scene.tamper(sa.delete(rosters).where(rosters.c.case == scene.case, rosters.c.number == 2))
    book_refused(scene, "roster-rolled-back")
    entries = log_tables.entries  # nor where the log's line of it went with it
    scene.tamper(sa.delete(entries).where(entries.c.record == scene.case, entries.c.version == 2))
    book_refused(scene, "roster-rolled-back")
    scene.tamper(sa.delete(rosters).where(rosters.c.case == scene.case))
    book_refused(scene, "roster-rolled-back")


def test_a_later_roster_is_none_to_mistrust(scene: Scene) -> None:
    arrive(scene)
    change(scene)
    with scene.reading("new") as uow:
        mark = uow.vault.book.roster_mark(scene.case)
        assert mark is not None
        assert mark.number == 2


def test_another_roster_in_the_place_of_the_one_the_voucher_saw_is_noticed(scene: Scene) -> None:
    arrive(scene)
    plant_introduction(scene, "ruben", rosters=(RosterMark(scene.case, 1, 1, bytes(32)),))
    book_refused(scene, "fork")


def test_a_vouchers_word_makes_no_roster_genuine(scene: Scene) -> None:
    arrive(scene)
    lilit = scene.cast.people["lilit"].card
    taken = following(scene, signer=lilit, members=(Member(lilit, (Duty.LEAD.value,)),))
    scene.tamper(sa.insert(tables.rosters).values(roster_row(scene, taken, "lilit")))
    mark = RosterMark(scene.case, 1, 2, taken.digest(scene.cast.services.installation.id))
    plant_introduction(scene, "ruben", rosters=(mark,))
    introduction_refused(scene, "roster-signer")


def test_rosters_from_before_an_accepted_restore_keep_no_newcomer_out(scene: Scene) -> None:
    """Some of them may have been lost with it."""
    uow = scene.cast.uow()
    new = uow.vault.people.add("new", "Nila Orsan", INTERVIEWER, "six words", b"seed")
    scene.cast.people["new"] = new
    uow.commit()
    with scene.cast.acting("ruben") as vouching:
        assert vouching.vault.book.rosters
        vouching.vault.book.learn_head(HeadMark(2, 1, bytes(32)))
        vouching.vault.vouching.vouch(new.card, "call")
    with scene.reading("new") as uow:
        assert uow.vault.book.rosters == ()
