"""What is done to marks: made, taken, changed, removed, finished, approved; each save seals them all anew."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.audit.acts import Act
from app.audit.log import Note
from app.domain.capacity import MAX_LINE_CHARACTERS, MAX_NOTE_CHARACTERS
from app.domain.errors import Conflict, InvalidInput, InvalidTransition
from app.domain.ids import NIL, EntityId, MarkId, new_id
from app.domain.lifecycle import (
    Standing,
    StatementAct,
    StatementState,
    StoryAct,
    StoryState,
    advance,
    advance_story,
)
from app.domain.record import Plain, canonical_json
from app.domain.redaction import Action, Mark, RedactionReason, apply
from app.domain.text import clean_line, clean_text
from app.policy.facts import StatementFacts
from app.redaction import queries
from app.redaction.decisions import Decisions, in_order
from app.redaction.passages import Passage
from app.redaction.queries import Workspace
from app.redaction.suggestions import Suggestion, shown_for
from app.store import cases, records, stories
from app.unit_of_work import UnitOfWork
from app.vault.fields import MARKS, REDACTED, TRANSCRIPT

WORKED: Final = "redacted"
"""How the table of who worked on what calls it; `app.web.subjects` reads it for the approvals."""
TO_BE_VOIDED: Final = (StoryState.CHECKED, StoryState.APPROVED, StoryState.DUE)


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided about some words; an empty `replacement` is filled from the register's entry."""

    action: Action
    reason: RedactionReason
    replacement: str = ""
    entity: EntityId | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    target: str
    start: int
    end: int


# Which marks there would be


def add(space: Workspace, spans: Iterable[Span], decision: Decision) -> Decisions:
    """A mark over each span; a place that has this very decision already stays as it is.

    Raises InvalidInput for words beyond the text, or a decision that does not hold together.
    """
    new = [_mark(space, span, decision) for span in spans]
    same = {_without_id(mark) for mark in space.decisions.marks}
    added = [mark for mark in new if _without_id(mark) not in same]
    return replace(space.decisions, marks=in_order((*space.decisions.marks, *added)))


def find_words(space: Workspace, words: str, *, everywhere: bool) -> list[Span]:
    """Where exactly these words stand: the first place, or every one; as whole words if they ever do.

    Raises InvalidInput if nowhere.
    """
    wanted = clean_text(words, "words").strip()
    if not wanted:
        raise InvalidInput({"words": "missing"})
    found = _occurrences(space.passages, rf"(?<!\w){re.escape(wanted)}(?!\w)")
    found = found or _occurrences(space.passages, re.escape(wanted))
    if not found:
        raise InvalidInput({"words": "not-in-the-text"})
    return found if everywhere else found[:1]


def everywhere_like(space: Workspace, span: Span) -> list[Span]:
    """A span that was pointed at, and every other place of its words. InvalidInput beyond the text."""
    words = _words_at(space, span)
    return list(dict.fromkeys((span, *find_words(space, words, everywhere=True))))


def _occurrences(read: Iterable[Passage], pattern: str) -> list[Span]:
    return [
        Span(passage.target, found.start(), found.end())
        for passage in read
        for found in re.finditer(pattern, passage.text)
    ]


def _words_at(space: Workspace, span: Span) -> str:
    passage = space.passage(span.target)
    if not 0 <= span.start < span.end <= len(passage.text):
        raise InvalidInput({"words": "beyond-text"})
    return passage.text[span.start : span.end]


def _mark(space: Workspace, span: Span, decision: Decision) -> Mark:
    _words_at(space, span)
    settled = _settled(space, span, decision)
    return Mark(
        MarkId(new_id()),
        span.target,
        span.start,
        span.end,
        settled.action,
        settled.reason,
        settled.replacement,
        settled.entity,
        settled.note,
    )


def _settled(space: Workspace, span: Span, decision: Decision) -> Decision:
    """With every text made fit to keep, and the words of the register where none were typed."""
    replacement = clean_line(decision.replacement, "replacement", MAX_LINE_CHARACTERS)
    note = clean_text(decision.note, "note").strip()
    if len(note) > MAX_NOTE_CHARACTERS:
        raise InvalidInput({"note": "too-long"})
    if decision.action not in {Action.PSEUDONYM, Action.GENERALISE}:
        return replace(decision, replacement="", note=note)
    entity = space.entity(decision.entity)
    if not replacement and entity is not None:
        _action, replacement = shown_for(entity, space.passage(span.target).language)
    if not replacement:
        raise InvalidInput({"replacement": "missing"})
    return replace(decision, replacement=replacement, note=note)


def _without_id(mark: Mark) -> Mark:
    return replace(mark, id=MarkId(NIL))


def take(space: Workspace, suggestion: str, *, action: Action | None = None, everywhere: bool) -> Decisions:
    """Decide a suggestion, as it stands or otherwise (withheld, kept), and those like it if asked.

    Raises Conflict if it is not suggested any more: somebody decided it, or the register has changed.
    """
    chosen = next((known for known in space.suggestions if known.id == suggestion), None)
    if chosen is None:
        raise Conflict("changed-meanwhile")
    taken = [chosen, *(known for known in space.suggestions if known is not chosen and known.is_like(chosen))]
    marks = [_decided(known, action) for known in (taken if everywhere else taken[:1])]
    return replace(space.decisions, marks=in_order((*space.decisions.marks, *marks)))


def take_all(space: Workspace) -> Decisions:
    """Every suggestion, as it stands."""
    marks = [suggestion.as_mark() for suggestion in space.suggestions]
    return replace(space.decisions, marks=in_order((*space.decisions.marks, *marks)))


def _decided(suggestion: Suggestion, action: Action | None) -> Mark:
    mark = suggestion.as_mark()
    return mark if action in {None, mark.action} else replace(mark, action=action, replacement="")


def change(space: Workspace, mark: MarkId, decision: Decision, *, everywhere: bool) -> Decisions:
    """Decide anew about a mark, and about those like it if asked. InvalidInput where it has gone."""
    changing = _chosen(space, mark, everywhere=everywhere)
    marks = (
        _changed(space, each, decision) if each.id in changing else each for each in space.decisions.marks
    )
    return replace(space.decisions, marks=in_order(marks))


def _changed(space: Workspace, mark: Mark, decision: Decision) -> Mark:
    new = _mark(space, Span(mark.target, mark.start, mark.end), decision)
    return replace(new, id=mark.id)


def remove(space: Workspace, mark: MarkId, *, everywhere: bool) -> Decisions:
    """Take a mark back, and those like it if asked. InvalidInput where it has gone."""
    going = _chosen(space, mark, everywhere=everywhere)
    left = tuple(each for each in space.decisions.marks if each.id not in going)
    return replace(space.decisions, marks=left)


def set_action(space: Workspace, mark: MarkId, action: Action, *, everywhere: bool) -> Decisions:
    """Withhold or keep what a mark stands on, the rest as it was decided. InvalidInput where it has gone."""
    changing = _chosen(space, mark, everywhere=everywhere)
    marks = (
        replace(each, action=action, replacement="") if each.id in changing else each
        for each in space.decisions.marks
    )
    return replace(space.decisions, marks=in_order(marks))


def _chosen(space: Workspace, mark: MarkId, *, everywhere: bool) -> set[MarkId]:
    return alike(space, mark) if everywhere else {space.decisions.find(mark).id}


def alike(space: Workspace, mark: MarkId) -> set[MarkId]:
    """The mark and those that are one decision with it: of the same entry, or over the same words."""
    chosen = space.decisions.find(mark)
    words = words_of(space, chosen)
    return {
        each.id
        for each in space.decisions.marks
        if each.entity == chosen.entity and (chosen.entity is not None or words_of(space, each) == words)
    }


def words_of(space: Workspace, mark: Mark) -> str:
    """What a mark stands on."""
    return _words_at(space, Span(mark.target, mark.start, mark.end))


def are_words_at(space: Workspace, span: Span, words: str) -> bool:
    """Whether these words stand there, white space aside. InvalidInput beyond the text."""
    return _words_at(space, span).split() == words.split()


def counts_of(space: Workspace) -> Counter[EntityId]:
    """How often each entry of the register was marked or is suggested."""
    marked = [mark.entity for mark in space.decisions.marks]
    suggested = [suggestion.entity for suggestion in space.suggestions]
    return Counter(entity for entity in (*marked, *suggested) if entity is not None)


def drop_lost(space: Workspace, mark: MarkId) -> Decisions:
    """Say that a mark which lost its words is not needed any more."""
    lost = tuple(each for each in space.decisions.lost if each.mark.id != mark)
    if len(lost) == len(space.decisions.lost):
        raise InvalidInput({"mark": "gone"})
    return replace(space.decisions, lost=lost)


def first_difference(space: Workspace, decisions: Decisions) -> str:
    """The id of the first line where something was decided; empty where nothing was."""
    changed = set(space.decisions.marks) ^ set(decisions.marks)
    for passage in space.passages:
        starts = [mark.start for mark in changed if mark.target == passage.target]
        if starts:
            return passage.line_at(min(starts))
    return ""


# Saving


def check_revision(space: Workspace, revision: int) -> None:
    """Raises Conflict, with the newest revision, if the marks in hand are not it."""
    if space.revision != revision:
        raise Conflict("newer-version", newest=space.revision)


def save(uow: UnitOfWork, statement: StatementFacts, space: Workspace, decisions: Decisions) -> int:
    """Seal the next revision; staged. Approvals of it, and of every story made from it, are void then.

    A save that changes nothing makes no revision and voids nothing. Gives the revision in force.
    Raises InvalidInput if a replacement says what it hides, Conflict if somebody saved in between.
    """
    if decisions == space.decisions and not space.has_moved:
        return space.revision
    revision = _seal(uow, statement, space, decisions)
    standing = queries.read_head(uow, statement).standing
    if standing.state is not StatementState.REDACTING:
        _move(uow, statement, standing, StatementAct.START_REDACTING)
    return revision


def _seal(uow: UnitOfWork, statement: StatementFacts, space: Workspace, decisions: Decisions) -> int:
    for passage in space.passages:
        apply(passage.text, decisions.on(passage.target))
    content = canonical_json(decisions.to_plain())
    sealed = uow.vault.records.seal(MARKS, statement.case.id, statement.id, content, expected=space.revision)
    _note_work(uow, statement)
    _void_approvals(uow, statement)
    return sealed.version


def _note_work(uow: UnitOfWork, statement: StatementFacts) -> None:
    person = uow.vault.holder.person
    if person not in statement.redacted_by:
        uow.tx.insert(cases.work, subject=statement.id, kind=WORKED, person=person)


def _void_approvals(uow: UnitOfWork, statement: StatementFacts) -> None:
    """Whoever approved a story approved other words than it would now be made from."""
    made_from_it = sa.select(records.sources.c.record).where(records.sources.c.source == statement.id)
    table = stories.stories
    for story in uow.tx.all(sa.select(table).where(table.c.id.in_(made_from_it))):
        if _has_approvals(uow, story.id):
            uow.vault.releases.void(story.id, story.case)
        if StoryState(story.state) in TO_BE_VOIDED:
            _back_to_draft(uow, story)


def _has_approvals(uow: UnitOfWork, story: UUID) -> bool:
    table = stories.approvals
    live = sa.select(table.c.digest).where(table.c.story == story, table.c.voided.is_(None))
    return uow.tx.first(live) is not None


def _back_to_draft(uow: UnitOfWork, story: sa.Row[Any]) -> None:
    after = advance_story(StoryState(story.state), StoryAct.EDIT)
    table = stories.stories
    same = sa.update(table).where(table.c.id == story.id, table.c.state == story.state)
    uow.tx.stage(same.values(state=after.value), rows=1)
    holder = uow.vault.holder
    uow.audit.note(
        Note(
            Act.STORY_STATE_CHANGED,
            holder.person,
            story.case,
            story.id,
            session=holder.session_tag,
            note=StoryAct.EDIT.value,
        )
    )


# Where it goes


def finish(uow: UnitOfWork, statement: StatementFacts, space: Workspace) -> None:
    """Seal the redacted text; staged. What is still undecided is withheld, and becomes a mark that says so.

    Raises InvalidInput if a mark lost its words and nobody has said what becomes of it, InvalidTransition if
    it is finished and nothing has changed since, Conflict if somebody saved in between.
    """
    if space.decisions.lost:
        raise InvalidInput({"marks": "lost"})
    standing = queries.read_head(uow, statement).standing
    undecided = [suggestion.withheld() for suggestion in space.suggestions]
    decisions = replace(space.decisions, marks=in_order((*space.decisions.marks, *undecided)))
    revision = space.revision
    acts = [StatementAct.FINISH_REDACTION]
    if standing.state is not StatementState.REDACTING:
        acts.insert(0, StatementAct.START_REDACTING)
    is_new = bool(undecided) or space.has_moved or not revision
    if is_new:
        revision = _seal(uow, statement, space, decisions)
    elif standing.state in {StatementState.REDACTED, StatementState.IN_APPROVAL, StatementState.APPROVED}:
        raise InvalidTransition(standing.state, StatementAct.FINISH_REDACTION)
    _seal_redacted(uow, statement, space, decisions, revision)
    _move(uow, statement, standing, *acts)


def _seal_redacted(
    uow: UnitOfWork, statement: StatementFacts, space: Workspace, decisions: Decisions, revision: int
) -> None:
    targets: dict[str, Plain] = {
        passage.target: apply(passage.text, decisions.on(passage.target)) for passage in space.passages
    }
    transcript = queries.source_of(uow, TRANSCRIPT, statement.id).version
    content = canonical_json(
        {"marks_version": revision, "transcript_version": transcript, "targets": targets}
    )
    expected = queries.source_of(uow, REDACTED, statement.id).version
    uow.vault.records.seal(REDACTED, statement.case.id, statement.id, content, expected=expected)


def send_to_approval(uow: UnitOfWork, statement: StatementFacts) -> None:
    """Staged. InvalidTransition unless the redaction is finished."""
    _move(uow, statement, queries.read_head(uow, statement).standing, StatementAct.SEND_TO_APPROVAL)


def approve(uow: UnitOfWork, statement: StatementFacts, space: Workspace, version: int) -> None:
    """Let the redacted text of this version, which the approver was looking at, be used in stories; staged.

    Raises Conflict if it is not the newest any more, or the words or the register would hide more by now.
    """
    redacted = queries.read_redacted(uow, statement)
    if redacted is None or redacted.version != version:
        raise Conflict("newer-version", newest=redacted.version if redacted else 0)
    if redacted.targets != space.public_texts():
        raise Conflict("changed-meanwhile")
    _move(uow, statement, queries.read_head(uow, statement).standing, StatementAct.APPROVE)


def _move(uow: UnitOfWork, statement: StatementFacts, standing: Standing, *acts: StatementAct) -> None:
    """Only from the very standing that was read: whoever moved it meanwhile was first."""
    after = standing
    for act in acts:
        after = advance(after, act)
        _note_state(uow, statement, act)
    table = cases.statements
    state, before = _columns(standing)
    new_state, new_before = _columns(after)
    uow.tx.stage(
        sa.update(table)
        .where(table.c.id == statement.id, table.c.state == state, table.c.before == before)
        .values(state=new_state, before=new_before),
        rows=1,
    )


def _columns(standing: Standing) -> tuple[str, str]:
    """The two columns that hold a standing: the state, and what it goes back to, newest first."""
    state, _arrow, before = str(standing).partition(" < ")
    return state, before


def _note_state(uow: UnitOfWork, statement: StatementFacts, act: StatementAct) -> None:
    holder = uow.vault.holder
    uow.audit.note(
        Note(
            Act.STATE_CHANGED,
            holder.person,
            statement.case.id,
            statement.id,
            session=holder.session_tag,
            note=act.value,
        )
    )
