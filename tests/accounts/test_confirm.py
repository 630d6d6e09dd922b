"""Showing the second factor again, before what cannot easily be undone."""

import pytest
import sqlalchemy as sa

from app.store.sessions import sessions
from tests.accounts.doors import code_of_step, is_signed_in
from tests.cast import Cast


def is_confirmed(cast: Cast) -> bool:
    """Whether the one live session counts as just confirmed: a rule of ten minutes."""
    tx = cast.services.sessions.database.transaction()
    confirmed = tx.value(sa.select(sessions.c.confirmed))
    tx.release()
    return bool(cast.clock() - confirmed <= 600)


def test_fresh_digits_count_for_ten_minutes(cast: Cast):
    browser = cast.client("lilit")
    cast.clock.ahead += 11 * 60
    assert not is_confirmed(cast)
    answer = browser.post("/confirm", {"code": cast.code("lilit"), "back": "/desk"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk")
    assert is_confirmed(cast)


def test_the_digits_of_the_sign_in_are_not_taken_twice(cast: Cast):
    browser = cast.client("lilit")
    code = code_of_step(cast._codes["lilit"])
    answer = browser.post("/confirm", {"code": code})
    assert answer.status_code == 403
    assert "were used already" in answer.text


def test_wrong_digits_are_refused_and_end_nothing(cast: Cast):
    browser = cast.client("lilit")
    cast.clock.ahead += 11 * 60
    assert browser.post("/confirm", {"code": "000000"}).status_code == 403
    assert not is_confirmed(cast)
    assert is_signed_in(browser)


def test_guessing_digits_is_slowed_down(cast: Cast):
    browser = cast.client("lilit")
    for _ in range(5):
        assert browser.post("/confirm", {"code": "000000"}).status_code == 403
    assert browser.post("/confirm", {"code": "000000"}).status_code == 429


def test_right_digits_forget_the_wrong_ones_before(cast: Cast):
    browser = cast.client("lilit")
    for _ in range(2):
        for _ in range(4):
            assert browser.post("/confirm", {"code": "000000"}).status_code == 403
        assert browser.post("/confirm", {"code": cast.code("lilit")}).status_code == 303


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example/", "/\\evil.example", "/\t/evil.example"]
)
def test_nobody_is_led_away(cast: Cast, back: str):
    browser = cast.client("lilit")
    cast.clock.ahead += 60
    answer = browser.post("/confirm", {"code": cast.code("lilit"), "back": back})
    assert answer.headers["Location"] == "/"


def test_nobody_confirms_without_a_session(cast: Cast):
    assert cast.client().get("/confirm").status_code == 302
