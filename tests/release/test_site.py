"""The public tree: what an approved story becomes, in every language, without a script and from anywhere."""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from app.domain.errors import InvalidInput
from app.domain.redaction import Withheld, marker
from app.release.site.render import Files, render_index, render_story, render_tombstone, static_files
from app.release.site.snapshot import (
    Correction,
    Media,
    Note,
    StorySnapshot,
    Voice,
    snapshot_from_bytes,
    snapshot_to_bytes,
)
from app.release.site.strings import STRINGS
from tests.release.fixtures.stories import (
    LEDGER,
    STORIES,
    WEATHER,
    WEATHER_AR,
    WEATHER_EN,
    YARD,
    paragraph,
    quote,
    turn,
)

DAY = date(2026, 11, 22)
NAMESPACES = {"http://www.w3.org/2000/svg", "http://www.w3.org/2005/Atom", "https://schema.org/"}
ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>&amp;{{ 7*7 }}</title>]]>"


class Page(HTMLParser):
    """Every element of a page with its attributes, and the text."""

    def __init__(self, html: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def tags(self) -> list[str]:
        return [tag for tag, _ in self.elements]

    def values(self, attribute: str) -> list[str]:
        return [value for _, attrs in self.elements if (value := attrs.get(attribute)) is not None]


def a_tree(*stories: StorySnapshot, demo: bool = False) -> Files:
    files = static_files() | render_index(stories, DAY, demo=demo) | render_tombstone("gone", demo=demo)
    for story in stories:
        files |= render_story(story, demo=demo)
    return files


@pytest.fixture(scope="module")
def tree() -> Files:
    return a_tree(*STORIES)


def pages(files: Files) -> dict[str, Page]:
    return {path: Page(content) for path, content in files.items() if path.endswith(".html")}


def with_every_text(value: Any, text: str) -> Any:
    """The same story with one text in every free text that is not empty."""
    if isinstance(value, str):
        return text if value else value
    if isinstance(value, tuple):
        return tuple(with_every_text(item, text) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        fixed = {"kind", "language", "public_id", "month", "drawing"}
        changed = {f.name: getattr(value, f.name) for f in fields(value)}
        changed = {n: v if n in fixed else with_every_text(v, text) for n, v in changed.items()}
        return type(value)(**changed)
    return value


# --- the snapshot ---


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.public_id)
def test_a_story_comes_back_from_its_bytes(story: StorySnapshot) -> None:
    assert snapshot_from_bytes(snapshot_to_bytes(story)) == story


def test_the_bytes_are_sorted_unescaped_and_hold_no_numbers() -> None:
    data = snapshot_to_bytes(WEATHER)
    record = json.loads(data, parse_int=pytest.fail, parse_float=pytest.fail)
    assert list(record) == sorted(record)
    assert "Տերեն".encode() in data
    assert b"\\u" not in data


def changed(data: bytes, path: list[str | int], value: object) -> bytes:
    record = json.loads(data)
    at = record
    for step in path[:-1]:
        at = at[step]
    if value is None:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        (["witness"], "A. B.", "storysnapshot"),
        (["texts", 0, "note"], "x", "storysnapshot.texts[0]"),
        (["texts", 0, "body", 1, "time"], "x", "storysnapshot.texts[0].body[1]"),
        (["public_id"], None, "storysnapshot"),
        (["public_id"], 7, "storysnapshot.public_id"),
        (["texts"], {}, "storysnapshot.texts"),
        (["texts", 0, "told_by", 0, "name_changed"], 1, "storysnapshot.texts[0].told_by[0].name_changed"),
        (["texts", 0, "body", 0, "kind"], "voice", "storysnapshot.texts[0].body[0].kind"),
        (["published_on"], "20261018", "storysnapshot.published_on"),
        (["format"], "vouchsafe-story/9", "snapshot"),
    ],
)
def test_it_refuses_bytes_that_are_not_a_snapshot(path: list[str | int], value: object, where: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        snapshot_from_bytes(changed(snapshot_to_bytes(WEATHER), path, value))
    assert list(refusal.value.problems) == [where]


@pytest.mark.parametrize("data", [b"", b"\xff", b"[]", b"{", snapshot_to_bytes(WEATHER) + b" "])
def test_it_refuses_bytes_in_any_other_form(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        snapshot_from_bytes(data)


@pytest.mark.parametrize(
    ("unfit", "code"),
    [
        ("a\u202ebc", "control-character"),
        ("a\x00b", "control-character"),
        ("[[withheld:colour]]", "unknown-marker"),
        ("[[WITHHELD:name]]", "unknown-marker"),
        ("[[note: ask her]]", "unknown-marker"),
    ],
)
def test_it_refuses_text_that_does_not_belong_on_a_page(unfit: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        replace(WEATHER, texts=(replace(WEATHER_EN, content_note=unfit),))
    assert dict(refusal.value.problems) == {"texts[0].content_note": code}


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"public_id": "Case 7"}, "public_id"),
        ({"month": "2026-13"}, "month"),
        ({"drawing": "https://example.org/a.svg"}, "drawing"),
        ({"texts": ()}, "texts"),
        ({"texts": (WEATHER_EN, WEATHER_EN)}, "texts"),
        ({"texts": (replace(WEATHER_EN, language="xx"),)}, "texts[0].language"),
        ({"texts": (replace(WEATHER_EN, headline=""),)}, "texts[0].headline"),
        ({"texts": (replace(WEATHER_EN, body=(turn("Mirel", "I"),)),)}, "texts[0].body[0].speaker"),
        ({"texts": (replace(WEATHER_EN, body=(turn("", "I"),)),)}, "texts[0].body[0].speaker"),
        ({"texts": (replace(WEATHER_EN, pull_quote_speaker="X"),)}, "texts[0].pull_quote_speaker"),
        ({"texts": (replace(WEATHER_EN, told_by=WEATHER_EN.told_by * 2),)}, "texts[0].told_by"),
        ({"media": (Media("a.webm", "video/webm", "A yard"),)}, "media"),
    ],
)
def test_it_refuses_a_story_that_does_not_hold_together(change: dict[str, Any], where: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        replace(WEATHER, **change)
    assert where in refusal.value.problems


# --- the whole tree ---


def test_the_same_stories_give_the_same_bytes_in_any_order(tree: Files) -> None:
    assert a_tree(*reversed(STORIES)) == tree


def test_every_address_is_relative_and_leads_to_a_file(tree: Files) -> None:
    for path, page in pages(tree).items():
        for address in page.values("href") + page.values("src"):
            parts = urlsplit(address)
            assert (parts.scheme, parts.netloc, address[:1] == "/") == ("", "", False), (path, address)
            target = urlsplit(urljoin(f"https://site.invalid/{path}", address)).path.removeprefix("/")
            assert target in tree.keys() | {"manifest.json"}, (path, address)
            if parts.fragment and not parts.path:
                assert parts.fragment in page.values("id"), (path, address)


def test_no_page_leaves_the_tree_when_it_lies_in_a_folder(tree: Files) -> None:
    """Except the page for what is missing, which is served under any address."""
    for path, page in pages(tree).items():
        if path != "404.html":
            for address in page.values("href") + page.values("src"):
                assert urljoin(f"https://site.invalid/mirror/{path}", address).startswith(
                    "https://site.invalid/mirror/"
                )


def test_no_page_holds_a_script_a_style_a_form_or_a_handler(tree: Files) -> None:
    for path, page in pages(tree).items():
        assert not {"script", "style", "form", "iframe", "object", "base"} & set(page.tags()), path
        names = {name for _, attrs in page.elements for name in attrs}
        assert "style" not in names, path
        assert not [name for name in names if name.startswith("on")], path


def test_nothing_comes_from_a_third_party(tree: Files) -> None:
    for path, content in tree.items():
        if not path.endswith((".woff2", "OFL.txt")):
            assert set(re.findall(r"(?:https?:)?//[\w./-]+", content.decode())) <= NAMESPACES, path


def test_the_style_sheet_names_only_files_that_are_there(tree: Files) -> None:
    named = re.findall(r"url\(([^)]+)\)", tree["static/site.css"].decode())
    assert len(named) > 8
    assert {f"static/{name}" for name in named} <= tree.keys()


def test_the_fonts_carry_their_licence(tree: Files) -> None:
    assert b"SIL OPEN FONT LICENSE" in tree["static/fonts/OFL.txt"]


def test_no_time_is_finer_than_a_day(tree: Files) -> None:
    for path, content in tree.items():
        if not path.startswith("static/"):
            assert set(re.findall(r"\d\d:\d\d(?::\d\d)?", content.decode())) <= {"00:00:00"}, path


@pytest.mark.parametrize("demo", [True, False])
def test_a_demonstration_says_so_on_every_page(demo: bool) -> None:
    for path, page in pages(a_tree(*STORIES, demo=demo)).items():
        assert (STRINGS[page.values("lang")[0]].demo in page.text) is demo, path


# --- texts ---


def test_hostile_text_stays_text(tree: Files) -> None:
    told_by = (Voice("A", "B"),)
    body = (paragraph("C"), turn("A", "D"), quote("E", "A"))
    parts: dict[str, Any] = {
        "told_by": told_by,
        "body": body,
        "pull_quote_speaker": "A",
        "protections": (Note("G", "H"),),
    }
    plain = replace(WEATHER_EN, **parts, corrections=(Correction(DAY, "F"),))
    tame = replace(WEATHER, texts=(plain,))
    hostile = with_every_text(tame, HOSTILE)
    expected, found = pages(a_tree(tame)), a_tree(hostile)
    for path, page in pages(found).items():
        assert page.tags() == expected[path].tags(), path
    story = Page(found[f"stories/{WEATHER.public_id}/index.html"])
    assert story.text.count(HOSTILE) > 15
    entry = ET.fromstring(found["feed.atom"]).find(f"{ATOM}entry/{ATOM}title")
    assert entry is not None
    assert entry.text == HOSTILE
    assert json.loads(found[f"stories/{WEATHER.public_id}/index.jsonld"])["headline"] == HOSTILE


def test_what_is_withheld_stands_under_one_kind_of_cover() -> None:
    text = " ".join(map(marker, Withheld))
    story = replace(WEATHER, texts=(replace(WEATHER_EN, body=(paragraph(text),), protections=()),))
    html = render_story(story)[f"stories/{WEATHER.public_id}/index.html"].decode()
    covers = re.findall(r'<span class="held">\[([a-z ]+)\]</span>', html)
    assert len(covers) == len(Withheld)
    assert "[[" not in html


def test_titles_and_feeds_have_the_label_instead_of_the_cover() -> None:
    headline = "Where is [[withheld:name]]?"
    story = replace(WEATHER, texts=(replace(WEATHER_EN, headline=headline),))
    files = a_tree(story)
    assert b"<title>Where is [name withheld]?" in files[f"stories/{WEATHER.public_id}/index.html"]
    assert b"<title>Where is [name withheld]?" in files["feed.atom"]


def test_every_language_has_a_label_for_everything_that_can_be_withheld() -> None:
    for words in STRINGS.values():
        assert words.withheld.keys() == set(Withheld)


def test_a_changed_name_is_marked_wherever_it_stands(tree: Files) -> None:
    html = tree[f"stories/{YARD.public_id}/index.html"].decode()
    assert html.count('<span class="cov"></span>Davin') == html.count(">Davin") == 2
    assert '<span class="cov"></span>Ansa' not in html
    assert "Davin, farmer, name changed" in Page(html.encode()).text


def test_the_editors_and_the_witnesses_are_told_apart(tree: Files) -> None:
    html = tree[f"stories/{YARD.public_id}/index.html"].decode()
    assert "<h2>The mornings</h2>" in html
    assert "</p><p>The lane has nine houses." in html
    assert '<p class="who">Ansa Morrel</p><p>Forty years' in html


# --- languages ---


def test_each_language_has_its_page_and_leads_to_the_others(tree: Files) -> None:
    folder = f"stories/{WEATHER.public_id}/"
    names = {"en": "index.html", "hy": "index.hy.html", "ru": "index.ru.html", "ar": "index.ar.html"}
    for language, name in names.items():
        page = Page(tree[folder + name])
        assert page.values("lang")[0] == language
        assert set(names.values()) <= set(page.values("href"))


def test_arabic_is_written_from_the_right_with_its_own_digits(tree: Files) -> None:
    page = Page(tree[f"stories/{WEATHER.public_id}/index.ar.html"])
    assert page.values("dir")[0] == "rtl"
    assert WEATHER_AR.headline in page.text
    assert "١٨ أكتوبر ٢٠٢٦" in page.text


def test_a_story_without_english_has_its_first_language_at_its_address(tree: Files) -> None:
    folder = f"stories/{LEDGER.public_id}/"
    assert Page(tree[f"{folder}index.html"]).values("lang")[0] == "hy"
    assert Page(tree[f"{folder}index.ru.html"]).values("lang")[0] == "ru"
    assert f"{folder}index.hy.html" not in tree


def test_the_front_page_speaks_the_readers_language_where_a_story_does(tree: Files) -> None:
    page = Page(tree["index.ru.html"])
    assert "По телефону мы говорим о погоде" in page.text
    assert "Журнал паромщика" in page.text
    articles = [attrs for tag, attrs in page.elements if tag == "article"]
    assert [attrs.get("lang") for attrs in articles] == [None, "en", None]


# --- single pages ---


def test_the_front_page_lists_the_newest_first_and_each_story_once(tree: Files) -> None:
    html = tree["index.html"].decode()
    places = [
        html.index(f'<a href="stories/{story.public_id}/index.html">') for story in (WEATHER, YARD, LEDGER)
    ]
    assert places == sorted(places)
    assert html.count("<article") == len(STORIES)


def test_an_empty_site_says_when_a_story_appears() -> None:
    page = Page(render_index([], DAY)["index.html"])
    assert STRINGS["en"].empty_text in page.text
    assert "article" not in page.tags()


def test_two_stories_cannot_share_an_address() -> None:
    with pytest.raises(InvalidInput):
        render_index([WEATHER, replace(YARD, public_id=WEATHER.public_id)], DAY)


def test_corrections_are_public_and_dated(tree: Files) -> None:
    assert "we had called him a doctor" in Page(tree[f"stories/{YARD.public_id}/index.html"]).text
    assert "9 November 2026" in Page(tree["index.html"]).text
    assert "No corrections so far" in Page(tree[f"stories/{WEATHER.public_id}/index.html"]).text


def test_a_tombstone_is_the_same_for_every_story() -> None:
    one, other = render_tombstone("one"), render_tombstone("another")
    assert list(one.values()) == list(other.values())
    assert {path.rpartition("/")[2] for path in one} >= {"index.html", "index.hy.html", "index.ar.html"}
    assert all(b'content="noindex"' in content for content in one.values())


def test_the_feed_holds_every_story_in_its_first_language(tree: Files) -> None:
    entries = ET.fromstring(tree["feed.atom"]).findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == [
        story.default.headline for story in (WEATHER, YARD, LEDGER)
    ]
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == len(STORIES)
    assert entries[1].findtext(f"{ATOM}updated") == "2026-11-09T00:00:00Z"


def test_the_description_for_machines_says_nothing_that_the_page_does_not(tree: Files) -> None:
    facts = json.loads(tree[f"stories/{LEDGER.public_id}/index.jsonld"])
    assert facts["contentLocation"] == "Ստորին Իլվան"
    assert facts["temporalCoverage"] == "2026"
    assert "keywords" not in facts
    assert LEDGER.public_id not in json.dumps(facts)


# --- in a browser ---


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def folder(tree: Files, tmp_path_factory: pytest.TempPathFactory) -> str:
    root = tmp_path_factory.mktemp("tree")
    covers = " ".join(map(marker, Withheld))
    texts = tuple(replace(text, body=(*text.body, paragraph(covers))) for text in WEATHER.texts)
    for path, content in (tree | render_story(replace(WEATHER, texts=texts))).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    return root.as_uri()


@pytest.mark.browser
@pytest.mark.parametrize("name", ["index.html", "index.hy.html", "index.ru.html", "index.ar.html"])
def test_from_a_disk_without_script_every_cover_has_one_width(browser: Any, folder: str, name: str) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=False)
    page = context.new_page()
    refused: list[str] = []
    page.on("requestfailed", lambda request: refused.append(request.url))
    page.goto(f"{folder}/stories/{WEATHER.public_id}/{name}")
    covers = page.locator(".turn .held")
    boxes = [covers.nth(at).bounding_box() for at in range(covers.count())]
    assert len(boxes) > len(Withheld)
    assert len({round(box["width"], 2) for box in boxes}) == 1
    fits = "covers => covers.every(cover => cover.scrollWidth <= cover.clientWidth)"
    assert covers.evaluate_all(fits)
    assert refused == []
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("path", ["index", "how", f"stories/{WEATHER.public_id}/index", "stories/gone/index"])
@pytest.mark.parametrize("language", ["", ".hy", ".ru", ".ar"])
def test_the_narrowest_screen_never_scrolls_sideways(
    browser: Any, folder: str, path: str, language: str
) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 640})
    page.goto(f"{folder}/{path}{language}.html")
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.close()
