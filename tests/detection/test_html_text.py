"""All that a page says, shown or hidden, comes out as it would be read."""

import html

import pytest

from app.detection.html_text import Piece, read_json, read_page


def texts(markup, where):
    return [piece.text for piece in read_page(markup).pieces if piece.where == where]


def test_text_runs_on_across_inline_tags_but_not_across_blocks():
    (text,) = texts("<p>Ver<b>a</b> was</p><p>here &amp; gone", "text")
    assert "Vera was" in text
    assert "washere" not in text
    assert "here & gone" in text


@pytest.mark.parametrize(
    ("markup", "where", "text"),
    [
        ('<img alt="Vera">', "attribute alt", "Vera"),
        ("<img data-vera>", "attribute", "data-vera"),
        ('<a href="/v%65ra">', "attribute href", "/vera"),
        ("<!-- Vera -->", "comment", " Vera "),
        ("<!DOCTYPE vera>", "comment", "DOCTYPE vera"),
        ("<?xml vera?>", "comment", "xml vera?"),
        ("<svg><![CDATA[Vera]]></svg>", "comment", "CDATA[Vera"),
        ("<script>let vera</script>", "script", "let vera"),
        ("<style>.vera{}</style>", "style", ".vera{}"),
        ('<script type="application/ld+json">{"name":"V\\u0065ra"}</script>', "data", "name\nVera"),
    ],
)
def test_nothing_hides_in_markup(markup, where, text):
    assert text in texts(markup, where)


def test_escaped_pages_inside_a_feed_are_read_too():
    page = html.escape('<p>Ver<b>a</b><img alt="Talin">')
    feed = f"<entry><content type='html'>{page}</content></entry>"
    assert any("Vera" in text for text in texts(feed, "text"))
    assert texts(feed, "attribute alt") == ["Talin"]


def test_reading_stops_at_some_depth():
    nested = "<p>Vera"
    for _ in range(6):
        nested = f"<q>{html.escape(nested)}</q>"
    assert len(read_page(nested).elements) == 4


def test_data_gives_every_key_and_value_unescaped():
    text = '{"V\\u0065ra": ["Talin", 5, 1.5, null, true, {"k": "v"}]}'
    (piece,) = read_json(text)
    assert piece.text.split("\n") == ["Vera", "Talin", "5", "1.5", "True", "k", "v"]


def test_what_is_no_data_is_read_as_it_is():
    assert read_json("{no") == [Piece("data", "{no")]


def test_elements_keep_their_attributes():
    (link,) = read_page('<link rel="x" href="y">').elements
    assert (link.tag, link.get("href"), link.get("absent")) == ("link", "y", "")
