"""Hides how long a sealed content is (FORMAT section 5)."""

from typing import Final

from app.domain.errors import Refused

FLOOR: Final = 1024
LIST_LINE_FLOOR: Final = 256
NO_PADDING: Final = 0

_PREFIX: Final = 4


def pad(content: bytes, floor: int = FLOOR) -> bytes:
    """u32 length || content || zeros, `padded_length` bytes."""
    return (len(content).to_bytes(_PREFIX) + content).ljust(padded_length(len(content), floor), b"\x00")


def unpad(padded: bytes, floor: int = FLOOR) -> bytes:
    """The content. Raises Refused where length, size or zeros are not as `pad` leaves them."""
    length = int.from_bytes(padded[:_PREFIX])
    if len(padded) < _PREFIX or len(padded) != padded_length(length, floor):
        raise Refused("padding-length")
    if any(padded[_PREFIX + length :]):
        raise Refused("nonzero-padding")
    return padded[_PREFIX : _PREFIX + length]


def padded_length(length: int, floor: int = FLOOR) -> int:
    """Bytes that `length` bytes of content take: the floor or more, Padme above it; floor 0 pads nothing."""
    needed = length + _PREFIX
    return max(floor, padme(needed)) if floor else needed


def padme(length: int) -> int:
    """`length` rounded up, by 12 % at most, so that it tells O(log log length) bits. `length` >= 2.

    Padme: Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication
    with PURBs", PETS 2019.
    """
    exponent = length.bit_length() - 1
    zeros = exponent - exponent.bit_length()
    return -(-length >> zeros) << zeros
