"""What a person reads where the code knows an action, a reason, a fault; what the public reads instead."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from flask_babel import LazyString
from flask_babel import lazy_gettext as lazy
from flask_babel import lazy_pgettext as lazy_p

from app.domain.redaction import Action, RedactionReason, Withheld

ACTIONS: Final[Mapping[Action, LazyString]] = MappingProxyType(
    {
        Action.REMOVE: lazy_p("redaction", "Withhold"),
        Action.PSEUDONYM: lazy_p("redaction", "Give another name"),
        Action.GENERALISE: lazy_p("redaction", "Make general"),
        Action.KEEP: lazy_p("redaction", "Keep on purpose"),
    }
)

_R = RedactionReason
REASONS: Final[Mapping[RedactionReason, LazyString]] = MappingProxyType(
    {
        _R.WITNESS_IDENTITY: lazy_p("reason", "Who the witness is"),
        _R.FAMILY: lazy_p("reason", "Family of the witness"),
        _R.THIRD_PARTY: lazy_p("reason", "Somebody else"),
        _R.MINOR: lazy_p("reason", "A child"),
        _R.HOME_WORK_PLACE: lazy_p("reason", "A home, a workplace, a place"),
        _R.DATE_OR_TIME: lazy_p("reason", "A date or a time"),
        _R.CONTACT: lazy_p("reason", "A way to reach somebody"),
        _R.NUMBER: lazy_p("reason", "A number or a paper"),
        _R.HEALTH_OR_SEXUAL_VIOLENCE: lazy_p("reason", "Health or sexual violence"),
        _R.SECURITY: lazy_p("reason", "Somebody's safety"),
        _R.PRESUMPTION_OF_INNOCENCE: lazy_p("reason", "Somebody accused, not judged"),
        _R.ON_REQUEST: lazy_p("reason", "The witness asked for it"),
        _R.LEGAL: lazy_p("reason", "The law asks for it"),
    }
)

KINDS: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "person": lazy_p("register", "person"),
        "place": lazy_p("register", "place"),
        "phone": lazy_p("register", "telephone"),
        "paper": lazy_p("register", "paper"),
        "workplace": lazy_p("register", "workplace"),
        "other": lazy_p("register", "other"),
    }
)

PROBLEMS: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "missing": lazy("Say what should stand here."),
        "not-in-the-text": lazy(
            "These words are not in the statement. Type them exactly as they stand there."
        ),
        "beyond-text": lazy("These words are not in the statement. Type them exactly as they stand there."),
        "other-words": lazy("The words at this place are others by now. Mark them once more."),
        "bad-replacement": lazy("Without [[ and ]], and only where another name or a general word is given."),
        "replacement-tells": lazy("These words say what they should hide. Choose others."),
        "gone": lazy("Somebody took this away meanwhile."),
        "lost": lazy("A mark lost its words. Say what becomes of it, then finish."),
        "too-many": lazy("There are more marks than one statement can hold."),
        "too-long": lazy("This is too long."),
        "more-than-one-line": lazy("One line is enough."),
    }
)
PROBLEM_OTHERWISE: Final = lazy("This cannot be taken as it is.")


def problem(code: str) -> str:
    """The sentence for a fault."""
    return str(PROBLEMS.get(code, PROBLEM_OTHERWISE))


_W = Withheld
_CHIPS: Final[Mapping[str, Mapping[Withheld, str]]] = MappingProxyType(
    {
        "en": MappingProxyType(
            {
                _W.NAME: "name withheld",
                _W.PLACE: "place withheld",
                _W.DATE: "date withheld",
                _W.NUMBER: "number withheld",
                _W.CONTACT: "contact withheld",
                _W.PASSAGE: "passage left out",
            }
        ),
        "hy": MappingProxyType(
            {
                _W.NAME: "անունը չի նշվում",
                _W.PLACE: "վայրը չի նշվում",
                _W.DATE: "ամսաթիվը չի նշվում",
                _W.NUMBER: "թիվը չի նշվում",
                _W.CONTACT: "կապը չի նշվում",
                _W.PASSAGE: "հատվածը բաց է թողնված",
            }
        ),
        "ru": MappingProxyType(
            {
                _W.NAME: "имя не названо",
                _W.PLACE: "место не названо",
                _W.DATE: "дата не названа",
                _W.NUMBER: "число не названо",
                _W.CONTACT: "контакт не назван",
                _W.PASSAGE: "фрагмент опущен",
            }
        ),
        "ar": MappingProxyType(
            {
                _W.NAME: "الاسم محجوب",
                _W.PLACE: "المكان محجوب",
                _W.DATE: "التاريخ محجوب",
                _W.NUMBER: "الرقم محجوب",
                _W.CONTACT: "وسيلة الاتصال محجوبة",
                _W.PASSAGE: "مقطع محذوف",
            }
        ),
    }
)
"""In the language of the text, not of whoever looks at it: the public site says the same."""


def chip(kind: Withheld, language: str) -> str:
    """What the public reads in place of withheld words; English where we have no words in a language."""
    return _CHIPS.get(language.partition("-")[0], _CHIPS["en"])[kind]
