"""Turns a manuscript into the snapshot that is rendered: speakers become voices, excerpts what they say."""

import re
from dataclasses import replace
from datetime import date
from typing import Final

from app.domain.consent import Naming
from app.domain.story import Block as DraftBlock
from app.domain.story import StoryDraft
from app.release.manuscript import Manuscript
from app.release.site.snapshot import Block, Credit, Note, StorySnapshot, StoryText, Voice
from app.release.site.strings import STRINGS

_COMMA: Final = re.compile(r"\s*[,،]\s*")


def snapshot_of(manuscript: Manuscript, public_id: str, published_on: date) -> StorySnapshot:
    """What would be published.

    Raises InvalidInput: path of the field -> code, for everything that a page cannot be made of.
    """
    return StorySnapshot(
        public_id=public_id,
        published_on=published_on,
        texts=tuple(_text(draft, manuscript) for draft in manuscript.versions),
        month=manuscript.month,
        drawing=manuscript.drawing,
    )


def voice_of(speaker: str, language: str, naming: Naming = Naming.ANONYMOUS) -> Voice:
    """`Olga, a resident, name changed` as a voice; the last words count where they are the language's own."""
    name, *about = [part for part in _COMMA.split(speaker.strip()) if part] or [""]
    changed = STRINGS[language].name_changed.casefold() if language in STRINGS else ""
    says_so = bool(about) and about[-1].casefold() == changed
    told = about[:-1] if says_so else about
    separator = "، " if language == "ar" else ", "
    return Voice(name, separator.join(told), name_changed=says_so or naming is Naming.PSEUDONYM)


def quoted_words(block: DraftBlock, language: str) -> str:
    """What a reader of that language reads of a block."""
    if block.excerpt is None:
        return block.text
    return block.excerpt.text if block.excerpt.language == language else block.excerpt.translation


def _text(draft: StoryDraft, manuscript: Manuscript) -> StoryText:
    voices = _voices(draft, manuscript)
    return StoryText(
        language=draft.language,
        headline=draft.headline,
        told_by=tuple(voices.values()),
        body=tuple(_block(block, draft.language) for block in draft.blocks),
        kicker=draft.kicker,
        standfirst=draft.standfirst,
        pull_quote=draft.pull_quote,
        pull_quote_speaker=voice_of(draft.pull_speaker, draft.language).name if draft.pull_quote else "",
        place=draft.place,
        content_note=draft.content_note,
        themes=draft.themes,
        protections=tuple(Note("", text) for text in draft.protections),
        credits=tuple(Credit(text) for text in draft.credits),
    )


def _voices(draft: StoryDraft, manuscript: Manuscript) -> dict[str, Voice]:
    """In the order in which they first speak; one who speaks under two descriptions keeps the first."""
    voices: dict[str, Voice] = {}
    for excerpt in draft.excerpts:
        voice = voice_of(excerpt.speaker, draft.language, manuscript.naming_of(excerpt.statement))
        known = voices.setdefault(voice.name, voice)
        if voice.name_changed and not known.name_changed:
            voices[voice.name] = replace(known, name_changed=True)
    return voices


def _block(block: DraftBlock, language: str) -> Block:
    if block.excerpt is None:
        return Block("heading" if block.kind == "heading" else "paragraph", block.text)
    return Block("turn", quoted_words(block, language), voice_of(block.excerpt.speaker, language).name)
