"""Passwords, recovery codes, words on paper and shares among trustees."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.crypto import lock, sharing, words
from app.crypto.keys import CaseSecret, RootKey
from app.domain.errors import Malformed, Refused, UnreadableWords

CHEAP = lock.Argon2Cost(1, 64, 1)
ROOT = RootKey(bytes(32))
SALT = bytes(16)


def test_the_lock_opens_to_the_words_however_they_are_typed() -> None:
    key = lock.password_key(ROOT, "harbour lantern ﬁg", SALT, CHEAP)
    assert key == lock.password_key(ROOT, "  Harbour\tLANTERN  fig ", SALT, CHEAP)


def test_the_lock_depends_on_words_root_salt_and_cost() -> None:
    keys = [
        lock.password_key(ROOT, "harbour lantern", SALT, CHEAP),
        lock.password_key(ROOT, "harbour lanterns", SALT, CHEAP),
        lock.password_key(RootKey(b"\1" * 32), "harbour lantern", SALT, CHEAP),
        lock.password_key(ROOT, "harbour lantern", b"\1" * 16, CHEAP),
        lock.password_key(ROOT, "harbour lantern", SALT, lock.Argon2Cost(2, 64, 1)),
    ]
    assert len({key.reveal() for key in keys}) == len(keys)


def test_the_usual_cost_is_the_second_recommendation_of_rfc_9106() -> None:
    cost = lock.RFC9106_SECOND
    assert (cost.t, cost.m_kib, cost.p) == (3, 64 * 1024, 4)


@pytest.mark.parametrize(
    ("t", "m_kib", "p"), [(0, 64, 1), (65, 64, 1), (1, 7, 1), (1, 2**23, 1), (1, 64, 0), (1, 2**20, 65)]
)
def test_a_cost_without_bounds_is_refused(t: int, m_kib: int, p: int) -> None:
    with pytest.raises(Malformed, match="argon2-cost"):
        lock.Argon2Cost(t, m_kib, p)


def test_a_cost_below_the_floor_shows() -> None:
    floor = lock.Argon2Cost(2, 1024, 1)
    assert lock.RFC9106_SECOND.reaches(floor)
    assert floor.reaches(floor)
    assert not lock.Argon2Cost(1, 1024, 1).reaches(floor)
    assert not lock.Argon2Cost(2, 1023, 1).reaches(floor)


@given(st.text())
def test_normalising_twice_changes_nothing(typed: str) -> None:
    once = lock.normalise_words(typed)
    assert lock.normalise_words(once) == once


@given(st.binary(min_size=16, max_size=16) | st.binary(min_size=32, max_size=32))
def test_a_key_comes_back_from_its_words(key: bytes) -> None:
    assert words.from_words(words.to_words(key)) == key


@pytest.mark.parametrize("length", [0, 15, 20, 24, 28, 33])
def test_words_are_for_16_or_32_bytes(length: int) -> None:
    with pytest.raises(Malformed, match="key-length"):
        words.to_words(bytes(length))


def test_a_misread_word_is_told_by_its_place_and_never_shown() -> None:
    typed = words.to_words(bytes(range(16))).split()
    typed[6] = "lighthause"
    with pytest.raises(UnreadableWords) as caught:
        words.from_words(" ".join(typed))
    assert (caught.value.fault, caught.value.position) == ("unknown-word", 7)
    assert "lighthause" not in str(caught.value)


def test_swapped_words_fail_the_checksum() -> None:
    typed = words.to_words(bytes(range(32))).split()
    typed[0], typed[1] = typed[1], typed[0]
    with pytest.raises(UnreadableWords) as caught:
        words.from_words(" ".join(typed))
    assert (caught.value.fault, caught.value.position) == ("checksum", 0)


def test_a_proposed_password_has_seven_words_of_a_list_of_2048() -> None:
    proposals = [words.propose_password().split() for _ in range(200)]
    assert {len(proposal) for proposal in proposals} == {7}
    assert len({" ".join(proposal) for proposal in proposals}) == 200
    assert len({word for proposal in proposals for word in proposal}) > 900


@settings(deadline=None, max_examples=20)
@given(st.data())
def test_any_k_shares_bring_the_secret_back(data: st.DataObject) -> None:
    secret = CaseSecret.generate()
    n = data.draw(st.integers(1, 6))
    k = data.draw(st.integers(1, n))
    shares = sharing.split(secret, k, n)
    chosen = data.draw(st.permutations(shares))[:k]
    assert sharing.combine(chosen, sharing.commitment(secret)) == secret


def test_fewer_shares_give_nothing() -> None:
    secret = CaseSecret.generate()
    shares = sharing.split(secret, 3, 4)
    with pytest.raises(Refused, match="wrong-shares"):
        sharing.combine(shares[:2], sharing.commitment(secret))


def test_shares_of_two_splits_do_not_mix() -> None:
    secret = CaseSecret.generate()
    one, other = sharing.split(secret, 2, 2), sharing.split(secret, 2, 2)
    with pytest.raises(Refused, match="wrong-shares"):
        sharing.combine([one[0], other[1]], sharing.commitment(secret))


@pytest.mark.parametrize(("k", "n"), [(0, 3), (4, 3), (1, 0), (2, 256)])
def test_a_threshold_that_cannot_be_is_refused(k: int, n: int) -> None:
    with pytest.raises(Malformed, match="threshold"):
        sharing.split(CaseSecret.generate(), k, n)


def test_a_share_does_not_print() -> None:
    assert "SSSS" not in repr(sharing.Share(1, b"S" * 32))
