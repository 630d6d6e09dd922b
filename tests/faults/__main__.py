"""`python -m tests.faults`: faults by the hundred, counted; exit code 1 if one of them cost anything."""

import argparse
import json
import secrets
import sys
from pathlib import Path
from time import monotonic
from typing import Final

from tests.faults.rounds import KINDS, Tally, run_kind

RESULTS: Final = Path(__file__).resolve().parents[2] / "bench" / "results" / "faults.json"
COLUMNS: Final = (
    "kind",
    "rounds",
    "resumed",
    "refused",
    "lost",
    "readable",
    "repeated",
    "compared",
    "seconds",
)


def main() -> int:
    """Each kind that is run takes the place of its former result, as soon as it has ended."""
    asked = _arguments()
    seed, began, tallies = asked.seed or secrets.randbits(32), monotonic(), list[Tally]()
    print(f"seed {seed}", flush=True)
    for name in KINDS:
        rounds = getattr(asked, name)
        if rounds:
            tallies.append(run_kind(name, rounds, seed))
            _keep(name, {"seed": seed, **tallies[-1].as_json()})
            _print_row(tallies[-1])
    failed = sum(tally.failed for tally in tallies)
    print(f"{failed} of {len(tallies)} kinds of fault cost something, in {monotonic() - began:.0f} s")
    return 1 if failed else 0


def _keep(name: str, result: dict[str, object]) -> None:
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    RESULTS.write_text(json.dumps({**kept, name: result}, indent=1, sort_keys=True) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    for name in KINDS:
        parser.add_argument(f"--{name}", type=int, default=100, metavar="ROUNDS")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def _print_row(tally: Tally) -> None:
    told = tally.as_json()
    print("  ".join(f"{name} {told[name]}" for name in COLUMNS), flush=True)
    if tally.not_run:
        print(f"  NOT RUN: {tally.not_run}", flush=True)
    for failure in tally.failures:
        print(f"  {failure}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
