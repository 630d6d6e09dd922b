"""The language of a page, and how it writes days, sizes and lengths."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from babel import UnknownLocaleError

from app.web import locale

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 15, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cookie", "asked", "chosen"),
    [
        ("hy", "ru", "hy"),
        (None, "ru-RU,ru;q=0.9,en;q=0.1", "ru"),
        (None, "fr, ar;q=0.5", "ar"),
        (None, "fr", "en"),
        (None, None, "en"),
        ("xx<script>", "hy-AM", "hy"),
        ("", "", "en"),
    ],
)
def test_what_a_person_chose_goes_before_what_the_browser_asks_for(cookie, asked, chosen):
    assert locale.choose(cookie, asked) == chosen


@pytest.mark.parametrize(
    ("code", "way"),
    [("en", "ltr"), ("hy", "ltr"), ("ru", "ltr"), ("ar", "rtl"), ("az_Arab", "rtl"), ("fa", "rtl")],
)
def test_a_language_runs_its_own_way(code, way):
    assert locale.direction(code) == way


def test_a_language_nobody_knows_is_refused():
    with pytest.raises(UnknownLocaleError):
        locale.direction("zzz")


@pytest.mark.parametrize(
    ("code", "written"), [("en", "14 Nov"), ("hy", "14 նոյ"), ("ru", "14 нояб."), ("ar", "14 نوفمبر")]
)
def test_a_day_of_this_year_is_written_without_its_year(code, written):
    assert locale.day(date(2026, 11, 14), code, TODAY) == written


def test_a_day_of_another_year_keeps_it():
    assert locale.day(date(2025, 3, 1), "en", TODAY) == "1 Mar 2025"


@pytest.mark.parametrize(
    ("code", "written"),
    [("en", "14 November 2026"), ("ru", "14 ноября 2026 г."), ("ar", "14 نوفمبر 2026")],
)
def test_a_day_that_stands_in_a_sentence_is_written_out(code, written):
    assert locale.long_day(date(2026, 11, 14), code) == written


def test_a_moment_of_today_is_an_hour():
    assert locale.moment(NOW, "en", NOW, UTC) == "15:20"


def test_today_is_where_the_reader_is():
    east = timezone(timedelta(hours=4))
    before_midnight_there = datetime(2026, 11, 21, 19, 30, tzinfo=UTC)
    assert locale.moment(before_midnight_there, "en", NOW, east) == "21 Nov 23:30"
    after_midnight_there = datetime(2026, 11, 21, 20, 30, tzinfo=UTC)
    assert locale.moment(after_midnight_there, "en", NOW, east) == "00:30"


@pytest.mark.parametrize(
    ("octets", "written"),
    [(300, "0.3 kB"), (2_140_000, "2.1 MB"), (18_000_000, "18 MB"), (3_400_000_000, "3.4 GB")],
)
def test_a_size_is_written_in_the_largest_unit_that_fits(octets, written):
    assert locale.size(octets, "en") == written


def test_a_size_is_written_in_the_reader_s_language():
    assert locale.size(2_140_000, "ru") == "2,1 МБ"


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, "0 sec"),
        (10, "10 sec"),
        (1860, "31 min"),
        (2530, "42 min 10 sec"),
        (4320, "1 hr 12 min"),
        (3605, "1 hr"),
    ],
)
def test_a_length_is_written_in_its_two_largest_units(seconds, written):
    assert locale.duration(seconds, "en") == written


@pytest.mark.parametrize(
    ("seconds", "written"), [(7, "00:07"), (1087.9, "18:07"), (3730, "1:02:10"), (36000, "10:00:00")]
)
def test_a_place_in_a_recording_is_written_as_a_player_does(seconds, written):
    assert locale.timecode(seconds) == written


@pytest.mark.parametrize(
    ("name", "code", "written"),
    [
        ("megabyte", "hy", "{n} ՄԲ"),
        ("megabyte-per-second", "hy", "{n} ՄԲ/վրկ"),
        ("kilobyte", "ru", "{n} кБ"),
        ("minute", "hy", "{n} ր"),
        ("second", "en", "{n} sec"),
    ],
)
def test_a_unit_is_written_around_the_place_of_its_number(name, code, written):
    assert locale.unit(name, code).replace("\xa0", " ") == written
