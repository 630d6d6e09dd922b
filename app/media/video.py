"""Moving pictures: a still to stand for them, and a copy that any browser plays where the original is not played."""

from fractions import Fraction
from typing import Final

import av
import numpy as np
from av.error import FFmpegError
from av.video.frame import PictureType, VideoFrame
from numpy.typing import NDArray
from PIL import Image

from app.media import images
from app.media.channel import Channel, Output, Stop
from app.media.containers import Opened, decoded
from app.media.shapes import Limits, OutputHead
from app.media.sound import RATE, Samples, Timeline, frame_of, part_done

POSTER_SIDE: Final = 1280
LONG_SIDE, SHORT_SIDE = 1280, 720
_POSTER_AT: Final = 0.1
_MICROSECONDS: Final = 1_000_000
_CLOCK: Final = 90_000
_FRAMES_PER_SECOND: Final = 30
_SOUND_BIT_RATE: Final = 64_000
_MP4: Final = {"movflags": "frag_keyframe+delay_moov+default_base_moof", "fflags": "bitexact"}
_X264: Final = {
    "preset": "veryfast",
    "crf": "26",
    "maxrate": "2M",
    "bufsize": "4M",
    "g": "60",
    "threads": "1",
    "sc_threshold": "0",
}
_QUARTER: Final = 90
_MOST_ODD_ASPECT: Final = 8
_A_LITTLE: Final = 0.002
_ASTRAY_SECONDS: Final = 60
"""A frame so far beyond what the film claims to be long has a broken time."""


def still(opened: Opened) -> Image.Image | None:
    """A frame from a tenth of the way, upright, in square pixels; None if nothing can be decoded from there on."""
    assert opened.picture
    try:
        opened.container.seek(int((opened.start + opened.seconds * _POSTER_AT) * _MICROSECONDS))
    except (FFmpegError, ValueError):
        return None
    return first_frame(opened)


def first_frame(opened: Opened) -> Image.Image | None:
    assert opened.picture
    frame: VideoFrame | None = next(decoded(opened, opened.picture), None)
    return None if frame is None else Image.fromarray(_pixels(frame, *_square(frame, opened)))


def put_still(channel: Channel, picture: Image.Image) -> None:
    poster = picture.copy()
    poster.thumbnail((POSTER_SIDE, POSTER_SIDE), Image.Resampling.LANCZOS)
    images.put(channel, poster, "poster")
    images.put(channel, poster, "thumbnail")


def _square(frame: VideoFrame, opened: Opened) -> tuple[int, int]:
    """Width and height before any turning, as a screen shows them."""
    aspect = opened.picture.sample_aspect_ratio if opened.picture else None
    wide = aspect is not None and _MOST_ODD_ASPECT > aspect > 1 / _MOST_ODD_ASPECT
    return (round(frame.width * aspect) if aspect and wide else frame.width), frame.height


def _pixels(frame: VideoFrame, width: int, height: int) -> NDArray[np.uint8]:
    """RGB, upright; `width` and `height` before the turning."""
    rgb = frame.reformat(width, height, "rgb24", threads=1).to_ndarray()
    return np.ascontiguousarray(np.rot90(rgb, _quarters(frame))).astype(np.uint8, copy=False)


def _quarters(frame: VideoFrame) -> int:
    return round(frame.rotation / _QUARTER) % 4


class Playback:
    """H.264 and AAC in fragmented MP4, within 1280 by 720 either way up, at most 30 frames a second."""

    def __init__(self, output: Output, width: int, height: int, *, with_sound: bool) -> None:
        self.seconds = 0.0
        self._size = width, height
        self._container = av.open(output, "w", format="mp4", container_options=dict(_MP4))
        self._picture = self._container.add_stream("libx264", rate=_FRAMES_PER_SECOND, options=dict(_X264))
        self._picture.width, self._picture.height, self._picture.pix_fmt = width, height, "yuv420p"
        self._picture.codec_context.time_base = Fraction(1, _CLOCK)
        self._picture.codec_context.thread_count = 1
        self._sound = self._container.add_stream("aac", rate=RATE, layout="mono") if with_sound else None
        if self._sound:
            self._sound.bit_rate = _SOUND_BIT_RATE
        self._position = 0
        self._next_time = 0.0
        self._last_tick = -1

    def see(self, frame: VideoFrame, seconds: float) -> None:
        """Take a frame, unless the one before is still fresh."""
        if seconds < self._next_time:
            return
        self._next_time = seconds + 1 / _FRAMES_PER_SECOND - _A_LITTLE
        width, height = self._size
        if _quarters(frame):
            turned = (height, width) if _quarters(frame) % 2 else (width, height)
            frame = VideoFrame.from_ndarray(_pixels(frame, *turned), "rgb24")
        made = frame.reformat(width, height, "yuv420p", threads=1)
        tick = max(round(seconds * _CLOCK), self._last_tick + 1)
        made.pts, made.time_base, made.pict_type = tick, Fraction(1, _CLOCK), PictureType.NONE
        self._last_tick = tick
        self.seconds = max(self.seconds, seconds)
        self._container.mux(self._picture.encode(made))

    def hear(self, samples: Samples) -> None:
        if self._sound:
            self._container.mux(self._sound.encode(frame_of(samples, self._position)))
            self._position += len(samples)

    def finish(self) -> None:
        self._container.mux(self._picture.encode(None))
        if self._sound:
            self._container.mux(self._sound.encode(None))
        self._container.close()


def rebuild(
    channel: Channel,
    opened: Opened,
    limits: Limits,
    still_size: tuple[int, int],
    with_sound: bool,
    done: float,
) -> float:
    """Put the copy that any browser plays; its length in seconds. `done` is the part of the work before it."""
    assert opened.picture
    width, height = _fitted(*still_size)
    with Output(channel, OutputHead("playback", 1, "video/mp4", width, height, 0)) as output:
        playback = Playback(output, width, height, with_sound=with_sound)
        timeline = Timeline(opened, limits, playback.hear)
        streams = [
            stream
            for stream in (opened.picture, opened.sound)
            if stream and (with_sound or stream is opened.picture)
        ]
        for frame in decoded(opened, *streams):
            if isinstance(frame, VideoFrame):
                seconds = max((frame.time or 0.0) - opened.start, 0.0)
                if opened.seconds and seconds > 2 * opened.seconds + _ASTRAY_SECONDS:
                    continue
                if seconds > limits.duration_seconds:
                    raise Stop("too-large")
                playback.see(frame, seconds)
                channel.progress(done + (1 - done) * part_done(seconds, opened.seconds))
            else:
                timeline.hear(frame)
        timeline.finish()
        playback.finish()
    return max(playback.seconds, timeline.seconds)


def _fitted(width: int, height: int) -> tuple[int, int]:
    """As large as fits, never larger than it is, in even numbers."""
    widest, highest = (LONG_SIDE, SHORT_SIDE) if width >= height else (SHORT_SIDE, LONG_SIDE)
    scale = min(widest / width, highest / height, 1.0)
    return max(round(width * scale) // 2 * 2, 2), max(round(height * scale) // 2 * 2, 2)
