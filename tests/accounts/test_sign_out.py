"""Signing out here and everywhere, and the quick exit, which works whatever else does not."""

from pathlib import Path

import sqlalchemy as sa

from app.store.sessions import session_secrets, sessions
from tests.accounts.doors import cookie_of, is_signed_in
from tests.cast import Browser, Cast


def with_cookie(cast: Cast, value: str | None) -> Browser:
    """A thief of the cookie, or the back button."""
    browser = cast.client()
    browser.client.set_cookie("demo-session", value or "")
    return browser


def kept_rows(cast: Cast) -> int:
    tx = cast.services.sessions.database.transaction()
    try:
        return sum(
            tx.value(sa.select(sa.func.count()).select_from(table)) for table in (sessions, session_secrets)
        )
    finally:
        tx.release()


def test_signing_out_ends_this_session_and_no_other(cast: Cast):
    here, elsewhere = cast.client("lilit"), cast.client("lilit")
    cookie = cookie_of(here)
    answer = here.post("/sign-out")
    assert answer.headers["Location"] == "/sign-in?done=signed-out"
    assert '"cache"' in answer.headers["Clear-Site-Data"]
    assert cookie_of(here) is None
    assert not is_signed_in(with_cookie(cast, cookie))
    assert is_signed_in(elsewhere)
    assert "You are signed out." in here.get("/sign-in?done=signed-out").text


def test_signing_out_everywhere_ends_every_session_of_this_person_alone(cast: Cast):
    here, elsewhere, another = cast.client("lilit"), cast.client("lilit"), cast.client("anush")
    assert here.post("/sign-out-everywhere").status_code == 303
    assert not is_signed_in(here)
    assert not is_signed_in(elsewhere)
    assert is_signed_in(another)


def test_after_the_last_sign_out_no_seed_and_no_secret_is_kept(cast: Cast):
    browser = cast.client("lilit")
    browser.get(f"/cases/{cast.case}")
    assert kept_rows(cast) > 1
    browser.post("/sign-out")
    assert kept_rows(cast) == 0


def test_the_quick_exit_leads_to_a_page_that_could_be_anybodys(cast: Cast):
    browser = cast.client("anahit")
    cookie = cookie_of(browser)
    answer = browser.post("/leave")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/weather")
    assert '"cache"' in answer.headers["Clear-Site-Data"]
    page = browser.get("/weather")
    assert page.headers["Cache-Control"] == "no-store"
    assert says_nothing(page.text)
    assert cookie_of(browser) is None
    assert not is_signed_in(with_cookie(cast, cookie))


def test_the_quick_exit_works_after_the_session_is_over(cast: Cast):
    browser = cast.client("anahit")
    token = browser.token()
    cast.clock.ahead += 16 * 60
    answer = browser.client.post("/leave", data={"csrf_token": token})
    assert says_nothing(answer.text)
    assert cookie_of(browser) is None


def test_the_quick_exit_works_without_a_database(cast: Cast, tmp_path: Path):
    browser = cast.client("anahit")
    token = browser.token()
    cast.close()
    (tmp_path / "data").rename(tmp_path / "gone")
    answer = browser.client.post("/leave", data={"csrf_token": token})
    assert says_nothing(answer.text)
    assert cookie_of(browser) is None


def test_another_site_cannot_make_somebody_leave(cast: Cast):
    browser = cast.client("anahit")
    answer = browser.post("/leave", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert is_signed_in(browser)


def says_nothing(page: str) -> bool:
    telling = ("vouchsafe</", "Sign", "statement", "sealed", "session", "witness", "Anahit", "form")
    return "Weather" in page and not any(word in page.replace("forecast", "") for word in telling)
