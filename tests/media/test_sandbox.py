"""The walls stand: whatever a decoder that has been taken over would try, it is refused or dies of it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.domain.errors import Unusable
from app.media import frames, sandbox, syscalls
from app.media.attacks import ATTACKS, REFUSED
from app.media.sandbox import Child, ChildEnded
from app.media.shapes import Failed, Limits
from tests.media.files import Bytes, Shelf, picture

FEW = Limits(memory_bytes=256 << 20, cpu_seconds=20, stall_seconds=20)
KILLED = {
    "make-a-socket",
    "start-a-process",
    "execute",
    "signal-the-parent",
    "signal-a-thread-of-the-parent",
    "trace-the-parent",
}
BOTH_WAYS = [pytest.param(False, id="filter-alone"), pytest.param(True, id="both-walls")]


def way_in(namespaces: bool) -> str | None:
    if not namespaces:
        return None
    found = sandbox.bubblewrap()
    if found is None:
        pytest.skip("bubblewrap is not installed")
    return found


@pytest.mark.parametrize("namespaces", BOTH_WAYS)
@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_gets_nowhere(attack: str, namespaces: bool):
    with Child(sandbox.command(["attack", attack], way_in(namespaces)), 0, FEW) as child:
        assert child.set_up()
        if attack in KILLED:
            with pytest.raises(ChildEnded):
                child.receive()
            assert child.killed_by() == signal.SIGSYS
        else:
            assert frames.read_fact(child.receive().payload) == ("outcome", REFUSED)


def test_the_same_attempts_succeed_where_there_is_no_wall():
    """Or the attacks above would prove nothing."""
    attempts = ["open-a-file", "list-a-folder", "make-a-socket", "write-code", "open-in-a-thread"]
    code = f"from app.media.attacks import ATTACKS\nfor name in {attempts!r}: print(ATTACKS[name]())"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["done"] * len(attempts)


def test_the_namespaces_show_no_file_no_process_and_no_network():
    bwrap = way_in(namespaces=True)
    with Child(sandbox.command(["look"], bwrap), 0, FEW) as child:
        assert child.set_up()
        assert frames.read_fact(child.receive().payload) == ("leaks", "")


def test_looking_around_without_namespaces_sees_the_machine():
    with Child(sandbox.command(["look"], None), 0, FEW) as child:
        assert child.set_up()
        assert "sees:processes" in frames.read_fact(child.receive().payload)[1]


def test_the_self_test_says_that_both_walls_stand():
    way_in(namespaces=True)
    state = sandbox.self_test()
    assert (state.namespaces, state.filtered, state.extra, state.problems, state.leaks) == (
        True,
        True,
        True,
        (),
        (),
    )
    assert sandbox.require(strict=True) == state


@pytest.fixture
def no_bubblewrap(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture
def broken_bubblewrap(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Installed, and refused by the kernel."""
    (tmp_path / "bwrap").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "bwrap").chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture
def open_bubblewrap(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One that keeps nothing out: it drops its options and runs the rest."""
    script = '#!/bin/sh\nwhile [ "$1" != "--chdir" ]; do shift; done\nshift 2\nexec "$@"\n'
    (tmp_path / "bwrap").write_text(script)
    (tmp_path / "bwrap").chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")


@pytest.mark.usefixtures("no_bubblewrap")
def test_without_bubblewrap_only_a_demonstration_starts():
    state = sandbox.require(strict=False)
    assert (state.namespaces, state.filtered, state.problems) == (False, True, ("bubblewrap-missing",))
    with pytest.raises(Unusable, match="apt-get install bubblewrap"):
        sandbox.require(strict=True)


@pytest.mark.usefixtures("broken_bubblewrap")
def test_a_bubblewrap_that_cannot_start_is_no_wall():
    assert sandbox.self_test().problems == ("bubblewrap-broken",)
    with pytest.raises(Unusable):
        sandbox.require(strict=True)
    assert rebuilt(strict=True) == Failed("sandbox-missing")
    assert not isinstance(rebuilt(strict=False), Failed)


@pytest.mark.usefixtures("open_bubblewrap")
def test_a_bubblewrap_that_keeps_nothing_out_is_found_out():
    state = sandbox.self_test()
    assert state.problems == ("bubblewrap-broken",)
    assert "sees:processes" in state.leaks
    with pytest.raises(Unusable):
        sandbox.require(strict=True)


@pytest.mark.usefixtures("no_bubblewrap")
def test_without_bubblewrap_nothing_is_decoded_in_production():
    assert rebuilt(strict=True) == Failed("sandbox-missing")
    assert not isinstance(rebuilt(strict=False), Failed)


def test_without_a_filter_nothing_is_decoded_at_all(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sandbox, "_BOOT", without_a_filter())
    source = Bytes(picture("PNG"))
    assert rebuilt(strict=False, source=source) == Failed("sandbox-missing")
    assert source.read == 0
    state = sandbox.self_test()
    assert not state.filtered
    with pytest.raises(Unusable, match="seccomp"):
        sandbox.require(strict=False)


def without_a_filter() -> str:
    """Boots a child on a kernel that refuses the filter."""
    refuse = "from app.media import syscalls; syscalls.MACHINES = {}; "
    return sandbox._BOOT.replace("from app.media.child", refuse + "from app.media.child")


def test_without_the_extra_nothing_is_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sandbox, "DECODERS", (*sandbox.DECODERS, "a_decoder_that_nobody_has"))
    source = Bytes(picture("PNG"))
    assert rebuilt(strict=False, source=source) == Failed("extra-missing")
    assert source.read == 0
    state = sandbox.require(strict=True)
    assert (state.extra, state.problems) == (False, ("extra-missing",))


def test_the_parent_loads_no_decoder():
    code = (
        "import sys, app.media.rebuild, app.media.sandbox\n"
        "assert not app.media.sandbox.extra_is_missing()\n"
        "print([name for name in ('PIL', 'av', 'numpy', 'pillow_heif', 'pypdfium2') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"


def test_no_child_is_left_behind_and_no_descriptor():
    before, others = descriptors(), children()
    for _ in range(3):
        rebuilt(strict=False)
    assert descriptors() == before
    assert children() <= others


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def children() -> set[str]:
    """Of this process, whatever other tests have started in it; one that nobody waited for is still there."""
    return {
        child for told in Path("/proc/self/task").glob("*/children") for child in told.read_text().split()
    }


def test_a_secret_in_the_environment_or_in_an_open_file_does_not_reach_the_child(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("SECRET_KEY", "a secret")
    (tmp_path / "key").write_text("a secret")
    with (tmp_path / "key").open() as key:
        os.set_inheritable(key.fileno(), True)
        seen = "import os; from app.media import channel, frames\n"
        seen += "open_ones = [n for n in range(3, 64) if os.path.exists(f'/proc/self/fd/{n}')]\n"
        seen += "c = channel.Channel(); c.setup(); c.send(frames.encode(frames.READY))\n"
        seen += "c.send(frames.fact('seen', repr((dict(os.environ), open_ones))))\n"
        boot = [sys.executable, "-B", "-c", f"import sys; sys.path.append({str(Path.cwd())!r})\n{seen}"]
        with Child(boot, 0, FEW) as child:
            assert child.set_up()
            said = frames.read_fact(child.receive().payload)[1]
    assert "secret" not in said
    assert said.endswith(", [])")


@pytest.mark.parametrize("name", syscalls.MACHINES)
def test_the_filter_can_be_built_for_every_machine_and_names_no_call_twice(name: str):
    machine = syscalls.MACHINES[name]
    assert len(set(machine.numbers.values())) == len(machine.numbers)
    for needed in (
        "read",
        "write",
        "mmap",
        "mprotect",
        "clone",
        "clone3",
        "tgkill",
        "seccomp",
        "execve",
        "socket",
    ):
        assert needed in machine.numbers
    assert all(0 <= jump < 6 for line in syscalls.program(machine, 1) for jump in line[1:3])


def rebuilt(*, strict: bool, source: Bytes | None = None) -> object:
    from app.media.rebuild import rebuild

    shelf = Shelf()
    return rebuild(source or Bytes(picture("PNG")), shelf.open_output, shelf.progress.append, strict=strict)
