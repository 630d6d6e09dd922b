"""Runs the revisions of the session store."""

import os

from alembic import context

from app.store.database import Database
from app.store.migrate import SESSIONS, run_revisions

connection = context.config.attributes.get("connection")
if connection is not None:
    run_revisions(context, connection, SESSIONS)
else:  # the alembic command, in the hands of whoever writes a revision
    with Database(os.environ["DATABASE_URL"]).writing() as connection:
        run_revisions(context, connection, SESSIONS)
