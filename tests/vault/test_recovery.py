"""k of n trustees bring one secret back, to one vouched lead, and nothing else to anybody else."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.crypto import envelope, hpke, sharing
from app.crypto.keys import CaseSecret, HpkeSeed, derive
from app.crypto.objects import TrusteeShare
from app.domain.duties import Duty
from app.domain.errors import Conflict, Forbidden, InvalidInput, Tampered
from app.domain.ids import new_id
from app.store import keys as tables
from app.store import people as people_tables
from app.store import trust as trust_tables
from app.vault.fields import TRANSCRIPT
from app.vault.records import intake_private_context
from app.vault.recovery import Which, open_share, recovered_context
from app.vault.secrets import CASE, IDENTITY
from tests.cast import agree_to_recovery
from tests.vault.scene import Scene, card_of, card_row, forged_card
from tests.vault.test_rosters import change

grants, shares, recovered = trust_tables.grants, tables.trustee_shares, tables.recovered_shares


@pytest.fixture
def scene(scene: Scene) -> Scene:
    """Two administrators have agreed, wherever a test means something else to stand in the way."""
    for kind, to in ((CASE, "ruben"), (IDENTITY, "ruben"), (CASE, "lilit"), (CASE, "nobody")):
        agree_to_recovery(scene.cast, kind, to)
    return scene


def which(scene: Scene, kind: str = CASE, case: UUID | None = None, epoch: int = 1) -> Which:
    return (case or scene.case, kind, epoch)


def give(scene: Scene, sheet: int, of: Which, to: str = "ruben") -> None:
    """A trustee comes with their words."""
    uow = scene.cast.uow()
    try:
        card = scene.cast.people[to].card
        words = scene.cast.founded.trustees[sheet].words
        trustee = open_share(uow.tx, uow.installation, uow.audit, uow.clock, of, words, card)
        uow.commit()
    finally:
        uow.end()
    assert trustee == scene.cast.founded.trustees[sheet].trustee


def combine(scene: Scene, of: Which, name: str = "ruben") -> None:
    with scene.cast.acting(name) as uow:
        uow.vault.recovery.combine(of)


def lose_all_grants(scene: Scene) -> None:
    scene.tamper(sa.delete(grants).where(grants.c.case == scene.case))
    with scene.reading("ruben") as uow, pytest.raises(Forbidden):
        uow.vault.secrets.current(scene.case)


def test_two_of_three_trustees_bring_a_case_back(scene: Scene) -> None:
    lose_all_grants(scene)
    give(scene, 0, which(scene))
    give(scene, 2, which(scene))
    combine(scene, which(scene))
    assert scene.transcript("ruben") == b"lights, then silence 3"
    with scene.cast.acting("ruben") as uow:  # and it is a secret to work with
        uow.vault.records.seal(TRANSCRIPT, scene.case, scene.statement, b"after", expected=3)


def test_names_come_back_on_their_own_and_can_be_given_on(scene: Scene) -> None:
    """No custodian is left: a lead recovers the identity secret, and makes a new custodian."""
    scene.tamper(sa.delete(grants).where(grants.c.case == scene.case, grants.c.kind == IDENTITY))
    for sheet in (0, 1):
        give(scene, sheet, which(scene))
        give(scene, sheet, which(scene, IDENTITY))
    combine(scene, which(scene))
    combine(scene, which(scene, IDENTITY))
    change(scene, nadim=frozenset({Duty.IDENTITY_CUSTODIAN}))
    with scene.reading("nadim") as uow:
        assert uow.vault.secrets.current(scene.case, IDENTITY)
    assert scene.read(sa.select(recovered)) == []


def test_one_trustee_less_brings_nothing_back(scene: Scene) -> None:
    with pytest.raises(Forbidden, match="too-few-shares"):
        combine(scene, which(scene))
    give(scene, 0, which(scene))
    give(scene, 0, which(scene))
    with pytest.raises(Forbidden, match="too-few-shares"):
        combine(scene, which(scene))


@pytest.mark.parametrize(
    "words", ["", "one two three", "abandon " * 23 + "abandon", "abandon " * 11 + "about"]
)
def test_words_that_are_no_key_are_refused(scene: Scene, words: str) -> None:
    with scene.reading(None) as uow, pytest.raises(InvalidInput) as caught:
        card = scene.cast.people["ruben"].card
        open_share(uow.tx, uow.installation, uow.audit, uow.clock, which(scene), words, card)
    assert caught.value.problems == {"words": "not-a-key"}


def test_words_of_nobody_among_the_trustees_open_no_share(scene: Scene) -> None:
    words = scene.cast.founded.root_words
    with scene.reading(None) as uow, pytest.raises(InvalidInput) as caught:
        card = scene.cast.people["ruben"].card
        open_share(uow.tx, uow.installation, uow.audit, uow.clock, which(scene), words, card)
    assert caught.value.problems == {"words": "no-share-for-these-words"}


def test_a_share_opens_that_case_and_no_other(scene: Scene) -> None:
    """Shares of the other case, put in this one's place."""
    for sheet in (0, 1):
        mine, other = (
            sa.and_(
                shares.c.case == case,
                shares.c.kind == CASE,
                shares.c.trustee == scene.cast.founded.trustees[sheet].trustee,
            )
            for case in (scene.case, scene.cast.other_case)
        )
        scene.swap(shares, "box", mine, other)
    with pytest.raises(InvalidInput, match="no-share-for-these-words"):
        give(scene, 0, which(scene))


def test_only_who_may_grant_combines(scene: Scene) -> None:
    for sheet in (0, 1):
        give(scene, sheet, which(scene), to="lilit")
    with pytest.raises(Forbidden, match="not-the-lead"):
        combine(scene, which(scene), "lilit")


def test_an_earlier_epoch_is_not_brought_back_as_the_newest(scene: Scene) -> None:
    for sheet in (0, 1):
        give(scene, sheet, which(scene))
    change(scene, "mark")
    with pytest.raises(Conflict, match="roster-moved"):
        combine(scene, which(scene))


# By whose word


@pytest.mark.parametrize(
    ("kind", "to", "case"),
    [(IDENTITY, "ruben", "case"), (CASE, "lilit", "case"), (CASE, "ruben", "other_case")],
)
def test_no_share_opens_unless_two_administrators_agreed_to_exactly_this(
    scene: Scene, kind: str, to: str, case: str
) -> None:
    scene.tamper(sa.delete(trust_tables.proposals))
    agree_to_recovery(scene.cast, kind, to, getattr(scene.cast, case))
    with pytest.raises(Forbidden, match="no-second-administrator"):
        give(scene, 0, which(scene))


def test_an_agreement_is_over_after_seven_days(scene: Scene) -> None:
    scene.cast.clock.ahead = 7 * 24 * 3600 + 10
    with pytest.raises(Forbidden, match="no-second-administrator"):
        give(scene, 0, which(scene))


@pytest.mark.parametrize("name", ["helga", "paul"])
def test_an_agreement_falls_with_the_administrator_who_was_shut_out(scene: Scene, name: str) -> None:
    with scene.cast.acting("paul") as uow:
        uow.vault.people.shut_out(
            scene.cast.people[name].person, uow.vault.holder.person, shut=True, by_two=True
        )
    with pytest.raises(Forbidden, match="no-second-administrator"):
        give(scene, 0, which(scene))


# To whom


def test_no_share_is_sealed_to_a_card_that_nobody_vouched_for(scene: Scene) -> None:
    with pytest.raises(Tampered, match="card-unvouched"):
        give(scene, 0, which(scene), to="nobody")


def test_no_share_is_sealed_to_a_swapped_public_key(scene: Scene) -> None:
    """Whoever writes the database would collect the shares of a whole case."""
    forged, forger = forged_card(scene.cast, "ruben")
    row = card_row(scene.cast, forged, forger)
    cards = people_tables.cards
    mine = cards.c.digest == scene.cast.people["ruben"].card
    scene.tamper(sa.update(cards).where(mine).values(object=row["object"], signature=row["signature"]))
    with pytest.raises(Tampered, match="card"):
        give(scene, 0, which(scene))


# What arrives


def plant(scene: Scene, share: TrusteeShare, sheet: int) -> None:
    """A share of somebody's own making, sealed to the receiver as anybody can."""
    ruben, trustee = scene.cast.people["ruben"], scene.cast.founded.trustees[sheet].trustee
    context = recovered_context(which(scene), trustee)
    box = hpke.seal_box(
        card_of(scene.cast, "ruben").hpke_public,
        ruben.card[:16],
        context,
        scene.cast.services.installation.id,
        share.encode(),
    )
    scene.tamper(
        sa.insert(recovered).values(
            case=scene.case, kind=CASE, epoch=1, trustee=trustee, member_card=ruben.card, box=box
        )
    )


def of_ones_own(scene: Scene, secret: CaseSecret, **changes: Any) -> list[TrusteeShare]:
    commitment = sharing.commitment(secret)
    return [
        replace(TrusteeShare(CASE, scene.case, 1, share.index, 2, share.share, commitment), **changes)
        for share in sharing.split(secret, 2, 3)
    ]


def test_a_secret_of_somebody_elses_making_is_not_the_cases(scene: Scene) -> None:
    """It fits its commitment; the next statement would be sealed to whoever sent it."""
    for sheet, share in enumerate(of_ones_own(scene, CaseSecret.generate())):
        plant(scene, share, sheet)
    with pytest.raises(Tampered, match="not-the-secret"):
        combine(scene, which(scene))


def test_nor_with_an_intake_key_of_their_own_making(scene: Scene) -> None:
    secret, installation = CaseSecret.generate(), scene.cast.services.installation.id
    for sheet, share in enumerate(of_ones_own(scene, secret)):
        plant(scene, share, sheet)
    intake = tables.intake_keys
    mine = sa.and_(intake.c.case == scene.case, intake.c.kind == CASE)
    key = scene.row(intake, mine)["id"]
    context = intake_private_context(key, scene.case, CASE)
    seed = HpkeSeed.generate().reveal()
    private = envelope.seal(derive(secret, "wrap"), key, context, installation, seed, floor=0)
    scene.tamper(sa.update(intake).where(mine).values(private=private))
    with pytest.raises(Tampered, match="not-the-secret"):
        combine(scene, which(scene))
    scene.tamper(sa.delete(intake).where(mine))
    with pytest.raises(Tampered, match="not-the-secret"):
        combine(scene, which(scene))


def test_mixed_shares_make_no_secret(scene: Scene) -> None:
    give(scene, 0, which(scene))
    plant(scene, of_ones_own(scene, CaseSecret.generate())[1], 1)
    with pytest.raises(Tampered, match="shares-do-not-fit"):
        combine(scene, which(scene))


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"case": new_id()}, "share-of-another"),
        ({"kind": IDENTITY}, "share-of-another"),
        ({"epoch": 2}, "share-of-another"),
        ({"index": 0}, "shares-do-not-fit"),
        ({"index": 1}, "shares-do-not-fit"),
        ({"commitment": bytes(32)}, "shares-do-not-fit"),
    ],
)
def test_shares_that_say_something_else_are_refused(
    scene: Scene, changes: dict[str, Any], fault: str
) -> None:
    for sheet, share in enumerate(of_ones_own(scene, CaseSecret.generate(), **changes)):
        plant(scene, share, sheet)
    with pytest.raises(Tampered, match=fault):
        combine(scene, which(scene))


def test_an_altered_recovered_share_is_refused(scene: Scene) -> None:
    for sheet in (0, 1):
        give(scene, sheet, which(scene))
    scene.flip(recovered, "box", recovered.c.trustee == scene.cast.founded.trustees[0].trustee)
    with pytest.raises(Tampered, match="recovered-share"):
        combine(scene, which(scene))
