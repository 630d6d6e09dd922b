"""Objects that the adversary makes with the keys they own: the administrator's, the puppets', and fresh ones."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.crypto import envelope, hpke
from app.crypto.keys import CaseSecret, HpkeSeed, derive
from app.crypto.objects import (
    BookIntakeKey,
    Card,
    CardMark,
    Charter,
    Grant,
    Introduction,
    Member,
    Roster,
    RosterMark,
    Version,
    sign_object,
)
from app.crypto.signing import ciphertext_digest
from app.domain.duties import Duty
from app.domain.ids import NIL
from app.store.cases import statements
from app.store.keys import intake_keys
from app.store.people import cards, people, vouches
from app.store.records import tips, versions
from app.store.trust import (
    charters,
    grants,
    introductions,
    memberships,
    policies,
    rosters,
    trust_books,
)
from app.vault.book import book_context
from app.vault.people import NewPerson, first_book, introduction_context
from app.vault.records import intake_private_context
from app.vault.secrets import grant_context
from tests.adversary.world import ADMINISTRATOR, World
from tests.adversary.writer import Refused, Row, Writer
from tests.vault.scene import card_row, forged_card, vouch_row

Wanted = list[tuple[sa.Table, Row | None, Row | None]]
EVERY_DUTY: Final = tuple(sorted(duty.value for duty in Duty))


@dataclass
class Forger:
    """Each method writes something well formed; `pick` chooses among what there is."""

    world: World
    writer: Writer
    secret: CaseSecret = field(default_factory=CaseSecret.generate)
    """Of the forger's own making: what they would have people seal under."""
    intake: HpkeSeed = field(default_factory=HpkeSeed.generate)
    aimed: UUID | None = None
    """The case that was last aimed at."""
    victim: bytes | None = None
    """The true card of whom a forged grant, or a forged card, was meant to deceive."""
    record: UUID | None = None
    """What was last forged of, if it was a record."""

    @property
    def installation(self) -> UUID:
        return self.world.services.installation.id

    @property
    def own(self) -> list[NewPerson]:
        """Whose keys the adversary has."""
        return [*self.world.puppets.values(), self.world.cast.people[ADMINISTRATOR]]

    def methods(self) -> dict[str, Callable[[int, int], None]]:
        found = {name: getattr(self, name) for name in dir(self) if name.startswith("forge_")}
        return dict(sorted(found.items()))

    # People

    def forge_card(self, pick: int, other: int) -> None:
        """An honest person's card with other keys, as their first, their second, or in their account."""
        name = _chosen(sorted(set(self.world.cast.people) - {ADMINISTRATOR}), pick)
        genuine = self.world.cast.people[name]
        self.victim = genuine.card
        successor = other % 3 == 1
        forged, owner = forged_card(
            self.world.cast, name, 2 if successor else 1, genuine.card if successor else None
        )
        signer = _chosen(self.own, other)
        row = card_row(self.world.cast, forged, owner, signer if successor else None)
        account = self._row(people, people.c.id == genuine.person)
        wanted: Wanted = [(cards, None, row), (people, account, {**account, "card": owner.card})]
        if other % 3 == 2:  # under the genuine card's name
            old = self._row(cards, cards.c.digest == genuine.card)
            wanted = [(cards, old, {**row, "digest": genuine.card})]
        self.writer.put_all(wanted)

    def forge_account(self, pick: int, other: int) -> None:
        """Somebody's account shows somebody else's card."""
        rows = self.writer.rows(people)
        one, another = _chosen(rows, pick), _chosen(rows, other)
        self.writer.put(people, (one, {**one, "card": another["card"]}))

    def forge_vouch(self, pick: int, other: int) -> None:
        """For a puppet: by the other one, by the administrator, or in an honest name."""
        puppet, signer = _chosen(list(self.world.puppets.values()), pick), _chosen(self.own, other)
        claimed = signer
        if other % 2:
            claimed = self.world.cast.people[_chosen(sorted(self.world.cast.people), other)]
        row = vouch_row(self.world.cast, claimed, puppet.card, signer)
        self.writer.put(vouches, (None, row))

    def forge_introduction(self, pick: int, other: int) -> None:
        """For a puppet, so that they have a book to work with."""
        puppet, signer = _chosen(list(self.world.puppets.values()), pick), _chosen(self.own, other)
        policy = self._row(policies)
        introduction = Introduction(
            anchor=self.world.services.installation.anchor,
            card=puppet.card,
            voucher=signer.card,
            policy=policy["digest"],
            era=1,
            sequence=0,
            chain=bytes(32),
            rosters=(),
            issued=self.world.clock(),
        )
        box = hpke.seal_box(
            hpke.public_of(puppet.seeds.hpke),
            puppet.card[:16],
            introduction_context(puppet.person),
            self.installation,
            introduction.encode(),
        )
        row = {
            "person": puppet.person,
            "voucher_card": signer.card,
            "box": box,
            "signature": sign_object(signer.seeds.signing, self.installation, introduction),
        }
        self.writer.put(introductions, (self._row_or_none(introductions, puppet.person), row))

    def forge_book(self, pick: int, other: int) -> None:
        """A puppet's own book, which says that everything was verified."""
        puppet = _chosen(list(self.world.puppets.values()), pick)
        policy, rows = self._row(policies), self.writer.rows(rosters)
        newest = {row["case"]: row for row in sorted(rows, key=lambda row: row["number"])}
        marks = tuple(
            RosterMark(case, row["era"], row["number"], row["digest"]) for case, row in newest.items()
        )
        keys = tuple(
            BookIntakeKey(case, key.kind, key.key_id, key.public)
            for case, row in newest.items()
            for key in self._decoded(row).intake_keys
        )
        book = first_book(
            self.world.services.installation,
            (CardMark(puppet.person, puppet.card),),
            (1, policy["digest"]),
            (1, 0, bytes(32)),
            marks,
            keys,
        )
        known = [
            *(row["digest"] for row in self.writer.rows(cards)),
            *(row["digest"] for row in rows),
            *(row["digest"] for row in self.writer.rows(grants)),
        ]
        book = replace(book, verified=tuple(sorted(set(known))))
        version = other % 3 + 1
        sealed = envelope.seal(
            derive(puppet.seeds.hpke, "book"),
            NIL,
            book_context(puppet.person, version),
            self.installation,
            book.encode(),
        )
        row = {"person": puppet.person, "version": version, "book": sealed}
        self.writer.put(trust_books, (self._row_or_none(trust_books, puppet.person), row))

    # Cases

    def forge_charter(self, pick: int, other: int) -> None:
        """The administrator, or a puppet, says that somebody else leads a case."""
        old = _chosen(self.writer.rows(charters), pick)
        signer = _chosen(self.own, other)
        lead = _chosen([*self.own, *self.world.cast.people.values()], pick + other)
        charter = replace(Charter.decode(old["object"]), lead=lead.card, issued=self.world.clock())
        row = {
            **old,
            "digest": charter.digest(self.installation),
            "administrator_card": self.world.cast.people[ADMINISTRATOR].card if other % 2 else signer.card,
            "object": charter.encode(),
            "signature": sign_object(signer.seeds.signing, self.installation, charter),
        }
        self.writer.put(charters, (old, row))

    def forge_roster(self, pick: int, other: int) -> None:
        """A roster of the forger's: with a puppet who has every duty, or with intake keys of their own.

        Signed by whom they can, in their own name or the lead's; as the next one, in the newest one's place, or under its
        very digest.
        """
        old = self._newest_roster(pick)
        self.aimed = old["case"]
        roster, puppet = self._decoded(old), _chosen(self.own, pick // 3)
        signer = self.world.cast.people[ADMINISTRATOR] if pick % 4 else _chosen(self.own, pick // 7)
        changes: dict[str, Any] = {"signer": roster.signer if pick // 2 % 2 else signer.card}
        with_keys, place = other // 3 % 2, ("next", "newest", "same-digest")[other % 3]
        if with_keys:
            mine = hpke.public_of(self.intake)
            changes["intake_keys"] = tuple(replace(key, public=mine) for key in roster.intake_keys)
        else:
            members = tuple(member for member in roster.members if member.card != puppet.card)
            changes["members"] = (*members, Member(puppet.card, EVERY_DUTY))
        if place == "next":
            changes |= {"number": roster.number + 1, "previous": old["digest"]}
        forged = replace(roster, **changes)
        row = {
            "digest": old["digest"] if place == "same-digest" else forged.digest(self.installation),
            "case": forged.case,
            "era": forged.era,
            "number": forged.number,
            "signer_card": forged.signer,
            "object": forged.encode(),
            "signature": sign_object(signer.seeds.signing, self.installation, forged),
        }
        wanted: Wanted = [(rosters, None if place == "next" else old, row)]
        self.writer.put_all(wanted if with_keys else [*wanted, *self._members(forged.case, puppet.card)])

    def _members(self, case: UUID, card: bytes) -> Wanted:
        person = next((each.person for each in self.own if each.card == card), None)
        known = {(row["case"], row["person"]) for row in self.writer.rows(memberships)}
        if person is None or (case, person) in known:
            return []
        return [(memberships, None, {"case": case, "person": person})]

    def forge_grant(self, pick: int, other: int) -> None:
        """Of the forger's secret to an honest member; or to a puppet, in an honest lead's name or their own."""
        old = _chosen(self.writer.rows(grants), pick)
        self.aimed = old["case"]
        genuine, signer = Grant.decode(old["object"]), _chosen(self.own, pick // 7)
        member, public = genuine.member, self._public(genuine.member)
        self.victim = member
        if other % 2:
            puppet = _chosen(self.own, pick)
            member, public = puppet.card, hpke.public_of(puppet.seeds.hpke)
        context = grant_context(genuine.kind, genuine.case, genuine.epoch, member)
        box = hpke.seal_box(public, member[:16], context, self.installation, self.secret.reveal())
        forged = replace(
            genuine,
            grantor=genuine.grantor if other % 3 else signer.card,
            member=member,
            ciphertext=ciphertext_digest(box),
            issued=self.world.clock(),
        )
        row = {
            **old,
            "digest": forged.digest(self.installation),
            "member_card": member,
            "grantor_card": forged.grantor,
            "box": box,
            "object": forged.encode(),
            "signature": sign_object(signer.seeds.signing, self.installation, forged),
        }
        self.writer.put(grants, (None if other % 5 == 0 else old, row))

    def forge_regrant(self, pick: int, other: int) -> None:
        """A true grant's row, pointed at a puppet."""
        old, puppet = _chosen(self.writer.rows(grants), pick), _chosen(self.own, other)
        self.writer.put(grants, (old, {**old, "member_card": puppet.card}))

    def forge_intake_key(self, pick: int, other: int) -> None:
        """Intake keys of the forger's own: the public half, the private one under their secret, or both."""
        old = _chosen(self.writer.rows(intake_keys), pick)
        row = {**old, "public": hpke.public_of(self.intake)}
        if other % 2:
            row["private"] = envelope.seal(
                derive(self.secret, "wrap"),
                old["id"],
                intake_private_context(old["id"], old["case"], old["kind"]),
                self.installation,
                self.intake.reveal(),
                floor=0,
            )
        self.writer.put(intake_keys, (old, row))

    # Records

    def forge_version(self, pick: int, other: int) -> None:
        """A version of the adversary's hand: signed anew by them, in their name or its author's."""
        old, signer = _chosen(self.writer.rows(versions), pick), _chosen(self.own, pick // 7)
        genuine, self.record = Version.decode(old["object"]), old["record"]
        donor = _chosen(self.writer.rows(versions), pick + other + 1)
        sealed = donor["envelope"] if other % 2 else old["envelope"]
        forged = replace(
            genuine,
            author=genuine.author if other % 3 else signer.card,
            ciphertext=ciphertext_digest(sealed),
            issued=self.world.clock(),
        )
        row = {
            **old,
            "digest": forged.digest(self.installation),
            "author": forged.author,
            "envelope": sealed,
            "object": forged.encode(),
            "signature": sign_object(signer.seeds.signing, self.installation, forged),
        }
        self.writer.put(versions, (old, row))

    def forge_tip(self, pick: int, other: int) -> None:
        """An earlier version's name with the newest one's place in the log."""
        rows = [row for row in self.writer.rows(tips) if row["version"] > 1]
        old = _chosen(rows, pick)
        self.record = old["record"]
        earlier = self._row(
            versions,
            versions.c.record == old["record"],
            versions.c.field == old["field"],
            versions.c.version == other % (old["version"] - 1) + 1,
        )
        row = {**old, "version": earlier["version"], "digest": earlier["digest"]}
        self.writer.put(tips, (old, row))

    def forge_submitter(self, pick: int, other: int) -> None:
        """Somebody's statement passed off as somebody else's."""
        old = _chosen(self.writer.rows(statements), pick)
        submitter = _chosen([*self.own, *self.world.cast.people.values()], other)
        self.writer.put(statements, (old, {**old, "submitter": submitter.person}))

    # Parts

    def _row(self, table: sa.Table, *where: sa.ColumnElement[bool]) -> Row:
        with self.writer.database.engine.connect() as connection:
            row = connection.execute(sa.select(table).where(*where)).first()
        if row is None:
            raise Refused
        return dict(row._mapping)

    def _row_or_none(self, table: sa.Table, person: UUID) -> Row | None:
        try:
            return self._row(table, table.c.person == person)
        except Refused:
            return None

    def _newest_roster(self, pick: int) -> Row:
        row = _chosen(self.writer.rows(rosters), pick)
        same = [each for each in self.writer.rows(rosters) if each["case"] == row["case"]]
        return max(same, key=lambda each: (each["era"], each["number"]))

    def _decoded(self, row: Row) -> Roster:
        try:
            return Roster.decode(row["object"])
        except Exception as error:  # it is broken already
            raise Refused from error

    def _public(self, card: bytes) -> bytes:
        return Card.decode(self._row(cards, cards.c.digest == card)["object"]).hpke_public


def _chosen(options: list[Any], pick: int) -> Any:
    if not options:
        raise Refused
    return options[pick % len(options)]
