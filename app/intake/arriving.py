"""Reading the body of a form by hand: its capsule first; then, once it is known whose form it is, the rest."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from flask import request

from app.domain.capacity import (
    KIB,
    MAX_FIELD_NAME_BYTES,
    MAX_FIELDS_PER_PART,
    MAX_FILE_NAME_CHARACTERS,
    MAX_FILES_PER_FORM,
    MIB,
)
from app.domain.errors import Forbidden, InvalidInput, TooLarge
from app.intake import actions
from app.intake.actions import Ticket
from app.web import session
from app.web.access import services
from app.web.uploads import FilePart, FileSink, Form, FormReader, Limits

CAPSULE: Final = "capsule"
SPARE_TEXT_BYTES: Final = 2 * MIB
"""How much text is read at most, so that what is too long can come back to whoever wrote it."""
SPARE_FILES: Final = 20
SPARE_BYTES: Final = 64 * MIB
"""How much of what cannot be kept is still read and dropped, so that the browser gets to see the answer."""
STRANGE_BYTES: Final = 2 * MIB
"""The same for a form that is not ours."""
ALIVE_SECONDS: Final = 60

T = TypeVar("T")


@dataclass(frozen=True)
class Arriving:
    """A form of which the capsule has been read, and nothing else yet."""

    ticket: Ticket
    reader: FormReader

    def drop(self) -> None:
        """Read what is left, and keep nothing of it."""
        self.reader.drain(SPARE_BYTES)

    def read(self, open_file: Callable[[FilePart], FileSink[T]], discard: Callable[[T], None]) -> Form[T]:
        """The words, and what became of each file. Raises TooLarge before the rest is read where it cannot fit."""
        most = SPARE_TEXT_BYTES + MAX_FILES_PER_FORM * services().config.max_file_bytes + SPARE_BYTES
        if (request.content_length or 0) > most:
            raise TooLarge("files", most)
        return self.reader.read_rest(open_file, discard)


def arriving() -> Arriving:
    """Reads the capsule; raises Forbidden, with nothing of the form kept, if it is not one of ours."""
    request.max_content_length = None
    try:
        reader = FormReader(request.stream, request.content_type or "", request.content_length, _limits())
        token = reader.read_first(CAPSULE)
    except (InvalidInput, TooLarge) as strange:
        raise Forbidden("capsule-forged") from strange
    try:
        return Arriving(actions.read_ticket(services().installation, token, services().clock()), reader)
    except Forbidden:
        reader.drain(STRANGE_BYTES)
        raise


def _limits() -> Limits:
    """Wider than what is taken: what is a little too much is read, so that its form can be shown again."""
    return Limits(
        text_bytes=SPARE_TEXT_BYTES,
        fields=MAX_FIELDS_PER_PART,
        files=MAX_FILES_PER_FORM + SPARE_FILES,
        file_bytes=services().config.max_file_bytes + SPARE_BYTES,
        field_name_bytes=MAX_FIELD_NAME_BYTES,
        file_name_characters=MAX_FILE_NAME_CHARACTERS,
        header_bytes=8 * KIB,
    )


@dataclass
class SignsOfLife:
    """An upload that goes on counts as being here, or its sender would be signed out while it arrives."""

    last: float = field(default_factory=time.monotonic)

    def note(self) -> bool:
        """False where the session has ended meanwhile."""
        if time.monotonic() - self.last <= ALIVE_SECONDS:
            return True
        self.last = time.monotonic()
        return session.resume(services()) is not None
