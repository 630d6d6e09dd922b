"""Every column that can hold bytes is classified here; every sealed one is bound to its own place."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.errors import VouchsafeError
from app.store import cases, jobs, keys, log, people, records, sessions, stories, trust  # noqa: F401  # they fill the metadata
from app.store.schema import metadata
from tests.vault.scene import Scene, copied
from tests.vault.sealed import SEALED, Sealed, Stage, furnish

PROVED_BY_SIGNATURE = {
    "approvals.object",
    "approvals.signature",
    "cards.object",
    "cards.previous_signature",
    "cards.signature",
    "certificates.object",
    "certificates.signature",
    "certificates.subject",
    "charters.object",
    "charters.signature",
    "proposals.object",
    "proposals.seconding",
    "proposals.seconding_signature",
    "proposals.signature",
    "grants.object",
    "grants.signature",
    "introductions.signature",
    "log_head.signature",
    "policies.object",
    "policies.signature",
    "releases.object",
    "releases.signature",
    "rosters.object",
    "rosters.signature",
    "statements.manifest",
    "statements.manifest_signature",
    "statements.receipt",
    "statements.receipt_signature",
    "versions.object",
    "versions.signature",
    "vouches.object",
    "vouches.signature",
    "workers.object",
    "workers.signature",
}
"""Signed objects in clear: they hold digests, ids, keys and times, never testimony."""

OPEN_BY_DESIGN = {
    "intake_keys.public",  # the roster's copy counts
    "late_forms.capsule",  # an HMAC; it holds ids and digests
    "locks.salt",
    "log_entries.session_tag",
    "operation_keys.public",  # certified
    "people.sign_in_tag",  # an HMAC
    "uploads.capsule",  # an HMAC; it holds ids and digests
}
PROVED_UNTIL_SIGNED = {
    "segments.wrap",
    "uploads.said",
    "uploads.said_wrap",
    "uploads.wrap",
}
"""Of files that are on their way: an HMAC binds each to its row until its author signs (`test_uploads.py`)."""
BITS = (0, 7, 33, 200, 400, 700, 1000, 5000, -1, -8, -130, -700)


@pytest.fixture(scope="module")
def stage(model: Scene, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    scene = copied(model, tmp_path_factory.mktemp("sealed") / "scene")
    yield furnish(scene)
    scene.cast.close()


def byte_columns() -> set[str]:
    """All but digests, whose length the schema fixes."""
    return {
        f"{table.name}.{column.name}"
        for tables in (metadata, sessions.metadata)
        for table in tables.sorted_tables
        for column in table.columns
        if isinstance(column.type, sa.LargeBinary) and column.type.length != 32
    }


def test_every_column_of_bytes_is_sealed_signed_or_open_by_design() -> None:
    sealed = {column.name for column in SEALED}
    kinds = (sealed, PROVED_BY_SIGNATURE, PROVED_UNTIL_SIGNED, OPEN_BY_DESIGN)
    assert byte_columns() == set().union(*kinds)
    assert sum(map(len, kinds)) == len(byte_columns())


def assert_never_another(stage: Stage, column: Sealed, stored: bytes, *put_there: bytes) -> None:
    """Whatever is put there, its owner is refused, or gets the right thing from elsewhere; then all is put back."""
    scene, where = stage.scene, column.mine(stage.scene)
    expected = column.open(stage) if column.has_another_source else None
    try:
        for altered in put_there:
            scene.tamper(sa.update(column.table).where(where).values({column.column: altered}))
            assert opened_or_refused(stage, column) == expected
    finally:
        scene.tamper(sa.update(column.table).where(where).values({column.column: stored}))


def opened_or_refused(stage: Stage, column: Sealed) -> bytes | None:
    try:
        return column.open(stage)
    except VouchsafeError:
        return None


def flipped(stored: bytes, bit: int) -> bytes:
    turned, place = bytearray(stored), bit % (len(stored) * 8)
    turned[place // 8] ^= 1 << place % 8
    return bytes(turned)


@pytest.mark.parametrize("column", SEALED, ids=lambda column: column.name)
def test_a_sealed_column_opens_for_its_owner(stage: Stage, column: Sealed) -> None:
    assert column.open(stage)


@pytest.mark.parametrize("column", SEALED, ids=lambda column: column.name)
def test_a_sealed_column_with_a_flipped_bit_is_refused(stage: Stage, column: Sealed) -> None:
    stored = stage.scene.row(column.table, column.mine(stage.scene))[column.column]
    assert_never_another(stage, column, stored, *(flipped(stored, bit) for bit in BITS))


@pytest.mark.parametrize("column", SEALED, ids=lambda column: column.name)
def test_a_sealed_column_opens_in_no_other_place(stage: Stage, column: Sealed) -> None:
    stored = stage.scene.row(column.table, column.mine(stage.scene))[column.column]
    other = stage.scene.row(column.table, column.other(stage.scene))[column.column]
    assert other != stored
    assert_never_another(stage, column, stored, other)


@pytest.mark.parametrize("column", SEALED, ids=lambda column: column.name)
def test_a_sealed_column_that_was_emptied_cut_or_lengthened_is_refused(stage: Stage, column: Sealed) -> None:
    stored = stage.scene.row(column.table, column.mine(stage.scene))[column.column]
    stumps = (b"", b"\x00", b"VSE1", b"VSH1\x01", stored[:-1], stored + b"\x00")
    assert_never_another(stage, column, stored, *stumps)


@given(st.sampled_from(SEALED), st.floats(0, 1, exclude_max=True))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_flipped_bit_anywhere_gives_altered_words(stage: Stage, column: Sealed, place: float) -> None:
    """Promise: what opens is what was sealed."""
    stored = stage.scene.row(column.table, column.mine(stage.scene))[column.column]
    assert_never_another(stage, column, stored, flipped(stored, int(place * len(stored) * 8)))
