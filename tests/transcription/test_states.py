"""What moves a statement: hold, return, resume, withdraw; each by its duty, with its line in the log."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import pytest
import sqlalchemy as sa

from app.audit.acts import Act
from app.domain.lifecycle import StatementState
from app.store.cases import statements
from app.store.log import entries
from app.web import hooks
from tests.cast import Cast
from tests.transcription.scenes import (
    facts_of,
    logged,
    put,
    read,
    save,
    segment,
    send,
    state_of,
    words_of,
)

REASON = "her brother was seen near the house"


@pytest.fixture
def sent(cast: Cast):
    return send(cast)


def notes_of(cast: Cast, sent) -> list[str]:
    rows = read(
        cast, sa.select(entries.c.note).where(entries.c.record == sent.statement).order_by(entries.c.sequence)
    )
    return [row.note for row in rows if row.note]


def test_a_hold_needs_a_reason_keeps_it_sealed_and_goes_back_to_where_it_was(cast: Cast, sent):
    ruben = cast.client("ruben")
    put(cast, sent, StatementState.TRANSCRIBING)
    answer = ruben.post(sent.path("/state/hold"), {"reason": REASON})
    assert (answer.status_code, answer.location) == (303, f"{sent.path()}?done=held")
    assert state_of(cast, sent) == ("on hold", "transcribing")
    assert REASON in words_of(cast.client("irina").get(sent.path()))
    assert ruben.post(sent.path("/state/release-hold")).status_code == 303
    assert state_of(cast, sent) == ("transcribing", "")
    assert notes_of(cast, sent)[-2:] == ["hold", "release hold"]
    assert not any("brother" in note for note in notes_of(cast, sent))


@pytest.mark.parametrize("reason", ["", "   ", "x" * 4001])
def test_a_hold_without_a_fit_reason_is_asked_for_again(cast: Cast, sent, reason):
    answer = cast.client("ruben").post(sent.path("/state/hold"), {"reason": reason})
    assert answer.status_code == 422
    assert "Put on hold" in words_of(answer)
    assert state_of(cast, sent) == ("accepted", "")


def test_a_return_carries_a_note_and_a_hold_may_cover_it(cast: Cast, sent):
    lilit, nadim, ruben = (cast.client(name) for name in ("lilit", "nadim", "ruben"))
    assert lilit.post(sent.path("/state/return"), {"reason": "Koren, or Goren?"}).status_code == 303
    assert nadim.post(sent.path("/state/hold"), {"reason": REASON}).status_code == 303
    assert state_of(cast, sent) == ("on hold", "returned < accepted")
    assert ruben.post(sent.path("/state/release-hold")).status_code == 303
    assert state_of(cast, sent) == ("returned", "accepted")
    assert lilit.post(sent.path("/state/resume")).status_code == 303
    assert state_of(cast, sent) == ("accepted", "")


def test_a_step_that_leads_nowhere_changes_nothing(cast: Cast, sent):
    assert cast.client("ruben").post(sent.path("/state/release-hold")).status_code == 403
    assert cast.client("lilit").post(sent.path("/state/resume")).status_code == 403
    assert cast.client("lilit").post(sent.path("/state/accept")).status_code == 403
    assert state_of(cast, sent) == ("accepted", "")


def test_a_lead_sets_apart_and_lets_in(cast: Cast, sent):
    ruben = cast.client("ruben")
    put(cast, sent, StatementState.RECEIVED)
    assert ruben.post(sent.path("/state/quarantine")).status_code == 303
    assert state_of(cast, sent) == ("quarantined", "")
    assert cast.client("lilit").post(sent.path("/state/let-in")).status_code == 403
    assert ruben.post(sent.path("/state/let-in")).status_code == 303
    assert state_of(cast, sent) == ("accepted", "")


def test_a_reader_lets_in_what_was_received(cast: Cast, sent):
    put(cast, sent, StatementState.RECEIVED)
    lilit = cast.client("lilit")
    assert "Let it in" in words_of(lilit.get(sent.path()))
    assert lilit.post(sent.path("/state/accept")).status_code == 303
    assert state_of(cast, sent) == ("accepted", "")


def test_a_withdrawal_wants_the_code_of_the_case(cast: Cast, sent):
    ruben = cast.client("ruben")
    for code in ("", "Linden", "Alder-9"):
        answer = ruben.post(sent.path("/state/withdraw"), {"code": code})
        assert answer.status_code == 422
        assert state_of(cast, sent) == ("accepted", "")
    assert "This is not the code of the case." in words_of(answer)
    answer = ruben.post(sent.path("/state/withdraw"), {"code": " Linden-4 "})
    assert (answer.status_code, answer.location) == (303, f"/cases/{cast.case}?done=withdrawn")
    assert state_of(cast, sent) == ("withdrawn", "")
    (row,) = read(cast, sa.select(statements.c.consent_state).where(statements.c.id == sent.statement))
    assert row.consent_state == "withdrawn"
    assert logged(cast, Act.WITHDRAWN, sent.statement, "ruben") == 1


MOVES = (
    StatementState.TRANSCRIBING,
    StatementState.TRANSCRIBED,
    StatementState.REDACTING,
    StatementState.REDACTED,
)


@contextmanager
def overtaken(cast: Cast, by: Sequence[Callable[[], object]]) -> Iterator[None]:
    """Each of these is done by somebody else between a withdrawal and its commit, one at each try."""
    taken_down, left = cast.app.extensions["vouchsafe.take-down"], [*by]

    def take_down(uow, statement):
        taken_down(uow, statement)
        if left:
            with ThreadPoolExecutor(1) as somebody_else:
                somebody_else.submit(left.pop(0)).result()

    hooks.offer_take_down(cast.app, take_down)
    try:
        yield
    finally:
        hooks.offer_take_down(cast.app, taken_down)
    assert left == []


def withdraw(cast: Cast, sent, who: str = "ruben") -> int:
    return cast.client(who).post(sent.path("/state/withdraw"), {"code": "Linden-4"}).status_code


def test_a_withdrawal_is_not_lost_to_somebody_who_saves_at_that_moment(cast: Cast, sent):
    saved = []
    with overtaken(cast, [lambda: saved.append(save(cast.client("lilit"), sent, [segment("A word.")], 0))]):
        assert withdraw(cast, sent) == 303
    assert [answer.status_code for answer in saved] == [200]
    assert state_of(cast, sent) == ("withdrawn", "")
    assert logged(cast, Act.WITHDRAWN, sent.statement) == 1


def test_nor_to_three_who_move_it_one_after_the_other(cast: Cast, sent):
    with overtaken(cast, [partial(put, cast, sent, state) for state in MOVES[:3]]):
        assert withdraw(cast, sent) == 303
    assert state_of(cast, sent) == ("withdrawn", "")


def test_one_that_is_always_overtaken_is_told_and_can_be_sent_again(cast: Cast, sent):
    with overtaken(cast, [partial(put, cast, sent, state) for state in MOVES]):
        assert withdraw(cast, sent) == 409
    assert logged(cast, Act.WITHDRAWN, sent.statement) == 0
    assert withdraw(cast, sent) == 303


def test_of_two_who_withdraw_it_at_once_both_are_told_that_it_is_done(cast: Cast, sent):
    answers = []
    with overtaken(cast, [lambda: answers.append(withdraw(cast, sent, "anush"))]):
        assert withdraw(cast, sent) == 303
    assert answers == [303]
    assert logged(cast, Act.WITHDRAWN, sent.statement, "anush") == 1
    assert logged(cast, Act.WITHDRAWN, sent.statement, "ruben") == 0


def test_a_withdrawal_keeps_the_hold_that_keeps_it_from_being_destroyed(cast: Cast, sent):
    put(cast, sent, StatementState.ON_HOLD, "returned < accepted")
    assert cast.client("ruben").post(sent.path("/state/withdraw"), {"code": "Linden-4"}).status_code == 303
    assert state_of(cast, sent) == ("withdrawn", "on hold")
    assert "Withdrawn" in words_of(cast.client("ruben").get(sent.path()))


def test_two_people_who_move_it_at_once_move_it_once(cast: Cast, sent):
    from app.domain.errors import Conflict
    from app.domain.lifecycle import StatementAct
    from app.transcription.actions import change_state

    facts = facts_of(cast, sent, "ruben")
    units = [cast.uow("ruben") for _each in range(2)]
    for uow in units:
        change_state(uow, facts, StatementAct.HOLD)
    units[0].commit()
    with pytest.raises(Conflict):
        units[1].commit()
    for uow in units:
        uow.end()
    assert notes_of(cast, sent).count("hold") == 1
