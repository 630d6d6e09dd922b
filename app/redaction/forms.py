"""Forms of the redaction workspace: a decision about some words, and the presses that need no words."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from app.domain.capacity import MAX_LINE_CHARACTERS, MAX_NOTE_CHARACTERS
from app.domain.errors import InvalidInput
from app.domain.ids import EntityId
from app.domain.redaction import Action, Mark, RedactionReason
from app.domain.register import Register
from app.redaction.actions import Decision, Span
from app.redaction.suggestions import Suggestion
from app.redaction.words import ACTIONS, REASONS, problem

LONGEST_WORDS: Final = 20_000
"""Characters of a passage that is typed out to be marked."""


def _choices(labels: Mapping[Any, LazyString]) -> list[SelectChoice]:
    return [SelectChoice(value.value, label) for value, label in labels.items()]


class PressForm(FlaskForm):
    """One press about something on the page: `mark` a mark's id, `place` a suggestion's."""

    class Meta:
        csrf = False  # the access check does it, for every form

    revision = IntegerField(widget=HiddenInput(), validators=[InputRequired(), NumberRange(0)])
    do = HiddenField(validators=[InputRequired()])
    mark = HiddenField()
    place = HiddenField()
    action = HiddenField()
    everywhere = BooleanField()

    def chosen_action(self) -> Action | None:
        """None: as it is suggested. InvalidInput for a word that is no action, or needs words of its own."""
        if not self.action.data:
            return None
        if self.action.data not in {Action.REMOVE, Action.KEEP}:
            raise InvalidInput({"action": "unknown"})
        return Action(self.action.data)


class MarkForm(FlaskForm):
    """A decision: about words typed here, about a span pointed at, or about a mark that is there."""

    class Meta:
        csrf = False  # the access check does it, for every form

    revision = IntegerField(widget=HiddenInput(), validators=[InputRequired(), NumberRange(0)])
    do = HiddenField(default="add")
    mark = HiddenField()
    target = HiddenField()
    start = IntegerField(widget=HiddenInput(), validators=[Optional(), NumberRange(0)])
    end = IntegerField(widget=HiddenInput(), validators=[Optional(), NumberRange(0)])
    words = StringField(
        _("Words"),
        [Length(max=LONGEST_WORDS)],
        description=_("Exactly as they stand in the statement."),
    )
    action = SelectField(
        _("In public"),
        choices=_choices(ACTIONS),
        default=Action.REMOVE.value,
    )
    replacement = StringField(
        _("Shown instead"),
        [Length(max=MAX_LINE_CHARACTERS)],
        description=_("Left empty, the register's words for the entry below are taken."),
    )
    reason = SelectField(
        _("Because of"),
        choices=_choices(REASONS),
        default=RedactionReason.THIRD_PARTY.value,
    )
    entity = SelectField(_("Entry in the register"), default="")
    note = StringField(_("Note for the case"), [Length(max=MAX_NOTE_CHARACTERS)])
    everywhere = BooleanField(_("Everywhere in this statement"))

    def offer(self, register: Register) -> None:
        """Let the entries of the register be chosen."""
        known = sorted(register.entities, key=lambda entity: entity.canonical)
        entries = (SelectChoice(entity.id.hex, entity.canonical) for entity in known)
        self.entity.choices = [SelectChoice("", _("None")), *entries]

    def fill(self, mark: Mark, words: str) -> None:
        """Show a mark that is there."""
        self.do.data, self.mark.data = "change", mark.id.hex
        self.words.data = words
        self._show(mark)
        self.note.data = mark.note

    def fill_suggested(self, suggestion: Suggestion) -> None:
        """Show a suggestion, to be decided otherwise."""
        self.do.data = "add"
        self.target.data, self.start.data, self.end.data = (
            suggestion.target,
            suggestion.start,
            suggestion.end,
        )
        self.words.data = suggestion.words
        self._show(suggestion)

    def _show(self, decided: Mark | Suggestion) -> None:
        self.action.data, self.reason.data = decided.action.value, decided.reason.value
        self.replacement.data = decided.replacement
        self.entity.data = decided.entity.hex if decided.entity else ""

    def decision(self) -> Decision:
        entity = EntityId(UUID(hex=self.entity.data)) if self.entity.data else None
        return Decision(
            Action(self.action.data),
            RedactionReason(self.reason.data),
            self.replacement.data or "",
            entity,
            self.note.data or "",
        )

    def span(self) -> Span | None:
        """What was pointed at; None where the words are to be looked for."""
        if not self.target.data or self.start.data is None or self.end.data is None:
            return None
        return Span(self.target.data, self.start.data, self.end.data)

    def start_over(self, revision: int, *, is_gone: bool) -> None:
        """The same decision over the newest revision; `is_gone`: the mark that it was about is not there."""
        self.revision.data, self.revision.raw_data = revision, None  # else the field repeats what was sent
        if is_gone:
            self.do.data, self.mark.data = "add", ""

    def blame(self, refusal: InvalidInput) -> None:
        """Put each problem beside the field it is about."""
        for name, code in refusal.problems.items():
            field = self[name] if name in {"words", "replacement", "note", "entity"} else self.words
            if code in {"bad-replacement", "replacement-tells"}:
                field = self.replacement
            field.errors = [*field.errors, problem(code)]
