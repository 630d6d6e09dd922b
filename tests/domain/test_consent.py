"""Consent reaches exactly as far as it was given; a refusal names the scope that is missing."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.consent import (
    Answer,
    Consent,
    ConsentState,
    Embargo,
    Extent,
    Given,
    Likeness,
    Manner,
    Naming,
    PlacePrecision,
    Publication,
    Publishing,
    Recording,
    Scope,
    Sharing,
    covers,
    covers_purpose,
    missing_scopes,
    newest,
)
from app.domain.errors import InvalidInput, MissingScope
from app.domain.record import canonical_json

TODAY = date(2031, 5, 9)
WIDE = Publishing(
    allowed=True,
    extent=Extent.FULL,
    naming=Naming.NAMED,
    place=PlacePrecision.TOWN,
    voice=Likeness.AS_IS,
    face=Likeness.ALTERED,
    languages=("hy", "en"),
)
CONSENT = Consent(take_part=True, given_on=date(2031, 5, 1), publishing=WIDE)
USE = Publication(
    Naming.PSEUDONYM,
    Extent.EXTRACT,
    PlacePrecision.REGION,
    Likeness.ALTERED,
    Likeness.NOT_AT_ALL,
    frozenset({"en"}),
)


def test_a_use_within_every_scope_passes():
    covers(CONSENT, USE, TODAY)


def test_any_language_passes_where_none_was_named():
    covers(
        replace(CONSENT, publishing=replace(WIDE, languages=())),
        replace(USE, languages=frozenset({"az"})),
        TODAY,
    )


@pytest.mark.parametrize(
    ("scope", "consent", "use"),
    [
        (Scope.IN_FORCE, {"state": ConsentState.WITHDRAWN}, {}),
        (Scope.IN_FORCE, {"state": ConsentState.HELD}, {}),
        (Scope.TAKE_PART, {"take_part": False}, {}),
        (Scope.STORE, {"store": False}, {}),
        (Scope.STORE, {"store_until": date(2031, 5, 8)}, {}),
        (Scope.PUBLISH, {"publishing": replace(WIDE, allowed=False)}, {}),
        (Scope.PUBLISH_FULL, {"publishing": replace(WIDE, extent=Extent.EXTRACT)}, {"extent": Extent.FULL}),
        (Scope.PUBLISH_PSEUDONYM, {"publishing": replace(WIDE, naming=Naming.ANONYMOUS)}, {}),
        (
            Scope.PUBLISH_NAMED,
            {"publishing": replace(WIDE, naming=Naming.PSEUDONYM)},
            {"naming": Naming.NAMED},
        ),
        (Scope.PUBLISH_PLACE, {}, {"place": PlacePrecision.EXACT}),
        (Scope.PUBLISH_VOICE, {"publishing": replace(WIDE, voice=Likeness.NOT_AT_ALL)}, {}),
        (Scope.PUBLISH_FACE, {}, {"face": Likeness.AS_IS}),
        (Scope.PUBLISH_LANGUAGE, {}, {"languages": frozenset({"en", "ru"})}),
        (Scope.EMBARGO, {"embargo": Embargo(until=date(2031, 5, 10))}, {}),
        (Scope.EMBARGO, {"embargo": Embargo(event="she has left")}, {}),
    ],
)
def test_a_refusal_names_the_missing_scope(scope, consent, use):
    short, wide = replace(CONSENT, **consent), replace(USE, **use)
    with pytest.raises(MissingScope) as refused:
        covers(short, wide, TODAY)
    assert refused.value.scope == scope
    assert missing_scopes(short, wide, TODAY) == (scope,)


@pytest.mark.parametrize(
    "embargo",
    [Embargo(until=TODAY), Embargo(event="she has left", event_over=True), Embargo()],
)
def test_an_embargo_ends_on_its_day_or_when_somebody_says_so(embargo):
    covers(replace(CONSENT, embargo=embargo), USE, TODAY)


def test_storage_lasts_through_its_last_day():
    covers(replace(CONSENT, store_until=TODAY), USE, TODAY)


def test_nothing_is_agreed_to_by_default():
    silent = Consent(take_part=True, given_on=TODAY)
    assert Scope.PUBLISH in missing_scopes(silent, USE, TODAY)
    for purpose in (Scope.RECORD_AUDIO, Scope.SHARE_MEDIA, Scope.CONTACT_AGAIN, Scope.ANALYSE):
        with pytest.raises(MissingScope):
            covers_purpose(silent, purpose, TODAY)


def test_a_purpose_passes_only_with_a_plain_yes():
    sharing = Sharing(media=Answer.YES, organisation=Answer.ASK_AGAIN)
    consent = replace(CONSENT, sharing=sharing, recording=Recording(audio=True))
    covers_purpose(consent, Scope.SHARE_MEDIA, TODAY)
    covers_purpose(consent, Scope.RECORD_AUDIO, TODAY)
    with pytest.raises(MissingScope) as refused:
        covers_purpose(consent, Scope.SHARE_ORGANISATION, TODAY)
    assert refused.value.scope == Scope.SHARE_ORGANISATION


def test_the_newest_version_holds():
    withdrawn = replace(CONSENT, state=ConsentState.WITHDRAWN)
    assert newest([CONSENT, withdrawn]) is withdrawn
    with pytest.raises(InvalidInput):
        newest([])


CONSENTS = st.builds(
    Consent,
    take_part=st.booleans(),
    given_on=st.dates(),
    store_until=st.none() | st.dates(),
    recording=st.builds(Recording, audio=st.booleans()),
    sharing=st.builds(Sharing, media=st.sampled_from(Answer), recipients=st.lists(st.text()).map(tuple)),
    publishing=st.builds(Publishing, allowed=st.booleans(), naming=st.sampled_from(Naming)),
    embargo=st.builds(Embargo, until=st.none() | st.dates(), event=st.text()),
    given=st.builds(Given, manner=st.sampled_from(Manner), child_assents=st.none() | st.booleans()),
    state=st.sampled_from(ConsentState),
)


@given(CONSENTS)
def test_a_consent_survives_being_written_down(consent):
    assert Consent.from_dict(consent.to_dict()) == consent
    assert canonical_json(consent.to_dict()) == canonical_json(Consent.from_dict(consent.to_dict()).to_dict())


@given(CONSENTS, st.sampled_from([ConsentState.WITHDRAWN, ConsentState.HELD]))
def test_nothing_is_covered_once_withdrawn_or_held(consent, state):
    with pytest.raises(MissingScope):
        covers(replace(consent, state=state), USE, TODAY)
