"""What whoever writes the database takes away from a statement while it is being sent is missed when it is taken over."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.store import cases
from tests.cases.scenes import take_over, touch
from tests.cast import Cast, assemble
from tests.vault.scene import form, seal_part


@pytest.fixture
def cast(tmp_path: Path) -> Iterator[Cast]:
    made = assemble(tmp_path / "data")
    yield made
    made.close()


def finish_without(cast: Cast, lost: bool, *, repeated: bool = False) -> UUID:
    """A statement in two parts, the first of which came with two files; between the parts, a row may go."""
    capsule = form(cast, "anahit")
    first = seal_part(cast, "anahit", capsule, "We heard it at night.", [b"one", b"two"])
    if repeated:
        first = seal_part(cast, "anahit", capsule, "We heard it at night.", [b"three"])
    if lost:
        touch(cast, sa.delete(cases.assets).where(cases.assets.c.id == first.files[0].asset))
    last = seal_part(cast, "anahit", first.capsule, "And nothing after.")
    with cast.acting("anahit") as uow:
        uow.vault.submissions.finish(last.capsule)
    return capsule.submission


def state_of(cast: Cast, statement: UUID) -> str:
    tx = cast.services.database.transaction()
    try:
        return str(tx.value(sa.select(cases.statements.c.state).where(cases.statements.c.id == statement)))
    finally:
        tx.release()


@pytest.mark.parametrize(("lost", "state"), [(False, "accepted"), (True, "quarantined")])
@pytest.mark.parametrize("repeated", [False, True])
def test_a_file_whose_row_was_gone_before_the_end_sets_its_statement_apart(
    cast: Cast, lost: bool, state: str, repeated: bool
) -> None:
    statement = finish_without(cast, lost, repeated=repeated)
    take_over(cast)
    assert state_of(cast, statement) == state
