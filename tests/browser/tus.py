"""A strict server of uploads on this machine, with faults that it can be told to make, which opens what arrived.

It keeps to tus 1.0.0 and to what the browser's code may rely on, and to nothing more: what is not allowed fails loudly.
"""

import base64
import hashlib
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock, Thread
from uuid import UUID

from flask import Flask, Response, abort, render_template_string, request
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from werkzeug.serving import make_server
from werkzeug.wrappers import Response as Answer
from wtforms import FileField, Form

from app.crypto import hpke
from app.crypto.context import Context
from app.crypto.keys import HpkeSeed, RecordKey
from app.crypto.stream import StreamOpener, ciphertext_length, cut_length
from app.crypto.tree import tree_digest
from app.web import locale as locales
from app.web import pages
from app.web.headers import allow_worker, set_headers
from tests.crypto.samples import fixed, fixed_id
from tests.crypto.test_vectors import Memory

WEB = Path(pages.__file__).parent
MIB = 1_048_576
INSTALLATION, CASE, INTAKE = (fixed_id(label) for label in ("installation", "case", "intake"))
SEED = HpkeSeed(fixed("hpke seed"))
CAPSULE = "a-capsule_of-this-form"
CHECKSUM_MISMATCH = 460
PAGE = """
<!doctype html><html lang="{{ locale }}" dir="{{ direction }}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Files</title>
{% import "macros/uploads.html" as uploads %}
{% for sheet in ("css/tokens.css", "css/vouchsafe.css", "dist/session.css") %}
<link rel="stylesheet" href="{{ static_url(sheet) }}">
{% endfor %}
<script src="{{ static_url('dist/session.js') }}" defer></script>{{ uploads.script() }}</head><body>
{% include "session.html" %}<form id="leave"></form><main class="page"><h1>Files</h1>
<ul class="uploads">{% for item in items %}{{ uploads.unfinished(**item) }}{% endfor %}</ul>
<form method="post" action="/send" enctype="multipart/form-data" data-upload-target='{{ target | tojson }}'>
<input type="hidden" name="csrf_token" value="{{ csrf_token() }}">
<label>What happened<textarea name="words"></textarea></label>
{{ uploads.choose(form.files) }}<button class="btn is-main">Seal and send</button></form>
{{ uploads.words(target.files, target.bytes) }}</main></body></html>
"""
PROBE = """
const outcome = (act) => { try { act(); return "allowed"; } catch (error) { return error.name; } };
document.documentElement.dataset.probed = [
  outcome(() => new Worker("/static/dist/desk.js")),
  outcome(() => new Worker("/static/dist/upload.worker.js")),
  outcome(() => trustedTypes.createPolicy("another", { createScriptURL: (url) => url })),
  outcome(() => (document.createElement("div").innerHTML = "<b>x</b>")),
].join(" ");
"""


class Files(Form):  # type: ignore[misc]  # wtforms carries no types
    files = FileField("Files")


@dataclass
class Upload:
    """One segment as it arrives."""

    asset: UUID
    segment: int
    key_id: UUID
    box: bytes
    mark: bytes
    begins: int
    whole_plain: int
    length: int
    data: bytearray = field(default_factory=bytearray)
    cut: bool = False
    is_whole: bool = False

    @property
    def plain(self) -> bytes:
        """What it opens to, with the keys that a reader has."""
        wrapped = Context("record_keys", self.key_id.hex, CASE, self.asset, 1)
        key = RecordKey(hpke.open_box(SEED, INTAKE.bytes, wrapped, INSTALLATION, self.box))
        where = Context("assets", "original", CASE, self.asset, self.segment)
        opener = StreamOpener(key, where, INSTALLATION, Memory(bytes(self.data)), cut=self.cut)
        return b"".join(opener.read(0, opener.length))


@dataclass
class Faults:
    """What goes wrong: `coming` one after the other, each at the next PATCH, or every so many of them."""

    coming: list[str] = field(default_factory=list)
    cut_every: int = 0
    damaged_whole: int = 0
    whole_unheard: str = ""
    bytes_each_second: int = 0
    patches: int = 0
    is_offline: bool = False

    def next(self) -> str:
        self.patches += 1
        if self.coming:
            return self.coming.pop(0)
        return "cut" if self.cut_every and self.patches % self.cut_every == 0 else ""


class Server:
    """The uploads of one installation, and a page that sends them."""

    def __init__(self) -> None:
        self.uploads: dict[str, Upload] = {}
        self.faults = Faults()
        self.signed_in, self.token = True, "token-1"
        self.sent: list[tuple[str, list[str], list[str]]] = []
        self.seen: list[str] = []
        self.said: list[dict[str, str]] = []
        self.problems: list[str] = []
        self.piece, self.files, self.bytes = 8 * MIB, 20, 10 * 1024 * MIB
        self.language = "en"
        self._lock = Lock()

    # What tests ask

    def of(self, asset: str) -> list[Upload]:
        """The segments of a file, in order."""
        found = [upload for upload in self.uploads.values() if upload.asset.hex == asset]
        return sorted(found, key=lambda upload: upload.segment)

    def assets(self) -> list[str]:
        return list(dict.fromkeys(upload.asset.hex for upload in self.uploads.values()))

    def opened(self, asset: str) -> bytes:
        """The whole file. Fails where segments do not follow each other, or share a key."""
        segments = self.of(asset)
        assert [each.segment for each in segments] == list(range(1, len(segments) + 1))
        assert all(each.cut != each.is_whole for each in segments)
        assert (
            len({each.key_id for each in segments}) == len({each.box for each in segments}) == len(segments)
        )
        plain = b""
        for each in segments:
            assert each.begins == len(plain)
            plain += each.plain
        assert len(plain) == segments[0].whole_plain
        return plain

    def target(self) -> dict[str, object]:
        return {
            "installation": INSTALLATION.hex,
            "case": CASE.hex,
            "key": INTAKE.hex,
            "public": base64.b64encode(hpke.public_of(SEED)).decode(),
            "capsule": CAPSULE,
            "piece": self.piece,
            "files": self.files,
            "bytes": self.bytes,
        }

    # The application

    def app(self) -> Flask:
        app = Flask("tus", root_path=str(WEB), static_folder="static", template_folder="templates")
        app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
        app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(WEB.parent / "translations")
        Babel(app, locale_selector=lambda: self.language)
        app.jinja_env.globals.update(
            static_url=pages.static_url, csrf_token=lambda: self.token, allow_worker=allow_worker
        )
        app.jinja_env.filters |= locales.filters(lambda: self.language, lambda: datetime.now(UTC), UTC)
        for rule, view, methods in (
            ("/", self.page, ["GET"]),
            ("/probe", self.probe, ["GET"]),
            ("/probe.js", self.probe_script, ["GET"]),
            ("/send", self.send, ["POST"]),
            ("/session", self.session, ["GET", "POST"]),
            ("/uploads", self.create, ["POST"]),
            ("/uploads/<name>", self.one, ["HEAD", "PATCH", "DELETE"]),
            ("/uploads/<name>/whole", self.whole, ["POST"]),
            ("/uploads/assets/<uuid:asset>/resume", self.resume, ["POST"]),
            ("/notebook/files/<uuid:asset>/discard", self.discard, ["POST"]),
        ):
            app.add_url_rule(rule, view_func=view, methods=methods, provide_automatic_options=False)
        app.add_url_rule("/sign-in", endpoint="accounts.sign_in", view_func=lambda: "")
        app.add_url_rule(
            "/again", endpoint="accounts.sign_in_again", view_func=self.sign_in_again, methods=["POST"]
        )
        app.before_request(self.before)
        app.after_request(set_headers)
        return app

    def before(self) -> None:
        self.seen.append(f"{request.method} {request.path}")
        if self.faults.is_offline:
            _cut_off()

    def page(self) -> str:
        left, whose = 900, "lilit"
        return render_template_string(
            PAGE,
            locale=self.language,
            direction=locales.direction(self.language),
            form=Files(),
            target=self.target(),
            items=self.unfinished(),
            open_page={"left": left, "whose": whose},
            viewer={"name": "Lilit"},
            discreet=False,
        )

    def probe(self) -> str:
        """The same page, with a script of an attacker in it who can write files of our origin."""
        return self.page().replace("</head>", '<script src="/probe.js" defer></script></head>')

    def probe_script(self) -> ResponseReturnValue:
        return Response(PROBE, content_type="text/javascript")

    def unfinished(self) -> list[dict[str, object]]:
        latest = {each.asset: each for each in sorted(self.uploads.values(), key=lambda each: each.segment)}
        return [
            {
                "asset": each.asset.hex,
                "length": each.whole_plain,
                "arrived": each.begins + len(each.data),
                "begun": datetime.now(UTC),
            }
            for each in latest.values()
            if not each.is_whole
        ]

    def send(self) -> ResponseReturnValue:
        files = [name for name, file in request.files.items(multi=True) if file.filename]
        self.sent.append((request.form["words"], request.form.getlist("upload"), files))
        return "<!doctype html><title>Sent</title><h1>Sealed and sent</h1>"

    def session(self) -> ResponseReturnValue:
        return self.standing() if self.signed_in else {"left": 0, "last": False, "whose": "", "token": ""}

    def standing(self) -> dict[str, object]:
        return {"left": 900, "last": False, "whose": "lilit", "token": self.token}

    def sign_in_again(self) -> ResponseReturnValue:
        self.signed_in, self.token = True, f"token-{int(self.token[-1]) + 1}"
        return self.standing()

    def create(self) -> ResponseReturnValue:
        self._require_tus()
        pairs = [pair.split(" ") for pair in request.headers["Upload-Metadata"].split(",")]
        given = {name: base64.b64decode(value, validate=True) for name, value in pairs}
        self._require(
            given.keys() == {"capsule", "asset", "segment", "key", "box", "length", "mark", "from"}, "keys"
        )
        self._require(given["capsule"] == CAPSULE.encode(), "capsule")
        self._require(len(given["asset"]) == len(given["key"]) == 16, "ids")
        self._require(len(given["mark"]) == 32 and len(given["box"]) == 1221, "mark or box")
        upload = Upload(
            UUID(bytes=given["asset"]),
            int(given["segment"]),
            UUID(bytes=given["key"]),
            given["box"],
            given["mark"],
            int(given["from"]),
            int(given["length"]),
            int(request.headers["Upload-Length"]),
        )
        self._require(upload.length == ciphertext_length(upload.whole_plain - upload.begins), "length")
        self._require(upload.begins < upload.whole_plain, "empty")
        before = self.of(upload.asset.hex)
        if not all(each.cut for each in before):
            return {"error": "upload-exists"}, 409
        self._require(upload.segment == len(before) + 1, "segment")
        if self.faults.coming[:1] == ["begin-unheard"]:
            self.faults.coming.pop(0)
            self.uploads["unheard"] = upload
            _cut_off()
        name = base64.urlsafe_b64encode(fixed(f"upload {len(self.seen)}")).decode().rstrip("=")
        self.uploads[name] = upload
        return Response(status=201, headers={"Location": f"/uploads/{name}"})

    def one(self, name: str) -> ResponseReturnValue:
        self._require_tus()
        upload = self.uploads.get(name)
        if upload is None or upload.is_whole:
            abort(404)
        match request.method:
            case "HEAD":
                headers = {"Upload-Offset": str(len(upload.data)), "Upload-Length": str(upload.length)}
                return Response(headers=headers)
            case "PATCH":
                return self.patch(upload)
            case _:
                self._forget(upload.asset.hex)
                return Response(status=204)

    def patch(self, upload: Upload) -> ResponseReturnValue:
        self._require(request.headers["Content-Type"] == "application/offset+octet-stream", "type")
        size = int(request.headers["Content-Length"])
        self._require(0 < size <= self.piece, "piece")
        fault = self.faults.next()
        match fault:
            case "401":
                self.signed_in = False
                abort(401)
            case "500" | "507" | "413" | "404":
                abort(Answer(status=int(fault)))
            case "cut":
                request.stream.read(size // 2)
                _cut_off()
        if int(request.headers["Upload-Offset"]) != len(upload.data):
            abort(409)
        body = self._read(size)
        kind, _, checksum = request.headers["Upload-Checksum"].partition(" ")
        self._require(kind == "sha256", "checksum")
        if fault == "checksum" or hashlib.sha256(body).digest() != base64.b64decode(checksum):
            return Response(status=CHECKSUM_MISMATCH)
        with self._lock:
            if upload.cut or int(request.headers["Upload-Offset"]) != len(upload.data):
                abort(409)  # a request of a browser that is dead, or of one that asked meanwhile
            self._require(len(upload.data) + size <= upload.length, "beyond the end")
            upload.data += body
        if fault == "lost":
            _cut_off()
        return Response(status=204, headers={"Upload-Offset": str(len(upload.data))})

    def _read(self, size: int) -> bytes:
        body, step = bytearray(), 65_536 if self.faults.bytes_each_second else MIB
        while len(body) < size and (more := request.stream.read(min(step, size - len(body)))):
            body += more
            if self.faults.bytes_each_second:
                time.sleep(len(more) / self.faults.bytes_each_second)
        if len(body) < size:
            _cut_off()
        return bytes(body)

    def whole(self, name: str) -> ResponseReturnValue:
        self._require_token()
        upload, given = self.uploads.get(name), request.get_json()
        if upload is None or upload.is_whole:
            abort(404)
        self._require(len(upload.data) == upload.length, "whole before its end")
        self.said.append(given["said"])
        if self.faults.damaged_whole:
            self.faults.damaged_whole -= 1
            del self.uploads[name]
            return {"error": "digest"}, 409
        if tree_digest(upload.data).hex() != given["digest"]:
            self.problems.append("digest")
            return {"error": "digest"}, 409
        upload.is_whole = True
        if self.faults.whole_unheard:
            _cut_off()
        return {"asset": upload.asset.hex, "attached": False}

    def resume(self, asset: UUID) -> ResponseReturnValue:
        self._require_token()
        segments = self.of(asset.hex)
        if not segments or (segments[-1].is_whole and self.faults.whole_unheard != "waits"):
            abort(404)
        if segments[-1].is_whole:
            return {"error": "whole-already"}, 409
        if bytes.fromhex(request.get_json()["mark"]) != segments[0].mark:
            return {"error": "another-file"}, 409
        last = segments[-1]
        with self._lock:
            stays = cut_length(len(last.data), last.length)
            del last.data[stays:]
            last.cut = True
        if not stays:
            self.uploads = {name: each for name, each in self.uploads.items() if each is not last}
        begins = last.begins + (len(last.plain) if stays else 0)
        return {
            "segment": last.segment + bool(stays),
            "origin": begins,
            "length": last.whole_plain,
            "target": {name: value for name, value in self.target().items() if isinstance(value, str)},
        }

    def discard(self, asset: UUID) -> ResponseReturnValue:
        self._require_token()
        self._require(bool(self.of(asset.hex)), "unknown file")
        self._forget(asset.hex)
        return Response(status=204)

    def _forget(self, asset: str) -> None:
        self.uploads = {name: each for name, each in self.uploads.items() if each.asset.hex != asset}

    def _require_tus(self) -> None:
        if not self.signed_in:
            abort(401)
        self._require(request.headers.get("Tus-Resumable") == "1.0.0", "version")

    def _require_token(self) -> None:
        if not self.signed_in:
            abort(401)
        if request.headers.get("X-CSRF-Token") != self.token:
            abort(403)

    def _require(self, holds: bool, what: str) -> None:
        """What the browser may never send is remembered: the test fails at its end."""
        if not holds:
            self.problems.append(f"{request.method} {request.path}: {what}")
            abort(400)


def _cut_off() -> None:
    """The network is gone in the middle of a request."""
    connection: socket.socket = request.environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError


@contextmanager
def serving(server: Server) -> Iterator[str]:
    """Yields the origin."""
    made = make_server("127.0.0.1", 0, server.app(), threaded=True)
    thread = Thread(target=made.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{made.port}"
    finally:
        made.shutdown()
        thread.join()
        made.server_close()
