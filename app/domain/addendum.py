"""What is added to a statement after it was sealed: a correction, or more words; the statement itself stays as it is."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self
from uuid import UUID

from app.domain.record import Plain, from_plain, to_plain


class Source(StrEnum):
    """Whose words they are."""

    WITNESS = "witness"
    AUTHOR = "author"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Addendum:
    """`id`: made with the form, so that one that was sent twice is told once."""

    id: UUID
    source: Source
    words: str

    def to_dict(self) -> dict[str, Plain]:
        return to_plain(self)

    @classmethod
    def from_dict(cls, plain: object) -> Self:
        """The inverse of `to_dict`; InvalidInput for anything else."""
        return from_plain(cls, plain)
