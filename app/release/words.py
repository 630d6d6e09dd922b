"""What the story pages say: findings and what to do about them, surfaces, consents, kinds of signature."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Final

from babel import Locale, UnknownLocaleError
from flask_babel import LazyString, get_locale, lazy_pgettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy

from app.domain.consent import Consent, Extent, Naming, PlacePrecision, Scope
from app.policy.facts import ApprovalKind
from app.release.queries import Surface
from app.release.report import Finding
from app.web.locale import long_day

NAMINGS: Final[Mapping[Naming, LazyString]] = MappingProxyType(
    {
        Naming.ANONYMOUS: lazy("Without a name"),
        Naming.PSEUDONYM: lazy("Under another name"),
        Naming.NAMED: lazy("By their own name"),
    }
)
PRECISIONS: Final[Mapping[PlacePrecision, LazyString]] = MappingProxyType(
    {
        PlacePrecision.NONE: lazy("No place"),
        PlacePrecision.REGION: lazy("A region"),
        PlacePrecision.TOWN: lazy("A town"),
    }
)
"""An exact place is never offered: stories are coarse."""

DRAWINGS: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "": lazy("No drawing"),
        "card": lazy("A card"),
        "letter": lazy("A letter"),
        "light": lazy("A light"),
        "river": lazy("A river"),
        "road": lazy("A road"),
        "window": lazy("A window"),
    }
)
KINDS: Final[Mapping[ApprovalKind, LazyString]] = MappingProxyType(
    {
        ApprovalKind.EDITORIAL: lazy_pgettext("approval", "Editorial"),
        ApprovalKind.PROTECTION: lazy_pgettext("approval", "Protection"),
        ApprovalKind.IDENTITY: lazy_pgettext("approval", "Identity check"),
    }
)

_GATE: Final[Mapping[str, tuple[LazyString, LazyString]]] = MappingProxyType(
    {
        "protected-name": (
            lazy("A name, place or number that the register protects stands in it."),
            lazy("Take it out, or write what the register gives instead."),
        ),
        "redacted-text": (
            lazy("Words that were redacted stand in it."),
            lazy("Take them out, or quote the redacted text instead."),
        ),
        "protected-name-by-sound": (
            lazy("A protected name seems to stand in it, written in another script."),
            lazy(
                "Take it out, or write what the register gives instead. A warning may be about another word."
            ),
        ),
        "staff-name-by-sound": (
            lazy("The name of one of us seems to stand in it, written in another script."),
            lazy("Credit the work, not the person."),
        ),
        "redacted-words": (
            lazy("Some words of hidden passage %(number)s stand in it."),
            lazy("Take them out, or quote the redacted text instead."),
        ),
        "working-mark": (
            lazy("A working note or an open place was left in it."),
            lazy("Settle it and take the brackets out."),
        ),
        "internal-id": (lazy("One of our own ids stands in it."), lazy("Take it out.")),
        "case-code": (lazy("A case code or a code name stands in it."), lazy("Write what readers may know.")),
        "original-file-name": (lazy("The name of an original file stands in it."), lazy("Take it out.")),
        "staff-name": (
            lazy("The name of one of us stands in it."),
            lazy("Credit the work, not the person."),
        ),
        "fine-time": (
            lazy("A time finer than a day stands in it."),
            lazy("Write the month, or the season."),
        ),
        "third-party-address": (
            lazy("An address of somebody else's site stands in it."),
            lazy("Take it out: readers may be watched."),
        ),
        "missing-file": (lazy("A file is missing."), lazy("Check it once more.")),
        "not-in-manifest": (lazy("A file is not in the list."), lazy("Check it once more.")),
        "other-digest": (lazy("A file is not what the list says."), lazy("Check it once more.")),
    }
)
_OWN: Final[Mapping[str, tuple[LazyString, LazyString]]] = MappingProxyType(
    {
        "consent-missing": (
            lazy("The witness has not agreed to this: %(scope)s."),
            lazy("Tell it within what was agreed, or ask the witness again."),
        ),
        "embargo-ahead": (
            lazy("The witness asked to wait."),
            lazy("It can be approved now. Nobody can publish it before that day."),
        ),
        "source-held": (
            lazy("A statement in it is on hold or was withdrawn."),
            lazy("Take its words out, or wait for the lead."),
        ),
        "redaction-unfinished": (
            lazy("The redaction of a statement was changed and not finished again."),
            lazy("Finish it first, then check the quotes."),
        ),
        "excerpt-stale": (
            lazy("A quote is not in the redacted text any more."),
            lazy("Choose the passage anew."),
        ),
        "excerpt-language": (
            lazy("A quote is said to be in a language that the statement does not have."),
            lazy("Say in which language the words were spoken; a translation goes beside them."),
        ),
        "excerpt-source-changed": (
            lazy("The redaction was changed since this was quoted. The quote itself still stands in it."),
            lazy("Read it once more beside what is hidden now."),
        ),
        "words-of-another": (
            lazy("Six words or more in a row are those of a statement that this story does not quote."),
            lazy("Quote that statement, so that its consent is asked, or say it in words of your own."),
        ),
        "others-not-compared": (
            lazy("Not every other statement of the case was compared with this text."),
            lazy("Only the newest 200 were. If words may come from another one, look at it yourself."),
        ),
        "translation-missing": (lazy("A quote has no words in this language."), lazy("Translate it.")),
        "pull-quote-not-quoted": (
            lazy("The pull quote is not in any quote of this story."),
            lazy("Take its words from one of them."),
        ),
        "page-empty": (lazy("Something is still missing."), lazy("Fill it in: a headline, and one quote.")),
        "page-unknown-speaker": (
            lazy("The pull quote names somebody who does not speak in this story."),
            lazy("Write the speaker as it stands beside a quote."),
        ),
        "page-empty-or-repeated-name": (
            lazy("A quote has no speaker."),
            lazy("Say who speaks: a name that was chosen, or what they are."),
        ),
        "page-unknown-language": (
            lazy("The public site does not speak this language yet."),
            lazy("Take this version out."),
        ),
        "page-control-character": (
            lazy("A character stands in it that no text needs."),
            lazy("Type the passage anew."),
        ),
        "page-unknown-marker": (
            lazy("Two brackets stand in it that mean something to us."),
            lazy("Write one bracket."),
        ),
    }
)
_OTHERWISE: Final = (lazy("Something in it must not leave."), lazy("Look at it, and take it out."))

_SCOPES: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        Scope.PUBLISH: lazy("publication"),
        Scope.PUBLISH_FULL: lazy("the whole account"),
        Scope.PUBLISH_PSEUDONYM: lazy("under a name, even another one"),
        Scope.PUBLISH_NAMED: lazy("under their own name"),
        Scope.PUBLISH_PLACE: lazy("a place as precise as this"),
        Scope.PUBLISH_LANGUAGE: lazy("this language"),
        Scope.IN_FORCE: lazy("the consent is not in force"),
        Scope.TAKE_PART: lazy("taking part"),
        Scope.STORE: lazy("keeping it so long"),
    }
)


def language_name(language: str) -> str:
    """In the reader's language; the code where nobody knows its name."""
    try:
        name = Locale.parse(language.replace("-", "_")).get_display_name(get_locale())
    except (UnknownLocaleError, ValueError):
        return language
    return str(name or language)


def surface_name(surface: Surface) -> str:
    name = language_name(surface.language) if surface.language else ""
    match surface.kind:
        case "page":
            return str(_("Page, %(language)s", language=name))
        case "card":
            return str(_("Front page, %(language)s", language=name))
        case "search":
            return str(_("For search engines, %(language)s", language=name))
        case "feed":
            return str(_("Entry in the feed"))
        case "data":
            return str(_("Data file"))


def finding_words(finding: Finding) -> str:
    """What was found; never the words themselves."""
    what = (_GATE.get(finding.explanation) or _OWN.get(finding.explanation) or _OTHERWISE)[0]
    if finding.explanation == "consent-missing":
        scope = str(_SCOPES.get(finding.path, finding.path))
        return str(_("The witness has not agreed to this: %(scope)s.", scope=scope))
    if finding.explanation == "redacted-words":
        number = finding.needle.removeprefix("mark-")
        return str(_("Some words of hidden passage %(number)s stand in it.", number=number))
    return str(what)


def finding_help(finding: Finding) -> str:
    return str((_GATE.get(finding.explanation) or _OWN.get(finding.explanation) or _OTHERWISE)[1])


def finding_place(finding: Finding) -> str:
    """Where to look: a code name, a quote of a version, a file and the kind of place in it."""
    if finding.explanation == "words-of-another":
        return f"{finding.detail}: {_part_of_version(finding)}"
    if finding.detail:
        return finding.detail
    if finding.explanation.startswith("page-"):
        return finding.path
    if finding.rule == "Q1":
        return _part_of_version(finding)
    return _file_name(finding.path)


def _part_of_version(finding: Finding) -> str:
    name = language_name(finding.path)
    return str(
        _("%(language)s, part %(number)s", language=name, number=finding.where) if finding.where else name
    )


def _file_name(path: str) -> str:
    """What a file of the bundle is to a reader. The gate gives no path that would itself tell the secret."""
    if path.startswith("#"):
        return str(_("An address"))
    name = PurePosixPath(path).name
    if name in {"feed.atom", "story.json"}:
        return str(_("Entry in the feed") if name == "feed.atom" else _("Data file"))
    if name.endswith(".jsonld"):
        return str(_("For search engines: %(file)s", file=name))
    kind = (
        _("Page: %(file)s", file=name)
        if path.startswith("stories/")
        else _("Front page: %(file)s", file=name)
    )
    return str(kind)


def grouped(findings: tuple[Finding, ...]) -> list[tuple[Finding, list[str]]]:
    """One line per thing to do, with every place of it."""
    groups: dict[tuple[str, str, str], tuple[Finding, list[str]]] = {}
    for finding in findings:
        scope = finding.path if finding.explanation == "consent-missing" else ""
        key = (finding.explanation, finding.needle, scope)
        _first, places = groups.setdefault(key, (finding, []))
        if (place := finding_place(finding)) not in places:
            places.append(place)
    return list(groups.values())


def consent_words(consent: Consent) -> str:
    """In one line: how much, under which name, and from when."""
    may = consent.publishing
    if not may.allowed:
        return str(_("not to be published"))
    extent = _("all of it") if may.extent is Extent.FULL else _("short parts")
    until = consent.embargo.until
    if until is None or consent.embargo.is_over(datetime.now(UTC).date()):
        return str(_("%(extent)s, %(naming)s", extent=extent, naming=_named(may.naming)))
    named, day = _named(may.naming), long_day(until, str(get_locale()))
    return str(_("%(extent)s, %(naming)s, not before %(day)s", extent=extent, naming=named, day=day))


def _named(naming: Naming) -> str:
    words = {Naming.ANONYMOUS: _("no name"), Naming.PSEUDONYM: _("other name"), Naming.NAMED: _("own name")}
    return str(words[naming])


def moment_at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
