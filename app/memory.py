"""What is in the memory of a process that holds keys stays there: no core dump, and no reading by its neighbours."""

import ctypes
import os
import resource
import sys
from typing import Final

from app.domain.errors import Unusable

_PR_SET_DUMPABLE: Final = 4


def keep_to_ourselves() -> None:
    """Leave no core dump; on Linux let no other process of the same account read this memory or trace it.

    Programs started from here begin anew: bubblewrap can still map its users, and `/proc/self` is still read from
    within. Root, and whoever may trace anything, still reads it.

    Raises:
        Unusable: the kernel refuses.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump that goes to a program heeds no limit
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0):
        raise Unusable(
            "The kernel does not let this process close its memory to others of its account "
            f"(prctl PR_SET_DUMPABLE: {os.strerror(ctypes.get_errno())}). Start it outside of whatever forbids that, "
            "for instance a filter on system calls."
        )
