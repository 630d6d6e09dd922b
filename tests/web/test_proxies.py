"""Behind proxies of ours everybody has their own address; without one, a header that names an address changes nothing."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.config import Config
from app.domain.errors import Unusable
from tests.accounts.doors import knock
from tests.cast import Cast, assemble

PROXY = "10.0.0.2"


@pytest.fixture
def cast(tmp_path: Path) -> Iterator[Cast]:
    made = assemble(tmp_path / "data")
    yield made
    made.close()


def behind(cast: Cast, proxies: int) -> Cast:
    """The same installation, told how many proxies stand in front."""
    config = replace(cast.services.config, trusted_proxies=proxies)
    return replace(cast, services=replace(cast.services, config=config), _app=None)


def guess(cast: Cast, forwarded: str, name: str) -> int:
    browser = cast.client()
    browser.client.environ_base["HTTP_X_FORWARDED_FOR"] = forwarded
    return knock(browser, name, "wrong words", "000000", PROXY).status_code


def wear_out(cast: Cast, forwarded: str) -> None:
    for number in range(20):
        assert guess(cast, forwarded, f"name-{number}") == 403


def test_one_persons_mistakes_behind_a_proxy_slow_nobody_else(cast: Cast):
    staff = behind(cast, 1)
    wear_out(staff, "192.0.2.1")
    assert guess(staff, "192.0.2.1", "one-more") == 429
    assert guess(staff, "192.0.2.2", "somebody-else") == 403


def test_what_a_client_puts_before_the_proxys_word_is_not_believed(cast: Cast):
    staff = behind(cast, 1)
    for number in range(20):
        assert guess(staff, f"198.51.100.{number}, 192.0.2.1", f"name-{number}") == 403
    assert guess(staff, "203.0.113.9, 192.0.2.1", "one-more") == 429


def test_behind_two_the_outer_ones_word_counts(cast: Cast):
    staff = behind(cast, 2)
    wear_out(staff, "192.0.2.1, 10.0.0.1")
    assert guess(staff, "192.0.2.1, 10.0.0.1", "one-more") == 429
    assert guess(staff, "192.0.2.2, 10.0.0.1", "somebody-else") == 403


def test_without_a_proxy_a_forged_header_changes_nothing(cast: Cast):
    for number in range(20):
        assert guess(cast, f"192.0.2.{number}", f"name-{number}") == 403
    assert guess(cast, "198.51.100.7", "one-more") == 429


@pytest.mark.parametrize(("proxies", "secure"), [(0, False), (1, True)])
def test_the_scheme_is_the_proxys_word_only_where_there_is_one(cast: Cast, proxies: int, secure: bool):
    answer = behind(cast, proxies).client().get("/weather", headers={"X-Forwarded-Proto": "https"})
    assert ("Strict-Transport-Security" in answer.headers) == secure


def test_no_header_moves_this_site_to_another_name(cast: Cast):
    browser = behind(cast, 1).client()
    answer = browser.get("/", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil"})
    assert answer.headers["Location"] == "/sign-in"


def test_the_number_of_proxies_comes_from_the_settings():
    assert Config.from_env({}).trusted_proxies == 0
    assert Config.from_env({"TRUSTED_PROXIES": "2"}).trusted_proxies == 2


@pytest.mark.parametrize("value", ["-1", "9", "yes", "", "1.5"])
def test_a_number_of_proxies_that_is_none_is_refused(value: str):
    with pytest.raises(Unusable, match="TRUSTED_PROXIES"):
        Config.from_env({"TRUSTED_PROXIES": value})
