"""A session is a cookie's secret; the row alone opens nothing, and a row that was touched opens for nobody."""

import base64
from dataclasses import replace

import pytest
import sqlalchemy as sa

from app.domain.errors import NotSignedIn
from app.domain.ids import new_id
from app.store.sessions import openings, session_secrets, sessions
from app.vault.sessions import (
    ABSOLUTE_SECONDS,
    IDLE_SECONDS,
    SEEDS_LENGTH,
    TOUCH_SECONDS,
    SecretCache,
    SessionStore,
)
from tests.vault.scene import Scene


@pytest.fixture
def store(scene: Scene) -> SessionStore:
    return scene.cast.services.sessions


def begin(scene: Scene, name: str = "lilit") -> str:
    person = scene.cast.people[name]
    return scene.cast.services.sessions.begin(person.person, person.card, person.seeds)


def refused(scene: Scene, cookie: str) -> None:
    with pytest.raises(NotSignedIn):
        scene.cast.services.sessions.resume(cookie)


def test_a_cookie_brings_its_person_back(scene: Scene, store: SessionStore) -> None:
    lilit = scene.cast.people["lilit"]
    live = store.resume(begin(scene))
    assert (live.holder.person, live.holder.card, live.holder.seeds) == (
        lilit.person,
        lilit.card,
        lilit.seeds,
    )
    assert live.ends - live.started - IDLE_SECONDS in {0, 1}  # a second may have passed since
    assert live.holder.session_tag == live.id[:8]


@pytest.mark.parametrize("cookie", ["", "x", "ü" * 43, "A" * 43, "A" * 42, "A" * 200, "****", "\x00"])
def test_what_is_no_cookie_of_ours_brings_nobody(scene: Scene, cookie: str) -> None:
    refused(scene, cookie)


def test_the_cookies_secret_is_in_no_row(scene: Scene) -> None:
    cookie = begin(scene)
    secret = base64.urlsafe_b64decode(cookie + "=")
    row = scene.row(sessions)
    assert not any(isinstance(value, bytes) and secret in value for value in row.values())
    assert scene.cast.people["lilit"].seeds.reveal()[:16] not in row["seeds"]
    assert len(row["seeds"]) > SEEDS_LENGTH


@pytest.mark.parametrize("column", ["seeds", "id"])
def test_an_altered_row_is_over(scene: Scene, column: str) -> None:
    cookie = begin(scene)
    scene.flip(sessions, column, sessions.c.person == scene.cast.people["lilit"].person)
    refused(scene, cookie)


def test_a_row_given_to_another_person_is_over(scene: Scene) -> None:
    cookie = begin(scene)
    scene.tamper(sa.update(sessions).values(person=scene.cast.people["helga"].person))
    refused(scene, cookie)


def test_a_row_with_another_card_signs_under_its_own_all_the_same(scene: Scene, store: SessionStore) -> None:
    cookie = begin(scene)
    scene.tamper(sa.update(sessions).values(card=scene.cast.people["mark"].card))
    assert store.resume(cookie).holder.card == scene.cast.people["lilit"].card


def test_a_quarter_of_an_hour_without_a_sign_of_life_ends_it(scene: Scene, store: SessionStore) -> None:
    cookie = begin(scene)
    scene.cast.clock.ahead += IDLE_SECONDS - 5
    store.resume(cookie)
    scene.cast.clock.ahead += IDLE_SECONDS - 5
    store.resume(cookie)
    scene.cast.clock.ahead += IDLE_SECONDS + 5
    refused(scene, cookie)


def test_after_eight_hours_it_is_over_however_busy(scene: Scene, store: SessionStore) -> None:
    cookie = begin(scene)
    for _ in range(ABSOLUTE_SECONDS // 600 - 1):
        scene.cast.clock.ahead += 600
        live = store.resume(cookie)
    assert live.ends == live.started + ABSOLUTE_SECONDS
    scene.cast.clock.ahead += 605
    refused(scene, cookie)


def test_a_sign_of_life_is_written_down_once_a_minute(scene: Scene, store: SessionStore) -> None:
    cookie = begin(scene)
    before = scene.row(sessions)["seen"]
    scene.cast.clock.ahead += TOUCH_SECONDS - 10
    store.resume(cookie)
    assert scene.row(sessions)["seen"] == before
    scene.cast.clock.ahead += 20
    store.resume(cookie)
    assert scene.row(sessions)["seen"] > before


def test_signing_out_ends_this_session_and_no_other(scene: Scene, store: SessionStore) -> None:
    here, there = begin(scene), begin(scene)
    store.end(store.resume(here).id)
    refused(scene, here)
    assert store.resume(there).id


def test_signing_out_everywhere_ends_all_of_ones_own(scene: Scene, store: SessionStore) -> None:
    mine, also_mine, hers = begin(scene), begin(scene), begin(scene, "anush")
    for cookie in (mine, also_mine):
        open_something(scene, cookie)
        store.note_opening(store.resume(cookie).id, new_id())
    store.end_all(scene.cast.people["lilit"].person)
    refused(scene, mine)
    refused(scene, also_mine)
    assert store.resume(hers).id
    assert scene.read(sa.select(session_secrets)) == scene.read(sa.select(openings)) == []


def test_what_is_over_is_swept(scene: Scene, store: SessionStore) -> None:
    begin(scene)
    scene.cast.clock.ahead += IDLE_SECONDS + 1
    lives_on = begin(scene, "anush")
    assert store.sweep() == 1
    assert store.resume(lives_on).id
    assert len(scene.read(sa.select(sessions))) == 1


def test_a_second_factor_shown_again_is_noted(scene: Scene, store: SessionStore) -> None:
    cookie = begin(scene)
    scene.cast.clock.ahead += 700
    before = store.resume(cookie)
    store.confirm(before.id)
    assert store.resume(cookie).confirmed == before.confirmed + 700


def test_an_opening_counts_once_in_a_session(scene: Scene, store: SessionStore) -> None:
    session, subject = store.resume(begin(scene)).id, new_id()
    assert store.first_opening(session, subject)
    store.note_opening(session, subject)
    store.note_opening(session, subject)
    assert not store.first_opening(session, subject)
    assert store.first_opening(session, new_id())
    assert store.first_opening(store.resume(begin(scene)).id, subject)


def test_what_a_process_remembers_of_openings_stays_small(
    scene: Scene, store: SessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.vault.sessions.OPENINGS_REMEMBERED", 1)
    session = store.resume(begin(scene)).id
    for subject in (new_id(), new_id()):
        store.note_opening(session, subject)
        assert not store.first_opening(session, subject)
        assert not store.first_opening(session, subject)


# Opened secrets


def open_something(scene: Scene, cookie: str) -> bytes:
    services = scene.cast.services
    uow = services.unit_of_work(services.sessions.resume(cookie))
    try:
        return uow.vault.secrets.current(scene.case)[1].reveal()
    finally:
        uow.end()


def test_a_secret_is_opened_once_in_a_session(scene: Scene) -> None:
    cookie = begin(scene)
    opened = open_something(scene, cookie)
    row = scene.row(session_secrets)
    assert opened not in row["secret"]
    assert open_something(scene, cookie) == opened
    assert scene.row(session_secrets) == row


def test_swapped_cached_secrets_are_fetched_anew(scene: Scene) -> None:
    cookies = {name: begin(scene, name) for name in ("lilit", "anush")}
    opened = open_something(scene, cookies["lilit"])
    assert open_something(scene, cookies["anush"]) == opened
    first, second = (
        session_secrets.c.session == row.session for row in scene.read(sa.select(session_secrets))
    )
    scene.swap(session_secrets, "secret", first, second)
    assert open_something(scene, cookies["lilit"]) == open_something(scene, cookies["anush"]) == opened


def test_without_a_session_nothing_is_kept(scene: Scene) -> None:
    with scene.reading("lilit") as uow:
        cache = SecretCache(scene.cast.services.sessions, uow.vault.holder, None)
        cache.put(bytes(32), uow.vault.secrets.current(scene.case)[1])
        assert cache.get(bytes(32)) is None
    assert scene.read(sa.select(session_secrets)) == []


def test_a_session_of_another_installation_is_none(scene: Scene, store: SessionStore) -> None:
    cookie = begin(scene)
    with pytest.raises(NotSignedIn):
        replace(store, installation=new_id()).resume(cookie)
