"""Marks the demonstration's statements as its redactors would, and lets an approver approve those that have come so far."""

from dataclasses import replace
from typing import Final
from uuid import UUID

from app.demo import content as demo
from app.demo.people import Troupe
from app.demo.statements import holder_of
from app.domain.duties import Duty
from app.domain.ids import EntityId
from app.domain.redaction import Action, RedactionReason
from app.redaction import actions, queries
from app.redaction.actions import Decision, Span
from app.redaction.decisions import Decisions
from app.redaction.queries import Workspace
from app.redaction.suggestions import suggest
from app.unit_of_work import UnitOfWork
from app.web.subjects import statement_facts

REDACTING: Final = frozenset({"redacting", "redacted", "in approval", "approved"})
FINISHED: Final = REDACTING - {"redacting"}
SENT: Final = frozenset({"in approval", "approved"})

_REASONS: Final = {
    "witness_identity": RedactionReason.WITNESS_IDENTITY,
    "family": RedactionReason.FAMILY,
    "third_party": RedactionReason.THIRD_PARTY,
    "minor": RedactionReason.MINOR,
    "place": RedactionReason.HOME_WORK_PLACE,
    "date": RedactionReason.DATE_OR_TIME,
    "contact": RedactionReason.CONTACT,
    "health": RedactionReason.HEALTH_OR_SEXUAL_VIOLENCE,
    "security": RedactionReason.SECURITY,
    "presumption": RedactionReason.PRESUMPTION_OF_INNOCENCE,
    "on_request": RedactionReason.ON_REQUEST,
    "legal": RedactionReason.LEGAL,
}


def redact(
    troupe: Troupe,
    content: demo.DemoContent,
    statement: demo.Statement,
    id_: UUID,
    entities: dict[str, EntityId],
) -> None:
    """As far as the statement's stage says: marks, the redacted text, the approval of one who did none of the work."""
    if statement.stage not in REDACTING:
        return
    redactor = holder_of(content, statement.case, Duty.REDACTOR)
    with troupe.acting(redactor) as uow:
        _mark(uow, statement, id_, entities)
    if statement.stage in FINISHED:
        with troupe.acting(redactor) as uow:
            facts = statement_facts(uow, id_)
            actions.finish(uow, facts, queries.read_workspace(uow, facts))
    if statement.stage in SENT:
        with troupe.acting(redactor) as uow:
            actions.send_to_approval(uow, statement_facts(uow, id_))
    if statement.stage == "approved":
        with troupe.acting(holder_of(content, statement.case, Duty.PROTECTION_APPROVER)) as uow:
            _approve(uow, id_)


def _mark(uow: UnitOfWork, statement: demo.Statement, id_: UUID, entities: dict[str, EntityId]) -> None:
    facts = statement_facts(uow, id_)
    space = queries.read_workspace(uow, facts)
    marked = space
    for redaction in statement.redactions:
        spans = [Span("account", start, end) for start, end in redaction.spans(statement.account)]
        marked = _with(marked, actions.add(marked, spans, _decision(redaction, entities)))
    if statement.stage in FINISHED:
        marked = _with(marked, actions.take_all(marked))
    actions.save(uow, facts, space, marked.decisions)


def _with(space: Workspace, decisions: Decisions) -> Workspace:
    """The workspace as it would be after these decisions."""
    return replace(space, decisions=decisions, suggestions=suggest(space.passages, space.register, decisions))


def _decision(redaction: demo.Redaction, entities: dict[str, EntityId]) -> Decision:
    shown = "" if redaction.action == "remove" else redaction.replacement
    return Decision(
        Action(redaction.action), _REASONS[redaction.reason], shown, entities.get(redaction.entity)
    )


def _approve(uow: UnitOfWork, id_: UUID) -> None:
    facts = statement_facts(uow, id_)
    redacted = queries.read_redacted(uow, facts)
    if redacted is not None:
        actions.approve(uow, facts, queries.read_workspace(uow, facts), redacted.version)
