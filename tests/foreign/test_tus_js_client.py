"""The public `tus-js-client`, from npm, sends a file to us; without Node or the network the run says loudly that it did not."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.foreign.conftest import MIB, NAME, SIZE, Place
from tests.foreign.lines import breaking
from tests.foreign.node import NoNodeError, install
from tests.foreign.test_tuspy import uploader

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent


@pytest.fixture(scope="module", autouse=True)
def tus_js_client() -> None:
    try:
        install(HERE)
    except NoNodeError as error:
        pytest.skip(str(error))


def send(place: Place, capsule: str, port: int | None = None, **options: Any) -> str:
    """The address; asserts that it went well. What broke off while it was begun, it begins once more."""
    told = {
        "endpoint": f"http://127.0.0.1:{port or place.server.port}/uploads",
        "cookie": place.cookie,
        "capsule": capsule,
        "file": str(place.file),
        "name": NAME,
        **options,
    }
    done = subprocess.run(
        ["node", "upload.mjs"], cwd=HERE, input=json.dumps(told), capture_output=True, text=True, check=False, timeout=120
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("piece", [MIB + 1, SIZE, None], ids=["in pieces", "one piece", "at once"])
@pytest.mark.parametrize("during_creation", [False, True], ids=["after creation", "with creation"])
def test_it_sends_a_file(place: Place, piece: int | None, during_creation: bool):
    capsule = place.capsule()
    send(place, capsule, piece=piece, duringCreation=during_creation)
    place.require_sent(capsule)


@pytest.mark.parametrize("piece", [3 * MIB, None], ids=["in pieces", "at once"])
@pytest.mark.parametrize("during_creation", [False, True], ids=["after creation", "with creation"])
def test_it_goes_on_by_itself_after_the_line_broke(place: Place, piece: int | None, during_creation: bool):
    capsule = place.capsule()
    with breaking(place.server.port, 5 * MIB) as line:
        send(place, capsule, line.port, piece=piece, duringCreation=during_creation)
        assert line.has_broken
    place.require_sent(capsule)


def test_another_one_goes_on_where_one_stopped(place: Place):
    capsule = place.capsule()
    begun = send_part(place, capsule)
    assert send(place, capsule, address=begun, piece=4 * MIB) == begun
    place.require_sent(capsule)


def send_part(place: Place, capsule: str) -> str:
    """By another program, which ended in the middle. The address."""
    first = uploader(place, capsule, chunk_size=MIB)
    first.upload(stop_at=3 * MIB)
    address: str = first.url
    return address
