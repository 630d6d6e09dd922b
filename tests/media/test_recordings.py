"""Recordings are made anew: a copy to listen to, peaks, a still, and a copy that any browser plays."""

import io
from collections.abc import Iterable

import av
import numpy as np
import pytest
from PIL import Image

from app.media.shapes import Failed, Limits
from tests.media.files import outcome, recording, remade, tone, wav


def samples(data: bytes) -> np.ndarray:
    """All of the listening copy, 48 kHz mono from -1 to 1."""
    with av.open(io.BytesIO(data), "r") as container:
        resampler = av.AudioResampler("flt", "mono", 48_000)
        parts = [
            made.to_ndarray()[0] for frame in container.decode(audio=0) for made in resampler.resample(frame)
        ]
    return np.concatenate(parts)


def pairs(data: bytes) -> np.ndarray:
    return np.frombuffer(data, np.int8).reshape(-1, 2)


def loudness(part: np.ndarray) -> float:
    return float(np.sqrt(np.mean(part.astype(np.float64) ** 2)))


SOUNDS = [
    ("audio/x-wav", "pcm_s16le", wav),
    ("audio/mpeg", "mp3", lambda: recording("mp3", "libmp3lame")),
    ("audio/mp4", "aac", lambda: recording("ipod", "aac")),
    ("audio/amr", "amr_nb", lambda: recording("amr", "libopencore_amrnb", rate=8000)),
    ("audio/3gpp", "amr_nb", lambda: recording("3gp", "libopencore_amrnb", rate=8000)),
    ("audio/ogg", "opus", lambda: recording("ogg", "libopus")),
    ("audio/ogg", "vorbis", lambda: recording("ogg", "vorbis")),
    ("audio/ogg", "flac", lambda: recording("ogg", "flac")),
    ("audio/x-flac", "flac", lambda: recording("flac", "flac")),
    ("audio/aac", "aac", lambda: recording("adts", "aac")),
    ("audio/webm", "opus", lambda: recording("webm", "libopus")),
    ("audio/webm", "vorbis", lambda: recording("webm", "vorbis")),
]


@pytest.mark.parametrize(("type_", "codec", "make"), SOUNDS, ids=[f"{t}-{c}" for t, c, _ in SOUNDS])
def test_every_kind_of_sound_can_be_listened_to(type_: str, codec: str, make):
    report, shelf = remade(make())
    assert (report.family, report.streams) == ("audio", (codec,))
    assert report.type == type_
    assert report.duration_ms == pytest.approx(2000, abs=100)
    assert shelf.kinds() == ["listening", "peaks"]
    head = shelf.only("listening").head
    assert (head.type, head.duration_ms) == ("audio/webm", report.duration_ms)
    heard = samples(shelf["listening"])
    assert len(heard) / 48 == pytest.approx(report.duration_ms, abs=30)
    assert loudness(heard[10_000:80_000]) == pytest.approx(12_000 / 32_768 / 2**0.5, rel=0.25)
    assert (abs(pairs(shelf["peaks"])[10:80]) > 30).all()


def test_the_peaks_follow_the_sound():
    loud_then_quiet = np.concatenate([tone(1.0, 16_000), tone(1.0, 16_000, loud=1_000)])
    made = io.BytesIO(wav())
    data = made.getvalue()[:44] + loud_then_quiet.tobytes()
    _, shelf = remade(data)
    peaks = pairs(shelf["peaks"])
    assert len(peaks) == 100
    assert (peaks[5:45, 1] > 40).all()
    assert (peaks[5:45, 0] < -40).all()
    assert (abs(peaks[60:]) < 8).all()


def test_a_long_recording_has_two_thousand_peaks():
    _, shelf = remade(wav(60, 8_000))
    assert len(pairs(shelf["peaks"])) == 2000


FILMS: list[tuple[str, tuple[str, ...], bool, dict[str, object]]] = [
    ("video/mp4", ("h264", "aac"), False, {"container": "mp4", "sound": "aac", "picture": "libx264"}),
    ("video/quicktime", ("h264", "aac"), False, {"container": "mov", "sound": "aac", "picture": "libx264"}),
    ("video/webm", ("vp8", "opus"), False, {"container": "webm", "sound": "libopus", "picture": "libvpx"}),
    ("video/webm", ("vp8", "vorbis"), False, {"container": "webm", "sound": "vorbis", "picture": "libvpx"}),
    (
        "video/webm",
        ("vp9", "opus"),
        False,
        {"container": "webm", "sound": "libopus", "picture": "libvpx-vp9"},
    ),
    ("video/webm", ("av1", "opus"), False, {"container": "webm", "sound": "libopus", "picture": "libsvtav1"}),
    (
        "video/x-msvideo",
        ("mpeg4", "pcm_s16le"),
        True,
        {"container": "avi", "sound": "pcm_s16le", "picture": "mpeg4"},
    ),
    (
        "video/x-msvideo",
        ("mjpeg", "pcm_s16le"),
        True,
        {"container": "avi", "sound": "pcm_s16le", "picture": "mjpeg"},
    ),
    (
        "video/3gpp",
        ("h263", "amr_nb"),
        True,
        {
            "container": "3gp",
            "sound": "libopencore_amrnb",
            "picture": "h263",
            "rate": 8000,
            "size": (176, 144),
        },
    ),
    (
        "video/x-matroska",
        ("h264", "aac"),
        True,
        {"container": "matroska", "sound": "aac", "picture": "libx264"},
    ),
    ("video/mp4", ("hevc", "aac"), True, {"container": "mp4", "sound": "aac", "picture": "libx265"}),
]


@pytest.mark.parametrize(
    ("type_", "codecs", "converts", "how"), FILMS, ids=[f"{t}-{'-'.join(c)}" for t, c, *_ in FILMS]
)
def test_every_kind_of_film_gets_a_still_and_sound_and_a_copy_where_browsers_need_one(
    type_: str, codecs: tuple[str, ...], converts: bool, how: dict[str, object]
):
    report, shelf = remade(recording(**how))  # type: ignore[arg-type]  # the cases name its own parameters
    assert (report.family, report.type, report.streams, report.notes) == ("video", type_, codecs, ())
    assert report.duration_ms == pytest.approx(2000, abs=120)
    assert shelf.kinds() == ["listening", "peaks", *(["playback"] if converts else []), "poster", "thumbnail"]
    poster = Image.open(io.BytesIO(shelf["poster"]))
    assert poster.size == (report.width, report.height)


def test_a_copy_to_play_is_plain_and_as_long_as_the_original():
    _, shelf = remade(
        recording("avi", "pcm_s16le", "mpeg4", size=(1920, 1080), fps=5, metadata={"title": "A name"})
    )
    head = shelf.only("playback").head
    assert (head.type, head.width, head.height) == ("video/mp4", 1280, 720)
    assert b"A name" not in shelf["playback"]
    with av.open(io.BytesIO(shelf["playback"]), "r") as copy:
        assert [stream.codec_context.name for stream in copy.streams] == ["h264", "aac"]
        assert copy.streams.video[0].codec_context.pix_fmt == "yuv420p"
        assert set(copy.metadata) <= {"major_brand", "minor_version", "compatible_brands"}
        times = [frame.time for frame in copy.decode(video=0)]
    assert len(times) == 10
    assert times[-1] == pytest.approx(1.8, abs=0.05)


def test_a_film_without_sound_is_no_failure():
    report, shelf = remade(recording("avi", picture="mpeg4"))
    assert shelf.kinds() == ["playback", "poster", "thumbnail"]
    assert report.duration_ms == pytest.approx(2000, abs=150)
    assert report.notes == ()


def test_a_moment_has_the_same_time_in_the_copy_as_in_the_original():
    report, shelf = remade(recording("matroska", "aac", "libx264", seconds=3, sound_from=1.0))
    heard = samples(shelf["listening"])
    assert loudness(heard[:43_000]) < 0.01
    assert loudness(heard[53_000:140_000]) > 0.2
    with av.open(io.BytesIO(shelf["playback"]), "r") as copy:
        first = next(frame for frame in copy.decode(audio=0) if np.abs(frame.to_ndarray()).max() > 0.1)
    assert first.time == pytest.approx(1.0, abs=0.06)
    assert report.duration_ms == pytest.approx(4000, abs=100)


def test_a_film_that_was_held_upright_is_shown_upright():
    lying = Image.open(io.BytesIO(remade(turned(0))[1]["poster"]))
    _, shelf = remade(turned(90))
    poster = Image.open(io.BytesIO(shelf["poster"]))
    assert (lying.size, poster.size) == ((160, 120), (120, 160))


def turned(degrees: int) -> bytes:
    """An MP4 whose track header says that it was held otherwise (ISO/IEC 14496-12, 8.3.2)."""
    data = bytearray(recording("mp4", picture="libx264"))
    if degrees:
        matrix = data.index(b"tkhd") + 4 + 40
        one, whole = (1 << 16).to_bytes(4, "big"), (1 << 30).to_bytes(4, "big")
        minus = ((1 << 32) - (1 << 16)).to_bytes(4, "big")
        zero = bytes(4)
        data[matrix : matrix + 36] = zero + one + zero + minus + zero + zero + zero + zero + whole
    return bytes(data)


def test_where_and_with_what_it_was_recorded_is_reported_and_is_in_no_output():
    said = {"location": "+39.8250+046.7500/", "title": "Yard", "creation_time": "2020-10-01T04:05:06"}
    report, shelf = remade(recording("mp4", "aac", "libx264", metadata=said))
    assert report.captured["location"] == "+39.8250+046.7500/"
    assert report.captured["taken"].startswith("2020-10-01")
    assert all(b"39.8250" not in output.data and b"Yard" not in output.data for output in shelf.outputs)


def test_the_first_of_several_sounds_is_heard_and_it_says_so():
    report, _ = remade(recording("matroska", "aac", "libx264", more_sounds=2))
    assert report.notes == ("more-streams",)
    assert report.streams == ("h264", "aac", "aac", "aac")


def test_more_streams_than_anybody_records_are_refused():
    assert outcome(recording("matroska", "pcm_s16le", more_sounds=39, seconds=0.1))[0] == Failed("too-large")
    assert outcome(recording("matroska", "pcm_s16le", more_sounds=299, seconds=0.1))[0] in (
        Failed("too-large"),
        Failed("too-much-memory"),
        Failed("corrupt"),
    )


def test_more_hours_than_allowed_are_refused_by_what_is_decoded_not_by_what_is_claimed():
    assert outcome(wav(5.0, 8000), Limits(duration_seconds=3))[0] == Failed("too-large")
    film = recording("avi", "", "mpeg4", seconds=5)
    assert outcome(film, Limits(duration_seconds=3))[0] == Failed("too-large")


def test_a_recording_cut_in_the_middle_keeps_what_there_is_and_says_so():
    data = index_first(recording("mp4", "aac", "libx264", seconds=10))
    report, shelf = remade(data[: len(data) * 6 // 10])
    assert "cut-short" in report.notes
    assert 3 < len(samples(shelf["listening"])) / 48_000 < 9


UNEQUAL = [
    ("mp4", "aac", "libx264", {}),
    ("mp4", "aac", "libx264", {"movflags": "frag_keyframe+empty_moov"}),
    ("mp4", "aac", "libx265", {}),
    ("mov", "aac", "libx264", {}),
    ("webm", "libopus", "libvpx", {}),
    ("matroska", "aac", "libx264", {}),
    ("avi", "libmp3lame", "mpeg4", {}),
    ("avi", "pcm_s16le", "mpeg4", {}),
]


@pytest.mark.parametrize(("sound", "picture"), [(3.0, 10.0), (10.0, 3.0)], ids=["sound", "picture"])
@pytest.mark.parametrize(("container", "codec", "pictures", "options"), UNEQUAL)
def test_a_film_of_which_one_track_ends_before_the_other_was_not_cut(
    container: str, codec: str, pictures: str, options: dict[str, str], sound: float, picture: float
):
    report, _ = remade(
        recording(container, codec, pictures, seconds=picture, sound_seconds=sound, options=options)
    )
    assert report.notes == ()
    assert report.duration_ms == pytest.approx(10_000, abs=300)


@pytest.mark.parametrize("sound", [3.0, 10.0, 16.0])
@pytest.mark.parametrize(("container", "codec", "pictures", "options"), UNEQUAL)
def test_a_film_that_ends_before_its_own_end_was_cut_however_long_its_tracks(
    container: str, codec: str, pictures: str, options: dict[str, str], sound: float
):
    data = recording(container, codec, pictures, seconds=10, sound_seconds=sound, options=options)
    data = index_first(data) if container in ("mp4", "mov") and not options else data
    report, _ = remade(data[: len(data) * 6 // 10])
    assert report.notes == ("cut-short",)


def test_a_film_without_sound_that_browsers_play_is_looked_through_to_its_end():
    data = index_first(recording("mp4", picture="libx264", seconds=10))
    assert remade(data)[0].notes == ()
    assert remade(data[: len(data) * 6 // 10])[0].notes == ("cut-short",)


def test_a_sound_that_lacks_what_its_header_promises_was_cut():
    for data in (recording("flac", "flac", seconds=10), recording("ipod", "aac", seconds=10), wav(10)):
        whole = index_first(data) if b"ftyp" in data[:12] else data
        assert remade(whole)[0].notes == ()
        assert remade(whole[: len(whole) * 6 // 10])[0].notes == ("cut-short",)


def test_a_recording_whose_end_holds_nothing_that_can_be_decoded_was_cut():
    """As a broken download leaves it: as large as it should be, and zeros from somewhere on."""
    data = bytearray(index_first(recording("mp4", "aac", "libx264", seconds=10)))
    data[len(data) * 6 // 10 :] = bytes(len(data) - len(data) * 6 // 10)
    assert remade(bytes(data))[0].notes == ("cut-short",)


def index_first(data: bytes) -> bytes:
    """The same MP4 with `moov` before `mdat`, every offset in `stco` moved by as much."""
    boxes, at = {}, 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        boxes[data[at + 4 : at + 8]] = data[at : at + length]
        at += length
    moov = bytearray(boxes[b"moov"])
    start = 0
    while (start := moov.find(b"stco", start + 1)) > 0:
        count = int.from_bytes(moov[start + 8 : start + 12], "big")
        for entry in range(start + 12, start + 12 + 4 * count, 4):
            moved = int.from_bytes(moov[entry : entry + 4], "big") + len(moov)
            moov[entry : entry + 4] = moved.to_bytes(4, "big")
    return boxes[b"ftyp"] + bytes(moov) + boxes.get(b"free", b"") + boxes.get(b"wide", b"") + boxes[b"mdat"]


def test_a_sound_that_changes_its_kind_on_the_way_is_heard_to_the_end():
    parts: Iterable[bytes] = (
        recording("mp3", "libmp3lame", rate=rate, seconds=1) for rate in (48_000, 32_000)
    )
    report, _ = remade(b"".join(parts))
    assert report.duration_ms == pytest.approx(2000, abs=250)


def test_an_index_that_lies_does_not_lead_astray():
    data = bytearray(recording("avi", "pcm_s16le", "mpeg4"))
    index = data.index(b"idx1") + 8
    for entry in range(index, len(data) - 16, 16):
        data[entry + 8 : entry + 12] = b"\xff\xff\xff\x7f"
    report, shelf = remade(bytes(data))
    assert "poster" in shelf.kinds()
    assert report.duration_ms == pytest.approx(2000, abs=500)


def test_progress_goes_up_and_ends_near_the_end():
    _, shelf = remade(recording("avi", "pcm_s16le", "mpeg4", seconds=20, size=(640, 480)))
    assert shelf.progress == sorted(shelf.progress)
    assert len(shelf.progress) > 1
    assert all(0 <= share <= 1 for share in shelf.progress)


def test_a_gap_longer_than_any_pause_is_not_filled_with_silence():
    report, shelf = remade(recording("matroska", "aac", "libx264", sound_from=7200))
    assert len(samples(shelf["listening"])) / 48_000 == pytest.approx(2, abs=0.2)
    assert report.family == "video"


def test_a_sound_of_a_rate_that_does_not_exist_is_corrupt():
    data = bytearray(wav())
    data[24:28] = (0xFFFF_FFFF).to_bytes(4, "little")
    assert outcome(bytes(data))[0] == Failed("corrupt")


def test_a_sound_that_is_not_decoded_here_is_said_to_be_missing():
    report, shelf = remade(recording("matroska", "tta", "libx264"))
    assert report.notes == ("sound-missing",)
    assert report.streams == ("h264", "tta")
    assert shelf.kinds() == ["playback", "poster", "thumbnail"]


def test_pictures_that_are_not_decoded_here_are_said_to_be_missing():
    report, shelf = remade(recording("matroska", "aac", "ffv1"))
    assert (report.family, report.notes) == ("audio", ("picture-missing",))
    assert shelf.kinds() == ["listening", "peaks"]


def test_only_what_is_not_decoded_here_is_unsupported():
    assert outcome(recording("asf", "libmp3lame"))[0] == Failed("unsupported")
    assert outcome(recording("matroska", "tta"))[0] == Failed("unsupported")
