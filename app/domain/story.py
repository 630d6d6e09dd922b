"""A story while it is being written: words, excerpts from redacted testimony, how people were protected."""

import re
from dataclasses import dataclass
from typing import Literal

from app.domain.capacity import MAX_BLOCKS_PER_STORY
from app.domain.errors import InvalidInput
from app.domain.ids import StatementId
from app.domain.record import Plain, from_plain, to_plain

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """`[start, end)` in the redacted text of one statement's target, in code points; `text` as it stood then.

    `translation` is empty where the story's language is the excerpt's own. `digest`: keyed digest of the
    redacted text that the span was taken from, so that a later redaction is noticed.
    """

    statement: StatementId
    target: str
    start: int
    end: int
    text: str
    translation: str
    language: str
    speaker: str
    digest: str

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end or len(self.text) != self.end - self.start:
            raise InvalidInput({"excerpt": "bad-span"})


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph of the telling, or one excerpt."""

    kind: Literal["paragraph", "heading", "excerpt"]
    text: str = ""
    excerpt: Excerpt | None = None

    def __post_init__(self) -> None:
        is_excerpt = self.kind == "excerpt"
        if is_excerpt != (self.excerpt is not None) or is_excerpt == bool(self.text):
            raise InvalidInput({"blocks": "neither-text-nor-excerpt"})


@dataclass(frozen=True, slots=True)
class StoryDraft:
    """Everything an editor decides; what the public gets is rendered from an approved snapshot of it.

    `place` is coarse; `month` is `YYYY-MM` or empty: no finer time is ever told. `pull_quote` belongs
    to `pull_speaker`, a name, an office or a pseudonym. `credits`: "Footage courtesy of ...".
    `protections`: how the people in it were protected, for readers.
    """

    language: str
    headline: str
    kicker: str = ""
    standfirst: str = ""
    pull_quote: str = ""
    pull_speaker: str = ""
    blocks: tuple[Block, ...] = ()
    place: str = ""
    month: str = ""
    credits: tuple[str, ...] = ()
    content_note: str = ""
    protections: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not all(_LANGUAGE.fullmatch(tag) for tag in (self.language, *self.languages)):
            raise InvalidInput({"language": "not-a-language"})
        if self.month and not _MONTH.fullmatch(self.month):
            raise InvalidInput({"month": "not-a-month"})
        if len(self.blocks) > MAX_BLOCKS_PER_STORY:
            raise InvalidInput({"blocks": "too-many"})

    @property
    def excerpts(self) -> tuple[Excerpt, ...]:
        return tuple(block.excerpt for block in self.blocks if block.excerpt is not None)

    @property
    def statements(self) -> frozenset[StatementId]:
        """Every statement that the story quotes: whose consent is asked, whose makers may not approve."""
        return frozenset(excerpt.statement for excerpt in self.excerpts)

    def to_dict(self) -> dict[str, Plain]:
        return to_plain(self)

    @classmethod
    def from_dict(cls, plain: object) -> "StoryDraft":
        """InvalidInput unless every field is there, none is strange, and each has its type."""
        return from_plain(cls, plain)
