"""The founding ceremony: organisation key, root key, policy, certificates, founders' cards and the release key."""

import secrets as randomness
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from app.audit.acts import Act
from app.audit.headfile import HeadFile
from app.audit.log import AuditLog, Note, head_values
from app.crypto import envelope, hpke, signing
from app.crypto.keys import CaseSecret, HpkeSeed, RootKey, SigningSeed, derive
from app.crypto.lock import Argon2Cost
from app.crypto.log import ZERO, HeadMark
from app.crypto.objects import CardMark, Certificate, Charter, Member, Policy, Roster, Trustee, sign_object
from app.crypto.words import to_words
from app.domain.duties import Duty, Role
from app.domain.errors import InvalidInput, Unusable
from app.domain.ids import new_id
from app.store import log as log_tables
from app.store import trust as tables
from app.store.blobs import BlobStore
from app.store.database import Database, Transaction
from app.vault.book import OpenBook
from app.vault.casework import CASE_ZERO
from app.vault.identity import Holder
from app.vault.installation import (
    RELEASE_KEY,
    SERVER_KEY,
    TAKE_DOWN_KEY,
    Installation,
    OperationKey,
    load_installation,
    operation_context,
)
from app.vault.people import NewPerson, first_book
from app.vault.rootfile import RootFile, require_free
from app.vault.secrets import RELEASE
from app.vault.sessions import SessionStore
from app.vault.trust import ADMINISTRATOR, LEAD, Trust, VerifiedRoster
from app.vault.vault import Vault


@dataclass(frozen=True)
class Founder:
    """Somebody whom the organisation key certifies: an administrator, or the first reviewer, who leads and vouches."""

    sign_in_name: str
    name: str
    roles: frozenset[Role]
    password: str
    second_factor: bytes


@dataclass(frozen=True)
class TrusteeSheet:
    """What a trustee keeps on paper: 24 words."""

    trustee: UUID
    words: str


@dataclass(frozen=True)
class Founded:
    """What the ceremony shows once. `organisation_words` are the organisation key on paper."""

    installation: UUID
    organisation_words: str
    root_words: str
    founders: tuple[NewPerson, ...]
    trustees: tuple[TrusteeSheet, ...]
    threshold: int


@dataclass
class Founding:
    """A ceremony with the organisation key; everything lands in one commit, and the root key's file just before it."""

    database: Database
    sessions: SessionStore
    blobs: BlobStore
    root_path: Path
    head_file: HeadFile
    clock: Callable[[], int]
    cost: Argon2Cost
    demo: bool
    organisation: SigningSeed = field(default_factory=SigningSeed.generate)

    def found(
        self,
        founders: list[Founder],
        trustees: int,
        threshold: int,
        on_paper: Callable[[Founded], None] = lambda _founded: None,
    ) -> Founded:
        """Found the installation.

        Args:
            on_paper: called before anything is written; returns once all that is shown once is on paper, or raises.

        Raises:
            Unusable: an installation or a root key file is there already, nobody would administer or lead, or
                k of n makes no sense.
        """
        if trustees and not 1 < threshold <= trustees:
            raise Unusable("Of n trustees, k must recover together: 1 < k <= n.")
        held = {role for founder in founders for role in founder.roles}
        if not {Role.ADMINISTRATOR, Role.REVIEWER} <= held:
            raise Unusable("A founding takes an administrator and a first reviewer, who leads and vouches.")
        tx = self.database.transaction()
        if tx.first(sa.select(tables.installation)) is not None:
            raise Unusable("This database holds an installation already.")
        require_free(self.root_path)
        root = RootFile(new_id(), new_id(), RootKey.generate(), signing.public_of(self.organisation))
        release_seed = SigningSeed.generate()
        installation = self._stage_installation(tx, root, signing.public_of(release_seed))
        audit = AuditLog(installation.log_keys, self.head_file, self.clock)
        vault = Vault(tx, installation, audit, self.clock, self.sessions, self.blobs, self.cost)
        audit.note(Note(Act.FOUNDED))
        sheets, policy = self._stage_policy(tx, root, trustees, threshold)
        people = [self._stage_founder(vault, root, founder) for founder in founders]
        self._stage_release_case(vault, root, founders, people, policy, release_seed)
        founded = Founded(
            root.installation,
            to_words(self.organisation.reveal()),
            to_words(root.key.reveal()),
            tuple(people),
            tuple(sheets),
            threshold,
        )
        on_paper(founded)
        root.write(self.root_path)
        self._commit(tx, audit)
        return founded

    def appoint(
        self, founder: Founder, on_paper: Callable[[NewPerson], None] = lambda _person: None
    ) -> NewPerson:
        """Certify one more administrator, in an installation that stands.

        Raises:
            Unusable: `organisation` is another installation's key.
            InvalidInput: `sign_in_name: taken`; `roles` of anything but an administrator.
            Frozen, Tampered: the log is not what this server has seen.
        """
        root = RootFile.read(self.root_path)
        if signing.public_of(self.organisation) != root.anchor:
            raise Unusable("These are not the words of this installation's organisation key.")
        if founder.roles != {Role.ADMINISTRATOR}:
            raise InvalidInput({"roles": "not-an-administrator"})
        tx = self.database.transaction()
        installation = load_installation(tx, root)
        audit = AuditLog(installation.log_keys, self.head_file, self.clock)
        vault = Vault(tx, installation, audit, self.clock, self.sessions, self.blobs, self.cost)
        if vault.people.is_taken(founder.sign_in_name):
            raise InvalidInput({"sign_in_name": "taken"})
        person = self._stage_founder(vault, root, founder)
        self._stage_appointees_book(vault, person)
        audit.note(Note(Act.ADMINISTRATOR_APPOINTED, record=person.person, digest=person.card))
        on_paper(person)
        tx.commit(audit.append)
        audit.committed()
        return person

    def rebuild_root_key(self, root: RootKey) -> None:
        """Write the root key's file anew, from both keys on paper, where the file was lost.

        Raises:
            Unusable: there is a file already, no installation, or one of the keys is another installation's.
        """
        require_free(self.root_path)
        tx = self.database.transaction()
        row = tx.first(sa.select(tables.installation))
        if row is None:
            raise Unusable("This database holds no installation.")
        rebuilt = RootFile(row.id, row.root_key, root, signing.public_of(self.organisation))
        load_installation(tx, rebuilt)
        tx.release()
        rebuilt.write(self.root_path)

    def _stage_appointees_book(self, vault: Vault, person: NewPerson) -> None:
        policy, digest = Trust(vault.tx, vault.installation, OpenBook.blank(vault.installation)).policy()
        head = vault.audit.check_head(vault.tx)
        marks = (CardMark(person.person, person.card),)
        book = first_book(
            vault.installation, marks, (policy.number, digest), (head.era, head.sequence, head.chain)
        )
        opened = OpenBook.first(vault.installation, _holder(person), book)
        opened.learn_verified([person.card])
        opened.stage(vault.tx)

    def _stage_installation(self, tx: Transaction, root: RootFile, release_public: bytes) -> Installation:
        seeds = {kind: SigningSeed.generate() for kind in (SERVER_KEY, TAKE_DOWN_KEY)}
        tx.insert(
            tables.installation,
            only=1,
            id=root.installation,
            root_key=root.key_id,
            demo=self.demo,
            era=1,
            founded=self.clock(),
        )
        for kind, seed in seeds.items():
            sealed = envelope.seal(
                derive(root.key, "operations"),
                root.key_id,
                operation_context(kind),
                root.installation,
                seed.reveal(),
                floor=0,
            )
            public = signing.public_of(seed)
            tx.insert(tables.operation_keys, kind=kind, public=public, sealed=sealed)
            self._certify(tx, root, kind, public)
        tx.insert(tables.operation_keys, kind=RELEASE_KEY, public=release_public)
        self._certify(tx, root, RELEASE_KEY, release_public)
        server, take_down = (OperationKey(seed, signing.public_of(seed)) for seed in seeds.values())
        mark = HeadMark(1, 0, ZERO)
        installation = Installation(
            root.installation,
            root.key,
            root.key_id,
            root.anchor,
            self.demo,
            server,
            take_down,
            release_public,
        )
        tx.insert(log_tables.heads, only=1, **head_values(installation.log_keys, mark, self.clock()))
        return installation

    def _certify(self, tx: Transaction, root: RootFile, kind: str, subject: bytes) -> None:
        certificate = Certificate(kind=kind, subject=subject, issued=self.clock())
        tx.insert(
            tables.certificates,
            digest=certificate.digest(root.installation),
            kind=kind,
            subject=subject,
            object=certificate.encode(),
            signature=sign_object(self.organisation, root.installation, certificate),
        )

    def _stage_policy(
        self, tx: Transaction, root: RootFile, count: int, threshold: int
    ) -> tuple[list[TrusteeSheet], bytes]:
        seeds = [HpkeSeed.generate() for _ in range(count)]
        trustees = [Trustee(new_id(), hpke.public_of(seed)) for seed in seeds]
        policy = Policy(
            number=1,
            previous=None,
            k=threshold if count else 0,
            trustees=tuple(trustees),
            switches=(),
            issued=self.clock(),
        )
        digest = policy.digest(root.installation)
        tx.insert(
            tables.policies,
            number=1,
            digest=digest,
            object=policy.encode(),
            signature=sign_object(self.organisation, root.installation, policy),
        )
        sheets = [
            TrusteeSheet(trustee.trustee, to_words(seed.reveal()))
            for trustee, seed in zip(trustees, seeds, strict=True)
        ]
        return sheets, digest

    def _stage_founder(self, vault: Vault, root: RootFile, founder: Founder) -> NewPerson:
        person = vault.people.add(
            founder.sign_in_name, founder.name, founder.roles, founder.password, founder.second_factor
        )
        kind = ADMINISTRATOR if Role.ADMINISTRATOR in founder.roles else LEAD
        self._certify(vault.tx, root, kind, person.card)
        return person

    def _stage_release_case(
        self,
        vault: Vault,
        root: RootFile,
        founders: list[Founder],
        people: list[NewPerson],
        policy: bytes,
        release_seed: SigningSeed,
    ) -> None:
        """Case 0: the first reviewer leads it and holds the release key; the first administrator signs its charter."""
        administrator = _first(Role.ADMINISTRATOR, founders, people)
        lead = _first(Role.REVIEWER, founders, people)
        charter = Charter(case=CASE_ZERO, lead=lead.card, policy=policy, issued=self.clock())
        vault.tx.insert(
            tables.charters,
            case=CASE_ZERO,
            digest=charter.digest(root.installation),
            administrator_card=administrator.card,
            object=charter.encode(),
            signature=sign_object(administrator.seeds.signing, root.installation, charter),
        )
        roster = Roster(
            case=CASE_ZERO,
            era=1,
            number=1,
            epoch=1,
            identity_epoch=1,
            identity_epoch_pending=0,
            previous=None,
            policy=policy,
            charter=charter.digest(root.installation),
            members=(Member(lead.card, (Duty.LEAD.value, Duty.PUBLISHER.value)),),
            intake_keys=(),
            signer=lead.card,
            issued=self.clock(),
        )
        digest = roster.digest(root.installation)
        vault.tx.insert(
            tables.rosters,
            digest=digest,
            case=CASE_ZERO,
            era=1,
            number=1,
            signer_card=lead.card,
            object=roster.encode(),
            signature=sign_object(lead.seeds.signing, root.installation, roster),
        )
        vault.tx.insert(tables.memberships, case=CASE_ZERO, person=lead.person)
        self._grant_release(vault, lead, people, policy, VerifiedRoster(roster, digest), release_seed)

    def _grant_release(
        self,
        vault: Vault,
        lead: NewPerson,
        people: list[NewPerson],
        policy: bytes,
        roster: VerifiedRoster,
        release_seed: SigningSeed,
    ) -> None:
        """The founders' first trust books, and the release key for the lead's own card."""
        marks = tuple(CardMark(person.person, person.card) for person in people)
        for person in people:
            holder = _holder(person)
            book = first_book(vault.installation, marks, (1, policy), (1, 0, ZERO))
            opened = OpenBook.first(vault.installation, holder, book)
            opened.learn_verified(each.card for each in people)
            if person is lead:
                self._grant_to_lead(vault, holder, opened, roster, release_seed)
            opened.stage(vault.tx)

    def _grant_to_lead(
        self, vault: Vault, holder: Holder, book: OpenBook, roster: VerifiedRoster, release_seed: SigningSeed
    ) -> None:
        book.learn_roster(roster.mark, ())
        own = Vault(
            vault.tx,
            vault.installation,
            vault.audit,
            self.clock,
            self.sessions,
            self.blobs,
            self.cost,
            as_holder=holder,
        )
        own.__dict__["book"] = book
        secret = CaseSecret(release_seed.reveal())
        own.secrets.grant_own(roster, RELEASE, secret, hpke.public_of(holder.seeds.hpke))

    def _commit(self, tx: Transaction, audit: AuditLog) -> None:
        try:
            tx.commit(audit.append)
        except BaseException:
            self.root_path.unlink(missing_ok=True)
            raise
        audit.settle_head_file()


def _first(role: Role, founders: list[Founder], people: list[NewPerson]) -> NewPerson:
    return next(person for founder, person in zip(founders, people, strict=True) if role in founder.roles)


def _holder(person: NewPerson) -> Holder:
    return Holder(person.person, person.card, person.seeds, randomness.token_bytes(8))
