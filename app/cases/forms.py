"""Forms of the case file: who works on it, somebody who is met, an entry of the register, a chore."""

from typing import Final
from uuid import UUID

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Regexp
from wtforms.widgets import HiddenInput

from app.cases.words import DO_NOT_FIT, KINDS, MANNERS, PROBLEM_OTHERWISE, PROBLEMS, PROTECTIONS
from app.domain.errors import InvalidInput
from app.domain.ids import EntityId, new_id
from app.domain.register import Entity
from app.domain.text import clean_line, clean_text

CODE: Final = r"[A-Za-z][A-Za-z0-9-]*\Z"
CODE_LENGTH: Final = 30
SHOWN: Final = {"en": "shown_en", "hy": "shown_hy", "ru": "shown_ru", "ar": "shown_ar"}
"""Language -> the field for what the public reads in it."""


class CharterForm(FlaskForm):
    """`lead`: id of a person; the choices are set by the page."""

    class Meta:
        csrf = False  # the access check does it, for every form

    code = StringField(
        _("Code"),
        [
            InputRequired(_("Write a code.")),
            Length(max=CODE_LENGTH, message=_("At most %(max)d signs.")),
            Regexp(CODE, message=_("Letters, digits and hyphens only, as in Linden-4.")),
        ],
        description=_(
            "A neutral word and a number, as in Linden-4. It stands in the clear, so it must tell nothing."
        ),
    )
    lead = SelectField(
        _("Who leads it"),
        [InputRequired(_("Choose who leads it."))],
        description=_("They choose everybody else, and make the keys. You cannot."),
    )


class StaffForm(FlaskForm):
    """`expected`: digest of the list that was looked at, empty where there is none yet."""

    class Meta:
        csrf = False  # the access check does it, for every form

    expected = HiddenField()
    title = StringField(
        _("Title"),
        [Length(max=200)],
        description=_("Sealed. Only people on the case read it."),
    )
    purpose = TextAreaField(_("What it is for"), [Length(max=4000)])


class MeetForm(FlaskForm):
    """`expected`: digest of the list that was looked at; `card`: digest of the card whose digits were compared."""

    class Meta:
        csrf = False  # the access check does it, for every form

    expected = HiddenField()
    card = HiddenField()
    groups = StringField(
        _("The last two groups, as they read them to you"),
        [InputRequired(_("Type the eight digits that they read to you.")), Length(max=20)],
    )
    manner = RadioField(
        _("How did you compare?"),
        [InputRequired(_("Say how you compared."))],
        choices=[SelectChoice(*pair) for pair in MANNERS.items()],
    )

    def look_at(self, expected: bytes, card: bytes) -> None:
        """The list and the card that stand beside the form from now on, whatever was sent."""
        self.expected.data, self.card.data = expected.hex(), card.hex()

    def blame_digits(self) -> None:
        self.groups.errors = [*self.groups.errors, str(DO_NOT_FIT)]


class EntityForm(FlaskForm):
    """`entry`: the id of an entry, empty for a new one; `revision`: of the register that was looked at."""

    class Meta:
        csrf = False  # the access check does it, for every form

    entry = HiddenField()
    revision = IntegerField(widget=HiddenInput(), validators=[InputRequired(), NumberRange(0)])
    kind = SelectField(_("What it is"), choices=[SelectChoice(*pair) for pair in KINDS.items()])
    canonical = StringField(_("Name, as the case knows it"))
    forms = TextAreaField(
        _("Other spellings"),
        description=_("One to a line: inflected, in other scripts, nicknames. All of them are looked for."),
    )
    protection = SelectField(_("In public"), choices=[SelectChoice(*pair) for pair in PROTECTIONS.items()])
    shown_en = StringField(_("Shown instead, in English"))
    shown_hy = StringField(_("Shown instead, in Armenian"))
    shown_ru = StringField(_("Shown instead, in Russian"))
    shown_ar = StringField(_("Shown instead, in Arabic"))
    note = TextAreaField(_("Note"), description=_("Who this is to the witness, why this way."))

    def look_at(self, revision: int) -> None:
        """The register that stands beside the form from now on, whatever was sent."""
        self.revision.data, self.revision.raw_data = revision, None

    def fill(self, entity: Entity) -> None:
        """Show an entry that is in the register."""
        self.entry.data = entity.id.hex
        self.kind.data, self.protection.data = entity.kind, entity.protection
        self.canonical.data, self.note.data = entity.canonical, entity.note
        self.forms.data = "\n".join(entity.forms)
        for language, field in SHOWN.items():
            self[field].data = entity.shown_in(language)

    def entity(self, known: Entity | None) -> Entity:
        """What was typed; of `known` stay the id, and what is shown in languages that this form does not ask.

        Raises:
            InvalidInput: problems by the names of an entry's fields.
        """
        typed = {language: clean_line(self[field].data or "", field) for language, field in SHOWN.items()}
        kept = {
            language: text for language, text in (known.pseudonyms if known else ()) if language not in SHOWN
        }
        lines = (clean_line(line, "forms") for line in (self.forms.data or "").splitlines())
        return Entity(
            id=known.id if known else EntityId(new_id()),
            kind=self.kind.data,
            canonical=clean_line(self.canonical.data or "", "canonical"),
            forms=tuple(dict.fromkeys(line for line in lines if line)),
            protection=self.protection.data,
            pseudonyms=tuple((language, text) for language, text in (typed | kept).items() if text),
            note=clean_text(self.note.data or "", "note").strip(),
        )

    def blame(self, refusal: InvalidInput) -> None:
        """Put each problem beside the field it is about."""
        for name, problem in refusal.problems.items():
            field = self[name if name in self else "shown_en"]
            field.errors = [*field.errors, str(PROBLEMS.get(problem, PROBLEM_OTHERWISE))]


class ChoreForm(FlaskForm):
    class Meta:
        csrf = False  # the access check does it, for every form

    chore = SelectField(
        choices=[SelectChoice("take-over"), SelectChoice("renew-keys"), SelectChoice("prepare")],
        default="take-over",
    )
    statement = HiddenField()

    @property
    def only(self) -> UUID | None:
        """The statement to take over; None for everything that waits. Raises InvalidInput."""
        try:
            return UUID(self.statement.data) if self.statement.data else None
        except ValueError as error:
            raise InvalidInput({"statement": "unknown"}) from error
