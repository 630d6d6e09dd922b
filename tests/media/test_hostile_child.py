"""A child that has been taken over may say anything: the parent measures every word and ends it at the first lie."""

import sys
import textwrap
import tracemalloc
from pathlib import Path

import pytest

from app.media.rebuild import Conversation
from app.media.sandbox import Child
from app.media.shapes import Failed, Limits, OutputHead, Report
from tests.media.files import Bytes, Kept, Shelf

HERE = Path(__file__).parents[2]
PREPARED = """
import os, struct, sys, time
sys.path.append({here!r})
from app.media import frames
from app.media.channel import Channel
from app.media.shapes import OutputHead
channel = Channel()
channel.setup()
send = channel.send
send(frames.encode(frames.READY))
def begin(kind="view", number=1, type="image/png", width=10, height=10, duration_ms=0):
    send(frames.begin(OutputHead(kind, number, type, width, height, duration_ms)))
def put(data=b"\\x89PNG\\r\\n\\x1a\\n"):
    send(frames.encode(frames.BYTES, data))
def end():
    send(frames.encode(frames.END))
def account(family="image", type="image/png"):
    send(frames.fact("family", family)); send(frames.fact("type", type)); send(frames.encode(frames.DONE))
"""
QUICK = Limits(stall_seconds=4, cpu_seconds=4, picture_bytes=1 << 20)


def told(script: str, limits: Limits = QUICK, source: object = None) -> tuple[Report | Failed, Shelf]:
    shelf = Shelf()
    code = PREPARED.format(here=str(HERE)) + textwrap.dedent(script)
    held = source or Bytes(bytes(1000))
    with Child([sys.executable, "-B", "-c", code], 1000, limits) as child:
        assert child.set_up()
        conversation = Conversation(child, held, 1000, shelf.open_output, shelf.progress.append, limits)  # type: ignore[arg-type]  # a child that lies
        return conversation.hold(), shelf


def test_an_honest_child_is_believed():
    ended, shelf = told("begin(); put(); end(); account()")
    assert isinstance(ended, Report)
    assert shelf.kinds() == ["view"]


LIES = {
    "a frame longer than any": "os.write(0, struct.pack('>BI', frames.BYTES, 1 << 31))",
    "a frame just too long": "os.write(0, struct.pack('>BI', frames.BYTES, (1 << 18) + 1))",
    "an unknown kind of frame": "send(frames.encode(99, b''))",
    "a frame that only the parent sends": "send(frames.encode(frames.DATA, b'x'))",
    "a second readiness": "send(frames.encode(frames.READY))",
    "bytes without an output": "put()",
    "an end without an output": "end()",
    "an output within an output": "begin(); put(); begin(number=1, kind='thumbnail', type='image/jpeg')",
    "the same output twice": "begin(); put(); end(); begin()",
    "an empty output": "begin(); end()",
    "an empty piece": "begin(); put(b'')",
    "an output never ended": "begin(); put(); account()",
    "a page where a picture is promised": "begin(); put(b'<html><script>')",
    "a picture of no size": "begin(width=0)",
    "a picture of great size": "begin(width=2561)",
    "a thumbnail of the size of a picture": "begin('thumbnail', 1, 'image/jpeg', 321, 240)",
    "a sound with a width": "begin('listening', 1, 'audio/webm', 5, 0, 5)",
    "a sound longer than any": "begin('listening', 1, 'audio/webm', 0, 0, 1 << 60)",
    "a second view": "begin(number=2)",
    "page nought": "begin('page', 0, 'image/jpeg')",
    "page fifty-one": "begin('page', 51, 'image/jpeg')",
    "an output of no kind": "send(frames.encode(frames.BEGIN, struct.pack('>BHBIIQ', 7, 1, 0, 1, 1, 0)))",
    "an output of no type": "send(frames.encode(frames.BEGIN, struct.pack('>BHBIIQ', 0, 1, 2, 1, 1, 0)))",
    "an output cut short": "send(frames.encode(frames.BEGIN, b'x'))",
    "reading beyond the end": "send(frames.read(900, 101))",
    "reading far beyond the end": "send(frames.read(1 << 63, 1))",
    "reading nothing": "send(frames.read(0, 0))",
    "reading more than a block": "send(frames.read(0, 1 << 31))",
    "a report of no family": "account(family='program')",
    "a report of another type": "account(type='text/html')",
    "a report of nothing": "send(frames.encode(frames.DONE))",
    "an unknown fact": "send(frames.fact('owner', 'root'))",
    "a fact that is no text": "send(frames.encode(frames.FACT, b'\\x04note\\xff\\xfe'))",
    "a fact of no name": "send(frames.encode(frames.FACT, b'\\x00'))",
    "an empty fact": "send(frames.encode(frames.FACT))",
    "a fact whose name runs out": "send(frames.encode(frames.FACT, b'\\x20abc'))",
    "a number that is none": "send(frames.fact('width', '\\u0663'))",
    "an unknown note": "send(frames.fact('note', 'all-is-well'))",
    "a note twice": "send(frames.fact('note', 'cut-short')); send(frames.fact('note', 'cut-short'))",
    "a codec that is none": "send(frames.fact('stream', '<b>'))",
    "streams without end": "[send(frames.fact('stream', 'aac')) for _ in range(100)]",
    "words of the camera without end": "[send(frames.fact(f'captured.a{chr(97 + n % 26) * (n // 26 + 1)}', 'x')) for n in range(60)]",
    "a long word of the camera": "send(frames.fact('captured.make', 'x' * 201))",
    "lines in a word of the camera": "send(frames.fact('captured.make', 'a\\nb'))",
    "a turned word of the camera": "send(frames.fact('captured.make', 'a\\u202eb'))",
    "a failure of no code": "send(frames.encode(frames.FAILED, b'\\x09'))",
    "that there are no walls": "send(frames.failed('sandbox-missing'))",
    "a death": "os.abort()",
    "a good-bye": "sys.exit(0)",
    "half a frame": "os.write(0, b'\\x0c\\x00'); sys.exit(0)",
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_ends_as_a_crash_and_leaves_no_open_output(lie: str):
    ended, shelf = told(LIES[lie])
    assert ended == Failed("crashed")
    assert all(kept.state != "open" for kept in shelf.outputs)


def test_reading_the_file_over_and_over_comes_to_an_end():
    assert told("while True: channel.block(0, 1000)")[0] == Failed("crashed")


def test_more_peaks_than_there_are_is_too_large():
    peaks = "begin('peaks', 1, 'application/octet-stream', 0, 0, 5); put(bytes(4001))"
    assert told(peaks)[0] == Failed("too-large")


def test_a_thumbnail_as_heavy_as_a_picture_is_too_large():
    small = "begin('thumbnail', 1, 'image/jpeg', 320, 240); put(b'\\xff\\xd8\\xff'); put(bytes(1 << 18))"
    assert told(small)[0] == Failed("too-large")


def test_an_output_beyond_its_bounds_is_too_large_and_abandoned():
    ended, shelf = told("begin(); put()\nwhile True: put(bytes(1 << 18))")
    assert ended == Failed("too-large")
    assert shelf.outputs[0].state == "abandoned"
    assert len(shelf.outputs[0].data) <= 1 << 20


@pytest.mark.parametrize(
    "silence",
    [
        "time.sleep(60)",
        "os.write(0, b'\\x0c'); time.sleep(60)",
        "\nfor byte in struct.pack('>BI', frames.BYTES, 100) + bytes(100): os.write(0, bytes([byte])); time.sleep(0.3)",
    ],
    ids=["silent", "half-a-frame", "byte-by-byte"],
)
def test_a_child_that_falls_silent_took_too_long(silence: str):
    assert told(silence)[0] == Failed("took-too-long")


def test_a_child_that_talks_for_ever_took_too_long():
    limits = Limits(stall_seconds=4, cpu_seconds=1)
    assert told("while True: send(frames.progress(0.5)); time.sleep(0.05)", limits)[0] == Failed(
        "took-too-long"
    )


def test_a_child_that_does_not_listen_took_too_long():
    deaf = "for _ in range(100000): send(frames.read(0, 1000))"
    assert told(deaf)[0] in (Failed("took-too-long"), Failed("crashed"))


def test_a_flood_of_progress_is_passed_on_as_a_trickle():
    ended, shelf = told("[send(frames.progress(n / 5000)) for n in range(5000)]; account()")
    assert isinstance(ended, Report)
    assert len(shelf.progress) < 50


class BrokenError(Exception):
    pass


class Unreadable(Bytes):
    def read_at(self, offset: int, size: int) -> bytes:
        raise BrokenError


def test_what_the_source_raises_reaches_the_caller():
    with pytest.raises(BrokenError):
        told("channel.block(0, 10)", source=Unreadable(b""))


def test_a_time_out_of_the_source_is_not_taken_for_the_childs():
    class Slow(Bytes):
        def read_at(self, offset: int, size: int) -> bytes:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        told("channel.block(0, 10)", source=Slow(b""))


def test_what_a_sink_raises_reaches_the_caller_and_the_output_is_abandoned():
    class Full(Kept):
        def write(self, data: bytes) -> None:
            raise BrokenError

    opened: list[Full] = []

    def open_output(head: OutputHead) -> Full:
        opened.append(Full(head))
        return opened[-1]

    code = PREPARED.format(here=str(HERE)) + "begin(); put(); end(); account()"
    with Child([sys.executable, "-B", "-c", code], 1000, QUICK) as child:
        assert child.set_up()
        with pytest.raises(BrokenError):
            Conversation(child, Bytes(bytes(1000)), 1000, open_output, lambda _: None, QUICK).hold()
    assert [kept.state for kept in opened] == ["abandoned"]


def test_the_parent_keeps_little_whatever_the_child_sends():
    class Nowhere(Kept):
        def write(self, data: bytes) -> None:
            pass

    code = (
        PREPARED.format(here=str(HERE))
        + "begin(); put(); [put(bytes(1 << 18)) for _ in range(200)]; end(); account()"
    )
    limits = Limits(stall_seconds=20)
    tracemalloc.start()
    with Child([sys.executable, "-B", "-c", code], 1000, limits) as child:
        assert child.set_up()
        ended = Conversation(child, Bytes(bytes(1000)), 1000, Nowhere, lambda _: None, limits).hold()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(ended, Report)
    assert peak < 4 << 20
