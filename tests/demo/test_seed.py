"""Filling the demonstration: once, to the end or not at all, and never over anything that is real."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from app.config import Config
from app.demo.people import SIGN_INS
from app.demo.seed import read_sign_ins, seed
from app.domain.errors import Unusable
from app.factory import create_app
from app.services import Services
from app.store.cases import statements
from app.store.people import people
from tests.accounts.doors import in_production
from tests.cast import start


def config_of(folder: Path) -> Config:
    return Config.from_env({"DATA_DIR": str(folder), "DEMO": "1", "ARGON2": "1,64,1"})


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Config:
    config = config_of(tmp_path_factory.mktemp("demo") / "data")
    assert seed(config)
    return config


def test_it_fills_an_empty_folder_so_that_the_application_runs(filled: Config):
    services = Services.start(filled)
    tx = services.database.transaction()
    assert len(tx.all(people.select())) > 5
    assert len(tx.all(statements.select())) > 5
    tx.release()
    assert create_app(services=services).test_client().get("/sign-in").status_code == 200
    services.close()


def test_everybody_has_words_of_their_own_that_only_the_owner_can_read(filled: Config):
    sign_ins = read_sign_ins(filled)
    assert {"anahit", "lilit", "helga"} <= {each.name for each in sign_ins}
    assert len({each.words for each in sign_ins}) == len(sign_ins)
    assert stat.S_IMODE((filled.data_dir / SIGN_INS).stat().st_mode) == 0o600


def test_a_second_run_keeps_what_is_there(filled: Config):
    before = (read_sign_ins(filled), filled.root_key_file.read_bytes())
    assert not seed(filled)
    assert (read_sign_ins(filled), filled.root_key_file.read_bytes()) == before


def test_an_interrupted_filling_is_told(filled: Config):
    sign_ins = filled.data_dir / SIGN_INS
    kept = sign_ins.read_bytes()
    sign_ins.unlink()
    with pytest.raises(Unusable, match=f"Remove {filled.data_dir} and start again"):
        seed(filled)
    sign_ins.write_bytes(kept)


def test_a_real_installation_is_never_touched(tmp_path: Path):
    cast = in_production(tmp_path / "data")
    cast.close()
    before = contents(tmp_path)
    with pytest.raises(Unusable, match="the demonstration never touches it"):
        seed(config_of(tmp_path / "data"))
    assert contents(tmp_path) == before


def test_a_root_key_that_is_there_is_not_overwritten(tmp_path: Path):
    """A migrated database without an installation, beside a key that may belong to another one."""
    real = in_production(tmp_path / "real")
    real.close()
    key = real.services.config.root_key_file
    before = key.read_bytes()
    _config, database, sessions = start(tmp_path / "data")
    database.close()
    sessions.close()
    with pytest.raises(Unusable):
        seed(replace(config_of(tmp_path / "data"), root_key_file=key))
    assert key.read_bytes() == before


def contents(folder: Path) -> dict[Path, bytes]:
    """Every file but those with which SQLite itself keeps order."""
    keeping_order = ("-wal", "-shm")
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(keeping_order))
    return {path: path.read_bytes() for path in files}
