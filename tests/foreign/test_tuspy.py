"""`tuspy`, as anybody may install it, sends a file to us: in pieces, at once, over a line that breaks, with checksums."""

from io import BytesIO

import pytest
from tusclient import client as tus
from tusclient.exceptions import TusCommunicationError

from tests.foreign.conftest import MIB, NAME, SIZE, Place
from tests.foreign.lines import breaking

pytestmark = pytest.mark.slow


def uploader(place: Place, capsule: str, port: int | None = None, **options):
    client = tus.TusClient(
        f"http://127.0.0.1:{port or place.server.port}/uploads", headers={"Cookie": place.cookie}
    )
    told = {"capsule": capsule, "filename": NAME, "filetype": "video/mp4"}
    return client.uploader(file_stream=BytesIO(place.content), metadata=told, retry_delay=0, **options)


@pytest.mark.parametrize("checksum", [False, True], ids=["plain", "checksum"])
@pytest.mark.parametrize("piece", [MIB + 1, SIZE], ids=["in pieces", "at once"])
def test_it_sends_a_file(place: Place, piece: int, checksum: bool):
    capsule = place.capsule()
    uploader(place, capsule, chunk_size=piece, upload_checksum=checksum).upload()
    place.require_sent(capsule)


@pytest.mark.parametrize("checksum", [False, True], ids=["plain", "checksum"])
@pytest.mark.parametrize("piece", [3 * MIB, SIZE], ids=["in pieces", "at once"])
def test_it_goes_on_by_itself_after_the_line_broke(place: Place, piece: int, checksum: bool):
    capsule = place.capsule()
    with breaking(place.server.port, 5 * MIB) as line:
        uploader(place, capsule, line.port, chunk_size=piece, upload_checksum=checksum, retries=5).upload()
        assert line.has_broken
    place.require_sent(capsule)


def test_another_one_goes_on_where_one_stopped(place: Place):
    """Its program ended; started again it asks with the address that it kept."""
    capsule = place.capsule()
    first = uploader(place, capsule, chunk_size=MIB)
    first.upload(stop_at=4 * MIB)
    later = tus.TusClient("", headers={"Cookie": place.cookie}).uploader(
        file_stream=BytesIO(place.content), url=first.url, chunk_size=3 * MIB
    )
    assert later.offset == 4 * MIB
    later.upload()
    place.require_sent(capsule)


def test_without_a_session_it_is_told_so(place: Place):
    client = tus.TusClient(f"http://127.0.0.1:{place.server.port}/uploads")
    with pytest.raises(TusCommunicationError) as refused:
        client.uploader(file_stream=BytesIO(b"x"), metadata={"capsule": place.capsule()}).upload()
    assert refused.value.status_code == 401
