"""Files that come in pieces: sealed by the browser or sealed on arrival, whatever the line and the sender do."""

import threading
from contextlib import closing
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.crypto.stream import CHUNK
from app.domain.capacity import RESERVED_BYTES
from app.domain.errors import Conflict, Tampered
from app.store.blobs import BlobStore
from app.store.cases import assets, segments
from app.store.uploads import uploads
from app.vault.fields import ASSET_FACTS
from app.vault.pieces import SealedPiece
from tests.cast import Cast
from tests.intake.notebook import SHORT, Notebook, blobs, contents, file_bytes, only, reading, receipt_on
from tests.intake.sender import BYTES, Client, SealedFile, encoded, random_bytes, summed

BIG = 3 * CHUNK + 1234


def sealed_file(cast: Cast, capsule: str, size: int = BIG) -> SealedFile:
    return SealedFile(cast, random_bytes(size), capsule)


def waiting(cast: Cast) -> list[sa.Row[Any]]:
    uow = cast.uow()
    with closing(uow.tx.database.engine.connect()) as connection:
        return list(connection.execute(sa.select(uploads)).all())


def send_words(notebook: Notebook, capsule: str) -> None:
    sheet = notebook.open().with_capsule(capsule)
    assert receipt_on(notebook.send(sheet, **SHORT))


# The way of a browser that seals


def test_a_file_sent_before_its_words_becomes_part_of_the_statement(
    cast: Cast, notebook: Notebook, client: Client, begun: str
):
    file = sealed_file(cast, begun)
    path = file.begin(client)
    file.send(client, path, 200_000)
    answer = file.end(client, path, title="The road")
    assert answer.json == {"asset": file.asset.hex, "attached": False}
    send_words(notebook, begun)
    assert file_bytes(cast, file.asset) == file.content
    facts = contents(cast, ASSET_FACTS, file.asset)[0]
    assert (facts["name"], facts["title"], facts["length"]) == ("road.mp4", "The road", BIG)
    assert not waiting(cast)
    with cast_reading(cast) as vault:
        assert vault.submissions.verify_submission(only(cast).id) == ()


def resumed(client: Client, file: SealedFile) -> dict[str, Any]:
    answer = client.post_json(f"/uploads/assets/{file.asset}/resume", {"mark": file.mark.hex()})
    assert isinstance(answer.json, dict)
    return answer.json


def cast_reading(cast: Cast, name: str = "lilit"):
    return reading(cast, name)


def test_a_file_whose_last_piece_comes_after_the_receipt_is_added(
    cast: Cast, notebook: Notebook, client: Client, begun: str
):
    file = sealed_file(cast, begun)
    path = file.begin(client)
    send_words(notebook, begun)
    file.send(client, path)
    assert file.end(client, path).json == {"asset": file.asset.hex, "attached": True}
    assert file_bytes(cast, file.asset) == file.content
    with cast_reading(cast) as vault:
        assert vault.submissions.verify_submission(only(cast).id) == ()


def test_an_added_file_that_is_taken_away_is_missed(
    cast: Cast, notebook: Notebook, client: Client, begun: str
):
    file = sealed_file(cast, begun)
    path = file.begin(client)
    send_words(notebook, begun)
    file.send(client, path)
    file.end(client, path)
    with cast.services.database.writing() as connection:
        connection.execute(sa.delete(assets).where(assets.c.id == file.asset))
    with cast_reading(cast) as vault:
        assert vault.submissions.verify_submission(only(cast).id) == ("file-missing",)


def test_two_files_added_later_are_both_listed(cast: Cast, notebook: Notebook, client: Client, begun: str):
    files = [sealed_file(cast, begun, 1000 + n) for n in range(2)]
    paths = [file.begin(client) for file in files]
    send_words(notebook, begun)
    for file, path in zip(files, paths, strict=True):
        file.send(client, path)
        file.end(client, path)
    for file in files:
        assert file_bytes(cast, file.asset) == file.content
    with cast_reading(cast) as vault:
        assert vault.submissions.verify_submission(only(cast).id) == ()


def test_the_server_never_holds_a_word_of_it_in_clear(cast: Cast, client: Client, begun: str):
    file = SealedFile(cast, b"cinnabar " * 100_000, begun)
    path = file.begin(client)
    file.send(client, path)
    file.end(client, path, name="cinnabar.txt")
    lying = [path for path in cast.services.config.data_dir.rglob("*") if path.is_file()]
    assert not [path for path in lying if b"cinnabar" in path.read_bytes()]


@pytest.mark.parametrize("tenth", range(1, 10))
def test_a_browser_that_died_goes_on_with_a_new_key(
    cast: Cast, notebook: Notebook, client: Client, begun: str, tenth: int
):
    file = sealed_file(cast, begun)
    path = file.begin(client)
    came = len(file.sealed) * tenth // 10
    assert client.patch(path, 0, file.sealed[:came]).status_code == 204
    told = resumed(client, file)
    assert told["origin"] == (came - 117) // (CHUNK + 16) * CHUNK
    rest = file.with_new_key(told["segment"], told["origin"])
    assert rest.key_id != file.key_id
    address = rest.begin(client)
    rest.send(client, address, 300_000)
    rest.end(client, address)
    send_words(notebook, begun)
    assert file_bytes(cast, file.asset) == file.content


def test_a_browser_can_die_again_and_again(cast: Cast, notebook: Notebook, client: Client, begun: str):
    file = sealed_file(cast, begun, 9 * CHUNK + 5)
    part = file
    for _death in range(4):
        path = part.begin(client)
        assert client.patch(path, 0, part.sealed[: 2 * CHUNK + 500]).status_code == 204
        told = resumed(client, file)
        part = file.with_new_key(told["segment"], told["origin"])
    path = part.begin(client)
    part.send(client, path)
    part.end(client, path)
    send_words(notebook, begun)
    assert file_bytes(cast, file.asset) == file.content
    with cast_reading(cast) as vault:
        located = vault.files.locate(cast.case, file.asset)
        keys = {vault.files.key(cast.case, file.asset, segment).reveal() for segment in located.segments}
    assert len(keys) == len(located.segments) == 5


def test_another_file_is_not_mixed_into_the_one_begun(cast: Cast, client: Client, begun: str):
    file = sealed_file(cast, begun)
    path = file.begin(client)
    client.patch(path, 0, file.sealed[: 2 * CHUNK])
    answer = client.post_json(f"/uploads/assets/{file.asset}/resume", {"mark": bytes(32).hex()})
    assert (answer.status_code, answer.json) == (409, {"error": "another-file"})
    assert client.offset(path) == 2 * CHUNK


def test_what_arrived_damaged_comes_again_with_another_key(
    cast: Cast, notebook: Notebook, client: Client, begun: str
):
    file = sealed_file(cast, begun)
    path = file.begin(client)
    damaged = bytearray(file.sealed)
    damaged[CHUNK] ^= 1
    client.patch(path, 0, bytes(damaged))
    answer = file.end(client, path)
    assert (answer.status_code, answer.json) == (409, {"error": "digest"})
    assert client.ask("HEAD", path).status_code == 404
    assert not blobs(cast)
    again = file.with_new_key(1, 0)
    path = again.begin(client)
    again.send(client, path)
    again.end(client, path)
    send_words(notebook, begun)
    assert file_bytes(cast, file.asset) == file.content


def test_a_stream_that_was_sealed_for_another_place_is_not_taken(cast: Cast, client: Client, begun: str):
    file, other = sealed_file(cast, begun), sealed_file(cast, begun)
    path = file.begin(client)
    file.sealed = other.sealed
    file.send(client, path)
    answer = file.end(client, path)
    assert (answer.status_code, answer.json) == (400, {"error": "header-another-place"})


def test_ending_twice_is_harmless(cast: Cast, notebook: Notebook, client: Client, begun: str):
    file = sealed_file(cast, begun)
    path = file.begin(client)
    file.send(client, path)
    file.end(client, path)
    address = waiting(cast)[0]
    assert address.state == "whole"
    send_words(notebook, begun)
    assert client.post_json(f"/uploads/assets/{file.asset}/resume", {"mark": ""}).status_code == 404


def test_it_is_not_whole_before_all_has_come(cast: Cast, client: Client, begun: str):
    file = sealed_file(cast, begun)
    path = file.begin(client)
    client.patch(path, 0, file.sealed[:-1])
    answer = file.end(client, path)
    assert (answer.status_code, answer.json) == (409, {"error": "not-whole-yet"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("box", b"\x00" * 1221),
        ("box", b"short"),
        ("mark", b"short"),
        ("from", b"1"),
        ("length", b"5"),
        ("segment", b"0"),
        ("segment", b"x"),
        ("asset", b"x"),
        ("capsule", b"forged"),
    ],
)
def test_what_does_not_fit_together_is_not_begun(
    cast: Cast, client: Client, begun: str, name: str, value: bytes
):
    file = sealed_file(cast, begun)
    answer = client.create(len(file.sealed), {**file.told, name: value})
    assert answer.status_code in {400, 403}
    assert not waiting(cast)


def test_nobody_takes_the_place_of_a_file_that_is_there(cast: Cast, client: Client, begun: str):
    file = sealed_file(cast, begun)
    file.begin(client)
    assert client.create(len(file.sealed), file.told).status_code == 409
    later = file.with_new_key(2, CHUNK)
    assert client.create(len(later.sealed), later.told).status_code == 409


def test_a_second_segment_of_nothing_is_not_begun(cast: Cast, client: Client, begun: str):
    file = sealed_file(cast, begun).with_new_key(2, CHUNK)
    assert client.create(len(file.sealed), file.told).status_code == 404


# The protocol


def test_what_it_can_do_is_told(client: Client):
    answer = client.ask("OPTIONS", "/uploads")
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert set(answer.headers["Tus-Extension"].split(",")) == {
        "creation",
        "creation-with-upload",
        "checksum",
        "expiration",
        "termination",
    }
    assert answer.headers["Tus-Checksum-Algorithm"] == "sha256,sha1"


@pytest.mark.parametrize("verb", ["HEAD", "PATCH", "DELETE"])
def test_another_persons_address_does_not_exist(cast: Cast, client: Client, begun: str, verb: str):
    file = sealed_file(cast, begun)
    path = file.begin(client)
    client.patch(path, 0, file.sealed[:5000])
    for name, status in (("davit", 404), ("lilit", 403)):
        other = Client(cast.client(name))
        answer = other.ask(verb, path, b"x", Upload_Offset="5000", Content_Type=BYTES)
        assert answer.status_code == status
    assert client.offset(path) == 5000


def test_nobody_signed_in_gets_401_and_nothing_moves(cast: Cast, client: Client, begun: str):
    file = sealed_file(cast, begun)
    path = file.begin(client)
    answer = Client(cast.client(None)).patch(path, 0, file.sealed[:100])
    assert answer.status_code == 401
    assert client.offset(path) == 0


def test_another_site_cannot_send(cast: Cast, client: Client, begun: str):
    file = sealed_file(cast, begun)
    path = file.begin(client)
    answer = client.patch(path, 0, file.sealed[:100], Sec_Fetch_Site="cross-site")
    assert answer.status_code == 403
    assert client.offset(path) == 0


def test_a_first_piece_that_is_refused_leaves_an_address_to_go_on_at(cast: Cast, client: Client, begun: str):
    file = sealed_file(cast, begun)
    answer = client.ask(
        "POST",
        "/uploads",
        file.sealed[:500],
        Upload_Length=str(len(file.sealed)),
        Upload_Metadata=encoded(file.told),
        Upload_Checksum=summed(b"something else"),
        Content_Type=BYTES,
    )
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, "0")
    path = answer.headers["Location"]
    file.send(client, path)
    assert file.end(client, path).status_code == 200


def test_one_person_does_not_take_the_room_of_all(
    cast: Cast, client: Client, begun: str, monkeypatch: pytest.MonkeyPatch
):
    """A file that fits is taken; what is promised beyond half of the room waits until others have come."""
    monkeypatch.setattr(BlobStore, "free", lambda _blobs: RESERVED_BYTES + 1_000_000)
    told = {"capsule": begun.encode()}
    assert client.create(900_000, told).status_code == 201
    assert client.create(50_000, told).status_code == 507
    davit = Client(cast.client("davit"))
    uow = cast.uow("davit")
    own = {"capsule": uow.vault.submissions.begin(cast.case).encode()}
    uow.end()
    assert davit.create(100_000, own).status_code == 201
    assert davit.create(1, own).status_code == 507


def test_the_room_is_asked_for_again_while_a_long_body_comes(
    cast: Cast, client: Client, begun: str, monkeypatch: pytest.MonkeyPatch
):
    """Others fill the disk meanwhile: what has landed counts, and the reserve for words stays."""
    file = sealed_file(cast, begun, 3 * CHUNK)
    path = file.begin(client)
    rooms = iter([RESERVED_BYTES * 2, RESERVED_BYTES * 2, RESERVED_BYTES])
    monkeypatch.setattr(BlobStore, "free", lambda _blobs: next(rooms))
    monkeypatch.setattr("app.intake.uploading.LANDING_BYTES", CHUNK)
    monkeypatch.setattr("app.intake.uploading.READ_BYTES", CHUNK)
    assert client.patch(path, 0, file.sealed).status_code == 507
    monkeypatch.undo()
    assert client.offset(path) == 2 * CHUNK
    file.send(client, path, start=2 * CHUNK)
    assert file.end(client, path).status_code == 200


def test_a_client_that_can_only_post_says_what_it_means(cast: Cast, client: Client, begun: str):
    file = sealed_file(cast, begun)
    path = file.begin(client)
    told = {"Upload_Offset": "0", "Content_Type": BYTES}
    answer = client.ask("POST", path, file.sealed[:500], X_HTTP_Method_Override="PATCH", **told)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, "500")
    assert client.ask("POST", path, X_HTTP_Method_Override="HEAD").headers["Upload-Offset"] == "500"
    refused = client.ask("POST", "/uploads/another", X_HTTP_Method_Override="HEAD")
    assert (refused.status_code, refused.headers["Content-Length"]) == (404, "0")
    assert client.ask("POST", path, X_HTTP_Method_Override="DELETE").status_code == 204
    assert client.ask("HEAD", path).status_code == 404


@pytest.mark.parametrize(
    ("path", "meant"), [("/uploads/x", "PUT"), ("/uploads/x", "get"), ("/account", "DELETE")]
)
def test_no_other_request_is_taken_for_another(client: Client, path: str, meant: str):
    assert client.ask("POST", path, X_HTTP_Method_Override=meant).status_code == 405


def test_a_get_stays_a_get(client: Client):
    assert client.ask("GET", "/account", X_HTTP_Method_Override="DELETE").status_code == 200


def test_another_version_is_refused(cast: Cast, client: Client, begun: str):
    path = sealed_file(cast, begun).begin(client)
    answer = client.ask("HEAD", path, Tus_Resumable="0.2.2")
    assert (answer.status_code, answer.headers["Tus-Version"]) == (412, "1.0.0")


@pytest.mark.parametrize("offset", ["0", "4999", "5001", "999999999999", "-1", "", "x"])
def test_a_wrong_offset_moves_nothing(cast: Cast, client: Client, begun: str, offset: str):
    file = sealed_file(cast, begun)
    path = file.begin(client, file.sealed[:5000])
    answer = client.ask("PATCH", path, b"x" * 100, Upload_Offset=offset, Content_Type=BYTES)
    assert answer.status_code in {400, 409}
    assert client.offset(path) == 5000


def test_a_replayed_piece_is_refused(cast: Cast, client: Client, begun: str):
    file = sealed_file(cast, begun)
    path = file.begin(client)
    assert client.patch(path, 0, file.sealed[:5000]).status_code == 204
    again = client.patch(path, 0, file.sealed[:5000])
    assert (again.status_code, again.headers["Upload-Offset"]) == (409, "5000")


def test_more_than_was_announced_is_refused(cast: Cast, client: Client, begun: str):
    file = sealed_file(cast, begun)
    path = file.begin(client)
    assert client.patch(path, 0, file.sealed + b"x").status_code == 413
    assert client.offset(path) == 0


@pytest.mark.parametrize("algorithm", ["sha256", "sha1"])
def test_a_piece_with_another_checksum_does_not_count(cast: Cast, client: Client, begun: str, algorithm: str):
    file = sealed_file(cast, begun)
    path = file.begin(client)
    wrong = summed(b"something else", algorithm)
    assert client.patch(path, 0, file.sealed[:5000], Upload_Checksum=wrong).status_code == 460
    assert client.offset(path) == 0
    right = summed(file.sealed[:5000], algorithm)
    assert client.patch(path, 0, file.sealed[:5000], Upload_Checksum=right).status_code == 204


@pytest.mark.parametrize("given", ["md5 x", "sha256", "sha256 !!", "sha256 AAAA"])
def test_a_checksum_nobody_can_check_is_refused(cast: Cast, client: Client, begun: str, given: str):
    file = sealed_file(cast, begun)
    path = file.begin(client)
    assert client.patch(path, 0, file.sealed[:5000], Upload_Checksum=given).status_code == 400
    assert client.offset(path) == 0


def test_bytes_of_another_kind_are_refused(cast: Cast, client: Client, begun: str):
    path = sealed_file(cast, begun).begin(client)
    answer = client.ask("PATCH", path, b"x", Upload_Offset="0", Content_Type="text/plain")
    assert answer.status_code == 415


def test_who_gave_up_leaves_nothing(cast: Cast, client: Client, begun: str):
    file = sealed_file(cast, begun)
    path = file.begin(client)
    client.patch(path, 0, file.sealed[: 2 * CHUNK])
    assert client.ask("DELETE", path).status_code == 204
    assert client.ask("HEAD", path).status_code == 404
    assert not waiting(cast)
    assert not blobs(cast)


def test_asking_where_it_goes_on_shuts_out_a_request_that_hangs(cast: Cast, client: Client, begun: str):
    """Its bytes come late, and must not be mixed with those of the request that went on."""
    file = sealed_file(cast, begun)
    path = file.begin(client)
    uow = cast.uow("anahit")
    upload = uow.vault.uploads.find_asset(file.asset)
    uow.end()
    hanging = SealedPiece(
        cast.services.database,
        cast.services.blobs,
        upload,
        cast.services.clock,
    )
    hanging.write(b"old" * 100)
    assert client.offset(path) == 0
    assert client.patch(path, 0, file.sealed[:1000]).status_code == 204
    with pytest.raises(Conflict, match="another-holder"):
        hanging.write(b"old" * 100)
        hanging.land()
    with pytest.raises(Conflict, match="another-holder"):
        hanging.land()
    hanging.close()
    assert client.offset(path) == 1000
    file.send(client, path, start=1000)
    assert file.end(client, path).status_code == 200


def test_pieces_side_by_side_are_one_after_the_other(
    cast: Cast, notebook: Notebook, client: Client, begun: str
):
    file = sealed_file(cast, begun, 2_000_000)
    path = file.begin(client)
    cookie = client.browser.client.get_cookie("demo-session")
    assert cookie is not None
    seen: list[int] = []

    def send() -> None:
        own = Client(cast.client(None))
        own.browser.client.set_cookie("demo-session", cookie.value)
        seen.append(own.patch(path, 0, file.sealed[:1_500_000]).status_code)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen.count(204) == 1
    assert set(seen) <= {204, 409, 423}
    assert client.offset(path) == 1_500_000
    file.send(client, path, start=1_500_000)
    file.end(client, path)
    send_words(notebook, begun)
    assert file_bytes(cast, file.asset) == file.content


# What another program sends in clear


def test_another_programs_file_is_sealed_as_it_comes(
    cast: Cast, notebook: Notebook, client: Client, begun: str
):
    content = b"cinnabar" + random_bytes(700_000)
    answer = client.create(len(content), {"capsule": begun.encode(), "filename": b"road.mp4"})
    path, asset = answer.headers["Location"], UUID(hex=answer.headers["Upload-Asset"])
    for offset in range(0, len(content), 100_000):
        data = content[offset : offset + 100_000]
        assert client.patch(path, offset, data, Upload_Checksum=summed(data)).status_code == 204
    lying = [path for path in cast.services.config.data_dir.rglob("*") if path.is_file()]
    assert not [path for path in lying if b"cinnabar" in path.read_bytes()]
    send_words(notebook, begun)
    assert file_bytes(cast, asset) == content
    assert contents(cast, ASSET_FACTS, asset)[0]["name"] == "road.mp4"


def test_a_piece_in_clear_with_another_checksum_leaves_nothing(cast: Cast, client: Client, begun: str):
    answer = client.create(1000, {"capsule": begun.encode()})
    path = answer.headers["Location"]
    assert client.patch(path, 0, b"x" * 500, Upload_Checksum=summed(b"y")).status_code == 460
    assert client.offset(path) == 0
    assert not blobs(cast)


def test_creation_with_the_whole_file_is_enough(cast: Cast, notebook: Notebook, client: Client, begun: str):
    content = random_bytes(5000)
    answer = client.create(len(content), {"capsule": begun.encode()}, content)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, "5000")
    send_words(notebook, begun)
    assert file_bytes(cast, UUID(hex=answer.headers["Upload-Asset"])) == content


# Touched by a database writer


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("wrap", b"\x01" * 1221),
        ("key", UUID(int=5)),
        ("statement", UUID(int=5)),
        ("case", UUID(int=5)),
        ("total", 5),
        ("said", b"x" * 1000),
        ("state", "whole"),
        ("capsule", b"another"),
    ],
)
def test_a_touched_upload_is_not_signed(cast: Cast, client: Client, begun: str, column: str, value: object):
    file = sealed_file(cast, begun)
    path = file.begin(client)
    file.send(client, path)
    with cast.services.database.writing() as connection:
        connection.execute(sa.update(uploads).values({column: value}))
    answer = file.end(client, path)
    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["error"] == "tampered"


@pytest.mark.parametrize(
    ("column", "value"), [("wrap", b"\x01" * 1221), ("blob", UUID(int=5)), ("length", 5), ("number", 2)]
)
def test_a_touched_segment_is_not_signed(
    cast: Cast, notebook: Notebook, client: Client, begun: str, column: str, value: object
):
    file = sealed_file(cast, begun)
    path = file.begin(client)
    file.send(client, path)
    file.end(client, path)
    with cast.services.database.writing() as connection:
        connection.execute(sa.update(segments).values({column: value}))
    with cast.acting("anahit") as uow:
        assert uow.vault.joining.join(waiting(cast)[0].statement) == ()
        assert uow.vault.joining.altered() == [file.asset]


def test_a_list_of_segments_that_somebody_altered_opens_nothing(
    cast: Cast, notebook: Notebook, client: Client, begun: str
):
    file = sealed_file(cast, begun)
    path = file.begin(client)
    file.send(client, path)
    file.end(client, path)
    send_words(notebook, begun)
    blob = cast.services.blobs.path(file.key_id)
    whole = blob.read_bytes()
    for altered in (whole[:-1], whole[:200], whole + b"x", whole[: -CHUNK // 2], bytes(len(whole))):
        blob.write_bytes(altered)
        with pytest.raises(Tampered):
            file_bytes(cast, file.asset)
    blob.write_bytes(whole)
    assert file_bytes(cast, file.asset) == file.content
