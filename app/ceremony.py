"""The founding ceremony at a terminal: each secret shown once, copied to paper, and asked back before it goes on."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import click
import segno

from app.crypto.lock import normalise_words
from app.domain.errors import NotSignedIn
from app.vault.founding import Founded, TrusteeSheet
from app.vault.totp import accepted_step, provisioning_uri

Clock = Callable[[], int]

IN_A_ROW: Final = 4
ASKED_BACK: Final = 2
"""Words of a sheet that are asked back: who did not copy it cannot answer, and who did is not kept long."""
FORGET_WHAT_SCROLLED_AWAY: Final = "\x1b[3J"
"""A terminal keeps what a cleared screen held (ECMA-48 ED 3, as xterm has it); this makes it let go."""


@dataclass(frozen=True)
class PersonSheet:
    """What one person takes away. `factor`: the seed of their second factor."""

    sign_in_name: str
    words: str
    factor: bytes
    recovery: str
    digits: str

    @property
    def second_factor(self) -> str:
        """The address that an authenticator reads from a QR code."""
        return provisioning_uri(self.factor, self.sign_in_name)

    def facts(self) -> dict[str, str]:
        return {
            "sign_in_name": self.sign_in_name,
            "words": self.words,
            "second_factor": self.second_factor,
            "recovery": self.recovery,
            "digits": self.digits,
        }


def facts(founded: Founded, sheets: Sequence[PersonSheet]) -> dict[str, Any]:
    """The same for a machine."""
    return {
        "installation": str(founded.installation),
        "organisation_key": founded.organisation_words,
        "root_key": founded.root_words,
        "people": [sheet.facts() for sheet in sheets],
        "trustees": [{"trustee": str(sheet.trustee), "words": sheet.words} for sheet in founded.trustees],
    }


def walk_through(founded: Founded, sheets: Sequence[PersonSheet], clock: Clock) -> None:
    """Show every sheet in its turn; return once all of it is on paper. Raises click.Abort where somebody stops."""
    _turn_page(
        "Vouchsafe, founding. You need paper, a pen, envelopes, and a phone for each second factor.\n"
        f"{2 + len(sheets) + len(founded.trustees)} sheets follow. Each is shown once and kept nowhere, and something "
        "of it is asked back; nothing is founded before the last.\n"
        "Let nobody look over your shoulder, and no camera see this screen."
    )
    _type_back(
        "The organisation key. It certifies administrators. Keep it offline, in a safe.",
        founded.organisation_words,
    )
    _type_back(
        "The root key. The server has its own copy, in a file; this one is for the day that file is lost.",
        founded.root_words,
    )
    for sheet in sheets:
        hand_out(sheet, clock)
    for number, trustee in enumerate(founded.trustees, start=1):
        _hand_out_share(trustee, number, founded)


def hand_out(sheet: PersonSheet, clock: Clock) -> None:
    """One person's sheet, for that person alone; it goes on once they have it on paper and on their phone."""
    click.echo(f"For {sheet.sign_in_name}, who sits here alone now.\n")
    _copy("Their words, to sign in with. Write them down:", sheet.words)
    _prove_factor(sheet, clock)
    _copy("Their recovery code, for the day the words are forgotten. Write it down:", sheet.recovery)
    click.echo(f"The digits of their card, to read to colleagues:\n   {sheet.digits}\n")
    _turn_page()


def _hand_out_share(trustee: TrusteeSheet, number: int, founded: Founded) -> None:
    click.echo(
        f"For trustee {number} of {len(founded.trustees)}, who sits here alone now. "
        f"Any {founded.threshold} trustees together can give a case's key back.\n"
    )
    _copy(
        f"Trustee {trustee.trustee.hex[:8]}. Write it down, and keep it where nobody else looks:",
        trustee.words,
    )


def _prove_factor(sheet: PersonSheet, clock: Clock) -> None:
    """A phone that never scanned it would be found out at the first sign-in, when nobody can help any more."""
    click.echo("Their second factor, for an authenticator on their phone:")
    segno.make(sheet.second_factor).terminal(compact=True)
    click.echo(f"{sheet.second_factor}\n")
    while not _fits(sheet.factor, click.prompt("The six digits that the phone shows now"), clock()):
        click.echo(
            f'\nThese digits do not fit. Look whether they stand under "{sheet.sign_in_name}" on the phone, and not under '
            f"another account; look whether the clocks are right, here it is {_time(clock())} in UTC; "
            "then wait for the next digits.\n"
        )
    click.echo("That is right.\n")
    _turn_page()


def _fits(factor: bytes, digits: str, now: int) -> bool:
    try:
        accepted_step(factor, digits, now)
    except NotSignedIn:
        return False
    return True


def _time(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%H:%M:%S}"


def _copy(what: str, words: str) -> None:
    """Show words until some of them come back from paper."""
    _show(what, words)
    _turn_page("Next you are asked for two of these words, from your paper.")
    each = normalise_words(words).split()
    places = sorted(secrets.SystemRandom().sample(range(1, len(each) + 1), ASKED_BACK))
    asked = " and ".join(f"word number {place}" for place in places)
    wanted = [each[place - 1] for place in places]
    while normalise_words(click.prompt(f"From the paper, {asked}", prompt_suffix=":\n")).split() != wanted:
        click.echo(f"\nThat is not {asked}.\n")
        _show("It is:", words)
        _turn_page("Correct your paper, and type the two once more.")
    click.echo("That is right.\n")


def _type_back(what: str, words: str) -> None:
    click.echo(f"{what}\n")
    _show("Write it down:", words)
    _turn_page("Next you type it back from your paper.")
    while wrong := differing(words, click.prompt("The words, from your paper", prompt_suffix=":\n")):
        click.echo(f"\n{wrong}\n")
        _show("It is:", words)
        _turn_page("Correct your paper, and type it once more.")
    click.echo("That is right.\n")


def differing(words: str, typed: str) -> str:
    """What is not as it should be, as a sentence; nothing where both are the same, whatever the case and the spaces."""
    wanted, given = normalise_words(words).split(), normalise_words(typed).split()
    if len(given) != len(wanted):
        return f"{len(wanted)} words belong there; you typed {len(given)}."
    pairs = enumerate(zip(wanted, given, strict=True), start=1)
    wrong = [str(place) for place, (one, other) in pairs if one != other]
    return f"Look at word {', '.join(wrong)}." if wrong else ""


def _show(what: str, words: str) -> None:
    """In numbered rows, so that a place is found again."""
    each = words.split()
    width = max(map(len, each))
    click.echo(what)
    for start in range(0, len(each), IN_A_ROW):
        row = enumerate(each[start : start + IN_A_ROW], start=start + 1)
        click.echo("".join(f"{place:>5} {word:<{width}}" for place, word in row).rstrip())
    click.echo()


def _turn_page(said: str = "") -> None:
    if said:
        click.echo(f"{said}\n")
    click.pause("Press a key to go on; the screen is cleared.")
    click.clear()
    click.echo(FORGET_WHAT_SCROLLED_AWAY, nl=False)
