"""The `vouchsafe` command: what an operator does from a terminal. Each says in one line what it did; none prints testimony."""

import base64
import json
import os
import secrets
import sys
from collections.abc import Callable
from contextlib import closing
from functools import wraps
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import click
import pyotp
import sqlalchemy as sa

from app import ceremony
from app.audit.headfile import HeadFile
from app.audit.verify import verify_log
from app.config import Config
from app.crypto.keys import KEY_LENGTH, RootKey, SigningSeed
from app.crypto.lock import Argon2Cost
from app.crypto.numbers import card_digits
from app.crypto.words import from_words, propose_password
from app.doctor import FOUND_WRONG, examine
from app.domain.duties import Role
from app.domain.errors import CryptoError, Forbidden, InvalidInput, NotSignedIn, Unusable, VouchsafeError
from app.domain.ids import new_id
from app.jobs.actions import production
from app.jobs.worker import work
from app.media import sandbox
from app.memory import keep_to_ourselves
from app.release.verify import anchor_of, verify_tree
from app.services import Services, now
from app.store import backup
from app.store import cases as case_tables
from app.store.blobs import BlobStore
from app.store.database import Database, Transaction
from app.store.keys import trustee_shares
from app.store.migrate import upgrade_main, upgrade_sessions
from app.unit_of_work import UnitOfWork
from app.vault.founding import Founded, Founder, Founding
from app.vault.identity import Holder
from app.vault.invitations import recovery_words
from app.vault.people import Account, NewPerson
from app.vault.recovery import Which, agreed_receiver, open_share
from app.vault.restore import accept_restore
from app.vault.secrets import epoch_of
from app.vault.sessions import SessionStore

UNUSABLE: Final = 2
FACTOR_BYTES: Final = 20


def main() -> None:
    """Entry point: errors of ours become one line and an exit code, never a trace."""
    os.umask(0o077)
    try:
        sys.exit(cli.main(standalone_mode=False))
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(UNUSABLE)
    except click.Abort:
        click.echo("Stopped; nothing was changed.", err=True)
        sys.exit(UNUSABLE)
    except VouchsafeError as error:
        click.echo(f"{error.code}: {error}", err=True)
        sys.exit(UNUSABLE)


def said(command: Callable[..., tuple[str, dict[str, Any], int]]) -> Callable[..., None]:
    """A command returns its line, the same for machines, and its exit code."""

    @click.option("--json", "as_json", is_flag=True, help="Print JSON for a machine.")
    @wraps(command)
    def run(*, as_json: bool, **options: Any) -> None:
        line, facts, code = command(**options)
        click.echo(json.dumps(facts, ensure_ascii=False, sort_keys=True) if as_json else line)
        raise click.exceptions.Exit(code)

    return run


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Vouchsafe keeps testimony sealed until it can be told. Settings come from the environment (DATA_DIR, DATABASE_URL, ...)."""


@cli.command()
@said
def upgrade() -> tuple[str, dict[str, Any], int]:
    """Bring the databases to this version's schema."""
    config = Config.from_env()
    _migrate(config)
    return "The schema is this version's.", {"upgraded": True}, 0


def _migrate(config: Config) -> None:
    config.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    for database, migrate in (
        (Database(config.database_url), upgrade_main),
        (Database(config.sessions_url, durable=False), upgrade_sessions),
    ):
        migrate(database)
        database.close()


@cli.command()
@click.option(
    "--administrator",
    "administrators",
    required=True,
    multiple=True,
    help="Sign-in name of an administrator; give it twice for two, which some acts need.",
)
@click.option(
    "--administrator-name",
    "administrator_names",
    required=True,
    multiple=True,
    help="Their shown name; as often as --administrator.",
)
@click.option("--reviewer", required=True, help="Sign-in name of the first reviewer, who leads and vouches.")
@click.option("--reviewer-name", required=True, help="Their shown name.")
@click.option("--trustees", default=3, show_default=True, help="How many trustees hold shares.")
@click.option("--threshold", default=2, show_default=True, help="How many of them recover together.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="No ceremony: print everything as JSON, for a machine that keeps it.",
)
def init(
    administrators: tuple[str, ...],
    administrator_names: tuple[str, ...],
    reviewer: str,
    reviewer_name: str,
    trustees: int,
    threshold: int,
    *,
    as_json: bool,
) -> None:
    """Found an installation: keys, policy, administrators and a first reviewer.

    Walks through one sheet of paper after the other: the organisation key and the root key are typed back, of every other
    sheet two words, and of a second factor its digits. Nothing is founded before the last sheet.
    """
    if len(administrators) != len(administrator_names):
        raise InvalidInput({"administrator-name": "one-for-each-administrator"})
    config = Config.from_env()
    config.require_keys_apart()
    config.head_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _migrate(config)
    founders = [
        *(
            _founder(sign_in_name, name, Role.ADMINISTRATOR)
            for sign_in_name, name in zip(administrators, administrator_names, strict=True)
        ),
        _founder(reviewer, reviewer_name, Role.REVIEWER),
    ]

    def hand_out(founded: Founded) -> None:
        sheets = [_sheet(*each) for each in zip(founders, founded.founders, strict=True)]
        if as_json:
            click.echo(json.dumps(ceremony.facts(founded, sheets), ensure_ascii=False, sort_keys=True))
        else:
            ceremony.walk_through(founded, sheets, now)

    founding(config).found(founders, trustees, threshold, hand_out)
    if not as_json:
        click.echo(
            "Founded. Start the server: an administrator makes a link for each person, and the first reviewer vouches for them."
        )


@cli.command()
@click.option("--sign-in-name", required=True, help="What they will sign in with.")
@click.option("--name", required=True, help="Their shown name.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print their sheet as JSON, for a machine that keeps it."
)
def appoint(sign_in_name: str, name: str, *, as_json: bool) -> None:
    """Certify one more administrator with the organisation key: some acts take two."""
    config = Config.from_env()
    appointing = founding(config, _typed_organisation_key())
    founder = _founder(sign_in_name, name, Role.ADMINISTRATOR)

    def hand_out(person: NewPerson) -> None:
        sheet = _sheet(founder, person)
        if as_json:
            click.echo(json.dumps(sheet.facts(), ensure_ascii=False, sort_keys=True))
        else:
            ceremony.hand_out(sheet, now)

    appointing.appoint(founder, hand_out)
    if not as_json:
        click.echo(f"{name} is an administrator.")


@cli.command("rebuild-root-key")
@said
def rebuild_root_key() -> tuple[str, dict[str, Any], int]:
    """Write a lost root key file anew, from the words of both keys on paper. Without it nobody can sign in."""
    config = Config.from_env()
    config.require_keys_apart()
    rebuilding = founding(config, _typed_organisation_key())
    rebuilding.rebuild_root_key(RootKey(_typed_key("The root key's 24 words")))
    return (
        f"The root key lies at {config.root_key_file} again.",
        {"root_key_file": str(config.root_key_file)},
        0,
    )


def _typed_organisation_key() -> SigningSeed:
    return SigningSeed(_typed_key("The organisation key's 24 words"))


def _typed_key(asked: str) -> bytes:
    """32 bytes, from 24 words. Raises InvalidInput, which never repeats what was typed."""
    try:
        key = from_words(click.prompt(asked, hide_input=True))
    except CryptoError as error:
        raise InvalidInput({"words": "not-a-key"}) from error
    if len(key) != KEY_LENGTH:
        raise InvalidInput({"words": "not-a-key"})
    return key


def founding(config: Config, organisation: SigningSeed | None = None) -> Founding:
    """The ceremony over a configuration's databases, which must be migrated; with a new organisation key, or one that was typed."""
    sessions = SessionStore(Database(config.sessions_url, durable=False), new_id(), now)
    return Founding(
        Database(config.database_url),
        sessions,
        BlobStore(config.data_dir / "blobs"),
        config.root_key_file,
        HeadFile(config.head_file),
        now,
        Argon2Cost(*config.argon2),
        demo=config.demo,
        organisation=organisation or SigningSeed.generate(),
    )


def _founder(sign_in_name: str, name: str, role: Role) -> Founder:
    return Founder(
        sign_in_name, name, frozenset({role}), propose_password(), secrets.token_bytes(FACTOR_BYTES)
    )


def _sheet(founder: Founder, person: NewPerson) -> ceremony.PersonSheet:
    return ceremony.PersonSheet(
        founder.sign_in_name,
        founder.password,
        founder.second_factor,
        recovery_words(person.recovery_code),
        card_digits(person.card),
    )


@cli.command()
@said
def doctor() -> tuple[str, dict[str, Any], int]:
    """Check settings, schema, keys, log and storage. Reports files that belong to nothing; deletes none."""
    with closing(Services.start(Config.from_env())) as services:
        return examine(services)


@cli.command()
@click.option("--once", is_flag=True, help="End after the first job, whatever comes of it.")
def worker(*, once: bool) -> None:
    """Do background work until told to stop with Ctrl-C, SIGINT or SIGTERM. Start it again whenever it ends."""
    keep_to_ourselves()
    with closing(Services.start(Config.from_env())) as services:
        if not services.config.demo:
            sandbox.require(strict=True)
        raise click.exceptions.Exit(work(services, production(services.config), once=once))


@cli.group()
def audit() -> None:
    """The log."""


@audit.command("verify")
@said
def audit_verify() -> tuple[str, dict[str, Any], int]:
    """Walk the whole log; name the first entry that is missing or altered."""
    with closing(Services.start(Config.from_env())) as services:
        tx = services.database.transaction()
        try:
            verdict = verify_log(tx, services.installation.log_keys, services.head_file.read())
        finally:
            tx.release()
    facts = {"entries": verdict.entries, "broken": verdict.broken, "fault": verdict.fault}
    if verdict.broken is None:
        return f"{verdict.entries} entries, every one in its place.", facts, 0
    return f"Broken at entry {verdict.broken}: {verdict.fault}.", facts, FOUND_WRONG


@audit.command("accept-restore")
@said
def audit_accept_restore() -> tuple[str, dict[str, Any], int]:
    """Take a restored database as it stands: a new era begins, both heads are logged."""
    with closing(Services.start(Config.from_env())) as services:
        tx = services.database.transaction()
        try:
            found, known = accept_restore(tx, services.installation, services.head_file, services.clock)
        finally:
            tx.release()
    known_text = f"{known.era}/{known.sequence}" if known else "none"
    facts = {"database": f"{found.era}/{found.sequence}", "server": known_text}
    return (
        f"A new era begins. The database stood at {facts['database']}, the server at {known_text}.",
        facts,
        0,
    )


@cli.group()
def recover() -> None:
    """Recovery of one case's secret by its trustees."""


@recover.command("share")
@click.option("--case", "code", required=True, help="The case's code.")
@click.option("--kind", type=click.Choice(["case", "identity"]), default="case", show_default=True)
@click.option(
    "--epoch", type=int, default=0, help="Epoch of the secret; the newest that was split if left out."
)
@click.option(
    "--to", "receiver", required=True, help="Sign-in name of the person who will combine the shares."
)
@click.option("--words", help="The trustee's 24 words; asked for if left out.")
@said
def recover_share(
    code: str, kind: str, epoch: int, receiver: str, words: str | None
) -> tuple[str, dict[str, Any], int]:
    """One trustee opens one share, once two administrators have agreed; it is sealed at once to the receiver. Run once per trustee."""
    services = Services.start(Config.from_env())
    uow = services.unit_of_work()
    try:
        account = _receiver(uow, receiver)
        case = _case_of(uow.tx, code)
        which = (case, kind, epoch or _newest_split(uow.tx, case, kind))
        _require_agreement(uow, which, account.card)
        uow.tx.release()
        words = words or click.prompt("The trustee's 24 words", hide_input=True)
        trustee = open_share(
            uow.tx, services.installation, uow.audit, services.clock, which, words, account.card
        )
        uow.commit()
    finally:
        uow.end()
    return f"The share of trustee {trustee.hex[:8]} is sealed to {receiver}.", {"trustee": str(trustee)}, 0


@recover.command("combine")
@click.option("--case", "code", required=True, help="The case's code.")
@click.option("--kind", type=click.Choice(["case", "identity"]), default="case", show_default=True)
@click.option("--as", "name", required=True, help="Your sign-in name.")
@click.option("--words", prompt="Your words", hide_input=True)
@said
def recover_combine(code: str, kind: str, name: str, words: str) -> tuple[str, dict[str, Any], int]:
    """As the receiver: combine the shares, check them, and hold the case's key again."""
    services = Services.start(Config.from_env())
    locked = services.unit_of_work()
    try:
        unlocked = locked.vault.people.unlock(locked.vault.people.lookup(name), words)
    except NotSignedIn as error:
        raise InvalidInput({"words": "do-not-fit"}) from error
    finally:
        locked.end()
    holder = Holder(unlocked.person, unlocked.card, unlocked.seeds, secrets.token_bytes(8))
    uow = services.unit_of_work(holder=holder)
    try:
        case = _case_of(uow.tx, code)
        epoch = epoch_of(uow.vault.trust.roster(case), kind)
        uow.vault.recovery.combine((case, kind, epoch))
        uow.commit()
    finally:
        uow.end()
    return f"The {kind} secret of {code} fits its commitment and is granted to {name}.", {"epoch": epoch}, 0


def _require_agreement(uow: UnitOfWork, which: Which, card: bytes) -> None:
    """Before a trustee types a word."""
    try:
        agreed_receiver(uow.tx, uow.installation, uow.clock, which, card)
    except Forbidden as error:
        raise Unusable(
            "Two administrators have not agreed to this in the last seven days. One proposes it under Administration, "
            "Two administrators; another agrees there. Nothing was opened."
        ) from error


def _receiver(uow: UnitOfWork, sign_in_name: str) -> Account:
    """Whom a share is for. Raises InvalidInput where there is nobody, Tampered where the name is not the card's."""
    row = uow.vault.people.lookup(sign_in_name)
    if row is None:
        raise InvalidInput({"to": "unknown"})
    return uow.vault.people.account(row.id)


def _case_of(tx: Transaction, code: str) -> UUID:
    row = tx.first(sa.select(case_tables.cases.c.id).where(case_tables.cases.c.code == code))
    if row is None:
        raise InvalidInput({"case": "unknown"})
    case: UUID = row.id
    return case


def _newest_split(tx: Transaction, case: UUID, kind: str) -> int:
    newest = tx.value(
        sa.select(sa.func.max(trustee_shares.c.epoch)).where(
            trustee_shares.c.case == case, trustee_shares.c.kind == kind
        )
    )
    if newest is None:
        raise InvalidInput({"case": "no-shares"})
    return int(newest)


@cli.command("verify-release")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--anchor", default="", help="The organisation key's public half, 64 hexadecimal digits.")
@said
def verify_release(folder: Path, anchor: str) -> tuple[str, dict[str, Any], int]:
    """Check a published tree against its signatures. Needs no database and no key."""
    try:
        known = bytes.fromhex(anchor) if anchor else None
    except ValueError as error:
        raise InvalidInput({"anchor": "not-hexadecimal"}) from error
    faults = verify_tree(folder, known)
    facts = {"faults": faults, "anchor_checked": known is not None}
    if faults:
        return "\n".join(["This copy is not what was released:", *faults]), facts, FOUND_WRONG
    if known is None:
        named = anchor_of(folder).hex()
        return f"Of one piece, held against the key that it names itself only. Compare it: {named}", facts, 0
    return "Complete and unaltered.", facts, 0


PROGRAMS = click.option(
    "--pg-bin",
    "programs",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of PostgreSQL's own pg_dump and pg_restore, of the server's version.",
)


@cli.command("backup")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@PROGRAMS
@said
def backup_command(folder: Path, programs: Path | None) -> tuple[str, dict[str, Any], int]:
    """Copy the database and every sealed file into a new folder. Neither keys nor sessions go with it."""
    with closing(Services.start(Config.from_env())) as services:
        kept = backup.back_up(services.database, services.blobs, folder, services.clock(), programs)
    facts = {"files": kept.files, "bytes": kept.size}
    return (
        f"Kept: the database and {kept.files} sealed files, {kept.size} bytes. All of it is ciphertext.",
        facts,
        0,
    )


@cli.command("restore")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@PROGRAMS
@said
def restore_command(folder: Path, programs: Path | None) -> tuple[str, dict[str, Any], int]:
    """Put a backup into an empty DATA_DIR and database, with the root key file and the head file of before."""
    config = Config.from_env()
    config.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with closing(Database(config.database_url)) as database:
        kept = backup.restore(folder, database, BlobStore(config.data_dir / "blobs"), programs)
    _migrate(config)
    following = (
        "Start the server: statements can be sent at once. Openings stop until you have run "
        "`vouchsafe audit accept-restore`; after that only leads open, until each has signed who may."
    )
    return f"Restored: {kept.files} sealed files. {following}", {"files": kept.files, "bytes": kept.size}, 0


@cli.command("demo-code")
@click.argument("name")
@said
def demo_code(name: str) -> tuple[str, dict[str, Any], int]:
    """The second-factor code of a demo person, now. Works on a demo database only."""
    services = Services.start(Config.from_env())
    if not services.installation.demo:
        raise Unusable("This is no demo database.")
    uow = services.unit_of_work()
    try:
        account = uow.vault.people.lookup(name)
        if account is None:
            raise InvalidInput({"name": "unknown"})
        seed = uow.vault.people.second_factor(account)
    finally:
        uow.end()
    code = pyotp.TOTP(base64.b32encode(seed).decode("ascii")).now()
    return f"{code}", {"code": code}, 0


if __name__ == "__main__":
    main()
