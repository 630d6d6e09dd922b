"""One edition of the public site: every released story, what leads to them, and the signed list of all of it."""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from app.domain.record import Plain, canonical_json
from app.release.bundle import Bundle, listed
from app.release.site.render import render_index, render_tombstone, static_files
from app.release.tree import MANIFEST
from app.vault.releases import Listed, SignedSite

RELEASE: Final = "release.json"
FIRST_DAY: Final = date(1970, 1, 1)


@dataclass(frozen=True)
class Told:
    """A released story: its files as they were approved, and what the release key signed of them."""

    public_id: str
    bundle: Bundle
    object: bytes
    signature: bytes
    digest: bytes


@dataclass(frozen=True)
class Edition:
    """`files`: everything but the manifest. `marks`: public id -> digest of each release; `withdrawn`: public ids."""

    files: Mapping[str, bytes]
    marks: Mapping[str, bytes]
    withdrawn: tuple[str, ...]

    @property
    def listed(self) -> list[Listed]:
        return [listed(path, self.files[path]) for path in sorted(self.files)]


def edition_of(told: Iterable[Told], gone: Iterable[str], day: date, *, demo: bool) -> Edition:
    """Put together from what was released and the public ids of what was withdrawn; the same every time.

    Raises InvalidInput if two stories have one public id.
    """
    stories, gone = list(told), sorted(gone)
    files = derived_files([story.bundle for story in stories], gone, day, demo=demo)
    for story in stories:
        files |= story.bundle.files
        files[f"stories/{story.public_id}/{RELEASE}"] = _release(story)
    return Edition(files, {story.public_id: story.digest for story in stories}, tuple(gone))


def derived_files(
    bundles: Iterable[Bundle], gone: Iterable[str], day: date, *, demo: bool
) -> dict[str, bytes]:
    """All that follows from the released stories: front pages, feed, tombstones, style; no word of its own."""
    snapshots = [bundle.snapshot for bundle in bundles]
    files = static_files() | render_index(snapshots, day, demo=demo)
    live = {snapshot.public_id for snapshot in snapshots}
    for public_id in sorted(set(gone) - live):
        files |= render_tombstone(public_id, demo=demo)
    return files


def with_manifest(
    edition: Edition,
    site: SignedSite,
    number: int,
    installation: UUID,
    anchor: bytes,
    certificates: Iterable[tuple[str, bytes, bytes]],
    *,
    demo: bool,
) -> dict[str, bytes]:
    """The files of the tree, the signed list among them: readable JSON beside the very bytes that were signed."""
    proofs: list[Plain] = [
        {"kind": kind, "object": _text(encoded), "signature": _text(signature)}
        for kind, encoded, signature in certificates
    ]
    manifest: dict[str, Plain] = {
        "signed": signed_part(edition.listed, edition.marks, edition.withdrawn, number, demo=demo),
        "object": _text(site.object),
        "signature": _text(site.signature),
        "signed_with": site.signed_with,
        "installation": installation.hex,
        "anchor": anchor.hex(),
        "certificates": proofs,
    }
    return {**edition.files, MANIFEST: canonical_json(manifest)}


def signed_part(
    files: Iterable[Listed], marks: Mapping[str, bytes], withdrawn: Iterable[str], number: int, *, demo: bool
) -> dict[str, Plain]:
    """What the signed object says, as JSON."""
    return {
        "files": {file.path: [file.sha256.hex(), file.size] for file in files},
        "releases": {public_id: digest.hex() for public_id, digest in marks.items()},
        "withdrawn": [*withdrawn],
        "number": number,
        "demo": demo,
    }


def day_of(days: int) -> date:
    """Days since 1970-01-01 as a date."""
    return FIRST_DAY + timedelta(days)


def _release(story: Told) -> bytes:
    return canonical_json({"object": _text(story.object), "signature": _text(story.signature)})


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
