"""Sound and film: what is made of each, and what is said of it."""

from typing import Final

from PIL import Image

from app.media import captured, containers, sound, video
from app.media.channel import Channel, RemoteFile, Stop
from app.media.containers import Opened
from app.media.shapes import Family, Limits, Report

_SOUND_SHARE: Final = 0.25


def rebuild(channel: Channel, file: RemoteFile, limits: Limits) -> Report:
    """Pass over the file once for its sound, once for a still, and once more for a copy where one is needed."""
    opened = containers.opened(file, limits)
    converts = opened.picture is not None and not opened.is_played_by_browsers
    heard = sound.rebuild(channel, opened, limits, _SOUND_SHARE if converts else 1.0) if opened.sound else 0.0
    picture = _still(file, limits) if opened.picture else None
    if not heard and not picture:
        raise Stop("corrupt")
    seen, read = 0.0, [opened] if opened.sound else []
    if picture:
        video.put_still(channel, picture)
        if converts:
            again = containers.opened(file, limits)
            seen = video.rebuild(channel, again, limits, picture.size, heard > 0, _SOUND_SHARE)
            read.append(again)
    if not read:
        containers.read_through(opened)
        read.append(opened)
    notes = {
        "sound-missing": not heard and opened.has_sound,
        "picture-missing": not picture and opened.has_pictures,
        "cut-short": any(each.is_cut_short for each in read),
        "more-streams": _leaves_streams_out(opened),
    }
    width, height = picture.size if picture else (0, 0)
    return Report(
        _family(opened),
        opened.type,
        width,
        height,
        round(1000 * min(_length(opened, heard, seen), limits.duration_seconds)),
        streams=opened.names,
        captured=_captured(opened),
        notes=tuple(note for note, so in notes.items() if so),
    )


def _length(opened: Opened, heard: float, seen: float) -> float:
    """In seconds: what was decoded, if all of it was; else at least what is claimed."""
    decoded_all = seen or not opened.picture
    return max(heard, seen) if decoded_all else max(heard, opened.seconds)


def _still(file: RemoteFile, limits: Limits) -> Image.Image | None:
    return video.still(containers.opened(file, limits)) or video.first_frame(containers.opened(file, limits))


def _family(opened: Opened) -> Family:
    return "video" if opened.picture else "audio"


def _leaves_streams_out(opened: Opened) -> bool:
    """Second pictures, second sounds, and words that run along."""
    streams = opened.container.streams
    pictures = [stream for stream in streams.video if not containers.is_cover(stream)]
    return len(pictures) > 1 or len(streams.audio) > 1 or bool(streams.subtitles)


def _captured(opened: Opened) -> dict[str, str]:
    said = dict(opened.container.metadata)
    for stream in (opened.sound, opened.picture):
        if stream:
            said = {**stream.metadata, **said}
    return captured.of_container(said)
