"""One cast for all tests of coming in."""

from collections.abc import Iterator

import pytest

from tests.cast import Cast, assemble


@pytest.fixture(scope="module")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    assembled = assemble(tmp_path_factory.mktemp("enrolment"))
    yield assembled
    assembled.close()
