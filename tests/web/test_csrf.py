"""A form is taken from one of our own pages and for this session, or not at all."""

import pytest

from tests.cast import Browser, Cast

CHOICE = {"lang": "en", "back": "/weather"}


def choose(browser: Browser, token: str | None, **options: object) -> int:
    """The plainest form there is, with a token or without one."""
    data = CHOICE if token is None else {**CHOICE, "csrf_token": token}
    return browser.client.post("/language", data=data, **options).status_code


@pytest.fixture(scope="module")
def browser(cast: Cast) -> Browser:
    return cast.client("lilit")


@pytest.fixture(scope="module")
def token(browser: Browser) -> str:
    return browser.token()


def test_a_form_of_ours_is_taken(browser: Browser, token: str):
    assert choose(browser, token) == 302


def test_scripts_send_the_token_as_a_header(browser: Browser, token: str):
    assert choose(browser, None, headers={"X-CSRF-Token": token}) == 302


@pytest.mark.parametrize("wrong", [None, "", "0" * 64, "x", "ա" * 64])
def test_without_the_right_token_it_is_refused(browser: Browser, wrong: str | None):
    assert choose(browser, wrong) == 403


def test_the_refusal_says_what_to_do(browser: Browser):
    answer = browser.client.post("/language", data=CHOICE)
    assert "Open the page again and send it once more." in answer.text


def test_another_sessions_token_is_refused(cast: Cast, browser: Browser):
    assert choose(browser, cast.client("anush").token()) == 403


def test_an_earlier_session_of_the_same_person_does_not_help(cast: Cast, token: str):
    assert choose(cast.client("lilit"), token) == 403


def test_a_token_from_before_the_sign_in_is_refused_after_it(cast: Cast):
    browser = cast.client()
    before = browser.token("/sign-in")
    browser.sign_in("lilit")
    assert choose(browser, before) == 403


def test_before_the_sign_in_the_token_belongs_to_this_browser(cast: Cast):
    here, elsewhere = cast.client(), cast.client()
    own = here.token("/sign-in")
    elsewhere.token("/sign-in")
    assert choose(here, own) == 302
    assert choose(elsewhere, own) == 403
    assert choose(cast.client(), own) == 403


def test_before_the_sign_in_a_made_up_cookie_makes_no_token(cast: Cast):
    browser = cast.client()
    browser.client.set_cookie("demo-form", "short")
    assert choose(browser, "") == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_is_refused_even_with_the_right_token(browser: Browser, token: str, site: str):
    assert choose(browser, token, headers={"Sec-Fetch-Site": site}) == 403


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_our_own_pages_and_the_persons_own_hand_are_taken(browser: Browser, token: str, site: str):
    assert choose(browser, token, headers={"Sec-Fetch-Site": site}) == 302


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://localhost.evil.example",
        "http://evil.example/localhost",
        "http://localhost:81",
        "http://[",
        "localhost",
        "null",
        "",
    ],
)
def test_another_origin_is_refused_even_with_the_right_token(browser: Browser, token: str, origin: str):
    assert choose(browser, token, headers={"Origin": origin}) == 403


def test_our_own_origin_is_taken(browser: Browser, token: str):
    assert choose(browser, token, headers={"Origin": "http://localhost"}) == 302


def test_a_token_in_the_address_does_not_count(browser: Browser, token: str):
    """Addresses end up in logs and histories."""
    assert browser.client.post(f"/language?csrf_token={token}", data=CHOICE).status_code == 403
