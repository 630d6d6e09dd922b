"""Who sends files in pieces: a browser that seals what it sends, and another program that does not."""

import base64
import hashlib
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from werkzeug.test import TestResponse

from app.crypto import hpke
from app.crypto.keys import RecordKey
from app.crypto.stream import StreamSealer
from app.crypto.tree import tree_digest
from app.domain.ids import new_id
from app.vault.records import key_context
from app.vault.submissions import capsule_of, segment_context
from tests.cast import Browser, Cast

TUS = {"Tus-Resumable": "1.0.0"}
BYTES = "application/offset+octet-stream"
MARK = hashlib.sha256(b"the road, 14:10").digest()


def encoded(told: Mapping[str, bytes]) -> str:
    return ",".join(f"{name} {base64.b64encode(value).decode()}" for name, value in told.items())


def summed(data: bytes, algorithm: str = "sha256") -> str:
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, data).digest()).decode()}"


@dataclass
class Client:
    """Speaks tus with somebody's cookie."""

    browser: Browser

    def ask(self, verb: str, path: str, body: bytes = b"", **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.browser.client.open(path, method=verb, data=body, headers={**TUS, **named})

    def create(self, length: int, told: Mapping[str, bytes], body: bytes = b"") -> TestResponse:
        kind = {"Content_Type": BYTES} if body else {}
        return self.ask(
            "POST", "/uploads", body, Upload_Length=str(length), Upload_Metadata=encoded(told), **kind
        )

    def patch(self, path: str, offset: int, body: bytes, **headers: str) -> TestResponse:
        return self.ask("PATCH", path, body, Upload_Offset=str(offset), **{"Content_Type": BYTES, **headers})

    def offset(self, path: str) -> int:
        answer = self.ask("HEAD", path)
        assert answer.status_code == 200, answer.status_code
        return int(answer.headers["Upload-Offset"])

    def post_json(self, path: str, sent: Any) -> TestResponse:
        token = self.browser.token()
        return self.browser.client.post(path, json=sent, headers={"X-CSRF-Token": token})


@dataclass
class SealedFile:
    """A file in the hands of a browser that lives: its keys are nowhere else."""

    cast: Cast
    content: bytes
    capsule: str
    asset: UUID = field(default_factory=new_id)
    segment: int = 1
    origin: int = 0
    key: RecordKey = field(default_factory=RecordKey.generate)
    key_id: UUID = field(default_factory=new_id)
    mark: bytes = MARK

    def __post_init__(self) -> None:
        installation = self.cast.services.installation
        case = capsule_of(installation, self.capsule).case
        context = segment_context(case, self.asset, self.segment)
        sealer = StreamSealer(self.key, self.key_id, context, installation.id)
        rest = self.content[self.origin :]
        self.sealed = sealer.header + sealer.update(rest) + sealer.finish()

    def with_new_key(self, segment: int, origin: int) -> "SealedFile":
        return SealedFile(self.cast, self.content, self.capsule, self.asset, segment, origin, mark=self.mark)

    @property
    def box(self) -> bytes:
        capsule = capsule_of(self.cast.services.installation, self.capsule)
        uow = self.cast.uow("anahit")
        try:
            target = uow.vault.submissions.target(capsule, "case")
        finally:
            uow.end()
        context = key_context(self.key_id, capsule.case, self.asset)
        installation = self.cast.services.installation.id
        return hpke.seal_box(target.public, target.key.bytes, context, installation, self.key.reveal())

    @property
    def told(self) -> dict[str, bytes]:
        return {
            "capsule": self.capsule.encode(),
            "asset": self.asset.bytes,
            "segment": str(self.segment).encode(),
            "key": self.key_id.bytes,
            "box": self.box,
            "length": str(len(self.content)).encode(),
            "mark": self.mark,
            "from": str(self.origin).encode(),
        }

    @property
    def digest(self) -> str:
        return tree_digest(self.sealed).hex()

    def begin(self, client: Client, body: bytes = b"", **instead: bytes) -> str:
        """The address. Asserts that it was given."""
        answer = client.create(len(self.sealed), {**self.told, **instead}, body)
        assert answer.status_code == 201, answer.text
        return answer.headers["Location"]

    def pieces(self, size: int, start: int = 0) -> Iterator[tuple[int, bytes]]:
        for offset in range(start, len(self.sealed), size):
            yield offset, self.sealed[offset : offset + size]

    def send(self, client: Client, path: str, size: int = 1 << 20, start: int = 0) -> None:
        for offset, data in self.pieces(size, start):
            answer = client.patch(path, offset, data, Upload_Checksum=summed(data))
            assert answer.status_code == 204, answer.text

    def end(self, client: Client, path: str, **said: str) -> TestResponse:
        told = {"name": "road.mp4", "type": "video/mp4", **said}
        return client.post_json(f"{path}/whole", {"digest": self.digest, "said": told})


def random_bytes(size: int) -> bytes:
    return secrets.token_bytes(size)
