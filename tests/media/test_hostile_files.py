"""Whatever bytes come, each ends as a report or as one clear state, and never takes the parent with it."""

import random
import time
import tracemalloc
from collections.abc import Callable

import pytest

from app.media.rebuild import rebuild
from app.media.shapes import LIMITS, Failed, Limits, Report
from tests.media.files import Bytes, Kept, Shelf, outcome, pdf, picture, recording, wav

CLEAR = {"corrupt", "unsupported", "too-large", "encrypted", "too-much-memory"}
SMALL: dict[str, Callable[[], bytes]] = {
    "jpeg": lambda: picture("JPEG", 160, 120),
    "png": lambda: picture("PNG", 160, 120),
    "webp": lambda: picture("WEBP", 160, 120),
    "heic": lambda: picture("HEIF", 160, 120),
    "gif": lambda: picture("GIF", 160, 120),
    "tiff": lambda: picture("TIFF", 40, 30),
    "wav": lambda: wav(0.5, 8000),
    "mp3": lambda: recording("mp3", "libmp3lame", seconds=0.5),
    "ogg": lambda: recording("ogg", "libopus", seconds=0.5),
    "mp4": lambda: recording("mp4", "aac", "libx264", seconds=0.5),
    "avi": lambda: recording("avi", "pcm_s16le", "mpeg4", seconds=0.5, size=(64, 48), rate=8000),
    "mkv": lambda: recording("matroska", "aac", "libx264", seconds=0.5),
    "pdf": lambda: pdf(2),
}


CUT_FINELY = {"jpeg", "mp4", "avi", "pdf"}


def is_clear(ended: object) -> bool:
    return isinstance(ended, Report) or (isinstance(ended, Failed) and ended.code in CLEAR)


@pytest.mark.slow
@pytest.mark.parametrize("kind", SMALL)
def test_a_file_cut_anywhere_ends_clearly(kind: str):
    data = SMALL[kind]()
    for tenth in range(1, 10) if kind in CUT_FINELY else (1, 5, 9):
        ended, shelf = outcome(data[: len(data) * tenth // 10])
        assert is_clear(ended), (tenth, ended)
        assert all(kept.state == "finished" for kept in shelf.outputs if isinstance(ended, Report))


@pytest.mark.slow
@pytest.mark.parametrize("kind", SMALL)
def test_a_file_with_flipped_bits_ends_clearly(kind: str):
    data = SMALL[kind]()
    chance = random.Random(kind)
    for attempt in range(5):
        broken = bytearray(data)
        for _ in range(chance.choice((1, 4, 30))):
            broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
        ended, _ = outcome(bytes(broken))
        assert is_clear(ended), (attempt, ended)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0",
        b"hello",
        bytes(10_000),
        b"#!/bin/sh\nrm -rf /\n",
        b"PK\x03\x04" + bytes(100),
        b"#EXTM3U\n/etc/passwd\n",
        b"<svg/>",
    ],
    ids=["nothing", "zero", "words", "zeros", "script", "archive", "playlist", "svg"],
)
def test_what_is_no_recording_no_picture_and_no_document_is_refused(data: bytes):
    ended, shelf = outcome(data)
    assert ended == Failed("unsupported")
    assert shelf.outputs == []


@pytest.mark.parametrize(
    "magic",
    [
        b"\xff\xd8\xff\xe0",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"%PDF-1.4",
        b"OggS",
        b"RIFF\0\0\0\0AVI LIST",
        b"\0\0\0\x18ftypmp42",
    ],
)
def test_a_good_beginning_with_nothing_behind_it_is_corrupt(magic: bytes):
    assert outcome(magic + random.Random(5).randbytes(3000))[0] == Failed("corrupt")


def test_a_film_whose_pictures_are_broken_still_gives_its_sound():
    data = bytearray(recording("matroska", "aac", "libx264", seconds=2))
    start = 0
    while (start := data.find(b"\xa3", start + 1)) > 0 and start < len(data) - 40:
        if data[start + 2] == 0x81 or data[start + 3] == 0x81:
            data[start + 8 : start + 30] = bytes(22)
    ended, _ = outcome(bytes(data))
    assert is_clear(ended)


def test_work_that_takes_too_long_is_ended():
    film = recording("avi", "", "mpeg4", seconds=40, size=(640, 480), fps=25)
    began = time.monotonic()
    ended, shelf = outcome(film, Limits(cpu_seconds=1, cpu_seconds_per_mib=0))
    assert ended == Failed("took-too-long")
    assert time.monotonic() - began < 20
    assert all(kept.state != "open" for kept in shelf.outputs)


GIB = 1 << 30


class Sparse(Bytes):
    """A file of 2 GiB, nearly all of which is a hole."""

    def __init__(self, head: bytes, tail: bytes = b"") -> None:
        super().__init__(head)
        self.tail = tail
        self.asked = 0

    def size(self) -> int:
        return 2 * GIB

    def read_at(self, offset: int, size: int) -> bytes:
        self.asked += size
        part = self.data[offset : offset + size].ljust(size, b"\0")
        from_end = offset + size - (self.size() - len(self.tail))
        if from_end > 0 and self.tail:
            whole = (
                bytes(self.size() - offset - len(self.tail)) if offset < self.size() - len(self.tail) else b""
            ) + self.tail
            part = whole[-(self.size() - offset) :][:size]
        return part


def box(name: bytes, length: int) -> bytes:
    return (1).to_bytes(4, "big") + name + length.to_bytes(8, "big")


@pytest.mark.parametrize("kind", ["mp4", "png", "jpeg"])
def test_a_file_of_two_gibibytes_is_neither_read_whole_nor_kept(kind: str):
    head = SMALL[kind]()
    if kind == "mp4":
        head += box(b"free", 2 * GIB - len(head))
    source, shelf = Sparse(head), Shelf()
    tracemalloc.start()
    ended = rebuild(source, shelf.open_output, shelf.progress.append)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(ended, Report)
    assert source.asked < 16 << 20
    assert peak < 4 << 20


def test_an_index_at_the_end_of_two_gibibytes_is_found_without_reading_what_lies_between():
    film = SMALL["mp4"]()
    moov = film.index(b"moov") - 4
    between = 2 * GIB - len(film)
    source = Sparse(film[:moov] + box(b"free", between), film[moov:])
    shelf = Shelf()
    ended = rebuild(source, shelf.open_output, shelf.progress.append)
    assert isinstance(ended, Report)
    assert "poster" in shelf.kinds()
    assert source.asked < 16 << 20


@pytest.mark.parametrize("kind", ["webp", "heic", "tiff"])
def test_a_picture_whose_decoder_wants_all_of_it_is_refused_when_all_is_too_much(kind: str):
    source, shelf = Sparse(SMALL[kind]()), Shelf()
    ended = rebuild(source, shelf.open_output, shelf.progress.append)
    assert ended in (Failed("too-large"), Failed("too-much-memory"))


def test_a_short_answer_of_the_source_is_no_answer():
    class Short(Bytes):
        def read_at(self, offset: int, size: int) -> bytes:
            return super().read_at(offset, size)[:-1]

    shelf = Shelf()
    assert rebuild(Short(picture("PNG")), shelf.open_output, shelf.progress.append, LIMITS) == Failed(
        "crashed"
    )


def test_an_output_nobody_can_take_is_abandoned():
    class Full(Kept):
        def finish(self) -> None:
            raise OSError("no space left")

    opened: list[Full] = []

    def open_output(head: object) -> Full:
        opened.append(Full(head))  # type: ignore[arg-type]  # a sink that refuses
        return opened[-1]

    with pytest.raises(OSError, match="no space"):
        rebuild(Bytes(picture("PNG")), open_output, lambda _: None)
    assert [kept.state for kept in opened] == ["abandoned"]
