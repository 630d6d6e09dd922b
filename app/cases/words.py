"""What a person reads where the code knows a duty, a chore, a kind of entry or a fault."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from babel import Locale, UnknownLocaleError
from flask_babel import LazyString, get_locale
from flask_babel import lazy_gettext as lazy
from flask_babel import lazy_pgettext as lazy_p

from app.domain.duties import Duty
from app.domain.lifecycle import StatementState

_S = StatementState

DUTIES: Final[Mapping[Duty, LazyString]] = MappingProxyType(
    {
        Duty.INTERVIEWER: lazy_p("duty", "interviewer"),
        Duty.LEAD: lazy_p("duty", "lead"),
        Duty.TRANSCRIBER: lazy_p("duty", "transcriber"),
        Duty.TRANSLATOR: lazy_p("duty", "translator"),
        Duty.REDACTOR: lazy_p("duty", "redactor"),
        Duty.EDITORIAL_APPROVER: lazy_p("duty", "editorial approver"),
        Duty.PROTECTION_APPROVER: lazy_p("duty", "protection approver"),
        Duty.PUBLISHER: lazy_p("duty", "publisher"),
        Duty.IDENTITY_CUSTODIAN: lazy_p("duty", "identity custodian"),
        Duty.READER: lazy_p("duty", "reader"),
    }
)

REACHES: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "id": lazy("opens statements and names"),
        "open": lazy("opens statements"),
        "send": lazy("only sends in"),
    }
)

STOPPED: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "not-opened": lazy("You lead it, and nobody is on it yet."),
        "fork": lazy(
            "Stopped: two different lists of its people were signed. Its lead must settle which holds."
        ),
        "roster-rolled-back": lazy(
            "Stopped: the storage shows an older list of its people than you have seen."
        ),
        "new-era": lazy(
            "Stopped: the storage was put back from a backup, and no lead has said since who may open this."
        ),
        "head-behind": lazy("Stopped: the storage is older than what was seen here. An operator must look."),
        "head-forked": lazy("Stopped: the storage is not the one that was seen here. An operator must look."),
        "no-grant": lazy("Nobody has given you the key of this case yet. Its lead can."),
        "settings": lazy("Its title is not what was sealed, so it is not shown."),
    }
)
STOPPED_OTHERWISE: Final = lazy("Stopped: the list of its people is not what its lead signed.")

NEXT: Final[Mapping[StatementState, LazyString]] = MappingProxyType(
    {
        _S.RECEIVED: lazy_p("next step", "Take it over"),
        _S.QUARANTINED: lazy_p("next step", "Find out where it comes from"),
        _S.ACCEPTED: lazy_p("next step", "Transcribe it, or redact it"),
        _S.TRANSCRIBING: lazy_p("next step", "Go on transcribing"),
        _S.TRANSCRIBED: lazy_p("next step", "Redact or translate it"),
        _S.REDACTING: lazy_p("next step", "Go on redacting"),
        _S.REDACTED: lazy_p("next step", "Send it to approval"),
        _S.IN_APPROVAL: lazy_p("next step", "Look and sign"),
        _S.APPROVED: lazy_p("next step", "May be used in a story"),
        _S.RETURNED: lazy_p("next step", "Answer the note"),
        _S.ON_HOLD: lazy_p("next step", "Waits until the hold is lifted"),
        _S.WITHDRAWN: lazy_p("next step", "Will be destroyed"),
        _S.DESTROYED: lazy_p("next step", "Nobody can open it any more"),
    }
)

CHORES: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "take-over": lazy("Sealed pieces that nobody has taken over yet"),
        "take-over-names": lazy("Sealed names that nobody has taken over yet"),
        "renew-keys": lazy("Keys from before somebody left, to be renewed"),
        "renew-names": lazy("The key of the names is to be renewed, because a custodian left"),
        "take-down": lazy("A witness took consent back: something is to be taken down"),
        "withdrawal": lazy("A witness took a statement back"),
    }
)
CHORE_OTHERWISE: Final = lazy("Something waits to be done")

KINDS: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "person": lazy_p("register", "Person"),
        "place": lazy_p("register", "Place"),
        "phone": lazy_p("register", "Telephone"),
        "paper": lazy_p("register", "Paper or number"),
        "workplace": lazy_p("register", "Workplace"),
        "other": lazy_p("register", "Something else"),
    }
)

PROTECTIONS: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "withhold": lazy_p("register", "Withheld"),
        "pseudonym": lazy_p("register", "Another name"),
        "generalise": lazy_p("register", "Made general"),
        "keep": lazy_p("register", "Kept on purpose"),
    }
)

PROBLEMS: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "empty": lazy("Write something here."),
        "too-long": lazy("This is too long."),
        "too-many": lazy("These are too many."),
        "more-than-one-line": lazy("One line, please."),
        "control-character": lazy("There is a character in it that cannot be shown."),
        "bad-replacement": lazy("Write it without double square brackets."),
        "none-given": lazy("Write what the public reads instead, in at least one language."),
        "withheld-has-none": lazy(
            "What is withheld is shown as nothing. Clear these, or protect it another way."
        ),
        "names-somebody": lazy("This is a name of somebody the register hides. Choose another one."),
    }
)
PROBLEM_OTHERWISE: Final = lazy("This cannot be taken as it is.")


def language_name(code: str) -> str:
    """The name of a language in the reader's own; the code itself where nobody knows it."""
    try:
        name = Locale.parse(code, sep="-").get_display_name(get_locale())
    except (ValueError, UnknownLocaleError):
        return code
    return name or code
