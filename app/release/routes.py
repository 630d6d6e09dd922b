"""Pages of stories: the list, a story, writing, quoting, checking, what will be public, publishing, withdrawing."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from pathlib import PurePosixPath
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from app.audit.acts import Act
from app.domain.consent import Naming
from app.domain.errors import Conflict, InvalidInput, NotFound, Tampered
from app.domain.ids import StatementId
from app.domain.lifecycle import StoryState
from app.domain.story import Block, Excerpt, StoryDraft
from app.policy.actor import Actor
from app.policy.facts import ApprovalKind, CaseFacts, StoryFacts
from app.policy.permissions import Permission
from app.policy.rules import enforce
from app.release import actions, queries, standing, words
from app.release.forms import (
    LANGUAGES,
    BeginForm,
    QuoteForm,
    VersionForm,
    WithdrawForm,
    block_fields,
    read_blocks,
    typed_blocks,
)
from app.release.manuscript import Manuscript, Named
from app.release.site.strings import STRINGS
from app.release.sources import redacted_words, seal_of
from app.release.subjects import a_story
from app.release.tree import PublicFolder
from app.unit_of_work import UnitOfWork
from app.vault.releases import bundle_digits
from app.web import again
from app.web.access import live_session, may, reasons_against, requires, services
from app.web.errors import reason_words
from app.web.glyphs import STORY_STATES
from app.web.headers import POLICY
from app.web.locale import direction
from app.web.opening import note_opening
from app.web.subjects import a_case

bp = Blueprint("release", __name__, template_folder="templates")

PREVIEW_POLICY: Final = (
    "sandbox allow-same-origin; default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "frame-ancestors 'self'"
)
"""What will be public runs nothing here and goes nowhere; its own style, drawings and fonts are ours."""
STAGE_POLICY: Final = f"{POLICY}; frame-src 'self'"
_SHOWN_AS: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".woff2": "font/woff2",
}
_AS_TEXT: Final = "text/plain; charset=utf-8"
"""Feeds and data files, byte for byte; no browser makes something else of them."""


@bp.context_processor
def _words() -> dict[str, object]:
    return {
        "words": words,
        "states": STORY_STATES,
        "may": may,
        "Permission": Permission,
        "StoryState": StoryState,
        "language_direction": direction,
        "public_words": STRINGS,
    }


def _folder() -> PublicFolder:
    return PublicFolder(services().config.public_dir)


def _to(endpoint: str, story: UUID, *, lang: str | None = None, done: str | None = None) -> BaseResponse:
    return redirect(url_for(endpoint, story=story, lang=lang, done=done), HTTPStatus.SEE_OTHER)


def _opened(uow: UnitOfWork, story: StoryFacts) -> queries.Head:
    note_opening(uow, Act.STORY_OPENED, story.case.id, story.id)
    return queries.head_of(uow, story)


def _note_sources(uow: UnitOfWork, story: StoryFacts, act: Act, statements: Iterable[UUID]) -> None:
    for statement in statements:
        note_opening(uow, act, story.case.id, statement)


# The list


@bp.get("/stories")
@requires(Permission.DESK_VIEW)
def index(uow: UnitOfWork, actor: Actor) -> ResponseReturnValue:
    return _index_page(uow, actor)


def _index_page(
    uow: UnitOfWork, actor: Actor, asked: UUID | None = None, form: BeginForm | None = None
) -> str:
    """A form to each case; `asked`: the case whose `form` came back."""
    cases = queries.case_stories(uow, actor)
    forms: dict[UUID, BeginForm] = {case.facts.id: BeginForm(formdata=None) for case in cases}
    if asked is not None and form is not None:
        forms[asked] = form
    for number, each in enumerate(forms.values()):
        each.stand_apart(number)
    return render_template("release/index.html", cases=cases, forms=forms, asked=asked)


@bp.post("/cases/<uuid:case>/stories")
@requires(Permission.STORY_CREATE, a_case)
def new(uow: UnitOfWork, actor: Actor, case: CaseFacts) -> ResponseReturnValue:
    form = BeginForm()
    try:
        form.check()
        story = actions.begin(uow, case, form.language.data, form.title)
    except InvalidInput as refusal:
        form.blame(refusal)
        return _index_page(uow, actor, case.id, form), HTTPStatus.UNPROCESSABLE_ENTITY
    return _to("release.edit", story, lang=form.language.data)


# One story


@bp.get("/stories/<uuid:story>")
@requires(Permission.STORY_VIEW, a_story)
def story(uow: UnitOfWork, _actor: Actor, story: StoryFacts) -> ResponseReturnValue:
    return _story_page(uow, story, WithdrawForm(formdata=None))


def _story_page(uow: UnitOfWork, story: StoryFacts, form: WithdrawForm) -> str:
    """A draft that does not open can still be taken back, with what was published of it."""
    try:
        head = _opened(uow, story)
    except (Tampered, NotFound, InvalidInput):
        code = queries.code_of(uow, story.case.id)
        return render_template("release/broken.html", story=story, form=form, code=code)
    _note_sources(uow, story, Act.STATEMENT_OPENED, head.sources)
    return render_template(
        "release/story.html",
        story=story,
        head=head,
        form=form,
        checked=standing.open_report(uow, head.row),
        consents=queries.consents_of(uow, head.row, head.sources),
        signatures=queries.signatures(uow, head.row),
        authors=sorted(uow.vault.people.names(set(story.authors)).values()),
        cannot=_cannot(story),
        not_confirmed=reasons_against(Permission.RELEASE_PUBLISH, story) == ("not-confirmed",),
        offered=LANGUAGES,
        public_url=services().config.public_url,
    )


def _cannot(story: StoryFacts) -> dict[str, str]:
    """Permission -> the sentence that says why not."""
    asked = (
        Permission.STORY_EDIT,
        Permission.STORY_GATE,
        Permission.RELEASE_APPROVE_EDITORIAL,
        Permission.RELEASE_APPROVE_PROTECTION,
        Permission.IDENTITY_CHECK,
        Permission.RELEASE_PUBLISH,
    )
    against = {each.value: reasons_against(each, story) for each in asked}
    return {each: reason_words(_hardest(reasons)) for each, reasons in against.items() if reasons}


def _hardest(reasons: tuple[str, ...]) -> str:
    """What stands in the way even once the second factor was shown."""
    return next((reason for reason in reasons if reason != "not-confirmed"), reasons[0])


# Writing


@bp.get("/stories/<uuid:story>/edit")
@requires(Permission.STORY_EDIT, a_story)
def edit(uow: UnitOfWork, _actor: Actor, story: StoryFacts) -> ResponseReturnValue:
    head = _opened(uow, story)
    language = _language(head.written.manuscript)
    draft = _draft_in(head.written.manuscript, language)
    form = VersionForm(formdata=None)
    form.fill(head.written.manuscript, draft, head.written.revision)
    return _editor(uow, story, head, language, form, block_fields(draft.blocks))


@bp.post("/stories/<uuid:story>/edit")
@requires(Permission.STORY_EDIT, a_story)
def save(uow: UnitOfWork, _actor: Actor, story: StoryFacts) -> ResponseReturnValue:
    head = _opened(uow, story)
    manuscript, form = head.written.manuscript, VersionForm()
    language, act = _language(manuscript), request.form.get("do", "save")
    typed = typed_blocks(request.form)
    try:
        changed = _changed(manuscript, form, language, act)
    except InvalidInput as refusal:
        form.blame(refusal)
        return _editor(uow, story, head, language, form, typed), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        actions.save(uow, story, changed, form.revision.data)
    except Conflict:
        form.follow(head.written.revision)
        page = _editor(uow, story, head, language, form, typed, conflict=True)
        return page, HTTPStatus.CONFLICT
    if act == "quote":
        return _to("release.quote", story.id, lang=language)
    left = changed.version(language)
    return _to("release.edit", story.id, lang=language if left else changed.languages[0], done="saved")


def _language(manuscript: Manuscript) -> str:
    """The one that was asked for, if the public site speaks it; else the first of the story."""
    asked = request.values.get("lang", "")
    return asked if asked in LANGUAGES else manuscript.languages[0]


def _draft_in(manuscript: Manuscript, language: str) -> StoryDraft:
    """A language that the story is not told in yet begins with the same quotes, to be translated."""
    known = manuscript.version(language)
    if known is not None:
        return known
    quotes = (replace(excerpt, speaker="", translation="") for excerpt in manuscript.versions[0].excerpts)
    blocks = tuple(Block("excerpt", excerpt=excerpt) for excerpt in quotes)
    return StoryDraft(language=language, headline="", month=manuscript.month, blocks=blocks)


def _changed(manuscript: Manuscript, form: VersionForm, language: str, act: str) -> Manuscript:
    """Raises InvalidInput."""
    form.check()
    if act == "drop":
        return manuscript.without_version(language)
    return form.change(manuscript, language, read_blocks(request.form, act))


def _editor(
    uow: UnitOfWork,
    story: StoryFacts,
    head: queries.Head,
    language: str,
    form: VersionForm,
    blocks: list[dict[str, Any]],
    *,
    conflict: bool = False,
) -> str:
    return render_template(
        "release/edit.html",
        story=story,
        head=head,
        language=language,
        form=form,
        blocks=blocks,
        conflict=conflict,
        in_force=head.written.manuscript.version(language),
        offered=LANGUAGES,
        page=_draft_page(uow, head, language),
        editor=uow.vault.people.names({head.written.author}).get(head.written.author, ""),
    )


def _draft_page(uow: UnitOfWork, head: queries.Head, language: str) -> str:
    """Where the draft's page in a language can be looked at; empty while there is none to look at."""
    try:
        return queries.draft_page(uow, head.row, language)
    except InvalidInput:
        return ""


# Quoting


@bp.get("/stories/<uuid:story>/quotes")
@requires(Permission.STORY_EDIT, a_story)
def quote(uow: UnitOfWork, _actor: Actor, story: StoryFacts) -> ResponseReturnValue:
    form = QuoteForm(formdata=None)
    head = _opened(uow, story)
    form.language.data = _language(head.written.manuscript)
    form.statement.data = request.args.get("statement", "")
    return _quote_page(uow, story, head, form)


@bp.post("/stories/<uuid:story>/quotes")
@requires(Permission.STORY_EDIT, a_story)
def add_quote(uow: UnitOfWork, _actor: Actor, story: StoryFacts) -> ResponseReturnValue:
    form = QuoteForm()
    head = _opened(uow, story)
    try:
        form.check()
        excerpt = _chosen_excerpt(uow, story, form)
    except InvalidInput as refusal:
        form.blame(refusal)
        return _quote_page(uow, story, head, form), HTTPStatus.UNPROCESSABLE_ENTITY
    draft = _draft_in(head.written.manuscript, form.language.data)
    told = replace(draft, blocks=(*draft.blocks, Block("excerpt", excerpt=excerpt)))
    naming = Named(excerpt.statement, Naming(form.naming.data))
    actions.save(
        uow, story, head.written.manuscript.with_version(told).with_naming(naming), head.written.revision
    )
    return _to("release.edit", story.id, lang=form.language.data, done="saved")


def _chosen_excerpt(uow: UnitOfWork, story: StoryFacts, form: QuoteForm) -> Excerpt:
    """Raises InvalidInput."""
    statement = _statement(uow, story, form.statement.data)
    note_opening(uow, Act.REDACTION_OPENED, story.case.id, statement)
    targets = redacted_words(uow, story.case.id, statement).targets
    found = queries.locate(targets, form.words.data or "") or queries.chosen(
        targets, request.form.getlist("passage")
    )
    if found is None:
        raise InvalidInput({"words": "not-in-the-text" if form.words.data else "not-chosen"})
    return Excerpt(
        statement=statement,
        target=found.target,
        start=found.start,
        end=found.end,
        text=found.text,
        language=form.spoken.data,
        digest=seal_of(uow, statement, found.target, targets[found.target]),
        **form.said(),
    )


def _statement(uow: UnitOfWork, story: StoryFacts, asked: str) -> StatementId:
    """One of those that may be quoted. Raises NotFound."""
    for each in queries.quotable(uow, story.case.id):
        if each.statement.hex == asked:
            return each.statement
    raise NotFound("statement")


def _quote_page(uow: UnitOfWork, story: StoryFacts, head: queries.Head, form: QuoteForm) -> str:
    known = queries.quotable(uow, story.case.id)
    at = next((each for each in known if each.statement.hex == form.statement.data), None)
    shown: list[queries.Passage] = []
    if at is not None:
        note_opening(uow, Act.REDACTION_OPENED, story.case.id, at.statement)
        shown = queries.passages(uow, story.case.id, at.statement)
        first = next((passage.target for passage in shown), "")
        form.spoken.data = form.spoken.data or at.language_of(first) or form.language.data
        if not request.form:
            form.naming.data = head.written.manuscript.naming_of(at.statement).value
    return render_template(
        "release/quote.html",
        story=story,
        head=head,
        form=form,
        statements=known,
        at=at,
        passages=shown,
        chosen=request.form.getlist("passage"),
    )


# Checking


@bp.post("/stories/<uuid:story>/check")
@requires(Permission.STORY_GATE, a_story)
def check(uow: UnitOfWork, _actor: Actor, story: StoryFacts) -> ResponseReturnValue:
    head = _opened(uow, story)
    _note_sources(uow, story, Act.REDACTION_OPENED, head.sources)
    note_opening(uow, Act.REGISTER_OPENED, story.case.id, story.case.id)
    report = actions.check(uow, story)
    return _to("release.approval" if report.passed else "release.story", story.id)


# What will be public


@bp.get("/stories/<uuid:story>/approval")
@requires(Permission.RELEASE_VIEW, a_story)
def approval(uow: UnitOfWork, _actor: Actor, story: StoryFacts) -> ResponseReturnValue:
    return _approval_page(uow, story)


def _approval_page(
    uow: UnitOfWork, story: StoryFacts, status: HTTPStatus = HTTPStatus.OK, **more: object
) -> BaseResponse:
    head = _opened(uow, story)
    if head.row.bundle is None:
        return _to("release.story", story.id)
    checked = standing.open_report(uow, head.row)
    if checked is None or not checked.report.speaks_of(head.row.bundle):
        return _to("release.story", story.id)
    _note_sources(uow, story, Act.STATEMENT_OPENED, checked.report.statements)
    surfaces = queries.surfaces_to_see(uow, head.row, live_session())
    at = next((each for each in surfaces if each.path == request.args.get("at")), surfaces[0])
    page = render_template(
        "release/approval.html",
        story=story,
        head=head,
        checked=checked,
        surfaces=surfaces,
        at=at,
        unseen=[each for each in surfaces if not each.seen and each != at],
        consents=queries.consents_of(uow, head.row, checked.report.statements),
        signatures=queries.signatures(uow, head.row),
        digits=bundle_digits(head.row.bundle),
        cannot=_cannot(story),
        kinds=ApprovalKind,
        **more,
    )
    answer = Response(page, status)
    answer.headers["Content-Security-Policy"] = STAGE_POLICY
    return answer


@bp.post("/stories/<uuid:story>/approval/editorial")
@requires(Permission.RELEASE_APPROVE_EDITORIAL, a_story)
def approve_editorial(uow: UnitOfWork, _actor: Actor, story: StoryFacts) -> ResponseReturnValue:
    return _sign(uow, story, ApprovalKind.EDITORIAL)


@bp.post("/stories/<uuid:story>/approval/protection")
@requires(Permission.RELEASE_APPROVE_PROTECTION, a_story)
def approve_protection(uow: UnitOfWork, _actor: Actor, story: StoryFacts) -> ResponseReturnValue:
    return _sign(uow, story, ApprovalKind.PROTECTION)


def _sign(uow: UnitOfWork, story: StoryFacts, kind: ApprovalKind) -> ResponseReturnValue:
    """Over the version that stood on the page, once everything of it was looked at in this session."""
    row = standing.story_row(uow, story.id)
    if row.bundle is None or request.form.get("bundle") != row.bundle.hex():
        raise Conflict("changed-meanwhile")
    unseen = [each.path for each in queries.surfaces_to_see(uow, row, live_session()) if not each.seen]
    if unseen:
        return _approval_page(uow, story, HTTPStatus.CONFLICT, too_early=True)
    actions.sign(uow, story, kind)
    return _to("release.approval", story.id, done="signed")


@bp.post("/stories/<uuid:story>/identity")
@requires(Permission.IDENTITY_CHECK, a_story)
def identity(uow: UnitOfWork, _actor: Actor, story: StoryFacts) -> ResponseReturnValue:
    head = _opened(uow, story)
    checked = standing.open_report(uow, head.row)
    statements = checked.report.statements if checked else ()
    _note_sources(uow, story, Act.IDENTITY_OPENED, statements)
    _note_sources(uow, story, Act.REDACTION_OPENED, statements)
    findings = actions.check_identity(uow, story)
    if any(finding.blocks for finding in findings):
        return _approval_page(uow, story, HTTPStatus.UNPROCESSABLE_ENTITY, named=findings)
    return _to("release.approval", story.id, done="signed")


@bp.get("/stories/<uuid:story>/preview/<path:file>")
@requires(Permission.RELEASE_VIEW, a_story)
def preview(uow: UnitOfWork, _actor: Actor, story: StoryFacts, file: str) -> ResponseReturnValue:
    """One file as readers would get it, rendered in memory, sandboxed; of a bundle, looking at it is remembered."""
    note_opening(uow, Act.STORY_OPENED, story.case.id, story.id)
    row = standing.story_row(uow, story.id)
    try:
        files = queries.preview(uow, row)
    except InvalidInput as problems:
        return render_template(
            "release/unmade.html", problems=problems.problems
        ), HTTPStatus.UNPROCESSABLE_ENTITY
    if file not in files:
        raise NotFound("public-file")
    _remember_sight(uow, row, file)
    answer = Response(files[file], content_type=_SHOWN_AS.get(PurePosixPath(file).suffix, _AS_TEXT))
    answer.headers["Content-Security-Policy"] = PREVIEW_POLICY
    return answer


def _remember_sight(uow: UnitOfWork, row: standing.StoryRow, file: str) -> None:
    session = live_session()
    if session is not None and row.bundle is not None:
        seen = queries.sight(row.bundle, file)
        uow.after_commit.append(partial(uow.vault.sessions.note_opening, session.id, seen))


# Publishing, withdrawing


@bp.post("/stories/<uuid:story>/publication")
@requires(Permission.RELEASE_PUBLISH, a_story)
def publish(uow: UnitOfWork, _actor: Actor, story: StoryFacts) -> ResponseReturnValue:
    head = _opened(uow, story)
    _note_sources(uow, story, Act.REDACTION_OPENED, head.sources)
    note_opening(uow, Act.REGISTER_OPENED, story.case.id, story.case.id)
    actions.publish(uow, story, _folder())
    return _to("release.story", story.id, done="published")


@bp.post("/stories/<uuid:story>/withdrawal")
@requires(Permission.RELEASE_WITHDRAW, a_story)
def withdraw(uow: UnitOfWork, actor: Actor, story: StoryFacts) -> ResponseReturnValue:
    form = WithdrawForm()
    if (form.code.data or "").strip().casefold() != queries.code_of(uow, story.case.id).casefold():
        form.blame(InvalidInput({"code": "other-code"}))
        return _story_page(uow, story, form), HTTPStatus.UNPROCESSABLE_ENTITY
    _withdraw_for_good(actor, story.id)
    return _to("release.story", story.id, done="withdrawn")


def _withdraw_for_good(actor: Actor, story: UUID) -> None:
    def withdraw(uow: UnitOfWork) -> None:
        facts = a_story(uow, actor, story=story)
        enforce(Permission.RELEASE_WITHDRAW, actor, facts)
        actions.withdraw(uow, facts, _folder())

    again.until_done(withdraw)
