"""`python -m tests.adversary`: 2,000 walks of 50 steps on SQLite and 200 on PostgreSQL, and what was tried in them."""

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.adversary.tally import added

ROOT: Final = Path(__file__).resolve().parents[2]
RESULTS: Final = ROOT / "bench" / "results" / "adversary.json"
TESTS: Final = "tests/adversary/test_walk.py"


@dataclass(frozen=True)
class Run:
    """So many walks on one kind of database, from one seed; the same seed walks them again."""

    database: str
    examples: int
    seed: int

    def start(self, folder: Path) -> "subprocess.Popen[bytes]":
        chosen = ("-m", "postgres") if self.database == "postgres" else ("-m", "not postgres")
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:xdist",
            "-p",
            "no:cacheprovider",
            *chosen,
            TESTS,
        ]
        environment = {
            **os.environ,
            "ADVERSARY_EXAMPLES": str(self.examples),
            "ADVERSARY_SEED": str(self.seed),
            "ADVERSARY_TALLY": str(self.tally(folder)),
        }
        return subprocess.Popen(command, cwd=ROOT, env=environment)

    def tally(self, folder: Path) -> Path:
        return folder / f"{self.database}-{self.seed}.json"


def main() -> int:
    """Arguments: how many walks on SQLite, and how many on PostgreSQL."""
    on_sqlite, on_postgres = (int(text) for text in (sys.argv[1:] or ("2000", "200")))
    runs = [
        Run("sqlite", on_sqlite // 2, secrets.randbits(32)),
        Run("sqlite", on_sqlite - on_sqlite // 2, secrets.randbits(32)),
        Run("postgres", on_postgres, secrets.randbits(32)),
    ]
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        failed = _finish(runs[:2], folder) + _finish(runs[2:], folder)
        tallies = {
            run: json.loads(run.tally(folder).read_text()) for run in runs if run.tally(folder).exists()
        }
    result = {
        "seconds": round(time.monotonic() - began),
        "failed": failed,
        **{
            kind: added([tally for run, tally in tallies.items() if run.database == kind])
            for kind in ("sqlite", "postgres")
        },
    }
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    _print(result)
    return 1 if failed else 0


def _finish(runs: list[Run], folder: Path) -> int:
    """Run them side by side; how many failed."""
    for run in runs:
        print(f"{run.database}: {run.examples} walks, seed {run.seed}", flush=True)
    return sum(process.wait() != 0 for process in [run.start(folder) for run in runs])


def _print(result: dict[str, Any]) -> None:
    for kind in ("sqlite", "postgres"):
        tally = result[kind]
        if not tally:
            print(f"{kind}: nothing was run")
            continue
        print(f"{kind}: {tally['examples']} walks, {tally['steps']} steps")
        for name in sorted({*tally["acted"], *tally["refused"]}):
            acted, refused = tally["acted"].get(name, 0), tally["refused"].get(name, 0)
            print(f"  {name:28} {acted:7} acted {refused:7} refused")
        for name, count in tally["checks"].items():
            print(f"  checked {count:7} times: {name}")
    print(f"{result['failed']} of 3 runs failed, in {result['seconds']} s")


if __name__ == "__main__":
    sys.exit(main())
