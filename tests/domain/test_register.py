"""The register of a case is written down strictly, and no pseudonym in it gives somebody else away."""

from typing import Any

import pytest

from app.domain.capacity import MAX_FORMS_PER_ENTRY, MAX_NOTE_CHARACTERS, MAX_REGISTER_ENTRIES
from app.domain.errors import InvalidInput
from app.domain.ids import EntityId, new_id
from app.domain.register import Entity, Register

NINA = Entity(
    EntityId(new_id()),
    "person",
    "Нина",
    ("Нину", "Nina"),
    "pseudonym",
    (("en", "Lida"), ("ru", "Лида")),
    "the sister-in-law",
)
PHONE = Entity(EntityId(new_id()), "phone", "+99 555 0142")
OFFICIAL = Entity(
    EntityId(new_id()), "person", "Stepan Gae", protection="keep", pseudonyms=(("en", "Stepan Gae"),)
)
REGISTER = Register((NINA, PHONE, OFFICIAL))


def test_a_register_survives_being_written_down():
    assert Register.from_dict(REGISTER.to_dict()) == REGISTER


def test_it_is_written_as_others_read_it():
    entry: Any = REGISTER.to_dict()["entries"]
    assert entry[0] == {
        "id": NINA.id.hex,
        "kind": "person",
        "canonical": "Нина",
        "forms": ["Нину", "Nina"],
        "protection": "pseudonym",
        "pseudonyms": {"en": "Lida", "ru": "Лида"},
        "note": "the sister-in-law",
    }


def test_every_spelling_of_the_hidden_is_searched_for_and_none_of_the_kept():
    assert [form for _entity, form in REGISTER.needles()] == ["Нина", "Нину", "Nina", "+99 555 0142"]


def test_a_spelling_that_repeats_the_canonical_one_is_searched_for_once():
    assert Entity(NINA.id, "person", "Nina", ("Nina", "Ninas")).spellings == ("Nina", "Ninas")


def test_an_entry_says_what_the_public_reads_in_a_language():
    assert NINA.shown_in("ru") == "Лида"
    assert NINA.shown_in("hy") == ""


def test_an_entry_is_added_changed_and_removed_by_its_id():
    changed = Entity(PHONE.id, "phone", "+99 555 0143")
    assert REGISTER.with_entity(changed).entities == (NINA, changed, OFFICIAL)
    added = Entity(EntityId(new_id()), "place", "Marn")
    assert REGISTER.with_entity(added).find(added.id) == added
    assert REGISTER.without(PHONE.id).find(PHONE.id) is None


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"canonical": ""}, "canonical"),
        ({"canonical": " Nina"}, "canonical"),
        ({"canonical": "N" * 201}, "canonical"),
        ({"forms": ("two\nlines",)}, "forms"),
        ({"forms": tuple(f"form {n}" for n in range(MAX_FORMS_PER_ENTRY + 1))}, "forms"),
        ({"note": "n" * (MAX_NOTE_CHARACTERS + 1)}, "note"),
        ({"protection": "pseudonym"}, "pseudonyms"),
        ({"protection": "generalise"}, "pseudonyms"),
        ({"pseudonyms": (("en", "Lida"),)}, "pseudonyms"),
        ({"protection": "pseudonym", "pseudonyms": (("en", "Lida"), ("en", "Vera"))}, "pseudonyms"),
        ({"protection": "pseudonym", "pseudonyms": (("English", "Lida"),)}, "pseudonyms"),
        ({"protection": "pseudonym", "pseudonyms": (("en", ""),)}, "pseudonyms"),
        ({"protection": "pseudonym", "pseudonyms": (("en", "[[withheld:name]]"),)}, "pseudonyms"),
    ],
)
def test_it_refuses_an_entry_that_could_not_be_worked_with(change: dict[str, Any], problem: str):
    with pytest.raises(InvalidInput) as refusal:
        Entity(**{"id": NINA.id, "kind": "person", "canonical": "Nina", **change})
    assert list(refusal.value.problems) == [problem]


def test_no_pseudonym_is_the_name_of_somebody_hidden():
    vera = Entity(EntityId(new_id()), "person", "Vera", protection="pseudonym", pseudonyms=(("en", "NINA"),))
    with pytest.raises(InvalidInput):
        Register((NINA, vera))


def test_it_refuses_two_entries_with_one_id():
    with pytest.raises(InvalidInput):
        Register((NINA, NINA))


def test_it_refuses_more_entries_than_a_page_can_hold():
    many = tuple(Entity(EntityId(new_id()), "place", f"Village {n}") for n in range(MAX_REGISTER_ENTRIES + 1))
    with pytest.raises(InvalidInput):
        Register(many)


@pytest.mark.parametrize(
    "plain",
    [
        None,
        {},
        {"entries": {}},
        {"entries": [], "more": 1},
        {"entries": ["Nina"]},
        {"entries": [{**REGISTER.to_dict()["entries"][0], "pseudonyms": []}]},  # type: ignore[index, dict-item] # plain JSON
        {"entries": [{**REGISTER.to_dict()["entries"][0], "pseudonyms": {"en": 3}}]},  # type: ignore[index, dict-item] # plain JSON
        {"entries": [{**REGISTER.to_dict()["entries"][0], "kind": "animal"}]},  # type: ignore[index, dict-item] # plain JSON
    ],
)
def test_it_refuses_what_is_no_register(plain: object):
    with pytest.raises(InvalidInput):
        Register.from_dict(plain)
