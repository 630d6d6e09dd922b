"""How often each rule acted and was refused, so that a run shows that it tried something."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.adversary.forger import Forger
from tests.adversary.prying import VERBS

HONEST: Final = (
    "vouch",
    "charter",
    "open_case",
    "add_member",
    "remove_member",
    "change_duty",
    "rewrap",
    "recover",
    "begin_form",
    "send_form",
    "adopt",
    "adopt_identity",
    "write_transcript",
    "write_settings",
    "open_item",
    "play_file",
    "check_submission",
    "look_at_a_puppet",
    "sign_in",
    "sign_out",
    "audit",
    "take_photograph",
    "shut_out",
    "put_back",
)
TAMPERING: Final = (
    "flip",
    "cut_short",
    "swap",
    "transplant",
    "renumber",
    "delete",
    "replay_row",
    "roll_back",
    "roll_back_everything",
    "rewind_record",
    "rewind_case",
)
FORGERIES: Final = tuple(name for name in dir(Forger) if name.startswith("forge_"))
ACTS: Final = (*HONEST, *TAMPERING, *FORGERIES)
ATTEMPTS: Final = (
    *("usurp", "open_item_of_others", "charter_a_puppet", "agree_with_oneself", "administrator_vouches"),
    *(f"pry:{verb}" for verb in VERBS),
)


@dataclass
class Tally:
    """`refused` counts by rule and by the family that refused it; `checks`: what was asserted, and how often."""

    examples: int = 0
    steps: int = 0
    scarred: int = 0
    acted: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    families: Counter[str] = field(default_factory=Counter)
    idle: Counter[str] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)

    def never_happened(self) -> list[str]:
        """Acts that never succeeded, and attempts that were never refused: a run without them tried too little."""
        missing = [name for name in ACTS if not self.acted[name]]
        return missing + [name for name in ATTEMPTS if not self.refused[name]]

    def as_json(self) -> dict[str, Any]:
        return {
            "examples": self.examples,
            "steps": self.steps,
            "examples_scarred": self.scarred,
            "acted": dict(sorted(self.acted.items())),
            "refused": dict(sorted(self.refused.items())),
            "refused_by": dict(sorted(self.families.items())),
            "nothing_to_do": dict(sorted(self.idle.items())),
            "checks": dict(sorted(self.checks.items())),
        }

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(self.as_json(), indent=1) + "\n")


def added(tallies: list[dict[str, Any]]) -> dict[str, Any]:
    """Several tallies, as they stand in JSON, as one."""
    total: dict[str, Any] = {}
    for tally in tallies:
        for name, value in tally.items():
            if isinstance(value, dict):
                counts = Counter(total.get(name, {}))
                counts.update(value)
                total[name] = dict(sorted(counts.items()))
            else:
                total[name] = total.get(name, 0) + value
    return total
