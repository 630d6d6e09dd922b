"""Keys under which a signature would fit many messages are refused, all of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.crypto import signing
from app.crypto.keys import SigningSeed
from app.domain.errors import Refused

from .strategies import flip

P = 2**255 - 19
D = -121665 * pow(121666, -1, P)
SEED = SigningSeed(bytes(range(32)))
SIGNATURE = signing.sign_bytes(SEED, b"message")


def test_the_small_orders_are_those_of_the_curve() -> None:
    """Orders 1, 2, 4 have y = 1, -1, 0; doubling order 8 gives y = 0, so that d y^4 + 2 y^2 = 1."""
    of_order_8 = {y for y in signing._SMALL_ORDER if (D * pow(y, 4, P) + 2 * y * y - 1) % P == 0}
    assert len(of_order_8) == 2
    assert {0, 1, P - 1} | of_order_8 == set(signing._SMALL_ORDER)


@pytest.mark.parametrize("sign", [0, 1])
@pytest.mark.parametrize("y", sorted(signing._SMALL_ORDER))
def test_it_refuses_a_key_of_small_order(y: int, sign: int) -> None:
    public = (y | sign << 255).to_bytes(32, "little")
    with pytest.raises(Refused, match="small-order-key"):
        signing.verify_bytes(public, public + bytes(32), b"any message")


@pytest.mark.parametrize("sign", [0, 1])
@pytest.mark.parametrize("above", range(19))
def test_it_refuses_a_key_that_is_written_in_a_second_way(above: int, sign: int) -> None:
    public = (P + above | sign << 255).to_bytes(32, "little")
    with pytest.raises(Refused, match="non-canonical-key"):
        signing.verify_bytes(public, bytes(64), b"any message")


@given(st.integers(0, 511))
def test_a_signature_with_any_bit_flipped_is_refused(bit: int) -> None:
    with pytest.raises(Refused, match="bad-signature"):
        signing.verify_bytes(signing.public_of(SEED), flip(SIGNATURE, bit), b"message")


@given(st.integers(0, 255))
def test_a_signature_is_refused_under_any_other_key(bit: int) -> None:
    with pytest.raises(Refused):
        signing.verify_bytes(flip(signing.public_of(SEED), bit), SIGNATURE, b"message")


@given(st.binary(max_size=200))
def test_bytes_that_are_no_signature_are_refused(signature: bytes) -> None:
    with pytest.raises(Refused, match="bad-signature"):
        signing.verify_bytes(signing.public_of(SEED), signature, b"message")


def test_a_ciphertext_is_named_by_the_digest_of_its_stored_bytes() -> None:
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert signing.ciphertext_digest(b"abc").hex() == expected
