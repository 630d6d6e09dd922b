"""Sound, decoded and made anew: a copy to listen to, on the recording's own clock, and the peaks of its waveform."""

import io
from collections.abc import Callable
from fractions import Fraction
from typing import Final

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from app.media.channel import Channel, Stop
from app.media.containers import Opened, decoded
from app.media.shapes import PEAKS_TYPE, Limits, OutputHead

RATE: Final = 48_000
BIT_RATE: Final = 40_000
MAX_PEAKS: Final = 2000
_STRETCH: Final = RATE // 50
_TICK: Final = Fraction(1, RATE)
_GAP_SECONDS: Final = 0.12
_MOST_SILENCE_SECONDS: Final = 1800

Samples = NDArray[np.int16]


class Peaks:
    """The lowest and highest sample of each fiftieth of a second, thinned out at the end."""

    def __init__(self) -> None:
        self._pairs: list[NDArray[np.int8]] = []
        self._rest: Samples = np.zeros(0, np.int16)

    def add(self, samples: Samples) -> None:
        together = np.concatenate([self._rest, samples])
        whole = len(together) // _STRETCH * _STRETCH
        if whole:
            self._pairs.append(_pairs(together[:whole].reshape(-1, _STRETCH)))
        self._rest = together[whole:]

    def finish(self) -> bytes:
        if len(self._rest):
            self._pairs.append(_pairs(self._rest.reshape(1, -1)))
        pairs = np.concatenate(self._pairs)
        kept = min(MAX_PEAKS, len(pairs))
        edges = np.arange(kept) * len(pairs) // kept
        low = np.minimum.reduceat(pairs[:, 0], edges)
        high = np.maximum.reduceat(pairs[:, 1], edges)
        return np.stack([low, high], axis=1).astype(np.int8).tobytes()


def _pairs(stretches: Samples) -> NDArray[np.int8]:
    return np.stack([stretches.min(axis=1) >> 8, stretches.max(axis=1) >> 8], axis=1).astype(np.int8)


class Mono:
    """Frames of any sound, made one voice of 16 bits at 48 kHz, even where the sound changes its kind on the way."""

    def __init__(self) -> None:
        self._resampler: AudioResampler | None = None
        self._kind: tuple[str, str, int] | None = None

    def of(self, frame: AudioFrame) -> list[AudioFrame]:
        kind = (frame.format.name, frame.layout.name, frame.sample_rate)
        made = [] if kind == self._kind else self.rest()
        if self._resampler is None:
            self._resampler, self._kind = AudioResampler("s16", "mono", RATE), kind
        frame.pts = None
        try:
            return made + self._resampler.resample(frame)
        except av.error.ArgumentError:  # a kind of sound that nothing can be made of
            self._resampler = None
            return made

    def rest(self) -> list[AudioFrame]:
        made: list[AudioFrame | None] = [*self._resampler.resample(None)] if self._resampler else []
        self._resampler = None
        return [frame for frame in made if frame is not None]  # one that had nothing to change answers None


class Listening:
    """One Opus stream in WebM, kept until its end is known, for players want its length and its cues."""

    def __init__(self) -> None:
        self.peaks = Peaks()
        self._position = 0
        self._file = io.BytesIO()
        self._container = av.open(self._file, "w", format="webm", container_options={"fflags": "bitexact"})
        self._stream = self._container.add_stream("libopus", rate=RATE, layout="mono")
        self._stream.bit_rate = BIT_RATE
        self._stream.codec_context.options = {"compression_level": "6"}
        self._stream.codec_context.thread_count = 1

    def add(self, samples: Samples) -> None:
        self.peaks.add(samples)
        self._container.mux(self._stream.encode(frame_of(samples, self._position)))
        self._position += len(samples)

    def finish(self) -> memoryview:
        self._container.mux(self._stream.encode(None))
        self._container.close()
        return self._file.getbuffer()


def load() -> None:
    """Measure and encode a moment of silence, so that whatever is loaded on first use is there."""
    listening = Listening()
    listening.add(np.zeros(RATE, np.int16))
    listening.peaks.finish()
    listening.finish()


class Timeline:
    """Sound handed on as mono samples, on the recording's own clock: a hole in the recording is silence as long.

    So a moment has the same time here as in the original, and in what is written about it.
    """

    def __init__(self, opened: Opened, limits: Limits, add: Callable[[Samples], None]) -> None:
        self.position = 0
        """In samples."""
        self._opened = opened
        self._most = limits.duration_seconds * RATE
        self._may_be_silent = float(_MOST_SILENCE_SECONDS)
        self._add = add
        self._mono = Mono()

    @property
    def seconds(self) -> float:
        return self.position / RATE

    def hear(self, frame: AudioFrame) -> None:
        if frame.time is not None:
            self._be_silent_until(frame.time - self._opened.start)
        self._pass_on(self._mono.of(frame))

    def finish(self) -> None:
        self._pass_on(self._mono.rest())

    def _pass_on(self, frames: list[AudioFrame]) -> None:
        for frame in frames:
            self._count(frame.to_ndarray()[0])

    def _count(self, samples: Samples) -> None:
        self.position += len(samples)
        if self.position > self._most:
            raise Stop("too-large")
        self._add(samples)

    def _be_silent_until(self, seconds: float) -> None:
        """One that lies about its times gets no more than it claims to be long, and half an hour in all."""
        gap = min(seconds, self._opened.seconds or seconds) - self.seconds
        if _GAP_SECONDS < gap < self._may_be_silent:
            self._may_be_silent -= gap
            missing = round(gap * RATE)
            for start in range(0, missing, RATE):
                self._count(np.zeros(min(RATE, missing - start), np.int16))


def frame_of(samples: Samples, position: int) -> AudioFrame:
    """For an encoder; `position` of its first sample."""
    frame = AudioFrame.from_ndarray(samples.reshape(1, -1), "s16", "mono")
    frame.sample_rate, frame.pts, frame.time_base = RATE, position, _TICK
    return frame


def rebuild(channel: Channel, opened: Opened, limits: Limits, share: float) -> float:
    """Put the listening copy and the peaks; their length in seconds, 0 if nothing could be decoded.

    `share` is the part of the whole work that this is.
    """
    assert opened.sound
    listening = Listening()
    timeline = Timeline(opened, limits, listening.add)
    for frame in decoded(opened, opened.sound):
        timeline.hear(frame)
        channel.progress(share * part_done(timeline.seconds, opened.seconds))
    timeline.finish()
    if timeline.position:
        duration = round(1000 * timeline.seconds)
        channel.output(OutputHead("listening", 1, "audio/webm", 0, 0, duration), listening.finish())
        channel.output(OutputHead("peaks", 1, PEAKS_TYPE, 0, 0, duration), listening.peaks.finish())
    return timeline.seconds


def part_done(seconds: float, of: float) -> float:
    return min(seconds / of, 1.0) if of else 0.5
