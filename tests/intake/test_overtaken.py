"""Files on their way, and whoever would take their place: names that are taken, requests that come late, disks that fill."""

from contextlib import closing
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.crypto.stream import CHUNK
from app.domain.errors import Conflict
from app.store.cases import segments
from app.store.uploads import uploads
from app.vault.pieces import ClearPiece, Piece, SealedPiece
from app.vault.upload_rows import Upload
from app.vault.uploads import Uploads
from tests.cast import Cast
from tests.intake.notebook import SHORT, Notebook, blobs, file_bytes, receipt_on
from tests.intake.sender import Client, SealedFile, random_bytes


@pytest.fixture
def sent(cast: Cast, notebook: Notebook, client: Client, begun: str) -> SealedFile:
    """A file that is part of its statement."""
    file = SealedFile(cast, random_bytes(2 * CHUNK), begun)
    path = file.begin(client)
    file.send(client, path)
    file.end(client, path)
    send_words(notebook, begun)
    return file


def send_words(notebook: Notebook, capsule: str) -> None:
    assert receipt_on(notebook.send(notebook.open().with_capsule(capsule), **SHORT))


def upload_of(cast: Cast, asset: UUID) -> Upload:
    uow = cast.uow("anahit")
    with closing(uow.tx.database.engine.connect()) as connection:
        return Upload.of(connection.execute(sa.select(uploads).where(uploads.c.asset == asset)).one())


def piece_of(cast: Cast, upload: Upload) -> Piece:
    services = cast.services
    place = (services.database, services.blobs, upload, services.clock)
    if upload.is_sealed:
        return SealedPiece(*place)
    uow = cast.uow("anahit")
    target = uow.vault.uploads.target(upload)
    uow.end()
    return ClearPiece(*place, services.installation, target)


# Names


def test_a_file_that_was_sent_cannot_be_begun_again_and_given_up(
    cast: Cast, client: Client, notebook: Notebook, sent: SealedFile
):
    """Whoever knows its id, and has a form of their own, would else take its bytes away."""
    again = SealedFile(cast, sent.content, notebook.open().capsule, asset=sent.asset)
    assert client.create(len(again.sealed), again.told).status_code == 409
    assert file_bytes(cast, sent.asset) == sent.content


def test_the_bytes_of_another_file_are_not_written_over(
    cast: Cast, client: Client, notebook: Notebook, sent: SealedFile
):
    thief = SealedFile(cast, random_bytes(2 * CHUNK), notebook.open().capsule, key_id=sent.key_id)
    answer = client.create(len(thief.sealed), thief.told, thief.sealed[:1000])
    assert (answer.status_code, answer.json) == (409, {"error": "blob-exists"})
    assert file_bytes(cast, sent.asset) == sent.content


def test_two_files_never_grow_under_one_name(cast: Cast, client: Client, begun: str):
    first = SealedFile(cast, random_bytes(CHUNK), begun)
    path = first.begin(client)
    second = SealedFile(cast, random_bytes(CHUNK), begun, key_id=first.key_id)
    assert client.create(len(second.sealed), second.told).status_code == 409
    first.send(client, path)
    assert first.end(client, path).status_code == 200


def test_what_is_part_of_a_statement_is_not_given_up(
    cast: Cast, client: Client, begun: str, sent: SealedFile
):
    row = upload_row(cast, client, begun)
    with pytest.raises(Conflict, match="upload-joined"), cast.acting("anahit") as uow:
        uow.vault.uploads.discard(Upload(**{**row.__dict__, "asset": sent.asset}))
    assert file_bytes(cast, sent.asset) == sent.content


def upload_row(cast: Cast, client: Client, begun: str) -> Upload:
    file = SealedFile(cast, random_bytes(10), begun)
    file.begin(client)
    return upload_of(cast, file.asset)


# Requests that come late


def test_what_lands_while_its_sender_asks_where_to_go_on_is_not_lost(
    cast: Cast, client: Client, begun: str, monkeypatch: pytest.MonkeyPatch
):
    """The old request's last bytes count between the question and the answer: the new segment begins behind them."""
    file = SealedFile(cast, random_bytes(6 * CHUNK), begun)
    path = file.begin(client, file.sealed[: 2 * CHUNK])
    hanging = piece_of(cast, upload_of(cast, file.asset))
    hanging.write(file.sealed[2 * CHUNK : 5 * CHUNK])
    shut_out = type(cast.services.blobs).shut_out

    def landing_first(blobs, blob):
        hanging.land()
        shut_out(blobs, blob)

    monkeypatch.setattr(type(cast.services.blobs), "shut_out", landing_first)
    told = client.post_json(f"/uploads/assets/{file.asset}/resume", {"mark": file.mark.hex()}).json
    hanging.close()
    assert told is not None
    assert (told["segment"], told["origin"]) == (2, 4 * CHUNK)
    assert client.ask("HEAD", path).status_code == 404


def test_a_request_for_a_segment_that_was_given_up_moves_nothing_of_the_next(
    cast: Cast, client: Client, begun: str
):
    file = SealedFile(cast, random_bytes(2 * CHUNK), begun)
    file.begin(client)
    late = piece_of(cast, upload_of(cast, file.asset))
    client.post_json(f"/uploads/assets/{file.asset}/resume", {"mark": file.mark.hex()})
    again = file.with_new_key(1, 0)
    path = again.begin(client)
    with pytest.raises(Conflict):
        send_all(late, file.sealed)
    assert client.offset(path) == 0
    again.send(client, path)
    assert again.end(client, path).status_code == 200


def send_all(piece: Piece, data: bytes) -> None:
    try:
        piece.write(data)
        piece.land()
    finally:
        piece.close()


@pytest.fixture
def in_clear(client: Client, begun: str) -> tuple[str, UUID, bytes]:
    content = random_bytes(5000)
    answer = client.create(len(content), {"capsule": begun.encode()})
    return answer.headers["Location"], UUID(hex=answer.headers["Upload-Asset"]), content


def test_a_whole_file_in_clear_that_comes_twice_at_once_is_there_once(
    cast: Cast, client: Client, notebook: Notebook, begun: str, in_clear: tuple[str, UUID, bytes]
):
    path, asset, content = in_clear
    stale = upload_of(cast, asset)
    assert client.patch(path, 0, content).status_code == 204
    with pytest.raises(Conflict):
        send_all(piece_of(cast, stale), content)
    send_words(notebook, begun)
    assert file_bytes(cast, asset) == content
    assert [row.number for row in all_segments(cast)] == [1]


def all_segments(cast: Cast) -> list[sa.Row[tuple[int]]]:
    with cast.services.database.engine.connect() as connection:
        return list(connection.execute(sa.select(segments.c.number)).all())


def test_who_missed_the_last_answer_is_told_that_all_has_come(
    client: Client, in_clear: tuple[str, UUID, bytes]
):
    path, _asset, content = in_clear
    client.patch(path, 0, content)
    assert client.offset(path) == len(content)


@pytest.mark.parametrize("words", ["before", "after"])
def test_a_server_that_died_behind_the_last_piece_has_lost_no_file(
    cast: Cast, client: Client, notebook: Notebook, begun: str, in_clear: tuple[str, UUID, bytes], words: str
):
    """All has landed, and nobody came to make it part of its statement: whoever asks is told that it is there."""
    path, asset, content = in_clear
    if words == "before":
        send_words(notebook, begun)
    send_all(piece_of(cast, upload_of(cast, asset)), content)
    if words == "before":
        assert client.offset(path) == len(content)
    else:
        send_words(notebook, begun)
    assert file_bytes(cast, asset) == content


def test_an_empty_file_is_refused_at_once(client: Client, begun: str):
    answer = client.create(0, {"capsule": begun.encode()})
    assert (answer.status_code, answer.json) == (400, {"error": "file-empty"})


def test_a_sealed_file_is_not_whole_on_nobodys_word(cast: Cast, client: Client, begun: str):
    """Without the sender's digest nobody would notice what a disk or a line had changed."""
    file = SealedFile(cast, random_bytes(1000), begun)
    path = file.begin(client, file.sealed)
    answer = client.post_json(f"{path}/whole", {"said": {"name": "road.mp4"}})
    assert (answer.status_code, answer.json) == (400, {"error": "digest-missing"})
    assert file.end(client, path).status_code == 200


def test_what_lands_while_it_is_given_up_is_given_up_too(
    cast: Cast, client: Client, in_clear: tuple[str, UUID, bytes], monkeypatch: pytest.MonkeyPatch
):
    """No blob is left that no row names."""
    path, asset, content = in_clear
    late = piece_of(cast, upload_of(cast, asset))
    late.write(content[:1000])
    discard = Uploads.discard

    def landing_meanwhile(own: Uploads, upload: Upload) -> tuple[UUID, ...]:
        found = discard(own, upload)
        if late.landed == 0:
            late.land()
        return found

    monkeypatch.setattr(Uploads, "discard", landing_meanwhile)
    assert client.ask("DELETE", path).status_code == 204
    late.close()
    assert not blobs(cast)


# Time and room


def test_how_long_it_stays_is_counted_from_its_last_piece(
    cast: Cast, client: Client, in_clear: tuple[str, UUID, bytes]
):
    path, _asset, content = in_clear
    promised = client.patch(path, 0, content[:100]).headers["Upload-Expires"]
    cast.clock.ahead += 60
    assert client.ask("HEAD", path).headers["Upload-Expires"] == promised
    assert client.patch(path, 100, content[100:200]).headers["Upload-Expires"] != promised


def test_pieces_leave_the_reserve_to_words(
    cast: Cast, client: Client, notebook: Notebook, begun: str, monkeypatch: pytest.MonkeyPatch
):
    file = SealedFile(cast, random_bytes(CHUNK), begun)
    path = file.begin(client, file.sealed[:1000])
    with monkeypatch.context() as others:
        others.setattr("app.intake.actions.RESERVED_BYTES", cast.services.blobs.free() + 1)
        answer = client.patch(path, 1000, file.sealed[1000:])
        assert (answer.status_code, answer.json) == (507, {"error": "storage"})
        send_words(notebook, begun)
    file.send(client, path, start=client.offset(path))
    assert file.end(client, path).json == {"asset": file.asset.hex, "attached": True}
    assert len(blobs(cast)) == 1
