"""What lies on the disk when everybody has gone home says nothing of what witnesses said."""

from pathlib import Path

import pytest

from app.domain.errors import Frozen, NotSignedIn
from app.vault.fields import CASE_SETTINGS
from tests.vault.scene import ACCOUNT, FILE, NAME, NOTES, SAID, TITLE, Scene

MARKERS = (ACCOUNT, NOTES, NAME, SAID, TITLE, FILE[:36].decode(), "The road in winter", "a file")
SHOWN = ("Lilit Ashkhar", "Helga Rund")


def bytes_on_disk(folder: Path) -> dict[str, bytes]:
    """Databases with their journals, blobs and head file: all but the root key, which a backup leaves out."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "root.key"
    }


def test_after_the_last_sign_out_no_word_lies_on_the_disk(scene: Scene) -> None:
    people, services = scene.cast.people, scene.cast.services
    for name in ("lilit", "anush"):
        cookie = services.sessions.begin(people[name].person, people[name].card, people[name].seeds)
        uow = services.unit_of_work(services.sessions.resume(cookie))
        assert uow.vault.records.open(CASE_SETTINGS, scene.case, scene.case).content
        uow.commit()
        uow.end()
        services.sessions.end_all(people[name].person)
    secrets = [
        seeds
        for person in people.values()
        for seeds in (person.seeds.hpke.reveal(), person.seeds.signing.reveal())
    ]
    for name in ("ruben", "anush"):
        with scene.reading(name) as uow:
            secrets.append(uow.vault.secrets.current(scene.case)[1].reveal())
    services.close()
    lying = bytes_on_disk(scene.folder)
    assert {"vouchsafe.db", "sessions.db"} <= set(lying)
    assert any(path.startswith("blobs/") for path in lying)
    for path, content in lying.items():
        for marker in (*MARKERS, *SHOWN):
            assert marker.encode() not in content, (marker, path)
        assert not any(secret in content for secret in secrets), path


def test_the_server_alone_opens_nothing(scene: Scene) -> None:
    """Database, blobs and root key together, with nobody signed in."""
    with scene.reading(None) as uow:
        for attempt in (
            lambda: uow.vault.records.open(CASE_SETTINGS, scene.case, scene.case),
            lambda: uow.vault.files.open(scene.case, scene.asset),
            lambda: uow.vault.secrets.current(scene.case),
            lambda: uow.vault.submissions.begin(scene.case),
            uow.vault.learn_head,
            lambda: uow.vault.releases.approve(scene.case, scene.case, "editorial", bytes(32), bytes(32), ()),
        ):
            with pytest.raises((NotSignedIn, Frozen)):
                attempt()


def test_keys_neither_print_nor_travel(scene: Scene) -> None:
    with scene.reading("lilit") as uow:
        _epoch, secret = uow.vault.secrets.current(scene.case)
        shown = f"{uow.vault.holder} {secret} {uow.installation} {scene.cast.people['lilit']}"
    revealed = (secret, scene.cast.people["lilit"].seeds.hpke, scene.cast.services.installation.root)
    for key in revealed:
        assert key.reveal().hex() not in shown
        assert repr(key.reveal())[2:-1] not in shown
