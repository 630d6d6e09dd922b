"""What the story pages show: my cases' stories, what may be quoted, surfaces to look at, who signed."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal
from uuid import UUID

import sqlalchemy as sa

from app.domain.duties import reads_case
from app.domain.errors import Forbidden, Frozen, InvalidInput, NotFound, Tampered
from app.domain.ids import NIL, CaseId, StatementId
from app.domain.lifecycle import StoryState
from app.domain.redaction import Withheld, marker
from app.policy.actor import Actor
from app.policy.facts import CaseFacts, StoryFacts
from app.policy.permissions import Permission
from app.policy.rules import decide
from app.release import standing
from app.release.bundle import STORY as DATA_FILE
from app.release.bundle import Bundle, surfaces
from app.release.compose import snapshot_of
from app.release.shelf import today
from app.release.site.render import static_files
from app.release.site.strings import STRINGS
from app.release.sources import SEGMENT, Agreement, code_name_of, redacted_words
from app.store import cases, records, stories, trust
from app.unit_of_work import UnitOfWork
from app.vault.fields import REDACTED
from app.vault.records import Broken
from app.vault.releases import VerifiedApproval
from app.vault.sessions import Session

PAGE: Final = 100
SENTENCES: Final = re.compile(r"[^.!?։؟…\n]*(?:[.!?։؟…]+[”»\"’)]*|\n+|$)\s*")

SurfaceKind = Literal["page", "card", "feed", "data", "search"]


# My cases' stories


@dataclass(frozen=True)
class StoryLine:
    """One story in a list. `title`: empty where it does not open; `facts` are of the list, not of an approval."""

    row: standing.StoryRow
    title: str
    languages: tuple[str, ...]
    opens: bool = True


@dataclass(frozen=True)
class CaseStories:
    """The newest stories of one case. `may_begin`: whether this person may write another."""

    facts: CaseFacts
    code: str
    stories: tuple[StoryLine, ...]
    may_begin: bool


def case_stories(uow: UnitOfWork, actor: Actor) -> list[CaseStories]:
    """Every case whose stories this person may see, by code; a case that is stopped blocks no other."""
    table = trust.memberships
    rows = uow.tx.all(
        sa.select(cases.cases.c.id, cases.cases.c.code)
        .join(table, table.c.case == cases.cases.c.id)
        .where(table.c.person == uow.vault.holder.person, cases.cases.c.id != NIL)
        .order_by(cases.cases.c.code)
    )
    found = ((row, _case_facts(uow, row.id)) for row in rows)
    return [
        CaseStories(
            facts,
            row.code,
            tuple(_lines(uow, facts)),
            decide(Permission.STORY_CREATE, actor, facts).granted,
        )
        for row, facts in found
        if decide(Permission.STORY_LIST, actor, facts).granted
    ]


def _case_facts(uow: UnitOfWork, case: UUID) -> CaseFacts:
    """No duties where the roster does not open: what cannot be proved is not listed."""
    try:
        duties = uow.vault.trust.roster(case).duties_of(uow.vault.holder.card)
    except (NotFound, Frozen, Tampered):
        duties = frozenset()
    return CaseFacts(CaseId(case), duties)


def _lines(uow: UnitOfWork, case: CaseFacts) -> Iterator[StoryLine]:
    table = stories.stories
    newest = sa.select(table).where(table.c.case == case.id).order_by(table.c.created.desc(), table.c.id)
    for row in uow.tx.all(newest.limit(PAGE)):
        yield _line(uow, standing.row_of(row))


def _line(uow: UnitOfWork, row: standing.StoryRow) -> StoryLine:
    try:
        manuscript = standing.open_manuscript(uow, row).manuscript
    except (NotFound, Tampered, Forbidden, InvalidInput):
        return StoryLine(row, "", (), opens=False)
    return StoryLine(row, manuscript.title, manuscript.languages)


# One story


@dataclass(frozen=True)
class Head:
    """What stands over every page of a story. `openers`: how many can open its draft."""

    row: standing.StoryRow
    written: standing.Written
    code: str
    openers: int

    @property
    def sources(self) -> frozenset[StatementId]:
        return self.written.manuscript.statements


def head_of(uow: UnitOfWork, story: StoryFacts) -> Head:
    """Opens the draft: the caller has noted it. Raises NotFound, Tampered, Forbidden, InvalidInput."""
    row = standing.story_row(uow, story.id)
    roster = uow.vault.trust.roster(row.case)
    openers = sum(reads_case(roster.duties_of(member.card)) for member in roster.roster.members)
    return Head(row, standing.open_manuscript(uow, row), code_of(uow, row.case), openers)


def code_of(uow: UnitOfWork, case: UUID) -> str:
    return str(uow.tx.value(sa.select(cases.cases.c.code).where(cases.cases.c.id == case)))


@dataclass(frozen=True)
class Signature:
    """Who signed, and when; seconds since 1970."""

    name: str
    at: int


def signatures(uow: UnitOfWork, row: standing.StoryRow) -> dict[str, Signature]:
    """By kind: those that count now, or, of a story that is out, those that it was released with."""
    given = _given(uow, row)
    names = uow.vault.people.names({approval.person for approval in given.values()})
    return {kind: Signature(names[each.person], each.issued) for kind, each in given.items()}


def _given(uow: UnitOfWork, row: standing.StoryRow) -> Mapping[str, VerifiedApproval]:
    if row.bundle is None:
        return {}
    if row.state not in standing.IN_APPROVAL:
        return uow.vault.releases.approvals(row.id, row.case, row.bundle)
    checked = standing.open_report(uow, row)
    if checked is None or not checked.report.speaks_of(row.bundle):
        return {}
    leaning = standing.lean(uow, row.case, checked.report)
    given = standing.approvals_in_force(uow, row, checked, leaning)
    return {kind.value: approval for kind, approval in given.items()}


@dataclass(frozen=True)
class Leant:
    """One consent that a story leans on."""

    code_name: str
    agreement: Agreement
    held: bool


def consents_of(uow: UnitOfWork, row: standing.StoryRow, statements: Iterable[StatementId]) -> list[Leant]:
    """Opens each statement: the caller has noted it. One that does not open is left to the check to name."""
    leant = []
    for statement in sorted(statements, key=lambda each: each.bytes):
        try:
            name, agreement = code_name_of(uow, row.case, statement)
            leant.append(Leant(name, agreement, standing.is_stopped(uow, statement)))
        except (NotFound, Tampered, InvalidInput):
            continue
    return sorted(leant, key=lambda each: each.code_name)


# What will be public


@dataclass(frozen=True)
class Surface:
    """One thing that becomes public: a file of the bundle, or of what the site makes of it."""

    path: str
    kind: SurfaceKind
    language: str
    seen: bool = False


def preview(uow: UnitOfWork, row: standing.StoryRow) -> dict[str, bytes]:
    """The files as readers would get them: the approved bytes, or a draft rendered as it is; in memory alone.

    Raises InvalidInput where no page can be made of the draft yet.
    """
    demo = uow.installation.demo
    is_draft = row.state is StoryState.DRAFT or row.bundle is None
    bundle = _drafted(uow, row) if is_draft else standing.open_bundle(uow, row)
    return {**static_files(), **surfaces(bundle.snapshot, demo=demo), **bundle.files}


def _drafted(uow: UnitOfWork, row: standing.StoryRow) -> Bundle:
    manuscript = standing.open_manuscript(uow, row).manuscript
    snapshot = snapshot_of(manuscript, row.public_id, today(uow))
    return Bundle.of(snapshot, demo=uow.installation.demo)


def draft_page(uow: UnitOfWork, row: standing.StoryRow, language: str) -> str:
    """The path of a draft's page in one language. Raises InvalidInput as `preview`."""
    for surface in _surfaces(_drafted(uow, row), demo=uow.installation.demo):
        if (surface.kind, surface.language) == ("page", language):
            return surface.path
    raise InvalidInput({"versions": "empty"})


def surfaces_to_see(uow: UnitOfWork, row: standing.StoryRow, session: Session | None) -> list[Surface]:
    """Everything an approver must have looked at, in the order of importance; seen in this session or not."""
    bundle = standing.open_bundle(uow, row)
    return [
        replace(surface, seen=_was_seen(uow, session, sight(bundle.digest, surface.path)))
        for surface in _surfaces(bundle, demo=uow.installation.demo)
    ]


def _surfaces(bundle: Bundle, *, demo: bool) -> list[Surface]:
    snapshot = bundle.snapshot
    folder = f"stories/{snapshot.public_id}"
    pages, searches, cards = [], [], []
    for text in snapshot.texts:
        own = "index" if text == snapshot.default else f"index.{text.language}"
        front = "index.html" if text.language == "en" else f"index.{text.language}.html"
        pages.append(Surface(f"{folder}/{own}.html", "page", text.language))
        searches.append(Surface(f"{folder}/{own}.jsonld", "search", text.language))
        cards.append(Surface(front, "card", text.language))
    data = Surface(f"{folder}/{DATA_FILE}", "data", "")
    feed = Surface("feed.atom", "feed", "")
    every = [*pages, *cards, feed, *searches, data]
    expected = {*bundle.files, *surfaces(snapshot, demo=demo)}
    if {surface.path for surface in every} != expected:
        raise InvalidInput({"bundle": "unknown-surface"})
    return every


def sight(bundle: bytes, path: str) -> UUID:
    """What a session remembers of having looked at one surface of one bundle."""
    return UUID(bytes=hashlib.sha256(b"surface\x00" + bundle + path.encode()).digest()[:16])


def _was_seen(uow: UnitOfWork, session: Session | None, subject: UUID) -> bool:
    return session is not None and not uow.vault.sessions.first_opening(session.id, subject)


# What may be quoted


@dataclass(frozen=True)
class Quotable:
    """A statement whose redaction was sealed. Empty where its list line says nothing: the code name, the languages."""

    statement: StatementId
    code_name: str = ""
    spoken: str = ""
    written: str = ""

    def language_of(self, target: str) -> str:
        """Which a passage of this target is most likely in."""
        return self.spoken if target.startswith(SEGMENT) else self.written or self.spoken


@dataclass(frozen=True)
class Passage:
    """`[start, end)` of the redacted text of a target."""

    target: str
    start: int
    end: int
    text: str


def quotable(uow: UnitOfWork, case: UUID) -> list[Quotable]:
    """The statements of a case that have a redacted text and are not held, by their list lines."""
    table = cases.statements
    rows = uow.tx.all(
        sa.select(table.c.id)
        .join(records.tips, (records.tips.c.record == table.c.id) & (records.tips.c.field == REDACTED.path))
        .where(table.c.case == case)
        .order_by(table.c.arrival)
    )
    free = [row.id for row in rows if not standing.is_stopped(uow, row.id)]
    lines = uow.vault.records.lines(case, free)
    return [_quotable(StatementId(statement), lines.get(statement)) for statement in free]


def _quotable(statement: StatementId, line: bytes | Broken | None) -> Quotable:
    """Nobody may have opened the statement yet, or its line does not read: it can be quoted all the same."""
    try:
        plain = json.loads(line) if isinstance(line, bytes) else {}
        return Quotable(
            statement,
            code_name=str(plain.get("code_name", "")),
            spoken=next(iter(plain.get("languages", ())), ""),
            written=str(plain.get("written", "")),
        )
    except (ValueError, AttributeError, TypeError):
        return Quotable(statement)


def passages(uow: UnitOfWork, case: UUID, statement: StatementId) -> list[Passage]:
    """The redacted text, sentence by sentence. Raises NotFound, Tampered, Forbidden."""
    targets = redacted_words(uow, case, statement).targets
    return [passage for target, text in targets.items() for passage in _sentences(target, text)]


def _sentences(target: str, text: str) -> Iterator[Passage]:
    for found in SENTENCES.finditer(text):
        words = found[0].strip()
        if words:
            start = found.start() + found[0].index(words)
            yield Passage(target, start, start + len(words), words)


def locate(targets: Mapping[str, str], words: str) -> Passage | None:
    """Where pasted words stand, whatever their line breaks; a label in them is what it was shown for."""
    wanted = words.strip()
    if not wanted:
        return None
    pattern = r"\s+".join(map(re.escape, _unlabelled(wanted).split()))
    for target, text in targets.items():
        if found := re.search(pattern, text):
            return Passage(target, found.start(), found.end(), found[0])
    return None


def chosen(targets: Mapping[str, str], places: Iterable[str]) -> Passage | None:
    """Sentences that were ticked, `target|start|end` each: one passage from the first to the last of a target.

    None where nothing was ticked, or what was is not of one target or not there any more.
    """
    found = [place.rsplit("|", 2) for place in places]
    if (
        not found
        or len({place[0] for place in found}) > 1
        or any(not _is_span(*place[1:]) for place in found)
    ):
        return None
    target = found[0][0]
    start, end = min(int(place[1]) for place in found), max(int(place[2]) for place in found)
    text = targets.get(target, "")[start:end]
    return Passage(target, start, end, text) if text and len(text) == end - start else None


def _is_span(*numbers: str) -> bool:
    return len(numbers) == 2 and all(number.isdecimal() for number in numbers)  # noqa: PLR2004  # start and end


def _unlabelled(words: str) -> str:
    for strings in STRINGS.values():
        for kind in Withheld:
            words = words.replace(strings.withheld[kind.value], marker(kind))
    return words
