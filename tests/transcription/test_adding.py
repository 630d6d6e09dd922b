"""What is added to a sealed statement stands beside it: by its author, who cannot read it, or by a reader of its case."""

import re
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.audit.acts import Act
from app.domain.addendum import Source
from app.domain.ids import new_id
from app.domain.lifecycle import StatementState
from app.store.records import tips, versions
from app.vault.fields import ADDENDUM
from tests.cast import Browser, Cast
from tests.transcription.scenes import Sent, logged, put, send, take_over, words_of

ADDED = "It was the second bridge, not the first."


@pytest.fixture
def sent(cast: Cast) -> Sent:
    return send(cast)


def form(
    words: str = ADDED, source: Source = Source.WITNESS, identifier: UUID | None = None
) -> dict[str, str]:
    return {"id": str(identifier or new_id()), "source": source.value, "words": words}


def by_author(cast: Cast, sent: Sent, **changes: str) -> Browser:
    anahit = cast.client("anahit")
    path = f"/notebook/receipts/{sent.statement}/addendum"
    answer = anahit.post(path, form() | changes, token_from=path)
    assert answer.status_code == 303, answer.text
    return anahit


def by_reader(cast: Cast, sent: Sent, name: str = "lilit", **changes: str) -> int:
    return cast.client(name).post(sent.path("/addenda"), form() | changes).status_code


def test_its_author_adds_and_cannot_read_it_back(cast: Cast, sent: Sent) -> None:
    anahit = by_author(cast, sent)
    receipt = anahit.get(f"/notebook/receipts/{sent.statement}").text
    assert ADDED not in receipt
    assert ADDED not in anahit.get("/notebook").text
    page = words_of(cast.client("lilit").get(sent.path()))
    assert ADDED in page
    assert re.search("The witness, later.*Anahit Veluni", page)
    assert logged(cast, Act.ADDENDUM_SEALED, sent.statement) == 1


def test_readers_add_in_turn_and_the_statement_itself_stays(cast: Cast, sent: Sent) -> None:
    take_over(cast)
    before = words_of(cast.client("selma").get(sent.path()))
    assert "Nothing. A statement is never changed" in before
    assert by_reader(cast, sent, words="He said three.", source="author") == 303
    by_author(cast, sent)
    assert by_reader(cast, sent, "ruben", words="A map shows two bridges.", source="other") == 303
    page = words_of(cast.client("selma").get(sent.path()))
    places = [page.index(words) for words in ("He said three.", ADDED, "A map shows two bridges.")]
    assert places == sorted(places)


def test_what_was_sent_twice_is_told_once(cast: Cast, sent: Sent) -> None:
    once = str(new_id())
    by_author(cast, sent, id=once)
    by_author(cast, sent, id=once)
    assert words_of(cast.client("lilit").get(sent.path())).count(ADDED) == 1


@pytest.mark.parametrize(
    "wrong", [{"words": ""}, {"words": "x" * 20_001}, {"source": "nobody"}, {"id": "7"}, {"words": "a\x07b"}]
)
def test_what_does_not_fit_comes_back_with_its_words(cast: Cast, sent: Sent, wrong: dict[str, str]) -> None:
    for name, path in (
        ("anahit", f"/notebook/receipts/{sent.statement}/addendum"),
        ("lilit", sent.path("/addenda")),
    ):
        browser = cast.client(name)
        answer = browser.post(path, form() | wrong)
        assert answer.status_code == 422
        assert wrong.get("words", ADDED)[:9].strip("\x07") in answer.text
    assert logged(cast, Act.ADDENDUM_SEALED, sent.statement) == 0


@pytest.mark.parametrize("name", ["davit", "stranger", "helga", "nobody"])
def test_nobody_else_adds(cast: Cast, sent: Sent, name: str) -> None:
    browser = cast.client(name)
    for path in (f"/notebook/receipts/{sent.statement}/addendum", sent.path("/addenda")):
        assert browser.post(path, form()).status_code in {403, 404}
        assert browser.get(f"/notebook/receipts/{sent.statement}/addendum").status_code in {403, 404}


def test_its_author_has_a_page_of_their_own_and_readers_have_theirs(cast: Cast, sent: Sent) -> None:
    assert cast.client("anahit").post(sent.path("/addenda"), form()).status_code in {403, 404}
    assert (
        cast.client("lilit").post(f"/notebook/receipts/{sent.statement}/addendum", form()).status_code == 403
    )


@pytest.mark.parametrize("state", [StatementState.WITHDRAWN, StatementState.DESTROYED])
def test_nothing_is_added_to_what_was_taken_back(cast: Cast, sent: Sent, state: StatementState) -> None:
    put(cast, sent, state)
    assert by_reader(cast, sent) == 403
    anahit = cast.client("anahit")
    assert anahit.post(f"/notebook/receipts/{sent.statement}/addendum", form()).status_code == 403


def test_an_addendum_that_was_altered_is_told_and_hides_nothing_else(cast: Cast, sent: Sent) -> None:
    by_author(cast, sent)
    by_author(cast, sent, words="And it rained.")
    table = versions
    first = (table.c.record == sent.statement, table.c.field == ADDENDUM.path, table.c.version == 1)
    with cast.services.database.writing() as connection:
        connection.execute(sa.update(table).where(*first).values(envelope=b"garbage"))
    page = words_of(cast.client("lilit").get(sent.path()))
    assert "Something that was added does not open." in page
    assert "And it rained." in page


def test_an_addendum_that_was_taken_away_is_noticed(cast: Cast, sent: Sent) -> None:
    """Whoever writes the database drops the newest and winds the tip back."""
    by_author(cast, sent)
    table = tips
    with cast.services.database.writing() as connection:
        connection.execute(
            sa.delete(table).where(table.c.record == sent.statement, table.c.field == ADDENDUM.path)
        )
    assert "Something that was added does not open." in words_of(cast.client("lilit").get(sent.path()))
