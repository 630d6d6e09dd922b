"""Frozen dataclasses to plain JSON values and back; what is missing, strange or mistyped is refused."""

import dataclasses
import json
import types
from datetime import date
from enum import StrEnum
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints
from uuid import UUID

from app.domain.errors import InvalidInput

Plain = None | bool | int | str | list["Plain"] | dict[str, "Plain"]

T = TypeVar("T")


def to_plain(record: object) -> dict[str, Plain]:
    """A dataclass as JSON values, every field present; ids and dates as text."""
    plain = _plain(record)
    assert isinstance(plain, dict)
    return plain


def canonical_json(plain: Plain) -> bytes:
    """One spelling per value: sorted keys, no spaces, UTF-8."""
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def from_plain(kind: type[T], plain: object) -> T:
    """The inverse of `to_plain`; InvalidInput names the first field that is wrong."""
    return cast("T", _read(kind, plain, kind.__name__.lower()))


def _plain(value: object) -> Plain:
    if dataclasses.is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    assert value is None or isinstance(value, bool | int | str)
    return value


def _read(kind: Any, plain: object, path: str) -> object:
    """`kind` is whatever a field's annotation says; the types are those that our records use."""
    kind = getattr(kind, "__supertype__", kind)
    if dataclasses.is_dataclass(kind):
        return _read_record(kind, plain, path)
    origin = get_origin(kind)
    if origin is tuple:
        return _read_list(get_args(kind)[0], plain, path)
    if origin is Literal:
        return _expect(plain in get_args(kind), plain, path)
    if origin in {Union, types.UnionType}:
        (inner,) = (arm for arm in get_args(kind) if arm is not types.NoneType)
        return None if plain is None else _read(inner, plain, path)
    return _read_value(kind, plain, path)


def _read_record(kind: Any, plain: object, path: str) -> object:
    hints = get_type_hints(kind)
    if not isinstance(plain, dict) or plain.keys() != hints.keys():
        raise InvalidInput({path: "wrong-fields"})
    return kind(**{name: _read(hint, plain[name], f"{path}.{name}") for name, hint in hints.items()})


def _read_list(kind: Any, plain: object, path: str) -> tuple[object, ...]:
    if not isinstance(plain, list):
        raise InvalidInput({path: "not-a-list"})
    return tuple(_read(kind, item, f"{path}[{i}]") for i, item in enumerate(plain))


def _read_value(kind: Any, plain: object, path: str) -> object:
    if kind in {bool, int, str}:
        return _expect(type(plain) is kind, plain, path)
    if not isinstance(plain, str):
        raise InvalidInput({path: "wrong-type"})
    try:
        return _from_text(kind, plain)
    except ValueError as bad:
        raise InvalidInput({path: "wrong-value"}) from bad


def _from_text(kind: Any, text: str) -> object:
    """An id, a date or a member of an enum; only the one spelling that `to_plain` gives."""
    value: object = date.fromisoformat(text) if kind is date else kind(text)
    if _plain(value) != text:
        raise ValueError(text)
    return value


def _expect(holds: bool, plain: object, path: str) -> object:
    if not holds:
        raise InvalidInput({path: "wrong-type"})
    return plain
