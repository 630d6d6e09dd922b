"""What a file is, by its own first bytes: neither its name nor what its sender says of it counts."""

from typing import Final

import filetype

SNIFFED_BYTES: Final = 8192
UNKNOWN_TYPE: Final = "application/octet-stream"
KNOWN_TYPES: Final = frozenset(
    {
        "application/pdf",
        "audio/aac",
        "audio/amr",
        "audio/mp4",
        "audio/mpeg",
        "audio/ogg",
        "audio/x-flac",
        "audio/x-wav",
        "image/avif",
        "image/gif",
        "image/heic",
        "image/jpeg",
        "image/png",
        "image/tiff",
        "image/webp",
        "video/3gpp",
        "video/mp4",
        "video/mpeg",
        "video/quicktime",
        "video/webm",
        "video/x-m4v",
        "video/x-matroska",
        "video/x-msvideo",
    }
)
"""What may be called by its name once its first bytes say so; everything else is only bytes."""


def type_of(head: bytes) -> str:
    """The media type of a file that begins with `head`, which is `SNIFFED_BYTES` of it or all."""
    kind = filetype.guess_mime(head[:SNIFFED_BYTES])
    return kind if kind in KNOWN_TYPES else UNKNOWN_TYPE
