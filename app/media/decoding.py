"""Which decoder a file goes to, by its first bytes; inside the child."""

import codecs
import pkgutil
from importlib import import_module
from typing import Final

import av
from av.error import FFmpegError

from app.media import documents, images, recordings, sound
from app.media.channel import Channel, RemoteFile, Stop
from app.media.shapes import Limits, Report
from app.media.sniffing import SNIFFED_BYTES, UNKNOWN_TYPE, type_of

_ENCODINGS: Final = ("ascii", "cp1252", "hex", "latin-1", "utf-8", "utf-16", "utf-16-be", "utf-16-le")


def load() -> None:
    """Load whatever a decoder would load on first use: later nothing can be opened any more."""
    for name in _ENCODINGS:
        codecs.lookup(name)
    for module in pkgutil.walk_packages(av.__path__, "av."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    images.load()
    documents.load()
    sound.load()


def decode(channel: Channel, file: RemoteFile, limits: Limits) -> None:
    """Make what is to be made of one file, and report; Stop where nothing comes of it."""
    kind = type_of(file.head(SNIFFED_BYTES))
    try:
        if kind.startswith("image/"):
            report = images.rebuild(channel, file, limits)
        elif kind == "application/pdf":
            report = documents.rebuild(channel, file, limits)
        elif kind == UNKNOWN_TYPE:
            report = _tried(channel, file, limits)
        elif kind.startswith(("audio/", "video/")):
            report = recordings.rebuild(channel, file, limits)
        else:
            raise Stop("unsupported")
    except MemoryError as too_much:
        raise Stop("too-much-memory") from too_much
    except FFmpegError as broken:
        raise Stop("corrupt") from broken
    channel.report(report)


def _tried(channel: Channel, file: RemoteFile, limits: Limits) -> Report:
    """Recordings do not all begin like one; what cannot be opened as one either is nothing that we know."""
    try:
        return recordings.rebuild(channel, file, limits)
    except Stop as stop:
        raise Stop("unsupported" if stop.code == "corrupt" else stop.code) from stop
