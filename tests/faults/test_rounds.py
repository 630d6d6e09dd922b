"""A few rounds of every fault that `make test-faults` runs by the hundred."""

import random
from pathlib import Path

import pytest

from app.crypto.keys import RecordKey
from app.crypto.stream import StreamSealer
from app.domain.ids import new_id
from app.vault.submissions import segment_context
from tests.faults.evidence import MARKER, Evidence
from tests.faults.rounds import KINDS, run_kind

pytestmark = pytest.mark.slow

FEW = {"servers": 4, "workers": 2, "lines": 5, "requests": 2, "disks": 4}


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_costs_nothing(kind: str):
    tally = run_kind(kind, FEW[kind], seed=random.randrange(1 << 32))
    if tally.not_run:
        pytest.skip(tally.not_run)
    assert not tally.failed, tally
    assert tally.rounds == FEW[kind]


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    return Evidence(tmp_path / "blobs", (tmp_path,))


def stream(key: RecordKey, content: bytes) -> bytes:
    sealer = StreamSealer(key, new_id(), segment_context(new_id(), new_id(), 1), new_id())
    return sealer.header + sealer.update(content) + sealer.finish()


def lay(place: Path, data: bytes) -> None:
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(data)


def test_the_evidence_tells_a_chunk_that_was_sealed_anew(evidence: Evidence):
    """Same header, same place, other bytes: had it been written, its key and nonce were used twice."""
    blob, whole = evidence.blobs / (new_id().hex + ".growing"), stream(RecordKey.generate(), bytes(600_000))
    for again in (whole[:300_000], whole, whole[: 117 + 262_160], whole):
        lay(blob, again)
        evidence.look()
    assert evidence.repeated == 0
    for at in (200_000, 300_000, len(whole) - 1):
        before = evidence.repeated
        lay(blob, whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        evidence.look()
        assert evidence.repeated > before
        lay(blob, whole)
        evidence.look()


def test_the_evidence_tells_one_header_under_two_names(evidence: Evidence):
    whole = stream(RecordKey.generate(), b"x")
    for _twice in range(2):
        lay(evidence.blobs / new_id().hex, whole)
    evidence.look()
    assert evidence.repeated


def test_the_evidence_tells_a_key_that_opened_two_streams(evidence: Evidence):
    evidence.note_keys((new_id(), b"k" * 32) for _ in range(2))
    assert evidence.repeated == 1


def test_the_evidence_tells_what_can_be_read(evidence: Evidence, tmp_path: Path):
    (tmp_path / "server.log").write_bytes(b"saw a " + MARKER)
    evidence.look()
    assert evidence.readable == 1
