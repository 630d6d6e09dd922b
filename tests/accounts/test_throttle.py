"""Guessing is slowed down for an account and for an address, and a restart forgets nothing."""

import re
import threading
from collections.abc import Callable
from itertools import pairwise

import pytest

from tests.accounts.doors import knock, restarted
from tests.cast import Browser, Cast

MARK = "demo-browser"


def guess(browser: Browser, name: str = "lilit", address: str = "192.0.2.1") -> int:
    return knock(browser, name, "wrong words", "000000", address).status_code


def enter(cast: Cast, name: str = "lilit", address: str = "192.0.2.1") -> int:
    return knock(cast.client(), name, cast.password(name), cast.code(name), address).status_code


def test_five_mistakes_are_free_then_even_right_words_wait(cast: Cast):
    browser = cast.client()
    assert [guess(browser) for _ in range(5)] == [403] * 5
    answer = knock(browser, "lilit", cast.password("lilit"), cast.code("lilit"))
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 30
    assert "Too many attempts. Wait" in answer.text
    cast.clock.ahead += 31
    assert enter(cast) == 303


def test_each_further_mistake_waits_longer_up_to_a_quarter_of_an_hour(cast: Cast):
    browser, waits = cast.client(), []
    for _ in range(12):
        answer = knock(browser, "lilit", "wrong", "000000")
        if answer.status_code == 429:
            waits.append(int(answer.headers["Retry-After"]))
            cast.clock.ahead += waits[-1]
            guess(browser)
    assert all(later >= sooner - 1 for sooner, later in pairwise(waits))  # a second may pass meanwhile
    assert waits[0] <= 30 < waits[1]
    assert waits[-1] <= 15 * 60


def test_another_person_is_not_kept_waiting(cast: Cast):
    browser = cast.client()
    for _ in range(6):
        guess(browser)
    assert enter(cast, "anush") == 303


def test_another_address_does_not_help(cast: Cast):
    browser = cast.client()
    for number in range(5):
        guess(browser, address=f"192.0.2.{number}")
    assert enter(cast, address="198.51.100.7") == 429


def test_another_spelling_of_the_name_is_the_same_account(cast: Cast):
    browser = cast.client()
    for name in ("lilit", "LILIT", " lilit", "Ｌｉｌｉｔ", "lilit\t"):
        assert guess(browser, name) == 403
    assert enter(cast) == 429


def test_an_unknown_name_is_slowed_down_like_a_known_one(cast: Cast):
    browser = cast.client()
    assert [guess(browser, "nobody-of-this-name") for _ in range(6)] == [403] * 5 + [429]


def test_an_address_that_tries_many_names_waits(cast: Cast):
    browser = cast.client()
    assert {guess(browser, f"name-{number}") for number in range(20)} == {403}
    assert guess(browser, "name-20") == 429
    assert enter(cast) == 429
    assert enter(cast, address="198.51.100.7") == 303


def test_a_right_sign_in_forgets_the_accounts_mistakes_and_not_the_addresss(cast: Cast):
    browser = cast.client()
    for _ in range(4):
        guess(browser)
    assert enter(cast) == 303
    assert [guess(browser) for _ in range(5)] == [403] * 5
    for number in range(10):
        guess(browser, f"name-{number}")
    assert guess(browser, "one-more") == 403
    assert guess(browser, "and-another") == 429


def test_a_restart_forgets_nothing(cast: Cast):
    browser = cast.client()
    for _ in range(5):
        guess(browser)
    later = restarted(cast)
    assert enter(later) == 429
    later.close()


def test_after_a_day_mistakes_are_forgotten(cast: Cast):
    browser = cast.client()
    for _ in range(5):
        guess(browser)
    cast.clock.ahead += 25 * 60 * 60
    assert [guess(browser) for _ in range(2)] == [403, 403]


def test_mistakes_at_the_same_moment_are_all_counted(cast: Cast):
    browsers = [cast.client() for _ in range(6)]
    statuses: list[int] = []
    together = threading.Barrier(len(browsers))

    def knock_together(browser: Browser) -> None:
        together.wait()
        statuses.append(guess(browser))

    threads = [threading.Thread(target=knock_together, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) <= {403, 429}
    assert enter(cast) == 429


# A browser that is known


def lock_out(cast: Cast, name: str = "lilit") -> None:
    """Somebody elsewhere fails on purpose until the account waits for minutes."""
    fail(cast, cast.client(), name, "203.0.113.66")


def fail(cast: Cast, browser: Browser, name: str = "lilit", address: str = "192.0.2.1") -> None:
    for wait in (0, 0, 0, 0, 0, 31, 61, 121, 241):
        cast.clock.ahead += wait
        assert guess(browser, name, address) == 403
    assert guess(browser, name, address) == 429


def enter_again(cast: Cast, browser: Browser, name: str = "lilit", address: str = "192.0.2.1") -> int:
    return knock(browser, name, cast.password(name), cast.code(name), address).status_code


def test_who_fails_on_purpose_elsewhere_locks_nobody_out_of_their_own_browser(cast: Cast):
    own = cast.client("lilit")
    own.post("/sign-out")
    lock_out(cast)
    assert enter(cast) == 429
    assert enter_again(cast, own) == 303
    assert enter(cast) == 429  # and their coming in frees nobody else


def test_nor_by_failing_from_the_same_address(cast: Cast):
    own = cast.client("lilit")
    stranger = cast.client()
    for number in range(20):
        guess(stranger, f"name-{number}")
    cast.clock.ahead += 31
    guess(stranger, "one more")
    assert enter(cast, "anush") == 429
    assert enter_again(cast, own) == 303


def test_a_known_browser_has_no_more_guesses_than_another(cast: Cast):
    own = cast.client("lilit")
    fail(cast, own)
    assert enter_again(cast, own) == 429
    assert enter(cast) == 303  # its mistakes keep nobody else waiting


def test_a_browser_is_known_for_its_own_person_alone(cast: Cast):
    own = cast.client("lilit")
    lock_out(cast, "anush")
    assert enter_again(cast, own, "anush") == 429


@pytest.mark.parametrize("change", [lambda mark: "", lambda mark: mark[:32], lambda mark: mark[:-1] + "x",
                                    lambda mark: "0" * 32 + mark[32:], lambda mark: mark.upper(), lambda mark: "é" * 96])  # fmt: skip
def test_a_made_up_mark_is_worth_nothing(cast: Cast, change: Callable[[str], str]):
    mark = mark_of(cast.client("lilit"))
    lock_out(cast)
    browser = cast.client()
    browser.client.set_cookie(MARK, change(mark))
    assert enter_again(cast, browser) == 429


def test_a_mark_tells_nobody_whose_it_is_and_which_are_the_same_persons(cast: Cast):
    marks = [mark_of(cast.client(name)) for name in ("lilit", "lilit", "anush")]
    assert all(re.fullmatch(r"[0-9a-f]{96}", mark) for mark in marks)
    for length in (8, 32, 64):
        assert len({mark[:length] for mark in marks}) == len({mark[-length:] for mark in marks}) == 3
    for name in ("lilit", "anush"):
        assert not any(cast.people[name].person.hex in mark for mark in marks)


def test_a_browser_keeps_its_mark_from_one_sign_in_to_the_next(cast: Cast):
    own = cast.client("lilit")
    mark = mark_of(own)
    own.post("/sign-out")
    own.sign_in("lilit")
    assert mark_of(own) == mark
    own.sign_in("anush")
    assert mark_of(own) != mark


def test_the_quick_exit_leaves_no_mark(cast: Cast):
    browser = cast.client("anahit")
    assert mark_of(browser)
    browser.post("/leave")
    assert browser.client.get_cookie(MARK) is None


def mark_of(browser: Browser) -> str:
    cookie = browser.client.get_cookie(MARK)
    assert cookie is not None
    return cookie.value
