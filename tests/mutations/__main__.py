"""`python -m tests.mutations`: every refusal of the vault and the log removed in a copy of the sources, its tests run.

A refusal is a `raise` of one of `REFUSALS`. Its tests are those that reach its line, found by one run with coverage;
a mutation survives where none of them fails. Exit code 1 if any survives.
"""

import ast
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from coverage import CoverageData

ROOT: Final = Path(__file__).resolve().parents[2]
SOURCES: Final = (
    "app/audit/log.py",
    "app/vault/book.py",
    "app/vault/casework.py",
    "app/vault/files.py",
    "app/vault/invitations.py",
    "app/vault/jobs.py",
    "app/vault/joining.py",
    "app/vault/people.py",
    "app/vault/pieces.py",
    "app/vault/prepared.py",
    "app/vault/records.py",
    "app/vault/releases.py",
    "app/vault/returning.py",
    "app/vault/secrets.py",
    "app/vault/submissions.py",
    "app/vault/trust.py",
    "app/vault/upload_rows.py",
    "app/vault/uploads.py",
    "app/vault/work.py",
)
TESTS: Final = ("tests/vault", "tests/audit")
REFUSALS: Final = frozenset({"Conflict", "Forbidden", "Frozen", "Tampered"})
COPIED: Final = ("app", "bench", "deploy", "migrations", "tests", "pyproject.toml")
RESULTS: Final = ROOT / "bench" / "results" / "mutations.json"
MOST_TESTS: Final = 40
PATIENCE: Final = 600
"""Seconds for the tests that reach one line."""
NEVER_ENDED: Final = -1


@dataclass(frozen=True)
class Mutation:
    """`line`, `end`: of the `raise` statement, counted from 1; `indent`: columns before it."""

    path: str
    line: int
    end: int
    indent: int
    refusal: str

    def applied(self, source: str) -> str:
        lines = source.splitlines(keepends=True)
        nothing = " " * self.indent + "pass\n"
        return "".join([*lines[: self.line - 1], nothing, *lines[self.end :]])


@dataclass(frozen=True)
class Verdict:
    """`tests`: how many reach the line; `caught`: whether one of them failed without the refusal."""

    path: str
    line: int
    refusal: str
    tests: int
    caught: bool


def main() -> int:
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            shutil.copytree(source, copy / name) if source.is_dir() else shutil.copy(source, copy / name)
        reached = _tests_by_line(copy)
        verdicts = [_judged(copy, mutation, reached) for path in SOURCES for mutation in _mutations(path)]
    survivors = [verdict for verdict in verdicts if not verdict.caught]
    RESULTS.write_text(
        json.dumps(
            {
                "mutations": len(verdicts),
                "caught": len(verdicts) - len(survivors),
                "survivors": list(map(asdict, survivors)),
            },
            indent=1,
        )
        + "\n"
    )
    print(f"{len(verdicts) - len(survivors)} of {len(verdicts)} caught in {time.monotonic() - began:.0f} s")
    for verdict in survivors:
        print(f"SURVIVED {verdict.path}:{verdict.line} {verdict.refusal} ({verdict.tests} tests reach it)")
    return 1 if survivors else 0


def _mutations(path: str) -> Iterator[Mutation]:
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if not isinstance(node, ast.Raise) or not isinstance(node.exc, ast.Call):
            continue
        called = node.exc.func
        if isinstance(called, ast.Name) and called.id in REFUSALS and node.end_lineno is not None:
            code = ast.unparse(node.exc.args[0]) if node.exc.args else ""
            yield Mutation(path, node.lineno, node.end_lineno, node.col_offset, f"{called.id} {code}".strip())


def _tests_by_line(copy: Path) -> dict[str, dict[int, list[str]]]:
    """Path -> line -> the tests that reach it."""
    covered = copy / "reached"
    command = ["-n", "2", "--cov=app/vault", "--cov=app/audit", "--cov-context=test", "--cov-report="]
    _pytest(copy, *TESTS, *command, data=covered)
    data = CoverageData(str(covered))
    data.read()
    found: dict[str, dict[int, list[str]]] = {}
    for file in data.measured_files():
        contexts = data.contexts_by_lineno(file)
        found[str(Path(file).relative_to(copy))] = {
            line: sorted({context.partition("|")[0] for context in names if context})
            for line, names in contexts.items()
        }
    return found


def _judged(copy: Path, mutation: Mutation, reached: dict[str, dict[int, list[str]]]) -> Verdict:
    tests = reached.get(mutation.path, {}).get(mutation.line, [])
    target = copy / mutation.path
    original = target.read_text()
    target.write_text(mutation.applied(original))
    try:
        caught = (
            bool(tests) and _pytest(copy, "-x", "-p", "no:xdist", *tests[:MOST_TESTS], patience=PATIENCE) != 0
        )
    finally:
        target.write_text(original)
    print("." if caught else "S", end="", flush=True)
    return Verdict(mutation.path, mutation.line, mutation.refusal, len(tests), caught)


def _pytest(copy: Path, *arguments: str, data: Path | None = None, patience: int | None = None) -> int:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-m",
        "not postgres",
        *arguments,
    ]
    environment = {"PATH": "/usr/bin:/bin", "COVERAGE_FILE": str(data or copy / "unused"), "HOME": str(copy)}
    try:
        return subprocess.run(
            command, cwd=copy, env=environment, capture_output=True, check=False, timeout=patience
        ).returncode
    except subprocess.TimeoutExpired:  # a refusal that ended a loop is missed too
        return NEVER_ENDED


if __name__ == "__main__":
    sys.exit(main())
