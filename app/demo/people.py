"""Founds the demonstration's installation and brings its invented people in, by the product's own acts."""

import datetime as dt
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Final
from uuid import UUID

from app.audit.headfile import HeadFile
from app.config import Config
from app.crypto.lock import Argon2Cost
from app.crypto.words import propose_password
from app.demo.content import DemoContent, Person
from app.domain.duties import Duty, Role
from app.domain.ids import new_id
from app.services import Services, now
from app.store.blobs import BlobStore
from app.store.database import Database
from app.store.migrate import upgrade_main, upgrade_sessions
from app.unit_of_work import UnitOfWork
from app.vault.founding import Founded, Founder, Founding
from app.vault.identity import Holder
from app.vault.people import NewPerson
from app.vault.sessions import SessionStore

FACTOR_BYTES: Final = 20
TRUSTEES: Final = 3
THRESHOLD: Final = 2
SIGN_INS: Final = "demo-sign-ins.json"


@dataclass(frozen=True)
class SignIn:
    """What `make demo` prints of a person; random at each seeding."""

    name: str
    words: str
    what: str


@dataclass
class Calendar:
    """The clock of the filling: it moves through the months of the stories, and never past the real one."""

    at: int = 0

    def __call__(self) -> int:
        """Seconds since 1970; a few later at each look."""
        self.at = min(self.at + 7, now())
        return self.at

    def move_to(self, day: dt.date, hour: int = 9) -> None:
        """Never backwards."""
        moment = dt.datetime(day.year, day.month, day.day, hour, tzinfo=dt.UTC)
        self.at = max(self.at, min(int(moment.timestamp()), now()))


@dataclass
class Troupe:
    """The people of the demonstration with their keys, while it is being filled."""

    services: Services
    calendar: Calendar
    people: dict[str, NewPerson] = field(default_factory=dict)
    sign_ins: list[SignIn] = field(default_factory=list)
    cases: dict[str, UUID] = field(default_factory=dict)

    @contextmanager
    def acting(self, name: str) -> Iterator[UnitOfWork]:
        """A unit of work in somebody's name, committed at the end."""
        person = self.people[name]
        holder = Holder(person.person, person.card, person.seeds, secrets.token_bytes(8))
        uow = self.services.unit_of_work(holder=holder)
        try:
            yield uow
            uow.commit()
        finally:
            uow.end()


def found(config: Config, content: DemoContent) -> Troupe:
    """Migrate, hold the founding ceremony, add everybody and let them vouch."""
    config.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    database, sessions = Database(config.database_url), Database(config.sessions_url, durable=False)
    upgrade_main(database)
    upgrade_sessions(sessions)
    calendar = Calendar()
    calendar.move_to(min(case.opened_on for case in content.cases) - dt.timedelta(days=2))
    founders = [person for person in content.people if person.vouched_by == "anchor" and _roles(person)]
    accounts = [
        Founder(each.sign_in, each.name, _roles(each), propose_password(), _factor()) for each in founders
    ]
    founded = Founding(
        database,
        SessionStore(sessions, new_id(), calendar),
        BlobStore(config.data_dir / "blobs"),
        config.root_key_file,
        HeadFile(config.head_file),
        calendar,
        Argon2Cost(*config.argon2),
        demo=True,
    ).found(accounts, TRUSTEES, THRESHOLD)
    database.close()
    sessions.close()
    troupe = Troupe(Services.start(config, calendar), calendar)
    for person, account, keys in zip(founders, accounts, founded.founders, strict=True):
        _enter(troupe, person, keys, account.password)
    for person in content.people:
        if _roles(person) and person.vouched_by != "anchor":
            _bring_in(troupe, person)
    _list_trustees(troupe, content, founded)
    return troupe


def _bring_in(troupe: Troupe, person: Person) -> None:
    words = propose_password()
    uow = troupe.services.unit_of_work()
    keys = uow.vault.people.add(person.sign_in, person.name, _roles(person), words, _factor())
    uow.commit()
    _enter(troupe, person, keys, words)
    with troupe.acting(person.vouched_by) as vouching:
        vouching.vault.vouching.vouch(keys.card, "face-to-face")


def _enter(troupe: Troupe, person: Person, keys: NewPerson, words: str) -> None:
    troupe.people[person.sign_in] = keys
    duties = sorted({duty for held in person.duties.values() for duty in held})
    troupe.sign_ins.append(
        SignIn(person.sign_in, words, ", ".join(duties) or ", ".join(sorted(person.roles)))
    )


def _list_trustees(troupe: Troupe, content: DemoContent, founded: Founded) -> None:
    trustees = [person for person in content.people if "trustee" in person.roles]
    for person, sheet in zip(trustees, founded.trustees, strict=True):
        troupe.sign_ins.append(SignIn(person.sign_in, sheet.words, "trustee: words on paper, no account"))


def open_cases(troupe: Troupe, content: DemoContent) -> None:
    """Each case chartered by the first administrator, opened by its lead; then the publishers get the release key."""
    administrator = next(person.sign_in for person in content.people if "administrator" in person.roles)
    for case in sorted(content.cases, key=lambda each: each.opened_on):
        held = duties_on(content, case.code)
        lead = next(name for name, duties in held.items() if Duty.LEAD in duties)
        case_id = troupe.cases[case.code] = new_id()
        troupe.calendar.move_to(case.opened_on)
        with troupe.acting(administrator) as uow:
            uow.vault.casework.charter(case_id, case.code, troupe.people[lead].card)
        with troupe.acting(lead) as uow:
            uow.vault.casework.open_case(
                case_id, {troupe.people[name].card: each for name, each in held.items()}
            )
    with troupe.acting(_founding_reviewer(content)) as uow:
        uow.vault.casework.change_publishers(
            {troupe.people[name].card: duties for name, duties in _publishers(content).items()}
        )


def _publishers(content: DemoContent) -> dict[str, frozenset[Duty]]:
    publishing = {
        person.sign_in: frozenset({Duty.PUBLISHER})
        for person in content.people
        if any("publisher" in duties for duties in person.duties.values())
    }
    return {**publishing, _founding_reviewer(content): frozenset({Duty.LEAD, Duty.PUBLISHER})}


def _founding_reviewer(content: DemoContent) -> str:
    return next(
        person.sign_in
        for person in content.people
        if person.vouched_by == "anchor" and "reviewer" in person.roles
    )


def duties_on(content: DemoContent, code: str) -> dict[str, frozenset[Duty]]:
    """Sign-in name -> duties on one case, for everybody who has one."""
    return {
        person.sign_in: frozenset(Duty(duty.replace(" ", "-")) for duty in person.duties[code])
        for person in content.people
        if person.duties.get(code)
    }


def write_sign_ins(config: Config, sign_ins: list[SignIn]) -> None:
    """Kept beside a demo's data, readable by its owner alone, so that a second run can print them again."""
    path = config.data_dir / SIGN_INS
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump([asdict(each) for each in sign_ins], file)


def has_sign_ins(config: Config) -> bool:
    """Whether the demonstration was filled to the end: this file is written last."""
    return (config.data_dir / SIGN_INS).exists()


def read_sign_ins(config: Config) -> list[SignIn]:
    return [SignIn(**each) for each in json.loads((config.data_dir / SIGN_INS).read_text("utf-8"))]


def _roles(person: Person) -> frozenset[Role]:
    return frozenset(Role(role) for role in person.roles if role != "trustee")


def _factor() -> bytes:
    return secrets.token_bytes(FACTOR_BYTES)
