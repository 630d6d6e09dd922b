"""A stream reads the same at any offset, and nothing of an altered piece is handed out."""

import io
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.crypto import stream
from app.crypto.stream import CHUNK, HEADER_LENGTH, StreamOpener, StreamSealer
from app.domain.errors import CryptoError, Malformed, Refused

from .reference import pattern
from .strategies import ELSEWHERE, INSTALLATION, KEY, KEY_ID, PLACE, flip
from .test_vectors import Memory

SEALED_CHUNK = CHUNK + 16
LENGTHS = [0, 1, 15, 16, 17, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5]
PLAIN = pattern(0, 2 * CHUNK + 999)


def sealer() -> StreamSealer:
    return StreamSealer(KEY, KEY_ID, *PLACE)


def sealed_from(plain: bytes) -> bytes:
    sealing, out = sealer(), io.BytesIO()
    assert sealing.seal_into(io.BytesIO(plain).readinto, out.write) == len(plain)
    return out.getvalue()


def sealed_in_pieces(plain: bytes, sizes: Iterator[int]) -> bytes:
    sealing, offset = sealer(), 0
    out = [sealing.header]
    for size in sizes:
        out.append(sealing.update(memoryview(plain)[offset : offset + size]))
        offset += size
    return b"".join([*out, sealing.update(plain[offset:]), sealing.finish()])


def opened(sealed: bytes) -> StreamOpener:
    return StreamOpener(KEY, *PLACE, Memory(sealed))


def read(opener: StreamOpener, offset: int, size: int) -> bytes:
    return b"".join(opener.read(offset, size))


SEALED = sealed_from(PLAIN)


@pytest.mark.parametrize("length", LENGTHS)
def test_both_ways_of_sealing_give_the_plaintext_back(length: int) -> None:
    plain = pattern(0, length)
    for sealed in (sealed_from(plain), sealed_in_pieces(plain, iter([7, CHUNK, 1]))):
        opener = opened(sealed)
        assert opener.length == length
        assert read(opener, 0, length) == plain
        assert len(sealed) == stream.ciphertext_length(length)
        assert stream.plain_length(len(sealed)) == length
        assert stream.key_id_of(sealed[:HEADER_LENGTH]) == KEY_ID


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, CHUNK + 1), max_size=12))
def test_the_size_of_the_pieces_does_not_matter(sizes: list[int]) -> None:
    assert read(opened(sealed_in_pieces(PLAIN, iter(sizes))), 0, len(PLAIN)) == PLAIN


def test_a_source_may_give_a_little_at_a_time() -> None:
    source, out = io.BytesIO(PLAIN), io.BytesIO()
    sealer().seal_into(lambda view: source.readinto(view[:1000]), out.write)
    assert read(opened(out.getvalue()), 0, len(PLAIN)) == PLAIN


@settings(deadline=None)
@given(st.integers(0, len(PLAIN) + 10), st.integers(0, len(PLAIN)))
def test_any_range_reads_as_the_plaintext(offset: int, size: int) -> None:
    assert read(opened(SEALED), offset, size) == PLAIN[offset : offset + size]


@settings(deadline=None)
@given(st.integers(0, 2**40))
def test_a_stream_with_any_bit_flipped_is_refused(bit: int) -> None:
    with pytest.raises(CryptoError):
        read(opened(flip(SEALED, bit)), 0, len(PLAIN))


@settings(deadline=None)
@given(st.integers(0, len(SEALED) - 1))
def test_a_stream_cut_anywhere_is_refused_before_anything_is_read(length: int) -> None:
    with pytest.raises(CryptoError):
        opened(SEALED[:length])


def test_pieces_before_an_altered_one_are_whole_and_nothing_of_it_follows() -> None:
    pieces = opened(flip(SEALED, 8 * (HEADER_LENGTH + SEALED_CHUNK + 5))).read(0, len(PLAIN))
    assert next(pieces) == PLAIN[:CHUNK]
    with pytest.raises(Refused, match="not-authentic"):
        next(pieces)


def test_a_stream_that_shrinks_while_it_is_read_is_refused() -> None:
    memory = Memory(SEALED)
    opener = StreamOpener(KEY, *PLACE, memory)
    memory.data = SEALED[: HEADER_LENGTH + SEALED_CHUNK + 3]
    with pytest.raises(Refused, match="not-authentic"):
        read(opener, CHUNK, 10)


def test_a_stream_opens_in_its_place_only() -> None:
    with pytest.raises(Refused, match="wrong-context"):
        StreamOpener(KEY, ELSEWHERE, INSTALLATION, Memory(SEALED))


def test_two_streams_under_one_key_share_nothing() -> None:
    one, other = sealed_from(PLAIN), sealed_from(PLAIN)
    assert one[HEADER_LENGTH : HEADER_LENGTH + 64] != other[HEADER_LENGTH : HEADER_LENGTH + 64]
    with pytest.raises(Refused, match="not-authentic"):
        read(opened(one[: HEADER_LENGTH + SEALED_CHUNK] + other[HEADER_LENGTH + SEALED_CHUNK :]), 0, 1)


def test_a_finished_stream_takes_nothing_more() -> None:
    sealing = sealer()
    sealing.finish()
    with pytest.raises(RuntimeError):
        sealing.finish()
    with pytest.raises(RuntimeError):
        sealing.update(b"x")
    with pytest.raises(RuntimeError):
        sealing.seal_into(io.BytesIO(b"x").readinto, len)


def test_a_stream_is_sealed_in_one_of_the_two_ways() -> None:
    sealing = sealer()
    sealing.update(b"begun")
    with pytest.raises(RuntimeError):
        sealing.seal_into(io.BytesIO(b"x").readinto, len)


def test_a_stream_does_not_outgrow_its_counter() -> None:
    sealing = sealer()
    sealing._chunks = stream.CHUNKS_MAX
    with pytest.raises(Malformed, match="too-long"):
        sealing.finish()
    longest = stream.ciphertext_length(stream.CHUNKS_MAX * CHUNK)
    assert stream.plain_length(longest) == stream.CHUNKS_MAX * CHUNK
    with pytest.raises(Malformed, match="too-long"):
        stream.plain_length(longest + 17)


@given(st.integers(0, 2**50))
def test_lengths_of_plaintext_and_stream_tell_each_other(length: int) -> None:
    assert stream.plain_length(stream.ciphertext_length(length)) == length


@given(st.integers(1, 2**32))
def test_lengths_of_a_cut_stream_tell_each_other(chunks: int) -> None:
    length = stream.ciphertext_length(chunks * CHUNK, cut=True)
    assert length == HEADER_LENGTH + chunks * SEALED_CHUNK
    assert stream.plain_length(length, cut=True) == chunks * CHUNK


@pytest.mark.parametrize("plain", [0, 1, CHUNK - 1, CHUNK + 1])
def test_a_cut_stream_ends_on_a_chunk_edge_or_is_refused(plain: int) -> None:
    with pytest.raises(Malformed, match="impossible-length"):
        stream.ciphertext_length(plain, cut=True)
    with pytest.raises(Malformed, match="impossible-length"):
        stream.plain_length(stream.ciphertext_length(plain), cut=True)


@pytest.mark.parametrize("plain", LENGTHS)
def test_what_stays_of_an_interrupted_stream_opens_as_cut(plain: int) -> None:
    sealed = sealed_from(pattern(0, plain))
    for arrived in {0, HEADER_LENGTH, HEADER_LENGTH + SEALED_CHUNK, len(sealed) - 1, len(sealed)}:
        stays = stream.cut_length(min(arrived, len(sealed)), len(sealed))
        assert stays <= min(arrived, len(sealed) - 1)
        if stays:
            opener = StreamOpener(KEY, *PLACE, Memory(sealed[:stays]), cut=True)
            assert read(opener, 0, plain) == pattern(0, opener.length)


def test_the_last_chunk_does_not_stay_in_a_stream_that_is_closed_as_cut() -> None:
    whole = stream.ciphertext_length(2 * CHUNK)
    assert stream.cut_length(whole, whole) == HEADER_LENGTH + SEALED_CHUNK
    assert stream.cut_length(whole - 1, whole) == HEADER_LENGTH + SEALED_CHUNK
    assert stream.cut_length(HEADER_LENGTH + SEALED_CHUNK - 1, whole) == 0


def test_any_range_of_a_cut_stream_reads_as_the_plaintext() -> None:
    opener = StreamOpener(KEY, *PLACE, Memory(SEALED[: HEADER_LENGTH + 2 * SEALED_CHUNK]), cut=True)
    assert opener.length == 2 * CHUNK
    assert read(opener, CHUNK - 5, 10) == PLAIN[CHUNK - 5 : CHUNK + 5]
    assert read(opener, 2 * CHUNK - 1, 10) == PLAIN[2 * CHUNK - 1 : 2 * CHUNK]


def test_a_whole_stream_is_not_taken_for_a_cut_one_nor_the_other_way_round() -> None:
    whole = sealed_from(PLAIN[: 2 * CHUNK])
    with pytest.raises(Refused, match="not-authentic"):
        StreamOpener(KEY, *PLACE, Memory(whole), cut=True)
    with pytest.raises(Refused, match="not-authentic"):
        opened(SEALED[: HEADER_LENGTH + 2 * SEALED_CHUNK])


def test_a_length_that_no_stream_has_is_refused() -> None:
    plain_lengths = [chunks * CHUNK + more for chunks in range(4) for more in range(-50, 51)]
    possible = {stream.ciphertext_length(length) for length in plain_lengths if length >= 0}
    for edge in [HEADER_LENGTH + chunks * SEALED_CHUNK for chunks in range(4)]:
        for length in range(edge - 30, edge + 60):
            if length in possible:
                assert stream.ciphertext_length(stream.plain_length(length)) == length
            else:
                with pytest.raises(Malformed, match="impossible-length"):
                    stream.plain_length(length)
