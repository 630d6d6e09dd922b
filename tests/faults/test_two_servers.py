"""Two application servers on one database: who is on which server makes no difference, and the log is one chain."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.audit.verify import verify_log
from app.services import Services
from app.store.cases import statements
from app.vault.fields import PART
from tests.cast import LINDEN, Browser, Cast, assemble
from tests.databases import Databases
from tests.intake.notebook import Notebook

EACH = 6


@pytest.fixture
def servers(databases: Databases, tmp_path: Path) -> Iterator[tuple[Cast, Cast]]:
    """Each with a head file of its own, as on two machines."""
    first = assemble(tmp_path / "data", databases.migrated(), databases.migrated_sessions())
    config = replace(first.services.config, head_file=tmp_path / "second" / "head")
    config.head_file.parent.mkdir()
    second = replace(first, services=Services.start(config, first.clock), _app=None)
    yield first, second
    second.close()
    first.close()


def moved(browser: Browser, to: Cast) -> Browser:
    """The same person's next request, which the proxy sends to the other server."""
    cookie = browser.client.get_cookie("demo-session")
    assert cookie is not None
    there = to.client()
    there.client.set_cookie("demo-session", cookie.value)
    return there


def test_a_session_of_one_is_a_session_of_the_other(servers: tuple[Cast, Cast]):
    first, second = servers
    here = first.client("lilit")
    there = moved(here, second)
    assert there.get(f"/cases/{second.case}").status_code == 200
    there.post("/sign-out")
    assert here.get("/account").status_code == 302


def test_statements_and_readings_on_both_make_one_log(servers: tuple[Cast, Cast]):
    first, second = servers
    anahit, davit = first.client("anahit"), first.client("davit")
    lilit, irina = first.client("lilit"), first.client("irina")
    second.app  # noqa: B018  # made before the threads begin
    work: list[Callable[[], list[int]]] = [
        lambda: send(Notebook(first, anahit)),
        lambda: send(Notebook(second, moved(davit, second))),
        lambda: read(lilit),
        lambda: read(moved(irina, second)),
    ]
    with ThreadPoolExecutor(len(work)) as pool:
        statuses = [status for done in pool.map(lambda do: do(), work) for status in done]
    assert set(statuses) == {200}
    for cast in servers:
        uow = cast.uow("lilit")
        verdict = verify_log(uow.tx, cast.services.installation.log_keys, cast.services.head_file.read())
        rows = uow.tx.all(sa.select(statements))
        assert [uow.vault.submissions.verify_submission(row.id) for row in rows] == [()] * 2 * EACH
        uow.end()
        assert verdict.broken is None


def test_who_is_removed_on_one_is_out_on_the_other_while_statements_arrive_on_both(
    servers: tuple[Cast, Cast],
):
    """The keys renew on the one server; what is sent on the other is sealed to the old list, or to the new, and read."""
    first, second = servers
    second.app  # noqa: B018  # made before the threads begin
    anahit, davit = first.client("anahit"), first.client("davit")
    here, there = first.client("selma"), moved(first.client("lilit"), second)
    out = moved(here, second)
    work: list[Callable[[], list[int]]] = [
        lambda: send(Notebook(first, anahit)),
        lambda: send(Notebook(second, moved(davit, second))),
        lambda: without_selma(first),
        lambda: read(there),
    ]
    assert out.get(f"/cases/{second.case}").status_code == 200
    with ThreadPoolExecutor(len(work)) as pool:
        statuses = [status for done in pool.map(lambda do: do(), work) for status in done]
    assert set(statuses) == {200}
    for browser in (here, out):
        assert browser.get(f"/cases/{first.case}").status_code == 404
    with second.acting("lilit") as uow:
        uow.vault.submissions.adopt(second.case, 500)
    with second.acting("lilit") as uow:
        for row in uow.tx.all(sa.select(statements)):
            assert uow.vault.records.open(PART, second.case, row.id).content
    for cast in servers:
        assert whole_log(cast)


def without_selma(cast: Cast) -> list[int]:
    """The lead's next list; answers as a page does."""
    held = {cast.people[name].card: duties for name, duties in LINDEN.items() if name != "selma"}
    with cast.acting("ruben") as uow:
        uow.vault.casework.change_roster(cast.case, uow.vault.trust.roster(cast.case).digest, held)
    return [200]


def whole_log(cast: Cast) -> bool:
    uow = cast.uow()
    verdict = verify_log(uow.tx, cast.services.installation.log_keys, cast.services.head_file.read())
    uow.end()
    return verdict.broken is None


def send(notebook: Notebook) -> list[int]:
    return [notebook.send_short(code_name=f"Bird {number}").status_code for number in range(EACH)]


def read(browser: Browser) -> list[int]:
    return [browser.get(f"/cases/{browser.cast.case}").status_code for _ in range(EACH)]


def test_both_serve_while_the_database_lets_one_write_at_a_time(servers: tuple[Cast, Cast]):
    """One person on both: the trust book is merged, not lost."""
    first, second = servers
    here = first.client("ruben")
    there = moved(here, second)
    with ThreadPoolExecutor(2) as pool:
        statuses = [status for done in pool.map(read, (here, there)) for status in done]
    assert set(statuses) == {200}
