"""Sixteen people who sign in at the same moment, at the real cost of Argon2: how many a second, and the memory they take."""

import statistics
import threading
import time
from dataclasses import dataclass, replace

from app.config import ARGON2_FLOOR
from bench.report import Figure, publish
from bench.staff import Staff, serving
from tests import cast

AT_ONCE = 16
ROUNDS = 6
WORKERS = 2
SLOTS = 2
"""Of each worker; `app/services.py` says why."""
MIB = 2**20
LEEWAY_MIB = 32
"""What threads, connections and caches may take beside the slots, of both workers."""
BOUND_MIB = WORKERS * SLOTS * ARGON2_FLOOR[1] / 1024 + LEEWAY_MIB


@dataclass(frozen=True)
class Burst:
    """`seconds` of each person and of all; `extra`: bytes resident at the worst moment over those just before."""

    times: list[float]
    errors: int
    seconds: float
    idle: int
    extra: int


def main() -> None:
    with serving(workers=WORKERS, argon2=ARGON2_FLOOR) as staff:
        people = _bring_in(staff.cast)
        alone = [_timed(staff, name) for name in people[:AT_ONCE]]
        idle = staff.resident()
        bursts = [_burst(staff, people[at : at + AT_ONCE]) for at in range(AT_ONCE, len(people), AT_ONCE)]
        after = staff.resident()
    _publish(bursts, alone, idle, after)


def _publish(bursts: list[Burst], alone: list[float], idle: int, after: int) -> None:
    times = sorted(taken for burst in bursts for taken in burst.times)
    errors = sum(burst.errors for burst in bursts)
    extra = max(burst.extra for burst in bursts) / MIB
    rate = statistics.median(AT_ONCE / burst.seconds for burst in bursts)
    publish(
        "signins",
        [
            Figure("memory over idle, 16 at once", extra, "MiB", f"<= {BOUND_MIB:.0f}", extra <= BOUND_MIB),
            Figure("refused or failed", errors, f"of {AT_ONCE * len(bursts)}", "0", errors == 0),
            Figure("sign-ins a second", rate, "1/s", "", True),
            Figure("one alone, page and form", statistics.median(alone) * 1000, "ms", "", True),
            Figure("one among sixteen, median", statistics.median(times) * 1000, "ms", "", True),
            Figure("the last of sixteen", times[-1] * 1000, "ms", "", True),
            Figure("idle, both workers", idle / MIB, "MiB", "", True),
            Figure("afterwards, both workers", after / MIB, "MiB", "", True),
        ],
        {
            "argon2": ARGON2_FLOOR,
            "at_once": AT_ONCE,
            "workers": WORKERS,
            "alone": alone,
            "bursts": [burst.__dict__ for burst in bursts],
        },
    )


def _timed(staff: Staff, name: str) -> float:
    """Seconds of one sign-in: the page, then the form."""
    began = time.perf_counter()
    staff.cookie(name)
    return time.perf_counter() - began


def _bring_in(troupe: cast.Cast) -> list[str]:
    """People whose words are locked at the real cost, vouched for, each to sign in once: a code counts once."""
    config = replace(troupe.services.config, argon2=ARGON2_FLOOR)
    real = replace(troupe, services=replace(troupe.services, config=config))
    names = [f"reader{number}" for number in range(AT_ONCE * (ROUNDS + 1))]
    for name in names:
        uow = real.uow()
        troupe.people[name] = uow.vault.people.add(
            name, name, cast.REVIEWER, troupe.password(name), cast.FACTOR
        )
        uow.commit()
        with troupe.acting("ruben") as vouching:
            vouching.vault.vouching.vouch(troupe.people[name].card, "call")
    return names


def _burst(staff: Staff, names: list[str]) -> Burst:
    """Everybody at the door at once."""
    times: list[float] = []
    errors: list[AssertionError | OSError] = []
    start = threading.Barrier(len(names) + 1)

    def knock(name: str) -> None:
        start.wait()
        try:
            times.append(_timed(staff, name))
        except (AssertionError, OSError) as error:
            errors.append(error)

    threads = [threading.Thread(target=knock, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    staff.forget_peak()
    idle = staff.resident()
    start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    return Burst(times, len(errors), time.perf_counter() - began, idle, staff.peak() - idle)


if __name__ == "__main__":
    main()
