"""Pictures are made anew: upright, small enough, in plain colours, and with nothing in them but pixels."""

import io
import struct
import zlib

import pytest
from PIL import Image, ImageCms
from PIL.TiffImagePlugin import IFDRational

from app.media.shapes import Failed, Limits
from tests.media.files import outcome, picture, remade, scene

RED, BLUE = (200, 30, 30), (30, 30, 200)


def shown(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def is_near(pixel: object, colour: tuple[int, int, int]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(a - b) < 40 for a, b in zip(pixel, colour, strict=True))


@pytest.mark.parametrize(
    ("kind", "type_"),
    [
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("WEBP", "image/webp"),
        ("HEIF", "image/heic"),
        ("AVIF", "image/avif"),
        ("GIF", "image/gif"),
        ("TIFF", "image/tiff"),
    ],
)
def test_every_kind_of_picture_becomes_a_view_and_a_thumbnail(kind: str, type_: str):
    report, shelf = remade(picture(kind))
    assert (report.family, report.type, report.width, report.height) == ("image", type_, 640, 480)
    assert report.notes == ()
    assert shelf.kinds() == ["thumbnail", "view"]
    view, thumbnail = shown(shelf["view"]), shown(shelf["thumbnail"])
    assert view.size == (640, 480)
    assert thumbnail.size == (320, 240)
    assert is_near(view.getpixel((10, 10)), RED)
    assert is_near(view.getpixel((630, 470)), BLUE)


def test_a_large_picture_is_shown_smaller_and_reported_in_full():
    report, shelf = remade(picture("JPEG", 10_500, 7000))
    assert (report.width, report.height) == (10_500, 7000)
    assert shown(shelf["view"]).size == (2560, 1707)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_the_way_it_was_held(orientation: int):
    undo = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    lying = scene(64, 48) if undo is None else scene(64, 48).transpose(undo)
    exif = Image.Exif()
    exif[0x0112] = orientation
    made = io.BytesIO()
    lying.save(made, "JPEG", exif=exif, quality=95)
    report, shelf = remade(made.getvalue())
    view = shown(shelf["view"])
    assert (report.width, report.height) == view.size == (64, 48)
    assert is_near(view.getpixel((8, 8)), RED)
    assert is_near(view.getpixel((56, 40)), BLUE)


def telling() -> bytes:
    """A photograph that says where, when and with what it was taken, in every place there is for it."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0131] = "Maker", "Model 7", "Program"
    exif.get_ifd(0x8769)[0x9003] = "2020:10:01 04:05:06"
    exif.get_ifd(0x8825).update(
        {
            1: "N",
            2: (IFDRational(39), IFDRational(49), IFDRational(30)),
            3: "W",
            4: (IFDRational(46), IFDRational(45), IFDRational(0)),
        }
    )
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    made = io.BytesIO()
    scene(320, 200).save(
        made, "JPEG", exif=exif, comment=b"Maker wrote this", icc_profile=profile, dpi=(301, 301)
    )
    return made.getvalue()


def test_what_the_camera_wrote_is_reported_and_is_in_no_output():
    report, shelf = remade(telling())
    assert report.captured == {
        "make": "Maker",
        "model": "Model 7",
        "software": "Program",
        "taken": "2020:10:01 04:05:06",
        "latitude": "39.825000",
        "longitude": "-46.750000",
    }
    for output in shelf.outputs:
        assert b"Maker" not in output.data
        assert b"Exif" not in output.data
        assert b"ICC_PROFILE" not in output.data
        image = shown(bytes(output.data))
        assert not dict(image.getexif())
        assert set(image.info) <= {
            "jfif",
            "jfif_version",
            "jfif_unit",
            "jfif_density",
            "progressive",
            "progression",
        }
        assert image.info["jfif_density"] == (1, 1)


def test_what_lies_under_transparency_is_gone():
    image = Image.new("RGBA", (64, 64), (200, 30, 30, 0))
    image.paste((30, 30, 200, 255), (0, 0, 32, 64))
    made = io.BytesIO()
    image.save(made, "PNG")
    _, shelf = remade(made.getvalue())
    view = shown(shelf["view"])
    assert view.mode == "RGB"
    assert view.getpixel((60, 10)) == (255, 255, 255)
    assert view.getpixel((10, 10)) == (30, 30, 200)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "F"])
def test_pixels_of_every_kind_can_be_shown(mode: str):
    image = (
        scene(64, 48).convert("L").convert("I").point(lambda v: v * 256).convert("I;16")
        if mode == "I;16"
        else scene(64, 48).convert(mode)
    )
    made = io.BytesIO()
    image.save(made, "TIFF" if mode in ("F", "CMYK", "I;16") else "PNG")
    report, shelf = remade(made.getvalue())
    assert (report.width, report.height) == (64, 48)
    view = shown(shelf["view"]).convert("L")
    assert view.getpixel((60, 5)) > view.getpixel((5, 5))  # type: ignore[operator]  # one band: numbers


def test_colours_are_those_that_the_profile_means():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = profile.replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")
    made = io.BytesIO()
    scene(64, 48).save(made, "JPEG", icc_profile=swapped)
    _, shelf = remade(made.getvalue())
    assert is_near(shown(shelf["view"]).getpixel((8, 8)), BLUE)


def test_a_profile_that_is_none_is_passed_over():
    made = io.BytesIO()
    scene(64, 48).save(made, "JPEG", icc_profile=b"not a profile")
    _, shelf = remade(made.getvalue())
    assert is_near(shown(shelf["view"]).getpixel((8, 8)), RED)


def test_only_the_first_of_many_frames_is_shown_and_it_says_so():
    frames = [Image.new("RGB", (32, 32), (shade, 0, 0)) for shade in range(0, 250, 5)]
    made = io.BytesIO()
    frames[0].save(made, "GIF", save_all=True, append_images=frames[1:])
    report, shelf = remade(made.getvalue())
    assert report.notes == ("more-pictures",)
    assert is_near(shown(shelf["view"]).getpixel((5, 5)), (0, 0, 0))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "HEIF", "AVIF"])
def test_what_follows_the_end_of_a_picture_is_noted_and_left_behind(kind: str):
    page = b"<html><script>alert(1)</script></html>"
    report, shelf = remade(picture(kind) + page)
    assert report.notes == ("trailing-bytes",)
    assert all(b"script" not in output.data for output in shelf.outputs)


def test_zeros_after_the_end_are_nothing_to_speak_of():
    assert remade(picture("JPEG") + bytes(500))[0].notes == ()


def test_a_page_in_the_comment_of_a_picture_does_not_survive():
    made = io.BytesIO()
    scene(64, 48).save(made, "JPEG", comment=b"<html><script>alert(1)</script>")
    _, shelf = remade(made.getvalue())
    assert all(b"script" not in output.data for output in shelf.outputs)


def png_header(width: int, height: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(1 << 20)))
        + chunk(b"IEND", b"")
    )


def gif_header(width: int, height: int) -> bytes:
    return (
        b"GIF89a"
        + struct.pack("<HHBBB", width, height, 0x80, 0, 0)
        + bytes(6)
        + b","
        + struct.pack("<HHHHB", 0, 0, width, height, 0)
        + b"\x02\x02\x44\x01\x00;"
    )


def tiff_header(width: int, height: int) -> bytes:
    tags = [
        (256, 4, width),
        (257, 4, height),
        (258, 3, 8),
        (259, 3, 8),
        (262, 3, 1),
        (273, 4, 200),
        (277, 3, 1),
        (278, 4, height),
        (279, 4, 20),
    ]
    body = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + body + bytes(200)


def webp_header(width: int, height: int) -> bytes:
    body = (
        b"WEBPVP8X"
        + struct.pack("<I", 10)
        + bytes(4)
        + (width - 1).to_bytes(3, "little")
        + (height - 1).to_bytes(3, "little")
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize(
    "bomb",
    [
        png_header(100_000, 100_000),
        gif_header(60_000, 60_000),
        tiff_header(100_000, 100_000),
        webp_header(16_000_000, 200),
    ],
    ids=["png", "gif", "tiff", "webp"],
)
def test_a_picture_that_promises_too_many_pixels_is_refused_from_its_header(bomb: bytes):
    ended, shelf = outcome(bomb, Limits(memory_bytes=64 << 20))
    assert ended == Failed("too-large")
    assert shelf.outputs == []


def test_a_picture_that_needs_more_memory_than_there_is_says_so():
    ended, _ = outcome(png_header(9_000, 9_000), Limits(memory_bytes=48 << 20))
    assert ended == Failed("too-much-memory")


def test_a_picture_cut_in_the_middle_shows_what_there_is():
    data = picture("JPEG", 1600, 1200)
    report, shelf = remade(data[: len(data) // 2])
    assert report.notes == ("cut-short",)
    assert is_near(shown(shelf["view"]).getpixel((10, 10)), RED)
