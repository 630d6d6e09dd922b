"""The exact bytes that are approved: the files of one story, and the one digest that signatures stand over."""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from app.domain.errors import InvalidInput
from app.domain.record import Plain, canonical_json
from app.release.site.render import render_index, render_story
from app.release.site.snapshot import StorySnapshot, snapshot_from_bytes
from app.vault.releases import Listed

STORY: Final = "story.json"
_DOMAIN: Final = b"vouchsafe/1/bundle\x00"


@dataclass(frozen=True)
class Bundle:
    """Path in the tree -> content; everything that publishing this story adds, but for what is signed over it."""

    files: Mapping[str, bytes]

    @classmethod
    def of(cls, snapshot: StorySnapshot, *, demo: bool) -> Self:
        return cls(render_story(snapshot, demo=demo))

    @property
    def snapshot(self) -> StorySnapshot:
        """Raises InvalidInput if there is not exactly one that reads."""
        found = [content for path, content in self.files.items() if path.rpartition("/")[2] == STORY]
        if len(found) != 1:
            raise InvalidInput({"bundle": "not-one-story"})
        return snapshot_from_bytes(found[0])

    @property
    def listed(self) -> tuple[Listed, ...]:
        """By path."""
        return tuple(listed(path, self.files[path]) for path in sorted(self.files))

    @property
    def digest(self) -> bytes:
        """SHA-256 over path, SHA-256 and size of every file, by path."""
        rows: list[Plain] = [[file.path, file.sha256.hex(), file.size] for file in self.listed]
        return hashlib.sha256(_DOMAIN + canonical_json(rows)).digest()

    def to_bytes(self) -> bytes:
        files = {path: base64.b64encode(content).decode("ascii") for path, content in self.files.items()}
        return canonical_json({"files": dict[str, Plain](files)})

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Raises InvalidInput for what is no bundle."""
        try:
            plain = json.loads(content)
            return cls({path: base64.b64decode(text, validate=True) for path, text in plain["files"].items()})
        except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
            raise InvalidInput({"bundle": "unreadable"}) from error


def listed(path: str, content: bytes) -> Listed:
    return Listed(path, hashlib.sha256(content).digest(), len(content))


def surfaces(snapshot: StorySnapshot, *, demo: bool) -> dict[str, bytes]:
    """What the story becomes elsewhere: its card on the front pages in its languages, its entry in the feed."""
    around = render_index([snapshot], snapshot.published_on, demo=demo)
    fronts = {
        "index.html" if text.language == "en" else f"index.{text.language}.html" for text in snapshot.texts
    }
    return {path: around[path] for path in sorted(fronts | {"feed.atom"})}
