"""The register of a case: whom and what it protects, each spelling of them, what the public reads instead."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from app.domain.capacity import (
    MAX_FORMS_PER_ENTRY,
    MAX_LINE_CHARACTERS,
    MAX_NOTE_CHARACTERS,
    MAX_REGISTER_ENTRIES,
)
from app.domain.errors import InvalidInput
from app.domain.ids import EntityId
from app.domain.record import Plain, from_plain, to_plain
from app.domain.text import clean_line

EntityKind = Literal["person", "place", "phone", "paper", "workplace", "other"]
Protection = Literal["withhold", "pseudonym", "generalise", "keep"]

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_SHOWN_INSTEAD: frozenset[Protection] = frozenset({"pseudonym", "generalise"})


@dataclass(frozen=True, slots=True)
class Entity:
    """One protected person, place, number or paper.

    `forms`: further spellings, inflections, scripts. `pseudonyms`: (language, what the public reads), one per
    language at most; for somebody who speaks by name, how the name is written there.
    """

    id: EntityId
    kind: EntityKind
    canonical: str
    forms: tuple[str, ...] = ()
    protection: Protection = "withhold"
    pseudonyms: tuple[tuple[str, str], ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        _check_lines("canonical", (self.canonical,))
        _check_lines("forms", self.forms)
        if len(self.forms) > MAX_FORMS_PER_ENTRY:
            raise InvalidInput({"forms": "too-many"})
        if len(self.note) > MAX_NOTE_CHARACTERS:
            raise InvalidInput({"note": "too-long"})
        self._check_pseudonyms()

    def _check_pseudonyms(self) -> None:
        languages = [language for language, _text in self.pseudonyms]
        if len(set(languages)) < len(languages):
            raise InvalidInput({"pseudonyms": "language-twice"})
        if not all(_LANGUAGE.fullmatch(language) for language in languages):
            raise InvalidInput({"pseudonyms": "not-a-language"})
        texts = tuple(text for _language, text in self.pseudonyms)
        _check_lines("pseudonyms", texts)
        if any("[[" in text or "]]" in text for text in texts):
            raise InvalidInput({"pseudonyms": "bad-replacement"})
        if self.protection in _SHOWN_INSTEAD and not texts:
            raise InvalidInput({"pseudonyms": "none-given"})
        if self.protection == "withhold" and texts:
            raise InvalidInput({"pseudonyms": "withheld-has-none"})

    @property
    def spellings(self) -> tuple[str, ...]:
        """The canonical one first, none twice."""
        return tuple(dict.fromkeys((self.canonical, *self.forms)))

    @property
    def is_hidden(self) -> bool:
        """Whether its spellings must be in nothing that is published."""
        return self.protection != "keep"

    def shown_in(self, language: str) -> str:
        """What the public reads in `language`; empty where it is withheld, or nothing was chosen for it."""
        return dict(self.pseudonyms).get(language, "")


@dataclass(frozen=True, slots=True)
class Register:
    """Every entry of one case; no pseudonym of one is a name of another that is hidden."""

    entities: tuple[Entity, ...] = ()

    def __post_init__(self) -> None:
        if len(self.entities) > MAX_REGISTER_ENTRIES:
            raise InvalidInput({"entries": "too-many"})
        if any(count > 1 for count in Counter(entity.id for entity in self.entities).values()):
            raise InvalidInput({"entries": "id-twice"})
        hidden = {form.casefold() for _entity, form in self.needles()}
        shown = (
            pair[1].casefold() for entity in self.entities if entity.is_hidden for pair in entity.pseudonyms
        )
        if not hidden.isdisjoint(shown):
            raise InvalidInput({"pseudonyms": "names-somebody"})

    def needles(self) -> Iterator[tuple[Entity, str]]:
        """What to search for: each spelling of whatever must not be recognised, with its entry."""
        return ((entity, form) for entity in self.entities if entity.is_hidden for form in entity.spellings)

    def find(self, entity: EntityId) -> Entity | None:
        return next((known for known in self.entities if known.id == entity), None)

    def with_entity(self, entity: Entity) -> "Register":
        """Added at the end, or in place of the entry with its id."""
        if self.find(entity.id) is None:
            return Register((*self.entities, entity))
        return Register(tuple(entity if known.id == entity.id else known for known in self.entities))

    def without(self, entity: EntityId) -> "Register":
        return Register(tuple(known for known in self.entities if known.id != entity))

    def to_dict(self) -> dict[str, Plain]:
        """As it is sealed: `{"entries": [...]}`, pseudonyms by language."""
        return {"entries": [_entity_to_plain(entity) for entity in self.entities]}

    @classmethod
    def from_dict(cls, plain: object) -> "Register":
        """InvalidInput unless every field is there, none is strange, each has its type, the limits hold."""
        if not isinstance(plain, dict) or plain.keys() != {"entries"}:
            raise InvalidInput({"register": "wrong-fields"})
        if not isinstance(plain["entries"], list):
            raise InvalidInput({"entries": "not-a-list"})
        return cls(tuple(_entity_from_plain(entry) for entry in plain["entries"]))


def _entity_to_plain(entity: Entity) -> Plain:
    return {**to_plain(entity), "pseudonyms": dict(entity.pseudonyms)}


def _entity_from_plain(plain: object) -> Entity:
    if not isinstance(plain, dict) or not isinstance(shown := plain.get("pseudonyms"), dict):
        raise InvalidInput({"entity": "wrong-fields"})
    return from_plain(Entity, {**plain, "pseudonyms": [list(pair) for pair in shown.items()]})


def _check_lines(field: str, lines: tuple[str, ...]) -> None:
    """Each is one clean line that says something; they are compared letter by letter later."""
    for line in lines:
        if clean_line(line, field, MAX_LINE_CHARACTERS) != line:
            raise InvalidInput({field: "not-clean"})
        if not line:
            raise InvalidInput({field: "empty"})
