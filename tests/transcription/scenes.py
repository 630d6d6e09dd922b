"""What the tests of a statement's pages begin with: statements of the demonstration, sent and taken over."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from werkzeug.test import TestResponse

from app.audit.acts import Act
from app.cases import actions as case_actions
from app.demo import content
from app.domain.consent import Consent, Likeness, Naming, PlacePrecision, Publishing
from app.domain.ids import CaseId, PersonId, StatementId, new_id
from app.domain.lifecycle import StatementState
from app.domain.record import to_plain
from app.policy.facts import CaseFacts, StatementFacts
from app.store import cases
from app.store.log import entries
from app.vault.submissions import file_intake, open_form
from tests.cast import LINDEN, Browser, Cast

SOUND = "audio/ogg"


@dataclass(frozen=True)
class Sent:
    statement: UUID
    files: tuple[UUID, ...]

    def path(self, rest: str = "") -> str:
        return f"/statements/{self.statement}{rest}"

    def file(self, number: int = 0, rest: str = "") -> str:
        return self.path(f"/files/{self.files[number]}{rest}")


def agreed() -> Consent:
    """Short parts under another name, the region, no voice, no face."""
    public = Publishing(
        allowed=True,
        naming=Naming.PSEUDONYM,
        place=PlacePrecision.REGION,
        voice=Likeness.ALTERED,
        face=Likeness.NOT_AT_ALL,
    )
    return Consent(take_part=True, given_on=date(2026, 10, 2), publishing=public)


def begin(cast: Cast, case: UUID | None = None, who: str = "anahit") -> str:
    """The capsule of a fresh form."""
    with cast.acting(who) as uow:
        return uow.vault.submissions.begin(case or cast.case)


def send(
    cast: Cast,
    code_name: str = "Juniper",
    files: Sequence[tuple[bytes, dict[str, str]]] = (),
    *,
    parts: Sequence[dict[str, Any]] = ({},),
    notes: dict[str, Any] | None = None,
    identity: dict[str, Any] | None = None,
    taken_over: bool = True,
    case: UUID | None = None,
    who: str = "anahit",
    form: str = "",
) -> Sent:
    """A finished statement, of one sealed part for each of `parts`. `form`: the capsule it begins with, if there is one."""
    token = form or begin(cast, case, who)
    for number, part in enumerate(parts):
        with cast.acting(who) as uow:
            capsule = open_form(uow.installation, token, uow.clock())
            said = _first(code_name) if number == 0 else {}
            sealed = uow.vault.submissions.seal_part(
                capsule,
                {**said, **part},
                notes or {},
                {"name": "Ara Testov"} if identity is None else identity,
                [_sealed_file(cast, case or cast.case, *file) for file in (files if number == 0 else ())],
            )
            if number == len(parts) - 1:
                uow.vault.submissions.finish(sealed.capsule, sealed)
            token = uow.vault.submissions.token(sealed.capsule)
    if taken_over and case is None:
        take_over(cast)
    return Sent(capsule.submission, _files_of(cast, capsule.submission))


def _first(code_name: str) -> dict[str, Any]:
    return {
        "code_name": code_name,
        "languages": ["hy"],
        "account": "We heard it at night.",
        "consent": to_plain(agreed()),
    }


def _sealed_file(cast: Cast, case: UUID, data: bytes, facts: dict[str, str]) -> Any:
    intake = file_intake(cast.services.installation.id, case, cast.services.blobs)
    intake.write(data)
    said = {"name": "sent.bin", "type": SOUND, "title": "", "credit": "", "warning": "", **facts}
    return intake.finish(), said


def _files_of(cast: Cast, statement: UUID) -> tuple[UUID, ...]:
    table = cases.assets
    rows = read(cast, sa.select(table.c.id).where(table.c.statement == statement).order_by(table.c.position))
    return tuple(row.id for row in rows)


def take_over(cast: Cast) -> None:
    with cast.acting("lilit") as uow:
        case_actions.take_over(uow, CaseFacts(CaseId(cast.case), LINDEN["lilit"]))


def from_demo(cast: Cast, key: str) -> Sent:
    """A statement of the demonstration with its recordings, as a form would have sent it."""
    told = content.load().statement(key)
    types = {"audio": SOUND, "video": "video/webm", "image": "image/jpeg", "document": "application/pdf"}
    files = [
        (
            content.media(file.file),
            {
                "name": file.file,
                "type": types[file.kind],
                "title": file.title,
                "credit": file.credit,
                "warning": file.content_warning,
            },
        )
        for file in told.attachments
    ]
    part = {
        "languages": list(told.languages),
        "account": told.account,
        "setting": {
            "relation": told.relation,
            "place": told.setting.place,
            "manner": told.setting.manner,
            "interviewer": told.interviewer,
            "present": ", ".join(told.setting.persons_present),
            "privacy": told.setting.privacy,
            "themes": ", ".join(told.themes),
        },
    }
    notes = {"risk_before": told.working_notes.risk_before, "safety_plan": told.working_notes.safety_plan}
    identity = {
        "name": told.identity.name,
        "aliases": list(told.identity.aliases),
        "contact": told.identity.contact,
    }
    return send(cast, told.code_name, files, parts=[part], notes=notes, identity=identity)


def segments_of(key: str) -> list[dict[str, Any]]:
    """The demonstration's transcript, with times as people write them."""
    (transcript, *_rest) = content.load().statement(key).transcripts
    return [
        {
            "id": new_id().hex,
            "start": f"{segment.start:.3f}",
            "end": f"{segment.end:.3f}",
            "speaker": segment.speaker,
            "text": segment.text,
        }
        for segment in transcript.segments
    ]


def segment(
    text: str = "", start: str = "0:00", end: str = "0:04", speaker: str = "Juniper"
) -> dict[str, Any]:
    return {"id": new_id().hex, "start": start, "end": end, "speaker": speaker, "text": text}


def as_rows(segments: Sequence[dict[str, Any]], revision: int, **more: object) -> dict[str, object]:
    """What the plain form sends."""
    rows = {f"{name}-{n}": value for n, segment in enumerate(segments) for name, value in segment.items()}
    return {"revision": revision, "rows": len(segments), "language": "hy", **rows, **more}


def save(browser: Browser, sent: Sent, segments: Sequence[dict[str, Any]], revision: int) -> TestResponse:
    """As the page's script saves."""
    return browser.client.post(
        sent.path("/transcript"),
        json={"revision": revision, "language": "hy", "segments": list(segments)},
        headers={"X-CSRF-Token": browser.token(), "Accept": "application/json"},
    )


def told(answer: TestResponse) -> dict[str, Any]:
    """What a script is answered."""
    plain = answer.get_json()
    assert isinstance(plain, dict)
    return plain


def facts_of(cast: Cast, sent: Sent, who: str) -> StatementFacts:
    """What policy would judge `who` by, of a statement that was just taken over."""
    case = CaseFacts(CaseId(cast.case), LINDEN[who])
    submitter = PersonId(cast.people["anahit"].person)
    return StatementFacts(case, StatementId(sent.statement), StatementState.ACCEPTED, submitter)


# Behind the product's back


def read(cast: Cast, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
    tx = cast.services.database.transaction()
    try:
        return tx.all(query)
    finally:
        tx.release()


def touch(cast: Cast, *writes: sa.UpdateBase) -> None:
    """Write as whoever holds the database could."""
    with cast.services.database.writing() as connection:
        for write in writes:
            connection.execute(write)


def put(cast: Cast, sent: Sent, state: StatementState, before: str = "") -> None:
    table = cases.statements
    touch(cast, sa.update(table).where(table.c.id == sent.statement).values(state=state.value, before=before))


def state_of(cast: Cast, sent: Sent) -> tuple[str, str]:
    table = cases.statements
    (row,) = read(cast, sa.select(table).where(table.c.id == sent.statement))
    return row.state, row.before


def logged(cast: Cast, act: Act, record: UUID, who: str | None = None) -> int:
    query = sa.select(entries.c.sequence).where(entries.c.act == act.value, entries.c.record == record)
    if who is not None:
        query = query.where(entries.c.person == cast.people[who].person)
    return len(read(cast, query))


def flip(cast: Cast, asset: UUID, at: int) -> None:
    """One bit of a stored file."""
    path = cast.services.blobs.path(asset)
    stored = bytearray(path.read_bytes())
    stored[at] ^= 1
    path.write_bytes(bytes(stored))


def words_of(answer: TestResponse) -> str:
    """What is on a page, without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.get_data(as_text=True)))
