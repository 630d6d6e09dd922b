"""Names that only the identity compartment knows are looked for in a custodian's session, in the very bytes."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from app.domain.consent import Naming
from app.domain.errors import Forbidden
from app.domain.lifecycle import StoryState
from app.domain.story import Block
from app.policy.facts import ApprovalKind
from app.release.manuscript import Manuscript
from app.store import log
from tests.release.stage import AGREED, Stage

ONLY_THE_CUSTODIAN_KNOWS = {
    "another name": "Everybody called her Aunt Verine.",
    "a family name": "Rita Sorunz's house stood empty.",
    "a number": "Call 077 900 111 in the morning.",
    "a paper": "The slip was for passport AT4418822.",
}


def with_paragraph(stage: Stage, text: str) -> Manuscript:
    return stage.manuscript(stage.draft(*stage.blocks(Block("paragraph", text))))


@pytest.mark.parametrize("text", ONLY_THE_CUSTODIAN_KNOWS.values(), ids=ONLY_THE_CUSTODIAN_KNOWS)
def test_it_finds_what_the_gate_could_not_know(stage: Stage, text: str) -> None:
    story = stage.write(with_paragraph(stage, text))
    assert stage.check(story).passed
    findings = stage.check_identity(story)
    assert {finding.rule for finding in findings if finding.blocks} == {"T1"}
    assert ApprovalKind.IDENTITY not in stage.facts_for("mark", story).approvals


def test_its_findings_name_places_and_never_what_stands_there(stage: Stage) -> None:
    text = "".join(ONLY_THE_CUSTODIAN_KNOWS.values())
    story = stage.write(with_paragraph(stage, text))
    stage.check(story)
    said = repr(stage.check_identity(story))
    for secret in ("Verine", "Sorunz", "900", "AT4418822"):
        assert secret not in said


def test_a_clean_bundle_is_signed(stage: Stage) -> None:
    story = stage.checked()
    assert stage.check_identity(story) == ()
    assert ApprovalKind.IDENTITY in stage.facts_for("mark", story).approvals


def test_nobody_but_a_custodian_can_do_it(stage: Stage) -> None:
    story = stage.checked()
    with pytest.raises(Forbidden):
        stage.check_identity(story, by="ruben")


def test_somebody_who_agreed_to_be_named_and_is_shown_is_not_looked_for(fresh: Stage) -> None:
    named = replace(AGREED, publishing=replace(AGREED.publishing, naming=Naming.NAMED))
    account = "I am Iven Tarro. What I counted was sleep. I am a nurse."
    source = fresh.take_statement(
        account=account, consent=named, code_name="Thistle", identity={"name": "Iven Tarro"}
    )
    fresh.redact(source, account=account)
    fresh.fill_register(("person", "Iven Tarro", (), "keep", ()))
    quote = fresh.excerpt("What I counted was sleep.", statement=source, speaker="Iven Tarro, a nurse")
    story = fresh.write(fresh.manuscript(fresh.draft(*fresh.blocks(Block("excerpt", excerpt=quote)))))
    assert fresh.check(story).passed
    assert fresh.check_identity(story) == ()


def test_the_page_opens_identities_on_record_and_tells_where(stage: Stage) -> None:
    story = stage.write(with_paragraph(stage, "Aunt Verine came."))
    stage.check(story)
    answer = stage.cast.client("anush").post(f"/stories/{story}/identity")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Not signed" in page
    assert "Verine" not in page
    with stage.cast.acting("ruben") as uow:
        acts = sa.select(log.entries.c.act).where(log.entries.c.record == stage.statement)
        assert "identity.opened" in {row.act for row in uow.tx.all(acts)}


def test_the_page_refuses_whoever_is_no_custodian(stage: Stage) -> None:
    story = stage.checked()
    assert stage.cast.client("irina").post(f"/stories/{story}/identity").status_code == 403
    assert stage.state(story) is StoryState.CHECKED
