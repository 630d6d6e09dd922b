"""What a browser seals, Python opens, to the byte; and both take and refuse the same vectors."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page

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
WITHOUT = """for (const name of ["importKey", "generateKey"]) {
  const real = SubtleCrypto.prototype[name];
  SubtleCrypto.prototype[name] = function (...given) {
    if (!JSON.stringify(given).includes("MLKEM")) return real.apply(this, given);
    return Promise.reject(new DOMException("unknown", "NotSupportedError"));
  };
}"""

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
    with chromium.new_context() as context:
        yield opened(context)


def opened(context: BrowserContext) -> Page:
    page = context.new_page()
    page.route(f"{ORIGIN}**", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    page.goto(ORIGIN)
    page.add_script_tag(path=BUNDLE)
    return page


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


def key_of(made: Json) -> RecordKey:
    """The file key, as a reader of the case has it."""
    wrapped = Context("record_keys", made["key"], CASE, ASSET, 1)
    return RecordKey(hpke.open_box(SEED, INTAKE.bytes, wrapped, INSTALLATION, bytes.fromhex(made["box"])))


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
    sealed = b"".join(blocks)
    assert len(sealed) == made["length"] == ciphertext_length(length)
    assert tree_digest(sealed).hex() == made["digest"]
    opener = StreamOpener(
        key_of(made), Context("assets", "original", CASE, ASSET, 2), INSTALLATION, Memory(sealed)
    )
    assert opener.length == length
    assert b"".join(opener.read(0, length)) == pattern(0, length)


@pytest.mark.parametrize("way", WAYS)
def test_python_opens_a_box_made_by_the_browser_itself_and_by_the_vendored_code(page: Page, way: str) -> None:
    box = bytes.fromhex(call(page, "box", ASKED | {"segment": 1, "length": 0}, way, b"a key".hex()))
    where = Context("statements", "body", CASE, ASSET, 1)
    assert hpke.open_box(SEED, INTAKE.bytes, where, INSTALLATION, box) == b"a key"


def test_a_browser_without_the_algorithm_seals_by_the_vendored_code(chromium: Browser) -> None:
    with chromium.new_context() as context:
        context.add_init_script(WITHOUT)
        page = opened(context)
        with pytest.raises(Error, match="NotSupported"):
            call(page, "box", ASKED, "native", b"a key".hex())
        made = call(page, "seal", ASKED | {"segment": 1, "length": 100})
    sealed = Memory(base64.b64decode("".join(made["blocks"])))
    where = Context("assets", "original", CASE, ASSET, 1)
    assert StreamOpener(key_of(made), where, INSTALLATION, sealed).length == 100


def test_two_segments_of_one_file_share_neither_key_nor_bytes(page: Page) -> None:
    one, other = (call(page, "seal", ASKED | {"segment": 1, "length": 1000}) for _ in range(2))
    assert one["key"] != other["key"]
    assert one["box"] != other["box"]
    assert one["blocks"] != other["blocks"]


def test_no_chunk_is_sealed_twice_under_one_key_nor_one_of_another_length(page: Page) -> None:
    assert call(page, "refusals") == [True, True]
