"""One statement as its readers see it: the parts a form was sealed in, put together again in their order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from types import MappingProxyType
from uuid import UUID

from app.domain.consent import Consent, newest
from app.domain.errors import InvalidInput
from app.domain.record import from_plain


@dataclass(frozen=True, slots=True)
class Reply:
    """One question as it was asked, and what was answered."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A thing that was shown or told of; `keeper` has the original."""

    what: str
    origin: str
    owner: str
    keeper: str


@dataclass(frozen=True, slots=True)
class Statement:
    """What all parts together say. `files` are the ids of the assets, in the order in which they came.

    `languages`: those that were spoken; `written`: the one that it was written down in, empty where that is the same.
    """

    code_name: str = ""
    languages: tuple[str, ...] = ()
    written: str = ""
    consent: Consent | None = None
    account: str = ""
    answers: tuple[Reply, ...] = ()
    setting: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    exhibits: tuple[Exhibit, ...] = ()
    files: tuple[UUID, ...] = ()

    @property
    def text_languages(self) -> tuple[str, ...]:
        """Which languages its written words may be in, the likeliest first."""
        return tuple(dict.fromkeys(filter(None, (self.written, *self.languages))))


def from_parts(parts: Sequence[Mapping[str, object]]) -> Statement:
    """The statement that `parts`, oldest first, make up; each is one sealed PART as JSON values.

    Later parts add: accounts stand a blank line apart; of two values for one setting the newer holds, and so
    does the newer consent; the first code name and language of writing stay. Names that this release does not know are left alone.
    Raises InvalidInput, naming the field, for a value of another type.
    """
    read = [_part(part) for part in parts]
    consents = [part.consent for part in read if part.consent is not None]
    return Statement(
        code_name=next((part.code_name for part in read if part.code_name), ""),
        languages=tuple(dict.fromkeys(chain.from_iterable(part.languages for part in read))),
        written=next((part.written for part in read if part.written), ""),
        consent=newest(consents) if consents else None,
        account="\n\n".join(part.account for part in read if part.account),
        answers=tuple(chain.from_iterable(part.answers for part in read)),
        setting=MappingProxyType({name: value for part in read for name, value in part.setting.items()}),
        exhibits=tuple(chain.from_iterable(part.exhibits for part in read)),
        files=tuple(chain.from_iterable(part.files for part in read)),
    )


def consent_in_force(statement: Statement, later: Sequence[Consent]) -> Consent:
    """The newest of the later consents, oldest first; without any, the one that was given with the statement.

    Raises InvalidInput if there is none at all.
    """
    first = () if statement.consent is None else (statement.consent,)
    return newest((*first, *later))


def _part(part: Mapping[str, object]) -> Statement:
    consent = part.get("consent")
    return Statement(
        code_name=_text(part.get("code_name", ""), "code_name"),
        languages=from_plain(_Languages, {"languages": part.get("languages", [])}).languages,
        written=_text(part.get("written", ""), "written"),
        consent=None if consent is None else Consent.from_dict(consent),
        account=_text(part.get("account", ""), "account"),
        answers=from_plain(_Replies, {"answers": part.get("answers", [])}).answers,
        setting=_setting(part.get("setting", {})),
        exhibits=from_plain(_Exhibits, {"exhibits": part.get("exhibits", [])}).exhibits,
        files=from_plain(_Files, {"files": part.get("files", [])}).files,
    )


@dataclass(frozen=True, slots=True)
class _Languages:
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Replies:
    answers: tuple[Reply, ...]


@dataclass(frozen=True, slots=True)
class _Exhibits:
    exhibits: tuple[Exhibit, ...]


@dataclass(frozen=True, slots=True)
class _Files:
    files: tuple[UUID, ...]


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise InvalidInput({name: "wrong-type"})
    return value


def _setting(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise InvalidInput({"setting": "wrong-type"})
    return {_text(name, "setting"): _text(words, f"setting.{name}") for name, words in value.items()}
