"""The person who asks, as their session and the verified cards show them."""

from dataclasses import dataclass, field

from app.domain.duties import Role
from app.domain.ids import NIL, PersonId


@dataclass(frozen=True, slots=True)
class Actor:
    """`vouched`: a vouch for the card in force verifies; `confirmed`: second factor shown again lately."""

    person: PersonId
    roles: frozenset[Role] = field(default_factory=frozenset)
    vouched: bool = False
    confirmed: bool = False

    @property
    def is_signed_in(self) -> bool:
        return self.person != NIL


ANONYMOUS = Actor(PersonId(NIL))
"""Nobody signed in."""
