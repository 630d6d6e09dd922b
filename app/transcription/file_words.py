"""What a statement's files are called on its pages: what each is, how it stands, what is wrong with it, what one can do."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from flask_babel import LazyString, format_percent, get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy
from flask_babel import lazy_pgettext as lazy_p

from app.domain.jobs import LIVE, JobState
from app.media.sniffing import UNKNOWN_TYPE
from app.transcription.files import Arrival, FileFacts, Prepared, Report
from app.transcription.words import ALTERED, fault_words, list_of
from app.vault.jobs import NEVER, NO_WORKER, JobStanding
from app.vault.work import Made
from app.web import locale

GRAPHIC: Final = "graphic"
"""What a form says that offers one tick for it; anything else is in its sender's words."""
MILLISECONDS: Final = 1000
TIMES: Final = "\u00d7"
LIVE_STATES: Final = frozenset(state.value for state in LIVE)

KINDS: Final[Mapping[str, tuple[str, LazyString, LazyString, LazyString]]] = MappingProxyType(
    {
        "audio": ("voice", lazy("Sound"), lazy("Listen"), lazy("Listen, knowing this")),
        "video": ("film", lazy("Film"), lazy("Watch"), lazy("Watch, knowing this")),
        "image": ("picture", lazy("Picture"), lazy("Look"), lazy("Look, knowing this")),
        "document": ("doc", lazy("Document"), lazy("Look"), lazy("Look, knowing this")),
    }
)
"""Family -> glyph, what it is, what one does with it, and once one was warned."""

FAILED: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "corrupt": lazy(
            "It begins like a file of its kind, but cannot be read on. It may have been cut off."
        ),
        "crashed": lazy("Reading it made the reader stop. It may be damaged, or made to do that."),
        "took-too-long": lazy("Reading it took longer than is given to a file of its size."),
        "too-much-memory": lazy("Reading it needs more memory than is given to one file."),
        "too-large": lazy("It has more pixels, pages or hours than are prepared here."),
        "unsupported": lazy("It is of a kind that cannot be shown here."),
        "encrypted": lazy("It is locked with a password. Whoever sent it may know the password."),
    }
)
"""Ways in which a file cannot be shown; its original is untouched by each."""
FAILED_SOMEHOW: Final = lazy("It could not be read.")

SET_ASIDE: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "sandbox-missing": lazy("Previews are switched off here: no safe place to make them is set up."),
        "extra-missing": lazy("Previews are switched off here: what reads files is not installed."),
        "blob-missing": lazy("What was made of it, or the file itself, is not in the storage any more."),
        "crashed": lazy("It was tried several times, and each time the reader stopped."),
        "stream": ALTERED,
        "stream-header": ALTERED,
        "stream-length": ALTERED,
        "database": lazy("It was tried several times, and the storage did not answer."),
        "storage": lazy("It was tried several times, and the storage did not answer."),
    }
)
"""Why nothing is tried by itself any more, by the reason of the job."""
SET_ASIDE_SOMEHOW: Final = lazy("It was tried several times, without success.")

NOTES: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "more-pages": lazy("It has more pages than are shown here."),
        "page-missing": lazy("A page could not be drawn."),
        "more-pictures": lazy("It holds more pictures than the one that is shown."),
        "trailing-bytes": lazy("Something follows its end: another file may be hidden in it."),
        "sound-missing": lazy("It has sound that could not be read."),
        "picture-missing": lazy("Its picture could not be read."),
        "more-streams": lazy("It holds more tracks than the ones that are played."),
        "cut-short": lazy("It breaks off before its own end."),
    }
)

MADE: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "view": lazy("Picture to look at"),
        "thumbnail": lazy("Small picture"),
        "listening": lazy("Copy to listen to"),
        "peaks": lazy("Waveform"),
        "poster": lazy("Still picture"),
        "playback": lazy("Copy to watch"),
        "page": lazy("Pages"),
    }
)

CAPTURED: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "taken": lazy_p("photograph", "Taken"),
        "taken-local": lazy("Taken, by its own clock"),
        "digitised": lazy("Digitised"),
        "changed": lazy("Changed"),
        "date": lazy("Date"),
        "gps-day": lazy("Day, by satellite"),
        "offset": lazy("Ahead of world time by"),
        "latitude": lazy("Latitude"),
        "longitude": lazy("Longitude"),
        "height": lazy("Height above the sea, in metres"),
        "location": lazy("Place"),
        "make": lazy("Maker of the device"),
        "model": lazy("Device"),
        "lens": lazy("Lens"),
        "lens-serial": lazy("Serial number of the lens"),
        "serial": lazy("Serial number of the device"),
        "owner": lazy("Owner of the device"),
        "android": lazy("Version of Android"),
        "software": lazy("Made with"),
        "producer": lazy("Written with"),
        "title": lazy("Title"),
        "author": lazy("Author"),
        "artist": lazy("Author"),
        "album": lazy("Album"),
        "subject": lazy("Subject"),
        "description": lazy("Description"),
        "comment": lazy("Comment"),
        "copyright": lazy("Rights"),
    }
)
"""Names of `app.media.captured` -> what people call it."""


@dataclass(frozen=True)
class StateOfFile:
    """`act`: what may be done about it: empty, `cancel` or `retry`."""

    words: str
    glyph: str
    detail: str = ""
    act: str = ""
    is_late: bool = False

    @property
    def in_full(self) -> str:
        return f"{self.words}. {self.detail}" if self.detail else self.words


# What it is


def family_of(file: FileFacts, prepared: Prepared) -> str:
    """What it turned out to be; until then, what is said of it."""
    if prepared.is_ready:
        return prepared.report.family
    return "document" if file.type == "application/pdf" else file.type.partition("/")[0]


def glyph_of(family: str) -> str:
    return KINDS[family][0] if family in KINDS else "doc"


def about(family: str) -> str:
    """What kind of thing it is, in a word or two."""
    return str(KINDS[family][1] if family in KINDS else _("File"))


def verb(family: str, *, warned: bool) -> str:
    """The button of a file that is heard or seen in place."""
    return str(KINDS[family][3 if warned else 2]) if family in KINDS else str(_("Look"))


def warning(file: FileFacts) -> str:
    """What it shows that may hurt to see; empty where nobody said so."""
    return _("It shows injuries, death or a person's face.") if file.warning == GRAPHIC else file.warning


def before(file: FileFacts) -> str:
    """What the warning begins with."""
    return str(_("Graphic.") if file.warning == GRAPHIC else _("Before you open it:"))


def opens_how(family: str) -> str:
    """What a press on something that may hurt to see leads to."""
    if family == "audio":
        return str(_("It opens without sound."))
    return str(
        _("It opens grey, blurred and without sound.")
        if family == "video"
        else _("It opens grey and blurred.")
    )


def measures(file: FileFacts, prepared: Prepared) -> str:
    """Its kind, its length or extent, its size: `Sound, 42 min 10 sec, 18 MB`."""
    family = family_of(file, prepared)
    return list_of([about(family), extent(prepared.report), _size(file.length)])


def extent(report: Report) -> str:
    """Its length, pages and pixels, as far as it has any."""
    return list_of(
        [
            _duration(report.duration_ms) if report.duration_ms else "",
            ngettext("%(num)d page", "%(num)d pages", report.pages) if report.pages else "",
            _pixels(report) if report.family in {"image", "video"} else "",
        ]
    )


def _pixels(report: Report) -> str:
    if not (report.width and report.height):
        return ""
    return f"\u2066{report.width} {TIMES} {report.height}\u2069"  # isolated: it reads from left to right everywhere


def _duration(milliseconds: int) -> str:
    return locale.duration(milliseconds / MILLISECONDS, str(get_locale()))


def _size(length: int) -> str:
    return locale.size(length, str(get_locale()))


# How it stands


def state_of(prepared: Prepared) -> StateOfFile:
    """How its preparing stands, in words with a shape, and what may be done about it."""
    standing = prepared.standing
    if standing.reason == NO_WORKER:
        return StateOfFile(_("Previews wait: no worker is running"), "clock")
    return _ended(prepared) if standing.state == JobState.DONE.value else _not_ended(standing)


def state_unopened(standing: JobStanding) -> StateOfFile:
    """The same, for whoever only asks how it goes on: what came of it is not opened for that."""
    if standing.state == JobState.DONE.value:
        return StateOfFile(_("Its preparing has ended"), "saved")
    return _not_ended(standing)


def _not_ended(standing: JobStanding) -> StateOfFile:
    return _under_way(standing) if standing.state in LIVE_STATES else _stopped(standing)


def _stopped(standing: JobStanding) -> StateOfFile:
    if standing.state == JobState.SET_ASIDE.value:
        reason = str(SET_ASIDE.get(standing.reason, SET_ASIDE_SOMEHOW))
        return StateOfFile(_("Set aside"), "hold", reason, "retry", is_late=True)
    if standing.state == JobState.CANCELLED.value:
        return StateOfFile(_("Cancelled"), "withdrawn", act="retry")
    if standing.state == NEVER:
        return StateOfFile(_("Not prepared yet"), "received")
    return StateOfFile(_("Waits to be prepared again"), "clock")


def _under_way(standing: JobStanding) -> StateOfFile:
    share = standing.progress
    if standing.state == JobState.RUNNING.value and share > 0:
        words = _("Being prepared (%(share)s)", share=format_percent(share))
    else:
        words = _("Being prepared")
    return StateOfFile(words, "transcribing", act="cancel")


def _ended(prepared: Prepared) -> StateOfFile:
    if prepared.fault:
        return StateOfFile(
            _("What was made of it does not open"), "warn", fault_words(prepared.fault), "retry", is_late=True
        )
    if prepared.failure:
        why = str(FAILED.get(prepared.failure, FAILED_SOMEHOW))
        untouched = _("The original is untouched.")
        return StateOfFile(_("Cannot be shown"), "no", f"{why} {untouched}", "retry")
    return StateOfFile(_("Ready"), "yes")


# What its page tells


def said_of(file: FileFacts) -> list[tuple[str, str]]:
    """What its sender said."""
    told = [
        (_("Title"), file.title),
        (_("Name of the file"), file.name),
        (_("Credit"), file.credit),
        (_("Said to be"), file.type if file.type != UNKNOWN_TYPE else ""),
        (_("Warning"), warning(file)),
    ]
    return [pair for pair in told if pair[1]]


def came(arrival: Arrival, received: str) -> list[tuple[str, str]]:
    """How it came. `received`: the moment, as the page writes moments."""
    told = [
        (_("Received"), received),
        (_("Sealed in"), ngettext("%(num)d piece", "%(num)d pieces", arrival.pieces)),
        (_("Later"), _("Added after the statement was sent.") if arrival.later else ""),
    ]
    return [pair for pair in told if pair[1]]


def turned_out(prepared: Prepared) -> list[tuple[str, str]]:
    """What it turned out to be."""
    report = prepared.report
    told = [
        (_("Kind"), about(report.family) if report.family else ""),
        (_("Format"), report.type),
        (_("Length"), _duration(report.duration_ms) if report.duration_ms else ""),
        (_("Pages"), str(report.pages) if report.pages else ""),
        (_("Pixels"), _pixels(report)),
        (_("Tracks"), list_of(list(report.streams)) if report.duration_ms else ""),
    ]
    return [pair for pair in told if pair[1]]


def notes_on(prepared: Prepared) -> list[str]:
    """What is odd about it."""
    return [str(NOTES[note]) for note in prepared.report.notes if note in NOTES]


def captured(prepared: Prepared) -> list[tuple[str, str]]:
    """What a device wrote into it, in the order in which people are told; a name of another version as it is."""
    found, names = prepared.report.captured, list(CAPTURED)
    ordered = sorted(found, key=lambda name: names.index(name) if name in CAPTURED else len(names))
    return [(str(CAPTURED.get(name, name)), found[name]) for name in ordered]


def made_rows(made: tuple[Made, ...]) -> list[tuple[str, str]]:
    """What was made of it, each kind with its size; pages together."""
    sizes: dict[str, int] = {}
    for each in made:
        sizes[each.kind] = sizes.get(each.kind, 0) + each.length
    return [(str(MADE.get(kind, kind)), _size(total)) for kind, total in sizes.items()]
