"""The one glossary of states: for each, its word, its shape, its tone, and what happens next."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from flask_babel import LazyString, lazy_pgettext


class Tone(StrEnum):
    """How loudly a state speaks: amber only where somebody must act, red only where nothing can be undone."""

    CALM = "calm"
    CAUTION = "caution"
    GRAVE = "grave"


@dataclass(frozen=True, slots=True)
class StateWord:
    """What a person reads about one state; `glyph` is a symbol of `templates/sprite.svg`, less its `g-`."""

    word: LazyString
    glyph: str
    tone: Tone
    next_step: LazyString


def _said(word: LazyString, glyph: str, next_step: LazyString, tone: Tone = Tone.CALM) -> StateWord:
    return StateWord(word, glyph, tone, next_step)


STATEMENT_STATES: Mapping[str, StateWord] = MappingProxyType(
    {
        "received": _said(
            lazy_pgettext("statement", "Received"),
            "received",
            lazy_pgettext("statement", "It is here, whole and sealed. A reviewer takes it over next."),
        ),
        "quarantined": _said(
            lazy_pgettext("statement", "Quarantined"),
            "quarantine",
            lazy_pgettext(
                "statement", "Nothing is lost. The case lead finds out where it comes from, then lets it in."
            ),
            Tone.CAUTION,
        ),
        "accepted": _said(
            lazy_pgettext("statement", "Accepted"),
            "accepted",
            lazy_pgettext("statement", "Somebody listens to it and writes it down."),
        ),
        "transcribing": _said(
            lazy_pgettext("statement", "Transcribing"),
            "transcribing",
            lazy_pgettext("statement", "It is being written down. Then names and places are protected."),
        ),
        "transcribed": _said(
            lazy_pgettext("statement", "Transcribed"),
            "transcribed",
            lazy_pgettext("statement", "Somebody marks what must not be recognised."),
        ),
        "redacting": _said(
            lazy_pgettext("statement", "Redacting"),
            "redacting",
            lazy_pgettext(
                "statement", "Names and places are being protected. Then two other people look at it."
            ),
        ),
        "redacted": _said(
            lazy_pgettext("statement", "Redacted"),
            "redacted",
            lazy_pgettext("statement", "Two people who did not work on it look at it."),
        ),
        "in approval": _said(
            lazy_pgettext("statement", "In approval"),
            "approval",
            lazy_pgettext(
                "statement", "One person reads it as an editor, one for the safety of the people in it."
            ),
        ),
        "approved": _said(
            lazy_pgettext("statement", "Approved"),
            "approved",
            lazy_pgettext("statement", "It may be used in a story, as far as the consent goes."),
        ),
        "returned": _said(
            lazy_pgettext("statement", "Returned"),
            "returned",
            lazy_pgettext("statement", "A note asks for something. Answer it, then the work goes on."),
            Tone.CAUTION,
        ),
        "on hold": _said(
            lazy_pgettext("statement", "On hold"),
            "hold",
            lazy_pgettext("statement", "Nobody works on it until the case lead lifts the hold."),
        ),
        "withdrawn": _said(
            lazy_pgettext("statement", "Withdrawn"),
            "withdrawn",
            lazy_pgettext("statement", "The witness took it back. It is not used, and will be destroyed."),
        ),
        "destroyed": _said(
            lazy_pgettext("statement", "Destroyed"),
            "destroyed",
            lazy_pgettext("statement", "Its key is gone. Nobody can ever open it again, not even us."),
            Tone.GRAVE,
        ),
    }
)

STORY_STATES: Mapping[str, StateWord] = MappingProxyType(
    {
        "draft": _said(
            lazy_pgettext("story", "Draft"),
            "draft",
            lazy_pgettext("story", "It is being written. Then it is checked for what must not show."),
        ),
        "checked": _said(
            lazy_pgettext("story", "Checked"),
            "checked",
            lazy_pgettext("story", "Nothing protected was found in it. Two people approve it next."),
        ),
        "in approval": _said(
            lazy_pgettext("story", "In approval"),
            "approval",
            lazy_pgettext("story", "Two people look at exactly what will be public, and sign."),
        ),
        "approved": _said(
            lazy_pgettext("story", "Approved"),
            "approved",
            lazy_pgettext("story", "Both have signed. A publisher may set it to appear."),
        ),
        "due": _said(
            lazy_pgettext("story", "Due"),
            "due",
            lazy_pgettext("story", "It stays sealed until a publisher presses, once its day has come."),
        ),
        "published": _said(
            lazy_pgettext("story", "Published"),
            "published",
            lazy_pgettext("story", "Everybody can read it. It can be corrected or withdrawn."),
        ),
        "corrected": _said(
            lazy_pgettext("story", "Corrected"),
            "corrected",
            lazy_pgettext("story", "The page tells readers what was changed, and when."),
        ),
        "withdrawn": _said(
            lazy_pgettext("story", "Withdrawn"),
            "withdrawn",
            lazy_pgettext("story", "It was taken down. Its address says so, without a reason."),
            Tone.CAUTION,
        ),
    }
)
