"""Two different people who made nothing of a story approve exactly its bytes; any change voids that."""

from dataclasses import replace
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.domain.duties import Duty, Role
from app.domain.errors import Conflict, Forbidden
from app.domain.ids import PersonId, StoryId
from app.domain.lifecycle import StoryState
from app.domain.story import Block
from app.policy.actor import Actor
from app.policy.facts import ApprovalKind
from app.policy.permissions import Permission
from app.policy.rules import enforce
from app.release import actions
from app.release.sources import statements_of
from app.store import cases, stories
from app.vault.fields import STORY
from tests.release.stage import AGREED, Stage

EDITORIAL = Permission.RELEASE_APPROVE_EDITORIAL
PROTECTION = Permission.RELEASE_APPROVE_PROTECTION


def actor_of(stage: Stage, name: str) -> Actor:
    person = PersonId(stage.cast.people[name].person)
    return Actor(person, frozenset({Role.REVIEWER}), vouched=True, confirmed=True)


def refusals(stage: Stage, name: str, permission: Permission, story: UUID) -> tuple[str, ...]:
    """Why this person may not; nothing where they may."""
    try:
        enforce(permission, actor_of(stage, name), stage.facts_for(name, story))
    except Forbidden as refusal:
        return refusal.reasons
    return ()


def give(stage: Stage, name: str, *duties: Duty) -> None:
    """Further duties, on top of those that a person has."""
    with stage.cast.acting("ruben") as uow:
        roster = uow.vault.trust.roster(stage.cast.case)
        held = {member.card: roster.duties_of(member.card) for member in roster.roster.members}
        card = stage.cast.people[name].card
        held[card] = held.get(card, frozenset()) | set(duties)
        uow.vault.casework.change_roster(stage.cast.case, roster.digest, held)


def test_two_who_made_nothing_of_it_may_approve(stage: Stage) -> None:
    story = stage.checked()
    assert refusals(stage, "irina", EDITORIAL, story) == ()
    assert refusals(stage, "nadim", PROTECTION, story) == ()


def test_its_author_may_not(fresh: Stage) -> None:
    give(fresh, "selma", Duty.EDITORIAL_APPROVER)
    story = fresh.write(by="selma")
    fresh.check(story)
    assert refusals(fresh, "selma", EDITORIAL, story) == ("you-wrote-it",)


def test_its_author_may_not_even_if_the_table_of_work_forgets(fresh: Stage) -> None:
    give(fresh, "selma", Duty.EDITORIAL_APPROVER)
    story = fresh.write(by="selma")
    fresh.check(story)
    with fresh.cast.acting("ruben") as uow:
        uow.tx.stage(sa.delete(cases.work))
    assert refusals(fresh, "selma", EDITORIAL, story) == ("you-wrote-it",)


def test_the_redactor_of_a_statement_in_it_may_not(fresh: Stage) -> None:
    give(fresh, "lilit", Duty.PROTECTION_APPROVER)
    story = fresh.write(by="selma")
    fresh.check(story, by="selma")
    assert refusals(fresh, "lilit", PROTECTION, story) == ("you-worked-on-it",)


def test_the_transcriber_of_a_statement_in_it_may_not(fresh: Stage) -> None:
    with fresh.cast.acting("nadim") as uow:
        person = fresh.cast.people["nadim"].person
        work = {"subject": fresh.statement, "kind": "transcribed", "person": person}
        uow.tx.stage(sa.insert(cases.work).values(**work))
    story = fresh.checked()
    assert refusals(fresh, "nadim", PROTECTION, story) == ("you-worked-on-it",)


def test_one_person_is_not_two_voices(fresh: Stage) -> None:
    give(fresh, "irina", Duty.PROTECTION_APPROVER)
    story = fresh.checked()
    fresh.sign(story, "irina", ApprovalKind.EDITORIAL)
    assert refusals(fresh, "irina", PROTECTION, story) == ("you-are-the-other-voice",)


def test_two_whom_one_person_vouched_for_are_not_two_voices(fresh: Stage) -> None:
    give(fresh, "mark", Duty.EDITORIAL_APPROVER)  # anush vouched for both
    story = fresh.checked()
    fresh.sign(story, "mark", ApprovalKind.EDITORIAL)
    assert refusals(fresh, "nadim", PROTECTION, story) == ("vouched-by-the-same",)


def test_a_stranger_to_the_case_finds_no_story(stage: Stage) -> None:
    story = stage.checked()
    browser = stage.cast.client("stranger")
    assert browser.get(f"/stories/{story}").status_code == 404
    assert browser.get(f"/stories/{story}/approval").status_code == 404
    assert str(story).encode() not in browser.get("/stories").data


def test_the_three_signatures_make_it_due(stage: Stage) -> None:
    story = stage.checked()
    stage.sign(story, "irina", ApprovalKind.EDITORIAL)
    stage.sign(story, "nadim", ApprovalKind.PROTECTION)
    assert stage.state(story) is StoryState.CHECKED
    stage.check_identity(story)
    assert stage.state(story) is StoryState.DUE


def test_two_who_sign_in_the_same_moment_do_not_miss_each_other(stage: Stage) -> None:
    story = stage.checked()
    stage.check_identity(story)
    early, late = stage.cast.uow("irina"), stage.cast.uow("nadim")
    actions.sign(early, stage.facts(early, story), ApprovalKind.EDITORIAL)
    actions.sign(late, stage.facts(late, story), ApprovalKind.PROTECTION)
    early.commit()
    with pytest.raises(Conflict):
        late.commit()
    early.end()
    late.end()
    stage.sign(story, "nadim", ApprovalKind.PROTECTION)
    assert stage.state(story) is StoryState.DUE


# What voids


def test_a_save_that_changes_nothing_voids_nothing(stage: Stage) -> None:
    story = stage.due()
    before = stage.approvals(story)
    stage.save(story, stage.manuscript())
    assert stage.approvals(story) == before
    assert stage.state(story) is StoryState.DUE


def test_any_change_voids_every_approval(stage: Stage) -> None:
    story = stage.due()
    stage.save(story, stage.manuscript(stage.draft(standfirst="One other word.")))
    assert stage.state(story) is StoryState.DRAFT
    stage.check(story)
    facts = stage.facts_for("mark", story)
    assert (facts.state, dict(facts.approvals)) == (StoryState.CHECKED, {})


def test_what_was_voided_does_not_count_when_the_old_words_come_back(stage: Stage) -> None:
    story = stage.due()
    bundle = stage.row(story).bundle
    stage.save(story, stage.manuscript(stage.draft(standfirst="One other word.")))
    stage.save(story, stage.manuscript())
    stage.check(story)
    assert stage.row(story).bundle == bundle
    assert dict(stage.facts_for("mark", story).approvals) == {}


def test_to_check_the_same_again_voids_nothing(stage: Stage) -> None:
    story = stage.checked()
    stage.sign(story, "irina", ApprovalKind.EDITORIAL)
    stage.check(story)
    assert set(stage.facts_for("nadim", story).approvals) == {ApprovalKind.EDITORIAL}


def test_to_check_the_same_on_a_later_day_voids_nothing(fresh: Stage) -> None:
    story = fresh.checked()
    fresh.sign(story, "irina", ApprovalKind.EDITORIAL)
    fresh.cast.clock.ahead += 2 * 24 * 3600
    fresh.check(story)
    assert set(fresh.facts_for("nadim", story).approvals) == {ApprovalKind.EDITORIAL}


def test_a_new_consent_voids_what_leant_on_the_old_one(fresh: Stage) -> None:
    story = fresh.due()
    fresh.change_consent(replace(AGREED, analyse=True))
    assert dict(fresh.facts_for("mark", story).approvals) == {}


def test_an_approval_under_another_bundle_does_not_count(stage: Stage) -> None:
    story, other = stage.checked(), stage.checked(stage.manuscript(stage.draft(headline="Another")))
    stage.sign(story, "irina", ApprovalKind.EDITORIAL)
    with stage.cast.acting("ruben") as uow:
        uow.tx.stage(
            sa.update(stories.approvals)
            .where(stories.approvals.c.story == story)
            .values(story=other, bundle=stage.row(other).bundle)
        )
    assert dict(stage.facts_for("nadim", other).approvals) == {}


def test_a_signature_of_somebody_without_the_duty_does_not_count(stage: Stage) -> None:
    story = stage.checked()
    stage.sign(story, "mark", ApprovalKind.EDITORIAL)  # as if no policy had been asked
    assert dict(stage.facts_for("nadim", story).approvals) == {}


def test_a_revision_that_is_not_the_newest_is_refused_and_tells_which_is(stage: Stage) -> None:
    story = stage.write()
    with stage.cast.acting("selma") as uow:
        stale = stage.manuscript(stage.draft(headline="Mine"))
        with pytest.raises(Conflict) as refused:
            actions.save(uow, stage.facts(uow, story), stale, 1)
    assert refused.value.newest == 2


def test_each_version_names_in_clear_what_it_was_made_from(fresh: Stage) -> None:
    second = fresh.take_statement(code_name="Heron")
    fresh.redact(second)
    more = Block("excerpt", excerpt=fresh.excerpt(statement=second))
    story = fresh.write(fresh.manuscript(fresh.draft(*fresh.blocks(more))))
    with fresh.cast.acting("ruben") as uow:
        assert statements_of(uow, story) == {fresh.statement, second}


def test_the_draft_is_sealed_and_its_author_is_kept(stage: Stage) -> None:
    story: StoryId = stage.write(by="selma")
    assert stage.facts_for("ruben", story).authors == {stage.cast.people["selma"].person}
    with stage.cast.acting("ruben") as uow:
        assert b"weather" in uow.vault.records.open(STORY, stage.cast.case, story).content
