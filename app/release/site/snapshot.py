"""A story as it was approved, in every language it is told in, and its one canonical form as bytes."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, get_args

from app.domain.errors import InvalidInput
from app.domain.record import Plain, canonical_json, from_plain, to_plain
from app.domain.redaction import Withheld
from app.release.site.strings import STRINGS

Drawing = Literal["", "card", "letter", "light", "river", "road", "window"]

FORMAT: Final = "vouchsafe-story/1"
MARKER: Final = re.compile(rf"\[\[withheld:({'|'.join(Withheld)})\]\]")

_PUBLIC_ID = re.compile(r"[a-z0-9]{6,32}")
_MONTH = re.compile(r"|\d{4}(-(0[1-9]|1[0-2]))?", re.ASCII)
# What no sentence needs, and what could break a feed or make words read otherwise than they are.
_UNFIT = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Voice:
    """Who tells the story: the name shown, who they are in a few words, whether the name is changed."""

    name: str
    about: str = ""
    name_changed: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of the telling; `turn`, and only it and `quote`, has a `speaker`: the name of a `Voice`.

    Paragraphs and headings are the editors', a question is the interviewer's, a turn is what one voice said,
    a quote is one sentence set large between the others.
    """

    kind: Literal["paragraph", "heading", "question", "turn", "quote"]
    text: str
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """One thing done to protect somebody; the title may be empty."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Credit:
    """Who is to be thanked, or for what (`label`), and a line beneath."""

    label: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """What was put right, and on which day; never the old words where they were dangerous."""

    on: date
    text: str


@dataclass(frozen=True, slots=True)
class StoryText:
    """The story in one language. Every text may hold markers, as `domain.redaction.marker` writes them."""

    language: str
    headline: str
    told_by: tuple[Voice, ...]
    body: tuple[Block, ...]
    kicker: str = ""
    standfirst: str = ""
    pull_quote: str = ""
    pull_quote_speaker: str = ""
    place: str = ""
    content_note: str = ""
    themes: tuple[str, ...] = ()
    protections: tuple[Note, ...] = ()
    credits: tuple[Credit, ...] = ()
    corrections: tuple[Correction, ...] = ()

    @property
    def voices(self) -> dict[str, Voice]:
        return {voice.name: voice for voice in self.told_by}


@dataclass(frozen=True, slots=True)
class Media:
    """A rebuilt film, sound or picture: its path in the tree, its type, and what it shows in words."""

    path: str
    content_type: str
    description: str


@dataclass(frozen=True, slots=True)
class StorySnapshot:
    """What was approved, whole. `month` is YYYY-MM, YYYY or empty: as coarse as the people need it to be.

    Raises InvalidInput: path of the field -> code, for everything that is wrong with it.
    """

    public_id: str  # random; derived from nothing; its address too, so that no address keeps a word of it
    published_on: date
    texts: tuple[StoryText, ...]
    month: str = ""
    drawing: Drawing = ""
    media: tuple[Media, ...] = ()

    def __post_init__(self) -> None:
        problems = dict(_problems(self))
        if problems:
            raise InvalidInput(problems)

    @property
    def default(self) -> StoryText:
        """The English text, or else the first one."""
        return next((text for text in self.texts if text.language == "en"), self.texts[0])

    def text_in(self, language: str) -> StoryText:
        """The text in that language, or else the default."""
        return next((text for text in self.texts if text.language == language), self.default)

    @property
    def changed_on(self) -> date:
        """The day of publication or of the last correction."""
        corrections = (correction.on for text in self.texts for correction in text.corrections)
        return max([self.published_on, *corrections])


def snapshot_to_bytes(snapshot: StorySnapshot) -> bytes:
    """Canonical JSON, tagged with the format."""
    return canonical_json({"format": FORMAT, **to_plain(snapshot)})


def snapshot_from_bytes(data: bytes) -> StorySnapshot:
    """The snapshot with exactly these bytes.

    Raises InvalidInput for anything but the canonical form: other fields, types, spacing or order.
    """
    try:
        record = json.loads(data)
    except ValueError as error:
        raise InvalidInput({"snapshot": "not-json"}) from error
    if not isinstance(record, dict) or record.pop("format", None) != FORMAT:
        raise InvalidInput({"snapshot": "unknown-format"})
    snapshot = from_plain(StorySnapshot, record)
    if snapshot_to_bytes(snapshot) != data:
        raise InvalidInput({"snapshot": "not-canonical"})
    return snapshot


def _problems(snapshot: StorySnapshot) -> Iterator[tuple[str, str]]:
    languages = [text.language for text in snapshot.texts]
    for holds, field, code in (
        (_PUBLIC_ID.fullmatch(snapshot.public_id), "public_id", "not-a-public-id"),
        (_MONTH.fullmatch(snapshot.month), "month", "not-a-month"),
        (snapshot.drawing in get_args(Drawing), "drawing", "unknown-drawing"),
        (not snapshot.media, "media", "not-supported-yet"),
        (languages, "texts", "empty"),
        (len(set(languages)) == len(languages), "texts", "repeated-language"),
    ):
        if not holds:
            yield field, code
    for at, text in enumerate(snapshot.texts):
        yield from _problems_of_text(text, f"texts[{at}]")


def _problems_of_text(text: StoryText, path: str) -> Iterator[tuple[str, str]]:
    for holds, field, code in (
        (text.language in STRINGS, "language", "unknown-language"),
        (text.headline, "headline", "empty"),
        (text.told_by, "told_by", "empty"),
        (
            len(text.voices) == len(text.told_by) and "" not in text.voices,
            "told_by",
            "empty-or-repeated-name",
        ),
        (text.body, "body", "empty"),
        (text.pull_quote_speaker in {"", *text.voices}, "pull_quote_speaker", "unknown-speaker"),
    ):
        if not holds:
            yield f"{path}.{field}", code
    for at, block in enumerate(text.body):
        if block.speaker not in _speakers(block, text):
            yield f"{path}.body[{at}].speaker", "unknown-speaker"
    for field, words in _strings(to_plain(text), path):
        if _UNFIT.search(words):
            yield field, "control-character"
        if "[[" in MARKER.sub("", words):
            yield field, "unknown-marker"


def _speakers(block: Block, text: StoryText) -> set[str]:
    voices = set(text.voices)
    return {"turn": voices, "quote": voices | {""}}.get(block.kind, {""})


def _strings(plain: Plain, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(plain, str):
        yield path, plain
    elif isinstance(plain, list):
        for at, item in enumerate(plain):
            yield from _strings(item, f"{path}[{at}]")
    elif isinstance(plain, dict):
        for name, item in plain.items():
            yield from _strings(item, f"{path}.{name}")
