"""What the pages of a statement send: a transcript by rows or as JSON, a reason, a code that was typed."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from flask import Request
from flask_babel import lazy_gettext as lazy
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.domain.capacity import MAX_NOTE_CHARACTERS
from app.domain.errors import InvalidInput
from app.transcription import transcript as changes
from app.transcription.transcript import Change, Segment, Transcript, read_time

CHANGES: Final[Mapping[str, Change]] = MappingProxyType(
    {
        "add": changes.add_after,
        "split": changes.split,
        "merge": changes.merge,
        "delete": changes.remove,
    }
)
"""What a row's button asks for, as `do=<change>:<row, from 0>`."""


class ReasonForm(FlaskForm):
    class Meta:
        """The access check has asked for the form token already."""

        csrf = False

    reason = TextAreaField(
        lazy("Why"),
        [
            DataRequired(lazy("Write why, so that whoever looks at it next knows what to do.")),
            Length(max=MAX_NOTE_CHARACTERS, message=lazy("This is longer than fits. Keep to what matters.")),
        ],
    )


class WithdrawForm(FlaskForm):
    class Meta:
        """The access check has asked for the form token already."""

        csrf = False

    code = StringField(
        lazy("Code of the case"), [DataRequired(lazy("Type the code of the case, to be sure."))]
    )


class WithdrawalCodeForm(FlaskForm):
    class Meta:
        """The access check has asked for the form token already."""

        csrf = False

    code = StringField(
        lazy("Withdrawal code"),
        [DataRequired(lazy("Type the 32 figures of the witness's card."))],
        description=lazy("32 figures in eight groups, as the witness reads them from the card."),
    )


def sent_transcript(request: Request) -> tuple[Transcript, int]:
    """What a save carries, with the revision its writer had in hand; InvalidInput names what is wrong."""
    if request.is_json:
        return _from_json(request.get_json())
    return _from_rows(request.form), _number(request.form.get("revision", ""), "revision")


def _from_json(plain: object) -> tuple[Transcript, int]:
    if not isinstance(plain, dict) or plain.keys() != {"revision", "language", "segments"}:
        raise InvalidInput({"transcript": "wrong-fields"})
    revision = plain.pop("revision")
    if type(revision) is not int or revision < 0:
        raise InvalidInput({"revision": "wrong-type"})
    return Transcript.from_plain(_read_times(plain)), revision


def _read_times(plain: dict[str, object]) -> dict[str, object]:
    """Times come as people write them, so that there is one reader of them."""
    segments = plain["segments"]
    if not isinstance(segments, list) or not all(isinstance(segment, dict) for segment in segments):
        raise InvalidInput({"segments": "wrong-type"})
    return {**plain, "segments": [_with_times(segment) for segment in segments]}


def _with_times(segment: dict[str, object]) -> dict[str, object]:
    field = f"segment-{segment.get('id')}"
    return {**segment, **{name: read_time(str(segment.get(name)), field) for name in ("start", "end")}}


def _from_rows(form: Mapping[str, str]) -> Transcript:
    """The rows of a page as `id-0`, `start-0`, `end-0`, `speaker-0`, `text-0`, ..., and one change."""
    count = _number(form.get("rows", "0"), "rows")
    if count > changes.MAX_SEGMENTS:
        raise InvalidInput({"segments": "too-many"})
    segments = [_row(form, number) for number in range(count) if f"id-{number}" in form]
    plain = replace(Transcript(), language=form.get("language", ""), segments=tuple(segments)).to_plain()
    return _changed(Transcript.from_plain(plain), form.get("do", ""))


def _row(form: Mapping[str, str], number: int) -> Segment:
    field = f"segment-{form[f'id-{number}']}"
    start, end = (read_time(form.get(f"{name}-{number}", ""), field) for name in ("start", "end"))
    return Segment(
        form[f"id-{number}"], start, end, form.get(f"speaker-{number}", ""), form.get(f"text-{number}", "")
    )


def _changed(transcript: Transcript, asked: str) -> Transcript:
    """A change that is asked for below all rows: `add:end` adds one there."""
    if not asked or asked == "save":
        return transcript
    change, _colon, row = asked.partition(":")
    if change not in CHANGES:
        raise InvalidInput({"do": "unknown"})
    index = len(transcript.segments) - 1 if row == "end" else _number(row, "do")
    return CHANGES[change](transcript, index)


def _number(text: str, field: str) -> int:
    if not text.isascii() or not text.isdecimal():
        raise InvalidInput({field: "not-a-number"})
    return int(text)
