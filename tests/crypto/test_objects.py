"""One object, one encoding, one digest."""

import contextlib
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.crypto import objects
from app.crypto.canonical import Reader, Writer
from app.crypto.fields import CanonicalObject, Part, TypedPart
from app.crypto.keys import RootKey, SigningSeed
from app.crypto.signing import public_of
from app.domain.errors import Malformed, Refused

from .samples import CARD_A, CARD_B, INSTALLATION, OBJECTS, ROSTER, encode
from .strategies import flip, parts
from .test_vectors import TYPES

ANY_TYPE = st.sampled_from(sorted(TYPES)).map(TYPES.__getitem__)
SEED = SigningSeed(bytes(range(32)))
DUTIES = ("lead", "reviewer", "custodian", "publisher")
VOUCH = objects.Vouch(CARD_A, CARD_B, "face-to-face", 1)


@settings(deadline=None)
@given(st.data())
def test_an_object_comes_back_from_its_bytes(data: st.DataObject) -> None:
    made: Any = data.draw(ANY_TYPE.flatmap(parts))
    assert type(made).decode(made.encode()) == made


@settings(deadline=None)
@given(st.sampled_from(sorted(TYPES)), st.integers(0, 2**30))
def test_other_bytes_are_another_object_or_none(type_: str, bit: int) -> None:
    encoded = encode(OBJECTS[type_])
    altered = flip(encoded, bit)
    try:
        decoded = TYPES[type_].decode(altered)
    except Malformed:
        return
    assert decoded != TYPES[type_].decode(encoded)
    assert decoded.encode() == altered


@given(ANY_TYPE, st.binary(max_size=200))
def test_what_somebody_made_up_is_refused_or_canonical(made: type[TypedPart], data: bytes) -> None:
    with contextlib.suppress(Malformed):
        assert made.decode(data).encode() == data


@given(st.permutations(["lead", "reviewer", "custodian", "publisher"]))
def test_the_order_of_duties_means_nothing(duties: list[str]) -> None:
    roster = objects.Roster.decode(encode(ROSTER))
    in_order, shuffled = objects.Member(CARD_A, DUTIES), objects.Member(CARD_A, tuple(duties))
    assert replace(roster, members=(shuffled,)).encode() == replace(roster, members=(in_order,)).encode()


def test_a_signature_holds_for_its_object_type_and_installation() -> None:
    signature = objects.sign_object(SEED, INSTALLATION, VOUCH)
    objects.verify_object(public_of(SEED), signature, INSTALLATION, VOUCH)
    for installation, signed in ((UUID(int=1), VOUCH), (INSTALLATION, replace(VOUCH, issued=2))):
        with pytest.raises(Refused, match="bad-signature"):
            objects.verify_object(public_of(SEED), signature, installation, signed)


def test_a_tip_is_authenticated_under_the_root_key() -> None:
    tip = objects.Tip.decode(encode(OBJECTS["tip"]))
    root = RootKey(bytes(32))
    macs = {
        objects.tip_mac(root, INSTALLATION, tip),
        objects.tip_mac(root, INSTALLATION, replace(tip, version=tip.version - 1)),
        objects.tip_mac(root, UUID(int=1), tip),
        objects.tip_mac(RootKey(bytes([1] * 32)), INSTALLATION, tip),
    }
    assert len(macs) == 4


def test_a_name_is_hashed_in_one_form_under_a_salt_of_one_length() -> None:
    assert objects.name_hash(bytes(16), "Zoe\u0308") == objects.name_hash(bytes(16), "Zoë")
    assert objects.name_hash(bytes(16), "Zoe") != objects.name_hash(b"\1" * 16, "Zoe")
    with pytest.raises(Malformed, match="salt-length"):
        objects.name_hash(bytes(16) + b"Z", "oe")
    with pytest.raises(Malformed, match="bad-utf8"):
        objects.name_hash(bytes(16), "\ud800")


def test_a_story_is_named_by_a_digest_of_its_own_type() -> None:
    story = UUID(bytes=OBJECTS["approval"]["story"].bytes)  # type: ignore[union-attr]
    assert objects.story_digest(INSTALLATION, story) == OBJECTS["release"]["story"]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"voucher": b"short"}, "octets-length"),
        ({"voucher": None}, "octets-length"),
        ({"manner": "by letter"}, "unknown-word"),
        ({"issued": -1}, "uint-range"),
        ({"issued": 2**64}, "uint-range"),
    ],
)
def test_an_object_is_not_made_of_values_that_do_not_fit(changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(Malformed, match=fault):
        replace(VOUCH, **changes)


def test_a_list_takes_its_own_kind_of_items_only() -> None:
    mark = objects.CardMark(UUID(int=1), CARD_A)
    book = objects.TrustBook.decode(encode(OBJECTS["book"]))
    with pytest.raises(Malformed, match="unexpected-part"):
        replace(book, rosters=(mark,))  # type: ignore[arg-type]


def test_an_id_that_must_be_there_is_not_left_out() -> None:
    with pytest.raises(Malformed, match="id-missing"):
        objects.CardMark(None, CARD_A)  # type: ignore[arg-type]


def test_a_book_keeps_both_rosters_of_a_fork() -> None:
    book = objects.TrustBook.decode(encode(OBJECTS["book"]))
    one = book.rosters[0]
    fork = (one, replace(one, digest=bytes(32)))
    assert len(objects.TrustBook.decode(replace(book, rosters=fork).encode()).rosters) == 2


def test_a_field_without_a_kind_is_a_mistake_in_the_class() -> None:
    with pytest.raises(TypeError, match="names no kind of field"):

        @dataclass(frozen=True)
        class Careless(Part):
            number: int


def test_the_writer_refuses_what_has_no_bytes() -> None:
    with pytest.raises(Malformed, match="uint-range"):
        Writer().uint(2**64)
    with pytest.raises(Malformed, match="too-long"):
        Writer().count(2**32)
    with pytest.raises(Malformed, match="bad-utf8"):
        Writer().text("\udfff")


def test_the_reader_takes_what_the_writer_put() -> None:
    written = Writer().uint(7).text("Լույս").id(INSTALLATION).octets(b"").done()
    reader = Reader(written)
    assert (reader.uint(), reader.text(), reader.id(), reader.octets()) == (7, "Լույս", INSTALLATION, b"")
    reader.end()
    with pytest.raises(Malformed, match="id-length"):
        Reader(Writer().octets(bytes(15)).done()).id()


def test_every_type_has_a_name_of_its_own() -> None:
    names = [made.TYPE for made in CanonicalObject.__subclasses__()]
    assert len(set(names)) == len(names)
