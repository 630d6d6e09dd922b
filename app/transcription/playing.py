"""What of a file a browser is given to show: pictures that were made of it alone, sound and film from the first that plays."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from flask import url_for

from app.media.shapes import TYPES_OF_OUTPUTS
from app.media.sniffing import UNKNOWN_TYPE
from app.transcription.file_words import family_of
from app.transcription.files import FileFacts, Prepared
from app.vault.work import Made

PLAYED: Final = {
    "audio/aac": ("audio/aac", "aac"),
    "audio/mp4": ("audio/mp4", "m4a"),
    "audio/mpeg": ("audio/mpeg", "mp3"),
    "audio/ogg": ("audio/ogg", "ogg"),
    "audio/webm": ("audio/webm", "webm"),
    "audio/x-flac": ("audio/flac", "flac"),
    "audio/x-wav": ("audio/wav", "wav"),
    "video/mp4": ("video/mp4", "mp4"),
    "video/quicktime": ("video/mp4", "mov"),
    "video/webm": ("video/webm", "webm"),
    "video/x-m4v": ("video/mp4", "m4v"),
}
"""Type by the first bytes -> type served, ending of a neutral file name. No other original is served inline."""
KEPT_AS_FILES: Final = {
    "application/pdf": "pdf",
    "image/avif": "avif",
    "image/gif": "gif",
    "image/heic": "heic",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/tiff": "tiff",
    "image/webp": "webp",
}
SHOWN: Final = frozenset((kind, type_) for kind, types in TYPES_OF_OUTPUTS.items() for type_ in types)
RECORDINGS: Final = frozenset({"audio", "video"})


@dataclass(frozen=True)
class Track:
    """One address a player may take its sound or film from; it goes on to the next where it cannot."""

    address: str
    type: str


@dataclass(frozen=True)
class Showing:
    """Addresses of what can be shown of one file. `poster`, `peaks`, `view`: empty where there is none."""

    family: str
    tracks: tuple[Track, ...] = ()
    poster: str = ""
    peaks: str = ""
    view: str = ""
    thumbnail: str = ""
    pages: tuple[str, ...] = ()

    @property
    def is_recording(self) -> bool:
        return bool(self.tracks)

    @property
    def shows(self) -> bool:
        """Whether there is anything to open in place."""
        return bool(self.tracks or self.view or self.pages)


def type_served(made: Made) -> str:
    """As the sealed result says, if it is a type that such a thing can have."""
    return made.type if (made.kind, made.type) in SHOWN else UNKNOWN_TYPE


def showing_of(statement: UUID, file: FileFacts, prepared: Prepared) -> Showing:
    """What a page may show of a file."""

    def address(made: Made | None) -> str:
        return _made_address(statement, file.asset, made) if made else ""

    family = family_of(file, prepared)
    return Showing(
        family,
        _tracks(statement, file, prepared) if family in RECORDINGS else (),
        address(prepared.only("poster")),
        address(prepared.only("peaks")),
        address(prepared.only("view")),
        address(prepared.only("thumbnail")),
        tuple(address(page) for page in prepared.pages),
    )


def _made_address(statement: UUID, asset: UUID, made: Made) -> str:
    return url_for("transcription.made", statement=statement, asset=asset, derivative=made.id)


def _tracks(statement: UUID, file: FileFacts, prepared: Prepared) -> tuple[Track, ...]:
    """A copy to watch is made only of what browsers do not play; then it comes before the original."""
    kind = prepared.report.type or file.type
    original = url_for("transcription.asset", statement=statement, asset=file.asset)
    copies = [prepared.only("playback"), None, prepared.only("listening")]
    tracks = [
        Track(_made_address(statement, file.asset, made), type_served(made)) if made else None
        for made in copies
    ]
    if kind in PLAYED:
        tracks[1] = Track(original, PLAYED[kind][0])
    return tuple(track for track in tracks if track)
