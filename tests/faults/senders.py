"""Who sends files through faults: a browser that seals, and another program that does not. Both keep what was acknowledged."""

import random
from dataclasses import dataclass, field
from uuid import UUID

from app.crypto.stream import cut_length, plain_length
from tests.faults.town import MIB, Town, Watch, unwatched
from tests.intake.sender import BYTES, SealedFile, encoded, summed


@dataclass
class Sender:
    """`content`: what is to arrive, in clear; `offset`: of what goes over the wire, the last that was acknowledged."""

    town: Town
    content: bytes
    rng: random.Random
    capsule: str = ""
    path: str = ""
    offset: int = 0
    refused: int = 0
    asset: UUID = field(default_factory=lambda: UUID(int=0))

    def __post_init__(self) -> None:
        self.capsule = self.town.capsule()

    @property
    def body(self) -> bytes:
        """What goes over the wire at the present address."""
        return self.content

    def begin(self) -> None:
        raise NotImplementedError

    def end(self) -> None:
        """After the last byte."""

    def go_on(self) -> None:
        """After a fault, in one of the ways that there are; all of it has come on return."""
        raise NotImplementedError

    def create(self, length: int, told: dict[str, bytes]) -> None:
        answer = self.town.ask("POST", "/uploads", Upload_Length=str(length), Upload_Metadata=encoded(told))
        assert answer.status == 201, answer
        self.path, self.asset = answer.headers["location"], UUID(hex=answer.headers["upload-asset"])
        self.offset = 0

    def patch(self, offset: int, data: bytes, watch: Watch = unwatched, checksum: bool | None = None) -> int:
        """The status; what was acknowledged is kept. Raises OSError."""
        wanted = self.rng.random() < 0.5 if checksum is None else checksum
        headers = {"Upload_Checksum": summed(data, self.rng.choice(["sha256", "sha1"]))} if wanted else {}
        answer = self.town.ask(
            "PATCH", self.path, data, watch, Upload_Offset=str(offset), Content_Type=BYTES, **headers
        )
        if answer.status == 204:
            self.offset = answer.offset
        return answer.status

    def send_on(self, watch: Watch = unwatched) -> None:
        """All that is left, in pieces of any size. Raises OSError."""
        while self.offset < len(self.body):
            at = self.offset
            data = self.body[at : at + self.rng.randint(1, MIB)]
            status = self.patch(at, data, lambda gone, at=at: watch(at + gone))  # type: ignore[misc]  # the default binds this round's offset
            assert status == 204, status

    def ask_where(self) -> int | None:
        """Where it goes on; None where the address is no more. What was acknowledged must be there."""
        answer = self.town.ask("HEAD", self.path)
        if answer.status == 404:
            return None
        assert answer.status == 200, answer
        assert answer.offset >= self.offset, "bytes that were acknowledged are lost"
        self.offset = answer.offset
        return self.offset

    def require_arrived(self) -> None:
        """With its words, which come last: readers open what was sent, byte for byte."""
        self.town.send_words(self.capsule)
        assert self.town.opened(self.asset) == self.content


@dataclass
class InClear(Sender):
    def begin(self) -> None:
        self.create(len(self.content), {"capsule": self.capsule.encode(), "filename": b"road.mp4"})

    def go_on(self) -> None:
        offset = self.ask_where()
        assert offset is not None
        if self.rng.random() < 0.3:  # another file under the same address: what was sent is what arrives
            self.content = self.content[:offset] + self.rng.randbytes(len(self.content) - offset)
        self.send_on()


@dataclass
class Sealing(Sender):
    def __post_init__(self) -> None:
        super().__post_init__()
        self.file = SealedFile(self.town.cast, self.content, self.capsule, mark=self.rng.randbytes(32))

    @property
    def body(self) -> bytes:
        return self.file.sealed

    def begin(self) -> None:
        self.create(len(self.file.sealed), self.file.told)
        assert self.asset == self.file.asset

    def end(self) -> None:
        told = {"digest": self.file.digest, "said": {"name": "road.mp4", "type": "video/mp4"}}
        answer = self.town.post_json(f"{self.path}/whole", told)
        assert answer.status == 200, answer

    def go_on(self) -> None:
        fate = self.rng.choice(["lives", "dies", "dies", "another file", "other bytes"])
        if fate == "lives" and self.ask_where() is not None:
            self.send_on()
            self.end()
            return
        if fate == "another file":
            answer = self._resume(self.rng.randbytes(32))
            assert (answer.status, answer.json["error"]) in {(409, "another-file"), (409, "whole-already")}
            self.refused += 1
        answer = self._resume(self.file.mark)
        if answer.status == 409:
            assert answer.json["error"] == "whole-already", answer
            return
        assert answer.status == 200, answer
        self._go_on_with_new_key(answer.json["segment"], answer.json["origin"], other=fate == "other bytes")

    def _resume(self, mark: bytes):
        return self.town.post_json(f"/uploads/assets/{self.asset}/resume", {"mark": mark.hex()})

    def _go_on_with_new_key(self, segment: int, origin: int, *, other: bool) -> None:
        kept = cut_length(self.offset, len(self.file.sealed))
        acknowledged = self.file.origin + (plain_length(kept, cut=True) if kept else 0)
        assert origin >= acknowledged, "whole chunks that were acknowledged are lost"
        if other:
            self.content = self.content[:origin] + self.rng.randbytes(len(self.content) - origin)
        self.file = SealedFile(
            self.town.cast, self.content, self.capsule, self.asset, segment, origin, mark=self.file.mark
        )
        self.begin()
        self.send_on()
        self.end()


def sender(town: Town, rng: random.Random, number: int, most: int = 3 * MIB) -> Sender:
    """One kind after the other."""
    return (Sealing if number % 2 == 0 else InClear)(town, town.filled(rng, most), rng)
