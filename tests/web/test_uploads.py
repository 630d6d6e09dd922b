"""A form is read whole or not at all, whatever its borders, its sender or its server do."""

import tracemalloc
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from itertools import chain, repeat
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.formparser import MultiPartParser
from werkzeug.wsgi import LimitedStream

from app.domain.errors import InvalidInput, TooLarge, Unavailable
from app.web.uploads import FIRST_READ, PIECE, FilePart, Form, FormReader, Limits, Readable

LIMITS = Limits(
    text_bytes=2_000,
    fields=6,
    files=2,
    file_bytes=4_000,
    field_name_bytes=20,
    file_name_characters=30,
    header_bytes=400,
)
BOUNDARY = "----WebKitFormBoundaryYcu4LeHrnJzAkoAA"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
URLENCODED = "application/x-www-form-urlencoded"
DELIMITER = f"\r\n--{BOUNDARY}".encode()
TOKEN = "k7-token"


class Wire:
    """A stream that hands out its body in reads of the given sizes, whatever more it is asked for."""

    def __init__(self, body: bytes, sizes: Iterable[int] = ()) -> None:
        self._body = BytesIO(body)
        self._sizes = chain(sizes, repeat(PIECE))

    def read(self, size: int, /) -> bytes:
        return self._body.read(min(size, next(self._sizes)))

    @property
    def passed(self) -> int:
        return self._body.tell()


@dataclass
class Sink:
    part: FilePart
    pieces: list[bytes] = field(default_factory=list)
    state: str = "open"
    fails_at: str = ""

    def write(self, data: bytes, /) -> None:
        if self.fails_at == "write":
            raise Unavailable("storage")
        self.pieces.append(data)

    def finish(self) -> bytes:
        if self.fails_at == "finish":
            raise Unavailable("storage")
        self.state = "finished"
        return b"".join(self.pieces)

    def abandon(self) -> None:
        self.state = "abandoned"


@dataclass
class Shelf:
    """Every sink that was opened, and what was thrown away after it had been finished."""

    sinks: list[Sink] = field(default_factory=list)
    discarded: list[bytes] = field(default_factory=list)
    fails_at: str = ""

    def open(self, part: FilePart) -> Sink:
        self.sinks.append(Sink(part, fails_at=self.fails_at))
        return self.sinks[-1]

    def discard(self, result: bytes) -> None:
        self.discarded.append(result)

    @property
    def states(self) -> list[str]:
        return [sink.state for sink in self.sinks]


def part(head: str | bytes, content: bytes = b"") -> bytes:
    block = head.encode() if isinstance(head, str) else head
    return DELIMITER[2:] + b"\r\n" + block + b"\r\n\r\n" + content + b"\r\n"


def text(name: str, value: str | bytes) -> bytes:
    content = value.encode() if isinstance(value, str) else value
    return part(f'Content-Disposition: form-data; name="{name}"', content)


def file(name: str, file_name: str, content: bytes, content_type: str = "audio/ogg") -> bytes:
    disposition = f'Content-Disposition: form-data; name="{name}"; filename="{file_name}"'
    return part(f"{disposition}\r\nContent-Type: {content_type}", content)


def form(*parts: bytes) -> bytes:
    return b"".join((text("token", TOKEN), *parts, DELIMITER[2:], b"--\r\n"))


def read(
    stream: Readable | bytes,
    shelf: Shelf | None = None,
    *,
    content_type: str = MULTIPART,
    length: int | None = None,
    limits: Limits = LIMITS,
) -> Form[bytes]:
    shelf = shelf or Shelf()
    if isinstance(stream, bytes):
        length = len(stream)
        stream = Wire(stream)
    reader = FormReader(stream, content_type, length, limits)
    assert reader.read_first("token") == TOKEN
    return reader.read_rest(shelf.open, shelf.discard)


def refusal(
    stream: Readable | bytes,
    shelf: Shelf | None = None,
    *,
    content_type: str = MULTIPART,
    length: int | None = None,
) -> dict[str, str]:
    with pytest.raises(InvalidInput) as caught:
        read(stream, shelf, content_type=content_type, length=length)
    return dict(caught.value.problems)


def overrun(
    stream: Readable | bytes, shelf: Shelf | None = None, *, content_type: str = MULTIPART
) -> tuple[str, int]:
    with pytest.raises(TooLarge) as caught:
        read(stream, shelf, content_type=content_type)
    return caught.value.what, caught.value.limit


# What browsers send


def test_it_reads_a_form_as_chromium_sends_it():
    body = form(
        text("_charset_", "UTF-8"),
        text("text", "Առաջին\r\nline"),
        file("unused", "", b"", "application/octet-stream"),
        file("files", "na%22me;%0A%22.txt", b"", "text/plain"),
        file("files", "back\\slash.txt", b"\r\n--x\r\n", "text/plain"),
    )
    read_form = read(body)
    assert read_form.fields == {"_charset_": ["UTF-8"], "text": ["Առաջին\r\nline"]}
    assert read_form.files == [
        (FilePart("files", 'na"me;".txt', "text/plain"), b""),
        (FilePart("files", "slash.txt", "text/plain"), b"\r\n--x\r\n"),
    ]


def test_it_reads_an_urlencoded_form_as_chromium_sends_it():
    body = b"token=k7-token&text=%D4%B1+%26%2B%25%3D%C3%A9&text=2&empty=&bare"
    read_form = read(body, content_type=URLENCODED)
    assert read_form == Form({"text": ["Ա &+%=é", "2"], "empty": [""], "bare": [""]}, [])


def test_text_may_follow_a_file_and_values_keep_their_order():
    read_form = read(form(text("a", "1"), file("f", "x", b"x"), text("a", "2")))
    assert read_form.fields == {"a": ["1", "2"]}


def test_it_reads_what_other_programs_send():
    body = form(
        part("content-disposition:form-data;name=plain", b"1"),
        part(
            'Content-Disposition: form-data; name="typed"\r\n'
            'Content-Type: text/plain; charset="US-ASCII"\r\nContent-Transfer-Encoding: 8bit\r\nX-Other: x',
            b"2",
        ),
        part('Content-Disposition: form-data; name="f"; filename=x', b"3"),
    )
    read_form = read(b"\r\n" + body[:-2], content_type=f'Multipart/Form-Data; Boundary="{BOUNDARY}"')
    assert read_form.fields == {"plain": ["1"], "typed": ["2"]}
    assert read_form.files == [(FilePart("f", "x", "application/octet-stream"), b"3")]


def test_an_empty_part_may_end_at_its_blank_line():
    """RFC 2046: without content, the newline before the delimiter is the one that ends the headers."""
    head = b'Content-Disposition: form-data; name="empty"'
    assert read(form(DELIMITER[2:] + b"\r\n" + head + b"\r\n\r\n")).fields == {"empty": [""]}


def test_preamble_and_epilogue_are_passed_over():
    assert read(b"For old readers.\r\n" + form(text("a", "1")) + b"The end").fields == {"a": ["1"]}


def test_a_form_may_hold_nothing_but_its_token():
    assert read(form()) == Form({}, [])
    assert read(b"token=k7-token", content_type=URLENCODED) == Form({}, [])


def test_the_stream_may_know_its_own_end():
    assert read(Wire(form(text("a", "1")))).fields == {"a": ["1"]}
    assert read(Ending(b"token=k7-token&a=1"), content_type=URLENCODED).fields == {"a": ["1"]}


class Ending(Wire):
    """A stream that would wait for ever if it were asked again after its end."""

    _ended = False

    def read(self, size: int, /) -> bytes:
        assert not self._ended
        data = super().read(size)
        self._ended = not data
        return data


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        (r'filename="C:\Documents\voice.ogg"', "voice.ogg"),
        ('filename="../../etc/voice.ogg"', "voice.ogg"),
        ('filename=".."', ""),
        ('filename="..\\"', ""),
        ('filename="a%0D%0Ab\u0085\u2028.ogg"', "ab.ogg"),
        ('filename="invoice\u202eggo.exe"', "invoiceggo.exe"),
        ('filename="50%25.ogg"', "50%25.ogg"),
        ('filename="می\u200cخواهم.ogg"', "می\u200cخواهم.ogg"),
        ("filename=plain.ogg", "plain.ogg"),
        ("filename*=UTF-8''%d5%b1%D5%A1%22.ogg", 'ձա".ogg'),
        ("filename*=utf-8'hy'%2e%2e%2fa.ogg; filename=\"b.ogg\"", "a.ogg"),
    ],
)
def test_a_file_keeps_its_name_but_neither_folders_nor_disguise(disposition: str, name: str):
    read_form = read(form(part(f'Content-Disposition: form-data; name="f"; {disposition}', b"x")))
    assert [file_part.file_name for file_part, _ in read_form.files] == [name]


def test_a_name_may_hold_a_quote():
    assert read(form(text("q%22uo;te", "1"))).fields == {'q"uo;te': ["1"]}


def test_a_file_without_a_name_is_a_file_if_it_has_bytes():
    """Also when its first bytes look like the beginning of a delimiter."""
    body = form(file("f", "", b"\r"))
    for size in range(1, len(body)):
        assert [content for _, content in read(Wire(body, repeat(size))).files] == [b"\r"]


def test_unused_file_inputs_open_no_sink():
    shelf = Shelf()
    read(form(*[file("f", "", b"", "application/octet-stream")] * 5), shelf)
    assert shelf.sinks == []


# Borders


CONTENTS = (
    b"",
    b"\r",
    b"\r\n",
    b"\r\n\r\n",
    b"--",
    DELIMITER[:-1],
    DELIMITER[:9] + b"\r",
    b"\n" + DELIMITER[2:-1],
    b"-" + DELIMITER[2:],
)
BORDERLINE = form(
    text("a", "Առաջին"),
    text("b", ""),
    *(file("f", f"{place}", content + b"x" + content) for place, content in enumerate(CONTENTS)),
    text("c", "\r\n"),
)
ROOMY = Limits(1 << 20, 500, 500, 1 << 20, 500, 500, 2_000)


@dataclass(frozen=True)
class Outcome:
    fields: list[tuple[str, str]]
    files: list[tuple[str, str, bytes]]


def as_werkzeug_reads(body: bytes) -> Outcome:
    fields, files = MultiPartParser().parse(BytesIO(body), BOUNDARY.encode(), len(body))
    outcome = Outcome([(name, value) for name, value in fields.items(multi=True) if name != "token"], [])
    for name, stored in files.items(multi=True):
        with stored.stream:
            outcome.files.append((name, stored.filename or "", stored.read()))
    return outcome


def as_we_read(stream: Readable, length: int | None = None) -> Outcome:
    shelf = Shelf()
    read_form = read(stream, shelf, length=length, limits=ROOMY)
    assert all(0 < len(piece) <= PIECE for sink in shelf.sinks for piece in sink.pieces)
    return Outcome(
        [(name, value) for name, values in read_form.fields.items() for value in values],
        [(described.field, described.file_name, content) for described, content in read_form.files],
    )


def test_a_boundary_after_a_bare_newline_is_content():
    content = b"x\n" + DELIMITER[2:] + b"--\n"
    assert [kept for _, kept in read(form(file("f", "x", content))).files] == [content]


def test_no_size_of_read_changes_what_is_read():
    right = as_werkzeug_reads(BORDERLINE)
    assert len(right.files) == len(CONTENTS)
    for size in range(1, len(BORDERLINE) + 1):
        assert as_we_read(Wire(BORDERLINE, repeat(size)), len(BORDERLINE)) == right


def test_no_single_border_changes_what_is_read():
    right = as_werkzeug_reads(BORDERLINE)
    for place in range(1, len(BORDERLINE)):
        assert as_we_read(Wire(BORDERLINE, [place])) == right


nearly_delimiters = st.lists(
    st.one_of(
        st.binary(max_size=8),
        st.sampled_from([b"\r", b"\n", b"\r\n", b"--", DELIMITER[:-1], DELIMITER[2:-1], DELIMITER[:4]]),
    ),
    max_size=8,
).map(b"".join)
contents = nearly_delimiters.filter(lambda content: DELIMITER[2:] not in content)
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
names = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=10)


@given(
    st.lists(st.tuples(names, st.one_of(words, contents)), max_size=6, unique_by=lambda sent: sent[0]),
    st.lists(st.integers(1, 200), max_size=60),
)
def test_it_reads_well_formed_bodies_as_werkzeug_does(sent: list[tuple[str, str | bytes]], sizes: list[int]):
    body = form(
        *(text(name, it) if isinstance(it, str) else file(name, f"{name}.bin", it) for name, it in sent)
    )
    assert as_we_read(Wire(body, sizes), len(body)) == as_werkzeug_reads(body)


@given(
    st.lists(st.tuples(names, words), max_size=6, unique_by=lambda sent: sent[0]),
    st.lists(st.integers(1, 20), max_size=60),
)
def test_it_reads_back_every_urlencoded_form(sent: list[tuple[str, str]], sizes: list[int]):
    body = urlencode([("token", TOKEN), *sent]).encode()
    read_form = read(Wire(body, sizes), length=len(body), content_type=URLENCODED, limits=ROOMY)
    assert read_form.fields == {name: [value] for name, value in sent}


# The token


@pytest.mark.parametrize(
    "body",
    [
        form()[len(text("token", TOKEN)) :],
        text("text", "words") + form(),
        file("token", "token.txt", b"k7-token") + form(),
        text("Token", TOKEN) + form(),
    ],
)
def test_it_refuses_a_form_whose_token_does_not_come_first(body: bytes):
    assert refusal(body) == {"token": "not-first"}


@pytest.mark.parametrize("body", [b"", b"text=words&token=k7-token"])
def test_it_refuses_an_urlencoded_form_whose_token_does_not_come_first(body: bytes):
    assert refusal(body, content_type=URLENCODED) == {"token": "not-first"}


@pytest.mark.parametrize("second", [text("token", TOKEN), file("token", "t", b"x")])
def test_it_refuses_a_second_token(second: bytes):
    assert refusal(form(second)) == {"token": "repeated"}


def test_a_form_that_needs_no_token_is_read_from_its_start():
    shelf, body = Shelf(), form(text("a", "1"))
    read_form = FormReader(Wire(body), MULTIPART, len(body), LIMITS).read_rest(shelf.open, shelf.discard)
    assert read_form.fields == {"token": [TOKEN], "a": ["1"]}


def test_the_token_is_known_before_much_else_has_come():
    body = form(text("text", "x" * 1_000_000))
    wire = Wire(body)
    FormReader(wire, MULTIPART, len(body), LIMITS).read_first("token")
    assert wire.passed <= FIRST_READ


# Cut bodies


@pytest.mark.parametrize("content_type", [MULTIPART, URLENCODED])
def test_a_cut_body_leaves_nothing(content_type: str):
    body = form(text("a", "1"), file("f", "x", b"first"), file("g", "y", b"second"))
    if content_type == URLENCODED:
        body = b"token=k7-token&text=words"
    for size in range(len(body)):
        shelf = Shelf()
        problem = refusal(Wire(body[:size]), shelf, content_type=content_type, length=len(body))
        assert problem == {"body": "cut"}
        finished = [b"".join(sink.pieces) for sink in shelf.sinks if sink.state == "finished"]
        assert sorted(shelf.discarded) == sorted(finished)
        assert "open" not in shelf.states


def test_a_body_of_unknown_length_must_close_itself():
    body = form(text("a", "1"), file("f", "x", b"first"))
    for size in range(len(body) - len("\r\n")):
        assert refusal(Wire(body[:size])) == {"body": "cut"}


def test_a_declared_body_without_its_closing_boundary_is_cut():
    assert refusal(form(file("f", "x", b"first"))[: -len("--\r\n")]) == {"body": "cut"}


def test_an_empty_body_is_cut():
    assert refusal(b"") == {"body": "cut"}


def test_a_lost_connection_is_a_cut_body():
    body = form(file("f", "x", b"first"))
    for server in (LimitedStream(BytesIO(body[:-40]), len(body)), Gone(body[:-40])):
        shelf = Shelf()
        assert refusal(server, shelf, length=len(body)) == {"body": "cut"}
        assert shelf.states == ["abandoned"]


class Gone(Wire):
    def read(self, size: int, /) -> bytes:
        data = super().read(size)
        if not data:
            raise ConnectionResetError
        return data


def test_it_never_reads_beyond_the_declared_length():
    body = form(text("a", "1"))
    wire = Wire(body + b"GET / HTTP/1.1\r\n")
    assert read(wire, length=len(body)).fields == {"a": ["1"]}
    assert wire.passed == len(body)


# All or nothing


@pytest.mark.parametrize("step", ["write", "finish"])
def test_a_sink_that_fails_is_abandoned(step: str):
    shelf = Shelf(fails_at=step)
    with pytest.raises(Unavailable):
        read(form(file("f", "x", b"first")), shelf)
    assert shelf.states == ["abandoned"]


def test_a_late_refusal_discards_the_finished_files():
    shelf = Shelf()
    body = form(file("f", "x", b"first"), file("f", "y", b"second"), text("a", b"\xff"))
    assert refusal(body, shelf) == {"a": "not-unicode"}
    assert shelf.states == ["finished", "finished"]
    assert shelf.discarded == [b"second", b"first"]


def test_a_sink_that_cannot_be_opened_discards_the_finished_files():
    shelf = Shelf()

    def open_once(described: FilePart) -> Sink:
        if shelf.sinks:
            raise Unavailable("storage")
        return shelf.open(described)

    body = form(file("f", "x", b"first"), file("f", "y", b"second"))
    reader = FormReader(Wire(body), MULTIPART, len(body), LIMITS)
    with pytest.raises(Unavailable):
        reader.read_rest(open_once, shelf.discard)
    assert shelf.discarded == [b"first"]


# Limits


def test_it_takes_exactly_as_much_as_the_limits_say():
    read_form = read(
        form(
            text("a", "x" * (LIMITS.text_bytes - len(TOKEN))),
            text("b" * LIMITS.field_name_bytes, ""),
            *[file("f", "f" * LIMITS.file_name_characters, bytes(LIMITS.file_bytes))] * LIMITS.files,
            *[text("c", "")] * (LIMITS.fields - 3),
        )
    )
    assert len(read_form.files) == LIMITS.files


@pytest.mark.parametrize(
    ("body", "what", "limit"),
    [
        (form(text("a", "x" * 1_000), text("b", "é" * 496 + "x")), "text", LIMITS.text_bytes),
        (form(*[text("a", "")] * 6), "fields", LIMITS.fields),
        (form(*[file("f", "", b"")] * 6), "fields", LIMITS.fields),
        (form(*[file("f", "x", b"x")] * 3), "files", LIMITS.files),
        (form(file("f", "x", bytes(4_001))), "file", LIMITS.file_bytes),
        (form(text("é" * 11, "")), "field-name", LIMITS.field_name_bytes),
        (form(part("X: " + "x" * 400)), "header", LIMITS.header_bytes),
        (form(part("\r\n".join(f"X-{n}: x" for n in range(50)))), "header", LIMITS.header_bytes),
    ],
)
def test_it_refuses_more_than_the_limits_say(body: bytes, what: str, limit: int):
    assert overrun(body) == (what, limit)


def test_an_urlencoded_form_may_escape_every_byte():
    name, value = "n" * LIMITS.field_name_bytes, "x" * (LIMITS.text_bytes - len(TOKEN))
    body = b"token=k7-token&" + b"%6E" * len(name) + b"=" + b"%78" * len(value)
    assert read(body, content_type=URLENCODED).fields == {name: [value]}


@pytest.mark.parametrize(
    ("body", "what", "limit"),
    [
        (b"token=k7-token&a=" + b"%41" * 2_000, "text", LIMITS.text_bytes),
        (b"token=k7-token&a=" + b"x" * 20_000, "text", LIMITS.text_bytes),
        (b"token=k7-token" + b"&a=" * 6, "fields", LIMITS.fields),
        (b"token=k7-token&" + b"x" * 21, "field-name", LIMITS.field_name_bytes),
    ],
)
def test_the_limits_bind_urlencoded_forms_too(body: bytes, what: str, limit: int):
    assert overrun(body, content_type=URLENCODED) == (what, limit)


def test_no_byte_over_the_limit_reaches_a_sink():
    shelf = Shelf()
    body = form(file("f", "x", bytes(10 * LIMITS.file_bytes)))
    assert overrun(body, shelf)[0] == "file"
    assert shelf.states == ["abandoned"]
    assert sum(len(piece) for piece in shelf.sinks[0].pieces) <= LIMITS.file_bytes


def test_it_refuses_a_file_name_that_is_too_long_before_it_opens_a_sink():
    shelf = Shelf()
    assert refusal(form(file("f", "x" * 31, b"x")), shelf) == {"f": "file-name-too-long"}
    assert shelf.sinks == []


def test_a_refusal_reads_no_further():
    body = form(text("a", "x" * 3_000), file("f", "x", bytes(64 * PIECE)))
    wire = Wire(body)
    with pytest.raises(TooLarge):
        read(wire, length=len(body))
    assert wire.passed <= FIRST_READ + PIECE


@pytest.mark.parametrize(("rest", "most", "whole"), [(300, 300, True), (300, 299, False), (0, 0, True)])
def test_what_is_left_is_drained_within_a_bound(rest: int, most: int, whole: bool):
    body = b"token=k7-token&" + b"x" * (FIRST_READ - 15) + b"x" * rest
    reader = FormReader(Wire(body), URLENCODED, len(body), LIMITS)
    reader.read_first("token")
    assert reader.drain(FIRST_READ - 15 + most) is whole


def test_draining_a_long_body_stops_soon():
    body = form(file("f", "x", bytes(64 * PIECE)))
    wire = Wire(body)
    assert FormReader(wire, MULTIPART, len(body), LIMITS).drain(PIECE) is False
    assert wire.passed <= 2 * PIECE


def test_nothing_is_left_to_drain_where_the_sender_is_gone():
    assert FormReader(Wire(b"--"), MULTIPART, 100, LIMITS).drain(PIECE) is False


# Text


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (b"\xff", "not-unicode"),
        (b"\xc0\xaf", "not-unicode"),
        (b"\xed\xa0\x80", "not-unicode"),
        ("Ա".encode()[:1], "not-unicode"),
        (b"a\0b", "control-character"),
    ],
)
def test_it_refuses_text_that_is_no_text(value: bytes, problem: str):
    assert refusal(form(text("a", value))) == {"a": problem}
    escaped = b"token=k7-token&a=" + b"".join(b"%%%02X" % byte for byte in value)
    assert refusal(escaped, content_type=URLENCODED) == {"a": problem}


def test_a_letter_may_be_split_between_two_reads():
    body = form(text("a", "ԱԲ" * 400))
    assert read(Wire(body, repeat(3)), length=len(body)).fields == {"a": ["ԱԲ" * 400]}


@pytest.mark.parametrize(
    "body",
    [
        form(text("_charset_", "windows-1251")),
        form(
            part(
                'Content-Disposition: form-data; name="_charset_"\r\nContent-Type: text/plain; charset=utf-7'
            )
        ),
    ],
)
def test_it_refuses_a_form_in_another_charset(body: bytes):
    assert refusal(body) == {"_charset_": "not-unicode"}


# Hostile bodies


def disposition(parameters: str | bytes) -> bytes:
    return part(
        b"Content-Disposition: " + (parameters.encode() if isinstance(parameters, str) else parameters), b"x"
    )


FIELD = 'Content-Disposition: form-data; name="a"'

HOSTILE = {
    "line feeds alone": (form(text("a", "1")).replace(b"\r\n", b"\n"), "malformed"),
    "line feeds alone in one header": (form(part(FIELD + "\nX: x")), "malformed"),
    "a carriage return in a header": (form(part(FIELD + "\rX: x")), "malformed"),
    "a null in a header": (form(part(FIELD + "\r\nX: \0")), "malformed"),
    "a folded header": (form(part(FIELD + ";\r\n filename=x")), "malformed"),
    "a header without a colon": (form(part(FIELD + "\r\nX")), "malformed"),
    "a space before the colon": (form(part(FIELD + "\r\nContent-Type : x")), "malformed"),
    "no header at all": (form(DELIMITER[2:] + b"\r\n\r\nx\r\n"), "malformed"),
    "no disposition": (form(part("Content-Type: text/plain")), "malformed"),
    "two dispositions": (form(part(FIELD + "\r\n" + FIELD)), "malformed"),
    "another disposition": (form(disposition('attachment; name="a"')), "malformed"),
    "a name twice": (form(disposition('form-data; name="a"; NAME="b"')), "malformed"),
    "a file name in pieces": (form(disposition('form-data; name="a"; filename*0="x"')), "malformed"),
    "an unknown parameter": (form(disposition('form-data; name="a"; size=1')), "malformed"),
    "a quote that does not close": (form(disposition('form-data; name="a')), "malformed"),
    "a quote escaped by a backslash": (form(disposition(r'form-data; name="a\"b"')), "malformed"),
    "a semicolon after all": (form(disposition('form-data; name="a";')), "malformed"),
    "a newline in a name": (form(text("a%0D%0AX", "x")), "malformed"),
    "a line separator in a name": (form(text("a\u2028", "x")), "malformed"),
    "an empty name": (form(text("", "x")), "nameless-field"),
    "no name": (form(disposition("form-data")), "nameless-field"),
    "a file without a field": (form(disposition("form-data; filename=x")), "nameless-field"),
    "a header that is not UTF-8": (form(disposition(b'form-data; name="\xff"')), "not-unicode"),
    "a file name in Latin-1": (
        form(disposition("form-data; name=a; filename*=iso-8859-1''x")),
        "not-unicode",
    ),
    "a file name without charset": (form(disposition("form-data; name=a; filename*=x")), "not-unicode"),
    "a file name of bad UTF-8": (form(disposition("form-data; name=a; filename*=utf-8''%ff")), "not-unicode"),
    "base64": (form(part(FIELD + "\r\nContent-Transfer-Encoding: base64", b"eA==")), "transfer-encoding"),
    "quoted-printable": (
        form(part(FIELD + "; filename=x\r\nContent-Transfer-Encoding: Quoted-Printable")),
        "transfer-encoding",
    ),
    "a form within the form": (
        form(part(FIELD + "\r\nContent-Type: Multipart/mixed; boundary=inner", b"--inner--")),
        "nested",
    ),
    "a boundary that goes on": (form(file("f", "x", DELIMITER + b"2\r\n")), "malformed"),
    "a boundary with spaces after it": (form(text("a", b"x" + DELIMITER + b" ")), "malformed"),
    "a boundary closed by half": (form(text("a", b"x" + DELIMITER + b"-\r\n")), "malformed"),
    "an end that goes on": (form()[:-2] + b"x\r\n", "malformed"),
    "an epilogue that does not end": (form() + b"x" * 500, "malformed"),
    "a preamble that does not end": (b"x" * 500 + b"\r\n" + form(), "malformed"),
    "a body without the boundary": (b"x" * 50, "cut"),
}


@pytest.mark.parametrize(("body", "problem"), HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("size", [1, 7, PIECE])
def test_it_refuses_what_no_browser_sends(body: bytes, problem: str, size: int):
    shelf = Shelf()
    assert refusal(Wire(body, repeat(size)), shelf, length=len(body)) == {"body": problem}
    assert "open" not in shelf.states


def test_a_hidden_part_after_the_end_is_not_read():
    assert read(form(text("a", "1")) + text("b", "2")).fields == {"a": ["1"]}


@pytest.mark.parametrize("body", [b"token=k7-token&&a=1", b"token=k7-token&=1"])
def test_it_refuses_an_urlencoded_field_without_a_name(body: bytes):
    assert refusal(body, content_type=URLENCODED) == {"body": "nameless-field"}


def test_it_refuses_an_urlencoded_name_that_is_no_text():
    assert refusal(b"token=k7-token&%ff=1", content_type=URLENCODED) == {"body": "not-unicode"}


@pytest.mark.parametrize(
    ("content_type", "problem"),
    [
        ("", "not-a-form"),
        ("text/plain", "not-a-form"),
        ("multipart/mixed; boundary=x", "not-a-form"),
        ("multipart/form-data", "bad-boundary"),
        ("multipart/form-data; boundary=", "malformed"),
        ('multipart/form-data; boundary=""', "bad-boundary"),
        (f"multipart/form-data; boundary={'x' * 71}", "bad-boundary"),
        ('multipart/form-data; boundary="x "', "bad-boundary"),
        ('multipart/form-data; boundary="é"', "bad-boundary"),
        ('multipart/form-data; boundary="x\r\n"', "bad-boundary"),
        ("multipart/form-data; boundary=x; boundary=y", "malformed"),
        ("multipart/form-data; charset=utf-16; boundary=x", "not-unicode"),
        ("application/x-www-form-urlencoded; charset=windows-1251", "not-unicode"),
    ],
)
def test_it_refuses_a_body_that_is_no_form(content_type: str, problem: str):
    assert refusal(b"", content_type=content_type) == {"body": problem}


def test_a_boundary_may_have_seventy_characters():
    body = form(text("a", "1")).replace(BOUNDARY.encode(), b"x" * 70)
    assert read(body, content_type=f"multipart/form-data; boundary={'x' * 70}").fields == {"a": ["1"]}


def test_thousands_of_tiny_parts_are_refused_early():
    body = form(*[text("a", "")] * 5_000)
    wire = Wire(body, repeat(1_000))
    with pytest.raises(TooLarge):
        read(wire, length=len(body))
    assert wire.passed <= 2 * FIRST_READ


@given(st.binary(max_size=300), st.integers(1, 40))
def test_no_bytes_do_more_than_be_refused(noise: bytes, size: int):
    shelf = Shelf()
    body = text("token", TOKEN) + DELIMITER[2:] + b"\r\n" + noise
    assert refusal(Wire(body, repeat(size)), shelf, length=len(body))
    assert "open" not in shelf.states


# Size


class Endless:
    """A file of `size` bytes that exists nowhere."""

    def __init__(self, size: int) -> None:
        head = file("f", "x", b"").rstrip(b"\r\n") + b"\r\n\r\n"
        self._ends = iter([text("token", TOKEN) + head])
        self._block, self._left = b"x" * (PIECE - 1) + b"\r", size

    def read(self, size: int, /) -> bytes:
        if (end := next(self._ends, None)) is not None:
            return end
        self._left -= (taken := min(size, self._left, PIECE))
        if not taken:
            self._ends = iter([DELIMITER + b"--\r\n", b""])
            return next(self._ends)
        return self._block[:taken]


class Scale:
    def __init__(self) -> None:
        self.weight, self.largest = 0, 0

    def write(self, data: bytes, /) -> None:
        self.weight += len(data)
        self.largest = max(self.largest, len(data))

    def finish(self) -> tuple[int, int]:
        return self.weight, self.largest

    def abandon(self) -> None:
        raise AssertionError


def test_a_large_file_passes_through_little_memory():
    size = 256 * PIECE + 1
    limits = Limits(2_000, 6, 1, size, 20, 30, 400)
    stream = Endless(size)
    tracemalloc.start()
    try:
        reader = FormReader(stream, MULTIPART, None, limits)
        reader.read_first("token")
        read_form = reader.read_rest(lambda _: Scale(), lambda _: None)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [result for _, result in read_form.files] == [(size, PIECE)]
    assert peak < 4 * PIECE
