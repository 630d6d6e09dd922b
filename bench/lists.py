"""A case page over 100 and over 10,000 statements, in turn, as a member of the case sees it."""

import statistics
import tempfile
import time
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from app.domain.ids import new_id
from app.domain.record import canonical_json
from app.store.cases import statements
from app.vault.fields import LINE
from bench.report import Figure, publish
from tests import cast

FEW, MANY = 100, 10_000
BATCH = 500
ROUNDS = 60


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        troupe = cast.assemble(Path(folder))
        small, large = new_id(), new_id()
        for case, code, count in ((small, "Bench-1", FEW), (large, "Bench-2", MANY)):
            cast.open_case(troupe, case, code, "ruben", cast.LINDEN, title=code)
            for done in range(0, count, BATCH):
                _fill(troupe, case, min(BATCH, count - done), done)
        browser = troupe.client("lilit")
        few, many = [], []
        for _ in range(ROUNDS):
            few.append(_page(browser, small))
            many.append(_page(browser, large))
        troupe.close()
    ratio = statistics.median(many) / statistics.median(few)
    publish(
        "lists",
        [
            Figure("case page, 10,000 / 100 statements", ratio, "ratio of p50", "< 1.3", ratio < 1.3),
            Figure("with 100", statistics.median(few) * 1000, "ms", "", True),
            Figure("with 10,000", statistics.median(many) * 1000, "ms", "", True),
        ],
        {"few": few, "many": many},
    )


def _fill(troupe: cast.Cast, case: UUID, count: int, before: int) -> None:
    line = canonical_json({"code_name": "Juniper", "files": 0, "languages": ["hy"], "words": 900})
    with troupe.acting("lilit") as uow:
        roster = uow.vault.trust.roster(case)
        for number in range(count):
            statement = new_id()
            uow.tx.stage(
                sa.insert(statements).values(
                    id=statement,
                    case=case,
                    submitter=troupe.people["anahit"].person,
                    state="accepted",
                    before="",
                    consent_state="in-force",
                    received=uow.clock(),
                    finished=uow.clock(),
                    arrival=before + number,
                    size=4096,
                    roster=roster.digest,
                    statement_intake_key=roster.intake_key("case").key_id,
                    identity_intake_key=roster.intake_key("identity").key_id,
                )
            )
            uow.vault.records.seal(LINE, case, statement, line, expected=0)


def _page(browser: cast.Browser, case: UUID) -> float:
    began = time.perf_counter()
    answer = browser.get(f"/cases/{case}")
    answer.get_data()
    assert answer.status_code == 200
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
