"""Sealed records: every version signed and chained, the newest named by its tip, opened only with all of that proved."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.audit.log import AuditLog, Note
from app.crypto import envelope, hpke
from app.crypto.context import Context
from app.crypto.keys import CaseSecret, HpkeSeed, RecordKey, SecretKey, derive, macs_equal
from app.crypto.objects import Tip, Version, sign_object, tip_mac, verify_object
from app.crypto.signing import ciphertext_digest
from app.domain.errors import Conflict, CryptoError, Forbidden, NotFound, Tampered
from app.domain.ids import NIL, new_id
from app.store.database import STRANGE_VALUES, Transaction
from app.store.keys import intake_keys, record_keys
from app.store.log import entries
from app.store.records import sources, tips, versions
from app.vault.fields import LINE, Field
from app.vault.identity import Holder
from app.vault.installation import Installation
from app.vault.secrets import Secrets
from app.vault.trust import Trust

INTAKE: Final = "intake"
ADOPTED: Final = "adopted"
KEYS_PER_PAGE: Final = 500
TIP: Final = (
    tips.c.record,
    tips.c.field,
    tips.c.version.label("tip_version"),
    tips.c.digest.label("tip_digest"),
    tips.c.sequence,
    tips.c.mac,
)
TIPS_OF: Final = sa.select(*TIP).where(tips.c.record == sa.bindparam("record"))
WRAP: Final = (record_keys.c.wrap, record_keys.c.state, record_keys.c.epoch, record_keys.c.intake_key)
VERSION_WITH_KEY: Final = (
    sa.select(versions, *WRAP)
    .join(record_keys, record_keys.c.id == versions.c.key, isouter=True)
    .where(
        versions.c.record == sa.bindparam("of_record"),
        versions.c.field == sa.bindparam("of_field"),
        versions.c.version == sa.bindparam("number"),
    )
)
INTAKE_KEY: Final = sa.select(intake_keys).where(intake_keys.c.id == sa.bindparam("id"))
LOGGED_OF: Final = (
    sa.select(entries.c.field, sa.func.max(entries.c.sequence).label("last"))
    .where(entries.c.record == sa.bindparam("record"), entries.c.field > "")
    .group_by(entries.c.field)
)


def key_context(key: UUID, case: UUID, record: UUID) -> Context:
    """Binds a wrapped record key to its id, its case and its record."""
    return Context("record_keys", key.hex, case, record, 1)


def intake_wrap(
    installation: UUID, key: SecretKey, key_id: UUID, case: UUID, record: UUID, target: "IntakeTarget"
) -> bytes:
    """A record key that only the holders of an intake key can unwrap."""
    context = key_context(key_id, case, record)
    return hpke.seal_box(target.public, target.key.bytes, context, installation, key.reveal())


def intake_private_context(key: UUID, case: UUID, kind: str) -> Context:
    return Context("intake_keys", kind, case, key, 1)


LINES: Final = (
    sa.select(versions, *TIP[2:], *WRAP)
    .join(
        tips,
        (tips.c.record == versions.c.record)
        & (tips.c.field == versions.c.field)
        & (tips.c.version == versions.c.version),
    )
    .join(record_keys, record_keys.c.id == versions.c.key, isouter=True)
    .where(versions.c.field == LINE.path)
)


@dataclass(frozen=True)
class Opened:
    """A version in clear. `author`: person id. `content` is testimony: it goes nowhere but into the answer."""

    content: bytes
    version: int
    author: UUID
    issued: int


@dataclass(frozen=True)
class SealedVersion:
    """What sealing a version yields, before it is committed. `size`: bytes of the stored envelope."""

    version: int
    digest: bytes
    key: UUID
    size: int


@dataclass(frozen=True)
class Link:
    """A stored version in the chain of its field. `size`: bytes of the envelope; `author`: card digest."""

    version: int
    digest: bytes
    size: int
    author: bytes


@dataclass(frozen=True)
class IntakeTarget:
    """Whom an interviewer seals to: a case's intake key, for the case or the identity compartment."""

    key: UUID
    public: bytes


@dataclass(frozen=True)
class Broken:
    """Stands in a list for a record that was refused; `fault` is a code."""

    fault: str


@dataclass(frozen=True)
class _Newest:
    """What a snapshot says of one record: field -> tip row, field -> sequence of its last log entry."""

    snapshot: int
    tips: Mapping[str, sa.Row[Any]]
    logged: Mapping[str, int]


@dataclass
class Records:
    """Seals and opens records in the holder's name."""

    tx: Transaction
    installation: Installation
    holder: Holder
    trust: Trust
    secrets: Secrets
    audit: AuditLog
    clock: Callable[[], int]
    _newest: dict[UUID, "_Newest"] = field(default_factory=dict)
    _intake_privates: dict[tuple[UUID, UUID, str], HpkeSeed] = field(default_factory=dict)

    # Sealing

    def seal(
        self,
        where: Field,
        case: UUID,
        record: UUID,
        content: bytes,
        *,
        expected: int,
        made_from: Iterable[UUID] = (),
    ) -> SealedVersion:
        """Seal the next version under the case's secret; staged.

        Args:
            expected: the version this one follows, 0 for the first.
            made_from: source records, named in clear, so that destroying one needs no key.

        Raises:
            Conflict: `newer-version`, with the number of the one in force, if `expected` is not the newest.
            Forbidden: the holder has no grant.
        """
        epoch, secret = self.secrets.current(case, where.kind)
        key, key_id = RecordKey.generate(), new_id()
        context = key_context(key_id, case, record)
        wrap = envelope.seal(
            derive(secret, "wrap"), key_id, context, self.installation.id, key.reveal(), floor=0
        )
        self._stage_key(key_id, case, record, where.kind, ADOPTED, epoch, wrap, None)
        sealed = self._seal_under(where, case, record, content, expected, key, key_id)
        self.secrets.stage_hold(case, where.kind, epoch)
        for source in set(made_from) - {record}:
            self._stage_source(record, source)
        return sealed

    def seal_to_intake(
        self, where: Field, case: UUID, record: UUID, content: bytes, *, expected: int, target: IntakeTarget
    ) -> SealedVersion:
        """Seal the next version so that only the case's readers can open it, the author no longer; staged."""
        key, key_id = RecordKey.generate(), new_id()
        self.wrap_to_intake(key, key_id, case, record, where.kind, target)
        return self._seal_under(where, case, record, content, expected, key, key_id)

    def wrap_to_intake(
        self, key: SecretKey, key_id: UUID, case: UUID, record: UUID, kind: str, target: IntakeTarget
    ) -> None:
        wrap = intake_wrap(self.installation.id, key, key_id, case, record, target)
        self.keep_intake_wrap(key_id, case, record, kind, wrap, target.key)

    def keep_intake_wrap(
        self, key_id: UUID, case: UUID, record: UUID, kind: str, wrap: bytes, intake_key: UUID
    ) -> None:
        """A record key that was wrapped to an intake key already; staged."""
        self._stage_key(key_id, case, record, kind, INTAKE, 0, wrap, intake_key)

    def _stage_key(
        self,
        key_id: UUID,
        case: UUID,
        record: UUID,
        kind: str,
        state: str,
        epoch: int,
        wrap: bytes,
        intake_key: UUID | None,
    ) -> None:
        self.tx.insert(
            record_keys,
            id=key_id,
            case=case,
            record=record,
            kind=kind,
            state=state,
            epoch=epoch,
            intake_key=intake_key,
            wrap=wrap,
        )

    def _stage_source(self, record: UUID, source: UUID) -> None:
        known = sa.select(sources).where(sources.c.record == record, sources.c.source == source)
        if self.tx.first(known) is None:
            self.tx.insert(sources, record=record, source=source)

    def _seal_under(
        self,
        where: Field,
        case: UUID,
        record: UUID,
        content: bytes,
        expected: int,
        key: RecordKey,
        key_id: UUID,
    ) -> SealedVersion:
        context = where.context(case, record, expected + 1)
        sealed = envelope.seal(key, key_id, context, self.installation.id, content, floor=where.floor)
        return self.sign_sealed(where, case, record, sealed, key_id, expected=expected)

    def sign_sealed(
        self, where: Field, case: UUID, record: UUID, sealed: bytes, key_id: UUID, *, expected: int
    ) -> SealedVersion:
        """Sign as the holder's next version what was sealed for this very place; staged. Its key is staged apart.

        Raises Conflict as `seal`.
        """
        previous = self._previous_digest(where, record, expected)
        number = expected + 1
        version = Version(
            table=where.table,
            field=where.name,
            case=case,
            record=record,
            version=number,
            key_id=key_id,
            ciphertext=ciphertext_digest(sealed),
            previous=previous,
            author=self.holder.card,
            issued=self.clock(),
        )
        digest = version.digest(self.installation.id)
        self.tx.insert(
            versions,
            record=record,
            field=where.path,
            version=number,
            case=case,
            key=key_id,
            digest=digest,
            author=self.holder.card,
            envelope=sealed,
            object=version.encode(),
            signature=sign_object(self.holder.seeds.signing, self.installation.id, version),
        )
        self._note(where, case, record, number, digest)
        return SealedVersion(number, digest, key_id, len(sealed))

    def _previous_digest(self, where: Field, record: UUID, expected: int) -> bytes | None:
        tip = self.tip(where, record)
        newest = tip.version if tip else 0
        if newest != expected:
            raise Conflict("newer-version", newest=newest)
        return tip.version_digest if tip else None

    def _note(self, where: Field, case: UUID, record: UUID, number: int, digest: bytes) -> None:
        def settle(connection: sa.Connection, _era: int, sequence: int) -> None:
            self._write_tip(connection, Tip(record, where.path, number, digest, sequence))

        note = Note(
            where.act, self.holder.person, case, record, where.path, number, digest, self.holder.session_tag
        )
        self.audit.note(note, settle)

    def _write_tip(self, connection: sa.Connection, tip: Tip) -> None:
        values = {
            "version": tip.version,
            "digest": tip.version_digest,
            "sequence": tip.sequence,
            "mac": self._tip_mac(tip),
        }
        if tip.version == 1:
            connection.execute(sa.insert(tips), {"record": tip.record, "field": tip.field, **values})
            return
        moved = connection.execute(
            sa.update(tips)
            .where(tips.c.record == tip.record, tips.c.field == tip.field, tips.c.version == tip.version - 1)
            .values(**values)
        )
        if moved.rowcount != 1:
            raise Conflict("newer-version")

    def _tip_mac(self, tip: Tip) -> bytes:
        return tip_mac(self.installation.root, self.installation.id, tip)

    # Opening

    def tip(self, where: Field, record: UUID) -> Tip | None:
        """The newest version's name, or None where nothing was ever sealed.

        Raises:
            Tampered: `tip` the row is not ours; `rolled-back` the log knows a later version.
        """
        known = self._newest_of(record)
        row, logged = known.tips.get(where.path), known.logged.get(where.path, 0)
        if row is None:
            if logged:
                raise Tampered("rolled-back", table=where.table, record=record, field=where.name)
            return None
        tip = self._checked_tip(where, row)
        if logged > tip.sequence:
            raise Tampered("rolled-back", table=where.table, record=record, field=where.name)
        return tip

    def _checked_tip(self, where: Field, row: sa.Row[Any]) -> Tip:
        """`row` has the columns of `TIP`."""
        try:
            tip = Tip(row.record, row.field, row.tip_version, row.tip_digest, row.sequence)
        except CryptoError as error:
            raise Tampered("tip", table=where.table, record=row.record, field=where.name) from error
        if not macs_equal(row.mac, self._tip_mac(tip)):
            raise Tampered("tip", table=where.table, record=row.record, field=where.name)
        return tip

    def _newest_of(self, record: UUID) -> "_Newest":
        """Tips and last log entries of every field of a record, read once in a snapshot."""
        known = self._newest.get(record)
        if known is None or known.snapshot != self.tx.snapshot:
            tip_rows = self.tx.all(TIPS_OF, record=record)
            log_rows = self.tx.all(LOGGED_OF, record=record)
            by_field = {row.field: row for row in tip_rows}
            known = _Newest(self.tx.snapshot, by_field, {row.field: row.last for row in log_rows})
            self._newest[record] = known
        return known

    def open(self, where: Field, case: UUID, record: UUID) -> Opened:
        """The newest version, in clear.

        Raises:
            NotFound: nothing was ever sealed there.
            Tampered: any link of what was stored is not what its author sealed.
            Forbidden: the holder has no grant.
        """
        opened = self.open_if_any(where, case, record)
        if opened is None:
            raise NotFound("record")
        return opened

    def open_if_any(self, where: Field, case: UUID, record: UUID) -> Opened | None:
        """As `open`, or None where nothing was ever sealed."""
        tip = self.tip(where, record)
        if tip is None:
            return None
        return self._open_row(where, case, self._row(where, record, tip.version), tip.version_digest)

    def open_all(self, where: Field, case: UUID, record: UUID) -> list[Opened]:
        """Every version, oldest first, the chain of digests checked from the tip back.

        Raises: as `open`; a version missing from the middle is Tampered.
        """
        tip = self.tip(where, record)
        opened: list[Opened] = []
        digest = tip.version_digest if tip else None
        for number in range(tip.version if tip else 0, 0, -1):
            row = self._row(where, record, number)
            opened.append(self._open_row(where, case, row, digest))
            digest = Version.decode(row.object).previous
        return opened[::-1]

    def open_version(self, where: Field, case: UUID, record: UUID, number: int) -> Opened:
        """One earlier version, proved by the chain from the tip.

        Raises: as `open_all`.
        """
        links = self.chain(where, record)
        if not 1 <= number <= len(links):
            raise NotFound("version")
        return self._open_row(where, case, self._row(where, record, number), links[number - 1].digest)

    def chain(self, where: Field, record: UUID) -> list[Link]:
        """Every version, oldest first, proved from the tip back; nothing is opened, so that it takes no key.

        Raises:
            Tampered: a version is missing, or is not the one that its successor names.
        """
        tip = self.tip(where, record)
        links: list[Link] = []
        digest = tip.version_digest if tip else None
        for number in range(tip.version if tip else 0, 0, -1):
            row = self._row(where, record, number)
            version = self._version_object(where, row, digest)
            links.append(Link(number, row.digest, len(row.envelope), version.author))
            digest = version.previous
        return links[::-1]

    def _row(self, where: Field, record: UUID, number: int) -> sa.Row[Any]:
        row = self.tx.first(VERSION_WITH_KEY, of_record=record, of_field=where.path, number=number)
        if row is None:
            raise Tampered("version-missing", table=where.table, record=record, field=where.name)
        return row

    def _open_row(self, where: Field, case: UUID, row: sa.Row[Any], digest: bytes | None) -> Opened:
        version = self._version_object(where, row, digest)
        author = self._prove_author(where, version, row)
        content = self._decrypt(where, case, row)
        return Opened(content, row.version, author, version.issued)

    def _version_object(self, where: Field, row: sa.Row[Any], digest: bytes | None) -> Version:
        try:
            version = Version.decode(row.object)
        except CryptoError as error:
            raise Tampered("version", table=where.table, record=row.record, field=where.name) from error
        same = (
            version.table,
            version.field,
            version.case,
            version.record,
            version.version,
            version.key_id,
        ) == (
            where.table,
            where.name,
            row.case,
            row.record,
            row.version,
            row.key,
        )
        digests = {version.digest(self.installation.id), row.digest, digest}
        if not same or len(digests) != 1 or version.author != row.author:
            raise Tampered("version", table=where.table, record=row.record, field=where.name)
        if ciphertext_digest(row.envelope) != version.ciphertext:
            raise Tampered("ciphertext", table=where.table, record=row.record, field=where.name)
        return version

    def _prove_author(self, where: Field, version: Version, row: sa.Row[Any]) -> UUID:
        card = self.trust.card(version.author)
        try:
            verify_object(card.signing_public, row.signature, self.installation.id, version)
        except CryptoError as error:
            raise Tampered(
                "version-signature", table=where.table, record=row.record, field=where.name
            ) from error
        return card.person

    def _decrypt(self, where: Field, case: UUID, row: sa.Row[Any]) -> bytes:
        if row.case != case:
            raise Tampered("case", table=where.table, record=row.record, field=where.name)
        key = self.record_key(row.key, case, row.record, where.kind, row)
        context = where.context(case, row.record, row.version)
        try:
            return envelope.open_(key, context, self.installation.id, row.envelope, floor=where.floor)
        except CryptoError as error:
            raise Tampered("envelope", table=where.table, record=row.record, field=where.name) from error

    # Keys of records

    def record_key(self, key: UUID, case: UUID, record: UUID, kind: str, row: sa.Row[Any]) -> RecordKey:
        """The key of a record or file from its wrap; `row` has `wrap`, `state`, `epoch`, `intake_key`.

        Raises:
            NotFound: `destroyed`, the wrap is gone, for good.
        """
        if row.wrap is None:
            raise NotFound("destroyed")
        context = key_context(key, case, record)
        try:
            if row.state == INTAKE:
                private = self.intake_private(case, row.intake_key, kind)
                return RecordKey(
                    hpke.open_box(private, row.intake_key.bytes, context, self.installation.id, row.wrap)
                )
            secret = derive(self.secrets.of_epoch(case, kind, row.epoch), "wrap")
            return RecordKey(envelope.open_(secret, context, self.installation.id, row.wrap, floor=0))
        except CryptoError as error:
            raise Tampered("key-wrap", table="record_keys", record=record) from error

    def intake_private(self, case: UUID, intake_key: UUID, kind: str) -> HpkeSeed:
        """The private half of an intake key, for whoever has the secret that wraps it.

        Raises:
            Tampered: there is none of this case and kind, or it is not what was sealed.
        """
        wanted = (case, intake_key, kind)
        if wanted not in self._intake_privates:
            self._intake_privates[wanted] = self._open_intake_private(*wanted)
        return self._intake_privates[wanted]

    def _open_intake_private(self, case: UUID, intake_key: UUID, kind: str) -> HpkeSeed:
        row = self.tx.first(INTAKE_KEY, id=intake_key)
        if row is None or row.case != case or row.kind != kind:
            raise Tampered("intake-key-missing", table="intake_keys", record=case)
        secret = derive(self.secrets.of_epoch(case, kind, row.epoch), "wrap")
        context = intake_private_context(intake_key, case, kind)
        try:
            return HpkeSeed(envelope.open_(secret, context, self.installation.id, row.private, floor=0))
        except CryptoError as error:
            raise Tampered("intake-key", table="intake_keys", record=intake_key) from error

    def take_over(self, case: UUID, kind: str, which: sa.ColumnElement[bool], limit: int) -> list[UUID]:
        """Bring up to `limit` of these keys under the newest secret; staged. Losing the race to another reader is success.

        Returns: the records that they belong to. A key that does not open is left, and shows on opening.
        """
        opened = list(islice(self._opened_keys(case, kind, which), limit))
        if opened:
            epoch, secret = self.secrets.current(case, kind)
            self.secrets.stage_hold(case, kind, epoch)
            for row, key in opened:
                self._stage_rewrap(row, key, epoch, secret)
        return [row.record for row, _key in opened]

    def _opened_keys(
        self, case: UUID, kind: str, which: sa.ColumnElement[bool]
    ) -> Iterator[tuple[sa.Row[Any], RecordKey]]:
        last = NIL
        later = sa.select(record_keys).where(which).order_by(record_keys.c.id).limit(KEYS_PER_PAGE)
        while page := self.tx.all(later.where(record_keys.c.id > last)):
            for row in page:
                with suppress(Tampered):  # one damaged key must not keep the others waiting
                    yield row, self.record_key(row.id, case, row.record, kind, row)
            last = page[-1].id

    def _stage_rewrap(self, row: sa.Row[Any], key: RecordKey, epoch: int, secret: CaseSecret) -> None:
        context = key_context(row.id, row.case, row.record)
        wrap = envelope.seal(
            derive(secret, "wrap"), row.id, context, self.installation.id, key.reveal(), floor=0
        )
        as_read = (
            record_keys.c.id == row.id,
            record_keys.c.state == row.state,
            record_keys.c.epoch == row.epoch,
        )
        self.tx.stage(
            sa.update(record_keys)
            .where(*as_read)
            .values(state=ADOPTED, epoch=epoch, intake_key=None, wrap=wrap)
        )

    # Lists

    def lines(self, case: UUID, statements: Sequence[UUID]) -> dict[UUID, bytes | Broken]:
        """The list line of each statement that has one, in one query; a bad one never blocks the rest.

        Tip and AEAD are checked here; signatures when a statement is opened.
        """
        if not statements:
            return {}
        try:
            rows = self.tx.all(LINES.where(versions.c.record.in_(statements)))
        except STRANGE_VALUES:
            return self._lines_by_halves(case, statements)
        return {row.record: self._line(case, row) for row in rows}

    def _lines_by_halves(self, case: UUID, statements: Sequence[UUID]) -> dict[UUID, bytes | Broken]:
        """One of them cannot even be read: the others are."""
        if len(statements) == 1:
            return {statements[0]: Broken("unreadable")}
        middle = len(statements) // 2
        return self.lines(case, statements[:middle]) | self.lines(case, statements[middle:])

    def _line(self, case: UUID, row: sa.Row[Any]) -> bytes | Broken:
        try:
            tip = self._checked_tip(LINE, row)
            if row.digest != tip.version_digest:
                return Broken("tip")
            return self._decrypt(LINE, case, row)
        except Tampered as error:
            return Broken(error.fault)
        except (NotFound, Forbidden):
            return Broken("destroyed")
        except STRANGE_VALUES:
            return Broken("unreadable")
