"""Strangers who are refused leave a number by the minute, and no line anywhere."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.services import RefusalCount
from tests.accounts.doors import knock
from tests.cast import Cast, assemble


@pytest.fixture
def cast(tmp_path: Path) -> Iterator[Cast]:
    made = assemble(tmp_path / "data")
    yield made
    made.close()


def refused(cast: Cast) -> tuple[int, int]:
    return cast.services.refusals.last_hour(cast.clock())


def test_every_refusal_of_a_stranger_is_counted(cast: Cast):
    cast.clock.ahead += 60 - cast.clock() % 60
    stranger = cast.client()
    stranger.get("/nothing-here")
    stranger.client.post("/language")
    knock(stranger, "lilit", "wrong", "000000")
    assert refused(cast) == (3, 3)
    stranger.get("/sign-in")
    stranger.get("/weather")
    stranger.get("/desk")  # shown the way in, not refused
    assert refused(cast) == (3, 3)


def test_refusals_of_people_known_are_in_the_log_and_not_here(cast: Cast):
    assert cast.client("lilit").get("/administration").status_code == 403
    assert refused(cast) == (0, 0)


def test_administrators_see_the_number_and_no_address(cast: Cast):
    stranger = cast.client()
    for _ in range(3):
        stranger.get("/nothing-here", environ_overrides={"REMOTE_ADDR": "192.0.2.77"})
    page = cast.client("helga").get("/administration/health").text
    assert "3 requests in the last hour" in page
    assert "192.0.2.77" not in page


def test_what_is_an_hour_old_is_forgotten():
    count = RefusalCount()
    for second in (0, 59, 60, 1800):
        count.add(second)
    assert count.last_hour(1800) == (4, 2)
    assert count.last_hour(3600) == (2, 1)
    count.add(7200)
    assert count.last_hour(7200) == (1, 1)
    assert RefusalCount().last_hour(0) == (0, 0)


def test_a_flood_costs_no_memory():
    count = RefusalCount()
    for second in range(0, 1_000_000, 30):
        count.add(second)
    assert len(count._minutes) == 60
