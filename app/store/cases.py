"""Tables of cases, statements, assets and chores: routing facts only."""

from typing import Final

import sqlalchemy as sa

from app.store.schema import blob, digest, flag, identifier, metadata, number, word

cases: Final = sa.Table(
    "cases",
    metadata,
    identifier("id", primary_key=True),
    word("code"),  # a neutral word and number, chosen by us
    number("opened"),
    sa.UniqueConstraint("code"),
)

statements: Final = sa.Table(
    "statements",
    metadata,
    identifier("id", primary_key=True),
    identifier("case"),
    identifier("submitter"),
    word("state"),
    sa.Column("before", sa.String(80), nullable=False),  # what an interruption goes back to, newest first
    word("consent_state"),  # in_force, withdrawn, held
    number("received"),  # when the first part was sealed
    number("finished", nullable=True),
    number("arrival"),  # position in the case, for keyset paging
    number("size"),
    digest("roster"),
    identifier("statement_intake_key"),
    identifier("identity_intake_key"),
    digest("withdrawal_tag", nullable=True),
    digest("manifest_digest", nullable=True),
    blob("manifest", nullable=True),
    blob("manifest_signature", nullable=True),
    blob("receipt", nullable=True),
    blob("receipt_signature", nullable=True),
    sa.Index(None, "case", "arrival"),
    sa.Index(None, "case", "state", "arrival"),
    sa.Index(None, "submitter", "received"),
)

assets: Final = sa.Table(
    "assets",
    metadata,
    identifier("id", primary_key=True),
    identifier("case"),
    identifier("statement"),
    identifier("key"),
    number("position"),
    number("size"),  # of the sealed stream
    digest("header_digest"),
    digest("whole_digest"),
    number("received"),
    sa.Index(None, "statement"),
)

segments: Final = sa.Table(
    "segments",
    metadata,
    # where the pieces of an asset lie that came in pieces; which of them there are, and how long, its sealed list says
    identifier("asset", primary_key=True),
    number("number", primary_key=True),
    identifier("blob"),
    identifier("key"),
    number("size"),  # of the sealed stream
    number("length"),  # in clear
    digest("header_digest"),
    digest("tree_digest"),
    flag("cut"),  # it ends on a chunk that is not the last
    blob("wrap", nullable=True),  # of its key, until its author signs; then it is among the others
    digest("proof"),  # an HMAC, so that its author signs what came
    sa.UniqueConstraint("blob"),
)

work: Final = sa.Table(
    "work",
    metadata,
    # who transcribed, translated, redacted or wrote; four-eyes reads it, the log proves it
    identifier("subject", primary_key=True),  # statement or story
    word("kind", primary_key=True),  # transcribed, translated, redacted, wrote
    identifier("person", primary_key=True),
    sa.Index(None, "person", "kind", "subject"),
)

chores: Final = sa.Table(
    "chores",
    metadata,
    identifier("id", primary_key=True),
    identifier("case"),
    word("kind"),
    identifier("subject"),
    word("waits_for"),  # the duty whose holder can do it
    number("since"),
    sa.UniqueConstraint("kind", "subject"),
    sa.Index(None, "case"),
)
