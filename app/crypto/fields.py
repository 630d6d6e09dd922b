"""Kinds of fields of canonical objects, written as annotations: a class reads like its row in FORMAT.md."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, ClassVar, Protocol, Self, get_args, get_origin, get_type_hints
from uuid import UUID

from app.crypto.canonical import ID_LENGTH, UINT_MAX, Reader, Writer, utf8
from app.crypto.signing import object_digest, signing_input
from app.domain.errors import Malformed


class Kind(Protocol):
    """How one field is checked, written and read; each method raises Malformed for what does not fit."""

    def checked(self, value: Any) -> Any:
        """The value in its one form (a sorted list is sorted here)."""

    def write(self, value: Any, writer: Writer) -> None: ...

    def read(self, reader: Reader) -> Any: ...


@dataclass(frozen=True)
class Uint:
    maximum: int = UINT_MAX

    def checked(self, value: int) -> int:
        if not 0 <= value <= self.maximum:
            raise Malformed("uint-range")
        return int(value)

    def write(self, value: int, writer: Writer) -> None:
        writer.uint(value)

    def read(self, reader: Reader) -> int:
        return reader.uint()


@dataclass(frozen=True)
class Octets:
    """Bytes of one fixed length; `optional` ones may be None, which is written as no bytes."""

    length: int
    optional: bool = False

    def checked(self, value: bytes | None) -> bytes | None:
        if value is None and self.optional:
            return None
        if value is None or len(value) != self.length:
            raise Malformed("octets-length")
        return bytes(value)

    def write(self, value: bytes | None, writer: Writer) -> None:
        writer.octets(value or b"")

    def read(self, reader: Reader) -> bytes | None:
        value = reader.octets()
        return None if self.optional and not value else value


@dataclass(frozen=True)
class Identifier:
    """An id; `optional` ones may be None, which is written as no bytes."""

    optional: bool = False

    def checked(self, value: UUID | None) -> UUID | None:
        if value is None and not self.optional:
            raise Malformed("id-missing")
        return value

    def write(self, value: UUID | None, writer: Writer) -> None:
        writer.octets(value.bytes if value else b"")

    def read(self, reader: Reader) -> UUID | None:
        value = Octets(ID_LENGTH, self.optional).checked(reader.octets() or None)
        return UUID(bytes=value) if value else None


@dataclass(frozen=True)
class Words:
    """Text: one of `among` where that is given, at most `longest` bytes."""

    among: frozenset[str] = frozenset()
    longest: int = 1024

    def checked(self, value: str) -> str:
        if self.among and value not in self.among:
            raise Malformed("unknown-word")
        if len(utf8(value)) > self.longest:
            raise Malformed("text-length")
        return str(value)

    def write(self, value: str, writer: Writer) -> None:
        writer.text(value)

    def read(self, reader: Reader) -> str:
        return reader.text()


@dataclass(frozen=True)
class Series:
    """A list in an order that has a meaning."""

    item: Kind

    def checked(self, value: Iterable[Any]) -> tuple[Any, ...]:
        return tuple(self.item.checked(item) for item in value)

    def write(self, value: tuple[Any, ...], writer: Writer) -> None:
        writer.count(len(value))
        for item in value:
            self.item.write(item, writer)

    def read(self, reader: Reader) -> tuple[Any, ...]:
        return tuple(self.item.read(reader) for _ in range(reader.count()))


@dataclass(frozen=True)
class Sorted(Series):
    """A list whose order means nothing: sorted by its items' bytes, no two alike (in what `alone` takes)."""

    alone: Callable[[Any], Hashable] | None = None

    def checked(self, value: Iterable[Any]) -> tuple[Any, ...]:
        items = super().checked(value)
        if len({self._identity(item) for item in items}) != len(items):
            raise Malformed("doubled-item")
        return tuple(sorted(items, key=self._encoded))

    def _identity(self, item: Any) -> Hashable:
        return self.alone(item) if self.alone else self._encoded(item)

    def _encoded(self, item: Any) -> bytes:
        writer = Writer()
        self.item.write(item, writer)
        return writer.done()


@dataclass(frozen=True)
class Nested:
    """Fields that belong together inside a list."""

    part: type["Part"]

    def checked(self, value: "Part") -> "Part":
        if type(value) is not self.part:
            raise Malformed("unexpected-part")
        return value

    def write(self, value: "Part", writer: Writer) -> None:
        value.write(writer)

    def read(self, reader: Reader) -> "Part":
        return self.part.read(reader)


def _is_class_variable(hint: Any) -> bool:
    return ClassVar in (hint, get_origin(hint))


def _kind_of(hint: Any) -> Kind:
    if get_origin(hint) is not Annotated:
        raise TypeError(f"{hint} names no kind of field")
    kind: Kind = get_args(hint)[1]
    return kind


@dataclass(frozen=True)
class Part:
    """Base of everything made of annotated fields, which are checked when it is made."""

    _kinds: ClassVar[tuple[tuple[str, Kind], ...]]

    def __init_subclass__(cls) -> None:
        hints = get_type_hints(cls, include_extras=True)
        cls._kinds = tuple(
            (name, _kind_of(hint)) for name, hint in hints.items() if not _is_class_variable(hint)
        )

    def __post_init__(self) -> None:
        for name, kind in self._kinds:
            object.__setattr__(self, name, kind.checked(getattr(self, name)))

    def write(self, writer: Writer) -> None:
        for name, kind in self._kinds:
            kind.write(getattr(self, name), writer)

    @classmethod
    def read(cls, reader: Reader) -> Self:
        return cls(**{name: kind.read(reader) for name, kind in cls._kinds})


@dataclass(frozen=True)
class TypedPart(Part):
    """A thing with a type of its own, that stands alone as canonical bytes."""

    TYPE: ClassVar[str]

    def encode(self) -> bytes:
        return self._canonical

    @cached_property
    def _canonical(self) -> bytes:
        writer = Writer()
        self.write(writer)
        return writer.done()

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """The object that `encode` wrote. Raises Malformed for anything else, however alike in meaning."""
        reader = Reader(data)
        decoded = cls.read(reader)
        reader.end()
        if decoded.encode() != data:
            raise Malformed("not-canonical")
        return decoded

    def signing_input(self, installation: UUID) -> bytes:
        """What signatures, digests and MACs of it are taken over (FORMAT section 2)."""
        return signing_input(self.TYPE, installation, self.encode())


@dataclass(frozen=True)
class CanonicalObject(TypedPart):
    """A thing that others name by its digest."""

    def digest(self, installation: UUID) -> bytes:
        """The object digest of FORMAT section 2."""
        return object_digest(self.TYPE, installation, self.encode())


Number = Annotated[int, Uint()]
Flag = Annotated[int, Uint(1)]
Time = Annotated[int, Uint()]
Text = Annotated[str, Words()]
Id = Annotated[UUID, Identifier()]
OptionalId = Annotated[UUID | None, Identifier(optional=True)]
Digest = Annotated[bytes, Octets(32)]
OptionalDigest = Annotated[bytes | None, Octets(32, optional=True)]
SigningPublic = Annotated[bytes, Octets(32)]
HpkePublic = Annotated[bytes, Octets(1216)]
