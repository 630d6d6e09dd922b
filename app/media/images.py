"""Pictures, decoded and made anew: upright, at most so large, in plain colours, with nothing but pixels."""

import io
import struct
import warnings
from collections.abc import Mapping
from types import MappingProxyType
from typing import IO, Final, cast

import pillow_heif
from PIL import AvifImagePlugin, Image, ImageCms, ImageFile

from app.media import captured, endings
from app.media.channel import Channel, RemoteFile, Stop
from app.media.shapes import Kind, Limits, OutputHead, Report

VIEW_SIDE: Final = 2560
THUMBNAIL_SIDE: Final = 320
JPEG_QUALITY: Final = 86

TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "JPEG": "image/jpeg",
        "MPO": "image/jpeg",
        "PNG": "image/png",
        "WEBP": "image/webp",
        "HEIF": "image/heic",
        "AVIF": "image/avif",
        "GIF": "image/gif",
        "TIFF": "image/tiff",
    }
)
_OPENED: Final = tuple(name for name in TYPES if name != "MPO")
"""An MPO is opened as the JPEG that it begins with."""
_TAKEN_WHOLE: Final = frozenset({"WEBP", "HEIF", "AVIF", "TIFF"})
_SHARP: Final = frozenset({"PNG", "GIF"})
"""Screens and drawings, whose edges JPEG would smear."""
BROKEN: Final = (
    OSError, ValueError, SyntaxError, LookupError, EOFError, TypeError, ArithmeticError, AttributeError, RuntimeError, struct.error,
)  # fmt: skip
"""What Pillow raises for files that are not what they say; it has no error of its own."""
_ORIENTATION: Final = 0x0112
_UPRIGHT: Final[Mapping[int, Image.Transpose]] = MappingProxyType(
    {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
)
_LIES_ON_ITS_SIDE: Final = 5
"""From this orientation on, width is height."""
_SRGB: Final = ImageCms.createProfile("sRGB")


def load() -> None:
    Image.init()
    pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    warnings.simplefilter("ignore")


def rebuild(channel: Channel, file: RemoteFile, limits: Limits) -> Report:
    try:
        return _rebuild(channel, file, limits)
    except Image.DecompressionBombError as bomb:
        raise Stop("too-large") from bomb
    except BROKEN as broken:
        raise Stop("corrupt") from broken


def _rebuild(channel: Channel, file: RemoteFile, limits: Limits) -> Report:
    image = _opened(file, limits)
    kind, width, height = TYPES[str(image.format)], *image.size
    notes = _notes(image, file, kind)
    image = _opened(file, limits)
    whole = _read(image)
    if not whole:
        notes.append("cut-short")
        image = _opened(file, limits)
        _read_what_there_is(image)
    exif = image.getexif()
    orientation = exif.get(_ORIENTATION, 1)
    view = _remade(image, VIEW_SIDE, orientation)
    channel.progress(0.6)
    put(channel, view, "view", sharp=image.format in _SHARP)
    put(channel, view, "thumbnail")
    if orientation in _UPRIGHT and orientation >= _LIES_ON_ITS_SIDE:
        width, height = height, width
    said = captured.of_exif(exif)
    return Report(
        "image", kind, width, height, streams=(kind.split("/")[1],), captured=said, notes=tuple(notes)
    )


def put(channel: Channel, image: Image.Image, kind: Kind, *, number: int = 1, sharp: bool = False) -> None:
    """Encode one picture as an output of `kind`; a thumbnail is shrunk first."""
    if kind == "thumbnail":
        image = image.copy()
        image.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    encoded = io.BytesIO()
    if sharp:
        image.save(encoded, "PNG")
    else:
        image.save(encoded, "JPEG", quality=JPEG_QUALITY)
    head = OutputHead(kind, number, "image/png" if sharp else "image/jpeg", *image.size, 0)
    channel.output(head, encoded.getvalue())


def _opened(file: RemoteFile, limits: Limits) -> ImageFile.ImageFile:
    """Only its header has been read; refused here if that promises too much."""
    Image.MAX_IMAGE_PIXELS = limits.scaled_pixels // 2  # Pillow refuses twice as much
    file.seek(0)
    image = Image.open(cast(IO[bytes], file), formats=_OPENED)
    if image.format in _TAKEN_WHOLE and file.size > limits.whole_bytes:
        raise Stop("too-large")
    scales = image.format in ("JPEG", "MPO")
    if image.width * image.height > (limits.scaled_pixels if scales else limits.pixels):
        raise Stop("too-large")
    return image


def _notes(image: ImageFile.ImageFile, file: RemoteFile, kind: str) -> list[str]:
    notes = []
    if getattr(image, "is_animated", False):
        notes.append("more-pictures")
    if endings.has_trailing_bytes(file, kind):
        notes.append("trailing-bytes")
    return notes


def _read(image: ImageFile.ImageFile) -> bool:
    """Decode it, a JPEG at a fraction of its size where that is enough; False if it ends too early."""
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    image.draft("RGB", (VIEW_SIDE, VIEW_SIDE))
    try:
        image.load()
    except BROKEN:
        return False
    return True


def _read_what_there_is(image: ImageFile.ImageFile) -> None:
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    image.draft("RGB", (VIEW_SIDE, VIEW_SIDE))
    image.load()


def _remade(image: Image.Image, side: int, orientation: int) -> Image.Image:
    """New pixels in sRGB on white, at most `side` wide and high, upright, without any of the old file's fields."""
    small = _plain(image)
    small.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    small = _in_srgb(small, image.info.get("icc_profile"))
    if orientation in _UPRIGHT:
        small = small.transpose(_UPRIGHT[orientation])
    made = Image.new("RGB", small.size, "white")
    made.paste(small, mask=small.getchannel("A") if small.mode == "RGBA" else None)
    return made


def _plain(image: Image.Image) -> Image.Image:
    """RGB, RGBA or L, from whatever the file's pixels are."""
    if image.mode.startswith("I;16"):
        return image.convert("I").point(lambda value: value / 256).convert("L")
    if image.mode in ("LA", "PA", "La", "RGBa") or "transparency" in image.info:
        return image.convert("RGBA")
    if image.mode in ("RGB", "RGBA", "L"):
        return image.copy()
    return image.convert("L" if image.mode in ("1", "I", "F") else "RGB")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """By the file's colour profile, if it has one that fits; else as it is."""
    if not profile or image.mode != "RGB":
        return image
    try:
        made = ImageCms.profileToProfile(image, io.BytesIO(profile), _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return image
    return made or image
