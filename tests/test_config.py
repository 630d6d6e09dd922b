"""Settings: safe by themselves, and a process that would be unsafe does not start."""

from pathlib import Path

import pytest

from app.config import ARGON2_CHEAP, ARGON2_FLOOR, Config
from app.domain.errors import Unusable


def test_without_a_setting_everything_is_safe(tmp_path: Path):
    config = Config.from_env({"DATA_DIR": str(tmp_path)})
    assert config.argon2 == ARGON2_FLOOR
    assert not config.demo
    assert (config.idle_seconds, config.absolute_seconds) == (900, 28_800)
    assert config.database_url == f"sqlite:///{tmp_path}/vouchsafe.db"
    assert config.sessions_url == f"sqlite:///{tmp_path}/sessions.db"
    assert config.root_key_file == tmp_path / "keys" / "root.key"
    assert config.head_file == tmp_path / "keys" / "head"
    assert config.public_dir == tmp_path / "public"


def test_paths_do_not_depend_on_where_the_process_goes_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    config = Config.from_env({"DATA_DIR": "here", "ROOT_KEY_FILE": "elsewhere/root.key"})
    assert config.data_dir == tmp_path / "here"
    assert config.root_key_file == tmp_path / "elsewhere" / "root.key"


def test_with_postgresql_sessions_lie_beside_the_rest(tmp_path: Path):
    url = "postgresql://vouchsafe@/vouchsafe"
    assert Config.from_env({"DATABASE_URL": url}).sessions_url == url
    own = Config.from_env({"DATABASE_URL": url, "SESSIONS_URL": f"sqlite:///{tmp_path}/s.db"})
    assert own.sessions_url == f"sqlite:///{tmp_path}/s.db"


def test_a_demo_may_be_cheap():
    assert Config.from_env({"DEMO": "1", "ARGON2": "1,64,1"}).argon2 == ARGON2_CHEAP


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("DEMO", "yes"),
        ("DEMO", ""),
        ("ARGON2", "1,64,1"),
        ("ARGON2", "3,65535,4"),
        ("ARGON2", "2,65536,4"),
        ("ARGON2", "3,65536"),
        ("ARGON2", "3,65536,0"),
        ("ARGON2", "3,65536,9000"),
        ("ARGON2", "three"),
        ("ARGON2", "-3,65536,4"),
        ("IDLE_SECONDS", "0"),
        ("IDLE_SECONDS", "3601"),
        ("IDLE_SECONDS", "-1"),
        ("IDLE_SECONDS", "15 minutes"),
        ("IDLE_SECONDS", ""),
        ("ABSOLUTE_SECONDS", "43201"),
        ("MAX_FILE_BYTES", "4G"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "mysql://localhost/vouchsafe"),
        ("DATABASE_URL", "sqlite://"),
        ("SESSIONS_URL", "redis://localhost"),
    ],
)
def test_an_unsafe_or_unreadable_setting_is_refused_by_name(setting: str, value: str):
    with pytest.raises(Unusable, match=setting):
        Config.from_env({setting: value})


def test_a_refused_address_of_a_database_is_not_repeated():
    """It may hold a password, and what is said here ends up in a log."""
    with pytest.raises(Unusable) as refused:
        Config.from_env({"DATABASE_URL": "mysql://vouchsafe:heron-1184@db/vouchsafe"})
    assert "heron-1184" not in str(refused.value)


@pytest.mark.parametrize("argon2", ["0,64,1", "1,0,1", "1,64,0", "1,8,2"])
def test_even_a_demo_must_be_possible(argon2: str):
    with pytest.raises(Unusable, match="ARGON2"):
        Config.from_env({"DEMO": "1", "ARGON2": argon2})
