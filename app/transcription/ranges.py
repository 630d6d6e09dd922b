"""Which bytes of a file a player asks for (RFC 9110, section 14)."""

from dataclasses import dataclass
from typing import Self

from werkzeug.datastructures import Range


class Unsatisfiable(Exception):  # noqa: N818  # named for what RFC 9110 calls such a range
    """Nothing of what was asked for is there (416)."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """`[start, stop)` of a file of `length` bytes; `whole` where no range was asked for."""

    start: int
    stop: int
    length: int
    whole: bool = False

    @classmethod
    def asked(cls, asked: Range | None, length: int) -> Self:
        """The one range that was asked for; several at once, or other units, are answered with the whole.

        Raises:
            Unsatisfiable: it begins after the end, or is empty.
        """
        if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
            return cls(0, length, length, whole=True)
        first, stop = asked.ranges[0]
        start = max(length + first, 0) if first < 0 else first
        stop = length if stop is None else min(stop, length)
        if start >= stop:
            raise Unsatisfiable
        return cls(start, stop, length)

    @property
    def size(self) -> int:
        return self.stop - self.start

    @property
    def content_range(self) -> str:
        return f"bytes {self.start}-{self.stop - 1}/{self.length}"
