"""Static files are the one route that asks nobody: they hold no data and open no database."""

from flask import Flask

from app.policy.permissions import Permission
from app.web.access import REQUIREMENT, Requirement


def register(app: Flask) -> None:
    setattr(app.view_functions["static"], REQUIREMENT, Requirement(Permission.PUBLIC))
