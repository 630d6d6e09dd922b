"""One-time links: whoever holds one makes their own keys, once, and what the storage says of it is proved."""

import base64

import pyotp
import pytest
import sqlalchemy as sa

from app.domain.duties import Role
from app.domain.errors import Conflict, Forbidden, InvalidInput, NotFound, NotSignedIn, Tampered
from app.store.people import invitations
from app.vault.invitations import INVITATION_SECONDS, OFFER_SECONDS, recovery_words
from app.vault.totp import accepted_step, provisioning_uri, spelled
from tests.vault.scene import Scene

REVIEWER = frozenset({Role.REVIEWER})


def invited(scene: Scene, sign_in_name: str = "vahan", roles: frozenset[Role] = REVIEWER) -> str:
    with scene.cast.acting("helga") as uow:
        _id, token = uow.vault.invitations.invite(
            scene.cast.people["helga"].person, sign_in_name, "Vahan Ilpets", roles
        )
    return token


def test_a_link_becomes_a_person_who_signs_in_with_the_words(scene: Scene) -> None:
    token = invited(scene)
    uow = scene.cast.uow()
    invitation = uow.vault.invitations.find(token)
    assert (invitation.name, invitation.roles, invitation.used) == ("Vahan Ilpets", REVIEWER, None)
    offer = uow.vault.invitations.offer(invitation.id)
    brought = uow.vault.invitations.offered(invitation.id, offer.sealed)
    newcomer = uow.vault.invitations.claim(invitation, brought, f"  {offer.words.upper()} ")
    uow.commit()
    assert len(recovery_words(newcomer.recovery_code).split()) == 12
    again = scene.cast.uow()
    unlocked = again.vault.people.unlock(again.vault.people.lookup("Vahan"), offer.words)
    assert (unlocked.person, unlocked.card) == (newcomer.person, newcomer.card)
    assert again.vault.invitations.find(token).person == newcomer.person
    assert again.vault.invitations.open() == []
    again.end()


def test_a_link_that_was_used_meanwhile_makes_nobody(scene: Scene) -> None:
    token = invited(scene)
    works = [scene.cast.uow(), scene.cast.uow()]
    for uow in works:
        invitation = uow.vault.invitations.find(token)
        offer = uow.vault.invitations.offer(invitation.id)
        uow.vault.invitations.claim(invitation, offer, offer.words)
    works[0].commit()
    with pytest.raises(Conflict) as refused:
        works[1].commit()
    assert refused.value.reason in {"link-used", "exists-already"}
    late = scene.cast.uow()
    used = late.vault.invitations.find(token)
    with pytest.raises(Conflict):
        late.vault.invitations.claim(used, late.vault.invitations.offer(used.id), "whatever")
    late.end()


def test_other_words_than_those_that_were_shown_make_nobody(scene: Scene) -> None:
    token = invited(scene)
    uow = scene.cast.uow()
    invitation = uow.vault.invitations.find(token)
    with pytest.raises(InvalidInput):
        uow.vault.invitations.claim(invitation, uow.vault.invitations.offer(invitation.id), "correct horse")
    assert uow.tx.staged == []
    uow.end()


def test_no_link_makes_an_administrator_or_takes_a_name_twice(scene: Scene) -> None:
    for name, roles in (("new", frozenset({Role.ADMINISTRATOR})), ("ruben", REVIEWER), ("new", frozenset())):
        with pytest.raises(InvalidInput):
            invited(scene, name, roles)


@pytest.mark.parametrize("token", ["", "x", "A" * 22, "ü" * 22, "-" * 21])
def test_what_is_no_token_of_ours_finds_nothing(scene: Scene, token: str) -> None:
    uow = scene.cast.uow()
    with pytest.raises(NotFound):
        uow.vault.invitations.find(token)
    uow.end()


def test_a_link_is_over_and_can_be_taken_back(scene: Scene) -> None:
    token = invited(scene)
    helga = scene.cast.people["helga"].person
    with scene.cast.acting("helga") as uow:
        (waiting,) = uow.vault.invitations.open()
        uow.vault.invitations.withdraw(helga, waiting.id)
    uow = scene.cast.uow()
    with pytest.raises(NotFound):
        uow.vault.invitations.find(token)
    uow.end()
    with pytest.raises(Conflict), scene.cast.acting("helga") as again:
        again.vault.invitations.withdraw(helga, waiting.id)
    token = invited(scene)
    scene.cast.clock.ahead += INVITATION_SECONDS + 1
    uow = scene.cast.uow()
    with pytest.raises(NotFound):
        uow.vault.invitations.find(token)
    uow.end()


def test_an_offer_is_for_one_link_and_one_hour(scene: Scene) -> None:
    tokens = [invited(scene, name) for name in ("mine", "other")]
    uow = scene.cast.uow()
    mine, other = map(uow.vault.invitations.find, tokens)
    offer = uow.vault.invitations.offer(mine.id)
    for invitation, sealed in ((other, offer.sealed), (mine, "???"), (mine, "AAAA"), (mine, "ü")):
        with pytest.raises(Forbidden):
            uow.vault.invitations.offered(invitation.id, sealed)
    scene.cast.clock.ahead += OFFER_SECONDS + 1
    with pytest.raises(Forbidden):
        uow.vault.invitations.offered(mine.id, offer.sealed)
    uow.end()


def test_what_an_invitation_says_cannot_be_swapped_in_the_database(scene: Scene) -> None:
    """A writer of the table gives a newcomer another one's roles."""
    first, second = invited(scene, "first"), invited(scene, "second")
    with scene.cast.services.database.writing() as connection:
        rows = connection.execute(sa.select(invitations.c.id, invitations.c.content)).all()
        connection.execute(
            sa.update(invitations).where(invitations.c.id == rows[0].id).values(content=rows[1].content)
        )
    uow = scene.cast.uow()
    faults = 0
    for token in (first, second):
        try:
            uow.vault.invitations.find(token)
        except Tampered:
            faults += 1
    uow.end()
    assert faults == 1


def test_a_second_factor_is_spelled_for_a_device(scene: Scene) -> None:
    seed = bytes(range(20))
    assert base64.b32decode(spelled(seed).replace(" ", "")) == seed
    assert spelled(seed).replace(" ", "") in provisioning_uri(seed, "vahan")
    assert accepted_step(seed, pyotp.TOTP(base64.b32encode(seed).decode()).at(1_000), 1_000) == 1_000 // 30
    with pytest.raises(NotSignedIn):
        accepted_step(seed, "no digits", 1_000)
