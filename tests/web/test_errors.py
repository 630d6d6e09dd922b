"""Every error is a page that helps: what happened, what is safe, what to do next; no trace, no testimony."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import BadRequest, MethodNotAllowed, RequestEntityTooLarge

from app.domain.errors import (
    Conflict,
    Forbidden,
    Frozen,
    InvalidInput,
    InvalidTransition,
    MissingScope,
    NotConfirmed,
    NotFound,
    NotSignedIn,
    Refused,
    Tampered,
    TooLarge,
    TooManyAttempts,
    Unavailable,
    Unusable,
)
from app.domain.ids import NIL, new_id
from app.factory import create_app
from app.policy.permissions import Permission
from app.store.people import people
from app.web.access import requires
from app.web.errors import CONFLICTS, REASONS
from tests.cast import Cast, assemble

SECRET = "the grey heron stood in the road"

FAMILIES: dict[str, tuple[Exception, int, str]] = {
    "not-signed-in": (NotSignedIn(), 401, "You were signed out, so this was not taken."),
    "not-found": (NotFound("case"), 404, "There is nothing here, or nothing for you."),
    "forbidden": (Forbidden("lacks-duty"), 403, "You have another duty on this case."),
    "forbidden-unknown": (Forbidden("of-a-new-kind"), 403, "This is not yours to do."),
    "forbidden-bare": (Forbidden(), 403, "This is not yours to do."),
    "missing-scope": (MissingScope("web"), 403, "The witness has not agreed to this: web."),
    "not-confirmed": (NotConfirmed("not-confirmed"), 403, "Show your second factor again first."),
    "conflict": (Conflict("newer-version"), 409, "Somebody saved a newer version while you were writing."),
    "conflict-unknown": (Conflict("of-a-new-kind"), 409, "Somebody else was a moment faster."),
    "transition": (InvalidTransition("received", "publish"), 409, "Somebody else was a moment faster."),
    "invalid": (InvalidInput({"name": "too-long"}), 422, "Something in this form cannot be taken as it is."),
    "too-large": (TooLarge("text", 10), 413, "This is larger than can be taken at once."),
    "too-many": (TooManyAttempts(17), 429, "Wait 17 seconds, then try again."),
    "tampered": (Tampered("digest", table="records", record=new_id()), 409, "is not what was sealed"),
    "crypto": (Refused("tag"), 409, "is not what was sealed"),
    "frozen": (Frozen("head-behind"), 503, "Statements can still be sent; they wait sealed."),
    "not-introduced": (Frozen("no-introduction"), 403, "Nobody has vouched for your card yet."),
    "unavailable": (Unavailable("database"), 503, "The storage does not answer, so this was not taken."),
    "bad-request": (BadRequest(SECRET), 400, "This cannot be done that way."),
    "http-large": (RequestEntityTooLarge(), 413, "This cannot be done that way."),
    "verb": (MethodNotAllowed(["GET"]), 405, "This cannot be done that way."),
    "unusable": (Unusable(SECRET), 500, "Something went wrong on our side."),
    "unexpected": (KeyError(SECRET), 500, "Something went wrong on our side."),
}


def fails(error: Exception) -> Callable[..., str]:
    def view(*_arguments: object) -> str:
        account = SECRET + " and did not move"
        raise error.with_traceback(None) from ValueError(account)

    return view


@pytest.fixture(scope="module")
def app(cast: Cast) -> Flask:
    """The staff application with a route for each way to fail."""
    made = create_app(services=cast.services)
    for name, (error, _status, _words) in FAMILIES.items():
        view = requires(Permission.PUBLIC)(fails(error))
        made.add_url_rule(f"/fail/{name}", name, view, methods=["GET", "POST"])
    return made


@pytest.fixture(scope="module")
def client(cast: Cast, app: Flask) -> FlaskClient:
    """Signed in, as an interviewer on a phone."""
    signed_in, client = cast.client("anahit"), app.test_client()
    cookie = signed_in.client.get_cookie("demo-session")
    assert cookie is not None
    client.set_cookie("demo-session", cookie.value)
    return client


@pytest.fixture(scope="module")
def token(cast: Cast, client: FlaskClient) -> str:
    page = client.get("/account").text
    return page.partition('name="csrf_token" value="')[2][:64]


@pytest.mark.parametrize("name", FAMILIES)
def test_each_kind_of_error_is_a_page_that_helps(
    client: FlaskClient, token: str, name: str, caplog: pytest.LogCaptureFixture
):
    _error, status, words = FAMILIES[name]
    answer = client.post(f"/fail/{name}", data={"csrf_token": token})
    assert answer.status_code == status
    assert words in answer.text
    assert "What is safe" in answer.text
    assert "What to do next" in answer.text
    for said in (answer.text, caplog.text, str(answer.headers)):
        assert SECRET not in said
        assert "Traceback" not in said


@pytest.mark.parametrize("name", FAMILIES)
def test_a_script_gets_the_same_as_json(client: FlaskClient, token: str, name: str):
    _error, status, words = FAMILIES[name]
    answer = client.post(f"/fail/{name}", data={"csrf_token": token}, headers={"Accept": "application/json"})
    assert answer.status_code == status
    assert set(answer.json or {}) == {"error", "what", "safe"}
    assert words in (answer.json or {})["what"] + (answer.json or {})["safe"]


def test_wait_says_how_long(client: FlaskClient):
    assert client.get("/fail/too-many").headers["Retry-After"] == "17"


def test_a_wrong_verb_is_told_which_are_right(client: FlaskClient):
    assert client.get("/fail/verb").headers["Allow"] == "GET"


def test_a_page_for_which_one_must_sign_in_leads_there(client: FlaskClient):
    answer = client.get("/fail/not-signed-in")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in")


def test_a_page_for_which_one_must_confirm_leads_there_and_back(client: FlaskClient):
    answer = client.get("/fail/not-confirmed?step=2")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/confirm?back=/fail/not-confirmed?step%3D2"


def test_what_nobody_expected_is_logged_by_place_and_never_by_value(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
):
    caplog.set_level(logging.DEBUG)
    answer = client.get("/fail/unexpected")
    (line,) = [record.getMessage() for record in caplog.records if record.name == "vouchsafe"]
    assert "KeyError at" in line
    assert "fails.<locals>.view:" in line
    said = caplog.text + "".join(capfd.readouterr()) + answer.text
    assert SECRET not in said
    assert "did not move" not in said


def test_the_reference_on_the_page_finds_the_line_in_the_log(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
):
    page = client.get("/fail/unexpected").text
    (line,) = [record.getMessage() for record in caplog.records if record.name == "vouchsafe"]
    reference = line.split()[1].rstrip(":")
    assert len(reference) == 8
    assert reference in page


def test_every_reason_and_conflict_is_a_sentence():
    for words in (*REASONS.values(), *CONFLICTS.values()):
        assert str(words).endswith(".")


# The database goes away under a page


@pytest.fixture
def own_cast(tmp_path: Path) -> Iterator[Cast]:
    made = assemble(tmp_path / "data")
    yield made
    made.close()


def test_a_database_that_goes_away_in_the_middle_of_a_page_is_told(own_cast: Cast, tmp_path: Path):
    def vanish(uow, _actor) -> str:
        uow.tx.release()
        own_cast.services.database.close()
        (tmp_path / "data" / "vouchsafe.db").rename(tmp_path / "away")
        (tmp_path / "data" / "vouchsafe.db").mkdir()
        return str(uow.tx.all(people.select()))

    own_cast.app.add_url_rule("/vanish", "vanish", requires(Permission.ACCOUNT_OWN)(vanish))
    browser = own_cast.client("lilit")
    answer = browser.get("/vanish")
    assert answer.status_code == 503
    assert "Keep this page open and try again in a minute." in answer.text
    assert "Lilit Ashkhar" in answer.text  # still who they are
    (tmp_path / "data" / "vouchsafe.db").rmdir()
    (tmp_path / "away").rename(tmp_path / "data" / "vouchsafe.db")
    assert browser.get("/account").status_code == 200


def test_a_sessions_database_that_goes_away_is_told(own_cast: Cast, tmp_path: Path):
    browser = own_cast.client("lilit")
    own_cast.services.sessions.database.close()
    store = tmp_path / "data" / "sessions.db"
    store.rename(tmp_path / "away")
    store.mkdir()
    assert browser.get("/account").status_code == 503
    store.rmdir()
    (tmp_path / "away").rename(store)
    assert browser.get("/account").status_code == 200


def test_one_altered_row_stops_nobody_else(own_cast: Cast):
    uow = own_cast.uow()
    davit = own_cast.people["davit"].person
    uow.tx.stage(people.update().where(people.c.id == davit).values(name=b"not what was sealed"))
    browsers = {name: own_cast.client(name) for name in ("davit", "lilit")}
    uow.commit()
    uow.end()
    assert browsers["davit"].get("/account").status_code == 409
    assert browsers["lilit"].get("/account").status_code == 200


def test_a_case_that_is_named_in_an_error_is_not_shown():
    assert str(NIL) not in str(Frozen("head-behind"))
