"""The child's side of the conversation: a file to read that lies with the parent, and outputs that go there."""

import io
import os
from collections import OrderedDict
from typing import Final, Self

from app.media import frames
from app.media.frames import BLOCK, BrokenFrame, Frame
from app.media.shapes import FailureCode, Limits, OutputHead, Report

_SOCKET: Final = 0
_KEPT_BLOCKS: Final = 24


class Stop(Exception):  # noqa: N818  # reads as what happens
    """The file ends here, for the reason given."""

    def __init__(self, code: FailureCode) -> None:
        super().__init__(code)
        self.code = code


class Channel:
    """Frames over the one descriptor that the child has."""

    def send(self, frame: bytes) -> None:
        rest = memoryview(frame)
        while rest:
            rest = rest[os.write(_SOCKET, rest) :]

    def receive(self) -> Frame:
        return frames.receive(self._read_exactly)

    def setup(self) -> tuple[int, Limits]:
        """The size of the file and what it may cost: the first thing that the parent says."""
        frame = self.receive()
        if frame.kind != frames.SETUP:
            raise BrokenFrame("setup first")
        return frames.read_setup(frame.payload)

    def block(self, offset: int, size: int) -> bytes:
        self.send(frames.read(offset, size))
        frame = self.receive()
        if frame.kind != frames.DATA or len(frame.payload) != size:
            raise BrokenFrame("data")
        return frame.payload

    def progress(self, share: float) -> None:
        self.send(frames.progress(share))

    def output(self, head: OutputHead, data: bytes | bytearray | memoryview) -> None:
        """One whole output at once."""
        with Output(self, head) as output:
            output.write(data)

    def report(self, report: Report) -> None:
        numbers = {
            "width": report.width,
            "height": report.height,
            "duration_ms": report.duration_ms,
            "pages": report.pages,
        }
        lines = [("family", report.family), ("type", report.type)]
        lines += [(name, str(number)) for name, number in numbers.items()]
        lines += [("stream", name) for name in report.streams]
        lines += [("note", note) for note in report.notes]
        lines += [(f"captured.{name}", said) for name, said in report.captured.items()]
        for key, value in lines:
            self.send(frames.fact(key, value))
        self.send(frames.encode(frames.DONE))

    def failed(self, code: FailureCode) -> None:
        self.send(frames.failed(code))

    def _read_exactly(self, count: int) -> bytes:
        parts = []
        while count:
            part = os.read(_SOCKET, count)
            if not part:
                raise EOFError("the parent has gone")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)


class Output:
    """One output being written; leaving the block in peace ends it. One at a time."""

    def __init__(self, channel: Channel, head: OutputHead) -> None:
        self._channel = channel
        self._head = head

    def __enter__(self) -> Self:
        self._channel.send(frames.begin(self._head))
        return self

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        if kind is None:
            self._channel.send(frames.encode(frames.END))

    def write(self, data: bytes | bytearray | memoryview) -> int:
        view = memoryview(data)
        for start in range(0, len(view), BLOCK):
            self._channel.send(frames.encode(frames.BYTES, bytes(view[start : start + BLOCK])))
        return len(view)


class RemoteFile(io.RawIOBase):
    """The file, read in whole blocks from the parent, of which the last few are kept for demuxers that leap."""

    def __init__(self, channel: Channel, size: int) -> None:
        super().__init__()
        self._channel = channel
        self._size = size
        self._position = 0
        self._blocks: OrderedDict[int, bytes] = OrderedDict()

    @property
    def size(self) -> int:
        return self._size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("before the beginning")
        self._position = base + offset
        return self._position

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]  # any writable buffer
        block = self._block(self._position // BLOCK)
        start = self._position % BLOCK
        part = block[start : start + len(view)]
        view[: len(part)] = part
        self._position += len(part)
        return len(part)

    def read(self, size: int | None = -1) -> bytes:
        """Just so many bytes, fewer only at the end: decoders rarely ask twice."""
        wanted = max(self._size - self._position, 0)
        if size is not None and size >= 0:
            wanted = min(size, wanted)
        data = bytearray(wanted)
        view, done = memoryview(data), 0
        while done < wanted:
            done += self.readinto(view[done:])
        return bytes(data)

    def head(self, count: int) -> bytes:
        self.seek(0)
        return self.read(count)

    def _block(self, number: int) -> bytes:
        if number in self._blocks:
            self._blocks.move_to_end(number)
            return self._blocks[number]
        offset = number * BLOCK
        if offset >= self._size:
            return b""
        self._blocks[number] = self._channel.block(offset, min(BLOCK, self._size - offset))
        if len(self._blocks) > _KEPT_BLOCKS:
            self._blocks.popitem(last=False)
        return self._blocks[number]
