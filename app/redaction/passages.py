"""The words of a statement that marks can stand on: one passage to a target, in reading order."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from app.domain.record import from_plain
from app.domain.statement import Statement

ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a recording, as the transcript holds it; times in milliseconds."""

    id: str
    start: int
    end: int
    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class Transcript:
    language: str = ""
    segments: tuple[Segment, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a passage: `[start, end)` of its text, without the line feed."""

    start: int
    end: int

    def id_in(self, passage: "Passage") -> str:
        """Names the line on a page; the same whatever is decided in it."""
        return f"{passage.target}-{self.start}"


@dataclass(frozen=True, slots=True)
class Passage:
    """`language` may be empty. `question`: what it answers. `seconds`: its place in the recording."""

    target: str
    text: str
    language: str = ""
    question: str = ""
    seconds: int | None = None

    @property
    def lines(self) -> list[Line]:
        """Those that say something."""
        texts = self.text.split("\n")
        starts = accumulate((len(text) + 1 for text in texts), initial=0)
        lines = (Line(start, start + len(text)) for start, text in zip(starts, texts, strict=False))
        return [line for line in lines if self.text[line.start : line.end].strip()]

    def line_at(self, start: int) -> str:
        """The id of the line in which a character stands, or of the first after it."""
        line = next((line for line in self.lines if start < line.end), self.lines[-1])
        return line.id_in(self)


def read_transcript(plain: object) -> Transcript:
    """InvalidInput unless it is a transcript as it is sealed."""
    return from_plain(Transcript, plain)


def passages(statement: Statement, transcript: Transcript) -> tuple[Passage, ...]:
    """The account, the answers numbered from 1, the segments; what is empty is left out."""
    spoken, written = (next(iter(each), "") for each in (statement.languages, statement.text_languages))
    every = (
        Passage(ACCOUNT, statement.account, written),
        *_answers(statement, written),
        *_segments(transcript, transcript.language or spoken),
    )
    return tuple(passage for passage in every if passage.text.strip())


def _answers(statement: Statement, language: str) -> Iterator[Passage]:
    for number, reply in enumerate(statement.answers, 1):
        yield Passage(f"answer:{number}", reply.answer, language, question=reply.question)


def _segments(transcript: Transcript, language: str) -> Iterator[Passage]:
    for segment in transcript.segments:
        yield Passage(f"segment:{segment.id}", segment.text, language, seconds=segment.start // 1000)


def texts_of(read: Iterable[Passage]) -> dict[str, str]:
    """Target -> its words."""
    return {passage.target: passage.text for passage in read}
