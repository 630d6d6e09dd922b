"""Ids tell nothing; errors carry codes and facts, never contents."""

from uuid import UUID

from app.domain.errors import (
    Conflict,
    CryptoError,
    Forbidden,
    Frozen,
    InvalidInput,
    InvalidTransition,
    MissingScope,
    NotFound,
    Tampered,
    TooLarge,
    TooManyAttempts,
    Unavailable,
    UnreadableWords,
    VouchsafeError,
)
from app.domain.ids import NIL, new_id, new_session_tag

RECORD = UUID("00112233445566778899aabbccddeeff")


def test_new_ids_are_random_in_every_bit():
    ids = [new_id().int for _ in range(200)]
    assert len(set(ids)) == 200
    for bit in range(128):
        assert 0 < sum(value >> bit & 1 for value in ids) < 200
    assert len(new_session_tag()) == 8


def test_every_error_belongs_to_the_one_family_and_has_its_own_code():
    def below(family):
        return {family}.union(*(below(kind) for kind in family.__subclasses__()))

    codes = [kind.code for kind in below(VouchsafeError)]
    assert len(codes) == len(set(codes))


def test_a_refusal_tells_its_reasons():
    assert Forbidden("lacks-duty", "wrong-state").reasons == ("lacks-duty", "wrong-state")
    refusal = MissingScope("publish-voice")
    assert (refusal.scope, refusal.reasons) == ("publish-voice", ("consent:publish-voice",))


def test_a_conflict_says_what_is_kept():
    conflict = Conflict("older-revision", kept=RECORD, newest=7)
    assert (conflict.reason, conflict.kept, conflict.newest) == ("older-revision", RECORD, 7)
    transition = InvalidTransition("approved", "accept")
    assert (transition.state, transition.act, transition.kept) == ("approved", "accept", NIL)


def test_tampering_names_the_record_and_the_fault():
    assert str(Tampered("tip", table="statements", record=RECORD, field="account")) == (
        f"statements.account of {RECORD}: tip"
    )
    assert str(Tampered("chain", table="log", record=RECORD)) == f"log {RECORD}: chain"


def test_errors_carry_the_facts_that_a_page_needs():
    assert InvalidInput({"name": "empty", "age": "not-a-number"}).problems == {
        "name": "empty",
        "age": "not-a-number",
    }
    assert (TooLarge("text", 500).what, TooLarge("text", 500).limit) == ("text", 500)
    assert TooManyAttempts(30).retry_after == 30
    assert (Frozen("fork", RECORD).reason, Frozen("fork", RECORD).case) == ("fork", RECORD)
    assert Unavailable("disk").what == "disk"
    assert CryptoError("tag").fault == "tag"
    assert UnreadableWords("checksum", 3).position == 3
    assert str(NotFound()) == ""
