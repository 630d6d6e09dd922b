"""A name is known by its sound in Latin, Cyrillic and Armenian letters, however it was romanised."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.detection.transliterate import keys_of, sound_of

ONE_NAME = [
    "Хачарен Khacharen Xacharen Խաչարեն",
    "Тигрин Tigrin Տիգրին",
    "Шушавар Shushavar Šušavar Şuşavar Շուշավար",
    "Шамирян Shamiryan Shamirian Շամիրյան",
    "Мкрдчян Mkrdchyan Մկրդչյան",
    "Цовишен Tsovishen Ծովիշեն Ցովիշեն",
    "Дзорвен Dzorven Ձորվեն",
    "Жанвел Zhanvel Žanvel Ժանվել",
    "Джавар Javar Djavar Dzhavar Ջավար",
    "Гевонд Ghevond Ղևոնդ",
    "Осканар Oskanar Ոսկանար Օսկանար",
    "Восканар Voskanar Ոսկանար",
    "Еринвар Yerinvar Erinvar Երինվար Էրինվար",
    "Айкарен Haykaren Haikaren Հայկարեն",
    "Юлвари Yulvari Iulvari Յուլվարի",
    "Щукарин Shchukarin Schukarin",
    "Чинарев Chinarev Çinarev Čʼinarev Չինարև",
    "Рубелан Rubelan Roubelan Ռուբելան",
    "Халвир Khalvir Xəlvir Halvir",
    "Семёр Semyor Semer",
    "Дмитваль Dmitval Dmitval' Դմիտվալ",
    "Вартанна Vartanna Vartana Վարտաննա",
    "Софьярин Sofyarin Sofiarin Սոֆյարին",
    "Мырзин Myrzin Mirzin",
    "Аставац Astavats Ast'avats Աստավաց",
]


@pytest.mark.parametrize("spellings", [name.split() for name in ONE_NAME], ids=ONE_NAME)
def test_it_knows_one_name_in_every_spelling(spellings: list[str]) -> None:
    first, *others = (sound_of(each) for each in spellings)
    assert first
    assert [other is not None and other.equals(first) for other in others] == [True] * len(others)


@pytest.mark.parametrize(
    ("name", "bent"),
    [
        ("Velina", "Велиной Велине Велину"),
        ("Marivia", "Маривией Маривии"),
        ("Maravya", "Маравьи Маравью"),
        ("Talin", "Талина Талином Талину"),
        ("Andvey", "Андвея Андвеем"),
        ("Վելինա", "Велиной"),
        ("Тальвин", "Տալվինի Տալվինից Տալվինը Տալվինով"),
        ("Вельда", "Վելդայի Վելդային Velda's Veldanın"),
    ],
)
def test_it_knows_a_name_in_its_cases(name: str, bent: str) -> None:
    known = sound_of(name)
    heard = [sound_of(each) for each in bent.split()]
    assert known
    assert all(each and (each.is_bent_from(known) or each.equals(known)) for each in heard)


def test_names_that_sound_otherwise_are_others() -> None:
    names = ["Velina", "Вилена", "Talin", "Талан", "Արամեն", "Арзамен", "Zhanvel", "Шанвель"]
    sounds = [sound_of(name) for name in names]
    assert not any(one and other and one.equals(other) for one, other in combinations(sounds, 2))


def test_a_short_name_has_no_cases() -> None:
    name, heard = sound_of("Ani"), sound_of("Аной")
    assert name
    assert heard
    assert not heard.is_bent_from(name)


@pytest.mark.parametrize("word", ["", "4417", "AB12", "محمد", "'"])
def test_what_is_no_word_of_these_scripts_has_no_sound(word: str) -> None:
    assert sound_of(word) is None


def test_a_word_of_two_scripts_is_compared_with_all() -> None:
    mixed, latin, cyrillic = sound_of("Velinа"), sound_of("Velina"), sound_of("Велина")  # a Cyrillic а
    assert mixed
    assert latin
    assert cyrillic
    assert mixed.is_another_script(latin)
    assert mixed.is_another_script(cyrillic)
    assert mixed.is_another_script(mixed)
    assert not latin.is_another_script(latin)
    assert mixed.equals(cyrillic)


@given(st.text("aceghjkqsxyzхцщюяհճըձու", min_size=1, max_size=60))
def test_no_word_has_many_keys(word: str) -> None:
    assert 1 <= len(keys_of(word)) <= 32


@given(st.text())
def test_any_text_has_a_sound_or_none(text: str) -> None:
    sound = sound_of(text)
    assert sound is None or sound.keys
