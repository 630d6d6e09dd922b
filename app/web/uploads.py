"""Reads what a form sends, piece by piece, so that no word or file of it rests anywhere in clear.

Two dialects, as browsers write them: `multipart/form-data` (RFC 7578, RFC 2046 section 5.1, the HTML
standard) and `application/x-www-form-urlencoded`. Reading is strict: what no browser sends for our forms,
such as bare line feeds, folded headers or a line that only begins like the boundary, is refused.

Refusals: TooLarge (`header`, `field-name`, `fields`, `files`, `file`, `text`) and InvalidInput, with problems
- of the `body`: `cut`, `malformed`, `not-a-form`, `bad-boundary`, `nameless-field`, `nested`,
  `transfer-encoding`, `not-unicode`;
- of a field by its name: `not-first`, `repeated`, `not-unicode`, `control-character`, `file-name-too-long`.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain
from typing import Final, Generic, Protocol, TypeVar
from urllib.parse import unquote_to_bytes

from werkzeug.exceptions import ClientDisconnected

from app.domain.capacity import KIB, MIB
from app.domain.errors import InvalidInput, TooLarge, VouchsafeError
from app.domain.text import neutralise_bidi

PIECE: Final = 1 * MIB
"""The most that is read, held, or handed to a sink at once, in bytes."""
FIRST_READ: Final = 4 * KIB
"""Small, so that a form without its token is refused before more of it has come."""

_NEWLINE: Final = b"\r\n"
_HEADER: Final = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)")
_PARAMETER: Final = re.compile(r'[ \t]*;[ \t]*([A-Za-z0-9*_-]+)=(?:"([^"]*)"|([^\s";]+))')
_BOUNDARY: Final = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")
_EXTENDED: Final = re.compile(r"(?i:utf-8)'[^']*'([^']*)")
_INVISIBLE: Final = frozenset({"Cc", "Zl", "Zp"})  # controls, line and paragraph separators
_UNICODE: Final = frozenset({"utf-8", "us-ascii"})
_AS_IT_IS: Final = frozenset({"7bit", "8bit", "binary"})
_DISPOSITION_PARAMETERS: Final = frozenset({"name", "filename", "filename*"})

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Readable(Protocol):
    """The raw body: at most `size` bytes, none at its end. May raise OSError or ClientDisconnected."""

    def read(self, size: int, /) -> bytes: ...


class FileSink(Protocol[T_co]):
    """Where one file goes, in pieces of 1 to `PIECE` bytes.

    `abandon` follows unless `finish` has returned, also after an error of its own: it is harmless twice.
    """

    def write(self, data: bytes, /) -> None: ...
    def finish(self) -> T_co: ...
    def abandon(self) -> None: ...


@dataclass(frozen=True)
class Limits:
    """What one form may hold. `text_bytes` is the sum of all text values, `file_bytes` goes for each file."""

    text_bytes: int
    fields: int
    files: int
    file_bytes: int
    field_name_bytes: int
    file_name_characters: int
    header_bytes: int


@dataclass(frozen=True)
class FilePart:
    """A file in its sender's words: a name without folders, perhaps empty, and a type nobody has checked."""

    field: str
    file_name: str
    content_type: str


@dataclass(frozen=True)
class Form(Generic[T]):
    """Every value under its name in the order sent, and each file with what its sink made of it."""

    fields: dict[str, list[str]] = field(default_factory=dict)
    files: list[tuple[FilePart, T]] = field(default_factory=list)


class FormReader:
    """One form, read once: the token first, then the rest.

    A `content_length` of None means that the stream knows its own end. Raises InvalidInput for another type.
    """

    def __init__(
        self, stream: Readable, content_type: str, content_length: int | None, limits: Limits
    ) -> None:
        self._body = _Body(stream, content_length)
        self._limits = limits
        self._parts = _parts(self._body, content_type, limits)
        self._first: str | None = None
        self._field_count = 0
        self._text_size = 0

    def read_first(self, name: str) -> str:
        """The text field `name`, which must come before anything else (InvalidInput: `not-first`)."""
        part = next(self._parts, None)
        if part is None or part.field != name or part.file_name is not None:
            raise InvalidInput({name: "not-first"})
        self._first = name
        return self._text(part)

    def read_rest(
        self, open_file: Callable[[FilePart], FileSink[T]], discard: Callable[[T], None]
    ) -> Form[T]:
        """Everything up to the end of the body, each file through a sink of its own.

        Returns only when the whole form has come. Otherwise it raises, and has abandoned the open sink and
        discarded the result of every finished one. A file input that was left empty opens no sink.
        """
        self._body.step = PIECE
        form: Form[T] = Form()
        with ExitStack() as undo:
            for part in self._parts:
                if part.field == self._first:
                    raise InvalidInput({part.field: "repeated"})
                if part.file_name is None:
                    form.fields.setdefault(part.field, []).append(self._text(part))
                    continue
                filled, pieces = _peeked(part.pieces)
                if part.file_name or filled:
                    described = self._admitted(part, part.file_name, len(form.files))
                    result = self._sunk(pieces, open_file(described))
                    undo.callback(discard, result)
                    form.files.append((described, result))
                else:
                    self._count_field()
            undo.pop_all()
        return form

    def drain(self, most: int) -> bool:
        """After a refusal: drop up to `most` bytes; False if more is left and the connection should close."""
        try:
            return self._body.drain(most)
        except InvalidInput:
            return False

    def _text(self, part: "_Part") -> str:
        self._count_field()
        if _charset(part.content_type) not in _UNICODE:
            raise InvalidInput({part.field: "not-unicode"})
        value = bytearray()
        for piece in part.pieces:
            self._text_size += len(piece)
            if self._text_size > self._limits.text_bytes:
                raise TooLarge("text", self._limits.text_bytes)
            value += piece
        return _checked_text(part.field, bytes(value))

    def _admitted(self, part: "_Part", sent_name: str, earlier: int) -> FilePart:
        if earlier == self._limits.files:
            raise TooLarge("files", self._limits.files)
        name = bare_name(sent_name)
        if len(name) > self._limits.file_name_characters:
            raise InvalidInput({part.field: "file-name-too-long"})
        return FilePart(part.field, name, part.content_type)

    def _sunk(self, pieces: Iterator[bytes], sink: FileSink[T]) -> T:
        size = 0
        with ExitStack() as undo:
            undo.callback(sink.abandon)
            for piece in pieces:
                size += len(piece)
                if size > self._limits.file_bytes:
                    raise TooLarge("file", self._limits.file_bytes)
                sink.write(piece)
            result = sink.finish()
            undo.pop_all()
        return result

    def _count_field(self) -> None:
        self._field_count += 1
        if self._field_count > self._limits.fields:
            raise TooLarge("fields", self._limits.fields)


class _Body:
    """The bytes that were declared and no more, through one buffer of at most a piece."""

    def __init__(self, stream: Readable, length: int | None) -> None:
        self._stream = stream
        self._left = length
        self._buffer = b""
        self._at = 0
        self.step = FIRST_READ

    def prepend(self, data: bytes) -> None:
        self._buffer = data + self._buffer

    def pieces_before(self, mark: bytes, *, or_end: bool = False) -> Iterator[bytes]:
        """What comes before `mark`, in pieces that are never empty; then the mark is passed.

        Raises InvalidInput (`cut`) for a body that ends without it, unless the end will do as well.
        """
        while (found := self._buffer.find(mark, self._at)) < 0:
            yield from self._taken(self._possible_start(mark))
            if not self._fill():
                if or_end:
                    return
                raise _refused("cut")
        yield from self._taken(found)
        self._at += len(mark)

    def bytes_before(self, mark: bytes, most: int, refusal: VouchsafeError, *, or_end: bool = False) -> bytes:
        """The same in one; raises `refusal` for more than `most` bytes."""
        collected = bytearray()
        for piece in self.pieces_before(mark, or_end=or_end):
            collected += piece
            if len(collected) > most:
                raise refusal
        return bytes(collected)

    def step_back(self, count: int) -> None:
        """Put the last bytes passed before the cursor again, at most those of one mark."""
        self._at -= count

    def take(self, count: int) -> bytes:
        while len(self._buffer) - self._at < count:
            if not self._fill():
                raise _refused("cut")
        self._at += count
        return self._buffer[self._at - count : self._at]

    def ended(self) -> bool:
        return self._at == len(self._buffer) and not self._fill()

    def drain(self, most: int) -> bool:
        """Drop what is left unless it is more than `most` bytes; say whether it was all."""
        while most >= 0 and not self.ended():
            most -= len(self._buffer) - self._at
            self._at = len(self._buffer)
        return most >= 0

    def _taken(self, end: int) -> Iterator[bytes]:
        if end > self._at:
            piece = self._buffer[self._at : end]  # all of a buffer is the buffer itself, not a copy
            self._at = end
            yield piece

    def _possible_start(self, mark: bytes) -> int:
        """Where in the buffer's tail the mark may have begun, or the buffer's end."""
        start = self._buffer.find(mark[:1], max(self._at, len(self._buffer) - len(mark) + 1))
        while start >= 0 and not mark.startswith(self._buffer[start:]):
            start = self._buffer.find(mark[:1], start + 1)
        return start if start >= 0 else len(self._buffer)

    def _fill(self) -> bool:
        kept = self._buffer[self._at :]
        self._buffer, self._at = b"", 0  # let go before more is read
        fresh = self._read(self.step - len(kept))
        self._buffer = kept + fresh
        return bool(fresh)

    def _read(self, size: int) -> bytes:
        """Raises `cut` whether the server hands on a lost connection as an error or as a clean end."""
        wanted = size if self._left is None else min(size, self._left)
        if wanted == 0:
            return b""
        try:
            fresh = self._stream.read(wanted)
        except (ClientDisconnected, OSError) as gone:
            raise _refused("cut") from gone
        if self._left is not None:
            if not fresh:
                raise _refused("cut")
            self._left -= len(fresh)
        elif not fresh:
            self._left = 0
        return fresh


@dataclass(frozen=True)
class _Part:
    """One field or file. `file_name` is None for text; `pieces` must be read before the next part."""

    field: str
    file_name: str | None
    content_type: str
    pieces: Iterator[bytes]


def _parts(body: _Body, content_type: str, limits: Limits) -> Iterator[_Part]:
    kind, parameters = _value_and_parameters(content_type)
    if parameters.get("charset", "utf-8").lower() not in _UNICODE:
        raise _refused("not-unicode")
    if kind == "application/x-www-form-urlencoded":
        return _pairs(body, limits)
    if kind != "multipart/form-data":
        raise _refused("not-a-form")
    boundary = parameters.get("boundary", "")
    if not _BOUNDARY.fullmatch(boundary):
        raise _refused("bad-boundary")
    return _multipart(body, _NEWLINE + b"--" + boundary.encode("ascii"), limits)


def _pairs(body: _Body, limits: Limits) -> Iterator[_Part]:
    most = 3 * (limits.field_name_bytes + limits.text_bytes) + 1  # every byte as %XX, and the =
    while not body.ended():
        pair = body.bytes_before(b"&", most, TooLarge("text", limits.text_bytes), or_end=True)
        name, _, value = pair.replace(b"+", b" ").partition(b"=")
        yield _Part(
            field=_field_name(_unicode(unquote_to_bytes(name)), limits),
            file_name=None,
            content_type="",
            pieces=iter((unquote_to_bytes(value),)),
        )


def _multipart(body: _Body, delimiter: bytes, limits: Limits) -> Iterator[_Part]:
    body.prepend(_NEWLINE)  # the first delimiter may do without the newline that belongs to each
    body.bytes_before(delimiter, limits.header_bytes, _refused("malformed"))
    while _goes_on(body):
        block = body.bytes_before(
            _NEWLINE + _NEWLINE, limits.header_bytes, TooLarge("header", limits.header_bytes)
        )
        body.step_back(len(_NEWLINE))
        yield _described(_headers(block[len(_NEWLINE) :]), _content(body, delimiter), limits)
    if not body.ended() and (body.take(2) != _NEWLINE or not body.drain(limits.header_bytes)):
        raise _refused("malformed")


def _goes_on(body: _Body) -> bool:
    """Whether a part follows the delimiter just passed, whose newline is left as the start of the headers."""
    ending = body.take(2)
    if ending == b"--":
        return False
    if ending != _NEWLINE:
        raise _refused("malformed")
    body.step_back(len(_NEWLINE))
    return True


def _content(body: _Body, delimiter: bytes) -> Iterator[bytes]:
    """The content after a blank line, whose newline may, in an empty part, be the delimiter's own."""
    pieces = body.pieces_before(delimiter)
    return _resumed(next(pieces, b"")[len(_NEWLINE) :], pieces)


def _peeked(pieces: Iterator[bytes]) -> tuple[bool, Iterator[bytes]]:
    """Whether there is a piece, and all of them."""
    first = next(pieces, b"")
    return bool(first), _resumed(first, pieces)


def _resumed(first: bytes, later: Iterator[bytes]) -> Iterator[bytes]:
    """Both, without empty pieces. An iterator that is used up lets go of its piece; a tuple would keep it."""
    return filter(None, chain(iter((first,)), later))


def _headers(block: bytes) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in _unicode(block).split("\r\n"):
        found = _HEADER.fullmatch(line)
        if found is None or found[1].lower() in headers:
            raise _refused("malformed")
        headers[found[1].lower()] = found[2].rstrip(" \t")
    return headers


def _described(headers: dict[str, str], pieces: Iterator[bytes], limits: Limits) -> _Part:
    disposition, parameters = _value_and_parameters(headers.get("content-disposition", ""))
    if disposition != "form-data" or not parameters.keys() <= _DISPOSITION_PARAMETERS:
        raise _refused("malformed")
    if headers.get("content-transfer-encoding", "binary").lower() not in _AS_IT_IS:
        raise _refused("transfer-encoding")
    file_name = _sent_file_name(parameters)
    content_type = headers.get("content-type", "" if file_name is None else "application/octet-stream")
    if file_name is None and content_type.lower().startswith("multipart/"):
        raise _refused("nested")
    return _Part(_field_name(_unescaped(parameters.get("name", "")), limits), file_name, content_type, pieces)


def _value_and_parameters(header: str) -> tuple[str, dict[str, str]]:
    """Splits `value; parameter="..."`. A backslash escapes nothing: browsers write %22 for a quote."""
    stripped = header.strip(" \t")
    value = stripped.partition(";")[0]
    parameters: dict[str, str] = {}
    at = len(value)
    while at < len(stripped):
        found = _PARAMETER.match(stripped, at)
        if found is None or found[1].lower() in parameters:
            raise _refused("malformed")
        parameters[found[1].lower()] = found[3] if found[2] is None else found[2]
        at = found.end()
    return value.rstrip(" \t").lower(), parameters


def _charset(content_type: str) -> str:
    return _value_and_parameters(content_type)[1].get("charset", "utf-8").lower()


def _sent_file_name(parameters: dict[str, str]) -> str | None:
    """None for a text field. `filename*` (RFC 5987) is preferred, as in RFC 6266."""
    if "filename*" not in parameters:
        return None if "filename" not in parameters else _unescaped(parameters["filename"])
    found = _EXTENDED.fullmatch(parameters["filename*"])
    if found is None:
        raise _refused("not-unicode")
    return _unicode(unquote_to_bytes(found[1]))


def _unescaped(value: str) -> str:
    """Undo what the HTML standard escapes in names, which is these three and not the per cent sign."""
    return value.replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")


def _field_name(name: str, limits: Limits) -> str:
    if not name:
        raise _refused("nameless-field")
    if len(name.encode()) > limits.field_name_bytes:
        raise TooLarge("field-name", limits.field_name_bytes)
    if _visible(name) != name:
        raise _refused("malformed")
    return name


def bare_name(sent: str) -> str:
    """The file name as it was sent, without folders of either kind and without what could disguise it."""
    name = neutralise_bidi(_visible(sent.replace("\\", "/").rpartition("/")[2]))
    return "" if name in {".", ".."} else name


def _visible(text: str) -> str:
    return "".join(character for character in text if unicodedata.category(character) not in _INVISIBLE)


def _checked_text(name: str, value: bytes) -> str:
    try:
        text = value.decode()
    except UnicodeDecodeError as other:
        raise InvalidInput({name: "not-unicode"}) from other
    if "\0" in text:
        raise InvalidInput({name: "control-character"})
    if name == "_charset_" and text.lower() not in _UNICODE:
        raise InvalidInput({name: "not-unicode"})
    return text


def _unicode(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as other:
        raise _refused("not-unicode") from other


def _refused(code: str) -> InvalidInput:
    return InvalidInput({"body": code})
