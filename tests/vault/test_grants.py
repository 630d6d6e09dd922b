"""A grant opens for its member, its case, kind and epoch, and only if a lead of that time signed it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from app.crypto import hpke
from app.crypto.keys import CaseSecret, SigningSeed
from app.crypto.objects import Grant, sign_object
from app.crypto.signing import ciphertext_digest, public_of
from app.domain.duties import Duty
from app.domain.errors import Forbidden, NotFound, Tampered
from app.domain.ids import new_id
from app.store import trust as tables
from app.vault.casework import CASE_ZERO
from app.vault.fields import CASE_SETTINGS, IDENTITY, PART, TRANSCRIPT
from app.vault.secrets import CASE, RELEASE, grant_context
from app.vault.secrets import IDENTITY as IDENTITY_KIND
from tests.cast import open_case
from tests.vault.scene import ACCOUNT, NAME, Scene
from tests.vault.test_rosters import change

grants, rosters = tables.grants, tables.rosters


def of(scene: Scene, name: str, kind: str = CASE) -> sa.ColumnElement[bool]:
    return sa.and_(
        grants.c.case == scene.case,
        grants.c.kind == kind,
        grants.c.member_card == scene.cast.people[name].card,
    )


def planted(scene: Scene, member: str, grantor: str, sealed_to: str = "", **changes: Any) -> dict[str, Any]:
    """A grant of a secret that the grantor made up, well formed and truly signed by the grantor."""
    installation = scene.cast.services.installation.id
    card = scene.cast.people[member].card
    with scene.reading("ruben") as uow:
        roster = uow.vault.trust.roster(scene.case)
        public = uow.vault.trust.card(scene.cast.people[sealed_to or member].card).hpke_public
    grant = Grant(
        **{
            "kind": CASE,
            "case": scene.case,
            "epoch": roster.roster.epoch,
            "roster": roster.digest,
            "grantor": scene.cast.people[grantor].card,
            "member": card,
            "ciphertext": bytes(32),
            "issued": scene.cast.clock(),
            **changes,
        }
    )
    context = grant_context(grant.kind, grant.case, grant.epoch, card)
    box = hpke.seal_box(public, card[:16], context, installation, CaseSecret.generate().reveal())
    grant = replace(grant, ciphertext=ciphertext_digest(box))
    return {
        "digest": grant.digest(installation),
        "kind": grant.kind,
        "case": grant.case,
        "epoch": grant.epoch,
        "member_card": card,
        "grantor_card": grant.grantor,
        "box": box,
        "object": grant.encode(),
        "signature": sign_object(scene.cast.people[grantor].seeds.signing, installation, grant),
    }


def assert_no_words(scene: Scene, who: str, *errors: type[Exception]) -> None:
    with scene.reading(who) as uow, pytest.raises(errors or (Forbidden,)):
        uow.vault.records.open(TRANSCRIPT, scene.case, scene.statement)


FORGED: dict[str, Callable[[Scene], dict[str, Any]]] = {
    "by-a-stranger": lambda scene: planted(scene, "selma", "stranger"),
    "by-a-member-who-does-not-lead": lambda scene: planted(scene, "selma", "lilit"),
    "in-the-leads-name": lambda scene: {
        **planted(scene, "selma", "ruben"),
        "signature": planted(scene, "selma", "lilit")["signature"],
    },
    "under-a-roster-that-is-not-there": lambda scene: planted(scene, "selma", "ruben", roster=bytes(32)),
    "of-another-case": lambda scene: {
        **planted(scene, "selma", "stranger", case=scene.cast.other_case),
        "case": scene.case,
    },
    "of-another-epoch": lambda scene: {**planted(scene, "selma", "ruben", epoch=7), "epoch": 1},
    "with-another-grantor-in-its-row": lambda scene: {
        **planted(scene, "selma", "lilit"),
        "grantor_card": scene.cast.people["ruben"].card,
    },
    "another-members": lambda scene: {
        **planted(scene, "lilit", "ruben"),
        "member_card": scene.cast.people["selma"].card,
    },
    "with-another-box": lambda scene: {
        **planted(scene, "selma", "ruben"),
        "box": planted(scene, "selma", "ruben")["box"],
    },
    "sealed-to-somebody-else": lambda scene: planted(scene, "selma", "ruben", sealed_to="lilit"),
    "garbage": lambda scene: {**planted(scene, "selma", "ruben"), "object": b"garbage"},
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_a_planted_grant_is_refused(scene: Scene, forge: Callable[[Scene], dict[str, Any]]) -> None:
    scene.put_back(grants, [forge(scene)], of(scene, "selma"))
    assert_no_words(scene, "selma", Tampered)


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_a_planted_grant_hides_no_true_one(scene: Scene, forge: Callable[[Scene], dict[str, Any]]) -> None:
    genuine = scene.row(grants, of(scene, "selma"))
    scene.put_back(grants, [forge(scene), genuine], of(scene, "selma"))
    assert scene.transcript("selma") == b"lights, then silence 3"


def test_a_swapped_box_under_a_verified_grant_is_refused(scene: Scene) -> None:
    assert scene.transcript("selma")
    scene.flip(grants, "box", of(scene, "selma"))
    assert_no_words(scene, "selma", Tampered)


def test_a_former_lead_gives_no_secret_for_a_later_epoch(scene: Scene) -> None:
    """Somebody who led once, and writes the database, would have new words sealed under a secret of their own."""
    change(scene, lilit=frozenset({Duty.LEAD}))
    with scene.reading("ruben") as uow:
        their_time = uow.vault.trust.roster(scene.case).digest
    change(scene, "lilit")
    mine = planted(scene, "selma", "lilit", roster=their_time, epoch=2)
    scene.put_back(grants, [mine], of(scene, "selma"))
    assert_no_words(scene, "selma", Tampered)
    with scene.reading("selma") as uow, pytest.raises(Tampered, match="grant-of-another-epoch"):
        uow.vault.secrets.current(scene.case)


def test_a_grant_that_a_lead_signed_long_ago_still_opens_though_they_left(scene: Scene) -> None:
    change(scene, lilit=frozenset({Duty.LEAD, Duty.REDACTOR}))
    with scene.cast.acting("lilit") as uow:
        roster = uow.vault.trust.roster(scene.case)
        duties = {member.card: roster.duties_of(member.card) for member in roster.roster.members}
        added = scene.cast.people["stranger"].card
        uow.vault.casework.change_roster(
            scene.case, roster.digest, {**duties, added: frozenset({Duty.READER})}
        )
    assert scene.transcript("stranger") == b"lights, then silence 3"


# Who has none


def test_an_interviewer_cannot_open_what_they_sent(scene: Scene) -> None:
    for field in (PART, IDENTITY, CASE_SETTINGS):
        record = scene.case if field is CASE_SETTINGS else scene.statement
        with scene.reading("anahit") as uow, pytest.raises(Forbidden, match="no-grant"):
            uow.vault.records.open(field, scene.case, record)


def test_readers_of_the_case_do_not_open_names_and_the_custodian_does(scene: Scene) -> None:
    with scene.reading("lilit") as uow, pytest.raises(Forbidden, match="no-grant"):
        uow.vault.records.open(IDENTITY, scene.case, scene.statement)
    with scene.reading("anush") as uow:
        assert NAME.encode() in uow.vault.records.open(IDENTITY, scene.case, scene.statement).content


def test_who_leads_another_case_opens_nothing_here(scene: Scene) -> None:
    assert_no_words(scene, "stranger")


def test_no_act_of_an_administrator_gives_words(scene: Scene) -> None:
    for administrator in ("helga", "paul"):
        with scene.reading(administrator) as uow:
            for field, record in (
                (PART, scene.statement),
                (TRANSCRIPT, scene.statement),
                (CASE_SETTINGS, scene.case),
            ):
                with pytest.raises(Forbidden):
                    uow.vault.records.open(field, scene.case, record)
            with pytest.raises(Forbidden):
                uow.vault.files.open(scene.case, scene.asset)
            with pytest.raises(Forbidden):
                uow.vault.submissions.adopt(scene.case, 50)
            with pytest.raises(Forbidden):
                uow.vault.casework.rewrap(scene.case)
            with pytest.raises(Forbidden):
                uow.vault.casework.grant_release(scene.cast.people[administrator].card)
            with pytest.raises(Forbidden):
                uow.vault.secrets.current(CASE_ZERO, RELEASE)
            with pytest.raises(Forbidden):
                uow.vault.recovery.combine((scene.case, CASE, 1))
            with pytest.raises(NotFound):
                uow.vault.submissions.begin(scene.case)


def test_a_puppet_whom_an_administrator_enrolled_opens_nothing_even_with_a_row_of_its_own(
    scene: Scene,
) -> None:
    helga = scene.cast.people["helga"].card
    signed_by_helga = {**planted(scene, "selma", "helga"), "member_card": scene.cast.people["nobody"].card}
    membership = tables.memberships
    scene.tamper(
        sa.insert(grants).values({**signed_by_helga, "grantor_card": helga}),
        sa.insert(membership).values(case=scene.case, person=scene.cast.people["nobody"].person),
    )
    with scene.reading("nobody") as uow, pytest.raises(Exception, match="no-introduction"):
        uow.vault.records.open(TRANSCRIPT, scene.case, scene.statement)


def test_a_grant_row_for_somebody_without_a_duty_opens_nothing(scene: Scene) -> None:
    """A lead's own client would have to sign it; still the roster decides."""
    with scene.cast.acting("ruben") as uow:
        roster = uow.vault.trust.roster(scene.case)
        _epoch, secret = uow.vault.secrets.current(scene.case, CASE)
        card = scene.cast.people["stranger"].card
        uow.vault.secrets.grant(roster, CASE, secret, uow.vault.trust.card(card), card)
    assert_no_words(scene, "stranger")


def test_who_opens_a_case_seals_no_names_without_being_custodian(scene: Scene) -> None:
    case = new_id()
    with scene.cast.acting("helga") as uow:
        uow.vault.casework.charter(case, "Birch-2", scene.cast.people["ruben"].card)
    with scene.reading("ruben") as uow:
        uow.vault.casework.open_case(case, {})
        uow.vault.records.seal(CASE_SETTINGS, case, case, b"{}", expected=0)
        with pytest.raises(Forbidden, match="no-grant"):
            uow.vault.records.seal(IDENTITY, case, case, b"{}", expected=0)


# The release key


def test_the_release_key_is_given_on_by_its_holders(scene: Scene) -> None:
    with scene.cast.acting("mark") as uow:
        uow.vault.casework.grant_release(scene.cast.people["lilit"].card)
    lilit = grants.c.member_card == scene.cast.people["lilit"].card
    assert scene.row(grants, grants.c.kind == RELEASE, lilit)["case"] == CASE_ZERO
    with (
        scene.reading("lilit") as uow,
        pytest.raises(Forbidden),
    ):  # until a lead of case 0 makes her a publisher
        uow.vault.secrets.current(CASE_ZERO, RELEASE)


def test_a_publisher_who_is_taken_off_signs_no_more(scene: Scene) -> None:
    row = scene.row(grants, grants.c.kind == RELEASE, grants.c.member_card == scene.cast.people["mark"].card)
    people = scene.cast.people
    with scene.cast.acting("ruben") as uow:
        uow.vault.casework.change_publishers(
            {people["ruben"].card: frozenset({Duty.LEAD}), people["irina"].card: frozenset({Duty.PUBLISHER})}
        )
    scene.tamper(sa.insert(grants).values(row))
    with scene.reading("mark") as uow, pytest.raises(Forbidden):
        uow.vault.secrets.current(CASE_ZERO, RELEASE)
    with scene.reading("irina") as uow:
        public = scene.cast.services.installation.release_public
        epoch, seed = uow.vault.secrets.current(CASE_ZERO, RELEASE)
        assert epoch == 1
        assert public_of(SigningSeed(seed.reveal())) == public


# Granting


def test_nobody_but_a_custodian_makes_a_custodian(scene: Scene) -> None:
    with pytest.raises(Forbidden, match="custodian-must-grant"):
        change(scene, nadim=frozenset({Duty.IDENTITY_CUSTODIAN}))


def test_a_lead_who_is_custodian_makes_another(scene: Scene) -> None:
    people, case = scene.cast.people, new_id()
    both = frozenset({Duty.LEAD, Duty.IDENTITY_CUSTODIAN})
    open_case(scene.cast, case, "Birch-2", "ruben", {"ruben": both}, title="The mill")
    with scene.cast.acting("ruben") as uow:
        expected = uow.vault.trust.roster(case).digest
        custodian = {people["anush"].card: frozenset({Duty.IDENTITY_CUSTODIAN})}
        uow.vault.casework.change_roster(case, expected, {people["ruben"].card: both, **custodian})
    with scene.reading("anush") as uow, scene.reading("ruben") as other:
        assert uow.vault.secrets.current(case, IDENTITY_KIND) == other.vault.secrets.current(
            case, IDENTITY_KIND
        )


def test_what_the_author_said_arrives_word_for_word(scene: Scene) -> None:
    with scene.reading("ruben") as uow:
        assert ACCOUNT.encode() in uow.vault.records.open(PART, scene.case, scene.statement).content
