"""What was made of files: who gets it, in which stretches, under which headers; and how the pages tell of it."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from app.audit.acts import Act
from app.crypto.stream import CHUNK, HEADER_LENGTH
from app.domain.lifecycle import StatementState
from app.jobs.actions import Rebuild
from app.store.cases import assets
from tests.cast import Browser, Cast
from tests.intake.sender import Client, SealedFile, random_bytes
from tests.jobs.desk import copy
from tests.transcription.preparing import VIEW, Workshop, addresses_in, failing, not_here
from tests.transcription.scenes import Sent, begin, flip, logged, put, send, take_over, told, touch, words_of

PHOTOGRAPH = b"\xff\xd8\xff\xe0as it came"


@pytest.fixture(scope="module")
def workshop(cast: Cast) -> Workshop:
    return Workshop.of(cast)


@pytest.fixture(scope="module")
def lilit(cast: Cast) -> Browser:
    return cast.client("lilit")


@pytest.fixture(scope="module")
def sent(cast: Cast, workshop: Workshop, lilit: Browser) -> Sent:
    sent = send(cast, files=[(PHOTOGRAPH, {"type": "image/jpeg", "title": "The mill"})])
    workshop.prepare(lilit, sent)
    return sent


def about(sent: Sent, number: int = 0) -> str:
    return sent.file(number, "/about")


# What leaves


def test_what_was_made_of_a_picture_is_shown_in_place(lilit, workshop, sent):
    answer = lilit.get(workshop.address(sent, "view"))
    assert (answer.status_code, answer.data) == (200, VIEW)
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Disposition"] == "inline"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=-10", len(VIEW) - 10, len(VIEW)),
        (f"bytes={CHUNK - 5}-{2 * CHUNK + 4}", CHUNK - 5, 2 * CHUNK + 5),
    ],
)
def test_a_player_gets_the_stretch_of_it_that_it_asks_for(lilit, workshop, sent, asked, start, stop):
    answer = lilit.get(workshop.address(sent, "view"), headers={"Range": asked})
    assert (answer.status_code, answer.data) == (206, VIEW[start:stop])
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(VIEW)}"


def test_a_stretch_beyond_its_end_is_told_so(lilit, workshop, sent):
    answer = lilit.get(workshop.address(sent, "view"), headers={"Range": f"bytes={len(VIEW)}-"})
    assert (answer.status_code, answer.headers["Content-Range"]) == (416, f"bytes */{len(VIEW)}")


def test_looking_at_it_leaves_one_line_as_opening_the_original_does(cast: Cast, workshop, sent):
    selma = cast.client("selma")
    for path in (workshop.address(sent, "view"), workshop.address(sent, "view"), about(sent)):
        assert selma.get(path).status_code == 200
    assert logged(cast, Act.ASSET_OPENED, sent.files[0], "selma") == 1


def test_a_small_picture_in_a_list_is_of_the_statements_page_and_opens_no_file(cast: Cast, workshop, sent):
    irina = cast.client("irina")
    page = irina.get(sent.path()).get_data(as_text=True)
    assert addresses_in(page) == [workshop.address(sent, "thumbnail")]
    assert irina.get(workshop.address(sent, "thumbnail")).status_code == 200
    assert logged(cast, Act.ASSET_OPENED, sent.files[0], "irina") == 0
    assert logged(cast, Act.STATEMENT_OPENED, sent.statement, "irina") == 1


def test_a_small_picture_that_is_fetched_without_its_page_leaves_the_line_of_the_statement(
    cast: Cast, workshop, sent
):
    nadim = cast.client("nadim")
    assert nadim.get(workshop.address(sent, "thumbnail")).status_code == 200
    assert logged(cast, Act.STATEMENT_OPENED, sent.statement, "nadim") == 1


def test_an_original_picture_is_never_shown_in_place(lilit, sent):
    answer = lilit.get(sent.file())
    assert (answer.status_code, answer.location) == (302, sent.file(rest="/original"))
    kept = lilit.get(sent.file(rest="/original")).headers
    assert kept["Content-Type"] == "application/octet-stream"
    assert kept["Content-Disposition"] == f'attachment; filename="linden-4-{sent.files[0].hex[:8]}.jpg"'
    assert "You took the original out" in words_of(lilit.get(about(sent)))


def test_a_type_that_such_a_thing_cannot_have_is_not_believed(cast: Cast, lilit, workshop):
    sent = send(cast, files=[(b"something", {})])
    workshop.prepare(lilit, sent, copy)
    assert lilit.get(workshop.address(sent, "playback")).headers["Content-Type"] == "application/octet-stream"


# Who gets it


@pytest.mark.parametrize(("who", "status"), [("stranger", 404), ("anahit", 403), ("helga", 404)])
def test_nobody_else_gets_what_was_made(cast: Cast, workshop, sent, who, status):
    browser = cast.client(who)
    for path in (workshop.address(sent, "view"), about(sent)):
        answer = browser.get(path)
        assert answer.status_code == status, path
        assert VIEW[:64] not in answer.data
    for rest in ("/prepare", "/leave"):
        assert browser.post(sent.file(rest=rest)).status_code == status, rest


def test_what_was_made_is_found_only_under_its_own_file(cast: Cast, lilit, workshop, sent):
    other = send(cast, files=[(b"\xff\xd8\xffone", {}), (b"\xff\xd8\xfftwo", {})])
    workshop.prepare(lilit, other)
    view = workshop.made(sent, "view").id
    for path in (other.file(0, f"/made/{view}"), sent.file(rest=f"/made/{workshop.made(other, 'view').id}")):
        assert lilit.get(path).status_code == 404
    second = workshop.made(other, "view", 1).id
    assert lilit.get(other.file(0, f"/made/{second}")).status_code == 404


def test_what_was_made_and_then_touched_is_refused_and_the_page_still_opens(cast: Cast, lilit, workshop):
    sent = send(cast, files=[(b"\xff\xd8\xffx", {"type": "image/jpeg"})])
    workshop.prepare(lilit, sent)
    flip(cast, workshop.made(sent, "view").id, HEADER_LENGTH + 7)
    answer = lilit.get(workshop.address(sent, "view"))
    assert answer.status_code == 409
    assert VIEW[:64] not in answer.data
    assert lilit.get(about(sent)).status_code == 200


# Having it prepared


def test_opening_a_statement_has_its_files_prepared_and_the_page_shows_at_once(cast: Cast, lilit, workshop):
    sent = send(cast, files=[(b"one", {}), (b"two", {})])
    workshop.shows_itself()
    assert words_of(lilit.get(sent.path())).count("Being prepared") == 2
    assert logged(cast, Act.JOB_ISSUED, sent.files[0]) == 1
    lilit.get(sent.path())
    assert logged(cast, Act.JOB_ISSUED, sent.files[0]) == 1
    workshop.work()


def test_taking_statements_over_has_their_files_prepared(cast: Cast, lilit, workshop):
    sent = send(cast, files=[(b"one", {})], taken_over=False)
    workshop.shows_itself()
    assert "Being prepared" not in words_of(lilit.get(sent.path()))
    lilit.post(f"/cases/{cast.case}/adoption", {"chore": "take-over"})
    assert logged(cast, Act.JOB_ISSUED, sent.files[0], "lilit") == 1
    workshop.work()


@pytest.mark.parametrize("state", [StatementState.QUARANTINED, StatementState.WITHDRAWN])
def test_nothing_is_made_of_the_files_of_a_statement_that_was_stopped(cast: Cast, workshop, state):
    sent, ruben = send(cast, files=[(b"one", {})]), cast.client("ruben")
    put(cast, sent, state)
    workshop.shows_itself()
    for path in (sent.path(), about(sent)):
        assert ruben.get(path).status_code == 200
    assert logged(cast, Act.JOB_ISSUED, sent.files[0]) == 0


def test_without_a_worker_the_page_says_so_quietly_and_begins_nothing(cast: Cast, lilit, workshop):
    sent = send(cast, files=[(b"one", {"type": "audio/ogg"})])
    cast.clock.ahead += 120
    page = lilit.get(sent.path())
    assert page.status_code == 200
    assert "Previews wait: no worker is running" in words_of(page)
    assert logged(cast, Act.JOB_ISSUED, sent.files[0]) == 0
    assert "Listen" in words_of(page)


def test_somebody_stops_what_prepares_a_file_and_has_it_tried_again(cast: Cast, lilit, workshop):
    sent = send(cast, files=[(b"one", {})])
    workshop.shows_itself()
    lilit.get(sent.path())
    lilit.post(sent.file(rest="/leave"))
    assert "Cancelled" in words_of(lilit.get(about(sent)))
    workshop.shows_itself()
    assert lilit.post(sent.file(rest="/prepare")).location == about(sent)
    workshop.work()
    page = words_of(lilit.get(about(sent)))
    assert "Ready" in page
    assert "You stopped its preparing" in page


def test_nothing_is_begun_anew_where_no_worker_is_and_that_is_said(cast: Cast, lilit, workshop):
    sent = send(cast, files=[(b"one", {})])
    workshop.prepare(lilit, sent, failing("encrypted"))
    cast.clock.ahead += 120
    answer = lilit.post(sent.file(rest="/prepare"))
    assert "no worker is running" in words_of(lilit.get(answer.location))


def test_what_was_set_aside_says_why_and_is_tried_again_when_somebody_asks(cast: Cast, lilit, workshop):
    sent = send(cast, files=[(b"one", {})])
    workshop.prepare(lilit, sent, not_here)
    for page in (words_of(lilit.get(sent.path())), words_of(lilit.get(about(sent)))):
        assert "Set aside" in page
        assert "no safe place to make them is set up" in page
        assert "Try again" in page
    workshop.shows_itself()
    lilit.post(sent.file(rest="/prepare"))
    workshop.work()
    assert "Ready" in words_of(lilit.get(about(sent)))


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("corrupt", "cannot be read on"),
        ("encrypted", "locked with a password"),
        ("too-large", "more pixels, pages or hours"),
        ("unsupported", "of a kind that cannot be shown here"),
        ("a-code-of-a-later-version", "It could not be read."),
    ],
)
def test_what_cannot_be_shown_is_told_with_its_reason(cast: Cast, lilit, workshop, code, sentence):
    sent = send(cast, files=[(b"one", {})])
    workshop.prepare(lilit, sent, failing(code))
    for page in (words_of(lilit.get(sent.path())), words_of(lilit.get(about(sent)))):
        assert "Cannot be shown" in page
        assert sentence in page
        assert "The original is untouched." in page
        assert "Try again" in page


def test_two_readers_who_open_a_statement_at_the_same_moment_have_it_prepared_once(
    cast: Cast, lilit, workshop
):
    """On a case that has had nothing prepared yet, the one who is overtaken tries again."""
    sent, selma = send(cast, files=[(b"one", {}), (b"two", {})]), cast.client("selma")
    workshop.shows_itself()
    with ThreadPoolExecutor() as both:
        pages = list(both.map(lambda reader: reader.get(sent.path()).status_code, (lilit, selma)))
    assert pages == [200, 200]
    assert [logged(cast, Act.JOB_ISSUED, asset) for asset in sent.files] == [1, 1]
    workshop.work()


# What the pages show


def test_a_file_that_came_later_and_in_two_pieces_says_so(cast: Cast, lilit):
    form, client = begin(cast), Client(cast.client("anahit"))
    sent = send(cast, form=form)
    file = SealedFile(cast, b"OggS" + random_bytes(3 * CHUNK), form)
    assert client.patch(file.begin(client), 0, file.sealed[: 2 * CHUNK]).status_code == 204
    answer = client.post_json(f"/uploads/assets/{file.asset}/resume", {"mark": file.mark.hex()})
    rest = file.with_new_key(told(answer)["segment"], told(answer)["origin"])
    address = rest.begin(client)
    rest.send(client, address)
    assert told(rest.end(client, address, type="audio/ogg"))["attached"]
    take_over(cast)
    for path in ("", f"/files/{file.asset}/about"):
        assert "Added after the statement was sent." in words_of(lilit.get(sent.path(path)))
    assert "It came in 2 sealed pieces." in words_of(lilit.get(sent.path()))
    assert lilit.get(sent.path(f"/files/{file.asset}")).data == file.content


def test_a_statement_shows_small_pictures_of_our_own_making(lilit, workshop, sent):
    page = lilit.get(sent.path()).get_data(as_text=True)
    assert addresses_in(page) == [workshop.address(sent, "thumbnail")]
    assert "4000 × 3000" in words_of(lilit.get(sent.path()))


def test_the_page_of_a_file_tells_what_it_is_and_hides_what_its_device_wrote(lilit, workshop, sent):
    answer = lilit.get(about(sent))
    page, text = answer.get_data(as_text=True), words_of(answer)
    for expected in ("The mill", "image/jpeg", "4000 × 3000", "7 people can open this", "Something follows its end",
                     "Anahit Veluni sealed it", "You had it prepared", "Take the original out"):  # fmt: skip
        assert expected in text, expected
    assert f'<img src="{workshop.address(sent, "view")}"' in page
    closed = re.sub(r"<details.*?</details>", "", page, flags=re.DOTALL)
    assert "40.123456" in page
    assert "40.123456" not in closed


def test_what_is_graphic_stands_on_no_page_before_somebody_asked_for_it(cast: Cast, lilit, workshop):
    sent = send(cast, files=[(b"\xff\xd8\xffg", {"type": "image/jpeg", "warning": "graphic"})])
    workshop.prepare(lilit, sent)
    for path in (sent.path(), about(sent)):
        page = lilit.get(path)
        assert "It shows injuries, death or a person" in words_of(page)
        assert addresses_in(page.get_data(as_text=True)) == []
    opened = lilit.get(about(sent) + "?show=1").get_data(as_text=True)
    assert "is-veiled" in opened
    assert addresses_in(opened) == [workshop.address(sent, "view")]


def test_a_graphic_recording_opens_without_its_sound(cast: Cast, lilit, workshop):
    sent = send(cast, files=[(b"OggS...", {"type": "audio/ogg", "warning": "screams"})])
    workshop.prepare(lilit, sent, failing("corrupt"))
    for closed in (sent.path(), about(sent), sent.path("/transcript")):
        assert "<audio" not in lilit.get(closed).get_data(as_text=True)
    for opened in (
        sent.path(f"?show={sent.files[0]}"),
        about(sent) + "?show=1",
        sent.path("/transcript?show=1"),
    ):
        (player,) = re.findall(r"<audio[^>]*>", lilit.get(opened).get_data(as_text=True))
        assert " muted" in player
        assert "autoplay" not in player


def test_equal_files_of_the_case_are_named_to_whoever_may_open_them(cast: Cast, lilit, workshop):
    same, marker = b"\xff\xd8\xffthe very same", {"type": "image/jpeg"}
    one, two = send(cast, "Plover", files=[(same, marker)]), send(cast, "Slate", files=[(same, marker)])
    other = send(cast, "Quince", files=[(b"\xff\xd8\xffanother one!!", marker)])
    for each in (one, two, other):
        workshop.prepare(lilit, each)
    assert "The same file as one of statement “Slate”" in words_of(lilit.get(one.path()))
    assert "The same file as one of statement “Plover”" in words_of(lilit.get(about(two)))
    assert "The same file" not in words_of(lilit.get(other.path()))


def test_an_equal_file_of_a_statement_that_this_person_may_not_open_is_not_named(cast: Cast, lilit, workshop):
    same = b"\xff\xd8\xffapart"
    one, two = send(cast, "Bramble", files=[(same, {})]), send(cast, "Cedar", files=[(same, {})])
    for each in (one, two):
        workshop.prepare(lilit, each)
    put(cast, two, StatementState.QUARANTINED)
    assert "Cedar" not in words_of(lilit.get(one.path()))
    assert "The same file" not in words_of(lilit.get(one.path()))


# Made by the real thing


@pytest.mark.slow
def test_a_picture_a_recording_and_a_document_are_shown_from_what_was_really_made(
    cast: Cast, lilit, workshop
):
    from tests.media.files import pdf, wav
    from tests.media.files import picture as photograph

    sent = send(
        cast,
        files=[
            (photograph("PNG"), {"type": "image/png"}),
            (wav(3), {"type": "audio/x-wav"}),
            (pdf(2), {"type": "application/pdf"}),
        ],
    )
    workshop.prepare(lilit, sent, Rebuild(strict=False))
    page = words_of(lilit.get(sent.path()))
    assert page.count("Ready") == 3
    assert "3 sec" in page
    assert "2 pages" in page
    seen = lilit.get(about(sent)).get_data(as_text=True)
    (view,) = addresses_in(seen)
    assert lilit.get(view).data.startswith((b"\xff\xd8\xff", b"\x89PNG"))
    heard = addresses_in(lilit.get(about(sent, 1)).get_data(as_text=True))
    assert [lilit.get(address).headers["Content-Type"] for address in heard] == [
        "application/octet-stream", "audio/wav", "audio/webm",
    ]  # fmt: skip
    read = addresses_in(lilit.get(about(sent, 2)).get_data(as_text=True))
    assert [lilit.get(address).headers["Content-Type"] for address in read] == ["image/jpeg"] * 2


# Whose worker ended before it was done


@pytest.fixture
def left(cast: Cast, lilit: Browser, workshop: Workshop) -> Sent:
    """A file whose preparing was begun in Lilit's session, by a worker that is gone."""
    sent = send(cast, files=[(b"one", {})])
    workshop.shows_itself()
    assert lilit.get(sent.path()).status_code == 200
    cast.clock.ahead += 120
    return sent


def test_what_lost_its_worker_goes_on_when_any_reader_opens_the_statement(cast: Cast, left: Sent):
    following = Workshop.of(cast)
    following.prepare(cast.client("selma"), left)
    assert "Ready" in words_of(cast.client("selma").get(about(left)))


def test_what_lost_its_worker_waits_for_any_reader_who_goes_on_with_it_by_one_press(cast: Cast, left: Sent):
    selma, case = cast.client("selma"), f"/cases/{cast.case}"
    for page in ("/desk", case):
        told = words_of(selma.get(page))
        assert "Files whose preparing stopped, because the worker that did it has ended" in told
        assert "Waits for any reader, so for you too, since" in told
        assert "Prepare them" in told
    answer = selma.post(f"{case}/adoption", {"chore": "prepare"})
    assert "no worker is running" in words_of(selma.get(answer.location))
    following = Workshop.of(cast)
    assert selma.post(f"{case}/adoption", {"chore": "prepare"}).location.endswith("done=saved")
    assert "Files whose preparing stopped" not in words_of(selma.get(case))
    following.work()
    assert logged(cast, Act.ASSET_OPENED, left.files[0]) == 0
    assert "Ready" in words_of(selma.get(about(left)))


def test_one_file_that_cannot_be_read_does_not_keep_the_others_waiting(cast: Cast, lilit, left: Sent):
    following, damaged = Workshop.of(cast), send(cast, files=[(b"two", {})])
    lilit.get(damaged.path())
    cast.clock.ahead += 120
    touch(cast, sa.update(assets).where(assets.c.id == damaged.files[0]).values(size=3))
    following = Workshop.of(cast)
    lilit.post(f"/cases/{cast.case}/adoption", {"chore": "prepare"})
    following.work()
    assert "Ready" in words_of(lilit.get(about(left)))
    assert "Waits to be prepared again" in words_of(lilit.get(damaged.path()))


@pytest.mark.parametrize("state", [StatementState.QUARANTINED, StatementState.WITHDRAWN])
def test_files_of_a_statement_that_was_stopped_wait_for_nobody(cast: Cast, lilit, left: Sent, state):
    put(cast, left, state)
    case = f"/cases/{cast.case}"
    issued = logged(cast, Act.JOB_ISSUED, left.files[0])
    Workshop.of(cast)
    lilit.post(f"{case}/adoption", {"chore": "prepare"})
    assert logged(cast, Act.JOB_ISSUED, left.files[0]) == issued


@pytest.mark.parametrize("who", ["anahit", "stranger", "helga"])
def test_nobody_who_does_not_read_the_case_goes_on_with_it(cast: Cast, left: Sent, who: str):
    browser = cast.client(who)
    assert "Files whose preparing stopped" not in words_of(browser.get("/desk"))
    assert browser.post(f"/cases/{cast.case}/adoption", {"chore": "prepare"}).status_code in {403, 404}
