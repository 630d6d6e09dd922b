"""What goes into a rebuilding and what comes out of it: limits, outputs, the report, the ways to fail."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal, Protocol

MIB: Final = 1 << 20

Family = Literal["image", "audio", "video", "document"]
Kind = Literal["view", "thumbnail", "listening", "peaks", "poster", "playback", "page"]
FailureCode = Literal[
    "corrupt",  # it begins like something known, and cannot be decoded
    "crashed",  # the decoder died, or broke the rules of the conversation
    "took-too-long",
    "too-much-memory",
    "too-large",  # more pixels, hours, streams or output than is taken
    "unsupported",  # nothing that is decoded here
    "encrypted",
    "sandbox-missing",  # no wall to decode behind, so nothing was read
    "extra-missing",  # the extra `media` is not installed, so nothing was read
]

FAMILIES: Final[tuple[Family, ...]] = ("image", "audio", "video", "document")
KINDS: Final[tuple[Kind, ...]] = ("view", "thumbnail", "listening", "peaks", "poster", "playback", "page")
FAILURES: Final[tuple[FailureCode, ...]] = (
    "corrupt",
    "crashed",
    "took-too-long",
    "too-much-memory",
    "too-large",
    "unsupported",
    "encrypted",
    "sandbox-missing",
    "extra-missing",
)
NOTES: Final = (
    "more-pages",  # the document has more pages than were drawn
    "page-missing",  # a page could not be drawn
    "more-pictures",  # frames or pages of the image beyond the first were left out
    "trailing-bytes",  # something follows the end of the file proper
    "sound-missing",  # there is a sound stream, and it could not be decoded
    "picture-missing",  # there is a picture stream, and it could not be decoded
    "more-streams",  # streams beyond the best picture and the first sound were left out
    "cut-short",  # the file ends, or breaks, before its own end
)

PEAKS_TYPE: Final = "application/octet-stream"
TYPES_OF_OUTPUTS: Final[Mapping[Kind, tuple[str, ...]]] = MappingProxyType(
    {
        "view": ("image/jpeg", "image/png"),
        "thumbnail": ("image/jpeg",),
        "listening": ("audio/webm",),
        "peaks": (PEAKS_TYPE,),
        "poster": ("image/jpeg",),
        "playback": ("video/mp4",),
        "page": ("image/jpeg",),
    }
)


class Source(Protocol):
    """The bytes of one file. Whatever it raises ends the rebuilding and reaches the caller."""

    def size(self) -> int: ...

    def read_at(self, offset: int, size: int) -> bytes:
        """Exactly `size` bytes from `offset`; never asked for bytes beyond the end."""
        ...


class Sink(Protocol):
    """Where one output goes. It ends with `finish` or `abandon`, once; what was abandoned never was."""

    def write(self, data: bytes) -> None: ...

    def finish(self) -> None: ...

    def abandon(self) -> None: ...


@dataclass(frozen=True, slots=True)
class OutputHead:
    """What an output is. `number` counts the pages of a document from 1, and is 1 for everything else.

    `width` and `height` in pixels, 0 for sound; `duration_ms` 0 for pictures, and for a playback, whose length
    is known only at its end: the report has it. Peaks are pairs of signed bytes, the lowest and the highest
    sample of equal stretches of the sound, in order; 127 is full scale; at most 2,000 pairs.
    """

    kind: Kind
    number: int
    type: str
    width: int
    height: int
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Report:
    """What the file turned out to be. `captured` is what the camera wrote of itself: never in any output."""

    family: Family
    type: str
    width: int = 0
    height: int = 0
    duration_ms: int = 0
    pages: int = 0
    streams: tuple[str, ...] = ()
    captured: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """Nothing came of it. Outputs that had been finished before are for the caller to drop."""

    code: FailureCode


OpenOutput = Callable[[OutputHead], Sink]
Progress = Callable[[float], None]
"""Is told from 0 to 1, at most a few times a second."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may cost. Every field is a whole number below 2 to the power of 64."""

    pixels: int = 128_000_000
    scaled_pixels: int = 256_000_000
    """For JPEG, which is decoded at a fraction of its size."""
    video_pixels: int = 36_000_000
    duration_seconds: int = 12 * 3600
    streams: int = 16
    pages: int = 50
    whole_bytes: int = 192 * MIB
    """Of an image whose decoder wants all of it at once."""
    memory_bytes: int = 1024 * MIB
    """Beyond what the interpreter and the decoders take to be there at all."""
    cpu_seconds: int = 300
    cpu_seconds_per_mib: int = 60
    """Time is given in proportion to the file, so that a small one cannot hold a worker for hours."""
    cpu_seconds_at_most: int = 8 * 3600
    stall_seconds: int = 120
    """Without a word from the child."""
    picture_bytes: int = 64 * MIB
    sound_bytes: int = 512 * MIB
    playback_bytes: int = 16 * 1024 * MIB

    def cpu_for(self, size: int) -> int:
        return min(self.cpu_seconds + self.cpu_seconds_per_mib * (size // MIB), self.cpu_seconds_at_most)

    def bytes_for(self, kind: Kind) -> int:
        if kind == "playback":
            return self.playback_bytes
        return self.sound_bytes if kind == "listening" else self.picture_bytes


LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class SandboxState:
    """Which walls stand here, as tried just now. `problems` are codes for a health page.

    `no-linux`, `bubblewrap-missing` (not installed), `bubblewrap-broken` (installed, and it does not start, or does not keep
    things out), `filter-broken` (the kernel does not take the filter, or something got through it),
    `extra-missing` (nothing to decode with). `leaks` names what got through, by the attack's name.
    """

    namespaces: bool
    filtered: bool
    extra: bool
    problems: tuple[str, ...] = ()
    leaks: tuple[str, ...] = ()
