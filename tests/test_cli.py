"""The `vouchsafe` command: one line, one exit code, never a trace, never testimony."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.domain.ids import new_id
from app.services import Services
from app.store import trust
from app.store.cases import statements
from app.store.trust import grants
from app.vault.rootfile import RootFile
from tests.accounts.doors import in_production, is_signed_in, keys_apart, restarted
from tests.cast import Cast, agree_to_recovery, assemble
from tests.operator import Command, Said
from tests.statements import send
from tests.transcription.scenes import take_over

ACCOUNT = "The grey heron stood in the road."


@pytest.fixture
def cast(tmp_path: Path) -> Iterator[Cast]:
    assembled = assemble(tmp_path / "data")
    yield assembled
    assembled.close()


def folder_of(cast: Cast) -> Path:
    return cast.services.config.data_dir


FOUNDERS = (
    "--administrator", "helga", "--administrator-name", "Helga Rund",
    "--reviewer", "ruben", "--reviewer-name", "Ruben Oskan",
)  # fmt: skip


# Founding


def test_init_founds_and_says_once_what_belongs_on_paper(vouchsafe: Command, tmp_path: Path):
    said = vouchsafe(tmp_path / "new", "init", *FOUNDERS, "--json")
    assert said.code == 0
    paper = json.loads(said.line)
    assert len(paper["organisation_key"].split()) == len(paper["root_key"].split()) == 24
    assert [person["sign_in_name"] for person in paper["people"]] == ["helga", "ruben"]
    assert all(person["second_factor"].startswith("otpauth://totp/") for person in paper["people"])
    assert [len(sheet["words"].split()) for sheet in paper["trustees"]] == [24, 24, 24]
    assert vouchsafe(tmp_path / "new", "doctor").code == 0


def test_what_init_printed_is_kept_nowhere(vouchsafe: Command, tmp_path: Path):
    paper = json.loads(vouchsafe(tmp_path / "new", "init", *FOUNDERS, "--json").line)
    kept = b"".join(path.read_bytes() for path in (tmp_path / "new").rglob("*") if path.is_file())
    secrets = [paper["organisation_key"], *(sheet["words"] for sheet in paper["trustees"])]
    secrets += [text for person in paper["people"] for text in (person["words"], person["recovery"])]
    for words in secrets:
        assert words.encode() not in kept


def test_only_its_owner_can_read_what_init_made(vouchsafe: Command, tmp_path: Path):
    vouchsafe(tmp_path / "new", "init", *FOUNDERS, "--json")
    made = [tmp_path / "new", *(tmp_path / "new").rglob("*")]
    assert [path.name for path in made if path.stat().st_mode & 0o077] == []


def test_a_second_init_changes_nothing(vouchsafe: Command, cast: Cast):
    key = cast.services.config.root_key_file.read_bytes()
    said = vouchsafe(folder_of(cast), "init", *FOUNDERS)
    assert (said.code, said.line) == (2, "")
    assert "holds an installation already" in said.error
    assert cast.services.config.root_key_file.read_bytes() == key
    assert is_signed_in(cast.client("lilit"))


def test_init_never_overwrites_a_root_key(vouchsafe: Command, cast: Cast, tmp_path: Path):
    said = vouchsafe(
        tmp_path / "new", "init", *FOUNDERS, ROOT_KEY_FILE=str(cast.services.config.root_key_file)
    )
    assert said.code == 2
    assert "root key file" in said.error
    assert vouchsafe(folder_of(cast), "doctor").code == 0


@pytest.mark.parametrize("numbers", [("3", "1"), ("2", "3"), ("3", "0")])
def test_a_threshold_that_makes_no_sense_founds_nothing(
    vouchsafe: Command, tmp_path: Path, numbers: tuple[str, str]
):
    said = vouchsafe(tmp_path / "new", "init", *FOUNDERS, "--trustees", numbers[0], "--threshold", numbers[1])
    assert said.code == 2
    assert not (tmp_path / "new" / "keys" / "root.key").exists()


# Doctor, and what keeps a process from starting


def test_doctor_finds_a_sound_installation_well(vouchsafe: Command, cast: Cast):
    said = vouchsafe(folder_of(cast), "doctor", "--json")
    assert said.code == 0
    facts = json.loads(said.line)
    assert facts["log_well"] is facts["demo"] is True
    assert facts["log_entries"] > 0


def test_without_a_database_one_is_told_what_to_run(vouchsafe: Command, tmp_path: Path):
    tmp_path.joinpath("empty").mkdir()
    said = vouchsafe(tmp_path / "empty", "doctor")
    assert said.code == 2
    assert "vouchsafe init" in said.error


def test_upgrade_makes_the_schema_and_can_be_repeated(vouchsafe: Command, tmp_path: Path):
    assert vouchsafe(tmp_path / "new", "upgrade").code == 0
    assert vouchsafe(tmp_path / "new", "upgrade").code == 0
    assert "vouchsafe init" in vouchsafe(tmp_path / "new", "doctor").error


def test_a_database_that_does_not_answer_is_told(vouchsafe: Command, tmp_path: Path):
    said = vouchsafe(tmp_path, "doctor", DATABASE_URL=f"postgresql+psycopg://x@/x?host={tmp_path}")
    assert said.code == 2
    assert said.error.count("\n") == 1


def test_production_refuses_a_demo_database(vouchsafe: Command, cast: Cast, tmp_path: Path):
    keys = apart(tmp_path / "kept")
    keys["ROOT_KEY_FILE"] = str(cast.services.config.root_key_file.rename(tmp_path / "root.key"))
    said = vouchsafe(folder_of(cast), "doctor", DEMO="0", ARGON2="3,65536,4", **keys)
    assert said.code == 2
    assert "is a demo, for ever" in said.error


def test_a_demo_refuses_a_production_database(vouchsafe: Command, tmp_path: Path):
    in_production(tmp_path / "real").close()
    said = vouchsafe(tmp_path / "real", "doctor", **apart(tmp_path / "real"))
    assert said.code == 2
    assert "not a demo" in said.error


def test_a_missing_root_key_is_told(vouchsafe: Command, cast: Cast):
    cast.services.config.root_key_file.unlink()
    said = vouchsafe(folder_of(cast), "doctor")
    assert said.code == 2
    assert "There is no root key file at" in said.error
    assert "Put the one there that was made with this installation" in said.error


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_root_key_that_others_can_read_is_refused(vouchsafe: Command, cast: Cast, mode: int):
    cast.services.config.root_key_file.chmod(mode)
    said = vouchsafe(folder_of(cast), "doctor")
    assert said.code == 2
    assert "chmod 600" in said.error


def test_a_root_key_that_systemd_hands_over_is_taken(vouchsafe: Command, cast: Cast, tmp_path: Path):
    """Its access list shows as 0440: see the sample unit."""
    root_key = cast.services.config.root_key_file
    handed = {"CREDENTIALS_DIRECTORY": str(root_key.parent)}
    root_key.chmod(0o440)
    assert vouchsafe(folder_of(cast), "doctor", **handed).code == 0
    elsewhere = vouchsafe(folder_of(cast), "doctor", CREDENTIALS_DIRECTORY=str(tmp_path))
    assert (elsewhere.code, "chmod 600" in elsewhere.error) == (2, True)
    root_key.chmod(0o444)
    assert vouchsafe(folder_of(cast), "doctor", **handed).code == 2


def test_another_installations_root_key_is_refused(vouchsafe: Command, cast: Cast, tmp_path: Path):
    other = in_production(tmp_path / "other")
    other.close()
    said = vouchsafe(folder_of(cast), "doctor", ROOT_KEY_FILE=str(other.services.config.root_key_file))
    assert said.code == 2
    assert "belongs to another installation" in said.error


def test_another_organisations_anchor_is_refused(vouchsafe: Command, cast: Cast):
    """Whoever can change the file but not the database cannot put another organisation in this one's place."""
    path = cast.services.config.root_key_file
    genuine = RootFile.read(path)
    path.unlink()
    replace(genuine, anchor=bytes(31) + b"\x01").write(path)
    said = vouchsafe(folder_of(cast), "doctor")
    assert said.code == 2
    assert "not certified" in said.error


@pytest.mark.parametrize(
    "content", ["", "vouchsafe-root 2\n", "vouchsafe-root 1\nkey zz\n", "vouchsafe-root 1\n\xff"]
)
def test_a_file_that_is_no_root_key_is_refused(vouchsafe: Command, cast: Cast, content: str):
    cast.services.config.root_key_file.write_text(content, "latin-1")
    assert vouchsafe(folder_of(cast), "doctor").code == 2


# Where the keys lie


def apart(folder: Path) -> dict[str, str]:
    """Settings of a real installation's keys."""
    root_key, head = keys_apart(folder)
    return {"ROOT_KEY_FILE": str(root_key), "HEAD_FILE": str(head)}


@pytest.mark.parametrize("inside", ["ROOT_KEY_FILE", "HEAD_FILE"])
@pytest.mark.parametrize("command", [("init", *FOUNDERS), ("doctor",)])
def test_a_real_installation_keeps_its_keys_apart_from_its_data(
    vouchsafe: Command, tmp_path: Path, inside: str, command: tuple[str, ...]
):
    settings = apart(tmp_path / "new") | {
        inside: str(tmp_path / "new" / "keys" / "x"),
        "DEMO": "0",
        "ARGON2": "",
    }
    if command == ("doctor",):
        vouchsafe(tmp_path / "new", "upgrade", DEMO="0", ARGON2="")
    said = vouchsafe(tmp_path / "new", *command, **settings)
    assert (said.code, said.line) == (2, "")
    assert f"{inside} lies inside DATA_DIR" in said.error
    assert f"{inside}={tmp_path}/vouchsafe-" in said.error
    assert not (tmp_path / "new" / "keys").exists()


def test_neither_by_default_nor_by_a_detour(vouchsafe: Command, tmp_path: Path):
    said = vouchsafe(tmp_path / "new", "init", *FOUNDERS, DEMO="0", ARGON2="")
    assert said.code == 2
    assert "ROOT_KEY_FILE lies inside DATA_DIR" in said.error
    (tmp_path / "new").mkdir()
    (tmp_path / "detour").symlink_to(tmp_path / "new")
    detour = apart(tmp_path / "new") | {"ROOT_KEY_FILE": str(tmp_path / "detour" / "root.key")}
    assert vouchsafe(tmp_path / "new", "init", *FOUNDERS, DEMO="0", ARGON2="", **detour).code == 2


def test_with_its_keys_beside_it_a_real_installation_is_founded_and_well(vouchsafe: Command, tmp_path: Path):
    settings = {**apart(tmp_path / "new"), "DEMO": "0", "ARGON2": ""}
    settings["HEAD_FILE"] = str(tmp_path / "elsewhere" / "head")
    assert vouchsafe(tmp_path / "new", "init", *FOUNDERS, "--json", **settings).code == 0
    assert vouchsafe(tmp_path / "new", "doctor", **settings).code == 0
    root = RootFile.read(keys_apart(tmp_path / "new")[0])
    kept = b"".join(path.read_bytes() for path in (tmp_path / "new").rglob("*") if path.is_file())
    assert root.key.reveal() not in kept
    assert root.key.reveal().hex().encode() not in kept


# Storage


def put_blob(cast: Cast, age: int) -> str:
    """A whole blob that belongs to nothing."""
    blob, blobs = new_id(), cast.services.blobs
    writer = blobs.create(blob)
    writer.write(b"sealed")
    writer.commit()
    written = cast.clock() - age
    os.utime(blobs.path(blob), (written, written))
    return blob.hex


def test_doctor_says_where_files_lie_and_how_much_room_there_is(vouchsafe: Command, cast: Cast):
    send(cast, cast.case, ACCOUNT, file=b"a tape")
    facts = json.loads(vouchsafe(folder_of(cast), "doctor", "--json").line)
    assert facts["root_key_mode"] == "0600"
    blobs = facts["blobs"]
    assert os.path.ismount(blobs["mount"])
    assert blobs["free"] > 0
    assert (blobs["files"], blobs["missing"], blobs["unowned"]) == (1, 0, 0)
    assert "files in their places: 1," in vouchsafe(folder_of(cast), "doctor").line


def test_doctor_misses_a_file_that_a_statement_came_with(vouchsafe: Command, cast: Cast):
    _statement, asset = send(cast, cast.case, ACCOUNT, file=b"a tape")
    cast.services.blobs.delete(asset)
    said = vouchsafe(folder_of(cast), "doctor")
    assert said.code == 1
    assert asset.hex in said.line
    facts = json.loads(vouchsafe(folder_of(cast), "doctor", "--json").line)
    assert facts["blobs"]["missing_ids"] == [asset.hex]


def test_doctor_reports_a_file_that_belongs_to_nothing_and_deletes_none(vouchsafe: Command, cast: Cast):
    young, old = put_blob(cast, 3600), put_blob(cast, 2 * 24 * 3600)
    said = vouchsafe(folder_of(cast), "doctor")
    assert said.code == 0
    assert "nothing was deleted: 1 " in said.line
    assert old in said.line
    assert young not in said.line
    assert {blob.hex for blob, _written in cast.services.blobs.finished()} == {young, old}


def test_doctor_names_no_more_than_can_be_read(vouchsafe: Command, cast: Cast):
    for _ in range(25):
        put_blob(cast, 2 * 24 * 3600)
    blobs = json.loads(vouchsafe(folder_of(cast), "doctor", "--json").line)["blobs"]
    assert (blobs["unowned"], len(blobs["unowned_ids"])) == (25, 20)
    assert " and others)" in vouchsafe(folder_of(cast), "doctor").line


def test_a_folder_that_takes_no_files_is_told(vouchsafe: Command, cast: Cast):
    (folder_of(cast) / "blobs").write_bytes(b"not a folder")
    said = vouchsafe(folder_of(cast), "doctor")
    assert said.code == 2
    assert "storage" in said.error


def test_a_root_key_that_anybody_could_replace_is_found_wrong(vouchsafe: Command, cast: Cast):
    folder = cast.services.config.root_key_file.parent
    folder.chmod(0o777)
    said = vouchsafe(folder_of(cast), "doctor")
    assert said.code == 1
    assert "chmod o-w" in said.line
    folder.chmod(0o700)


# The log


def alter(cast: Cast, statement: str) -> None:
    with closing(sqlite3.connect(folder_of(cast) / "vouchsafe.db")) as database:
        database.execute(statement)
        database.commit()


def test_a_whole_log_is_well(vouchsafe: Command, cast: Cast):
    said = vouchsafe(folder_of(cast), "audit", "verify")
    assert said.code == 0
    assert said.line.endswith("entries, every one in its place.\n")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("UPDATE log_entries SET note = 'x' WHERE sequence = 7", "altered"),
        ("DELETE FROM log_entries WHERE sequence = 7", "missing"),
        ("UPDATE log_entries SET at = 'yesterday' WHERE sequence = 7", "altered"),
    ],
)
def test_a_broken_log_is_told_by_its_first_wrong_entry(
    vouchsafe: Command, cast: Cast, change: str, fault: str
):
    alter(cast, change)
    said = vouchsafe(folder_of(cast), "audit", "verify", "--json")
    assert said.code == 1
    told = json.loads(said.line)
    assert (told["broken"], told["fault"]) == (7, fault)
    doctor = vouchsafe(folder_of(cast), "doctor")
    assert doctor.code == 1
    assert "broken at entry 7" in doctor.line


def test_the_installed_command_hands_its_exit_code_on(cast: Cast):
    alter(cast, "DELETE FROM log_entries WHERE sequence = 7")
    settings = {"DATA_DIR": str(folder_of(cast)), "DEMO": "1", "ARGON2": "1,64,1"}
    command = [str(Path(sys.executable).with_name("vouchsafe")), "audit", "verify"]
    done = subprocess.run(command, env=settings, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == "Broken at entry 7: missing.\n"


# A restored database


def copied(cast: Cast, to: Path) -> Path:
    with (
        closing(sqlite3.connect(folder_of(cast) / "vouchsafe.db")) as source,
        closing(sqlite3.connect(to)) as target,
    ):
        source.backup(target)
    return to


def put_back(cast: Cast, backup: Path) -> Cast:
    """The same server, started again over the older database."""
    cast.close()
    for path in folder_of(cast).glob("vouchsafe.db*"):
        path.unlink()
    shutil.copyfile(backup, folder_of(cast) / "vouchsafe.db")
    return replace(cast, services=Services.start(cast.services.config, cast.clock), _app=None)


def test_a_restored_database_opens_nothing_until_it_is_accepted(
    vouchsafe: Command, cast: Cast, tmp_path: Path
):
    statement, _file = send(cast, cast.case, ACCOUNT)
    take_over(cast)
    backup = copied(cast, tmp_path / "backup.db")
    go_on(cast, signings_in=8)  # entries that the backup has not
    later = put_back(cast, backup)

    lead, interviewer = later.client("ruben"), later.client("anahit")  # signing in goes on
    stopped = lead.get(f"/statements/{statement}")
    assert stopped.status_code == 503
    assert "Statements can still be sent; they wait sealed." in stopped.text
    assert ACCOUNT not in stopped.text
    assert interviewer.get("/notebook").status_code == 200
    sent, _file = send(later, later.case, "Another one.")  # so does intake
    assert state_of(later, sent) == "quarantined"
    assert vouchsafe(folder_of(later), "audit", "verify", "--json").code == 1

    accepted = vouchsafe(folder_of(later), "audit", "accept-restore")
    assert accepted.code == 0
    assert accepted.line.startswith("A new era begins.")
    assert era(later) == 2
    assert vouchsafe(folder_of(later), "audit", "verify").code == 0
    opened = later.client("ruben").get(f"/statements/{statement}")
    assert opened.status_code == 200
    assert ACCOUNT in opened.text
    waiting = later.client("lilit").get(f"/statements/{statement}")
    assert waiting.status_code == 503  # until the case's lead has looked who is on it
    later.close()


def test_what_is_added_to_a_restored_database_does_not_hide_that_it_was_restored(cast: Cast, tmp_path: Path):
    statement, _file = send(cast, cast.case, ACCOUNT)
    take_over(cast)
    backup = copied(cast, tmp_path / "backup.db")
    go_on(cast, signings_in=1)
    later = put_back(cast, backup)
    go_on(later, signings_in=4)
    again = restarted(later)
    assert again.client("ruben").get(f"/statements/{statement}").status_code == 503
    again.close()
    later.close()


def go_on(cast: Cast, signings_in: int) -> None:
    """Entries for the log, the last of them by a process that has just begun: it writes the head file at once."""
    for _ in range(signings_in):
        cast.client("ruben")
    begun = restarted(cast)
    begun.client("anush")
    begun.close()


def test_where_nothing_was_restored_nothing_is_accepted(vouchsafe: Command, cast: Cast):
    said = vouchsafe(folder_of(cast), "audit", "accept-restore")
    assert said.code == 2
    assert "nothing to accept" in said.error
    assert era(cast) == 1


def era(cast: Cast) -> int:
    uow = cast.uow()
    found: int = uow.tx.value(sa.select(trust.installation.c.era))
    uow.end()
    return found


def state_of(cast: Cast, statement: object) -> str:
    uow = cast.uow()
    found: str = uow.tx.value(sa.select(statements.c.state).where(statements.c.id == statement))
    uow.end()
    return found


# Recovery


def lose_grants(cast: Cast, name: str) -> None:
    uow = cast.uow()
    uow.tx.stage(
        sa.delete(grants).where(grants.c.case == cast.case, grants.c.member_card == cast.people[name].card)
    )
    uow.commit()


def recover(vouchsafe: Command, cast: Cast, *arguments: str) -> Said:
    return vouchsafe(folder_of(cast), "recover", arguments[0], "--case", "Linden-4", *arguments[1:])


def share(vouchsafe: Command, cast: Cast, trustee: int) -> Said:
    words = cast.founded.trustees[trustee].words
    return recover(vouchsafe, cast, "share", "--to", "ruben", "--words", words)


def combine(vouchsafe: Command, cast: Cast, name: str = "ruben", words: str = "") -> Said:
    return recover(vouchsafe, cast, "combine", "--as", name, "--words", words or cast.password(name))


def test_two_of_three_trustees_give_a_lead_the_cases_key_back(vouchsafe: Command, cast: Cast):
    statement, _file = send(cast, cast.case, ACCOUNT)
    take_over(cast)
    lose_grants(cast, "ruben")
    agree_to_recovery(cast)
    assert ACCOUNT not in cast.client("ruben").get(f"/statements/{statement}").text

    assert share(vouchsafe, cast, 0).code == 0
    early = combine(vouchsafe, cast)
    assert (early.code, early.error) == (2, "forbidden: too-few-shares\n")
    assert share(vouchsafe, cast, 2).code == 0
    done = combine(vouchsafe, cast)
    assert done.code == 0
    assert "fits its commitment" in done.line
    assert ACCOUNT in cast.client("ruben").get(f"/statements/{statement}").text


def test_unless_two_administrators_agreed_no_trustee_is_asked_for_words(vouchsafe: Command, cast: Cast):
    said = recover(vouchsafe, cast, "share", "--to", "ruben")
    assert (said.code, said.line) == (2, "")
    assert "Two administrators have not agreed to this" in said.error
    assert "Nothing was opened" in said.error


def test_the_same_trustee_twice_is_still_one(vouchsafe: Command, cast: Cast):
    agree_to_recovery(cast)
    assert share(vouchsafe, cast, 1).code == share(vouchsafe, cast, 1).code == 0
    assert "too-few-shares" in combine(vouchsafe, cast).error


@pytest.mark.parametrize(
    "arguments",
    [
        ("share", "--to", "ruben", "--words", "no such words"),
        ("share", "--to", "ruben", "--words", " ".join(["abandon"] * 23 + ["art"])),
        ("share", "--to", "nobody-of-this-name", "--words", "x"),
        ("share", "--to", "nobody", "--words", "x"),
        ("combine", "--as", "ruben", "--words", "wrong words"),
        ("combine", "--as", "nobody-of-this-name", "--words", "x"),
        ("combine", "--as", "lilit", "--words", "seven plain words for lilit alone"),
    ],
)
def test_what_does_not_fit_recovers_nothing(vouchsafe: Command, cast: Cast, arguments: tuple[str, ...]):
    agree_to_recovery(cast)
    said = recover(vouchsafe, cast, *arguments)
    assert (said.code, said.line) == (2, "")


@pytest.mark.parametrize("to", ["nobody-of-this-name", "lilit"])
def test_before_a_trustee_types_their_words_it_is_known_that_somebody_can_take_the_share(
    vouchsafe: Command, cast: Cast, to: str
):
    """`lilit`: her name is not the one that her card is bound to."""
    alter(cast, "UPDATE people SET name = x'00' WHERE card = x'" + cast.people["lilit"].card.hex() + "'")
    said = recover(vouchsafe, cast, "share", "--to", to)
    assert (said.code, said.line) == (2, "")
    assert "trustee" not in said.error
    assert said.error.startswith(("invalid-input: to: unknown", "tampered: "))


def test_a_trustee_is_asked_for_their_words(vouchsafe: Command, cast: Cast, monkeypatch: pytest.MonkeyPatch):
    agree_to_recovery(cast)
    words = cast.founded.trustees[0].words
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda _prompt: words)
    said = recover(vouchsafe, cast, "share", "--to", "ruben")
    assert said.code == 0
    assert "is sealed to ruben" in said.line


def test_a_case_that_is_none_recovers_nothing(vouchsafe: Command, cast: Cast):
    words = cast.founded.trustees[0].words
    said = vouchsafe(
        folder_of(cast), "recover", "share", "--case", "Elm-0", "--to", "ruben", "--words", words
    )
    assert (said.code, said.error) == (2, "invalid-input: case: unknown\n")


# Demo codes, released trees, and mistakes


def test_a_demo_persons_digits_open_the_door(vouchsafe: Command, cast: Cast):
    said = vouchsafe(folder_of(cast), "demo-code", "lilit")
    assert said.code == 0
    answer = cast.client().post(
        "/sign-in",
        {"name": "lilit", "words": cast.password("lilit"), "code": said.line},
        token_from="/sign-in",
    )
    assert answer.status_code == 303


def test_digits_are_given_for_a_demo_alone(vouchsafe: Command, tmp_path: Path):
    in_production(tmp_path / "real").close()
    settings = {**apart(tmp_path / "real"), "DEMO": "0", "ARGON2": "3,65536,4"}
    said = vouchsafe(tmp_path / "real", "demo-code", "ruben", **settings)
    assert (said.code, said.line) == (2, "")
    assert "no demo database" in said.error


def test_digits_of_nobody_are_refused(vouchsafe: Command, cast: Cast):
    assert vouchsafe(folder_of(cast), "demo-code", "nobody-of-this-name").code == 2


def test_a_folder_that_is_no_release_is_found_wrong(vouchsafe: Command, tmp_path: Path):
    said = vouchsafe(tmp_path, "verify-release", str(tmp_path))
    assert said.code == 1
    assert "manifest" in said.line


@pytest.mark.parametrize(
    "arguments",
    [
        ("verify-release", "nowhere"),
        ("verify-release", ".", "--anchor", "zz"),
        ("unheard-of",),
        ("init",),
        ("doctor", "-x"),
    ],
)
def test_unusable_input_is_told_in_a_line(vouchsafe: Command, tmp_path: Path, arguments: tuple[str, ...]):
    assert vouchsafe(tmp_path, *arguments).code == 2


def test_help_is_no_mistake(vouchsafe: Command, tmp_path: Path):
    said = vouchsafe(tmp_path, "--help")
    assert said.code == 0
    assert "audit" in said.line


def test_an_id_that_is_new_is_in_no_log(vouchsafe: Command, cast: Cast):
    """A refused command leaves no line behind it."""
    before = json.loads(vouchsafe(folder_of(cast), "audit", "verify", "--json").line)["entries"]
    recover(vouchsafe, cast, "share", "--to", "ruben", "--words", str(new_id()))
    assert json.loads(vouchsafe(folder_of(cast), "audit", "verify", "--json").line)["entries"] == before


# Background work


def test_a_worker_does_one_job_and_ends(cast: Cast):
    _statement, asset = send(cast, cast.case, ACCOUNT, file=b"a tape")
    take_over(cast)
    settings = {"DATA_DIR": str(folder_of(cast)), "DEMO": "1", "ARGON2": "1,64,1", "PATH": os.environ["PATH"]}
    command = [sys.executable, "-m", "app.cli", "worker", "--once"]
    with subprocess.Popen(command, env=settings, stderr=subprocess.PIPE) as worker:
        asked = "none"
        while asked == "none":
            with cast.acting("lilit") as uow:
                asked = uow.vault.jobs.ensure(cast.case, asset).state
        _said, error = worker.communicate(timeout=60)
    assert (asked, worker.returncode, error) == ("waiting", 0, b"")
    with cast.acting("lilit") as uow:
        assert uow.vault.jobs.state(asset).state in {"done", "set-aside"}
