"""The chain of the log tells when an entry was changed, moved, dropped or put in."""

from dataclasses import replace

from hypothesis import given

from app.crypto.log import ZERO, Entry, HeadMark, chain, format_head_line, leaf, parse_head_line

from .samples import ENTRY, INSTALLATION, encode
from .strategies import parts

ENTRIES = [replace(Entry.decode(encode(ENTRY)), sequence=number) for number in range(1, 5)]


def end_of(entries: list[Entry]) -> bytes:
    link = ZERO
    for entry in entries:
        link = chain(link, leaf(INSTALLATION, entry))
    return link


def test_every_tampering_gives_another_end() -> None:
    first, second, third, fourth = ENTRIES
    ends = [
        end_of(ENTRIES),
        end_of([first, second, third]),
        end_of([first, second, fourth]),
        end_of([first, third, second, fourth]),
        end_of([first, second, second, third, fourth]),
        end_of([first, second, replace(third, note="altered"), fourth]),
    ]
    assert len(set(ends)) == len(ends)


@given(parts(HeadMark))
def test_a_head_line_comes_back(mark: HeadMark) -> None:
    assert parse_head_line(format_head_line(mark)) == mark
