"""Writes the demonstration's stories, has them checked and signed by those who may, and publishes one."""

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from app.demo import content as demo
from app.demo.people import Troupe
from app.demo.statements import holder_of
from app.domain.consent import Naming
from app.domain.duties import Duty
from app.domain.ids import StatementId
from app.domain.story import Block, Excerpt, StoryDraft
from app.policy.actor import ANONYMOUS
from app.policy.facts import ApprovalKind
from app.release import actions
from app.release.manuscript import Manuscript, Named
from app.release.site.snapshot import Drawing
from app.release.sources import redacted_words, seal_of
from app.release.subjects import a_story
from app.release.tree import PublicFolder
from app.unit_of_work import UnitOfWork
from app.web.subjects import case_facts

ACCOUNT: Final = "account"
DRAWINGS: Final[dict[str, Drawing]] = {"school-at-six": "window", "weather": "light"}
_NAMING: Final = {"pseudonym": Naming.PSEUDONYM, "named": Naming.NAMED}
_MONTHS: Final = {name: number for number, name in enumerate(calendar.month_name) if name}


@dataclass(frozen=True)
class Quoting:
    """What finding an excerpt takes: the content, and the ids and redacted words of its statements."""

    content: demo.DemoContent
    ids: Mapping[str, UUID]
    words: Mapping[str, Mapping[str, str]]
    uow: UnitOfWork

    def excerpt(self, story: demo.Story, key: str, language: demo.Language, speaker: str) -> Excerpt:
        """The excerpt as it stands in the redacted text.

        Raises:
            DemoContentError: it does not stand there.
        """
        excerpt = story.excerpt(key)
        spoken = self.content.statement(excerpt.statement).languages[0]
        found = _find(self.words[excerpt.statement][ACCOUNT], excerpt.source_text)
        if found is None:
            raise demo.DemoContentError(
                f"{story.key}: {key!r} is not in the redacted text of {excerpt.statement}"
            )
        start, end = found
        account = self.words[excerpt.statement][ACCOUNT]
        statement = StatementId(self.ids[excerpt.statement])
        return Excerpt(
            statement=statement,
            target=ACCOUNT,
            start=start,
            end=end,
            text=account[start:end],
            translation="" if language == spoken else story.wording(key, language, spoken),
            language=spoken,
            speaker=speaker,
            digest=seal_of(self.uow, statement, ACCOUNT, account),
        )


def tell(troupe: Troupe, content: demo.DemoContent, story: demo.Story, ids: Mapping[str, UUID]) -> None:
    """Begin, write, check, sign; publish it where its state says so."""
    case = troupe.cases[story.case]
    with troupe.acting(story.written_by) as uow:
        id_ = actions.begin(uow, case_facts(uow, case), "en", story.versions["en"].headline)
    with troupe.acting(story.written_by) as uow:
        actions.save(uow, a_story(uow, ANONYMOUS, story=id_), _manuscript(uow, content, story, ids, case), 1)
    with troupe.acting(story.written_by) as uow:
        report = actions.check(uow, a_story(uow, ANONYMOUS, story=id_))
    if not report.passed:
        found = ", ".join(f"{each}" for each in report.findings if each.blocks)
        raise demo.DemoContentError(f"{story.key} does not pass the gate: {found}")
    _sign(troupe, content, story, id_)


def _sign(troupe: Troupe, content: demo.DemoContent, story: demo.Story, id_: UUID) -> None:
    with troupe.acting(holder_of(content, story.case, Duty.EDITORIAL_APPROVER)) as uow:
        actions.sign(uow, a_story(uow, ANONYMOUS, story=id_), ApprovalKind.EDITORIAL)
    if story.state != "published":
        return
    with troupe.acting(holder_of(content, story.case, Duty.PROTECTION_APPROVER)) as uow:
        actions.sign(uow, a_story(uow, ANONYMOUS, story=id_), ApprovalKind.PROTECTION)
    with troupe.acting(holder_of(content, story.case, Duty.IDENTITY_CUSTODIAN)) as uow:
        findings = actions.check_identity(uow, a_story(uow, ANONYMOUS, story=id_))
    if any(finding.blocks for finding in findings):
        raise demo.DemoContentError(f"{story.key} names somebody whom the identity compartment knows")
    with troupe.acting(holder_of(content, story.case, Duty.PUBLISHER)) as uow:
        actions.publish(
            uow, a_story(uow, ANONYMOUS, story=id_), PublicFolder(troupe.services.config.public_dir)
        )


def _manuscript(
    uow: UnitOfWork, content: demo.DemoContent, story: demo.Story, ids: Mapping[str, UUID], case: UUID
) -> Manuscript:
    quoted = {excerpt.statement for excerpt in story.excerpts}
    words = {key: redacted_words(uow, case, ids[key]).targets for key in quoted}
    quoting = Quoting(content, ids, words, uow)
    naming = (
        Named(StatementId(ids[key]), _NAMING.get(content.statement(key).consent.publish, Naming.ANONYMOUS))
        for key in sorted(quoted)
    )
    return Manuscript(
        versions=tuple(_draft(quoting, story, language) for language in story.versions),
        naming=tuple(sorted(naming, key=lambda named: named.statement.bytes)),
        drawing=DRAWINGS.get(story.key, ""),
    )


def _draft(quoting: Quoting, story: demo.Story, language: demo.Language) -> StoryDraft:
    version = story.versions[language]
    pulled = story.excerpt(version.pull_quote)
    spoken = quoting.content.statement(pulled.statement).languages[0]
    return StoryDraft(
        language=language,
        headline=version.headline,
        kicker=version.kicker,
        standfirst=version.standfirst,
        pull_quote=story.wording(version.pull_quote, language, spoken),
        pull_speaker=version.speakers[pulled.speaker],
        blocks=tuple(_blocks(quoting, story, language)),
        place=version.place,
        month=_month(story.versions["en"].month),
        credits=version.credits,
        content_note=version.content_note,
        protections=version.protected_how,
        themes=story.themes if language == "en" else (),
        languages=tuple(story.versions),
    )


def _blocks(quoting: Quoting, story: demo.Story, language: demo.Language) -> Iterator[Block]:
    version = story.versions[language]
    for block in version.body:
        if not block.excerpt:
            yield Block("paragraph", block.text)
            continue
        speaker = version.speakers[story.excerpt(block.excerpt).speaker]
        yield Block("excerpt", excerpt=quoting.excerpt(story, block.excerpt, language, speaker))


def _find(account: str, wanted: str) -> tuple[int, int] | None:
    """Where these words stand, labels of what is withheld left aside on both sides; with their last full stop."""
    places = [at for at in _spoken(account) if account[at].isalnum()]
    letters = "".join(wanted[at] for at in _spoken(wanted) if wanted[at].isalnum())
    first = "".join(account[at] for at in places).find(letters)
    if first < 0:
        return None
    end = places[first + len(letters) - 1] + 1
    while (
        end < len(account)
        and not account[end].isspace()
        and not account[end].isalnum()
        and account[end] != "["
    ):
        end += 1
    return places[first], end


def _spoken(text: str) -> Iterator[int]:
    """Positions outside `[...]` and `[[...]]`."""
    depth = 0
    for at, character in enumerate(text):
        depth += (character == "[") - (character == "]")
        if depth == 0 and character != "]":
            yield at


def _month(told: str) -> str:
    """`March 2026` as `2026-03`; nothing for a season."""
    name, _space, year = told.partition(" ")
    return f"{year}-{_MONTHS[name]:02}" if name in _MONTHS else ""
