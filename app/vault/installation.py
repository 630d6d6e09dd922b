"""What this installation is: its id, its root key, its anchor and its server keys, checked when the process starts."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.audit.log import LogKeys
from app.crypto import envelope
from app.crypto.context import Context
from app.crypto.keys import DerivedKey, RootKey, SigningSeed, derive
from app.crypto.objects import Certificate, verify_object
from app.domain.errors import CryptoError, Unusable
from app.domain.ids import NIL
from app.store import trust
from app.store.database import Transaction
from app.vault.rootfile import RootFile

SERVER_KEY: Final = "server-key"
TAKE_DOWN_KEY: Final = "take-down-key"
RELEASE_KEY: Final = "release-key"
CERTIFICATES: Final = sa.select(trust.certificates)


@dataclass(frozen=True)
class OperationKey:
    """A key that the server itself works with, certified by the organisation key."""

    seed: SigningSeed
    public: bytes


@dataclass(frozen=True)
class Installation:
    """`anchor`: public half of the organisation key. Opens no testimony: there is no testimony key here."""

    id: UUID
    root: RootKey
    root_key_id: UUID
    anchor: bytes
    demo: bool
    server: OperationKey
    take_down: OperationKey
    release_public: bytes

    def under_root(self, label: str) -> DerivedKey:
        return derive(self.root, label)

    @property
    def log_keys(self) -> LogKeys:
        return LogKeys(self.id, self.server.seed, self.server.public)


def operation_context(kind: str) -> Context:
    return Context("operation_keys", kind, NIL, NIL, 1)


def load_installation(tx: Transaction, root: RootFile) -> Installation:
    """The installation of this database, if the root key file is its own and every operations key is certified.

    Raises:
        Unusable: says which of the two is not what it should be, and what to do.
    """
    row = tx.first(sa.select(trust.installation))
    if row is None:
        raise Unusable("This database holds no installation yet. Run `vouchsafe init`.")
    if row.id != root.installation or row.root_key != root.key_id:
        raise Unusable(
            "The root key file belongs to another installation. Point ROOT_KEY_FILE to the one made with this database."
        )
    keys = {key.kind: key for key in tx.all(sa.select(trust.operation_keys))}
    certified = set(certificates(tx, root.installation, root.anchor))
    try:
        server = _operation_key(root, keys[SERVER_KEY], certified)
        take_down = _operation_key(root, keys[TAKE_DOWN_KEY], certified)
        release_public = _certified_public(keys[RELEASE_KEY], certified)
    except (KeyError, CryptoError) as error:
        raise Unusable(
            "A key of this installation is missing or not certified by the organisation key."
        ) from error
    return Installation(
        id=row.id,
        root=root.key,
        root_key_id=root.key_id,
        anchor=root.anchor,
        demo=row.demo,
        server=server,
        take_down=take_down,
        release_public=release_public,
    )


def certificates(tx: Transaction, installation: UUID, anchor: bytes) -> Iterator[tuple[str, bytes]]:
    """Kind and subject of everything that the organisation key certified; what it did not sign counts for nothing."""
    for row in tx.all(CERTIFICATES):
        certificate = _certificate(installation, anchor, row.object, row.signature)
        if certificate is not None:  # one forged row must not shut out those whom the key did certify
            yield certificate.kind, certificate.subject


@lru_cache(64)
def _certificate(installation: UUID, anchor: bytes, encoded: bytes, signature: bytes) -> Certificate | None:
    try:
        certificate = Certificate.decode(encoded)
        verify_object(anchor, signature, installation, certificate)
    except CryptoError:
        return None
    return certificate


def _certified_public(row: sa.Row[Any], certified: set[tuple[str, bytes]]) -> bytes:
    public: bytes = row.public
    if (row.kind, public) not in certified:
        raise KeyError(row.kind)
    return public


def _operation_key(root: RootFile, row: sa.Row[Any], certified: set[tuple[str, bytes]]) -> OperationKey:
    public = _certified_public(row, certified)
    if row.sealed is None:
        raise KeyError(row.kind)
    key = derive(root.key, "operations")
    seed = envelope.open_(key, operation_context(row.kind), root.installation, row.sealed, floor=0)
    return OperationKey(SigningSeed(seed), public)
