"""What a list of people would make fail later: told when a duty is given, never first when an approval is refused."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final
from uuid import UUID

from app.cases.team import Member, are_two_voices, missing_duties
from app.domain.duties import Duty

MAKING: Final = frozenset({Duty.TRANSCRIBER, Duty.TRANSLATOR, Duty.REDACTOR})
APPROVING: Final = frozenset({Duty.EDITORIAL_APPROVER, Duty.PROTECTION_APPROVER})

Members = Sequence[Member]
Voices = tuple[Member, Member]


@dataclass(frozen=True)
class NobodyHolds:
    """Nothing of the case is ever published without this duty."""

    duty: Duty

    @property
    def code(self) -> str:
        return f"nobody-holds:{self.duty}"


@dataclass(frozen=True)
class OneVoice:
    """The same person holds both approvals, and nobody else holds either."""

    person: UUID

    @property
    def code(self) -> str:
        return f"one-voice:{self.person.hex}"


@dataclass(frozen=True)
class Remedy:
    """Whose word would make two voices of two approvers: `voucher` compares cards with `member`."""

    voucher: UUID
    member: UUID


@dataclass(frozen=True)
class SameWord:
    """No two approvers could both sign. `vouchers`: by whose word these two are known, all in all."""

    one: UUID
    other: UUID
    vouchers: frozenset[UUID]
    remedy: Remedy | None

    @property
    def code(self) -> str:
        return f"same-word:{self.one.hex}:{self.other.hex}"


@dataclass(frozen=True)
class ApprovesOwnWork:
    """They can never approve what they worked on."""

    person: UUID
    work: tuple[Duty, ...]

    @property
    def code(self) -> str:
        return f"approves-own-work:{self.person.hex}:{'+'.join(self.work)}"


@dataclass(frozen=True)
class LeadKeepsNames:
    """A lead is the only custodian: one session holds statements and names."""

    person: UUID

    @property
    def code(self) -> str:
        return f"lead-keeps-names:{self.person.hex}"


Finding = NobodyHolds | OneVoice | SameWord | ApprovesOwnWork | LeadKeepsNames
"""`code` names a finding in a form: the same one twice has the same code."""


def findings(members: Members, vouchers: Iterable[UUID] = ()) -> tuple[Finding, ...]:
    """Everything that such a list lacks or risks, the most pressing first.

    Args:
        members: with the duties and the vouchers that they would have.
        vouchers: people besides the members who could vouch for one of them; readers of the case are asked first.
    """
    first = sorted(members, key=lambda member: not member.opens)
    known = (*(member.person for member in first), *vouchers)
    return (
        *_nobody_holds(members),
        *_too_few_voices(members, known),
        *_approve_own_work(members),
        *_lead_keeps_names(members),
    )


def new_since(before: Iterable[Finding], after: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those of `after` that were not so before."""
    known = {finding.code for finding in before}
    return tuple(finding for finding in after if finding.code not in known)


def _nobody_holds(members: Members) -> Iterator[NobodyHolds]:
    return (NobodyHolds(duty) for duty in missing_duties(members))


def _too_few_voices(members: Members, known: Iterable[UUID]) -> Iterator[OneVoice | SameWord]:
    """Nothing where an approval lacks anybody: that is told already."""
    pairs = list(
        product(_holders(members, Duty.EDITORIAL_APPROVER), _holders(members, Duty.PROTECTION_APPROVER))
    )
    apart = [pair for pair in pairs if pair[0].person != pair[1].person]
    if pairs and not apart:
        yield OneVoice(pairs[0][0].person)
    elif pairs and not any(are_two_voices(*pair) for pair in apart):
        yield _same_word(apart[0], known)


def _same_word(pair: Voices, known: Iterable[UUID]) -> SameWord:
    one, other = pair
    return SameWord(one.person, other.person, one.vouchers | other.vouchers, _remedy(pair, known))


def _remedy(pair: Voices, known: Iterable[UUID]) -> Remedy | None:
    """The first of those known whose vouch for either of two approvers makes them independent."""
    one, other = pair
    for voucher in known:
        if voucher not in other.vouchers | {other.person} and are_two_voices(one, other.vouched_by(voucher)):
            return Remedy(voucher, other.person)
        if voucher not in one.vouchers | {one.person} and are_two_voices(one.vouched_by(voucher), other):
            return Remedy(voucher, one.person)
    return None


def _approve_own_work(members: Members) -> Iterator[ApprovesOwnWork]:
    for member in members:
        work = tuple(duty for duty in Duty if duty in member.duties & MAKING)
        if work and member.duties & APPROVING:
            yield ApprovesOwnWork(member.person, work)


def _lead_keeps_names(members: Members) -> Iterator[LeadKeepsNames]:
    custodians = _holders(members, Duty.IDENTITY_CUSTODIAN)
    if len(custodians) == 1 and Duty.LEAD in custodians[0].duties:
        yield LeadKeepsNames(custodians[0].person)


def _holders(members: Members, duty: Duty) -> list[Member]:
    return [member for member in members if duty in member.duties]
