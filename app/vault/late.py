"""Late forms: a part that comes without a session is sealed as it arrives, and waits unsigned until its author decides."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.audit.acts import Act
from app.audit.log import AuditLog, Note
from app.crypto import envelope
from app.crypto.canonical import Writer
from app.crypto.keys import RecordKey, mac, macs_equal
from app.crypto.objects import Capsule, Roster
from app.domain.capacity import LATE_FORM_DAYS, MAX_LATE_FORMS_PER_PERSON
from app.domain.errors import Conflict, CryptoError, Forbidden, NotFound, Tampered, TooLarge
from app.domain.ids import new_id
from app.domain.record import canonical_json
from app.store.database import Transaction
from app.store.late import late_forms, late_pieces
from app.store.log import entries
from app.store.records import tips
from app.vault.fields import IDENTITY, NOTES, PART, Field
from app.vault.identity import Holder
from app.vault.installation import Installation
from app.vault.people import People
from app.vault.records import intake_wrap
from app.vault.submissions import Piece, Sealed, Submissions, open_form, roster_of_form, target_in

DAY: Final = 24 * 3600
ORDER: Final = (NOTES, IDENTITY, PART)
"""In which the pieces of a part are signed: the part names what stands beside it."""
FORM: Final = sa.select(late_forms).where(late_forms.c.id == sa.bindparam("id"))
OF_CAPSULE: Final = sa.select(late_forms).where(
    late_forms.c.submission == sa.bindparam("submission"), late_forms.c.part == sa.bindparam("part")
)
WAITING: Final = (
    sa.select(late_forms)
    .where(late_forms.c.person == sa.bindparam("person"), late_forms.c.slot.is_not(None))
    .order_by(late_forms.c.received, late_forms.c.id)
)
GONE: Final = sa.select(entries.c.sequence).where(
    entries.c.record == sa.bindparam("submission"),
    entries.c.object_digest == sa.bindparam("mac"),
    entries.c.act == Act.LATE_FORM_DISCARDED.value,
)
PIECES: Final = sa.select(late_pieces).where(late_pieces.c.form == sa.bindparam("form"))
TIPS: Final = sa.select(tips.c.field, tips.c.version, tips.c.digest).where(
    tips.c.record == sa.bindparam("record")
)


class Arrival(StrEnum):
    """What has become of a form that came without a session."""

    NEW = "new"
    WAITS = "waits"
    SENT = "sent"
    DISCARDED = "discarded"


@dataclass(frozen=True)
class LateContent:
    """One part as JSON values, as `Submissions.seal_part` takes them.

    `way`: our word for the form's way; `closing`: the statement is finished with it.
    """

    part: Mapping[str, Any]
    notes: Mapping[str, Any]
    identity: Mapping[str, Any]
    way: str
    closing: bool
    withdrawal_tag: bytes


@dataclass(frozen=True)
class LateForm:
    """What waits, without a word of it. `received`: seconds since 1970.

    `genuine`: it is what arrived; `overtaken`: the same part was sent since, and this copy can only be discarded.
    """

    id: UUID
    person: UUID
    case: UUID
    submission: UUID
    part: int
    received: int
    way: str
    genuine: bool = True
    overtaken: bool = False


@dataclass(frozen=True)
class Stored:
    """A row as it was written on arrival, all of it bound by its HMAC."""

    id: UUID
    person: UUID
    case: UUID
    submission: UUID
    part: int
    received: int
    way: str
    closing: bool
    withdrawal_tag: bytes
    capsule: bytes

    @classmethod
    def of(cls, row: sa.Row[Any]) -> "Stored":
        return cls(**{each.name: getattr(row, each.name) for each in fields(cls)})

    def facts(self, *, genuine: bool = True, overtaken: bool = False) -> LateForm:
        return LateForm(
            self.id,
            self.person,
            self.case,
            self.submission,
            self.part,
            self.received,
            self.way,
            genuine,
            overtaken,
        )


@dataclass
class LateArrivals:
    """The side without a session: nobody's keys are at hand, only the capsule says whose form it is."""

    tx: Transaction
    installation: Installation
    people: People
    audit: AuditLog
    clock: Callable[[], int]

    def admit(self, token: str) -> Capsule:
        """The capsule of a form that may be kept.

        Raises:
            Forbidden: `capsule-forged`, `capsule-expired`; `shut-out`, its author sends nothing any more.
            Tampered: the roster that the form was made under is not here. Nothing may be kept then either.
        """
        capsule = open_form(self.installation, token, self.clock())
        self._require_author(capsule)
        self._targets(capsule)
        return capsule

    def _require_author(self, capsule: Capsule) -> None:
        try:
            author = self.people.row(capsule.person)
        except NotFound as error:
            raise Forbidden("shut-out") from error
        if author.disabled or not author.interviewer or author.card != capsule.card:
            raise Forbidden("shut-out")

    def _targets(self, capsule: Capsule) -> Roster:
        roster = roster_of_form(self.tx, self.installation, capsule)
        if roster is None:
            raise Tampered("roster", table="rosters", record=capsule.case)
        for where in ORDER:
            target_in(roster, capsule, where.kind)
        return roster

    def fate_of(self, capsule: Capsule) -> Arrival:
        """A form is taken once. Raises Conflict (`part-missing`) where the part before it is gone."""
        known = self.tx.first(OF_CAPSULE, submission=capsule.submission, part=capsule.part)
        newest = self._tips(capsule.submission).get(PART.path)
        if newest is not None and newest.version >= capsule.part:
            return Arrival.SENT
        if known is not None:
            return Arrival.DISCARDED if known.slot is None else Arrival.WAITS
        if capsule.part > 1 and (newest is None or newest.digest != capsule.previous):
            raise Conflict("part-missing")
        return Arrival.NEW

    def require_room(self, person: UUID) -> int:
        """A place to wait in. Raises TooLarge (`late-forms`) where all of them are taken."""
        taken = {row.slot for row in self.tx.all(WAITING, person=person)}
        free = next((slot for slot in range(MAX_LATE_FORMS_PER_PERSON) if slot not in taken), None)
        if free is None:
            raise TooLarge("late-forms", MAX_LATE_FORMS_PER_PERSON)
        return free

    def keep(self, token: str, content: LateContent) -> LateForm:
        """Seal one part to the intake keys that its form was given; staged.

        Raises:
            as `admit`, `fate_of`, `require_room`; Conflict (`exists-already`) at the commit where the same form, or
            another of the same person, was faster.
        """
        capsule = self.admit(token)
        slot = self.require_room(capsule.person)
        pieces = self._sealed(capsule, content)
        stored = Stored(
            id=new_id(),
            person=capsule.person,
            case=capsule.case,
            submission=capsule.submission,
            part=capsule.part,
            received=self.clock(),
            way=content.way,
            closing=content.closing,
            withdrawal_tag=content.withdrawal_tag,
            capsule=token.encode("ascii"),
        )
        self._stage(stored, slot, pieces)
        return stored.facts()

    def _stage(self, stored: "Stored", slot: int, pieces: Sequence[Piece]) -> None:
        tag = form_mac(self.installation, stored, pieces)
        self._forget_old(stored.person)
        self.tx.insert(late_forms, slot=slot, mac=tag, **asdict(stored))
        for piece in pieces:
            self.tx.insert(
                late_pieces,
                form=stored.id,
                field=piece.where.path,
                version=piece.version,
                key=piece.key,
                envelope=piece.envelope,
                wrap=piece.wrap,
            )
        self.audit.note(Note(Act.LATE_FORM_KEPT, stored.person, stored.case, stored.submission, digest=tag))

    def _sealed(self, capsule: Capsule, content: LateContent) -> list[Piece]:
        roster, newest = self._targets(capsule), self._tips(capsule.submission)
        beside: list[Piece] = []

        def sealed(where: Field, values: Mapping[str, Any]) -> Piece:
            tip = newest.get(where.path)
            return self._piece(roster, capsule, where, (tip.version if tip else 0) + 1, values)

        for where, values in ((NOTES, content.notes), (IDENTITY, content.identity)):
            if values:
                beside.append(sealed(where, values))
        names = {piece.where.path: hashlib.sha256(piece.envelope).hexdigest() for piece in beside}
        return [*beside, sealed(PART, {**content.part, "beside": names, "files": []})]

    def _piece(
        self, roster: Roster, capsule: Capsule, where: Field, version: int, values: Mapping[str, Any]
    ) -> Piece:
        key, key_id = RecordKey.generate(), new_id()
        plain = canonical_json(dict(values))
        context = where.context(capsule.case, capsule.submission, version)
        return Piece(
            where,
            version,
            key_id,
            envelope.seal(key, key_id, context, self.installation.id, plain, floor=where.floor),
            intake_wrap(
                self.installation.id,
                key,
                key_id,
                capsule.case,
                capsule.submission,
                target_in(roster, capsule, where.kind),
            ),
        )

    def _tips(self, submission: UUID) -> dict[str, sa.Row[Any]]:
        """Read without proof: a wrong number makes a form that cannot be sent, and signs nothing."""
        return {row.field: row for row in self.tx.all(TIPS, record=submission)}

    def _forget_old(self, person: UUID) -> None:
        """What was decided and could not come again anyway, for its capsule has run out."""
        c = late_forms.c
        gone = self.clock() - LATE_FORM_DAYS * DAY
        self.tx.stage(sa.delete(late_forms).where(c.person == person, c.slot.is_(None), c.received < gone))


@dataclass
class LateForms:
    """The author's side, signed in: what waits, and the decision about it."""

    tx: Transaction
    installation: Installation
    holder: Holder
    submissions: Submissions
    audit: AuditLog

    def waiting(self) -> list[LateForm]:
        """The holder's own, oldest first."""
        found = []
        for row in self.tx.all(WAITING, person=self.holder.person):
            stored = Stored.of(row)
            genuine = self._is_genuine(row, self._pieces(row.id))
            found.append(stored.facts(genuine=genuine, overtaken=genuine and self._is_overtaken(stored)))
        return found

    def _is_overtaken(self, stored: "Stored") -> bool:
        try:
            return self.submissions.after(self._capsule(stored)) is not None
        except Tampered:  # sending says what is wrong; a list goes on
            return False

    def count(self) -> int:
        """How many wait."""
        return len(self.tx.all(WAITING, person=self.holder.person))

    def find(self, form: UUID) -> LateForm:
        """One of the holder's own, decided or not. Raises NotFound for anybody else's."""
        return Stored.of(self._row(form)).facts()

    def is_waiting(self, form: UUID) -> bool:
        """Whether it is still to be decided about. Raises NotFound."""
        return self._row(form).slot is not None

    def send(self, form: UUID) -> tuple[Sealed, bool]:
        """Sign what waits as the part that it would have been; staged. Also whether the statement ends with it.

        Raises:
            Conflict: `late-decided`, it waits no longer; `late-overtaken`, the same part was sent another way since.
            Tampered: what waits is not what arrived; nothing of it is signed.
        """
        row, pieces = self._row(form), self._pieces(form)
        if row.slot is None:
            raise Conflict("late-decided")
        if not self._is_genuine(row, pieces):
            raise Tampered("late-form", table="late_forms", record=form)
        capsule = self._capsule(Stored.of(row))
        if self.submissions.after(capsule) is not None:
            raise Conflict("late-overtaken")
        self._decide(row, Act.LATE_FORM_SENT)
        sealed = self.submissions.sign_part(capsule, pieces)
        finished = self.submissions.is_finished(row.submission)
        if row.closing and not finished:
            self.submissions.finish(sealed.capsule, sealed, row.withdrawal_tag)
        return sealed, finished or row.closing

    def sent_before(self, form: UUID) -> Capsule | None:
        """Where the statement of a form goes on that was sent; None where it waits or was discarded."""
        row = self._row(form)
        return self.submissions.after(self._capsule(Stored.of(row))) if row.slot is None else None

    def discard(self, form: UUID) -> None:
        """Destroy what waits, keys and all; staged. Raises Conflict (`late-decided`)."""
        row = self._row(form)
        if row.slot is None:
            raise Conflict("late-decided")
        self._decide(row, Act.LATE_FORM_DISCARDED)

    def _decide(self, row: sa.Row[Any], act: Act) -> None:
        c = late_forms.c
        still_waits = sa.update(late_forms).where(c.id == row.id, c.slot.is_not(None))
        self.tx.stage(still_waits.values(slot=None), rows=1, conflict="late-decided")
        self.tx.stage(sa.delete(late_pieces).where(late_pieces.c.form == row.id))
        self.audit.note(
            Note(
                act,
                self.holder.person,
                row.case,
                row.submission,
                digest=row.mac,
                session=self.holder.session_tag,
            )
        )

    def _row(self, form: UUID) -> sa.Row[Any]:
        row = self.tx.first(FORM, id=form)
        if row is None or row.person != self.holder.person:
            raise NotFound("late-form")
        return row

    def _pieces(self, form: UUID) -> list[Piece]:
        rows = {row.field: row for row in self.tx.all(PIECES, form=form)}
        return [
            Piece(where, row.version, row.key, row.envelope, row.wrap)
            for where in ORDER
            if (row := rows.get(where.path)) is not None
        ]

    def _is_genuine(self, row: sa.Row[Any], pieces: Sequence[Piece]) -> bool:
        """What arrived, and was not discarded before: a row that somebody put back is not waiting again."""
        discarded = self.tx.first(GONE, submission=row.submission, mac=row.mac)
        try:
            return discarded is None and macs_equal(
                row.mac, form_mac(self.installation, Stored.of(row), pieces)
            )
        except CryptoError:
            return False

    def _capsule(self, stored: "Stored") -> Capsule:
        """As it was good when the form arrived; it may have run out while it waited."""
        return open_form(self.installation, stored.capsule.decode("ascii", "replace"), stored.received)


def form_mac(installation: Installation, stored: "Stored", pieces: Sequence[Piece]) -> bytes:
    """Binds everything that will be signed to what arrived: no row, wrap or envelope can be exchanged meanwhile.

    Whoever writes the database lacks the key, and could otherwise put words of their own, sealed to the public
    intake key, under the author's signature.
    """
    writer = Writer().id(installation.id)
    writer.id(stored.id).id(stored.person).id(stored.case).id(stored.submission)
    writer.uint(stored.part).uint(stored.received).text(stored.way).uint(int(stored.closing))
    writer.octets(stored.withdrawal_tag).octets(stored.capsule).count(len(pieces))
    for piece in pieces:
        writer.text(piece.where.path).uint(piece.version).id(piece.key)
        writer.octets(hashlib.sha256(piece.envelope).digest()).octets(hashlib.sha256(piece.wrap).digest())
    return mac(installation.root, "late-forms", writer.done())
