"""Names every kind of id and makes new ones: 128 random bits each, so that none tells an order or a time."""

import secrets
from typing import NewType
from uuid import UUID

PersonId = NewType("PersonId", UUID)
CaseId = NewType("CaseId", UUID)
StatementId = NewType("StatementId", UUID)
AddendumId = NewType("AddendumId", UUID)
AssetId = NewType("AssetId", UUID)
DerivativeId = NewType("DerivativeId", UUID)
EntityId = NewType("EntityId", UUID)
MarkId = NewType("MarkId", UUID)
StoryId = NewType("StoryId", UUID)
RecordId = NewType("RecordId", UUID)
KeyId = NewType("KeyId", UUID)
TrusteeId = NewType("TrusteeId", UUID)
ChoreId = NewType("ChoreId", UUID)
JobId = NewType("JobId", UUID)
UploadId = NewType("UploadId", UUID)
InstallationId = NewType("InstallationId", UUID)
SessionTag = NewType("SessionTag", bytes)
"""Eight random bytes that tell sessions apart in the log and open nothing."""

NIL = UUID(int=0)
"""Where a thing belongs to no case or no record."""


def new_id() -> UUID:
    """128 bits from the operating system; wrap it: `CaseId(new_id())`. No version bits: ids are opaque."""
    return UUID(bytes=secrets.token_bytes(16))


def new_session_tag() -> SessionTag:
    return SessionTag(secrets.token_bytes(8))
