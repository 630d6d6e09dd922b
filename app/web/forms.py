"""Forms that more than one feature shows: what is added to a sealed statement, by its author or by a reader of its case."""

from typing import Final
from uuid import UUID

from flask_babel import lazy_gettext as lazy
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, TextAreaField, validators
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError

from app.domain.addendum import Addendum, Source
from app.domain.capacity import MAX_ADDENDUM_CHARACTERS
from app.domain.errors import InvalidInput
from app.domain.ids import new_id
from app.domain.text import clean_text

SOURCES: Final = [
    SelectChoice(Source.WITNESS.value, lazy("The witness, later")),
    SelectChoice(Source.AUTHOR.value, lazy("Myself, from memory or notes")),
    SelectChoice(Source.OTHER.value, lazy("Somebody or something else")),
]


class AddendumForm(FlaskForm):
    class Meta:
        """The access check has asked for the form token already."""

        csrf = False

    id = HiddenField(validators=[InputRequired(), validators.UUID()], default=lambda: str(new_id()))
    source = RadioField(
        lazy("Whose words are these?"), [InputRequired(lazy("Say whose words they are."))], choices=SOURCES
    )
    words = TextAreaField(
        lazy("What is added or corrected"),
        [
            InputRequired(lazy("Write what is added or corrected.")),
            Length(
                max=MAX_ADDENDUM_CHARACTERS,
                message=lazy("This is longer than fits. Send the rest as another one."),
            ),
        ],
        description=lazy(
            "The statement stays as it was sealed. This is sealed beside it, with your name and the day."
        ),
    )

    def validate_words(self, field: TextAreaField) -> None:
        try:
            field.data = clean_text(field.data)
        except InvalidInput as refusal:
            raise ValidationError(
                lazy("It holds a character that cannot be seen and cannot be kept.")
            ) from refusal

    @property
    def addendum(self) -> Addendum:
        return Addendum(UUID(self.id.data), Source(self.source.data), self.words.data)
