"""What the case file's own sealed records hold: a statement's list line, a case's settings."""

import json
from dataclasses import dataclass
from typing import Self

from app.domain.errors import InvalidInput
from app.domain.record import canonical_json, from_plain, to_plain
from app.domain.statement import Statement


@dataclass(frozen=True, slots=True)
class Line:
    """The little that a list shows, sealed by the reader who took the statement over.

    `languages`: BCP 47 codes; `written`: as a statement has it; `words`: of account and answers together.
    """

    code_name: str
    languages: tuple[str, ...]
    words: int
    files: int
    written: str = ""

    def to_bytes(self) -> bytes:
        return canonical_json(to_plain(self))

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """The inverse of `to_bytes`; InvalidInput for anything else. Older lines do not say what was written in."""
        plain = decoded(content)
        return from_plain(cls, {"written": "", **plain} if isinstance(plain, dict) else plain)

    @classmethod
    def of(cls, statement: Statement) -> Self:
        spoken = (statement.account, *(reply.answer for reply in statement.answers))
        words = sum(len(text.split()) for text in spoken)
        return cls(statement.code_name, statement.languages, words, len(statement.files), statement.written)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a case is called by its readers; everybody else knows its code."""

    title: str
    purpose: str


def decoded(content: bytes) -> object:
    """JSON that was sealed; InvalidInput where it is none."""
    try:
        plain: object = json.loads(content)
    except ValueError as error:
        raise InvalidInput({"record": "not-json"}) from error
    return plain
