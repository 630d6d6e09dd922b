"""A transcript's own rules: times as people write them, changes, two versions side by side."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InvalidInput
from app.domain.ids import new_id
from app.transcription import transcript as t
from app.transcription.script import language_of
from app.transcription.transcript import Segment, Transcript


def said(*texts: str) -> Transcript:
    return Transcript(
        "hy",
        tuple(
            Segment(new_id().hex, n * 4000, n * 4000 + 4000, "Juniper", text) for n, text in enumerate(texts)
        ),
    )


def texts(transcript: Transcript) -> list[str]:
    return [segment.text for segment in transcript.segments]


@pytest.mark.parametrize(
    ("written", "milliseconds"),
    [
        ("0:04.2", 4200),
        ("18:07", 1_087_000),
        ("1:02:10.5", 3_730_500),
        ("42", 42_000),
        ("0:01,25", 1250),
        (" 0:00 ", 0),
    ],
)
def test_a_time_is_read_as_people_write_it(written, milliseconds):
    assert t.read_time(written) == milliseconds


@pytest.mark.parametrize("written", ["", "soon", "1:2:3:4", "-1", "0:04.2000", "۱۸:۰۷", "1e3", "0:0x4"])
def test_what_is_no_time_is_refused(written):
    with pytest.raises(InvalidInput):
        t.read_time(written)


@given(st.integers(0, t.MAX_MILLISECONDS - 1))
def test_a_time_that_is_written_reads_the_same(milliseconds):
    assert t.read_time(t.write_time(milliseconds)) == milliseconds


def test_a_segment_is_added_after_another_up_to_the_next_one():
    made = t.add_after(said("one", "two"), 0)
    assert texts(made) == ["one", "", "two"]
    assert (made.segments[1].start, made.segments[1].end) == (4000, 4000)


def test_the_first_segment_of_all_can_be_added():
    assert len(t.add_after(Transcript(), 0).segments) == 1


def test_a_segment_splits_at_its_line_break_and_so_does_its_time():
    made = t.split(said("abcd\nefgh"), 0)
    assert texts(made) == ["abcd", "efgh"]
    assert [(s.start, s.end) for s in made.segments] == [(0, 2000), (2000, 4000)]


def test_a_segment_without_a_line_break_keeps_its_words_when_split():
    assert texts(t.split(said("abcd"), 0)) == ["abcd", ""]


def test_two_segments_become_one_and_no_word_is_lost():
    made = t.merge(said("one", "two", "three"), 1)
    assert texts(made) == ["one", "two\nthree"]
    assert made.segments[1].end == 12_000


def test_the_last_segment_has_none_to_be_joined_with():
    with pytest.raises(InvalidInput):
        t.merge(said("one"), 0)


def test_a_segment_is_removed_and_one_that_is_not_there_is_not():
    assert texts(t.remove(said("one", "two"), 0)) == ["two"]
    with pytest.raises(InvalidInput):
        t.remove(said("one"), 1)


@given(st.lists(st.text("ab\n ", max_size=8), min_size=1, max_size=5), st.data())
def test_splitting_and_joining_never_lose_a_letter(words, data):
    before = said(*words)
    index = data.draw(st.integers(0, len(words) - 1))
    split = t.split(before, index)
    letters = "".join(texts(before)).replace("\n", "")
    assert "".join(texts(split)).replace("\n", "") == letters
    assert "".join(texts(t.merge(split, index))).replace("\n", "") == letters


def test_what_could_not_be_made_out_is_counted_by_segment():
    assert said("a [uncertain] b [uncertain]", "[uncertain: Koren]", "certain").uncertain == 2


@pytest.mark.parametrize(
    "plain",
    [
        {"language": "hy", "segments": [{"id": "x", "start": 0, "end": 1, "speaker": "", "text": ""}]},
        {"language": "hy", "segments": [{"id": "0" * 32, "start": 2, "end": 1, "speaker": "", "text": ""}]},
        {"language": "hy", "segments": [{"id": "0" * 32, "start": 0.5, "end": 1, "speaker": "", "text": ""}]},
        {
            "language": "hy",
            "segments": [{"id": "0" * 32, "start": 0, "end": 1, "speaker": "", "text": "\x00"}],
        },
        {
            "language": "hy",
            "segments": [{"id": "0" * 32, "start": 0, "end": 1, "speaker": "a\nb", "text": ""}],
        },
        {
            "language": "hy",
            "segments": [{"id": "0" * 32, "start": 0, "end": 1, "speaker": "", "text": ""}] * 2,
        },
        {
            "language": "hy",
            "segments": [{"id": "0" * 32, "start": 0, "end": 1, "speaker": "", "text": "a" * 500_001}],
        },
        {"language": "<b>", "segments": []},
        {"language": "hy", "segments": [], "more": 1},
    ],
)
def test_a_transcript_that_is_none_is_refused(plain):
    with pytest.raises(InvalidInput):
        Transcript.from_plain(plain)


def test_more_segments_than_anybody_says_are_refused():
    with pytest.raises(InvalidInput):
        Transcript("", tuple(Segment(f"{n:032x}", 0, 0, "", "") for n in range(t.MAX_SEGMENTS + 1)))


def test_a_transcript_survives_being_sealed():
    transcript = said("Ո՞վ է", "ночь")
    assert Transcript.from_plain(transcript.to_plain()) == transcript


def test_two_versions_stand_side_by_side_with_nothing_missing():
    base = said("one", "two", "three")
    mine = Transcript("hy", (base.segments[0], base.segments[2]))
    added = Segment(new_id().hex, 0, 0, "", "theirs")
    newer = Transcript("hy", (added, *base.segments))
    pairs = t.side_by_side(newer, mine)
    assert [(p.newer and p.newer.text, p.mine and p.mine.text) for p in pairs] == [
        ("theirs", None), ("one", "one"), ("two", None), ("three", "three"),
    ]  # fmt: skip
    assert [p.differs for p in pairs] == [True, False, True, False]
    assert pairs[0].segment is added


def test_what_only_i_have_stays_where_i_have_it():
    mine = said("only mine")
    assert [(p.newer, p.segment.text) for p in t.side_by_side(Transcript(), mine)] == [(None, "only mine")]


@pytest.mark.parametrize(
    ("text", "languages", "language"),
    [
        ("Ո՞վ է վերցրել", ("ru", "hy"), "hy"),
        ("Завтра придёшь", ("hy", "ru"), "ru"),
        ("كنا ننام", ("en", "ar"), "ar"),
        ("1174", ("hy",), "hy"),
        ("plain words", ("hy", "az-Latn"), "az-Latn"),
        ("ночь", ("hy",), "hy"),
        ("words", (), ""),
    ],
)
def test_a_passage_is_set_in_the_language_of_its_letters(text, languages, language):
    assert language_of(text, languages) == language
