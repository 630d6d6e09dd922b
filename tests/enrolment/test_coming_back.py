"""Coming back by the sheet: at once for most, after a day for whom much hangs on, never against a stop; and nobody else."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.audit.acts import Act
from app.audit.log import Note
from app.domain.duties import Duty
from app.domain.ids import new_id
from app.enrolment.way_back import way_back
from app.store import people, returning, trust
from app.store.log import entries
from app.unit_of_work import UnitOfWork
from app.vault.invitations import recovery_words
from app.vault.returning import HELD_SECONDS, TICKET_SECONDS, WAIT_SECONDS, Ticket
from app.vault.returning import Lost as Kind
from tests.accounts.doors import in_production
from tests.cast import Browser, Cast, open_case
from tests.enrolment.sheets import FINISH, PAGE, Lost, copied, hidden, listed

SOME = recovery_words(bytes(16))
"""A code that nobody has."""
WAITS = "you can come in"
REFUSED = "Something here does not fit"


@pytest.fixture
def cast(own_cast: Cast) -> Cast:
    return own_cast


def noted(cast: Cast, name: str) -> list[str]:
    """What the log says of somebody, in its order, but for what everybody's log says."""
    tx = cast.services.database.transaction()
    person = cast.people[name].person
    rows = tx.all(sa.select(entries.c.act).where(entries.c.record == person).order_by(entries.c.sequence))
    tx.release()
    return [row.act for row in rows if row.act in {each.value for each in RETURN_ACTS}]


RETURN_ACTS = (
    Act.RETURN_ASKED, Act.RETURN_STOPPED, Act.RETURNED, Act.WORDS_CHANGED, Act.RECOVERY_RENEWED, Act.FACTOR_CHANGED
)  # fmt: skip


def tamper(cast: Cast, *statements: sa.UpdateBase) -> None:
    """What somebody can do who writes the database, and has no key."""
    with cast.services.database.writing() as connection:
        for statement in statements:
            connection.execute(statement)


def is_in(browser: Browser) -> bool:
    return browser.get("/account").status_code == 200


def asked_and_waited(cast: Cast, name: str = "anush", lost: str = "words") -> Lost:
    """Somebody guarded, a day after they asked."""
    them = Lost(cast, name, lost)
    assert WAITS in them.arrive().text
    cast.clock.ahead += WAIT_SECONDS + 60
    return them


# At once


def test_forgotten_words_are_replaced_and_everything_else_stays(cast: Cast):
    elsewhere = cast.client("lilit")
    them = Lost(cast, "lilit")
    new_sheet = them.come_back()
    assert len(new_sheet.split()) == 12
    assert not is_in(elsewhere)
    assert them.sign_in().status_code == 303
    old: dict[str, object] = {"name": "lilit", "words": cast.password("lilit"), "code": cast.code("lilit")}
    assert cast.client().post("/sign-in", old, token_from="/sign-in").status_code == 403
    with cast.acting("lilit") as uow:
        assert uow.vault.trust.vouchers_of(uow.vault.people.row(cast.people["lilit"].person).card)
        uow.vault.secrets.current(cast.case)
    assert noted(cast, "lilit") == [Act.WORDS_CHANGED, Act.RECOVERY_RENEWED, Act.RETURNED]


def test_a_lost_second_factor_takes_words_and_code(cast: Cast):
    them = Lost(cast, "lilit", "factor")
    page = them.arrive()
    assert "Your new words" not in page.text
    assert them.finish(page).status_code == 200
    assert them.sign_in().status_code == 303
    stale: dict[str, object] = {"name": "lilit", "words": cast.password("lilit"), "code": cast.code("lilit")}
    assert cast.client().post("/sign-in", stale, token_from="/sign-in").status_code == 403
    assert noted(cast, "lilit") == [Act.FACTOR_CHANGED, Act.RECOVERY_RENEWED, Act.RETURNED]


def test_the_new_sheet_is_good_and_the_used_one_is_not(cast: Cast):
    them = Lost(cast, "davit")
    used = them.sheet
    them.come_back()
    again = Lost(cast, "davit", sheet=used).arrive()
    assert (again.status_code, REFUSED in again.text) == (403, True)
    assert Lost(cast, "davit", sheet=them.sheet).arrive().status_code == 200


def test_words_are_taken_as_people_type_them(cast: Cast):
    them = Lost(cast, "lilit")
    them.sheet = f"  {them.sheet.upper().replace(' ', '  ')}\n"
    page = them.arrive(name=" LILIT ")
    assert them.finish(page, words=f" {listed(page.text).upper()} ").status_code == 200


@pytest.mark.parametrize(
    ("lost", "otherwise", "said"),
    [
        ("words", {"words": "other words than those that were shown"}, "not the words"),
        ("words", {"words": ""}, "words that stand above"),
        ("factor", {"code": "000 000"}, "do not fit"),
        ("factor", {"code": ""}, "six digits"),
    ],
)
def test_a_slip_keeps_what_was_proposed(cast: Cast, lost: str, otherwise: dict[str, str], said: str):
    them = Lost(cast, "lilit", lost)
    page = them.arrive()
    answer = them.finish(page, **otherwise)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert hidden(answer.text, "offer") == hidden(page.text, "offer")
    assert them.finish(answer).status_code == 200


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Type the twelve words"),
        ("one two three", "not twelve words"),
        ("abandon " * 11 + "abandonn", "Word 12"),
        ("abandon " * 12, "do not belong together"),
        ("abandon " * 23 + "art", "not twelve words"),
    ],
)
def test_words_that_no_sheet_can_hold_are_told_before_an_account_is_looked_at(
    cast: Cast, typed: str, said: str
):
    for name in ("lilit", "nobody-of-this-name"):
        browser = cast.client()
        fields: dict[str, object] = {"lost": "both", "name": name, "recovery": typed}
        answer = browser.post(PAGE, fields, token_from=PAGE)
        assert (answer.status_code, said in answer.text) == (422, True)


def test_what_is_lost_decides_what_is_asked(cast: Cast):
    browser = cast.client()
    for lost, asks in (("words", "code"), ("factor", "words"), ("both", ""), ("nonsense", "code")):
        page = browser.get(f"{PAGE}?lost={lost}").text
        assert {each for each in ("code", "words") if f'name="{each}"' in page} == {asks} - {""}
    assert PAGE in browser.get("/sign-in").text


# Guessing


def wrong_ones(cast: Cast) -> Iterator[tuple[str, dict[str, object]]]:
    other = recovery_words(cast.people["mark"].recovery_code)
    yield "lilit", {"recovery": other}
    yield "lilit", {"code": "000000"}
    yield "lilit", {"code": "not digits"}
    yield "nobody-of-this-name", {}


def test_what_did_not_fit_is_not_told(cast: Cast):
    pages = set()
    for name, otherwise in wrong_ones(cast):
        fields: dict[str, object] = {
            "lost": "words",
            "name": name,
            "recovery": recovery_words(cast.people["lilit"].recovery_code),
            "code": cast.code("lilit"),
            **otherwise,
        }
        answer = cast.client().post(PAGE, fields, token_from=PAGE)
        assert answer.status_code == 403
        seen = re.sub(r'value="[0-9a-f]{64}"', "", answer.text)
        for typed in fields.values():
            seen = seen.replace(str(typed), "")
        pages.add(seen)
    assert len(pages) == 1


def test_guessing_is_slowed_down_together_with_guessing_at_the_front_door(cast: Cast):
    stranger = Lost(cast, "lilit", sheet=SOME, address="192.0.2.1")
    assert [stranger.arrive(code="000000").status_code for _ in range(5)] == [403] * 5
    assert stranger.arrive(code="000000").status_code == 429
    fields: dict[str, object] = {"name": "lilit", "words": cast.password("lilit"), "code": cast.code("lilit")}
    front = cast.client().post("/sign-in", fields, token_from="/sign-in")
    assert front.status_code == 429
    known = Lost(cast, "anush", address="198.51.100.7")
    assert known.arrive().status_code == 200


def test_a_browser_that_signed_in_before_is_not_kept_waiting_by_strangers(cast: Cast):
    them = Lost(cast, "lilit")
    them.browser.sign_in("lilit")
    them.browser.post("/sign-out")
    stranger = Lost(cast, "lilit", sheet=SOME, address="192.0.2.1")
    for _ in range(6):
        stranger.arrive(code="000000")
    assert them.arrive().status_code == 200


def test_an_unknown_name_costs_as_much_as_a_known_one(tmp_path: Path):
    cast = in_production(tmp_path / "data", argon2=(1, 65_536, 1))
    browser = cast.client()

    def cost(name: str) -> float:
        """Seconds of this thread's own work, whatever else the machine does."""
        before = time.thread_time()
        fields: dict[str, object] = {"lost": "factor", "name": name, "words": "x", "recovery": SOME}
        assert browser.post(PAGE, fields, token_from=PAGE).status_code == 403
        return time.thread_time() - before

    known, unknown = (min(cost(name) for _ in range(2)) for name in ("ruben", "rubens"))
    cast.close()
    assert known / 2 < unknown < known * 2


def test_digits_that_were_used_are_not_taken_again(cast: Cast):
    code = cast.code("lilit")
    assert Lost(cast, "lilit").arrive(code=code).status_code == 200
    assert Lost(cast, "lilit").arrive(code=code).status_code == 403


def test_wrong_words_beside_the_right_code_do_not_help(cast: Cast):
    assert Lost(cast, "lilit", "factor").arrive(words=cast.password("anush")).status_code == 403


# A day's wait


@pytest.mark.parametrize("name", ["ruben", "anush", "mark"])
@pytest.mark.parametrize("lost", ["words", "factor", "both"])
def test_lead_custodian_and_publisher_wait_a_day(cast: Cast, name: str, lost: str):
    them = Lost(cast, name, lost)
    assert WAITS in them.arrive().text
    cast.clock.ahead += WAIT_SECONDS - 60
    assert WAITS in them.arrive().text
    cast.clock.ahead += 120
    them.come_back()
    assert them.sign_in().status_code == 303
    assert noted(cast, name).count(Act.RETURN_ASKED) == 1


@pytest.mark.parametrize("name", ["lilit", "davit", "helga", "nobody"])
def test_with_the_code_alone_everybody_waits_a_day(cast: Cast, name: str):
    them = asked_and_waited(cast, name, "both")
    them.come_back()
    assert them.sign_in().status_code == 303
    assert Act.FACTOR_CHANGED in noted(cast, name)
    assert Act.WORDS_CHANGED in noted(cast, name)


def test_who_asked_with_less_lost_asks_anew_when_more_is(cast: Cast):
    asked_and_waited(cast, "anush", "words")
    more = Lost(cast, "anush", "both")
    assert WAITS in more.arrive().text
    assert noted(cast, "anush").count(Act.RETURN_ASKED) == 2
    cast.clock.ahead += WAIT_SECONDS + 60
    less = Lost(cast, "anush", "words")
    less.come_back()
    assert less.sign_in().status_code == 303


def test_asking_is_good_for_seven_days(cast: Cast):
    them = asked_and_waited(cast)
    cast.clock.ahead += HELD_SECONDS
    assert WAITS in them.arrive().text
    assert noted(cast, "anush").count(Act.RETURN_ASKED) == 2


def test_until_the_day_is_over_words_and_sessions_stay(cast: Cast):
    elsewhere = cast.client("anush")
    Lost(cast, "anush").arrive()
    assert is_in(elsewhere)
    assert is_in(cast.client("anush"))


def test_a_back_dated_row_makes_nobody_come_sooner(cast: Cast):
    them = Lost(cast, "anush")
    them.arrive()
    tamper(cast, sa.update(returning.requests).values(asked=returning.requests.c.asked - WAIT_SECONDS))
    assert WAITS in them.arrive().text
    assert noted(cast, "anush").count(Act.RETURN_ASKED) == 2


def test_an_invented_row_is_no_request(cast: Cast):
    row = {"person": cast.people["anush"].person, "version": 0, "lost": "both", "asked": 1, "mac": bytes(32)}
    tamper(cast, sa.insert(returning.requests).values(row))
    assert WAITS in Lost(cast, "anush").arrive().text


def test_deleted_memberships_make_nobody_come_sooner(cast: Cast):
    tamper(cast, sa.delete(trust.memberships), sa.delete(trust.grants))
    assert WAITS in Lost(cast, "anush").arrive().text


def test_a_case_whose_rosters_are_gone_is_still_known_to_the_trust_book(cast: Cast):
    cast.client("anush").get("/desk")
    tamper(cast, sa.delete(trust.rosters), sa.delete(trust.memberships))
    assert WAITS in Lost(cast, "anush").arrive().text


def test_another_card_in_the_account_makes_nobody_come_sooner(cast: Cast):
    of_lilit = cast.people["lilit"].card
    tamper(
        cast,
        sa.update(people.people)
        .where(people.people.c.id == cast.people["anush"].person)
        .values(card=of_lilit),
    )
    assert WAITS in Lost(cast, "anush").arrive().text


# Seen and stopped


def test_leads_of_their_cases_see_it_and_others_do_not(cast: Cast):
    Lost(cast, "anush").arrive()
    assert "Anush Berdents asked to come back" in cast.client("ruben").get("/desk").text
    for name in ("lilit", "stranger", "nobody"):
        page = cast.client(name).get("/desk" if name != "nobody" else "/account").text
        assert "asked to come back" not in page, name


def test_a_case_that_is_stopped_hides_nobody_of_another(cast: Cast):
    stopped = new_id()
    open_case(cast, stopped, "Birch-2", "ruben", {"ruben": frozenset({Duty.LEAD})}, title="The mill")
    Lost(cast, "anush").arrive()
    tamper(cast, sa.update(trust.rosters).where(trust.rosters.c.case == stopped).values(object=b"?"))
    assert "Anush Berdents asked to come back" in cast.client("ruben").get("/desk").text


def test_they_see_it_themselves_wherever_they_are_signed_in(cast: Cast):
    browsers = {"/desk": cast.client("anush"), "/notebook": cast.client("davit")}
    for name in ("anush", "davit"):
        Lost(cast, name, "both").arrive()
    for path, browser in browsers.items():
        for page in (path, "/account"):
            assert "If that was not you, stop it" in browser.get(page).text


def test_an_administrator_sees_that_it_happened_and_can_do_nothing(cast: Cast):
    them = Lost(cast, "anush")
    them.arrive()
    helga = cast.client("helga")
    page = helga.get("/administration").text
    assert "Anush Berdents asked to come back" in page
    assert "/return" not in page
    person = cast.people["anush"].person
    assert helga.get(f"/cases/{cast.case}/people/{person}/return").status_code == 404
    assert helga.post(f"/cases/{cast.case}/people/{person}/return").status_code == 404
    for path in ("/administration", "/administration/audit"):
        shown = helga.get(path).text
        for word in them.sheet.split():
            assert f">{word}<" not in shown


def stop_path(cast: Cast, name: str, case: UUID | None = None) -> str:
    return f"/cases/{case or cast.case}/people/{cast.people[name].person}/return"


def test_a_lead_stops_it_with_one_press_and_it_stays_stopped(cast: Cast):
    them = Lost(cast, "anush")
    them.arrive()
    ruben = cast.client("ruben")
    assert ruben.post(stop_path(cast, "anush")).status_code == 303
    assert "it was stopped by Ruben Oskan" in ruben.get("/desk").text
    cast.clock.ahead += WAIT_SECONDS + 60
    for _ in range(2):
        assert "This was stopped" in them.arrive().text
    assert noted(cast, "anush") == [Act.RETURN_ASKED, Act.RETURN_STOPPED]
    cast.clock.ahead += HELD_SECONDS
    assert WAITS in them.arrive().text


def test_a_stop_between_the_two_pages_holds(cast: Cast):
    them = asked_and_waited(cast)
    page = them.arrive()
    assert cast.client("ruben").post(stop_path(cast, "anush")).status_code == 303
    answer = them.finish(page)
    assert (answer.status_code, "of no use any more" in answer.text) == (403, True)
    assert is_in(cast.client("anush"))


def test_a_lead_who_did_not_confirm_lately_is_asked_to_first(cast: Cast):
    Lost(cast, "anush").arrive()
    ruben, path = cast.client("ruben"), stop_path(cast, "anush")
    page = ruben.get("/desk").text
    assert f'action="{path}"' in page
    cast.clock.ahead += 700
    page = ruben.get("/desk").text
    assert f'action="{path}"' not in page
    assert f'href="{path}"' in page
    assert ruben.get(path).location.startswith("/confirm")
    assert ruben.post(path).status_code == 403
    ruben.post("/confirm", {"code": cast.code("ruben"), "back": path})
    assert "Stop Anush Berdents" in ruben.get(path).text
    assert ruben.post(path).status_code == 303
    assert "is not waiting" in ruben.get(path).text


@pytest.mark.parametrize(("name", "status"), [("lilit", 403), ("anush", 403), ("stranger", 404)])
def test_nobody_but_a_lead_of_theirs_stops_it(cast: Cast, name: str, status: int):
    Lost(cast, "anush").arrive()
    assert cast.client(name).post(stop_path(cast, "anush")).status_code == status
    assert cast.client("stranger").post(stop_path(cast, "anush", cast.other_case)).status_code == 404
    assert noted(cast, "anush") == [Act.RETURN_ASKED]


def test_they_stop_it_themselves_with_one_press(cast: Cast):
    anush = cast.client("anush")
    them = Lost(cast, "anush")
    them.arrive()
    cast.clock.ahead += 800
    assert anush.post("/account/return/stop").status_code == 303
    assert "stopped from your account" in anush.get("/account").text
    assert "This was stopped" in them.arrive().text
    assert anush.post("/account/return/stop").status_code == 409


def test_a_hidden_row_hides_nothing_and_does_not_keep_from_stopping(cast: Cast):
    Lost(cast, "anush").arrive()
    tx = cast.services.database.transaction()
    (row,) = tx.all(sa.select(returning.requests))
    tx.release()
    tamper(cast, sa.delete(returning.requests))
    ruben = cast.client("ruben")
    assert "Anush Berdents asked to come back" in ruben.get("/desk").text
    assert ruben.post(stop_path(cast, "anush")).status_code == 303
    tamper(cast, sa.delete(returning.requests), sa.insert(returning.requests).values(dict(row._mapping)))
    cast.clock.ahead += WAIT_SECONDS + 60
    assert WAITS in Lost(cast, "anush").arrive().text


def test_a_new_recovery_code_stops_who_asked_with_the_earlier_one(cast: Cast):
    thief = Lost(cast, "anush")
    thief.arrive()
    anush = cast.client("anush")
    sheet = listed(anush.post("/account/recovery").text)
    assert "stopped from your account" in anush.get("/account").text
    cast.clock.ahead += WAIT_SECONDS + 60
    assert thief.arrive().status_code == 403
    owner = Lost(cast, "anush", sheet=sheet)
    assert WAITS in owner.arrive().text


# What does not come in


def test_two_pages_that_finish_at_once_let_one_in(cast: Cast):
    one, other = Lost(cast, "lilit"), Lost(cast, "lilit")
    first, second = one.arrive(), other.arrive()
    assert one.finish(first).status_code == 200
    late = other.finish(second)
    assert (late.status_code, "of no use any more" in late.text) == (403, True)
    assert one.sign_in().status_code == 303
    assert other.sign_in().status_code == 403


def test_two_pages_that_are_sent_in_the_same_moment_let_one_in(cast: Cast):
    both = [Lost(cast, "lilit"), Lost(cast, "lilit")]
    pages = [them.arrive() for them in both]
    with ThreadPoolExecutor(2) as hands:
        answers = list(hands.map(lambda them, page: them.finish(page), both, pages))
    assert {200} < {answer.status_code for answer in answers} <= {200, 403, 409}
    assert sorted(them.sign_in().status_code for them in both) == [303, 403]


def test_an_account_that_is_gone_meanwhile_comes_back_to_nothing(cast: Cast):
    them = Lost(cast, "lilit")
    page = them.arrive()
    tamper(cast, sa.delete(people.people).where(people.people.c.id == cast.people["lilit"].person))
    assert them.finish(page).status_code == 403


def test_whoever_was_shut_out_neither_arrives_nor_finishes(cast: Cast):
    them = Lost(cast, "lilit")
    page = them.arrive()
    person = cast.people["lilit"].person
    assert cast.client("helga").post(f"/administration/people/{person}/shut-out").status_code == 303
    assert them.finish(page).status_code == 403
    refused = Lost(cast, "lilit").arrive()
    assert (refused.status_code, REFUSED in refused.text) == (403, True)


def test_a_page_finishes_in_the_browser_that_it_was_shown_in(cast: Cast):
    them, thief = Lost(cast, "lilit"), Lost(cast, "lilit")
    page = them.arrive()
    assert thief.finish(page).status_code == 403
    them.browser.client.delete_cookie("demo-return")
    assert them.finish(page).status_code == 403


def test_a_page_is_of_no_use_after_an_hour_or_altered(cast: Cast):
    them = Lost(cast, "lilit")
    page = them.arrive()
    assert them.finish(page, offer="????").status_code == 403
    page = them.arrive()
    assert them.finish(page, ticket="????").status_code == 403
    page = them.arrive()
    cast.clock.ahead += TICKET_SECONDS + 1
    assert them.finish(page).status_code == 403
    assert is_in(cast.client("lilit"))


def test_the_half_in_the_cookie_goes_once_it_was_used(cast: Cast):
    them = Lost(cast, "lilit")
    page = them.arrive()
    cookie = them.browser.client.get_cookie("demo-return")
    assert cookie is not None
    assert cookie.http_only
    them.finish(page)
    assert them.browser.client.get_cookie("demo-return") is None


def test_no_address_no_log_and_no_file_holds_the_code(cast: Cast, caplog: pytest.LogCaptureFixture):
    them = asked_and_waited(cast)
    page = them.arrive()
    used, raw = them.sheet, cast.people["anush"].recovery_code
    done = them.finish(page)
    new = listed(done.text)
    for secret in (used, new, them.words, listed(page.text)):
        assert secret not in caplog.text
        for file in cast.services.config.data_dir.rglob("*"):
            assert not file.is_file() or (
                secret.encode() not in (content := file.read_bytes()) and raw not in content
            )
    for answer in (page, done):
        assert answer.request.path in {PAGE, FINISH}
        assert answer.request.query_string == b""
        assert answer.headers["Cache-Control"] == "no-store"
    assert used not in page.text


def dies(*_place: object) -> None:
    raise KeyboardInterrupt


def finishing(cast: Cast, uow: UnitOfWork) -> str:
    """Lilit finishes, in a unit of work that may have been tampered with; her new words."""
    lilit = cast.people["lilit"]
    way = way_back(uow, cast.services.sessions, cast.services.argon2_slots)
    offer = uow.vault.invitations.offer(lilit.person)
    ticket = Ticket(lilit.person, "lilit", Kind.WORDS, lilit.recovery_code)
    with pytest.raises(KeyboardInterrupt):
        way.finish(uow, ticket, offer, offer.words, "")
    uow.end()
    return offer.words


def test_a_process_that_dies_right_after_the_commit_leaves_no_session(cast: Cast):
    elsewhere, uow = cast.client("lilit"), cast.uow()
    uow.after_commit.append(dies)
    words = finishing(cast, uow)
    assert not is_in(elsewhere)
    assert Lost(cast, "lilit", words=words).sign_in().status_code == 303
    assert Lost(cast, "lilit").arrive().status_code == 403


def test_a_process_that_dies_within_the_commit_has_changed_nothing(cast: Cast):
    uow = cast.uow()
    uow.audit.note(Note(Act.REFUSED), settle=dies)
    finishing(cast, uow)
    assert is_in(cast.client("lilit"))
    assert Lost(cast, "lilit").come_back()


# A new second factor, signed in


def test_a_new_second_factor_takes_the_place_of_the_old_and_ends_other_sessions(cast: Cast):
    here, elsewhere = cast.client("lilit"), cast.client("lilit")
    page = here.get("/account/second-factor").text
    them = Lost(cast, "lilit", "factor")
    them.factor = copied(page)
    offer = hidden(page, "offer")
    for present, code in (
        ("", ""),
        (cast.code("lilit"), "000000"),
        ("", them.first_code()),
        ("000000", them.first_code()),
    ):
        fields = {"offer": offer, "present": present, "code": code}
        answer = here.post("/account/second-factor", fields)
        assert answer.status_code == 422, fields
        assert hidden(answer.text, "offer") == offer
    assert (
        here.post("/account/second-factor", {"offer": "????", "present": "1", "code": "1"}).status_code == 403
    )
    both = {"offer": offer, "present": cast.code("lilit"), "code": them.first_code()}
    answer = here.post("/account/second-factor", both)
    assert answer.status_code == 303
    assert is_in(here)
    assert not is_in(elsewhere)
    earlier: dict[str, object] = {
        "name": "lilit",
        "words": cast.password("lilit"),
        "code": cast.code("lilit"),
    }
    assert cast.client().post("/sign-in", earlier, token_from="/sign-in").status_code == 403
    assert them.sign_in().status_code == 303
    assert noted(cast, "lilit") == [Act.FACTOR_CHANGED]
    assert "New second factor" in here.get("/account").text


OPENED_BEFORE = "was opened here before"


def test_a_new_second_factor_that_was_shown_before_says_that_the_earlier_one_opens_nothing(cast: Cast):
    lilit = cast.client("lilit")
    lilit.get("/account/words")
    first = lilit.get("/account/second-factor").text
    assert OPENED_BEFORE not in first
    assert "opened again, it shows another second factor" in first
    again = lilit.get("/account/second-factor").text
    assert copied(again) != copied(first)
    assert OPENED_BEFORE in again
    assert "delete that from your phone" in again
    assert OPENED_BEFORE not in cast.client("lilit").get("/account/second-factor").text


def test_a_slip_keeps_the_second_factor_and_one_that_is_too_old_says_that_it_is_another(cast: Cast):
    lilit = cast.client("lilit")
    page = lilit.get("/account/second-factor").text
    slip = {"offer": hidden(page, "offer"), "present": "000000", "code": "000000"}
    answer = lilit.post("/account/second-factor", slip)
    assert (copied(answer.text), OPENED_BEFORE in answer.text) == (copied(page), False)
    expired = lilit.post("/account/second-factor", {**slip, "offer": "????"})
    assert (copied(expired.text) != copied(page), OPENED_BEFORE in expired.text) == (True, True)


def test_a_second_factor_that_was_taken_leaves_nothing_to_be_deleted(cast: Cast):
    lilit = cast.client("lilit")
    page = lilit.get("/account/second-factor").text
    them = Lost(cast, "lilit", "factor")
    them.factor = copied(page)
    both = {"offer": hidden(page, "offer"), "present": cast.code("lilit"), "code": them.first_code()}
    assert lilit.post("/account/second-factor", both).status_code == 303
    assert OPENED_BEFORE not in lilit.get("/account/second-factor").text


def test_a_second_factor_is_not_changed_without_showing_the_old_one_lately(cast: Cast):
    lilit = cast.client("lilit")
    cast.clock.ahead += 700
    assert lilit.get("/account/second-factor").location.startswith("/confirm")
    assert lilit.post("/account/second-factor", {"offer": "x", "code": "000000"}).status_code == 403


def test_a_sheet_alone_does_not_forgive_digits_that_were_guessed(cast: Cast):
    seen, address = set(), 0
    for _ in range(4):
        for lost, digits in [*[("words", "000000")] * 4, ("both", "")]:
            address += 1
            them = Lost(cast, "lilit", lost, address=f"192.0.2.{address}")
            seen.add(them.arrive(**({"code": digits} if digits else {})).status_code)
    assert 429 in seen


def test_a_worker_that_held_seeds_for_a_return_is_recycled(cast: Cast):
    cast.services.served_somebody.clear()
    Lost(cast, "lilit", "factor").come_back()
    assert cast.services.served_somebody.is_set()
