"""The register of protected names: who sees it, who changes it, and that nobody's change is lost."""

import re
from typing import Any

import pytest
import sqlalchemy as sa

from app.audit.acts import Act
from app.cases import actions
from app.domain.ids import EntityId, new_id
from app.domain.register import Entity, Register
from app.store.records import versions
from tests.cases.scenes import facts, logged, touch
from tests.cast import Cast

NINA = Entity(EntityId(new_id()), "person", "Нина", ("Нину",), "pseudonym", (("en", "Lida"), ("pl", "Lidia")))
PHONE = Entity(EntityId(new_id()), "phone", "+99 555 0142")


@pytest.fixture
def path(cast: Cast) -> str:
    with cast.acting("lilit") as uow:
        actions.save_register(uow, facts(cast, "lilit"), Register((NINA, PHONE)), 0)
    return f"/cases/{cast.case}/register"


def kept(cast: Cast) -> actions.KeptRegister:
    uow = cast.uow("lilit")
    try:
        return actions.open_register(uow, facts(cast, "lilit"))
    finally:
        uow.end()


def typed(**changes: Any) -> dict[str, Any]:
    return {
        "entry": "",
        "revision": "1",
        "kind": "place",
        "canonical": "Marn",
        "forms": "Marnes\r\n\r\n Marnu \r\n",
        "protection": "generalise",
        "shown_en": "a border village",
        "act": "save",
        **changes,
    }


def test_it_shows_names_spellings_and_what_the_public_reads(cast: Cast, path: str):
    page = cast.client("irina").get(path).text
    for words in ("Нина", "Нину", "Lida", "+99 555 0142", "Another name", "Withheld", "Polish"):
        assert words in page


def test_how_an_entry_is_protected_is_said_once(cast: Cast, path: str):
    page = cast.client("irina").get(path).text
    assert page.count("Withheld") == 1
    assert '<span class="soft">nothing</span>' in page


def test_an_empty_register_says_what_to_do(cast: Cast):
    page = cast.client("lilit").get(f"/cases/{cast.case}/register").text
    assert "Nobody is in the register yet" in page


def test_opening_it_is_on_record_once_in_a_session(cast: Cast, path: str):
    browser = cast.client("irina")
    browser.get(path)
    browser.get(path)
    opened = logged(cast, Act.REGISTER_OPENED)
    assert [entry.person for entry in opened] == [cast.people["irina"].person]


def test_an_entry_is_added_with_every_spelling(cast: Cast, path: str):
    assert cast.client("lilit").post(path, typed()).status_code == 303
    added = kept(cast).register.entities[-1]
    assert (added.canonical, added.forms) == ("Marn", ("Marnes", "Marnu"))
    assert added.pseudonyms == (("en", "a border village"),)


def test_a_change_keeps_what_the_form_does_not_ask(cast: Cast, path: str):
    browser = cast.client("nadim")
    page = browser.get(f"{path}?entry={NINA.id.hex}").text
    assert 'value="Lida"' in page
    change = typed(
        entry=NINA.id.hex, kind="person", canonical="Нина", protection="pseudonym", shown_en="Vera"
    )
    assert browser.post(path, change).status_code == 303
    changed = kept(cast).register.find(NINA.id)
    assert changed is not None
    assert dict(changed.pseudonyms) == {"en": "Vera", "pl": "Lidia"}


def test_an_entry_is_taken_out(cast: Cast, path: str):
    cast.client("ruben").post(path, typed(entry=PHONE.id.hex, act="remove"))
    assert kept(cast).register.entities == (NINA,)


def test_a_change_of_an_older_revision_is_refused_and_both_are_shown(cast: Cast, path: str):
    browser = cast.client("lilit")
    with cast.acting("nadim") as uow:
        newer = Entity(PHONE.id, "phone", "+99 555 0199")
        actions.save_register(uow, facts(cast, "nadim"), Register((NINA, newer)), 1)
    mine = typed(
        entry=PHONE.id.hex, kind="phone", canonical="+99 555 0777", protection="withhold", shown_en=""
    )
    answer = browser.post(path, mine)
    assert answer.status_code == 409
    assert "+99 555 0199" in answer.text
    assert 'value="+99 555 0777"' in answer.text
    assert kept(cast).register.find(PHONE.id) == newer

    revision = re.search(r'name="revision"[^>]*value="(\d+)"', answer.text)
    assert revision is not None
    assert browser.post(path, {**mine, "revision": revision[1]}).status_code == 303
    assert kept(cast).register.find(PHONE.id).canonical == "+99 555 0777"  # type: ignore[union-attr]  # just saved


def test_a_change_to_what_somebody_took_out_says_so(cast: Cast, path: str):
    with cast.acting("nadim") as uow:
        actions.save_register(uow, facts(cast, "nadim"), Register((NINA,)), 1)
    answer = cast.client("lilit").post(path, typed(entry=PHONE.id.hex))
    assert answer.status_code == 409
    assert "has no such entry" in answer.text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"canonical": ""}, "Write something here."),
        ({"protection": "pseudonym", "shown_en": ""}, "Write what the public reads instead"),
        ({"protection": "withhold"}, "What is withheld is shown as nothing."),
        ({"shown_en": "нина"}, "This is a name of somebody the register hides."),
        ({"note": "n" * 4001}, "This is too long."),
        ({"forms": "bell \x07"}, "a character in it that cannot be shown"),
    ],
)
def test_what_cannot_be_taken_comes_back_with_the_reason(
    cast: Cast, path: str, change: dict[str, Any], words: str
):
    answer = cast.client("lilit").post(path, typed(**change))
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="Marn"' in answer.text or not change.get("canonical", "x")
    assert kept(cast).revision == 1


def test_a_form_that_is_none_of_ours_is_refused(cast: Cast, path: str):
    assert cast.client("lilit").post(path, typed(kind="animal")).status_code == 422
    assert cast.client("lilit").post(path, typed(revision="newest")).status_code == 422


@pytest.mark.parametrize("who", ["selma", "irina", "mark"])
def test_only_lead_redactor_and_protection_approver_change_it(cast: Cast, path: str, who: str):
    browser = cast.client(who)
    assert browser.post(path, typed()).status_code == 403
    assert "Seal the entry" not in browser.get(path).text
    assert kept(cast).revision == 1


def test_a_register_that_was_tampered_with_is_not_shown(cast: Cast, path: str):
    touch(cast, sa.update(versions).where(versions.c.field == "cases.register").values(envelope=b"else"))
    answer = cast.client("lilit").get(path)
    assert answer.status_code == 409
    assert "Нина" not in answer.text


def test_a_register_that_is_sealed_and_is_none_is_not_shown(cast: Cast, path: str):
    from app.vault.fields import REGISTER

    with cast.acting("lilit") as uow:
        uow.vault.records.seal(REGISTER, cast.case, cast.case, b'{"names":[]}', expected=1)
    assert cast.client("lilit").get(path).status_code == 409
