"""Envelopes, boxes and capsules open whole, in their place, for their key, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.crypto import envelope, hpke, objects, padding
from app.crypto.context import NIL
from app.crypto.keys import HpkeSeed, RecordKey
from app.domain.errors import CryptoError, Malformed, Refused, WrongKey

from .samples import CAPSULE, encode
from .strategies import ELSEWHERE, INSTALLATION, KEY, KEY_ID, PLACE, ROOT, SEED, flip, parts

BITS = st.integers(0, 2**40)
FLOORS = st.sampled_from([0, 256, 1024])
PUBLIC = hpke.public_of(SEED)
ENVELOPE = envelope.seal(KEY, KEY_ID, *PLACE, b"The well was dry by noon.")
BOX = hpke.seal_box(PUBLIC, KEY_ID.bytes, *PLACE, bytes(32))
TOKEN = objects.seal_capsule(ROOT, INSTALLATION, objects.Capsule.decode(encode(CAPSULE)))


@given(st.binary(max_size=5000), FLOORS)
def test_an_envelope_gives_its_content_back(content: bytes, floor: int) -> None:
    sealed = envelope.seal(KEY, KEY_ID, *PLACE, content, floor)
    assert envelope.open_(KEY, *PLACE, sealed, floor) == content
    assert envelope.key_id_of(sealed) == KEY_ID


@given(BITS)
def test_an_envelope_with_any_bit_flipped_is_refused(bit: int) -> None:
    with pytest.raises(CryptoError):
        envelope.open_(KEY, *PLACE, flip(ENVELOPE, bit))


@given(st.integers(0, len(ENVELOPE) - 1))
def test_an_envelope_cut_anywhere_is_refused(length: int) -> None:
    with pytest.raises(CryptoError):
        envelope.open_(KEY, *PLACE, ENVELOPE[:length])


def test_an_envelope_opens_in_its_place_only() -> None:
    with pytest.raises(Refused, match="wrong-context"):
        envelope.open_(KEY, ELSEWHERE, INSTALLATION, ENVELOPE)
    with pytest.raises(Refused, match="wrong-context"):
        envelope.open_(KEY, PLACE[0], NIL, ENVELOPE)


def test_an_envelope_says_when_the_key_is_another() -> None:
    with pytest.raises(WrongKey):
        envelope.open_(RecordKey.generate(), *PLACE, ENVELOPE)


def test_the_same_content_is_never_sealed_the_same() -> None:
    assert len({envelope.seal(KEY, KEY_ID, *PLACE, b"") for _ in range(64)}) == 64


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_short_contents_cannot_be_told_apart_by_length(one: int, other: int) -> None:
    sealed = [envelope.seal(KEY, KEY_ID, *PLACE, bytes(length)) for length in (one, other)]
    assert len(sealed[0]) == len(sealed[1])


def test_an_envelope_holds_64_mib_and_no_more() -> None:
    content = bytes(envelope.CONTENT_MAX)
    sealed = envelope.seal(KEY, KEY_ID, *PLACE, content)
    assert envelope.open_(KEY, *PLACE, sealed) == content
    with pytest.raises(Malformed, match="too-long"):
        envelope.seal(KEY, KEY_ID, *PLACE, content + b"\0")
    with pytest.raises(Malformed, match="too-long"):
        envelope.open_(KEY, *PLACE, sealed + b"\0")


@given(st.integers(2, 2**40))
def test_padding_costs_at_most_an_eighth(length: int) -> None:
    assert length <= padding.padme(length) <= length * 1.125
    assert padding.padme(padding.padme(length)) == padding.padme(length)


@given(st.binary(max_size=3000), FLOORS)
def test_padding_comes_off(content: bytes, floor: int) -> None:
    assert padding.unpad(padding.pad(content, floor), floor) == content


@given(st.binary(max_size=200))
def test_a_box_gives_its_plaintext_back(plaintext: bytes) -> None:
    box = hpke.seal_box(PUBLIC, KEY_ID.bytes, *PLACE, plaintext)
    assert hpke.open_box(SEED, KEY_ID.bytes, *PLACE, box) == plaintext
    assert len(box) == len(plaintext) + hpke.OVERHEAD
    assert hpke.recipient_of(box) == KEY_ID


@given(BITS)
def test_a_box_with_any_bit_flipped_is_refused(bit: int) -> None:
    with pytest.raises(CryptoError):
        hpke.open_box(SEED, KEY_ID.bytes, *PLACE, flip(BOX, bit))


def test_one_expanded_key_opens_many_boxes() -> None:
    private = hpke.HpkePrivate(SEED)
    assert [hpke.open_box(private, KEY_ID.bytes, *PLACE, BOX) for _ in range(2)] == [bytes(32)] * 2
    assert private.public == PUBLIC
    assert SEED.reveal().hex() not in repr(private)


def test_a_box_is_for_its_recipient_only() -> None:
    with pytest.raises(Refused, match="not-authentic"):
        hpke.open_box(HpkeSeed.generate(), KEY_ID.bytes, *PLACE, BOX)
    with pytest.raises(WrongKey, match="another-recipient"):
        hpke.open_box(SEED, bytes(16), *PLACE, BOX)


@pytest.mark.parametrize(
    "public",
    [b"", PUBLIC[:-1], PUBLIC + b"\0", b"\xff" * 1216, PUBLIC[:1184] + bytes(32)],
    ids=["nothing", "cut", "lengthened", "ml-kem-not-reduced", "x25519-of-small-order"],
)
def test_nothing_is_sealed_to_a_key_that_is_none(public: bytes) -> None:
    with pytest.raises(Malformed, match="bad-public-key"):
        hpke.seal_box(public, KEY_ID.bytes, *PLACE, bytes(32))


def test_nothing_is_sealed_to_a_recipient_of_another_length() -> None:
    with pytest.raises(Malformed, match="recipient-length"):
        hpke.seal_box(PUBLIC, bytes(32), *PLACE, bytes(32))


@given(parts(objects.Capsule))
def test_a_capsule_comes_back(capsule: objects.Capsule) -> None:
    assert (
        objects.open_capsule(ROOT, INSTALLATION, objects.seal_capsule(ROOT, INSTALLATION, capsule)) == capsule
    )


@given(BITS)
def test_a_capsule_with_any_bit_flipped_is_refused(bit: int) -> None:
    with pytest.raises(CryptoError):
        objects.open_capsule(ROOT, INSTALLATION, flip(TOKEN.encode(), bit).decode("latin-1"))


@given(st.text(max_size=400))
def test_a_capsule_that_somebody_made_up_is_refused(token: str) -> None:
    with pytest.raises(CryptoError):
        objects.open_capsule(ROOT, INSTALLATION, token)
