"""Writes the vectors: `python -m tests.crypto.make_vectors`.

Everything comes from labels through SHAKE-256, so that a second run writes the same bytes. What draws its own
randomness (boxes, shares) is made once and kept as it is.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from argon2.low_level import Type, hash_secret_raw

from app.crypto import hpke, sharing
from app.crypto.context import Context
from app.crypto.keys import CaseSecret, HpkeSeed

from . import reference
from .reference import BLOCK, CHUNK, Place, Plain, by_bytes, pattern
from .samples import (
    CAPSULE,
    CARD_A,
    CARD_B,
    CASE,
    CONTEXT,
    CONTEXT_DIGEST,
    ELSEWHERE,
    ENTRY,
    INSTALLATION,
    KEY_ID,
    MEMBERS,
    OBJECTS,
    RECORD,
    ROSTER,
    VOUCH,
    changed,
    d,
    encode,
    fixed,
)

VECTORS = Path(__file__).parent / "vectors"

Json = dict[str, Any]
Named = Iterator[tuple[str, Json]]


PLACE = Place(fixed("record key"), KEY_ID, CONTEXT_DIGEST)
SALT, NONCE = fixed("salt", 16), fixed("nonce", 12)
STREAM_SALT, OTHER_SALT = fixed("stream salt"), fixed("another stream salt")
WORDS = "The light on the WATER  at six"
CONTENT = "She said: «Երբ լույսը եկավ» — when the light came.".encode()
FIELD_PRIME, GROUP_ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
ORDER_8 = bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")


def accepted(says: str, format_: str, given: Json, result: Any) -> Json:
    return {"says": says, "format": format_, "given": given, "result": result}


def refused(says: str, format_: str, given: Json, error: str, fault: str) -> Json:
    return {"says": says, "format": format_, "given": given, "error": error, "fault": fault}


def flipped(data: bytes, position: int, mask: int = 1) -> bytes:
    changed = bytearray(data)
    changed[position] ^= mask
    return bytes(changed)


# Published vectors.


def accept_published() -> Named:
    for number, seed, public in (
        (
            1,
            "7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26",
            "2e816deebcd76c5c80d0cd2d174478871658e8e2ff42bc9d4a6e486372e856bb",
        ),
        (
            2,
            "badfd6dfaac359a5efbb7bcc4b59d538df9a04302e10c8bc1cbf1a0b3a5120ea",
            "c42ba5f8430d7d2c83739338203819f090e8303ce9c8b02107c272bfa5376916",
        ),
        (
            3,
            "ef58538b8d23f87732ea63b02b4fa0f4873360e2841928cd60dd4cee8cc0d4c9",
            "6b080d6b84f095342092fa7a22423e58bd681397ad0ef00eac92bd254db4fa95",
        ),
    ):
        says = f"draft-connolly-cfrg-xwing-kem, appendix C, vector {number}: the public key by its SHA-256"
        yield f"x-wing-draft-{number}", accepted(says, "x-wing", {"seed": seed}, {"public_sha256": public})
    for number, seed, public, message, signature in (
        (
            1,
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            2,
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
    ):
        given = {"seed": seed, "message": message}
        yield (
            f"rfc-8032-{number}",
            accepted(
                f"RFC 8032, section 7.1, test {number}",
                "ed25519",
                given,
                {"public": public, "signature": signature},
            ),
        )
    given = {"material": "0b" * 22, "salt": "000102030405060708090a0b0c", "info": "f0f1f2f3f4f5f6f7f8f9"}
    result = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
    yield "rfc-5869-1", accepted("RFC 5869, appendix A.1: the first 32 bytes", "hkdf", given, result)


# Derivation, locks, words, numbers.


def accept_derivation() -> Named:
    key, salt = fixed("root key"), fixed("salt", 16)
    given = {"key": key.hex(), "label": "envelope/key", "salt": salt.hex()}
    yield (
        "derive-salted",
        accepted("section 3, with a salt", "derive", given, reference.hkdf(key, salt, "envelope/key").hex()),
    )
    given = {"key": key.hex(), "label": "tips", "salt": ""}
    yield (
        "derive-unsalted",
        accepted("section 3, without", "derive", given, reference.hkdf(key, b"", "tips").hex()),
    )
    given = {"key": key.hex(), "label": "tips", "message": b"a message".hex()}
    yield "mac", accepted("section 3", "mac", given, reference.mac(key, "tips", b"a message").hex())
    yield (
        "lock",
        accepted(
            "section 9: capitals and spaces do not matter; cheap cost", "lock", _lock(), _lock_key().hex()
        ),
    )
    given = {"code": fixed("code", 16).hex(), "salt": salt.hex()}
    yield (
        "recovery-code",
        accepted("section 9", "recovery", given, reference.hkdf(fixed("code", 16), salt, "recovery").hex()),
    )
    sizes = [0, 1, 252, 253, 1020, 1021, 4095, 65_000, 1_000_000]
    table = [[n, floor, reference.padded_size(n + 4, floor)] for floor in (0, 256, 1024) for n in sizes]
    yield "padded-lengths", accepted("section 5: content length, floor, padded length", "padding", {}, table)


def _lock() -> Json:
    return {"root": fixed("root key").hex(), "words": WORDS, "salt": SALT.hex(), "t": 1, "m_kib": 64, "p": 1}


def _lock_key() -> bytes:
    stretched = hash_secret_raw(b"the light on the water at six", SALT, 1, 64, 1, 32, Type.ID)
    return reference.hkdf(stretched + reference.mac(fixed("root key"), "passwords", SALT), SALT, "lock")


def reject_derivation() -> Named:
    for name, changes, fault in (
        ("lock-salt-short", {"salt": SALT[:15].hex()}, "salt-length"),
        ("lock-memory-boundless", {"m_kib": 2**32}, "argon2-cost"),
        ("lock-no-passes", {"t": 0}, "argon2-cost"),
        ("lock-lone-surrogate", {"words": "light \ud800"}, "bad-utf8"),
    ):
        yield name, refused("section 9", "lock", _lock() | changes, "Malformed", fault)
    given = {"code": fixed("code", 15).hex(), "salt": SALT.hex()}
    yield "recovery-code-short", refused("section 9", "recovery", given, "Malformed", "code-length")


def accept_words() -> Named:
    yield "words-24", accepted("BIP-39", "words", {"words": "abandon " * 23 + "art"}, bytes(32).hex())
    yield "words-12", accepted("BIP-39", "words", {"words": "abandon " * 11 + "about"}, bytes(16).hex())
    yield (
        "words-shouted",
        accepted(
            "case and spaces do not matter",
            "words",
            {"words": "  ABANDON " * 11 + "\nAbout "},
            bytes(16).hex(),
        ),
    )
    card = bytes.fromhex("ffffffffffffffffffff") + bytes(22)
    yield (
        "card-digits",
        accepted("section 12", "card-digits", {"digest": card.hex()}, "2089 2581 9614 6291 7470 6175"),
    )
    yield (
        "card-digits-zero",
        accepted(
            "leading zeros stay", "card-digits", {"digest": bytes(32).hex()}, "0000 0000 0000 0000 0000 0000"
        ),
    )
    receipt = bytes.fromhex("00000000000f4240") + bytes(24)
    yield "receipt-digits", accepted("section 12", "receipt-digits", {"digest": receipt.hex()}, "0100 0000")


def reject_words() -> Named:
    for name, words, fault in (
        ("words-checksum", "abandon " * 11 + "abandon", "checksum"),
        ("words-unknown", "abandon " * 10 + "abandonn about", "unknown-word"),
        ("words-missing", "abandon " * 10 + "about", "word-count"),
        ("words-15", "abandon " * 14 + "address", "word-count"),
    ):
        yield name, refused("a slip of the pen", "words", {"words": words}, "UnreadableWords", fault)


# Canonical objects.


def shown(value: Plain) -> Any:
    """Values as JSON has them: bytes in hex, ids as text, nested objects as lists of their fields."""
    match value:
        case bytes():
            return value.hex()
        case UUID():
            return str(value)
        case list() | tuple():
            return [shown(item) for item in value]
        case _:
            return value


def accept_objects() -> Named:
    for type_, fields in OBJECTS.items():
        encoded = encode(fields)
        given = {"type": type_, "installation": str(INSTALLATION), "canonical": encoded.hex()}
        result = {
            "fields": {name: shown(value) for name, value in fields.items()},
            "digest": reference.digest(type_, INSTALLATION, encoded).hex(),
        }
        yield f"object-{type_}", accepted("sections 2, 4, 10 and 11", "object", given, result)


def reject_objects() -> Named:
    vouch, entry = encode(VOUCH), encode(ENTRY)
    members: list[Plain] = [(CARD_A, ["lead"]), (CARD_A, ["reviewer"])]
    for name, type_, encoded, fault in (
        ("trailing-bytes", "vouch", vouch + b"\0", "trailing-bytes"),
        ("cut-short", "vouch", vouch[:-1], "cut-short"),
        ("nothing-at-all", "vouch", b"", "cut-short"),
        ("digest-too-short", "vouch", changed(VOUCH, card=CARD_B[:31]), "octets-length"),
        ("digest-missing", "vouch", changed(VOUCH, card=None), "octets-length"),
        ("unknown-manner", "vouch", changed(VOUCH, manner="by-letter"), "unknown-word"),
        ("bad-utf8", "context", changed(OBJECTS["context"], field=b"bod\xff"), "bad-utf8"),
        ("overlong-utf8", "context", changed(OBJECTS["context"], field=b"\xc1\xa2ody"), "bad-utf8"),
        ("text-too-long", "context", changed(OBJECTS["context"], field="a" * 1025), "text-length"),
        ("note-too-long", "entry", changed(ENTRY, note="a" * 121), "text-length"),
        ("id-too-short", "entry", changed(ENTRY, case=CASE.bytes[:15]), "octets-length"),
        ("id-missing", "context", changed(OBJECTS["context"], case=None), "octets-length"),
        ("session-tag-too-long", "entry", changed(ENTRY, session_tag=bytes(9)), "octets-length"),
        ("flag-of-two", "roster", changed(ROSTER, identity_epoch_pending=2), "uint-range"),
        ("unsorted-members", "roster", changed(ROSTER, members=MEMBERS[::-1]), "not-canonical"),
        (
            "unsorted-duties",
            "roster",
            changed(ROSTER, members=[(CARD_A, ["reviewer", "lead"])]),
            "not-canonical",
        ),
        ("doubled-member", "roster", changed(ROSTER, members=[MEMBERS[0], *MEMBERS]), "doubled-item"),
        (
            "member-with-two-lots-of-duties",
            "roster",
            changed(ROSTER, members=by_bytes(members)),
            "doubled-item",
        ),
        ("doubled-duty", "roster", changed(ROSTER, members=[(CARD_A, ["lead", "lead"])]), "doubled-item"),
        ("count-beyond-the-end", "entry", entry[:24] + b"\xff\xff\xff\xff" + entry[28:], "cut-short"),
        (
            "list-count-beyond-the-end",
            "site",
            changed(OBJECTS["site"])[:16] + b"\xff\xff\xff\xff",
            "cut-short",
        ),
    ):
        given = {"type": type_, "installation": str(INSTALLATION), "canonical": encoded.hex()}
        yield f"object-{name}", refused("section 1", "object", given, "Malformed", fault)


# Signatures.


def _signature(**changes: str) -> Json:
    encoded = encode(VOUCH)
    seed = fixed("signing seed")
    signature = reference.sign(seed, reference.signing_input("vouch", INSTALLATION, encoded))
    given = {
        "public": reference.signing_public(seed).hex(),
        "signature": signature.hex(),
        "type": "vouch",
        "installation": str(INSTALLATION),
        "canonical": encoded.hex(),
    }
    return given | changes


def accept_signatures() -> Named:
    yield "signature", accepted("section 2", "signature", _signature(), None)


def reject_signatures() -> Named:
    good = bytes.fromhex(_signature()["signature"])
    larger = int.from_bytes(good[32:], "little") + GROUP_ORDER
    identity, forged = (1).to_bytes(32, "little"), (1).to_bytes(32, "little") + bytes(32)
    for name, changes, fault in (
        ("signature-flipped", {"signature": flipped(good, 0).hex()}, "bad-signature"),
        ("signature-cut", {"signature": good[:63].hex()}, "bad-signature"),
        ("s-not-reduced", {"signature": (good[:32] + larger.to_bytes(32, "little")).hex()}, "bad-signature"),
        ("signature-of-another-type", {"type": "grant"}, "bad-signature"),
        ("signature-of-another-installation", {"installation": str(ELSEWHERE)}, "bad-signature"),
        (
            "signature-by-another-key",
            {"public": reference.signing_public(fixed("another seed")).hex()},
            "bad-signature",
        ),
        ("public-key-cut", {"public": _signature()["public"][:-2]}, "public-key-length"),
        ("small-order-key", {"public": identity.hex(), "signature": forged.hex()}, "small-order-key"),
        (
            "small-order-key-of-order-8",
            {"public": ORDER_8.hex(), "signature": forged.hex()},
            "small-order-key",
        ),
        (
            "non-canonical-key",
            {"public": (FIELD_PRIME + 1).to_bytes(32, "little").hex()},
            "non-canonical-key",
        ),
        (
            "non-canonical-key-with-sign",
            {"public": flipped((FIELD_PRIME + 3).to_bytes(32, "little"), 31, 128).hex()},
            "non-canonical-key",
        ),
    ):
        yield name, refused("section 2", "signature", _signature(**changes), "Refused", fault)


# Envelopes.


def _sealed(envelope: bytes, **changes: Any) -> Json:
    given = {
        "key": PLACE.key.hex(),
        "installation": str(INSTALLATION),
        "context": shown(CONTEXT),
        "floor": 1024,
        "envelope": envelope.hex(),
    }
    return given | changes


def accept_envelopes() -> Named:
    for name, content, floor in (
        ("padded", CONTENT, 1024),
        ("list-line", CONTENT, 256),
        ("wrap", fixed("wrapped"), 0),
        ("empty", b"", 1024),
    ):
        envelope = reference.envelope(PLACE, SALT, NONCE, reference.pad(content, floor))
        result = {"content": content.hex(), "key_id": str(KEY_ID)}
        yield f"envelope-{name}", accepted("section 7", "envelope", _sealed(envelope, floor=floor), result)


def reject_envelopes() -> Named:
    good = reference.envelope(PLACE, SALT, NONCE, reference.pad(CONTENT, 1024))
    padded = reference.pad(CONTENT, 1024)
    other = Place(fixed("another key"), KEY_ID, CONTEXT_DIGEST)
    # Another key's box under this key's commitment, which is what a forger of commitments would send.
    spliced = good[:69] + reference.envelope(other, SALT, NONCE, padded)[69:]
    for name, given, error, fault in (
        ("flipped-tag", _sealed(flipped(good, -1)), "Refused", "not-authentic"),
        ("flipped-body", _sealed(flipped(good, 113)), "Refused", "not-authentic"),
        ("flipped-nonce", _sealed(flipped(good, 112)), "Refused", "not-authentic"),
        ("flipped-key-id", _sealed(flipped(good, 5)), "Refused", "not-authentic"),
        ("flipped-salt", _sealed(flipped(good, 53)), "WrongKey", "wrong-commitment"),
        ("wrong-commitment", _sealed(flipped(good, 69)), "WrongKey", "wrong-commitment"),
        ("another-commitment", _sealed(spliced), "WrongKey", "wrong-commitment"),
        ("wrong-key", _sealed(good, key=other.key.hex()), "WrongKey", "wrong-commitment"),
        ("wrong-context", _sealed(good, context=shown((*CONTEXT[:4], 4))), "Refused", "wrong-context"),
        ("wrong-installation", _sealed(good, installation=str(ELSEWHERE)), "Refused", "wrong-context"),
        ("cut-short", _sealed(good[:-1]), "Refused", "not-authentic"),
        ("cut-header", _sealed(good[:128]), "Malformed", "cut-header"),
        ("nothing-at-all", _sealed(b""), "UnknownFormat", "unknown-magic"),
        ("trailing-bytes", _sealed(good + b"\0"), "Refused", "not-authentic"),
        ("unknown-magic", _sealed(b"VSE2" + good[4:]), "UnknownFormat", "unknown-magic"),
        (
            "unknown-suite",
            _sealed(reference.envelope(PLACE, SALT, NONCE, padded, suite=2)),
            "UnknownFormat",
            "unknown-suite",
        ),
        (
            "nonzero-padding",
            _sealed(reference.envelope(PLACE, SALT, NONCE, flipped(padded, -1))),
            "Refused",
            "nonzero-padding",
        ),
        (
            "padding-too-long",
            _sealed(reference.envelope(PLACE, SALT, NONCE, padded + b"\0")),
            "Refused",
            "padding-length",
        ),
        (
            "length-beyond-padding",
            _sealed(reference.envelope(PLACE, SALT, NONCE, b"\0\0\4\0" + padded[4:])),
            "Refused",
            "padding-length",
        ),
        (
            "no-length",
            _sealed(reference.envelope(PLACE, SALT, NONCE, b"\0\0\0")),
            "Refused",
            "padding-length",
        ),
        ("another-floor", _sealed(good, floor=256), "Refused", "padding-length"),
    ):
        yield f"envelope-{name}", refused("section 7", "envelope", given, error, fault)


# Boxes, which draw their own randomness.


def _box(box: bytes, **changes: Any) -> Json:
    given = {
        "seed": fixed("hpke seed").hex(),
        "recipient": KEY_ID.hex,
        "installation": str(INSTALLATION),
        "context": shown(CONTEXT),
        "box": box.hex(),
    }
    return given | changes


def _kept_box() -> bytes:
    def make() -> str:
        public = hpke.public_of(HpkeSeed(fixed("hpke seed")))
        return hpke.seal_box(public, KEY_ID.bytes, Context(*CONTEXT), INSTALLATION, fixed("boxed")).hex()

    return bytes.fromhex(_kept("box", lambda vector: vector["given"]["box"], make))


def _kept(name: str, take: Callable[[Json], Any], make: Callable[[], Any]) -> Any:
    path = VECTORS / "accept" / f"{name}.json"
    return take(json.loads(path.read_text())) if path.exists() else make()


def accept_boxes() -> Named:
    result = {"plaintext": fixed("boxed").hex(), "recipient": str(KEY_ID)}
    yield "box", accepted("section 6: 1,221 bytes around a 32-byte key", "box", _box(_kept_box()), result)


def reject_boxes() -> Named:
    good = _kept_box()
    for name, given, error, fault in (
        ("flipped-tag", _box(flipped(good, -1)), "Refused", "not-authentic"),
        ("flipped-mlkem-ciphertext", _box(flipped(good, 53)), "Refused", "not-authentic"),
        ("flipped-x25519-share", _box(flipped(good, 53 + 1088)), "Refused", "not-authentic"),
        ("small-order-x25519-share", _box(good[:1141] + bytes(32) + good[1173:]), "Refused", "not-authentic"),
        ("another-recipient", _box(good, recipient=CASE.hex), "WrongKey", "another-recipient"),
        (
            "recipient-rewritten",
            _box(good[:5] + CASE.bytes + good[21:], recipient=CASE.hex),
            "Refused",
            "not-authentic",
        ),
        ("wrong-seed", _box(good, seed=fixed("another seed").hex()), "Refused", "not-authentic"),
        ("wrong-context", _box(good, context=shown((*CONTEXT[:4], 4))), "Refused", "wrong-context"),
        ("wrong-installation", _box(good, installation=str(ELSEWHERE)), "Refused", "wrong-context"),
        ("cut-short", _box(good[:-1]), "Refused", "not-authentic"),
        ("cut-in-encapsulation", _box(good[:1000]), "Malformed", "cut-header"),
        ("trailing-bytes", _box(good + b"\0"), "Refused", "not-authentic"),
        ("unknown-magic", _box(b"VSE1" + good[4:]), "UnknownFormat", "unknown-magic"),
        ("unknown-suite", _box(flipped(good, 4)), "UnknownFormat", "unknown-suite"),
    ):
        yield f"box-{name}", refused("section 6", "box", given, error, fault)


# Streams, as recipes: whole ones would be megabytes.


def _chunk(
    counter: int, length: int, *, last: bool = False, start: int | None = None, salt: bytes = STREAM_SALT
) -> Json:
    at = counter * CHUNK if start is None else start
    return {"counter": counter, "last": last, "start": at, "length": length, "salt": salt.hex()}


def _stream(chunks: list[Json], **changes: Any) -> Json:
    given = {
        "key": PLACE.key.hex(),
        "key_id": str(KEY_ID),
        "installation": str(INSTALLATION),
        "context": shown(CONTEXT),
        "salt": STREAM_SALT.hex(),
        "chunks": chunks,
        "cut": 0,
        "append": "",
        "flip": None,
    } | changes
    return given | {"sha256": hashlib.sha256(stream_bytes(given)).hexdigest()}


def stream_bytes(given: Json) -> bytes:
    """Header, the chunks sealed as the recipe says, `cut` bytes off the end, `append` added, one flipped."""
    place = Place(PLACE.key, KEY_ID, _context_digest(given.get("sealed_for")))
    sealed = reference.stream_header(place, bytes.fromhex(given["salt"]))
    for chunk in given["chunks"]:
        plain = pattern(chunk["start"], chunk["length"])
        sealed += reference.stream_chunk(
            place, bytes.fromhex(chunk["salt"]), chunk["counter"], plain, last=chunk["last"]
        )
    sealed = sealed[: len(sealed) - given["cut"]] + bytes.fromhex(given["append"])
    return sealed if given["flip"] is None else flipped(sealed, given["flip"])


def _context_digest(context: list[Any] | None) -> bytes:
    if context is None:
        return CONTEXT_DIGEST
    table, field, case, record, version = context
    encoded = reference.canonical(table, field, UUID(case), UUID(record), version)
    return reference.digest("context", INSTALLATION, encoded)


def _segment(number: int) -> list[Any]:
    return ["assets", "original", str(CASE), str(RECORD), number]


def _segment_stream(chunks: list[Json], number: int = 2, **changes: Any) -> Json:
    return _stream(chunks, sealed_for=_segment(2), **changes) | {"context": _segment(number)}


def accept_streams() -> Named:
    for name, length in (
        ("empty", 0),
        ("one-byte", 1),
        ("one-chunk", CHUNK),
        ("one-chunk-and-one-byte", CHUNK + 1),
        ("three-chunks", 3 * CHUNK - 7),
    ):
        full, rest = divmod(max(length - 1, 0), CHUNK)
        chunks = [_chunk(number, CHUNK) for number in range(full)]
        chunks.append(_chunk(full, rest + 1 if length else 0, last=True))
        says = "section 8; plaintext byte i is i mod 251"
        yield f"stream-{name}", accepted(says, "stream", _stream(chunks), _opened(length))
    segment = _segment_stream([_chunk(0, CHUNK), _chunk(1, 99, last=True)])
    yield "stream-segment-2", accepted("the second segment of a file", "stream", segment, _opened(CHUNK + 99))
    for name, count in (("one-chunk", 1), ("three-chunks", 3)):
        given = _segment_stream([_chunk(number, CHUNK) for number in range(count)])
        says = "a segment that was interrupted: no chunk has the last flag"
        yield f"cut-stream-{name}", accepted(says, "cut-stream", given, _opened(count * CHUNK))


def _opened(length: int) -> Json:
    return {
        "length": length,
        "sha256": hashlib.sha256(pattern(0, length)).hexdigest(),
        "key_id": str(KEY_ID),
    }


def reject_cut_streams() -> Named:
    a, b, last = _chunk(0, CHUNK), _chunk(1, CHUNK), _chunk(1, CHUNK, last=True)
    for name, given, error, fault in (
        ("with-last-flag", _segment_stream([a, last]), "Refused", "not-authentic"),
        ("of-no-chunk", _segment_stream([]), "Malformed", "impossible-length"),
        ("off-the-chunk-edge", _segment_stream([a, _chunk(1, 100)]), "Malformed", "impossible-length"),
        ("flipped-tag", _segment_stream([a, b], flip=116 + 2 * (CHUNK + 16)), "Refused", "not-authentic"),
        ("flipped-first", _segment_stream([a, b], flip=117), "Refused", "not-authentic"),
        ("dropped-first-chunk", _segment_stream([b]), "Refused", "not-authentic"),
        ("of-another-segment", _segment_stream([a, b], 1), "Refused", "wrong-context"),
    ):
        yield f"cut-stream-{name}", refused("section 8, segments", "cut-stream", given, error, fault)


# Tree digests, of the bytes that stream vectors have.


def accept_tree_digests() -> Named:
    for name, length in (
        ("empty", 0),
        ("one-byte", 1),
        ("one-block-less-one-byte", BLOCK - 1),
        ("one-block", BLOCK),
        ("one-block-and-one-byte", BLOCK + 1),
        ("two-blocks", 2 * BLOCK),
    ):
        given = {"start": 0, "length": length}
        result = reference.tree_digest(pattern(0, length)).hex()
        says = "section 8, segments; byte i is i mod 251"
        yield f"tree-digest-{name}", accepted(says, "tree-digest", given, result)


def reject_streams() -> Named:
    a, b, c = _chunk(0, CHUNK), _chunk(1, CHUNK), _chunk(2, 100, last=True)
    good = [a, b, c]
    other = _chunk(1, CHUNK, salt=OTHER_SALT)
    whole = 117 + 2 * (CHUNK + 16) + 116
    for name, given, error, fault in (
        ("flipped-tag", _stream(good, flip=whole - 1), "Refused", "not-authentic"),
        ("flipped-middle", _stream(good, flip=117 + CHUNK + 16), "Refused", "not-authentic"),
        ("flipped-key-id", _stream(good, flip=5), "Refused", "not-authentic"),
        ("flipped-salt", _stream(good, flip=53), "WrongKey", "wrong-commitment"),
        ("wrong-commitment", _stream(good, flip=85), "WrongKey", "wrong-commitment"),
        ("wrong-key", _stream(good) | {"key": fixed("another key").hex()}, "WrongKey", "wrong-commitment"),
        ("wrong-context", _stream(good) | {"context": shown((*CONTEXT[:4], 4))}, "Refused", "wrong-context"),
        ("unknown-magic", _stream(good, flip=3), "UnknownFormat", "unknown-magic"),
        ("unknown-suite", _stream(good, flip=4), "UnknownFormat", "unknown-suite"),
        ("cut-header", _stream([], cut=1), "Malformed", "cut-header"),
        ("header-only", _stream([]), "Malformed", "impossible-length"),
        ("cut-at-chunk-edge", _stream([a, b]), "Refused", "not-authentic"),
        ("of-another-segment", _segment_stream(good, 1), "Refused", "wrong-context"),
        ("cut-in-last-chunk", _stream(good, cut=1), "Refused", "not-authentic"),
        ("cut-in-last-tag", _stream(good, cut=101), "Malformed", "impossible-length"),
        ("swapped-chunks", _stream([b, a, c]), "Refused", "not-authentic"),
        ("doubled-chunk", _stream([a, a, b, c]), "Refused", "not-authentic"),
        ("doubled-last-chunk", _stream([a, b, c, c]), "Refused", "not-authentic"),
        ("dropped-first-chunk", _stream([b, c]), "Refused", "not-authentic"),
        ("spliced", _stream([a, other, c]), "Refused", "not-authentic"),
        ("lengthened", _stream(good, append="00"), "Refused", "not-authentic"),
        (
            "lengthened-by-chunk",
            _stream([a, b, _chunk(2, CHUNK, last=True), _chunk(3, 1)]),
            "Refused",
            "not-authentic",
        ),
        ("last-flag-missing", _stream([a, b, _chunk(2, 100)]), "Refused", "not-authentic"),
        ("last-flag-early", _stream([a, _chunk(1, CHUNK, last=True), c]), "Refused", "not-authentic"),
        (
            "empty-last-chunk-after-others",
            _stream([a, _chunk(1, 0, last=True)]),
            "Malformed",
            "impossible-length",
        ),
    ):
        yield f"stream-{name}", refused("section 8", "stream", given, error, fault)


# Capsules, the log, shares.


def _token(encoded: bytes) -> bytes:
    message = reference.signing_input("capsule", INSTALLATION, encoded)
    return encoded + reference.mac(fixed("root key"), "capsules", message)


def _capsule(token: bytes | str, **changes: str) -> Json:
    text = token if isinstance(token, str) else base64.urlsafe_b64encode(token).rstrip(b"=").decode()
    return {"root": fixed("root key").hex(), "installation": str(INSTALLATION), "token": text} | changes


def accept_capsules() -> Named:
    fields = {name: shown(value) for name, value in CAPSULE.items()}
    yield "capsule", accepted("section 10", "capsule", _capsule(_token(encode(CAPSULE))), fields)


def reject_capsules() -> Named:
    first = _token(changed(CAPSULE, previous=None))
    text = _capsule(first)["token"]
    for name, given, error, fault in (
        ("flipped-field", _capsule(flipped(first, 5)), "Refused", "not-authentic"),
        ("flipped-mac", _capsule(flipped(first, -1)), "Refused", "not-authentic"),
        ("of-another-installation", _capsule(first, installation=str(ELSEWHERE)), "Refused", "not-authentic"),
        ("of-another-root", _capsule(first, root=fixed("another root").hex()), "Refused", "not-authentic"),
        ("nothing-at-all", _capsule(""), "Refused", "not-authentic"),
        ("mac-of-bytes-that-are-no-capsule", _capsule(_token(b"\0")), "Malformed", "cut-short"),
        ("padded-base64", _capsule(text + "=" * (-len(text) % 4 or 4)), "Malformed", "bad-base64"),
        ("base64-of-the-other-alphabet", _capsule("+" + text[1:]), "Malformed", "bad-base64"),
        ("base64-with-unused-bits", _capsule(text[:-1] + _next_letter(text[-1])), "Malformed", "bad-base64"),
        ("not-base64", _capsule("é" + text[1:]), "Malformed", "bad-base64"),
        ("base64-cut", _capsule("A"), "Malformed", "bad-base64"),
    ):
        yield f"capsule-{name}", refused("section 10", "capsule", given, error, fault)


def _next_letter(letter: str) -> str:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return alphabet[alphabet.index(letter) + 1]


def accept_log() -> Named:
    first, second = changed(ENTRY, sequence=1), encode(ENTRY)
    leaves = [
        hashlib.sha256(b"\0" + reference.signing_input("entry", INSTALLATION, e)).digest()
        for e in (first, second)
    ]
    chain = bytes(32)
    for leaf in leaves:
        chain = hashlib.sha256(b"\2" + chain + leaf).digest()
    given = {"installation": str(INSTALLATION), "entries": [first.hex(), second.hex()]}
    yield (
        "log-chain",
        accepted(
            "section 11", "log", given, {"leaves": [leaf.hex() for leaf in leaves], "chain": chain.hex()}
        ),
    )
    line = f"vouchsafe-head 1 3 {2**64 - 1} {chain.hex()}\n"
    yield (
        "head-line",
        accepted(
            "section 11", "head-line", {"line": line}, {"era": 3, "sequence": 2**64 - 1, "chain": chain.hex()}
        ),
    )


def reject_log() -> Named:
    digest = d("chain").hex()
    for name, line, fault in (
        ("without-end", f"vouchsafe-head 1 1 2 {digest}", "head-line"),
        ("with-leading-zero", f"vouchsafe-head 1 1 02 {digest}\n", "head-line"),
        ("with-other-digits", f"vouchsafe-head 1 1 ٢ {digest}\n", "head-line"),
        ("in-capitals", f"vouchsafe-head 1 1 2 {digest.upper()}\n", "head-line"),
        ("of-version-2", f"vouchsafe-head 2 1 2 {digest}\n", "head-line"),
        ("with-two-lines", f"vouchsafe-head 1 1 2 {digest}\n\n", "head-line"),
        ("out-of-range", f"vouchsafe-head 1 1 {2**64} {digest}\n", "uint-range"),
    ):
        yield f"head-line-{name}", refused("section 11", "head-line", {"line": line}, "Malformed", fault)


def _kept_shares() -> list[list[Any]]:
    def make() -> list[list[Any]]:
        return [
            [share.index, share.share.hex()] for share in sharing.split(CaseSecret(fixed("secret")), 2, 3)
        ]

    return list(_kept("shares", lambda vector: vector["given"]["all"], make))


def _combining(shares: list[list[Any]]) -> Json:
    return {"shares": shares, "commitment": reference.hkdf(fixed("secret"), b"", "share/commit").hex()}


def accept_shares() -> Named:
    shares = _kept_shares()
    given = _combining(shares[1:]) | {"all": shares}
    yield "shares", accepted("section 13: 2 of 3", "shares", given, fixed("secret").hex())


def reject_shares() -> Named:
    one, two, three = _kept_shares()
    for name, shares, error, fault in (
        ("too-few", [one], "Refused", "wrong-shares"),
        ("none", [], "Refused", "wrong-shares"),
        ("flipped", [one, [2, flipped(bytes.fromhex(two[1]), 0).hex()]], "Refused", "wrong-shares"),
        ("renumbered", [one, [2, three[1]]], "Refused", "wrong-shares"),
        ("doubled", [one, one], "Malformed", "doubled-share"),
        ("of-index-zero", [one, [0, fixed("secret").hex()]], "Malformed", "share-index"),
        ("of-index-256", [one, [256, two[1]]], "Malformed", "share-index"),
        ("cut", [one, [2, two[1][:-2]]], "Malformed", "share-length"),
    ):
        yield f"shares-{name}", refused("section 13", "shares", _combining(shares), error, fault)


ACCEPT = (
    accept_published,
    accept_derivation,
    accept_words,
    accept_objects,
    accept_signatures,
    accept_envelopes,
    accept_boxes,
    accept_streams,
    accept_tree_digests,
    accept_capsules,
    accept_log,
    accept_shares,
)
REJECT = (
    reject_derivation,
    reject_words,
    reject_objects,
    reject_signatures,
    reject_envelopes,
    reject_boxes,
    reject_streams,
    reject_cut_streams,
    reject_capsules,
    reject_log,
    reject_shares,
)


def build() -> dict[str, str]:
    """Every vector: its path under `vectors/`, and its text."""
    vectors: dict[str, str] = {}
    for folder, makers in (("accept", ACCEPT), ("reject", REJECT)):
        for maker in makers:
            for name, vector in maker():
                path = f"{folder}/{name}.json"
                assert path not in vectors, path
                vectors[path] = json.dumps(vector, indent=1) + "\n"
    return vectors


def main() -> None:
    for path, text in build().items():
        (VECTORS / path).write_text(text)


if __name__ == "__main__":
    main()
