"""What comes next with a statement, and who does it: said on its page to whoever reads the case."""

import pytest
import sqlalchemy as sa

from app.domain.duties import Duty
from app.domain.lifecycle import StatementState
from app.store import cases
from tests.cast import Cast
from tests.transcription.scenes import Sent, put, send, words_of

S = StatementState


def work(cast: Cast, sent: Sent, name: str, kind: str) -> None:
    with cast.services.database.writing() as connection:
        row = {"subject": sent.statement, "kind": kind, "person": cast.people[name].person}
        connection.execute(sa.insert(cases.work).values(row))


def page(cast: Cast, sent: Sent, who: str, rest: str = "") -> str:
    return words_of(cast.client(who).get(sent.path(rest)))


@pytest.mark.parametrize(
    ("state", "who", "said"),
    [
        (S.ACCEPTED, "ruben", "Next: written down or redacted by Lilit Ashkhar."),
        (S.TRANSCRIBING, "ruben", "Next: the transcript is finished by Lilit Ashkhar."),
        (S.TRANSCRIBED, "lilit", "Next: redacted by you."),
        (S.REDACTING, "ruben", "Next: the redaction is finished by Lilit Ashkhar."),
        (S.REDACTED, "ruben", "Next: sent to approval by Lilit Ashkhar."),
        (S.IN_APPROVAL, "lilit", "Next: approved by Irina Veslova or Nadim Karaz."),
        (S.IN_APPROVAL, "nadim", "Next: approved by you or Irina Veslova."),
        (S.APPROVED, "irina", "Next: told in a story by Lilit Ashkhar, Ruben Oskan, or Selma Idrane."),
        (S.ON_HOLD, "lilit", "Next: the hold is lifted by Ruben Oskan."),
        (S.RETURNED, "lilit", "Next: taken up again by Ruben Oskan."),
        (S.QUARANTINED, "ruben", "Next: let in or kept apart by you."),
    ],
)
def test_every_state_names_who_goes_on_with_it(cast: Cast, state: StatementState, who: str, said: str):
    sent = send(cast)
    put(cast, sent, state, "transcribing" if state in {S.ON_HOLD, S.RETURNED} else "")
    assert said in page(cast, sent, who)


def test_whoever_has_it_in_hand_is_named_alone(cast: Cast):
    sent = send(cast)
    put(cast, sent, S.RETURNED, "redacting")
    work(cast, sent, "lilit", "redacted")
    assert "Next: taken up again by Lilit Ashkhar." in page(cast, sent, "ruben")


def test_who_worked_on_it_is_not_named_to_approve_it(cast: Cast):
    sent = send(cast)
    put(cast, sent, S.IN_APPROVAL)
    work(cast, sent, "irina", "transcribed")
    assert "Next: approved by Nadim Karaz." in page(cast, sent, "lilit")


def test_where_nobody_can_go_on_that_is_said(cast: Cast):
    sent = send(cast)
    put(cast, sent, S.IN_APPROVAL)
    for name in ("irina", "nadim"):
        work(cast, sent, name, "transcribed")
    assert "Next: nobody on this case can do it." in page(cast, sent, "lilit")


def test_after_a_press_in_the_redaction_the_page_names_who_approves(cast: Cast):
    sent = send(cast)
    lilit = cast.client("lilit")
    for step, more in (("finish", {"revision": "0"}), ("approval", {})):
        answer = lilit.post(sent.path(f"/redaction/{step}"), more)
        assert answer.status_code == 303, words_of(answer)
    assert "Next: approved by Irina Veslova or Nadim Karaz." in words_of(lilit.get(answer.location))


def test_what_nobody_took_over_names_nobody(cast: Cast):
    assert "Next:" not in page(cast, send(cast, taken_over=False), "lilit")


def test_a_duty_that_was_given_counts_at_once(cast: Cast):
    sent = send(cast)
    put(cast, sent, S.REDACTED)
    with cast.acting("ruben") as uow:
        roster = uow.vault.trust.roster(cast.case)
        held = {each.card: frozenset(map(Duty, each.duties)) for each in roster.roster.members}
        held[cast.people["selma"].card] |= {Duty.REDACTOR}
        uow.vault.casework.change_roster(cast.case, roster.digest, held)
    assert "Next: sent to approval by Lilit Ashkhar or Selma Idrane." in page(cast, sent, "ruben")
