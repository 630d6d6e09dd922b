"""Keys keep to themselves."""

import copy
import pickle
from collections.abc import Callable

import pytest

from app.crypto.keys import CaseSecret, CookieSecret, PersonSeeds, RecordKey, RootKey, SecretKey, derive
from app.domain.errors import Malformed

KINDS = [SecretKey, *SecretKey.__subclasses__()]


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_does_not_print(kind: type[SecretKey]) -> None:
    key = kind(b"K" * 32)
    for shown in (repr(key), str(key), f"{key}", repr([key]), repr(PersonSeeds.generate())):
        assert "KK" not in shown
        assert "4b4b" not in shown.lower()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("leave", [pickle.dumps, copy.copy, copy.deepcopy, hash, vars, bytes])
def test_a_key_neither_pickles_nor_copies_nor_hashes(
    kind: type[SecretKey], leave: Callable[[SecretKey], object]
) -> None:
    with pytest.raises(TypeError):
        leave(kind.generate())


def test_person_seeds_do_not_pickle() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(PersonSeeds.generate())


@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(Malformed, match="key-length"):
        RecordKey(bytes(length))


def test_keys_are_equal_by_kind_and_bytes() -> None:
    assert RootKey(bytes(32)) == RootKey(bytes(32))
    assert RootKey(bytes(32)) != RootKey(bytes(31) + b"\1")
    assert RootKey(bytes(32)) != RecordKey(bytes(32))
    assert RootKey(bytes(32)) != bytes(32)


def test_keys_are_drawn_anew() -> None:
    assert len({CookieSecret.generate().reveal() for _ in range(64)}) == 64


def test_person_seeds_come_back_from_their_bytes() -> None:
    seeds = PersonSeeds.generate()
    assert PersonSeeds.from_bytes(seeds.reveal()) == seeds
    assert seeds.reveal() == seeds.hpke.reveal() + seeds.signing.reveal()


@pytest.mark.parametrize("length", [0, 63, 65])
def test_person_seeds_of_another_length_are_refused(length: int) -> None:
    with pytest.raises(Malformed, match="key-length"):
        PersonSeeds.from_bytes(bytes(length))


def test_every_label_and_salt_gives_another_key() -> None:
    key = CaseSecret(bytes(32))
    derived = [
        derive(key, "wrap"),
        derive(key, "share/commit"),
        derive(key, "wrap", b"salt"),
        derive(key, "wra", b"psalt"),
    ]
    assert len({made.reveal() for made in derived}) == len(derived)
