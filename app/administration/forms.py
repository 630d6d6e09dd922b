"""Forms of administrators: what takes two of them, and which person it is about."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired


class RecoveryForm(FlaskForm):
    """Its choices are set by the page: chartered cases, and people who could combine the shares."""

    class Meta:
        csrf = False  # the access check does it, for every form

    case = SelectField(_("Case"), [InputRequired(_("Choose the case."))])
    secret = RadioField(
        _("Which key"),
        [InputRequired(_("Choose which key."))],
        choices=[
            SelectChoice("case", _("The case's: statements, files, transcripts")),
            SelectChoice("identity", _("The identities': names and contacts")),
        ],
    )
    receiver = SelectField(
        _("Who will hold it again"),
        [InputRequired(_("Choose a person."))],
        description=_("Somebody who leads the case, and whom colleagues have vouched for."),
    )
