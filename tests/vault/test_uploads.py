"""Files on their way, at the vault: what was restored, touched or sent by crumbs ends in a clear refusal, and nothing is lost."""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.crypto.stream import CHUNK, HEADER_LENGTH
from app.crypto.tree import BLOCK
from app.domain.capacity import UPLOAD_DAYS
from app.domain.errors import Conflict, Forbidden, InvalidInput, NotFound, Tampered
from app.domain.ids import new_id
from app.domain.jobs import DAY
from app.intake import actions
from app.jobs.sweeping import discard_expired
from app.store.cases import assets, segments, statements
from app.store.keys import record_keys
from app.store.log import entries
from app.store.records import tips, versions
from app.store.uploads import uploads
from app.vault import pieces
from app.vault import uploads as uploads_module
from app.vault.fields import ASSET_SEGMENTS, Field
from app.vault.files import SEGMENTS_REMEMBERED, KnownLists, SegmentFacts, _read_list
from app.vault.pieces import Checksum, ClearPiece, SealedPiece
from app.vault.records import Opened
from app.vault.submissions import open_form
from app.vault.upload_rows import Upload
from app.vault.uploads import Announced
from tests.cast import Cast, assemble
from tests.intake.sender import MARK, SealedFile, random_bytes

CUT = HEADER_LENGTH + CHUNK + 16


@pytest.fixture
def cast(tmp_path: Path) -> Iterator[Cast]:
    assembled = assemble(tmp_path / "data")
    yield assembled
    assembled.close()


@pytest.fixture
def capsule(cast: Cast) -> str:
    with cast.acting("anahit") as uow:
        return uow.vault.submissions.begin(cast.case)


def begin(cast: Cast, file: SealedFile, name: str = "anahit") -> str:
    told = Announced(
        file.asset, file.segment, file.key_id, file.box, len(file.content), file.origin, file.mark
    )
    with cast.acting(name) as uow:
        return uow.vault.uploads.begin_sealed(file.capsule, told, len(file.sealed))


def found(cast: Cast, asset: UUID, name: str = "anahit") -> Upload:
    uow = cast.uow(name)
    try:
        return uow.vault.uploads.find_asset(asset)
    finally:
        uow.end()


def sealed_piece(cast: Cast, upload: Upload, algorithm: str | None = None) -> SealedPiece:
    services = cast.services
    return SealedPiece(services.database, services.blobs, upload, services.clock, algorithm)


def clear_piece(cast: Cast, upload: Upload) -> ClearPiece:
    uow = cast.uow("anahit")
    target = uow.vault.uploads.target(upload)
    uow.end()
    services = cast.services
    return ClearPiece(
        services.database, services.blobs, upload, services.clock, services.installation, target
    )


def send(cast: Cast, file: SealedFile, upto: int | None = None) -> None:
    piece = sealed_piece(cast, found(cast, file.asset))
    piece.write(file.sealed[:upto])
    piece.land()
    piece.close()


def begun(cast: Cast, capsule: str, size: int = 3 * CHUNK) -> SealedFile:
    file = SealedFile(cast, random_bytes(size), capsule)
    begin(cast, file)
    return file


def test_another_persons_form_takes_no_file(cast: Cast, capsule: str):
    with pytest.raises(Forbidden, match="capsule-of-another"):
        begin(cast, SealedFile(cast, b"x", capsule), "davit")


def test_bytes_that_a_backup_lost_come_again(cast: Cast, capsule: str):
    file = begun(cast, capsule)
    send(cast, file, 2 * CHUNK)
    cast.services.blobs.drop(file.key_id)
    with pytest.raises(Conflict, match="lost"):
        sealed_piece(cast, found(cast, file.asset))
    cast.services.blobs.drop(file.key_id)
    with cast.acting("anahit") as uow:
        uow.vault.uploads.resume(file.asset, MARK)
    after = found(cast, file.asset)
    assert (after.segment, after.origin, after.key, after.arrived) == (1, 0, None, 0)


@pytest.mark.parametrize("named", [False, True], ids=["shorter", "cut-and-named"])
def test_no_piece_goes_on_where_bytes_are_missing(cast: Cast, capsule: str, *, named: bool):
    """Its file is shorter than what was acknowledged; or has got its name, and the process died before its row said so."""
    file = begun(cast, capsule)
    send(cast, file, CUT)
    whole = cast.services.blobs.path(file.key_id)
    growing = whole.with_name(whole.name + ".growing")
    if named:
        growing.rename(whole)
    else:
        os.truncate(growing, CUT - 1)
    with pytest.raises(Conflict, match="lost"):
        sealed_piece(cast, found(cast, file.asset))


def test_a_whole_file_whose_bytes_a_backup_lost_comes_again(cast: Cast, capsule: str):
    file = begun(cast, capsule)
    send(cast, file)
    cast.services.blobs.drop(file.key_id)
    with pytest.raises(Conflict, match="digest"), cast.acting("anahit") as uow:
        uow.vault.uploads.complete(found(cast, file.asset), None, {})


def test_what_has_come_is_told_in_bytes_of_the_file(cast: Cast, capsule: str):
    file = begun(cast, capsule)
    send(cast, file, 2 * CHUNK)
    assert found(cast, file.asset).arrived == CHUNK


def test_nothing_goes_on_with_a_file_that_is_whole(cast: Cast, capsule: str):
    file = begun(cast, capsule)
    send(cast, file)
    for _twice in range(2):
        with cast.acting("anahit") as uow:
            uow.vault.uploads.complete(uow.vault.uploads.find_asset(file.asset), None, {"name": "road"})
    assert found(cast, file.asset).arrived == len(file.content)
    with pytest.raises(Conflict, match="whole-already"), cast.acting("anahit") as uow:
        uow.vault.uploads.resume(file.asset, MARK)
    with cast.acting("anahit") as uow:
        assert uow.vault.joining.attach(file.asset) is False  # its words have not come


def test_a_file_that_was_named_as_the_process_died_is_whole(cast: Cast, capsule: str):
    """All of it was acknowledged, and its sender's browser died too: none of it has to come again, and what was said is kept."""
    file = begun(cast, capsule)
    send(cast, file)
    with cast.acting("anahit") as uow:
        uow.vault.uploads.say(found(cast, file.asset), {"name": "road.mp4"})
    whole = cast.services.blobs.path(file.key_id)
    whole.with_name(whole.name + ".growing").rename(whole)
    said = found(cast, file.asset).said
    with cast.acting("anahit") as uow:
        uow.vault.uploads.resume(file.asset, MARK)
    after = found(cast, file.asset)
    assert (after.state, after.arrived, after.said) == ("whole", len(file.content), said)
    send_words(cast, capsule)
    with cast.acting("anahit") as uow:
        assert uow.vault.joining.attach(file.asset)
    assert read_all(cast, file.asset, "lilit") == file.content


def test_a_segment_is_started_again_at_most_once(cast: Cast, capsule: str):
    file = begun(cast, capsule)
    with cast.acting("anahit") as uow:
        uow.vault.uploads.resume(file.asset, MARK)
    for _twice in range(2):
        with cast.acting("anahit") as uow:
            uow.vault.uploads.start_again(uow.vault.uploads.find_asset(file.asset))
    with cast.acting("anahit") as uow:
        assert uow.vault.uploads.resume(file.asset, MARK).segment == 1


def test_a_crash_between_the_name_and_the_row_is_mended(cast: Cast, capsule: str):
    """The blob has its name, cut to whole chunks; the row still tells of more."""
    file = begun(cast, capsule)
    send(cast, file, 2 * CHUNK)
    uow = cast.uow("anahit")
    uow.vault.uploads.resume(file.asset, MARK)
    uow.end()  # never committed
    assert cast.services.blobs.path(file.key_id).exists()
    with cast.acting("anahit") as uow:
        uow.vault.uploads.resume(file.asset, MARK)
    assert (found(cast, file.asset).segment, found(cast, file.asset).origin) == (2, CHUNK)


def test_blocks_are_hashed_across_requests(cast: Cast, capsule: str):
    file = begun(cast, capsule, 2 * BLOCK + 77)
    at = 0
    for size in (BLOCK - 5, 10, BLOCK, 1 << 22):
        piece = sealed_piece(cast, found(cast, file.asset))
        piece.write(file.sealed[at : at + size])
        piece.land()
        piece.close()
        at += size
    with cast.acting("anahit") as uow:
        uow.vault.uploads.complete(found(cast, file.asset), bytes.fromhex(file.digest), {})


@pytest.mark.parametrize("size", [100, BLOCK, BLOCK + 100])
def test_one_hash_serves_block_and_checksum(cast: Cast, capsule: str, size: int):
    file = begun(cast, capsule, 2 * BLOCK)
    piece = sealed_piece(cast, found(cast, file.asset), "sha256")
    sent = file.sealed[:size]
    for at in range(0, size, 1 << 20):
        piece.write(sent[at : min(at + (1 << 20), size)])
    piece.land(Checksum("sha256", hashlib.sha256(sent).digest()))
    piece.close()
    assert found(cast, file.asset).offset == size


def test_a_long_piece_in_clear_lands_in_segments(cast: Cast, capsule: str):
    with cast.acting("anahit") as uow:
        address = uow.vault.uploads.begin_clear(capsule, 100, {"name": "road"})
    uow = cast.uow("anahit")
    upload = uow.vault.uploads.find(address)
    uow.end()
    assert upload.arrived == 0
    piece = clear_piece(cast, upload)
    for data in (b"a" * 30, b"b" * 20):
        piece.write(data)
        piece.write(data)
        piece.land()
    piece.land()  # nothing more has come
    piece.close()
    with cast.acting("anahit") as uow:
        uow.vault.uploads.complete(uow.vault.uploads.find(address), None, {})
    uow = cast.uow("anahit")
    (whole,) = uow.vault.uploads.unfinished()
    uow.end()
    assert [row.length for row in rows(cast)] == [60, 40]
    assert whole.arrived == 100


def rows(cast: Cast) -> list[sa.Row[Any]]:
    with cast.services.database.engine.connect() as connection:
        return list(connection.execute(sa.select(segments).order_by(segments.c.number)).all())


def test_a_piece_in_clear_that_was_overtaken_leaves_no_blob(cast: Cast, capsule: str):
    with cast.acting("anahit") as uow:
        address = uow.vault.uploads.begin_clear(capsule, 100, {})
    uow = cast.uow("anahit")
    upload = uow.vault.uploads.find(address)
    uow.end()
    late, first = clear_piece(cast, upload), clear_piece(cast, upload)
    late.write(b"late")
    first.write(b"first")
    first.land()
    with pytest.raises(Conflict):
        late.land()
    late.close()
    first.close()
    assert [blob for blob, _at in cast.services.blobs.finished()] == [row.blob for row in rows(cast)]


def test_nobody_writes_where_another_has_landed_since(cast: Cast, capsule: str):
    file = begun(cast, capsule)
    stale = found(cast, file.asset)
    send(cast, file, 1000)
    with pytest.raises(Conflict, match="another-holder"):
        sealed_piece(cast, stale)


def test_a_sender_of_crumbs_is_stopped(cast: Cast, capsule: str, monkeypatch: pytest.MonkeyPatch):
    with cast.acting("anahit") as uow:
        address = uow.vault.uploads.begin_clear(capsule, 100, {})
    uow = cast.uow("anahit")
    upload = uow.vault.uploads.find(address)
    uow.end()
    monkeypatch.setattr(pieces, "MOST_SEGMENTS", 0)
    with pytest.raises(Conflict, match="too-many-segments"):
        clear_piece(cast, upload)


def test_a_browser_that_dies_all_the_time_is_stopped_too(
    cast: Cast, capsule: str, monkeypatch: pytest.MonkeyPatch
):
    file = begun(cast, capsule)
    monkeypatch.setattr(uploads_module, "MOST_SEGMENTS", 1)
    uow = cast.uow("anahit")
    with pytest.raises(Conflict, match="too-many-segments"):
        uow.vault.uploads.resume(file.asset, file.mark)
    uow.end()


@pytest.mark.parametrize("column", [column.name for column in uploads.columns])
def test_no_touched_row_is_signed(cast: Cast, capsule: str, column: str):
    """Whatever a database writer puts there: the author signs what came, or nothing."""
    file = begun(cast, capsule)
    send(cast, file)
    with cast.acting("anahit") as uow:
        uow.vault.uploads.complete(uow.vault.uploads.find_asset(file.asset), None, {"name": "road"})
    other = begun(cast, capsule)
    taken = sa.select(uploads.c[column]).where(uploads.c.asset == other.asset)
    with cast.services.database.writing() as connection:
        value = connection.execute(taken).scalar()
        connection.execute(sa.delete(uploads).where(uploads.c.asset == other.asset))
        connection.execute(sa.update(uploads).values({column: value}))
    uow = cast.uow("anahit")
    try:
        statement = uow.vault.uploads.find_asset(file.asset).statement
        joined = uow.vault.joining.join(statement)
    except (NotFound, Tampered):
        assert column not in UNSIGNED
    else:
        assert [entry.asset for entry in joined] == [file.asset]
        assert column in UNSIGNED or value_is_the_same(column)
    finally:
        uow.end()


UNSIGNED = {"offset", "began", "touched"}
"""What routes a file and is no part of it."""


def value_is_the_same(column: str) -> bool:
    """Both files are of one form, one person and one size."""
    return column in {"way", "person", "case", "statement", "capsule", "segment", "origin", "total", "mark"}


def line(**instead: object) -> dict[str, object]:
    known = {"number": 1, "blob": f"{1:032x}", "key": f"{1:032x}", "size": 134, "length": 1, "header": "00"}
    return {**known, "cut": False, **instead}


@pytest.mark.parametrize(
    "content",
    [{}, [], {"segments": []}, {"segments": [{}]}]
    + [{"segments": [line(**{name: value})]} for name, value in (("number", 2), ("length", 2), ("size", 3))],
)
def test_a_list_that_makes_no_sense_is_refused(content: object):
    with pytest.raises(Tampered, match="segments"):
        _read_list(json.dumps(content).encode(), UUID(int=1))


def test_a_file_joins_a_statement_that_is_not_finished(cast: Cast, capsule: str):
    """Its words went in parts; the rest of them may come later, or never."""
    file = begun(cast, capsule)
    send(cast, file)
    with cast.acting("anahit") as uow:
        submissions = uow.vault.submissions
        submissions.seal_part(open_form(uow.installation, capsule, uow.clock()), {"account": "x"}, {}, {}, [])
    with cast.acting("anahit") as uow:
        uow.vault.uploads.complete(uow.vault.uploads.find_asset(file.asset), None, {})
    with cast.acting("anahit") as uow:
        assert uow.vault.joining.attach(file.asset)
    with cast.acting("lilit") as uow:
        opened = uow.vault.files.open(cast.case, file.asset)
        assert b"".join(opened.read(0, opened.length)) == file.content
        opened.close()


@pytest.fixture
def joined(cast: Cast, capsule: str) -> SealedFile:
    """A file in pieces that is part of a finished statement, opened by a reader once."""
    file = begun(cast, capsule)
    send(cast, file)
    with cast.acting("anahit") as uow:
        uow.vault.uploads.complete(uow.vault.uploads.find_asset(file.asset), None, {})
    join(cast, capsule, file.asset)
    read_all(cast, file.asset, "lilit")
    return file


def send_words(cast: Cast, capsule: str) -> None:
    with cast.acting("anahit") as uow:
        form = open_form(uow.installation, capsule, uow.clock())
        sealed = uow.vault.submissions.seal_part(form, {"account": "x"}, {}, {}, [])
        uow.vault.submissions.finish(sealed.capsule, sealed)


def join(cast: Cast, capsule: str, asset: UUID) -> None:
    """The words are sent, the file joins them, and a reader takes them over."""
    send_words(cast, capsule)
    with cast.acting("anahit") as uow:
        assert uow.vault.joining.attach(asset)
    with cast.acting("lilit") as uow:
        uow.vault.submissions.adopt(cast.case, 1_000)


def read_all(cast: Cast, asset: UUID, name: str) -> bytes:
    with cast.acting(name) as uow, closing(uow.vault.files.open(cast.case, asset)) as opened:
        return b"".join(opened.read(0, opened.length))


def test_a_list_that_was_proved_is_not_read_again(cast: Cast, joined: SealedFile):
    """A player asks for many stretches of one file: each asks for the list's name, and opens it the first time only."""
    with cast.acting("lilit") as uow:
        opened: list[UUID] = []
        original = uow.vault.records.open

        def noting(where: Field, case: UUID, record: UUID) -> Opened:
            opened.append(record)
            return original(where, case, record)

        uow.vault.records.open = noting  # type: ignore[method-assign]  # a look at what is asked of it
        assert uow.vault.files.locate(cast.case, joined.asset).segments[0].length == len(joined.content)
    assert opened == []


def test_a_known_list_opens_nothing_for_who_has_no_grant(cast: Cast, joined: SealedFile):
    """Nor for its own author, who writes and cannot read."""
    with pytest.raises(Forbidden, match="no-grant"):
        read_all(cast, joined.asset, "anahit")


def test_a_known_list_opens_nothing_once_the_key_is_destroyed(cast: Cast, joined: SealedFile):
    with cast.services.database.writing() as connection:
        connection.execute(sa.delete(record_keys).where(record_keys.c.id == joined.key_id))
    with pytest.raises(NotFound, match="destroyed"):
        read_all(cast, joined.asset, "lilit")


def test_every_person_proves_a_list_for_themselves(cast: Cast, joined: SealedFile):
    with cast.services.database.writing() as connection:
        of_list = (versions.c.record == joined.asset, versions.c.field == ASSET_SEGMENTS.path)
        connection.execute(sa.update(versions).where(*of_list).values(signature=bytes(64)))
    with pytest.raises(Tampered, match="version-signature"):
        read_all(cast, joined.asset, "selma")


def in_two_pieces(cast: Cast, capsule: str) -> UUID:
    """A file that came in clear, over two requests, and is part of its statement."""
    with cast.acting("anahit") as uow:
        address = uow.vault.uploads.begin_clear(capsule, 10, {"name": "road"})
    for data in (b"first", b"after"):
        with cast.acting("anahit") as uow:
            upload = uow.vault.uploads.find(address)
        piece = clear_piece(cast, upload)
        piece.write(data)
        piece.land()
        piece.close()
    join(cast, capsule, upload.asset)
    return upload.asset


def test_a_file_in_pieces_is_not_shown_cut_to_its_first(cast: Cast, capsule: str):
    """Who writes database and disk hides the list of pieces, and lays the first where a file lies that came in one."""
    asset, blobs = in_two_pieces(cast, capsule), cast.services.blobs
    assert read_all(cast, asset, "lilit") == b"firstafter"
    first = rows(cast)[0]
    with cast.services.database.writing() as connection:
        of_list = (tips.c.record == asset, tips.c.field == ASSET_SEGMENTS.path)
        connection.execute(sa.delete(tips).where(*of_list))
        logged = (entries.c.record == asset, entries.c.field == ASSET_SEGMENTS.path)
        connection.execute(sa.update(entries).where(*logged).values(record=new_id()))
        connection.execute(sa.update(assets).where(assets.c.id == asset).values(size=first.size))
    blobs.path(asset).parent.mkdir(exist_ok=True)
    blobs.path(asset).write_bytes(blobs.path(first.blob).read_bytes())
    with pytest.raises(Tampered, match="segments"):
        read_all(cast, asset, "lilit")


def test_no_more_lists_are_kept_than_fit():
    known, part = KnownLists(), SegmentFacts(1, UUID(int=1), UUID(int=2), 134, 1, b"", cut=False)
    half = (part,) * (SEGMENTS_REMEMBERED // 2)
    for number in range(3):
        known.remember(UUID(int=1), bytes([number]), half)
    kept = [known.get(UUID(int=1), bytes([number])) for number in range(3)]
    assert kept == [None, None, half]


def test_what_is_altered_is_told_apart_from_what_is_well(cast: Cast, capsule: str):
    begun(cast, capsule)
    whole, altered = begun(cast, capsule), begun(cast, capsule)
    send(cast, whole)
    with cast.acting("anahit") as uow:
        uow.vault.uploads.complete(uow.vault.uploads.find_asset(whole.asset), None, {})
    with cast.services.database.writing() as connection:
        connection.execute(sa.update(uploads).where(uploads.c.asset == altered.asset).values(total=5))
    with cast.acting("anahit") as uow:
        assert uow.vault.joining.altered() == [altered.asset]


@pytest.mark.parametrize("expires", [False, True])
def test_a_file_that_was_let_go_and_is_put_back_is_never_signed(cast: Cast, capsule: str, *, expires: bool):
    """Rows and blobs of an earlier moment are proved: who writes database and disk can put all of them back."""
    file = begun(cast, capsule)
    send(cast, file)
    with cast.acting("anahit") as uow:
        uow.vault.uploads.complete(uow.vault.uploads.find_asset(file.asset), None, {})
    send_words(cast, capsule)
    stored = {table: [row._asdict() for row in read(cast, table)] for table in (uploads, segments)}
    blob = cast.services.blobs.path(file.key_id)
    content = blob.read_bytes()
    let_go(cast, file.asset, expires=expires)
    assert not blob.exists()
    assert not read(cast, uploads)
    blob.write_bytes(content)
    with cast.services.database.writing() as connection:
        for table, kept in stored.items():
            connection.execute(sa.insert(table), kept)
    with cast.acting("anahit") as uow:
        assert uow.vault.joining.altered() == [file.asset]
        assert uow.vault.joining.join(found(cast, file.asset).statement) == ()
    with pytest.raises(Tampered, match="given-up"), cast.acting("anahit") as uow:
        uow.vault.joining.attach(file.asset)
    assert not read(cast, assets)


def let_go(cast: Cast, asset: UUID, *, expires: bool) -> None:
    """Its author gives it up; or its statement is withdrawn for a moment, in which its time is over."""
    if not expires:
        with cast.acting("anahit") as uow:
            actions.give_up(uow, asset)
        return
    cast.clock.ahead += UPLOAD_DAYS * DAY + 1
    cast.client("lilit")  # a sign-in bears witness to the clock
    for state in ("withdrawn", "received"):
        with cast.services.database.writing() as connection:
            connection.execute(sa.update(statements).values(state=state))
        discard_expired(cast.services)


def read(cast: Cast, table: sa.Table) -> list[sa.Row[Any]]:
    with cast.services.database.engine.connect() as connection:
        return list(connection.execute(sa.select(table)).all())


def test_a_stream_that_begins_like_none_is_not_taken(cast: Cast, capsule: str):
    file = begun(cast, capsule)
    file.sealed = b"nothing of ours" * (len(file.sealed) // 15 + 1)
    file.sealed = file.sealed[: 3 * CHUNK + 117 + 3 * 16]
    send(cast, file)
    with pytest.raises(InvalidInput, match="another-place"), cast.acting("anahit") as uow:
        uow.vault.uploads.complete(uow.vault.uploads.find_asset(file.asset), None, {})


def test_a_box_of_another_length_or_for_somebody_else_is_no_key(cast: Cast, capsule: str):
    file = SealedFile(cast, b"x", capsule)
    told = Announced(file.asset, 1, file.key_id, b"x" * 1221, 1, 0, file.mark)
    with pytest.raises(InvalidInput) as refused, cast.acting("anahit") as uow:
        uow.vault.uploads.begin_sealed(capsule, told, len(file.sealed))
    assert refused.value.problems == {"box": "another-recipient"}


def test_what_is_part_of_a_statement_is_neither_begun_anew_nor_given_up(cast: Cast, capsule: str):
    file = begun(cast, capsule)
    send(cast, file)
    with cast.acting("anahit") as uow:
        submissions = uow.vault.submissions
        submissions.seal_part(open_form(uow.installation, capsule, uow.clock()), {"account": "x"}, {}, {}, [])
    with cast.acting("anahit") as uow:
        uow.vault.uploads.complete(uow.vault.uploads.find_asset(file.asset), None, {})
    before = found(cast, file.asset)
    with cast.acting("anahit") as uow:
        uow.vault.joining.attach(file.asset)
    with pytest.raises(Conflict, match="upload-exists"):
        begin(cast, SealedFile(cast, file.content, capsule, asset=file.asset))
    with pytest.raises(Conflict, match="upload-joined"), cast.acting("anahit") as uow:
        uow.vault.uploads.discard(before)
    assert cast.services.blobs.path(file.key_id).exists()


def test_a_key_that_has_the_name_of_a_blob_is_not_taken(cast: Cast, capsule: str):
    file = begun(cast, capsule)
    with pytest.raises(Conflict, match="blob-exists"):
        begin(cast, SealedFile(cast, b"x", capsule, key_id=file.key_id))


# What is refused before anything is written


def test_a_withdrawn_statement_takes_no_file(cast: Cast, capsule: str):
    send_words(cast, capsule)
    with cast.services.database.writing() as connection:
        connection.execute(sa.update(statements).values(state="withdrawn"))
    with pytest.raises(Conflict, match="withdrawn"):
        begin(cast, SealedFile(cast, b"x", capsule))


def test_a_file_goes_on_only_where_it_stands(cast: Cast, capsule: str):
    """Its segment is being sent at an address already; another one cannot begin beside it."""
    file = begun(cast, capsule)
    for segment, origin in ((1, 0), (2, CHUNK)):
        with pytest.raises(Conflict, match="upload-exists"):
            begin(cast, file.with_new_key(segment, origin))


def test_another_file_does_not_go_on_as_this_one(cast: Cast, capsule: str):
    file = begun(cast, capsule)
    send(cast, file, 2 * CHUNK)
    uow = cast.uow("anahit")
    with pytest.raises(Conflict, match="another-file"):
        uow.vault.uploads.resume(file.asset, bytes(32))
    uow.end()
    assert found(cast, file.asset).arrived == CHUNK


def test_a_file_is_not_whole_before_its_last_byte(cast: Cast, capsule: str):
    file = begun(cast, capsule)
    send(cast, file, len(file.sealed) - 1)
    uow = cast.uow("anahit")
    with pytest.raises(Conflict, match="not-whole-yet"):
        uow.vault.uploads.complete(uow.vault.uploads.find_asset(file.asset), None, {})
    uow.end()


@pytest.mark.parametrize("gone", [False, True])
def test_what_is_not_what_was_sent_is_not_whole(cast: Cast, capsule: str, *, gone: bool):
    file = begun(cast, capsule)
    send(cast, file)
    if gone:
        cast.services.blobs.drop(file.key_id)
    digest = bytes.fromhex(file.digest) if gone else bytes(32)
    uow = cast.uow("anahit")
    with pytest.raises(Conflict, match="digest"):
        uow.vault.uploads.complete(uow.vault.uploads.find_asset(file.asset), digest, {})
    uow.end()


@pytest.mark.parametrize("values", [{"length": 1}, {"number": 2}, {"size": 5}, {"proof": bytes(32)}])
def test_no_touched_segment_is_signed(cast: Cast, capsule: str, values: dict[str, Any]):
    file = begun(cast, capsule)
    send(cast, file)
    with cast.acting("anahit") as uow:
        uow.vault.uploads.complete(uow.vault.uploads.find_asset(file.asset), None, {})
    send_words(cast, capsule)
    with cast.services.database.writing() as connection:
        connection.execute(sa.update(segments).values(values))
    with pytest.raises(Tampered, match="segments"), cast.acting("anahit") as uow:
        uow.vault.joining.attach(file.asset)
