"""Whoever is not on the case does not see that it exists; who lacks the duty is told so; ids lead nowhere else."""

import pytest
from flask import Flask

from app.domain.duties import Duty
from app.domain.lifecycle import StatementState
from tests.cast import Cast, open_case
from tests.transcription.scenes import put, segment, send

PAGES = (
    "",
    "/transcript",
    "/identity",
    "/files/{file}",
    "/files/{file}/about",
    "/files/{file}/preparing",
    "/files/{file}/made/{file}",
    "/files/{file}/original",
)
ACTS = (
    "/addenda",
    "/transcript",
    "/files/{file}/prepare",
    "/files/{file}/leave",
    *(
        f"/state/{act}"
        for act in (
            "finish",
            "accept",
            "let-in",
            "quarantine",
            "resume",
            "release-hold",
            "hold",
            "return",
            "withdraw",
        )
    ),
)


@pytest.fixture(scope="module")
def sent(cast: Cast):
    return send(cast, files=[(b"a recording", {})])


def rules(app: Flask) -> set[str]:
    """Of a statement; where a code is typed is for everybody of the staff, and names none."""
    own = (rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("transcription."))
    return {rule.rule for rule in own if rule.rule != "/withdrawal"}


def test_every_route_of_a_statement_is_walked_here(cast: Cast):
    walked = {f"/statements/<uuid:statement>{rest}" for rest in (*PAGES, *ACTS)}
    named = {
        rest.replace("made/{file}", "made/<uuid:derivative>").replace("{file}", "<uuid:asset>")
        for rest in walked
    }
    assert rules(cast.app) == named


@pytest.mark.parametrize(
    ("who", "status"), [("stranger", 404), ("anahit", 403), ("helga", 404), ("nobody", (403, 404))]
)
def test_nobody_else_gets_in(cast: Cast, sent, who, status):
    browser = cast.client(who)
    expected = status if isinstance(status, tuple) else (status,)
    for rest in PAGES:
        answer = browser.get(sent.path(rest.format(file=sent.files[0])))
        assert answer.status_code in expected, rest
        assert b"a recording" not in answer.data
        assert b"Juniper" not in answer.data
    for rest in ACTS:
        assert browser.post(sent.path(rest.format(file=sent.files[0]))).status_code in expected, rest


def test_who_is_not_signed_in_is_asked_to(cast: Cast, sent):
    answer = cast.client().get(sent.path())
    assert (answer.status_code, answer.location) == (302, "/sign-in")


def test_a_form_without_its_token_does_nothing(cast: Cast, sent):
    ruben = cast.client("ruben")
    for rest in ACTS:
        assert (
            ruben.client.post(sent.path(rest.format(file=sent.files[0])), data={"reason": "x"}).status_code
            == 403
        )


def test_a_file_is_found_only_under_its_own_statement(cast: Cast, sent):
    other, lilit = send(cast, "Heron", files=[(b"another", {})]), cast.client("lilit")
    for rest in ("", "/original", "/about"):
        assert lilit.get(sent.path(f"/files/{other.files[0]}{rest}")).status_code == 404
    assert lilit.get(sent.path(f"?show={other.files[0]}")).status_code == 404
    assert lilit.get(sent.path("?show=nonsense")).status_code == 200


def test_a_member_of_one_case_finds_nothing_of_another(cast: Cast, sent):
    from app.domain.ids import new_id

    case = new_id()
    duties = {"lilit": frozenset({Duty.LEAD}), "davit": frozenset({Duty.INTERVIEWER})}
    open_case(cast, case, "Birch-2", "lilit", duties, title="Another")
    elsewhere = send(cast, "Plover", files=[(b"elsewhere", {})], case=case, who="davit")
    irina, lilit = cast.client("irina"), cast.client("lilit")
    assert lilit.get(elsewhere.path()).status_code == 200
    assert irina.get(elsewhere.path()).status_code == 404
    assert lilit.get(sent.path(f"/files/{elsewhere.files[0]}")).status_code == 404
    assert irina.get(sent.path(f"/files/{elsewhere.files[0]}")).status_code == 404


def test_the_name_is_opened_by_its_custodian_alone(cast: Cast, sent):
    assert "Ara Testov" in cast.client("anush").get(sent.path("/identity")).get_data(as_text=True)
    for who in ("lilit", "ruben", "irina"):
        answer = cast.client(who).get(sent.path("/identity"))
        assert answer.status_code == 403
        assert b"Testov" not in answer.data


def test_others_are_told_who_holds_the_name(cast: Cast, sent):
    page = cast.client("lilit").get(sent.path()).get_data(as_text=True)
    assert "Anush Berdents, the identity custodian, holds it." in page
    assert "Open the identity" not in page


def test_working_notes_are_for_those_who_protect(cast: Cast):
    sent = send(cast, notes={"risk": "her brother is watched"})
    assert b"her brother is watched" in cast.client("nadim").get(sent.path()).data
    for who in ("selma", "irina"):
        assert b"her brother is watched" not in cast.client(who).get(sent.path()).data


def test_only_a_transcriber_writes(cast: Cast, sent):
    for who in ("ruben", "irina", "selma"):
        assert cast.client(who).post(sent.path("/transcript"), {"revision": 0}).status_code == 403
        page = cast.client(who).get(sent.path("/transcript"))
        assert page.status_code == 200
        assert b"<textarea" not in page.data


def test_what_was_withdrawn_is_opened_by_the_lead_alone(cast: Cast):
    sent = send(cast, files=[(b"a recording", {})])
    put(cast, sent, StatementState.WITHDRAWN)
    assert cast.client("ruben").get(sent.path()).status_code == 200
    assert cast.client("lilit").get(sent.path()).status_code == 403
    assert cast.client("lilit").get(sent.file()).status_code == 403


def test_a_statement_on_hold_is_not_written_on(cast: Cast):
    sent = send(cast)
    put(cast, sent, StatementState.ON_HOLD, "accepted")
    lilit = cast.client("lilit")
    data = {"revision": 0, "segments": [segment("x")], "language": ""}
    answer = lilit.client.post(sent.path("/transcript"), json=data, headers={"X-CSRF-Token": lilit.token()})
    assert answer.status_code == 403
    assert lilit.get(sent.path()).status_code == 200
