"""A case with redacted statements to write from, and a story brought as far as a test needs it."""

import json
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.domain.consent import Consent, Embargo, Extent, Naming, PlacePrecision, Publishing
from app.domain.ids import EntityId, MarkId, StatementId, StoryId, new_id
from app.domain.lifecycle import StoryState
from app.domain.record import Plain, canonical_json, to_plain
from app.domain.redaction import Action, Mark, RedactionReason, apply
from app.domain.register import Entity, Register
from app.domain.story import Block, Excerpt, StoryDraft
from app.policy.actor import ANONYMOUS
from app.policy.facts import ApprovalKind, StoryFacts
from app.release import actions, standing
from app.release.manuscript import Manuscript, Named
from app.release.sources import redacted_words, seal_of
from app.release.subjects import a_story
from app.release.tree import PublicFolder
from app.store import cases
from app.unit_of_work import UnitOfWork
from app.vault.fields import CONSENT, LINE, MARKS, REDACTED, REGISTER
from app.vault.releases import VerifiedApproval
from app.vault.submissions import file_intake, open_form
from app.web.subjects import case_facts
from tests.cast import Cast

ACCOUNT = (
    "My name is Vera Talin and I lived on Orchard Lane. On Sundays my sister calls.\n\n"
    "If she says the frost came early, I know it has been a hard week. We never agreed on this.\n\n"
    "The notebook lies beside the dry well. My number was 055 123 456."
)
HIDDEN = {
    "Vera Talin": (Action.PSEUDONYM, RedactionReason.WITNESS_IDENTITY, "Teren"),
    "Orchard Lane": (Action.REMOVE, RedactionReason.HOME_WORK_PLACE, ""),
    "beside the dry well": (Action.REMOVE, RedactionReason.SECURITY, ""),
    "055 123 456": (Action.REMOVE, RedactionReason.CONTACT, ""),
}
FROST = "If she says the frost came early, I know it has been a hard week."
IDENTITY = {
    "name": "Vera Talin",
    "aliases": "Aunt Verine, Rita Sorunz",
    "contact": "By the baker, +374 77 900 111",
    "papers": "Passport AT4418822",
}
REGISTER_ENTRIES = (
    ("person", "Vera Talin", ("Vera",), "pseudonym", (("en", "Teren"),)),
    ("place", "Orchard Lane", (), "withhold", ()),
    ("phone", "055 123 456", (), "withhold", ()),
)
AGREED = Consent(
    take_part=True,
    given_on=date(2026, 1, 5),
    publishing=Publishing(
        allowed=True, extent=Extent.EXTRACT, naming=Naming.PSEUDONYM, place=PlacePrecision.REGION
    ),
)


def embargoed(until: date) -> Consent:
    return replace(AGREED, embargo=Embargo(until=until))


@dataclass
class Stage:
    """`statement`: redacted, agreed to be told in short parts under another name."""

    cast: Cast
    folder: PublicFolder
    statement: StatementId = field(default_factory=lambda: StatementId(new_id()))

    # Statements

    def take_statement(
        self,
        account: str = ACCOUNT,
        consent: Consent = AGREED,
        code_name: str = "Juniper",
        identity: dict[str, Any] | None = None,
        file_name: str = "IMG_2041 orchard.mov",
    ) -> StatementId:
        """Sent by an interviewer, taken over by a reader and the custodian."""
        with self.cast.acting("anahit") as uow:
            capsule = open_form(
                uow.installation, uow.vault.submissions.begin(self.cast.case), self.cast.clock()
            )
            intake = file_intake(uow.installation.id, self.cast.case, self.cast.services.blobs)
            intake.write(b"not a film")
            part = {
                "code_name": code_name,
                "languages": ["en"],
                "account": account,
                "consent": consent.to_dict(),
            }
            sealed = uow.vault.submissions.seal_part(
                capsule, part, {}, identity or IDENTITY, [(intake.finish(), {"name": file_name})]
            )
            uow.vault.submissions.finish(sealed.capsule, sealed)
        line: dict[str, Plain] = {
            "code_name": code_name,
            "languages": ["en"],
            "words": len(account.split()),
            "files": 1,
        }
        with self.cast.acting("lilit") as uow:
            uow.vault.submissions.adopt(self.cast.case, 50)
            content = canonical_json(line)
            uow.vault.records.seal(LINE, self.cast.case, capsule.submission, content, expected=0)
        return StatementId(capsule.submission)

    def redact(self, statement: StatementId, account: str = ACCOUNT, by: str = "lilit") -> None:
        marks = [mark for words, decision in HIDDEN.items() for mark in _marks(account, words, decision)]
        with self.cast.acting(by) as uow:
            self.seal_redaction(uow, statement, account, marks)
            work = {"subject": statement, "kind": "redacted", "person": uow.vault.holder.person}
            uow.tx.stage(sa.insert(cases.work).values(**work))
            self.set_state(uow, statement, "approved")

    def seal_redaction(
        self, uow: UnitOfWork, statement: StatementId, account: str, marks: list[Mark]
    ) -> None:
        records, case = uow.vault.records, self.cast.case
        tips = {where: records.tip(where, statement) for where in (MARKS, REDACTED)}
        known = {where: tip.version if tip else 0 for where, tip in tips.items()}
        plain = {"marks": [to_plain(mark) for mark in marks], "lost": []}
        records.seal(MARKS, case, statement, json.dumps(plain).encode(), expected=known[MARKS])
        redacted = {
            "marks_version": known[MARKS] + 1,
            "transcript_version": 0,
            "targets": {"account": apply(account, marks)},
        }
        records.seal(REDACTED, case, statement, json.dumps(redacted).encode(), expected=known[REDACTED])

    def set_state(self, uow: UnitOfWork, statement: UUID, state: str, before: str = "") -> None:
        where = cases.statements.c.id == statement
        uow.tx.stage(sa.update(cases.statements).where(where).values(state=state, before=before), rows=1)

    def change_consent(self, consent: Consent, statement: StatementId | None = None) -> None:
        chosen = statement or self.statement
        with self.cast.acting("ruben") as uow:
            tip = uow.vault.records.tip(CONSENT, chosen)
            content = canonical_json(consent.to_dict())
            newest = tip.version if tip else 0
            uow.vault.records.seal(CONSENT, self.cast.case, chosen, content, expected=newest)

    def fill_register(self, *more: tuple[Any, ...]) -> None:
        entries = tuple(
            Entity(EntityId(new_id()), kind, canonical, forms, protection, pseudonyms)
            for kind, canonical, forms, protection, pseudonyms in (*REGISTER_ENTRIES, *more)
        )
        with self.cast.acting("ruben") as uow:
            tip = uow.vault.records.tip(REGISTER, self.cast.case)
            content = canonical_json(Register(entries).to_dict())
            newest = tip.version if tip else 0
            uow.vault.records.seal(REGISTER, self.cast.case, self.cast.case, content, expected=newest)

    # Stories

    def excerpt(self, words: str = FROST, statement: StatementId | None = None, **more: Any) -> Excerpt:
        chosen = statement or self.statement
        with self.cast.acting("lilit") as uow:
            text = redacted_words(uow, self.cast.case, chosen).targets["account"]
            digest = seal_of(uow, chosen, "account", text)
        start = text.index(words)
        told = {"speaker": "Teren, a relative", "translation": "", "language": "en", "digest": digest, **more}
        return Excerpt(chosen, "account", start, start + len(words), words, **told)

    def draft(self, *blocks: Block, **more: Any) -> StoryDraft:
        told: dict[str, Any] = {
            "language": "en",
            "headline": "On the phone, we talk about the weather",
            "kicker": "Told by a relative",
            "standfirst": "What two sisters say to each other when somebody listens.",
            "pull_quote": FROST,
            "pull_speaker": "Teren, a relative",
            "place": "A town on the lower Ilvan",
            "month": "2026-03",
            "credits": ("Interviews and editing: the desk",),
            "protections": ("Teren is a name we chose.",),
            "themes": ("Calls overheard",),
            **more,
        }
        return StoryDraft(blocks=blocks or self.blocks(), **told)

    def blocks(self, *more: Block) -> tuple[Block, ...]:
        opening = Block("paragraph", "On some Sundays she and her relative have four minutes.")
        return (opening, Block("excerpt", excerpt=self.excerpt()), *more)

    def manuscript(self, *drafts: StoryDraft, **more: Any) -> Manuscript:
        naming = (Named(self.statement, Naming.PSEUDONYM),)
        return Manuscript(drafts or (self.draft(),), **{"naming": naming, "drawing": "letter", **more})

    def write(self, manuscript: Manuscript | None = None, by: str = "lilit") -> StoryId:
        with self.cast.acting(by) as uow:
            story = actions.begin(uow, case_facts(uow, self.cast.case), "en", "A working title")
        self.save(StoryId(story), manuscript or self.manuscript(), by)
        return StoryId(story)

    def save(self, story: StoryId, manuscript: Manuscript, by: str = "lilit") -> int:
        with self.cast.acting(by) as uow:
            revision = standing.open_manuscript(uow, standing.story_row(uow, story)).revision
            return actions.save(uow, self.facts(uow, story), manuscript, revision)

    def check(self, story: StoryId, by: str = "lilit") -> Any:
        with self.cast.acting(by) as uow:
            return actions.check(uow, self.facts(uow, story))

    def checked(self, manuscript: Manuscript | None = None) -> StoryId:
        story = self.write(manuscript)
        report = self.check(story)
        assert report.passed, report.findings
        return story

    def sign(self, story: StoryId, by: str, kind: ApprovalKind) -> None:
        with self.cast.acting(by) as uow:
            actions.sign(uow, self.facts(uow, story), kind)

    def check_identity(self, story: StoryId, by: str = "anush") -> Any:
        with self.cast.acting(by) as uow:
            return actions.check_identity(uow, self.facts(uow, story))

    def due(self, manuscript: Manuscript | None = None) -> StoryId:
        story = self.checked(manuscript)
        self.sign(story, "irina", ApprovalKind.EDITORIAL)
        self.sign(story, "nadim", ApprovalKind.PROTECTION)
        assert not self.check_identity(story)
        assert self.state(story) is StoryState.DUE
        return story

    def published(self, manuscript: Manuscript | None = None) -> StoryId:
        story = self.due(manuscript)
        self.publish(story)
        return story

    def publish(self, story: StoryId, by: str = "mark") -> None:
        with self.cast.acting(by) as uow:
            actions.publish(uow, self.facts(uow, story), self.folder)

    # Looking

    def facts(self, uow: UnitOfWork, story: UUID) -> StoryFacts:
        return a_story(uow, ANONYMOUS, story=story)

    def facts_for(self, name: str, story: UUID) -> StoryFacts:
        with self.cast.acting(name) as uow:
            return self.facts(uow, story)

    def state(self, story: UUID) -> StoryState:
        with self.cast.acting("ruben") as uow:
            return standing.story_row(uow, story).state

    def row(self, story: UUID) -> standing.StoryRow:
        with self.cast.acting("ruben") as uow:
            return standing.story_row(uow, story)

    def approvals(self, story: UUID) -> dict[str, VerifiedApproval]:
        with self.cast.acting("ruben") as uow:
            row = standing.story_row(uow, story)
            return uow.vault.releases.approvals(row.id, row.case, row.bundle) if row.bundle else {}

    def current(self) -> Path:
        number = self.folder.current
        assert number is not None
        return self.folder.folder(number)


def _marks(account: str, words: str, decision: tuple[Action, RedactionReason, str]) -> list[Mark]:
    start = account.find(words)
    if start < 0:
        return []
    action, reason, replacement = decision
    return [Mark(MarkId(new_id()), "account", start, start + len(words), action, reason, replacement)]


def set_up(cast: Cast) -> Stage:
    stage = Stage(cast, PublicFolder(cast.services.config.public_dir))
    stage.fill_register()
    stage.statement = stage.take_statement()
    stage.redact(stage.statement)
    return stage
