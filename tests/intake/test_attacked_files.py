"""Files on their way under attack: two requests at once, rows of another time, names nobody types, lines that only hang."""

import os
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.crypto.stream import CHUNK
from app.domain.errors import Conflict, NotFound, Unavailable
from app.domain.ids import new_id
from app.jobs.sweeping import discard_expired, sweep_blobs
from app.services import LINES_PER_PERSON, Lines
from app.store.blobs import BlobStore
from app.store.cases import segments
from app.store.log import entries
from app.store.uploads import uploads
from app.vault.fields import ASSET_FACTS
from tests.cast import Cast
from tests.intake.notebook import SHORT, Notebook, contents, file_bytes, only, reading, receipt_on
from tests.intake.sender import MARK, Client, SealedFile, random_bytes

DAY = 24 * 3600


@pytest.fixture
def arrived(cast: Cast, client: Client, begun: str) -> SealedFile:
    """All of its bytes are here; nobody has said so yet."""
    file = SealedFile(cast, random_bytes(CHUNK // 2), begun)
    file.send(client, file.begin(client))
    return file


def send_words(notebook: Notebook, capsule: str) -> None:
    assert receipt_on(notebook.send(notebook.open().with_capsule(capsule), **SHORT))


def put(cast: Cast, statement: sa.UpdateBase) -> None:
    with cast.services.database.writing() as connection:
        connection.execute(statement)


def acts(cast: Cast) -> list[str]:
    with cast.services.database.engine.connect() as connection:
        return [row.act for row in connection.execute(sa.select(entries.c.act).order_by(entries.c.sequence))]


def test_a_page_opened_anew_takes_no_bytes_from_a_file_that_is_being_finished(
    cast: Cast, notebook: Notebook, client: Client, begun: str, arrived: SealedFile
):
    """The one that began first loses the race, and must have thrown nothing away by then."""
    first = cast.uow("anahit")
    first.vault.uploads.resume(arrived.asset, MARK)
    with cast.acting("anahit") as uow:
        uploads_ = uow.vault.uploads
        uploads_.complete(uploads_.find_asset(arrived.asset), bytes.fromhex(arrived.digest), {"name": "x"})
    with pytest.raises(Conflict):
        first.commit()
    first.end()
    send_words(notebook, begun)
    assert file_bytes(cast, arrived.asset) == arrived.content


def test_nothing_is_signed_whose_bytes_are_gone(
    cast: Cast, notebook: Notebook, client: Client, begun: str, arrived: SealedFile
):
    with cast.acting("anahit") as uow:
        uow.vault.uploads.complete(uow.vault.uploads.find_asset(arrived.asset), None, {"name": "x"})
    cast.services.blobs.delete(arrived.key_id)
    send_words(notebook, begun)
    with reading(cast, "lilit") as vault:
        assert vault.submissions.verify_submission(only(cast).id) == ()
    assert "not what arrived" in notebook.browser.get("/notebook/files").text


def test_a_touched_row_keeps_no_words_waiting(
    cast: Cast, notebook: Notebook, client: Client, begun: str, arrived: SealedFile
):
    with cast.acting("anahit") as uow:
        uow.vault.uploads.complete(uow.vault.uploads.find_asset(arrived.asset), None, {"name": "x"})
    put(cast, sa.update(segments).values(length=5))
    send_words(notebook, begun)
    page = notebook.browser.get("/notebook/files")
    assert page.status_code == 200
    assert "A file here is not what arrived" in page.text


def test_a_file_that_was_touched_is_told_although_it_is_not_listed(
    cast: Cast, notebook: Notebook, client: Client, begun: str, arrived: SealedFile
):
    put(cast, sa.update(uploads).values(total=7))
    send_words(notebook, begun)
    assert "A file here is not what arrived" in notebook.browser.get("/notebook/files").text


def test_a_file_goes_on_when_its_form_has_grown_old(
    cast: Cast, notebook: Notebook, client: Client, begun: str
):
    file = SealedFile(cast, random_bytes(3 * CHUNK), begun)
    path = file.begin(client)
    client.patch(path, 0, file.sealed[: 2 * CHUNK])
    send_words(notebook, begun)
    cast.clock.ahead += 8 * DAY
    later = Client(cast.client("anahit"))
    told = later.post_json(f"/uploads/assets/{file.asset}/resume", {"mark": MARK.hex()}).json
    assert told is not None
    rest = file.with_new_key(told["segment"], told["origin"])
    path = rest.begin(later)
    rest.send(later, path)
    assert rest.end(later, path).status_code == 200
    assert file_bytes(cast, file.asset) == file.content
    another = SealedFile(cast, b"new", begun)
    assert later.create(len(another.sealed), another.told).status_code == 403


@pytest.mark.parametrize(
    "name", ["ո" * 224 + ".mp4", "a\nb.mp4", "a\x00b.mp4", "\ud800.mp4", "x" * 5000, "\u202egpj.exe"]
)
def test_no_name_refuses_a_file_that_has_come(
    cast: Cast, notebook: Notebook, client: Client, begun: str, name: str
):
    file = SealedFile(cast, random_bytes(100), begun)
    path = file.begin(client)
    file.send(client, path)
    assert file.end(client, path, name=name).status_code == 200
    send_words(notebook, begun)
    kept = contents(cast, ASSET_FACTS, file.asset)[0]["name"]
    assert 0 < len(kept) <= 200
    assert kept.isprintable()
    if name.endswith(".mp4"):
        assert kept.endswith(".mp4")


@pytest.mark.parametrize("body", ["[]", "5", "null", "{", '{"digest": 5}', '{"digest": "00", "said": 5}'])
def test_what_is_no_answer_of_ours_is_refused(client: Client, arrived: SealedFile, body: str):
    path = client.browser.client
    token = client.browser.token()
    answer = path.post(
        f"/uploads/assets/{arrived.asset}/resume",
        data=body,
        content_type="application/json",
        headers={"X-CSRF-Token": token},
    )
    assert answer.status_code in {400, 409}


def test_who_gives_a_file_up_leaves_a_line(cast: Cast, client: Client, begun: str):
    path = SealedFile(cast, random_bytes(100), begun).begin(client)
    assert client.ask("DELETE", path).status_code == 204
    assert acts(cast)[-1] == "statement.file-given-up"


def test_one_person_takes_a_few_lines_and_no_more(cast: Cast, client: Client, begun: str):
    file = SealedFile(cast, random_bytes(100), begun)
    path, person = file.begin(client), cast.people["anahit"].person
    for _line in range(LINES_PER_PERSON):
        assert cast.services.lines.take(person)
    assert client.patch(path, 0, file.sealed).status_code == 423
    cast.services.lines.give_back(person)
    assert client.patch(path, 0, file.sealed).status_code == 204


def test_lines_are_forgotten_when_nobody_holds_one():
    lines, person = Lines(), new_id()
    for _time in range(3):
        assert lines.take(person)
        lines.give_back(person)
    assert not lines._taken


# The worker's sweep


@pytest.fixture
def sent(cast: Cast, notebook: Notebook, client: Client, begun: str) -> SealedFile:
    file = SealedFile(cast, random_bytes(CHUNK), begun)
    path = file.begin(client)
    file.send(client, path)
    file.end(client, path)
    send_words(notebook, begun)
    old = cast.clock() - 3 * DAY
    os.utime(cast.services.blobs.path(file.key_id), (old, old))
    return file


def test_a_file_whose_rows_were_taken_away_is_no_stray(cast: Cast, sent: SealedFile):
    put(cast, sa.delete(segments))
    sweep_blobs(cast.services)
    assert file_bytes(cast, sent.asset) == sent.content


def test_a_planted_row_has_no_file_discarded(
    cast: Cast, client: Client, notebook: Notebook, sent: SealedFile
):
    other = SealedFile(cast, random_bytes(100), notebook.open().capsule)
    other.begin(client)
    put(cast, sa.update(uploads).values(key=sent.key_id, touched=0, began=0))
    discard_expired(cast.services)
    assert file_bytes(cast, sent.asset) == sent.content


def test_a_server_that_has_seen_no_log_removes_nothing(cast: Cast):
    writer = cast.services.blobs.create(blob := new_id())
    writer.write(b"stray")
    writer.commit()
    old = cast.clock() - 3 * DAY
    os.utime(cast.services.blobs.path(blob), (old, old))
    cast.services.config.head_file.unlink()
    sweep_blobs(cast.services)
    assert cast.services.blobs.path(blob).exists()


def test_rows_of_an_older_backup_do_not_cut_the_bytes_of_today(
    cast: Cast, notebook: Notebook, client: Client, begun: str
):
    file = SealedFile(cast, random_bytes(3 * CHUNK), begun)
    path = file.begin(client)
    client.patch(path, 0, file.sealed[: 2 * CHUNK])
    with cast.services.database.engine.connect() as connection:
        backup = dict(connection.execute(sa.select(uploads)).one()._mapping)
    file.send(client, path, start=2 * CHUNK)
    file.end(client, path)
    whole = cast.services.blobs.path(file.key_id).read_bytes()
    put(cast, sa.delete(segments))
    put(cast, sa.delete(uploads))
    put(cast, sa.insert(uploads).values(**backup))
    told = client.post_json(f"/uploads/assets/{file.asset}/resume", {"mark": MARK.hex()}).json
    assert told is not None
    assert (told["segment"], told["origin"]) == (1, 0)
    assert cast.services.blobs.path(file.key_id).read_bytes() == whole


# A disk that refuses


@pytest.fixture
def blobs(cast: Cast) -> BlobStore:
    return cast.services.blobs


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_full_disk_leaves_nothing_open(blobs: BlobStore, monkeypatch: pytest.MonkeyPatch):
    blobs.claim(first := new_id())
    blobs.grow(first, b"x" * 8).close()
    before = open_files()

    def full(*_arguments: object) -> int:
        raise OSError(28, "no space")

    monkeypatch.setattr(os, "pwrite", full)
    for _time in range(5):
        with pytest.raises(Unavailable):
            blobs.grow(first, b"y" * 8)
    assert open_files() == before


def test_who_waited_for_a_blob_that_got_its_name_writes_no_more(blobs: BlobStore):
    """The fence it waited at is gone with the growing blob: whoever holds that one still holds nothing."""
    blobs.claim(name := new_id())
    late = blobs.grow(name, b"1" * 8)
    last = blobs.grow(name, b"2" * 8)
    last.write_at(0, b"all of it")
    late_fence = blobs.fence(name, b"3" * 8)
    last.close()
    finishing = blobs.grow(name, b"4" * 8)
    finishing.keep(6)
    for gone in (late_fence, late):
        with pytest.raises(Conflict, match="another-holder"), gone.held():
            pass
    finishing.close()
    late.close()
    late_fence.close()
    assert blobs.size(name) == 6


def test_what_was_never_claimed_does_not_grow(blobs: BlobStore):
    with pytest.raises(NotFound):
        blobs.grow(name := new_id(), b"1" * 8)
    assert not list(blobs.root.rglob(f"{name.hex}*"))
