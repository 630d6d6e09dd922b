"""The tree digest does not depend on the pieces it was made from, and does on every byte."""

import hashlib
from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from app.crypto.tree import BLOCK, TreeDigest, digest_of_blocks, tree_digest

from .reference import pattern
from .strategies import flip

DATA = pattern(0, 2 * BLOCK + 77)
WHOLE = tree_digest(DATA)


def of_pieces(sizes: Iterator[int]) -> bytes:
    tree, offset = TreeDigest(), 0
    for size in sizes:
        tree.update(memoryview(DATA)[offset : offset + size])
        offset += size
    tree.update(DATA[offset:])
    return tree.digest()


@settings(deadline=None, max_examples=15)
@given(st.lists(st.integers(0, BLOCK + 1), max_size=6))
def test_the_size_of_the_pieces_does_not_matter(sizes: list[int]) -> None:
    assert of_pieces(iter(sizes)) == WHOLE


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 2**40))
def test_every_bit_matters(bit: int) -> None:
    assert tree_digest(flip(DATA, bit)) != WHOLE


def test_looking_at_it_does_not_end_it() -> None:
    tree = TreeDigest()
    tree.update(DATA[:100])
    assert tree.digest() == tree_digest(DATA[:100])
    tree.update(DATA[100:])
    assert tree.digest() == WHOLE


def test_blocks_hashed_elsewhere_give_the_same() -> None:
    blocks = (DATA[at : at + BLOCK] for at in range(0, len(DATA), BLOCK))
    assert digest_of_blocks(hashlib.sha256(block).digest() for block in blocks) == WHOLE


def test_one_block_is_not_taken_for_its_own_digest() -> None:
    assert tree_digest(DATA[:BLOCK]) != hashlib.sha256(DATA[:BLOCK]).digest()
