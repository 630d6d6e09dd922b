"""Real small files of every format, made on the spot; and the sources, sinks and helpers that the tests read with."""

import io
import wave
from dataclasses import dataclass, field
from fractions import Fraction
from typing import cast

import av
import numpy as np
import pillow_heif
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from app.media.rebuild import rebuild
from app.media.shapes import LIMITS, Failed, Limits, OutputHead, Report

pillow_heif.register_heif_opener()
RATE = 48_000


@dataclass
class Bytes:
    """A source that remembers how much was read of it."""

    data: bytes
    read: int = 0

    def size(self) -> int:
        return len(self.data)

    def read_at(self, offset: int, size: int) -> bytes:
        self.read += size
        return self.data[offset : offset + size]


@dataclass
class Kept:
    head: OutputHead
    data: bytearray = field(default_factory=bytearray)
    state: str = "open"

    def write(self, data: bytes) -> None:
        assert self.state == "open"
        self.data += data

    def finish(self) -> None:
        assert self.state == "open"
        self.state = "finished"

    def abandon(self) -> None:
        assert self.state == "open"
        self.state = "abandoned"


@dataclass
class Shelf:
    """Where outputs go in a test."""

    outputs: list[Kept] = field(default_factory=list)
    progress: list[float] = field(default_factory=list)

    def open_output(self, head: OutputHead) -> Kept:
        self.outputs.append(Kept(head))
        return self.outputs[-1]

    def __getitem__(self, kind: str) -> bytes:
        return bytes(self.only(kind).data)

    def only(self, kind: str) -> Kept:
        (kept,) = [kept for kept in self.outputs if kept.head.kind == kind]
        return kept

    def kinds(self) -> list[str]:
        assert all(kept.state == "finished" for kept in self.outputs)
        return sorted({kept.head.kind for kept in self.outputs})


def remade(data: bytes, limits: Limits = LIMITS) -> tuple[Report, Shelf]:
    report, shelf = outcome(data, limits)
    assert isinstance(report, Report), report
    return report, shelf


def outcome(data: bytes, limits: Limits = LIMITS) -> tuple[Report | Failed, Shelf]:
    shelf = Shelf()
    return rebuild(Bytes(data), shelf.open_output, shelf.progress.append, limits), shelf


def scene(width: int, height: int) -> Image.Image:
    """Red above left, blue below right: it is seen which way up it lies."""
    pixels = np.full((height, width, 3), 255, np.uint8)
    pixels[: height // 2, : width // 2] = (200, 30, 30)
    pixels[height // 2 :, width // 2 :] = (30, 30, 200)
    return Image.fromarray(pixels)


def picture(kind: str, width: int = 640, height: int = 480, **options: object) -> bytes:
    made = io.BytesIO()
    scene(width, height).save(made, kind, **options)
    return made.getvalue()


def tone(seconds: float, rate: int = RATE, loud: int = 12_000) -> np.ndarray:
    return (np.sin(np.arange(int(seconds * rate)) * 2 * np.pi * 440 / rate) * loud).astype(np.int16)


def wav(seconds: float = 2.0, rate: int = 16_000) -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(tone(seconds, rate).tobytes())
    return made.getvalue()


def recording(
    container: str,
    sound: str = "",
    picture: str = "",
    *,
    seconds: float = 2.0,
    rate: int = RATE,
    size: tuple[int, int] = (160, 120),
    fps: int = 10,
    sound_from: float = 0.0,
    sound_seconds: float | None = None,
    metadata: dict[str, str] | None = None,
    options: dict[str, str] | None = None,
    more_sounds: int = 0,
) -> bytes:
    """A recording with a tone and a moving bar; the tone as long as the pictures, or `sound_seconds`."""
    made = io.BytesIO()
    out = av.open(made, "w", format=container, container_options=options or {})
    out.metadata.update(metadata or {})
    pictures = _picture_stream(out, picture, fps, size) if picture else None
    sounds = [_sound_stream(out, sound, rate) for _ in range(1 + more_sounds)] if sound else []
    if pictures:
        for number in range(int(seconds * fps)):
            image = np.asarray(scene(*size)).copy()
            image[:, : size[0] * number // int(seconds * fps) // 2] = (0, 160, 0)
            frame = VideoFrame.from_ndarray(image, "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            out.mux(pictures.encode(frame))
        out.mux(pictures.encode(None))
    for stream in sounds:
        length = seconds if sound_seconds is None else sound_seconds
        heard = AudioFrame.from_ndarray(
            np.repeat(tone(length, rate), stream.channels).reshape(1, -1), "s16", stream.layout.name
        )
        heard.sample_rate, heard.pts, heard.time_base = rate, int(sound_from * rate), Fraction(1, rate)
        out.mux(stream.encode(heard))
        out.mux(stream.encode(None))
    out.close()
    return made.getvalue()


def _picture_stream(out: OutputContainer, codec: str, fps: int, size: tuple[int, int]) -> VideoStream:
    stream = cast(VideoStream, out.add_stream(codec, rate=fps))
    stream.width, stream.height = size
    stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    return stream


def _sound_stream(out: OutputContainer, codec: str, rate: int) -> AudioStream:
    layout = "stereo" if codec == "vorbis" else "mono"  # FFmpeg's own encoder of Vorbis knows nothing else
    stream = cast(AudioStream, out.add_stream(codec, rate=rate, layout=layout))
    if codec == "vorbis":
        stream.codec_context.options = {"strict": "experimental"}
    if "amr" in codec:
        stream.bit_rate = 12_200
    return stream


def pdf(
    pages: int = 1, *, more: bytes = b"", trailer: bytes = b"", size: tuple[float, float] = (595, 842)
) -> bytes:
    """A PDF with a line of text on each page; `more` are objects from number 1000 on."""
    kids = b" ".join(b"%d 0 R" % (10 + number) for number in range(pages))
    box = b"[0 0 %d %d]" % (round(size[0]), round(size[1]))
    words = b"BT /F 24 Tf 72 700 Td (Witness) Tj ET"
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R" + trailer + b">>",
        2: b"<</Type/Pages/Count %d/Kids[%s]>>" % (pages, kids),
        3: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        4: b"<</Length %d>>\nstream\n%s\nendstream" % (len(words), words),
        5: b"<</Title(A list of names)/Author(Somebody)/Creator(Writer)>>",
    }
    for number in range(pages):
        objects[10 + number] = (
            b"<</Type/Page/Parent 2 0 R/MediaBox%s/Contents 4 0 R/Resources<</Font<</F 3 0 R>>>>>>" % box
        )
    made = bytearray(b"%PDF-1.7\n")
    for number, body in objects.items():
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    made += more + b"trailer<</Root 1 0 R/Info 5 0 R/Size 2000>>\n%%EOF\n"
    return bytes(made)
