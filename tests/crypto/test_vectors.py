"""Every vector is taken or refused, for the reason it names."""

import dataclasses
import hashlib
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from app.crypto import (
    context,
    envelope,
    hpke,
    keys,
    lock,
    log,
    numbers,
    objects,
    padding,
    sharing,
    signing,
    stream,
    tree,
    words,
)
from app.crypto.fields import CanonicalObject, Part, TypedPart
from app.domain import errors

from .make_vectors import VECTORS, Json, build, stream_bytes
from .reference import pattern

OBJECTS: list[type[TypedPart]] = [*CanonicalObject.__subclasses__(), log.Entry]
TYPES = {made.TYPE: made for made in OBJECTS if made.__module__.startswith("app.crypto.")}


def load(folder: str) -> list[Any]:
    return [
        pytest.param(json.loads(path.read_text()), id=path.stem)
        for path in sorted((VECTORS / folder).iterdir())
    ]


@pytest.mark.parametrize("vector", load("accept"))
def test_it_takes(vector: Json) -> None:
    assert READERS[vector["format"]](vector["given"]) == vector["result"]


@pytest.mark.parametrize("vector", load("reject"))
def test_it_refuses(vector: Json) -> None:
    error: type[errors.CryptoError] = getattr(errors, vector["error"])
    with pytest.raises(error) as caught:
        READERS[vector["format"]](vector["given"])
    assert type(caught.value) is error
    assert caught.value.fault == vector["fault"]


def test_the_files_are_what_the_script_writes() -> None:
    files = {f"{path.parent.name}/{path.name}": path.read_text() for path in VECTORS.glob("*/*.json")}
    assert files == build()


def test_every_type_of_the_format_has_a_vector() -> None:
    shown = {json.loads(path.read_text())["given"]["type"] for path in VECTORS.glob("accept/object-*.json")}
    assert shown == set(TYPES)


def unhex(text: str) -> bytes:
    return bytes.fromhex(text)


def context_of(given: Json) -> tuple[context.Context, UUID]:
    table, field, case, record, version = given["context"]
    where = context.Context(table, field, UUID(case), UUID(record), version)
    return where, UUID(given["installation"])


def shown(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Part):
        return list(fields_of(value).values())
    return [shown(item) for item in value] if isinstance(value, tuple) else value


def fields_of(part: Part) -> Json:
    return {field.name: shown(getattr(part, field.name)) for field in dataclasses.fields(part)}


def read_x_wing(given: Json) -> Json:
    public = hpke.public_of(keys.HpkeSeed(unhex(given["seed"])))
    return {"public_sha256": hashlib.sha256(public).hexdigest()}


def read_ed25519(given: Json) -> Json:
    seed, message = keys.SigningSeed(unhex(given["seed"])), unhex(given["message"])
    signature = signing.sign_bytes(seed, message)
    signing.verify_bytes(signing.public_of(seed), signature, message)
    return {"public": signing.public_of(seed).hex(), "signature": signature.hex()}


def read_hkdf(given: Json) -> str:
    return keys.hkdf(*(unhex(given[name]) for name in ("material", "salt", "info"))).hex()


def read_derive(given: Json) -> str:
    key = keys.RootKey(unhex(given["key"]))
    return keys.derive(key, given["label"], unhex(given["salt"])).reveal().hex()


def read_mac(given: Json) -> str:
    return keys.mac(keys.RootKey(unhex(given["key"])), given["label"], unhex(given["message"])).hex()


def read_lock(given: Json) -> str:
    root, salt = keys.RootKey(unhex(given["root"])), unhex(given["salt"])
    cost = lock.Argon2Cost(given["t"], given["m_kib"], given["p"])
    return lock.password_key(root, given["words"], salt, cost).reveal().hex()


def read_recovery(given: Json) -> str:
    return lock.recovery_key(unhex(given["code"]), unhex(given["salt"])).reveal().hex()


def read_padding(given: Json) -> list[list[int]]:
    lengths = (0, 1, 252, 253, 1020, 1021, 4095, 65_000, 1_000_000)
    return [[n, floor, padding.padded_length(n, floor)] for floor in (0, 256, 1024) for n in lengths]


def read_words(given: Json) -> str:
    return words.from_words(given["words"]).hex()


def read_card_digits(given: Json) -> str:
    return numbers.card_digits(unhex(given["digest"]))


def read_receipt_digits(given: Json) -> str:
    return numbers.receipt_digits(unhex(given["digest"]))


def read_object(given: Json) -> Json:
    installation, encoded = UUID(given["installation"]), unhex(given["canonical"])
    made = TYPES[given["type"]].decode(encoded)
    assert made.encode() == encoded
    digest = hashlib.sha256(made.signing_input(installation)).hexdigest()
    assert not isinstance(made, CanonicalObject) or made.digest(installation).hex() == digest
    return {"fields": fields_of(made), "digest": digest}


def read_signature(given: Json) -> None:
    public, signature, encoded = (unhex(given[name]) for name in ("public", "signature", "canonical"))
    signing.verify(public, signature, given["type"], UUID(given["installation"]), encoded)


def read_envelope(given: Json) -> Json:
    key, sealed = keys.RecordKey(unhex(given["key"])), unhex(given["envelope"])
    content = envelope.open_(key, *context_of(given), sealed, given["floor"])
    return {"content": content.hex(), "key_id": str(envelope.key_id_of(sealed))}


def read_box(given: Json) -> Json:
    seed, box = keys.HpkeSeed(unhex(given["seed"])), unhex(given["box"])
    plaintext = hpke.open_box(seed, unhex(given["recipient"]), *context_of(given), box)
    return {"plaintext": plaintext.hex(), "recipient": str(hpke.recipient_of(box))}


class Memory:
    """Sealed bytes at rest, in memory."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def read_at(self, offset: int, size: int) -> bytes:
        return self.data[offset : offset + size]

    def size(self) -> int:
        return len(self.data)


def read_stream(given: Json) -> Json:
    return _read_stream(given, cut=False)


def read_cut_stream(given: Json) -> Json:
    return _read_stream(given, cut=True)


def _read_stream(given: Json, *, cut: bool) -> Json:
    sealed = stream_bytes(given)
    assert hashlib.sha256(sealed).hexdigest() == given["sha256"], "the recipe was followed wrongly"
    key = keys.RecordKey(unhex(given["key"]))
    opener = stream.StreamOpener(key, *context_of(given), Memory(sealed), cut=cut)
    plain = b"".join(opener.read(0, opener.length))
    return {
        "length": opener.length,
        "sha256": hashlib.sha256(plain).hexdigest(),
        "key_id": str(stream.key_id_of(sealed[: stream.HEADER_LENGTH])),
    }


def read_tree_digest(given: Json) -> str:
    data = pattern(given["start"], given["length"])
    blocks = [data[at : at + tree.BLOCK] for at in range(0, len(data), tree.BLOCK)]
    by_blocks = tree.digest_of_blocks(hashlib.sha256(block).digest() for block in blocks)
    assert by_blocks == tree.tree_digest(data)
    return by_blocks.hex()


def read_capsule(given: Json) -> Json:
    root = keys.RootKey(unhex(given["root"]))
    capsule = objects.open_capsule(root, UUID(given["installation"]), given["token"])
    assert objects.seal_capsule(root, UUID(given["installation"]), capsule) == given["token"]
    return fields_of(capsule)


def read_log(given: Json) -> Json:
    link, leaves = log.ZERO, []
    for encoded in given["entries"]:
        leaves.append(log.leaf(UUID(given["installation"]), log.Entry.decode(unhex(encoded))))
        link = log.chain(link, leaves[-1])
    return {"leaves": [leaf.hex() for leaf in leaves], "chain": link.hex()}


def read_head_line(given: Json) -> Json:
    mark = log.parse_head_line(given["line"])
    assert log.format_head_line(mark) == given["line"]
    return fields_of(mark)


def read_shares(given: Json) -> str:
    shares = [sharing.Share(index, unhex(share)) for index, share in given["shares"]]
    return sharing.combine(shares, unhex(given["commitment"])).reveal().hex()


READERS: dict[str, Callable[[Json], Any]] = {
    name.removeprefix("read_").replace("_", "-"): reader
    for name, reader in globals().copy().items()
    if name.startswith("read_")
}
