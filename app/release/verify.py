"""Checks a copy of the public tree without a database: is every byte what this organisation released?"""

import base64
import binascii
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from app.domain.errors import CryptoError, InvalidInput
from app.release.bundle import Bundle
from app.release.edition import RELEASE, day_of, derived_files, signed_part
from app.release.tree import MANIFEST, listing
from app.vault.public_proof import ProvedKeys, ProvedSite


@dataclass(frozen=True)
class _Manifest:
    signed: object
    object: bytes
    signature: bytes
    signed_with: str
    installation: UUID
    anchor: bytes
    certificates: tuple[tuple[bytes, bytes], ...]


class _Stop(Exception):  # noqa: N818  # no error: it ends a check whose next steps would mean nothing
    """What is wrong is in the sentence."""


def anchor_of(folder: Path) -> bytes:
    """The organisation key that the tree itself names: to be compared with one that came another way.

    Raises InvalidInput if there is no manifest that reads.
    """
    try:
        return _manifest(_root(folder)).anchor
    except _Stop as error:
        raise InvalidInput({"manifest": "unreadable"}) from error


def verify_tree(folder: Path, anchor: bytes | None = None) -> list[str]:
    """Everything that is wrong with a copy, a sentence each; nothing is wrong where the list is empty.

    `folder` holds `manifest.json`, or `current` leads to it. Without an `anchor` (the organisation key, 32 bytes)
    the copy is held against the key it names itself, which proves only that it is of one piece.
    """
    root = _root(folder)
    try:
        manifest = _manifest(root)
        if anchor is not None and manifest.anchor != anchor:
            raise _Stop("The manifest names another organisation key than the one given.")  # noqa: TRY301  # one way out
        keys, site = _proved(manifest, anchor or manifest.anchor)
    except _Stop as stop:
        return [str(stop)]
    return [
        *_manifest_faults(manifest, site),
        *_file_faults(root, site),
        *_story_faults(root, keys, site),
        *_derived_faults(root, site),
    ]


def _root(folder: Path) -> Path:
    return folder if (folder / MANIFEST).exists() else folder / "current"


def _manifest(root: Path) -> _Manifest:
    try:
        plain = json.loads((root / MANIFEST).read_bytes())
        return _Manifest(
            plain["signed"],
            _bytes(plain["object"]),
            _bytes(plain["signature"]),
            str(plain["signed_with"]),
            UUID(plain["installation"]),
            bytes.fromhex(plain["anchor"]),
            tuple((_bytes(each["object"]), _bytes(each["signature"])) for each in plain["certificates"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _Stop(f"{MANIFEST} is missing, or not a manifest.") from error


def _proved(manifest: _Manifest, anchor: bytes) -> tuple[ProvedKeys, ProvedSite]:
    try:
        keys = ProvedKeys.from_certificates(anchor, manifest.installation, manifest.certificates)
    except CryptoError as error:
        raise _Stop("A certificate in the manifest was not signed by the organisation key.") from error
    try:
        return keys, keys.site(manifest.object, manifest.signature, manifest.signed_with)
    except CryptoError as error:
        raise _Stop("The manifest was not signed by a key of this organisation.") from error


def _manifest_faults(manifest: _Manifest, site: ProvedSite) -> Iterator[str]:
    said = signed_part(site.files, site.releases, site.withdrawn, site.number, demo=site.demo)
    if manifest.signed != said:
        yield f"{MANIFEST} lists something else than what was signed."


def _file_faults(root: Path, site: ProvedSite) -> Iterator[str]:
    found = {path: place for path, place in listing(root) if path != MANIFEST}
    signed = {file.path: file for file in site.files}
    for path in sorted(found.keys() - signed.keys()):
        yield f"{path} is not in the manifest."
    for path in sorted(signed.keys() - found.keys()):
        yield f"{path} is missing."
    for path in sorted(signed.keys() & found.keys()):
        if not _is(found[path], signed[path].sha256):
            yield f"{path} is not what was signed."


def _is(path: Path, sha256: bytes) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    return hashlib.sha256(path.read_bytes()).digest() == sha256


def _story_faults(root: Path, keys: ProvedKeys, site: ProvedSite) -> Iterator[str]:
    """Each story is one that the release key signed, whole, and each signed one is there."""
    signed = {file.path: file for file in site.files}
    seen: set[str] = set()
    for path in sorted(root.glob(f"stories/*/{RELEASE}")):
        name = path.relative_to(root).as_posix()
        try:
            plain = json.loads(path.read_bytes())
            release = keys.release(_bytes(plain["object"]), _bytes(plain["signature"]))
        except (CryptoError, OSError, ValueError, KeyError, TypeError):
            yield f"{name} was not signed by the release key."
            continue
        seen.add(release.public_id)
        if site.releases.get(release.public_id) != release.digest:
            yield f"{name} is another release than the one in the manifest."
        own = {file.path for file in release.files} | {name}
        folder = f"{name.rpartition('/')[0]}/"
        yield from (
            f"{file.path} is not what the release key signed."
            for file in release.files
            if signed.get(file.path) != file
        )
        yield from (
            f"{extra} belongs to no release."
            for extra in signed
            if extra.startswith(folder) and extra not in own
        )
    yield from (
        f"The story {missing} is in the manifest, but not here."
        for missing in sorted(site.releases.keys() - seen)
    )


def _derived_faults(root: Path, site: ProvedSite) -> Iterator[str]:
    """Front pages, feed and tombstones follow from the stories, so that who may only take down can only take down."""
    signed = {file.path: file.sha256 for file in site.files}
    told = {
        path.removesuffix(RELEASE)
        for path in signed
        if path.startswith("stories/") and path.endswith(f"/{RELEASE}")
    }
    rest = {path for path in signed if _folder_of(path) not in told}
    try:
        bundles = [
            Bundle({"story.json": (root / folder / "story.json").read_bytes()}) for folder in sorted(told)
        ]
        derived = derived_files(bundles, site.withdrawn, day_of(site.day), demo=site.demo)
    except (InvalidInput, OSError):
        yield "A story's data file does not read, so the front page cannot be made again from it."
        return
    yield from (
        f"{path} belongs neither to a story nor to the site." for path in sorted(rest - derived.keys())
    )
    for path in sorted(derived):
        if signed.get(path) != hashlib.sha256(derived[path]).digest():
            yield f"{path} does not follow from the stories here, or another version of this program made it."
    yield from (
        f"The story {both} is told and withdrawn at once."
        for both in sorted(site.releases.keys() & {*site.withdrawn})
    )


def _folder_of(path: str) -> str:
    """`stories/<public id>/`, or nothing for what lies elsewhere."""
    steps = path.split("/")
    return "/".join((*steps[:2], "")) if steps[0] == "stories" else ""


def _bytes(text: object) -> bytes:
    """Raises ValueError."""
    try:
        return base64.b64decode(str(text), validate=True)
    except binascii.Error as error:
        raise ValueError("base64") from error
