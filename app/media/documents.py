"""Documents, drawn page by page: the pixels of a PDF, and nothing that could act."""

import io
import math
from typing import Final

import pypdfium2
import pypdfium2.raw
from PIL import Image

from app.media import captured, endings, images
from app.media.channel import Channel, RemoteFile, Stop
from app.media.shapes import Limits, Report

PAGE_SIDE: Final = 1600
_MOST_ENLARGED: Final = 4.0
_JUST_BELOW: Final = 1 - 1e-6
"""PDFium rounds up: 1,600.0001 would be 1,601 pixels."""
_TINY: Final = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</Font<</F<</Type/Font"
    b"/Subtype/Type1/BaseFont/Helvetica>>>>>>>>endobj 4 0 obj<</Length 22>>stream\nBT /F 6 Tf (a) Tj ET\nendstream "
    b"endobj trailer<</Root 1 0 R>>"
)


def load() -> None:
    """Draw a page, so that fonts, and the memory for calls from C into Python, are there before the walls are."""
    with pypdfium2.PdfDocument(io.BytesIO(_TINY)) as tiny:
        tiny[0].render().to_pil()


def rebuild(channel: Channel, file: RemoteFile, limits: Limits) -> Report:
    file.seek(0)
    try:
        document = pypdfium2.PdfDocument(io.BufferedReader(file))
    except pypdfium2.PdfiumError as refused:
        needs_a_password = refused.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD
        raise Stop("encrypted" if needs_a_password else "corrupt") from refused
    pages = len(document)
    asked = min(pages, limits.pages)
    drawn = 0
    for number in range(1, asked + 1):
        picture = _drawn(document, number)
        if picture is not None:
            drawn += 1
            _put(channel, picture, number, first=drawn == 1)
        channel.progress(number / asked)
    if not drawn:
        raise Stop("corrupt")
    notes = {
        "more-pages": pages > asked,
        "page-missing": drawn < asked,
        "trailing-bytes": endings.has_trailing_bytes(file, "application/pdf"),
    }
    said = captured.of_document(document.get_metadata_dict(skip_empty=True))
    happened = tuple(note for note, so in notes.items() if so)
    return Report("document", "application/pdf", pages=pages, streams=("pdf",), captured=said, notes=happened)


def _put(channel: Channel, picture: Image.Image, number: int, *, first: bool) -> None:
    if first:
        images.put(channel, picture, "thumbnail")
    images.put(channel, picture, "page", number=number)


def _drawn(document: pypdfium2.PdfDocument, number: int) -> Image.Image | None:
    """One page on white; None if it cannot be drawn."""
    try:
        page = document[number - 1]
        width, height = page.get_size()
        if not (0 < width < math.inf and 0 < height < math.inf):
            return None
        scale = min(PAGE_SIDE / max(width, height), _MOST_ENLARGED)
        picture: Image.Image = (
            page.render(scale=scale * _JUST_BELOW, rev_byteorder=True).to_pil().convert("RGB")
        )
        page.close()
    except (pypdfium2.PdfiumError, ValueError):
        return None
    return picture
