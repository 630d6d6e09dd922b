"""The server's clock a day off, and put right again: nobody is let in too early or kept out too long, nothing is lost."""

import re
from uuid import UUID

import pytest

from app.audit.verify import verify_log
from app.vault.throttle import LONGEST_WAIT
from tests.accounts.doors import code_of_step, is_signed_in, knock
from tests.cast import LINDEN, Browser, Cast
from tests.intake.notebook import SHORT, Notebook, stored
from tests.operator import Command
from tests.statements import send
from tests.transcription.scenes import take_over

DAY = 24 * 60 * 60
ACCOUNT = "The grey heron stood in the road."


def phones_code(cast: Cast) -> str:
    """What somebody's device shows, whose clock is right."""
    return code_of_step((cast.clock() - cast.clock.ahead) // 30)


def whole_log(cast: Cast) -> bool:
    uow = cast.uow()
    verdict = verify_log(uow.tx, cast.services.installation.log_keys, cast.services.head_file.read())
    uow.end()
    return verdict.broken is None


@pytest.mark.parametrize("off", [DAY, -DAY])
def test_while_it_is_off_no_device_fits_and_afterwards_every_one_does(cast: Cast, off: int):
    cast.clock.ahead = off
    refused = knock(cast.client(), "lilit", cast.password("lilit"), phones_code(cast))
    assert refused.status_code == 403
    assert "Nothing was locked" in refused.text
    cast.clock.ahead = 0
    assert knock(cast.client(), "lilit", cast.password("lilit"), phones_code(cast)).status_code == 303


def test_whoever_tried_often_while_it_was_ahead_is_not_kept_out_for_that_day(cast: Cast):
    cast.clock.ahead = DAY
    for _ in range(8):
        knock(cast.client(), "lilit", cast.password("lilit"), "000000")
    cast.clock.ahead = 0
    assert knock(cast.client(), "lilit", cast.password("lilit"), "000000").status_code == 403
    waiting = knock(cast.client(), "lilit", cast.password("lilit"), phones_code(cast))
    wait = int(waiting.headers["Retry-After"])
    assert 0 < wait <= LONGEST_WAIT  # what was counted before is not forgotten either
    cast.clock.ahead = LONGEST_WAIT
    assert knock(cast.client(), "lilit", cast.password("lilit"), cast.code("lilit")).status_code == 303


def test_a_session_does_not_outlive_a_clock_that_was_put_back(cast: Cast):
    browser = cast.client("lilit")
    cast.clock.ahead = -DAY
    assert not is_signed_in(browser)
    assert cast.services.sessions.sweep() == 0


def test_a_step_of_seconds_signs_nobody_out(cast: Cast):
    browser = cast.client("lilit")
    for off in (60, -60):
        cast.clock.ahead = off
        assert is_signed_in(browser)


@pytest.mark.parametrize("off", [DAY, -DAY])
def test_a_form_that_was_opened_meanwhile_can_still_be_sent(cast: Cast, off: int):
    cast.clock.ahead = off
    notebook = Notebook(cast, coming_in(cast, "anahit"))
    sheet = notebook.open()
    cast.clock.ahead = 0
    notebook.browser = coming_in(cast, "anahit")
    assert notebook.send(sheet, **SHORT).status_code == 200
    assert len(stored(cast)) == 1
    assert whole_log(cast)


def coming_in(cast: Cast, name: str) -> Browser:
    """With a session that began this moment, whatever the moment is called."""
    person, browser = cast.people[name], cast.client()
    cookie = cast.services.sessions.begin(person.person, person.card, person.seeds)
    browser.client.set_cookie("demo-session", cookie)
    return browser


def a_day_ahead(cast: Cast) -> UUID:
    """A statement sent, a list of people signed, a statement taken over: all of it dated tomorrow."""
    cast.clock.ahead = DAY
    statement, _file = send(cast, cast.case, ACCOUNT, file=b"a tape")
    held = {cast.people[name].card: duties for name, duties in LINDEN.items() if name != "nadim"}
    with cast.acting("ruben") as uow:
        uow.vault.casework.change_roster(cast.case, uow.vault.trust.roster(cast.case).digest, held)
    take_over(cast)
    cast.clock.ahead = 0
    return statement


def test_what_was_dated_tomorrow_is_read_today_and_the_log_is_whole(cast: Cast):
    statement = a_day_ahead(cast)
    for name in ("ruben", "lilit", "selma"):
        browser = cast.client(name)
        shown = browser.get(f"/statements/{statement}")
        assert (shown.status_code, ACCOUNT in shown.text) == (200, True)
    assert cast.client("nadim").get(f"/cases/{cast.case}").status_code == 404
    later, _file = send(cast, cast.case, "The day after, a day before.")
    take_over(cast)
    assert cast.client("irina").get(f"/statements/{later}").status_code == 200
    assert whole_log(cast)


@pytest.mark.parametrize("name", ["ruben", "lilit", "anush", "mark", "anahit", "helga"])
def test_no_page_stumbles_over_a_time_to_come(cast: Cast, name: str):
    known = {"case": cast.case, "statement": a_day_ahead(cast)}
    browser = cast.client(name)
    for rule in cast.app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.arguments <= known.keys():
            path = re.sub(r"<uuid:(\w+)>", lambda found: str(known[found[1]]), rule.rule)
            assert browser.get(path).status_code < 500, path


def test_doctor_notices_a_clock_that_is_behind_the_log(vouchsafe: Command, cast: Cast):
    folder = cast.services.config.data_dir
    assert vouchsafe(folder, "doctor").code == 0
    a_day_ahead(cast)
    said = vouchsafe(folder, "doctor")
    assert said.code == 1
    assert "The clock is 1 day, 0:0" in said.line or "The clock is 23:59" in said.line
    assert "Nothing is lost" in said.line
    assert vouchsafe(folder, "audit", "verify").code == 0
