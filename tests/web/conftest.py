"""One cast for every file of tests about the web's own pages and headers."""

from collections.abc import Iterator

import pytest

from tests.cast import Cast, assemble


@pytest.fixture(scope="module")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    made = assemble(tmp_path_factory.mktemp("cast"))
    yield made
    made.close()
