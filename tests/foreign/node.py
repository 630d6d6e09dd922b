"""Node and its packages, where a machine has them."""

import fcntl
import shutil
import subprocess
from pathlib import Path

OLDEST = 20
NO_NODE = "it takes Node 20 or later with npm, and the npm registry the first time"


class NoNodeError(Exception):
    """There is none, or its packages cannot be had."""

    def __init__(self) -> None:
        super().__init__(NO_NODE)


def install(folder: Path) -> None:
    """What the lock in `folder` names, unless it is there. Raises NoNodeError."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None or _major(node) < OLDEST:
        raise NoNodeError
    with (folder / "package.json").open() as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # tests run side by side
        if (folder / "node_modules" / ".package-lock.json").exists():
            return
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        if subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode:
            raise NoNodeError


def _major(node: str) -> int:
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
    return int(told.stdout.strip().lstrip("v").partition(".")[0])
