"""What the check of one bundle found, in codes that repeat no secret, and which bundle it speaks of."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, Self

from app.detection import gate
from app.domain.consent import Extent, Likeness, Naming, PlacePrecision, Publication
from app.domain.errors import InvalidInput
from app.domain.ids import StatementId
from app.domain.record import canonical_json, from_plain, to_plain

Severity = Literal["block", "warn"]

CONSENT: Final = "S4"
SOURCE: Final = "S5"
QUOTE: Final = "Q1"
"""Ours: what is quoted must be what was redacted, and what is said of it."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """`path`: a file, or the field of the manuscript; `explanation`: a code that `words` has sentences for.

    `needle`: id of the register's entry, where it is one; `detail`: a scope, a language, never testimony.
    """

    rule: str
    severity: Severity
    explanation: str
    path: str = ""
    where: str = ""
    needle: str = ""
    detail: str = ""

    @classmethod
    def of(cls, found: gate.Finding) -> Self:
        severity: Severity = "block" if found.severity is gate.Severity.BLOCK else "warn"
        return cls(found.rule.value, severity, found.explanation, found.path, found.where, found.needle)

    @property
    def blocks(self) -> bool:
        return self.severity == "block"


@dataclass(frozen=True, slots=True)
class Use:
    """What the public would see of one source."""

    statement: StatementId
    naming: Naming
    extent: Extent
    place: PlacePrecision
    languages: tuple[str, ...]

    @property
    def publication(self) -> Publication:
        """Nothing is heard or shown: there are no media in stories yet."""
        unseen = Likeness.NOT_AT_ALL
        return Publication(self.naming, self.extent, self.place, unseen, unseen, frozenset(self.languages))


@dataclass(frozen=True, slots=True)
class Report:
    """`bundle`: hex digest, empty where no page could be made; `revision`: of the manuscript; `uses`: whom it quotes."""

    bundle: str
    revision: int
    uses: tuple[Use, ...]
    findings: tuple[Finding, ...]
    files: int

    @property
    def passed(self) -> bool:
        return bool(self.bundle) and not any(finding.blocks for finding in self.findings)

    @property
    def blocking(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.blocks)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if not finding.blocks)

    @property
    def statements(self) -> tuple[StatementId, ...]:
        return tuple(use.statement for use in self.uses)

    def speaks_of(self, bundle: bytes | None) -> bool:
        return bundle is not None and self.bundle == bundle.hex()

    def to_bytes(self) -> bytes:
        return canonical_json(to_plain(self))

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Raises InvalidInput for what is no report."""
        try:
            plain = json.loads(content)
        except ValueError as error:
            raise InvalidInput({"report": "unreadable"}) from error
        return from_plain(cls, plain)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """What blocks first; each once."""
    return tuple(sorted(set(findings), key=lambda finding: (not finding.blocks, finding)))
