"""The one blueprint of a statement's pages, on which several modules put their routes."""

from flask import Blueprint

bp = Blueprint("transcription", __name__, template_folder="templates")
