"""Whether a browser was shown words or a second factor before that nobody took: what they were is kept nowhere."""

from typing import Final
from uuid import UUID

from flask import Response, after_this_request

from app.web import session
from app.web.access import services

WORDS: Final = "shown"
FACTOR: Final = "shown-factor"
"""What somebody replaces by itself: who looked at new words has not looked at a new second factor."""


def again(what: str, whom: UUID) -> bool:
    """Whether this page was opened here before, for an invitation or a person; from now on it was."""

    def note(response: Response) -> Response:
        session.note_shown(services(), response, what, whom)
        return response

    after_this_request(note)
    return session.was_shown(services(), what, whom)


def taken(what: str) -> None:
    """What was shown holds now: nothing of it is to be crossed out."""

    def forget(response: Response) -> Response:
        session.forget_shown(services(), response, what)
        return response

    after_this_request(forget)
