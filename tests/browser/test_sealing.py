"""What a browser seals, Python opens, to the byte; and both take and refuse the same vectors."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page

from app.crypto import hpke
from app.crypto.context import Context
from app.crypto.keys import HpkeSeed, RecordKey
from app.crypto.stream import StreamOpener, ciphertext_length
from app.crypto.tree import BLOCK, tree_digest
from tests.crypto.make_vectors import PLACE, VECTORS, Json, shown
from tests.crypto.reference import CHUNK, pattern
from tests.crypto.samples import CONTEXT, fixed, fixed_id
from tests.crypto.test_vectors import Memory

BUNDLE = Path(__file__).parent / "dist" / "sealing.js"
ORIGIN = "https://vouchsafe.test/"
FORMATS = frozenset({"box", "cut-stream", "derive", "object", "stream", "tree-digest"})
WAYS = ("native", "vendored")

INSTALLATION, CASE, ASSET, INTAKE = (fixed_id(label) for label in ("installation", "case", "asset", "intake"))
SEED = HpkeSeed(fixed("hpke seed"))
ASKED = {
    "installation": INSTALLATION.hex,
    "case": CASE.hex,
    "key": INTAKE.hex,
    "public": hpke.public_of(SEED).hex(),
    "asset": ASSET.hex,
}


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    """A page of a secure origin, where WebCrypto is."""
    opened = chromium.new_page()
    opened.route(f"{ORIGIN}**", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    opened.goto(ORIGIN)
    opened.add_script_tag(path=BUNDLE)
    yield opened
    opened.close()


def vectors(folder: str, formats: frozenset[str] = FORMATS) -> list[Any]:
    """Those whose subject the browser has; of objects it has contexts alone."""
    found = {path.stem: json.loads(path.read_text()) for path in sorted((VECTORS / folder).iterdir())}
    return [
        pytest.param(vector, id=name)
        for name, vector in found.items()
        if vector["format"] in formats and vector["given"].get("type") in {None, "context"}
    ]


def call(page: Page, name: str, *arguments: object) -> Any:
    return page.evaluate(f"(given) => sealing.{name}(...given)", list(arguments))


def read(page: Page, vector: Json, form: str) -> Json:
    recipe = {"key": PLACE.key.hex(), "sealed_for": vector["given"].get("sealed_for", shown(CONTEXT))}
    answer: Json = call(page, "read", form, vector["given"] | {"recipe": recipe})
    return answer


def forms_of(vector: Json) -> list[str]:
    return ["box", "native-box"] if vector["format"] == "box" else [vector["format"]]


@pytest.mark.parametrize("vector", vectors("accept"))
def test_the_browser_takes(page: Page, vector: Json) -> None:
    for form in forms_of(vector):
        assert read(page, vector, form) == {"result": vector["result"]}, form


@pytest.mark.parametrize("vector", vectors("reject"))
def test_the_browser_refuses(page: Page, vector: Json) -> None:
    for form in forms_of(vector):
        answer = read(page, vector, form)
        assert answer == {"error": vector["error"], "fault": vector["fault"]}, form


@pytest.mark.parametrize("vector", vectors("accept", frozenset({"stream"})))
def test_under_a_vectors_salt_the_sealer_makes_the_vectors_stream(page: Page, vector: Json) -> None:
    made = call(page, "sealAsVector", vector["given"], vector["result"]["length"])
    assert made == vector["given"]["sha256"]


@pytest.mark.parametrize("length", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, BLOCK, BLOCK + 1, 20 * 1024 * 1024])
def test_python_opens_what_the_browser_sealed(page: Page, length: int) -> None:
    made = call(page, "seal", ASKED | {"segment": 2, "length": length})
    blocks = [base64.b64decode(block) for block in made["blocks"]]
    assert all(len(block) == BLOCK for block in blocks[:-1])
    sealed, key_id = b"".join(blocks), UUID(made["key"])
    assert len(sealed) == made["length"] == ciphertext_length(length)
    assert tree_digest(sealed).hex() == made["digest"]
    wrapped = Context("record_keys", key_id.hex, CASE, ASSET, 1)
    key = RecordKey(hpke.open_box(SEED, INTAKE.bytes, wrapped, INSTALLATION, bytes.fromhex(made["box"])))
    opener = StreamOpener(key, Context("assets", "original", CASE, ASSET, 2), INSTALLATION, Memory(sealed))
    assert opener.length == length
    assert b"".join(opener.read(0, length)) == pattern(0, length)


@pytest.mark.parametrize("way", WAYS)
def test_python_opens_a_box_made_by_the_browser_itself_and_by_the_vendored_code(page: Page, way: str) -> None:
    box = bytes.fromhex(call(page, "box", ASKED | {"segment": 1, "length": 0}, way, b"a key".hex()))
    where = Context("statements", "body", CASE, ASSET, 1)
    assert hpke.open_box(SEED, INTAKE.bytes, where, INSTALLATION, box) == b"a key"


def test_two_segments_of_one_file_share_neither_key_nor_bytes(page: Page) -> None:
    one, other = (call(page, "seal", ASKED | {"segment": 1, "length": 1000}) for _ in range(2))
    assert one["key"] != other["key"]
    assert one["box"] != other["box"]
    assert one["blocks"] != other["blocks"]


def test_no_chunk_is_sealed_twice_under_one_key_nor_one_of_another_length(page: Page) -> None:
    assert call(page, "refusals") == [True, True]
