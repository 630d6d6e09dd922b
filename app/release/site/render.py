"""Renders approved snapshots into the files of the public tree: the same input gives the same bytes."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

from babel.dates import format_date, format_skeleton
from babel.units import format_unit
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from app.domain.errors import InvalidInput
from app.release.site.snapshot import MARKER, StorySnapshot, StoryText, snapshot_to_bytes
from app.release.site.strings import SITE_NAME, STRINGS, Strings

Files = dict[str, bytes]  # path in the tree, with "/" -> content

WORDS_PER_MINUTE: Final = 180

_HERE: Final = Path(__file__).parent
_STATIC: Final = _HERE / "static"
# Pages opened from a disk or a mirror carry their own policy; `file:` is what 'self' means there.
_POLICY: Final = Markup(
    "default-src 'none'; style-src 'self' file:; img-src 'self' file:; font-src 'self' file:; "
    "media-src 'self' file:; form-action 'none'; base-uri 'none'"
)
# A missing page is served under any address: above the root, ".." stays at the root.
_ROOT_FROM_ANYWHERE: Final = "../" * 8
_ROOT_FROM_STORY: Final = "../../"
_FEED_ID: Final = uuid5(NAMESPACE_URL, "urn:vouchsafe:feed")
_ARABIC_DIGITS: Final = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


@dataclass(frozen=True)
class Version:
    """One language of a page: its words and its file, next to the page."""

    words: Strings
    file: str


@dataclass(frozen=True)
class Card:
    """A story on the front page: in the reader's language if it has that, or else in its default language."""

    story: StorySnapshot
    text: StoryText
    words: Strings
    href: str


def render_story(snapshot: StorySnapshot, *, demo: bool = False) -> Files:
    """The story's folder: one page and one description per language, and the snapshot itself."""
    folder = f"stories/{snapshot.public_id}"
    versions = [Version(STRINGS[text.language], _story_file(snapshot, text)) for text in snapshot.texts]
    files = {f"{folder}/story.json": snapshot_to_bytes(snapshot)}
    for text, version in zip(snapshot.texts, versions, strict=True):
        description = version.file.replace(".html", ".jsonld")
        files[f"{folder}/{description}"] = _linked_data(snapshot, text)
        files[f"{folder}/{version.file}"] = _page(
            "story.html",
            version,
            versions,
            root=_ROOT_FROM_STORY,
            demo=demo,
            story=snapshot,
            text=text,
            description=description,
        )
    return files


def render_index(snapshots: Iterable[StorySnapshot], generated: date, *, demo: bool = False) -> Files:
    """Front page and "how we work" in every language, the page for what is missing, and the feed.

    `generated` is the day of the release. Raises InvalidInput if two stories share an id.
    """
    stories = sorted(snapshots, key=lambda story: (story.published_on, story.public_id), reverse=True)
    _refuse_doubles(stories)
    files: Files = {}
    for version in (fronts := _all_versions("index")):
        cards = [_card(story, version.words.language) for story in stories]
        files[version.file] = _page(
            "index.html", version, fronts, root="", demo=demo, generated=generated, **_front(cards)
        )
    for version in (hows := _all_versions("how")):
        files[version.file] = _page("how.html", version, hows, root="", demo=demo, generated=generated)
    files["404.html"] = _missing(demo=demo)
    files["feed.atom"] = _feed(stories, generated)
    return files


def render_tombstone(public_id: str, *, demo: bool = False) -> Files:
    """What stands where a withdrawn story stood: the same page for every story, whatever languages it had."""
    versions = _all_versions("index")
    return {
        f"stories/{public_id}/{version.file}": _page(
            "tombstone.html", version, versions, root=_ROOT_FROM_STORY, demo=demo
        )
        for version in versions
    }


def static_files() -> Files:
    """Style sheet, fonts with their licence, and drawings, under `static/`."""
    return {
        f"static/{path.relative_to(_STATIC).as_posix()}": path.read_bytes()
        for path in sorted(_STATIC.rglob("*"))
        if path.is_file()
    }


def plain(text: str, words: Strings) -> str:
    """The text with each marker as its label: for titles, feeds and wherever no cover can be drawn."""
    return MARKER.sub(lambda marker: words.withheld[marker[1]], text)


def _marked(text: str, words: Strings) -> Markup:
    pieces = re.split(MARKER, text)
    covers = [Markup('<span class="held">{}</span>').format(words.withheld[kind]) for kind in pieces[1::2]]
    return Markup("").join(
        piece for pair in zip(map(escape, pieces[::2]), [*covers, Markup("")], strict=True) for piece in pair
    )


def _page(
    template: str, version: Version, versions: Sequence[Version], *, root: str, demo: bool, **more: object
) -> bytes:
    page = _environment().get_template(template)
    home = _file("index", version.words.language)
    how = _file("how", version.words.language)
    context = {"words": version.words, "here": version.file, "versions": versions, "home": home, "how": how}
    return page.render(**context, root=root, demo=demo, **more).encode()


def _front(cards: Sequence[Card]) -> dict[str, object]:
    """The newest story leads, the next one with a quote speaks from the band, all others are listed."""
    quoted = [card for card in (*cards[1:], *cards[:1]) if card.text.pull_quote]
    corrected = [card for card in cards if card.text.corrections]
    return {
        "lead": next(iter(cards), None),
        "voiced": next(iter(quoted), None),
        "more": cards[1:],
        "corrected": sorted(corrected, key=lambda card: card.story.changed_on, reverse=True),
    }


def _missing(*, demo: bool) -> bytes:
    versions = [
        Version(version.words, _ROOT_FROM_ANYWHERE + version.file) for version in _all_versions("index")
    ]
    return _page("404.html", versions[0], versions, root=_ROOT_FROM_ANYWHERE, demo=demo)


def _feed(stories: Sequence[StorySnapshot], generated: date) -> bytes:
    cards = [_card(story, "en") for story in stories]
    template = _environment().get_template("feed.atom")
    return template.render(cards=cards, generated=generated, feed_id=_FEED_ID, story_id=_story_id).encode()


def _linked_data(snapshot: StorySnapshot, text: StoryText) -> bytes:
    words = STRINGS[text.language]
    facts = {
        "headline": plain(text.headline, words),
        "abstract": plain(text.standfirst, words),
        "contentLocation": plain(text.place, words),
        "temporalCoverage": snapshot.month,
        "keywords": [plain(theme, words) for theme in text.themes],
    }
    record = {
        "@context": {"@vocab": "https://schema.org/"},
        "@type": "Article",
        "identifier": f"urn:uuid:{_story_id(snapshot)}",
        "inLanguage": text.language,
        "datePublished": snapshot.published_on.isoformat(),
        "dateModified": snapshot.changed_on.isoformat(),
    } | {name: fact for name, fact in facts.items() if fact}
    return json.dumps(record, ensure_ascii=False, sort_keys=True).encode()


def _card(story: StorySnapshot, language: str) -> Card:
    text = story.text_in(language)
    return Card(story, text, STRINGS[text.language], f"stories/{story.public_id}/{_story_file(story, text)}")


def _file(name: str, language: str, default: str = "en") -> str:
    return f"{name}.html" if language == default else f"{name}.{language}.html"


def _story_file(snapshot: StorySnapshot, text: StoryText) -> str:
    return _file("index", text.language, snapshot.default.language)


def _all_versions(name: str) -> list[Version]:
    return [Version(words, _file(name, language)) for language, words in STRINGS.items()]


def _story_id(snapshot: StorySnapshot) -> UUID:
    return uuid5(_FEED_ID, snapshot.public_id)


def _refuse_doubles(stories: Sequence[StorySnapshot]) -> None:
    if len({story.public_id for story in stories}) != len(stories):
        raise InvalidInput({"snapshots.public_id": "repeated"})


def _day(day: date, words: Strings) -> str:
    return _digits(format_date(day, "long", locale=words.locale), words)


def _month(month: str, words: Strings) -> str:
    """A month or a year, as the language writes it; empty stays empty."""
    if "-" not in month:
        return _digits(month, words)
    first = date.fromisoformat(f"{month}-01")
    return _digits(format_skeleton("yMMMM", first, locale=words.locale), words)


def _minutes(text: StoryText, words: Strings) -> str:
    count = sum(len(block.text.split()) for block in text.body)
    minutes = max(1, round(count / WORDS_PER_MINUTE))
    return _digits(format_unit(minutes, "duration-minute", locale=words.locale), words)


def _digits(text: object, words: Strings) -> str:
    return str(text).translate(_ARABIC_DIGITS) if words.language == "ar" else str(text)


def _quoted(text: str, words: Strings) -> Markup:
    opening, closing = words.quote_marks
    return Markup("{}{}{}").format(opening, _marked(text, words), closing)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    filters: Mapping[str, object] = {
        "marked": _marked,
        "plain": plain,
        "quoted": _quoted,
        "day": _day,
        "month": _month,
        "minutes": _minutes,
        "digits": _digits,
    }
    environment.filters.update(filters)
    environment.globals.update(site_name=SITE_NAME, policy=_POLICY)
    return environment
