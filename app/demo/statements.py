"""Sends the demonstration's statements as its interviewers would, and has its reviewers take them over and write them down."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict
from typing import Final
from uuid import UUID

from app.cases import actions as casework
from app.cases.shapes import Settings
from app.demo import content as demo
from app.demo.people import Troupe, duties_on
from app.domain import consent as domain
from app.domain.duties import Duty
from app.domain.ids import EntityId, new_id
from app.domain.lifecycle import StatementAct
from app.domain.record import canonical_json, from_plain, to_plain
from app.domain.register import Entity, Register
from app.intake import actions as intake
from app.policy.facts import CaseFacts
from app.transcription import actions as transcription
from app.transcription.transcript import Segment, Transcript
from app.unit_of_work import UnitOfWork
from app.vault.fields import CASE_SETTINGS
from app.vault.submissions import new_withdrawal_code
from app.web.subjects import case_facts, statement_facts

PIECE: Final = 1 << 20
MAX_FILE: Final = 10 << 20

_SHARED: Final = {
    "national_court": "national_court",
    "international_body": "international_mechanism",
    "media": "media",
    "family_tracing": "family_tracing",
    "organisation": "organisation",
}
_ANSWERS: Final = {"yes": domain.Answer.YES, "no": domain.Answer.NO, "ask": domain.Answer.ASK_AGAIN}
_PUBLISHING: Final = {
    "no": (False, domain.Extent.EXTRACT, domain.Naming.ANONYMOUS),
    "anonymous_extract": (True, domain.Extent.EXTRACT, domain.Naming.ANONYMOUS),
    "anonymous_full": (True, domain.Extent.FULL, domain.Naming.ANONYMOUS),
    "pseudonym": (True, domain.Extent.FULL, domain.Naming.PSEUDONYM),
    "named": (True, domain.Extent.FULL, domain.Naming.NAMED),
}
TRANSCRIBED_STAGES: Final = frozenset({"transcribed", "redacting", "redacted", "in approval", "approved"})


def fill_cases(troupe: Troupe, content: demo.DemoContent) -> dict[str, dict[str, EntityId]]:
    """Title and register of each case, by its lead. Case code -> register key -> entity id."""
    entities: dict[str, dict[str, EntityId]] = {}
    for case in content.cases:
        ids = entities[case.code] = {each.key: EntityId(new_id()) for each in case.register}
        lead = holder_of(content, case.code, Duty.LEAD)
        with troupe.acting(lead) as uow:
            settings = Settings(title=case.title, purpose=case.about)
            case_id = troupe.cases[case.code]
            uow.vault.records.seal(
                CASE_SETTINGS, case_id, case_id, canonical_json(to_plain(settings)), expected=0
            )
            register = Register(tuple(_entity(each, ids[each.key]) for each in case.register))
            casework.save_register(uow, case_facts(uow, case_id), register, 0)
    return entities


def _entity(entity: demo.Entity, id_: EntityId) -> Entity:
    shown = () if entity.protection == "withhold" else tuple(entity.shown_as.items())
    return Entity(
        id=id_,
        kind=entity.kind,
        canonical=entity.canonical,
        forms=tuple(form for form in entity.forms if form != entity.canonical),
        protection=entity.protection,
        pseudonyms=shown,
    )


def holder_of(content: demo.DemoContent, code: str, duty: Duty) -> str:
    """The sign-in name of the first person with a duty on a case."""
    return next(name for name, held in duties_on(content, code).items() if duty in held)


def send_statement(troupe: Troupe, content: demo.DemoContent, statement: demo.Statement) -> UUID:
    """Three parts and a finish, by the interviewer of that code name; the statement's id."""
    troupe.calendar.move_to(statement.taken_on, hour=15)
    name = next(person.sign_in for person in content.people if person.code_name == statement.interviewer)
    with troupe.acting(name) as uow:
        ticket = intake.read_ticket(
            uow.installation, uow.vault.submissions.begin(troupe.cases[statement.case]), uow.clock()
        )
    files = [_upload(troupe, ticket, each) for each in statement.attachments]
    for part in _parts(statement):
        last = "account" in part.part
        with troupe.acting(name) as uow:
            sent = intake.send(
                uow, ticket, part, files if last else (), last=last, withdrawal_code=new_withdrawal_code()
            )
        ticket = sent.next
    return ticket.statement


def _upload(
    troupe: Troupe, ticket: intake.Ticket, attachment: demo.Attachment
) -> tuple[intake.Attachment, Mapping[str, str]]:
    services = troupe.services
    intakes = intake.Attachments(
        services.blobs, services.installation.id, ticket.case, MAX_FILE, lambda: None
    )
    sink = intakes.open("files", attachment.file)
    data = demo.media(attachment.file)
    for start in range(0, len(data), PIECE):
        sink.write(data[start : start + PIECE])
    said = {"title": attachment.title, "credit": attachment.credit, "warning": attachment.content_warning}
    return sink.finish(), said


def _parts(statement: demo.Statement) -> tuple[intake.Content, ...]:
    notes = {name: value for name, value in asdict(statement.working_notes).items() if value}
    recontact = {f"recontact_{name}": value for name, value in asdict(statement.identity.recontact).items()}
    identity = {
        "name": statement.identity.name,
        "aliases": ", ".join(statement.identity.aliases),
        "contact": statement.identity.contact,
        "birth": statement.identity.birth,
        "papers": statement.identity.papers,
        **recontact,
    }
    return (
        intake.Content({"setting": _setting(statement)}, notes=notes),
        intake.Content(
            {
                "code_name": statement.code_name,
                "languages": list(statement.languages),
                "consent": _consent(statement).to_dict(),
            }
        ),
        intake.Content({"account": statement.account, "answers": []}, identity=identity),
    )


def _setting(statement: demo.Statement) -> dict[str, str]:
    setting = statement.setting
    told = {
        "source_kind": statement.source_kind,
        "relation": statement.relation,
        "place": setting.place,
        "place_precision": setting.precision,
        "mode": setting.manner.replace(" ", "-"),
        "privacy": setting.privacy,
        "present": ", ".join(setting.persons_present),
        "interpreter": setting.interpreter,
        "interviewer": statement.interviewer,
        "taken_on": statement.taken_on.isoformat(),
        "summary": statement.summary,
        "themes": ", ".join(statement.themes),
    }
    return {name: value for name, value in told.items() if value}


def _consent(statement: demo.Statement) -> domain.Consent:
    given = statement.consent
    allowed, extent, naming = _PUBLISHING[given.publish]
    return domain.Consent(
        take_part=given.take_part,
        given_on=statement.taken_on,
        recording=domain.Recording(
            given.record_audio, given.record_video, given.record_photo, given.record_photo
        ),
        store=True,
        store_until=statement.taken_on + dt.timedelta(days=365 * given.store_years),
        analyse=given.internal_analysis,
        sharing=_sharing(given),
        publishing=domain.Publishing(
            allowed=allowed,
            extent=extent,
            naming=naming,
            place=domain.PlacePrecision(given.place_precision),
            voice=domain.Likeness(given.voice.replace("_", "-")),
            face=domain.Likeness(given.face.replace("_", "-")),
        ),
        contact_again=domain.Answer.YES if given.contact_again else domain.Answer.NO,
        embargo=domain.Embargo(until=given.embargo_until),
        given=domain.Given(
            manner=domain.Manner(given.how),
            language=given.script_language,
            script_version="1",
            purpose_explained=True,
            limits_explained=True,
            understood_in_own_words=given.repeated,
        ),
    )


def _sharing(given: demo.Consent) -> domain.Sharing:
    asked = {_SHARED[name]: _ANSWERS[answer].value for name, answer in given.share.items()}
    return from_plain(domain.Sharing, {**to_plain(domain.Sharing()), **asked})


def take_over(troupe: Troupe, content: demo.DemoContent, code: str) -> None:
    """A reader takes over what arrived, the custodian takes over the names."""
    for duty in (Duty.TRANSCRIBER, Duty.IDENTITY_CUSTODIAN):
        with troupe.acting(holder_of(content, code, duty)) as uow:
            casework.take_over(uow, _case(uow, troupe.cases[code]))


def _case(uow: UnitOfWork, case: UUID) -> CaseFacts:
    return case_facts(uow, case)


def transcribe(troupe: Troupe, content: demo.DemoContent, statement: demo.Statement, id_: UUID) -> None:
    """Write down its recordings, by the case's transcriber; finished where the statement has come that far."""
    if not statement.transcripts:
        return
    transcriber = holder_of(content, statement.case, Duty.TRANSCRIBER)
    written = _transcript(statement.transcripts[0])
    with troupe.acting(transcriber) as uow:
        transcription.save_transcript(uow, statement_facts(uow, id_), written, 0)
    if statement.stage in TRANSCRIBED_STAGES:
        with troupe.acting(transcriber) as uow:
            transcription.finish_transcript(uow, statement_facts(uow, id_), written, 1)


def _transcript(transcript: demo.Transcript) -> Transcript:
    segments = (
        Segment(new_id().hex, round(each.start * 1000), round(each.end * 1000), each.speaker, each.text)
        for each in transcript.segments
    )
    return Transcript(transcript.language, tuple(segments))


def interrupt(troupe: Troupe, content: demo.DemoContent, statement: demo.Statement, id_: UUID) -> None:
    """Hold, return or withdraw it, where its story says so; by the lead."""
    lead = holder_of(content, statement.case, Duty.LEAD)
    with troupe.acting(lead) as uow:
        facts = statement_facts(uow, id_)
        if statement.withdrawal is not None:
            transcription.withdraw(uow, facts, statement.case)
        elif statement.stage == "on hold":
            transcription.change_state_because(
                uow, facts, StatementAct.HOLD, "The family is still travelling."
            )
        elif statement.stage == "returned":
            transcription.change_state_because(
                uow, facts, StatementAct.RETURN_WITH_NOTE, "Ask once more on which day the papers were taken."
            )
