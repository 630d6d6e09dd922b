"""The root key's file: the key, its id, whose installation it is, and the public half of the organisation key."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from app.crypto.keys import RootKey
from app.crypto.signing import PUBLIC_LENGTH
from app.domain.errors import Malformed, Unusable

FIRST_LINE: Final = "vouchsafe-root 1"
OPEN_TO_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True)
class RootFile:
    """`anchor`: the organisation key's Ed25519 public half, 32 bytes. It stands here and never in the database."""

    installation: UUID
    key_id: UUID
    key: RootKey
    anchor: bytes

    @classmethod
    def read(cls, path: Path) -> "RootFile":
        """Raises Unusable, in words that say what to do, if the file is missing, too open or not one of ours."""
        try:
            mode = path.stat().st_mode
            lines = path.read_text("ascii").splitlines()
        except FileNotFoundError as error:
            raise Unusable(
                f"There is no root key file at {path}. Put the one there that was made with this installation, or set "
                "ROOT_KEY_FILE to where it lies; a new installation begins with `vouchsafe init`."
            ) from error
        except (OSError, UnicodeDecodeError) as error:
            raise Unusable(f"The root key file {path} cannot be read.") from error
        if mode & _unwanted(path):
            raise Unusable(f"The root key file {path} is open to others. Run `chmod 600 {path}`.")
        return cls._parse(path, lines)

    @classmethod
    def _parse(cls, path: Path, lines: list[str]) -> "RootFile":
        if lines[:1] != [FIRST_LINE]:
            raise Unusable(f"{path} is not a root key file of this version.")
        fields = dict(line.split(" ", 1) for line in lines[1:] if " " in line)
        try:
            return cls(
                installation=UUID(fields["installation"]),
                key_id=UUID(fields["key-id"]),
                key=RootKey(bytes.fromhex(fields["key"])),
                anchor=_anchor(bytes.fromhex(fields["anchor"])),
            )
        except (IndexError, KeyError, ValueError, Malformed) as error:
            raise Unusable(f"{path} is not a root key file of this version.") from error

    def write(self, path: Path) -> None:
        """Create the file with 0600, durable. Raises Unusable where there is one: it is never overwritten."""
        text = "\n".join(
            (
                FIRST_LINE,
                f"installation {self.installation}",
                f"key-id {self.key_id}",
                f"key {self.key.reveal().hex()}",
                f"anchor {self.anchor.hex()}",
                "",
            )
        )
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError as error:
            raise _taken(path) from error
        try:
            os.write(descriptor, text.encode("ascii"))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def require_free(path: Path) -> None:
    """Raises Unusable where a root key file stands already; known before a ceremony begins, and once more when it is written."""
    if path.exists():
        raise _taken(path)


def _taken(path: Path) -> Unusable:
    return Unusable(f"There is a root key file at {path} already. Move it away, if nothing needs it.")


def _unwanted(path: Path) -> int:
    """Permissions that a root key file must not have.

    systemd gives a credential to its unit's user by an access list, and there the list's mask stands in the place of the
    group's bits: 0440, with nobody in the group. See LoadCredential in systemd.exec(5).
    """
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    if credentials and path.resolve().parent == Path(credentials).resolve():
        return OPEN_TO_OTHERS & ~stat.S_IRGRP
    return OPEN_TO_OTHERS


def _anchor(public: bytes) -> bytes:
    if len(public) != PUBLIC_LENGTH:
        raise Malformed("anchor-length")
    return public
