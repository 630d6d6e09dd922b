"""What a device or a program wrote about a file into the file: plain words for the report, and for nothing else."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from app.media.said import MAX_CAPTURED, MAX_CAPTURED_CHARACTERS

_EXIF: Final[Mapping[int, str]] = MappingProxyType(
    {
        0x010E: "description",
        0x010F: "make",
        0x0110: "model",
        0x0131: "software",
        0x0132: "changed",
        0x013B: "artist",
        0x8298: "copyright",
        0x9003: "taken",
        0x9004: "digitised",
        0x9011: "offset",
        0xA430: "owner",
        0xA431: "serial",
        0xA434: "lens",
        0xA435: "lens-serial",
    }
)
_CONTAINERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "creation_time": "taken",
        "com.apple.quicktime.creationdate": "taken-local",
        "com.apple.quicktime.make": "make",
        "com.apple.quicktime.model": "model",
        "com.apple.quicktime.software": "software",
        "com.apple.quicktime.location.iso6709": "location",
        "com.android.version": "android",
        "com.android.manufacturer": "make",
        "com.android.model": "model",
        "location": "location",
        "make": "make",
        "model": "model",
        "title": "title",
        "artist": "artist",
        "album": "album",
        "comment": "comment",
        "date": "date",
        "encoder": "software",
    }
)
_DOCUMENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "title": "title",
        "author": "author",
        "subject": "subject",
        "creator": "software",
        "producer": "producer",
        "creationdate": "taken",
        "moddate": "changed",
    }
)
_EXIF_IFD, _GPS_IFD = 0x8769, 0x8825
_DEGREES: Final = 3


def of_exif(exif: Any) -> dict[str, str]:
    """From Pillow's Exif. Positions as signed decimal degrees, heights in metres."""
    entries = [*exif.items(), *exif.get_ifd(_EXIF_IFD).items()]
    return plain(
        [*((_EXIF.get(tag, ""), value) for tag, value in entries), *_position(exif.get_ifd(_GPS_IFD))]
    )


def of_container(metadata: Mapping[str, str]) -> dict[str, str]:
    return plain((_CONTAINERS.get(key.lower(), ""), value) for key, value in metadata.items())


def of_document(metadata: Mapping[str, str]) -> dict[str, str]:
    return plain((_DOCUMENTS.get(key.lower(), ""), value) for key, value in metadata.items())


def plain(entries: Iterable[tuple[str, Any]]) -> dict[str, str]:
    """Named, printable, short and few; the first of a name counts."""
    kept: dict[str, str] = {}
    for name, value in entries:
        words = _words(value)
        if name and words and len(kept) < MAX_CAPTURED:
            kept.setdefault(name, words)
    return kept


def _words(value: Any) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    printable = "".join(c if c.isprintable() else " " for c in text[: 4 * MAX_CAPTURED_CHARACTERS])
    return " ".join(printable.split())[:MAX_CAPTURED_CHARACTERS].strip()


def _position(gps: Mapping[int, Any]) -> list[tuple[str, str]]:
    """EXIF 2.32, 4.6.6: 1 to 4 are latitude and longitude with their hemispheres, 5 and 6 the height, 29 the day."""
    found = []
    for name, sides, reference, value in (("latitude", "S", 1, 2), ("longitude", "W", 3, 4)):
        if (degrees := _decimal(gps.get(value))) is not None:
            sign = "-" if str(gps.get(reference, "")).startswith(sides) else ""
            found.append((name, f"{sign}{degrees:.6f}"))
    if 6 in gps:  # noqa: PLR2004  # the tag named above
        below = gps.get(5) in (1, b"\x01")
        found.append(("height", f"{'-' if below else ''}{float(gps[6]):.1f}"))
    if 29 in gps:  # noqa: PLR2004  # the tag named above
        found.append(("gps-day", gps[29]))
    return found


def _decimal(parts: Any) -> float | None:
    if not isinstance(parts, tuple) or len(parts) != _DEGREES:
        return None
    degrees, minutes, seconds = (float(part) for part in parts)
    return degrees + minutes / 60 + seconds / 3600
