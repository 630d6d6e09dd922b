"""What takes two administrators takes two: neither one of them alone, nor a reviewer, nor who writes the database."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.crypto.objects import Proposal, Seconding, sign_object
from app.domain.duties import Role
from app.domain.errors import Conflict, Forbidden, InvalidInput, NotFound, Tampered
from app.domain.ids import new_id
from app.store.people import people
from app.store.trust import proposals
from app.vault.proposals import OPEN_SECONDS, Kind, Proposed, State
from tests.vault.scene import Scene, stranger


def anahit(scene: Scene) -> UUID:
    return scene.cast.people["anahit"].person


def propose(scene: Scene, by: str = "helga", kind: Kind = Kind.ROLE_GIVEN) -> UUID:
    with scene.cast.acting(by) as uow:
        return uow.vault.proposals.propose(kind, anahit(scene), "reviewer")


def second(scene: Scene, proposal: UUID, by: str = "paul") -> Proposed:
    with scene.cast.acting(by) as uow:
        return uow.vault.proposals.second(proposal)


def found(scene: Scene, proposal: UUID) -> Proposed:
    with scene.reading("helga") as uow:
        return uow.vault.proposals.find(proposal)


def shut_out(scene: Scene, name: str) -> None:
    scene.tamper(sa.update(people).where(people.c.id == scene.cast.people[name].person).values(disabled=True))


def test_one_proposes_and_the_other_agrees(scene: Scene) -> None:
    proposal = propose(scene)
    waiting = found(scene, proposal)
    assert (waiting.state, waiting.kind, waiting.seconder) == (State.WAITING, Kind.ROLE_GIVEN, None)
    second(scene, proposal)
    agreed = found(scene, proposal)
    assert agreed.state is State.AGREED
    assert (agreed.proposer, agreed.seconder) == tuple(
        scene.cast.people[name].person for name in ("helga", "paul")
    )


def test_nobody_agrees_with_themselves(scene: Scene) -> None:
    proposal = propose(scene)
    with pytest.raises(Forbidden, match="you-proposed-it"):
        second(scene, proposal, "helga")


@pytest.mark.parametrize("name", ["ruben", "lilit", "anahit"])
def test_nobody_but_administrators_proposes_agrees_or_takes_back(scene: Scene, name: str) -> None:
    proposal = propose(scene)
    acts: tuple[Callable[[], Any], ...] = (
        lambda: propose(scene, name),
        lambda: second(scene, proposal, name),
        lambda: withdraw(scene, proposal, name),
    )
    for act in acts:
        with pytest.raises(Forbidden, match="not-an-administrator"):
            act()


def withdraw(scene: Scene, proposal: UUID, by: str) -> None:
    with scene.cast.acting(by) as uow:
        uow.vault.proposals.withdraw(proposal)


def test_with_one_administrator_it_is_closed(scene: Scene) -> None:
    shut_out(scene, "paul")
    with pytest.raises(Forbidden, match="no-second-administrator"):
        propose(scene)


def test_an_account_that_says_it_administers_is_no_administrator(scene: Scene) -> None:
    """Whoever writes the database can say so; the organisation key did not."""
    shut_out(scene, "paul")
    scene.tamper(
        sa.update(people)
        .where(people.c.id == scene.cast.people["lilit"].person)
        .values(administrator=True, reviewer=False)
    )
    with pytest.raises(Forbidden, match="no-second-administrator"):
        propose(scene)


def test_the_same_is_not_proposed_twice_at_once(scene: Scene) -> None:
    propose(scene)
    with pytest.raises(Conflict, match="proposed-already"):
        propose(scene, "paul")
    scene.cast.clock.ahead = OPEN_SECONDS + 10
    propose(scene, "paul")


def test_a_proposal_waits_seven_days(scene: Scene) -> None:
    proposal = propose(scene)
    scene.cast.clock.ahead = OPEN_SECONDS + 10
    with pytest.raises(Conflict, match="proposal-over"):
        second(scene, proposal)


def test_what_was_taken_back_or_agreed_to_is_not_agreed_to_again(scene: Scene) -> None:
    back, agreed = propose(scene), propose(scene, "paul", Kind.ADMINISTRATOR_LET_IN)
    withdraw(scene, back, "paul")
    second(scene, agreed, "helga")
    for proposal, by in ((back, "paul"), (agreed, "helga")):
        with pytest.raises(Conflict, match="proposal-over"):
            second(scene, proposal, by)
        with pytest.raises(Conflict, match="proposal-over"):
            withdraw(scene, proposal, by)


def test_two_presses_at_once_are_one_agreement(scene: Scene) -> None:
    proposal = propose(scene)
    with scene.reading("paul") as first, scene.reading("paul") as other:
        for uow in (first, other):
            uow.vault.proposals.second(proposal)
        first.commit()
        with pytest.raises(Conflict, match="proposal-over"):
            other.commit()


def test_nothing_is_agreed_to_that_somebody_proposed_who_was_shut_out_since(scene: Scene) -> None:
    proposal = propose(scene)
    shut_out(scene, "helga")
    with pytest.raises(Forbidden, match="not-an-administrator"):
        second(scene, proposal)


def test_a_proposal_that_is_none_is_not_found(scene: Scene) -> None:
    with pytest.raises(NotFound):
        found(scene, new_id())


# Who writes the database


def forged(scene: Scene, proposal: UUID, signer: str, **changes: Any) -> dict[str, Any]:
    """The row, with a proposal of the writer's own, signed by keys that the writer has."""
    genuine = found(scene, proposal).proposal
    made = replace(genuine, **changes)
    installation = scene.cast.services.installation.id
    return {
        "digest": made.digest(installation),
        "act": made.act,
        "subject": made.subject,
        "object": made.encode(),
        "signature": sign_object(scene.cast.people[signer].seeds.signing, installation, made),
    }


def put(scene: Scene, **values: Any) -> None:
    scene.tamper(sa.update(proposals).values(values))


@pytest.mark.parametrize(
    "column", ["digest", "object", "signature", "subject", "act", "seconding", "seconding_signature"]
)
def test_an_altered_row_is_refused_and_left_out(scene: Scene, column: str) -> None:
    proposal = propose(scene)
    second(scene, proposal)
    if column == "subject":
        put(scene, subject=new_id())
    elif column == "act":
        put(scene, act="recovery")
    else:
        scene.flip(proposals, column)
    with pytest.raises(Tampered):
        found(scene, proposal)
    with scene.reading("helga") as uow:
        assert uow.vault.proposals.newest() == []


def test_a_proposal_in_another_ones_name_is_refused(scene: Scene) -> None:
    proposal = propose(scene)
    put(scene, **forged(scene, proposal, "lilit"))
    with pytest.raises(Tampered, match="proposal"):
        found(scene, proposal)


def test_a_reviewers_signature_proposes_nothing(scene: Scene) -> None:
    proposal = propose(scene)
    put(scene, **forged(scene, proposal, "lilit", proposer=scene.cast.people["lilit"].card))
    with pytest.raises(Tampered, match="proposal-signer"):
        found(scene, proposal)


@pytest.mark.parametrize("seconder", ["helga", "lilit"])
def test_an_agreement_by_the_proposer_or_a_reviewer_counts_for_nothing(scene: Scene, seconder: str) -> None:
    proposal = propose(scene)
    put(scene, **seconded(scene, found(scene, proposal).digest, seconder))
    with pytest.raises(Tampered, match="seconding"):
        found(scene, proposal)


def test_an_agreement_to_something_else_counts_for_nothing(scene: Scene) -> None:
    proposal = propose(scene)
    put(scene, **seconded(scene, bytes(32), "paul"))
    with pytest.raises(Tampered, match="seconding"):
        found(scene, proposal)


def test_a_state_without_an_agreement_counts_for_nothing(scene: Scene) -> None:
    proposal = propose(scene)
    put(scene, state="agreed")
    with pytest.raises(Tampered, match="seconding"):
        found(scene, proposal)


def seconded(scene: Scene, digest: bytes, by: str) -> dict[str, Any]:
    person = scene.cast.people[by]
    seconding = Seconding(digest, person.card, scene.cast.clock())
    installation = scene.cast.services.installation.id
    return {
        "state": "agreed",
        "seconding": seconding.encode(),
        "seconding_signature": sign_object(person.seeds.signing, installation, seconding),
    }


def test_keys_of_nobody_propose_nothing(scene: Scene) -> None:
    proposal = propose(scene)
    nobody = stranger()
    made = Proposal(proposal, "recovery", new_id(), "case", bytes(32), nobody.card, 1)
    put(scene, object=made.encode(), digest=made.digest(scene.cast.services.installation.id))
    with pytest.raises(Tampered):
        found(scene, proposal)


# Roles


def test_a_role_is_given_and_taken(scene: Scene) -> None:
    by = scene.cast.people["helga"].person
    for give, roles in ((True, {Role.INTERVIEWER, Role.REVIEWER}), (False, {Role.INTERVIEWER})):
        with scene.cast.acting("helga") as uow:
            change = uow.vault.people.give_role if give else uow.vault.people.take_role
            change(anahit(scene), Role.REVIEWER, by)
        with scene.reading(None) as uow:
            assert uow.vault.people.account(anahit(scene)).roles == roles


@pytest.mark.parametrize(
    ("act", "name", "role", "problem"),
    [
        ("take_role", "anahit", Role.INTERVIEWER, "none-chosen"),
        ("take_role", "helga", Role.ADMINISTRATOR, "administrator-by-ceremony"),
        ("give_role", "helga", Role.REVIEWER, "administrator-excludes-others"),
        ("give_role", "anahit", Role.ADMINISTRATOR, "administrator-excludes-others"),
    ],
)
def test_roles_that_cannot_be_are_refused(
    scene: Scene, act: str, name: str, role: Role, problem: str
) -> None:
    person = scene.cast.people[name].person
    with scene.reading("helga") as uow, pytest.raises(InvalidInput, match=problem):
        getattr(uow.vault.people, act)(person, role, person)


def test_a_role_that_is_held_is_not_given_twice(scene: Scene) -> None:
    with pytest.raises(Conflict, match="changed-meanwhile"), scene.cast.acting("helga") as uow:
        uow.vault.people.give_role(anahit(scene), Role.INTERVIEWER, anahit(scene))
