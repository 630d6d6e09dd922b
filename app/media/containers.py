"""Recordings, opened: which streams there are, which two count, and whether a browser plays them as they came."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import av
from av.audio.stream import AudioStream
from av.codec.context import CodecContext
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from app.media import reach
from app.media.channel import RemoteFile, Stop
from app.media.reach import Reach
from app.media.shapes import FailureCode, Limits

_DEMUXERS: Final = "mov,mp4,matroska,webm,avi,ogg,wav,mp3,flac,aac,amr,mpeg,mpegts,mpegvideo"
_DECODERS: Final = (
    "h264 hevc vp8 vp9 libvpx libvpx-vp9 libdav1d av1 mpeg4 h263 mjpeg mpeg1video mpeg2video msmpeg4v2 "
    "msmpeg4 aac aac_latm mp3 mp3float mp2 mp2float opus libopus vorbis flac alac amrnb amrwb "
    "libopencore_amrnb libopencore_amrwb ac3 eac3 adpcm_ms adpcm_ima_wav adpcm_ima_qt adpcm_g726 gsm "
    "gsm_ms pcm_u8 pcm_s8 pcm_s16le pcm_s16be pcm_s24le pcm_s24be pcm_s32le pcm_s32be pcm_f32le pcm_f32be "
    "pcm_f64le pcm_alaw pcm_mulaw"
)
"""What is decoded at all: what phones, cameras and messengers have written; the rest of FFmpeg stays shut."""
DECODERS: Final = frozenset(_DECODERS.split())
_MICROSECONDS: Final = 1_000_000
_OPTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "format_whitelist": _DEMUXERS,
        "codec_whitelist": _DECODERS.replace(" ", ","),
        "protocol_whitelist": "",
        "max_streams": "256",
        "probesize": "8000000",
        "analyzeduration": "10000000",
        "max_probe_packets": "2500",
    }
)
_EBML_HEADER: Final = 64
_BRAND: Final = slice(8, 12)
_TYPES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "matroska,webm": ("video/x-matroska", "video/x-matroska"),
        "avi": ("video/x-msvideo", "video/x-msvideo"),
        "ogg": ("video/ogg", "audio/ogg"),
        "wav": ("audio/x-wav", "audio/x-wav"),
        "mp3": ("audio/mpeg", "audio/mpeg"),
        "flac": ("audio/x-flac", "audio/x-flac"),
        "aac": ("audio/aac", "audio/aac"),
        "amr": ("audio/amr", "audio/amr"),
        "mpeg": ("video/mpeg", "video/mpeg"),
        "mpegts": ("video/mpeg", "video/mpeg"),
        "mpegvideo": ("video/mpeg", "video/mpeg"),
    }
)
"""By demuxer: with a picture stream, and without."""
_PLAYED: Final[Mapping[str, tuple[frozenset[str], frozenset[str]]]] = MappingProxyType(
    {
        "video/mp4": (frozenset({"h264", "av1"}), frozenset({"aac", "mp3", "opus", "flac"})),
        "video/quicktime": (frozenset({"h264"}), frozenset({"aac", "mp3"})),
        "video/webm": (frozenset({"vp8", "vp9", "av1"}), frozenset({"opus", "vorbis"})),
    }
)
"""By type: the pictures and sounds that a current browser plays, Debian's Chromium for one."""
_EXACT_BY_STREAM: Final = frozenset(
    {"video/mp4", "audio/mp4", "video/quicktime", "video/3gpp", "audio/3gpp"}
    | {"audio/x-wav", "audio/x-flac", "video/x-msvideo"}
)
_EXACT: Final = _EXACT_BY_STREAM | {"video/webm", "audio/webm", "video/x-matroska"}
"""Types whose header knows the length; elsewhere FFmpeg guesses it."""
_PLAYED_PIXELS: Final = frozenset({"yuv420p", "yuvj420p"})


@dataclass(frozen=True, slots=True)
class Opened:
    """One recording. `seconds` is what the container claims, 0 where it claims nothing."""

    container: InputContainer
    type: str
    picture: VideoStream | None
    sound: AudioStream | None
    seconds: float
    start: float
    names: tuple[str, ...]
    lacks_bytes: bool
    reaches: Mapping[int, Reach]
    """By the number of the stream: how far those that count were read."""

    @property
    def streams(self) -> tuple[Stream, ...]:
        """The one or two that count."""
        return tuple(stream for stream in (self.picture, self.sound) if stream)

    @property
    def has_sound(self) -> bool:
        """Whether there is any, decoded here or not."""
        return bool(self.container.streams.audio)

    @property
    def has_pictures(self) -> bool:
        """Whether there are moving pictures, decoded here or not."""
        return any(not is_cover(stream) for stream in self.container.streams.video)

    @property
    def is_cut_short(self) -> bool:
        """Once it was read to its end: whether its container promises more than came, or a stream breaks off.

        One track may well end before the other: what counts is what is promised of each, and of the whole.
        """
        breaks_off = any(each.breaks_off for each in self.reaches.values())
        return self.lacks_bytes or breaks_off or (self.type in _EXACT and self._lacks_an_end())

    def _lacks_an_end(self) -> bool:
        furthest = max((each.carried for each in self.reaches.values()), default=0.0)
        ends = self.start + self.seconds
        by_stream = self.streams if self.type in _EXACT_BY_STREAM else ()
        return reach.is_short(furthest, ends) or any(
            reach.is_short(self.reaches[stream.index].carried, min(reach.promised(stream), ends))
            for stream in by_stream
        )

    @property
    def is_played_by_browsers(self) -> bool:
        pictures, sounds = _PLAYED.get(self.type, (frozenset(), frozenset()))
        return (
            self.picture is not None
            and codec_of(self.picture) in pictures
            and self.picture.codec_context.pix_fmt in _PLAYED_PIXELS
            and (self.sound is None or codec_of(self.sound) in sounds)
        )


def opened(file: RemoteFile, limits: Limits) -> Opened:
    """Open it from the beginning; Stop where it is nothing that we decode, or too much of it."""
    head = file.head(_EBML_HEADER)
    file.seek(0)
    try:
        container = av.open(
            file, "r", container_options=dict(_OPTIONS), metadata_errors="replace", buffer_size=65536
        )
    except (FFmpegError, ValueError) as refused:
        raise Stop(_why(refused)) from refused
    streams = container.streams
    if len(streams) > limits.streams:
        raise Stop("too-large")
    picture = _best_picture(streams.video, limits)
    sound = next((stream for stream in streams.audio if _is_decoded(stream)), None)
    if picture is None and sound is None:
        raise Stop("unsupported" if len(streams) else "corrupt")
    for stream in streams:
        stream.discard = av.stream.Discard.default if stream in (picture, sound) else av.stream.Discard.all
    names = tuple(codec_of(stream) for stream in streams)
    return Opened(
        container,
        _type(head, container, picture),
        picture,
        sound,
        max(container.duration or 0, 0) / _MICROSECONDS,
        max(container.start_time or 0, 0) / _MICROSECONDS,
        names,
        reach.lacks_bytes(head, file.size),
        {stream.index: Reach() for stream in (picture, sound) if stream},
    )


def _why(refused: Exception) -> FailureCode:
    return "too-much-memory" if isinstance(refused, MemoryError) else "corrupt"


def codec_of(stream: Stream) -> str:
    """FFmpeg's name of what is in a stream, whoever decodes it: `av1`, not `libdav1d`."""
    context: CodecContext | None = stream.codec_context
    return "unknown" if context is None else context.codec.canonical_name


def _is_decoded(stream: Stream) -> bool:
    context: CodecContext | None = stream.codec_context
    return context is not None and context.codec.name in DECODERS


def _best_picture(streams: tuple[VideoStream, ...], limits: Limits) -> VideoStream | None:
    """The largest moving picture: neither a cover nor a still beside it."""
    moving = [s for s in streams if _is_decoded(s) and not is_cover(s)]
    best = max(moving, key=_pixels, default=None)
    if best is not None and _pixels(best) > limits.video_pixels:
        raise Stop("too-large")
    return best


def is_cover(stream: Stream) -> bool:
    return bool(stream.disposition & Disposition.attached_pic)


def _pixels(stream: VideoStream) -> int:
    return stream.codec_context.width * stream.codec_context.height


def _type(head: bytes, container: InputContainer, picture: VideoStream | None) -> str:
    name = container.format.name
    if "mp4" in name:
        return _type_by_brand(head[_BRAND], picture)
    if "webm" in name and b"webm" in head:
        return "audio/webm" if picture is None else "video/webm"
    with_picture, without = _TYPES[name]
    return without if picture is None else with_picture


def _type_by_brand(brand: bytes, picture: VideoStream | None) -> str:
    if brand.startswith((b"3gp", b"3g2")):
        return "audio/3gpp" if picture is None else "video/3gpp"
    if picture is None:
        return "audio/mp4"
    return "video/quicktime" if brand == b"qt  " or not brand.isalnum() else "video/mp4"


def decoded(opened: Opened, *streams: Stream) -> Iterator[Any]:
    """Frames of these streams as they come; what is broken is passed over. How far they all go is kept."""
    for stream in streams:
        stream.codec_context.thread_count = 1
    packets = opened.container.demux(*opened.streams)
    while packet := _next(packets):
        reached = opened.reaches[packet.stream.index]
        reached.carry(packet)
        for frame in _frames(packet) if packet.stream in streams else ():
            reached.decode(frame.time)
            yield frame


def read_through(opened: Opened) -> None:
    """To its end, without decoding anything."""
    deque(decoded(opened), maxlen=0)


def _frames(packet: "Packet[Any]") -> list[Any]:
    try:
        return packet.decode()
    except av.error.MemoryError:
        raise
    except (FFmpegError, ValueError):
        return []


def _next(packets: Iterator[Any]) -> Any:
    try:
        return next(packets, None)
    except av.error.MemoryError:
        raise
    except (FFmpegError, ValueError):
        return None
