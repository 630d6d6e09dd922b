"""Coming in by hand: any name, words and code; and an installation that is no demonstration."""

import base64
import re
from dataclasses import replace
from pathlib import Path

import pyotp
from werkzeug.test import TestResponse

from app.audit.headfile import HeadFile
from app.crypto.lock import Argon2Cost
from app.domain.ids import new_id
from app.services import Services
from app.store.blobs import BlobStore
from app.vault.founding import Founder, Founding
from app.vault.sessions import SessionStore
from tests.cast import FACTOR, FOUNDERS, PEOPLE, Browser, Cast, Clock, start

SESSION = "demo-session"


def knock(browser: Browser, name: str, words: str, code: str, address: str = "127.0.0.1") -> TestResponse:
    """Send the sign-in form, from an address."""
    fields: dict[str, object] = {"name": name, "words": words, "code": code}
    return browser.post("/sign-in", fields, token_from="/sign-in", environ_overrides={"REMOTE_ADDR": address})


def code_of_step(step: int) -> str:
    """Everybody in the cast has the same second factor."""
    return str(pyotp.TOTP(base64.b32encode(FACTOR).decode()).generate_otp(step))


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/account").status_code == 200


def cookie_of(browser: Browser) -> str | None:
    cookie = browser.client.get_cookie(SESSION)
    return cookie.value if cookie else None


def without_token(page: TestResponse) -> str:
    """A page as a person sees it, so that two can be compared."""
    return re.sub(r'value="[0-9a-f]{64}"', "", page.text)


def restarted(cast: Cast) -> Cast:
    """The same installation in another process's place: nothing is carried over in memory."""
    return replace(cast, services=Services.start(cast.services.config, cast.clock), _app=None)


def in_production(folder: Path, argon2: tuple[int, int, int] = (1, 64, 1)) -> Cast:
    """Founders alone, no demonstration, over HTTPS."""
    clock = Clock()
    config, database, sessions = start(folder, demo=False)
    root_key, head = keys_apart(folder)
    config = replace(config, argon2=argon2, root_key_file=root_key, head_file=head)
    founding = Founding(
        database,
        SessionStore(sessions, new_id(), clock),
        BlobStore(folder / "blobs"),
        config.root_key_file,
        HeadFile(config.head_file),
        clock,
        Argon2Cost(*argon2),
        demo=False,
    )
    founded = founding.found([_founder(name) for name in FOUNDERS], trustees=3, threshold=2)
    database.close()
    sessions.close()
    cast = Cast(Services.start(config, clock), founded, clock)
    cast.people.update(zip(FOUNDERS, founded.founders, strict=True))
    cast.app.config["PREFERRED_URL_SCHEME"] = "https"
    return cast


def keys_apart(folder: Path) -> tuple[Path, Path]:
    """Root key file and head file of a real installation, where no thief of its data gets them."""
    beside = folder.with_name(f"{folder.name}-keys")
    return beside / "root.key", beside / "head"


def _founder(name: str) -> Founder:
    shown, roles, _voucher = PEOPLE[name]
    return Founder(name, shown, roles, f"seven plain words for {name} alone", FACTOR)
