"""Forms of coming in."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length


class SignInForm(FlaskForm):
    class Meta:
        csrf = False  # the access check does it, for every form

    name = StringField(_("Your sign-in name"), [InputRequired(), Length(max=100)])
    words = PasswordField(_("Your words"), [InputRequired(), Length(max=500)])
    code = StringField(_("Six digits from your second factor"), [InputRequired(), Length(max=12)])


class ConfirmForm(FlaskForm):
    class Meta:
        csrf = False  # the access check does it, for every form

    code = StringField(_("Six digits from your second factor"), [InputRequired(), Length(max=12)])
