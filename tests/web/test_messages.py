"""What the program says, in every language it speaks: nothing missing, nothing left over, nothing half translated."""

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
TRANSLATIONS = ROOT / "app" / "translations"
TRANSLATED = ("hy", "ru", "ar")
KEYWORDS = DEFAULT_KEYWORDS | parse_keywords(["lazy", "lazy_gettext", "lazy_p:1c,2", "lazy_pgettext:1c,2"])
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")

Key = tuple[str | None, str | tuple[str, ...]]
"""Context and words of a message, both numbers of them where it counts."""


@cache
def said_by_the_program() -> set[Key]:
    """Every message of the code and its templates."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(ROOT, methods, options, KEYWORDS, directory_filter=_is_of_the_program)
    return {(context, message) for _, _, message, _, context in found}


def _is_of_the_program(folder: str) -> bool:
    return Path(folder).relative_to(ROOT).parts[0] == "app"


@cache
def catalogue(locale: str) -> Catalog:
    with (TRANSLATIONS / locale / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=locale)


def key_of(message: Message) -> Key:
    return message.context, message.id if isinstance(message.id, str) else tuple(message.id or ())


def messages(locale: str) -> dict[Key, Message]:
    return {key_of(message): message for message in catalogue(locale) if message.id}


def forms_of(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


@pytest.mark.parametrize("locale", TRANSLATED)
def test_a_catalogue_holds_what_the_program_says_and_nothing_else(locale):
    assert messages(locale).keys() == said_by_the_program()
    assert not catalogue(locale).obsolete


@pytest.mark.parametrize("locale", TRANSLATED)
def test_a_language_is_spoken_throughout(locale):
    silent = [key for key, message in messages(locale).items() if message.fuzzy or not all(forms_of(message))]
    assert silent == []


@pytest.mark.parametrize("locale", TRANSLATED)
def test_a_translation_names_the_same_values_as_its_original(locale):
    for key, message in messages(locale).items():
        original = set(PLACEHOLDER.findall(str(key[1])))
        for form in filter(None, forms_of(message)):
            named = set(PLACEHOLDER.findall(form))
            # a form for none, one or two may say so in words
            assert named == original or ("%(count)s" in original and named == original - {"%(count)s"}), form


@pytest.mark.parametrize("locale", TRANSLATED)
def test_a_message_that_counts_has_every_form_of_its_language(locale):
    counts = [message for key, message in messages(locale).items() if isinstance(key[1], tuple)]
    forms = {len(forms_of(message)) for message in counts}
    assert forms == {catalogue(locale).num_plurals}


@pytest.mark.parametrize("locale", TRANSLATED)
def test_a_catalogue_is_sorted(locale):
    order = [(message.id, message.context or "") for message in catalogue(locale) if message.id]
    words = [key if isinstance(key, str) else key[0] for key, _ in order]
    assert words == sorted(words)


@pytest.mark.parametrize("locale", TRANSLATED)
def test_no_translation_is_the_english_words_again(locale):
    same = {
        key[1]
        for key, message in messages(locale).items()
        if forms_of(message) == (key[1],) and re.search(r"[a-z]{2}", re.sub(PLACEHOLDER, "", str(key[1])))
    }
    assert same == set()


@pytest.mark.parametrize("locale", TRANSLATED)
def test_the_words_to_read_aloud_say_that_nobody_checked_them(locale):
    head = (ROOT / "app" / "intake" / "scripts" / f"{locale}.txt").read_text().splitlines()[:2]
    assert head[1] == "checked: no"
