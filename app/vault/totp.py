"""Six digits of a second factor (RFC 6238), accepted a little early or late."""

import base64
import secrets
from typing import Final

import pyotp

from app.domain.errors import NotSignedIn

PERIOD: Final = 30
"""Seconds of one code."""
DRIFT: Final = 1
"""Steps that a clock may be off, either way."""


def accepted_step(seed: bytes, code: str, now: int) -> int:
    """The time step that a code belongs to.

    Raises:
        NotSignedIn: it belongs to none that is near.
    """
    totp = pyotp.TOTP(base64.b32encode(seed).decode("ascii"), interval=PERIOD)
    digits = "".join(code.split())
    for step in range(now // PERIOD - DRIFT, now // PERIOD + DRIFT + 1):
        if secrets.compare_digest(totp.generate_otp(step).encode(), digits.encode()):
            return step
    raise NotSignedIn


def spelled(seed: bytes) -> str:
    """The seed as people type it into their device: base32 in groups of four."""
    text = base64.b32encode(seed).decode("ascii")
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def provisioning_uri(seed: bytes, name: str) -> str:
    """What the device reads from a QR code."""
    text = base64.b32encode(seed).decode("ascii")
    return pyotp.TOTP(text, interval=PERIOD).provisioning_uri(name=name, issuer_name="Notebook")
