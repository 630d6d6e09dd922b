"""The life of a job: its states, and how long everybody waits for everybody."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    SET_ASIDE = "set-aside"
    """It failed too often, or would always fail; somebody must ask for it again."""
    CANCELLED = "cancelled"
    KEYLESS = "keyless"
    """The worker that could open it is gone, and its key with it: a chore of the next session that may read."""


LIVE: Final = frozenset({JobState.WAITING, JobState.RUNNING})

MINUTE: Final = 60
DAY: Final = 24 * 60 * MINUTE


@dataclass(frozen=True)
class Pace:
    """Seconds.

    `beat`: between a worker's signs of life; `alive`: after which it counts as gone; `lease`: for which a running job is
    its worker's; `sweep`: between looks at what nobody was woken for; `idle`: with nobody signed in and nothing to do,
    after which a worker that held keys ends; `lifetime`: after which its key is renewed.
    """

    beat: float = 10
    alive: float = 45
    lease: float = MINUTE
    sweep: float = 5
    idle: float = MINUTE
    silence: float = 10 * MINUTE
    """Without a single step of the job at hand, after which a worker takes itself for stuck, and ends."""
    again: float = MINUTE
    """Before the second attempt; four times as long before each one after it."""
    attempts: int = 5
    lifetime: int = DAY

    @classmethod
    def hastened(cls, times: int) -> Self:
        """Everything in a worker's life that many times faster, but for the life of its key."""
        usual = cls()
        return cls(
            beat=usual.beat / times,
            alive=usual.alive / times,
            lease=usual.lease / times,
            sweep=usual.sweep / times,
            idle=usual.idle / times,
            silence=usual.silence / times,
            again=usual.again / times,
        )

    def wait_after(self, attempt: int) -> int:
        """Whole seconds before the next attempt, after the one of this number, counted from 1."""
        return int(self.again * 4 ** (attempt - 1))


def lost(state: JobState, attempts: int, pace: Pace) -> JobState:
    """What a live job becomes when its worker is gone; one that took its workers down too often is not handed on."""
    if state is JobState.RUNNING and attempts >= pace.attempts:
        return JobState.SET_ASIDE
    return JobState.KEYLESS
