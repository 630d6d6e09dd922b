"""From an administrator's link to a colleague's voice: who comes in makes their own keys, and opens nothing before."""

import base64
import html
import re
from urllib.parse import urlsplit
from uuid import UUID

import pyotp
import pytest
import sqlalchemy as sa

from app.audit.acts import Act
from app.store import log, people
from app.vault.invitations import INVITATION_SECONDS, OFFER_SECONDS
from tests.cast import Browser, Cast

CAME = {"name": "Vahan Ilpets", "sign_in_name": "vahan", "roles": "reviewer"}


def invited(cast: Cast, **said: object) -> str:
    """The path of a fresh link."""
    answer = cast.client("helga").post("/administration/invitations", {**CAME, **said})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found = re.search(r"http://localhost(/join/[\w-]{22})", answer.get_data(as_text=True))
    assert found
    return found[1]


def page_of(browser: Browser, path: str) -> dict[str, str]:
    """What a newcomer copies from the page: words, second factor, and the offer that the form carries."""
    page = browser.get(path).get_data(as_text=True)
    words = re.search(r'<ol class="words"[^>]*>(.*?)</ol>', page, re.DOTALL)
    factor = re.search(r'<bdi class="copied"[^>]*>([A-Z2-7 ]+)</bdi>', page)
    offer = re.search(r'name="offer"[^>]*value="([^"]+)"', page)
    assert words is not None
    assert factor is not None
    assert offer is not None
    return {
        "words": " ".join(re.findall(r"<li>(\w+)</li>", words[1])),
        "factor": factor[1].replace(" ", ""),
        "offer": html.unescape(offer[1]),
    }


def typed(cast: Cast, shown: dict[str, str], **otherwise: str) -> dict[str, object]:
    code = pyotp.TOTP(shown["factor"]).at(cast.clock())
    return {"offer": shown["offer"], "words": shown["words"], "code": code, **otherwise}


def claimed(cast: Cast, path: str) -> tuple[dict[str, str], str]:
    """What was shown before, and the sheet."""
    browser = cast.client()
    shown = page_of(browser, path)
    answer = browser.post(path, typed(cast, shown), token_from=path)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return shown, answer.get_data(as_text=True)


def digits_on(sheet: str) -> str:
    found = re.search(r"(?:\d{4} ){5}\d{4}", sheet)
    assert found
    return found[0]


def person_id(cast: Cast, name: str) -> str:
    uow = cast.uow()
    rows = uow.tx.all(sa.select(people.people.c.id))
    found = next(row.id for row in rows if uow.vault.people.account(row.id).name == name)
    uow.end()
    return str(found)


def logged(cast: Cast, act: Act) -> int:
    tx = cast.services.database.transaction()
    count = tx.value(sa.select(sa.func.count()).where(log.entries.c.act == act.value))
    tx.release()
    return int(count)


def sign_in(cast: Cast, name: str, shown: dict[str, str]) -> Browser:
    browser = cast.client()
    cast.clock.ahead += 60
    code = pyotp.TOTP(shown["factor"]).at(cast.clock())
    fields: dict[str, object] = {"name": name, "words": shown["words"], "code": code}
    assert browser.post("/sign-in", fields, token_from="/sign-in").status_code == 303
    return browser


def test_somebody_comes_in_is_vouched_for_and_can_be_met(cast: Cast):
    path = invited(cast, sign_in_name="vahan", name="Vahan Ilpets")
    shown, sheet = claimed(cast, path)
    assert len(re.findall(r"<li>\w+</li>", sheet)) == 12
    digits = digits_on(sheet)
    vahan = sign_in(cast, "vahan", shown)
    assert digits in vahan.get("/account").get_data(as_text=True)
    assert vahan.get("/people").status_code == 403

    ruben, person = cast.client("ruben"), person_id(cast, "Vahan Ilpets")
    assert "One person waits" in ruben.get("/people").get_data(as_text=True) or "people wait" in ruben.get(
        "/people"
    ).get_data(as_text=True)
    page = f"/people/{person}/vouch"
    text = ruben.get(page).get_data(as_text=True)
    assert digits[:19] in text
    assert digits[-9:] not in text
    card = re.search(r'name="card"[^>]*value="([0-9a-f]{64})"', text)
    assert card
    fields: dict[str, object] = {"card": card[1], "groups": digits[-9:], "manner": "face-to-face"}
    answer = ruben.post(page, fields, token_from=page)
    assert (answer.status_code, urlsplit(answer.location).path) == (303, "/people")
    assert vahan.get("/people").status_code == 200
    assert "you vouched" in ruben.get("/people").get_data(as_text=True)


def test_a_newcomer_reads_on_every_first_page_whom_to_read_their_digits_to(cast: Cast):
    path = invited(cast, sign_in_name="both", name="Both Roles", roles=["interviewer", "reviewer"])
    shown, sheet = claimed(cast, path)
    newcomer = sign_in(cast, "both", shown)
    for page in ("/account", "/desk"):
        text = newcomer.get(page).get_data(as_text=True)
        assert "to a colleague who knows your face or your voice" in text
        assert digits_on(sheet) in text
        assert "Whoever sent you your link will say which colleague" in text
        assert "Ruben" not in text
    notebook = newcomer.get("/notebook").get_data(as_text=True)
    assert "Read its digits to a colleague who knows your face or your voice" in notebook
    assert re.search(r'href="/account">The digits of your card', notebook)
    for page in ("/account", "/desk"):
        assert "Nobody has vouched for you" not in cast.client("ruben").get(page).get_data(as_text=True)


def test_a_desk_says_that_somebody_waits_to_be_vouched_for_until_nobody_does(own_cast: Cast):
    claimed(own_cast, invited(own_cast, sign_in_name="waits", name="Waits Here"))
    desk = own_cast.client("ruben")
    assert "2 people wait for somebody to vouch" in desk.get("/desk").get_data(as_text=True)
    for name in ("Waits Here", "Nil Tander"):
        with own_cast.acting("ruben") as uow:
            card = uow.vault.people.row(UUID(person_id(own_cast, name))).card
            uow.vault.vouching.vouch(card, "face-to-face")
    assert "somebody to vouch" not in desk.get("/desk").get_data(as_text=True)


def test_who_may_not_vouch_is_not_told_who_waits(cast: Cast):
    shown, _sheet = claimed(cast, invited(cast, sign_in_name="apart", name="Apart Still"))
    newcomer = sign_in(cast, "apart", shown)
    assert "somebody to vouch" not in newcomer.get("/desk").get_data(as_text=True)


def test_a_link_is_good_for_one_use(cast: Cast):
    path = invited(cast, sign_in_name="once", name="Once Only")
    second = cast.client()
    shown = page_of(second, path)
    claimed(cast, path)
    before = logged(cast, Act.PERSON_ADDED)
    answer = second.post(path, typed(cast, shown), token_from="/sign-in")
    assert answer.status_code == 409
    assert "used already" in answer.get_data(as_text=True)
    assert second.get(path).status_code == 410
    assert logged(cast, Act.PERSON_ADDED) == before


def test_a_link_is_over_after_three_days_and_one_taken_back_at_once(cast: Cast):
    path = invited(cast, sign_in_name="late", name="Late Comer")
    cast.clock.ahead += INVITATION_SECONDS + 1
    answer = cast.client().get(path)
    assert (answer.status_code, "leads nowhere" in answer.get_data(as_text=True)) == (404, True)

    path = invited(cast, sign_in_name="back", name="Taken Back")
    helga = cast.client("helga")
    page = helga.get("/administration/invitations").get_data(as_text=True)
    newest = re.search(r"(/administration/invitations/[0-9a-f-]{36}/withdraw)", page)
    assert newest
    assert helga.post(newest[1]).status_code == 303
    assert cast.client().get(path).status_code == 404
    assert helga.post(newest[1]).status_code == 409


@pytest.mark.parametrize("token", ["x", "A" * 22, "ü", "%00", "A" * 400])
def test_what_is_no_link_of_ours_leads_nowhere(cast: Cast, token: str):
    browser = cast.client()
    assert browser.get(f"/join/{token}").status_code == 404
    assert browser.post(f"/join/{token}", token_from="/sign-in").status_code == 404


@pytest.mark.parametrize(
    ("otherwise", "said"),
    [
        ({"words": "other words than those that were shown"}, "not the words"),
        ({"code": "000 000"}, "do not fit"),
        ({"code": ""}, "six digits"),
        ({"words": ""}, "words that stand above"),
    ],
)
def test_a_slip_keeps_the_words_and_the_second_factor(cast: Cast, otherwise: dict[str, str], said: str):
    path = invited(cast, sign_in_name="slip", name="Slip Once")
    browser = cast.client()
    shown = page_of(browser, path)
    answer = browser.post(path, typed(cast, shown, **otherwise), token_from=path)
    page = answer.get_data(as_text=True)
    assert (answer.status_code, said in page) == (422, True)
    assert html.unescape(page).count(shown["words"].split()[0])
    assert shown["offer"] in html.unescape(page)


OPENED_BEFORE = "was opened here before"


def test_a_page_that_was_opened_before_says_that_the_earlier_words_count_no_more(cast: Cast):
    path, other = (invited(cast, sign_in_name=name, name="Read Twice") for name in ("again", "never"))
    browser = cast.client()
    first = browser.get(path).get_data(as_text=True)
    assert OPENED_BEFORE not in first
    assert "opened again, it shows other words" in first
    again = browser.get(path).get_data(as_text=True)
    assert OPENED_BEFORE in again
    assert "cross them out" in again
    assert OPENED_BEFORE not in browser.get(other).get_data(as_text=True)
    assert OPENED_BEFORE not in cast.client().get(path).get_data(as_text=True)


def test_a_slip_does_not_say_that_the_words_on_the_page_count_no_more(cast: Cast):
    path = invited(cast, sign_in_name="steady", name="Steady Hand")
    browser = cast.client()
    shown = page_of(browser, path)
    answer = browser.post(path, typed(cast, shown, code="000 000"), token_from="/sign-in")
    assert answer.status_code == 422
    assert OPENED_BEFORE not in answer.get_data(as_text=True)


def test_what_the_browser_keeps_of_an_opened_page_opens_nothing(cast: Cast):
    path = invited(cast, sign_in_name="cookie", name="Cookie Kept")
    browser = cast.client()
    shown = page_of(browser, path)
    kept = browser.client.get_cookie("demo-shown")
    assert kept is not None
    assert re.fullmatch(r"[0-9a-f]{64}", kept.value)
    assert (kept.max_age, kept.expires) == (None, None)
    assert path.rsplit("/", 1)[1] not in kept.path
    browser.post(path, typed(cast, shown), token_from="/sign-in")
    assert browser.client.get_cookie("demo-shown") is None


def test_an_offer_of_another_link_or_of_hours_ago_is_not_taken(cast: Cast):
    one = invited(cast, sign_in_name="one", name="One")
    two = invited(cast, sign_in_name="two", name="Two")
    browser = cast.client()
    foreign, own = page_of(browser, one), page_of(browser, two)
    assert browser.post(two, typed(cast, foreign), token_from=two).status_code == 403
    assert browser.post(two, typed(cast, own, offer="????"), token_from=two).status_code == 403
    cast.clock.ahead += OFFER_SECONDS + 1
    assert browser.post(two, typed(cast, own), token_from=two).status_code == 403
    assert logged(cast, Act.PERSON_ADDED) == logged(cast, Act.PERSON_ADDED)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"sign_in_name": "ruben"}, "already"),
        ({"name": ""}, "colleagues will see"),
        ({"roles": ""}, "at least one"),
        ({"roles": "administrator"}, "not a valid choice"),
    ],
)
def test_an_invitation_that_cannot_be_is_told_why(cast: Cast, said: dict[str, str], problem: str):
    answer = cast.client("helga").post(
        "/administration/invitations", dict({**CAME, "sign_in_name": "new"}, **said)
    )
    assert (answer.status_code, problem in answer.get_data(as_text=True)) == (422, True)


def test_two_links_for_one_sign_in_name_let_one_person_in(cast: Cast):
    first = invited(cast, sign_in_name="twin", name="First Twin")
    second = invited(cast, sign_in_name="TWIN ", name="Second Twin")
    claimed(cast, first)
    browser = cast.client()
    answer = browser.post(second, typed(cast, page_of(browser, second)), token_from=second)
    assert (answer.status_code, "taken meanwhile" in answer.get_data(as_text=True)) == (409, True)


def test_nobody_but_an_administrator_who_confirmed_lately_invites(cast: Cast):
    assert cast.client("ruben").post("/administration/invitations", dict(CAME)).status_code == 403
    assert cast.client("anahit").get("/administration/invitations").status_code == 403
    helga = cast.client("helga")
    cast.clock.ahead += 700
    assert urlsplit(helga.get("/administration/invitations").location).path == "/confirm"
    assert helga.post("/administration/invitations", dict(CAME)).status_code == 403


def test_wrong_digits_are_refused_said_and_kept_in_the_log(cast: Cast):
    nobody = cast.people["nobody"].person
    ruben, page = cast.client("ruben"), f"/people/{nobody}/vouch"
    before, vouched = logged(cast, Act.VOUCH_REFUSED), logged(cast, Act.CARD_VOUCHED)
    card = cast.people["nobody"].card.hex()
    answer = ruben.post(page, {"card": card, "groups": "0000 0000", "manner": "call"}, token_from=page)
    assert (answer.status_code, "do not vouch" in answer.get_data(as_text=True)) == (422, True)
    assert (logged(cast, Act.VOUCH_REFUSED), logged(cast, Act.CARD_VOUCHED)) == (before + 1, vouched)
    incomplete: list[dict[str, object]] = [{"card": card, "manner": "call"}, {"card": card, "groups": "1"}]
    for missing in incomplete:
        assert ruben.post(page, missing, token_from=page).status_code == 422


def test_a_card_that_moved_while_comparing_is_compared_again(cast: Cast):
    nobody = cast.people["nobody"].person
    ruben, page = cast.client("ruben"), f"/people/{nobody}/vouch"
    fields: dict[str, object] = {"card": "ab" * 32, "groups": "0000 0000", "manner": "call"}
    answer = ruben.post(page, fields, token_from=page)
    assert (answer.status_code, "Compare again" in answer.get_data(as_text=True)) == (409, True)


def test_no_administrator_vouches_and_nobody_for_themselves_or_for_an_administrator(cast: Cast):
    nobody, ruben, helga = (cast.people[name].person for name in ("nobody", "ruben", "helga"))
    assert cast.client("helga").get(f"/people/{nobody}/vouch").status_code == 403
    assert cast.client("nobody").get(f"/people/{ruben}/vouch").status_code == 403
    browser = cast.client("ruben")
    assert browser.get(f"/people/{ruben}/vouch").status_code == 403
    assert browser.get(f"/people/{helga}/vouch").status_code == 404


def test_the_link_is_kept_nowhere_in_clear(cast: Cast):
    path = invited(cast, sign_in_name="secret", name="Kept Nowhere")
    token = path.rsplit("/", 1)[1]
    raw = base64.urlsafe_b64decode(token + "==")
    for file in cast.services.config.data_dir.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert token.encode() not in content
            assert raw not in content
            assert b"Kept Nowhere" not in content


def test_an_account_is_shut_at_once_and_let_in_again(cast: Cast):
    helga, davit = cast.client("helga"), cast.client("davit")
    person = cast.people["davit"].person
    assert davit.get("/notebook").status_code == 200
    assert helga.post(f"/administration/people/{person}/shut-out").status_code == 303
    assert davit.get("/notebook").status_code == 302
    assert "Let in again" in helga.get(f"/administration/people/{person}").get_data(as_text=True)
    fields: dict[str, object] = {"name": "davit", "words": cast.password("davit"), "code": cast.code("davit")}
    assert cast.client().post("/sign-in", fields, token_from="/sign-in").status_code == 403
    assert helga.post(f"/administration/people/{person}/let-in").status_code == 303
    assert cast.client("davit").get("/notebook").status_code == 200


def test_one_administrator_does_not_shut_out_another(cast: Cast):
    paul = cast.people["paul"].person
    helga = cast.client("helga")
    assert helga.post(f"/administration/people/{paul}/shut-out").status_code == 403
    assert cast.client("paul").get("/administration").status_code == 200


def test_new_words_end_every_session_and_take_the_place_of_the_earlier_ones(cast: Cast):
    path = invited(cast, sign_in_name="renew", name="Renew Once")
    shown, _sheet = claimed(cast, path)
    here, elsewhere = sign_in(cast, "renew", shown), sign_in(cast, "renew", shown)
    page = here.get("/account/words").get_data(as_text=True)
    words = re.search(r'<ol class="words"[^>]*>(.*?)</ol>', page, re.DOTALL)
    offer = re.search(r'name="offer"[^>]*value="([^"]+)"', page)
    assert OPENED_BEFORE not in page
    assert OPENED_BEFORE in here.get("/account/words").get_data(as_text=True)
    assert words is not None
    assert offer is not None
    new = " ".join(re.findall(r"<li>(\w+)</li>", words[1]))
    fields: dict[str, object] = {"offer": html.unescape(offer[1])}
    for typed_words, status in (("", 422), (shown["words"], 422)):
        answer = here.post("/account/words", {**fields, "words": typed_words}, token_from="/account/words")
        assert answer.status_code == status
    foreign = {"offer": "????", "words": new}
    assert here.post("/account/words", dict(foreign), token_from="/account/words").status_code == 403
    answer = here.post("/account/words", {**fields, "words": new}, token_from="/account/words")
    assert urlsplit(answer.location).path == "/sign-in"
    assert [browser.get("/account").status_code for browser in (here, elsewhere)] == [302, 302]
    sign_in(cast, "renew", {**shown, "words": new})


def test_a_new_recovery_code_is_shown_once_after_the_second_factor(cast: Cast):
    selma = cast.client("selma")
    sheet = selma.post("/account/recovery").get_data(as_text=True)
    assert len(re.findall(r"<li>\w+</li>", sheet)) == 12
    assert "Destroy its sheet" in sheet
    cast.clock.ahead += 700
    assert selma.post("/account/recovery").status_code == 403
