"""A statement put together from its parts."""

from datetime import date
from uuid import UUID

import pytest

from app.domain.consent import Consent
from app.domain.errors import InvalidInput
from app.domain.record import Plain
from app.domain.statement import Exhibit, Reply, consent_in_force, from_parts

FIRST_FILE, SECOND_FILE = UUID(int=1), UUID(int=2)


def a_consent(day: int) -> Consent:
    return Consent(take_part=True, given_on=date(2026, 11, day))


def test_one_part_is_a_whole_statement():
    statement = from_parts(
        [
            {
                "code_name": "Juniper",
                "languages": ["hy"],
                "consent": a_consent(14).to_dict(),
                "account": "They took my sister's papers.",
                "answers": [{"question": "When?", "answer": "In winter."}],
                "setting": {"relation": "relative"},
                "exhibits": [{"what": "A letter", "origin": "", "owner": "her", "keeper": "her"}],
                "files": [FIRST_FILE.hex],
                "beside": {"notes": "00"},
            }
        ]
    )
    assert statement.code_name == "Juniper"
    assert statement.languages == ("hy",)
    assert statement.consent == a_consent(14)
    assert statement.account == "They took my sister's papers."
    assert statement.answers == (Reply("When?", "In winter."),)
    assert statement.setting == {"relation": "relative"}
    assert statement.exhibits == (Exhibit("A letter", "", "her", "her"),)
    assert statement.files == (FIRST_FILE,)


def test_later_parts_add_and_take_nothing_away():
    statement = from_parts(
        [
            {"code_name": "Juniper", "languages": ["hy", "ru"], "consent": a_consent(14).to_dict()},
            {
                "account": "First.",
                "setting": {"mode": "remote", "place": "Hovasit"},
                "files": [FIRST_FILE.hex],
            },
            {"account": "", "answers": [{"question": "Who?", "answer": "The commander."}]},
            {
                "code_name": "Quince",
                "account": "Then.",
                "languages": ["ru", "en"],
                "setting": {"mode": "in person"},
                "consent": a_consent(15).to_dict(),
                "files": [SECOND_FILE.hex],
            },
        ]
    )
    assert statement.code_name == "Juniper"
    assert statement.languages == ("hy", "ru", "en")
    assert statement.consent == a_consent(15)
    assert statement.account == "First.\n\nThen."
    assert statement.setting == {"mode": "in person", "place": "Hovasit"}
    assert statement.files == (FIRST_FILE, SECOND_FILE)


@pytest.mark.parametrize(
    ("parts", "text_languages"),
    [
        ([{"languages": ["hy", "ru"]}], ("hy", "ru")),
        ([{"languages": ["hy", "ru"]}, {"written": "en"}], ("en", "hy", "ru")),
        ([{"languages": ["hy"], "written": "hy"}], ("hy",)),
        ([{"written": "en"}, {"written": "ru"}, {"written": ""}], ("en",)),
        ([{}], ()),
    ],
)
def test_its_words_are_in_the_language_of_writing_or_else_in_those_that_were_spoken(
    parts: list[dict[str, Plain]], text_languages: tuple[str, ...]
):
    assert from_parts(parts).text_languages == text_languages


def test_no_part_is_an_empty_statement():
    statement = from_parts([])
    assert (statement.code_name, statement.account, statement.consent) == ("", "", None)


@pytest.mark.parametrize(
    ("part", "blamed"),
    [
        ({"code_name": 7}, "code_name"),
        ({"account": ["words"]}, "account"),
        ({"account": None}, "account"),
        ({"languages": "hy"}, "languages"),
        ({"languages": [1]}, "languages"),
        ({"written": ["en"]}, "written"),
        ({"consent": {"take_part": True}}, "consent"),
        ({"consent": "yes"}, "consent"),
        ({"answers": [{"question": "Who?"}]}, "answers"),
        ({"answers": {"question": "Who?", "answer": "He"}}, "answers"),
        ({"setting": []}, "setting"),
        ({"setting": {"mode": 1}}, "setting.mode"),
        ({"setting": {1: "mode"}}, "setting"),
        ({"exhibits": [{"what": "A letter"}]}, "exhibits"),
        ({"files": ["not-an-id"]}, "files"),
    ],
)
def test_a_value_of_another_type_is_refused_by_name(part: dict[str, Plain], blamed: str):
    with pytest.raises(InvalidInput) as refusal:
        from_parts([part])
    assert any(blamed in name for name in refusal.value.problems)


def test_the_newest_consent_is_in_force():
    statement = from_parts([{"consent": a_consent(14).to_dict()}])
    assert consent_in_force(statement, []) == a_consent(14)
    assert consent_in_force(statement, [a_consent(15), a_consent(16)]) == a_consent(16)
    assert consent_in_force(from_parts([]), [a_consent(15)]) == a_consent(15)


def test_a_statement_without_any_consent_has_none_in_force():
    with pytest.raises(InvalidInput):
        consent_in_force(from_parts([]), [])
