"""Sessions: a person's seeds sealed under a secret that only the cookie holds."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.crypto import envelope
from app.crypto.context import Context
from app.crypto.keys import CookieSecret, DerivedKey, PersonSeeds, SecretKey, derive
from app.domain.errors import CryptoError, NotSignedIn
from app.domain.ids import NIL
from app.store.database import Database
from app.store.sessions import openings, session_secrets, sessions
from app.vault.identity import Holder

IDLE_SECONDS: Final = 15 * 60
ABSOLUTE_SECONDS: Final = 8 * 60 * 60
TOUCH_SECONDS: Final = 60
SEEDS_LENGTH: Final = 64
OPENINGS_REMEMBERED: Final = 10_000
OPENING: Final = sa.select(openings).where(
    openings.c.session == sa.bindparam("session"), openings.c.subject == sa.bindparam("subject")
)
SECRETS: Final = sa.select(session_secrets.c.grant, session_secrets.c.secret).where(
    session_secrets.c.session == sa.bindparam("session")
)
SESSION: Final = sa.select(sessions).where(sessions.c.id == sa.bindparam("id"))


def _session_id(secret: CookieSecret) -> bytes:
    return hashlib.sha256(b"vouchsafe/1/session-id\x00" + secret.reveal()).digest()


def _context(field: str, person: UUID) -> Context:
    return Context("sessions", field, NIL, person, 1)


@dataclass(frozen=True)
class Limits:
    """Seconds without a sign of life, and seconds in all, after which a session is over."""

    idle: int = IDLE_SECONDS
    absolute: int = ABSOLUTE_SECONDS


@dataclass(frozen=True)
class Session:
    """A live session; times in seconds since 1970.

    `ends`: when it is over if nothing happens; `confirmed`: when the second factor was last shown.
    """

    id: bytes
    holder: Holder
    started: int
    ends: int
    confirmed: int
    csrf: DerivedKey
    secrets: Mapping[bytes, bytes] = field(default_factory=dict, repr=False)
    """Grant digest -> a secret it gave, sealed under the person's seed, as far as this session has opened any."""


@dataclass(frozen=True)
class SessionStore:
    """Begins, resumes and ends sessions in their own database, which no backup holds and no act depends on."""

    database: Database
    installation: UUID
    clock: Callable[[], int]
    limits: Limits = Limits()
    _opened: set[tuple[bytes, UUID]] = field(default_factory=set)
    """Openings that are known to be noted; a player asks for many stretches of one file."""

    def begin(self, person: UUID, card: bytes, seeds: PersonSeeds) -> str:
        """Start a session; the text for its cookie (the secret, base64url)."""
        secret = CookieSecret.generate()
        now = self.clock()
        content = seeds.reveal() + card
        sealed = envelope.seal(
            derive(secret, "session"), NIL, _context("seeds", person), self.installation, content, floor=0
        )
        tx = self.database.transaction()
        tx.insert(
            sessions,
            id=_session_id(secret),
            person=person,
            card=card,
            seeds=sealed,
            started=now,
            seen=now,
            confirmed=now,
        )
        tx.commit()
        return base64.urlsafe_b64encode(secret.reveal()).rstrip(b"=").decode("ascii")

    def resume(self, cookie: str, *, alive: bool = True) -> Session:
        """The session of a cookie. `alive`: whether this is a sign of life, or a question about how long is left.

        Raises:
            NotSignedIn: there is none, it is over, or it was altered.
        """
        secret = _decoded(cookie)
        tx = self.database.transaction()
        try:
            row = tx.first(SESSION, id=_session_id(secret))
            kept = tx.all(SECRETS, session=row.id) if row is not None else []
        finally:
            tx.release()
        if row is None or self._is_over(row):
            raise NotSignedIn
        try:
            opened = envelope.open_(
                derive(secret, "session"),
                _context("seeds", row.person),
                self.installation,
                row.seeds,
                floor=0,
            )
            seeds, card = PersonSeeds.from_bytes(opened[:SEEDS_LENGTH]), opened[SEEDS_LENGTH:]
        except CryptoError as error:
            raise NotSignedIn from error
        seen = self._touch(row) if alive else row.seen
        holder = Holder(row.person, card, seeds, row.id[:8])
        ends = min(seen + self.limits.idle, row.started + self.limits.absolute)
        secrets = {each.grant: each.secret for each in kept}
        return Session(row.id, holder, row.started, ends, row.confirmed, derive(secret, "csrf"), secrets)

    def _is_over(self, row: sa.Row[Any]) -> bool:
        """A sign of life still to come is none: the clock was put back, and would put the end off by as much."""
        now = self.clock()
        return bool(abs(now - row.seen) > self.limits.idle or now - row.started > self.limits.absolute)

    def _touch(self, row: sa.Row[Any]) -> int:
        """When the last sign of life was, as it is kept."""
        now = self.clock()
        if now - row.seen < min(TOUCH_SECONDS, self.limits.idle // 4):
            return int(row.seen)
        tx = self.database.transaction()
        tx.stage(sa.update(sessions).where(sessions.c.id == row.id).values(seen=now))
        tx.commit()
        return now

    def ends_by_age(self, live: Session) -> bool:
        """Whether no sign of life makes it last longer."""
        return live.ends == live.started + self.limits.absolute

    def confirm(self, session: bytes) -> None:
        """The second factor was shown again."""
        tx = self.database.transaction()
        tx.stage(sa.update(sessions).where(sessions.c.id == session).values(confirmed=self.clock()))
        tx.commit()

    def end(self, session: bytes) -> None:
        self._delete(sessions.c.id == session)

    def end_all(self, person: UUID) -> None:
        """Everywhere: every session of a person."""
        self._delete(sessions.c.person == person)

    def end_others(self, person: UUID, kept: bytes) -> None:
        """Every session of a person but one."""
        self._delete((sessions.c.person == person) & (sessions.c.id != kept))

    def sweep(self) -> int:
        """Delete sessions that are over; how many live on."""
        now = self.clock()
        alive = sessions.c.seen.between(now - self.limits.idle, now + self.limits.idle)
        self._delete(sa.not_(alive) | (sessions.c.started < now - self.limits.absolute))
        tx = self.database.transaction()
        try:
            return int(tx.value(sa.select(sa.func.count()).select_from(sessions)))
        finally:
            tx.release()

    def _delete(self, which: sa.ColumnElement[bool]) -> None:
        ids = sa.select(sessions.c.id).where(which).scalar_subquery()
        tx = self.database.transaction()
        tx.stage(sa.delete(session_secrets).where(session_secrets.c.session.in_(ids)))
        tx.stage(sa.delete(openings).where(openings.c.session.in_(ids)))
        tx.stage(sa.delete(sessions).where(which))
        tx.commit()

    def first_opening(self, session: bytes, subject: UUID) -> bool:
        """Whether this session opens the subject for the first time; `note_opening` makes it count."""
        if (session, subject) in self._opened:
            return False
        tx = self.database.transaction()
        try:
            seen = tx.first(OPENING, session=session, subject=subject)
        finally:
            tx.release()
        if seen is not None:
            self._remember(session, subject)
        return seen is None

    def _remember(self, session: bytes, subject: UUID) -> None:
        if len(self._opened) >= OPENINGS_REMEMBERED:
            self._opened.clear()
        self._opened.add((session, subject))

    def note_opening(self, session: bytes, subject: UUID) -> None:
        """Called once the audit line is durable."""
        tx = self.database.transaction()
        tx.stage(sa.delete(openings).where(openings.c.session == session, openings.c.subject == subject))
        tx.insert(openings, session=session, subject=subject)
        tx.commit()


@dataclass
class SecretCache:
    """Opened secrets of one session, sealed under the person's seed; without a session nothing is kept."""

    store: SessionStore
    holder: Holder
    session: bytes | None
    kept: Mapping[bytes, bytes] = field(default_factory=dict)
    """As `Session.secrets`."""

    def get(self, grant: bytes) -> SecretKey | None:
        if grant not in self.kept:
            return None
        try:
            return SecretKey(
                envelope.open_(
                    self._key(), self._context(grant), self.store.installation, self.kept[grant], floor=0
                )
            )
        except CryptoError:
            return None  # the grant itself is opened instead, and it is checked

    def put(self, grant: bytes, secret: SecretKey) -> None:
        if self.session is None:
            return
        sealed = envelope.seal(
            self._key(), NIL, self._context(grant), self.store.installation, secret.reveal(), floor=0
        )
        tx = self.store.database.transaction()
        same = (session_secrets.c.session == self.session, session_secrets.c.grant == grant)
        tx.stage(sa.delete(session_secrets).where(*same))
        tx.insert(session_secrets, session=self.session, grant=grant, secret=sealed)
        tx.commit()

    def _key(self) -> DerivedKey:
        return derive(self.holder.seeds.hpke, "cache")

    def _context(self, grant: bytes) -> Context:
        return Context("session_secrets", "secret", NIL, UUID(bytes=grant[:16]), 1)


def _decoded(cookie: str) -> CookieSecret:
    try:
        return CookieSecret(
            base64.b64decode(cookie + "=" * (-len(cookie) % 4), altchars=b"-_", validate=True)
        )
    except (ValueError, binascii.Error, CryptoError) as error:
        raise NotSignedIn from error
