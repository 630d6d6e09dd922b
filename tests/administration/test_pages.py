"""What an administrator sees: people, codes, the log, health; never a title, a code name or a word."""

import re
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from app.administration import words
from app.administration.queries import PAGE, log_query
from app.audit.acts import Act
from app.store.jobs import jobs
from app.store.log import entries, heads
from app.store.people import people
from app.store.trust import charters
from tests.cases.scenes import read, touch
from tests.cast import PEOPLE, Cast

PATHS = [
    "/administration",
    "/administration/audit",
    "/administration/audit?verify=1",
    "/administration/health",
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("who", ["lilit", "ruben", "anahit"])
def test_they_are_for_administrators_alone(cast: Cast, path: str, who: str):
    assert cast.client(who).get(path).status_code == 403


@pytest.mark.parametrize("path", PATHS)
def test_they_hold_no_title_and_no_code_name(cast: Cast, path: str):
    read(cast, "Juniper")
    page = cast.client("helga").get(path)
    assert page.status_code == 200
    for secret in ("The road in winter", "Nothing to you", "Juniper"):
        assert secret not in page.text


def test_the_first_line_says_how_many_can_open_and_that_this_one_cannot(cast: Cast):
    page = cast.client("helga").get("/administration").text
    assert "8 people can open something. You cannot." in page
    assert "2 cases" in page


def test_everybody_is_there_with_roles_and_whether_somebody_vouched(cast: Cast):
    page = cast.client("helga").get("/administration").text
    assert all(shown in page for shown, _roles, _voucher in PEOPLE.values())
    nil = next(row for row in page.split("<tr>") if "Nil Tander" in row)
    assert "nobody has vouched yet" in nil


def test_cases_show_their_code_and_first_lead(cast: Cast):
    page = cast.client("helga").get("/administration").text
    linden = next(row for row in page.split("<tr>") if "Linden-4" in row)
    assert "Ruben Oskan" in linden


def test_a_forged_name_or_charter_shows_and_blocks_nothing(cast: Cast):
    tx = cast.services.database.transaction()
    other = tx.value(sa.select(people.c.name).where(people.c.id == cast.people["mark"].person))
    tx.release()
    touch(
        cast,
        sa.update(people).where(people.c.id == cast.people["nadim"].person).values(name=other),
        sa.update(charters).where(charters.c.case == cast.case).values(signature=bytes(3373)),
    )
    page = cast.client("helga").get("/administration")
    assert page.status_code == 200
    assert "a name that does not fit its card" in page.text
    assert "the charter is not what was signed" in page.text
    assert "Irina Veslova" in page.text


def sequences(page: str) -> list[int]:
    return [int(found) for found in re.findall(r'<th scope="row" class="num">(\d+)</th>', page)]


def test_the_log_is_paged_without_a_gap(cast: Cast):
    read(cast, *(f"Bird {number}" for number in range(12)))
    browser, found, path = cast.client("helga"), [], "/administration/audit"
    while path:
        page = browser.get(path).text
        found += sequences(page)
        later = re.search(r'rel="next" href="([^"]+)"', page)
        path = later[1].replace("&amp;", "&") if later else ""
    assert len(found) > PAGE
    assert found == list(range(found[0], 0, -1))


def test_it_can_be_asked_for_one_person_and_one_act(cast: Cast):
    read(cast, "Juniper")
    lilit, browser = cast.people["lilit"].person.hex, cast.client("helga")
    page = browser.get(f"/administration/audit?person={lilit}&act={Act.STATEMENT_ADOPTED.value}").text
    assert len(sequences(page)) == 1
    assert "took a statement over" in page
    assert "Linden-4" in page
    none = browser.get(f"/administration/audit?person={lilit}&act={Act.PUBLISHED.value}").text
    assert "No such entries" in none


@pytest.mark.parametrize("query", ["person=me", "act=dancing", "before=now", "choose=person", "choose=act"])
def test_a_nonsense_choice_chooses_nothing(cast: Cast, query: str):
    page = cast.client("helga").get(f"/administration/audit?{query}")
    assert page.status_code == 200
    assert sequences(page.text)


def test_checking_the_log_says_that_it_is_whole(cast: Cast):
    page = cast.client("helga").get("/administration/audit?verify=1").text
    assert "entries are where they belong" in page


def test_checking_the_log_names_the_entry_that_was_altered(cast: Cast):
    touch(cast, sa.update(entries).where(entries.c.sequence == 5).values(note="nothing happened"))
    page = cast.client("helga").get("/administration/audit?verify=1").text
    assert "At entry 5: An entry was altered." in page


def test_a_head_that_the_server_did_not_sign_shows_at_once(cast: Cast):
    browser = cast.client("helga")
    touch(cast, sa.update(heads).values(at=heads.c.at + 1))
    page = browser.get("/administration/health")
    assert page.status_code == 200
    assert "The signed head is not ours." in page.text


def test_health_says_what_each_thing_is_and_what_to_do(cast: Cast):
    page = cast.client("helga").get("/administration/health").text
    for expected in ("SQLite", "this version’s", "free of", "one session", "Nothing."):
        assert expected in page


@pytest.mark.parametrize(
    ("reason", "says", "is_well"),
    [
        ("sandbox-missing", "Install bubblewrap where the worker runs", False),
        ("extra-missing", "Nothing, if that is on purpose.", True),
        ("storage", "Look at the disk and the database.", False),
        ("crashed", "They may be damaged; the originals are untouched", True),
        ("unknown-kind", "Start a worker of this version.", False),
        ("stream-length", "what is stored is missing or was altered", False),
    ],
)
def test_health_says_why_files_were_set_aside_and_what_to_do(
    cast: Cast, reason: str, says: str, is_well: bool
):
    file = uuid4()
    set_aside(cast, file, reason)
    page = cast.client("helga").get("/administration/health").text
    assert says in page
    assert ("Everything is well" in page) == is_well
    assert file.hex not in page.replace("-", "")


def test_health_counts_files_that_were_set_aside_alike_together(cast: Cast):
    for reason in ("crashed", "worker-gone", "stream"):
        set_aside(cast, uuid4(), reason)
    page = cast.client("helga").get("/administration/health").text
    assert page.count("Set aside") == 2
    assert "2 files, reading them failed each time" in page


def set_aside(cast: Cast, file: UUID, reason: str) -> None:
    numbers = dict.fromkeys(("attempts", "not_before", "progress", "created", "since"), 0)
    ids = {"id": uuid4(), "case": cast.case, "subject": file, "worker": uuid4()}
    row = {**ids, **numbers, "kind": "rebuild", "state": "set-aside", "reason": reason}
    touch(cast, sa.insert(jobs).values(row))


def test_one_persons_entries_are_found_along_their_index(cast: Cast):
    query = log_query(person=cast.people["lilit"].person)
    compiled = query.compile(cast.services.database.engine, compile_kwargs={"literal_binds": True})
    with cast.services.database.engine.connect() as connection:
        told = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}").all())
    assert "ix_log_entries_person_sequence" in told


def test_every_act_has_its_words():
    assert {act.value for act in Act} <= set(words.ACTS)
