"""A small cast with names, used everywhere: founded, added, vouched and put on cases by the product's own acts."""

import atexit
import base64
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from uuid import UUID

import pyotp
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.test import TestResponse

from app.audit.headfile import HeadFile
from app.config import ARGON2_CHEAP, Config
from app.crypto.lock import Argon2Cost
from app.domain.duties import Duty, Role
from app.domain.ids import new_id
from app.factory import create_app
from app.services import Services
from app.store.blobs import BlobStore
from app.store.database import Database
from app.store.migrate import upgrade_main, upgrade_sessions
from app.unit_of_work import UnitOfWork
from app.vault.fields import CASE_SETTINGS
from app.vault.founding import Founded, Founder, Founding
from app.vault.identity import Holder
from app.vault.people import NewPerson
from app.vault.proposals import Kind
from app.vault.sessions import SessionStore

FACTOR = b"second factor seed x"

REVIEWER = frozenset({Role.REVIEWER})
INTERVIEWER = frozenset({Role.INTERVIEWER})
ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})

PEOPLE: dict[str, tuple[str, frozenset[Role], str]] = {
    # sign-in name: (shown name, roles, voucher)
    "helga": ("Helga Rund", ADMINISTRATOR, "anchor"),
    "paul": ("Paul Adeyo", ADMINISTRATOR, "anchor"),
    "ruben": ("Ruben Oskan", REVIEWER, "anchor"),
    "anush": ("Anush Berdents", REVIEWER, "ruben"),
    "lilit": ("Lilit Ashkhar", REVIEWER, "ruben"),
    "selma": ("Selma Idrane", REVIEWER, "lilit"),
    "irina": ("Irina Veslova", REVIEWER, "ruben"),
    "nadim": ("Nadim Karaz", REVIEWER, "anush"),
    "mark": ("Mark Tolland", REVIEWER, "anush"),
    "anahit": ("Anahit Veluni", INTERVIEWER, "ruben"),
    "davit": ("Davit Orlends", INTERVIEWER, "lilit"),
    "stranger": ("Sona Hale", REVIEWER, "ruben"),  # leads another case, is on none of the others
    "nobody": ("Nil Tander", REVIEWER, ""),  # nobody has vouched for
}
FOUNDERS = ("helga", "paul", "ruben")

LINDEN: dict[str, frozenset[Duty]] = {
    "ruben": frozenset({Duty.LEAD}),
    "anush": frozenset({Duty.IDENTITY_CUSTODIAN}),
    "lilit": frozenset({Duty.TRANSCRIBER, Duty.REDACTOR}),
    "selma": frozenset({Duty.TRANSLATOR}),
    "irina": frozenset({Duty.EDITORIAL_APPROVER}),
    "nadim": frozenset({Duty.PROTECTION_APPROVER}),
    "mark": frozenset({Duty.PUBLISHER}),
    "anahit": frozenset({Duty.INTERVIEWER}),
    "davit": frozenset({Duty.INTERVIEWER}),
}


@dataclass
class Clock:
    """Real time, that a test can move on."""

    ahead: int = 0

    def __call__(self) -> int:
        return int(time.time()) + self.ahead


class _Compiled(BytecodeCache):
    """Templates, compiled once in a process for all of its applications."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


COMPILED = _Compiled()


@dataclass
class Cast:
    """`people`: sign-in name -> keys. `case`: Linden-4, with everybody on it; `other_case`: the stranger's own."""

    services: Services
    founded: Founded
    clock: Clock
    people: dict[str, NewPerson] = field(default_factory=dict)
    case: UUID = field(default_factory=new_id)
    other_case: UUID = field(default_factory=new_id)
    _app: Flask | None = None
    _codes: dict[str, int] = field(default_factory=dict)

    def password(self, name: str) -> str:
        return f"seven plain words for {name} alone"

    def holder(self, name: str) -> Holder:
        person = self.people[name]
        return Holder(person.person, person.card, person.seeds, b"testcast")

    def uow(self, name: str | None = None) -> UnitOfWork:
        """A unit of work in somebody's name; commit or end it."""
        return self.services.unit_of_work(holder=self.holder(name) if name else None)

    @contextmanager
    def acting(self, name: str) -> Iterator[UnitOfWork]:
        """A unit of work that commits if the block ends well."""
        uow = self.uow(name)
        try:
            yield uow
            uow.commit()
        finally:
            uow.end()

    @property
    def app(self) -> Flask:
        if self._app is None:
            self._app = create_app(services=self.services)
            self._app.jinja_env.bytecode_cache = COMPILED
        return self._app

    def code(self, name: str) -> str:
        """A second-factor code that was not used yet; the clock moves on where it must."""
        totp = pyotp.TOTP(base64.b32encode(FACTOR).decode())
        step = self.clock() // 30
        if step <= self._codes.get(name, 0):
            self.clock.ahead += 30 * (self._codes[name] + 1 - step)
            step = self.clock() // 30
        self._codes[name] = step
        return totp.generate_otp(step)

    def client(self, name: str | None = None) -> "Browser":
        """A test client, really signed in."""
        browser = Browser(self.app.test_client(), self)
        if name is not None:
            browser.sign_in(name)
        return browser

    def close(self) -> None:
        self.services.close()


@dataclass
class Browser:
    """A test client that fetches form tokens as a browser would, from the page that holds the form."""

    client: FlaskClient
    cast: Cast

    def get(self, path: str, **options: object) -> TestResponse:
        return self.client.get(path, **options)

    def token(self, path: str = "/account") -> str:
        page = self.get(path).get_data(as_text=True)
        found = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', page)
        assert found, f"no form token on {path}"
        return found[1]

    def post(
        self,
        path: str,
        data: Mapping[str, object] | None = None,
        token_from: str = "/account",
        **options: object,
    ) -> TestResponse:
        fields = {"csrf_token": self.token(token_from), **(data or {})}
        return self.client.post(path, data=fields, **options)

    def sign_in(self, name: str) -> None:
        answer = self.post(
            "/sign-in",
            {"name": name, "words": self.cast.password(name), "code": self.cast.code(name)},
            token_from="/sign-in",
        )
        assert answer.status_code == 303, answer.get_data(as_text=True)


def start(
    folder: Path, database_url: str = "", sessions_url: str = "", *, demo: bool = True
) -> tuple[Config, Database, Database]:
    """Empty, migrated databases for a configuration under `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    config = Config(
        data_dir=folder,
        database_url=database_url or f"sqlite:///{folder / 'vouchsafe.db'}",
        sessions_url=sessions_url or f"sqlite:///{folder / 'sessions.db'}",
        root_key_file=folder / "keys" / "root.key",
        head_file=folder / "keys" / "head",
        public_dir=folder / "public",
        demo=demo,
        argon2=ARGON2_CHEAP,
    )
    database, sessions = Database(config.database_url), Database(config.sessions_url, durable=False)
    upgrade_main(database)
    upgrade_sessions(sessions)
    return config, database, sessions


def assemble(folder: Path, database_url: str = "", sessions_url: str = "", *, anew: bool = False) -> Cast:
    """An installation with the cast in it, founded once in a process and copied then.

    `anew`: an installation of its own, for tests that hold two of them against each other.
    """
    if anew or database_url:
        return _assembled(folder, database_url, sessions_url)
    return copied(*_model(), folder)


@cache
def _model() -> tuple[Cast, Path]:
    place = Path(tempfile.mkdtemp(prefix="vouchsafe-cast-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    model = _assembled(place / "data")
    model.close()
    return model, place / "data"


def copied(cast: Cast, data: Path, folder: Path, url: str = "") -> Cast:
    """The same on files of its own in a new folder, or on a copy of its database; the one it is copied from must be closed.

    `data`: its folder.
    """
    shutil.copytree(data, folder, dirs_exist_ok=True)
    config = replace(
        cast.services.config,
        data_dir=folder,
        database_url=url or f"sqlite:///{folder / 'vouchsafe.db'}",
        sessions_url=url or f"sqlite:///{folder / 'sessions.db'}",
        root_key_file=folder / "keys" / "root.key",
        head_file=folder / "keys" / "head",
        public_dir=folder / "public",
    )
    clock = Clock()
    services = Services.start(config, clock)
    return replace(cast, services=services, clock=clock, people=dict(cast.people), _app=None, _codes={})


def _assembled(folder: Path, database_url: str = "", sessions_url: str = "") -> Cast:
    clock = Clock()
    config, database, sessions = start(folder, database_url, sessions_url)
    founding = Founding(
        database,
        SessionStore(sessions, new_id(), clock),
        BlobStore(folder / "blobs"),
        config.root_key_file,
        HeadFile(config.head_file),
        clock,
        Argon2Cost(*config.argon2),
        demo=True,
    )
    founded = founding.found([_founder(name) for name in FOUNDERS], trustees=3, threshold=2)
    database.close()
    sessions.close()
    cast = Cast(Services.start(config, clock), founded, clock)
    cast.people.update(zip(FOUNDERS, founded.founders, strict=True))
    _bring_in(cast)
    open_case(cast, cast.case, "Linden-4", "ruben", LINDEN, title="The road in winter")
    open_case(
        cast,
        cast.other_case,
        "Alder-9",
        "stranger",
        {"stranger": frozenset({Duty.LEAD})},
        title="Nothing to you",
    )
    with cast.acting("ruben") as uow:
        held = {
            cast.people["ruben"].card: frozenset({Duty.LEAD, Duty.PUBLISHER}),
            cast.people["mark"].card: frozenset({Duty.PUBLISHER}),
        }
        uow.vault.casework.change_publishers(held)
    return cast


def agree_to_recovery(cast: Cast, kind: str = "case", to: str = "ruben", case: UUID | None = None) -> None:
    """One administrator proposes that trustees give a secret back, and the other agrees."""
    with cast.acting("helga") as uow:
        proposal = uow.vault.proposals.propose(Kind.RECOVERY, case or cast.case, kind, cast.people[to].card)
    with cast.acting("paul") as uow:
        uow.vault.proposals.second(proposal)


def _founder(name: str) -> Founder:
    shown, roles, _voucher = PEOPLE[name]
    return Founder(name, shown, roles, f"seven plain words for {name} alone", FACTOR)


def _bring_in(cast: Cast) -> None:
    for name, (shown, roles, voucher) in PEOPLE.items():
        if name in FOUNDERS:
            continue
        uow = cast.uow()
        cast.people[name] = uow.vault.people.add(name, shown, roles, cast.password(name), FACTOR)
        uow.commit()
        if voucher:
            with cast.acting(voucher) as vouching:
                vouching.vault.vouching.vouch(cast.people[name].card, "face-to-face")


def open_case(
    cast: Cast, case: UUID, code: str, lead: str, duties: dict[str, frozenset[Duty]], title: str
) -> None:
    """Charter by an administrator, roster 1 and settings by the lead."""
    with cast.acting("helga") as uow:
        uow.vault.casework.charter(case, code, cast.people[lead].card)
    with cast.acting(lead) as uow:
        uow.vault.casework.open_case(case, {cast.people[name].card: held for name, held in duties.items()})
        uow.vault.records.seal(
            CASE_SETTINGS, case, case, f'{{"purpose":"","title":"{title}"}}'.encode(), expected=0
        )
