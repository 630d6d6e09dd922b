"""What a job can be: name -> action. An action sees one file in clear and names no key."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from importlib import import_module
from typing import Any, Final, Protocol

from app.config import Config
from app.domain.errors import VouchsafeError
from app.vault.prepared import REBUILD
from app.vault.work import Head

REBUILT: Final = "rebuilt"
FAILED: Final = "failed"
NOT_HERE: Final = frozenset({"sandbox-missing", "extra-missing"})
"""Failures of this installation, not of the file: somebody mends it, then asks again."""


class Source(Protocol):
    """The file in clear, at any offset."""

    def size(self) -> int: ...

    def read_at(self, offset: int, size: int) -> bytes: ...


class Sink(Protocol):
    """Where one output goes: it ends with `finish` or with `abandon`."""

    def write(self, data: bytes) -> None: ...

    def finish(self) -> None: ...

    def abandon(self) -> None: ...


@dataclass(frozen=True)
class Outcome:
    """`outcome`: `rebuilt`, or `failed` with a `reason` that says why; `report`: what the reader is told, ready for JSON."""

    outcome: str
    reason: str = ""
    report: Mapping[str, Any] = field(default_factory=dict)


class NotHereError(VouchsafeError):
    """The installation cannot do it as it is. `reason` is a code."""

    code = "not-here"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Action(Protocol):
    """What the source, the sinks and `progress` (0 to 1) raise must reach the caller."""

    def __call__(
        self, source: Source, open_output: Callable[[Head], Sink], progress: Callable[[float], None]
    ) -> Outcome:
        """Raises NotHereError where nothing was tried."""


def production(config: Config) -> Mapping[str, Action]:
    """Every kind of job there is. Outside a demo nothing is decoded without both walls of the sandbox."""
    return {REBUILD: Rebuild(strict=not config.demo)}


@dataclass(frozen=True)
class Rebuild:
    """Decode in a sandboxed child what can be decoded, and seal what is made of it."""

    strict: bool

    def __call__(
        self, source: Source, open_output: Callable[[Head], Sink], progress: Callable[[float], None]
    ) -> Outcome:
        rebuild, limits = _media()
        came_of_it = rebuild(source, open_output, progress, limits, strict=self.strict)
        code = getattr(came_of_it, "code", "")
        if code in NOT_HERE:
            raise NotHereError(code)
        return Outcome(FAILED, code) if code else Outcome(REBUILT, report=_plain(came_of_it))


def _media() -> tuple[Callable[..., Any], Any]:
    """Imported when it is first needed: the decoders are an extra."""
    try:
        return import_module("app.media.rebuild").rebuild, import_module("app.media.shapes").LIMITS
    except ImportError as error:
        raise NotHereError("extra-missing") from error


def _plain(report: Any) -> dict[str, Any]:
    """The fields of a report, as JSON takes them."""
    told = {each.name: getattr(report, each.name) for each in fields(report)}
    return {name: dict(value) if isinstance(value, Mapping) else value for name, value in told.items()}
