"""Approvals and releases count for what their signatures prove, whatever the tables say."""

from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.errors import InvalidInput, Tampered
from app.domain.ids import StoryId, new_id
from app.domain.record import canonical_json
from app.policy.facts import ApprovalKind
from app.release import standing
from app.release.bundle import Bundle
from app.release.manuscript import Manuscript
from app.release.report import Report
from app.release.shelf import Shelf
from app.release.sources import read_source
from app.store import stories
from app.vault.fields import REDACTED, REPORT, STORY
from tests.release.stage import Stage


def alter(stage: Stage, table: sa.Table, story: StoryId, **values: Any) -> None:
    with stage.cast.acting("ruben") as uow:
        uow.tx.stage(sa.update(table).where(table.c.story == story).values(**values), rows=1)


FORGED: dict[str, dict[str, Any]] = {
    "a signature": {"signature": bytes(64)},
    "an object": {"object": b"no approval"},
    "another kind": {"kind": "protection"},
    "another person": {"person": new_id()},
}


@pytest.mark.parametrize("values", FORGED.values(), ids=FORGED)
def test_an_approval_whose_row_was_altered_counts_for_nothing(stage: Stage, values: dict[str, Any]) -> None:
    story = stage.checked()
    stage.sign(story, "irina", ApprovalKind.EDITORIAL)
    alter(stage, stories.approvals, story, **values)
    assert stage.approvals(story) == {}


def test_the_newest_signature_of_a_kind_counts(stage: Stage) -> None:
    story = stage.checked()
    stage.sign(story, "irina", ApprovalKind.EDITORIAL)
    first = stage.approvals(story)["editorial"].digest
    stage.cast.clock.ahead += 5
    stage.sign(story, "irina", ApprovalKind.EDITORIAL)
    assert stage.approvals(story)["editorial"].digest != first


@pytest.mark.parametrize(
    "values", [{"signature": bytes(64)}, {"object": b"no release"}, {"digest": bytes(32)}]
)
def test_a_release_whose_row_was_altered_is_refused(fresh: Stage, values: dict[str, Any]) -> None:
    story = fresh.published()
    alter(fresh, stories.releases, story, **values)
    uow = fresh.cast.uow()
    with pytest.raises(Tampered, match="release"):
        Shelf.read(uow)
    uow.end()


# What was sealed by somebody with the key, and is not what it should be


@pytest.mark.parametrize(
    "content", [b"no json", b"[]", b'{"versions": {}}', b'{"versions": {"en": 1}}', b'{"versions": 1}']
)
def test_a_draft_that_is_none_is_refused(stage: Stage, content: bytes) -> None:
    story = stage.write()
    with stage.cast.acting("lilit") as uow:
        uow.vault.records.seal(STORY, stage.cast.case, story, content, expected=2)
    with stage.cast.acting("lilit") as uow, pytest.raises(InvalidInput):
        standing.open_manuscript(uow, standing.story_row(uow, story))


def test_a_manuscript_comes_back_from_its_sealed_form(stage: Stage) -> None:
    manuscript = stage.manuscript(stage.draft(), stage.draft(language="hy"))
    assert Manuscript.from_plain(manuscript.to_plain()) == manuscript


def test_a_manuscript_of_drafts_alone_is_read_with_nothing_decided(stage: Stage) -> None:
    draft = stage.draft()
    read = Manuscript.from_plain({"versions": {"en": draft.to_dict()}})
    assert read == Manuscript((draft,))
    for wrong in (
        {"versions": {"hy": draft.to_dict()}},
        {"versions": {"en": draft.to_dict()}, "order": ["hy"]},
        {"versions": {"en": draft.to_dict()}, "more": 1},
    ):
        with pytest.raises(InvalidInput):
            Manuscript.from_plain(wrong)


def test_a_manuscript_decides_once_on_each_thing(stage: Stage) -> None:
    draft, decided = stage.draft(), stage.manuscript().naming[0]
    for versions, naming in (((draft, draft), ()), ((draft,), (decided, decided)), ((), ())):
        with pytest.raises(InvalidInput):
            Manuscript(versions, naming)


@pytest.mark.parametrize("content", [b"no json", b"{}", b'{"files": {"a": "!"}}', b'{"files": 1}'])
def test_a_bundle_that_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput):
        Bundle.from_bytes(content)


def test_a_bundle_tells_one_story() -> None:
    with pytest.raises(InvalidInput):
        _ = Bundle({"stories/a/index.html": b""}).snapshot


def test_a_digest_knows_path_size_and_content() -> None:
    digests = {
        Bundle(files).digest for files in ({"a": b"x"}, {"b": b"x"}, {"a": b"y"}, {"a": b"x", "b": b""}, {})
    }
    assert len(digests) == 5


def test_a_report_that_is_none_passes_nothing(stage: Stage) -> None:
    with pytest.raises(InvalidInput):
        Report.from_bytes(b"no json")
    story = stage.checked()
    with stage.cast.acting("lilit") as uow:
        other = Report("00" * 32, 1, (), (), 0)
        uow.vault.records.seal(REPORT, stage.cast.case, story, other.to_bytes(), expected=1)
    assert not stage.facts_for("irina", story).gate_passed


@pytest.mark.parametrize("targets", [None, [], {"account": 1}])
def test_a_redacted_text_that_is_none_is_refused(stage: Stage, targets: Any) -> None:
    statement = stage.take_statement(code_name="Heron")
    with stage.cast.acting("lilit") as uow:
        content = canonical_json({"marks_version": 0, "transcript_version": 0, "targets": targets})
        uow.vault.records.seal(REDACTED, stage.cast.case, statement, content, expected=0)
    with stage.cast.acting("lilit") as uow, pytest.raises(InvalidInput):
        read_source(uow, stage.cast.case, statement)


def test_a_statement_that_was_not_redacted_offers_nothing(stage: Stage) -> None:
    statement = stage.take_statement(code_name="Finch")
    with stage.cast.acting("lilit") as uow:
        source = read_source(uow, stage.cast.case, statement)
    assert source.redacted.targets == {}
    assert not source.redacted.in_force
