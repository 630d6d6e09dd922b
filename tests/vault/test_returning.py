"""Coming back by the code on paper: the wait is proved by what nobody can write who has no key, and one code is good once."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.audit.acts import Act
from app.domain.errors import Conflict, Forbidden, Frozen, InvalidInput, NotSignedIn, UnreadableWords
from app.store import log, people, trust
from app.store.returning import requests
from app.unit_of_work import UnitOfWork
from app.vault.invitations import Offer, recovery_words
from app.vault.restore import accept_restore
from app.vault.returning import (
    HELD_SECONDS,
    PATH,
    TICKET_SECONDS,
    WAIT_SECONDS,
    Gate,
    Lost,
    Recovered,
    SealedTicket,
    Ticket,
    recovery_code,
)
from app.vault.totp import accepted_step
from tests.vault.scene import Scene, copied


def code_of(scene: Scene, name: str) -> bytes:
    return scene.cast.people[name].recovery_code


def opened(uow: UnitOfWork, scene: Scene, name: str, code: bytes | None = None) -> Recovered:
    return uow.vault.returning.open(uow.vault.people.lookup(name), code or code_of(scene, name))


def gate(scene: Scene, name: str, lost: Lost = Lost.WORDS) -> Gate:
    with scene.reading(None) as uow:
        return uow.vault.returning.standing(opened(uow, scene, name), lost).gate


@contextmanager
def nobody(scene: Scene) -> Iterator[UnitOfWork]:
    """A unit of work in nobody's name that commits if the block ends well."""
    uow = scene.cast.uow()
    try:
        yield uow
        uow.commit()
    finally:
        uow.end()


def ask(scene: Scene, name: str, lost: Lost = Lost.WORDS) -> None:
    with nobody(scene) as uow:
        uow.vault.returning.ask(opened(uow, scene, name), lost)


def wait(scene: Scene, seconds: int = WAIT_SECONDS) -> None:
    scene.cast.clock.ahead += seconds


def stop(scene: Scene, name: str, by: str = "ruben") -> None:
    with scene.cast.acting(by) as uow:
        uow.vault.returning.stop(scene.cast.people[name].person, scene.cast.people[by].person)


def stage_finish(uow: UnitOfWork, scene: Scene, name: str, lost: Lost = Lost.WORDS) -> tuple[Offer, bytes]:
    """What was proposed, and the new code."""
    known = opened(uow, scene, name)
    offer = uow.vault.invitations.offer(known.person)
    return offer, uow.vault.returning.finish(known, lost, offer, offer.words, uow.clock() // 30)


def of(scene: Scene, name: str) -> sa.ColumnElement[bool]:
    return requests.c.person == scene.cast.people[name].person


def told(scene: Scene, *names: str) -> list[tuple[str, Lost, bool]]:
    by_id = {scene.cast.people[name].person: name for name in names}
    with scene.reading(None) as uow:
        asked = uow.vault.returning.told(list(by_id))
    return [(by_id[each.person], each.lost, each.stopped is not None) for each in asked]


# The code


def test_the_code_opens_its_owners_keys(scene: Scene) -> None:
    lilit = scene.cast.people["lilit"]
    with scene.reading(None) as uow:
        words = recovery_words(lilit.recovery_code)
        known = opened(uow, scene, "lilit", recovery_code(words))
        assert (known.person, known.card, known.seeds) == (lilit.person, lilit.card, lilit.seeds)


@pytest.mark.parametrize("name", ["lilit", "nobody at all"])
def test_another_code_and_an_unknown_name_look_the_same(scene: Scene, name: str) -> None:
    with scene.reading(None) as uow, pytest.raises(NotSignedIn):
        opened(uow, scene, name, code_of(scene, "mark"))


def test_no_code_opens_what_stands_for_nobody(scene: Scene) -> None:
    scene.tamper(sa.delete(people.locks).where(people.locks.c.kind == "recovery"))
    with scene.reading(None) as uow, pytest.raises(NotSignedIn):
        opened(uow, scene, "lilit")


def test_whoever_was_shut_out_is_an_unknown_name(scene: Scene) -> None:
    scene.tamper(sa.update(people.people).values(disabled=True))
    with scene.reading(None) as uow:
        row = uow.vault.people.row(scene.cast.people["lilit"].person)
        with pytest.raises(NotSignedIn):
            uow.vault.returning.open(row, code_of(scene, "lilit"))


def test_a_lock_of_somebody_else_opens_for_neither(scene: Scene) -> None:
    c = people.locks.c

    def lock(name: str) -> sa.ColumnElement[bool]:
        return sa.and_(c.person == scene.cast.people[name].person, c.kind == "recovery")

    for column in ("locked", "salt"):
        scene.swap(people.locks, column, lock("lilit"), lock("mark"))
    for name in ("lilit", "mark"):
        for code in ("lilit", "mark"):
            with scene.reading(None) as uow, pytest.raises(NotSignedIn):
                opened(uow, scene, name, code_of(scene, code))


@pytest.mark.parametrize("words", ["", "abandon " * 12, "abandon " * 23 + "art"])
def test_what_no_sheet_holds_is_no_code(words: str) -> None:
    with pytest.raises(UnreadableWords):
        recovery_code(words)


# Who waits


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ruben", Gate.UNASKED), ("anush", Gate.UNASKED), ("mark", Gate.UNASKED), ("stranger", Gate.UNASKED),
        ("lilit", Gate.OPEN), ("irina", Gate.OPEN), ("davit", Gate.OPEN),
    ],
)  # fmt: skip
def test_much_hangs_on_leads_custodians_and_publishers(scene: Scene, name: str, expected: Gate) -> None:
    for lost in (Lost.WORDS, Lost.FACTOR):
        assert gate(scene, name, lost) is expected
    assert gate(scene, name, Lost.BOTH) is Gate.UNASKED


def test_who_has_no_trust_book_cannot_be_shown_to_hold_nothing(scene: Scene) -> None:
    assert gate(scene, "nobody") is Gate.UNASKED


def test_a_trust_book_that_was_altered_or_taken_away_frees_nobody(scene: Scene) -> None:
    with scene.cast.acting("lilit") as uow:
        uow.vault.learn_head()
    table = trust.trust_books
    scene.flip(table, "book", table.c.person == scene.cast.people["lilit"].person)
    assert gate(scene, "lilit") is Gate.UNASKED
    scene.tamper(sa.delete(table))
    assert gate(scene, "lilit") is Gate.UNASKED


def test_a_case_that_cannot_be_proved_frees_nobody(scene: Scene) -> None:
    scene.tamper(sa.delete(trust.charters).where(trust.charters.c.case == scene.cast.other_case))
    assert gate(scene, "davit") is Gate.UNASKED


def test_nothing_is_learnt_in_the_name_of_somebody_who_has_not_come_in(scene: Scene) -> None:
    before = scene.read(sa.select(trust.trust_books))
    ask(scene, "anush")
    assert scene.read(sa.select(trust.trust_books)) == before


# Asking


def test_asking_opens_after_a_day_and_for_seven(scene: Scene) -> None:
    ask(scene, "anush")
    assert gate(scene, "anush") is Gate.WAITS
    wait(scene, WAIT_SECONDS - 30)
    assert gate(scene, "anush") is Gate.WAITS
    wait(scene, 30)
    assert gate(scene, "anush") is Gate.OPEN
    assert gate(scene, "anush", Lost.FACTOR) is Gate.UNASKED
    wait(scene, HELD_SECONDS - WAIT_SECONDS + 1)
    assert gate(scene, "anush") is Gate.UNASKED
    assert told(scene, "anush") == []


def test_asking_for_everything_covers_the_rest(scene: Scene) -> None:
    ask(scene, "anush", Lost.BOTH)
    wait(scene)
    assert {gate(scene, "anush", lost) for lost in Lost} == {Gate.OPEN}


@pytest.mark.parametrize(
    "values",
    [{"asked": 1}, {"asked": -1}, {"lost": "both"}, {"version": 0}, {"version": 2}, {"mac": bytes(32)}],
)
def test_a_row_that_was_altered_is_no_request(scene: Scene, values: dict[str, Any]) -> None:
    ask(scene, "anush")
    wait(scene)
    scene.tamper(sa.update(requests).values(values))
    assert gate(scene, "anush") is Gate.UNASKED


def test_a_row_of_somebody_else_is_no_request(scene: Scene) -> None:
    ask(scene, "mark")
    ask(scene, "anush")
    wait(scene)
    row = scene.row(requests, of(scene, "mark"))
    scene.put_back(requests, [{**row, "person": scene.cast.people["anush"].person}], of(scene, "anush"))
    assert gate(scene, "anush") is Gate.UNASKED
    assert gate(scene, "mark") is Gate.OPEN


def test_a_row_that_was_put_back_after_a_stop_is_no_request(scene: Scene) -> None:
    ask(scene, "anush")
    row = scene.row(requests, of(scene, "anush"))
    stop(scene, "anush")
    wait(scene)
    assert gate(scene, "anush") is Gate.STOPPED
    scene.put_back(requests, [row], of(scene, "anush"))
    assert gate(scene, "anush") is Gate.UNASKED


def test_a_row_that_was_put_back_after_coming_in_is_no_request(scene: Scene) -> None:
    ask(scene, "anush")
    wait(scene)
    row = scene.row(requests, of(scene, "anush"))
    with nobody(scene) as uow:
        _offer, code = stage_finish(uow, scene, "anush")
    assert scene.read(sa.select(requests)) == []
    scene.put_back(requests, [row], of(scene, "anush"))
    with scene.reading(None) as uow:
        standing = uow.vault.returning.standing(opened(uow, scene, "anush", code), Lost.WORDS)
    assert standing.gate is Gate.UNASKED


def test_what_was_asked_with_one_code_does_not_count_for_the_next(scene: Scene) -> None:
    ask(scene, "anush")
    wait(scene)
    anush = scene.cast.people["anush"]
    with scene.cast.acting("anush") as uow:
        code = uow.vault.people.renew_recovery(anush.person, anush.seeds)
    with scene.reading(None) as uow:
        standing = uow.vault.returning.standing(opened(uow, scene, "anush", code), Lost.WORDS)
    assert standing.gate is Gate.UNASKED


def test_what_a_restored_backup_says_was_asked_counts_no_more(scene: Scene, tmp_path: Path) -> None:
    ask(scene, "anush")
    wait(scene)
    scene.cast.close()
    back = copied(scene, tmp_path / "backup")
    stop(scene, "anush")
    scene.cast.services.head_file.write(newest_head(scene))
    shutil.copy(scene.cast.services.config.head_file, back.cast.services.config.head_file)
    back.cast.clock.ahead = WAIT_SECONDS
    for name in ("anush", "mark"):
        with pytest.raises(Frozen, match="head-behind"):
            ask(back, name)
    with pytest.raises(Frozen, match="head-behind"):
        gate(back, "anush")
    services = back.cast.services
    tx = services.database.transaction()
    accept_restore(tx, services.installation, services.head_file, services.clock)
    tx.release()
    assert gate(back, "anush") is Gate.UNASKED
    back.cast.close()


def newest_head(scene: Scene) -> Any:
    with scene.reading(None) as uow:
        return uow.audit.check_head(uow.tx)


# Stopping


def test_a_stop_holds_for_seven_days_whatever_is_asked(scene: Scene) -> None:
    ask(scene, "lilit", Lost.BOTH)
    stop(scene, "lilit")
    assert {gate(scene, "lilit", lost) for lost in Lost} == {Gate.STOPPED}
    wait(scene, HELD_SECONDS + 1)
    assert gate(scene, "lilit") is Gate.OPEN
    assert told(scene, "lilit") == []


def test_nobody_is_stopped_who_is_not_waiting(scene: Scene) -> None:
    with pytest.raises(Conflict, match="return-over"):
        stop(scene, "anush")
    ask(scene, "anush")
    stop(scene, "anush")
    with pytest.raises(Conflict, match="return-over"):
        stop(scene, "anush")


def test_a_lock_that_was_hidden_for_the_day_does_not_keep_from_stopping(scene: Scene) -> None:
    ask(scene, "anush")
    locks = people.locks
    mine = (locks.c.kind == "recovery", locks.c.person == scene.cast.people["anush"].person)
    row = scene.row(locks, *mine)
    scene.tamper(sa.delete(locks).where(*mine))
    stop(scene, "anush")
    scene.put_back(locks, [row], *mine)
    wait(scene)
    assert gate(scene, "anush") is not Gate.OPEN


def test_a_row_that_was_taken_away_does_not_keep_from_stopping(scene: Scene) -> None:
    ask(scene, "anush")
    row = scene.row(requests, of(scene, "anush"))
    scene.tamper(sa.delete(requests))
    assert told(scene, "anush") == [("anush", Lost.WORDS, False)]
    stop(scene, "anush")
    assert gate(scene, "anush") is Gate.STOPPED
    scene.put_back(requests, [row], of(scene, "anush"))
    wait(scene)
    assert gate(scene, "anush") is Gate.UNASKED


def test_whoever_is_told_is_told_what_the_log_says(scene: Scene) -> None:
    assert told(scene, "anush", "mark", "lilit") == []
    ask(scene, "mark", Lost.FACTOR)
    ask(scene, "anush")
    ask(scene, "lilit", Lost.BOTH)
    stop(scene, "mark")
    everybody = told(scene, "anush", "mark", "lilit")
    assert set(everybody) == {
        ("anush", Lost.WORDS, False), ("mark", Lost.FACTOR, True), ("lilit", Lost.BOTH, False)
    }  # fmt: skip
    assert told(scene, "ruben") == []
    wait(scene)
    with nobody(scene) as uow:
        stage_finish(uow, scene, "anush")
    assert told(scene, "anush") == []


def test_entries_that_somebody_altered_still_tell_the_most(scene: Scene) -> None:
    entries = log.entries
    asked = (entries.c.field == PATH, entries.c.act == Act.RETURN_ASKED.value)
    ask(scene, "anush")
    scene.tamper(sa.update(entries).where(*asked).values(note="?"))
    assert told(scene, "anush") == [("anush", Lost.BOTH, False)]
    stop(scene, "anush")
    scene.tamper(sa.delete(entries).where(*asked))
    assert told(scene, "anush") == []


# Coming in


@pytest.mark.parametrize("lost", list(Lost))
def test_only_what_was_lost_is_replaced(scene: Scene, lost: Lost) -> None:
    ask(scene, "lilit", Lost.BOTH)
    wait(scene)
    with nobody(scene) as uow:
        offer, code = stage_finish(uow, scene, "lilit", lost)
    words = offer.words if lost.words else scene.cast.password("lilit")
    with scene.reading(None) as uow:
        account = uow.vault.people.lookup("lilit")
        unlocked = uow.vault.people.unlock(account, words)
        assert unlocked.seeds == scene.cast.people["lilit"].seeds
        assert account is not None
        assert (uow.vault.people.second_factor(account) == offer.second_factor) is lost.factor
        assert opened(uow, scene, "lilit", code).seeds == unlocked.seeds
        with pytest.raises(NotSignedIn):
            opened(uow, scene, "lilit")
    assert scene.transcript("lilit")


def test_nobody_finishes_before_the_gate_is_open(scene: Scene) -> None:
    with scene.reading(None) as uow, pytest.raises(Forbidden, match="return-unasked"):
        stage_finish(uow, scene, "anush")
    ask(scene, "anush")
    with scene.reading(None) as uow, pytest.raises(Forbidden, match="return-waits"):
        stage_finish(uow, scene, "anush")
    stop(scene, "anush")
    wait(scene)
    with scene.reading(None) as uow, pytest.raises(Forbidden, match="return-stopped"):
        stage_finish(uow, scene, "anush")


def test_other_words_than_the_proposed_are_refused(scene: Scene) -> None:
    with scene.reading(None) as uow:
        known = opened(uow, scene, "lilit")
        offer = uow.vault.invitations.offer(known.person)
        with pytest.raises(InvalidInput, match="not-the-proposed"):
            uow.vault.returning.finish(known, Lost.WORDS, offer, "words of my own", 0)
        assert uow.tx.staged == []


def test_of_two_who_finish_at_once_one_comes_in(scene_on_both: Scene) -> None:
    scene = scene_on_both
    first, second = scene.cast.uow(), scene.cast.uow()
    offers = [stage_finish(uow, scene, "lilit")[0] for uow in (first, second)]
    first.commit()
    with pytest.raises(Conflict, match="recovery-code-used"):
        second.commit()
    with scene.reading(None) as uow:
        account = uow.vault.people.lookup("lilit")
        uow.vault.people.unlock(account, offers[0].words)
        with pytest.raises(NotSignedIn):
            uow.vault.people.unlock(account, offers[1].words)


def test_a_stop_at_the_very_moment_of_coming_in_holds(scene_on_both: Scene) -> None:
    scene = scene_on_both
    ask(scene, "anush")
    wait(scene)
    coming = scene.cast.uow()
    stage_finish(coming, scene, "anush")
    stop(scene, "anush")
    with pytest.raises(Conflict, match="changed-meanwhile"):
        coming.commit()
    assert gate(scene, "anush") is Gate.STOPPED


def test_who_came_in_at_the_very_moment_of_a_stop_is_in(scene_on_both: Scene) -> None:
    scene = scene_on_both
    ask(scene, "anush")
    wait(scene)
    stopping = scene.cast.uow("ruben")
    stopping.vault.returning.stop(scene.cast.people["anush"].person, scene.cast.people["ruben"].person)
    with nobody(scene) as uow:
        stage_finish(uow, scene, "anush")
    with pytest.raises(Conflict, match="changed-meanwhile"):
        stopping.commit()
    assert told(scene, "anush") == []


def test_of_two_new_second_factors_the_first_holds(scene: Scene) -> None:
    first, second = scene.cast.uow("lilit"), scene.cast.uow("lilit")
    for uow, seed in ((first, b"one seed of twenty b"), (second, b"two seed of twenty b")):
        uow.vault.people.change_factor(uow.vault.people.row(scene.cast.people["lilit"].person), seed, 5)
    first.commit()
    with pytest.raises(Conflict, match="factor-moved"):
        second.commit()
    with scene.reading(None) as uow:
        account = uow.vault.people.row(scene.cast.people["lilit"].person)
        assert uow.vault.people.second_factor(account) == b"one seed of twenty b"
        assert account.second_factor_step == 5


def test_the_first_code_of_a_new_second_factor_is_not_taken_twice(scene: Scene) -> None:
    with nobody(scene) as uow:
        known = opened(uow, scene, "lilit")
        offer = uow.vault.invitations.offer(known.person)
        uow.vault.people.change_factor(uow.vault.people.row(known.person), offer.second_factor, 7)
    with scene.reading(None) as uow:
        uow.vault.people.use_factor_step(uow.vault.people.row(known.person), 7)
        with pytest.raises(Conflict, match="code-used"):
            uow.commit()
    with pytest.raises(NotSignedIn):
        accepted_step(offer.second_factor, "not a code", scene.cast.clock())


# The ticket


def a_ticket(scene: Scene) -> Ticket:
    return Ticket(scene.cast.people["lilit"].person, "lilit", Lost.WORDS, code_of(scene, "lilit"))


def test_both_halves_of_a_ticket_bring_back_what_was_proved(scene: Scene) -> None:
    with scene.reading(None) as uow:
        one, other = (uow.vault.returning.ticket(a_ticket(scene)) for _ in range(2))
        assert uow.vault.returning.redeem(one) == a_ticket(scene)
        for torn in (
            SealedTicket(one.sealed, other.secret),
            SealedTicket(one.sealed, ""),
            SealedTicket("", one.secret),
            SealedTicket(one.sealed, "ü"),
            SealedTicket(one.sealed[:-8] + "AAAAAAA=", one.secret),
        ):
            with pytest.raises(Forbidden, match="ticket-over"):
                uow.vault.returning.redeem(torn)


def test_a_ticket_is_over_after_an_hour(scene: Scene) -> None:
    with scene.reading(None) as uow:
        ticket = uow.vault.returning.ticket(a_ticket(scene))
        wait(scene, TICKET_SECONDS)
        assert uow.vault.returning.redeem(ticket) == a_ticket(scene)
        wait(scene, 2)
        with pytest.raises(Forbidden, match="ticket-over"):
            uow.vault.returning.redeem(ticket)


def test_neither_a_ticket_nor_what_it_holds_shows_the_code(scene: Scene) -> None:
    ticket, code = a_ticket(scene), code_of(scene, "lilit")
    with scene.reading(None) as uow:
        sealed = uow.vault.returning.ticket(ticket)
    for shown in (repr(ticket), repr(sealed), sealed.sealed):
        assert repr(code)[2:-1] not in shown
        assert code.hex() not in shown
