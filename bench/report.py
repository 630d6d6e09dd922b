"""One way to keep and print what was measured."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Figure:
    """`target`: what must be reached, as a ratio or a value; `met` is judged by whoever measured."""

    name: str
    value: float
    unit: str
    target: str
    met: bool


def publish(subject: str, figures: Sequence[Figure], raw: dict[str, object]) -> None:
    """Write `results/<subject>.json` and print the table."""
    RESULTS.mkdir(exist_ok=True)
    record = {
        "subject": subject,
        "machine": {"processors": _processors(), "python": platform.python_version()},
        "figures": [asdict(figure) for figure in figures],
        "raw": raw,
    }
    text = json.dumps(record, indent=1, sort_keys=True)
    (RESULTS / f"{subject}.json").write_text(text + "\n")
    print(text)
    width = max(len(figure.name) for figure in figures)
    print(f"\n{subject}")
    for figure in figures:
        verdict = "met" if figure.met else "NOT MET"
        print(
            f"  {figure.name:<{width}}  {figure.value:>10.3f} {figure.unit:<14} {figure.target:<22} {verdict}"
        )
    print()


def _processors() -> int:
    return len(os.sched_getaffinity(0))
