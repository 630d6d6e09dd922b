"""A document becomes pictures of its pages: nothing in it acts, and nothing of it but pixels is kept."""

import io

import pytest
from PIL import Image

from app.media.shapes import Failed, Limits
from tests.media.files import outcome, pdf, remade

# An empty page under AES-256 with a password, written by qpdf's scheme for /V 5 /R 6; the keys are of no importance.
PASSWORD_ASKED = (
    b"8 0 obj<</Filter/Standard/V 2/R 3/Length 128/P -3904/O<"
    + b"28" * 32
    + b">/U<"
    + b"31" * 32
    + b">>>endobj\n"
)


def test_every_page_is_drawn_and_the_first_stands_for_all():
    report, shelf = remade(pdf(3))
    assert (report.family, report.type, report.pages, report.notes) == ("document", "application/pdf", 3, ())
    assert report.captured == {"title": "A list of names", "author": "Somebody", "software": "Writer"}
    assert [(kept.head.kind, kept.head.number) for kept in shelf.outputs] == [
        ("thumbnail", 1),
        ("page", 1),
        ("page", 2),
        ("page", 3),
    ]
    page = Image.open(io.BytesIO(bytes(shelf.outputs[1].data)))
    assert page.size == (1131, 1600)
    assert page.convert("L").getextrema()[0] < 60  # type: ignore[operator]  # one band: the words are there
    assert b"Somebody" not in shelf.outputs[1].data


def test_pages_beyond_the_limit_are_counted_and_not_drawn():
    report, shelf = remade(pdf(60))
    assert (report.pages, report.notes) == (60, ("more-pages",))
    assert len(shelf.outputs) == 51


def test_a_document_under_a_password_says_so():
    locked = pdf(1, more=PASSWORD_ASKED).replace(b"/Info 5 0 R", b"/Encrypt 8 0 R/ID[<00><00>]")
    assert outcome(locked)[0] == Failed("encrypted")


def test_a_script_in_a_document_does_nothing():
    script = b"9 0 obj<</S/JavaScript/JS(app.launchURL\\('http://192.0.2.1'\\);while\\(1\\){})>>endobj\n"
    report, shelf = remade(pdf(1, more=script, trailer=b"/OpenAction 9 0 R"))
    assert report.pages == 1
    assert shelf.kinds() == ["page", "thumbnail"]


@pytest.mark.parametrize("size", [(14_400, 1), (1, 14_400), (2_000_000_000, 2_000_000_000), (3, 3)])
def test_a_page_of_any_size_is_drawn_small(size: tuple[float, float]):
    _, shelf = remade(pdf(1, size=size))
    for kept in shelf.outputs:
        assert max(kept.head.width, kept.head.height) <= 1600


def test_a_page_of_no_size_is_left_out():
    data = pdf(2).replace(b"MediaBox[0 0 595 842]", b"MediaBox[0 0 595 0  ]", 1)
    report, _ = remade(data)
    assert report.pages == 2


def test_what_follows_the_end_is_noted():
    report, _ = remade(pdf(1) + b"<html>" + b"x" * 200)
    assert report.notes == ("trailing-bytes",)


def test_a_document_of_no_pages_is_broken():
    assert outcome(b"%PDF-1.7\n%%EOF")[0] == Failed("corrupt")


def test_fewer_pages_may_be_asked_for():
    report, shelf = remade(pdf(3), Limits(pages=1))
    assert report.notes == ("more-pages",)
    assert len(shelf.outputs) == 2
