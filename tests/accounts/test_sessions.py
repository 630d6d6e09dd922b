"""A session ends by itself, is worth nothing without its row, and its cookie is what it should be."""

from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from app.store.sessions import sessions
from tests.accounts.doors import in_production, is_signed_in, knock, restarted
from tests.cast import Browser, Cast

IDLE = 15 * 60
ABSOLUTE = 8 * 60 * 60


def test_a_session_lives_a_quarter_of_an_hour_without_a_sign_of_life(cast: Cast):
    browser = cast.client("lilit")
    cast.clock.ahead += IDLE - 5
    assert is_signed_in(browser)
    cast.clock.ahead += IDLE + 5
    assert not is_signed_in(browser)


def test_at_eight_hours_it_is_over_however_busy(cast: Cast):
    browser = cast.client("lilit")
    for _ in range(ABSOLUTE // 600):
        assert is_signed_in(browser)
        cast.clock.ahead += 600
    cast.clock.ahead += 10
    assert not is_signed_in(browser)


def test_a_session_outlives_the_process(cast: Cast):
    browser = cast.client("lilit")
    cookie = browser.client.get_cookie("demo-session")
    assert cookie is not None
    later = restarted(cast)
    other = later.client()
    other.client.set_cookie("demo-session", cookie.value)
    assert is_signed_in(other)
    later.close()


def test_a_deleted_row_signs_out(cast: Cast):
    browser = cast.client("lilit")
    change(cast, sa.delete(sessions))
    answer = browser.get("/account")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in")


@pytest.mark.parametrize("byte", [0, 40, -1])
def test_an_altered_row_signs_out(cast: Cast, byte: int):
    browser = cast.client("lilit")
    tx = cast.services.sessions.database.transaction()
    seeds = bytearray(tx.value(sa.select(sessions.c.seeds)))
    tx.release()
    seeds[byte] ^= 1
    change(cast, sa.update(sessions).values(seeds=bytes(seeds)))
    assert not is_signed_in(browser)


def test_a_row_that_was_given_to_somebody_else_signs_out(cast: Cast):
    browser = cast.client("lilit")
    change(cast, sa.update(sessions).values(person=cast.people["ruben"].person))
    assert not is_signed_in(browser)


@pytest.mark.parametrize("cookie", ["", "x", "not base64 !", "A" * 43, "é" * 43, "A" * 3000])
def test_a_made_up_cookie_is_no_session(cast: Cast, cookie: str):
    browser = cast.client()
    browser.client.set_cookie("demo-session", cookie)
    assert not is_signed_in(browser)
    assert browser.get("/sign-in").status_code == 200


def change(cast: Cast, statement: sa.UpdateBase) -> None:
    tx = cast.services.sessions.database.transaction()
    tx.stage(statement)
    tx.commit()


# Cookies


@pytest.fixture
def production(tmp_path: Path) -> Iterator[Cast]:
    cast = in_production(tmp_path / "production")
    yield cast
    cast.close()


def cookies(answer: TestResponse) -> dict[str, dict[str, str]]:
    """Name -> attributes of everything that an answer sets."""
    found = SimpleCookie("\r\n".join(answer.headers.getlist("Set-Cookie")))
    return {
        name: {key: str(value) for key, value in morsel.items() if value} for name, morsel in found.items()
    }


def test_in_production_every_cookie_is_locked_to_this_host_and_hidden_from_scripts(production: Cast):
    browser = production.client()
    first = browser.get("/sign-in")
    entered = knock(browser, "ruben", production.password("ruben"), production.code("ruben"))
    chosen = browser.post("/language", {"lang": "hy"})
    given = {**cookies(first), **cookies(entered), **cookies(chosen)}
    assert set(given) == {"__Host-form", "__Host-session", "__Host-lang", "__Host-browser"}
    assert given["__Host-browser"].pop("max-age") == str(400 * 24 * 60 * 60)
    assert given["__Host-browser"].pop("expires")
    for attributes in given.values():
        assert attributes == {"secure": "True", "httponly": "True", "samesite": "Strict", "path": "/"}


def test_a_demo_names_its_cookie_as_what_it_is(cast: Cast):
    browser = cast.client()
    answer = knock(browser, "ruben", cast.password("ruben"), cast.code("ruben"))
    given = cookies(answer)
    assert set(given) == {"demo-session", "demo-browser"}
    assert given["demo-session"] == {"httponly": "True", "samesite": "Strict", "path": "/"}


def test_a_demos_cookie_opens_nothing_in_production(production: Cast):
    browser = production.client("ruben")
    cookie = browser.client.get_cookie("__Host-session")
    assert cookie is not None
    other = production.client()
    other.client.set_cookie("demo-session", cookie.value, secure=True)
    assert not is_signed_in(other)


def test_the_frameworks_own_session_is_never_used(cast: Cast):
    browser = cast.client("lilit")
    walked = [
        *(
            browser.get(path)
            for path in ("/", "/account", "/desk", f"/cases/{cast.case}", "/nothing", "/weather")
        ),
        browser.post("/language", {"lang": "en"}),
        browser.post("/sign-out"),
        cast.client().get("/sign-in"),
    ]
    assert cast.app.secret_key is None
    assert {name for answer in walked for name in cookies(answer)} <= {
        "demo-session",
        "demo-form",
        "demo-lang",
    }


def test_a_cookie_has_no_end_so_that_closing_the_browser_forgets_it(cast: Cast):
    browser: Browser = cast.client("lilit")
    cookie = browser.client.get_cookie("demo-session")
    assert cookie is not None
    assert cookie.expires is None
    assert cookie.max_age is None
