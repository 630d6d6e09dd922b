"""The parts of a statement as HTML forms, in interview order, and what each of them says once it is filled in."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from flask_babel import LazyString, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy
from wtforms import (
    BooleanField,
    DateField,
    FileField,
    Form,
    HiddenField,
    MultipleFileField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Optional, StopValidation

from app.domain.capacity import MAX_FILES_PER_FORM, MAX_LINE_CHARACTERS, MAX_TEXT_BYTES
from app.domain.consent import (
    Answer,
    Consent,
    Embargo,
    Extent,
    Given,
    Likeness,
    Manner,
    Naming,
    PlacePrecision,
    Publishing,
    Recording,
    Sharing,
)
from app.domain.errors import InvalidInput
from app.domain.record import to_plain
from app.domain.statement import Exhibit, Reply
from app.domain.text import clean_line, clean_text
from app.intake.actions import Attachment, Content
from app.intake.queries import SCRIPT_LANGUAGES, script

SPOKEN: Final = ("hy", "ru", "en", "ar", "az", "fa", "fr", "ka", "ku", "tr", "uk")
QUESTIONS: Final = range(1, 6)
EXHIBITS: Final = range(1, 3)
FILES: Final = range(1, MAX_FILES_PER_FORM + 1)

TEXT_PROBLEMS: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "control-character": lazy(
            "It holds a character that cannot be seen and cannot be kept. It now shows as a small sign: "
            "delete the sign, then send again."
        ),
        "more-than-one-line": lazy("Only one line fits here."),
        "too-long": lazy("This is too long for one part. Send the rest as another statement."),
    }
)
FILE_PROBLEMS: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "too-many-files": lazy("Only %(count)s files go with one form.", count=MAX_FILES_PER_FORM),
        "empty-file": lazy("A file is empty. Look at it, then choose it again or leave it out."),
        "file-too-large": lazy("A file is larger than this form can take."),
        "storage": lazy("The storage could not take a file. Try again in a minute, or send without it."),
    }
)
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


class Way(StrEnum):
    """One screen, or four parts that are each sealed before the next."""

    SHORT = "short"
    LONG = "long"


# Kinds of fields


class Line(StringField):
    """One line in any script."""

    def pre_validate(self, form: Form) -> None:
        self.data = _cleaned(self, clean_line)


class Words(TextAreaField):
    """Many lines, kept as they were said."""

    def pre_validate(self, form: Form) -> None:
        self.data = _cleaned(self, clean_text)


def _cleaned(field: StringField, clean: Callable[[str], str]) -> str:
    """What the domain makes of a text; where it refuses, the text comes back with its controls made visible."""
    try:
        return clean(field.data or "")
    except InvalidInput as refusal:
        (problem,) = refusal.problems.values()
        field.data = _CONTROLS.sub(lambda found: chr(0x2400 + ord(found[0])), field.data)
        raise StopValidation(str(TEXT_PROBLEMS[problem])) from refusal


class Day(DateField):
    """A day, or nothing."""

    def __init__(self, label: LazyString, **options: Any) -> None:
        super().__init__(label, [Optional()], **options)

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as unreadable:
            raise ValueError(_("Write the day as year-month-day, as in 2026-11-14.")) from unreadable


class OneOf(RadioField):
    """One of several; the first unless somebody chose."""

    def __init__(self, label: LazyString, choices: list[tuple[str, LazyString]], **options: Any) -> None:
        super().__init__(label, choices=choices, default=choices[0][0], **options)


class Pick(SelectField):
    """One of several from a list; the first unless somebody chose."""


class Thirds(OneOf):
    """Yes, no, or ask again; no unless somebody said otherwise."""

    def __init__(self, label: LazyString) -> None:
        answers = [(Answer.NO, lazy("No")), (Answer.YES, lazy("Yes")), (Answer.ASK_AGAIN, lazy("Ask again"))]
        super().__init__(label, [(answer.value, words) for answer, words in answers])


class AnyOf(SelectMultipleField):
    """Any number of several."""


def _languages() -> list[tuple[str, str]]:
    names = get_locale().languages
    return [("", _("not said")), *((code, names.get(code, code)) for code in SPOKEN)]


def _script_languages() -> list[tuple[str, str]]:
    names = get_locale().languages
    return [("", _("not read aloud")), *((code, names.get(code, code)) for code in SCRIPT_LANGUAGES)]


def _taking_part() -> BooleanField:
    return BooleanField(
        lazy("They take part, and we may keep this"),
        [DataRequired(lazy("Without this nothing can be sent. If they said no, stop here: nothing is kept."))],
    )


def _account() -> Words:
    return Words(
        lazy("What happened"),
        [DataRequired(lazy("Write down what they told you, even if it is one sentence."))],
        description=lazy("In their own words, from the beginning."),
    )


def _code_name() -> Line:
    return Line(
        lazy("Code name"),
        [DataRequired(lazy("Give them a code name."))],
        description=lazy("A plant or a bird, never a real name."),
    )


RECORDINGS: Final = [
    ("audio", lazy("Record the voice")),
    ("video", lazy("Record video")),
    ("photo_of_person", lazy("Photograph them")),
    ("photo_of_injury", lazy("Photograph injuries or things")),
]
PUBLIC: Final = [
    ("nothing", lazy("Nothing")),
    ("extract", lazy("Short parts, without a name")),
    ("full", lazy("All of it, without a name")),
    ("pseudonym", lazy("Under a chosen name")),
    ("named", lazy("With the real name")),
]
PUBLIC_MEANS: Final = {
    "nothing": Publishing(),
    "extract": Publishing(allowed=True),
    "full": Publishing(allowed=True, extent=Extent.FULL),
    "pseudonym": Publishing(allowed=True, extent=Extent.FULL, naming=Naming.PSEUDONYM),
    "named": Publishing(allowed=True, extent=Extent.FULL, naming=Naming.NAMED),
}
LIKENESSES: Final = [
    (Likeness.NOT_AT_ALL.value, lazy("not at all")),
    (Likeness.ALTERED.value, lazy("altered")),
    (Likeness.AS_IS.value, lazy("as it is")),
]
PRECISIONS: Final = [
    (PlacePrecision.REGION.value, lazy("the region")),
    (PlacePrecision.NONE.value, lazy("nothing of it")),
    (PlacePrecision.TOWN.value, lazy("the town")),
    (PlacePrecision.EXACT.value, lazy("exactly")),
]


class Part(Form):
    """What every part has in common: nothing in it is lost, and together it fits into one sealed part."""

    withdrawal = HiddenField()

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        fits = self._fits()
        return bool(super().validate(extra_validators)) and fits

    def _fits(self) -> bool:
        return sum(len(field.data.encode()) for field in self if isinstance(field.data, str)) <= MAX_TEXT_BYTES

    def content(self, today: date) -> Content:
        """What was filled in; call it after `validate`. `today`: the day on which consent was given."""
        raise NotImplementedError

    def said_of(self, file: Attachment) -> dict[str, str]:
        """Title, credit and warning of a file."""
        del file
        return {}

    def blame_file(self, file: Attachment) -> None:
        """Say at its field why a file was not kept."""
        field = self[file.field] if file.field in self else self.any_file()
        problem = str(FILE_PROBLEMS[file.problem])
        if problem not in field.errors:
            field.errors = [*field.errors, problem]

    def any_file(self) -> Any:
        """The first field for files."""
        return next(field for field in self if isinstance(field, FileField))
