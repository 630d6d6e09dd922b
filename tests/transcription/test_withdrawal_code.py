"""A witness calls with the code of their card: whoever types it withdraws, or asks who may."""

import pytest
import sqlalchemy as sa

from app.audit.acts import Act
from app.domain.ids import new_id
from app.domain.lifecycle import StatementState
from app.store import cases
from app.store.log import entries
from app.vault.submissions import new_withdrawal_code, open_form, withdrawal_tag
from tests.cast import Cast
from tests.transcription.scenes import Sent, put, read, send, state_of, take_over, touch, words_of

PAGE = "/withdrawal"


@pytest.fixture
def code() -> str:
    return new_withdrawal_code()


@pytest.fixture
def sent(cast: Cast, code: str) -> Sent:
    sent = send(cast)
    table = cases.statements
    tag = withdrawal_tag(cast.services.installation, code)
    touch(cast, sa.update(table).where(table.c.id == sent.statement).values(withdrawal_tag=tag))
    return sent


def chores(cast: Cast, sent: Sent) -> list[tuple[str, str]]:
    table = cases.chores
    rows = read(cast, sa.select(table).where(table.c.subject == sent.statement))
    return [(row.kind, row.waits_for) for row in rows]


def test_a_code_from_a_real_card_is_found(cast: Cast, code: str) -> None:
    with cast.acting("anahit") as uow:
        capsule = open_form(uow.installation, uow.vault.submissions.begin(cast.case), uow.clock())
        part = {"code_name": "Juniper", "languages": ["en"], "account": "I saw it."}
        sealed = uow.vault.submissions.seal_part(capsule, part, {}, {}, [])
        tag = withdrawal_tag(uow.installation, code)
        uow.vault.submissions.finish(sealed.capsule, sealed, tag)
    take_over(cast)
    answer = cast.client("ruben").post(PAGE, {"code": code})
    assert answer.status_code == 200
    assert f"/statements/{capsule.submission}/state/withdraw" in answer.get_data(as_text=True)


@pytest.mark.parametrize("who", ["ruben", "anush"])
def test_who_may_withdraw_does_it_from_the_page_with_the_code_of_the_case(
    cast: Cast, sent: Sent, code: str, who: str
) -> None:
    browser = cast.client(who)
    assert browser.get(PAGE).status_code == 200
    answer = browser.post(PAGE, {"code": code.replace(" ", "-")})
    assert answer.status_code == 200
    assert "Linden-4" in words_of(answer)
    assert "Juniper" not in words_of(answer)
    assert state_of(cast, sent) == ("accepted", "")
    assert chores(cast, sent) == []
    assert browser.post(sent.path("/state/withdraw"), {"code": "Linden-4"}).status_code == 303
    assert state_of(cast, sent) == ("withdrawn", "")
    assert "It is withdrawn already." in words_of(browser.post(PAGE, {"code": code}))


@pytest.mark.parametrize("who", ["anahit", "lilit", "mark"])
def test_who_may_not_leaves_it_to_the_lead_once(cast: Cast, sent: Sent, code: str, who: str) -> None:
    browser = cast.client(who)
    for _twice in range(2):
        answer = browser.post(PAGE, {"code": code})
        assert answer.status_code == 200
        assert "The lead of its case was asked to withdraw it" in words_of(answer)
        assert "/state/withdraw" not in answer.get_data(as_text=True)
    assert chores(cast, sent) == [("withdrawal", "lead")]
    assert state_of(cast, sent) == ("accepted", "")
    assert "A witness took a statement back" in words_of(cast.client("ruben").get(f"/cases/{cast.case}"))
    assert sent.path() in cast.client("ruben").get(PAGE).get_data(as_text=True)
    for other in ("lilit", "anahit", "stranger", "helga"):
        assert sent.path() not in cast.client(other).get(PAGE).get_data(as_text=True)


def test_a_request_for_what_is_not_there_keeps_no_other_from_being_told(
    cast: Cast, sent: Sent, code: str
) -> None:
    gone = {"id": new_id(), "case": cast.case, "kind": "withdrawal", "subject": new_id()}
    touch(cast, sa.insert(cases.chores).values(**gone, waits_for="lead", since=1))
    cast.client("lilit").post(PAGE, {"code": code})
    assert sent.path() in cast.client("ruben").get(PAGE).get_data(as_text=True)


def test_the_chore_goes_with_the_withdrawal(cast: Cast, sent: Sent, code: str) -> None:
    cast.client("lilit").post(PAGE, {"code": code})
    assert cast.client("ruben").post(sent.path("/state/withdraw"), {"code": "Linden-4"}).status_code == 303
    assert chores(cast, sent) == []


@pytest.mark.parametrize("who", ["stranger", "helga"])
def test_who_is_not_on_the_case_does_not_learn_which_it_is(
    cast: Cast, sent: Sent, code: str, who: str
) -> None:
    answer = cast.client(who).post(PAGE, {"code": code})
    assert answer.status_code == 200
    assert "Linden-4" not in words_of(answer)
    assert str(sent.statement) not in answer.get_data(as_text=True)
    assert chores(cast, sent) == [("withdrawal", "lead")]


def test_what_is_withdrawn_already_is_told_and_asks_nobody(cast: Cast, sent: Sent, code: str) -> None:
    put(cast, sent, StatementState.WITHDRAWN)
    answer = cast.client("lilit").post(PAGE, {"code": code})
    assert "It is withdrawn already." in words_of(answer)
    assert chores(cast, sent) == []


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "Type the 32 figures of the witness's card."),
        ("1234 5678", "The code has 32 figures; here are 8."),
        ("7", "The code has 32 figures; here is 1."),
        ("1" * 33, "The code has 32 figures; here are 33."),
        ("1234 5678 " * 4, "No statement has this code."),
    ],
)
def test_a_wrong_code_is_told_what_is_wrong_with_it_and_stays_on_the_page(
    cast: Cast, typed: str, told: str
) -> None:
    answer = cast.client("selma").post(PAGE, {"code": typed})
    assert answer.status_code == 422
    assert told in answer.get_data(as_text=True).replace("&#39;", "'")
    assert f'value="{typed}"' in answer.get_data(as_text=True)


def test_nobody_who_is_not_signed_in_gets_the_page(cast: Cast, code: str) -> None:
    assert cast.client(None).get(PAGE).status_code in {302, 401}
    assert cast.client(None).client.post(PAGE, data={"code": code}).status_code in {401, 403}


def test_guessing_is_on_record_and_slowed_down_for_whoever_guesses(cast: Cast, sent: Sent, code: str) -> None:
    nadim = cast.client("nadim")
    for number in range(5):
        assert nadim.post(PAGE, {"code": f"{number:032}"}).status_code == 422
    answer = nadim.post(PAGE, {"code": code})
    assert answer.status_code == 429
    refused = sa.select(entries.c.sequence).where(
        entries.c.act == Act.REFUSED.value,
        entries.c.note == "withdrawal-code.use",
        entries.c.person == cast.people["nadim"].person,
    )
    assert len(read(cast, refused)) == 5
    assert cast.client("irina").post(PAGE, {"code": code}).status_code == 200
    cast.clock.ahead += 15 * 60
    assert cast.client("nadim").post(PAGE, {"code": code}).status_code == 200
