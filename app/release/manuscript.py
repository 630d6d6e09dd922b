"""A story while it is written: one draft per language, and what all languages of it share."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

from app.domain.consent import Naming, PlacePrecision
from app.domain.errors import InvalidInput
from app.domain.ids import StatementId
from app.domain.record import Plain, from_plain, to_plain
from app.domain.story import Excerpt, StoryDraft
from app.release.site.snapshot import Drawing


@dataclass(frozen=True, slots=True)
class Named:
    """How the source of one statement appears in this story, in every language of it."""

    statement: StatementId
    naming: Naming


@dataclass(frozen=True, slots=True)
class _Shared:
    naming: tuple[Named, ...] = ()
    place_precision: PlacePrecision = PlacePrecision.REGION
    drawing: Drawing = ""


@dataclass(frozen=True, slots=True)
class Manuscript:
    """`versions`: none twice, the first is the one it was begun in. A source nobody decided on is anonymous."""

    versions: tuple[StoryDraft, ...]
    naming: tuple[Named, ...] = ()
    place_precision: PlacePrecision = PlacePrecision.REGION
    drawing: Drawing = ""

    def __post_init__(self) -> None:
        if not self.versions:
            raise InvalidInput({"versions": "empty"})
        if len(set(self.languages)) < len(self.versions):
            raise InvalidInput({"versions": "language-twice"})
        if len({named.statement for named in self.naming}) < len(self.naming):
            raise InvalidInput({"naming": "statement-twice"})

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(draft.language for draft in self.versions)

    @property
    def title(self) -> str:
        """The first headline that there is."""
        return next((draft.headline for draft in self.versions if draft.headline), "")

    @property
    def excerpts(self) -> tuple[Excerpt, ...]:
        return tuple(excerpt for draft in self.versions for excerpt in draft.excerpts)

    @property
    def statements(self) -> frozenset[StatementId]:
        return frozenset(excerpt.statement for excerpt in self.excerpts)

    @property
    def month(self) -> str:
        """One for all languages."""
        return next((draft.month for draft in self.versions if draft.month), "")

    def version(self, language: str) -> StoryDraft | None:
        return next((draft for draft in self.versions if draft.language == language), None)

    def naming_of(self, statement: StatementId) -> Naming:
        return next((named.naming for named in self.naming if named.statement == statement), Naming.ANONYMOUS)

    def with_version(self, draft: StoryDraft) -> Self:
        """In place of the one in its language, or as a further one; its month becomes the month of all."""
        known = [draft if each.language == draft.language else each for each in self.versions]
        every = known if draft.language in self.languages else [*known, draft]
        return replace(self, versions=tuple(replace(each, month=draft.month) for each in every))

    def without_version(self, language: str) -> Self:
        """InvalidInput if it is the only one."""
        return replace(self, versions=tuple(each for each in self.versions if each.language != language))

    def with_naming(self, named: Named) -> Self:
        others = (each for each in self.naming if each.statement != named.statement)
        return replace(self, naming=_ordered((*others, named)))

    def to_plain(self) -> dict[str, Plain]:
        """As it is sealed: `{"versions": {language: draft}, "order": [...], ...}`."""
        shared = to_plain(_Shared(self.naming, self.place_precision, self.drawing))
        return {
            "versions": {draft.language: draft.to_dict() for draft in self.versions},
            "order": [*self.languages],
            **shared,
        }

    @classmethod
    def from_plain(cls, plain: object) -> Self:
        """InvalidInput unless every field has its type; what the languages share may be missing as a whole."""
        if not isinstance(plain, dict) or not isinstance(versions := plain.get("versions"), dict):
            raise InvalidInput({"story": "wrong-fields"})
        order = plain.get("order", [*versions])
        if not isinstance(order, list) or sorted(order) != sorted(versions):
            raise InvalidInput({"order": "not-the-versions"})
        drafts = tuple(StoryDraft.from_dict(versions[language]) for language in order)
        if any(draft.language != language for draft, language in zip(drafts, order, strict=True)):
            raise InvalidInput({"versions": "wrong-language"})
        rest = {name: value for name, value in plain.items() if name not in {"versions", "order"}}
        shared = from_plain(_Shared, rest) if rest else _Shared()
        return cls(drafts, shared.naming, shared.place_precision, shared.drawing)


def _ordered(naming: Iterable[Named]) -> tuple[Named, ...]:
    return tuple(sorted(naming, key=lambda named: named.statement.bytes))
