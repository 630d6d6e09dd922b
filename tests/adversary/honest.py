"""Honest people at work: each act through the vault as the product does it, and into the shadow once it is committed."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from app.audit.acts import Act
from app.domain.duties import Duty, Role
from app.domain.ids import new_id
from app.store.keys import record_keys
from app.store.trust import grants, rosters
from app.unit_of_work import UnitOfWork
from app.vault.fields import CASE_SETTINGS, IDENTITY, NOTES, PART, TRANSCRIPT, Field
from app.vault.people import NewPerson
from app.vault.proposals import Kind
from app.vault.records import INTAKE, key_context
from app.vault.recovery import open_share
from app.vault.secrets import grant_context, kinds_for
from app.vault.submissions import file_intake, open_form
from app.web.opening import note_opening
from tests.adversary.shadow import Box, CaseShadow, Form, Item, Shadow
from tests.adversary.world import ADMINISTRATOR, MARK, World
from tests.cast import LINDEN, PEOPLE

ALL: Final = 500
OPENING: Final = {
    PART.path: Act.STATEMENT_OPENED,
    NOTES.path: Act.STATEMENT_OPENED,
    IDENTITY.path: Act.IDENTITY_OPENED,
    TRANSCRIPT.path: Act.TRANSCRIPT_OPENED,
    CASE_SETTINGS.path: Act.STATEMENT_OPENED,
}
Duties = Mapping[str, frozenset[Duty]]


def shadow_of(world: World) -> Shadow:
    """What is known of a cast that was just assembled."""
    people = {name for name, (_shown, roles, _v) in PEOPLE.items() if Role.ADMINISTRATOR not in roles}
    shadow = Shadow(
        vouched=people - {"nobody"},
        unvouched={"nobody"},
        interviewers={name for name in people if Role.INTERVIEWER in PEOPLE[name][1]},
    )
    cast = world.cast
    with world.services.database.engine.connect() as connection:
        for table in (grants, rosters):
            shadow.signed |= set(connection.scalars(sa.select(table.c.digest)))
    shadow.cases[cast.case] = CaseShadow(dict(LINDEN))
    shadow.cases[cast.other_case] = CaseShadow({"stranger": frozenset({Duty.LEAD})})
    for case, title in ((cast.case, "The road in winter"), (cast.other_case, "Nothing to you")):
        settings = f'{{"purpose":"","title":"{title}"}}'.encode()
        shadow.keep(CASE_SETTINGS, case, case, settings, exact=True)
    return shadow


@dataclass
class Honest:
    """Every act raises what the vault raises; the shadow learns of it only when it was committed."""

    world: World
    shadow: Shadow
    may_forget: Callable[[], bool] = lambda: False
    """Whether books and log were put back together: then only the server's head file knows, and stops what opens."""
    seen: dict[tuple[str, UUID], tuple[int, int]] = field(default_factory=dict)
    """The newest roster that somebody's committed work stood on: (era, number)."""

    @contextmanager
    def acting(self, name: str, granting: Mapping[UUID, Duties] | None = None) -> Iterator[UnitOfWork]:
        """A unit of work that commits; `granting`: to whom, by case, it may give secrets."""
        uow = self.world.uow(name)
        try:
            yield uow
            boxes = [*self._grants(uow, granting or {}), *self._wraps(uow)]
            signed = self._signed(uow)
            stood_on = self._stood_on(name, uow, signed)
            uow.commit()
        finally:
            uow.end()
        self.shadow.boxes += boxes
        self.shadow.signed |= signed
        self.seen |= stood_on

    def _signed(self, uow: UnitOfWork) -> set[bytes]:
        """Rosters and grants that this work signs."""
        writes = ((write.statement.entity_description["table"], write.values) for write in uow.tx.staged)
        return {values["digest"] for table, values in writes if values and table in {grants, rosters}}

    def _stood_on(
        self, name: str, uow: UnitOfWork, own: set[bytes]
    ) -> dict[tuple[str, UUID], tuple[int, int]]:
        """On rosters and grants that honest people signed, on cards that are theirs, and on nothing older than before."""
        used = vars(uow.vault)
        known = self.shadow.signed | own
        if "secrets" in used:
            assert set(uow.vault.secrets._used.values()) <= known, "work under a secret that no lead gave"
        found = {}
        for case, verified in uow.vault.trust._rosters.items() if "trust" in used else ():
            assert verified.digest in known, "work on a roster that no lead signed"
            place = (verified.roster.era, verified.roster.number)
            newest = self.seen.get((name, case), (0, 0))
            assert place >= newest or self.may_forget(), "an older roster was taken for the newest"
            found[(name, case)] = place
        if "book" in used:
            for person, card in uow.vault.book._cards.items():
                assert self.world.genuine.get(person) == card, "a card was learnt that is not its owner's"
        return found

    def _grants(self, uow: UnitOfWork, granting: Mapping[UUID, Duties]) -> Iterator[Box]:
        """No secret is given to a card that the lead did not mean: not to an unvouched one, not to a puppet's."""
        for write in uow.tx.staged:
            if write.values is None or write.statement.entity_description["table"] is not grants:
                continue
            row = write.values
            meant = {
                self.world.person(name).card
                for name, duties in granting.get(row["case"], {}).items()
                if row["kind"] in kinds_for(duties) and name in self.shadow.vouched
            }
            assert row["member_card"] in meant, "a secret was given to a card that nobody meant"
            context = grant_context(row["kind"], row["case"], row["epoch"], row["member_card"])
            yield Box(row["member_card"][:16], context, row["box"])

    def _wraps(self, uow: UnitOfWork) -> Iterator[Box]:
        for write in uow.tx.staged:
            row = write.values
            if row is None or write.statement.entity_description["table"] is not record_keys:
                continue
            recipient = row["intake_key"].bytes if row["state"] == INTAKE else b""
            yield Box(recipient, key_context(row["id"], row["case"], row["record"]), row["wrap"])

    def card_of(self, uow: UnitOfWork, name: str) -> bytes:
        """The card that the screens show beside a name."""
        account = uow.vault.people.account(self.world.person(name).person)
        return account.card

    # People

    def vouch(self, voucher: str, newcomer: str) -> bool:
        """Compare the digits on the screen with those that the newcomer reads out; whether they were the same."""
        own = self.world.person(newcomer)
        with self.acting(voucher) as uow:
            shown = self.card_of(uow, newcomer)
            same = uow.vault.people.digits_of(shown) == uow.vault.people.digits_of(own.card)
            if same:
                uow.vault.vouching.vouch(shown, "face-to-face")
        if same:
            self.shadow.vouched.add(newcomer)
            self.shadow.unvouched.discard(newcomer)
        return same

    def looks_vouched(self, name: str, whom: NewPerson) -> bool:
        with self.acting(name) as uow:
            return uow.vault.trust.is_vouched(whom.card)

    # Cases

    def charter(self, administrator: str, lead: str) -> UUID:
        case = new_id()
        with self.acting(administrator) as uow:
            uow.vault.casework.charter(case, f"Birch-{self.world.clock()}", self.card_of(uow, lead))
        self.shadow.chartered[case] = lead
        return case

    def open_case(self, lead: str, case: UUID, duties: Duties) -> None:
        held = {**duties, lead: duties.get(lead, frozenset()) | {Duty.LEAD}}
        settings = self.shadow.words().encode()
        with self.acting(lead, {case: held}) as uow:
            cards = {self.card_of(uow, name): each for name, each in held.items()}
            uow.vault.casework.open_case(case, cards)
            uow.vault.records.seal(CASE_SETTINGS, case, case, settings, expected=0)
        self.shadow.chartered.pop(case, None)
        self.shadow.cases[case] = CaseShadow(dict(held))
        self.shadow.keep(CASE_SETTINGS, case, case, settings, exact=True)

    def change_roster(self, lead: str, case: UUID, duties: Duties) -> None:
        """The lead changes what the roster on the screen says, person by person."""
        known = self.shadow.cases.get(case)
        before = known.duties if known else {}
        with self.acting(lead, {case: duties}) as uow:
            roster = uow.vault.trust.roster(case)
            cards = {member.card: roster.duties_of(member.card) for member in roster.roster.members}
            for name in {*before, *duties}:
                if before.get(name) != duties.get(name):
                    card = self.world.person(name).card if name in before else self.card_of(uow, name)
                    cards[card] = duties.get(name, frozenset())
            uow.vault.casework.change_roster(case, roster.digest, cards)
        self.shadow.change(case, dict(duties))

    def rewrap(self, lead: str, case: UUID, limit: int) -> int:
        with self.acting(lead) as uow:
            return uow.vault.casework.rewrap(case, limit)

    def recover(self, lead: str, case: UUID, kind: str) -> None:
        """Two administrators agree, two trustees come with their words; the lead's session combines."""
        receiver, epoch = self.world.person(lead).card, self._epoch(lead, case, kind)
        self._agree(case, kind, receiver)
        for sheet in self.world.cast.founded.trustees[:2]:
            uow = self.world.nobody()
            try:
                which = (case, kind, epoch)
                open_share(uow.tx, uow.installation, uow.audit, uow.clock, which, sheet.words, receiver)
                uow.commit()
            finally:
                uow.end()
        everything = {lead: frozenset(Duty)}
        with self.acting(lead, {case: everything}) as uow:
            uow.vault.recovery.combine((case, kind, epoch))
        if kind == IDENTITY.kind:
            self.shadow.cases[case].remembers_names.add(lead)
            for item in self.shadow.items.values():
                if item.case == case and item.where.kind == kind:
                    item.readers.add(lead)

    def _agree(self, case: UUID, kind: str, receiver: bytes) -> None:
        with self.acting("paul") as uow:
            proposal = uow.vault.proposals.propose(Kind.RECOVERY, case, kind, receiver)
        with self.acting(ADMINISTRATOR) as uow:
            uow.vault.proposals.second(proposal)

    def _epoch(self, lead: str, case: UUID, kind: str) -> int:
        uow = self.world.uow(lead)
        try:
            roster = uow.vault.trust.roster(case).roster
        finally:
            uow.end()
        return roster.identity_epoch if kind == IDENTITY.kind else roster.epoch

    # Statements

    def begin(self, author: str, case: UUID) -> Form:
        uow = self.world.uow(author)
        try:
            form = Form(author, case, uow.vault.submissions.begin(case))
        finally:
            uow.end()
        self.shadow.forms.append(form)
        return form

    def send(self, form: Form, *, file: bool = False) -> UUID:
        """Fill the form in and send it, finished, with its receipt."""
        account, notes, name = (self.shadow.words() for _ in range(3))
        content = f"{self.shadow.words()} ".encode() * 40
        if form in self.shadow.forms:
            self.shadow.forms.remove(form)
        capsule = open_form(self.world.services.installation, form.token, self.world.clock())
        files = []
        if file:
            intake = file_intake(self.world.services.installation.id, form.case, self.world.services.blobs)
            intake.write(content)
            files.append((intake.finish(), {"title": MARK}))
        with self.acting(form.author) as uow:
            submissions = uow.vault.submissions
            sealed = submissions.seal_part(
                capsule, {"account": account}, {"risk": notes}, {"name": name}, files
            )
            submissions.finish(sealed.capsule, sealed)
        for where, said in ((PART, account), (NOTES, notes), (IDENTITY, name)):
            self.shadow.keep(where, form.case, capsule.submission, said.encode(), exact=False)
        self.shadow.statements[capsule.submission] = form.author
        for receipt, _said in files:
            readers = set(self.shadow.cases[form.case].readers("case"))
            self.shadow.files[receipt.asset] = (form.case, content, readers)
        return capsule.submission

    def receipt(self, author: str, statement: UUID) -> int:
        with self.acting(author) as uow:
            return uow.vault.submissions.receipt(statement).position

    def faults(self, name: str, statement: UUID) -> tuple[str, ...]:
        with self.acting(name) as uow:
            return uow.vault.submissions.verify_submission(statement)

    def adopt(self, reader: str, case: UUID) -> list[UUID]:
        with self.acting(reader) as uow:
            return uow.vault.submissions.adopt(case, ALL)

    def adopt_identity(self, custodian: str, case: UUID) -> list[UUID]:
        with self.acting(custodian) as uow:
            return uow.vault.submissions.adopt_identity(case, ALL)

    # Records

    def write(self, name: str, case: UUID, record: UUID, where: Field = TRANSCRIPT) -> None:
        """The next version after the newest that everybody acknowledged."""
        known = self.shadow.items.get((where.path, record))
        content = self.shadow.words().encode()
        with self.acting(name) as uow:
            expected = len(known.contents) if known else 0
            uow.vault.records.seal(where, case, record, content, expected=expected)
        self.shadow.keep(where, case, record, content, exact=True)

    def open(self, name: str, item: Item) -> bytes:
        """What leaves in the answer: after the commit, and with a line in the log."""
        act = OPENING[item.where.path]
        with self.acting(name) as uow:
            note_opening(uow, act, item.case, item.record)
            content = uow.vault.records.open(item.where, item.case, item.record).content
        self.shadow.openings.append((act, name, item.record))
        return content

    def play(self, name: str, asset: UUID) -> bytes:
        case, _content, _readers = self.shadow.files[asset]
        with self.acting(name) as uow:
            note_opening(uow, Act.ASSET_OPENED, case, asset)
            opened = uow.vault.files.open(case, asset)
            try:
                content = b"".join(opened.read(0, opened.length))
            finally:
                opened.close()
        self.shadow.openings.append((Act.ASSET_OPENED, name, asset))
        return content


def prelude(world: World) -> Shadow:
    """Before the adversary comes: two statements, one of them taken over and transcribed; some have looked around."""
    shadow = shadow_of(world)
    honest = Honest(world, shadow)
    case = world.cast.case
    first = honest.send(honest.begin("anahit", case), file=True)
    honest.adopt("lilit", case)
    honest.adopt_identity("anush", case)
    for _version in range(2):
        honest.write("lilit", case, first)
    honest.send(honest.begin("davit", case))
    honest.open("selma", shadow.items[(TRANSCRIPT.path, first)])
    return shadow
