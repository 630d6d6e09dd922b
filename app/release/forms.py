"""Forms of writing a story: a version in one language with its blocks, a quote, a beginning, a withdrawal."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange
from wtforms.widgets import HiddenInput

from app.domain.capacity import MAX_BLOCKS_PER_STORY
from app.domain.consent import Naming, PlacePrecision
from app.domain.errors import InvalidInput
from app.domain.record import canonical_json, from_plain, to_plain
from app.domain.story import Block, Excerpt, StoryDraft
from app.domain.text import clean_line, clean_text
from app.release.manuscript import Manuscript
from app.release.site.strings import STRINGS
from app.release.words import DRAWINGS, NAMINGS, PRECISIONS

LANGUAGES: Final = tuple(STRINGS)
"""Those that the public site speaks."""

NAMED_LANGUAGES: Final = [SelectChoice(language, strings.name) for language, strings in STRINGS.items()]
"""Each by its own name for itself."""

_BLANK_LINES: Final = re.compile(r"\n\s*\n")
_HEADING: Final = re.compile(r"#+\s*")
_LINES: Final = ("headline", "kicker", "pull_speaker", "place", "month")
_TEXTS: Final = ("standfirst", "pull_quote", "content_note")
_LISTS: Final = ("themes", "protections", "credits")

_PROBLEMS: Final[Mapping[str, Any]] = {
    "too-long": _("This is too long."),
    "more-than-one-line": _("One line only."),
    "control-character": _("There is a character in it that no text needs. Type it anew."),
    "not-unicode": _("There is a character in it that is none. Type it anew."),
    "not-a-month": _("Write a year and a month, as in 2026-03, or nothing."),
    "not-in-the-text": _("These words do not stand in the redacted text. Copy them exactly."),
    "not-chosen": _("Choose a passage, or paste its words."),
    "empty": _("Write something."),
    "other-code": _("This is not the code of the case."),
}
_OTHERWISE: Final = _("This cannot be taken as it is.")


class _Form(FlaskForm):
    class Meta:
        csrf = False  # the access check does it, for every form

    def check(self) -> None:
        """Raises InvalidInput, with the fields at fault, which say themselves what is wrong."""
        if not self.validate():
            raise InvalidInput(dict.fromkeys(self.errors, ""))

    def blame(self, refusal: InvalidInput) -> None:
        """Show each problem beside its field; one that is no field's, beside the first."""
        for name, code in refusal.problems.items():
            if code == "":
                continue
            field = self._fields.get(name) or next(iter(self._fields.values()))
            field.errors = [*field.errors, _PROBLEMS.get(code, _OTHERWISE)]


class BeginForm(_Form):
    headline = StringField(_("Working title"), [InputRequired()])
    language = SelectField(_("First language"), choices=NAMED_LANGUAGES)

    @property
    def title(self) -> str:
        """Raises InvalidInput."""
        return clean_line(self.headline.data, "headline")

    def stand_apart(self, number: int) -> None:
        """Several of these stand on one page; without ids of their own their labels would all name the first."""
        for field in self:
            field.id = field.label.field_id = f"{field.id}-{number}"


class VersionForm(_Form):
    """`revision`: of the manuscript that was looked at."""

    revision = IntegerField(widget=HiddenInput(), validators=[InputRequired(), NumberRange(1)])
    kicker = StringField(_("Line above the headline"), description=_("Who tells it, or where it was told."))
    headline = StringField(_("Headline"))
    standfirst = TextAreaField(_("Standfirst"), description=_("Two sentences that say what it is about."))
    more = TextAreaField(
        _("Go on writing"),
        description=_(
            "A blank line begins a new paragraph; a line that begins with # becomes a heading. "
            "What a witness said is only ever quoted, never typed here."
        ),
    )
    pull_quote = TextAreaField(_("Pull quote"), description=_("The exact words of one of the quotes."))
    pull_speaker = StringField(_("Who says it"), description=_("As it stands beside that quote."))
    place = StringField(_("Place"), description=_("Coarse: a stretch of river, not a town."))
    place_precision = SelectField(
        _("How precise that is"),
        choices=[SelectChoice(each.value, label) for each, label in PRECISIONS.items()],
    )
    month = StringField(
        _("Month"), description=_("Year and month, as in 2026-03. Nothing finer is ever told.")
    )
    themes = TextAreaField(_("Themes"), description=_("One to a line."))
    content_note = TextAreaField(
        _("Content note"), description=_("What readers should know before they begin.")
    )
    protections = TextAreaField(
        _("How the people in it were protected"), description=_("For readers. One to a line.")
    )
    credits = TextAreaField(_("Credits"), description=_("One to a line, as in: Footage courtesy of ..."))
    drawing = SelectField(
        _("Drawing"), choices=[SelectChoice(value, label) for value, label in DRAWINGS.items()]
    )

    def follow(self, revision: int) -> None:
        """The next save follows this revision, whatever the form that came in said."""
        self.revision.data, self.revision.raw_data = revision, None

    def fill(self, manuscript: Manuscript, draft: StoryDraft, revision: int) -> None:
        """Show a version as it stands."""
        self.revision.data = revision
        for name in (*_LINES, *_TEXTS):
            self[name].data = getattr(draft, name)
        for name in _LISTS:
            self[name].data = "\n".join(getattr(draft, name))
        self.place_precision.data, self.drawing.data = manuscript.place_precision.value, manuscript.drawing

    def draft(self, language: str, blocks: tuple[Block, ...]) -> StoryDraft:
        """What was typed. Raises InvalidInput: problems by the names of the fields."""
        return StoryDraft(
            language=language,
            headline=self._line("headline"),
            kicker=self._line("kicker"),
            standfirst=self._text("standfirst"),
            pull_quote=self._text("pull_quote"),
            pull_speaker=self._line("pull_speaker"),
            blocks=blocks,
            place=self._line("place"),
            month=self._line("month"),
            credits=self._list("credits"),
            content_note=self._text("content_note"),
            protections=self._list("protections"),
            themes=self._list("themes"),
        )

    def _line(self, name: str) -> str:
        return clean_line(self[name].data or "", name)

    def _text(self, name: str) -> str:
        """Several sentences, none of which begins a paragraph."""
        return " ".join(_plain(self[name].data, name).split())

    def _list(self, name: str) -> tuple[str, ...]:
        return tuple(_listed(self[name].data, name))

    def change(self, manuscript: Manuscript, language: str, blocks: tuple[Block, ...]) -> Manuscript:
        """The manuscript with this version in it. Raises as `draft`."""
        changed = manuscript.with_version(self.draft(language, blocks))
        return Manuscript(
            changed.versions,
            changed.naming,
            PlacePrecision(self.place_precision.data),
            self.drawing.data,
        )


class QuoteForm(_Form):
    """`language`: of the version that the quote goes into."""

    language = HiddenField()
    statement = HiddenField()
    words = TextAreaField(
        _("Or paste the exact words"),
        description=_("They are looked for in the redacted text. Nothing else can be quoted."),
    )
    spoken = SelectField(_("Language of these words"), choices=NAMED_LANGUAGES)
    translation = TextAreaField(
        _("In the language of this version"), description=_("Leave it empty if it is the same.")
    )
    speaker = StringField(
        _("Who says it"), description=_("As readers see it: a name, then who it is, as in: Olga, a resident.")
    )
    naming = SelectField(
        _("How this source appears"),
        choices=[SelectChoice(each.value, label) for each, label in NAMINGS.items()],
        default=Naming.ANONYMOUS.value,
    )

    def said(self) -> dict[str, str]:
        """Speaker and translation. Raises InvalidInput."""
        speaker = clean_line(self.speaker.data or "", "speaker")
        if not speaker:
            raise InvalidInput({"speaker": "empty"})
        return {"speaker": speaker, "translation": _plain(self.translation.data, "translation").strip()}


class WithdrawForm(_Form):
    code = StringField(_("To be sure, type the code of the case"))


# Blocks, of which a form holds any number


def block_fields(blocks: tuple[Block, ...]) -> list[dict[str, Any]]:
    """What the template writes for each block; an excerpt travels whole, so that the form stands by itself."""
    return [
        {
            "kind": block.kind,
            "text": block.text,
            "excerpt": block.excerpt,
            "sealed": canonical_json(to_plain(block.excerpt)).decode() if block.excerpt else "",
        }
        for block in blocks
    ]


def typed_blocks(form: Mapping[str, str]) -> list[dict[str, Any]]:
    """What the template writes for each block of a form that was refused: every word as it was typed.

    Raises InvalidInput for what none of our pages sends.
    """
    return [_typed(form, number) for number in range(_number(form.get("blocks", "0")))]


def _typed(form: Mapping[str, str], number: int) -> dict[str, Any]:
    if form.get(f"kind-{number}") != "excerpt":
        kind = "heading" if form.get(f"kind-{number}") == "heading" else "paragraph"
        return {"kind": kind, "text": form.get(f"text-{number}", ""), "excerpt": None, "sealed": ""}
    excerpt = replace(
        _sealed_excerpt(form, number),
        speaker=form.get(f"speaker-{number}", ""),
        translation=form.get(f"translation-{number}", ""),
    )
    return {"kind": "excerpt", "text": "", "excerpt": excerpt, "sealed": form[f"excerpt-{number}"]}


def read_blocks(form: Mapping[str, str], act: str = "") -> tuple[Block, ...]:
    """The blocks of a form, after an act on one of them: `up:2`, `down:2`, `remove:2`.

    A paragraph that was emptied goes, one with a blank line in it becomes two. Raises InvalidInput.
    """
    count = _number(form.get("blocks", "0"))
    rows = [[*_row(form, number)] for number in range(count)]
    return (
        *(block for row in _after(rows, act) for block in row),
        *_paragraphs(form.get("more", ""), "more"),
    )


def _after(rows: list[list[Block]], act: str) -> list[list[Block]]:
    verb, _colon, number = act.partition(":")
    if verb not in {"up", "down", "remove"}:
        return rows
    at = _number(number)
    to = {"up": at - 1, "down": at + 1}.get(verb, at)
    if not (0 <= at < len(rows) and 0 <= to < len(rows)):
        return rows
    if verb == "remove":
        return [*rows[:at], *rows[at + 1 :]]
    moved = [*rows]
    moved[at], moved[to] = moved[to], moved[at]
    return moved


def _row(form: Mapping[str, str], number: int) -> Iterator[Block]:
    if form.get(f"kind-{number}") == "excerpt":
        yield Block("excerpt", excerpt=_excerpt(form, number))
    elif form.get(f"kind-{number}") == "heading":
        text = clean_line(form.get(f"text-{number}", ""), "more")
        yield from ([Block("heading", text)] if text else [])
    else:
        yield from _paragraphs(form.get(f"text-{number}", ""), "more")


def _excerpt(form: Mapping[str, str], number: int) -> Excerpt:
    return replace(
        _sealed_excerpt(form, number),
        speaker=clean_line(form.get(f"speaker-{number}", ""), "more"),
        translation=_plain(form.get(f"translation-{number}", ""), "more").strip(),
    )


def _sealed_excerpt(form: Mapping[str, str], number: int) -> Excerpt:
    try:
        return from_plain(Excerpt, json.loads(form.get(f"excerpt-{number}", "")))
    except ValueError as error:
        raise InvalidInput({"blocks": "not-an-excerpt"}) from error


def _paragraphs(text: str, field: str) -> Iterator[Block]:
    for piece in _BLANK_LINES.split(_plain(text, field).strip()):
        words = piece.strip()
        if words.startswith("#"):
            title, _newline, words = words.partition("\n")
            yield from ([Block("heading", heading)] if (heading := _HEADING.sub("", title, count=1)) else [])
        yield from ([Block("paragraph", words.strip())] if words.strip() else [])


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) > MAX_BLOCKS_PER_STORY:
        raise InvalidInput({"blocks": "too-many"})
    return int(text)


def _plain(text: str | None, field: str) -> str:
    return clean_text((text or "").replace("\t", " "), field)


def _listed(text: str | None, field: str) -> Iterator[str]:
    for line in _plain(text, field).split("\n"):
        if cleaned := clean_line(line, field):
            yield cleaned
