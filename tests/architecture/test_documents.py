"""What the documents promise exists, and no file speaks of a machine it was made on."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from app.cli import cli

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
DOCUMENTS = [ROOT / name for name in ("README.md", "SECURITY.md", "CHANGELOG.md")]
NOT_OURS = {
    ".git",
    ".venv",
    "node_modules",
    "build",
    "demo-data",
    "data",
    "htmlcov",
    "__pycache__",
    "vectors",
}
CODE = ("app", "tests", "bench", "deploy", "migrations")
INDEX_HOSTS = ["pypi" + ".org", "python" + "hosted.org", "npm" + "js.", "yarn" + "pkg.com", "crates" + ".io"]
MACHINES = re.compile(r"(?<![\w.~])/(?:work|home|root|Users|mnt)/\w")


def ours() -> Iterator[Path]:
    """Every file of ours that is text."""
    for path in ROOT.rglob("*"):
        parts = path.relative_to(ROOT).parts
        hidden = any(part in NOT_OURS or (part.startswith(".") and part.endswith("cache")) for part in parts)
        if path.is_file() and not hidden and ".hypothesis" not in parts and is_text(path):
            yield path


def is_text(path: Path) -> bool:
    return b"\0" not in path.read_bytes()[:4096]


def commands(group: click.Group, before: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        yield f"{before}{name}"
        if isinstance(command, click.Group):
            yield from commands(command, f"{before}{name} ")


def test_every_make_target_in_the_readme_exists_and_says_what_it_does():
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):.*##", makefile, re.MULTILINE))
    assert set(re.findall(r"`?\bmake ([a-z-]+)", README)) <= targets | {"sure", "it"}


def test_every_command_in_the_readme_exists():
    known = set(commands(cli))
    for said in re.findall(r"vouchsafe ((?:[a-z-]+ ?)+)", README):
        words = said.split()
        assert words[0] in known or " ".join(words[:2]) in known, said


def test_every_command_that_exists_is_in_the_readme():
    for name in commands(cli):
        command = cli.get_command(click.Context(cli), name.split()[0])
        if " " in name or not isinstance(command, click.Group):
            assert name in README, name


def test_every_setting_in_the_readme_is_read():
    settings = re.findall(r"^\| (`[A-Z_`, 0-9]+`) \|", README, re.MULTILINE)
    read = (ROOT / "app" / "config.py").read_text()
    names = [name for cell in settings for name in re.findall(r"[A-Z][A-Z_0-9]+", cell)]
    assert len(names) > 8
    assert [name for name in names if f'"{name}"' not in read] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_a_document_links_to_is_there(document: Path):
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text())
    missing = [link for link in links if not (document.parent / link).exists()]
    pictures = [link for link in missing if link.endswith(".png")]
    assert [link for link in missing if link not in pictures] == []


def test_every_module_says_in_a_sentence_what_it_is_for():
    silent = []
    for folder in CODE:
        for path in (ROOT / folder).rglob("*.py"):
            tree = ast.parse(path.read_text())
            if tree.body and not (ast.get_docstring(tree) or "").rstrip().endswith((".", "?", "!")):
                silent.append(str(path.relative_to(ROOT)))
    assert silent == []


def test_no_file_names_a_package_index():
    named = {str(path) for path in ours() for host in INDEX_HOSTS if host.encode() in path.read_bytes()}
    assert named == set()


def test_no_file_names_a_path_of_a_machine():
    named = [
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in ours()
        for found in MACHINES.finditer(path.read_text("utf-8", "replace"))
        if path != Path(__file__)
    ]
    assert named == []
