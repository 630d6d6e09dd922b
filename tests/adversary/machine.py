"""The walk: honest work, an administrator with puppets and somebody who writes the database, in any order."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial, wraps
from typing import Any, ClassVar, Final, TypeVar
from uuid import UUID

import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine
from hypothesis.stateful import rule as hypothesis_rule
from sqlalchemy.exc import NoResultFound

from app.audit.verify import Verdict, verify_log
from app.crypto import envelope
from app.crypto.hpke import HpkePrivate
from app.crypto.keys import DerivedKey, derive
from app.domain.duties import READING_DUTIES, Duty
from app.domain.errors import (
    Conflict,
    CryptoError,
    Forbidden,
    Frozen,
    InvalidInput,
    NotFound,
    NotSignedIn,
    Tampered,
)
from app.store.log import entries, heads
from app.vault.fields import CASE_SETTINGS, IDENTITY, PART
from app.vault.proposals import Kind
from tests.adversary.forger import Forger
from tests.adversary.honest import Honest
from tests.adversary.prying import MAY_BE_EMPTY, VERBS, any_item
from tests.adversary.shadow import NOTHING, Box, CaseShadow, Item, Shadow
from tests.adversary.tally import Tally
from tests.adversary.world import ADMINISTRATOR, MARK, World
from tests.adversary.writer import BY_NAME, LOG, TARGETS, Photograph, Refused, Row, Writer, columns_of

DECLARED: Final = (Tampered, Frozen, Forbidden, NotFound, Conflict, InvalidInput)
"""What a person may be told instead of an answer; anything else is a crash."""
TURNS_KEYS: Final = frozenset({"rewrap", "remove_member", "change_duty"})
PATIENCE: Final = 3
"""After so many blows the writer puts everything back, lest a walk end in a heap of rubble."""
PICK: Final = st.integers(0, 999)
OF_PEOPLE: Final = ("forge_account", "forge_book", "forge_card", "forge_introduction", "forge_vouch")
OF_CASES: Final = ("forge_charter", "forge_grant", "forge_intake_key", "forge_regrant", "forge_roster")
OF_RECORDS: Final = ("forge_submitter", "forge_tip", "forge_version")
BAITS: Final = {
    OF_PEOPLE: ("look_twice", "add_anybody"),
    OF_CASES: ("send_waiting", "send_anything", "write_anything", "open_anything"),
    OF_RECORDS: ("open_anything",),
}
"""Which honest work would fall for it."""
READING: Final = tuple(sorted(READING_DUTIES - {Duty.LEAD, Duty.IDENTITY_CUSTODIAN}))
Chosen = TypeVar("Chosen")
BLOBS: Final = {table.name: columns_of(table, sa.LargeBinary) for table in TARGETS}
NUMBERS: Final = {table.name: columns_of(table, sa.BigInteger) for table in TARGETS}


def chosen(options: Sequence[Chosen], pick: int) -> Chosen:
    if not options:
        raise Refused
    return options[pick % len(options)]


def rule(**strategies: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Any]:
    """A rule of the walk; where there is nothing to choose from, the step is passed over."""

    def declare(step: Callable[..., None]) -> Any:
        @wraps(step)
        def taken(self: "Walk", **picks: Any) -> None:
            try:
                step(self, **picks)
            except Refused:
                self.tally.steps += 1
                self.tally.idle[step.__name__] += 1

        declared = hypothesis_rule(**strategies)  # type: ignore[call-overload]  # no rule names a target
        return declared(taken)

    return declare


class Walk(RuleBasedStateMachine):
    """`founding`, `founding_photograph`: what was known, and what stood there, as every walk begins."""

    world: ClassVar[World]
    founding: ClassVar[Shadow]
    founding_photograph: ClassVar[Photograph]
    tally: ClassVar[Tally]

    def __init__(self) -> None:
        super().__init__()
        self.world.begin_again()
        self.shadow = self.founding.copied()
        self.writer = Writer(self.world.services.database)
        self.honest = Honest(self.world, self.shadow, self.may_forget)
        self.forger = Forger(self.world, self.writer)
        self.photograph = self.founding_photograph
        self.blows = 0
        """How often the writer struck since all was put back."""
        self.turned_keys = False
        """Whether keys were renewed or brought over since: what was hidden then is left behind."""
        self.tally.examples += 1

    # Judging

    def may_forget(self) -> bool:
        """Whether somebody's book and the log, which would tell, were put back together."""
        both = self.writer.touches({"trust_books"}) and self.writer.touches(LOG)
        return both or self.writer.scarred

    def attempt(self, name: str, act: Callable[[], Any], *, legal: bool) -> Any:
        """An honest act: it ends well, or in one of the declared families; with nothing tampered, as it must.

        Returns: what the act returned, or None if it was refused.
        """
        self.tally.steps += 1
        clean = self.writer.is_clean
        if not self.writer.changes:
            self.turned_keys = False
        try:
            answer = act()
        except Refused:
            self.tally.idle[name] += 1
            return None
        except (*DECLARED, NotSignedIn) as refusal:
            self.tally.refused[name] += 1
            self.tally.families[type(refusal).__name__] += 1
            if clean and legal:
                raise AssertionError(f"{name} was refused though nothing was tampered with") from refusal
            return None
        self.tally.acted[name] += 1
        self.turned_keys |= name in TURNS_KEYS
        if not legal and clean:
            raise AssertionError(f"{name} succeeded though it must not")
        return answer

    def tamper(self, name: str, act: Callable[[], None]) -> None:
        self.tally.steps += 1
        self.blows += 1
        if self.blows > PATIENCE:
            self.heal()
        try:
            act()
        except (Refused, CryptoError, NoResultFound):
            self.tally.idle[name] += 1
        else:
            self.tally.acted[name] += 1

    # Honest work

    @rule(a=PICK, b=PICK)
    def vouch(self, a: int, b: int) -> None:
        def act() -> bool:
            newcomer = chosen(sorted(self.shadow.unvouched), b)
            return self.honest.vouch(chosen(sorted(self.shadow.vouched), a), newcomer)

        self.attempt("vouch", act, legal=True)

    def charter(self, a: int) -> None:
        lead = chosen(sorted(self.shadow.vouched - self.shadow.interviewers), a)
        administrator = "paul" if a % 2 else ADMINISTRATOR
        self.attempt("charter", lambda: self.honest.charter(administrator, lead), legal=True)

    @rule(a=PICK, b=PICK, c=PICK)
    def begin_case(self, a: int, b: int, c: int) -> None:
        """Its charter, and at once or later its first roster."""
        if not self.shadow.chartered or a % 3 == 0:
            self.charter(a)
        if a % 4:
            self.open_case(a, b, c)

    def open_case(self, a: int, b: int, c: int) -> None:
        def act() -> None:
            case = chosen(list(self.shadow.chartered), a)
            duties = dict([self._somebody(b), self._somebody(c)])
            duties |= {"anush": frozenset({Duty.IDENTITY_CUSTODIAN}), "anahit": frozenset({Duty.INTERVIEWER})}
            self.honest.open_case(self.shadow.chartered[case], case, duties)

        self.attempt("open_case", act, legal=True)

    def _somebody(self, pick: int) -> tuple[str, frozenset[Duty]]:
        name = chosen(sorted(self.shadow.vouched), pick)
        if name in self.shadow.interviewers:
            return name, frozenset({Duty.INTERVIEWER})
        return name, frozenset({chosen(READING, pick // 16)})

    @rule(a=PICK, b=PICK)
    def add_member(self, a: int, b: int) -> None:
        case, lead = self._led(a)
        name, held = self._somebody(b)
        duties = self.shadow.cases[case].duties
        added = {**duties, name: duties.get(name, NOTHING) | held}
        self.attempt("add_member", lambda: self.honest.change_roster(lead, case, added), legal=True)

    @rule(a=PICK, b=PICK)
    def remove_member(self, a: int, b: int) -> None:
        case, lead = self._led(a)
        duties = self.shadow.cases[case].duties
        gone = chosen(sorted(duties), b)
        left = {name: held for name, held in duties.items() if name != gone}
        legal = any(Duty.LEAD in held for held in left.values())
        self.attempt("remove_member", lambda: self.honest.change_roster(lead, case, left), legal=legal)

    @rule(a=PICK, b=PICK, c=PICK)
    def change_duty(self, a: int, b: int, c: int) -> None:
        """Also to lead, and to custodian, whom only a custodian can make."""
        case, lead = self._led(a)
        known = self.shadow.cases[case]
        name = chosen(sorted(known.duties), b)
        held = frozenset({chosen([*READING, Duty.LEAD, Duty.IDENTITY_CUSTODIAN], c)})
        if name in self.shadow.interviewers:
            held = frozenset({Duty.INTERVIEWER})
        duties = {**known.duties, name: held}
        new_custodian = Duty.IDENTITY_CUSTODIAN in held and name not in known.readers(IDENTITY.kind)
        legal = any(Duty.LEAD in each for each in duties.values())
        if new_custodian:  # whether the lead has the identity secret, their grants say
            legal = legal and lead in known.readers(IDENTITY.kind)
            if lead in known.remembers_names or name in known.remembers_names:
                return
        self.attempt("change_duty", lambda: self.honest.change_roster(lead, case, duties), legal=legal)

    def _led(self, pick: int) -> tuple[UUID, str]:
        case = chosen(list(self.shadow.cases), pick)
        return case, chosen(self.shadow.cases[case].leads, pick // 7)

    @rule(a=PICK, b=PICK)
    def usurp(self, a: int, b: int) -> None:
        """Somebody who does not lead changes the roster."""
        case, known = chosen(list(self.shadow.cases.items()), a)
        name = chosen(sorted(self.shadow.vouched - set(known.leads)), b)
        duties = {**known.duties, name: frozenset({Duty.LEAD})}
        self.attempt("usurp", lambda: self.honest.change_roster(name, case, duties), legal=False)

    @rule(a=PICK, few=st.booleans())
    def rewrap(self, a: int, few: bool) -> None:
        case, lead = self._led(a)
        self.attempt("rewrap", lambda: self.honest.rewrap(lead, case, 3 if few else 500), legal=True)

    @rule(a=PICK, names=st.booleans())
    def recover(self, a: int, names: bool) -> None:
        case, lead = self._led(a)
        kind = IDENTITY.kind if names else PART.kind
        self.attempt("recover", lambda: self.honest.recover(lead, case, kind), legal=True)

    @rule(a=PICK, b=PICK)
    def begin_form(self, a: int, b: int) -> None:
        """By a member, or by somebody who is none."""
        case, known = chosen(list(self.shadow.cases.items()), a)
        everybody = sorted(self.shadow.vouched)
        author = chosen(sorted(known.duties), b) if b % 4 else chosen(everybody, b)
        legal = author in known.duties
        self.attempt("begin_form", lambda: self.honest.begin(author, case), legal=legal)

    @rule(a=PICK, file=st.booleans())
    def send_form(self, a: int, file: bool) -> None:
        """Also long after it was begun, whatever happened to the roster meanwhile."""

        def act() -> None:
            form = chosen(self.shadow.forms, a)
            statement = self.honest.send(form, file=file)
            assert self.honest.receipt(form.author, statement)

        self.attempt("send_form", act, legal=True)

    @rule(a=PICK, b=PICK)
    def take_over(self, a: int, b: int) -> None:
        (self.adopt, self.adopt_identity)[b % 2](a, b)

    def adopt(self, a: int, b: int) -> None:
        case, known = chosen(list(self.shadow.cases.items()), a)
        reader = chosen(known.readers(PART.kind), b)
        self.attempt("adopt", lambda: self.honest.adopt(reader, case), legal=True)

    def adopt_identity(self, a: int, b: int) -> None:
        case, known = chosen(list(self.shadow.cases.items()), a)
        custodian = chosen(known.readers(IDENTITY.kind), b)
        self.attempt("adopt_identity", lambda: self.honest.adopt_identity(custodian, case), legal=True)

    def _aimed(self, pick: int) -> tuple[UUID, CaseShadow]:
        """Mostly the case that the forger has just aimed at."""
        case = self.forger.aimed
        if case is not None and case in self.shadow.cases and pick % 4:
            return case, self.shadow.cases[case]
        return chosen(list(self.shadow.cases.items()), pick // 4)

    def write_anything(self, pick: int) -> None:
        case, known = self._aimed(pick)
        readers = known.readers(PART.kind)
        victims = [name for name in readers if self.world.person(name).card == self.forger.victim]
        name = chosen(victims if victims and pick % 5 else readers, pick // 5)
        self.attempt("write_settings", lambda: self.honest.write(name, case, case, CASE_SETTINGS), legal=True)

    def send_anything(self, pick: int) -> None:
        case, known = self._aimed(pick)
        author = chosen(sorted(known.duties), pick // 5)
        self.attempt("begin_form", lambda: self.honest.begin(author, case), legal=True)
        self.attempt("send_form", lambda: self.honest.send(chosen(self.shadow.forms, -1)), legal=True)

    def look_twice(self, pick: int) -> None:
        """Two people look at both puppets."""
        for number in range(4):
            self.look_at_a_puppet(pick + number // 2, number)

    def send_waiting(self, _pick: int) -> None:
        """A form that was given out before."""
        forms = [form for form in self.shadow.forms if form.case == self.forger.aimed] or self.shadow.forms
        self.attempt("send_form", lambda: self.honest.send(chosen(forms, -1)), legal=True)

    def add_anybody(self, pick: int) -> None:
        case, lead = self._led(pick // 4)
        duties = self.shadow.cases[case].duties
        others = sorted(self.shadow.vouched - set(duties))
        victims = [name for name in others if self.world.person(name).card == self.forger.victim]
        name = chosen(victims or others, pick // 5)
        added = {**duties, name: frozenset({Duty.READER})}
        self.attempt("add_member", lambda: self.honest.change_roster(lead, case, added), legal=True)

    def open_anything(self, pick: int) -> None:
        items = list(self.shadow.items.values())
        item = chosen([item for item in items if item.record == self.forger.record] or items, pick // 4)
        name = chosen(self.shadow.cases[item.case].readers(item.where.kind), pick // 5)
        self._open(name, item, "open_item")

    @rule(a=PICK, b=PICK)
    def write_transcript(self, a: int, b: int) -> None:
        def act() -> None:
            statement = chosen(list(self.shadow.statements), a)
            case = self.shadow.items[(PART.path, statement)].case
            name = chosen(self.shadow.cases[case].readers(PART.kind), b)
            self.honest.write(name, case, statement)

        self.attempt("write_transcript", act, legal=True)

    @rule(a=PICK, b=PICK)
    def open_item(self, a: int, b: int) -> None:
        item = any_item(self.shadow, a)
        known = self.shadow.cases[item.case]
        name = chosen(known.readers(item.where.kind), b)
        self._open(name, item, "open_item")

    @rule(a=PICK, b=PICK)
    def open_item_of_others(self, a: int, b: int) -> None:
        """Honest and curious: a colleague who has no duty for it."""
        item = any_item(self.shadow, a)
        known = self.shadow.cases[item.case]
        everybody = sorted(self.shadow.vouched)
        others = [name for name in everybody if not known.may_open(name, item.where.kind)]
        self._open(chosen(others, b), item, "open_item_of_others", legal=False)

    def _open(self, name: str, item: Item, rule_name: str, *, legal: bool = True) -> None:
        content = self.attempt(rule_name, lambda: self.honest.open(name, item), legal=legal)
        if content is not None:
            self.judge(name, item, content)

    def judge(self, name: str, item: Item, content: bytes) -> None:
        """Exactly the newest genuine words, to somebody who may know them; older ones only where the log tells of it."""
        self.tally.checks["content"] += 1
        if not (
            self.writer.touches({"rosters"}) and self.writer.touches(LOG)
        ):  # else the log, once walked, tells
            assert name in item.readers, f"{name} opened what was never theirs to open"
        if not self.writer.scarred and not self.writer.touches({"rosters", "trust_books"}):
            may = self.shadow.cases[item.case].may_open(name, item.where.kind)
            assert may, f"{name} opened what is not theirs any more"
        assert not self.is_put_back(), "something opened in a database that was put back in time"
        version = item.version_of(content)
        assert version, f"{item.where.path} opened as words that were never said there"
        if version < len(item.contents):
            self.tally.checks["stale, and the log is broken"] += 1
            assert self.verdict().broken is not None, (
                f"{item.where.path} opened stale, and the log says nothing"
            )

    @rule(a=PICK, b=PICK)
    def play_file(self, a: int, b: int) -> None:
        def act() -> None:
            asset = chosen(list(self.shadow.files), a)
            case, content, readers = self.shadow.files[asset]
            name = chosen(self.shadow.cases[case].readers(PART.kind), b)
            played = self.honest.play(name, asset)
            assert played == content
            assert name in readers

        self.attempt("play_file", act, legal=True)

    @rule(a=PICK, b=PICK)
    def check_submission(self, a: int, b: int) -> None:
        def act() -> None:
            statement = chosen(list(self.shadow.statements), a)
            case = self.shadow.items[(PART.path, statement)].case
            name = chosen(self.shadow.cases[case].readers(PART.kind), b)
            faults = self.honest.faults(name, statement)
            assert not faults or not self.writer.is_clean

        self.attempt("check_submission", act, legal=True)

    @rule(a=PICK, b=PICK)
    def meanwhile(self, a: int, b: int) -> None:
        """What needs no rule of its own, two at a time: sessions begin and end, the log is walked, a photograph is taken."""
        acts = (self.sign_in, self.audit, self.take_photograph, self.sign_out)
        for number in (a, a + 1):
            acts[number % len(acts)](b)

    def sign_in(self, pick: int) -> None:
        name = chosen(sorted(self.shadow.vouched), pick)
        self.attempt("sign_in", lambda: self.world.sign_in(name), legal=True)

    def sign_out(self, pick: int) -> None:
        name = chosen(sorted(self.world.cookies), pick)
        self.attempt("sign_out", lambda: self.world.sign_out(name), legal=True)

    # The administrator and the puppets

    @rule(a=PICK, b=PICK, c=PICK)
    def pry(self, a: int, b: int, c: int) -> None:
        """Every verb there is, by the administrator or a puppet: nothing comes back, ever."""
        name, verbs = chosen([ADMINISTRATOR, *self.world.puppets], a), list(VERBS)
        for number in range(b, b + 4):
            self._pry(name, verbs[number % len(verbs)], any_item(self.shadow, c))

    def _pry(self, name: str, verb: str, item: Item) -> None:
        self.tally.steps += 1
        uow = self.world.uow(name)
        try:
            evidence = VERBS[verb](uow, self.shadow, item, self.world.person(name).card)
        except DECLARED as refusal:
            self.tally.refused[f"pry:{verb}"] += 1
            self.tally.families[type(refusal).__name__] += 1
        else:
            assert verb in MAY_BE_EMPTY, f"{name} got something by {verb}"
            assert not evidence, f"{name} got something by {verb}"
            self.tally.idle[f"pry:{verb}"] += 1
        finally:
            uow.end()

    @rule(kind=st.integers(0, 5), a=PICK, b=PICK)
    def scheme(self, kind: int, a: int, b: int) -> None:
        """What the administrator and the puppets can bring about by the verbs they have: two of them."""
        schemes = (
            self.charter_a_puppet,
            self.agree_with_oneself,
            self.administrator_vouches,
            self.puppet_vouches,
            self.shut_out,
            self.look_at_a_puppet,
        )
        for number in (kind, kind + 1 + b % 5):
            schemes[number % len(schemes)](a, b)

    def charter_a_puppet(self, a: int, b: int) -> None:
        """The administrator makes a puppet the lead of a case."""
        puppet = chosen(list(self.world.puppets.values()), a)
        self._wicked(
            "charter_a_puppet",
            ADMINISTRATOR,
            lambda uow: uow.vault.casework.charter(UUID(int=b + 1), f"Puppet-{b}", puppet.card),
        )

    def agree_with_oneself(self, a: int, b: int) -> None:
        """The administrator proposes that a puppet recovers a case, and agrees."""
        puppet, item = chosen(list(self.world.puppets.values()), a), any_item(self.shadow, b)

        def act(uow: Any) -> None:
            receiver = self.world.person(ADMINISTRATOR).card if a % 2 else puppet.card
            proposal = uow.vault.proposals.propose(Kind.RECOVERY, item.case, item.where.kind, receiver)
            uow.commit()
            uow.vault.proposals.second(proposal)

        self._wicked("agree_with_oneself", ADMINISTRATOR, act)

    def administrator_vouches(self, a: int, _b: int) -> None:
        puppet = chosen(list(self.world.puppets.values()), a)
        self._wicked(
            "administrator_vouches",
            ADMINISTRATOR,
            lambda uow: uow.vault.vouching.vouch(puppet.card, "face-to-face"),
        )

    def _wicked(self, name: str, who: str, act: Callable[[Any], Any]) -> None:
        self.tally.steps += 1
        uow = self.world.uow(who)
        try:
            act(uow)
            uow.commit()
        except DECLARED as refusal:
            self.tally.refused[name] += 1
            self.tally.families[type(refusal).__name__] += 1
        else:
            raise AssertionError(f"{name} succeeded")
        finally:
            uow.end()

    def puppet_vouches(self, a: int, b: int) -> None:
        """With a book of their own making they can write such a row; it counts for nothing."""
        names = list(self.world.puppets)
        other = self.world.puppets[chosen(names, b)]
        self.tally.steps += 1
        uow = self.world.uow(chosen(names, a))
        try:
            uow.vault.vouching.vouch(other.card, "call")
            uow.commit()
        except DECLARED as refusal:
            self.tally.refused["puppet_vouches"] += 1
            self.tally.families[type(refusal).__name__] += 1
        else:
            self.tally.acted["puppet_vouches"] += 1
        finally:
            uow.end()

    def shut_out(self, a: int, shut: int) -> None:
        """The administrator closes an account, or opens it again; who is in a case stays in its roster."""
        person = self.world.person(chosen(sorted(self.shadow.vouched), a)).person
        self.tally.steps += 1
        uow = self.world.uow(ADMINISTRATOR)
        try:
            uow.vault.people.shut_out(person, self.world.person(ADMINISTRATOR).person, shut=bool(shut % 2))
            uow.commit()
        except DECLARED as refusal:
            self.tally.refused["shut_out"] += 1
            self.tally.families[type(refusal).__name__] += 1
        else:
            self.tally.acted["shut_out"] += 1
        finally:
            uow.end()

    def look_at_a_puppet(self, a: int, b: int) -> None:
        """No honest session ever takes one for somebody who was vouched for."""

        def act() -> None:
            puppet = chosen(list(self.world.puppets.values()), b)
            name = chosen(sorted(self.shadow.vouched), a)
            assert not self.honest.looks_vouched(name, puppet), "a puppet counts as vouched for"

        self.attempt("look_at_a_puppet", act, legal=True)

    # The database's writer

    @rule(kind=st.integers(0, 4), a=PICK, b=PICK, c=PICK, d=PICK)
    def damage(self, kind: int, a: int, b: int, c: int, d: int) -> None:
        (self.flip, self.cut_short, self.swap, self.transplant, self.renumber)[kind](a, b, c, d)

    def flip(self, a: int, b: int, c: int, d: int) -> None:
        def act() -> None:
            table = chosen(TARGETS, a)
            row = chosen(self.writer.rows(table), b)
            column = chosen([name for name in BLOBS[table.name] if row[name]], c)
            value = bytearray(row[column])
            value[d * 7919 % len(value)] ^= 1 << d % 8
            self.writer.put(table, (row, {**row, column: bytes(value)}))

        self.tamper("flip", act)

    def cut_short(self, a: int, b: int, c: int, d: int) -> None:
        def act() -> None:
            table = chosen(TARGETS, a)
            row = chosen(self.writer.rows(table), b)
            column = chosen([name for name in BLOBS[table.name] if row[name]], c)
            value = row[column]
            shorter = (value[: d % len(value)], value + bytes(d % 3), b"")[d % 3]
            self.writer.put(table, (row, {**row, column: shorter}))

        self.tamper("cut_short", act)

    def swap(self, a: int, b: int, c: int, d: int) -> None:
        """A value of one row into another, both ways or one."""

        def act() -> None:
            table = chosen(TARGETS, a)
            rows = self.writer.rows(table)
            one, other = chosen(rows, b), chosen(rows, c)
            column = chosen([col.name for col in table.columns if not col.primary_key], d)
            pairs: list[tuple[Row | None, Row | None]] = [(one, {**one, column: other[column]})]
            if d % 2:
                pairs.append((other, {**other, column: one[column]}))
            self.writer.put(table, *pairs)

        self.tamper("swap", act)

    def transplant(self, a: int, b: int, c: int, _d: int) -> None:
        """Everything but its name: one row's contents under another row's key."""

        def act() -> None:
            table = chosen(TARGETS, a)
            rows = self.writer.rows(table)
            one, other = chosen(rows, b), chosen(rows, c)
            key = {col.name: one[col.name] for col in table.primary_key}
            self.writer.put(table, (one, {**other, **key}))

        self.tamper("transplant", act)

    def renumber(self, a: int, b: int, c: int, d: int) -> None:
        def act() -> None:
            table = chosen([table for table in TARGETS if NUMBERS[table.name]], a)
            row = chosen(self.writer.rows(table), b)
            column = chosen([name for name in NUMBERS[table.name] if row[name] is not None], c)
            value = (row[column] + 1, row[column] - 1, 0, row[column] + 1000)[d % 4]
            self.writer.put(table, (row, {**row, column: value}))

        self.tamper("renumber", act)

    @rule(a=PICK, b=PICK, several=st.booleans())
    def delete(self, a: int, b: int, several: bool) -> None:
        def act() -> None:
            table = chosen(TARGETS, a)
            rows = self.writer.rows(table)
            first = b % len(rows) if rows else 0
            gone = rows[first:] if several else rows[first : first + 1]
            self.writer.put(table, *((row, None) for row in gone))

        self.tamper("delete", act)

    def take_photograph(self, _pick: int) -> None:
        """What stands there now is put back later."""
        self.tally.steps += 1
        self.photograph = self.writer.photograph()
        self.tally.acted["take_photograph"] += 1

    @rule(a=PICK, b=PICK)
    def replay_row(self, a: int, b: int) -> None:
        def act() -> None:
            for number in range(len(TARGETS)):
                table = TARGETS[(a + number) % len(TARGETS)]
                standing = self.writer.rows(table)
                gone = [row for row in self.photograph[table.name] if row not in standing]
                if gone:
                    return self.writer.put(table, (None, chosen(gone, b)))
            raise Refused

        self.tamper("replay_row", act)

    @rule(tables=st.lists(st.integers(0, len(TARGETS) - 1), min_size=1, max_size=6, unique=True))
    def roll_back(self, tables: list[int]) -> None:
        """Whole tables as they were."""
        self.tamper("roll_back", lambda: self._roll_back([TARGETS[index].name for index in tables]))

    @rule(books=st.booleans(), log=st.booleans())
    def roll_back_everything(self, books: bool, log: bool) -> None:
        names = {table.name for table in TARGETS}
        names -= set() if books else {"trust_books"}
        names -= set() if log else LOG
        self.tamper("roll_back_everything", lambda: self._roll_back(sorted(names)))

    def _roll_back(self, names: Sequence[str]) -> None:
        wanted: list[tuple[sa.Table, Row | None, Row | None]] = []
        for name in names:
            table = BY_NAME[name]
            wanted += [(table, row, None) for row in self.writer.rows(table)]
            wanted += [(table, None, row) for row in self.photograph[name]]
        self.writer.put_all(wanted)

    @rule(a=PICK)
    def rewind_record(self, a: int) -> None:
        """A record's newest version, its tip and its lines in the log, as if it had never been written."""

        def act() -> None:
            item = chosen([item for item in self.shadow.items.values() if len(item.contents) > 1], a)
            tips, versions = BY_NAME["tips"], BY_NAME["versions"]
            of = (item.record, item.where.path)
            tip = chosen([row for row in self.writer.rows(tips) if (row["record"], row["field"]) == of], 0)
            earlier = (row for row in self.photograph["tips"] if (row["record"], row["field"]) == of)
            older = chosen([row for row in earlier if row != tip], 0)
            wanted: list[tuple[sa.Table, Row | None, Row | None]] = [(tips, tip, older)]
            wanted += [
                (versions, row, None)
                for row in self.writer.rows(versions)
                if (row["record"], row["field"]) == of and row["version"] > older["version"]
            ]
            if a % 2:
                wanted += [
                    (entries, row, None)
                    for row in self.writer.rows(entries)
                    if (row["record"], row["field"]) == of and row["sequence"] > older["sequence"]
                ]
            self.writer.put_all(wanted)

        self.tamper("rewind_record", act)

    @rule(kind=st.integers(0, 3), a=PICK, bait=PICK)
    def rewind_case(self, kind: int, a: int, bait: int) -> None:
        """Who was removed is put back: their grants, the roster before, the keys of that time, everybody's memory of it."""

        def act() -> None:
            numbered = [row for row in self.writer.rows(BY_NAME["rosters"]) if row["number"] > 1]
            newest = chosen(numbered, a)
            case = self.forger.aimed = newest["case"]
            wanted: list[tuple[sa.Table, Row | None, Row | None]] = []
            if kind:
                wanted += [
                    (BY_NAME["rosters"], row, None)
                    for row in numbered
                    if row["case"] == case and row["number"] >= newest["number"]
                ]
            for name in ("grants", "memberships", "record_keys", "intake_keys")[: 4 if kind > 1 else 2]:
                earlier = (row for row in self.photograph[name] if row["case"] == case)
                wanted += [(BY_NAME[name], None, row) for row in earlier]
            if kind > 2:
                wanted += [(BY_NAME["trust_books"], None, row) for row in self.photograph["trust_books"]]
            self.writer.put_all(wanted)

        self.tamper("rewind_case", act)
        for step in (bait, bait // 7, bait // 31):
            with suppress(Refused):
                self._go_on(step)
        for after in (self._lead_goes_on, self._come_back):
            with suppress(Refused):
                after(bait)

    def _lead_goes_on(self, pick: int) -> None:
        """Who signed the newest roster knows it."""
        case, known = self._aimed(pick * 4 + 1)
        name = chosen(known.leads, pick)
        self.attempt("write_settings", lambda: self.honest.write(name, case, case, CASE_SETTINGS), legal=True)

    def _come_back(self, pick: int) -> None:
        """Somebody who was removed tries once more."""
        case, known = self._aimed(pick)
        item = chosen([item for item in self.shadow.items.values() if item.case == case], pick // 3)
        gone = sorted(item.readers - set(known.readers(item.where.kind)) - known.remembers_names)
        self._open(chosen(gone, pick // 5), item, "open_item_of_others", legal=False)

    @rule(a=PICK, b=PICK, bait=PICK)
    def forge_people(self, a: int, b: int, bait: int) -> None:
        self._forge(OF_PEOPLE, a, b, bait)

    @rule(a=PICK, b=PICK, bait=PICK)
    def forge_cases(self, a: int, b: int, bait: int) -> None:
        self._forge(OF_CASES, a, b, bait)

    @rule(a=PICK, b=PICK, bait=PICK)
    def forge_records(self, a: int, b: int, bait: int) -> None:
        self._forge(OF_RECORDS, a, b, bait)

    def _forge(self, methods: tuple[str, ...], a: int, b: int, bait: int) -> None:
        """Two things; and at once some honest people go on working: do they fall for it?"""
        if methods is OF_CASES:
            for number in range(len(self.shadow.cases)):
                self.begin_form(a=number, b=b)
        forgeries = self.forger.methods()
        for method in dict.fromkeys((chosen(methods, a + bait), chosen(methods, b // 7 + bait))):
            self.tamper(method, partial(forgeries[method], a, b))
        for act in BAITS[methods]:
            with suppress(Refused):
                getattr(self, act)(bait)
        with suppress(Refused):
            self._go_on(bait // 7)

    def _go_on(self, pick: int) -> None:
        acts = (
            self.write_anything,
            self.send_anything,
            self.add_anybody,
            self.open_anything,
            self.look_twice,
        )
        acts[pick % len(acts)](pick // 5)

    @rule()
    def put_back(self) -> None:
        if self.writer.changes:
            self.tally.steps += 1
            self.heal()
            self.tally.acted["put_back"] += 1

    def heal(self) -> None:
        """What the writer did is undone: nothing that was acknowledged is lost."""
        tampered, self.blows = bool(self.writer.changes), 0
        self.writer.put_back()
        self.writer.scarred |= tampered and self.turned_keys
        self.turned_keys = False

    # What must hold

    def audit(self, _pick: int = 0) -> None:
        """The log is whole where nobody touched it; where somebody did, it shows."""
        self.tally.steps += 1
        verdict = self.verdict()
        if self.writer.touches(LOG):
            self.tally.checks["a touched log shows"] += 1
            assert verdict.broken is not None, "the log was touched and nothing shows"
        elif not self.writer.scarred:
            self.tally.checks["an untouched log is whole"] += 1
            assert verdict.broken is None, verdict
        self.tally.acted["audit"] += 1

    def is_put_back(self) -> bool:
        """Whether the database's head is behind the one that this server has seen."""
        known = self.world.services.head_file.read()
        head = self.writer.rows(BY_NAME[heads.name])
        return (
            not head or known is None or (head[0]["era"], head[0]["sequence"]) < (known.era, known.sequence)
        )

    def verdict(self) -> Verdict:
        services = self.world.services
        tx = services.database.transaction()
        try:
            return verify_log(tx, services.installation.log_keys, services.head_file.read())
        finally:
            tx.release()

    def everything_opens(self) -> None:
        """Every acknowledged word, for everybody who may read it now."""
        self.tally.checks["everything acknowledged opens"] += 1
        by_reader: dict[str, list[Item]] = {}
        for item in self.shadow.items.values():
            readers = self.shadow.cases[item.case].readers(item.where.kind)
            if readers:
                by_reader.setdefault(readers[-1], []).append(item)
        for name, items in by_reader.items():
            self.world.cookies.pop(name, None)
            uow = self.world.uow(name)
            try:
                for item in items:
                    content = uow.vault.records.open(item.where, item.case, item.record).content
                    assert item.version_of(content) == len(item.contents), item.where.path
            finally:
                uow.end()

    def everything_opens_or_says_why(self) -> None:
        """After honest work on what a writer had left: exactly what was said, or a loud refusal."""
        self.tally.checks["acknowledged words open or are refused loudly"] += 1
        for item in self.shadow.items.values():
            for name in self.shadow.cases[item.case].readers(item.where.kind)[-1:]:
                self.world.cookies.pop(name, None)
                uow = self.world.uow(name)
                try:
                    content = uow.vault.records.open(item.where, item.case, item.record).content
                    self.judge(name, item, content)
                except DECLARED as refusal:
                    self.tally.families[type(refusal).__name__] += 1
                finally:
                    uow.end()

    def openings_are_on_record(self) -> None:
        """Nothing left without its line."""
        lines = {(row["act"], row["person"], row["record"]) for row in self.writer.rows(entries)}
        for act, name, record in self.shadow.openings:
            self.tally.checks["an opening has its line"] += 1
            assert (act.value, self.world.person(name).person, record) in lines, act

    def no_word_lies_open(self) -> None:
        self.tally.checks["no word lies open"] += 1
        assert MARK.encode() not in self.world.pristine.raw(), "a word lies open in the database"

    def the_adversary_opens_no_box(self) -> None:
        """Nothing that an honest session sealed in this walk opens to a key that the adversary has."""
        keys = [HpkePrivate(owner.seeds.hpke) for owner in self.forger.own]
        keys.append(HpkePrivate(self.forger.intake))
        wrap = derive(self.forger.secret, "wrap")
        for box in self.shadow.boxes[len(self.founding.boxes) :]:
            self.tally.checks["a box stays shut"] += 1
            assert not self._opened(keys, wrap, box), "the adversary opened what an honest session sealed"

    def _opened(self, keys: Sequence[HpkePrivate], wrap: DerivedKey, box: Box) -> bool:
        installation = self.world.services.installation.id
        if not box.recipient:
            return _succeeds(lambda: envelope.open_(wrap, box.context, installation, box.sealed, floor=0))
        return any(
            _succeeds(lambda: key.open_box(box.recipient, box.context, installation, box.sealed))  # noqa: B023  # called at once
            for key in keys
        )

    def teardown(self) -> None:
        self.world.cookies.clear()
        self.no_word_lies_open()
        self.heal()
        if self.writer.is_clean:
            self.everything_opens()
            self.openings_are_on_record()
            self.audit()
        else:
            self.tally.scarred += 1
            self.everything_opens_or_says_why()
        self.the_adversary_opens_no_box()


def _succeeds(open_it: Callable[[], bytes]) -> bool:
    try:
        open_it()
    except CryptoError:
        return False
    return True
