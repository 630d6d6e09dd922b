"""Reads the invented cases, people, statements and stories that the demonstration is filled with."""

import datetime as dt
import tomllib
import types
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

Language = Literal["hy", "ru", "en", "ar"]
Role = Literal["interviewer", "reviewer", "administrator", "trustee"]
Duty = Literal[
    "interviewer",
    "lead",
    "transcriber",
    "translator",
    "redactor",
    "editorial approver",
    "protection approver",
    "publisher",
    "identity custodian",
    "reader",
]
SourceKind = Literal["witness", "relative", "official", "resident"]
Stage = Literal[
    "accepted",
    "transcribing",
    "transcribed",
    "redacting",
    "redacted",
    "in approval",
    "approved",
    "returned",
    "on hold",
    "withdrawn",
]
PlacePrecision = Literal["none", "region", "town", "exact"]
Share = Literal["yes", "no", "ask"]
PublicationScope = Literal["no", "anonymous_extract", "anonymous_full", "pseudonym", "named"]
Likeness = Literal["as_is", "altered", "not_at_all"]
ConsentForm = Literal["spoken", "written", "recorded", "thumbprint"]
EntityKind = Literal["person", "place", "phone", "paper", "workplace"]
Protection = Literal["withhold", "pseudonym", "generalise", "keep"]
Action = Literal["remove", "pseudonym", "generalise"]
Reason = Literal[
    "witness_identity",
    "family",
    "third_party",
    "minor",
    "place",
    "date",
    "contact",
    "health",
    "security",
    "presumption",
    "on_request",
    "legal",
]
LinkKind = Literal["contradicts", "corroborates", "mentions"]
StoryState = Literal["published", "waiting for approval"]


class DemoContentError(ValueError):
    """A file of the demonstration's content is missing, misspelt or incomplete."""


@dataclass(frozen=True)
class Person:
    """Somebody of the invented organisation; `vouched_by` is a sign-in name, or "anchor" for founders."""

    name: str
    sign_in: str
    roles: tuple[Role, ...]
    vouched_by: str
    duties: Mapping[str, tuple[Duty, ...]] = field(default_factory=dict)
    code_name: str = ""


@dataclass(frozen=True)
class Entity:
    """One entry of a case's register: every form in which it occurs, and what stands in public instead."""

    key: str
    kind: EntityKind
    canonical: str
    protection: Protection
    forms: tuple[str, ...]
    shown_as: Mapping[Language, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Link:
    """How two statements of a case bear on one point; `certainty` is a reviewer's judgement in words."""

    kind: LinkKind
    first: str
    second: str
    about: str
    first_says: str
    second_says: str
    certainty: str


@dataclass(frozen=True)
class Figure:
    """A number that a statement gives, and what checking it found."""

    statement: str
    claim: str
    value: str
    checked_against: str
    finding: str
    settled: bool


@dataclass(frozen=True)
class Case:
    code: str
    title: str
    about: str
    opened_on: dt.date
    register: tuple[Entity, ...]
    links: tuple[Link, ...] = ()
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True)
class Setting:
    place: str
    precision: PlacePrecision
    manner: Literal["in person", "remote"]
    privacy: str
    persons_present: tuple[str, ...]
    interpreter: str = ""


@dataclass(frozen=True)
class WorkingNotes:
    risk_before: str
    risk_after: str
    decision: Literal["go on", "text only", "no recording", "postpone", "refuse"]
    safety_plan: str
    impressions: str = ""


@dataclass(frozen=True)
class Consent:
    """What the witness agreed to; `repeated` is the understanding in the witness's own words."""

    take_part: bool
    record_audio: bool
    record_video: bool
    record_photo: bool
    store_years: int
    internal_analysis: bool
    share: Mapping[str, Share]
    publish: PublicationScope
    voice: Likeness
    face: Likeness
    place_precision: PlacePrecision
    contact_again: bool
    how: ConsentForm
    script_language: Language
    repeated: str
    embargo_until: dt.date | None = None


@dataclass(frozen=True)
class Recontact:
    channel: str
    times: str
    phrase: str
    must_not_know: str
    silence_means: str


@dataclass(frozen=True)
class Identity:
    name: str
    aliases: tuple[str, ...]
    contact: str
    birth: str
    papers: str
    recontact: Recontact


@dataclass(frozen=True)
class Redaction:
    """One decision about a text; `occurrence` is "all" or the number of the one occurrence meant, from 1."""

    text: str
    replacement: str
    action: Action
    reason: Reason
    entity: str = ""
    occurrence: Literal["all"] | int = "all"

    def spans(self, account: str) -> tuple[tuple[int, int], ...]:
        """Where it applies in the untouched account: half-open character ranges, in order."""
        starts = tuple(_starts(self.text, account))
        chosen = starts if self.occurrence == "all" else starts[self.occurrence - 1 : self.occurrence]
        if not chosen:
            raise DemoContentError(f"{self.text!r} does not occur in the account as often as asked")
        return tuple((start, start + len(self.text)) for start in chosen)


@dataclass(frozen=True)
class Attachment:
    file: str
    title: str
    kind: Literal["audio", "video", "document", "image"]
    credit: str
    content_warning: str = ""


@dataclass(frozen=True)
class Event:
    act: str
    date: str
    place: str
    alleged_perpetrator: str
    victims: str
    basis: Literal["saw", "heard", "was told"]


@dataclass(frozen=True)
class Withdrawal:
    on: dt.date
    brought_by: str
    words: str


@dataclass(frozen=True)
class Segment:
    """A stretch of a recording, in seconds; what could not be made out reads "[uncertain]"."""

    start: float
    end: float
    speaker: str
    text: str


@dataclass(frozen=True)
class Transcript:
    file: str
    language: Language
    segments: tuple[Segment, ...]


@dataclass(frozen=True)
class Statement:
    key: str
    case: str
    languages: tuple[Language, ...]
    code_name: str
    interviewer: str
    source_kind: SourceKind
    relation: str
    taken_on: dt.date
    stage: Stage
    summary: str
    themes: tuple[str, ...]
    setting: Setting
    working_notes: WorkingNotes
    consent: Consent
    identity: Identity
    redactions: tuple[Redaction, ...]
    events: tuple[Event, ...]
    attachments: tuple[Attachment, ...] = ()
    withdrawal: Withdrawal | None = None
    account: str = ""
    transcripts: tuple[Transcript, ...] = ()


@dataclass(frozen=True)
class Excerpt:
    """Redacted words of one statement, with their rendering in the languages the statement is not in."""

    key: str
    statement: str
    speaker: str
    source_text: str
    translation: Mapping[Language, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Block:
    """A piece of a story's body: the writer's own words, or one excerpt by its key, never both."""

    text: str = ""
    excerpt: str = ""


@dataclass(frozen=True)
class Version:
    """A story in one language; `speakers` maps the keys used by excerpts to the labels readers see."""

    kicker: str
    headline: str
    standfirst: str
    pull_quote: str
    place: str
    month: str
    content_note: str
    speakers: Mapping[str, str]
    credits: tuple[str, ...]
    protected_how: tuple[str, ...]
    body: tuple[Block, ...]


@dataclass(frozen=True)
class Story:
    key: str
    case: str
    state: StoryState
    written_by: str
    themes: tuple[str, ...]
    excerpts: tuple[Excerpt, ...]
    versions: Mapping[Language, Version]

    def excerpt(self, key: str) -> Excerpt:
        """The excerpt of that key; DemoContentError if the story has none."""
        return _only(self.excerpts, key)

    def wording(self, key: str, language: Language, spoken: Language) -> str:
        """An excerpt's words in one language; `spoken` is the language its statement was given in."""
        excerpt = self.excerpt(key)
        if language == spoken:
            return excerpt.source_text
        if language not in excerpt.translation:
            raise DemoContentError(f"excerpt {key} of {self.key} has no words in {language}")
        return excerpt.translation[language]


@dataclass(frozen=True)
class DemoContent:
    people: tuple[Person, ...]
    cases: tuple[Case, ...]
    statements: tuple[Statement, ...]
    stories: tuple[Story, ...]

    def statement(self, key: str) -> Statement:
        """The statement of that key; DemoContentError if there is none."""
        return _only(self.statements, key)

    def case(self, code: str) -> Case:
        """The case of that code; DemoContentError if there is none."""
        for case in self.cases:
            if case.code == code:
                return case
        raise DemoContentError(f"no case {code!r}")

    def protected_in(self, statement: Statement) -> tuple[Entity, ...]:
        """The register entries of the case that occur in the statement's account."""
        register = self.case(statement.case).register
        return tuple(e for e in register if any(form in statement.account for form in e.forms))


@cache
def load() -> DemoContent:
    """Everything the demonstration tells; DemoContentError names the file and the field that is wrong."""
    return DemoContent(
        people=tuple(_build(Person, row, "people") for row in _table(_root() / "people.toml")["person"]),
        cases=tuple(_build(Case, _table(path), path.name) for path in _listed("cases")),
        statements=tuple(_statement(path) for path in _listed("statements")),
        stories=tuple(_build(Story, _table(path), path.name) for path in _listed("stories")),
    )


def media(file: str) -> bytes:
    """The bytes of an attachment; DemoContentError if no such file is shipped."""
    path = _root() / "media" / file
    if not path.is_file():
        raise DemoContentError(f"no media file {file!r}")
    return path.read_bytes()


def _statement(path: Traversable) -> Statement:
    table = _table(path)
    key = path.name.removesuffix(".toml")
    account = (_root() / "accounts" / f"{key}.txt").read_text(encoding="utf-8").strip()
    recordings = [r.name for r in _listed("transcripts") if r.name.split(".")[0] == key]
    transcripts = [_table(_root() / "transcripts" / name) for name in recordings]
    return _build(Statement, {**table, "key": key, "account": account, "transcripts": transcripts}, path.name)


def _root() -> Traversable:
    return files("app.demo") / "content"


def _listed(folder: str) -> list[Traversable]:
    return sorted((_root() / folder).iterdir(), key=lambda path: path.name)


def _table(path: Traversable) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise DemoContentError(f"{path.name}: {error}") from error


def _starts(text: str, account: str) -> Iterable[int]:
    start = account.find(text)
    while start != -1:
        yield start
        start = account.find(text, start + len(text))


Keyed = TypeVar("Keyed", Statement, Excerpt)


def _only(items: Iterable[Keyed], key: str) -> Keyed:
    for item in items:
        if item.key == key:
            return item
    raise DemoContentError(f"nothing is called {key!r}")


Shape = TypeVar("Shape")


def _build(shape: type[Shape], table: Mapping[str, Any], where: str) -> Shape:
    """Fill a dataclass from a TOML table; unknown and missing names are refused."""
    known = {f.name: f for f in fields(shape)}  # type: ignore[arg-type]  # every caller passes a dataclass
    unknown = sorted(set(table) - set(known))
    optional = {n for n, f in known.items() if f.default is not MISSING or f.default_factory is not MISSING}
    missing = sorted(set(known) - set(table) - optional)
    if unknown or missing:
        raise DemoContentError(f"{where}: unknown {unknown}, missing {missing}")
    hints = get_type_hints(shape)
    return shape(**{name: _value(hints[name], value, f"{where}: {name}") for name, value in table.items()})


def _value(hint: Any, value: Any, where: str) -> Any:
    """A TOML value in the type a field asks for: nested dataclasses, tuples, mappings, choices, scalars."""
    origin = get_origin(hint)
    if is_dataclass(hint):
        return _build(cast("type[Any]", hint), value, where)
    if origin is tuple:
        return tuple(_value(get_args(hint)[0], item, where) for item in value)
    if origin in {Union, types.UnionType}:
        return _first_fitting(get_args(hint), value, where)
    if isinstance(value, Mapping):
        key_hint, value_hint = get_args(hint)
        return {_value(key_hint, k, where): _value(value_hint, v, f"{where}.{k}") for k, v in value.items()}
    fits = value in get_args(hint) if origin is Literal else type(value) in _accepted(hint)
    if not fits:
        raise DemoContentError(f"{where}: {value!r} is not {hint}")
    return value


def _first_fitting(hints: tuple[Any, ...], value: Any, where: str) -> Any:
    for hint in hints:
        if get_origin(hint) is Literal and value in get_args(hint):
            return value
        if isinstance(hint, type) and isinstance(value, dict if is_dataclass(hint) else hint):
            return _value(hint, value, where)
    raise DemoContentError(f"{where}: {value!r} fits none of {hints}")


def _accepted(hint: Any) -> tuple[type, ...]:
    return (int, float) if hint is float else (hint,)
