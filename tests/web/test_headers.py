"""Every answer, whatever it is, is stored nowhere, framed by nobody, and loads nothing from elsewhere."""

import re

import pytest
from werkzeug.test import TestResponse

from app.web.headers import POLICY, WORKER_POLICY
from tests.cast import Browser, Cast

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}
PAGES = ("/", "/account", "/desk", "/weather", "/nothing-here", "/administration", "/static/nothing.css")


@pytest.fixture(scope="module")
def browser(cast: Cast) -> Browser:
    return cast.client("lilit")


def answers(cast: Cast, browser: Browser) -> list[TestResponse]:
    return [
        *(browser.get(path) for path in PAGES),
        browser.get(f"/cases/{cast.case}"),
        browser.client.post("/language"),
        browser.client.delete("/account"),
        browser.client.options("/account"),
        browser.client.head("/sign-in"),
        browser.client.post("/language", data={"x": "y" * 2_100_000}),
        cast.client().get("/sign-in"),
        cast.client().get("/account"),
    ]


def test_every_answer_carries_them_errors_and_all(cast: Cast, browser: Browser):
    given = answers(cast, browser)
    assert {answer.status_code for answer in given} >= {200, 302, 403, 404, 405, 413}
    for answer in given:
        for name, value in EVERYWHERE.items():
            assert answer.headers[name] == value, answer.request.path
        assert answer.headers["Cache-Control"] == "no-store", answer.request.path
        assert "Server" not in answer.headers


def test_the_policy_lets_nothing_in_but_our_own(cast: Cast, browser: Browser):
    for answer in answers(cast, browser):
        policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert {value for name, value in policy.items() if name.endswith("-src")} == {"'none'", "'self'"}


def test_no_page_may_start_a_worker_unless_it_sends_files(cast: Cast, browser: Browser):
    for answer in answers(cast, browser):
        policy = answer.headers["Content-Security-Policy"]
        assert "worker-src" not in policy, answer.request.path
        assert "trusted-types 'none'" in policy, answer.request.path


def test_a_page_that_sends_files_may_start_one_worker_through_one_policy():
    added = {*WORKER_POLICY.split("; ")} ^ {*POLICY.split("; ")}
    assert added == {"worker-src 'self'", "trusted-types vouchsafe", "trusted-types 'none'"}
    assert "require-trusted-types-for 'script'" in WORKER_POLICY


def test_pages_hold_nothing_that_the_policy_would_refuse(cast: Cast, browser: Browser):
    for path in (*PAGES, f"/cases/{cast.case}"):
        page = browser.get(path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", page), path
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page), path


def test_a_static_file_is_kept_for_ever_under_the_mark_of_its_bytes(browser: Browser):
    page = browser.get("/sign-in").text
    found = re.search(r'href="(/static/[^"]+\.css\?v=[0-9a-f]{12})"', page)
    assert found
    with browser.get(found[1]) as answer:
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_static_file_without_its_mark_is_not_kept(browser: Browser):
    with browser.get("/static/css/tokens.css") as answer:
        assert answer.headers["Cache-Control"] == "no-store"


def test_over_tls_browsers_are_told_to_stay_there(browser: Browser):
    secure = browser.get("/weather", base_url="https://localhost/")
    assert "max-age=63072000" in secure.headers["Strict-Transport-Security"]
    assert "Strict-Transport-Security" not in browser.get("/weather").headers
