"""The person whose seeds a session holds: what signing and opening in their name takes."""

from dataclasses import dataclass
from uuid import UUID

from app.crypto.keys import PersonSeeds


@dataclass(frozen=True)
class Holder:
    """`card`: digest of the card in use. `session_tag`: eight bytes for the log. The seeds neither print nor pickle."""

    person: UUID
    card: bytes
    seeds: PersonSeeds
    session_tag: bytes
