"""Runs the revisions of the main database."""

import os

from alembic import context

from app.store.database import Database
from app.store.migrate import MAIN, run_revisions

connection = context.config.attributes.get("connection")
if connection is not None:
    run_revisions(context, connection, MAIN)
else:  # the alembic command, in the hands of whoever writes a revision
    with Database(os.environ["DATABASE_URL"]).writing() as connection:
        run_revisions(context, connection, MAIN)
