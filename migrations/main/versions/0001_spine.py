"""The first schema of the main database."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "installation",
    "operation_keys",
    "policies",
    "certificates",
    "charters",
    "rosters",
    "memberships",
    "grants",
    "trust_books",
    "introductions",
    "people",
    "locks",
    "cards",
    "vouches",
    "cases",
    "statements",
    "assets",
    "work",
    "chores",
    "intake_keys",
    "record_keys",
    "epoch_links",
    "trustee_shares",
    "recovered_shares",
    "versions",
    "tips",
    "sources",
    "stories",
    "approvals",
    "releases",
    "log_entries",
    "log_head",
)


def upgrade() -> None:
    _create_trust()
    _create_people()
    _create_cases()
    _create_keys()
    _create_records()
    _create_stories()
    _create_log()


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)


def _create_trust() -> None:
    op.create_table(
        "installation",
        sa.Column("only", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("root_key", sa.Uuid(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("era", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("founded", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint('"only" = 1', name=op.f("ck_installation_single_row")),
        sa.PrimaryKeyConstraint("only", name=op.f("pk_installation")),
    )
    op.create_table(
        "operation_keys",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_operation_keys")),
    )
    op.create_table(
        "policies",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("object", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_policies")),
    )
    op.create_table(
        "certificates",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("object", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_certificates")),
    )
    op.create_table(
        "charters",
        sa.Column("case", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("administrator_card", sa.LargeBinary(length=32), nullable=False),
        sa.Column("object", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("case", name=op.f("pk_charters")),
    )
    op.create_table(
        "rosters",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("case", sa.Uuid(), nullable=False),
        sa.Column("era", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("signer_card", sa.LargeBinary(length=32), nullable=False),
        sa.Column("object", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_rosters")),
        sa.UniqueConstraint("case", "era", "number", name=op.f("uq_rosters_case_era_number")),
    )
    op.create_table(
        "memberships",
        sa.Column("case", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("case", "person", name=op.f("pk_memberships")),
    )
    op.create_index(op.f("ix_memberships_person"), "memberships", ["person"], unique=False)
    op.create_table(
        "grants",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("case", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("member_card", sa.LargeBinary(length=32), nullable=False),
        sa.Column("grantor_card", sa.LargeBinary(length=32), nullable=False),
        sa.Column("box", sa.LargeBinary(), nullable=False),
        sa.Column("object", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_grants")),
    )
    op.create_index(
        op.f("ix_grants_case_kind_member_card"), "grants", ["case", "kind", "member_card"], unique=False
    )
    op.create_table(
        "trust_books",
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("book", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_trust_books")),
    )
    op.create_table(
        "introductions",
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("voucher_card", sa.LargeBinary(length=32), nullable=False),
        sa.Column("box", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_introductions")),
    )


def _create_people() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sign_in_tag", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("interviewer", sa.Boolean(), nullable=False),
        sa.Column("reviewer", sa.Boolean(), nullable=False),
        sa.Column("administrator", sa.Boolean(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("card", sa.LargeBinary(length=32), nullable=False),
        sa.Column("second_factor", sa.LargeBinary(), nullable=True),
        sa.Column("second_factor_step", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("sign_in_tag", name=op.f("uq_people_sign_in_tag")),
    )
    op.create_table(
        "locks",
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("time_cost", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("memory_kib", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lanes", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("locked", sa.LargeBinary(), nullable=False),
        sa.Column("created", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("person", "kind", name=op.f("pk_locks")),
    )
    op.create_table(
        "cards",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("object", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("previous_signature", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_cards")),
    )
    op.create_index(op.f("ix_cards_person"), "cards", ["person"], unique=False)
    op.create_table(
        "vouches",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("card", sa.LargeBinary(length=32), nullable=False),
        sa.Column("voucher_card", sa.LargeBinary(length=32), nullable=False),
        sa.Column("object", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_vouches")),
    )
    op.create_index(op.f("ix_vouches_card"), "vouches", ["card"], unique=False)


def _create_cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("opened", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("code", name=op.f("uq_cases_code")),
    )
    op.create_table(
        "statements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case", sa.Uuid(), nullable=False),
        sa.Column("submitter", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("before", sa.String(length=80), nullable=False),
        sa.Column("consent_state", sa.String(length=40), nullable=False),
        sa.Column("received", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("finished", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("arrival", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("roster", sa.LargeBinary(length=32), nullable=False),
        sa.Column("statement_intake_key", sa.Uuid(), nullable=False),
        sa.Column("identity_intake_key", sa.Uuid(), nullable=False),
        sa.Column("withdrawal_tag", sa.LargeBinary(length=32), nullable=True),
        sa.Column("manifest_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("manifest", sa.LargeBinary(), nullable=True),
        sa.Column("manifest_signature", sa.LargeBinary(), nullable=True),
        sa.Column("receipt", sa.LargeBinary(), nullable=True),
        sa.Column("receipt_signature", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statements")),
    )
    op.create_index(op.f("ix_statements_case_arrival"), "statements", ["case", "arrival"], unique=False)
    op.create_index(
        op.f("ix_statements_case_state_arrival"), "statements", ["case", "state", "arrival"], unique=False
    )
    op.create_index(
        op.f("ix_statements_submitter_received"), "statements", ["submitter", "received"], unique=False
    )
    op.create_table(
        "assets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case", sa.Uuid(), nullable=False),
        sa.Column("statement", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("header_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("whole_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("received", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assets")),
    )
    op.create_index(op.f("ix_assets_statement"), "assets", ["statement"], unique=False)
    op.create_table(
        "work",
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "kind", "person", name=op.f("pk_work")),
    )
    op.create_index(op.f("ix_work_person_kind_subject"), "work", ["person", "kind", "subject"], unique=False)
    op.create_table(
        "chores",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("waits_for", sa.String(length=40), nullable=False),
        sa.Column("since", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chores")),
        sa.UniqueConstraint("kind", "subject", name=op.f("uq_chores_kind_subject")),
    )
    op.create_index(op.f("ix_chores_case"), "chores", ["case"], unique=False)


def _create_keys() -> None:
    op.create_table(
        "intake_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("private", sa.LargeBinary(), nullable=False),
        sa.Column("retired", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_keys")),
    )
    op.create_index(op.f("ix_intake_keys_case"), "intake_keys", ["case"], unique=False)
    op.create_table(
        "record_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case", sa.Uuid(), nullable=False),
        sa.Column("record", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("intake_key", sa.Uuid(), nullable=True),
        sa.Column("wrap", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_keys")),
    )
    op.create_index(
        op.f("ix_record_keys_case_kind_state_epoch"),
        "record_keys",
        ["case", "kind", "state", "epoch"],
        unique=False,
    )
    op.create_index(op.f("ix_record_keys_record"), "record_keys", ["record"], unique=False)
    op.create_table(
        "epoch_links",
        sa.Column("case", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("wrap", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("case", "kind", "epoch", name=op.f("pk_epoch_links")),
    )
    op.create_table(
        "trustee_shares",
        sa.Column("case", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("trustee", sa.Uuid(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("box", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("case", "kind", "epoch", "trustee", name=op.f("pk_trustee_shares")),
    )
    op.create_table(
        "recovered_shares",
        sa.Column("case", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("trustee", sa.Uuid(), nullable=False),
        sa.Column("member_card", sa.LargeBinary(length=32), nullable=False),
        sa.Column("box", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(
            "case", "kind", "epoch", "trustee", "member_card", name=op.f("pk_recovered_shares")
        ),
    )


def _create_records() -> None:
    op.create_table(
        "versions",
        sa.Column("record", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("case", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("author", sa.LargeBinary(length=32), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("object", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("record", "field", "version", name=op.f("pk_versions")),
    )
    op.create_table(
        "tips",
        sa.Column("record", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("record", "field", name=op.f("pk_tips")),
    )
    op.create_table(
        "sources",
        sa.Column("record", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("record", "source", name=op.f("pk_sources")),
    )
    op.create_index(op.f("ix_sources_source"), "sources", ["source"], unique=False)


def _create_stories() -> None:
    op.create_table(
        "stories",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case", sa.Uuid(), nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("bundle", sa.LargeBinary(length=32), nullable=True),
        sa.Column("embargo_until", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("created", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stories")),
        sa.UniqueConstraint("public_id", name=op.f("uq_stories_public_id")),
    )
    op.create_index(op.f("ix_stories_case"), "stories", ["case"], unique=False)
    op.create_table(
        "approvals",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("story", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("bundle", sa.LargeBinary(length=32), nullable=False),
        sa.Column("object", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("voided", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_approvals")),
    )
    op.create_index(op.f("ix_approvals_story"), "approvals", ["story"], unique=False)
    op.create_table(
        "releases",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("story", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("object", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("published", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("withdrawn", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("public_id", "number", name=op.f("pk_releases")),
    )
    op.create_index(op.f("ix_releases_story"), "releases", ["story"], unique=False)


def _create_log() -> None:
    op.create_table(
        "log_entries",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("era", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=True),
        sa.Column("case", sa.Uuid(), nullable=True),
        sa.Column("record", sa.Uuid(), nullable=True),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("object_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("session_tag", sa.LargeBinary(length=8), nullable=True),
        sa.Column("note", sa.String(length=120), nullable=False),
        sa.Column("leaf", sa.LargeBinary(length=32), nullable=False),
        sa.Column("chain", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_log_entries")),
    )
    op.create_index(op.f("ix_log_entries_case_sequence"), "log_entries", ["case", "sequence"], unique=False)
    op.create_index(
        op.f("ix_log_entries_person_sequence"), "log_entries", ["person", "sequence"], unique=False
    )
    op.create_index(
        op.f("ix_log_entries_record_field_sequence"),
        "log_entries",
        ["record", "field", "sequence"],
        unique=False,
    )
    op.create_table(
        "log_head",
        sa.Column("only", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("era", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("chain", sa.LargeBinary(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint('"only" = 1', name=op.f("ck_log_head_single_row")),
        sa.PrimaryKeyConstraint("only", name=op.f("pk_log_head")),
    )
