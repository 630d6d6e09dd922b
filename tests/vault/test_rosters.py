"""Policies, charters and rosters that somebody put into the database, or put back, stop their case and no other."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.crypto.keys import SigningSeed
from app.crypto.objects import Charter, Member, Policy, Roster, sign_object
from app.crypto.words import from_words
from app.domain.duties import Duty
from app.domain.errors import Conflict, Forbidden, Frozen, NotFound, Tampered
from app.domain.ids import new_id
from app.store import keys as key_tables
from app.store import trust as tables
from app.vault.casework import CASE_ZERO
from app.vault.fields import CASE_SETTINGS
from tests.cast import LINDEN, open_case
from tests.vault.scene import Scene

rosters, charters, policies = tables.rosters, tables.charters, tables.policies


def newest(scene: Scene, case: UUID | None = None) -> Roster:
    query = (
        sa.select(rosters.c.object)
        .where(rosters.c.case == (case or scene.case))
        .order_by(rosters.c.number.desc())
    )
    return Roster.decode(scene.read(query.limit(1))[0][0])


def roster_row(scene: Scene, roster: Roster, signer: str, **columns: Any) -> dict[str, Any]:
    installation = scene.cast.services.installation.id
    return {
        "digest": roster.digest(installation),
        "case": roster.case,
        "era": roster.era,
        "number": roster.number,
        "signer_card": roster.signer,
        "object": roster.encode(),
        "signature": sign_object(scene.cast.people[signer].seeds.signing, installation, roster),
        **columns,
    }


def following(scene: Scene, **changes: Any) -> Roster:
    """What would come next, had a lead signed it."""
    current = newest(scene)
    digest = current.digest(scene.cast.services.installation.id)
    return replace(current, **{"number": current.number + 1, "previous": digest, **changes})


def change(scene: Scene, *left_out: str, **duties: frozenset[Duty]) -> None:
    """The lead signs the next roster."""
    wanted = {name: held for name, held in {**LINDEN, **duties}.items() if name not in left_out}
    with scene.cast.acting("ruben") as uow:
        expected = uow.vault.trust.roster(scene.case).digest
        uow.vault.casework.change_roster(
            scene.case, expected, {scene.cast.people[name].card: held for name, held in wanted.items()}
        )


def look(scene: Scene, who: str = "lilit") -> None:
    """Read the case's roster and remember it."""
    with scene.cast.acting(who) as uow:
        uow.vault.trust.roster(scene.case)


def assert_refused(scene: Scene, fault: str, who: str = "lilit") -> None:
    """The case does not open for them; another case still does for its own lead, and Linden-4 still has its words."""
    with scene.reading(who) as uow, pytest.raises((Tampered, Frozen), match=fault):
        uow.vault.records.open(CASE_SETTINGS, scene.case, scene.case)
    with scene.reading("stranger") as uow:
        settings = uow.vault.records.open(CASE_SETTINGS, scene.cast.other_case, scene.cast.other_case)
    assert b"Nothing to you" in settings.content


# Rosters


def test_a_roster_by_somebody_who_does_not_lead_is_refused(scene: Scene) -> None:
    lilit = scene.cast.people["lilit"].card
    taken = following(scene, signer=lilit, members=(Member(lilit, (Duty.LEAD.value,)),))
    scene.tamper(sa.insert(rosters).values(roster_row(scene, taken, "lilit")))
    assert_refused(scene, "roster-signer")


def test_a_roster_in_the_leads_name_by_another_hand_is_refused(scene: Scene) -> None:
    scene.tamper(sa.insert(rosters).values(roster_row(scene, following(scene), "lilit")))
    assert_refused(scene, "roster-signature")


def test_a_gap_between_rosters_is_refused(scene: Scene) -> None:
    scene.tamper(sa.insert(rosters).values(roster_row(scene, following(scene, number=3), "ruben")))
    assert_refused(scene, "roster-chain")


def test_a_roster_whose_predecessor_is_gone_is_refused(scene: Scene) -> None:
    change(scene)
    scene.tamper(sa.delete(rosters).where(rosters.c.case == scene.case, rosters.c.number == 1))
    assert_refused(scene, "roster-chain", "davit")


def test_a_second_first_roster_is_refused(scene: Scene) -> None:
    later = following(scene, number=2, previous=None)
    scene.tamper(sa.insert(rosters).values(roster_row(scene, later, "ruben")))
    assert_refused(scene, "roster-signer|fork", "davit")


def test_a_roster_under_another_charter_is_refused(scene: Scene) -> None:
    scene.tamper(sa.insert(rosters).values(roster_row(scene, following(scene, charter=bytes(32)), "ruben")))
    assert_refused(scene, "roster-signer")


@pytest.mark.parametrize("column", ["object", "digest", "case", "number", "era"])
def test_a_roster_in_the_wrong_place_is_refused(scene: Scene, column: str) -> None:
    other = scene.row(rosters, rosters.c.case == scene.cast.other_case)
    value: Any = {
        "object": b"garbage",
        "digest": bytes(32),
        "case": scene.case,
        "number": 7,
        "era": 2,
    }[column]
    if column == "case":
        scene.tamper(sa.delete(rosters).where(rosters.c.case == scene.case))
        scene.tamper(sa.insert(rosters).values({**other, "digest": bytes(32), "case": value}))
    else:
        scene.tamper(sa.update(rosters).where(rosters.c.case == scene.case).values({column: value}))
    assert_refused(scene, "roster", "davit")


def test_a_member_whose_card_nobody_vouched_for_makes_a_roster_worthless(scene: Scene) -> None:
    nobody = Member(scene.cast.people["nobody"].card, (Duty.READER.value,))
    puppet = following(scene, members=(*newest(scene).members, nobody))
    scene.tamper(sa.insert(rosters).values(roster_row(scene, puppet, "ruben")))
    assert_refused(scene, "card-unvouched")


def test_an_administrator_on_it_makes_a_roster_worthless(scene: Scene) -> None:
    """Also one that its lead was led to sign elsewhere."""
    helga = Member(scene.cast.people["helga"].card, (Duty.READER.value,))
    roster = following(scene, members=(*newest(scene).members, helga))
    scene.tamper(sa.insert(rosters).values(roster_row(scene, roster, "ruben")))
    assert_refused(scene, "administrator-on-roster")


def test_a_card_that_is_not_there_is_nobodys(scene: Scene) -> None:
    with scene.reading("ruben") as uow:
        assert not uow.vault.trust.is_colleague(bytes(32))
        assert not uow.vault.trust.is_colleague(scene.cast.people["helga"].card)
        assert uow.vault.trust.is_colleague(scene.cast.people["lilit"].card)


def test_no_secret_is_sealed_to_an_administrator(scene: Scene) -> None:
    helga = scene.cast.people["helga"].card
    with scene.reading("ruben") as uow, pytest.raises(Forbidden, match="administrators-never"):
        roster = uow.vault.trust.roster(scene.case)
        _epoch, secret = uow.vault.secrets.current(scene.case)
        uow.vault.secrets.grant(roster, "case", secret, uow.vault.trust.card(helga), helga)


def test_no_administrator_is_named_a_cases_lead(scene: Scene) -> None:
    with (
        scene.reading("helga") as uow,
        pytest.raises(Forbidden, match="administrators-never"),
    ):
        uow.vault.casework.charter(new_id(), "Birch-2", scene.cast.people["paul"].card)


@pytest.mark.parametrize("duty", [Duty.READER, Duty.INTERVIEWER])
def test_no_list_holds_an_administrator(scene: Scene, duty: Duty) -> None:
    """Not even with a duty that is given no secret."""
    wanted = {scene.cast.people[name].card: held for name, held in LINDEN.items()}
    wanted[scene.cast.people["helga"].card] = frozenset({duty})
    with scene.reading("ruben") as uow, pytest.raises(Forbidden, match="administrators-never"):
        uow.vault.casework.change_roster(scene.case, uow.vault.trust.roster(scene.case).digest, wanted)


def test_a_roster_taken_away_is_missed_also_by_whoever_never_saw_it(scene: Scene) -> None:
    """Its line in the log is enough: who left by it must not be sealed to."""
    change(scene, "mark")
    scene.tamper(sa.delete(rosters).where(rosters.c.case == scene.case, rosters.c.number == 2))
    with scene.reading("anahit") as uow, pytest.raises(Frozen) as refused:
        uow.vault.trust.roster(scene.case)
    assert refused.value.reason == "roster-rolled-back"


def test_a_roster_put_back_freezes_its_case_for_whoever_saw_the_newer_one(scene: Scene) -> None:
    change(scene, mark=frozenset({Duty.PUBLISHER, Duty.READER}))
    look(scene)
    scene.tamper(sa.delete(rosters).where(rosters.c.case == scene.case, rosters.c.number == 2))
    assert_refused(scene, "roster-rolled-back")


def test_a_case_without_any_roster_is_frozen_for_whoever_saw_one(scene: Scene) -> None:
    scene.tamper(sa.delete(rosters).where(rosters.c.case == scene.case))
    assert_refused(scene, "roster-rolled-back")


def test_another_roster_under_a_known_number_is_a_fork(scene: Scene) -> None:
    change(scene)
    look(scene)
    forked = replace(newest(scene), members=newest(scene).members[:3])
    scene.tamper(sa.delete(rosters).where(rosters.c.case == scene.case, rosters.c.number == 2))
    scene.tamper(sa.insert(rosters).values(roster_row(scene, forked, "ruben")))
    assert_refused(scene, "fork")


def test_a_fork_further_back_is_found_from_the_newest(scene: Scene) -> None:
    first, installation = newest(scene), scene.cast.services.installation.id
    change(scene)
    look(scene)
    lead = next(member for member in first.members if Duty.LEAD in member.duties)
    second = replace(first, number=2, previous=first.digest(installation), members=(lead,))
    third = replace(second, number=3, previous=second.digest(installation))
    scene.tamper(sa.delete(rosters).where(rosters.c.case == scene.case, rosters.c.number == 2))
    scene.tamper(*(sa.insert(rosters).values(roster_row(scene, each, "ruben")) for each in (second, third)))
    assert_refused(scene, "fork")


def test_only_the_newest_roster_counts_and_earlier_ones_can_still_be_read(scene: Scene) -> None:
    first = newest(scene).digest(scene.cast.services.installation.id)
    change(scene, "mark")
    with scene.reading("davit") as uow:
        assert uow.vault.trust.roster(scene.case).roster.number == 2
        assert uow.vault.trust.roster_by_digest(scene.case, first).number == 1
        newest_digest = uow.vault.trust.roster(scene.case).digest
        assert uow.vault.trust.roster_by_digest(scene.case, newest_digest).number == 2


def test_a_roster_that_the_newest_does_not_descend_from_is_none(scene: Scene) -> None:
    """Neither another case's, nor one that is nowhere, nor a side branch that somebody signed while they led."""
    installation = scene.cast.services.installation.id
    first, other = newest(scene), newest(scene, scene.cast.other_case)
    side_branch = replace(first, era=2, number=2, previous=first.digest(installation))
    change(scene)
    change(scene, "mark")
    scene.tamper(sa.insert(rosters).values(roster_row(scene, side_branch, "ruben", era=0)))
    with scene.reading("selma") as uow:
        assert uow.vault.trust.roster_by_digest(scene.case, first.digest(installation)) == first
        for digest in (other.digest(installation), bytes(32), side_branch.digest(installation)):
            with pytest.raises(Tampered, match="roster-missing"):
                uow.vault.trust.roster_by_digest(scene.case, digest)


def test_a_roster_has_no_intake_key_of_a_kind_it_does_not_name(scene: Scene) -> None:
    with scene.reading("ruben") as uow, pytest.raises(NotFound, match="intake-key"):
        uow.vault.trust.roster(CASE_ZERO).intake_key("case")


# Charters


def charter_row(scene: Scene, charter: Charter, signer: str) -> dict[str, Any]:
    installation = scene.cast.services.installation.id
    return {
        "case": charter.case,
        "digest": charter.digest(installation),
        "administrator_card": scene.cast.people[signer].card,
        "object": charter.encode(),
        "signature": sign_object(scene.cast.people[signer].seeds.signing, installation, charter),
    }


def stored_charter(scene: Scene) -> Charter:
    return Charter.decode(scene.row(charters, charters.c.case == scene.case)["object"])


Forge = Callable[[Scene], dict[str, Any]]

FORGED_CHARTERS: dict[str, Forge] = {
    "by-a-reviewer": lambda scene: charter_row(scene, replace(stored_charter(scene), issued=1), "lilit"),
    "in-an-administrators-name": lambda scene: {
        **charter_row(scene, replace(stored_charter(scene), issued=1), "lilit"),
        "administrator_card": scene.cast.people["helga"].card,
    },
    "for-another-case": lambda scene: {
        **scene.row(charters, charters.c.case == scene.cast.other_case),
        "case": scene.case,
    },
    "garbage": lambda scene: {**scene.row(charters, charters.c.case == scene.case), "object": b"garbage"},
}


@pytest.mark.parametrize("forge", FORGED_CHARTERS.values(), ids=FORGED_CHARTERS)
def test_a_charter_that_no_administrator_signed_for_this_case_is_refused(scene: Scene, forge: Forge) -> None:
    with scene.cast.acting("selma") as uow:  # she has proved the other case's charter, for its own case
        uow.vault.trust.charter(scene.cast.other_case)
    scene.put_back(charters, [forge(scene)], charters.c.case == scene.case)
    with scene.reading("selma") as uow, pytest.raises(Tampered, match="charter"):
        uow.vault.trust.charter(scene.case)


def test_without_a_charter_there_is_no_case_to_open(scene: Scene) -> None:
    with scene.reading("ruben") as uow, pytest.raises(NotFound, match="charter"):
        uow.vault.casework.open_case(new_id(), {})


def test_only_the_charters_lead_opens_the_case(scene: Scene) -> None:
    case = new_id()
    with scene.cast.acting("helga") as uow:
        uow.vault.casework.charter(case, "Birch-2", scene.cast.people["lilit"].card)
    with scene.reading("ruben") as uow, pytest.raises(Forbidden, match="not-the-lead"):
        uow.vault.casework.open_case(case, {})


def test_a_reviewer_charters_no_case(scene: Scene) -> None:
    with scene.reading("lilit") as uow, pytest.raises(Forbidden, match="not-an-administrator"):
        uow.vault.casework.charter(new_id(), "Birch-2", scene.cast.people["lilit"].card)


def test_an_unvouched_lead_is_not_chartered(scene: Scene) -> None:
    with scene.reading("helga") as uow, pytest.raises(Tampered, match="card-unvouched"):
        uow.vault.casework.charter(new_id(), "Birch-2", scene.cast.people["nobody"].card)


# Changing


def test_a_roster_signed_meanwhile_is_not_overwritten(scene: Scene) -> None:
    expected = newest(scene).digest(scene.cast.services.installation.id)
    change(scene)
    with scene.reading("ruben") as uow, pytest.raises(Conflict, match="roster-moved"):
        uow.vault.casework.change_roster(scene.case, expected, {})


def test_two_leads_who_sign_at_once_do_not_both_win(scene: Scene) -> None:
    first, second = scene.cast.uow("ruben"), scene.cast.uow("ruben")
    for uow in (first, second):
        roster = uow.vault.trust.roster(scene.case)
        duties = {member.card: roster.duties_of(member.card) for member in roster.roster.members}
        uow.vault.casework.change_roster(scene.case, roster.digest, duties)
    first.commit()
    scene.cast.clock.ahead += 1
    with pytest.raises(Conflict):
        second.commit()
    second.end()
    assert newest(scene).number == 2


def test_who_does_not_lead_changes_no_roster(scene: Scene) -> None:
    with scene.reading("lilit") as uow:
        roster = uow.vault.trust.roster(scene.case)
        with pytest.raises(Forbidden, match="lacks-duty"):
            uow.vault.casework.change_roster(scene.case, roster.digest, {})
        with pytest.raises(Forbidden, match="lacks-duty"):
            uow.vault.casework.change_publishers({})


def test_a_case_and_the_release_key_always_have_a_lead(scene: Scene) -> None:
    with scene.reading("ruben") as uow:
        roster = uow.vault.trust.roster(scene.case)
        lilit = {scene.cast.people["lilit"].card: frozenset({Duty.READER})}
        with pytest.raises(Conflict, match="no-lead"):
            uow.vault.casework.change_roster(scene.case, roster.digest, lilit)
        with pytest.raises(Conflict, match="no-lead"):
            uow.vault.casework.change_publishers(lilit)


# Policy


def policy_row(scene: Scene, signer: SigningSeed, **changes: Any) -> dict[str, Any]:
    installation = scene.cast.services.installation.id
    policy = replace(Policy.decode(scene.row(policies)["object"]), **changes)
    return {
        "number": policy.number,
        "digest": policy.digest(installation),
        "object": policy.encode(),
        "signature": sign_object(signer, installation, policy),
    }


def organisation_key(scene: Scene) -> SigningSeed:
    return SigningSeed(from_words(scene.cast.founded.organisation_words))


def test_the_newest_policy_of_the_organisation_key_counts(scene: Scene) -> None:
    scene.tamper(sa.insert(policies).values(policy_row(scene, organisation_key(scene), number=2, k=3)))
    with scene.reading("lilit") as uow:
        assert uow.vault.trust.policy()[0].k == 3


def test_a_policy_of_another_hand_is_refused(scene: Scene) -> None:
    scene.tamper(sa.insert(policies).values(policy_row(scene, SigningSeed.generate(), number=2, k=2)))
    with scene.reading("lilit") as uow, pytest.raises(Tampered, match="policy"):
        uow.vault.trust.policy()


def test_a_policy_put_back_is_refused(scene: Scene) -> None:
    scene.tamper(sa.insert(policies).values(policy_row(scene, organisation_key(scene), number=2, k=3)))
    with scene.cast.acting("ruben") as uow:
        uow.vault.trust.policy()
    scene.tamper(sa.delete(policies).where(policies.c.number == 2))
    with scene.reading("ruben") as uow, pytest.raises(Frozen, match="policy-rolled-back"):
        uow.vault.trust.policy()


def test_another_policy_under_a_known_number_is_refused(scene: Scene) -> None:
    scene.put_back(policies, [policy_row(scene, organisation_key(scene), k=3)])
    with scene.reading("ruben") as uow, pytest.raises(Frozen, match="policy-rolled-back"):
        uow.vault.trust.policy()


def test_a_policy_that_is_none_or_missing_is_said_so(scene: Scene) -> None:
    scene.tamper(sa.update(policies).values(object=b"garbage"))
    with scene.reading("ruben") as uow, pytest.raises(Tampered, match="policy"):
        uow.vault.trust.policy()
    scene.tamper(sa.delete(policies))
    with scene.reading("ruben") as uow, pytest.raises(Tampered, match="policy-missing"):
        uow.vault.trust.policy()


def test_without_trustees_nothing_is_split(scene: Scene) -> None:
    without = policy_row(scene, organisation_key(scene), number=2, k=0, trustees=())
    scene.tamper(sa.insert(policies).values(without))
    case, shares = new_id(), key_tables.trustee_shares
    open_case(scene.cast, case, "Birch-2", "ruben", {}, title="The mill")
    assert scene.read(sa.select(shares).where(shares.c.case == case)) == []
    assert scene.read(sa.select(shares).where(shares.c.case == scene.case))
