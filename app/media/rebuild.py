"""What may be shown of a hostile file, rebuilt: the parent's side, which holds the file and believes nothing."""

from collections.abc import Mapping
from time import monotonic
from types import MappingProxyType
from typing import Final

from app.media import frames, sandbox
from app.media.frames import BLOCK, BrokenFrame, Frame
from app.media.said import Account
from app.media.sandbox import Child, ChildEnded
from app.media.shapes import (
    LIMITS,
    MIB,
    PEAKS_TYPE,
    Failed,
    FailureCode,
    Limits,
    OpenOutput,
    OutputHead,
    Progress,
    Report,
    Sink,
    Source,
)

_MAX_SIDE: Final = 2560
_MAX_SMALL_SIDE, _MAX_SMALL_BYTES = 320, MIB // 4
"""Of a thumbnail, which readers see without asking for it."""
_MAX_PEAKS_BYTES: Final = 4000
_READ_AGAIN: Final = 24
"""How many times over a demuxer may read a file; some leap between an index and what it names."""
_BEGINNINGS: Final[Mapping[str, bytes]] = MappingProxyType(
    {
        "image/jpeg": b"\xff\xd8\xff",
        "image/png": b"\x89PNG\r\n\x1a\n",
        "audio/webm": b"\x1a\x45\xdf\xa3",
        "video/mp4": b"\x00\x00\x00",  # of the length of its first box
        PEAKS_TYPE: b"",
    }
)
_SOUND: Final = frozenset({"listening", "peaks"})
_SECONDS_BETWEEN_WORDS: Final = 0.25
_OURS_TO_SAY: Final = frozenset({"sandbox-missing", "extra-missing"})


def rebuild(
    source: Source,
    open_output: OpenOutput,
    progress: Progress,
    limits: Limits = LIMITS,
    strict: bool = False,
) -> Report | Failed:
    """Decode `source` in a sandboxed child and hand what it makes to `open_output`, one output at a time.

    `strict` demands both walls (production); without it the filter alone will do, and bubblewrap is used where it
    is. What the source, the sinks or `progress` raise ends the child, abandons the output under way and reaches the
    caller. On `Failed` some outputs may have been finished already: they are for the caller to drop.
    """
    if sandbox.extra_is_missing():
        return Failed("extra-missing")
    size = source.size()
    for bwrap in sandbox.ways_in(strict=strict):
        with Child(sandbox.command(["decode"], bwrap), size, limits) as child:
            if child.set_up():
                return Conversation(child, source, size, open_output, progress, limits).hold()
    return Failed("sandbox-missing")


class Conversation:
    """Answers what the child asks, takes what it makes, and ends at the first thing out of place."""

    def __init__(
        self,
        child: Child,
        source: Source,
        size: int,
        open_output: OpenOutput,
        progress: Progress,
        limits: Limits,
    ) -> None:
        self._child = child
        self._source = source
        self._size = size
        self._progress = progress
        self._outputs = _Outputs(open_output, limits)
        self._account = Account()
        self._may_read = _READ_AGAIN * size + 64 * MIB
        self._next_word = 0.0

    def hold(self) -> Report | Failed:
        try:
            while True:
                frame = self._child.receive()
                if frame.kind == frames.FAILED:
                    return Failed(_believed(frames.read_failed(frame.payload)))
                if frame.kind == frames.DONE:
                    return self._end()
                self._answer(frame)
        except ChildEnded as ended:
            return Failed(ended.why)
        except BrokenFrame:
            return Failed("crashed")
        finally:
            self._outputs.abandon()

    def _answer(self, frame: Frame) -> None:
        match frame.kind:
            case frames.READ:
                self._hand_over(*frames.read_read(frame.payload))
            case frames.BEGIN:
                self._outputs.begin(frames.read_begin(frame.payload))
            case frames.BYTES:
                self._outputs.write(frame.payload)
            case frames.END:
                self._outputs.end()
            case frames.PROGRESS:
                self._pass_on(frames.read_progress(frame.payload))
            case frames.FACT:
                self._account.add(*frames.read_fact(frame.payload))
            case _:
                raise BrokenFrame("kind")

    def _hand_over(self, offset: int, size: int) -> None:
        self._may_read -= size
        if not 0 < size <= BLOCK or offset + size > self._size or self._may_read < 0:
            raise BrokenFrame("read")
        self._child.send(frames.encode(frames.DATA, self._source.read_at(offset, size)))

    def _pass_on(self, share: float) -> None:
        if monotonic() >= self._next_word:
            self._next_word = monotonic() + _SECONDS_BETWEEN_WORDS
            self._progress(share)

    def _end(self) -> Report:
        if self._outputs.is_open():
            raise BrokenFrame("an output was never ended")
        return self._account.report()


class _Outputs:
    """The outputs of one file, each measured as it comes: kind, number, size in pixels and bytes, first bytes."""

    def __init__(self, open_output: OpenOutput, limits: Limits) -> None:
        self._open_output = open_output
        self._limits = limits
        self._seen: set[tuple[str, int]] = set()
        self._sink: Sink | None = None
        self._head: OutputHead | None = None
        self._written = 0

    def is_open(self) -> bool:
        return self._sink is not None

    def begin(self, head: OutputHead) -> None:
        if self._sink or (head.kind, head.number) in self._seen or not self._is_fitting(head):
            raise BrokenFrame("output")
        self._seen.add((head.kind, head.number))
        self._head, self._written = head, 0
        self._sink = self._open_output(head)

    def write(self, data: bytes) -> None:
        if self._sink is None or self._head is None or not data:
            raise BrokenFrame("bytes without an output")
        if not self._written and not data.startswith(_BEGINNINGS[self._head.type]):
            raise BrokenFrame("not of its type")
        self._written += len(data)
        if self._written > self._most_bytes(self._head):
            raise ChildEnded("too-large")
        self._sink.write(data)

    def end(self) -> None:
        if self._sink is None or not self._written:
            raise BrokenFrame("nothing to end")
        self._sink.finish()
        self._sink = None

    def abandon(self) -> None:
        sink, self._sink = self._sink, None
        if sink:
            sink.abandon()

    def _most_bytes(self, head: OutputHead) -> int:
        few = {"peaks": _MAX_PEAKS_BYTES, "thumbnail": _MAX_SMALL_BYTES}
        return few.get(head.kind) or self._limits.bytes_for(head.kind)

    def _is_fitting(self, head: OutputHead) -> bool:
        numbers = range(1, (self._limits.pages if head.kind == "page" else 1) + 1)
        most = _MAX_SMALL_SIDE if head.kind == "thumbnail" else _MAX_SIDE
        sides = range(1) if head.kind in _SOUND else range(1, most + 1)
        longest = 1000 * self._limits.duration_seconds
        return (
            head.number in numbers
            and head.width in sides
            and head.height in sides
            and head.duration_ms <= longest
        )


def _believed(code: FailureCode) -> FailureCode:
    """Whether there are walls is not for the child to say."""
    return "crashed" if code in _OURS_TO_SAY else code
