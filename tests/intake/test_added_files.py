"""Files that come when their statement has been sent: where they join it, and where they wait."""

import pytest
import sqlalchemy as sa

from app.audit.headfile import HeadFile
from app.crypto.log import HeadMark
from app.domain.errors import Conflict
from app.store.cases import assets, statements
from tests.cast import Cast
from tests.intake.notebook import SHORT, Notebook, file_bytes, receipt_on
from tests.intake.sender import Client, SealedFile, random_bytes


@pytest.fixture
def arrived(cast: Cast, notebook: Notebook, client: Client, begun: str) -> tuple[SealedFile, str]:
    """A file whose last piece is here, of a statement that was sent before it; and its address."""
    file = SealedFile(cast, random_bytes(1000), begun)
    path = file.begin(client)
    file.send(client, path)
    assert receipt_on(notebook.send(notebook.open().with_capsule(begun), **SHORT))
    return file, path


def joined(cast: Cast) -> int:
    with cast.services.database.engine.connect() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(assets)).scalar_one())


def withdraw(cast: Cast) -> None:
    with cast.services.database.writing() as connection:
        connection.execute(sa.update(statements).values(state="withdrawn"))


def test_a_withdrawn_statement_takes_no_file(
    cast: Cast, notebook: Notebook, client: Client, arrived: tuple[SealedFile, str]
):
    """What its witness took back does not grow; who sent the file is told so, and discards it."""
    file, path = arrived
    withdraw(cast)
    assert file.end(client, path).json == {"asset": file.asset.hex, "attached": False}
    page = notebook.browser.get("/notebook/files").text
    assert joined(cast) == 0
    assert "Its statement was withdrawn" in page
    assert "as soon as the words are sent" not in page
    notebook.browser.post(f"/notebook/files/{file.asset}/discard", token_from="/notebook/files")
    assert "No file is on its way" in notebook.browser.get("/notebook/files").text


def test_no_file_begins_for_a_withdrawn_statement(
    cast: Cast, client: Client, begun: str, arrived: tuple[SealedFile, str]
):
    withdraw(cast)
    answer = client.create(1117, SealedFile(cast, random_bytes(984), begun).told)
    assert (answer.status_code, answer.json) == (410, {"error": "withdrawn"})
    answer = client.create(1000, {"capsule": begun.encode()})
    assert (answer.status_code, answer.json) == (410, {"error": "withdrawn"})


def test_no_piece_goes_on_for_a_withdrawn_statement(
    cast: Cast, notebook: Notebook, client: Client, begun: str
):
    file = SealedFile(cast, random_bytes(1000), begun)
    path = file.begin(client)
    assert receipt_on(notebook.send(notebook.open().with_capsule(begun), **SHORT))
    withdraw(cast)
    answer = client.patch(path, 0, file.sealed)
    assert (answer.status_code, answer.json) == (410, {"error": "withdrawn"})
    assert client.offset(path) == 0


def test_a_withdrawal_at_that_moment_keeps_the_file_out(
    cast: Cast, client: Client, arrived: tuple[SealedFile, str]
):
    file, _path = arrived
    with cast.acting("anahit") as uow:
        uploads = uow.vault.uploads
        uploads.complete(uploads.find_asset(file.asset), bytes.fromhex(file.digest), {})
    uow = cast.uow("anahit")
    assert uow.vault.joining.attach(file.asset)
    withdraw(cast)
    with pytest.raises(Conflict, match="withdrawn"):
        uow.commit()
    uow.end()
    assert joined(cast) == 0


@pytest.mark.parametrize("where", ["/notebook", "resume"])
def test_a_file_that_stumbled_at_its_last_step_joins_all_the_same(
    cast: Cast, notebook: Notebook, client: Client, arrived: tuple[SealedFile, str], where: str
):
    """All of it is here, and the server fell over before it was part of its statement: its sender was told that it is done."""
    file, _path = arrived
    with cast.acting("anahit") as uow:
        uploads = uow.vault.uploads
        uploads.complete(uploads.find_asset(file.asset), bytes.fromhex(file.digest), {})
    if where == "resume":
        answer = client.post_json(f"/uploads/assets/{file.asset}/resume", {"mark": file.mark.hex()})
        assert (answer.status_code, answer.json) == (409, {"error": "whole-already"})
    else:
        assert notebook.browser.get(where).status_code == 200
    assert file_bytes(cast, file.asset) == file.content


def test_a_file_waits_while_the_database_is_older_than_what_was_seen(
    cast: Cast, notebook: Notebook, client: Client, arrived: tuple[SealedFile, str]
):
    """What comes then with a form is set apart with its statement; a statement that is let in already is not added to."""
    file, path = arrived
    head_file = HeadFile(cast.services.config.head_file)
    known = head_file.read()
    assert known is not None
    head_file.write(HeadMark(known.era, known.sequence + 100, bytes(32)))
    assert file.end(client, path).json == {"asset": file.asset.hex, "attached": False}
    assert joined(cast) == 0
    head_file.write(known)
    notebook.browser.get("/notebook/files")
    assert file_bytes(cast, file.asset) == file.content


def test_nobody_discards_a_file_by_one_press(cast: Cast, notebook: Notebook, client: Client, begun: str):
    """What has come of it is said first, and what stays."""
    file = SealedFile(cast, random_bytes(1000), begun)
    file.send(client, file.begin(client))
    asking = f"/notebook/files/{file.asset}/discard"
    assert f'href="{asking}"' in notebook.browser.get("/notebook/files").text
    page = notebook.browser.get(asking).text
    assert "Discard this file?" in page
    assert 'href="/notebook/files"' in page
    assert "A file of" in notebook.browser.get("/notebook/files").text
    notebook.browser.post(asking, token_from=asking)
    assert "No file is on its way" in notebook.browser.get("/notebook/files").text
    assert cast.client("davit").get(asking).status_code == 404
