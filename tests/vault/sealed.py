"""Every sealed column there is, where a row of it opens, and how its owner opens it."""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from app.crypto import envelope
from app.domain.duties import Duty
from app.domain.ids import new_id
from app.store import keys, people, records, sessions, trust
from app.store.cases import assets
from app.store.jobs import jobs
from app.store.late import late_forms, late_pieces
from app.vault.fields import PART, TRANSCRIPT
from app.vault.installation import load_installation
from app.vault.late import LateContent
from app.vault.recovery import Which, open_share
from app.vault.rootfile import RootFile
from app.vault.secrets import CASE, IDENTITY
from tests.cast import INTERVIEWER, agree_to_recovery, open_case
from tests.jobs.desk import Desk, issue, result
from tests.vault.scene import Scene, submit
from tests.vault.test_rosters import change

Where = Callable[[Scene], sa.ColumnElement[bool]]


@dataclass(frozen=True)
class Sealed:
    """`mine` finds the row that `open` needs, `other` a row whose content was sealed for another place."""

    table: sa.Table
    column: str
    mine: Where
    other: Where
    open: Callable[["Stage"], bytes]
    has_another_source: bool = False
    """A cache: what does not open is fetched anew."""

    @property
    def name(self) -> str:
        return f"{self.table.name}.{self.column}"


@dataclass
class Stage:
    """A scene with a row of every sealed column in it: a rotation under way, shares on their way, sessions alive."""

    scene: Scene
    cookies: dict[str, str]
    links: dict[str, str]
    """By who made each."""
    desk: Desk
    """At which two jobs are done and two wait."""

    @property
    def which(self) -> Which:
        return (self.scene.case, CASE, 2)


def furnish(scene: Scene) -> Stage:
    """Do all that leaves a sealed row."""
    cast = scene.cast
    with cast.acting("helga"):
        uow = cast.uow()
        cast.people["new"] = uow.vault.people.add(
            "new", "Nila Orsan", INTERVIEWER, cast.password("new"), b"seed"
        )
        uow.commit()
    with cast.acting("ruben") as uow:
        uow.vault.vouching.vouch(cast.people["new"].card, "call")
    change(scene, "mark")
    other = new_id()
    reader = {"lilit": frozenset({Duty.READER})}
    open_case(cast, other, "Birch-2", "ruben", reader, title="The mill")
    with cast.acting("ruben") as uow:
        lead = {cast.people["ruben"].card: frozenset({Duty.LEAD})}
        uow.vault.casework.change_roster(other, uow.vault.trust.roster(other).digest, lead)
    stage = Stage(scene, {}, {}, Desk(cast))
    for inviter in ("helga", "paul"):
        with cast.acting(inviter) as uow:
            _id, stage.links[inviter] = uow.vault.invitations.invite(
                cast.people[inviter].person, f"of {inviter}", f"Guest of {inviter}", INTERVIEWER
            )
    for way in ("short", "long"):
        leave_behind(scene, way)
    agree_to_recovery(cast)
    for sheet in cast.founded.trustees[:2]:
        uow = cast.uow()
        open_share(
            uow.tx,
            uow.installation,
            uow.audit,
            uow.clock,
            stage.which,
            sheet.words,
            cast.people["ruben"].card,
        )
        uow.commit()
    for name in ("lilit", "ruben"):
        person = cast.people[name]
        stage.cookies[name] = cast.services.sessions.begin(person.person, person.card, person.seeds)
        session_secret(stage, name)
    for name in ("lilit", "ruben", "selma"):  # proofs are remembered, so that each opening is quick
        with cast.acting(name) as uow:
            uow.vault.secrets.current(scene.case)
            uow.vault.records.open(TRANSCRIPT, scene.case, scene.statement)
    for number in range(4):
        statement = submit(cast, "anahit", f"with a file, {number}", [bytes([number])])
        asset = scene.read(sa.select(assets.c.id).where(assets.c.statement == statement))[0].id
        issued = issue(cast, asset)
        if number % 2:
            stage.desk.do(issued)
    return stage


def leave_behind(scene: Scene, way: str) -> None:
    """A form of Anahit's that comes with nobody signed in; `way` tells one from the other."""
    with scene.reading("anahit") as uow:
        token = uow.vault.submissions.begin(scene.case)
    content = LateContent(
        {"account": f"Left behind, {way}."}, {}, {}, way, closing=True, withdrawal_tag=bytes(32)
    )
    uow = scene.cast.uow()
    uow.vault.late_arrivals.keep(token, content)
    uow.commit()


# Openings


def late_words(stage: Stage) -> bytes:
    """Its author signs it, or is refused; then a reader could open it."""
    scene = stage.scene
    row = scene.row(late_forms, late_forms.c.way == "short")
    with scene.reading("anahit") as uow:
        uow.vault.late.send(row["id"])
        wanted = uow.vault.trust.roster(scene.case).intake_key(CASE).key_id
    piece = scene.row(late_pieces, left("short")(scene))
    wrapped: Any = SimpleNamespace(wrap=piece["wrap"], state="intake", epoch=0, intake_key=wanted)
    with scene.reading("lilit") as uow:
        key = uow.vault.records.record_key(piece["key"], scene.case, row["submission"], CASE, wrapped)
        context = PART.context(scene.case, row["submission"], 1)
        return envelope.open_(key, context, uow.installation.id, piece["envelope"])


def transcript(stage: Stage) -> bytes:
    return stage.scene.transcript("selma")


def intake_private(stage: Stage) -> bytes:
    scene = stage.scene
    with scene.reading("lilit") as uow:
        key = uow.vault.trust.roster(scene.case).intake_key(CASE)
        return uow.vault.records.intake_private(scene.case, key.key_id, CASE).reveal()


def earlier_secret(stage: Stage) -> bytes:
    with stage.scene.reading("lilit") as uow:
        return uow.vault.secrets.of_epoch(stage.scene.case, CASE, 1).reveal()


def current_secret(stage: Stage) -> bytes:
    with stage.scene.reading("lilit") as uow:
        return uow.vault.secrets.current(stage.scene.case)[1].reveal()


def session_secret(stage: Stage, name: str = "lilit") -> bytes:
    services = stage.scene.cast.services
    uow = services.unit_of_work(services.sessions.resume(stage.cookies[name]))
    try:
        return uow.vault.secrets.current(stage.scene.case)[1].reveal()
    finally:
        uow.end()


def trustee_share(stage: Stage) -> bytes:
    words = stage.scene.cast.founded.trustees[0].words
    with stage.scene.reading(None) as uow:
        card = stage.scene.cast.people["ruben"].card
        return open_share(uow.tx, uow.installation, uow.audit, uow.clock, stage.which, words, card).bytes


def recovered(stage: Stage) -> bytes:
    with stage.scene.reading("ruben") as uow:
        uow.vault.recovery.combine(stage.which)
        return uow.vault.secrets.of_epoch(*stage.which).reveal()


def shown_name(stage: Stage) -> bytes:
    with stage.scene.reading(None) as uow:
        return uow.vault.people.account(stage.scene.cast.people["lilit"].person).name.encode()


def invited(stage: Stage) -> bytes:
    with stage.scene.reading(None) as uow:
        return uow.vault.invitations.find(stage.links["helga"]).name.encode()


def second_factor(stage: Stage) -> bytes:
    with stage.scene.reading(None) as uow:
        return uow.vault.people.second_factor(uow.vault.people.row(stage.scene.cast.people["lilit"].person))


def unlocked(stage: Stage) -> bytes:
    with stage.scene.reading(None) as uow:
        account = uow.vault.people.lookup("lilit")
        return uow.vault.people.unlock(account, stage.scene.cast.password("lilit")).seeds.reveal()


def server_key(stage: Stage) -> bytes:
    with stage.scene.reading(None) as uow:
        root = RootFile.read(stage.scene.cast.services.config.root_key_file)
        return load_installation(uow.tx, root).server.seed.reveal()


def book_of(name: str) -> Callable[[Stage], bytes]:
    def book(stage: Stage) -> bytes:
        with stage.scene.reading(name) as uow:
            return uow.vault.book.book.encode()

    return book


def resumed(stage: Stage) -> bytes:
    return stage.scene.cast.services.sessions.resume(stage.cookies["lilit"]).holder.seeds.reveal()


def ordered(stage: Stage) -> bytes:
    (row,) = stage.scene.read(sa.select(jobs).where(job("waiting", 0)(stage.scene)))
    return stage.desk.runner.key.open_order(stage.scene.cast.services.installation, row).encode()


def prepared(stage: Stage) -> bytes:
    (row,) = stage.scene.read(sa.select(jobs).where(job("done", 0)(stage.scene)))
    return result(stage.scene.cast, row.subject).digest


# Where they lie


def person(table: sa.Table, column: str, name: str, *more: sa.ColumnElement[bool]) -> Where:
    return lambda scene: sa.and_(table.c[column] == scene.cast.people[name].person, *more)


def version(number: int) -> Where:
    return lambda scene: sa.and_(
        records.versions.c.record == scene.statement,
        records.versions.c.field == TRANSCRIPT.path,
        records.versions.c.version == number,
    )


def record_key(number: int) -> Where:
    def where(scene: Scene) -> sa.ColumnElement[bool]:
        column: sa.ColumnElement[bool] = (
            keys.record_keys.c.id == scene.row(records.versions, version(number)(scene))["key"]
        )
        return column

    return where


def intake_key(kind: str) -> Where:
    c = keys.intake_keys.c
    epoch = 2 if kind == CASE else 1
    return lambda scene: sa.and_(c.case == scene.case, c.kind == kind, c.epoch == epoch)


def link(*, mine: bool) -> Where:
    c = keys.epoch_links.c.case
    return lambda scene: (c == scene.case) if mine else (c != scene.case)


def share(table: sa.Table, sheet: int) -> Where:
    c = table.c
    return lambda scene: sa.and_(
        c.case == scene.case,
        c.kind == CASE,
        c.epoch == 2,
        c.trustee == scene.cast.founded.trustees[sheet].trustee,
    )


def grant(name: str, kind: str, epoch: int) -> Where:
    c = trust.grants.c
    return lambda scene: sa.and_(
        c.case == scene.case, c.kind == kind, c.epoch == epoch, c.member_card == scene.cast.people[name].card
    )


def session(name: str) -> Where:
    return person(sessions.sessions, "person", name)


def cached(name: str) -> Where:
    def where(scene: Scene) -> sa.ColumnElement[bool]:
        mine: Any = sa.select(sessions.sessions.c.id).where(session(name)(scene)).scalar_subquery()
        column: sa.ColumnElement[bool] = sessions.session_secrets.c.session == mine
        return column

    return where


def left(way: str) -> Where:
    form = sa.select(late_forms.c.id).where(late_forms.c.way == way).scalar_subquery()
    return lambda _scene: late_pieces.c.form == form


def job(state: str, place: int) -> Where:
    """One of the two in this state."""

    def where(scene: Scene) -> sa.ColumnElement[bool]:
        ids = scene.read(sa.select(jobs.c.id).where(jobs.c.state == state).order_by(jobs.c.id))
        column: sa.ColumnElement[bool] = jobs.c.id == ids[place].id
        return column

    return where


def operation(kind: str) -> Where:
    return lambda _scene: trust.operation_keys.c.kind == kind


def lock(name: str) -> Where:
    return person(people.locks, "person", name, people.locks.c.kind == "password")


SEALED = (
    Sealed(records.versions, "envelope", version(3), version(2), transcript),
    Sealed(keys.record_keys, "wrap", record_key(3), record_key(2), transcript),
    Sealed(late_pieces, "envelope", left("short"), left("long"), late_words),
    Sealed(late_pieces, "wrap", left("short"), left("long"), late_words),
    Sealed(jobs, "sealed_order", job("waiting", 0), job("waiting", 1), ordered),
    Sealed(jobs, "result", job("done", 0), job("done", 1), prepared),
    Sealed(keys.intake_keys, "private", intake_key(CASE), intake_key(IDENTITY), intake_private),
    Sealed(keys.epoch_links, "wrap", link(mine=True), link(mine=False), earlier_secret),
    Sealed(
        keys.trustee_shares,
        "box",
        share(keys.trustee_shares, 0),
        share(keys.trustee_shares, 1),
        trustee_share,
    ),
    Sealed(
        keys.recovered_shares,
        "box",
        share(keys.recovered_shares, 0),
        share(keys.recovered_shares, 1),
        recovered,
    ),
    Sealed(
        people.people,
        "name",
        person(people.people, "id", "lilit"),
        person(people.people, "id", "mark"),
        shown_name,
    ),
    Sealed(
        people.people,
        "second_factor",
        person(people.people, "id", "lilit"),
        person(people.people, "id", "mark"),
        second_factor,
    ),
    Sealed(
        people.invitations,
        "content",
        person(people.invitations, "inviter", "helga"),
        person(people.invitations, "inviter", "paul"),
        invited,
    ),
    Sealed(people.locks, "locked", lock("lilit"), lock("mark"), unlocked),
    Sealed(trust.operation_keys, "sealed", operation("server-key"), operation("take-down-key"), server_key),
    Sealed(trust.grants, "box", grant("lilit", CASE, 2), grant("lilit", CASE, 1), current_secret),
    Sealed(
        trust.trust_books,
        "book",
        person(trust.trust_books, "person", "lilit"),
        person(trust.trust_books, "person", "anush"),
        book_of("lilit"),
    ),
    Sealed(
        trust.introductions,
        "box",
        person(trust.introductions, "person", "new"),
        person(trust.introductions, "person", "mark"),
        book_of("new"),
    ),
    Sealed(sessions.sessions, "seeds", session("lilit"), session("ruben"), resumed),
    Sealed(
        sessions.session_secrets,
        "secret",
        cached("lilit"),
        cached("ruben"),
        session_secret,
        has_another_source=True,
    ),
)
