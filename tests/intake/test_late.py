"""A form that comes after its session has ended: its words wait sealed and unsigned, for its author alone to decide about."""

import re
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from app.audit.acts import Act
from app.crypto.objects import seal_capsule
from app.domain.capacity import MAX_LATE_FORMS_PER_PERSON, MAX_TEXT_BYTES
from app.domain.duties import Duty, Role
from app.domain.errors import NotFound
from app.domain.ids import new_id
from app.store import cases, keys, log, records, trust
from app.store.late import late_forms, late_pieces
from app.vault.fields import DOUBLE, IDENTITY, NOTES, PART
from app.vault.submissions import open_form
from tests.cast import FACTOR, LINDEN, Browser, Cast
from tests.intake.notebook import (
    PNG,
    SHORT,
    Notebook,
    SheetOfPaper,
    blobs,
    code_on,
    contents,
    doubles,
    file_facts,
    nothing_is_kept,
    only,
    read,
    reading,
    receipt_on,
    stored,
)
from tests.intake.server import Post, own_process

DAY = 24 * 3600
MARKER = "a hoopoe on the roof"


def waiting(cast: Cast) -> list[sa.Row[Any]]:
    return rows(cast, sa.select(late_forms).where(late_forms.c.slot.is_not(None)))


def rows(cast: Cast, query: sa.Select[Any]) -> list[sa.Row[Any]]:
    tx = cast.services.database.transaction()
    try:
        return list(tx.all(query))
    finally:
        tx.release()


def pieces(cast: Cast) -> list[sa.Row[Any]]:
    return rows(cast, sa.select(late_pieces))


def tamper(cast: Cast, *statements: sa.UpdateBase | sa.TextClause) -> None:
    """The hands of who can write the database, and has no key."""
    with cast.services.database.writing() as connection:
        for statement in statements:
            connection.execute(statement)


def acts(cast: Cast) -> list[str]:
    return [row.act for row in rows(cast, sa.select(log.entries).order_by(log.entries.c.sequence))]


def nothing_at_all(cast: Cast) -> bool:
    return nothing_is_kept(cast) and not rows(cast, sa.select(late_forms)) and not pieces(cast)


@dataclass
class Later:
    """An interviewer whose session ends while they write, and who comes back."""

    cast: Cast
    notebook: Notebook

    def send(self, sheet: SheetOfPaper | None = None, files: Any = None, **filled: Any) -> TestResponse:
        sheet = sheet or self.notebook.open()
        self.sign_out()
        return self.notebook.send(sheet, files, **{**SHORT, **filled})

    def sign_out(self) -> None:
        self.cast.clock.ahead += 16 * 60

    def come_back(self) -> Browser:
        self.notebook.browser.sign_in("anahit")
        return self.notebook.browser

    def decide(self, what: str = "", form: UUID | None = None) -> TestResponse:
        chosen = form or waiting(self.cast)[0].id
        return self.notebook.browser.post(f"/notebook/late/{chosen}{what}")


@pytest.fixture
def later(cast: Cast, notebook: Notebook) -> Later:
    return Later(cast, notebook)


# Coming in


def test_words_that_come_too_late_are_kept_and_the_page_says_what_to_do(cast: Cast, later: Later):
    answer = later.send(account=MARKER)
    assert answer.status_code == 202
    assert "Not sent yet. Your words are sealed here." in answer.text
    assert "you have not signed it yet" in answer.text
    assert MARKER not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert len(waiting(cast)) == 1


def test_nothing_of_it_can_be_read_on_the_disk(cast: Cast, later: Later):
    later.send(account=MARKER)
    folder = cast.services.config.data_dir
    assert [
        path for path in folder.rglob("*") if path.is_file() and MARKER.encode() in path.read_bytes()
    ] == []


def test_the_case_has_nothing_of_it_before_it_is_sent(cast: Cast, later: Later):
    later.send()
    assert stored(cast) == []
    assert rows(cast, sa.select(keys.record_keys).where(keys.record_keys.c.state == "intake")) == []
    late = waiting(cast)[0]
    with reading(cast, "lilit") as vault, pytest.raises(NotFound):
        vault.records.open(PART, cast.case, late.submission)


def test_the_number_for_the_witness_is_shown_where_it_would_have_been(cast: Cast, later: Later):
    sheet = later.notebook.open()
    answer = later.send(sheet)
    assert code_on(answer) == re.sub(r"\D", "", sheet.fields["withdrawal"])
    later.come_back()
    later.decide()
    assert only(cast).withdrawal_tag is not None


def test_files_are_refused_and_the_page_says_so(cast: Cast, later: Later):
    answer = later.send(files={"files": [("road.png", PNG), ("mill.png", PNG)]})
    assert answer.status_code == 202
    assert "The 2 files that you chose." in answer.text
    assert blobs(cast) == []


def test_the_form_says_beforehand_what_becomes_of_files(cast: Cast, notebook: Notebook):
    page = notebook.browser.get(f"/notebook/cases/{cast.case}/form")
    assert "If you are signed out before you send" in page.text


def test_files_can_be_sent_after_the_words_into_the_same_statement(cast: Cast, later: Later):
    sheet = later.notebook.open()
    later.send(sheet, {"files": ("road.png", PNG)})
    later.come_back()
    later.decide()
    later.notebook.send(sheet, {"files": ("road.png", PNG)}, **SHORT)
    assert [facts["name"] for facts in file_facts(cast)] == ["road.png"]
    assert len(stored(cast)) == 1


def test_something_missing_is_said_and_nothing_is_kept(cast: Cast, later: Later):
    answer = later.send(account="")
    assert answer.status_code == 401
    assert "Write down what they told you" in answer.text
    assert nothing_at_all(cast)


def test_half_a_megabyte_is_the_most(cast: Cast, later: Later):
    answer = later.send(account="x" * (MAX_TEXT_BYTES + 1))
    assert answer.status_code == 401
    assert "too long for one part" in answer.text
    assert nothing_at_all(cast)


def test_a_number_that_was_altered_keeps_nothing(cast: Cast, later: Later):
    assert later.send(withdrawal="12").status_code == 422
    assert nothing_at_all(cast)


# Sending and discarding


def test_its_author_sees_that_it_waits_and_never_its_words(later: Later):
    later.send(account=MARKER)
    page = later.come_back().get("/notebook")
    assert "You have one unsent statement" in page.text
    assert MARKER not in page.text
    assert "Juniper" not in page.text
    assert page.text.count("Send it") == 1


def test_sent_it_is_the_statement_that_it_would_have_been(cast: Cast, later: Later):
    later.send(account=MARKER, spoken="hy")
    later.come_back()
    answer = later.decide()
    assert receipt_on(answer)
    statement = read(cast)
    assert (statement.code_name, statement.account, statement.languages) == ("Juniper", MARKER, ("hy",))
    assert only(cast).finished is not None
    with reading(cast, "lilit") as vault:
        assert vault.submissions.verify_submission(only(cast).id) == ()
    assert waiting(cast) == []
    assert pieces(cast) == []
    assert "unsent" not in later.notebook.browser.get("/notebook").text


def test_notes_and_names_go_where_they_belong(cast: Cast, later: Later):
    browser = later.notebook
    page = browser.send(browser.open("long"), code_name="Quince", risk="Her brother.")
    sheet = SheetOfPaper.on(browser.send(SheetOfPaper.on(page), take_part="y"))
    later.send(sheet, account=MARKER, name="Marta Elbeny", end="1")
    assert sorted(piece.field for piece in pieces(cast)) == [IDENTITY.path, PART.path]
    later.come_back()
    assert receipt_on(later.decide())
    row = only(cast)
    assert contents(cast, IDENTITY, row.id, "anush") == [{"name": "Marta Elbeny"}]
    assert contents(cast, NOTES, row.id) == [{"risk": "Her brother."}]
    with reading(cast, "lilit") as vault:
        assert vault.submissions.verify_submission(row.id) == ()


def test_sent_between_parts_the_next_part_follows(cast: Cast, later: Later):
    sheet = later.notebook.open("long")
    later.send(sheet, code_name="Quince", risk="Her brother.")
    later.come_back()
    page = later.decide()
    assert "Part 1 is sealed" in page.text
    page = later.notebook.send(SheetOfPaper.on(page), take_part="y")
    answer = later.notebook.send(SheetOfPaper.on(page), account=MARKER, end="1")
    assert receipt_on(answer)
    assert read(cast).account == MARKER
    with reading(cast, "lilit") as vault:
        assert vault.submissions.verify_submission(only(cast).id) == ()


def test_signed_out_between_parts_the_sealed_ones_are_said_to_be_safe(cast: Cast, later: Later):
    page = later.notebook.send(later.notebook.open("long"), code_name="Quince")
    answer = later.send(SheetOfPaper.on(page), take_part="y")
    assert "The part that you sealed before." in answer.text
    assert len(waiting(cast)) == 1


def test_what_waited_longer_than_its_form_was_good_is_still_sent(cast: Cast, later: Later):
    later.send()
    cast.clock.ahead += 9 * DAY
    later.come_back()
    assert receipt_on(later.decide())


def test_discarding_says_what_will_be_gone_and_then_it_is(cast: Cast, later: Later):
    later.send()
    browser = later.come_back()
    form = waiting(cast)[0].id
    page = browser.get(f"/notebook/late/{form}/discard")
    assert "nobody can ever open it, not even us" in page.text
    assert len(waiting(cast)) == 1
    answer = later.decide("/discard")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/notebook?done=discarded")
    assert waiting(cast) == []
    assert pieces(cast) == []
    assert stored(cast) == []
    assert "unsent" not in browser.get("/notebook").text


def test_whoever_begins_at_the_desk_is_told_there(cast: Cast, later: Later):
    tamper(
        cast,
        sa.text("UPDATE people SET reviewer = 1 WHERE id = :id").bindparams(
            id=cast.people["anahit"].person.hex
        ),
    )
    later.send()
    assert "unsent" in later.come_back().get("/desk").text


def test_the_log_knows_that_it_waited_and_what_became_of_it(cast: Cast, later: Later):
    later.send()
    later.come_back()
    later.decide()
    said = acts(cast)
    kept, sent, sealed = (
        said.index(act) for act in (Act.LATE_FORM_KEPT, Act.LATE_FORM_SENT, Act.PART_SEALED)
    )
    assert kept < sent < sealed


# Once, and told calmly


def test_sent_twice_it_waits_once(cast: Cast, later: Later):
    sheet = later.notebook.open()
    later.send(sheet)
    again = later.notebook.send(sheet, **SHORT)
    assert again.status_code == 202
    assert "is here already, and waits for you" in again.text
    assert len(waiting(cast)) == 1


def test_two_sendings_at_the_same_moment_wait_once(cast: Cast, later: Later):
    sheet = later.notebook.open()
    later.sign_out()
    assert _at_once(lambda: later.notebook.send(sheet, **SHORT)) == [202, 202]
    assert len(waiting(cast)) == 1


def test_two_forms_at_the_same_moment_both_wait(cast: Cast, later: Later):
    sheets = iter([later.notebook.open(), later.notebook.open()])
    later.sign_out()
    assert _at_once(lambda: later.notebook.send(next(sheets), **SHORT)) == [202, 202]
    assert len(waiting(cast)) == 2


def test_a_replay_after_it_was_sent_keeps_nothing_and_alarms_nobody(cast: Cast, later: Later):
    sheet = later.notebook.open()
    later.send(sheet)
    later.come_back()
    later.decide()
    later.sign_out()
    answer = later.notebook.send(sheet, **SHORT)
    assert "This form was sent already." in answer.text
    assert waiting(cast) == []
    assert doubles(cast) == []


def test_a_replay_after_it_was_discarded_does_not_bring_it_back(cast: Cast, later: Later):
    sheet = later.notebook.open()
    later.send(sheet)
    later.come_back()
    later.decide("/discard")
    later.sign_out()
    assert "you discarded it" in later.notebook.send(sheet, **SHORT).text
    assert waiting(cast) == []


def test_what_was_sent_another_way_meanwhile_leaves_only_discarding(cast: Cast, later: Later):
    sheet = later.notebook.open()
    later.send(sheet, account="The earlier words.")
    browser = later.come_back()
    later.notebook.send(sheet, **SHORT)
    page = browser.get("/notebook").text
    assert "can only be discarded" in page
    assert "Send it" not in page
    answer = later.decide()
    assert answer.status_code == 409
    assert "can only be discarded" in answer.text
    assert later.decide("/discard").status_code == 303
    assert read(cast).account == SHORT["account"]


def test_pressed_twice_the_second_press_leads_on_to_the_same_place(cast: Cast, later: Later):
    later.send()
    later.come_back()
    form = waiting(cast)[0].id
    first, second = later.decide(form=form), later.decide(form=form)
    assert receipt_on(first) == receipt_on(second) != ""
    assert doubles(cast) == []


def test_two_tabs_that_press_send_at_once_make_one_statement(cast: Cast, later: Later):
    later.send(later.notebook.open("long"), code_name="Quince")
    browser = later.come_back()
    form, token = waiting(cast)[0].id, browser.token()
    assert _at_once(lambda: browser.client.post(f"/notebook/late/{form}", data={"csrf_token": token})) == [
        200,
        200,
    ]
    assert len(contents(cast, PART, only(cast).id)) == 1
    assert waiting(cast) == []


def test_sending_in_one_tab_what_another_has_discarded_leads_home(cast: Cast, later: Later):
    later.send()
    later.come_back()
    form = waiting(cast)[0].id
    later.decide("/discard", form)
    answer = later.decide(form=form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/notebook")
    assert later.decide("/discard", form).status_code == 303
    assert later.notebook.browser.get(f"/notebook/late/{form}/discard").status_code == 303
    assert stored(cast) == []


# Who may not leave anything


@pytest.mark.parametrize("forged", ["", "x", "A" * 400, "ա" * 40])
def test_a_forged_capsule_keeps_nothing(cast: Cast, later: Later, forged: str):
    answer = later.send(later.notebook.open().with_capsule(forged), {"files": ("road.png", PNG)})
    assert answer.status_code == 401
    assert "sealed here" not in answer.text
    assert nothing_at_all(cast)


def test_a_capsule_that_is_too_old_keeps_nothing(cast: Cast, later: Later):
    sheet = later.notebook.open()
    cast.clock.ahead += 7 * DAY + 60
    assert "older than seven days" in later.send(sheet).text
    assert nothing_at_all(cast)


def test_who_was_shut_out_leaves_nothing(cast: Cast, later: Later):
    sheet = later.notebook.open()
    with cast.acting("helga") as uow:
        uow.vault.people.shut_out(cast.people["anahit"].person, cast.people["helga"].person, shut=True)
    answer = later.notebook.send(sheet, **SHORT)
    assert answer.status_code == 401
    assert "sealed here" not in answer.text
    assert nothing_at_all(cast)


def test_who_is_no_interviewer_any_more_leaves_nothing(cast: Cast, later: Later):
    sheet = later.notebook.open()
    tamper(cast, sa.text("UPDATE people SET interviewer = 0"))
    assert later.send(sheet).status_code == 401
    assert nothing_at_all(cast)


def test_a_card_that_was_replaced_leaves_nothing(cast: Cast, later: Later):
    sheet = later.notebook.open()
    tamper(
        cast,
        sa.text("UPDATE people SET card = :card WHERE id = :id").bindparams(
            card=cast.people["davit"].card, id=cast.people["anahit"].person.hex
        ),
    )
    assert later.send(sheet).status_code == 401
    assert nothing_at_all(cast)


def test_a_capsule_of_somebody_who_never_was_keeps_nothing(cast: Cast, later: Later):
    """Only who has the root key could make one."""
    sheet = later.notebook.open()
    installation = cast.services.installation
    capsule = open_form(installation, sheet.capsule, cast.clock())
    stranger = replace(capsule, person=new_id())
    token = seal_capsule(installation.root, installation.id, stranger)
    assert later.send(sheet.with_capsule(token)).status_code == 401
    assert nothing_at_all(cast)


@pytest.mark.parametrize("roster", [b"", b"x" * 300])
def test_without_the_roster_of_the_form_there_is_no_key_to_seal_to(cast: Cast, later: Later, roster: bytes):
    sheet = later.notebook.open()
    tamper(cast, sa.update(trust.rosters).values(object=roster))
    answer = later.send(sheet)
    assert answer.status_code == 401
    assert "Nothing of this one was kept here." in answer.text
    assert nothing_at_all(cast)


def test_a_key_that_the_roster_does_not_name_is_not_sealed_to(cast: Cast, later: Later):
    sheet = later.notebook.open()
    installation = cast.services.installation
    capsule = open_form(installation, sheet.capsule, cast.clock())
    token = seal_capsule(installation.root, installation.id, replace(capsule, identity_key=new_id()))
    assert later.send(sheet.with_capsule(token)).status_code == 401
    assert nothing_at_all(cast)


def test_a_part_whose_earlier_part_is_gone_is_not_kept(cast: Cast, later: Later):
    page = later.notebook.send(later.notebook.open("long"), code_name="Quince")
    tamper(cast, sa.delete(records.tips))
    assert later.send(SheetOfPaper.on(page), take_part="y").status_code == 401
    assert waiting(cast) == []


def test_who_was_taken_off_the_case_meanwhile_is_still_heard(cast: Cast, later: Later):
    sheet = later.notebook.open()
    with cast.acting("ruben") as uow:
        held: dict[bytes, frozenset[Duty]] = {
            cast.people[name].card: duties for name, duties in LINDEN.items() if name != "anahit"
        }
        uow.vault.casework.change_roster(cast.case, uow.vault.trust.roster(cast.case).digest, held)
    given = open_form(cast.services.installation, sheet.capsule, cast.clock()).statement_key
    later.send(sheet, account=MARKER)
    later.come_back()
    assert receipt_on(later.decide())
    assert read(cast).account == MARKER
    assert only(cast).statement_intake_key == given


def test_twenty_wait_and_no_more(cast: Cast, later: Later):
    sheets = [later.notebook.open() for _ in range(MAX_LATE_FORMS_PER_PERSON + 1)]
    later.sign_out()
    for sheet in sheets[:-1]:
        assert later.notebook.send(sheet, **SHORT).status_code == 202
    answer = later.notebook.send(sheets[-1], **SHORT)
    assert answer.status_code == 401
    assert "20 unsent statements wait already" in answer.text
    assert len(waiting(cast)) == MAX_LATE_FORMS_PER_PERSON
    later.come_back()
    later.decide("/discard")
    later.sign_out()
    assert later.notebook.send(sheets[-1], **SHORT).status_code == 202


def test_what_was_decided_leaves_no_trace_after_its_form_has_run_out(cast: Cast, later: Later):
    later.send()
    later.come_back()
    later.decide("/discard")
    cast.clock.ahead += 8 * DAY
    later.come_back()
    later.send()
    assert len(rows(cast, sa.select(late_forms))) == 1


# Other people, and whoever writes the database


def test_somebody_else_sees_nothing_of_it_and_decides_nothing(cast: Cast, later: Later):
    later.send()
    form = waiting(cast)[0].id
    for name in ("davit", "lilit", "ruben", "helga"):
        other = cast.client(name)
        assert "unsent" not in other.get("/notebook").text
        assert other.get(f"/notebook/late/{form}/discard").status_code == 404
        for what in ("", "/discard"):
            assert other.post(f"/notebook/late/{form}{what}").status_code == 404
    assert len(waiting(cast)) == 1
    assert cast.client().get(f"/notebook/late/{form}/discard").status_code == 302


def test_a_form_that_was_given_to_somebody_else_in_the_database_is_not_signed_by_them(
    cast: Cast, later: Later
):
    later.send()
    tamper(cast, sa.update(late_forms).values(person=cast.people["davit"].person))
    davit = cast.client("davit")
    assert "This is not what came here" in davit.get("/notebook").text
    assert davit.post(f"/notebook/late/{waiting(cast)[0].id}").status_code == 409
    assert stored(cast) == []


ELSEWHERE = new_id()


@pytest.mark.parametrize(
    "change",
    [
        sa.update(late_forms).values(case=ELSEWHERE),
        sa.update(late_forms).values(submission=ELSEWHERE),
        sa.update(late_forms).values(part=2),
        sa.update(late_forms).values(received=late_forms.c.received - 60),
        sa.update(late_forms).values(way="long"),
        sa.update(late_forms).values(way="ո\ud800".encode("utf-8", "ignore").decode()),
        sa.update(late_forms).values(closing=False),
        sa.update(late_forms).values(withdrawal_tag=bytes(32)),
        sa.update(late_forms).values(capsule=b"x"),
        sa.update(late_forms).values(mac=bytes(32)),
        sa.update(late_forms).values(part=-1),
        sa.update(late_pieces).values(version=2),
        sa.update(late_pieces).values(key=ELSEWHERE),
        sa.update(late_pieces).values(envelope=b"x" * 2000),
        sa.update(late_pieces).values(wrap=b"x" * 1200),
        sa.update(late_pieces).values(field=NOTES.path),
        sa.delete(late_pieces),
    ],
)
def test_nothing_that_was_altered_while_it_waited_is_signed(cast: Cast, later: Later, change: sa.UpdateBase):
    later.send()
    tamper(cast, change)
    browser = later.come_back()
    page = browser.get("/notebook").text
    assert "This is not what came here, so it cannot be sent." in page
    assert "Send it" not in page
    form = waiting(cast)[0].id
    assert later.decide(form=form).status_code == 409
    assert stored(cast) == []
    assert later.decide("/discard", form).status_code == 303
    assert waiting(cast) == []


def test_words_of_another_form_cannot_be_slipped_under_a_signature(cast: Cast, later: Later):
    """Not even words that were sealed to the same key, for the same person."""
    one, other = later.notebook.open(), later.notebook.open()
    later.send(one, account="Mine.")
    later.notebook.send(other, **{**SHORT, "account": "Mine too, elsewhere."})
    first, second = pieces(cast)
    swapped = {"envelope": second.envelope, "wrap": second.wrap, "key": second.key}
    tamper(cast, sa.update(late_pieces).where(late_pieces.c.form == first.form).values(swapped))
    later.come_back()
    assert later.decide(form=first.form).status_code == 409
    assert receipt_on(later.decide(form=second.form))


def test_a_row_that_is_brought_back_after_it_was_sent_is_not_sent_again(cast: Cast, later: Later):
    later.send()
    row, kept = waiting(cast)[0], pieces(cast)
    later.come_back()
    later.decide()
    tamper(
        cast,
        sa.update(late_forms).values(slot=0),
        *(sa.insert(late_pieces).values(**piece._mapping) for piece in kept),
    )
    assert "can only be discarded" in later.notebook.browser.get("/notebook").text
    assert later.decide(form=row.id).status_code == 409
    assert len(contents(cast, PART, only(cast).id)) == 1


def test_a_log_that_knows_of_a_lost_part_stops_the_sending_and_not_the_list(cast: Cast, later: Later):
    page = later.notebook.send(later.notebook.open("long"), code_name="Quince")
    later.send(SheetOfPaper.on(page), take_part="y")
    tamper(cast, sa.delete(records.tips))
    browser = later.come_back()
    assert "You have one unsent statement" in browser.get("/notebook").text
    assert later.decide().status_code == 409
    assert len(waiting(cast)) == 1


def test_a_statement_that_was_finished_meanwhile_is_not_finished_again(cast: Cast, later: Later):
    """The part before was sent once more on another page, with the button that ends the statement."""
    browser = later.notebook
    page = browser.send(browser.open("long"), code_name="Quince")
    account = SheetOfPaper.on(browser.send(SheetOfPaper.on(page), take_part="y"))
    closing = SheetOfPaper.on(browser.send(account, account="They came."))
    later.send(closing, impressions="Tired.")
    later.come_back()
    browser.send(account, account="They came.", end="1")
    first = only(cast).manifest_digest
    answer = later.decide()
    assert receipt_on(answer)
    assert only(cast).manifest_digest == first
    assert len(contents(cast, DOUBLE, only(cast).id)) == 1


def test_cut_off_between_two_rows_nothing_stands_there(cast: Cast, later: Later):
    """The second row of a sending meets one that is there: none of the rows lands."""
    later.send()
    submission = waiting(cast)[0].submission
    tamper(
        cast,
        sa.text(
            'INSERT INTO versions (record, field, version, "case", key, digest, author, envelope, object, signature) '
            "VALUES (:r, 'statements.part', 1, :r, :r, x'00', x'00', x'00', x'00', x'00')"
        ).bindparams(r=submission.hex),
    )
    later.come_back()
    assert later.decide().status_code == 409
    assert len(waiting(cast)) == 1
    assert len(pieces(cast)) == 1
    assert stored(cast) == []
    assert rows(cast, sa.select(cases.statements)) == []


@pytest.mark.slow
def test_killed_at_any_moment_it_waits_whole_or_not_at_all(cast: Cast, later: Later):
    sheets = [later.notebook.open("long") for _ in range(8)]
    posts = [Post.of(later.notebook.browser, sheet, code_name="Quince", risk=MARKER) for sheet in sheets]
    tamper_sessions(cast)
    for number, post in enumerate(posts):
        with own_process(cast) as (server, process):
            line = server.line()
            line.send(post.head + post.body)
            time.sleep(number * 0.005)
            process.send_signal(signal.SIGKILL)
            process.wait()
            line.close()
    found = waiting(cast)
    assert len(pieces(cast)) == 2 * len(found)
    later.come_back()
    for row in found:
        assert later.decide(form=row.id).status_code == 200
    assert len(stored(cast)) == len(found)


def tamper_sessions(cast: Cast) -> None:
    """Every session is over."""
    with cast.services.sessions.database.writing() as connection:
        connection.execute(sa.text("DELETE FROM sessions"))


def test_without_storage_nothing_is_promised(cast: Cast, later: Later):
    sheet = later.notebook.open()
    later.sign_out()
    with cast.services.database.writing() as connection:
        connection.execute(sa.text("ALTER TABLE late_forms RENAME TO elsewhere"))
    answer = later.notebook.send(sheet, **SHORT)
    assert answer.status_code == 503
    assert "Nothing of this one was kept here." in answer.text


def test_pages_that_would_say_what_waits_are_shown_without_it(cast: Cast, later: Later):
    tamper(cast, sa.text("ALTER TABLE late_forms RENAME TO elsewhere"))
    assert later.notebook.browser.get("/account").status_code == 200


def test_a_form_that_breaks_off_leaves_nothing(cast: Cast, later: Later):
    sheet = later.notebook.open()
    later.sign_out()
    body = f"capsule={sheet.capsule}&way=short&account=abc"
    answer = later.notebook.browser.client.post(
        "/notebook/parts",
        data=body.encode() + b"%ff",
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 422
    assert nothing_at_all(cast)


def test_a_form_that_is_far_too_large_is_not_read(cast: Cast, later: Later):
    sheet = later.notebook.open()
    later.sign_out()
    answer = later.notebook.browser.client.post(
        "/notebook/parts",
        data=f"capsule={sheet.capsule}&account={'x' * 3_000_000}",
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 413
    assert nothing_at_all(cast)


def _at_once(send: Callable[[], TestResponse]) -> list[int]:
    """Twice, from two threads that wait for each other first."""
    gate, answers = threading.Barrier(2), []

    def run() -> None:
        gate.wait()
        answers.append(send().status_code)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_an_interviewer_whom_nobody_has_vouched_for_sees_their_own_card(cast: Cast):
    """They have no book yet, and nothing can wait for them."""
    uow = cast.uow()
    cast.people["nare"] = uow.vault.people.add(
        "nare", "Nare Oshin", frozenset({Role.INTERVIEWER}), cast.password("nare"), FACTOR
    )
    uow.commit()
    uow.end()
    nare = cast.client("nare")
    page = nare.get("/account")
    assert page.status_code == 200
    assert "Nare Oshin" in page.text
    assert nare.get("/").location == "/account"


def test_a_discarded_form_that_somebody_put_back_is_not_sent(cast: Cast, later: Later):
    later.send()
    kept = pieces(cast)
    later.come_back()
    form = waiting(cast)[0].id
    later.decide("/discard", form)
    tamper(
        cast,
        sa.update(late_forms).values(slot=0),
        *(sa.insert(late_pieces).values(**piece._mapping) for piece in kept),
    )
    assert "This is not what came here" in later.notebook.browser.get("/notebook").text
    assert later.decide(form=form).status_code >= 400
    assert stored(cast) == []
