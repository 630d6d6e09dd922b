"""Words selected with the mouse: they go into the field, wherever the button is let go, and what is marked is what was meant."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.town import Town
from tests.browser.visitors import DESK, Visitor

ENDS = """([line, first, last]) => {
  const text = [...line.childNodes].find((node) => node.nodeType === 3 && node.data.trim().split(/\\s+/).length > last);
  const words = [...text.data.matchAll(/\\S+/g)];
  const range = document.createRange();
  range.setStart(text, words[first].index);
  range.setEnd(text, words[last].index + words[last][0].length);
  const boxes = [...range.getClientRects()];
  return {
    said: range.toString().trim(),
    rtl: getComputedStyle(line).direction === "rtl",
    boxes: boxes.map((b) => [b.left, b.top, b.right, b.bottom]),
  };
}"""
"""Where some words of a line begin and end on the screen; none of them is marked."""

Ends = tuple[str, tuple[float, float], tuple[float, float]]


def ends_of(line: Locator, first: int, last: int) -> Ends:
    line.scroll_into_view_if_needed()
    found = line.page.evaluate(ENDS, [line.element_handle(), first, last])
    left, top, right, bottom = found["boxes"][0]
    left_, top_, right_, bottom_ = found["boxes"][-1]
    begin = (right - 1 if found["rtl"] else left + 1, (top + bottom) / 2)
    end = (left_ + 1 if found["rtl"] else right_ - 1, (top_ + bottom_) / 2)
    return found["said"], begin, end


def drags(who: Visitor, begin: tuple[float, float], *ways: tuple[float, float]) -> None:
    mouse = who.page.mouse
    mouse.move(*begin)
    mouse.down()
    for way in ways:
        mouse.move(*way, steps=8)
    mouse.up()


@pytest.fixture
def lilit(town: Town) -> Visitor:
    who = town.look("redaction")
    who.page.set_viewport_size(DESK)
    return who


def plain_line(who: Visitor) -> Locator:
    """A line of the statement with enough words that nobody has decided about."""
    lines = who.page.locator("[data-redaction] [data-target]")
    for number in range(lines.count()):
        longest = lines.nth(number).evaluate(
            "p => Math.max(...[...p.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data.trim().split(/\\s+/).length))"
        )
        if longest > 5:
            return lines.nth(number)
    raise AssertionError("every line is full of marks")


def field_of(who: Visitor) -> Locator:
    return who.page.locator("form[data-mark] [name=words]")


def test_words_that_the_mouse_goes_over_stand_in_the_field(lilit: Visitor) -> None:
    said, begin, end = ends_of(plain_line(lilit), 1, 2)
    drags(lilit, begin, end)
    expect(field_of(lilit)).to_have_value(said)
    expect(field_of(lilit)).to_be_visible()


def test_it_does_not_matter_where_the_button_is_let_go(lilit: Visitor) -> None:
    said, begin, end = ends_of(plain_line(lilit), 1, 2)
    side = lilit.page.locator("aside.side").bounding_box()
    assert side is not None
    drags(lilit, begin, end, (side["x"] + 40, end[1]))
    expect(field_of(lilit)).to_have_value(re.compile(re.escape(said.split()[0])))


def test_two_clicks_take_a_word_and_three_a_whole_line(lilit: Visitor) -> None:
    line = plain_line(lilit)
    said, begin, _end = ends_of(line, 1, 1)
    lilit.page.mouse.dblclick(begin[0] + 2, begin[1])
    expect(field_of(lilit)).to_have_value(re.compile(re.escape(said.strip(".,!?»«:;"))))
    lilit.page.mouse.click(begin[0] + 2, begin[1], click_count=3)
    expect(field_of(lilit)).to_have_value(re.compile(rf"\S+ .*{re.escape(said.split()[0])}"))


def test_what_was_selected_is_what_is_marked(lilit: Visitor) -> None:
    said, begin, end = ends_of(plain_line(lilit), 2, 3)
    before = lilit.page.locator("[data-mark][data-place]").count()
    drags(lilit, begin, end)
    expect(field_of(lilit)).to_have_value(said)
    lilit.page.get_by_label("In public").select_option(label="Withhold")
    lilit.page.get_by_label("Because of").select_option(index=1)
    lilit.press("Mark it")
    expect(lilit.page.locator("[data-mark][data-place]")).to_have_count(before + 1)
    expect(lilit.page.locator("[data-mark][data-place]", has_text=said)).to_have_count(1)


def test_words_of_a_redacted_statement_go_into_the_field_of_the_quote(town: Town) -> None:
    who = town.look("story-writing")
    who.page.set_viewport_size(DESK)
    who.follow("Quote a statement")
    who.page.locator("p.versions a").first.click()
    sentence = who.page.locator("fieldset.choose label span").filter(has_text=re.compile(r"\S+ \S+ \S+ \S+"))
    said, begin, end = ends_of(sentence.first, 0, 2)
    drags(who, begin, end, (end[0], end[1] + 1))
    expect(who.page.get_by_label("Or paste the exact words")).to_have_value(said)
    expect(who.page.locator("fieldset.choose input:checked")).to_have_count(0)
