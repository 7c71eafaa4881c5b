"""The command line as a process of its own: imports, pipes, signals, terminals."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

COMMAND = [sys.executable, "-c", "from micromask.app.cli import main; main()"]
HEAVY = ("torch", "cv2", "pandas", "scipy", "plotly", "pyarrow", "skimage", "av")


def imported_by(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(); print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.splitlines()[-1].split())


def test_importing_the_package_imports_nothing_heavy():
    assert not imported_by("import micromask") & {*HEAVY, "numpy", "typer"}


def test_help_imports_nothing_heavy():
    code = (
        "from micromask.app.cli import run; [run([*verb, '--help']) for verb in ([], ['analyze'], ['spot'], ['demo'])]"
    )
    assert not imported_by(code) & set(HEAVY)


def test_without_a_verb_the_help_is_shown(micromask):
    done = micromask()
    assert done.code == 0
    assert all(verb in done.out for verb in ("analyze", "spot", "demo", "doctor"))
    assert done.out == micromask("--help").out == micromask("-h").out


def test_version_is_printed(micromask):
    from micromask import __version__

    assert micromask("--version").out == f"micromask {__version__}\n"


@pytest.mark.skipif(os.name == "nt", reason="pipes and signals of POSIX")
class TestOnPosix:
    @pytest.mark.parametrize("arguments", [["--help"], ["spot", "--json", "nobody.mp4"]])
    def test_a_reader_that_has_had_enough_is_no_error(self, films, arguments):
        process = subprocess.Popen([*COMMAND, *arguments], cwd=films, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdout.close()
        errors = process.stderr.read().decode()
        process.stderr.close()
        assert process.wait() == 0
        assert "Traceback" not in errors
        assert "BrokenPipe" not in errors

    def test_a_closed_stdout_is_no_error(self, films):
        shell = f'"$@" spot {films}/nobody.mp4 >&-'
        done = subprocess.run(["sh", "-c", shell, "sh", *COMMAND], capture_output=True, text=True, check=False)
        assert done.returncode == 0
        assert "Traceback" not in done.stderr

    def test_a_terminal_of_ascii_gets_names_it_cannot_show_escaped(self, films, tmp_path):
        (tmp_path / "ärger.mp4").write_bytes((films / "nobody.mp4").read_bytes())
        done = subprocess.run(
            [*COMMAND, "spot", "ärger.mp4"],
            cwd=tmp_path,
            capture_output=True,
            check=False,
            env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        )
        assert done.returncode == 0
        assert done.stdout.startswith(rb"\xe4rger.mp4: 240x240")

    def test_ctrl_c_stops_at_once_and_leaves_nothing(self, films, tmp_path):
        code = """
import os, signal
import micromask.inference.analyze as room
from micromask.app.cli import main
real = room.analyze
room.analyze = lambda *a, progress: real(*a, progress=lambda done: os.kill(os.getpid(), signal.SIGINT))
main()
"""
        done = subprocess.run(
            [sys.executable, "-c", code, "analyze", str(films / "smile.mp4")],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 130
        assert done.stdout == ""
        assert done.stderr == "error: stopped; nothing was written for the recording in progress\n"
        assert list(tmp_path.iterdir()) == []

    def test_on_a_terminal_there_is_a_bar_and_the_table_fits(self, films):
        shown = in_terminal(["spot", str(films / "smile.mp4")], columns=80)
        assert "90/90" in shown
        assert "frames/s" in shown
        table = shown[shown.index("from onset over apex to offset") :].splitlines()
        assert all(len(line) <= 80 for line in table)
        assert "mouth corners" in shown
        assert "…" not in "".join(table)


def test_ctrl_c_while_the_results_are_written_leaves_nothing(micromask, films, here, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("micromask.reports.folder.write_document", interrupted)
    done = micromask("analyze", films / "short.mp4")
    assert done.code == 130
    assert done.err.splitlines()[-1] == "error: stopped; nothing was written for the recording in progress"
    assert list(here.iterdir()) == []


def in_terminal(arguments: list[str], columns: int) -> str:
    """What a command shows on a terminal of so many columns."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environment = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LINES", "NO_COLOR")}
    process = subprocess.Popen(
        [*COMMAND, *arguments], stdout=theirs, stderr=theirs, env={**environment, "TERM": "dumb"}, close_fds=True
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            more = os.read(ours, 65536)
        except OSError:  # so Linux says that it is the end
            break
        if not more:
            break
        shown += more
    os.close(ours)
    assert process.wait() == 0
    return shown.decode()
