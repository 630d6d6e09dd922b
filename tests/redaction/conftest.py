"""A small scene to redact in: Linden-4 with its people, a register, and a statement that somebody sent."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from app.domain.ids import EntityId, new_id
from app.domain.record import Plain, canonical_json
from app.domain.register import Entity, Register
from app.store import cases, log
from app.vault.fields import MARKS, REDACTED, REGISTER, TRANSCRIPT
from app.vault.submissions import open_form
from tests.cast import Browser, Cast, assemble

ACCOUNT = """Меня зовут Вера Полынцева. Моя невестка Нина побежала в школу.

Нинина мать приехала из Овасета вечером. Телефон 055 01 42 07."""


@dataclass
class Scene:
    """`statement` is accepted, its account ACCOUNT in Russian unless told otherwise."""

    cast: Cast
    statement: UUID

    @property
    def url(self) -> str:
        return f"/statements/{self.statement}/redaction"

    def page(self, browser: Browser, query: str = "") -> str:
        return text_of(browser.get(self.url + query))

    def mark(self, browser: Browser, **fields: Any) -> TestResponse:
        """Send the form; the revision is the newest unless given."""
        sent = {
            "do": "add",
            "action": "remove",
            "reason": "third-party",
            "revision": self.revision(),
            **fields,
        }
        return browser.post(
            f"{self.url}/marks", {key: value for key, value in sent.items() if value is not None}
        )

    def press(self, browser: Browser, act: str, revision: int | None = None) -> TestResponse:
        chosen = self.revision() if revision is None else revision
        return browser.post(f"{self.url}/{act}", {"revision": chosen, "do": act})

    def revision(self) -> int:
        with self.cast.acting("lilit") as uow:
            tip = uow.vault.records.tip(MARKS, self.statement)
        return tip.version if tip else 0

    def marks(self) -> list[dict[str, Any]]:
        return list(self._opened(MARKS)["marks"])

    def decisions(self) -> dict[str, Any]:
        return self._opened(MARKS)

    def redacted(self) -> dict[str, Any]:
        return self._opened(REDACTED)

    def _opened(self, where: Any) -> dict[str, Any]:
        with self.cast.acting("lilit") as uow:
            return dict(json.loads(uow.vault.records.open(where, self.cast.case, self.statement).content))

    def state(self) -> str:
        return str(
            self.value(sa.select(cases.statements.c.state).where(cases.statements.c.id == self.statement))
        )

    def acts(self) -> list[str]:
        """What the log says, oldest first, with the note of each line."""
        with self.cast.acting("lilit") as uow:
            rows = uow.tx.all(
                sa.select(log.entries.c.act, log.entries.c.note).order_by(log.entries.c.sequence)
            )
        return [f"{row.act} {row.note}".strip() for row in rows]

    def value(self, statement: sa.Select[Any]) -> Any:
        with self.cast.acting("lilit") as uow:
            return uow.tx.value(statement)

    def stage(self, *statements: sa.UpdateBase) -> None:
        with self.cast.acting("lilit") as uow:
            for statement in statements:
                uow.tx.stage(statement)

    def set_state(self, state: str) -> None:
        self.stage(
            sa.update(cases.statements).where(cases.statements.c.id == self.statement).values(state=state)
        )

    def register(self, *entities: Entity) -> None:
        """These are the entries from now on."""
        seal(self.cast, REGISTER, self.cast.case, canonical_json(Register(entities).to_dict()))

    def transcribe(self, *texts: str, language: str = "ru", first: int = 1) -> None:
        """One segment of ten seconds to each text; their ids are numbers."""
        segments: list[Plain] = [
            {
                "id": f"{number:032x}",
                "start": number * 10_000,
                "end": number * 10_000 + 9_000,
                "speaker": "",
                "text": text,
            }
            for number, text in enumerate(texts, first)
        ]
        seal(
            self.cast,
            TRANSCRIPT,
            self.statement,
            canonical_json({"language": language, "segments": segments}),
        )


def seal(cast: Cast, where: Any, record: UUID, content: bytes) -> None:
    with cast.acting("lilit") as uow:
        tip = uow.vault.records.tip(where, record)
        uow.vault.records.seal(where, cast.case, record, content, expected=tip.version if tip else 0)


def send(cast: Cast, **part: Any) -> UUID:
    """A statement from the field, accepted by a reader."""
    uow = cast.uow("anahit")
    token = uow.vault.submissions.begin(cast.case)
    uow.end()
    with cast.acting("anahit") as uow:
        capsule = open_form(uow.installation, token, uow.clock())
        sealed = uow.vault.submissions.seal_part(capsule, part, {}, {}, [])
        uow.vault.submissions.finish(sealed.capsule, sealed)
    accepted = sa.update(cases.statements).where(cases.statements.c.id == capsule.submission)
    with cast.acting("lilit") as uow:
        uow.vault.submissions.adopt(cast.case, 50)
        uow.tx.stage(accepted.values(state="accepted"))
    return capsule.submission


def entity(canonical: str, *forms: str, kind: Any = "person", **shown: str) -> Entity:
    """Withheld, unless something is shown instead: `ru="Лида"`."""
    protection: Any = "withhold" if not shown else "generalise" if kind == "place" else "pseudonym"
    return Entity(
        id=EntityId(new_id()),
        kind=kind,
        canonical=canonical,
        forms=forms,
        protection=protection,
        pseudonyms=tuple(shown.items()),
    )


def text_of(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


def visible(page: str) -> str:
    """What a reader sees of the text itself, tags taken out."""
    body = page.split('<div class="text', 1)[1].split("<aside", 1)[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", "", "<div" + body)).split())


@pytest.fixture(scope="module")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    folder: Path = tmp_path_factory.mktemp("cast")
    assembled = assemble(folder)
    yield assembled
    assembled.close()


@pytest.fixture
def scene(cast: Cast) -> Scene:
    """A fresh statement and an empty register, in a cast that a module's tests share."""
    fresh = Scene(cast, send(cast, code_name="Heron", languages=["ru"], account=ACCOUNT))
    fresh.register()
    return fresh


@pytest.fixture(scope="module")
def lilit(cast: Cast) -> Browser:
    """Transcribes and redacts."""
    return cast.client("lilit")


@pytest.fixture(scope="module")
def nadim(cast: Cast) -> Browser:
    """Approves, for the protection of the people in it."""
    return cast.client("nadim")
