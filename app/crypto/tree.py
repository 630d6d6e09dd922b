"""The digest of a sealed segment over blocks, which a browser and a server can both make (FORMAT section 8)."""

import hashlib
from collections.abc import Iterable
from typing import Final

BLOCK: Final = 8_388_608
"""Ciphertext bytes in every block but the last."""
DIGEST_LENGTH: Final = 32

_PREFIX: Final = b"\x03"


class TreeDigest:
    """Takes bytes in pieces of any size; `digest` is of what it has taken so far."""

    def __init__(self) -> None:
        self._tree = hashlib.sha256(_PREFIX)
        self._block = hashlib.sha256()
        self._filled = 0

    def update(self, data: bytes | bytearray | memoryview) -> None:
        rest = memoryview(data).cast("B")
        while rest:
            taken = rest[: BLOCK - self._filled]
            self._block.update(taken)
            self._filled += len(taken)
            rest = rest[len(taken) :]
            if self._filled == BLOCK:
                self._end_block()

    def digest(self) -> bytes:
        """32 bytes."""
        tree = self._tree.copy()
        if self._filled:
            tree.update(self._block.digest())
        return tree.digest()

    def _end_block(self) -> None:
        self._tree.update(self._block.digest())
        self._block, self._filled = hashlib.sha256(), 0


def tree_digest(data: bytes | bytearray | memoryview) -> bytes:
    """The tree digest of bytes that are all at hand."""
    tree = TreeDigest()
    tree.update(data)
    return tree.digest()


def digest_of_blocks(digests: Iterable[bytes]) -> bytes:
    """The tree digest from the SHA-256 of each block, in order, as a server keeps them between requests."""
    return hashlib.sha256(_PREFIX + b"".join(digests)).digest()
