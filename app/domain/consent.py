"""What a witness agreed to, and whether it reaches as far as a use that somebody is about to make of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from app.domain.errors import InvalidInput, MissingScope
from app.domain.record import Plain, from_plain, to_plain


class Scope(StrEnum):
    """Every purpose that is asked for by itself; a refusal names one of these."""

    TAKE_PART = "take-part"
    RECORD_AUDIO = "record-audio"
    RECORD_VIDEO = "record-video"
    PHOTO_OF_PERSON = "photo-of-person"
    PHOTO_OF_INJURY = "photo-of-injury"
    STORE = "store"
    ANALYSE = "analyse"
    SHARE_NATIONAL_COURT = "share-national-court"
    SHARE_INTERNATIONAL_MECHANISM = "share-international-mechanism"
    SHARE_ORGANISATION = "share-organisation"
    SHARE_MEDIA = "share-media"
    SHARE_FAMILY_TRACING = "share-family-tracing"
    PUBLISH = "publish"
    PUBLISH_FULL = "publish-full"
    PUBLISH_PSEUDONYM = "publish-pseudonym"
    PUBLISH_NAMED = "publish-named"
    PUBLISH_VOICE = "publish-voice"
    PUBLISH_FACE = "publish-face"
    PUBLISH_PLACE = "publish-place"
    PUBLISH_LANGUAGE = "publish-language"
    CONTACT_AGAIN = "contact-again"
    EMBARGO = "embargo"
    IN_FORCE = "in-force"


class Answer(StrEnum):
    NO = "no"
    YES = "yes"
    ASK_AGAIN = "ask-again"


class Naming(StrEnum):
    """How a source may appear, from least to most."""

    ANONYMOUS = "anonymous"
    PSEUDONYM = "pseudonym"
    NAMED = "named"


class Extent(StrEnum):
    EXTRACT = "extract"
    FULL = "full"


class PlacePrecision(StrEnum):
    """From least to most."""

    NONE = "none"
    REGION = "region"
    TOWN = "town"
    EXACT = "exact"


class Likeness(StrEnum):
    """A voice or a face, from least to most."""

    NOT_AT_ALL = "not-at-all"
    ALTERED = "altered"
    AS_IS = "as-is"


class Manner(StrEnum):
    SPOKEN = "spoken"
    WRITTEN = "written"
    RECORDED = "recorded"
    THUMBPRINT = "thumbprint"


class ConsentState(StrEnum):
    """Of the consent as a whole; the part the server sees for routing."""

    IN_FORCE = "in-force"
    WITHDRAWN = "withdrawn"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Recording:
    audio: bool = False
    video: bool = False
    photo_of_person: bool = False
    photo_of_injury: bool = False


@dataclass(frozen=True, slots=True)
class Sharing:
    national_court: Answer = Answer.NO
    international_mechanism: Answer = Answer.NO
    organisation: Answer = Answer.NO
    media: Answer = Answer.NO
    family_tracing: Answer = Answer.NO
    recipients: tuple[str, ...] = ()
    """Named by the witness, in their words."""


@dataclass(frozen=True, slots=True)
class Publishing:
    """`languages` empty: any. Naming, place, voice and face are each the most that is allowed."""

    allowed: bool = False
    extent: Extent = Extent.EXTRACT
    naming: Naming = Naming.ANONYMOUS
    place: PlacePrecision = PlacePrecision.REGION
    voice: Likeness = Likeness.NOT_AT_ALL
    face: Likeness = Likeness.NOT_AT_ALL
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Embargo:
    """Until a day (not on it), until an event that somebody has to declare over, or both."""

    until: date | None = None
    event: str = ""
    event_over: bool = False

    def is_over(self, today: date) -> bool:
        return (self.until is None or today >= self.until) and (not self.event or self.event_over)


@dataclass(frozen=True, slots=True)
class Given:
    """How consent was given and that it was understood; `script_version` names the text that was read out."""

    manner: Manner = Manner.SPOKEN
    evidence: str = ""
    language: str = ""
    script_version: str = ""
    script_checked_by_native_speaker: bool = False
    purpose_explained: bool = False
    limits_explained: bool = False
    has_capacity: bool = True
    guardian: str = ""
    child_assents: bool | None = None
    understood_in_own_words: str = ""


@dataclass(frozen=True, slots=True)
class Consent:
    """One version of the append-only history; the newest holds. Everything not asked is a no."""

    take_part: bool
    given_on: date
    recording: Recording = field(default_factory=Recording)
    store: bool = True
    store_until: date | None = None
    analyse: bool = False
    sharing: Sharing = field(default_factory=Sharing)
    publishing: Publishing = field(default_factory=Publishing)
    contact_again: Answer = Answer.NO
    embargo: Embargo = field(default_factory=Embargo)
    given: Given = field(default_factory=Given)
    state: ConsentState = ConsentState.IN_FORCE

    def to_dict(self) -> dict[str, Plain]:
        return to_plain(self)

    @classmethod
    def from_dict(cls, plain: object) -> "Consent":
        """InvalidInput unless every field is there, none is strange, and each has its type."""
        return from_plain(cls, plain)


@dataclass(frozen=True, slots=True)
class Publication:
    """A use about to be made: what the public would see and hear of one source."""

    naming: Naming
    extent: Extent
    place: PlacePrecision
    voice: Likeness
    face: Likeness
    languages: frozenset[str]


def taken_back(on: date) -> Consent:
    """What holds from the day on which a witness takes everything back: a yes to nothing, for good."""
    return Consent(take_part=False, given_on=on, store=False, state=ConsentState.WITHDRAWN)


def newest(history: Sequence[Consent]) -> Consent:
    """The one that holds: the last of the history. InvalidInput if there is none."""
    if not history:
        raise InvalidInput({"consent": "none-given"})
    return history[-1]


def covers(consent: Consent, use: Publication, today: date) -> None:
    """Pass, or MissingScope naming the first scope that the use lacks."""
    for scope, holds in _claims(consent, use, today):
        if not holds:
            raise MissingScope(scope)


def missing_scopes(consent: Consent, use: Publication, today: date) -> tuple[Scope, ...]:
    """Every scope that the use lacks, in the order of `covers`."""
    return tuple(scope for scope, holds in _claims(consent, use, today) if not holds)


def covers_purpose(consent: Consent, purpose: Scope, today: date) -> None:
    """Pass, or MissingScope, for one purpose that needs no measure; "ask again" means not yet."""
    for scope, holds in (*_standing_claims(consent, today), (purpose, purpose in _purposes(consent))):
        if not holds:
            raise MissingScope(scope)


def _claims(consent: Consent, use: Publication, today: date) -> list[tuple[Scope, bool]]:
    may = consent.publishing
    return [
        *_standing_claims(consent, today),
        (Scope.PUBLISH, may.allowed),
        (Scope.PUBLISH_FULL, _at_most(use.extent, may.extent)),
        (_scope_of_naming(use.naming), _at_most(use.naming, may.naming)),
        (Scope.PUBLISH_PLACE, _at_most(use.place, may.place)),
        (Scope.PUBLISH_VOICE, _at_most(use.voice, may.voice)),
        (Scope.PUBLISH_FACE, _at_most(use.face, may.face)),
        (Scope.PUBLISH_LANGUAGE, not may.languages or use.languages <= set(may.languages)),
        (Scope.EMBARGO, consent.embargo.is_over(today)),
    ]


def _standing_claims(consent: Consent, today: date) -> list[tuple[Scope, bool]]:
    return [
        (Scope.IN_FORCE, consent.state is ConsentState.IN_FORCE),
        (Scope.TAKE_PART, consent.take_part),
        (Scope.STORE, consent.store and (consent.store_until is None or today <= consent.store_until)),
    ]


def _at_most(asked: StrEnum, allowed: StrEnum) -> bool:
    """The members of these enums stand from least to most."""
    order = list(type(allowed))
    return order.index(asked) <= order.index(allowed)


def _scope_of_naming(naming: Naming) -> Scope:
    return Scope.PUBLISH_NAMED if naming is Naming.NAMED else Scope.PUBLISH_PSEUDONYM


def _purposes(consent: Consent) -> frozenset[Scope]:
    """The plain yeses of a consent."""
    recording, sharing = consent.recording, consent.sharing
    answers = {
        Scope.RECORD_AUDIO: recording.audio,
        Scope.RECORD_VIDEO: recording.video,
        Scope.PHOTO_OF_PERSON: recording.photo_of_person,
        Scope.PHOTO_OF_INJURY: recording.photo_of_injury,
        Scope.ANALYSE: consent.analyse,
        Scope.SHARE_NATIONAL_COURT: sharing.national_court is Answer.YES,
        Scope.SHARE_INTERNATIONAL_MECHANISM: sharing.international_mechanism is Answer.YES,
        Scope.SHARE_ORGANISATION: sharing.organisation is Answer.YES,
        Scope.SHARE_MEDIA: sharing.media is Answer.YES,
        Scope.SHARE_FAMILY_TRACING: sharing.family_tracing is Answer.YES,
        Scope.CONTACT_AGAIN: consent.contact_again is Answer.YES,
    }
    return frozenset(scope for scope, yes in answers.items() if yes)
