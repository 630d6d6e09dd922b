"""What honest people know they did: who may open what, what was sent, and every word of it."""

import copy
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from app.audit.acts import Act
from app.crypto.context import Context
from app.domain.duties import IDENTITY_DUTIES, READING_DUTIES, Duty
from app.vault.fields import IDENTITY, Field
from tests.adversary.world import MARK

NOTHING: Final[frozenset[Duty]] = frozenset()


@dataclass
class Item:
    """One field of one record. `contents`: every version, oldest first; `readers`: who could ever open it.

    `exact`: the words are the whole content; else they stand in a form among our own fields.
    """

    where: Field
    case: UUID
    record: UUID
    exact: bool
    contents: list[bytes] = field(default_factory=list)
    readers: set[str] = field(default_factory=set)

    def version_of(self, content: bytes) -> int:
        """Which version this is, counted from 1; 0 for words that were never said here."""
        for number, said in reversed(list(enumerate(self.contents, start=1))):
            whole = content == said if self.exact else content.count(MARK.encode()) == 1 and said in content
            if whole:
                return number
        return 0


@dataclass
class Form:
    """A form that somebody has open: what its page carries."""

    author: str
    case: UUID
    token: str


@dataclass
class CaseShadow:
    """`remembers_names`: who had the identity secret and still has a duty that it opens for."""

    duties: dict[str, frozenset[Duty]]
    remembers_names: set[str] = field(default_factory=set)

    def members(self, duties: frozenset[Duty]) -> list[str]:
        return sorted(name for name, held in self.duties.items() if held & duties)

    @property
    def leads(self) -> list[str]:
        return self.members(frozenset({Duty.LEAD}))

    def readers(self, kind: str) -> list[str]:
        return self.members(IDENTITY_DUTIES if kind == IDENTITY.kind else READING_DUTIES)

    def may_open(self, name: str, kind: str) -> bool:
        return name in self.readers(kind) or (kind == IDENTITY.kind and name in self.remembers_names)


@dataclass(frozen=True)
class Box:
    """A secret that an honest session sealed: to somebody's key, or under a case's secret where `recipient` is empty."""

    recipient: bytes
    context: Context
    sealed: bytes


@dataclass
class Shadow:
    """`vouched`: honest people whom a colleague vouched for. `chartered`: case -> lead, of cases not opened yet."""

    vouched: set[str]
    unvouched: set[str]
    interviewers: set[str]
    cases: dict[UUID, CaseShadow] = field(default_factory=dict)
    chartered: dict[UUID, str] = field(default_factory=dict)
    items: dict[tuple[str, UUID], Item] = field(default_factory=dict)
    statements: dict[UUID, str] = field(default_factory=dict)
    files: dict[UUID, tuple[UUID, bytes, set[str]]] = field(default_factory=dict)
    forms: list[Form] = field(default_factory=list)
    openings: list[tuple[Act, str, UUID]] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    signed: set[bytes] = field(default_factory=set)
    """Digests of every roster and every grant that an honest session signed."""
    said: int = 0

    def copied(self) -> "Shadow":
        return copy.deepcopy(self)

    def words(self) -> str:
        """Words that nobody has said before."""
        self.said += 1
        return f"{MARK} {self.said:05d} and what was seen there"

    def keep(self, where: Field, case: UUID, record: UUID, content: bytes, *, exact: bool) -> None:
        """A version was acknowledged."""
        item = self.items.setdefault((where.path, record), Item(where, case, record, exact))
        item.contents.append(content)
        item.readers |= set(self.cases[case].readers(where.kind))

    def change(self, case: UUID, duties: dict[str, frozenset[Duty]]) -> None:
        """A lead signed who works on a case from now on."""
        before = self.cases[case]
        had = before.remembers_names | set(before.readers(IDENTITY.kind))
        after = CaseShadow({name: held for name, held in duties.items() if held})
        after.remembers_names = {name for name in had if name in after.leads}
        self.cases[case] = after
        for item in self.items.values():
            if item.case == case:
                item.readers |= set(after.readers(item.where.kind))
        for of_case, _content, readers in self.files.values():
            if of_case == case:
                readers |= set(after.readers("case"))
