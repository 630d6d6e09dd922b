"""What a statement's pages say in words: consent, facts, files, history, faults."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any, Final

from babel import Locale, UnknownLocaleError
from flask_babel import LazyString, get_locale, ngettext, pgettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy

from app.audit.acts import Act
from app.domain.addendum import Source
from app.domain.consent import (
    Answer,
    Consent,
    ConsentState,
    Extent,
    Likeness,
    Manner,
    Naming,
    PlacePrecision,
    Scope,
)
from app.domain.lifecycle import StatementAct, StatementState
from app.domain.text import neutralise_bidi
from app.transcription.queries import Event, Head, Record
from app.vault.records import Broken
from app.web.glyphs import STATEMENT_STATES, StateWord
from app.web.locale import long_day

ConsentItem = tuple[str, str]
"""Kind (yes, limit, no, wait) and words."""

_S = StatementState

THEN: Final[Mapping[StatementState, LazyString]] = MappingProxyType(
    {
        _S.RECEIVED: lazy("then: take it over"),
        _S.QUARANTINED: lazy("then: find out where it comes from"),
        _S.ACCEPTED: lazy("then: write it down, or redact"),
        _S.TRANSCRIBING: lazy("then: finish the transcript"),
        _S.TRANSCRIBED: lazy("then: redact"),
        _S.REDACTING: lazy("then: finish the redaction"),
        _S.REDACTED: lazy("then: send to approval"),
        _S.IN_APPROVAL: lazy("then: two people approve"),
        _S.RETURNED: lazy("then: answer the note"),
        _S.ON_HOLD: lazy("then: the lead lifts the hold"),
    }
)

FAULTS: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "destroyed": lazy("Its key was destroyed. Nobody can open this again."),
        "no-grant": lazy("Nobody has given you the key of this case yet. Its lead can."),
        "unreadable": lazy("It opens, but holds something this version cannot read. Nothing was changed."),
        "blob-missing": lazy("The file is not in the storage any more. Tell the case lead."),
        "manifest-signature": lazy("The list of its parts is not what the interviewer signed."),
        "manifest-of-another": lazy("The list of its parts belongs to another statement."),
        "part-missing": lazy(
            "A part that the interviewer sealed is missing, or is not the one that was sent."
        ),
        "file-missing": lazy(
            "A file that the interviewer sealed is missing, or is not the one that was sent."
        ),
    }
)
ALTERED: Final = lazy(
    "What is stored here is not what was sealed, so it was not opened. Somebody may have touched the "
    "storage. Tell the case lead."
)


def fault_words(fault: str) -> str:
    """What is wrong with one piece, for the person who wanted to read it."""
    return str(FAULTS.get(fault, ALTERED))


def shown_name(code_name: str) -> str:
    """A name of one line, that reads as it is written."""
    return neutralise_bidi(code_name) or _("No code name")


def state_word(state: StatementState) -> StateWord:
    return STATEMENT_STATES[state.value]


def moment_at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def language_name(code: str) -> str:
    """In the reader's language; the code itself where nobody has a name for it."""
    try:
        return Locale.parse(code, sep="-").get_display_name(get_locale()) or code
    except (UnknownLocaleError, ValueError):
        return code


def list_of(items: list[str]) -> str:
    """`Armenian, Russian`, as the reader's language strings words together."""
    return str(pgettext("between two phrases", ", ")).join(item for item in items if item)


def summary(record: Record) -> str:
    """Languages, length, files, in a line."""
    files = len(record.statement.files)
    return list_of(
        [
            list_of([language_name(code) for code in record.statement.languages]),
            _written_in(record.statement.written),
            ngettext("%(num)d word", "%(num)d words", record.words) if record.words else "",
            ngettext("%(num)d file", "%(num)d files", files) if files else "",
        ]
    )


def _written_in(code: str) -> str:
    return _("written in %(language)s", language=language_name(code)) if code else ""


# Consent

PUBLIC_WORDS: Final[Mapping[tuple[Naming, Extent], LazyString]] = MappingProxyType(
    {
        (Naming.ANONYMOUS, Extent.EXTRACT): lazy("Short parts, no name"),
        (Naming.ANONYMOUS, Extent.FULL): lazy("All of it, no name"),
        (Naming.PSEUDONYM, Extent.EXTRACT): lazy("Short parts, another name"),
        (Naming.PSEUDONYM, Extent.FULL): lazy("All of it, another name"),
        (Naming.NAMED, Extent.EXTRACT): lazy("Short parts, by name"),
        (Naming.NAMED, Extent.FULL): lazy("All of it, by name"),
    }
)
VOICE_WORDS: Final[Mapping[Likeness, tuple[str, LazyString]]] = MappingProxyType(
    {
        Likeness.AS_IS: ("yes", lazy("Voice as it is")),
        Likeness.ALTERED: ("limit", lazy("Voice altered")),
        Likeness.NOT_AT_ALL: ("no", lazy("No voice")),
    }
)
FACE_WORDS: Final[Mapping[Likeness, tuple[str, LazyString]]] = MappingProxyType(
    {
        Likeness.AS_IS: ("yes", lazy("Face as it is")),
        Likeness.ALTERED: ("limit", lazy("Face altered")),
        Likeness.NOT_AT_ALL: ("no", lazy("No face")),
    }
)
PLACE_WORDS: Final[Mapping[PlacePrecision, tuple[str, LazyString]]] = MappingProxyType(
    {
        PlacePrecision.NONE: ("no", lazy("No place")),
        PlacePrecision.REGION: ("limit", lazy("Region only")),
        PlacePrecision.TOWN: ("limit", lazy("Town only")),
        PlacePrecision.EXACT: ("yes", lazy("Exact place")),
    }
)
MANNER_WORDS: Final[Mapping[Manner, LazyString]] = MappingProxyType(
    {
        Manner.SPOKEN: lazy("Given by voice"),
        Manner.WRITTEN: lazy("Given in writing"),
        Manner.RECORDED: lazy("Given on a recording"),
        Manner.THUMBPRINT: lazy("Given by thumbprint"),
    }
)
SHARE_WORDS: Final[Mapping[Scope, LazyString]] = MappingProxyType(
    {
        Scope.SHARE_NATIONAL_COURT: lazy("a national court"),
        Scope.SHARE_INTERNATIONAL_MECHANISM: lazy("an international body"),
        Scope.SHARE_ORGANISATION: lazy("another organisation"),
        Scope.SHARE_MEDIA: lazy("journalists"),
        Scope.SHARE_FAMILY_TRACING: lazy("family tracing"),
    }
)


def consent_items(consent: Consent, consent_state: str) -> list[ConsentItem]:
    """The line of what may be done, each with its mark; what stopped everything comes first."""
    items = _stops(consent, consent_state)
    may = consent.publishing
    if not may.allowed:
        return [*items, ("no", _("Nothing for the public"))]
    items.append(("yes", str(PUBLIC_WORDS[may.naming, may.extent])))
    items += [
        (kind, str(words))
        for kind, words in (VOICE_WORDS[may.voice], FACE_WORDS[may.face], PLACE_WORDS[may.place])
    ]
    if may.languages:
        items.append(
            (
                "limit",
                _(
                    "Only in %(languages)s",
                    languages=list_of([language_name(code) for code in may.languages]),
                ),
            )
        )
    return items + _waits(consent)


def _stops(consent: Consent, consent_state: str) -> list[ConsentItem]:
    states = {consent_state, consent.state.value}
    items = []
    if ConsentState.WITHDRAWN.value in states:
        items.append(("no", _("Withdrawn")))
    if ConsentState.HELD.value in states:
        items.append(("wait", _("Held")))
    if not consent.take_part:
        items.append(("no", _("Takes no part")))
    return items


def _waits(consent: Consent) -> list[ConsentItem]:
    items = []
    if consent.embargo.until is not None:
        items.append(("wait", _("From %(day)s", day=_long_day(consent.embargo.until))))
    if consent.embargo.event and not consent.embargo.event_over:
        items.append(("wait", _("After: %(event)s", event=consent.embargo.event)))
    return items


def _long_day(day: date) -> str:
    return long_day(day, str(get_locale()))


def consent_given(consent: Consent) -> str:
    """How it was given, and to whom it may go, in two sentences."""
    given = consent.given
    how = list_of(
        [
            " ".join([str(MANNER_WORDS[given.manner]), _("on %(day)s", day=_long_day(consent.given_on))]),
            _("script %(version)s", version=given.script_version) if given.script_version else "",
            _("in %(language)s", language=language_name(given.language)) if given.language else "",
            _("repeated in their own words") if given.understood_in_own_words else "",
        ]
    )
    return " ".join(f"{sentence}." for sentence in (how, *_sharing(consent)) if sentence)


def _sharing(consent: Consent) -> list[str]:
    by_answer: dict[Answer, list[str]] = {answer: [] for answer in Answer}
    for answer, words in _share_answers(consent):
        by_answer[answer].append(words)
    sentences = []
    if by_answer[Answer.YES]:
        sentences.append(_("May go to %(whom)s", whom=list_of(by_answer[Answer.YES])))
    if by_answer[Answer.ASK_AGAIN]:
        sentences.append(_("Ask again before it goes to %(whom)s", whom=list_of(by_answer[Answer.ASK_AGAIN])))
    return sentences


def _share_answers(consent: Consent) -> list[tuple[Answer, str]]:
    sharing = consent.sharing
    answers = (
        sharing.national_court,
        sharing.international_mechanism,
        sharing.organisation,
        sharing.media,
        sharing.family_tracing,
    )
    return [(answer, str(words)) for answer, words in zip(answers, SHARE_WORDS.values(), strict=True)]


def consent_in_full(consent: Consent) -> list[tuple[str, str]]:
    """Every question that was asked, with its answer, for whoever wants to see all of it."""
    recording = consent.recording
    pairs = [
        (_("Record the voice"), _yes_no(recording.audio)),
        (_("Record video"), _yes_no(recording.video)),
        (_("Photograph the person"), _yes_no(recording.photo_of_person)),
        (_("Photograph injuries"), _yes_no(recording.photo_of_injury)),
        (_("Keep it"), _kept(consent)),
        (_("Use it to understand what happened"), _yes_no(consent.analyse)),
        *(
            (str(words).capitalize(), _answer(answer))
            for (answer, _words), words in zip(_share_answers(consent), SHARE_WORDS.values(), strict=True)
        ),
        (_("Named recipients"), list_of(list(consent.sharing.recipients))),
        (_("Contact them again"), _answer(consent.contact_again)),
        (_("Purpose explained"), _yes_no(consent.given.purpose_explained)),
        (_("Limits explained"), _yes_no(consent.given.limits_explained)),
        (_("Able to decide for themselves"), _yes_no(consent.given.has_capacity)),
        (_("Guardian"), consent.given.guardian),
        (_("Evidence"), consent.given.evidence),
    ]
    return [(name, value) for name, value in pairs if value]


def _yes_no(value: bool) -> str:
    return str(_("Yes") if value else _("No"))


def _answer(answer: Answer) -> str:
    return str(_("Ask again")) if answer is Answer.ASK_AGAIN else _yes_no(answer is Answer.YES)


def _kept(consent: Consent) -> str:
    if not consent.store:
        return _yes_no(False)
    until = consent.store_until
    return str(_("Until %(day)s", day=_long_day(until)) if until else _("Yes"))


# Facts, notes, identity

LABELS: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "source": lazy("Speaks as"),
        "source_kind": lazy("Speaks as"),
        "relation": lazy("Relation"),
        "basis": lazy("Knows it because"),
        "at_risk": lazy("At risk"),
        "taken": lazy("Taken"),
        "taken_on": lazy("Taken"),
        "start": lazy("Began"),
        "started": lazy("Began"),
        "end": lazy("Ended"),
        "ended": lazy("Ended"),
        "zone": lazy("By which clock"),
        "place": lazy("Where"),
        "precision": lazy("Precision of the place"),
        "place_precision": lazy("Precision of the place"),
        "manner": lazy("How"),
        "mode": lazy("How"),
        "interviewer": lazy("By"),
        "interviewer_code": lazy("By"),
        "present": lazy("Present"),
        "persons_present": lazy("Present"),
        "privacy": lazy("Privacy"),
        "private": lazy("Can anybody listen?"),
        "interpreter": lazy("Interpreter"),
        "interpreter_languages": lazy("Between which languages"),
        "interpreter_oath": lazy("Promised to keep silent?"),
        "interpreter_relation": lazy("How they know the witness"),
        "support": lazy("Support"),
        "lawyer": lazy("Lawyer"),
        "accommodations": lazy("What makes it easier for them"),
        "incident": lazy("Event"),
        "event": lazy("Event"),
        "themes": lazy("Tells of"),
        "summary": lazy("In short"),
        "prior_accounts": lazy("Told before"),
        "breaks": lazy("Breaks"),
        "declined": lazy("Questions declined"),
        "corrections": lazy("Corrections"),
        "read_back": lazy("Was it read back to them?"),
        "adopted": lazy("They say: this is what I wanted to say"),
        "card": lazy("The card with the number"),
        "risk": lazy("Risk"),
        "risk_before": lazy("Risk before"),
        "risk_after": lazy("Risk after"),
        "decision": lazy("Decision"),
        "safety_plan": lazy("Safety plan"),
        "impressions": lazy("Impressions"),
        "referrals": lazy("Referrals"),
        "distress": lazy("The interviewer's own distress"),
        "own_distress": lazy("The interviewer's own distress"),
        "name": lazy("Name"),
        "aliases": lazy("Other names"),
        "contact": lazy("Contact"),
        "birth": lazy("Born"),
        "born": lazy("Born"),
        "papers": lazy("Papers"),
        "recontact": lazy("How to reach them safely"),
        "channel": lazy("Channel"),
        "recontact_channel": lazy("Channel"),
        "times": lazy("Times"),
        "recontact_times": lazy("Times"),
        "phrase": lazy("Phrase"),
        "recontact_phrase": lazy("Phrase"),
        "must_not_know": lazy("Who must not know"),
        "keep_from": lazy("Who must not know"),
        "silence_means": lazy("What silence means"),
    }
)
"""What forms of ours call their fields; a name from elsewhere is shown as it is."""

_YES_NO: Final = {"yes": lazy("Yes"), "no": lazy("No")}
ANSWERS: Final[Mapping[str, Mapping[str, LazyString]]] = MappingProxyType(
    {
        "place_precision": {
            "region": lazy("a region"),
            "none": lazy("no place"),
            "town": lazy("a town"),
            "exact": lazy("exact"),
        },
        "mode": {"in-person": lazy("In person"), "remote": lazy("From afar")},
        "private": {"yes": lazy("No, it is private"), "no": lazy("Perhaps")},
        "interpreter_oath": _YES_NO,
        "relation": {
            "victim": lazy("One it happened to"),
            "eyewitness": lazy("One who saw it"),
            "relative": lazy("A relative"),
            "official": lazy("An official"),
            "expert": lazy("An expert"),
            "hearsay": lazy("One who was told"),
        },
        "read_back": {**_YES_NO, "in-part": lazy("In part")},
        "adopted": _YES_NO,
        "card": {
            "taken": lazy("They took it"),
            "memorised": lazy("They know it by heart"),
            "refused": lazy("They did not want it"),
        },
        "decision": {
            "go-on": lazy("Go on"),
            "text-only": lazy("Only writing"),
            "no-recording": lazy("No recording"),
            "postpone": lazy("Another day"),
            "refuse": lazy("Do not take it"),
        },
    }
)
"""Fields that our forms keep as codes: the answer in the words in which it was offered."""

WIDE: Final = 48
"""Characters from which a fact takes the whole width."""


def pairs(plain: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Named values as rows of the facts macro; a record inside a record is told flat."""
    rows: list[tuple[str, ...]] = []
    for name, value in sorted(plain.items(), key=_place):
        if isinstance(value, Mapping):
            rows += pairs(value)
        elif words := _told(name, value):
            rows.append((label(name), words, "wide") if len(words) > WIDE else (label(name), words))
    return rows


def _place(named: tuple[str, object]) -> int:
    """Sealed JSON sorts its names; people are told things in the order in which our forms ask for them."""
    names = list(LABELS)
    return names.index(named[0]) if named[0] in LABELS else len(names)


def label(name: str) -> str:
    return str(LABELS.get(name, name.replace("_", " ").capitalize()))


def _told(name: str, value: object) -> str:
    if name == "taken_on" and isinstance(value, str):
        return _day_or_words(value)
    if name in ANSWERS and isinstance(value, str):
        return list_of([str(ANSWERS[name].get(code, code)) for code in value.split(", ")])
    return _value(value)


def _day_or_words(written: str) -> str:
    try:
        return _long_day(date.fromisoformat(written))
    except ValueError:
        return written


def _value(value: object) -> str:
    if isinstance(value, bool):
        return _yes_no(value)
    if isinstance(value, list):
        return list_of([_value(item) for item in value])
    return "" if value is None else str(value)


def identity_keeper(head: Head) -> str:
    """Who holds the names, for somebody who does not."""
    if not head.custodians:
        return str(_("Nobody on this case holds names. Its lead can give somebody that duty."))
    keepers = ngettext(
        "%(names)s, the identity custodian, holds it.",
        "%(names)s, the identity custodians, hold it.",
        len(head.custodians),
        names=list_of(list(head.custodians)),
    )
    return str(keepers)


ADDED: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        Source.WITNESS: lazy("The witness, later"),
        Source.AUTHOR: lazy("From memory or notes"),
        Source.OTHER: lazy("Somebody or something else"),
    }
)
NO_NAME: Final = lazy("somebody whose name does not fit their card")


# History

DID: Final[Mapping[Act, tuple[str, LazyString]]] = MappingProxyType(
    {
        Act.PART_SEALED: ("received", lazy("sealed a part of it")),
        Act.FILE_SEALED: ("received", lazy("sealed a file")),
        Act.STATEMENT_FINISHED: ("received", lazy("sent it, whole and sealed")),
        Act.STATEMENT_QUARANTINED: ("quarantine", lazy("sent a part a second time")),
        Act.STATEMENT_ADOPTED: ("accepted", lazy("took it over")),
        Act.STATEMENT_OPENED: ("key", lazy("opened it")),
        Act.IDENTITY_OPENED: ("person", lazy("opened the identity")),
        Act.ASSET_OPENED: ("voice", lazy("opened a file")),
        Act.ADDENDUM_SEALED: ("draft", lazy("added to it")),
        Act.CONSENT_SEALED: ("yes", lazy("wrote down a new consent")),
        Act.WITHDRAWN: ("withdrawn", lazy("withdrew it for the witness")),
        Act.TRANSCRIPT_OPENED: ("transcribing", lazy("opened the transcript")),
        Act.TRANSCRIPT_SEALED: ("transcribing", lazy("wrote on the transcript")),
        Act.REDACTION_SEALED: ("redacting", lazy("worked on the redaction")),
        Act.REDACTION_OPENED: ("redacting", lazy("opened the redaction")),
    }
)
DID_TO_A_FILE: Final[Mapping[Act, tuple[str, LazyString]]] = MappingProxyType(
    {
        Act.FILE_SEALED: ("received", lazy("sealed it")),
        Act.ASSET_OPENED: ("key", lazy("opened it")),
        Act.JOB_ISSUED: ("clock", lazy("had it prepared")),
        Act.JOB_CANCELLED: ("no", lazy("stopped its preparing")),
    }
)
"""On the page of one file, what happened to a file happened to it."""
NOTED: Final = {"original": ("down", lazy("took the original out"))}
"""Notes in the log that say more than the act."""
MOVED: Final[Mapping[StatementAct, tuple[str, LazyString]]] = MappingProxyType(
    {
        StatementAct.ACCEPT: ("accepted", lazy("let it in")),
        StatementAct.QUARANTINE: ("quarantine", lazy("set it apart")),
        StatementAct.START_TRANSCRIBING: ("transcribing", lazy("began to write it down")),
        StatementAct.FINISH_TRANSCRIPT: ("transcribed", lazy("finished the transcript")),
        StatementAct.START_REDACTING: ("redacting", lazy("began to redact")),
        StatementAct.FINISH_REDACTION: ("redacted", lazy("finished the redaction")),
        StatementAct.SEND_TO_APPROVAL: ("approval", lazy("sent it to approval")),
        StatementAct.APPROVE: ("approved", lazy("approved it")),
        StatementAct.RETURN_WITH_NOTE: ("returned", lazy("returned it with a note")),
        StatementAct.RESUME: ("accepted", lazy("took it up again")),
        StatementAct.HOLD: ("hold", lazy("put it on hold")),
        StatementAct.RELEASE_HOLD: ("accepted", lazy("lifted the hold")),
    }
)
SOMETHING: Final = ("doc", lazy("did something that this page has no words for"))


def history_rows(
    events: list[Event], me: str, did: Mapping[Act, tuple[str, LazyString]] = DID
) -> list[dict[str, object]]:
    """Rows of the history macro; the reader is told as "You"."""
    return [_history_row(event, me, did) for event in events]


def _history_row(event: Event, me: str, done: Mapping[Act, tuple[str, LazyString]]) -> dict[str, object]:
    moved = {act.value: words for act, words in MOVED.items()}
    glyph, did = (moved | NOTED).get(event.note) or done.get(event.act, SOMETHING)
    often = ngettext(", once", ", %(num)s times", event.times) if event.times > 1 else ""
    who = _("You") if event.who == me else event.who or _("Somebody")
    return {"at": moment_at(event.at), "glyph": glyph, "who": who, "did": f"{did}{often}"}


def about_broken(piece: object) -> str:
    """Words for a broken piece, nothing for a whole one; templates ask it of everything they show."""
    return fault_words(piece.fault) if isinstance(piece, Broken) else ""
