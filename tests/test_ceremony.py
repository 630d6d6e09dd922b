"""The founding ceremony: sheet by sheet, each asked back, and nothing founded before the last."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pyotp
import pytest

from app.ceremony import differing
from tests.operator import Command, Said

FOUNDING = (
    "init",
    *("--administrator", "helga", "--administrator-name", "Helga Rund"),
    *("--reviewer", "ruben", "--reviewer-name", "Ruben Oskan"),
)
APPOINTING = ("appoint", "--sign-in-name", "paul", "--name", "Paul Adeyo")


@dataclass
class Hand:
    """Somebody at the terminal: everything that the screen showed, and what they answer to what they are asked."""

    shown: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    slips: dict[str, str] = field(default_factory=dict)
    """A piece of a question -> what they answer the first time, in place of what is right."""

    def see(self, text: str = "", **_options: object) -> None:
        self.shown.append(str(text))

    def answer(self, question: str) -> str:
        self.asked.append(question)
        for piece in [piece for piece in self.slips if piece in question]:
            return self.slips.pop(piece)
        return self._right(question)

    def _right(self, question: str) -> str:
        if "six digits" in question:
            address = next(text for text in reversed(self.shown) if text.startswith("otpauth://"))
            return str(pyotp.parse_uri(address.strip()).now())  # type: ignore[attr-defined]  # a time-based one, as the address says
        words = self._words()
        places = [int(place) for place in re.findall(r"number (\d+)", question)]
        return " ".join([words[place - 1] for place in places] or words).upper()

    def _words(self) -> list[str]:
        """Those of the last sheet, by their numbers."""
        words: list[str] = []
        for place, word in re.findall(r"(\d+) ([a-z]+)", "\n".join(filter(_is_row, self.shown))):
            words = [word] if place == "1" else [*words, word]
        return words


def _is_row(text: str) -> bool:
    return re.fullmatch(r" +\d+ [a-z]+(?: +\d+ [a-z]+)*", text) is not None


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Hand:
    somebody = Hand()
    monkeypatch.setattr("app.ceremony.click.echo", somebody.see)
    monkeypatch.setattr("click.termui.visible_prompt_func", somebody.answer)
    return somebody


def test_every_sheet_is_shown_and_the_two_greatest_keys_are_typed_back(
    vouchsafe: Command, tmp_path: Path, hand: Hand
) -> None:
    hand.slips = {"The words, from your paper": "one too many"}
    said = vouchsafe(tmp_path / "new", *FOUNDING, "--trustees", "3", "--threshold", "2")
    assert said.code == 0, said.error
    told = "\n".join(hand.shown)
    assert "7 sheets follow" in told
    for sheet in ("The organisation key", "The root key", "For helga", "For ruben", "For trustee 3 of 3"):
        assert sheet in told
    assert "24 words belong there; you typed 3." in told
    assert "Any 2 trustees together" in told
    assert vouchsafe(tmp_path / "new", "doctor").code == 0


def test_of_every_sheet_something_is_asked_back(vouchsafe: Command, tmp_path: Path, hand: Hand) -> None:
    said = vouchsafe(tmp_path / "new", *FOUNDING, "--trustees", "3", "--threshold", "2")
    assert said.code == 0, said.error
    whole, digits = "The words, from your paper", "The six digits"
    assert [question[:14] for question in hand.asked] == [
        *[whole[:14]] * 2,
        *["From the paper", digits[:14], "From the paper"] * 2,
        *["From the paper"] * 3,
    ]


def test_digits_that_do_not_fit_are_asked_again_with_what_to_look_at(
    vouchsafe: Command, tmp_path: Path, hand: Hand
) -> None:
    hand.slips = {"six digits": "nothing yet"}
    said = vouchsafe(tmp_path / "new", *FOUNDING)
    assert said.code == 0, said.error
    told = "\n".join(hand.shown)
    assert told.count("These digits do not fit") == 1
    assert 'whether they stand under "helga" on the phone' in told
    assert re.search(r"whether the clocks are right, here it is \d\d:\d\d:\d\d in UTC", told)
    assert sum("six digits" in question for question in hand.asked) == 3


def test_a_trustee_who_copied_nothing_is_shown_their_sheet_again(
    vouchsafe: Command, tmp_path: Path, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    def careless(question: str) -> str:
        trustee = any("For trustee 1" in text for text in hand.shown)
        if trustee and not any("That is not word number" in text for text in hand.shown):
            return "I do not know"
        return hand.answer(question)

    monkeypatch.setattr("click.termui.visible_prompt_func", careless)
    said = vouchsafe(tmp_path / "new", *FOUNDING)
    assert said.code == 0, said.error
    assert sum("It is:" in text for text in hand.shown) == 1


@pytest.mark.parametrize("never", ["six digits", "word number"])
def test_who_never_proves_a_sheet_founds_nothing(
    vouchsafe: Command, tmp_path: Path, hand: Hand, monkeypatch: pytest.MonkeyPatch, never: str
) -> None:
    tries = iter([*["wrong"] * 3, None])
    monkeypatch.setattr("click.termui.visible_prompt_func", _failing(hand, never, lambda: next(tries)))
    said = vouchsafe(tmp_path / "new", *FOUNDING)
    assert said.code == 2
    assert not (tmp_path / "new" / "keys" / "root.key").exists()


def _failing(hand: Hand, never: str, wrong: Callable[[], str | None]) -> Callable[[str], str]:
    """Answers wrongly to one kind of question, and gives up at the end."""

    def answer(question: str) -> str:
        if never not in question:
            return hand.answer(question)
        given = wrong()
        if given is None:
            raise KeyboardInterrupt
        return given

    return answer


def test_who_stops_in_the_middle_has_founded_nothing(
    vouchsafe: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(_prompt: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("click.termui.visible_prompt_func", stop)
    said = vouchsafe(tmp_path / "new", *FOUNDING)
    assert said.code == 2
    assert "nothing was changed" in said.error
    assert not (tmp_path / "new" / "keys" / "root.key").exists()
    assert vouchsafe(tmp_path / "new", *FOUNDING, "--json").code == 0


def test_two_administrators_can_be_founded_at_once(vouchsafe: Command, tmp_path: Path) -> None:
    second = ("--administrator", "paul", "--administrator-name", "Paul Adeyo")
    said = vouchsafe(tmp_path / "new", *FOUNDING, *second, "--json")
    people = json.loads(said.line)["people"]
    assert [person["sign_in_name"] for person in people] == ["helga", "paul", "ruben"]
    assert all(len(person["digits"].replace(" ", "")) == 24 for person in people)


def test_each_administrator_has_a_name(vouchsafe: Command, tmp_path: Path) -> None:
    said = vouchsafe(tmp_path / "new", *FOUNDING, "--administrator", "paul")
    assert (said.code, said.line) == (2, "")
    assert "one-for-each-administrator" in said.error


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("One  TWO three", ""),
        ("one two", "3 words belong there; you typed 2."),
        ("one too tree", "Look at word 2, 3."),
    ],
)
def test_what_was_typed_is_compared_word_by_word(typed: str, told: str) -> None:
    assert differing("one two three", typed) == told


# Another administrator


def appoint(
    vouchsafe: Command, folder: Path, words: str, monkeypatch: pytest.MonkeyPatch, *arguments: str
) -> Said:
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda _prompt: words)
    return vouchsafe(folder, *(arguments or (*APPOINTING, "--json")))


def test_the_organisation_key_certifies_another_administrator(
    vouchsafe: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    founded = json.loads(vouchsafe(tmp_path / "new", *FOUNDING, "--json").line)
    said = appoint(vouchsafe, tmp_path / "new", founded["organisation_key"], monkeypatch)
    assert said.code == 0, said.error
    sheet = json.loads(said.line)
    assert (sheet["sign_in_name"], len(sheet["recovery"].split())) == ("paul", 12)
    assert vouchsafe(tmp_path / "new", "audit", "verify").code == 0
    again = appoint(vouchsafe, tmp_path / "new", founded["organisation_key"], monkeypatch)
    assert "sign_in_name: taken" in again.error


def test_their_sheet_is_shown_at_the_terminal(
    vouchsafe: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    founded = json.loads(vouchsafe(tmp_path / "new", *FOUNDING, "--json").line)
    hand: Hand = request.getfixturevalue("hand")
    said = appoint(vouchsafe, tmp_path / "new", founded["organisation_key"], monkeypatch, *APPOINTING)
    assert said.code == 0
    told = "\n".join(hand.shown)
    assert "For paul, who sits here alone now." in told
    assert "Paul Adeyo is an administrator." in told
    assert len(hand.asked) == 3


@pytest.mark.parametrize("key", ["root_key", ""])
def test_other_words_certify_nobody(
    vouchsafe: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    founded = json.loads(vouchsafe(tmp_path / "new", *FOUNDING, "--json").line)
    said = appoint(vouchsafe, tmp_path / "new", founded.get(key, "one two three"), monkeypatch)
    assert (said.code, said.line) == (2, "")
    assert "organisation key" in said.error if key else "not-a-key" in said.error


# A lost root key


def typing(monkeypatch: pytest.MonkeyPatch, *words: str) -> None:
    """Whoever is asked types these, one after the other."""
    typed = iter(words)
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda _prompt: next(typed))


def test_both_keys_on_paper_bring_the_root_key_file_back(
    vouchsafe: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    founded = json.loads(vouchsafe(tmp_path / "new", *FOUNDING, "--json").line)
    file = tmp_path / "new" / "keys" / "root.key"
    genuine = file.read_bytes()
    file.unlink()
    assert vouchsafe(tmp_path / "new", "doctor").code == 2
    typing(monkeypatch, founded["organisation_key"], founded["root_key"])
    said = vouchsafe(tmp_path / "new", "rebuild-root-key")
    assert said.code == 0, said.error
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (genuine, 0o600)
    assert vouchsafe(tmp_path / "new", "doctor").code == 0


@pytest.mark.parametrize("swapped", [("organisation_key", "organisation_key"), ("root_key", "root_key")])
def test_other_words_bring_nothing_back(
    vouchsafe: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, swapped: tuple[str, str]
) -> None:
    founded = json.loads(vouchsafe(tmp_path / "new", *FOUNDING, "--json").line)
    file = tmp_path / "new" / "keys" / "root.key"
    file.unlink()
    typing(monkeypatch, *(founded[key] for key in swapped))
    assert vouchsafe(tmp_path / "new", "rebuild-root-key").code == 2
    assert not file.exists()


def test_a_root_key_file_that_is_there_is_left_alone(
    vouchsafe: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    founded = json.loads(vouchsafe(tmp_path / "new", *FOUNDING, "--json").line)
    typing(monkeypatch, founded["organisation_key"], founded["root_key"])
    said = vouchsafe(tmp_path / "new", "rebuild-root-key")
    assert said.code == 2
    assert "already" in said.error


def test_where_nothing_was_founded_there_is_nothing_to_bring_back(
    vouchsafe: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    founded = json.loads(vouchsafe(tmp_path / "new", *FOUNDING, "--json").line)
    vouchsafe(tmp_path / "empty", "upgrade")
    typing(monkeypatch, founded["organisation_key"], founded["root_key"])
    said = vouchsafe(tmp_path / "empty", "rebuild-root-key")
    assert "no installation" in said.error


@pytest.mark.parametrize("words", ["one two three", "abandon " * 11 + "about"])
def test_words_that_are_no_such_key_are_refused_without_being_repeated(
    vouchsafe: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    vouchsafe(tmp_path / "new", *FOUNDING, "--json")
    typing(monkeypatch, words)
    said = vouchsafe(tmp_path / "new", "rebuild-root-key")
    assert "not-a-key" in said.error
    assert words.split(maxsplit=1)[0] not in said.error
