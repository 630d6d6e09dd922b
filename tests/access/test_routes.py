"""Walks every route as everybody: who gets in is a golden file that people read in review, and what must never be is asserted besides."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from werkzeug.routing import Rule

from app.domain.ids import new_id
from app.web.access import requirement_of
from tests import cast
from tests.cast import Browser, Cast
from tests.statements import send

MATRIX = Path(__file__).with_name("matrix.txt")
NOBODY_SIGNED_IN = "(nobody)"
PEOPLE = (*cast.LINDEN, "stranger", "nobody", "helga", NOBODY_SIGNED_IN)
QUICK_EXIT = "/leave"
"""Lets go of the browser's session even with a token that is too old: nobody is kept from leaving."""
TUS = "/uploads"
TESTIMONY = ("/cases/", "/statements/", "/stories/", "/notebook/cases/", "/notebook/receipts/")
MARKER = "cinnabar"


@pytest.fixture(scope="module")
def troupe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    assembled = cast.assemble(tmp_path_factory.mktemp("access"))
    yield assembled
    assembled.close()


@pytest.fixture(scope="module")
def ids(troupe: Cast) -> dict[str, UUID]:
    statement, asset = send(troupe, troupe.case, f"They took the {MARKER} box.", file=b"OggS" + bytes(2000))
    return {"case": troupe.case, "statement": statement, "asset": asset, "story": new_id()}


@pytest.fixture(scope="module")
def browsers(troupe: Cast) -> dict[str, Browser]:
    return {name: troupe.client(None if name == NOBODY_SIGNED_IN else name) for name in PEOPLE}


def rules(troupe: Cast) -> list[Rule]:
    return sorted(troupe.app.url_map.iter_rules(), key=lambda rule: rule.rule)


def address(rule: Rule, ids: dict[str, UUID]) -> str:
    """The rule with the ids of the case in it; other arguments get something harmless."""
    path = re.sub(r"<uuid:(\w+)>", lambda found: str(ids.get(found[1], new_id())), rule.rule)
    return re.sub(r"<[^>]+>", "index.html", path)


def asked(browser: Browser, rule: Rule, path: str, verb: str) -> int:
    if verb == "GET":
        return browser.get(path).status_code
    token = {"csrf_token": browser.token("/sign-in")} if "csrf" in rule.rule else {}
    return browser.client.post(path, data=token).status_code


def test_every_route_declares_what_it_requires(troupe: Cast) -> None:
    undeclared = [name for name, view in troupe.app.view_functions.items() if requirement_of(view) is None]
    assert undeclared == []


def test_the_matrix_is_the_one_that_was_reviewed(
    troupe: Cast, ids: dict[str, UUID], browsers: dict[str, Browser]
) -> None:
    lines = []
    for rule in rules(troupe):
        if rule.endpoint == "static" or "GET" not in (rule.methods or set()):
            continue
        path = address(rule, ids)
        answers = {name: asked(browser, rule, path, "GET") for name, browser in browsers.items()}
        by_status: dict[int, list[str]] = {}
        for name, status in answers.items():
            by_status.setdefault(status, []).append(name)
        told = "; ".join(f"{status}: {' '.join(names)}" for status, names in sorted(by_status.items()))
        lines.append(f"GET {rule.rule}\n    {told}")
    found = "\n".join(lines) + "\n"
    if os.environ.get("UPDATE_MATRIX"):
        MATRIX.write_text(found)
    assert found == MATRIX.read_text(), "run with UPDATE_MATRIX=1 and read what changed"


def test_a_stranger_finds_nothing_anywhere(
    troupe: Cast, ids: dict[str, UUID], browsers: dict[str, Browser]
) -> None:
    """Not under any address of the case, and not in any list or count."""
    for rule in rules(troupe):
        path = address(rule, ids)
        if "<uuid:" in rule.rule and "GET" in (rule.methods or set()):
            assert asked(browsers["stranger"], rule, path, "GET") in {403, 404}, path
    for path in ("/desk", "/cases", "/stories"):
        page = browsers["stranger"].get(path).get_data(as_text=True)
        assert "Linden-4" not in page
        assert "The road in winter" not in page


def test_an_administrator_never_gets_a_page_of_testimony(
    troupe: Cast, ids: dict[str, UUID], browsers: dict[str, Browser]
) -> None:
    for rule in rules(troupe):
        path = address(rule, ids)
        if "GET" not in (rule.methods or set()) or rule.endpoint == "static":
            continue
        answer = browsers["helga"].get(path)
        if path.startswith(TESTIMONY):
            assert answer.status_code in {403, 404}, path
        assert MARKER not in answer.get_data(as_text=True)
        assert "The road in winter" not in answer.get_data(as_text=True)


def test_nobody_gets_anything_without_signing_in(
    troupe: Cast, ids: dict[str, UUID], browsers: dict[str, Browser]
) -> None:
    for rule in rules(troupe):
        path = address(rule, ids)
        if path.startswith(
            (*TESTIMONY, "/desk", "/cases", "/stories", "/administration", "/notebook", "/account")
        ):
            verb = "GET" if "GET" in (rule.methods or set()) else "POST"
            assert asked(browsers[NOBODY_SIGNED_IN], rule, path, verb) in {302, 401, 403, 405}, path


def test_no_form_is_taken_without_its_token(
    troupe: Cast, ids: dict[str, UUID], browsers: dict[str, Browser]
) -> None:
    for rule in rules(troupe):
        if "POST" not in (rule.methods or set()) or rule.rule == QUICK_EXIT:
            continue
        path = address(rule, ids)
        for name in ("lilit", "anahit", NOBODY_SIGNED_IN):
            answer = browsers[name].client.post(path, data={"x": "y"})
            if (
                rule.rule == TUS and name == "anahit"
            ):  # a header that no form can send stands in for the token
                assert answer.status_code == 412
            else:
                assert answer.status_code in {401, 403}, path


def test_a_wrong_verb_is_told_so(troupe: Cast, ids: dict[str, UUID], browsers: dict[str, Browser]) -> None:
    for rule in rules(troupe):
        path = address(rule, ids)
        expected = 403 if rule.rule == f"{TUS}/<address>" else 405
        assert browsers["lilit"].client.delete(path).status_code == expected, path


def test_an_interviewer_cannot_open_what_was_sent(ids: dict[str, UUID], browsers: dict[str, Browser]) -> None:
    for path in (
        "",
        "/transcript",
        "/redaction",
        f"/files/{ids['asset']}",
        f"/files/{ids['asset']}/original",
    ):
        answer = browsers["anahit"].get(f"/statements/{ids['statement']}{path}")
        assert answer.status_code == 403, path
        assert MARKER not in answer.get_data(as_text=True)
