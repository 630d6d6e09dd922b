"""Whether a browser was shown words or a second factor before that nobody took: what they were is kept nowhere."""

from uuid import UUID

from flask import Response, after_this_request

from app.web import session
from app.web.access import services


def again(whom: UUID) -> bool:
    """Whether this page was opened here before, for an invitation or a person; from now on it was."""

    def note(response: Response) -> Response:
        session.note_shown(services(), response, whom)
        return response

    after_this_request(note)
    return session.was_shown(services(), whom)


def taken() -> None:
    """What was shown holds now: nothing of it is to be crossed out."""

    def forget(response: Response) -> Response:
        session.forget_shown(services(), response)
        return response

    after_this_request(forget)
