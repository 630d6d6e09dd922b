"""A copy of the public tree is held against the organisation key: every fault that is planted in it is named."""

import base64
import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from app.domain.errors import InvalidInput
from app.domain.record import canonical_json
from app.release.edition import Edition, day_of, edition_of, with_manifest
from app.release.shelf import Shelf, tell
from app.release.take_down import take_down
from app.release.verify import anchor_of, verify_tree
from app.vault.releases import public_certificates, sign_take_down
from tests.cast import Cast, assemble
from tests.release.stage import Stage

TOLD, GONE = "stories/(told)", "stories/(gone)"
"""Stand, in what is expected below, for the folders of the story that is out and of the one that was withdrawn."""


def address(files: Iterable[str]) -> str:
    """The folder of the story that is told."""
    return next(path.removesuffix("/release.json") for path in files if path.endswith("/release.json"))


def gone(files: Iterable[str]) -> str:
    """The folder of the story that was withdrawn."""
    folders = {"/".join(path.split("/")[:2]) for path in files if path.startswith("stories/")}
    (withdrawn,) = folders - {address(files)}
    return withdrawn


def folder_of_the_story(copy: Path) -> Path:
    return next(copy.glob("stories/*/release.json")).parent


def faults(stage: Stage, copy: Path) -> list[str]:
    """What is wrong with a copy, its folders under the names that the tests have for them."""
    files = manifest(stage.current())["signed"]["files"]
    names = {address(files): TOLD, gone(files): GONE}
    found = verify_tree(copy, anchor(stage))
    for path, name in names.items():
        found = [fault.replace(path, name) for fault in found]
    return found


@pytest.fixture(scope="module")
def published(stage: Stage) -> Stage:
    """Two stories out, one of which was withdrawn again."""
    stage.published()
    gone = stage.published(stage.manuscript(stage.draft(headline="The second story")))
    with stage.cast.acting("mark") as uow:
        take_down(uow, stage.folder, {gone})
    return stage


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Cast:
    """Another organisation."""
    return assemble(tmp_path_factory.mktemp("another") / "data", anew=True)


@pytest.fixture
def copy(published: Stage, tmp_path: Path) -> Path:
    return Path(shutil.copytree(published.current(), tmp_path / "copy"))


def anchor(stage: Stage) -> bytes:
    return stage.cast.services.installation.anchor


def manifest(copy: Path) -> dict[str, Any]:
    return dict(json.loads((copy / "manifest.json").read_bytes()))


def rewrite(copy: Path, **changes: Any) -> None:
    (copy / "manifest.json").write_bytes(canonical_json(manifest(copy) | changes))


def test_a_whole_copy_is_well(published: Stage, copy: Path) -> None:
    assert verify_tree(copy, anchor(published)) == []
    assert verify_tree(copy) == []
    assert anchor_of(copy) == anchor(published)


def test_the_public_folder_itself_can_be_checked(published: Stage) -> None:
    assert verify_tree(published.folder.root, anchor(published)) == []


def test_it_needs_no_database(published: Stage, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("sqlalchemy.create_engine")
    assert verify_tree(copy, anchor(published)) == []


def _extra(copy: Path) -> None:
    (copy / "extra.html").write_bytes(b"<p>More</p>")


def _extra_in_a_story(copy: Path) -> None:
    (folder_of_the_story(copy) / "extra.html").write_bytes(b"<p>More</p>")


def _changed(copy: Path) -> None:
    page = folder_of_the_story(copy) / "index.html"
    page.write_bytes(page.read_bytes().replace(b"frost", b"thaw!"))


def _missing(copy: Path) -> None:
    (copy / "feed.atom").unlink()


def _linked(copy: Path) -> None:
    (copy / "feed.atom").unlink()
    (copy / "feed.atom").symlink_to("index.html")


def _no_manifest(copy: Path) -> None:
    (copy / "manifest.json").unlink()


def _no_json(copy: Path) -> None:
    (copy / "manifest.json").write_bytes(b"[]")


def _site_signature(copy: Path) -> None:
    rewrite(copy, signature=base64.b64encode(bytes(64)).decode())


def _another_kind_of_key(copy: Path) -> None:
    rewrite(copy, signed_with="release-key")


def _a_key_that_signs_no_sites(copy: Path) -> None:
    rewrite(copy, signed_with="server-key")


def _listed_otherwise(copy: Path) -> None:
    signed = manifest(copy)["signed"]
    rewrite(copy, signed=signed | {"withdrawn": []})


def _no_certificates(copy: Path) -> None:
    rewrite(copy, certificates=[])


def _no_base64(copy: Path) -> None:
    rewrite(copy, object="!")


def _another_installation(copy: Path) -> None:
    rewrite(copy, installation="00" * 16)


def _certificate_signature(copy: Path) -> None:
    certificates = manifest(copy)["certificates"]
    certificates[0]["signature"] = base64.b64encode(bytes(64)).decode()
    rewrite(copy, certificates=certificates)


def _release_signature(copy: Path) -> None:
    path = folder_of_the_story(copy) / "release.json"
    release = json.loads(path.read_bytes()) | {"signature": base64.b64encode(bytes(64)).decode()}
    path.write_bytes(canonical_json(release))


def _release_no_json(copy: Path) -> None:
    (folder_of_the_story(copy) / "release.json").write_bytes(b"nothing")


def _story_gone(copy: Path) -> None:
    shutil.rmtree(folder_of_the_story(copy))


FAULTS: dict[str, tuple[Callable[[Path], None], str]] = {
    "an extra file": (_extra, "extra.html is not in the manifest."),
    "an extra file in a story": (_extra_in_a_story, f"{TOLD}/extra.html is not in the manifest."),
    "a changed byte": (_changed, f"{TOLD}/index.html is not what was signed."),
    "a missing file": (_missing, "feed.atom is missing."),
    "a link": (_linked, "feed.atom is not what was signed."),
    "no manifest": (_no_manifest, "manifest.json is missing, or not a manifest."),
    "no JSON": (_no_json, "manifest.json is missing, or not a manifest."),
    "no base64": (_no_base64, "manifest.json is missing, or not a manifest."),
    "another signature": (_site_signature, "The manifest was not signed by a key of this organisation."),
    "another key": (_another_kind_of_key, "The manifest was not signed by a key of this organisation."),
    "a key for something else": (
        _a_key_that_signs_no_sites,
        "The manifest was not signed by a key of this organisation.",
    ),
    "another list": (_listed_otherwise, "manifest.json lists something else than what was signed."),
    "no certificates": (_no_certificates, "The manifest was not signed by a key of this organisation."),
    "another installation": (
        _another_installation,
        "A certificate in the manifest was not signed by the organisation key.",
    ),
    "a forged certificate": (
        _certificate_signature,
        "A certificate in the manifest was not signed by the organisation key.",
    ),
    "another release signature": (
        _release_signature,
        f"{TOLD}/release.json was not signed by the release key.",
    ),
    "no release": (_release_no_json, f"{TOLD}/release.json was not signed by the release key."),
    "a story gone": (_story_gone, f"{TOLD}/story.json is missing."),
}


@pytest.mark.parametrize(("plant", "fault"), FAULTS.values(), ids=FAULTS)
def test_it_names_a_planted_fault(
    published: Stage, copy: Path, plant: Callable[[Path], None], fault: str
) -> None:
    plant(copy)
    assert fault in faults(published, copy)


def test_a_tree_of_another_organisation_is_refused(published: Stage, copy: Path, stranger: Cast) -> None:
    other = stranger.services.installation.anchor
    assert verify_tree(copy, other) == ["The manifest names another organisation key than the one given."]


def test_a_foreign_certificate_is_refused_even_under_the_right_name(
    published: Stage, copy: Path, stranger: Cast
) -> None:
    uow = stranger.uow()
    foreign = [
        {"kind": kind, "object": _b64(encoded), "signature": _b64(signature)}
        for kind, encoded, signature in public_certificates(uow.tx)
    ]
    uow.end()
    rewrite(copy, certificates=foreign)
    assert verify_tree(copy, anchor(published)) == [
        "A certificate in the manifest was not signed by the organisation key."
    ]


def test_what_has_no_manifest_names_no_organisation(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        anchor_of(tmp_path)


# What a thief of the take-down key can do: take down, and nothing else


def forge(
    published: Stage,
    folder: Path,
    change: Callable[[dict[str, bytes]], None],
    marks: Mapping[str, bytes] | None = None,
    withdrawn: tuple[str, ...] | None = None,
) -> None:
    """The edition as it is, with something changed in it, signed with the take-down key."""
    installation, now = published.cast.services.installation, published.cast.clock()
    uow = published.cast.uow()
    shelf = Shelf.read(uow)
    told = [tell(published.folder, release) for release in shelf.live]
    taken_down = [release.public_id for release in shelf.gone]
    honest = edition_of(told, taken_down, day_of(now // 86_400), demo=True)
    files = dict(honest.files)
    change(files)
    forged = Edition(
        files,
        honest.marks if marks is None else marks,
        honest.withdrawn if withdrawn is None else withdrawn,
    )
    site = sign_take_down(installation, 99, forged.marks.items(), forged.listed, forged.withdrawn, now)
    whole = with_manifest(
        forged, site, 99, installation.id, installation.anchor, public_certificates(uow.tx), demo=True
    )
    uow.end()
    for path, content in whole.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


def nothing(_files: dict[str, bytes]) -> None:
    """Leave it as it is."""


def test_an_honest_refresh_is_well(published: Stage, tmp_path: Path) -> None:
    forge(published, tmp_path / "t", nothing)
    assert verify_tree(tmp_path / "t", anchor(published)) == []


def _front(files: dict[str, bytes]) -> None:
    files["index.html"] = files["index.html"].replace(b"Testimony", b"Rumours")


def _style(files: dict[str, bytes]) -> None:
    files["static/site.css"] += b"h1::after{content:'not true'}"


def _page_of_a_story(files: dict[str, bytes]) -> None:
    files[f"{address(files)}/index.html"] = b"<p>something else</p>"


def _new_page(files: dict[str, bytes]) -> None:
    files["about.html"] = b"<p>us</p>"


def _new_page_in_a_story(files: dict[str, bytes]) -> None:
    files[f"{address(files)}/more.html"] = b"<p>us</p>"


def _story_of_their_own(files: dict[str, bytes]) -> None:
    files["stories/lies/index.html"] = b"<p>lies</p>"


def _tombstone(files: dict[str, bytes]) -> None:
    files[f"{gone(files)}/index.html"] = b"<p>It was Vera.</p>"


def _words_in_the_address_of_a_tombstone(files: dict[str, bytes]) -> None:
    files["stories/vera-told-us/index.html"] = files[f"{gone(files)}/index.html"]


def _data_file(files: dict[str, bytes]) -> None:
    files[f"{address(files)}/story.json"] = b"{}"


FORGERIES: dict[str, tuple[Callable[[dict[str, bytes]], None], str]] = {
    "the front page": (_front, "index.html does not follow from the stories here"),
    "the style": (_style, "static/site.css does not follow from the stories here"),
    "a page of a story": (_page_of_a_story, f"{TOLD}/index.html is not what the release key signed."),
    "a page of its own": (_new_page, "about.html belongs neither to a story nor to the site."),
    "a page in a story": (_new_page_in_a_story, f"{TOLD}/more.html belongs to no release."),
    "a story of its own": (
        _story_of_their_own,
        "stories/lies/index.html belongs neither to a story nor to the site.",
    ),
    "words on a tombstone": (_tombstone, f"{GONE}/index.html does not follow"),
    "words in the address of a tombstone": (
        _words_in_the_address_of_a_tombstone,
        "stories/vera-told-us/index.html belongs neither to a story nor to the site.",
    ),
    "a data file": (_data_file, "A story's data file does not read"),
}


@pytest.mark.parametrize(("change", "fault"), FORGERIES.values(), ids=FORGERIES)
def test_a_thief_of_the_take_down_key_cannot_change(
    published: Stage, tmp_path: Path, change: Callable[[dict[str, bytes]], None], fault: str
) -> None:
    forge(published, tmp_path / "t", change)
    assert any(found.startswith(fault) for found in faults(published, tmp_path / "t"))


def test_it_cannot_list_a_release_that_is_not_there(published: Stage, tmp_path: Path) -> None:
    forge(published, tmp_path / "t", nothing, marks={"abcdef": bytes(32)})
    found = faults(published, tmp_path / "t")
    assert "The story abcdef is in the manifest, but not here." in found
    assert f"{TOLD}/release.json is another release than the one in the manifest." in found


def test_it_cannot_tell_and_withdraw_at_once(published: Stage, tmp_path: Path) -> None:
    live = manifest(published.current())["signed"]["releases"]
    forge(published, tmp_path / "t", nothing, withdrawn=tuple(live))
    found = verify_tree(tmp_path / "t", anchor(published))
    assert f"The story {next(iter(live))} is told and withdrawn at once." in found


def _b64(content: bytes) -> str:
    return base64.b64encode(content).decode()
