"""An adversary at every turn: thousands of walks in which words leave only to whom they were meant for, or not at all."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.adversary.honest import prelude
from tests.adversary.machine import Walk
from tests.adversary.tally import Tally
from tests.adversary.world import World, founded
from tests.adversary.writer import Writer
from tests.databases import PostgresDatabases

EXAMPLES = int(os.environ.get("ADVERSARY_EXAMPLES", "0"))
"""How many walks; the few of an ordinary run are the same ones every time."""
FEW = 60
MANY = 100
LEFT_OUT = 4
"""Of some eighty ways, how many so few walks may leave out; many walks leave out none."""
STEPS = 50
PHASES = (Phase.generate, Phase.shrink)
SEED = os.environ.get("ADVERSARY_SEED", "")
TALLY = os.environ.get("ADVERSARY_TALLY", "")


def walk(world: World, examples: int) -> Tally:
    shadow = prelude(world)
    world.remember()
    photograph, tally = Writer(world.services.database).photograph(), Tally()
    machine = type(
        "Walk",
        (Walk,),
        {"world": world, "founding": shadow, "founding_photograph": photograph, "tally": tally},
    )
    limits = settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=not EXAMPLES,
        database=None,
        print_blob=True,
        report_multiple_bugs=False,
        phases=PHASES,
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.normal,
    )
    if SEED:
        seed(int(SEED))(machine)
    run_state_machine_as_test(machine, settings=limits)
    return tally


@pytest.fixture
def sqlite_world() -> Iterator[World]:
    with founded() as world:
        yield world


@pytest.fixture
def postgres_world(postgres_databases: PostgresDatabases) -> Iterator[World]:
    with founded(postgres_databases.empty()) as world:
        yield world


def report(tally: Tally) -> None:
    if TALLY:
        tally.write(Path(TALLY))


def test_no_walk_of_the_adversary_leads_to_a_word(sqlite_world: World) -> None:
    """And every way was walked: each act succeeded at least once, each attempt was refused at least once."""
    tally = walk(sqlite_world, EXAMPLES or FEW)
    report(tally)
    assert len(tally.never_happened()) <= (0 if EXAMPLES > MANY else LEFT_OUT), tally.never_happened()


@pytest.mark.postgres
def test_nor_on_the_other_database(postgres_world: World) -> None:
    report(walk(postgres_world, EXAMPLES or FEW // 10))
