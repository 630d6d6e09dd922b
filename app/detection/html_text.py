"""Pulls out of a page, a feed or a data file all that somebody could read in it, hidden or shown."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote

_INLINE = frozenset({
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "em", "font", "i", "ins", "mark", "q", "s", "small",
    "span", "strong", "sub", "sup", "time", "tspan", "u", "wbr",
})  # fmt: skip
_KNOWN_ATTRIBUTES = frozenset({
    "action", "alt", "aria-label", "class", "content", "data", "datetime", "href", "id", "label", "lang",
    "placeholder", "poster", "src", "srcset", "style", "title", "type", "value",
})  # fmt: skip
_DEEPEST = 3
"""Feeds hold pages as escaped text, which hold escaped text in turn."""


@dataclass(frozen=True, slots=True)
class Piece:
    """`where`: `text`, `comment`, `script`, `style`, `attribute`, `attribute alt`, `data`."""

    where: str
    text: str


@dataclass(frozen=True, slots=True)
class Element:
    tag: str
    attributes: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str:
        return next((value for key, value in self.attributes if key == name), "")


@dataclass(slots=True)
class Page:
    """`pieces` for reading, `elements` for rules about what a browser would do."""

    pieces: list[Piece] = field(default_factory=list)
    elements: list[Element] = field(default_factory=list)


def read_page(markup: str, depth: int = 0) -> Page:
    """HTML, SVG or XML; never refuses. Text runs on across inline tags: `Ver<b>a</b>` reads as it shows."""
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    page = Page([*reader.pieces()], reader.elements)
    if depth < _DEEPEST:
        for piece in [piece for piece in page.pieces if _is_markup(piece)]:
            inner = read_page(piece.text, depth + 1)
            page.pieces += inner.pieces
            page.elements += inner.elements
    return page


def read_json(text: str) -> list[Piece]:
    """Every key and every string, unescaped; the raw text where it is no JSON."""
    try:
        strings = "\n".join(_strings(json.loads(text)))
    except ValueError:
        return [Piece("data", text)]
    return [Piece("data", strings)]


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
    elif isinstance(value, str | int | float):
        yield str(value)


def _is_markup(piece: Piece) -> bool:
    return piece.where in {"text", "comment"} and re.search(r"<[a-zA-Z!/]", piece.text) is not None


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self._text: list[str] = []
        self._raw: list[str] = []
        self._others: list[Piece] = []

    def pieces(self) -> Iterator[Piece]:
        yield Piece("text", "".join(self._text))
        yield from self._others

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = tuple((name, value or "") for name, value in attrs)
        self.elements.append(Element(tag, attributes))
        self._others += [piece for name, value in attributes for piece in _attribute(name, value)]
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        self._break(tag)

    def handle_data(self, data: str) -> None:
        if self.cdata_elem in {"script", "style"}:
            self._take_raw(self.cdata_elem, data)
        else:
            self._text.append(data)

    def handle_comment(self, data: str) -> None:
        self._others.append(Piece("comment", data))

    def handle_decl(self, decl: str) -> None:
        self._others.append(Piece("comment", decl))

    def handle_pi(self, data: str) -> None:
        self._others.append(Piece("comment", data))

    def unknown_decl(self, data: str) -> None:
        """CDATA of XML."""
        self._others.append(Piece("comment", data))

    def _break(self, tag: str) -> None:
        if tag not in _INLINE:
            self._text.append("\n")

    def _take_raw(self, where: str, data: str) -> None:
        script = self.elements[-1]
        is_data = where == "script" and "json" in script.get("type")
        self._others += read_json(data) if is_data else [Piece(where, data)]


def _attribute(name: str, value: str) -> Iterator[Piece]:
    """Names too, since a name can say something; addresses also as they read without their escapes."""
    where = f"attribute {name}" if name in _KNOWN_ATTRIBUTES else "attribute"
    yield Piece(where, value)
    if name not in _KNOWN_ATTRIBUTES:
        yield Piece("attribute", name)
    if "%" in value:
        yield Piece(where, unquote(value))
