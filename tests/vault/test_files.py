"""A sealed file is handed out piece by piece as it was sent, or not at all."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.crypto.stream import CHUNK, HEADER_LENGTH
from app.domain.errors import NotFound, Tampered
from app.domain.ids import new_id
from app.store import keys as key_tables
from app.store.cases import assets
from app.store.log import entries
from app.store.records import tips
from app.vault.fields import ASSET_FACTS, Field
from app.vault.files import OpenFile, SegmentFacts
from app.vault.records import Opened, Records
from tests.vault.scene import FILE, Scene, submit

SEALED_CHUNK = CHUNK + 16


def path_of(scene: Scene, asset: Any = None) -> Path:
    return scene.cast.services.blobs.path(asset or scene.asset)


def read(scene: Scene, offset: int = 0, size: int = 10**9, who: str = "selma") -> bytes:
    with scene.reading(who) as uow:
        opened = uow.vault.files.open(scene.case, scene.asset)
        try:
            return b"".join(opened.read(offset, size))
        finally:
            opened.close()


def test_a_file_opens_at_any_place(scene: Scene) -> None:
    assert read(scene) == FILE
    assert read(scene, CHUNK - 5, 10) == FILE[CHUNK - 5 : CHUNK + 5]
    assert read(scene, len(FILE) - 3) == FILE[-3:]
    with scene.reading("selma") as uow:
        opened = uow.vault.files.open(scene.case, scene.asset)
        assert opened.length == len(FILE)
        opened.close()


def test_there_is_no_file_where_there_is_none(scene: Scene) -> None:
    with scene.reading("selma") as uow:
        with pytest.raises(NotFound):
            uow.vault.files.open(scene.case, new_id())
        with pytest.raises(NotFound):
            uow.vault.files.open(scene.cast.other_case, scene.asset)


def test_a_file_whose_key_was_destroyed_is_gone(scene: Scene) -> None:
    record_keys = key_tables.record_keys
    scene.tamper(
        sa.delete(record_keys).where(
            record_keys.c.record == scene.asset, record_keys.c.id == scene.row(assets)["key"]
        )
    )
    with scene.reading("selma") as uow, pytest.raises(NotFound, match="destroyed"):
        uow.vault.files.open(scene.case, scene.asset)


def flipped(place: int) -> Callable[[bytes], bytes]:
    def alter(stored: bytes) -> bytes:
        at = place % len(stored)
        return stored[:at] + bytes([stored[at] ^ 1]) + stored[at + 1 :]

    return alter


ALTERED: dict[str, Callable[[bytes], bytes]] = {
    "flipped-in-the-magic": flipped(0),
    "flipped-in-the-header": flipped(HEADER_LENGTH - 1),
    "flipped-in-the-first-chunk": flipped(HEADER_LENGTH + 5),
    "flipped-in-the-middle": flipped(HEADER_LENGTH + SEALED_CHUNK + 5),
    "flipped-at-the-end": flipped(-1),
    "cut": lambda stored: stored[:-1],
    "cut-at-the-edge-of-a-chunk": lambda stored: stored[: HEADER_LENGTH + SEALED_CHUNK],
    "cut-to-its-header": lambda stored: stored[:HEADER_LENGTH],
    "emptied": lambda _stored: b"",
    "lengthened": lambda stored: stored + b"\x00",
    "a-chunk-doubled": lambda stored: stored[: HEADER_LENGTH + SEALED_CHUNK] + stored[HEADER_LENGTH:],
    "chunks-exchanged": lambda stored: (
        stored[:HEADER_LENGTH]
        + stored[HEADER_LENGTH + SEALED_CHUNK : HEADER_LENGTH + 2 * SEALED_CHUNK]
        + stored[HEADER_LENGTH : HEADER_LENGTH + SEALED_CHUNK]
        + stored[HEADER_LENGTH + 2 * SEALED_CHUNK :]
    ),
}


@pytest.mark.parametrize("row_follows", [False, True], ids=["row-left", "row-follows"])
@pytest.mark.parametrize("alter", ALTERED.values(), ids=ALTERED)
def test_an_altered_file_is_refused_before_a_wrong_byte_leaves(
    scene: Scene, alter: Callable[[bytes], bytes], *, row_follows: bool
) -> None:
    path = path_of(scene)
    altered = alter(path.read_bytes())
    path.write_bytes(altered)
    if row_follows:
        scene.tamper(sa.update(assets).where(assets.c.id == scene.asset).values(size=len(altered)))
    handed_out = bytearray()

    def hand_out() -> None:
        with scene.reading("selma") as uow, closing(uow.vault.files.open(scene.case, scene.asset)) as opened:
            for piece in opened.read(0, len(FILE)):
                handed_out.extend(piece)

    with pytest.raises(Tampered):
        hand_out()
    assert FILE.startswith(handed_out)


@pytest.fixture
def other(scene: Scene) -> Any:
    """Another file on the same case, of the same length."""
    statement = submit(scene.cast, "anahit", "another", [FILE[::-1]])
    return scene.read(sa.select(assets.c.id).where(assets.c.statement == statement))[0].id


def test_a_file_in_anothers_place_is_refused(scene: Scene, other: Any) -> None:
    path_of(scene).write_bytes(path_of(scene, other).read_bytes())
    with pytest.raises(Tampered, match="stream-header"):
        read(scene)
    scene.swap(assets, "header_digest", assets.c.id == scene.asset, assets.c.id == other)
    with pytest.raises(Tampered, match="segments"):
        read(scene)
    scene.swap(assets, "header_digest", assets.c.id == scene.asset, assets.c.id == other)
    scene.swap(assets, "key", assets.c.id == scene.asset, assets.c.id == other)
    with pytest.raises(Tampered, match="key-wrap"):
        read(scene)


def test_a_chunk_of_another_file_is_refused(scene: Scene, other: Any) -> None:
    mine, theirs = path_of(scene).read_bytes(), path_of(scene, other).read_bytes()
    edge = HEADER_LENGTH + SEALED_CHUNK
    path_of(scene).write_bytes(mine[:HEADER_LENGTH] + theirs[HEADER_LENGTH:edge] + mine[edge:])
    with pytest.raises(Tampered, match="stream"):
        read(scene)


def test_a_file_that_lost_its_facts_is_refused(scene: Scene) -> None:
    of_facts = (tips.c.record == scene.asset, tips.c.field == ASSET_FACTS.path)
    logged = (entries.c.record == scene.asset, entries.c.field == ASSET_FACTS.path)
    scene.tamper(sa.delete(tips).where(*of_facts), sa.update(entries).where(*logged).values(record=new_id()))
    with pytest.raises(Tampered, match="segments"):
        read(scene)


def test_facts_that_are_none_prove_no_file(scene: Scene) -> None:
    with scene.cast.acting("lilit") as uow:
        uow.vault.records.seal(ASSET_FACTS, scene.case, scene.asset, b"[]", expected=1)
    with pytest.raises(Tampered, match="segments"):
        read(scene)


def test_a_place_is_found_in_the_piece_that_holds_it() -> None:
    pieces = {number: bytes([number]) * number for number in range(1, 6)}
    whole = b"".join(pieces.values())

    class Piece:
        def __init__(self, segment: SegmentFacts) -> None:
            self.content, self.opener, self.reader = pieces[segment.number], self, self

        def read(self, offset: int, size: int) -> Iterator[bytes]:
            yield self.content[offset : offset + size]

        def close(self) -> None:
            pass

    one = new_id()
    listed = [SegmentFacts(number, one, one, 0, number, b"", cut=False) for number in pieces]
    opened = OpenFile(one, one, listed, Piece)  # type: ignore[arg-type]  # a stream in clear
    assert opened.length == len(whole)
    for offset in range(len(whole) + 1):
        assert b"".join(opened.read(offset, 4)) == whole[offset : offset + 4]


def test_facts_are_opened_once_however_many_stretches_are_asked_for(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, original = [], Records.open

    def noting(records: Records, where: Field, case: UUID, record: UUID) -> Opened:
        opened.append((records.holder.person, where))
        return original(records, where, case, record)

    monkeypatch.setattr(Records, "open", noting)
    for who in ("selma", "lilit"):
        for offset in range(3):
            assert read(scene, offset, 5, who) == FILE[offset : offset + 5]
    assert opened == [(scene.cast.people[who].person, ASSET_FACTS) for who in ("selma", "lilit")]


def test_a_file_that_is_not_on_the_disk_is_missed(scene: Scene) -> None:
    path_of(scene).unlink()
    with pytest.raises(Tampered, match="blob-missing"):
        read(scene)
