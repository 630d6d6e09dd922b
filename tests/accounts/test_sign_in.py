"""Signing in: right words and digits open, anything else is refused in the same words and at the same cost."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.audit.acts import Act
from app.store import people
from app.store.log import entries
from tests.accounts.doors import code_of_step, in_production, is_signed_in, knock, without_token
from tests.cast import Cast


def test_right_words_and_digits_open_the_door(cast: Cast):
    browser = cast.client()
    answer = knock(browser, "lilit", cast.password("lilit"), cast.code("lilit"))
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/"
    assert is_signed_in(browser)


def test_words_are_taken_as_people_type_them(cast: Cast):
    assert knock(
        cast.client(), " LILIT ", f"  {cast.password('lilit').upper()} ", cast.code("lilit")
    ).status_code == 303  # fmt: skip


def test_digits_are_taken_with_a_gap(cast: Cast):
    code = cast.code("lilit")
    assert knock(cast.client(), "lilit", cast.password("lilit"), f"{code[:3]} {code[3:]}").status_code == 303


def wrong_ones(cast: Cast) -> Iterator[tuple[str, str, str]]:
    yield "nobody-of-this-name", cast.password("lilit"), cast.code("lilit")
    yield "lilit", cast.password("anush"), cast.code("lilit")
    yield "lilit", cast.password("lilit"), "000000"
    yield "lilit", cast.password("lilit"), "not digits"
    yield "lilit", cast.password("lilit"), "٠٠٠٠٠٠"


def test_which_of_the_three_was_wrong_is_not_told(cast: Cast):
    pages = set()
    for name, words, code in wrong_ones(cast):
        browser = cast.client()
        answer = knock(browser, name, words, code)
        assert answer.status_code == 403
        assert "Name, words or digits do not fit." in answer.text
        assert words not in answer.text
        assert not is_signed_in(browser)
        pages.add(without_token(answer).replace(name, "").replace(code, ""))
    assert len(pages) == 1


def test_an_empty_form_is_shown_again(cast: Cast):
    answer = knock(cast.client(), "", "", "")
    assert answer.status_code == 200
    assert "Sign in" in answer.text


def test_a_wrong_name_costs_as_much_as_wrong_words(tmp_path: Path):
    cast = in_production(tmp_path / "data", argon2=(1, 65_536, 1))
    browser = cast.client()
    known = min(_cost(lambda: knock(browser, "ruben", "wrong", "000000")) for _ in range(2))
    unknown = min(_cost(lambda: knock(browser, "rubens", "wrong", "000000")) for _ in range(2))
    nothing = min(_cost(lambda: browser.get("/sign-in")) for _ in range(2))
    cast.close()
    assert known > 2 * nothing
    assert known / 2 < unknown < known * 2


def _cost(act) -> float:
    """Seconds of this thread's own work, whatever else the machine does."""
    before = time.thread_time()
    act()
    return time.thread_time() - before


def test_digits_that_were_used_are_refused_also_to_another_session(cast: Cast):
    code = cast.code("lilit")
    assert knock(cast.client(), "lilit", cast.password("lilit"), code).status_code == 303
    assert knock(cast.client(), "lilit", cast.password("lilit"), code).status_code == 403


def test_digits_from_before_the_last_ones_are_refused(cast: Cast):
    step = cast.clock() // 30
    assert knock(cast.client(), "lilit", cast.password("lilit"), code_of_step(step + 1)).status_code == 303
    assert knock(cast.client(), "lilit", cast.password("lilit"), code_of_step(step)).status_code == 403


@pytest.mark.parametrize(("drift", "status"), [(-2, 403), (-1, 303), (0, 303), (1, 303), (2, 403)])
def test_a_clock_may_be_half_a_minute_off_and_no_more(cast: Cast, drift: int, status: int):
    cast.clock.ahead += 15 - cast.clock() % 30  # the middle of a step
    code = code_of_step(cast.clock() // 30 + drift)
    assert knock(cast.client(), "lilit", cast.password("lilit"), code).status_code == status


def test_a_disabled_account_is_out_at_once_and_does_not_come_in_again(cast: Cast):
    browser = cast.client("lilit")
    uow = cast.uow()
    uow.tx.stage(
        sa.update(people.people)
        .where(people.people.c.id == cast.people["lilit"].person)
        .values(disabled=True)
    )
    uow.commit()
    assert not is_signed_in(browser)
    assert knock(cast.client(), "lilit", cast.password("lilit"), cast.code("lilit")).status_code == 403


def test_an_account_without_its_second_factor_lets_nobody_in(cast: Cast):
    uow = cast.uow()
    uow.tx.stage(
        sa.update(people.people)
        .where(people.people.c.id == cast.people["lilit"].person)
        .values(second_factor=None)
    )
    uow.commit()
    browser = cast.client()
    assert knock(browser, "lilit", cast.password("lilit"), cast.code("lilit")).status_code == 409
    assert not is_signed_in(browser)


def test_a_seed_of_another_account_is_no_second_factor(cast: Cast):
    """Who can write the table cannot give an account the digits that they know."""
    uow = cast.uow()
    table = people.people
    of_davit = uow.vault.people.row(cast.people["davit"].person).second_factor
    uow.tx.stage(
        sa.update(table).where(table.c.id == cast.people["lilit"].person).values(second_factor=of_davit)
    )
    uow.commit()
    assert knock(cast.client(), "lilit", cast.password("lilit"), cast.code("lilit")).status_code == 409


def test_signing_in_as_somebody_else_ends_the_earlier_session(cast: Cast):
    browser = cast.client("lilit")
    earlier = browser.client.get_cookie("demo-session")
    assert earlier is not None
    browser.sign_in("anush")
    assert "Anush Berdents" in browser.get("/account").text
    other = cast.client()
    other.client.set_cookie("demo-session", earlier.value)
    assert not is_signed_in(other)


def test_every_sign_in_is_on_record(cast: Cast):
    cast.client("lilit")
    uow = cast.uow()
    found = uow.tx.all(sa.select(entries.c.person).where(entries.c.act == Act.SIGNED_IN.value))
    uow.end()
    assert [row.person for row in found] == [cast.people["lilit"].person]


def test_whom_nobody_vouched_for_is_told_so_and_sees_their_own_numbers(cast: Cast):
    browser = cast.client("nobody")
    assert browser.get("/").headers["Location"] == "/account"
    case = browser.get(f"/cases/{cast.case}")
    assert case.status_code == 403
    assert "Nobody has vouched for your card yet." in case.text
    uow = cast.uow()
    digits = uow.vault.people.digits_of(cast.people["nobody"].card)
    uow.end()
    own = browser.get("/account").text
    assert digits in own
    assert "not yet" in own
    assert browser.post("/sign-out").status_code == 303
    assert not is_signed_in(browser)


@pytest.mark.parametrize("how", ["taken away", "altered"])
def test_whoever_comes_in_is_told_that_the_log_was_touched_since(cast: Cast, how: str):
    """Each person's own book remembers where the log stood."""
    cast.client("lilit")
    cast.client("ruben")
    newest = sa.select(sa.func.max(entries.c.sequence))
    with cast.services.database.writing() as connection:
        touched = entries.c.sequence == connection.execute(newest).scalar_one() - 1
        altered = sa.update(entries).where(touched).values(note="another")
        connection.execute(altered if how == "altered" else sa.delete(entries).where(touched))
    browser = cast.client()
    answer = knock(browser, "lilit", cast.password("lilit"), cast.code("lilit"))
    assert answer.headers["Location"] == "/?done=log-altered"
    assert "entries of the log were altered or taken away" in browser.get("/desk?done=log-altered").text
    assert browser.get("/?done=log-altered").headers["Location"] == "/desk?done=log-altered"
