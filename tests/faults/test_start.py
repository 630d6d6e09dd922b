"""A server whose root key file is not what it should be does not start, and says in a sentence what to do."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.accounts.doors import in_production
from tests.cast import Cast
from tests.faults.servers import Gunicorn


def missing(cast: Cast, _tmp_path: Path) -> dict[str, str]:
    cast.services.config.root_key_file.unlink()
    return {}


def open_to_others(cast: Cast, _tmp_path: Path) -> dict[str, str]:
    cast.services.config.root_key_file.chmod(0o640)
    return {}


def of_another_installation(_cast: Cast, tmp_path: Path) -> dict[str, str]:
    other = in_production(tmp_path / "other")
    other.close()
    return {"ROOT_KEY_FILE": str(other.services.config.root_key_file)}


def among_the_data(_cast: Cast, _tmp_path: Path) -> dict[str, str]:
    return {"DEMO": "0", "ARGON2": ""}


Fault = Callable[[Cast, Path], dict[str, str]]
FAULTS: dict[Fault, tuple[str, str]] = {
    missing: ("There is no root key file at", "set ROOT_KEY_FILE"),
    open_to_others: ("is open to others", "Run `chmod 600 "),
    of_another_installation: ("belongs to another installation", "Point ROOT_KEY_FILE to"),
    among_the_data: ("ROOT_KEY_FILE lies inside DATA_DIR", "Set it to a place outside"),
}


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_it_does_not_start_and_says_what_to_do(cast: Cast, tmp_path: Path, fault: Fault) -> None:
    what, to_do = FAULTS[fault]
    (tmp_path / "server").mkdir()
    server = Gunicorn(cast, tmp_path / "server", settings=fault(cast, tmp_path))
    with pytest.raises(AssertionError, match=what):
        server.start()
    assert server.master.wait(30) != 0
    said = [line for line in server.log.read_text().splitlines() if what in line]
    assert said
    assert all(to_do in line for line in said)
