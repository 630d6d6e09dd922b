"""Two leads take the case from each other at the same moment: one list is signed, the other is shown, somebody leads."""

import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from app.audit.verify import verify_log
from app.domain.duties import Duty
from app.store.log import heads
from app.store.trust import rosters
from tests.cast import LINDEN, Browser, Cast, assemble
from tests.databases import Databases

TWO_LEADS = {**LINDEN, "selma": frozenset({Duty.LEAD, Duty.TRANSLATOR})}
LEAVING = {"ruben": "davit", "selma": "anahit"}
SETTLED = 1.0
"""Seconds after which both have signed and stand at the database's door."""


@pytest.fixture
def cast(databases: Databases, tmp_path: Path) -> Iterator[Cast]:
    assembled = assemble(tmp_path / "data", databases.migrated(), databases.migrated_sessions())
    signed = {assembled.people[name].card: held for name, held in TWO_LEADS.items()}
    with assembled.acting("ruben") as uow:
        uow.vault.casework.change_roster(
            assembled.case, uow.vault.trust.roster(assembled.case).digest, signed
        )
    yield assembled
    assembled.close()


def page_of(cast: Cast) -> str:
    return f"/cases/{cast.case}/people/change"


def choices_without(cast: Cast, *removed: str) -> list[str]:
    return [
        f"{cast.people[name].card.hex()}:{duty.value}"
        for name, duties in TWO_LEADS.items()
        for duty in duties
        if name not in removed
    ]


def form_of(cast: Cast, browser: Browser, removed: str) -> dict[str, object]:
    """What a browser holds that has the page open and everybody ticked but one person."""
    shown = browser.get(page_of(cast)).get_data(as_text=True)
    expected = re.search(r'name="expected"[^>]*value="([0-9a-f]{64})"', shown)
    assert expected is not None
    return {
        "expected": expected[1],
        "duty": choices_without(cast, removed),
        "csrf_token": browser.token(page_of(cast)),
    }


@contextmanager
def nobody_commits(cast: Cast) -> Iterator[None]:
    """Whoever appends to the log waits until the block ends: by then all have read what none has changed."""
    with cast.services.database.writing() as connection:
        connection.execute(sa.update(heads).values(only=heads.c.only))
        yield


def at_once(cast: Cast, removed_by: dict[str, str]) -> tuple[TestResponse, str, str]:
    """Each lead signs a list without somebody, all having read the same one: the loser's answer, who won, who did not."""
    browsers = {name: cast.client(name) for name in removed_by}
    forms = {name: form_of(cast, browsers[name], removed) for name, removed in removed_by.items()}
    started = threading.Barrier(len(forms) + 1)

    def sign(name: str) -> TestResponse:
        started.wait()
        return browsers[name].client.post(page_of(cast), data=forms[name])

    with ThreadPoolExecutor(len(forms)) as pool:
        with nobody_commits(cast):
            signing = {name: pool.submit(sign, name) for name in forms}
            started.wait()
            time.sleep(SETTLED)
        answers = {name: answer.result() for name, answer in signing.items()}
    statuses = {name: answer.status_code for name, answer in answers.items()}
    winner, loser = sorted(statuses, key=lambda name: statuses[name])
    assert statuses[winner] == 303 < statuses[loser], statuses
    return answers[loser], winner, loser


def test_of_two_who_remove_each_other_one_wins_and_the_case_keeps_a_lead(cast: Cast):
    answer, winner, loser = at_once(cast, {"ruben": "selma", "selma": "ruben"})
    assert answer.status_code == 404  # who is on the case is nothing for whoever is not
    assert "Nothing was changed, and nothing was lost." in answer.text
    assert_one_more_list(cast)
    with cast.acting(winner) as uow:
        roster = uow.vault.trust.roster(cast.case)
        assert Duty.LEAD in roster.duties_of(cast.people[winner].card)
        assert roster.duties_of(cast.people[loser].card) == frozenset()
    assert cast.client(winner).get(page_of(cast)).status_code == 200
    assert cast.client(loser).get(f"/cases/{cast.case}").status_code == 404


def test_of_two_who_sign_different_lists_the_later_is_shown_both(cast: Cast):
    answer, winner, loser = at_once(cast, LEAVING)
    assert answer.status_code == 409
    assert "Another lead signed" in answer.text
    assert "now: held" in answer.text
    assert "now: not held" in answer.text
    assert_one_more_list(cast)
    assert cast.client(loser).get(page_of(cast)).status_code == 200
    gone = LEAVING[winner]
    assert cast.client(gone).get(f"/cases/{cast.case}").status_code == 404


def assert_one_more_list(cast: Cast) -> None:
    """Beside the two of the beginning, and in a log that is whole."""
    uow = cast.uow()
    numbers = uow.tx.all(sa.select(rosters.c.number).where(rosters.c.case == cast.case))
    verdict = verify_log(uow.tx, cast.services.installation.log_keys, cast.services.head_file.read())
    uow.end()
    assert sorted(row.number for row in numbers) == [1, 2, 3]
    assert verdict.broken is None
