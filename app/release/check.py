"""The check of a story: its bundle is made, the leak gate reads it, consent and quotes are held against their sources."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from app.detection.gate import InternalNeedles, Rule, check_bundle
from app.detection.matcher import Kind, Needle
from app.detection.runs import Runs, as_typed, spaced
from app.domain.consent import Extent, Naming, PlacePrecision, Scope, missing_scopes
from app.domain.errors import InvalidInput
from app.domain.ids import StatementId
from app.domain.register import Entity, EntityKind, Register
from app.domain.story import Excerpt, StoryDraft
from app.release.bundle import Bundle, surfaces
from app.release.compose import quoted_words, voice_of
from app.release.manuscript import Manuscript
from app.release.report import CONSENT, QUOTE, SOURCE, Finding, Report, Use, in_order
from app.release.site.snapshot import StorySnapshot
from app.release.sources import Source, case_of, listed_name, other_texts, seal_of
from app.unit_of_work import UnitOfWork

_KINDS: Final[Mapping[EntityKind, tuple[Kind, ...]]] = {
    "person": (Kind.NAME,),
    "place": (Kind.PLACE,),
    "workplace": (Kind.PLACE,),
    "phone": (Kind.NUMBER, Kind.PHRASE),
    "paper": (Kind.NUMBER, Kind.PHRASE),
    "other": (Kind.PHRASE,),
}
_SHORTEST_NAME: Final = 3
_SHORTEST_WORDS: Final = 6
"""A year of birth stands in many texts by chance."""
_BETWEEN_NAMES: Final = re.compile(r"[,;،]")
_NUMBER: Final = re.compile(r"[+\d][\d\s().-]{4,}")
_ADDRESS: Final = re.compile(r"[^\s<>,;]+@[^\s<>,;]+|@\w{3,}")
_NAMES: Final = ("name", "aliases")
_SAYS_WHO: Final = ("contact", "papers", "born", "birth", "phone", "email", "address")
_SAYS_WHERE: Final = (*_SAYS_WHO, "recontact_channel")
"""Of the identity compartment. What concerns asking again says how, not who, but for a number or an address in it."""
_PASTED_WORDS: Final = 6
_PASTED_TELLING_WORDS: Final = 2


@dataclass(frozen=True)
class Surroundings:
    """What else the check knows a leak by: the case's register, our own ids, names and codes."""

    register: Register
    ids: tuple[UUID, ...]
    staff: tuple[str, ...]
    codes: tuple[str, ...]


def check(
    uow: UnitOfWork,
    manuscript: Manuscript,
    revision: int,
    snapshot: StorySnapshot,
    sources: Sequence[Source],
    around: Surroundings,
    today: date,
) -> tuple[Bundle, Report]:
    """The bundle of a snapshot, and everything that was found in it."""
    bundle = Bundle.of(snapshot, demo=uow.installation.demo)
    uses = [use_of(manuscript, around.register, source) for source in sources]
    findings = [
        *leaks(bundle, sources, around, demo=uow.installation.demo),
        *_standing(sources),
        *_consents(sources, uses, today),
        *_quotes(uow, manuscript, sources),
        *_pasted(uow, manuscript, sources),
    ]
    return bundle, Report(bundle.digest.hex(), revision, tuple(uses), in_order(findings), len(bundle.files))


def unmakeable(manuscript: Manuscript, revision: int, problems: InvalidInput) -> Report:
    """The report where no page can be made of a manuscript yet."""
    findings = [
        Finding(QUOTE, "block", f"page-{code}", _readable(field, manuscript))
        for field, code in problems.problems.items()
    ]
    return Report("", revision, (), in_order(findings), 0)


def _readable(field: str, manuscript: Manuscript) -> str:
    """`texts[1].headline` as `hy.headline`."""
    for number, language in enumerate(manuscript.languages):
        field = field.replace(f"texts[{number}]", language)
    return field


# What must not be in the bytes


def leaks(
    bundle: Bundle, sources: Iterable[Source], around: Surroundings, *, demo: bool
) -> Iterator[Finding]:
    """What the leak gate finds in a bundle and in what it becomes on the front page and in the feed."""
    read = list(sources)
    files = {**bundle.files, **surfaces(bundle.snapshot, demo=demo)}
    found = check_bundle(
        files,
        [needle for entity, form in around.register.needles() for needle in _needles(entity, form)],
        [Needle(Kind.PHRASE, words, f"mark-{n}") for n, words in enumerate(_hidden(read), 1)],
        InternalNeedles.of(
            ids=(*around.ids, *(i for source in read for i in (source.id, *source.assets))),
            file_names=dict.fromkeys(name for source in read for name in source.file_names),
            staff_names=around.staff,
            case_codes=dict.fromkeys(
                (*around.codes, *(source.code_name for source in read if source.code_name))
            ),
        ),
        _digests(bundle, files),
        told=[
            text for source in read if source.redacted.in_force for text in source.redacted.targets.values()
        ],
    )
    return map(Finding.of, found)


def _needles(entity: Entity, form: str) -> Iterator[Needle]:
    """A person is looked for by each name of a full name as well: a surname alone tells as much."""
    forms = dict.fromkeys((form, *_forms("name", form))) if entity.kind == "person" else (form,)
    return (Needle(kind, each, entity.id.hex) for each in forms for kind in _KINDS[entity.kind])


def _hidden(sources: Iterable[Source]) -> list[str]:
    return [*dict.fromkeys(words for source in sources for words in source.hidden)]


def _digests(bundle: Bundle, files: Mapping[str, bytes]) -> dict[str, str]:
    around = Bundle({path: content for path, content in files.items() if path not in bundle.files})
    return {file.path: file.sha256.hex() for file in (*bundle.listed, *around.listed)}


# What the sources and their consents allow


def _standing(sources: Iterable[Source]) -> Iterator[Finding]:
    for source in sources:
        if source.is_held:
            yield Finding(SOURCE, "block", "source-held", detail=source.code_name)


def _consents(sources: Iterable[Source], uses: Iterable[Use], today: date) -> Iterator[Finding]:
    for source, use in zip(sources, uses, strict=True):
        for scope in missing_scopes(source.agreement.consent, use.publication, today):
            if scope is Scope.EMBARGO:
                yield Finding(CONSENT, "warn", "embargo-ahead", detail=source.code_name)
            else:
                yield Finding(CONSENT, "block", "consent-missing", scope.value, detail=source.code_name)


def use_of(manuscript: Manuscript, register: Register, source: Source) -> Use:
    """What the public would see of one source."""
    tells_place = any(draft.place for draft in manuscript.versions)
    return Use(
        statement=source.id,
        naming=_naming(manuscript, register, source.id),
        extent=_extent(manuscript, source),
        place=manuscript.place_precision if tells_place else PlacePrecision.NONE,
        languages=tuple(draft.language for draft in manuscript.versions if source.id in draft.statements),
    )


def _naming(manuscript: Manuscript, register: Register, statement: StatementId) -> Naming:
    """What the editor says, or more, where the register knows the name that stands there."""
    labels = {
        (excerpt.speaker, draft.language)
        for draft in manuscript.versions
        for excerpt in draft.excerpts
        if excerpt.statement == statement
    }
    namings = [manuscript.naming_of(statement), *(_naming_of_label(register, *label) for label in labels)]
    return max(namings, key=list(Naming).index)


def _naming_of_label(register: Register, speaker: str, language: str) -> Naming:
    voice = voice_of(speaker, language)
    name = voice.name.casefold()
    for entity in register.entities:
        shown = {text.casefold() for _language, text in entity.pseudonyms}
        if (
            entity.kind == "person"
            and not entity.is_hidden
            and name in {form.casefold() for form in entity.spellings} | shown
        ):
            return Naming.NAMED
        if entity.kind == "person" and entity.is_hidden and name in shown:
            return Naming.PSEUDONYM
    return Naming.PSEUDONYM if voice.name_changed else Naming.ANONYMOUS


def _extent(manuscript: Manuscript, source: Source) -> Extent:
    """More than half of all that was said is no short part any more."""
    whole = sum(len(text.strip()) for text in source.redacted.targets.values())
    own = [excerpt for excerpt in manuscript.excerpts if excerpt.statement == source.id]
    told = {(excerpt.target, at) for excerpt in own for at in range(excerpt.start, excerpt.end)}
    return Extent.FULL if 2 * len(told) > whole else Extent.EXTRACT


# Whether quotes are quotes


def _quotes(uow: UnitOfWork, manuscript: Manuscript, sources: Iterable[Source]) -> Iterator[Finding]:
    by_id = {source.id: source for source in sources}
    for source in by_id.values():
        if not source.redacted.in_force:
            yield Finding(QUOTE, "block", "redaction-unfinished", detail=source.code_name)
    for draft in manuscript.versions:
        for number, block in enumerate(draft.blocks, 1):
            if block.excerpt is not None:
                yield from _excerpt(
                    uow, block.excerpt, by_id.get(block.excerpt.statement), draft.language, number
                )
                if not quoted_words(block, draft.language).strip():
                    yield Finding(QUOTE, "block", "translation-missing", draft.language, str(number))
        if draft.pull_quote and not _is_quoted(
            draft.pull_quote, (quoted_words(b, draft.language) for b in draft.blocks if b.excerpt)
        ):
            yield Finding(QUOTE, "block", "pull-quote-not-quoted", draft.language)


def _excerpt(
    uow: UnitOfWork, excerpt: Excerpt, source: Source | None, language: str, number: int
) -> Iterator[Finding]:
    text = source.redacted.targets.get(excerpt.target, "") if source else ""
    languages = source.languages_of(excerpt.target) if source else ()
    if excerpt.text not in text:
        yield Finding(QUOTE, "block", "excerpt-stale", language, str(number))
    elif languages and excerpt.language not in languages:
        yield Finding(QUOTE, "block", "excerpt-language", language, str(number))
    elif excerpt.digest != seal_of(uow, excerpt.statement, excerpt.target, text):
        yield Finding(QUOTE, "warn", "excerpt-source-changed", language, str(number))


def _pasted(uow: UnitOfWork, manuscript: Manuscript, sources: Sequence[Source]) -> Iterator[Finding]:
    """Words of a statement whose consent nobody asks, since the story does not quote it."""
    parts = [part for draft in manuscript.versions for part in _own_words(draft)]
    runs = Runs(((f"{at}", as_typed(text)) for at, (*_, text) in enumerate(parts)), _PASTED_WORDS)
    if not runs or not sources:
        return
    told = [spaced(as_typed(text)) for source in sources for text in source.redacted.targets.values()]
    case = case_of(uow, sources[0].id)
    others = other_texts(uow, case, [source.id for source in sources])
    if not others.are_all:
        yield Finding(QUOTE, "warn", "others-not-compared")
    for statement, text in others.texts:
        for run in runs.find(as_typed(text), told):
            if run.telling >= _PASTED_TELLING_WORDS:
                language, where, _words = parts[int(run.source)]
                name = listed_name(uow, case, statement)
                yield Finding(QUOTE, "warn", "words-of-another", language, where, statement.hex, name)


def _own_words(draft: StoryDraft) -> Iterator[tuple[str, str, str]]:
    """What the desk wrote: language, number of the part or nothing, text."""
    yield draft.language, "", draft.standfirst
    for number, block in enumerate(draft.blocks, 1):
        yield draft.language, str(number), block.excerpt.translation if block.excerpt else block.text


def _is_quoted(words: str, quotes: Iterable[str]) -> bool:
    """Whatever the line breaks, and a full stop more or less."""
    plain = _spaced(words).rstrip(".։。…")
    return any(plain in _spaced(quote) for quote in quotes)


def _spaced(text: str) -> str:
    return " ".join(text.split())


# Names that only the identity compartment knows


def identity_findings(
    bundle: Bundle, identities: Iterable[tuple[Source, Mapping[str, Any]]], register: Register, *, demo: bool
) -> tuple[Finding, ...]:
    """Where the bundle, its cards and its feed entry hold a name, a contact or a paper of a source.

    Somebody who agreed to be named, and whom the register shows, is not looked for by name.
    """
    files = {**bundle.files, **surfaces(bundle.snapshot, demo=demo)}
    needles = [
        Needle(needle.kind, needle.text, f"identity-{number}")
        for number, (source, identity) in enumerate(identities, 1)
        for needle in _identity_needles(identity, _shown_names(source, register))
    ]
    found = check_bundle(files, needles, (), InternalNeedles(), _digests(bundle, files))
    return in_order(Finding.of(finding) for finding in found if finding.rule is Rule.PROTECTED_NAME)


def _shown_names(source: Source, register: Register) -> frozenset[str]:
    if source.agreement.consent.publishing.naming is not Naming.NAMED:
        return frozenset()
    shown = (entity for entity in register.entities if entity.kind == "person" and not entity.is_hidden)
    forms = (
        form
        for entity in shown
        for form in (*entity.spellings, *(text for _language, text in entity.pseudonyms))
    )
    return frozenset(word for form in forms for word in (form.casefold(), *form.casefold().split()))


def _identity_needles(identity: Mapping[str, Any], shown: frozenset[str]) -> Iterator[Needle]:
    for key, value in identity.items():
        name = key.partition("#")[0]
        for text in _texts(value):
            if name in _NAMES:
                yield from (
                    Needle(Kind.NAME, form, "") for form in _forms(name, text) if form.casefold() not in shown
                )
            elif name in _SAYS_WHERE:
                whole = (text,) if name in _SAYS_WHO else ()
                yield from (Needle(Kind.NUMBER, number, "") for number in _NUMBER.findall(text))
                yield from (
                    Needle(Kind.PHRASE, words, "")
                    for words in (*whole, *_ADDRESS.findall(text))
                    if len(words) >= _SHORTEST_WORDS
                )


def _forms(key: str, text: str) -> Iterator[str]:
    """Each name between the commas, as a whole; of a full name, not of what somebody is called by, each word too."""
    for name in filter(None, (part.strip() for part in _BETWEEN_NAMES.split(text))):
        yield name
        if key == "name":
            yield from (
                word for word in name.split() if len(word) >= _SHORTEST_NAME and not word[0].islower()
            )


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str) and value.strip():
        yield value.strip()
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
