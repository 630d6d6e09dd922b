"""A page that stays open asks how the preparing of its file goes on: who is told, what, and that asking is all it is."""

import pytest
import sqlalchemy as sa

from app.audit.acts import Act
from app.store.jobs import jobs
from app.store.log import entries
from tests.cast import Browser, Cast
from tests.jobs.desk import issue
from tests.transcription.preparing import Workshop, failing, not_here
from tests.transcription.scenes import Sent, logged, read, send, told, touch

IDLE = 15 * 60


@pytest.fixture(scope="module")
def workshop(cast: Cast) -> Workshop:
    return Workshop.of(cast)


@pytest.fixture
def lilit(cast: Cast) -> Browser:
    return cast.client("lilit")


@pytest.fixture
def sent(cast: Cast, workshop: Workshop) -> Sent:
    """A statement with one file, that is handed to a worker and not begun."""
    sent = send(cast, files=[(b"\xff\xd8\xffa picture", {"type": "image/jpeg", "title": "The mill"})])
    workshop.shows_itself()
    issue(cast, sent.files[0])
    return sent


def asked(browser: Browser, sent: Sent) -> dict[str, object]:
    answer = browser.get(sent.file(rest="/preparing"), headers={"Accept": "application/json"})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return told(answer)


def test_who_waits_is_told_how_far_it_is(cast: Cast, lilit: Browser, sent: Sent) -> None:
    waiting = asked(lilit, sent)
    assert (waiting["state"], waiting["words"], waiting["under_way"]) == ("waiting", "Being prepared", True)
    begun = {"state": "running", "progress": 420}
    touch(cast, sa.update(jobs).where(jobs.c.subject == sent.files[0]).values(begun))
    running = asked(lilit, sent)
    assert (running["state"], running["words"]) == ("running", "Being prepared (42%)")
    assert running["under_way"]
    assert not running["ended"]


@pytest.mark.parametrize("fails", [False, True])
def test_its_end_is_told_without_a_word_of_what_came_of_it(
    lilit: Browser, workshop: Workshop, sent: Sent, fails: bool
) -> None:
    workshop.work(*([failing("encrypted")] if fails else []))
    assert asked(lilit, sent) == {
        "state": "done",
        "words": "Its preparing has ended",
        "glyph": "saved",
        "late": False,
        "under_way": False,
        "ended": True,
    }


def test_what_was_set_aside_is_told_with_its_reason(lilit: Browser, workshop: Workshop, sent: Sent) -> None:
    workshop.work(not_here)
    aside = asked(lilit, sent)
    assert "no safe place to make them is set up" in str(aside["words"])
    assert (aside["late"], aside["under_way"], aside["ended"]) == (True, False, False)


def test_what_lost_its_worker_waits_and_asking_hands_it_to_nobody(
    cast: Cast, lilit: Browser, workshop: Workshop, sent: Sent
) -> None:
    cast.clock.ahead += 120
    keyless = asked(lilit, sent)
    assert (keyless["state"], keyless["under_way"]) == ("keyless", False)
    workshop.shows_itself()
    asked(lilit, sent)
    assert logged(cast, Act.JOB_ISSUED, sent.files[0]) == 1


@pytest.mark.parametrize(("who", "status"), [("stranger", 404), ("anahit", 403), ("helga", 404)])
def test_nobody_else_is_told_anything(cast: Cast, sent: Sent, who: str, status: int) -> None:
    answer = cast.client(who).get(sent.file(rest="/preparing"))
    assert answer.status_code == status
    assert answer.get_json(silent=True) is None
    assert "Being prepared" not in answer.text


def test_who_is_signed_out_is_led_to_the_door(cast: Cast, sent: Sent) -> None:
    answer = cast.client().get(sent.file(rest="/preparing"))
    assert (answer.status_code, answer.location) == (302, "/sign-in")


def test_a_file_is_found_only_under_its_own_statement(cast: Cast, lilit: Browser, sent: Sent) -> None:
    other = send(cast, files=[(b"one", {})])
    assert lilit.get(other.path(f"/files/{sent.files[0]}/preparing")).status_code == 404


def test_asking_is_no_sign_of_life(cast: Cast, sent: Sent) -> None:
    """Or a page that was left open beside a long film would keep its reader signed in."""
    browser = cast.client("lilit")
    for _minute in range(14):
        cast.clock.ahead += 60
        asked(browser, sent)
    cast.clock.ahead += IDLE - 14 * 60 + 1
    assert browser.get(sent.file(rest="/preparing")).status_code == 302


def test_asking_leaves_no_line_in_the_log(cast: Cast, lilit: Browser, sent: Sent) -> None:
    before = read(cast, sa.select(sa.func.count()).select_from(entries))
    for _time in range(3):
        asked(lilit, sent)
    assert read(cast, sa.select(sa.func.count()).select_from(entries)) == before


def test_only_a_page_whose_file_is_on_its_way_follows_it(
    lilit: Browser, workshop: Workshop, sent: Sent
) -> None:
    workshop.shows_itself()
    page = lilit.get(sent.file(rest="/about")).text
    assert f'data-preparing="{sent.file(rest="/preparing")}"' in page
    assert "Look again" in page
    workshop.work()
    page = lilit.get(sent.file(rest="/about")).text
    assert "data-preparing=" not in page
    assert "preparing.js" not in page
