"""Forms of coming in and of vouching."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    HiddenField,
    PasswordField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from app.domain.duties import Role
from app.vault.returning import Lost

MANNERS = [
    SelectChoice("face-to-face", _("Face to face")),
    SelectChoice("call", _("By call, and I know their voice")),
]


class _Form(FlaskForm):
    class Meta:
        csrf = False  # the access check does it, for every form


class InviteForm(_Form):
    name = StringField(
        _("Their name"),
        [InputRequired(_("Write the name that colleagues will see.")), Length(max=100)],
        description=_("As colleagues will see it. It may be an invented one."),
    )
    sign_in_name = StringField(
        _("Their sign-in name"),
        [InputRequired(_("Write the name they will sign in with.")), Length(max=100)],
        description=_("Short, and easy to type on a phone. Nobody else sees it."),
    )
    roles = SelectMultipleField(
        _("What they will do"),
        [InputRequired(_("Choose at least one."))],
        choices=[
            SelectChoice(Role.INTERVIEWER.value, _("Take statements")),
            SelectChoice(Role.REVIEWER.value, _("Work on cases")),
        ],
        widget=ListWidget(),
        option_widget=CheckboxInput(),
    )


class ClaimForm(_Form):
    offer = HiddenField(validators=[InputRequired(), Length(max=4000)])
    words = StringField(
        _("Type your seven words"),
        [InputRequired(_("Type the words that stand above.")), Length(max=500)],
        description=_(
            "So that we know you have them. They are kept nowhere: without them and the sheet nobody can let you in."
        ),
    )
    code = StringField(
        _("Six digits from your second factor"),
        [InputRequired(_("Type the six digits that your device shows now.")), Length(max=12)],
    )


class WordsForm(_Form):
    offer = HiddenField(validators=[InputRequired(), Length(max=4000)])
    words = StringField(
        _("Type your seven words"),
        [InputRequired(_("Type the words that stand above.")), Length(max=500)],
        description=_("So that we know you have them. From then on the earlier ones open nothing."),
    )


class ReturnForm(_Form):
    """Asks for the recovery code, and for what `lost` leaves of words and second factor."""

    lost = HiddenField()
    name = StringField(
        _("Your sign-in name"), [InputRequired(_("Write the name you sign in with.")), Length(max=100)]
    )
    words = PasswordField(
        _("Your words"), [InputRequired(_("Type the words you sign in with.")), Length(max=500)]
    )
    recovery = TextAreaField(
        _("The twelve words of your recovery code"),
        [InputRequired(_("Type the twelve words that stand on your sheet.")), Length(max=500)],
        description=_("They stand on the sheet that you printed or copied. A space between each two."),
    )
    code = StringField(
        _("Six digits from your second factor"),
        [InputRequired(_("Type the six digits that your device shows now.")), Length(max=12)],
    )

    @classmethod
    def without(cls, lost: Lost, *, empty: bool = False) -> "ReturnForm":
        """As it was filled in, or `empty`."""
        form = cls(formdata=None) if empty else cls()
        form.lost.data = lost.value
        if lost.words:
            del form.words
        if lost.factor:
            del form.code
        return form


class FinishForm(_Form):
    """Asks back what was proposed in the place of what was lost."""

    ticket = HiddenField(validators=[InputRequired(), Length(max=4000)])
    offer = HiddenField(validators=[InputRequired(), Length(max=4000)])
    words = StringField(
        _("Type your seven words"),
        [InputRequired(_("Type the words that stand above.")), Length(max=500)],
        description=_("So that we know you have them. From then on the earlier ones open nothing."),
    )
    code = StringField(
        _("Six digits from your new second factor"),
        [InputRequired(_("Type the six digits that your device shows now.")), Length(max=12)],
        description=_("So that we know it works. From then on the earlier one counts for nothing."),
    )

    @classmethod
    def after(cls, lost: Lost, *, empty: bool = False) -> "FinishForm":
        """As it was filled in, or `empty`."""
        form = cls(formdata=None) if empty else cls()
        if not lost.words:
            del form.words
        if not lost.factor:
            del form.code
        return form


class FactorForm(_Form):
    offer = HiddenField(validators=[InputRequired(), Length(max=4000)])
    present = StringField(
        _("Six digits from the second factor that you have now"),
        [InputRequired(_("Type the six digits that your device shows now.")), Length(max=12)],
        description=_("It is gone? Then come back by your recovery code instead."),
    )
    code = StringField(
        _("Six digits from your new second factor"),
        [InputRequired(_("Type the six digits that your device shows now.")), Length(max=12)],
        description=_("So that we know it works. From then on the earlier one counts for nothing."),
    )


class VouchForm(_Form):
    card = HiddenField(validators=[InputRequired(), Length(min=64, max=64)])
    groups = StringField(
        _("The last two groups, as they read them to you"),
        [InputRequired(_("Type the eight digits that they read to you.")), Length(max=20)],
    )
    manner = RadioField(
        _("How did you compare?"), [InputRequired(_("Say how you compared."))], choices=MANNERS
    )
