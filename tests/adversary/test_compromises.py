"""The table of compromises in SECURITY.md, row by row: what is surrendered, and what is not."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa

from app.crypto import envelope, hpke, lock, sharing
from app.crypto.keys import CaseSecret, HpkeSeed, RecordKey, RootKey, derive
from app.crypto.objects import Release, TrusteeShare, sign_object, story_digest
from app.crypto.words import from_words
from app.domain.duties import Duty
from app.domain.errors import CryptoError, Forbidden, Frozen, NotFound, NotSignedIn, Tampered, VouchsafeError
from app.domain.ids import new_id
from app.store.keys import record_keys, trustee_shares
from app.store.people import cards, locks, people, vouches
from app.store.records import versions
from app.store.stories import releases
from app.store.trust import grants, memberships, rosters
from app.vault.fields import CASE_SETTINGS, IDENTITY, PART, TRANSCRIPT
from app.vault.people import PASSWORD, NewPerson, lock_context
from app.vault.proposals import Kind
from app.vault.records import key_context
from app.vault.recovery import open_share
from app.vault.releases import Listed, released
from app.vault.secrets import CASE, share_context
from app.vault.sessions import ABSOLUTE_SECONDS, IDLE_SECONDS, TOUCH_SECONDS
from tests.adversary.honest import shadow_of
from tests.adversary.prying import MAY_BE_EMPTY, VERBS
from tests.adversary.shadow import Item, Shadow
from tests.adversary.world import World, enrol_puppet
from tests.vault.scene import (
    ACCOUNT,
    NAME,
    Scene,
    adopt,
    card_row,
    forged_card,
    form,
    seal_part,
    submit,
    vouch_row,
)
from tests.vault.test_grants import planted
from tests.vault.test_promises import MARKERS, bytes_on_disk
from tests.vault.test_recovery import which
from tests.vault.test_rosters import change, following, roster_row


def account(scene: Scene, name: str, statement: Any = None) -> bytes:
    with scene.reading(name) as uow:
        return uow.vault.records.open(PART, scene.case, statement or scene.statement).content


def identity(scene: Scene, name: str) -> bytes:
    with scene.reading(name) as uow:
        return uow.vault.records.open(IDENTITY, scene.case, scene.statement).content


def shadow(scene: Scene) -> Shadow:
    """What there is to pry into."""
    known = shadow_of(World(scene.cast, scene.folder, {}))
    for where in (PART, IDENTITY, TRANSCRIPT):
        known.items[(where.path, scene.statement)] = Item(where, scene.case, scene.statement, exact=False)
    known.statements[scene.statement] = "anahit"
    known.files[scene.asset] = (scene.case, b"", set())
    return known


def loot(scene: Scene, person: NewPerson) -> Iterator[str]:
    """By which verbs somebody gets something."""
    known = shadow(scene)
    for item in known.items.values():
        for name, verb in VERBS.items():
            holder = replace(
                scene.cast.holder("ruben"), person=person.person, card=person.card, seeds=person.seeds
            )
            uow = scene.cast.services.unit_of_work(holder=holder)
            with suppress(VouchsafeError):
                found = verb(uow, known, item, person.card)
                if found or name not in MAY_BE_EMPTY:
                    yield name
            uow.end()


def who_is_on_the_case(scene: Scene) -> set[Any]:
    return {row.person for row in scene.read(sa.select(memberships).where(memberships.c.case == scene.case))}


# A stolen disk or backup


def test_a_stolen_backup_tells_who_is_on_which_case_and_no_word(scene: Scene) -> None:
    assert scene.cast.people["selma"].person in who_is_on_the_case(scene)
    scene.cast.close()
    for path, content in bytes_on_disk(scene.folder).items():
        assert not [marker for marker in MARKERS if marker.encode() in content], path


def unlocked(scene: Scene, root: RootKey, words: str) -> bytes:
    lilit = scene.cast.people["lilit"].person
    row = scene.row(locks, locks.c.person == lilit, locks.c.kind == PASSWORD)
    key = lock.password_key(root, words, row["salt"], scene.cast.services.cost)
    return envelope.open_(
        key, lock_context(lilit, PASSWORD), scene.cast.services.installation.id, row["locked"], floor=0
    )


def test_without_the_root_key_even_the_right_words_open_no_lock(scene: Scene) -> None:
    with pytest.raises(CryptoError):
        unlocked(scene, RootKey.generate(), scene.cast.password("lilit"))


# Database and root key


def test_with_the_root_key_too_a_lock_opens_to_whoever_guesses_the_words_and_to_nobody_else(
    scene: Scene,
) -> None:
    root = scene.cast.services.installation.root
    with pytest.raises(CryptoError):
        unlocked(scene, root, "six words that nobody has chosen")
    seeds = unlocked(scene, root, scene.cast.password("lilit"))
    assert seeds == scene.cast.people["lilit"].seeds.reveal()


def test_with_the_root_key_too_nothing_opens_and_nothing_is_published(scene: Scene) -> None:
    with scene.reading(None) as uow:
        for where, record in ((PART, scene.statement), (CASE_SETTINGS, scene.case)):
            with pytest.raises(NotSignedIn):
                uow.vault.records.open(where, scene.case, record)
    installation = scene.cast.services.installation
    for seed in (installation.server.seed, installation.take_down.seed):
        scene.put_back(releases, [release_row(scene, seed)])
        with scene.reading(None) as uow, pytest.raises(Tampered, match="release"):
            released(uow.tx, installation)


def release_row(scene: Scene, seed: Any) -> dict[str, Any]:
    installation, story = scene.cast.services.installation.id, new_id()
    release = Release(
        public_id="quiet-ash-07",
        story=story_digest(installation, story),
        era=1,
        files=(),
        approvals=(),
        consents=(),
        gate_report=bytes(32),
        published_day=1,
    )
    return {
        "public_id": "quiet-ash-07",
        "number": 1,
        "story": story,
        "digest": release.digest(installation),
        "object": release.encode(),
        "signature": sign_object(seed, installation, release),
        "published": 1,
    }


# A database that is writable for a day


def test_who_writes_the_database_for_a_day_opens_nothing_before_or_after(scene: Scene) -> None:
    """Swapped cards, rosters and grants are refused, or count for nothing; put back, everything is as it was."""
    forged, forger = forged_card(scene.cast, "selma")
    mine = cards.c.digest == scene.cast.people["selma"].card
    attempts: list[tuple[sa.Table, Any, list[dict[str, Any]]]] = [
        (cards, mine, [{**card_row(scene.cast, forged, forger), "digest": scene.cast.people["selma"].card}]),
        (
            rosters,
            rosters.c.case == scene.case,
            [
                scene.row(rosters, rosters.c.case == scene.case),
                roster_row(scene, following(scene), "lilit"),
            ],
        ),
        (
            grants,
            sa.and_(
                grants.c.case == scene.case,
                grants.c.kind == CASE,
                grants.c.member_card == scene.cast.people["selma"].card,
            ),
            [planted(scene, "selma", "lilit")],
        ),
    ]
    for table, where, rows in attempts:
        genuine = [dict(row._mapping) for row in scene.read(sa.select(table).where(where))]
        scene.put_back(table, rows, where)
        with pytest.raises((Tampered, Frozen)):
            change(scene, selma=frozenset({Duty.READER, Duty.TRANSLATOR}))
            account(scene, "selma")
        scene.put_back(table, genuine, where)
    assert ACCOUNT.encode() in account(scene, "selma")


def test_who_writes_the_database_for_a_day_gets_nothing_of_what_is_sent_that_day(scene: Scene) -> None:
    """A roster with intake keys of their own: the form that was given out goes to the true ones, or nowhere."""
    row = scene.row(rosters, rosters.c.case == scene.case)
    mine = HpkeSeed.generate()
    keys = tuple(replace(key, public=hpke.public_of(mine)) for key in following(scene).intake_keys)
    capsule = form(scene.cast, "anahit")
    forged = {**row, "object": following(scene, number=1, previous=None, intake_keys=keys).encode()}
    scene.put_back(rosters, [forged], rosters.c.case == scene.case)
    with suppress(VouchsafeError):
        seal_part(scene.cast, "anahit", capsule, "sent that day")
    for wrapped in scene.read(sa.select(record_keys).where(record_keys.c.record == capsule.submission)):
        context = key_context(wrapped.id, scene.case, capsule.submission)
        with pytest.raises(CryptoError):
            hpke.open_box(
                mine, wrapped.intake_key.bytes, context, scene.cast.services.installation.id, wrapped.wrap
            )


# A reviewer


def test_a_reviewers_words_alone_let_nobody_in(scene: Scene) -> None:
    browser = scene.cast.client()
    wrong = pyotp.TOTP(pyotp.random_base32()).now()
    fields = {"name": "lilit", "words": scene.cast.password("lilit"), "code": wrong}
    answer = browser.post("/sign-in", fields, token_from="/sign-in")
    assert answer.status_code != 303
    assert browser.get("/cases").status_code != 200


def test_a_reviewer_surrenders_their_cases_and_neither_names_nor_other_cases(scene: Scene) -> None:
    assert ACCOUNT.encode() in account(scene, "lilit")
    with pytest.raises(Forbidden):
        identity(scene, "lilit")
    with scene.reading("lilit") as uow, pytest.raises(VouchsafeError):
        uow.vault.records.open(CASE_SETTINGS, scene.cast.other_case, scene.cast.other_case)


def test_an_unlocked_laptop_opens_for_fifteen_idle_minutes_and_eight_hours_at_most(scene: Scene) -> None:
    cast, lilit = scene.cast, scene.cast.people["lilit"]
    sessions = cast.services.sessions
    cookie = sessions.begin(lilit.person, lilit.card, lilit.seeds)
    assert sessions.resume(cookie).holder.person == lilit.person
    cast.clock.ahead += IDLE_SECONDS + TOUCH_SECONDS + 1
    with pytest.raises(NotSignedIn):
        sessions.resume(cookie)
    cookie, began = sessions.begin(lilit.person, lilit.card, lilit.seeds), cast.clock.ahead
    while cast.clock.ahead - began < ABSOLUTE_SECONDS - IDLE_SECONDS:
        cast.clock.ahead += IDLE_SECONDS - TOUCH_SECONDS
        assert sessions.resume(cookie).holder.person == lilit.person
    cast.clock.ahead = began + ABSOLUTE_SECONDS + 2
    with pytest.raises(NotSignedIn):
        sessions.resume(cookie)


# Administrators


def test_no_verb_of_an_administrator_gives_anything(scene: Scene) -> None:
    assert list(loot(scene, scene.cast.people["helga"])) == []


def test_a_puppet_gets_nothing_and_nobody_can_make_it_count(scene: Scene) -> None:
    puppet = enrol_puppet(scene.cast, "puppet")
    assert list(loot(scene, puppet)) == []
    with scene.reading("helga") as uow:
        with pytest.raises(Forbidden, match="administrators-never"):
            uow.vault.vouching.vouch(puppet.card, "call")
        with pytest.raises(Tampered, match="card-unvouched"):
            uow.vault.casework.charter(new_id(), "Birch-2", puppet.card)
    with scene.reading("ruben") as uow:
        roster = uow.vault.trust.roster(scene.case)
        duties = {member.card: roster.duties_of(member.card) for member in roster.roster.members}
        with pytest.raises(Tampered, match="card-unvouched"):
            uow.vault.casework.change_roster(
                scene.case, roster.digest, {**duties, puppet.card: frozenset({Duty.READER})}
            )


def test_two_administrators_make_no_puppet_count_either(scene: Scene) -> None:
    """Their signatures stand under its card, and they agree that it recovers the case: still nobody vouched for it."""
    puppet = enrol_puppet(scene.cast, "puppet")
    two = [scene.cast.people[name] for name in ("helga", "paul")]
    scene.tamper(*(sa.insert(vouches).values(vouch_row(scene.cast, each, puppet.card)) for each in two))
    with scene.reading("ruben") as uow:
        assert not uow.vault.trust.is_vouched(puppet.card)
    agree(scene, puppet.card)
    with scene.reading(None) as uow, pytest.raises(Tampered, match="card-unvouched"):
        words = scene.cast.founded.trustees[0].words
        open_share(uow.tx, uow.installation, uow.audit, uow.clock, which(scene), words, puppet.card)
    assert list(loot(scene, puppet)) == []


def test_two_administrators_and_the_trustees_recover_for_no_administrator(scene: Scene) -> None:
    """Shares can be sealed to their card; only a lead's session makes a secret of them that counts."""
    helga = scene.cast.people["helga"].card
    agree(scene, helga)
    hand_over(scene, 2, helga)
    with scene.reading("helga") as uow, pytest.raises(Forbidden, match="not-the-lead"):
        uow.vault.recovery.combine(which(scene))


def agree(scene: Scene, receiver: bytes) -> None:
    with scene.cast.acting("helga") as uow:
        proposal = uow.vault.proposals.propose(Kind.RECOVERY, scene.case, CASE, receiver)
    with scene.cast.acting("paul") as uow:
        uow.vault.proposals.second(proposal)


def hand_over(scene: Scene, trustees: int, receiver: bytes) -> None:
    for sheet in scene.cast.founded.trustees[:trustees]:
        uow = scene.cast.uow()
        open_share(uow.tx, uow.installation, uow.audit, uow.clock, which(scene), sheet.words, receiver)
        uow.commit()
        uow.end()


# Trustees


def test_one_trustee_less_than_it_takes_brings_nothing_back(scene: Scene) -> None:
    ruben = scene.cast.people["ruben"].card
    agree(scene, ruben)
    hand_over(scene, 1, ruben)
    with scene.reading("ruben") as uow, pytest.raises(Forbidden, match="too-few-shares"):
        uow.vault.recovery.combine(which(scene))
    with pytest.raises(CryptoError):
        sharing.combine(*own_shares(scene, 1))


def own_shares(scene: Scene, trustees: int, epoch: int = 1) -> tuple[list[sharing.Share], bytes]:
    """What trustees open of the database by themselves, on a machine of their own; and the commitment."""
    shares, commitment = [], b""
    for sheet in scene.cast.founded.trustees[:trustees]:
        where = (trustee_shares.c.case == scene.case, trustee_shares.c.kind == CASE)
        row = scene.row(
            trustee_shares, *where, trustee_shares.c.epoch == epoch, trustee_shares.c.trustee == sheet.trustee
        )
        plain = TrusteeShare.decode(
            hpke.open_box(
                HpkeSeed(from_words(sheet.words)),
                sheet.trustee.bytes,
                share_context(CASE, scene.case, sheet.trustee, epoch),
                scene.cast.services.installation.id,
                row["box"],
            )
        )
        shares.append(sharing.Share(plain.index, plain.share))
        commitment = plain.commitment
    return shares, commitment


def opened_with(scene: Scene, secret: CaseSecret, statement: Any) -> bytes:
    """The newest transcript of a statement, by whoever has the case's secret and the database."""
    installation = scene.cast.services.installation.id
    of = (versions.c.record == statement, versions.c.field == TRANSCRIPT.path)
    rows = scene.read(sa.select(versions).where(*of).order_by(versions.c.version.desc()))
    key_row = scene.row(record_keys, record_keys.c.id == rows[0].key)
    context = key_context(key_row["id"], scene.case, statement)
    key = envelope.open_(derive(secret, "wrap"), context, installation, key_row["wrap"], floor=0)
    where = TRANSCRIPT.context(scene.case, statement, rows[0].version)
    return envelope.open_(RecordKey(key), where, installation, rows[0].envelope, floor=TRANSCRIPT.floor)


def test_as_many_trustees_as_it_takes_with_the_database_open_that_case_until_its_keys_are_renewed(
    scene: Scene,
) -> None:
    secret = sharing.combine(*own_shares(scene, 2))
    assert opened_with(scene, secret, scene.statement) == scene.transcript()
    change(scene, "mark")
    adopt(scene.cast)
    with scene.cast.acting("lilit") as uow:
        uow.vault.records.seal(TRANSCRIPT, scene.case, scene.waiting, b"said later", expected=0)
    with pytest.raises(CryptoError):
        opened_with(scene, secret, scene.waiting)


def test_their_share_of_the_case_opens_no_name(scene: Scene) -> None:
    secret = sharing.combine(*own_shares(scene, 2))
    of_names = (record_keys.c.record == scene.statement, record_keys.c.kind == IDENTITY.kind)
    row = scene.row(record_keys, *of_names)
    context = key_context(row["id"], scene.case, scene.statement)
    with pytest.raises(CryptoError):
        envelope.open_(
            derive(secret, "wrap"), context, scene.cast.services.installation.id, row["wrap"], floor=0
        )
    assert NAME.encode() in identity(scene, "anush")


# A publisher


def test_a_publisher_surrenders_the_case_and_the_release_key_and_no_name(scene: Scene) -> None:
    assert ACCOUNT.encode() in account(scene, "mark")
    with pytest.raises(Forbidden):
        identity(scene, "mark")
    story, files = new_id(), [Listed("stories/quiet-ash-07/index.html", bytes(32), 10)]
    with scene.cast.acting("mark") as uow:  # the key itself asks for nobody's approval: the product does
        signed = uow.vault.releases.sign_release("quiet-ash-07", story, files, (), bytes(32))
        uow.vault.releases.record(story, scene.case, "quiet-ash-07", 1, signed)
    with scene.reading(None) as uow:
        assert [release.story for release in released(uow.tx, scene.cast.services.installation)] == [story]


# A field phone


def test_a_phone_that_has_sent_holds_its_owners_receipts_and_opens_nothing(scene: Scene) -> None:
    with scene.reading("anahit") as uow:
        assert uow.vault.submissions.receipt(scene.statement).position
        with pytest.raises(NotFound):
            uow.vault.submissions.receipt(scene.waiting)
        for where in (PART, IDENTITY):
            with pytest.raises(Forbidden, match="no-grant"):
                uow.vault.records.open(where, scene.case, scene.statement)


def test_what_is_sent_from_it_later_opens_to_readers_only(scene: Scene) -> None:
    statement = submit(scene.cast, "anahit", "sent later")
    assert b"sent later" in account(scene, "selma", statement)
    with pytest.raises(Forbidden):
        account(scene, "anahit", statement)


# Everybody


def test_every_account_is_one_of_these(scene: Scene) -> None:
    """Whoever was left out of the table would be a way in: each person of the cast surrenders what their duties say."""
    readers = {"ruben", "anush", "lilit", "selma", "irina", "nadim", "mark"}
    assert {name for name in scene.cast.people if _reads(scene, name)} == readers
    assert len(scene.read(sa.select(people))) == len(scene.cast.people)


def _reads(scene: Scene, name: str) -> bool:
    try:
        return ACCOUNT.encode() in account(scene, name)
    except VouchsafeError:
        return False
