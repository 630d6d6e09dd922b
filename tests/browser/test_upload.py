"""Files on their way, in a real browser: cut, refused, signed out, killed and taken up again, they arrive whole and sealed."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, ViewportSize, expect

from tests.browser.tus import MIB, Server, serving
from tests.browser.visitors import DESK, PHONE, POLICY_WORDS, SIDEWAYS

PICTURES = Path(__file__).parents[2] / "build" / "uploads"
WHOLE = "Sealed and here, whole."
STORES = """async () => [
  localStorage.length, sessionStorage.length, (await indexedDB.databases()).length, (await caches.keys()).length,
  document.cookie.length, (await navigator.storage.estimate()).usage
]"""


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def origin(server: Server) -> Iterator[str]:
    with serving(server) as served:
        yield served
    assert server.problems == []


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    opened = chromium.new_context(viewport=DESK)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext, origin: str) -> Iterator[Page]:
    complaints: list[str] = []
    opened = context.new_page()
    opened.on(
        "console", lambda said: complaints.append(said.text) if POLICY_WORDS.search(said.text) else None
    )
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.goto(origin)
    yield opened
    assert complaints == []


def made(folder: Path, name: str, size: int) -> Path:
    """A file of random bytes."""
    path = folder / name
    path.write_bytes(os.urandom(size))
    return path


def choose(page: Page, *paths: Path) -> None:
    page.locator("input[data-upload]").set_input_files(list(paths))


def row(page: Page, path: Path) -> Locator:
    return page.locator(".upload[data-state]").filter(has=page.get_by_text(path.name, exact=True))


def arrives(page: Page, path: Path) -> None:
    expect(row(page, path).locator("[data-upload-news]")).to_have_text(WHOLE, timeout=60_000)


def is_here(server: Server, path: Path) -> bool:
    """Whether what the readers of the case open is the file."""
    plain = path.read_bytes()
    return any(server.opened(asset) == plain for asset in server.assets())


def nothing_is_stored(page: Page) -> None:
    assert page.evaluate(STORES) == [0, 0, 0, 0, 0, 0]


def picture(page: Page, name: str) -> None:
    if os.environ.get("PICTURES") == "1":
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


# All goes well


def test_three_files_arrive_sealed_and_the_form_names_them(
    page: Page, server: Server, tmp_path: Path
) -> None:
    files = [
        made(tmp_path, name, size) for name, size in (("a.mp4", 30 * MIB), ("b.jpg", 100_001), ("c.txt", 1))
    ]
    choose(page, *files)
    for each in files:
        arrives(page, each)
        assert is_here(server, each)
    page.get_by_label("What happened").fill("On Sundays my sister calls.")
    page.get_by_role("button", name="Seal and send").click()
    expect(page.get_by_role("heading", name="Sealed and sent")).to_be_visible()
    ((words, uploads, sent_plainly),) = server.sent
    assert words == "On Sundays my sister calls."
    assert sorted(uploads) == sorted(server.assets())
    assert sent_plainly == []
    assert {each["name"] for each in server.said} == {"a.mp4", "b.jpg", "c.txt"}


def test_no_plaintext_and_no_name_leaves_before_the_end(page: Page, server: Server, tmp_path: Path) -> None:
    path = tmp_path / "Vera-Polyntseva.txt"
    path.write_bytes(b"The light came at six. " * 100_000)
    bodies: list[str] = []
    page.on("request", lambda request: bodies.append(f"{request.url} {request.headers}"))
    choose(page, path)
    arrives(page, path)
    assert b"The light came" not in b"".join(each.data for each in server.uploads.values())
    assert not any("Vera" in line for line in [*bodies, *server.seen])


def test_two_go_at_a_time_and_the_third_waits(page: Page, server: Server, tmp_path: Path) -> None:
    server.faults.bytes_each_second = 1 * MIB
    files = [made(tmp_path, f"{number}.bin", 2 * MIB) for number in range(3)]
    choose(page, *files)
    expect(row(page, files[2])).to_contain_text("Waits for its turn.")
    expect(row(page, files[0])).to_contain_text(re.compile(r"of 2\.1 MB, .*/s, .* left"))
    picture(page, "sending-1280")
    server.faults.bytes_each_second = 0
    for each in files:
        arrives(page, each)


def test_nothing_is_kept_in_the_browser(page: Page, server: Server, tmp_path: Path) -> None:
    path = made(tmp_path, "a.bin", 3 * MIB)
    server.faults.bytes_each_second = 2 * MIB
    choose(page, path)
    expect(page.locator("input[name=upload]")).to_have_count(1)
    nothing_is_stored(page)
    server.faults.bytes_each_second = 0
    arrives(page, path)
    nothing_is_stored(page)


def test_a_file_chosen_before_the_script_was_there_goes_too(
    context: BrowserContext, origin: str, server: Server, tmp_path: Path
) -> None:
    page = context.new_page()
    held: list[Route] = []
    page.route("**/dist/upload.js*", lambda route: held.append(route))  # noqa: PLW0108  # playwright marks its handlers
    page.goto(origin, wait_until="commit")
    path = made(tmp_path, "a.bin", 1000)
    choose(page, path)
    held[0].continue_()
    arrives(page, path)
    assert is_here(server, path)


# The network


def test_a_network_that_breaks_at_every_tenth_piece_loses_nothing(
    page: Page, server: Server, tmp_path: Path
) -> None:
    server.piece, server.faults.cut_every = MIB, 10
    page.reload()
    files = [
        made(tmp_path, "long.mp4", 30 * MIB),
        made(tmp_path, "b.bin", 9 * MIB + 5),
        made(tmp_path, "c.bin", MIB),
    ]
    choose(page, *files)
    for each in files:
        arrives(page, each)
        assert is_here(server, each)
    assert server.faults.patches > 40
    assert {upload.segment for upload in server.uploads.values()} == {1}


@pytest.mark.parametrize("fault", ["lost", "checksum", "cut", "500"])
def test_after_a_fault_it_asks_where_it_stands_and_goes_on(
    page: Page, server: Server, tmp_path: Path, fault: str
) -> None:
    server.faults.coming = ["", fault]
    path = made(tmp_path, "a.bin", 5 * MIB)
    choose(page, path)
    arrives(page, path)
    assert is_here(server, path)
    verbs = [line.split(" ")[0] for line in server.seen if "/uploads/" in line]
    assert verbs[:4] == ["PATCH", "PATCH", "HEAD", "PATCH"]


def test_while_there_is_no_network_it_says_so_and_goes_on_by_itself(
    page: Page, server: Server, tmp_path: Path
) -> None:
    server.faults.bytes_each_second = MIB
    path = made(tmp_path, "a.bin", 3 * MIB)
    choose(page, path)
    expect(page.locator("input[name=upload]")).to_have_count(1)
    server.faults.is_offline, server.faults.coming = True, ["cut"] * 3
    expect(row(page, path)).to_contain_text("No connection. What is here stays; it goes on by itself.")
    server.faults.is_offline, server.faults.bytes_each_second = False, 0
    arrives(page, path)
    assert is_here(server, path)


def test_a_file_may_be_chosen_while_there_is_no_network(page: Page, server: Server, tmp_path: Path) -> None:
    server.faults.is_offline = True
    path = made(tmp_path, "a.bin", 300_000)
    choose(page, path)
    expect(row(page, path)).to_contain_text("No connection.")
    server.faults.is_offline = False
    arrives(page, path)
    assert is_here(server, path)


def test_a_full_storage_is_named_and_waited_for(page: Page, server: Server, tmp_path: Path) -> None:
    server.faults.coming = ["507", "507"]
    path = made(tmp_path, "a.bin", 300_000)
    choose(page, path)
    expect(row(page, path)).to_contain_text("The storage is full. What is here stays")
    row(page, path).get_by_role("button", name="Go on").click()
    arrives(page, path)


def test_a_file_that_the_server_finds_too_large_is_not_tried_again(
    page: Page, server: Server, tmp_path: Path
) -> None:
    server.faults.coming = ["413"]
    path = made(tmp_path, "a.bin", 300_000)
    choose(page, path)
    expect(row(page, path)).to_contain_text("Too large to be sent.")
    assert server.faults.patches == 1


def test_what_arrived_damaged_is_sent_anew_under_another_key(
    page: Page, server: Server, tmp_path: Path
) -> None:
    server.faults.damaged_whole = 1
    path = made(tmp_path, "a.bin", 300_000)
    choose(page, path)
    arrives(page, path)
    assert is_here(server, path)
    posts = [line for line in server.seen if line == "POST /uploads"]
    assert len(posts) == 2


def test_where_the_beginning_was_not_heard_it_asks_and_begins_under_another_key(
    page: Page, server: Server, tmp_path: Path
) -> None:
    server.faults.coming = ["begin-unheard"]
    path = made(tmp_path, "a.bin", 300_000)
    choose(page, path)
    arrives(page, path)
    assert is_here(server, path)
    assert "POST /uploads/assets/" in "".join(server.seen)


@pytest.mark.parametrize("stands", ["waits", "joined"])
def test_where_the_end_was_not_heard_it_is_not_sent_a_second_time(
    page: Page, server: Server, tmp_path: Path, stands: str
) -> None:
    server.faults.whole_unheard = stands
    path = made(tmp_path, "a.bin", 300_000)
    choose(page, path)
    arrives(page, path)
    assert is_here(server, path)
    assert server.faults.patches == 1


def test_an_upload_that_the_server_lost_begins_anew_under_another_key(
    page: Page, server: Server, tmp_path: Path
) -> None:
    """And under another name: one that was given up is never taken up again."""
    server.faults.coming = ["", "404"]
    path = made(tmp_path, "a.bin", 3 * MIB)
    server.faults.bytes_each_second = 2 * MIB
    choose(page, path)
    expect(page.locator("input[name=upload]")).to_have_count(1)
    (first,) = server.uploads.values()
    server.uploads.clear()
    server.faults.bytes_each_second = 0
    arrives(page, path)
    assert is_here(server, path)
    anew = list(server.uploads.values())
    assert first.key_id not in {upload.key_id for upload in anew}
    assert first.asset not in {upload.asset for upload in anew}
    assert page.locator("input[name=upload]").get_attribute("value") == anew[-1].asset.hex


# The person


def test_it_pauses_and_goes_on_where_it_was(page: Page, server: Server, tmp_path: Path) -> None:
    server.faults.bytes_each_second = 2 * MIB
    path = made(tmp_path, "a.bin", 6 * MIB)
    choose(page, path)
    expect(row(page, path)).to_contain_text("of 6.3 MB")
    row(page, path).get_by_role("button", name="Pause").click()
    expect(row(page, path)).to_contain_text("Paused at")
    page.wait_for_timeout(800)
    asked = len(server.seen)
    page.wait_for_timeout(800)
    assert len(server.seen) == asked
    server.faults.bytes_each_second = 0
    row(page, path).get_by_role("button", name="Go on").click()
    arrives(page, path)
    assert is_here(server, path)


def test_a_paused_file_lets_others_go_first(page: Page, server: Server, tmp_path: Path) -> None:
    server.faults.bytes_each_second = 1 * MIB
    files = [made(tmp_path, f"{number}.bin", 2 * MIB) for number in range(3)]
    choose(page, *files)
    for each in files[:2]:
        row(page, each).get_by_role("button", name="Pause").click()
    server.faults.bytes_each_second = 0
    arrives(page, files[2])
    for each in files[:2]:
        expect(row(page, each)).to_contain_text("Paused at")


def test_a_file_that_was_removed_goes_from_the_server_and_from_the_form(
    page: Page, server: Server, tmp_path: Path
) -> None:
    server.faults.bytes_each_second = 1 * MIB
    path = made(tmp_path, "a.bin", 3 * MIB)
    choose(page, path)
    expect(page.locator("input[name=upload]")).to_have_count(1)
    with page.expect_request(lambda request: request.method == "DELETE"):
        row(page, path).get_by_role("button", name="Remove").click()
    expect(page.locator("input[name=upload]")).to_have_count(0)
    expect(page.locator(".upload[data-state]")).to_have_count(0)


def test_a_file_that_is_whole_can_still_be_removed_before_the_words_go(
    page: Page, server: Server, tmp_path: Path
) -> None:
    path = made(tmp_path, "a.bin", 1000)
    choose(page, path)
    arrives(page, path)
    with page.expect_response(lambda answer: answer.url.endswith("/discard")):
        row(page, path).get_by_role("button", name="Remove").click()
    expect(page.locator("input[name=upload]")).to_have_count(0)
    assert server.uploads == {}


def test_signed_out_it_waits_at_the_door_and_goes_on_with_the_new_session(
    page: Page, server: Server, tmp_path: Path
) -> None:
    server.faults.coming = ["", "401"]
    path = made(tmp_path, "a.bin", 4 * MIB)
    choose(page, path)
    door = page.get_by_role("dialog", name="Sign in again to go on")
    expect(door).to_be_visible()
    door.get_by_label("Your words").fill("seven words of mine")
    door.get_by_label("Six digits").fill("123456")
    door.get_by_role("button", name="Sign in and go on").click()
    expect(door).to_have_count(0)
    arrives(page, path)
    assert is_here(server, path)
    assert server.token == "token-2"


def test_files_too_many_too_large_or_empty_are_named_and_not_sent(
    page: Page, server: Server, tmp_path: Path
) -> None:
    server.files, server.bytes = 2, 1000
    page.reload()
    sizes = (("a", 10), ("big", 1001), ("b", 10), ("c", 10), ("empty", 0))
    files = [made(tmp_path, name, size) for name, size in sizes]
    choose(page, *files)
    expect(row(page, files[4])).to_contain_text("This file is empty")
    expect(row(page, files[1])).to_contain_text("Too large to be sent.")
    expect(row(page, files[3])).to_contain_text("This form has as many files as it can take.")
    arrives(page, files[0])
    arrives(page, files[2])
    assert len(server.uploads) == 2


# Words do not wait for files


def begin_long(page: Page, server: Server, folder: Path) -> list[Path]:
    server.faults.bytes_each_second = MIB // 2
    files = [made(folder, f"{number}.bin", 3 * MIB) for number in range(3)]
    choose(page, *files)
    expect(page.locator("input[name=upload]")).to_have_count(3)
    page.get_by_label("What happened").fill("My words.")
    page.get_by_role("button", name="Seal and send").click()
    expect(page.get_by_role("dialog", name="3 files are still on their way.")).to_be_visible()
    return files


def test_words_are_sent_now_and_files_go_on_afterwards(page: Page, server: Server, tmp_path: Path) -> None:
    begin_long(page, server, tmp_path)
    picture(page, "leaving-1280")
    report = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
    assert report.violations_count == 0, report.generate_report()
    page.get_by_role("button", name="Send my words now").click()
    expect(page.get_by_role("heading", name="Sealed and sent")).to_be_visible(timeout=60_000)
    ((words, uploads, _files),) = server.sent
    assert words == "My words."
    assert sorted(uploads) == sorted(server.assets())
    assert len(uploads) == 3, "the one that had no turn yet can be taken up again too"
    assert sum(len(each.data) > 0 for each in server.uploads.values()) == 2, (
        "the pieces in hand were finished"
    )


def test_or_words_wait_for_the_last_file(page: Page, server: Server, tmp_path: Path) -> None:
    files = begin_long(page, server, tmp_path)
    page.get_by_role("button", name="Wait for the files").click()
    expect(page.get_by_role("dialog")).to_contain_text("Your words are sent when the last file is here.")
    server.faults.bytes_each_second = 0
    expect(page.get_by_role("heading", name="Sealed and sent")).to_be_visible(timeout=60_000)
    assert all(is_here(server, each) for each in files)
    assert len(server.sent[0][1]) == 3


def test_where_the_last_file_arrives_while_it_is_asked_the_words_just_go(
    page: Page, server: Server, tmp_path: Path
) -> None:
    begin_long(page, server, tmp_path)
    server.faults.bytes_each_second = 0
    expect(page.get_by_role("heading", name="Sealed and sent")).to_be_visible(timeout=60_000)
    assert len(server.sent) == 1


def test_where_a_file_is_refused_meanwhile_the_person_sees_that_first(
    page: Page, server: Server, tmp_path: Path
) -> None:
    begin_long(page, server, tmp_path)
    server.faults.coming = ["413"] * 9
    server.faults.bytes_each_second = 0
    expect(page.get_by_role("dialog")).to_have_count(0, timeout=60_000)
    expect(page.get_by_text("Too large to be sent.").first).to_be_visible()
    assert server.sent == []


def test_or_the_person_goes_back_to_the_form_and_nothing_was_sent(
    page: Page, server: Server, tmp_path: Path
) -> None:
    files = begin_long(page, server, tmp_path)
    page.get_by_role("button", name="Back to the form").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    server.faults.bytes_each_second = 0
    for each in files:
        arrives(page, each)
    assert server.sent == []
    expect(page.get_by_label("What happened")).to_have_value("My words.")


# A browser that was killed


def kill_in_the_middle(page: Page, server: Server, path: Path, at_least: int) -> None:
    server.faults.bytes_each_second = 2 * MIB
    choose(page, path)
    page.wait_for_function("() => document.querySelectorAll('input[name=upload]').length === 1")
    while sum(len(upload.data) for upload in server.uploads.values()) < at_least:
        page.wait_for_timeout(50)
    page.close()
    server.faults.bytes_each_second = 0


def test_a_killed_browser_goes_on_in_another_segment_under_another_key(
    page: Page, context: BrowserContext, origin: str, server: Server, tmp_path: Path
) -> None:
    path = made(tmp_path, "a.mp4", 9 * MIB)
    kill_in_the_middle(page, server, path, 2 * MIB)
    again = context.new_page()
    again.goto(origin)
    picture(again, "unfinished-1280")
    again.get_by_label("Choose the same file to go on").set_input_files(path)
    arrives(again, path)
    assert is_here(server, path)
    (asset,) = server.assets()
    first, second = server.of(asset)
    assert first.cut
    assert second.begins == len(first.plain) > 0
    nothing_is_stored(again)


def test_another_file_is_told_from_the_one_begun_and_touches_nothing(
    page: Page, context: BrowserContext, origin: str, server: Server, tmp_path: Path
) -> None:
    path = made(tmp_path, "a.mp4", 3 * MIB)
    kill_in_the_middle(page, server, path, MIB)
    again = context.new_page()
    again.goto(origin)
    before = bytes(next(iter(server.uploads.values())).data)
    for other in (made(tmp_path, "longer.mp4", 3 * MIB + 1), made(tmp_path, "b.mp4", 3 * MIB)):
        again.get_by_label("Choose the same file to go on").set_input_files(other)
        expect(again.get_by_role("alert")).to_contain_text("That is another file than the one begun.")
    assert [bytes(each.data) for each in server.uploads.values()] == [before]
    again.get_by_label("Choose the same file to go on").set_input_files(path)
    arrives(again, path)
    assert is_here(server, path)


def test_it_may_be_killed_again_and_again(
    page: Page, context: BrowserContext, origin: str, server: Server, tmp_path: Path
) -> None:
    path = made(tmp_path, "a.mp4", 8 * MIB)
    kill_in_the_middle(page, server, path, MIB)
    for goal in (2 * MIB, 4 * MIB):
        server.faults.bytes_each_second = 3 * MIB
        again = context.new_page()
        again.goto(origin)
        again.get_by_label("Choose the same file to go on").set_input_files(path)
        while sum(len(upload.data) for upload in server.uploads.values()) < goal:
            again.wait_for_timeout(50)
        again.close()
    server.faults.bytes_each_second = 0
    last = context.new_page()
    last.goto(origin)
    last.get_by_label("Choose the same file to go on").set_input_files(path)
    arrives(last, path)
    assert is_here(server, path)
    assert len(server.uploads) >= 3


# The page


def test_only_our_own_worker_may_be_started(page: Page, origin: str, server: Server, tmp_path: Path) -> None:
    probed = page.context.new_page()
    answer = probed.goto(f"{origin}/probe")
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "worker-src 'self'; trusted-types vouchsafe" in policy
    assert "'unsafe" not in policy
    expect(probed.locator("html")).to_have_attribute("data-probed", "TypeError TypeError TypeError TypeError")
    path = made(tmp_path, "a.bin", 1000)
    choose(probed, path)
    arrives(probed, path)


def test_without_script_the_file_goes_with_its_form(
    chromium: Browser, origin: str, server: Server, tmp_path: Path
) -> None:
    with chromium.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(origin)
        page.get_by_label("Files").set_input_files(made(tmp_path, "a.bin", 1000))
        page.get_by_role("button", name="Seal and send").click()
        expect(page.get_by_role("heading", name="Sealed and sent")).to_be_visible()
    assert server.sent == [("", [], ["files"])]


@pytest.mark.parametrize("width", [PHONE, DESK], ids=["360", "1280"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_it_fits_and_can_be_used_by_everybody(
    chromium: Browser, origin: str, server: Server, tmp_path: Path, width: ViewportSize, language: str
) -> None:
    server.language, server.faults.bytes_each_second = language, MIB // 2
    with chromium.new_context(viewport=width, has_touch=width is PHONE) as context:
        page = context.new_page()
        page.goto(origin)
        name = "a-very-long-name-of-a-recording-that-somebodys-phone-made-2026-11-22-15-20-33.mp4"
        choose(page, made(tmp_path, name, 3 * MIB), made(tmp_path, "b.jpg", 10))
        expect(page.locator("input[name=upload]")).to_have_count(2)
        assert page.evaluate(SIDEWAYS) == 0
        report = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
        assert report.violations_count == 0, report.generate_report()
        picture(page, f"rows-{language}-{width['width']}")
