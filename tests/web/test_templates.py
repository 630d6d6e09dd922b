"""The staff pages as a browser, a keyboard, a witness's script and an attacker meet them."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient

from app.web import locale as locales
from app.web.glyphs import STATEMENT_STATES, STORY_STATES, Tone
from tests.web.gallery import (
    CHROMIUM,
    CHROMIUM_FLAGS,
    CSP,
    NOW,
    PAGES,
    WEB,
    make_app,
    make_form,
    serving,
    words,
)

TEMPLATES = WEB / "templates"
TRANSLATIONS = WEB.parent / "translations"
TRANSLATED = ("hy", "ru", "ar")
CONTROLS = "button, summary, select, textarea, .btn, nav a, .choice, .third label, .switch, td a, .sentence a"
EVIL = '<img src=x onerror="alert(1)">'
KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "lazy_gettext": None,
    "lazy_pgettext": ((1, "c"), 2),
}


class Page(HTMLParser):
    """Every start tag of a page, with its attributes and the text that follows it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        return [
            a for t, a in self.tags if t == tag and all(a.get(k.rstrip("_")) == v for k, v in wanted.items())
        ]

    def ids(self) -> set[str | None]:
        return {a["id"] for _, a in self.tags if "id" in a}


@pytest.fixture(scope="module")
def app() -> Flask:
    return make_app()


@pytest.fixture(scope="module")
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def page(client: FlaskClient, locale: str, name: str) -> Page:
    return Page(client.get(f"/{locale}/{name}").text)


def macro(app: Flask, call: str, *, file: str, **context: object) -> str:
    """Render one call of a macro of `file`, in English."""
    with app.test_request_context("/en/desk"):
        template = app.jinja_env.from_string(f'{{% import "macros/{file}.html" as m %}}{{{{ m.{call} }}}}')
        return template.render(context)


every_page = pytest.mark.parametrize(
    ("locale", "name"), [(locale, name) for locale in locales.LANGUAGES for name in PAGES]
)


# ---------- every page


@every_page
def test_a_page_says_its_language_and_direction(client, locale, name):
    assert page(client, locale, name).tags[0] == ("html", {"lang": locale, "dir": locales.direction(locale)})


@every_page
def test_nothing_is_inline(client, locale, name):
    seen = page(client, locale, name)
    assert not seen.all("style")
    for tag, attributes in seen.tags:
        assert "style" not in attributes, tag
        assert not [key for key in attributes if key.startswith("on")], tag
        assert tag != "script" or "src" in attributes


@every_page
def test_every_shape_on_a_page_is_in_its_sprite(client, locale, name):
    seen = page(client, locale, name)
    assert {use["href"] for use in seen.all("use")} <= {f"#{symbol['id']}" for symbol in seen.all("symbol")}


@every_page
def test_no_id_stands_twice_and_every_label_finds_its_field(client, locale, name):
    seen = page(client, locale, name)
    ids = [a["id"] for _, a in seen.tags if "id" in a]
    assert len(ids) == len(set(ids))
    for tag, attributes in seen.tags:
        if tag == "label" and "for" in attributes:
            assert attributes["for"] in ids
        for described in (attributes.get("aria-describedby") or "").split():
            assert described in ids


@every_page
def test_leaving_works_without_script_and_cannot_be_forged(client, locale, name):
    html = client.get(f"/{locale}/{name}").text
    form = re.search(r'<form class="leave-form" method="post" action="/leave".*?</form>', html, re.DOTALL)
    assert form
    assert 'name="csrf_token" value="token"' in form[0]
    assert '<button class="btn is-low leave">' in form[0]


@every_page
def test_every_post_carries_a_token(client, locale, name):
    for form in re.findall(
        r"<form[^>]*method=\"post\".*?</form>", client.get(f"/{locale}/{name}").text, re.DOTALL
    ):
        assert 'name="csrf_token"' in form or "narrowform" in form  # the form of fields brings its own


@every_page
def test_no_stylesheet_or_picture_is_missing(client, locale, name):
    for link in page(client, locale, name).all("link"):
        with client.get(str(link["href"])) as response:
            assert response.status_code == 200


def test_a_demonstration_says_so(client):
    assert "invented people" in client.get("/en/desk").text


@pytest.mark.parametrize("locale", locales.LANGUAGES)
def test_an_interviewer_s_tab_and_bar_say_only_notebook(client, locale):
    html = client.get(f"/{locale}/phone").text
    body = html.partition("<body")[2].partition("<main")[0]
    title = re.search(r"<title>(.*?)</title>", html)
    assert title
    assert title[1] in {"Notebook", "Տետր", "Тетрадь", "دفتر"}
    assert "Vouchsafe" not in html
    with client.application.test_request_context(f"/{locale}/phone"):
        assert words(locale)["me"] not in body


def test_an_error_says_what_happened_what_is_safe_and_what_to_do(client):
    html = client.get("/en/error").text
    assert html.index("Not sent yet: the network is gone.") < html.index("Your words are sealed here.")
    assert (
        html.index("Your words are sealed here.")
        < html.index("Try again")
        < html.index("Take the courier file")
    )
    assert "7Q4-KD2" in html


# ---------- what witnesses say cannot become markup


@pytest.mark.parametrize(
    ("file", "call"),
    [
        ("statement", "facts([(evil, evil)])"),
        ("statement", "files([{'name': evil, 'about': evil, 'kind': 'doc', 'action': evil, 'href': evil}])"),
        ("statement", "aloud(evil, 'hy', 'ltr', evil, evil, false)"),
        ("statement", "history([{'at': now, 'glyph': 'received', 'who': evil, 'did': evil}])"),
        ("statement", "seal_line(now, 5, evil, state, evil, now, 3, evil)"),
        ("workspace", "mark('pseudo', evil, evil, evil)"),
        ("workspace", "unsure(evil)"),
        ("workspace", "comment(evil, evil)"),
        (
            "workspace",
            "register([{'name': evil, 'lang': evil, 'kind': evil, 'public': evil, 'href': evil}])",
        ),
        (
            "workspace",
            "segments([{'seconds': 1, 'href': evil, 'speaker': evil, 'words': evil}], evil, evil)",
        ),
        ("lists", "table(evil, [evil, evil], [[evil, evil]])"),
        ("buttons", "act(evil, evil, hidden={evil: evil})"),
        ("glyphs", "note(evil)"),
    ],
)
def test_testimony_cannot_become_markup(app, file, call):
    html = macro(app, call, file=file, evil=EVIL, now=NOW, state=STATEMENT_STATES["received"])
    assert "&lt;img" in html
    assert not Page(html).all("img")


# ---------- components


def test_the_seal_line_says_the_same_four_things_in_the_same_order(app):
    html = macro(
        app,
        "seal_line(now, 5, '/roster', state, 'then: redact', now, 34, 'on the field device')",
        file="statement",
        now=NOW,
        state=STATEMENT_STATES["transcribed"],
    )
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html)).strip()
    assert text == (
        "Sealed on the field device, 22 Nov 5 people can open this "
        "Transcribed, then: redact Saved 15:20, revision 34"
    )
    assert 'href="/roster"' in html


def test_what_is_not_sealed_never_shows_a_closed_seal(app):
    html = macro(app, "seal_line(none, 1, '', state)", file="statement", state=STATEMENT_STATES["received"])
    assert 'class="seal is-open"' in html
    assert 'class="rosette is-open"' in html
    assert "<b>1 person</b> can open this" in html
    assert "Saved" not in html


def test_an_interview_shows_which_parts_are_sealed(app):
    html = macro(app, "part_line(['Safety', 'Consent', 'Account', 'Closing'], 1)", file="statement")
    assert "Safety, sealed" in html
    assert html.count('aria-current="step"') == 1
    assert "Part 2 of 4" in html


def test_a_finished_interview_has_no_part_left(app):
    html = macro(app, "part_line(['Safety', 'Consent'], 2)", file="statement")
    assert "aria-current" not in html
    assert "Part 3" not in html


def test_a_script_nobody_checked_says_so(app):
    call = "aloud('words', 'hy', 'ltr', 'Armenian', '3.2', {})"
    assert "not yet checked" in macro(app, call.format("false"), file="statement")
    assert "not yet checked" not in macro(app, call.format("true"), file="statement")


@pytest.mark.parametrize("kind", ["remove", "pseudo", "general", "keep", "guess"])
def test_a_mark_can_be_told_apart_without_colour(app, kind):
    html = macro(app, f"mark('{kind}', 'Nina', 'Lida', '#')", file="workspace")
    assert f'class="m m-{kind}"' in html
    assert "Lida" in html
    assert ("?" in html) == (kind == "guess")


def test_a_page_of_a_list_has_only_the_ways_that_lead_somewhere(app):
    assert 'rel="prev"' not in macro(app, "pager('', '/next')", file="lists")
    assert 'rel="next"' in macro(app, "pager('', '/next')", file="lists")


def test_a_cell_carries_its_column_s_name_for_small_screens(app):
    html = macro(app, "table('People', ['Name', 'Role'], [['Ruben', 'reviewer']])", file="lists")
    assert '<th scope="row">Ruben</th>' in html
    assert '<td data-label="Role">reviewer</td>' in html


# ---------- fields


@pytest.fixture
def fields(app: Flask) -> Iterator[Page]:
    with app.test_request_context("/en/desk"):
        form = make_form(words("en"))
        source = (
            '{% import "macros/fields.html" as f %}'
            "{{ f.text(form.name, 'A bird', testimony=true) }}{{ f.area(form.account) }}"
            "{{ f.text(form.code) }}"
            "{{ f.choose_any(form.do) }}{{ f.choose_one(form.see) }}{{ f.thirds('Who', [form.court]) }}"
        )
        yield Page(app.jinja_env.from_string(source).render(form=form))


def test_the_browser_keeps_and_offers_nothing(fields):
    controls = [a for tag, a in fields.tags if tag in ("input", "textarea", "select")]
    assert controls
    assert all(a["autocomplete"] == "off" for a in controls)


def test_testimony_is_not_sent_to_a_spelling_service_and_takes_any_script(fields):
    for control in (*fields.all("input", id="name"), *fields.all("textarea", id="account")):
        assert control["spellcheck"] == "false"
        assert control["dir"] == "auto"


def test_a_field_that_needs_a_second_look_says_why(fields):
    (name,) = fields.all("input", id="name")
    assert name["aria-invalid"] == "true"
    assert name["aria-describedby"] == "name-hint name-wrong"
    assert {"name-hint", "name-wrong"} <= fields.ids()


def test_a_field_that_is_well_says_nothing(fields):
    (code,) = fields.all("input", id="code")
    assert "aria-invalid" not in code
    assert "aria-describedby" not in code


def test_what_was_chosen_stays_chosen(fields):
    assert [a["value"] for a in fields.all("input", type="checkbox") if "checked" in a] == ["voice"]
    assert [a["value"] for a in fields.all("input", name="see") if "checked" in a] == ["1"]
    assert [a["value"] for a in fields.all("input", name="court") if "checked" in a] == ["1"]


def test_a_form_that_came_back_leads_to_each_field(client):
    seen = page(client, "en", "phone")
    assert seen.all("a", href="#do")
    assert "do" in seen.ids()


# ---------- the glossary


@pytest.mark.parametrize("glossary", [STATEMENT_STATES, STORY_STATES])
def test_no_two_states_share_a_shape_or_a_word(app, glossary):
    with app.test_request_context("/en/desk"):
        assert len({entry.glyph for entry in glossary.values()}) == len(glossary)
        assert len({str(entry.word) for entry in glossary.values()}) == len(glossary)
        assert all(str(entry.next_step).endswith(".") for entry in glossary.values())


def test_every_state_has_its_shape():
    shapes = set(re.findall(r'<symbol id="g-([\w-]+)"', (TEMPLATES / "sprite.svg").read_text()))
    assert {entry.glyph for entry in (*STATEMENT_STATES.values(), *STORY_STATES.values())} <= shapes


def test_only_what_cannot_be_undone_is_red():
    grave = [
        name for name, entry in (*STATEMENT_STATES.items(), *STORY_STATES.items()) if entry.tone is Tone.GRAVE
    ]
    assert grave == ["destroyed"]


# ---------- languages


def extracted() -> set[tuple[str | None, object]]:
    """Every message of the templates and the glossary, with its context."""
    with (WEB.parents[1] / "babel.cfg").open() as file:
        methods, _ = parse_mapping_cfg(file)
    by_kind = {method: method for _, method in methods}
    found = [
        *extract_from_dir(TEMPLATES, method_map=[("**.html", by_kind["jinja2"])], keywords=KEYWORDS),
        *[("glyphs.py", *rest) for rest in extract_from_file(by_kind["python"], WEB / "glyphs.py", KEYWORDS)],
    ]
    return {(context, message) for _, _, message, _, context in found}


def catalogue(locale: str) -> Path:
    return TRANSLATIONS / locale / "LC_MESSAGES" / "messages.po"


@pytest.mark.parametrize("locale", TRANSLATED)
def test_every_word_of_the_staff_pages_is_translated(locale):
    with catalogue(locale).open("rb") as file:
        messages = read_po(file, locale=locale)
    shown = extracted()
    for message in messages:
        if message.id and (message.context, message.id) not in shown:
            continue
        forms = message.string if isinstance(message.string, list | tuple) else [message.string]
        assert all(forms), message.id
        assert not message.id or not message.fuzzy, message.id
        assert not list(message.check(messages)), message.id


@pytest.mark.parametrize("locale", TRANSLATED)
def test_a_catalogue_says_that_no_native_speaker_checked_it(locale):
    assert "Not checked by a native speaker." in catalogue(locale).read_text().partition("msgid")[0]


@pytest.mark.parametrize("locale", TRANSLATED)
def test_the_compiled_catalogue_is_the_written_one(locale):
    compiled = BytesIO()
    with catalogue(locale).open("rb") as file:
        write_mo(compiled, read_po(file, locale=locale))
    assert catalogue(locale).with_suffix(".mo").read_bytes() == compiled.getvalue()


@pytest.mark.parametrize("locale", TRANSLATED)
def test_no_word_on_a_page_is_missing_from_a_catalogue(locale):
    with catalogue(locale).open("rb") as file:
        known = {(message.context, message.id) for message in read_po(file, locale=locale)}
    assert extracted() - known == set()


def test_a_page_speaks_the_language_it_claims(client):
    assert "5 մարդ" in client.get("/hy/desk").text
    assert "Уйти сейчас" in client.get("/ru/desk").text
    assert "42 د 10 ث" in client.get("/ar/desk").text


# ---------- in a real browser


@pytest.fixture(scope="module")
def origin(app: Flask) -> Iterator[str]:
    with serving(app) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@pytest.mark.browser
@every_page
def test_a_page_is_narrow_enough_for_the_smallest_phone(browser, origin, locale, name):
    tab = browser.new_page(viewport={"width": 320, "height": 640})
    tab.goto(f"{origin}/{locale}/{name}")
    assert tab.evaluate("document.documentElement.scrollWidth") == 320
    tab.close()


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_the_policy_stops_nothing_the_page_needs(browser, origin, name):
    tab = browser.new_page()
    said: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    response = tab.goto(f"{origin}/hy/{name}")
    assert response
    assert response.headers["content-security-policy"] == CSP
    tab.evaluate("document.fonts.ready.then(() => true)")
    assert said == []
    assert tab.evaluate(
        "[...document.fonts].some(f => f.family.includes('Armenian') && f.status === 'loaded')"
    )
    assert tab.evaluate("document.querySelector('.rosette').getBBox().width") > 10
    tab.close()


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("locale", ["en", "ar"])
def test_a_finger_finds_every_control(browser, origin, locale, name):
    phone = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    tab = phone.new_page()
    tab.goto(f"{origin}/{locale}/{name}")
    small = tab.evaluate(
        """(controls) => [...document.querySelectorAll(controls)]
        .filter(e => e.checkVisibility() && !e.matches('.skip'))
        .map(e => [e.className || e.tagName, e.getBoundingClientRect()])
        .filter(([, box]) => box.height > 0 && box.height < 44).map(([what, box]) => [what, box.height])""",
        CONTROLS,
    )
    assert small == []
    phone.close()


@pytest.mark.browser
def test_a_keyboard_reaches_the_content_first_and_sees_where_it_is(browser, origin):
    tab = browser.new_page()
    tab.goto(f"{origin}/en/desk")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.getAttribute('href')") == "#main"
    assert tab.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    tab.keyboard.press("Tab")
    assert tab.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"
    tab.close()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_to_mend(browser, origin, name, scheme):
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(color_scheme=scheme, bypass_csp=True)
    tab = context.new_page()
    tab.goto(f"{origin}/en/{name}")
    found = Axe().run(tab, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    assert [(v["id"], [n["html"] for n in v["nodes"]][:3]) for v in found.response["violations"]] == []
    context.close()
