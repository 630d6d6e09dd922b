"""Takes pictures of every component: `python -m tests.web.gallery FOLDER`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any, Literal

from flask import Flask, current_app, render_template, request
from flask_babel import Babel
from werkzeug.datastructures import MultiDict
from werkzeug.serving import make_server
from wtforms import (
    BooleanField,
    DateField,
    FileField,
    Form,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired

from app.web import locale as locales
from app.web.glyphs import STATEMENT_STATES, STORY_STATES

WEB = Path(locales.__file__).parent
CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; script-src 'self'; "
    "connect-src 'self'; media-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
NOW = datetime(2026, 11, 22, 15, 20, tzinfo=UTC)
CHROMIUM = "/usr/bin/chromium"
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
WIDTHS = (360, 768, 1280)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PAGES = {"desk": "gallery.html", "phone": "gallery_phone.html", "error": "error.html"}


def make_app() -> Flask:
    """Return an app with the globals that the templates rely on, which shows `/<locale>/<page>` of PAGES."""
    app = Flask("gallery", root_path=str(WEB), static_folder="static", template_folder="templates")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(WEB.parent / "translations")
    Babel(app, locale_selector=current_locale)
    app.jinja_env.globals |= {
        "static_url": lambda path: f"/static/{path}",
        "csrf_token": lambda: "token",
        "allow_worker": lambda: "",
    }
    app.jinja_env.filters |= locales.filters(current_locale, lambda: NOW, UTC)
    app.add_url_rule("/<locale>/<page>", view_func=show)
    app.after_request(forbid_everything_inline)
    return app


def current_locale() -> str:
    return str((request.view_args or {}).get("locale", "en"))


def forbid_everything_inline(response: Any) -> Any:
    response.headers["Content-Security-Policy"] = CSP
    return response


def show(locale: str, page: str) -> str:
    say = words(locale)
    return render_template(
        PAGES[page],
        **chrome(locale, say),
        form=make_form(say),
        statement=STATEMENT_STATES,
        story=STORY_STATES,
        earlier=NOW - timedelta(days=8, minutes=33),
        **trouble(),
    )


def words(locale: str) -> dict[str, Any]:
    spoken: dict[str, dict[str, Any]] = current_app.jinja_env.get_template("gallery_words.html").module.words  # type: ignore[attr-defined]  # set by the template
    return spoken.get(locale, spoken["en"])


def chrome(locale: str, say: dict[str, Any]) -> dict[str, Any]:
    nav = [(label, "#", index == 0) for index, label in enumerate(say["nav"])]
    return {
        "locale": locale,
        "direction": locales.direction(locale),
        "viewer": SimpleNamespace(name=say["me"], nav=nav),
        "demo": True,
        "notice": say["sealed_ok"],
        "leave_url": "/leave",
        "languages": [(code, name, "/language", code == locale) for code, name in locales.LANGUAGES.items()],
        "now": NOW,
    }


def trouble() -> dict[str, Any]:
    return {
        "what": "Not sent yet: the network is gone.",
        "safe": "Your words are sealed here.",
        "ways": [("Try again", "#"), ("Take the courier file", "#")],
        "reference": "7Q4-KD2",
    }


def make_form(say: dict[str, Any]) -> Form:
    answers = [SelectChoice(str(n), label) for n, label in enumerate(say["answers"])]

    class Gallery(Form):  # type: ignore[misc]  # wtforms carries no types
        name = StringField(say["field_name"], [InputRequired()])
        code = StringField(say["card"])
        account = TextAreaField(say["account"])
        day = DateField(say["day"])
        language = SelectField(
            say["language"], choices=[SelectChoice(c, n) for c, n in locales.LANGUAGES.items()]
        )
        attach = FileField(say["attach"])
        sure = BooleanField(say["dos"][0])
        do = SelectMultipleField(
            say["do"],
            [InputRequired(say["missing"])],
            choices=[SelectChoice(v, t) for v, t in zip(("part", "voice", "photo"), say["dos"], strict=True)],
        )
        see = RadioField(
            say["see"],
            choices=[SelectChoice(str(n), label) for n, label in enumerate(say["sees"])],
        )
        court = RadioField(say["court"], choices=answers)
        press = RadioField(say["press"], choices=answers)

    account = "Հասկացա՝ իմ անունը չի երևալու, և կարող եմ հետո հրաժարվել։"
    sent = {
        "name": "",
        "account": account,
        "language": "hy",
        "see": "1",
        "court": "1",
        "press": "2",
        "sure": "y",
    }
    form = Gallery(MultiDict(sent))
    form.validate()
    form.do.data = ["voice"]
    return form


def main(folder: Path) -> None:
    """Write the picture of every page, language and width, light and dark, into `folder`."""
    from playwright.sync_api import sync_playwright

    with serving(make_app()) as origin, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        for locale, page, width, scheme in product(locales.LANGUAGES, PAGES, WIDTHS, SCHEMES):
            tab = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
            tab.goto(f"{origin}/{locale}/{page}")
            tab.screenshot(path=folder / f"{page}-{locale}-{width}-{scheme}.png", full_page=True)
            tab.close()
        browser.close()
    (folder / "index.html").write_text(_together(sorted(folder.glob("*.png"))))


def _together(pictures: list[Path]) -> str:
    """One page with every picture, dark beside light."""
    shown = [
        f'<figure><figcaption>{each.stem}</figcaption><img src="{each.name}" alt=""></figure>'
        for each in pictures
    ]
    look = "body{display:flex;flex-wrap:wrap;align-items:start}img{inline-size:25rem}"
    return f'<!doctype html><meta charset="utf-8"><title>Gallery</title><style>{look}</style>{"".join(shown)}'


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve `app` on a free port of this machine; yields its origin."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
