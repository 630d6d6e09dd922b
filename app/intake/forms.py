"""The parts of a statement as HTML forms, in interview order, and what each of them says once it is filled in."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
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
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Optional, StopValidation

from app.domain.capacity import MAX_FILES_PER_FORM, MAX_TEXT_BYTES
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

    def pre_validate(self, _form: Form) -> None:
        self.data = _cleaned(self, clean_line)


class Words(TextAreaField):
    """Many lines, kept as they were said."""

    def pre_validate(self, _form: Form) -> None:
        self.data = _cleaned(self, clean_text)


def _cleaned(field: StringField, clean: Callable[[str], str]) -> str:
    """What the domain makes of a text; what it refuses comes back with its control characters made visible."""
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

    def __init__(self, label: LazyString, choices: Mapping[str, LazyString], **options: Any) -> None:
        super().__init__(label, choices=_options(choices), default=next(iter(choices)), **options)


class Pick(SelectField):
    """One of several from a list; the first unless somebody chose."""

    def __init__(self, label: LazyString, choices: Mapping[str, LazyString], **options: Any) -> None:
        super().__init__(label, choices=_options(choices), default=next(iter(choices)), **options)


class PickLanguage(SelectField):
    """One of some languages, by their names in the reader's own, or none."""

    def __init__(self, label: LazyString, codes: Sequence[str], none: LazyString, **options: Any) -> None:
        def named() -> dict[str, str]:
            names = get_locale().languages
            return {"": str(none), **{code: names[code] for code in codes}}

        super().__init__(label, choices=named, default="", **options)


class AnyOf(SelectMultipleField):
    """Any number of several."""

    def __init__(self, label: LazyString, choices: Mapping[str, LazyString], **options: Any) -> None:
        super().__init__(label, choices=_options(choices), **options)


def _options(choices: Mapping[str, LazyString]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in choices.items()]


class Thirds(OneOf):
    """Yes, no, or ask again; no unless somebody said otherwise."""

    def __init__(self, label: LazyString, **options: Any) -> None:
        answers = {Answer.NO: lazy("No"), Answer.YES: lazy("Yes"), Answer.ASK_AGAIN: lazy("Ask again")}
        super().__init__(label, {answer.value: words for answer, words in answers.items()}, **options)


def _taking_part() -> BooleanField:
    return BooleanField(
        lazy("They take part, and we may keep this"),
        [DataRequired(lazy("Without this nothing can be sent. If they said no, stop here."))],
    )


def _account() -> Words:
    return Words(
        lazy("What happened"),
        [DataRequired(lazy("Write down what they told you, even if it is one sentence."))],
        description=lazy("In their own words, from the beginning."),
    )


def _written() -> PickLanguage:
    return PickLanguage(
        lazy("Which language is it written in?"),
        SPOKEN,
        lazy("The one it was spoken in"),
        description=lazy("If you translate while you write: the language of your words, not of theirs."),
    )


def _code_name() -> Line:
    return Line(
        lazy("Code name"),
        [DataRequired(lazy("Give them a code name."))],
        description=lazy("A plant or a bird, never a real name."),
    )


RECORDINGS: Final = {
    "audio": lazy("Record the voice"),
    "video": lazy("Record video"),
    "photo_of_person": lazy("Photograph them"),
    "photo_of_injury": lazy("Photograph injuries or things"),
}
PUBLIC: Final = {
    "nothing": lazy("Nothing"),
    "extract": lazy("Short parts, without a name"),
    "full": lazy("All of it, without a name"),
    "pseudonym": lazy("Under a chosen name"),
    "named": lazy("With the real name"),
}
PUBLIC_MEANS: Final = {
    "nothing": Publishing(),
    "extract": Publishing(allowed=True),
    "full": Publishing(allowed=True, extent=Extent.FULL),
    "pseudonym": Publishing(allowed=True, extent=Extent.FULL, naming=Naming.PSEUDONYM),
    "named": Publishing(allowed=True, extent=Extent.FULL, naming=Naming.NAMED),
}
LIKENESSES: Final = {
    Likeness.NOT_AT_ALL.value: lazy("not at all"),
    Likeness.ALTERED.value: lazy("altered"),
    Likeness.AS_IS.value: lazy("as it is"),
}
PRECISIONS: Final = {
    PlacePrecision.REGION.value: lazy("the region"),
    PlacePrecision.NONE.value: lazy("nothing of it"),
    PlacePrecision.TOWN.value: lazy("the town"),
    PlacePrecision.EXACT.value: lazy("exactly"),
}


class Part(Form):
    """What every part has in common: nothing in it is lost, and together it fits into one sealed part."""

    page: str
    title: LazyString
    withdrawal = HiddenField()

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        is_whole = bool(super().validate(extra_validators))
        texts = [field for field in self if isinstance(field.data, str)]
        if sum(len(field.data.encode()) for field in texts) <= MAX_TEXT_BYTES:
            return is_whole
        longest = max(texts, key=lambda field: len(field.data))
        longest.errors = [*longest.errors, str(TEXT_PROBLEMS["too-long"])]
        return False

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


class ShortForm(Part):
    """Everything that must be, on one screen."""

    page = "short"
    title = lazy("Take a statement")
    code_name = _code_name()
    spoken = PickLanguage(lazy("Spoken in"), SPOKEN, lazy("not said"))
    script = PickLanguage(lazy("Words above were read aloud in"), SCRIPT_LANGUAGES, lazy("not read aloud"))
    take_part = _taking_part()
    recording = AnyOf(
        lazy("What else may we do?"), choices=RECORDINGS, description=lazy("Each is a risk of its own.")
    )
    public = OneOf(
        lazy("What may the public see?"), PUBLIC, description=lazy("No voice, no face, places as a region.")
    )
    account = _account()
    written = _written()
    files = MultipleFileField(lazy("Files"))

    def content(self, today: date) -> Content:
        consent = Consent(
            take_part=bool(self.take_part.data),
            given_on=today,
            recording=_recording(self),
            publishing=PUBLIC_MEANS[self.public.data],
            given=_given(self.script.data),
        )
        return Content(
            _filled(
                code_name=self.code_name.data,
                languages=_chosen(self.spoken),
                written=self.written.data,
                consent=consent.to_dict(),
                account=self.account.data,
            )
        )


class SafetyForm(Part):
    """First: who and where, and whether it is safe to go on."""

    page = "safety"
    title = lazy("Safety")
    code_name = _code_name()
    spoken = PickLanguage(lazy("Spoken in"), SPOKEN, lazy("not said"))
    spoken_too = PickLanguage(lazy("And in"), SPOKEN, lazy("not said"))
    mode = OneOf(
        lazy("How do you meet?"),
        {"": lazy("Not said"), "in-person": lazy("In person"), "remote": lazy("From afar")},
    )
    private = OneOf(
        lazy("Can anybody listen?"),
        {"": lazy("Not said"), "yes": lazy("No, it is private"), "no": lazy("Perhaps")},
    )
    place = Line(lazy("Where"), description=lazy("As far as it must be known; a region is enough."))
    place_precision = Pick(
        lazy("How exact is that?"),
        choices={
            "region": lazy("a region"),
            "none": lazy("no place"),
            "town": lazy("a town"),
            "exact": lazy("exact"),
        },
    )
    taken_on = Day(lazy("On which day"))
    started = Line(lazy("From"), description=lazy("Hour and minute, as in 14:20."))
    ended = Line(lazy("Until"))
    zone = Line(
        lazy("By which clock"), description=lazy("Time zone or town, and whether the clock is right.")
    )
    event = Line(lazy("What it is about"), description=lazy("An event, in a few words."))
    interviewer_code = Line(lazy("Your own code name"))
    present = Words(lazy("Who else is there"), description=lazy("Role, when they came, when they left."))
    interpreter = Line(lazy("Interpreter"), description=lazy("A code name."))
    interpreter_languages = Line(lazy("Between which languages"))
    interpreter_oath = OneOf(
        lazy("Promised to keep silent?"),
        {"": lazy("Not said"), "yes": lazy("Yes"), "no": lazy("No")},
    )
    interpreter_relation = Line(lazy("How they know the witness"))
    support = Line(lazy("Somebody at their side"), description=lazy("A relative, a friend, a counsellor."))
    lawyer = Line(lazy("Lawyer"))
    accommodations = Words(lazy("What makes it easier for them"))
    risk = Words(lazy("What could happen to them, or to others, if this were known?"))
    decision = OneOf(
        lazy("What do you decide?"),
        {
            "": lazy("Not said"),
            "go-on": lazy("Go on"),
            "text-only": lazy("Only writing"),
            "no-recording": lazy("No recording"),
            "postpone": lazy("Another day"),
            "refuse": lazy("Do not take it"),
        },
    )
    safety_plan = Words(lazy("What is agreed for safety"))

    setting: Final = (
        "mode", "private", "place", "started", "ended", "zone", "event", "interviewer_code", "present",
        "interpreter", "interpreter_languages", "interpreter_oath", "interpreter_relation", "support", "lawyer",
        "accommodations",
    )  # fmt: skip
    notes: Final = ("risk", "decision", "safety_plan")

    def content(self, _today: date) -> Content:
        setting = _texts(self, self.setting)
        if "place" in setting:
            setting["place_precision"] = self.place_precision.data
        if self.taken_on.data:
            setting["taken_on"] = self.taken_on.data.isoformat()
        languages = list(dict.fromkeys(_chosen(self.spoken) + _chosen(self.spoken_too)))
        part = _filled(code_name=self.code_name.data, languages=languages, setting=setting)
        return Content(part, notes=_texts(self, self.notes))


class ConsentForm(Part):
    """Second: what may be done with it, asked one by one."""

    page = "consent"
    title = lazy("Consent")
    shown = HiddenField()  # the language of the script that stands first
    script = PickLanguage(lazy("Read aloud in"), SCRIPT_LANGUAGES, lazy("not read aloud"))
    take_part = _taking_part()
    recording = AnyOf(
        lazy("What else may we do?"), choices=RECORDINGS, description=lazy("Each is a risk of its own.")
    )
    store_until = Day(lazy("Keep it until"), description=lazy("Empty: as long as it is needed."))
    analyse = BooleanField(lazy("We may compare it with what others say"))
    public = OneOf(
        lazy("What may the public see?"),
        PUBLIC,
        description=lazy("It can be taken back at any time with the card."),
    )
    place = Pick(lazy("Of the place"), choices=PRECISIONS)
    voice = Pick(lazy("The voice"), choices=LIKENESSES)
    face = Pick(lazy("The face"), choices=LIKENESSES)
    national_court = Thirds(lazy("A national court"))
    international_mechanism = Thirds(lazy("An international body"))
    organisation = Thirds(lazy("Another organisation"))
    media = Thirds(lazy("Journalists"))
    family_tracing = Thirds(lazy("Those who look for the missing"))
    recipients = Words(lazy("Named ones"), description=lazy("One on each line, in the words of the witness."))
    contact_again = Thirds(lazy("We may ask them again later"))
    embargo_until = Day(lazy("Nothing public before"))
    embargo_event = Line(
        lazy("Nothing public until"), description=lazy("Something that must have happened first.")
    )
    manner = Pick(
        lazy("How they agreed"),
        choices={
            Manner.SPOKEN.value: lazy("said it"),
            Manner.WRITTEN.value: lazy("wrote it"),
            Manner.RECORDED.value: lazy("said it on a recording"),
            Manner.THUMBPRINT.value: lazy("gave a thumbprint"),
        },
    )
    evidence = Line(lazy("Where that can be seen or heard"))
    purpose_explained = BooleanField(lazy("I explained what it is for"))
    limits_explained = BooleanField(lazy("I explained what we cannot promise"))
    decides_with = BooleanField(lazy("Somebody else must decide with them"))
    guardian = Line(lazy("Who decides with them"), description=lazy("Parent or guardian, by code name."))
    child_assents = OneOf(
        lazy("If it is a child: does the child want it?"),
        {"": lazy("Not a child"), "yes": lazy("Yes"), "no": lazy("No")},
    )
    understood = Words(lazy("In their own words"), description=lazy("Ask them to say back what you agreed."))

    def content(self, today: date) -> Content:
        consent = Consent(
            take_part=bool(self.take_part.data),
            given_on=today,
            recording=_recording(self),
            store_until=self.store_until.data,
            analyse=bool(self.analyse.data),
            sharing=self._sharing(),
            publishing=self._publishing(),
            contact_again=Answer(self.contact_again.data),
            embargo=Embargo(self.embargo_until.data, self.embargo_event.data),
            given=self._given(),
        )
        return Content({"consent": consent.to_dict()})

    def _sharing(self) -> Sharing:
        return Sharing(
            national_court=Answer(self.national_court.data),
            international_mechanism=Answer(self.international_mechanism.data),
            organisation=Answer(self.organisation.data),
            media=Answer(self.media.data),
            family_tracing=Answer(self.family_tracing.data),
            recipients=tuple(line.strip() for line in self.recipients.data.split("\n") if line.strip()),
        )

    def _publishing(self) -> Publishing:
        return replace(
            PUBLIC_MEANS[self.public.data],
            place=PlacePrecision(self.place.data),
            voice=Likeness(self.voice.data),
            face=Likeness(self.face.data),
        )

    def _given(self) -> Given:
        return replace(
            _given(self.script.data),
            manner=Manner(self.manner.data),
            evidence=self.evidence.data,
            purpose_explained=bool(self.purpose_explained.data),
            limits_explained=bool(self.limits_explained.data),
            has_capacity=not self.decides_with.data,
            guardian=self.guardian.data,
            child_assents={"": None, "yes": True, "no": False}[self.child_assents.data],
            understood_in_own_words=self.understood.data,
        )


class AccountForm(Part):
    """Third: what they tell, freely first; then what was asked; apart from both, who they are."""

    page = "account"
    title = lazy("Account")
    account = _account()
    written = _written()
    relation = AnyOf(
        lazy("They speak as"),
        choices={
            "victim": lazy("One it happened to"),
            "eyewitness": lazy("One who saw it"),
            "relative": lazy("A relative"),
            "official": lazy("An official"),
            "expert": lazy("An expert"),
            "hearsay": lazy("One who was told"),
        },
    )
    basis = Words(
        lazy("How they know"), description=lazy("Which parts they saw, heard, or were told, and by whom.")
    )
    declined = Words(lazy("What they did not want to answer"), description=lazy("No reason needed."))
    breaks = Line(lazy("Breaks"))
    prior_accounts = Words(
        lazy("Have they told it before?"), description=lazy("To whom, when, and whether it was recorded.")
    )
    name = Line(lazy("Name"))
    aliases = Line(lazy("Other names"))
    born = Line(lazy("Born"), description=lazy("A year is enough."))
    contact = Words(lazy("How to reach them"))
    papers = Words(lazy("Identity papers"), description=lazy("Which, and who has taken them."))
    recontact_channel = Line(lazy("A safe way to ask again"))
    recontact_times = Line(lazy("At which times"))
    recontact_phrase = Line(lazy("What to say first"))
    keep_from = Line(lazy("Who must not know"))
    silence_means = Line(lazy("What it means if they do not answer"))

    setting: Final = ("basis", "declined", "breaks", "prior_accounts")
    identity: Final = (
        "name", "aliases", "born", "contact", "papers", "recontact_channel", "recontact_times", "recontact_phrase",
        "keep_from", "silence_means",
    )  # fmt: skip

    def content(self, _today: date) -> Content:
        setting = _texts(self, self.setting)
        if self.relation.data:
            setting["relation"] = ", ".join(self.relation.data)
        part = _filled(
            account=self.account.data,
            written=self.written.data,
            answers=[to_plain(reply) for reply in self._replies()],
            setting=setting,
            exhibits=[to_plain(exhibit) for exhibit in self._exhibits()],
        )
        return Content(part, identity=_texts(self, self.identity))

    def _replies(self) -> list[Reply]:
        replies = [Reply(self[f"question_{n}"].data, self[f"answer_{n}"].data) for n in QUESTIONS]
        return [reply for reply in replies if reply.question or reply.answer]

    def _exhibits(self) -> list[Exhibit]:
        shown = [Exhibit(*(self[f"{name}_{n}"].data for name in EXHIBIT_FIELDS)) for n in EXHIBITS]
        return [exhibit for exhibit in shown if any(to_plain(exhibit).values())]

    def said_of(self, file: Attachment) -> dict[str, str]:
        number = file.field.removeprefix("file_")
        if f"title_{number}" not in self:
            return {}
        return {
            "title": self[f"title_{number}"].data,
            "credit": self[f"credit_{number}"].data,
            "warning": "graphic" if self[f"graphic_{number}"].data else "",
        }


EXHIBIT_FIELDS: Final = MappingProxyType(
    {
        "thing": lazy("A thing they showed"),
        "origin": lazy("Where it comes from"),
        "owner": lazy("Whose it is"),
        "keeper": lazy("Who keeps it"),
    }
)
for _n in QUESTIONS:
    setattr(AccountForm, f"question_{_n}", Line(lazy("You asked")))
    setattr(AccountForm, f"answer_{_n}", Words(lazy("They answered")))
for _n in EXHIBITS:
    for _name, _label in EXHIBIT_FIELDS.items():
        setattr(AccountForm, f"{_name}_{_n}", Line(_label))
for _n in FILES:
    setattr(AccountForm, f"file_{_n}", FileField(lazy("File %(number)s", number=_n)))
    setattr(AccountForm, f"title_{_n}", Line(lazy("What it is")))
    setattr(AccountForm, f"credit_{_n}", Line(lazy("Who made it, and how they want to be named")))
    setattr(AccountForm, f"graphic_{_n}", BooleanField(lazy("It shows injuries, death or a person's face")))


class ClosingForm(Part):
    """Last: read back, set right, and leave the witness with a way to take it back."""

    page = "closing"
    title = lazy("Closing")
    read_back = OneOf(
        lazy("Was it read back to them?"),
        {"": lazy("Not said"), "yes": lazy("Yes"), "in-part": lazy("In part"), "no": lazy("No")},
    )
    corrections = Words(lazy("What they set right"))
    adopted = BooleanField(lazy("They say: this is what I wanted to say"))
    card = OneOf(
        lazy("The card with the number"),
        {
            "": lazy("Not said"),
            "taken": lazy("They took it"),
            "memorised": lazy("They know it by heart"),
            "refused": lazy("They did not want it"),
        },
    )
    risk_after = Words(lazy("What could happen to them now?"))
    referrals = Words(lazy("Help they need, were offered, and accepted"))
    impressions = Words(lazy("What you noticed"))
    own_distress = Words(lazy("How are you yourself?"), description=lazy("Nobody is ranked by this."))

    notes: Final = ("risk_after", "referrals", "impressions", "own_distress")

    def content(self, _today: date) -> Content:
        setting = _texts(self, ("read_back", "card"))
        if self.adopted.data:
            setting["adopted"] = "yes"
        replies = (
            [Reply(_("What do you want to set right?"), self.corrections.data)]
            if self.corrections.data
            else []
        )
        part = _filled(answers=[to_plain(reply) for reply in replies], setting=setting)
        return Content(part, notes=_texts(self, self.notes))


FORMS: Final[Mapping[Way, tuple[type[Part], ...]]] = MappingProxyType(
    {Way.SHORT: (ShortForm,), Way.LONG: (SafetyForm, ConsentForm, AccountForm, ClosingForm)}
)


@dataclass(frozen=True)
class Step:
    """Where in a way somebody is; `number` counts from 1."""

    way: Way
    number: int

    @classmethod
    def of(cls, way: str, part: int) -> "Step":
        """The step at which a form stands: as many as were sealed before it, but never beyond the last."""
        chosen = Way.LONG if way == Way.LONG else Way.SHORT
        return cls(chosen, min(part, len(FORMS[chosen])))

    @property
    def form(self) -> type[Part]:
        return FORMS[self.way][self.number - 1]

    @property
    def is_last(self) -> bool:
        return self.number == len(FORMS[self.way])

    @property
    def may_end(self) -> bool:
        """Whether all that must be is in it, so that it may be sent without the parts that follow."""
        return self.form is AccountForm


def _recording(form: Any) -> Recording:
    return Recording(**dict.fromkeys(form.recording.data or (), True))


def _given(language: str) -> Given:
    """What the script that was read says of itself; nothing if none was."""
    if not language:
        return Given()
    read = script(language)
    return Given(
        language=language, script_version=read.version, script_checked_by_native_speaker=read.checked
    )


def _chosen(field: PickLanguage) -> list[str]:
    return [field.data] if field.data else []


def _texts(form: Part, names: tuple[str, ...]) -> dict[str, str]:
    return {name: form[name].data for name in names if form[name].data}


def _filled(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}
