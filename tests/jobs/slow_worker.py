"""`python -m tests.jobs.slow_worker`: a real worker process whose one action takes its time, so that it can be killed in the middle."""

import os
import sys
import time
from collections.abc import Callable

from app.config import Config
from app.jobs.actions import Outcome, Sink, Source
from app.jobs.worker import work
from app.services import Services
from app.vault.prepared import REBUILD
from app.vault.work import Head
from tests.jobs.desk import copy

STEP_SECONDS = float(os.environ.get("STEP_SECONDS", "0.01"))


def slowly(source: Source, open_output: Callable[[Head], Sink], progress: Callable[[float], None]) -> Outcome:
    def step(fraction: float) -> None:
        time.sleep(STEP_SECONDS)
        progress(fraction)

    return copy(source, open_output, step)


def main() -> None:
    os.umask(0o077)
    services = Services.start(Config.from_env())
    sys.exit(work(services, {REBUILD: slowly}, once="--once" in sys.argv))


if __name__ == "__main__":
    main()
