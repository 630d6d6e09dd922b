"""A page that stays open asks how long is left, is a sign of life when somebody says so, and lets its own person in again."""

import re

import pytest
from werkzeug.test import TestResponse

from tests.accounts.doors import code_of_step, cookie_of, is_signed_in
from tests.cast import Browser, Cast

IDLE = 15 * 60
ABSOLUTE = 8 * 60 * 60
NOBODY = {"left": 0, "last": False, "whose": ""}


def whose(browser: Browser, path: str = "/account") -> str:
    """Whom a page says it was made for."""
    found = re.search(r'data-whose="([0-9a-f]+)"', browser.get(path).text)
    return found[1] if found else ""


def standing(browser: Browser) -> dict[str, object]:
    answer = browser.get("/session").get_json()
    assert isinstance(answer, dict)
    return answer


def come_again(browser: Browser, page: str, words: str, code: str) -> TestResponse:
    token = standing(browser)["token"]
    return browser.client.post(
        "/sign-in/again",
        json={"whose": page, "words": words, "code": code},
        headers={"X-CSRF-Token": str(token)},
    )


def stay(browser: Browser) -> TestResponse:
    return browser.client.post("/session", headers={"X-CSRF-Token": str(standing(browser)["token"])})


# How long is left


def test_a_page_says_how_long_is_left_and_nothing_to_strangers(cast: Cast):
    page = cast.client("lilit").get("/account").text
    assert 'data-left="900"' in page
    assert "Sign in again to go on" in page
    assert "data-left" not in cast.client().get("/sign-in").text


def test_a_phone_page_shows_no_name_in_its_dialog(cast: Cast):
    page = cast.client("anahit").get("/notebook").text
    assert "Sign in again to go on" in page
    assert "Anahit" not in page


def test_asking_is_no_sign_of_life(cast: Cast):
    """Or two open pages would keep each other signed in."""
    browser = cast.client("lilit")
    for _ in range(14):
        cast.clock.ahead += 60
        left = standing(browser)["left"]
    assert isinstance(left, int)
    assert left <= 60
    cast.clock.ahead += 61
    assert {**standing(browser), "token": ""} == {**NOBODY, "token": ""}
    assert not is_signed_in(browser)


def test_staying_is_one(cast: Cast):
    browser = cast.client("lilit")
    cast.clock.ahead += IDLE - 60
    assert stay(browser).get_json()["left"] == IDLE
    cast.clock.ahead += IDLE - 60
    assert is_signed_in(browser)


def test_at_eight_hours_staying_helps_no_longer(cast: Cast):
    browser = cast.client("lilit")
    for _ in range(ABSOLUTE // 600 - 1):
        cast.clock.ahead += 600
        assert is_signed_in(browser)
    cast.clock.ahead += 500
    answer = stay(browser).get_json()
    assert answer["last"] is True
    assert answer["left"] <= 100


def test_nobody_stays_without_a_session_or_a_token(cast: Cast):
    assert stay(cast.client()).status_code == 401
    assert cast.client("lilit").client.post("/session").status_code == 403


# Coming in again


def test_the_same_person_comes_in_again_and_forms_go_on(cast: Cast):
    browser = cast.client("lilit")
    page = whose(browser)
    old = cookie_of(browser)
    cast.clock.ahead += IDLE + 60
    answer = come_again(browser, page, cast.password("lilit"), cast.code("lilit"))
    assert answer.status_code == 200
    told = answer.get_json()
    assert (told["left"], told["whose"]) == (IDLE, page)
    assert cookie_of(browser) != old
    assert (
        browser.client.post("/language", data={"csrf_token": told["token"], "lang": "hy"}).status_code == 302
    )


def test_a_live_session_is_replaced(cast: Cast):
    browser = cast.client("lilit")
    old = cookie_of(browser)
    answer = come_again(browser, whose(browser), cast.password("lilit"), cast.code("lilit"))
    assert answer.status_code == 200
    other = cast.client()
    assert old is not None
    other.client.set_cookie("demo-session", old)
    assert not is_signed_in(other)


@pytest.mark.parametrize("name", ["selma", "ruben"])
def test_somebody_else_is_refused(cast: Cast, name: str):
    browser = cast.client("lilit")
    page = whose(browser)
    cast.clock.ahead += IDLE + 60
    answer = come_again(browser, page, cast.password(name), cast.code(name))
    assert answer.status_code == 403
    assert "do not fit" in answer.get_json()["what"]
    assert not is_signed_in(browser)


@pytest.mark.parametrize(
    ("words", "code"), [("", "1"), ("x", "000000"), (None, 7), (["x"], {}), ("x" * 501, "0")]
)
def test_wrong_words_or_digits_are_refused(cast: Cast, words: object, code: object):
    browser = cast.client("lilit")
    page = whose(browser)
    cast.clock.ahead += IDLE + 60
    token = standing(browser)["token"]
    answer = browser.client.post(
        "/sign-in/again",
        json={"whose": page, "words": words, "code": code},
        headers={"X-CSRF-Token": str(token)},
    )
    assert answer.status_code == 403
    assert not is_signed_in(browser)


def test_digits_are_taken_once(cast: Cast):
    browser = cast.client("lilit")
    code = code_of_step(cast._codes["lilit"])
    assert come_again(browser, whose(browser), cast.password("lilit"), code).status_code == 403


@pytest.mark.parametrize("page", ["", "x", "0" * 32, "0" * 96, "ա" * 96])
def test_a_page_that_is_not_ours_lets_nobody_in(cast: Cast, page: str):
    browser = cast.client("lilit")
    answer = come_again(browser, page, cast.password("lilit"), cast.code("lilit"))
    assert answer.status_code == 403


@pytest.mark.parametrize("body", [[], "x", 7])
def test_a_body_that_is_no_answer_lets_nobody_in(cast: Cast, body: object):
    browser = cast.client("lilit")
    token = str(standing(browser)["token"])
    answer = browser.client.post("/sign-in/again", json=body, headers={"X-CSRF-Token": token})
    assert answer.status_code == 403


def test_a_page_tells_one_person_from_another_and_cannot_be_altered(cast: Cast):
    lilit, selma = whose(cast.client("lilit")), whose(cast.client("selma"))
    assert lilit != selma
    mixed = selma[:32] + lilit[32:]
    assert come_again(cast.client(), mixed, cast.password("selma"), cast.code("selma")).status_code == 403


def test_who_was_shut_out_does_not_come_in_again(cast: Cast):
    browser = cast.client("lilit")
    page = whose(browser)
    with cast.acting("helga") as uow:
        uow.vault.people.shut_out(cast.people["lilit"].person, cast.people["helga"].person, shut=True)
    assert standing(browser)["left"] == 0
    assert come_again(browser, page, cast.password("lilit"), cast.code("lilit")).status_code == 403


def test_guessing_is_slowed_down_as_at_the_door(cast: Cast):
    browser = cast.client("lilit")
    page = whose(browser)
    cast.clock.ahead += IDLE + 60
    answers = [come_again(browser, page, "wrong words", "000000").status_code for _ in range(6)]
    assert answers == [403] * 5 + [429]


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}]
)
def test_another_site_signs_nobody_in(cast: Cast, headers: dict[str, str]):
    browser = cast.client("lilit")
    body = {"whose": whose(browser), "words": cast.password("lilit"), "code": cast.code("lilit")}
    sent = {"X-CSRF-Token": str(standing(browser)["token"]), **headers}
    assert browser.client.post("/sign-in/again", json=body, headers=sent).status_code == 403


# Without scripts


def test_a_form_that_came_too_late_says_what_to_do(cast: Cast):
    browser = cast.client("lilit")
    token = browser.token()
    cast.clock.ahead += IDLE + 60
    answer = browser.client.post("/account/words", data={"csrf_token": token})
    assert answer.status_code == 401
    assert "You were signed out, so this was not taken." in answer.text
    assert "in another tab" in answer.text
    assert 'target="_blank"' in answer.text
