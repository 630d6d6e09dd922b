"""The demonstration's two stories, with their real sources: one is out and names nobody, the other waits."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.config import Config
from app.demo import content as demo
from app.demo.seed import seed
from app.detection.matcher import Kind, Matcher, Needle
from app.domain.lifecycle import StoryState
from app.release.verify import verify_tree
from app.services import Services
from app.store import stories

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("demo") / "data"
    config = Config.from_env({"DATA_DIR": str(folder), "DEMO": "1", "ARGON2": "1,64,1"})
    seed(config)
    started = Services.start(config)
    yield started
    started.close()


@pytest.fixture
def tree(services: Services) -> Path:
    return services.config.public_dir / "current"


def pages(tree: Path) -> dict[str, str]:
    names = [path for path in tree.rglob("*") if path.suffix in {".html", ".json", ".jsonld", ".atom"}]
    return {path.relative_to(tree).as_posix(): path.read_text(encoding="utf-8") for path in names}


def test_one_is_out_and_the_other_waits_for_its_second_voice(services: Services) -> None:
    uow = services.unit_of_work()
    states = sorted(row.state for row in uow.tx.all(sa.select(stories.stories.c.state)))
    uow.end()
    assert states == [StoryState.CHECKED, StoryState.PUBLISHED]


def test_its_tree_is_well(services: Services, tree: Path) -> None:
    assert verify_tree(tree, services.installation.anchor) == []
    uow = services.unit_of_work()
    out = sa.select(stories.stories.c.public_id).where(stories.stories.c.state == StoryState.PUBLISHED.value)
    public_id = uow.tx.value(out)
    uow.end()
    assert [path.name for path in (tree / "stories").iterdir()] == [public_id]


def test_it_is_told_in_every_language_with_its_words(tree: Path) -> None:
    content = demo.load()
    story = next(each for each in content.stories if each.state == "published")
    (folder,) = (tree / "stories").iterdir()
    for language, version in story.versions.items():
        name = "index.html" if language == "en" else f"index.{language}.html"
        page = (folder / name).read_text(encoding="utf-8")
        assert version.headline in page
        assert version.protected_how[0] in page


def test_nobody_whom_the_case_protects_stands_in_any_public_byte(tree: Path) -> None:
    content = demo.load()
    hidden = [
        Needle(Kind.NAME, form, entity.key)
        for case in content.cases
        for entity in case.register
        if entity.protection != "keep" and entity.kind == "person"
        for form in entity.forms
    ]
    own = {each.key for each in content.statements if each.consent.publish == "named"}
    identities = [each.identity.name for each in content.statements if each.key not in own]
    matcher = Matcher([*hidden, *(Needle(Kind.NAME, name, "identity") for name in identities)])
    for path, words in pages(tree).items():
        surely = [hit.needle.id for hit in matcher.find(words) if hit.capitalised]
        assert surely == [], path
