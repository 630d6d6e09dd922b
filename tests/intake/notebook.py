"""An interviewer's browser: takes forms from pages, fills them in, sends them; and what readers find afterwards."""

import io
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from app.domain.statement import Statement, from_parts
from app.store.cases import assets, statements
from app.vault.fields import ASSET_FACTS, DOUBLE, PART, Field
from tests.cast import Browser, Cast

BOUNDARY = "----a-line-that-nobody-writes"
"""Werkzeug's own are now and then longer than the 70 characters that RFC 2046 allows."""
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40

Sent = tuple[str, bytes]
"""A file as a browser sends it: name and bytes."""
Files = Mapping[str, Sent | list[Sent]]
"""Files by the names of their fields."""


@dataclass(frozen=True)
class SheetOfPaper:
    """A form as a page holds it."""

    fields: dict[str, str]

    @classmethod
    def on(cls, page: TestResponse) -> "SheetOfPaper":
        html = re.search(r'<form id="part".*?</form>', page.text, re.DOTALL)
        assert html, page.text
        hidden = re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", html[0])
        return cls({_attribute(tag, "name"): _attribute(tag, "value") for tag in hidden})

    @property
    def capsule(self) -> str:
        return self.fields["capsule"]

    def with_capsule(self, capsule: str) -> "SheetOfPaper":
        return replace(self, fields={**self.fields, "capsule": capsule})


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'{name}="([^"]*)"', tag)
    return unescape(found[1]) if found else ""


@dataclass
class Notebook:
    cast: Cast
    browser: Browser

    def open(self, way: str = "short", case: UUID | None = None) -> SheetOfPaper:
        page = self.browser.get(f"/notebook/cases/{case or self.cast.case}/form?way={way}")
        assert page.status_code == 200
        return SheetOfPaper.on(page)

    def send(self, sheet: SheetOfPaper, files: Files | None = None, **filled: Any) -> TestResponse:
        kind, body = encoded({**sheet.fields, **filled}, files)
        return self.browser.client.post("/notebook/parts", data=body, content_type=kind)

    def send_short(self, files: Files | None = None, **filled: Any) -> TestResponse:
        return self.send(self.open(), files, **{**SHORT, **filled})


def encoded(fields: dict[str, Any], files: Files | None = None) -> tuple[str, bytes]:
    """Type and body of a form with its fields in order, the capsule first, then its files."""
    values: MultiDict[str, Any] = MultiDict(fields)
    for name, sent in (files or {}).items():
        for title, content in sent if isinstance(sent, list) else [sent]:
            values.add(name, FileStorage(io.BytesIO(content), filename=title))
    boundary, body = encode_multipart(values, BOUNDARY)
    return f"multipart/form-data; boundary={boundary}", body


SHORT: dict[str, Any] = {
    "code_name": "Juniper",
    "take_part": "y",
    "public": "extract",
    "account": "They took her papers.",
}


def code_on(page: TestResponse) -> str:
    """The withdrawal code that a page shows, without its gaps; empty where it shows none."""
    found = re.search(r"((?:\d{4} \d{4}(?:<br>)?){4})</bdi>", page.text)
    return re.sub(r"\D", "", found[1]) if found else ""


def receipt_on(page: TestResponse) -> str:
    found = re.search(r'<h2>Receipt</h2>\s*<p class="big"><bdi[^>]*>([\d ]+)</bdi>', page.text)
    return found[1] if found else ""


def wrong_on(page: TestResponse) -> list[str]:
    """The fields that a page blames."""
    return re.findall(r'id="(\w+)-wrong"', page.text)


# What is stored, and what readers find


def stored(cast: Cast) -> list[sa.Row[Any]]:
    uow = cast.uow()
    try:
        return list(uow.tx.all(sa.select(statements)))
    finally:
        uow.end()


def only(cast: Cast) -> sa.Row[Any]:
    (row,) = stored(cast)
    return row


@contextmanager
def reading(cast: Cast, name: str) -> Iterator[Any]:
    uow = cast.uow(name)
    try:
        yield uow.vault
    finally:
        uow.end()


def contents(cast: Cast, where: Field, statement: UUID, reader: str = "lilit") -> list[dict[str, Any]]:
    """Every version of a sealed field, opened by a reader."""
    with reading(cast, reader) as vault:
        return [json.loads(opened.content) for opened in vault.records.open_all(where, cast.case, statement)]


def read(cast: Cast) -> Statement:
    """The only statement there is, as its readers see it."""
    return from_parts(contents(cast, PART, only(cast).id))


def doubles(cast: Cast) -> list[dict[str, Any]]:
    return contents(cast, DOUBLE, only(cast).id)


def file_facts(cast: Cast) -> list[dict[str, Any]]:
    uow = cast.uow()
    ids = [row.id for row in uow.tx.all(sa.select(assets).order_by(assets.c.position))]
    uow.end()
    return [contents(cast, ASSET_FACTS, asset)[0] for asset in ids]


def file_bytes(cast: Cast, asset: UUID) -> bytes:
    with reading(cast, "lilit") as vault:
        opened = vault.files.open(cast.case, asset)
        return b"".join(opened.read(0, opened.length))


def blobs(cast: Cast) -> list[Path]:
    """Everything that lies in the blob store, finished or not."""
    return [path for path in cast.services.blobs.root.rglob("*") if path.is_file()]


def nothing_is_kept(cast: Cast) -> bool:
    return not stored(cast) and not blobs(cast)
