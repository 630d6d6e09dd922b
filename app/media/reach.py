"""How far the streams of a recording go, held against what its container promises: whether it was cut short."""

from dataclasses import dataclass
from typing import Any, Final

from av.packet import Packet
from av.stream import Stream

_SHORT_SECONDS, _SHORT_SHARE = 1.0, 0.02
_LENGTH_UNKNOWN: Final = 0x7FFF_F000
"""What writes to a pipe cannot know how much will come, and fills in about as much as a field holds."""


@dataclass(slots=True)
class Reach:
    """One stream as far as it was read, in seconds of the recording's own clock."""

    carried: float = 0.0
    """Where its last packet ends."""
    begun: float = 0.0
    """Where its last packet begins."""
    decoded: float | None = None
    """Where the last frame begins that could be made of a packet."""

    def carry(self, packet: "Packet[Any]") -> None:
        begins = packet.dts if packet.pts is None else packet.pts
        if begins is not None and packet.time_base:
            self.begun = max(self.begun, float(begins * packet.time_base))
            self.carried = max(self.carried, float((begins + (packet.duration or 0)) * packet.time_base))

    def decode(self, seconds: float | None) -> None:
        """A frame that tells no time is of the packet at hand."""
        self.decoded = max(self.decoded or 0.0, self.begun if seconds is None else seconds)

    @property
    def breaks_off(self) -> bool:
        """Whether its packets go on after the last one of which anything could be made."""
        return self.decoded is not None and is_short(self.decoded, self.begun)


def promised(stream: Stream) -> float:
    """Where the container says that one stream ends; 0 where it says nothing."""
    if not stream.duration or not stream.time_base:
        return 0.0
    return float((stream.duration + (stream.start_time or 0)) * stream.time_base)


def lacks_bytes(head: bytes, size: int) -> bool:
    """Whether a RIFF file (AVI, WAV) holds fewer bytes than its first field says: its length in time is then a guess."""
    promised_bytes = int.from_bytes(head[4:8], "little")
    return (
        head.startswith(b"RIFF")
        and promised_bytes < _LENGTH_UNKNOWN
        and promised_bytes - size > _SHORT_SHARE * promised_bytes
    )


def is_short(got: float, wanted: float) -> bool:
    """By more than a header may be wrong."""
    return wanted - got > max(_SHORT_SECONDS, _SHORT_SHARE * wanted)
