"""What a lead meets seldom: a case that nobody is on yet, and one whose list of people was put back behind their back."""

import re
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from app.store import cases
from app.store.database import Database
from app.store.trust import rosters
from tests.browser.hands import names_a_case
from tests.browser.visitors import Visitor

UNOPENED, DISPUTED = "Alder-9", "Birch-3"
TITLE = "The mill by the river"
LEAD = "Ruben Oskan"


def brings_about(folder: Path, helga: Visitor, ruben: Visitor) -> dict[str, str]:
    """The ids of both cases."""
    for code in (UNOPENED, DISPUTED):
        names_a_case(helga, code, LEAD)
    ids = {"unopened": _id_of(folder, UNOPENED), "disputed": _id_of(folder, DISPUTED)}
    _signs_two_lists(ruben, ids["disputed"])
    _puts_back(folder, ids["disputed"])
    return ids


def _signs_two_lists(ruben: Visitor, case: str) -> None:
    page = ruben.page
    ruben.go(f"/cases/{case}/opening")
    page.get_by_label("Title").fill(TITLE)
    page.get_by_role("group", name=re.compile(LEAD)).get_by_label("lead", exact=True).check()
    ruben.press("Sign, and open the case")
    ruben.press("Open it all the same")
    ruben.go(f"/cases/{case}/people/change")
    page.get_by_role("group", name=re.compile(LEAD)).get_by_label("redactor", exact=True).check()
    ruben.press("Sign this list")
    assert page.url.endswith("done=signed"), ruben.reads()


def _id_of(folder: Path, code: str) -> str:
    database = Database(f"sqlite:///{folder / 'vouchsafe.db'}")
    tx = database.transaction()
    found = tx.value(sa.select(cases.cases.c.id).where(cases.cases.c.code == code))
    tx.release()
    database.close()
    return str(found)


def _puts_back(folder: Path, case: str) -> None:
    """As whoever holds the storage could: the newer list is gone."""
    database = Database(f"sqlite:///{folder / 'vouchsafe.db'}")
    with database.writing() as connection:
        connection.execute(sa.delete(rosters).where(rosters.c.case == UUID(case), rosters.c.number == 2))
    database.close()
