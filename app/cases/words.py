"""What a person reads where the code knows a duty, a chore, a kind of entry or a fault."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from uuid import UUID

from babel import Locale, UnknownLocaleError
from flask_babel import LazyString, get_locale, gettext, pgettext
from flask_babel import lazy_gettext as lazy
from flask_babel import lazy_pgettext as lazy_p

from app.cases.safeguards import (
    ApprovesOwnWork,
    Finding,
    LeadKeepsNames,
    NobodyHolds,
    OneVoice,
    Remedy,
    SameWord,
)
from app.domain.duties import Duty
from app.domain.lifecycle import StatementState
from app.policy.facts import ANCHOR

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

DOES: Final[Mapping[Duty, LazyString]] = MappingProxyType(
    {
        Duty.INTERVIEWER: lazy("Takes statements. Opens nothing, not even what they sent."),
        Duty.LEAD: lazy(
            "Decides who is on the case; holds, returns and withdraws statements. Opens no names by that."
        ),
        Duty.TRANSCRIBER: lazy(
            "Listens, and writes down what was said. Approves nothing that they wrote down."
        ),
        Duty.TRANSLATOR: lazy("Writes translations. Approves nothing that they translated."),
        Duty.REDACTOR: lazy("Hides what could betray somebody. Approves nothing that they redacted."),
        Duty.EDITORIAL_APPROVER: lazy(
            "Signs that a story is true to what was told. Not their own work, and not both signatures."
        ),
        Duty.PROTECTION_APPROVER: lazy(
            "Signs that a story endangers nobody. Not their own work, and not both signatures."
        ),
        Duty.PUBLISHER: lazy(
            "Makes public what two people signed, and takes it down. Signs nothing by that."
        ),
        Duty.IDENTITY_CUSTODIAN: lazy(
            "Keeps the names of witnesses, and releases one at a time. Writes nothing by that."
        ),
        Duty.READER: lazy("Opens statements and adds remarks. Changes and approves nothing."),
    }
)
"""What a duty lets somebody do, and what it excludes."""

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
            "Stopped: the list of its people that is stored is not the one that you have seen. Nothing of it is opened."
        ),
        "roster-rolled-back": lazy(
            "Stopped: the storage shows an older list of its people than you have seen. Nothing of it is opened."
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

WAITS: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "take-over": lazy("Sealed pieces that nobody has taken over yet"),
        "take-over-names": lazy("Sealed names that nobody has taken over yet"),
        "renew-keys": lazy("Keys from before somebody left, to be renewed"),
        "prepare": lazy("Files whose preparing stopped, because the worker that did it has ended"),
        "renew-names": lazy("The key of the names is to be renewed, because a custodian left"),
        "sign-list": lazy("The list of people is to be signed anew, after the storage was put back"),
        "release-key": lazy("Publishers who have no release key yet"),
        "take-down": lazy("A witness took consent back: something is to be taken down"),
        "withdrawal": lazy("A witness took a statement back"),
        "story-editorial": lazy("Stories to be read and signed as an editor"),
        "story-protection": lazy("Stories to be read and signed for the safety of the people in them"),
        "story-identity": lazy("Stories to be searched for names"),
        "story-publish": lazy("Stories that may be published"),
        _S.QUARANTINED: lazy("Statements set apart: find out where they come from"),
        _S.RETURNED: lazy("Statements that came back with a note"),
        _S.ACCEPTED: lazy("Statements to transcribe or redact"),
        _S.TRANSCRIBING: lazy("Statements that are being transcribed"),
        _S.TRANSCRIBED: lazy("Statements to redact or translate"),
        _S.REDACTING: lazy("Statements that are being redacted"),
        _S.REDACTED: lazy("Statements to send to approval"),
        _S.IN_APPROVAL: lazy("Statements whose redaction is to be approved"),
        _S.ON_HOLD: lazy("Statements on hold"),
    }
)
WAIT_OTHERWISE: Final = lazy("Something waits to be done")

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

SHOWN_AS: Final[Mapping[str, LazyString]] = MappingProxyType(
    {"withhold": lazy_p("register", "nothing"), "keep": lazy_p("register", "the name itself")}
)
"""What the public reads of an entry that has nothing to be shown instead."""

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


MANNERS: Final[Mapping[str, LazyString]] = MappingProxyType(
    {"face-to-face": lazy("Face to face"), "call": lazy("By call, and I know their voice")}
)

DO_NOT_FIT: Final = lazy(
    "These are not the last digits of the card that stands here. Ask them to read all six groups again. "
    "If they differ once more, do not vouch: somebody may have put another card in the place of theirs. "
    "Tell a lead whom you trust, not over this system."
)

NOT_SIGNED: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "nobody-leads": lazy("Somebody must lead: tick that for one person at least."),
        "nothing-ticked": lazy("Tick what they will do on this case. To vouch for them alone, go by People."),
        "unknown": lazy("Somebody whom you ticked may not hold that any more. Look again, and sign."),
        "card-replaced": lazy("Their card was replaced while you were comparing. Compare again."),
        "custodian-must-grant": lazy(
            "You cannot give the key of the names, because you do not hold it. A lead who keeps the names can "
            "make somebody else a custodian. Nothing was signed."
        ),
        "overtaken": lazy(
            "Somebody else was a moment faster, so nothing of yours was signed. Sign once more."
        ),
    }
)
"""Why a list was not signed, by the code of the reason."""


def warning(finding: Finding, names: Mapping[UUID, str], me: UUID) -> str:
    """What a list of people lacks or risks, and what to do about it. `names`: of everybody it speaks of."""
    match finding:
        case NobodyHolds(duty):
            said = gettext("Nobody here is %(duty)s.", duty=DUTIES[duty])
        case OneVoice(person):
            said = gettext(
                "%(name)s holds both approvals, and nobody else holds either. Two different people must sign: "
                "give one of the two to somebody else.",
                name=_named(names, person),
            )
        case SameWord():
            said = f"{_known_by(finding, names)} {_remedied(finding.remedy, names, me)}"
        case ApprovesOwnWork(person, work):
            said = gettext(
                "%(name)s is %(work)s and approves: they can never approve what they worked on.",
                name=_named(names, person),
                work=pgettext("between two words", ", ").join(str(DUTIES[duty]) for duty in work),
            )
        case LeadKeepsNames(person):
            said = gettext(
                "%(name)s leads and is the only identity custodian: one session holds statements and names. "
                "Let somebody else keep the names.",
                name=_named(names, person),
            )
    return str(said)


def _known_by(finding: SameWord, names: Mapping[UUID, str]) -> str:
    one, other = _named(names, finding.one), _named(names, finding.other)
    if len(finding.vouchers) != 1:
        return str(
            gettext(
                "The words that stand for the approvers %(one)s and %(other)s do not make two voices of them.",
                one=one,
                other=other,
            )
        )
    voucher = _named(names, next(iter(finding.vouchers)))
    return str(
        gettext(
            "Both approvers, %(one)s and %(other)s, are vouched for by %(voucher)s only.",
            one=one,
            other=other,
            voucher=voucher,
        )
    )


def _remedied(remedy: Remedy | None, names: Mapping[UUID, str], me: UUID) -> str:
    if remedy is None:
        return str(gettext("Ask somebody else to vouch for one of them: two minutes."))
    member = _named(names, remedy.member)
    if remedy.voucher == me:
        return str(gettext("Vouch for %(name)s yourself: two minutes.", name=member))
    voucher = _named(names, remedy.voucher)
    return str(gettext("Ask %(voucher)s to vouch for %(name)s: two minutes.", voucher=voucher, name=member))


def _named(names: Mapping[UUID, str], person: UUID) -> str:
    if person == ANCHOR:
        return str(gettext("the organisation"))
    return names.get(person) or str(gettext("a name that does not fit its card"))


def language_name(code: str) -> str:
    """The name of a language in the reader's own; the code itself where nobody knows it."""
    try:
        name = Locale.parse(code, sep="-").get_display_name(get_locale())
    except (ValueError, UnknownLocaleError):
        return code
    return name or code
