"""The check reads words: names in another script, pieces of what is hidden, what other statements say."""

from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.ids import MarkId, StatementId, new_id
from app.domain.redaction import Action, Mark, RedactionReason
from app.domain.story import Block, StoryDraft
from app.release import words
from app.release.report import Finding
from app.release.words import finding_help, finding_place
from app.store import cases
from app.store.records import versions
from tests.release.stage import ACCOUNT, IDENTITY, Stage

OTHER = (
    "We carried the stove across the frozen orchard twice. Nobody helped us on the way. "
    "Afterwards the road was quiet."
)


def check_paragraph(stage: Stage, text: str, **more: Any) -> Any:
    blocks = stage.blocks(Block("paragraph", text))
    return stage.check(stage.write(stage.manuscript(stage.draft(*blocks, **more))))


def told_of(findings: tuple[Finding, ...]) -> set[tuple[str, str]]:
    return {(finding.severity, finding.explanation) for finding in findings}


def take_another(stage: Stage, account: str = OTHER, code_name: str = "Thistle") -> StatementId:
    statement = stage.take_statement(account=account, code_name=code_name)
    stage.redact(statement, account=account)
    return statement


# Names in another script


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Тогда пришла Вера Талин.", ("block", "protected-name-by-sound")),
        ("Հետո եկավ Վերա Տալինը։", ("block", "protected-name-by-sound")),
        ("Тогда пришла Вера.", ("warn", "protected-name-by-sound")),
        ("Беседа: Лилит Ашхар.", ("block", "staff-name-by-sound")),
    ],
)
def test_a_name_in_another_script_is_found(stage: Stage, text: str, found: tuple[str, str]) -> None:
    assert found in told_of(check_paragraph(stage, text).findings)


@pytest.mark.parametrize("text", ["Все звали её Рита Сорунз.", "Նրան ասում էին Ռիտա Սորունզ։"])
def test_the_identity_check_reads_other_scripts(stage: Stage, text: str) -> None:
    story = stage.write(stage.manuscript(stage.draft(*stage.blocks(Block("paragraph", text)))))
    assert stage.check(story).passed
    assert ("block", "protected-name-by-sound") in told_of(stage.check_identity(story))


# Pieces of what is hidden


def hide(stage: Stage, words: str) -> None:
    start = ACCOUNT.index(words)
    whole = Mark(
        MarkId(new_id()), "account", start, start + len(words), Action.REMOVE, RedactionReason.SECURITY
    )
    with stage.cast.acting("lilit") as uow:
        stage.seal_redaction(uow, stage.statement, ACCOUNT, [whole])


def test_a_piece_of_a_hidden_passage_stops_it_and_is_told_by_its_number(fresh: Stage) -> None:
    hide(fresh, "The notebook lies beside the dry well.")
    report = check_paragraph(fresh, "A notebook lies beside the dry stones there.")
    finding = next(each for each in report.findings if each.explanation == "redacted-words")
    assert finding.blocks
    with fresh.cast.app.test_request_context():
        assert words.finding_words(finding) == "Some words of hidden passage 1 stand in it."
    assert "notebook" not in report.to_bytes().decode()


def test_three_words_of_a_hidden_passage_warn(fresh: Stage) -> None:
    hide(fresh, "The notebook lies beside the dry well.")
    report = check_paragraph(fresh, "Her notebook lies beside a lamp.")
    assert told_of(report.findings) == {("warn", "redacted-words")}
    assert report.passed


def test_words_that_stand_in_what_may_be_told_are_no_leak(fresh: Stage) -> None:
    account = f"{ACCOUNT} Later: the frost came early."
    statement = fresh.take_statement(account=account, code_name="Heron")
    fresh.redact(statement, account=account)
    start = account.rindex("the frost came early")
    mark = Mark(MarkId(new_id()), "account", start, len(account), Action.REMOVE, RedactionReason.SECURITY)
    with fresh.cast.acting("lilit") as uow:
        fresh.seal_redaction(uow, statement, account, [mark])
    quote = Block("excerpt", excerpt=fresh.excerpt("We never agreed on this.", statement=statement))
    report = fresh.check(fresh.write(fresh.manuscript(fresh.draft(*fresh.blocks(quote)))))
    assert "redacted-words" not in {finding.explanation for finding in report.findings}


# What other statements say


PASTED = "They carried the stove across the frozen orchard, she thinks."


def test_words_of_a_statement_that_is_not_quoted_warn(fresh: Stage) -> None:
    other = take_another(fresh)
    report = check_paragraph(fresh, PASTED)
    assert report.passed
    assert [(each.explanation, each.path, each.where, each.needle) for each in report.findings] == [
        ("words-of-another", "en", "3", other.hex)
    ]
    assert "stove" not in report.to_bytes().decode()
    with fresh.cast.app.test_request_context():
        assert finding_place(report.findings[0]) == "Thistle: English, part 3"


def test_words_of_another_statement_are_found_in_every_part_that_the_desk_wrote(fresh: Stage) -> None:
    take_another(fresh)
    standfirst = check_paragraph(fresh, "Only ours.", standfirst=PASTED)
    assert [(each.explanation, each.where) for each in standfirst.findings] == [("words-of-another", "")]
    quote = Block("excerpt", excerpt=fresh.excerpt(language="hy", translation=PASTED))
    draft = StoryDraft(language="en", headline="The stove", blocks=(quote,))
    translated = fresh.check(fresh.write(fresh.manuscript(draft)))
    assert ("words-of-another", "1") in {(each.explanation, each.where) for each in translated.findings}


def test_words_of_a_statement_that_is_quoted_are_no_finding(fresh: Stage) -> None:
    other = take_another(fresh)
    quote = Block("excerpt", excerpt=fresh.excerpt("Nobody helped us on the way.", statement=other))
    story = fresh.write(fresh.manuscript(fresh.draft(*fresh.blocks(quote, Block("paragraph", PASTED)))))
    assert "words-of-another" not in {each.explanation for each in fresh.check(story).findings}


def test_five_words_or_words_of_no_weight_are_no_finding(fresh: Stage) -> None:
    take_another(fresh, OTHER + " And then it was not at all about us.")
    report = check_paragraph(fresh, "The stove across the frozen road. And then it was not at all about me.")
    assert report.findings == ()


def test_what_is_hidden_in_another_statement_is_not_what_is_compared(fresh: Stage) -> None:
    take_another(fresh, "We left everything on the table beside the dry well of the old mill.")
    report = check_paragraph(fresh, "There is a table beside the dry wall of the mill.")
    assert "words-of-another" not in {each.explanation for each in report.findings}


def test_beyond_the_newest_two_hundred_it_says_that_it_did_not_look(fresh: Stage) -> None:
    take_another(fresh)
    table = cases.statements
    with fresh.cast.acting("ruben") as uow:
        newest = uow.tx.first(sa.select(table).order_by(table.c.arrival.desc()))
        assert newest is not None
        for number in range(1, 201):
            later = {"id": new_id(), "arrival": newest.arrival + number, "withdrawal_tag": None}
            uow.tx.insert(table, **{**newest._mapping, **later})
    report = check_paragraph(fresh, PASTED)
    assert told_of(report.findings) == {("warn", "others-not-compared")}
    assert report.passed
    with fresh.cast.app.test_request_context():
        assert "newest 200" in finding_help(report.findings[0])


def test_a_statement_that_cannot_be_opened_is_left_out_and_told(fresh: Stage) -> None:
    other = take_another(fresh)
    with fresh.cast.acting("ruben") as uow:
        of_it = (versions.c.record == other, versions.c.field == "statements.redacted")
        uow.tx.stage(sa.update(versions).where(*of_it).values(envelope=b"something else"))
    report = check_paragraph(fresh, PASTED)
    assert told_of(report.findings) == {("warn", "others-not-compared")}


# How to reach somebody


@pytest.mark.parametrize(
    ("text", "stops"),
    [
        ("Call 077 900 222 in the morning.", True),
        ("Write to tarnel@post.example soon.", True),
        ("It went by Lantern, after dark.", False),
        ("She was born in 1969.", False),
    ],
)
def test_a_number_or_an_address_to_ask_again_by_is_found(fresh: Stage, text: str, stops: bool) -> None:
    channel = "Lantern, +374 77 900 222 or tarnel@post.example"
    identity = {**IDENTITY, "recontact_channel": channel, "born": "1969"}
    source = fresh.take_statement(account=OTHER, code_name="Thistle", identity=identity)
    fresh.redact(source, account=OTHER)
    quote = Block("excerpt", excerpt=fresh.excerpt("Nobody helped us on the way.", statement=source))
    story = fresh.write(fresh.manuscript(fresh.draft(*fresh.blocks(quote, Block("paragraph", text)))))
    assert fresh.check(story).passed
    assert any(finding.blocks for finding in fresh.check_identity(story)) is stops
