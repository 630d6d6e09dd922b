"""What a sender says of a file, in JSON or in headers: read strictly where it is a number, made plain where it is words."""

from collections.abc import Mapping
from typing import Any, Final

from flask import request

from app.domain.capacity import MAX_LINE_CHARACTERS
from app.domain.errors import InvalidInput
from app.domain.text import clean_line
from app.media.sniffing import KNOWN_TYPES, UNKNOWN_TYPE
from app.web.uploads import bare_name

SAID: Final = ("name", "type", "title", "credit", "warning")
WARNINGS: Final = frozenset({"", "graphic"})
LAST_CHARACTERS: Final = 20


def json_body() -> dict[str, Any]:
    """Raises InvalidInput for a body that is no object."""
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise InvalidInput({"body": "not-an-object"})
    return sent


def octets(sent: Mapping[str, Any], name: str) -> bytes | None:
    """Hexadecimal digits of a JSON body. Raises InvalidInput."""
    value = sent.get(name)
    if value is None:
        return None
    try:
        return bytes.fromhex(value)
    except (TypeError, ValueError) as error:
        raise InvalidInput({name: "not-hexadecimal"}) from error


def said_of(sent: Any) -> dict[str, str]:
    """What a sender says of a file, made plain: all of it has come, so that no strange name may refuse it.

    Raises InvalidInput for what is no text at all.
    """
    if not isinstance(sent, dict) or not all(isinstance(value, str) for value in sent.values()):
        raise InvalidInput({"said": "wrong-type"})
    said = {name: _line(sent[name]) for name in SAID if name in sent}
    if "name" in said:
        said["name"] = bare_name(said["name"])
    if said.get("type", "") not in KNOWN_TYPES:
        said["type"] = UNKNOWN_TYPE
    if said.get("warning", "") not in WARNINGS:
        said["warning"] = ""
    return said


def _line(text: str) -> str:
    """Of one line, shortened in the middle: the end of a name tells its kind."""
    shown = "".join(sign if sign.isprintable() else " " for sign in text)
    plain = clean_line(shown.encode("utf-8", "replace").decode(), "said", len(shown) + 1).strip()
    if len(plain) <= MAX_LINE_CHARACTERS:
        return plain
    return f"{plain[: MAX_LINE_CHARACTERS - LAST_CHARACTERS - 1]}…{plain[-LAST_CHARACTERS:]}"
