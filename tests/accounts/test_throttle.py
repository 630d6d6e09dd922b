"""Guessing is slowed down for an account and for an address, and a restart forgets nothing."""

import threading

from tests.accounts.doors import knock, restarted
from tests.cast import Browser, Cast


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
    assert waits == sorted(waits)
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
