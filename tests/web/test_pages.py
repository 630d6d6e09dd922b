"""Language, ways, notices, and where each person's work begins."""

import pytest

from tests.cast import Browser, Cast

AWAY = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    "/\r\nSet-Cookie: x=y",
    "javascript:alert(1)",
    "",
]


def choose(browser: Browser, **fields: object):
    return browser.post("/language", fields, token_from="/sign-in")


@pytest.mark.parametrize(
    ("language", "direction"), [("en", "ltr"), ("hy", "ltr"), ("ru", "ltr"), ("ar", "rtl")]
)
def test_a_page_speaks_the_language_that_was_chosen(cast: Cast, language: str, direction: str):
    browser = cast.client()
    answer = choose(browser, lang=language, back="/sign-in?done=signed-out")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in?done=signed-out")
    assert f'<html lang="{language}" dir="{direction}"' in browser.get("/sign-in").text


def test_without_a_choice_the_browser_is_asked(cast: Cast):
    page = cast.client().get("/sign-in", headers={"Accept-Language": "ar, en;q=0.5"})
    assert '<html lang="ar" dir="rtl"' in page.text


@pytest.mark.parametrize("language", ["", "xx", "../../etc", "en\r\n"])
def test_a_language_that_is_none_changes_nothing(cast: Cast, language: str):
    answer = choose(cast.client(), lang=language, back="/sign-in")
    assert answer.status_code == 302
    assert "demo-lang" not in "".join(answer.headers.getlist("Set-Cookie"))


def test_a_made_up_language_cookie_changes_nothing(cast: Cast):
    browser = cast.client()
    browser.client.set_cookie("demo-lang", "../../etc")
    assert '<html lang="en"' in browser.get("/sign-in").text


@pytest.mark.parametrize("back", AWAY)
def test_choosing_a_language_leads_nobody_away(cast: Cast, back: str):
    answer = choose(cast.client(), lang="en", back=back)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    assert "Set-Cookie: x" not in str(answer.headers)


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("helga", "/administration"),
        ("lilit", "/desk"),
        ("anahit", "/notebook"),
        ("nobody", "/account"),
        (None, "/sign-in"),
    ],
)
def test_everybodys_work_begins_where_it_is(cast: Cast, name: str | None, way: str):
    answer = cast.client(name).get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, way)


def test_an_unknown_notice_says_nothing(cast: Cast):
    browser = cast.client()
    assert "<script>" not in browser.get("/sign-in?done=<script>").text
    assert "You are signed out." in browser.get("/sign-in?done=signed-out").text
