"""What may be done with a statement now, and what may not with the reason, as policy and lifecycle decide."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from flask import url_for
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy

from app.domain.lifecycle import Standing, StatementAct, StatementState, acts_from
from app.policy.facts import StatementFacts
from app.policy.permissions import Permission
from app.policy.predicates import Reason
from app.transcription import words
from app.transcription.queries import Head
from app.web import access
from app.web.errors import reason_words


@dataclass(frozen=True)
class Offer:
    """One button. `form`: empty for a way, `press` for an act, `reason` or `code` for one that asks first; `sent`: along with a press."""

    label: str
    href: str
    form: str = ""
    meaning: str = ""
    sent: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Step:
    """An act on the statement's state: who may, where it is posted, what it asks for."""

    act: StatementAct
    permission: Permission
    endpoint: str
    label: LazyString
    form: str = "press"
    meaning: LazyString | str = ""


_A = StatementAct
_P = Permission

STEPS: Final = (
    Step(_A.ACCEPT, _P.STATEMENT_ACCEPT, "accept", lazy("Let it in")),
    Step(_A.ACCEPT, _P.STATEMENT_QUARANTINE_DECIDE, "let_in", lazy("Let it in")),
    Step(_A.QUARANTINE, _P.STATEMENT_QUARANTINE_DECIDE, "quarantine", lazy("Set it apart")),
    Step(_A.RESUME, _P.STATEMENT_RESUME, "resume", lazy("Take it up again")),
    Step(_A.RELEASE_HOLD, _P.STATEMENT_RELEASE_HOLD, "release_hold", lazy("Lift the hold")),
    Step(
        _A.RETURN_WITH_NOTE,
        _P.STATEMENT_RETURN,
        "send_back",
        lazy("Return it with a note"),
        "reason",
        lazy("The readers of this case see the note. Work waits until somebody answers it."),
    ),
    Step(
        _A.HOLD,
        _P.STATEMENT_HOLD,
        "hold",
        lazy("Put on hold"),
        "reason",
        lazy("Nobody works on it, and nothing of it is published, until the lead lifts the hold."),
    ),
    Step(
        _A.WITHDRAW,
        _P.STATEMENT_WITHDRAW,
        "withdraw",
        lazy("Withdraw it for the witness"),
        "code",
        lazy(
            "Nothing undoes this. It is used no more, what is public of it is taken down, "
            "and it will be destroyed. The case's readers will see that you did it."
        ),
    ),
)

NEVER_HERE: Final[Mapping[Permission, LazyString]] = MappingProxyType(
    {
        _P.TRANSCRIPT_EDIT: lazy("Write the transcript"),
        _P.REDACTION_EDIT: lazy("Redact"),
        _P.STATEMENT_APPROVE: lazy("Approve"),
        _P.STATEMENT_HOLD: lazy("Put on hold"),
        _P.STATEMENT_WITHDRAW: lazy("Withdraw it"),
        _P.NOTES_READ: lazy("Read the working notes"),
    }
)
"""What a reader of a case may look for and not find: it is told with its reason."""


@dataclass(frozen=True)
class Known:
    """What the offers turn on besides policy: whether its keys were taken over, whether there is a recording."""

    standing: Standing
    taken_over: bool
    recorded: bool


def offers(statement: StatementFacts, known: Known) -> list[Offer]:
    """Buttons, the next right step first."""
    return [*_work(statement, known), *_steps(statement, known)]


def _work(statement: StatementFacts, known: Known) -> list[Offer]:
    """The ways to its work, what its state asks for first."""
    here, state = statement.id, statement.state
    writing = state in {StatementState.ACCEPTED, StatementState.TRANSCRIBING}
    redaction, public = (url_for("redaction.workspace", statement=here, public=shown) for shown in (None, 1))
    adopt = url_for("cases.adopt", case=statement.case.id)
    take = Offer(_("Take it over"), adopt, "press", sent=(("statement", str(here)),))
    words = _("Write the transcript") if writing else _("Correct the transcript")
    write = Offer(words, url_for("transcription.transcript", statement=here))
    redact = Offer(_("Redact it"), redaction)
    work = [
        (known.recorded and access.may(_P.TRANSCRIPT_EDIT, statement), write),
        (access.may(_P.REDACTION_EDIT, statement), redact),
    ]
    asked = [
        (not known.taken_over and access.may(_P.CHORE_DO, statement.case), take),
        *(work if writing else reversed(work)),
        (access.may(_P.STATEMENT_APPROVE, statement), Offer(_("Look at it, then approve"), public)),
    ]
    return [offer for holds, offer in asked if holds]


def _steps(statement: StatementFacts, known: Known) -> list[Offer]:
    """What has waited under its intake keys is let in by being taken over."""
    possible = acts_from(known.standing)
    if not known.taken_over:
        possible -= {StatementAct.ACCEPT}
    return [_button(step, statement) for step in _once(STEPS, statement) if step.act in possible]


def _once(steps: tuple[Step, ...], statement: StatementFacts) -> list[Step]:
    """Each act by the first way that this person may take."""
    found: dict[StatementAct, Step] = {}
    for step in steps:
        if access.may(step.permission, statement):
            found.setdefault(step.act, step)
    return list(found.values())


def offer_of(statement: StatementFacts, endpoint: str) -> Offer:
    """The button of one act, for the page that asks again."""
    step = next(step for step in STEPS if step.endpoint == endpoint)
    return _button(step, statement)


def _button(step: Step, statement: StatementFacts) -> Offer:
    href = url_for(f"transcription.{step.endpoint}", statement=statement.id)
    return Offer(str(step.label), href, step.form, str(step.meaning))


def refusals(statement: StatementFacts, head: Head) -> list[tuple[str, str]]:
    """What this person may not do, with the reason; what only waits for another state is not told."""
    told = []
    for permission, what in NEVER_HERE.items():
        reasons = access.reasons_against(permission, statement)
        if reasons and Reason.WRONG_STATE not in reasons:
            told.append((str(what), reason_words(reasons[0])))
    if not access.may(_P.IDENTITY_READ, statement):
        told.append((_("Read the name"), words.identity_keeper(head)))
    return told
