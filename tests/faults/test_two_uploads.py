"""One file over two application servers, which share a database and a folder: it makes no difference which of them a piece meets."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from tests.cast import Cast
from tests.faults.servers import cookie_of
from tests.faults.test_two_servers import moved, servers
from tests.intake.notebook import SHORT, Notebook, file_bytes, receipt_on
from tests.intake.sender import BYTES, Client, SealedFile, random_bytes, summed
from tests.intake.server import Line, eventually, serving

__all__ = ["servers"]

SIZE = 1_500_000
PIECE = 200_000


@pytest.fixture
def clients(servers: tuple[Cast, Cast]) -> tuple[Client, Client]:
    first, second = servers
    browser = first.client("anahit")
    return Client(browser), Client(moved(browser, second))


def notebook_of(client: Client) -> Notebook:
    return Notebook(client.browser.cast, client.browser)


def send_words(client: Client, capsule: str) -> None:
    notebook = notebook_of(client)
    assert receipt_on(notebook.send(notebook.open().with_capsule(capsule), **SHORT))


def send_alternately(clients: tuple[Client, Client], path: str, body: bytes, start: int = 0) -> None:
    for number, at in enumerate(range(start, len(body), PIECE)):
        data = body[at : at + PIECE]
        assert clients[number % 2].offset(path) == at
        assert clients[1 - number % 2].patch(path, at, data, Upload_Checksum=summed(data)).status_code == 204


def test_the_pieces_of_a_sealed_file_go_to_both(servers: tuple[Cast, Cast], clients: tuple[Client, Client]):
    first, _second = servers
    capsule = notebook_of(clients[0]).open().capsule
    file = SealedFile(first, random_bytes(SIZE), capsule)
    path = file.begin(clients[0])
    send_alternately(clients, path, file.sealed)
    assert file.end(clients[1], path).status_code == 200
    send_words(clients[0], capsule)
    for cast in servers:
        assert file_bytes(cast, file.asset) == file.content


def test_the_pieces_of_a_file_in_clear_go_to_both(servers: tuple[Cast, Cast], clients: tuple[Client, Client]):
    capsule, content = notebook_of(clients[0]).open().capsule, random_bytes(SIZE)
    answer = clients[0].create(SIZE, {"capsule": capsule.encode()})
    send_alternately(clients, answer.headers["Location"], content)
    send_words(clients[1], capsule)
    for cast in servers:
        assert file_bytes(cast, UUID(hex=answer.headers["Upload-Asset"])) == content


def piece_head(client: Client, path: str) -> bytes:
    """Of a request that announces two pieces."""
    head = (
        f"PATCH {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nTus-Resumable: 1.0.0\r\n"
        f"Cookie: demo-session={cookie_of(client.browser)}\r\nContent-Type: {BYTES}\r\n"
        f"Upload-Offset: 0\r\nContent-Length: {2 * PIECE}\r\n\r\n"
    )
    return head.encode()


@pytest.fixture
def hanging(
    servers: tuple[Cast, Cast], clients: tuple[Client, Client]
) -> Iterator[tuple[SealedFile, str, Line]]:
    """Half of a piece has come to the first server, and the other half does not come."""
    file = SealedFile(servers[0], random_bytes(SIZE), notebook_of(clients[0]).open().capsule)
    path = file.begin(clients[0])
    with serving(servers[0]) as server:
        line = server.line()
        line.send(piece_head(clients[0], path) + bytes(PIECE))
        fence = servers[0].services.blobs.path(file.key_id).with_name(f"{file.key_id.hex}.holder")

        eventually(fence.exists)
        yield file, path, line
        line.close()


def test_one_that_hangs_on_the_first_is_shut_out_by_whoever_asks_the_second(
    servers: tuple[Cast, Cast], clients: tuple[Client, Client], hanging: tuple[SealedFile, str, Line]
):
    file, path, line = hanging
    assert clients[1].offset(path) == 0
    assert clients[1].patch(path, 0, file.sealed[:PIECE]).status_code == 204
    line.send(bytes(PIECE))
    assert line.answer()[0] == 423
    assert clients[0].offset(path) == PIECE
    send_alternately(clients, path, file.sealed, PIECE)
    assert file.end(clients[0], path).status_code == 200
    send_words(clients[0], file.capsule)
    assert file_bytes(servers[1], file.asset) == file.content


def test_one_in_clear_is_shut_out_as_well(servers: tuple[Cast, Cast], clients: tuple[Client, Client]):
    capsule, content = notebook_of(clients[0]).open().capsule, random_bytes(SIZE)
    begun = clients[0].create(SIZE, {"capsule": capsule.encode()})
    path, asset = begun.headers["Location"], begun.headers["Upload-Asset"]
    with serving(servers[0]) as server:
        line = server.line()
        line.send(piece_head(clients[0], path) + content[:PIECE])
        eventually(lambda: list(servers[0].services.blobs.root.rglob(f"{asset}.holder")))
        assert clients[1].offset(path) == 0
        line.send(content[PIECE : 2 * PIECE])
        assert line.answer()[0] == 423
        line.close()
    assert not list(servers[0].services.blobs.root.rglob("*.part"))
    send_alternately(clients, path, content)
