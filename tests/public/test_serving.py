"""The public process: serves what the release lists, as it is listed, and nothing else."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.domain.errors import InvalidInput
from app.public.factory import PublicConfig, create_public_app

ROOT = Path(__file__).parents[2]
FILES = {
    "index.html": b"<p>front</p>",
    "404.html": b"<p>the path ends here</p>",
    "stories/bread/index.html": b"<p>bread</p>",
    "stories/bread/film.webm": bytes(range(256)) * 8,
    "stories/bread/film.vtt": b"WEBVTT\n",
    "static/site.css": b"p { margin: 0 }",
    "static/fonts/a.woff2": b"wOF2",
    "feed.atom": b"<feed/>",
    "bag.unknown": b"?",
}

Publish = Callable[[dict[str, bytes]], Path]


def manifest_of(files: dict[str, bytes]) -> bytes:
    listed = {path: [hashlib.sha256(content).hexdigest(), len(content)] for path, content in files.items()}
    return json.dumps({"signed": {"files": listed}, "signature": "c2lnbmVk"}).encode()


def write(folder: Path, files: dict[str, bytes]) -> None:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


@pytest.fixture
def publish(tmp_path: Path) -> Publish:
    """Writes a tree beside the others and switches `current` to it, as a release does."""

    def switch(files: dict[str, bytes]) -> Path:
        folder = tmp_path / f"tree-{len(list(tmp_path.iterdir()))}"
        write(folder, files | {"manifest.json": manifest_of(files)})
        link = tmp_path / "next"
        link.symlink_to(folder.name)
        link.replace(tmp_path / "current")
        return folder

    return switch


class Reader(FlaskClient):
    """Reads every answer to its end, as browsers do."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        return super().open(*args, buffered=True, **kwargs)


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    app = create_public_app(PublicConfig(tmp_path))
    app.test_client_class = Reader
    return app.test_client()


@pytest.fixture
def tree(publish: Publish) -> Path:
    return publish(FILES)


@pytest.mark.usefixtures("tree")
@pytest.mark.parametrize(
    ("address", "path", "content_type"),
    [
        ("/", "index.html", "text/html; charset=utf-8"),
        ("/index.html", "index.html", "text/html; charset=utf-8"),
        ("/stories/bread/", "stories/bread/index.html", "text/html; charset=utf-8"),
        ("/stories/bread/film.webm", "stories/bread/film.webm", "video/webm"),
        ("/stories/bread/film.vtt", "stories/bread/film.vtt", "text/vtt; charset=utf-8"),
        ("/static/site.css", "static/site.css", "text/css; charset=utf-8"),
        ("/feed.atom", "feed.atom", "application/atom+xml; charset=utf-8"),
    ],
)
def test_it_serves_what_is_listed(client: FlaskClient, address: str, path: str, content_type: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.data) == (200, FILES[path])
    assert answer.content_type == content_type
    assert answer.get_etag() == (hashlib.sha256(FILES[path]).hexdigest(), False)


@pytest.mark.usefixtures("tree")
def test_it_serves_the_manifest_for_whoever_checks_a_copy(client: FlaskClient) -> None:
    assert client.get("/manifest.json").data == manifest_of(FILES)


@pytest.mark.usefixtures("tree")
def test_a_type_it_does_not_know_is_a_download(client: FlaskClient) -> None:
    answer = client.get("/bag.unknown")
    assert answer.content_type == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment"


@pytest.mark.usefixtures("tree")
def test_a_folder_without_its_slash_leads_there_relatively(client: FlaskClient) -> None:
    answer = client.get("/stories/bread")
    assert (answer.status_code, answer.headers["Location"]) == (308, "./bread/")


def test_only_listed_files_are_there(client: FlaskClient, tree: Path) -> None:
    (tree / "draft.html").write_bytes(b"not yet")
    (tree / "stories" / "bread" / "notes.txt").write_bytes(b"a name")
    for address in (
        "/draft.html",
        "/stories/bread/notes.txt",
        "/stories/",
        "/stories",
        "/static/",
        "/nothing",
    ):
        answer = client.get(address)
        assert (answer.status_code, answer.data) == (404, FILES["404.html"]), address


@pytest.mark.parametrize(
    "address",
    [
        "/../secret.txt",
        "/stories/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/stories/bread/..%2f..%2f..%2fsecret.txt",
        "//etc/passwd",
        "/%2fetc%2fpasswd",
        "/..\\secret.txt",
        "/index.html%00.txt",
        "/./index.html",
        "/stories//bread/",
    ],
)
@pytest.mark.usefixtures("tree")
def test_no_address_leads_out_of_the_tree(client: FlaskClient, tmp_path: Path, address: str) -> None:
    (tmp_path / "secret.txt").write_bytes(b"secret")
    answer = client.get(address)
    assert answer.status_code == 404
    assert b"secret" not in answer.data


def test_not_even_a_listed_link_leads_out_of_the_tree(
    client: FlaskClient, publish: Publish, tmp_path: Path
) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "key.txt").write_bytes(b"secret")
    tree = publish(FILES | {"a.txt": b"secret", "b/key.txt": b"secret"})
    (tree / "a.txt").unlink()
    (tree / "a.txt").symlink_to(tmp_path / "outside" / "key.txt")
    (tree / "b" / "key.txt").unlink()
    (tree / "b").rmdir()
    (tree / "b").symlink_to(tmp_path / "outside")
    for address in ("/a.txt", "/b/key.txt"):
        answer = client.get(address)
        assert answer.status_code == 503
        assert b"secret" not in answer.data


@pytest.mark.parametrize("path", ["../secret.txt", "/etc/passwd", "a//b", "./a", "a/..", ""])
def test_a_manifest_that_points_elsewhere_serves_nothing(
    client: FlaskClient, publish: Publish, path: str
) -> None:
    tree = publish(FILES)
    (tree / "manifest.json").write_bytes(manifest_of(FILES | {path: b"x"}))
    assert client.get("/").status_code == 503


@pytest.mark.parametrize(
    "manifest",
    [b"", b"{", b"[]", b'{"signed": {}}', b'{"signed": {"files": []}}', b'{"signed": {"files": {"a": "b"}}}'],
)
def test_a_broken_manifest_serves_nothing(client: FlaskClient, tree: Path, manifest: bytes) -> None:
    (tree / "manifest.json").write_bytes(manifest)
    answer = client.get("/")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"


def test_a_file_of_another_size_is_not_served(client: FlaskClient, tree: Path) -> None:
    (tree / "index.html").write_bytes(FILES["index.html"] + b"!")
    assert client.get("/").status_code == 503


def test_a_file_that_is_gone_or_no_file_is_not_served(client: FlaskClient, tree: Path) -> None:
    (tree / "index.html").unlink()
    assert client.get("/").status_code == 503
    os.mkfifo(tree / "index.html")
    assert client.get("/").status_code == 503


def test_before_the_first_release_it_says_to_come_back(client: FlaskClient) -> None:
    assert client.get("/").status_code == 503


@pytest.mark.parametrize("lost", ["unlisted", "damaged"])
def test_without_its_page_for_what_is_missing_it_has_its_own(
    client: FlaskClient, publish: Publish, lost: str
) -> None:
    if lost == "unlisted":
        publish({"index.html": b"front"})
    else:
        (publish(FILES) / "404.html").unlink()
    answer = client.get("/nothing")
    assert answer.status_code == 404
    assert b"no page" in answer.data


def test_a_release_takes_the_place_of_the_last_one_whole(client: FlaskClient, publish: Publish) -> None:
    publish(FILES)
    assert client.get("/stories/bread/").status_code == 200
    publish({"index.html": b"withdrawn", "404.html": b"gone"})
    assert client.get("/stories/bread/").status_code == 404
    assert client.get("/").data == b"withdrawn"


def test_a_manifest_written_again_is_read_again(client: FlaskClient, tree: Path) -> None:
    assert client.get("/new.txt").status_code == 404
    write(tree, {"new.txt": b"new", "manifest.json": manifest_of(FILES | {"new.txt": b"new"})})
    assert client.get("/new.txt").data == b"new"


@pytest.mark.usefixtures("tree")
def test_head_gives_the_size_without_the_words(client: FlaskClient) -> None:
    answer = client.head("/")
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.content_length == len(FILES["index.html"])


@pytest.mark.usefixtures("tree")
def test_what_a_reader_has_already_is_not_sent_again(client: FlaskClient) -> None:
    tag = client.get("/").headers["ETag"]
    answer = client.get("/", headers={"If-None-Match": tag})
    assert (answer.status_code, answer.data) == (304, b"")
    assert client.get("/", headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.usefixtures("tree")
@pytest.mark.parametrize(
    ("wanted", "start", "stop"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=100-", 100, 2048),
        ("bytes=-5", 2043, 2048),
        ("bytes=2000-9000", 2000, 2048),
    ],
)
def test_a_film_can_be_played_from_any_place(client: FlaskClient, wanted: str, start: int, stop: int) -> None:
    answer = client.get("/stories/bread/film.webm", headers={"Range": wanted})
    assert answer.status_code == 206
    assert answer.data == FILES["stories/bread/film.webm"][start:stop]
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/2048"


@pytest.mark.usefixtures("tree")
def test_a_range_of_an_older_release_gets_the_whole_file(client: FlaskClient) -> None:
    answer = client.get("/stories/bread/film.webm", headers={"Range": "bytes=0-9", "If-Range": '"old"'})
    assert (answer.status_code, len(answer.data)) == (200, 2048)


@pytest.mark.usefixtures("tree")
def test_a_range_beyond_the_end_is_refused_with_the_size(client: FlaskClient) -> None:
    answer = client.get("/stories/bread/film.webm", headers={"Range": "bytes=5000-"})
    assert (answer.status_code, answer.headers["Content-Range"]) == (416, "bytes */2048")


@pytest.mark.usefixtures("tree")
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_nothing_can_be_sent_to_it(client: FlaskClient, method: str) -> None:
    answer = client.open("/", method=method, data=b"x")
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD"}


@pytest.mark.usefixtures("tree")
@pytest.mark.parametrize(
    ("address", "method"),
    [
        ("/", "GET"),
        ("/nothing", "GET"),
        ("/stories/bread", "GET"),
        ("/", "POST"),
        ("/static/fonts/a.woff2", "GET"),
    ],
)
def test_every_answer_is_guarded_and_sets_nothing(client: FlaskClient, address: str, method: str) -> None:
    answer = client.open(address, method=method)
    policy = answer.headers["Content-Security-Policy"].split("; ")
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert not any("script-src" in rule or "unsafe" in rule or "http" in rule for rule in policy)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert "Set-Cookie" not in answer.headers
    assert "Cache-Control" in answer.headers


@pytest.mark.usefixtures("tree")
def test_only_fonts_are_kept_without_asking_again(client: FlaskClient) -> None:
    """A withdrawn page must not live on in a cache."""
    assert client.get("/stories/bread/").headers["Cache-Control"] == "no-cache"
    assert client.get("/stories/bread/film.webm").headers["Cache-Control"] == "no-cache"
    assert "max-age" in client.get("/static/fonts/a.woff2").headers["Cache-Control"]


def test_it_does_not_start_without_its_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PUBLIC_DIR", raising=False)
    with pytest.raises(InvalidInput):
        create_public_app()


WATCHED = """
import sys
opened = []
sys.addaudithook(lambda event, args: opened.append(args[0]) if event == "sqlite3.connect" else None)
from app.public.factory import create_public_app
client = create_public_app().test_client()
assert client.get("/", buffered=True).data == b"<p>front</p>"
keys = ("app.vault", "app.crypto", "app.store", "app.audit", "app.unit_of_work", "app.web", "app.release")
kept_out = ("sqlalchemy", "cryptography", "argon2", "Crypto", *keys)
loaded = [name for name in sys.modules if f"{name}.".startswith(tuple(f"{kept}." for kept in kept_out))]
print(loaded, opened)
"""


@pytest.mark.usefixtures("tree")
def test_its_process_loads_no_key_and_opens_no_database(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", WATCHED],
        env={"PUBLIC_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.stdout, ran.stderr) == ("[] []\n", "")
