"""What one feature asks of another by way of the factory, so that features need not know each other."""

from collections.abc import Callable
from uuid import UUID

from flask import Flask, current_app

from app.unit_of_work import UnitOfWork

TakeDown = Callable[[UnitOfWork, UUID], None]
"""Takes down whatever is public of a statement, as soon as the unit of work has landed."""

_TAKE_DOWN = "vouchsafe.take-down"


def offer_take_down(app: Flask, take_down: TakeDown) -> None:
    app.extensions[_TAKE_DOWN] = take_down


def take_down(uow: UnitOfWork, statement: UUID) -> None:
    current_app.extensions[_TAKE_DOWN](uow, statement)
