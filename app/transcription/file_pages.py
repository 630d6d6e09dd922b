"""The pages and addresses of one file: what it is, its original, what was made of it, and its preparing."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from uuid import UUID

from flask import jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.audit.acts import Act
from app.audit.log import Note
from app.domain.errors import NotFound
from app.domain.jobs import JobState
from app.media.sniffing import SNIFFED_BYTES, type_of
from app.policy.actor import Actor
from app.policy.facts import StatementFacts
from app.policy.permissions import Permission
from app.transcription import file_words, files, queries, streaming, words
from app.transcription.blueprint import bp
from app.transcription.files import Arrival, BrokenFile, FileFacts, Prepared
from app.transcription.playing import KEPT_AS_FILES, PLAYED, Showing, showing_of, type_served
from app.unit_of_work import UnitOfWork
from app.vault.jobs import NO_WORKER, JobStanding
from app.vault.records import Broken
from app.web import access, preparing
from app.web.access import requires
from app.web.opening import note_opening
from app.web.subjects import a_statement, statement_facts

THUMBNAIL: Final = "thumbnail"
NOT_IN_A_NAME: Final = re.compile(r"[^a-z0-9-]+")


@dataclass(frozen=True)
class Twin:
    """The same file elsewhere. `name`: of its statement, or empty where that is this one or has none."""

    statement: UUID
    asset: UUID
    name: str
    is_here: bool


@dataclass(frozen=True)
class Row:
    """One file as a page shows it. `arrival`: None where that does not open."""

    file: FileFacts
    prepared: Prepared
    showing: Showing
    arrival: Arrival | None
    twins: tuple[Twin, ...] = ()


def rows_of(uow: UnitOfWork, statement: StatementFacts) -> list[Row | BrokenFile]:
    """Its files in the order in which they came; those that wait to be prepared are, as soon as somebody may read them."""
    found = files.read_files(uow, statement)
    stand = _standings(uow, statement, [file.asset for file in found])
    arrivals = files.read_arrivals(uow, statement)
    return [
        file if isinstance(file, BrokenFile) else _row(uow, statement, file, stand[file.asset], arrivals)
        for file in found
    ]


def _standings(
    uow: UnitOfWork, statement: StatementFacts, assets: Iterable[UUID]
) -> Mapping[UUID, JobStanding]:
    stand = preparing.standings(uow, list(assets))
    wanting = [asset for asset, standing in stand.items() if standing.state in preparing.WANTING]
    if not _is_to_be_prepared(uow, statement):
        return stand
    return stand | preparing.have_prepared(statement.case.id, wanting)


def _is_to_be_prepared(uow: UnitOfWork, statement: StatementFacts) -> bool:
    return (
        statement.state not in preparing.STOPPED
        and access.may(Permission.ASSET_OPEN, statement)
        and queries.is_taken_over(uow, statement.id)
    )


def _row(
    uow: UnitOfWork,
    statement: StatementFacts,
    file: FileFacts,
    standing: JobStanding,
    arrivals: Mapping[UUID, Arrival | Broken],
) -> Row:
    prepared = files.read_prepared(uow, statement.case.id, file.asset, standing)
    arrival = arrivals.get(file.asset)
    return Row(
        file,
        prepared,
        showing_of(statement.id, file, prepared),
        arrival if isinstance(arrival, Arrival) else None,
        _twins(uow, statement, file.asset, prepared) if prepared.digest else (),
    )


def _twins(uow: UnitOfWork, statement: StatementFacts, asset: UUID, prepared: Prepared) -> tuple[Twin, ...]:
    same = files.same_files(uow, statement.case.id, asset, prepared.digest)
    named = {each.statement: _name_if_open(uow, each.statement) for each in same}
    return tuple(
        Twin(each.statement, each.asset, name, each.statement == statement.id)
        for each in same
        if (name := named[each.statement]) is not None
    )


def _name_if_open(uow: UnitOfWork, statement: UUID) -> str | None:
    """What lists call a statement; None where this person may not open it."""
    try:
        facts = statement_facts(uow, statement)
    except NotFound:
        return None
    if not access.may(Permission.STATEMENT_OPEN, facts):
        return None
    return queries.read_code_name(uow, facts)


def some_recording(rows: Iterable[Row | BrokenFile]) -> bool:
    return any(isinstance(row, Row) and row.showing.is_recording for row in rows)


def waits_for_a_worker(rows: Iterable[Row | BrokenFile]) -> bool:
    return any(isinstance(row, Row) and row.prepared.standing.reason == NO_WORKER for row in rows)


# The page of a file


@bp.get("/statements/<uuid:statement>/files/<uuid:asset>/about")
@requires(Permission.ASSET_OPEN, a_statement)
def file(uow: UnitOfWork, _actor: Actor, statement: StatementFacts, asset: UUID) -> ResponseReturnValue:
    """What is known of one file; `?show=1` is the press that opens one that may hurt to see."""
    note_opening(uow, Act.ASSET_OPENED, statement.case.id, asset)
    facts = files.read_file(uow, statement, asset)
    stand = _standings(uow, statement, [asset])
    row = _row(uow, statement, facts, stand[asset], files.read_arrivals(uow, statement))
    return render_template(
        "transcription/file.html",
        facts=statement,
        head=queries.read_head(uow, statement),
        name=words.shown_name(queries.read_code_name(uow, statement)),
        row=row,
        fault=files.check_file(uow, statement, asset),
        is_shown=not facts.warning or request.args.get("show") == "1",
        history=words.history_rows(
            queries.read_history(uow, asset), queries.own_name(uow), words.DID_TO_A_FILE
        ),
        may={
            "original": _takes_out(statement),
            "transcript": access.may(Permission.TRANSCRIPT_VIEW, statement),
        },
        words=words,
        file_words=file_words,
    )


def _takes_out(statement: StatementFacts) -> bool:
    """Whether the original may leave, once the second factor was shown again."""
    return access.reasons_against(Permission.ASSET_DOWNLOAD, statement) in {(), ("not-confirmed",)}


# Its preparing


@bp.get("/statements/<uuid:statement>/files/<uuid:asset>/preparing")
@requires(Permission.ASSET_OPEN, a_statement)
def preparing_now(
    uow: UnitOfWork, _actor: Actor, statement: StatementFacts, asset: UUID
) -> ResponseReturnValue:
    """How it stands, asked by an open page; no sign of life, and no opening: rows are read, and nothing sealed."""
    files.require_here(uow, statement, asset)
    standing = uow.vault.jobs.state(asset)
    stands = file_words.state_unopened(standing)
    return jsonify(
        state=standing.state,
        words=stands.in_full,
        glyph=stands.glyph,
        late=stands.is_late,
        under_way=stands.act == "cancel",
        ended=standing.state == JobState.DONE.value,
    )


@bp.post("/statements/<uuid:statement>/files/<uuid:asset>/prepare")
@requires(Permission.ASSET_OPEN, a_statement)
def prepare(uow: UnitOfWork, _actor: Actor, statement: StatementFacts, asset: UUID) -> ResponseReturnValue:
    """Try again what was set aside, cancelled, or cannot be shown."""
    files.require_here(uow, statement, asset)
    job = uow.vault.jobs.state(asset).job
    if job is None:
        raise NotFound("job")
    begun = uow.vault.jobs.retry(job)
    return _back(statement, asset, "no-worker" if begun.reason == NO_WORKER else None)


@bp.post("/statements/<uuid:statement>/files/<uuid:asset>/leave")
@requires(Permission.ASSET_OPEN, a_statement)
def leave_unprepared(
    uow: UnitOfWork, _actor: Actor, statement: StatementFacts, asset: UUID
) -> ResponseReturnValue:
    """Stop what prepares it, and take its keys back."""
    files.require_here(uow, statement, asset)
    job = uow.vault.jobs.state(asset).job
    if job is None:
        raise NotFound("job")
    uow.vault.jobs.cancel(job)
    return _back(statement, asset)


def _back(statement: StatementFacts, asset: UUID, done: str | None = None) -> ResponseReturnValue:
    page = url_for("transcription.file", statement=statement.id, asset=asset, done=done)
    return redirect(page, HTTPStatus.SEE_OTHER)


# What is in it


@bp.get("/statements/<uuid:statement>/files/<uuid:asset>")
@requires(Permission.ASSET_OPEN, a_statement)
def asset(uow: UnitOfWork, _actor: Actor, statement: StatementFacts, asset: UUID) -> ResponseReturnValue:
    """An original to be heard or watched, from wherever the player asks."""
    note_opening(uow, Act.ASSET_OPENED, statement.case.id, asset)
    opened = files.open_file(uow, statement, asset)
    kind = type_of(opened.head(SNIFFED_BYTES))
    if kind not in PLAYED:
        opened.close()
        return redirect(url_for("transcription.original", statement=statement.id, asset=asset))
    return streaming.shown(opened, PLAYED[kind][0], asset)


@bp.get("/statements/<uuid:statement>/files/<uuid:asset>/made/<uuid:derivative>")
@requires(Permission.ASSET_OPEN, a_statement)
def made(
    uow: UnitOfWork, _actor: Actor, statement: StatementFacts, asset: UUID, derivative: UUID
) -> ResponseReturnValue:
    """What was made of a file: pictures, pages, sound, film; only of the types that its sealed result names.

    It stands for its file, and leaves the same line in the log: whoever sees a still has looked at the film. A
    thumbnail alone is part of its statement's page, whose browser fetches it unasked: it leaves the statement's line,
    so that nothing is read without one, and nobody is said to have opened files that they only scrolled past.
    """
    found = files.find_made(uow, statement, asset, derivative)
    if found.kind == THUMBNAIL:
        note_opening(uow, Act.STATEMENT_OPENED, statement.case.id, statement.id)
    else:
        note_opening(uow, Act.ASSET_OPENED, statement.case.id, asset)
    opened = files.open_made(uow, statement, found)
    return streaming.shown(opened, type_served(opened.made), derivative)


@bp.get("/statements/<uuid:statement>/files/<uuid:asset>/original")
@requires(Permission.ASSET_DOWNLOAD, a_statement)
def original(uow: UnitOfWork, actor: Actor, statement: StatementFacts, asset: UUID) -> ResponseReturnValue:
    """An original, byte for byte, to be kept outside: every time is a line in the log."""
    tag = uow.vault.holder.session_tag
    uow.audit.note(
        Note(Act.ASSET_OPENED, actor.person, statement.case.id, asset, session=tag, note="original")
    )
    facts = files.read_file(uow, statement, asset)
    opened = files.open_file(uow, statement, asset)
    return streaming.taken_out(opened, _neutral_name(queries.case_code(uow, statement.case.id), facts), asset)


def _neutral_name(code: str, file: FileFacts) -> str:
    """A name that tells nothing: the sender's own could hold a person, a place or a trap."""
    ending = PLAYED[file.type][1] if file.type in PLAYED else KEPT_AS_FILES.get(file.type, "bin")
    return f"{NOT_IN_A_NAME.sub('', code.lower())}-{file.asset.hex[:8]}.{ending}"
