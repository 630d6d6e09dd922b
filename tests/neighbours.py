"""Two processes of one account without any privilege, as a deployment has them, also where the tests run as root."""

import subprocess
import sys

PLAIN = """
import ctypes, os, sys
libc = ctypes.CDLL(None)
for capability in range(64):
    libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP: what root starts from here is a user like any other
os.execv(sys.argv[1], sys.argv[1:])
"""
NEIGHBOUR = """
import sys
pid, address, length = map(int, sys.argv[1:])
try:
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as other:
        other.seek(address)
        print(other.read(length).decode() if length else "opened")
except PermissionError:
    print("refused")
"""


def as_a_user(*command: str) -> list[str]:
    """The same command without privileges. It begins with the whole path of a program."""
    return [sys.executable, "-c", PLAIN, *command]


def read_by_a_neighbour(pid: int, address: int = 0, length: int = 0) -> str:
    """What another process of the account reads there, `opened` where nothing was asked for, or `refused`."""
    command = as_a_user(sys.executable, "-c", NEIGHBOUR, str(pid), str(address), str(length))
    asked = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    return asked.stdout.strip()
