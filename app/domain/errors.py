"""The families of everything that can go wrong: codes and facts; `app.web` holds the sentences."""

# ruff: noqa: N818  # named for what happened, so that `raise NotFound` reads as a sentence

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar
from uuid import UUID

from app.domain.ids import NIL


class VouchsafeError(Exception):
    """Base of every family. `code` names the kind; attributes are facts to show, never testimony."""

    code: ClassVar[str] = "failed"


class NotSignedIn(VouchsafeError):
    """No live session (401)."""

    code = "not-signed-in"


class NotFound(VouchsafeError):
    """There is nothing here, or nothing that this person may know of (404); the two look the same."""

    code = "not-found"


class Forbidden(VouchsafeError):
    """Known to the person, but not theirs to do (403). `reasons` are codes, most telling first."""

    code = "forbidden"

    def __init__(self, *reasons: str) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = reasons


class MissingScope(Forbidden):
    """The consent in force does not reach as far as the use (403). `scope` is the one that is missing."""

    code = "missing-scope"

    def __init__(self, scope: str) -> None:
        super().__init__(f"consent:{scope}")
        self.scope = scope


class NotConfirmed(Forbidden):
    """A dangerous act needs the second factor again (403)."""

    code = "not-confirmed"


class Conflict(VouchsafeError):
    """Somebody else was first (409). `kept` holds what was sent, `newest` is the version in force."""

    code = "conflict"

    def __init__(self, reason: str, *, kept: UUID = NIL, newest: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.kept = kept
        self.newest = newest


class InvalidTransition(Conflict):
    """The thing is in a state from which this act does not lead (409)."""

    code = "invalid-transition"

    def __init__(self, state: str, act: str) -> None:
        super().__init__(f"{act} from {state}")
        self.state = state
        self.act = act


class InvalidInput(VouchsafeError):
    """What was sent cannot be taken as it is (422). `problems`: field name -> message code."""

    code = "invalid-input"

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{field}: {problem}" for field, problem in problems.items()))
        self.problems = MappingProxyType(dict(problems))


class TooLarge(VouchsafeError):
    """Over a limit (413). `limit` in the unit of the limit's name in `domain.capacity`."""

    code = "too-large"

    def __init__(self, what: str, limit: int) -> None:
        super().__init__(f"{what} over {limit}")
        self.what = what
        self.limit = limit


class TooManyAttempts(VouchsafeError):
    """Wait (429). `retry_after` in whole seconds."""

    code = "too-many-attempts"

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after


class Tampered(VouchsafeError):
    """One stored thing is not what its author sealed (500). Names record and fault, never contents."""

    code = "tampered"

    def __init__(self, fault: str, *, table: str, record: UUID, field: str = "") -> None:
        super().__init__(f"{table}.{field} of {record}: {fault}" if field else f"{table} {record}: {fault}")
        self.fault = fault
        self.table = table
        self.record = record
        self.field = field


class Frozen(VouchsafeError):
    """A case, or everything (NIL), opens nothing until somebody decides (503): `fork`, `head-behind`, ..."""

    code = "frozen"

    def __init__(self, reason: str, case: UUID = NIL) -> None:
        super().__init__(reason)
        self.reason = reason
        self.case = case


class Unavailable(VouchsafeError):
    """Something we stand on does not answer: disk, database, sandbox (503). `what` is a code."""

    code = "unavailable"

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Unusable(VouchsafeError):
    """The installation cannot start as it is; the sentence tells its operator what to do."""

    code = "unusable"


class CryptoError(VouchsafeError):
    """Sealed or signed bytes that are not taken. `fault` is a short code that says why."""

    code = "crypto"

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


class Refused(CryptoError):
    """Authentication failed: altered, cut, out of place, or made by somebody else. No plaintext has left."""

    code = "refused"


class WrongKey(Refused):
    """The key commitment or the named recipient is another: a wrong password looks like this."""

    code = "wrong-key"


class Malformed(CryptoError):
    """Bytes, or values meant for them, that do not fit their format."""

    code = "malformed"


class UnknownFormat(CryptoError):
    """A magic, version or suite that this release does not know."""

    code = "unknown-format"


class UnreadableWords(Malformed):
    """Words typed from paper that are no key. `position` counts from 1; 0 blames no single word."""

    code = "unreadable-words"

    def __init__(self, fault: str, position: int = 0) -> None:
        super().__init__(fault)
        self.position = position
