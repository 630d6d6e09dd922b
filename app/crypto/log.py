"""The log's entries, their hash chain, and the line of the head file (FORMAT section 11)."""

import hashlib
import re
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final
from uuid import UUID

from app.crypto.fields import (
    Digest,
    Number,
    Octets,
    OptionalDigest,
    OptionalId,
    Part,
    Text,
    Time,
    TypedPart,
    Words,
)
from app.domain.errors import Malformed

ZERO: Final = bytes(32)
"""The chain before the first entry."""

_HEAD_LINE: Final = re.compile(r"vouchsafe-head 1 (0|[1-9][0-9]{0,19}) (0|[1-9][0-9]{0,19}) ([0-9a-f]{64})\n")


@dataclass(frozen=True)
class Entry(TypedPart):
    """One act. `digest` names an object that it is about; `note` holds fixed words of ours, nobody else's."""

    TYPE: ClassVar = "entry"

    era: Number
    sequence: Number
    at: Time
    act: Text
    person: OptionalId
    case: OptionalId
    record: OptionalId
    field: Text
    version: Number
    digest: OptionalDigest
    session_tag: Annotated[bytes | None, Octets(8, optional=True)]
    note: Annotated[str, Words(longest=120)]


@dataclass(frozen=True)
class HeadMark(Part):
    """A place in the log and the chain hash there."""

    era: Number
    sequence: Number
    chain: Digest


def leaf(installation: UUID, entry: Entry) -> bytes:
    """A leaf hash as in RFC 6962, so that a Merkle tree can be built over the same entries."""
    return hashlib.sha256(b"\x00" + entry.signing_input(installation)).digest()


def chain(previous: bytes, leaf: bytes) -> bytes:
    """The chain hash after one more leaf."""
    return hashlib.sha256(b"\x02" + previous + leaf).digest()


def format_head_line(mark: HeadMark) -> str:
    """The head file's only line, with its line end."""
    return f"vouchsafe-head 1 {mark.era} {mark.sequence} {mark.chain.hex()}\n"


def parse_head_line(line: str) -> HeadMark:
    """Raises Malformed for anything that `format_head_line` does not write."""
    match = _HEAD_LINE.fullmatch(line)
    if match is None:
        raise Malformed("head-line")
    return HeadMark(int(match[1]), int(match[2]), bytes.fromhex(match[3]))
