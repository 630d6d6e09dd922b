"""Fills an empty database with the demonstration: people, cases, statements, work on them, stories; by the product's own acts."""

import sqlalchemy as sa

from app.config import Config
from app.demo import content as demo
from app.demo.people import SignIn, found, has_sign_ins, open_cases, read_sign_ins, write_sign_ins
from app.demo.redactions import redact
from app.demo.statements import fill_cases, interrupt, send_statement, take_over, transcribe
from app.demo.stories import tell
from app.domain.errors import Unusable
from app.store.database import Database
from app.store.trust import installation

__all__ = ["SignIn", "read_sign_ins", "seed"]


def seed(config: Config) -> bool:
    """Fill the database, if it is empty; whether it was.

    Raises:
        Unusable: it holds an installation that is not a demo.
    """
    if _is_filled(config):
        return False
    content = demo.load()
    troupe = found(config, content)
    open_cases(troupe, content)
    entities = fill_cases(troupe, content)
    ids = {
        each.key: send_statement(troupe, content, each)
        for each in sorted(content.statements, key=lambda each: each.taken_on)
    }
    for case in content.cases:
        take_over(troupe, content, case.code)
    for statement in content.statements:
        if statement.stage != "accepted":
            transcribe(troupe, content, statement, ids[statement.key])
        redact(troupe, content, statement, ids[statement.key], entities[statement.case])
    for story in content.stories:
        tell(troupe, content, story, ids)
    for statement in content.statements:
        interrupt(troupe, content, statement, ids[statement.key])
    write_sign_ins(config, troupe.sign_ins)
    troupe.services.close()
    return True


def _is_filled(config: Config) -> bool:
    config.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = Database(config.database_url)
    try:
        with database.engine.connect() as connection:
            if not sa.inspect(connection).has_table(installation.name):
                return False
            demo_mark = connection.execute(sa.select(installation.c.demo)).scalar()
    finally:
        database.close()
    if demo_mark is False:
        raise Unusable(
            "This database holds an installation that is not a demo; the demonstration never touches it."
        )
    if demo_mark and not has_sign_ins(config):
        raise Unusable(
            f"The demonstration was stopped while it was being filled. Remove {config.data_dir} and start again."
        )
    return demo_mark is True
