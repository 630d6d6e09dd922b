"""One object of every type, with the fields in the order of FORMAT.md, for the vectors."""

import hashlib
from uuid import UUID

from . import reference
from .reference import Plain, by_bytes, canonical

Fields = dict[str, Plain]


def fixed(label: str, length: int = 32) -> bytes:
    return hashlib.shake_256(b"vouchsafe vectors: " + label.encode()).digest(length)


def fixed_id(label: str) -> UUID:
    return UUID(bytes=fixed(label, 16))


INSTALLATION = fixed_id("installation")
ELSEWHERE = fixed_id("another installation")
CASE = fixed_id("case")
RECORD = fixed_id("record")
KEY_ID = fixed_id("key")
CONTEXT = ("statements", "body", CASE, RECORD, 3)
CONTEXT_DIGEST = reference.digest("context", INSTALLATION, canonical(*CONTEXT))
CARD_A, CARD_B, CARD_C = (fixed(f"card {name}") for name in "abc")
ISSUED = 1_900_000_000
HPKE_A, HPKE_B = fixed("hpke public a", 1216), fixed("hpke public b", 1216)


def d(label: str) -> bytes:
    return fixed(f"digest of {label}")


def i(label: str) -> UUID:
    return fixed_id(f"id of {label}")


MEMBERS = by_bytes([(CARD_A, by_bytes(["lead", "reviewer"])), (CARD_B, ["interviewer"]), (CARD_C, [])])
INTAKE = by_bytes([("case", i("intake"), HPKE_A), ("identity", i("identity intake"), HPKE_B)])
MARKS = by_bytes([(CASE, 1, 4, d("roster")), (i("another case"), 1, 2, d("another roster"))])
FILES = by_bytes([("index.html", d("index"), 1200), ("a/story.html", d("story"), 88)])
ROSTER: Fields = {
    "case": CASE,
    "era": 1,
    "number": 4,
    "epoch": 2,
    "identity_epoch": 1,
    "identity_epoch_pending": 1,
    "previous": d("previous roster"),
    "policy": d("policy"),
    "charter": d("charter"),
    "members": MEMBERS,
    "intake_keys": INTAKE,
    "signer": CARD_A,
    "issued": ISSUED,
}
VOUCH: Fields = {"voucher": CARD_A, "card": CARD_B, "manner": "call", "issued": ISSUED}
ENTRY: Fields = {
    "era": 1,
    "sequence": 2,
    "at": ISSUED,
    "act": "statement.opened",
    "person": i("person"),
    "case": CASE,
    "record": RECORD,
    "field": "",
    "version": 0,
    "digest": None,
    "session_tag": fixed("session", 8),
    "note": "",
}
CAPSULE: Fields = {
    "person": i("person"),
    "card": CARD_A,
    "case": CASE,
    "roster": d("roster"),
    "statement_key": i("intake"),
    "identity_key": i("identity intake"),
    "submission": i("submission"),
    "part": 2,
    "previous": d("part 1"),
    "issued": ISSUED,
}
OBJECTS: dict[str, Fields] = {
    "context": dict(zip(("table", "field", "case", "record", "version"), CONTEXT, strict=True)),
    "policy": {
        "number": 2,
        "previous": d("previous policy"),
        "k": 2,
        "trustees": by_bytes([(i("trustee 1"), HPKE_A), (i("trustee 2"), HPKE_B)]),
        "switches": by_bytes(["own-passwords", "four-eyes"]),
        "issued": ISSUED,
    },
    "certificate": {"kind": "lead", "subject": CARD_A, "issued": ISSUED},
    "card": {
        "person": i("person"),
        "name_hash": d("name"),
        "hpke_public": HPKE_A,
        "signing_public": d("ed25519"),
        "number": 1,
        "previous": None,
        "issued": ISSUED,
    },
    "vouch": VOUCH,
    "charter": {"case": CASE, "lead": CARD_A, "policy": d("policy"), "issued": ISSUED},
    "proposal": {
        "id": i("proposal"),
        "act": "recovery",
        "subject": CASE,
        "detail": "identity",
        "receiver": CARD_B,
        "proposer": CARD_A,
        "issued": ISSUED,
    },
    "seconding": {"proposal": d("proposal"), "seconder": CARD_B, "issued": ISSUED},
    "roster": ROSTER,
    "grant": {
        "kind": "identity",
        "case": CASE,
        "epoch": 2,
        "roster": d("roster"),
        "grantor": CARD_A,
        "member": CARD_B,
        "ciphertext": d("ciphertext"),
        "issued": ISSUED,
    },
    "worker": {"worker": i("worker"), "public": HPKE_A, "issued": ISSUED},
    "order": {
        "job": i("job"),
        "case": CASE,
        "asset": i("asset"),
        "kind": "rebuild",
        "secret": fixed("job secret"),
        "digest_key": fixed("digest key"),
        "segments": [
            (1, i("asset"), KEY_ID, fixed("file key"), 1, 262_144),
            (2, i("second blob"), i("second key"), fixed("second file key"), 0, 17),
        ],
        "issued": ISSUED,
    },
    "issue": {"job": i("job"), "kind": "rebuild", "secret": fixed("job secret")},
    "version": {
        "table": "statements",
        "field": "body",
        "case": CASE,
        "record": RECORD,
        "version": 1,
        "key_id": KEY_ID,
        "ciphertext": d("ciphertext"),
        "previous": None,
        "author": CARD_A,
        "issued": ISSUED,
    },
    "manifest": {
        "case": CASE,
        "statement": RECORD,
        "roster": d("roster"),
        "statement_key": i("intake"),
        "identity_key": i("identity intake"),
        "author": CARD_A,
        "parts": [("body", 2, d("second"), 30), ("body", 1, d("first"), 20)],
        "files": [(i("asset"), KEY_ID, d("header"), d("whole"), 2**40)],
        "inner": d("inner"),
        "client": None,
        "finished": ISSUED,
    },
    "receipt": {"statement": RECORD, "manifest": d("manifest"), "received": ISSUED, "era": 1, "position": 9},
    "head": {"era": 1, "sequence": 9, "chain": d("chain"), "at": ISSUED},
    "introduction": {
        "anchor": d("anchor"),
        "card": CARD_B,
        "voucher": CARD_A,
        "policy": d("policy"),
        "era": 1,
        "sequence": 9,
        "chain": d("chain"),
        "rosters": MARKS,
        "issued": ISSUED,
    },
    "approval": {
        "story": i("story"),
        "kind": "protection",
        "bundle": d("bundle"),
        "gate_report": d("gate"),
        "consents": by_bytes([(RECORD, d("consent")), (i("another statement"), d("another consent"))]),
        "approver": CARD_B,
        "issued": ISSUED,
    },
    "release": {
        "public_id": "the-well",
        "story": reference.digest("story", INSTALLATION, canonical(i("story"))),
        "era": 1,
        "files": FILES,
        "approvals": by_bytes([d("approval 1"), d("approval 2")]),
        "consents": [d("consent")],
        "gate_report": d("gate"),
        "published_day": 22_000,
    },
    "site": {
        "number": 3,
        "demo": 0,
        "releases": by_bytes([("the-well", d("release")), ("a-road", d("other release"))]),
        "files": FILES,
        "withdrawn": ["the-ferry"],
        "day": 22_000,
    },
    "book": {
        "anchor": d("anchor"),
        "policy_number": 2,
        "policy": d("policy"),
        "cards": by_bytes([(i("person"), CARD_A), (i("another person"), CARD_B)]),
        "rosters": MARKS,
        "intake_keys": [(CASE, "case", i("intake"), HPKE_A)],
        "era": 1,
        "sequence": 9,
        "chain": d("chain"),
        "verified": by_bytes([d("one"), d("two"), d("three")]),
    },
    "capsule": CAPSULE,
    "share": {
        "kind": "case",
        "case": CASE,
        "epoch": 2,
        "index": 1,
        "k": 2,
        "share": d("share"),
        "commitment": d("commitment"),
    },
    "tip": {"record": RECORD, "field": "body", "version": 3, "version_digest": d("version"), "sequence": 9},
    "entry": ENTRY,
}


def encode(fields: Fields) -> bytes:
    return canonical(*fields.values())


def changed(fields: Fields, **changes: Plain) -> bytes:
    return encode(fields | changes)
