"""The leak gate: reads the exact bytes of a bundle and says what must not leave, without repeating it."""

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self
from urllib.parse import unquote
from uuid import UUID

from app.detection.html_text import Element, Page, Piece, read_json, read_page
from app.detection.matcher import Certainty, Hit, Kind, Matcher, Needle, Text
from app.detection.normalise import fold
from app.detection.runs import Run, Runs, spaced


class Severity(StrEnum):
    BLOCK = "block"
    WARN = "warn"


class Rule(StrEnum):
    """Numbered as in the design's list of what the gate looks for."""

    PROTECTED_NAME = "T1"
    REDACTED_TEXT = "T2"
    LEFT_OVER = "T8"
    THIRD_PARTY = "S1"
    INTERNAL = "S2"
    MANIFEST = "S3"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """`path` is a number in the sorted bundle (`#3`) where the path tells; `needle`: id of what was found.

    `explanation` is a code for which `app.web` has the sentence.
    """

    rule: Rule
    severity: Severity
    path: str
    where: str
    explanation: str
    needle: str = ""


@dataclass(frozen=True, slots=True)
class InternalNeedles:
    """What only we know a thing by; none of it belongs outside."""

    ids: Sequence[Needle] = ()
    file_names: Sequence[Needle] = ()
    staff_names: Sequence[Needle] = ()
    case_codes: Sequence[Needle] = ()

    @classmethod
    def of(
        cls,
        ids: Iterable[UUID] = (),
        file_names: Iterable[str] = (),
        staff_names: Iterable[str] = (),
        case_codes: Iterable[str] = (),
    ) -> Self:
        """Numbered needles; an id is found with and without its dashes, a code whatever separates it."""
        return cls(
            _numbered("id", Kind.NUMBER, (value.hex for value in ids)),
            _numbered("file", Kind.PHRASE, file_names),
            _numbered("staff", Kind.NAME, staff_names),
            _numbered("case", Kind.NAME, case_codes),
        )


def _numbered(what: str, kind: Kind, texts: Iterable[str]) -> tuple[Needle, ...]:
    return tuple(Needle(kind, text, f"{what}-{number}") for number, text in enumerate(texts, 1))


@dataclass(frozen=True, slots=True)
class _Search:
    rule: Rule
    explanation: str
    needles: Sequence[Needle]
    matcher: Matcher


def _search(
    rule: Rule, explanation: str, needles: Sequence[Needle], *, across_scripts: bool = False
) -> _Search:
    return _Search(rule, explanation, needles, Matcher(needles, across_scripts=across_scripts))


@dataclass(frozen=True, slots=True)
class _Secrets:
    """`told`: what the public may read of the same texts; it is no leak where it says again what is hidden."""

    searches: Sequence[_Search]
    hidden: Runs
    told: Sequence[str]


@dataclass(frozen=True, slots=True)
class _File:
    path: str
    label: str
    content: bytes
    page: Page


_PAGES = (".html", ".htm", ".xhtml", ".svg", ".xml", ".atom", ".rss")
_DATA = (".json", ".jsonld", ".webmanifest")

_LEFT_OVERS = (
    re.compile(r"\[\s*(uncertain|unclear|inaudible|crosstalk|note|todo|comment)\b[^\]\n]*\]?", re.IGNORECASE),
    re.compile(r"\{\{|\{%"),
)
_UNRENDERED = re.compile(r"\[\[\s*withheld:")
_FINE_TIMES = re.compile(
    r"\d{4}-\d\d-\d\d[T ](?!00:00(?::00(?:\.0+)?)?(?:Z|[+-]00:00)?(?![\d:.]))\d\d:\d\d"
    r"|\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d"
    r"|\d{4}:\d\d:\d\d \d\d:\d\d:\d\d"
)
_STORAGE = re.compile(
    r"document\s*\.\s*cookie|cookieStore|set-cookie|localStorage|sessionStorage|indexedDB|serviceWorker"
    r"|caches\s*\.\s*open",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(?:\b(?:https?|wss?|ftp):)?//[a-z0-9\[][^\s\"'<>)\\]*", re.IGNORECASE)
_SCHEMES_THAT_RUN = re.compile(r"\s*(javascript|vbscript|data:text/html|blob)\b", re.IGNORECASE)
_NAMES_NOT_ADDRESSES = (
    "http://www.w3.org/",
    "https://schema.org",
    "http://schema.org",
    "https://jsonfeed.org/version/",
    "http://purl.org/",
)
"""Namespaces: written like addresses, fetched by nobody."""
_ADDRESS_ATTRIBUTES = frozenset(
    {
        "src",
        "href",
        "xlink:href",
        "srcset",
        "imagesrcset",
        "poster",
        "action",
        "formaction",
        "data",
        "background",
    }
    | {"ping", "cite", "manifest", "archive", "longdesc", "style", "content", "icon", "url"}
)
_FEWEST_BYTES = 5
_FEWEST_WORDS = 3
_FEWEST_CHARACTERS = 12
"""In a row, of a hidden passage; fewer are said by chance."""
_WORDS_THAT_TELL = 4
_TELLING_WORDS = 2
_BY_SOUND = frozenset({Certainty.TRANSLITERATED, Certainty.SOUNDS_LIKE})
_DOUBTFUL = frozenset({Certainty.INSIDE, Certainty.SOUNDS_LIKE})
_SEAM = "\n|||||\n"
_FRAMES = frozenset({"iframe", "frame", "object", "embed", "applet", "base"})


def check_bundle(
    files: Mapping[str, bytes],
    aliases: Sequence[Needle],
    redacted_texts: Sequence[Needle],
    forbidden: InternalNeedles,
    manifest: Mapping[str, str],
    *,
    origins: frozenset[str] = frozenset(),
    told: Sequence[str] = (),
) -> list[Finding]:
    """Every finding, sorted, each once. `manifest`: path -> SHA-256 in hex; `origins`: our own addresses;
    `told`: the redacted texts that `redacted_texts` were hidden in.

    A bundle may leave only if none of the findings blocks. Media are searched for bare words in their bytes;
    what they show and sound like is other rules' work.
    """
    secrets = _Secrets(
        _searches(aliases, redacted_texts, forbidden),
        Runs(
            ((needle.id, fold(needle.text).text) for needle in redacted_texts),
            _FEWEST_WORDS,
            _FEWEST_CHARACTERS,
        ),
        [spaced(fold(text).text) for text in told],
    )
    findings: set[Finding] = set()
    for number, path in enumerate(sorted({*files, *manifest}), 1):
        in_path = set(_known_words(secrets, Piece("path", unquote(path)), f"#{number}"))
        label = f"#{number}" if in_path else path
        findings |= in_path | set(_manifest(path, label, files.get(path), manifest))
        if path in files:
            findings |= set(_check_file(_read(path, label, files[path]), secrets, origins))
    return sorted(_surest(findings))


def _surest(findings: Collection[Finding]) -> Iterator[Finding]:
    """Without a doubt about what is certain of the same thing in the same place."""
    certain = {finding for finding in findings if finding.severity is Severity.BLOCK}
    return (
        each for each in findings if each in certain or replace(each, severity=Severity.BLOCK) not in certain
    )


def _searches(
    aliases: Sequence[Needle], redacted_texts: Sequence[Needle], forbidden: InternalNeedles
) -> tuple[_Search, ...]:
    return (
        _search(Rule.PROTECTED_NAME, "protected-name", aliases, across_scripts=True),
        _search(Rule.REDACTED_TEXT, "redacted-text", redacted_texts),
        _search(Rule.LEFT_OVER, "internal-id", forbidden.ids),
        _search(Rule.LEFT_OVER, "case-code", forbidden.case_codes),
        _search(Rule.INTERNAL, "original-file-name", forbidden.file_names),
        _search(Rule.INTERNAL, "staff-name", forbidden.staff_names, across_scripts=True),
    )


def blocks(findings: Iterable[Finding]) -> bool:
    """Whether anything stands in the way of the release."""
    return any(finding.severity is Severity.BLOCK for finding in findings)


def _manifest(path: str, label: str, content: bytes | None, manifest: Mapping[str, str]) -> Iterator[Finding]:
    if content is None:
        yield Finding(Rule.MANIFEST, Severity.BLOCK, label, "bundle", "missing-file")
    elif path not in manifest:
        yield Finding(Rule.MANIFEST, Severity.BLOCK, label, "bundle", "not-in-manifest")
    elif hashlib.sha256(content).hexdigest() != manifest[path]:
        yield Finding(Rule.MANIFEST, Severity.BLOCK, label, "bundle", "other-digest")


def _read(path: str, label: str, content: bytes) -> _File:
    """The raw text is read beside the parsed one: what a parser drops is still in the file."""
    text = content.decode(errors="replace")
    raw = [] if _is_binary(content) else [Piece("source", text)]
    page = Page(raw)
    if raw and path.lower().endswith(_PAGES):
        page = read_page(text)
        page.pieces += raw
    elif raw and path.lower().endswith(_DATA):
        page.pieces += read_json(text)
    return _File(path, label, content, Page(_merged(page.pieces), page.elements))


def _merged(pieces: Iterable[Piece]) -> list[Piece]:
    """One piece per place; each text once, with a seam between two that no name reaches across."""
    texts: dict[str, dict[str, None]] = {}
    for piece in pieces:
        texts.setdefault(piece.where, {})[piece.text] = None
    return [Piece(where, _SEAM.join(distinct)) for where, distinct in texts.items()]


def _is_binary(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return True
    return b"\0" in content


def _check_file(file: _File, secrets: _Secrets, origins: frozenset[str]) -> Iterator[Finding]:
    for piece in file.page.pieces:
        yield from _known_words(secrets, piece, file.label)
        yield from _left_overs(piece, file)
        yield from _fine_times(piece, file.label)
        yield from _storage(piece, file.label)
    for element in file.page.elements:
        yield from _element(element, file.label, origins)
    yield from _loose_addresses(file, origins)
    if not file.page.pieces:
        yield from _bare_words(secrets.searches, file)


def _known_words(secrets: _Secrets, piece: Piece, label: str) -> Iterator[Finding]:
    text = Text(piece.text)
    whole: set[str] = set()
    for search in secrets.searches:
        for hit in search.matcher.find_in(text):
            yield _of_hit(search, hit, label, piece.where)
            if search.rule is Rule.REDACTED_TEXT:
                whole.add(hit.needle.id)
    for run in secrets.hidden.find(text.folded, secrets.told):
        if run.source not in whole:
            yield _of_run(run, label, piece.where)


def _of_hit(search: _Search, hit: Hit, label: str, where: str) -> Finding:
    explanation = f"{search.explanation}-by-sound" if hit.certainty in _BY_SOUND else search.explanation
    return Finding(search.rule, _severity(hit), label, where, explanation, hit.needle.id)


def _of_run(run: Run, label: str, where: str) -> Finding:
    """Three words, or more with but one that tells anything, are said by chance as well."""
    tells = run.words >= _WORDS_THAT_TELL and run.telling >= _TELLING_WORDS
    severity = Severity.BLOCK if tells else Severity.WARN
    return Finding(Rule.REDACTED_TEXT, severity, label, where, "redacted-words", run.source)


def _severity(hit: Hit) -> Severity:
    """An ending on a small letter, or a chance run inside a longer word, is more often another word."""
    is_perhaps_a_name = hit.certainty is Certainty.INFLECTED and hit.needle.kind is not Kind.PHRASE
    doubtful = hit.certainty in _DOUBTFUL or (is_perhaps_a_name and not hit.capitalised)
    return Severity.WARN if doubtful else Severity.BLOCK


def _bare_words(searches: Iterable[_Search], file: _File) -> Iterator[Finding]:
    for search in searches:
        for needle in search.needles:
            if any(form in file.content for form in _encodings(needle.text)):
                yield Finding(search.rule, Severity.BLOCK, file.label, "bytes", search.explanation, needle.id)


def _encodings(text: str) -> Iterator[bytes]:
    """As it is, small and large; too short a word occurs in compressed bytes by chance."""
    for form in {text, text.casefold(), text.upper()}:
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            encoded = form.encode(encoding)
            if len(encoded) >= _FEWEST_BYTES:
                yield encoded


def _left_overs(piece: Piece, file: _File) -> Iterator[Finding]:
    """A withheld marker is at home in a data file, which a page is rendered from, and nowhere else."""
    patterns = _LEFT_OVERS if file.path.lower().endswith(_DATA) else (*_LEFT_OVERS, _UNRENDERED)
    if piece.where not in {"script", "style"} and any(pattern.search(piece.text) for pattern in patterns):
        yield Finding(Rule.LEFT_OVER, Severity.BLOCK, file.label, piece.where, "working-mark")


def _fine_times(piece: Piece, label: str) -> Iterator[Finding]:
    if _FINE_TIMES.search(piece.text):
        yield Finding(Rule.INTERNAL, Severity.BLOCK, label, piece.where, "fine-time")


def _storage(piece: Piece, label: str) -> Iterator[Finding]:
    if piece.where not in {"text", "data"} and _STORAGE.search(piece.text):
        yield Finding(Rule.THIRD_PARTY, Severity.BLOCK, label, piece.where, "cookie-or-storage")


def _element(element: Element, label: str, origins: frozenset[str]) -> Iterator[Finding]:
    if explanation := _what_runs(element):
        yield Finding(Rule.THIRD_PARTY, Severity.BLOCK, label, "element", explanation)
    for name, value in element.attributes:
        if name in _ADDRESS_ATTRIBUTES and _leads_away(value, origins):
            yield Finding(Rule.THIRD_PARTY, Severity.BLOCK, label, f"attribute {name}", "third-party-address")


def _what_runs(element: Element) -> str:
    """Why a browser would run, frame or be sent on by this element; empty if it would not."""
    is_data = element.tag == "script" and "json" in element.get("type")
    if element.tag == "script" and not is_data and not element.get("src"):
        return "inline-script"
    if any(name.startswith("on") for name, _ in element.attributes):
        return "inline-handler"
    if any(
        _SCHEMES_THAT_RUN.match(value) for name, value in element.attributes if name in _ADDRESS_ATTRIBUTES
    ):
        return "address-that-runs"
    if element.tag in _FRAMES:
        return "frame"
    sends_on = element.tag == "meta" and element.get("http-equiv").lower() in {"refresh", "set-cookie"}
    return "sends-on" if sends_on else ""


def _loose_addresses(file: _File, origins: frozenset[str]) -> Iterator[Finding]:
    """Style sheets and scripts fetch what they name; in data any address is one too many."""
    is_code = file.path.lower().endswith((".css", ".js", ".mjs", *_DATA))
    for piece in file.page.pieces:
        if (is_code or piece.where in {"script", "style", "data"}) and _leads_away(piece.text, origins):
            yield Finding(Rule.THIRD_PARTY, Severity.BLOCK, file.label, piece.where, "third-party-address")


def _leads_away(text: str, origins: frozenset[str]) -> bool:
    allowed = (*_NAMES_NOT_ADDRESSES, *(f"{origin.rstrip('/')}/" for origin in origins))
    return any(not f"{found[0]}/".startswith(allowed) for found in _ADDRESS.finditer(text))
