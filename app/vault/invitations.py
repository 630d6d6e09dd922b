"""Invitations: a one-time link, by which somebody makes their own keys. It proves nothing about who used it."""

import base64
import binascii
import secrets as randomness
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.audit.acts import Act
from app.audit.log import AuditLog, Note
from app.crypto import envelope
from app.crypto.canonical import Reader, Writer
from app.crypto.context import Context
from app.crypto.keys import mac
from app.crypto.lock import normalise_words
from app.crypto.words import propose_password, to_words
from app.domain.duties import Role, check_roles
from app.domain.errors import Conflict, CryptoError, Forbidden, InvalidInput, NotFound, Tampered
from app.domain.ids import NIL, new_id
from app.store import people as tables
from app.store.database import Transaction
from app.vault.installation import Installation
from app.vault.people import NewPerson, People

INVITATION_SECONDS: Final = 72 * 3600
TOKEN_BYTES: Final = 16
FACTOR_BYTES: Final = 20
OFFER_SECONDS: Final = 3600
"""How long somebody may take over the page that shows their words and their second factor."""
BY_TAG: Final = sa.select(tables.invitations).where(tables.invitations.c.token_tag == sa.bindparam("tag"))


def content_context(invitation: UUID) -> Context:
    return Context("invitations", "content", NIL, invitation, 1)


def offer_context(invitation: UUID) -> Context:
    return Context("invitations", "offer", NIL, invitation, 1)


@dataclass(frozen=True)
class Invitation:
    """`used`: seconds since 1970, None while the link is fresh; `person`: whom it became."""

    id: UUID
    sign_in_name: str
    name: str
    roles: frozenset[Role]
    inviter: UUID
    created: int
    used: int | None
    person: UUID | None

    @property
    def expires(self) -> int:
        return self.created + INVITATION_SECONDS


@dataclass(frozen=True)
class Offer:
    """What the server proposes to a newcomer: words and a second factor. `sealed` carries both through the form."""

    words: str
    second_factor: bytes
    sealed: str

    def require(self, typed: str) -> None:
        """Raises InvalidInput (`words: not-the-proposed`) unless these are the words that were shown."""
        if normalise_words(typed) != normalise_words(self.words):
            raise InvalidInput({"words": "not-the-proposed"})


def recovery_words(code: bytes) -> str:
    """The recovery code as it is printed; nobody can ask for it later."""
    return to_words(code)


@dataclass
class Invitations:
    """An administrator invites; whoever holds the link comes in, once, harmless until vouched for."""

    tx: Transaction
    installation: Installation
    audit: AuditLog
    clock: Callable[[], int]
    people: People

    # By an administrator

    def invite(self, inviter: UUID, sign_in_name: str, name: str, roles: frozenset[Role]) -> tuple[UUID, str]:
        """Stage an invitation; its id, and the text for its link, which is shown once.

        Raises:
            InvalidInput: `sign_in_name: taken`; `roles` that go by no link, as an administrator's.
        """
        check_roles(roles)
        if Role.ADMINISTRATOR in roles:
            raise InvalidInput({"roles": "administrator-by-ceremony"})
        if self.people.is_taken(sign_in_name):
            raise InvalidInput({"sign_in_name": "taken"})
        invitation, token = new_id(), randomness.token_bytes(TOKEN_BYTES)
        self.tx.insert(
            tables.invitations,
            id=invitation,
            token_tag=self._tag(token),
            content=self._sealed_content(invitation, sign_in_name, name, roles),
            inviter=inviter,
            created=self.clock(),
        )
        self.audit.note(Note(Act.PERSON_INVITED, inviter, record=invitation))
        return invitation, base64.urlsafe_b64encode(token).rstrip(b"=").decode("ascii")

    def withdraw(self, administrator: UUID, invitation: UUID) -> None:
        """Make a link that was not used useless; staged. `Conflict("link-used")` at the commit if it was."""
        table = tables.invitations
        self.tx.stage(
            sa.delete(table).where(table.c.id == invitation, table.c.used.is_(None)),
            rows=1,
            conflict="link-used",
        )
        self.audit.note(Note(Act.INVITATION_WITHDRAWN, administrator, record=invitation))

    def open(self) -> list[Invitation]:
        """Links that were not used, newest first, those that are over among them."""
        table = tables.invitations
        rows = self.tx.all(sa.select(table).where(table.c.used.is_(None)).order_by(table.c.created.desc()))
        return [self._read(row) for row in rows]

    # By whoever holds the link

    def find(self, token: str) -> Invitation:
        """The invitation of a link, used or not.

        Raises:
            NotFound: it is none of ours, was withdrawn, or is over.
        """
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (ValueError, binascii.Error) as error:
            raise NotFound("invitation") from error
        row = self.tx.first(BY_TAG, tag=self._tag(raw))
        if row is None:
            raise NotFound("invitation")
        invitation = self._read(row)
        if invitation.used is None and self.clock() > invitation.expires:
            raise NotFound("invitation")
        return invitation

    def offer(self, whom: UUID) -> Offer:
        """Fresh words and a fresh second factor for an invitation or a person, by id; nothing is written."""
        words, factor = propose_password(), randomness.token_bytes(FACTOR_BYTES)
        content = Writer().uint(self.clock()).octets(factor).text(words).done()
        sealed = envelope.seal(
            self.installation.under_root("operations"),
            NIL,
            offer_context(whom),
            self.installation.id,
            content,
            floor=0,
        )
        return Offer(words, factor, base64.urlsafe_b64encode(sealed).decode("ascii"))

    def offered(self, whom: UUID, sealed: str) -> Offer:
        """The offer that a form brings back. Raises Forbidden (`offer-over`) if it is not ours or too old."""
        try:
            content = envelope.open_(
                self.installation.under_root("operations"),
                offer_context(whom),
                self.installation.id,
                base64.b64decode(sealed, altchars=b"-_", validate=True),
                floor=0,
            )
            reader = Reader(content)
            made, factor, words = reader.uint(), reader.octets(), reader.text()
        except (ValueError, binascii.Error, CryptoError) as error:
            raise Forbidden("offer-over") from error
        if self.clock() - made > OFFER_SECONDS:
            raise Forbidden("offer-over")
        return Offer(words, factor, sealed)

    def claim(self, invitation: Invitation, offer: Offer, typed: str) -> NewPerson:
        """Make the person's keys and use the link up; staged, for one commit.

        Raises:
            InvalidInput: `words: not-the-proposed` what was typed is not what was shown.
            Conflict: `link-used`, here or at the commit.
        """
        if invitation.used is not None:
            raise Conflict("link-used")
        offer.require(typed)
        table = tables.invitations
        newcomer = self.people.add(
            invitation.sign_in_name, invitation.name, invitation.roles, offer.words, offer.second_factor
        )
        self.tx.stage(
            sa.update(table)
            .where(table.c.id == invitation.id, table.c.used.is_(None))
            .values(used=self.clock(), person=newcomer.person),
            rows=1,
            conflict="link-used",
        )
        return newcomer

    # Parts

    def _tag(self, token: bytes) -> bytes:
        return mac(self.installation.root, "invitations", token)

    def _sealed_content(
        self, invitation: UUID, sign_in_name: str, name: str, roles: frozenset[Role]
    ) -> bytes:
        held = " ".join(sorted(roles))
        return envelope.seal(
            self.installation.under_root("names"),
            self.installation.root_key_id,
            content_context(invitation),
            self.installation.id,
            Writer().text(sign_in_name).text(name).text(held).done(),
        )

    def _read(self, row: sa.Row[Any]) -> Invitation:
        key = self.installation.under_root("names")
        try:
            content = envelope.open_(key, content_context(row.id), self.installation.id, row.content)
            reader = Reader(content)
            sign_in_name, name, held = reader.text(), reader.text(), reader.text()
            roles = frozenset(Role(role) for role in held.split())
        except (CryptoError, ValueError) as error:
            raise Tampered("invitation", table="invitations", record=row.id) from error
        return Invitation(row.id, sign_in_name, name, roles, row.inviter, row.created, row.used, row.person)
