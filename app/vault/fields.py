"""Every sealed field there is: where it lies, which secret opens it, how it is padded, what the log calls its sealing."""

from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from app.audit.acts import Act
from app.crypto.context import Context

Kind = Literal["case", "identity"]


@dataclass(frozen=True)
class Field:
    """`table` and `name` are part of the sealing context, so that no ciphertext can stand in for another."""

    table: str
    name: str
    kind: Kind
    act: Act
    floor: int = 1024

    @property
    def path(self) -> str:
        return f"{self.table}.{self.name}"

    def context(self, case: UUID, record: UUID, version: int) -> Context:
        return Context(self.table, self.name, case, record, version)


PART: Final = Field("statements", "part", "case", Act.PART_SEALED)
NOTES: Final = Field("statements", "notes", "case", Act.PART_SEALED)
IDENTITY: Final = Field("statements", "identity", "identity", Act.PART_SEALED)
DOUBLE: Final = Field("statements", "double", "case", Act.STATEMENT_QUARANTINED)
INNER: Final = Field("statements", "inner", "case", Act.STATEMENT_FINISHED)
LINE: Final = Field("statements", "line", "case", Act.STATEMENT_ADOPTED, floor=256)
ADDENDUM: Final = Field("statements", "addendum", "case", Act.ADDENDUM_SEALED)
CONSENT: Final = Field("statements", "consent", "case", Act.CONSENT_SEALED)
REMARK: Final = Field("statements", "remark", "case", Act.STATE_CHANGED)
TRANSCRIPT: Final = Field("statements", "transcript", "case", Act.TRANSCRIPT_SEALED)
MARKS: Final = Field("statements", "marks", "case", Act.REDACTION_SEALED)
REDACTED: Final = Field("statements", "redacted", "case", Act.REDACTION_SEALED)
ASSET_FACTS: Final = Field("assets", "facts", "case", Act.FILE_SEALED)
ASSET_SEGMENTS: Final = Field("assets", "segments", "case", Act.FILE_SEALED)
LATER_FILES: Final = Field("statements", "later-files", "case", Act.FILE_SEALED)
JOB: Final = Field("assets", "job", "case", Act.JOB_ISSUED)
CASE_SETTINGS: Final = Field("cases", "settings", "case", Act.CASE_SETTINGS_SEALED)
DIGEST_KEY: Final = Field("cases", "digest-key", "case", Act.DIGEST_KEY_SEALED)
REGISTER: Final = Field("cases", "register", "case", Act.REGISTER_SEALED)
STORY: Final = Field("stories", "draft", "case", Act.STORY_SEALED)
BUNDLE: Final = Field("stories", "bundle", "case", Act.STORY_SEALED)
REPORT: Final = Field("stories", "report", "case", Act.STORY_SEALED)

FIELDS: Final = (
    PART,
    NOTES,
    IDENTITY,
    DOUBLE,
    INNER,
    LINE,
    ADDENDUM,
    CONSENT,
    REMARK,
    TRANSCRIPT,
    MARKS,
    REDACTED,
    ASSET_FACTS,
    ASSET_SEGMENTS,
    LATER_FILES,
    JOB,
    CASE_SETTINGS,
    DIGEST_KEY,
    REGISTER,
    STORY,
    BUNDLE,
    REPORT,
)

ORIGINAL: Final = ("assets", "original")
"""Table and field in the sealing context of a file's stream."""
