"""Hypothesis strategies for objects, taken from their declared fields, and fixed things to seal with."""

from functools import singledispatch
from typing import Any
from uuid import UUID

from hypothesis import reject
from hypothesis import strategies as st

from app.crypto.context import Context
from app.crypto.fields import Identifier, Kind, Nested, Octets, Part, Series, Uint, Words
from app.crypto.keys import HpkeSeed, RecordKey, RootKey
from app.domain.errors import Malformed

from .samples import CONTEXT, INSTALLATION, KEY_ID, fixed

KEY = RecordKey(fixed("record key"))
ROOT = RootKey(fixed("root key"))
SEED = HpkeSeed(fixed("hpke seed"))
WHERE = Context(*CONTEXT)
ELSEWHERE = Context("statements", "title", WHERE.case, WHERE.record, WHERE.version)
PLACE = (WHERE, INSTALLATION)

__all__ = ["ELSEWHERE", "INSTALLATION", "KEY", "KEY_ID", "PLACE", "ROOT", "SEED", "WHERE", "flip", "parts"]

ids = st.binary(min_size=16, max_size=16).map(lambda data: UUID(bytes=data))


def flip(data: bytes, bit: int) -> bytes:
    """`data` with one bit turned over; `bit` is taken modulo their number."""
    changed = bytearray(data)
    position, offset = divmod(bit % (8 * len(data)), 8)
    changed[position] ^= 1 << offset
    return bytes(changed)


@st.composite
def parts(draw: st.DrawFn, made: type[Part]) -> Part:
    """An object or nested part with any values that its fields allow."""
    try:
        return made(**{name: draw(values_of(kind)) for name, kind in made._kinds})
    except Malformed:
        reject()  # two random items of one list share their name


@singledispatch
def values_of(kind: Kind) -> st.SearchStrategy[Any]:
    raise NotImplementedError(kind)


@values_of.register
def _(kind: Uint) -> st.SearchStrategy[int]:
    return st.integers(0, kind.maximum)


@values_of.register
def _(kind: Octets) -> st.SearchStrategy[bytes | None]:
    some = st.integers(0, 255).map(lambda byte: bytes([byte]) * kind.length)
    return st.none() | some if kind.optional else some


@values_of.register
def _(kind: Identifier) -> st.SearchStrategy[UUID | None]:
    return st.none() | ids if kind.optional else ids


@values_of.register
def _(kind: Words) -> st.SearchStrategy[str]:
    if kind.among:
        return st.sampled_from(sorted(kind.among))
    return st.text(st.characters(exclude_categories=["Cs"]), max_size=kind.longest // 4)


@values_of.register
def _(kind: Series) -> st.SearchStrategy[list[Any]]:
    return st.lists(values_of(kind.item), max_size=4)


@values_of.register
def _(kind: Nested) -> st.SearchStrategy[Part]:
    return parts(kind.part)
