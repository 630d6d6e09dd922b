"""For acts that must not be lost to somebody who saves at that very moment: each try reads everything anew."""

from collections.abc import Callable
from typing import Final

from app.domain.errors import Conflict
from app.unit_of_work import UnitOfWork
from app.web.access import live_session, services

TRIES: Final = 4


def until_done(work: Callable[[UnitOfWork], None]) -> None:
    """Run `work` in a unit of work of its own and commit it; durable on return.

    Raises:
        Conflict: every try was overtaken. Whatever else `work` raises ends it at once, with nothing staged.
    """
    for left in reversed(range(TRIES)):
        uow = services().unit_of_work(live_session())
        try:
            work(uow)
            uow.commit()
        except Conflict:
            if not left:
                raise
        else:
            return
        finally:
            uow.end()
