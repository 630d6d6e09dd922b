"""Chooses the language a page speaks, and writes dates, sizes and lengths the way that language does."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, tzinfo
from typing import Literal

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal
from babel.units import format_compound_unit, format_unit
from jinja2 import pass_context
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

Direction = Literal["ltr", "rtl"]

LANGUAGES: Mapping[str, str] = {"en": "English", "hy": "Հայերեն", "ru": "Русский", "ar": "العربية"}
"""Code of each language the interface speaks, with its own name for itself."""

DEFAULT = "en"

COOKIE = "__Host-lang"
"""Holds a code of LANGUAGES and nothing else; needs Secure and Path=/, and is sent SameSite=Strict."""

_CALENDARS = {"en": "en_GB"}  # a day before its month, as the other three languages write it

_SIZES = (("gigabyte", 1_000_000_000), ("megabyte", 1_000_000), ("kilobyte", 1_000))
_SEVERAL = 7


def choose(cookie_value: str | None, accept_language: str | None) -> str:
    """Return a code of LANGUAGES: what the person chose, else what the browser asks for, else English."""
    if cookie_value is not None and cookie_value in LANGUAGES:
        return cookie_value
    asked = parse_accept_header(accept_language, LanguageAccept)
    return asked.best_match(LANGUAGES) or DEFAULT


def direction(locale: str) -> Direction:
    """Say which way `locale` runs, a code such as `hy`, `ar` or `az_Arab`.

    Raises `babel.UnknownLocaleError` or `ValueError` for a code that CLDR does not know.
    """
    return "rtl" if Locale.parse(locale).text_direction == "rtl" else "ltr"


def day(value: date, locale: str, today: date) -> str:
    """Write a day in short, `14 Nov`, with its year unless it is this year's."""
    skeleton = "MMMd" if value.year == today.year else "yMMMd"
    return format_skeleton(skeleton, value, locale=_CALENDARS.get(locale, locale))


def long_day(value: date, locale: str) -> str:
    """Write a day with its month in full and its year, `14 November 2026`."""
    return format_date(value, "long", locale=_CALENDARS.get(locale, locale))


def clock(value: datetime, locale: str, zone: tzinfo) -> str:
    """Write the hour and minute of an aware moment in `zone`, `15:47`."""
    return format_skeleton("Hm", value, tzinfo=zone, locale=_CALENDARS.get(locale, locale))


def moment(value: datetime, locale: str, now: datetime, zone: tzinfo) -> str:
    """Write an aware moment in `zone`: the hour alone if it is today, else `14 Nov 15:47`."""
    there, today = value.astimezone(zone), now.astimezone(zone).date()
    hour = clock(value, locale, zone)
    return hour if there.date() == today else f"{day(there.date(), locale, today)} {hour}"


def size(octets: int, locale: str) -> str:
    """Write a number of bytes in the largest unit that fits, `2.1 MB`."""
    unit, factor = next((pair for pair in _SIZES if octets >= pair[1]), _SIZES[-1])
    return format_unit(round(octets / factor, 1), f"digital-{unit}", length="short", locale=locale)


def duration(seconds: float, locale: str) -> str:
    """Write a length in its two largest units, hours and minutes or minutes and seconds: `42 min 10 sec`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    large = (("hour", hours), ("minute", minutes)) if hours else (("minute", minutes), ("second", rest))
    told = [(unit, number) for unit, number in large if number] or [("second", 0)]
    return " ".join(format_unit(n, f"duration-{unit}", length="short", locale=locale) for unit, n in told)


def unit(name: str, locale: str) -> str:
    """Write `megabyte`, `megabyte-per-second` or `minute` around the place of its number, `{n} MB`.

    For scripts in browsers that write no numbers in that language.
    """
    measured, _per, time = name.partition("-per-")
    known = f"digital-{measured}" if measured in dict(_SIZES) else f"duration-{measured}"
    if time:
        written = format_compound_unit(
            _SEVERAL, known, denominator_unit=f"duration-{time}", length="short", locale=locale
        )
    else:
        written = format_unit(_SEVERAL, known, length="short", locale=locale)
    return str(written).replace(format_decimal(_SEVERAL, locale=locale), "{n}")


def timecode(seconds: float) -> str:
    """Write a place in a recording as a player shows it, `18:07` or `1:02:10`, the same in every language."""
    written = str(timedelta(seconds=int(seconds)))
    return written.removeprefix("0:")


def filters(
    locale: Callable[[], str], now: Callable[[], datetime], zone: tzinfo
) -> dict[str, Callable[..., str]]:
    """Return the Jinja filters `day clock moment size duration number unit timecode`, bound to whoever is asking.

    They take the context only so that Jinja does not work them out once, in one language, while it compiles.
    """
    asked_each_time: dict[str, Callable[..., str]] = {
        "day": lambda _, value: day(value, locale(), now().astimezone(zone).date()),
        "clock": lambda _, value: clock(value, locale(), zone),
        "moment": lambda _, value: moment(value, locale(), now(), zone),
        "size": lambda _, octets: size(octets, locale()),
        "duration": lambda _, seconds: duration(seconds, locale()),
        "number": lambda _, value: format_decimal(value, locale=locale()),
        "unit": lambda _, name: unit(name, locale()),
    }
    bound = {name: pass_context(function) for name, function in asked_each_time.items()}
    return bound | {"timecode": timecode}
