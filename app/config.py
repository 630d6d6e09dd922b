"""Settings from the environment, checked once; a setting that would be unsafe keeps the process from starting."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from app.domain.errors import Unusable

ARGON2_FLOOR: Final = (3, 65_536, 4)
ARGON2_CHEAP: Final = (1, 64, 1)
MOST_PROXIES: Final = 8
MOST_HASTE: Final = 20
DATABASES: Final = ("sqlite:///", "postgresql://", "postgresql+psycopg://")


@dataclass(frozen=True)
class Config:
    """`data_dir` holds the blobs, the public tree and, with SQLite, the databases; `root_key_file` and `head_file` stay out of backups.

    `argon2`: passes, KiB, lanes. `demo`: a database marked as a demo for ever, loopback only, with a banner.
    """

    data_dir: Path
    database_url: str
    sessions_url: str
    root_key_file: Path
    head_file: Path
    public_dir: Path
    demo: bool = False
    argon2: tuple[int, int, int] = ARGON2_FLOOR
    idle_seconds: int = 15 * 60
    absolute_seconds: int = 8 * 60 * 60
    max_file_bytes: int = 4 * 2**30
    max_upload_bytes: int = 20 * 2**30
    public_url: str = ""
    trusted_proxies: int = 0
    """How many proxies in front write `X-Forwarded-For` and `X-Forwarded-Proto`; without one, both are anybody's word."""
    worker_haste: int = 1
    """How many times faster than usual everything in a worker's life goes; for trying out, in a demo only."""

    @classmethod
    def from_env(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read DATA_DIR, DATABASE_URL, SESSIONS_URL, ROOT_KEY_FILE, HEAD_FILE, PUBLIC_DIR, DEMO, ...

        Raises:
            Unusable: names the setting and what it should be.
        """
        env = os.environ if environment is None else environment
        data_dir = Path(env.get("DATA_DIR", "data")).absolute()
        demo = _flag(env, "DEMO")
        return cls(
            data_dir=data_dir,
            database_url=_url(env, "DATABASE_URL", f"sqlite:///{data_dir / 'vouchsafe.db'}"),
            sessions_url=_url(env, "SESSIONS_URL", _sessions_url(env, data_dir)),
            root_key_file=Path(env.get("ROOT_KEY_FILE", data_dir / "keys" / "root.key")).absolute(),
            head_file=Path(env.get("HEAD_FILE", data_dir / "keys" / "head")).absolute(),
            public_dir=Path(env.get("PUBLIC_DIR", data_dir / "public")).absolute(),
            demo=demo,
            argon2=_argon2(env, demo=demo),
            idle_seconds=_number(env, "IDLE_SECONDS", 15 * 60, highest=60 * 60),
            absolute_seconds=_number(env, "ABSOLUTE_SECONDS", 8 * 60 * 60, highest=12 * 60 * 60),
            max_file_bytes=_number(env, "MAX_FILE_BYTES", 4 * 2**30, highest=2**40),
            max_upload_bytes=_number(env, "MAX_UPLOAD_BYTES", 20 * 2**30, highest=2**40),
            public_url=env.get("PUBLIC_URL", ""),
            trusted_proxies=_number(env, "TRUSTED_PROXIES", 0, lowest=0, highest=MOST_PROXIES),
            worker_haste=_number(env, "WORKER_HASTE", 1, highest=MOST_HASTE if demo else 1),
        )

    def require_keys_apart(self) -> None:
        """Outside a demo, whoever takes the data folder must get neither the root key nor the mark that betrays a rollback.

        Raises:
            Unusable: names the setting and a place that would do.
        """
        if self.demo:
            return
        for name, path, place in (
            ("ROOT_KEY_FILE", self.root_key_file, "vouchsafe-root.key"),
            ("HEAD_FILE", self.head_file, "vouchsafe-head"),
        ):
            if path.resolve().is_relative_to(self.data_dir.resolve()):
                raise Unusable(
                    f"{name} lies inside DATA_DIR, so whoever takes that folder has both. "
                    f"Set it to a place outside, as in {name}={self.data_dir.parent / place}; "
                    f"if there is a file at {path} already, move it there."
                )


def _sessions_url(env: Mapping[str, str], data_dir: Path) -> str:
    main = env.get("DATABASE_URL", "")
    return main if main and not main.startswith("sqlite") else f"sqlite:///{data_dir / 'sessions.db'}"


def _url(env: Mapping[str, str], name: str, fallback: str) -> str:
    url = env.get(name, fallback)
    if not url.startswith(DATABASES):
        kind = url.partition(":")[0]
        raise Unusable(f"{name} begins with {kind!r}; it takes sqlite:///... or postgresql://...")
    return url


def _flag(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name, "0")
    if value not in {"0", "1"}:
        raise Unusable(f"{name} is {value!r}; it takes 0 or 1.")
    return value == "1"


def _number(env: Mapping[str, str], name: str, fallback: int, *, highest: int, lowest: int = 1) -> int:
    text = env.get(name, str(fallback))
    if not text.isdecimal() or not lowest <= int(text) <= highest:
        raise Unusable(f"{name} is {text!r}; it takes a number from {lowest} to {highest}.")
    return int(text)


def _argon2(env: Mapping[str, str], *, demo: bool) -> tuple[int, int, int]:
    """`ARGON2=t,m,p`; weaker than RFC 9106's second choice only in a demo."""
    text = env.get("ARGON2", "")
    if not text:
        return ARGON2_FLOOR
    parts = text.split(",")
    if len(parts) != len(ARGON2_FLOOR) or not all(part.isdecimal() for part in parts):
        raise Unusable(f"ARGON2 is {text!r}; it takes passes, KiB and lanes, as in 3,65536,4.")
    passes, kib, lanes = (int(part) for part in parts)
    if not (passes and lanes and kib >= 8 * lanes):
        raise Unusable(f"ARGON2 is {text!r}; it takes a pass, a lane, and 8 KiB for each lane, at the least.")
    if (passes < ARGON2_FLOOR[0] or kib < ARGON2_FLOOR[1]) and not demo:
        raise Unusable("ARGON2 is below 3,65536,4, which only a demo may use.")
    return passes, kib, lanes
