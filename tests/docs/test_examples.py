"""The examples of the README and of docs/ are run: what a page shows is what a reader gets.

A console example passes if its exit code and its lines are right; numbers may differ a little, '...' stands for
anything, and lines of the output may be left out. MICROMASK_WRITE_EXAMPLES=1 writes the output of today into the pages.
"""

from __future__ import annotations

import io
import os
import re
import shlex
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from micromask.app.cli import main

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(console|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"\d+(?:\.\d+)?")
TIMING = re.compile(r": \d+ frames in [\d.]+ s( \(.*\))?$")
ANYTHING = re.compile(r"(?:\\ )?\\\.\\\.\\\.(?:\\ )?")
NOT_MICROMASK = ("make ", "git ", "pip ", "python ", ".venv/bin/pip ", "cd ", "export ")
"""Commands that an example may show and that are not run."""


@dataclass(frozen=True)
class Call:
    """One command of a console example, and the lines that it should print."""

    command: str
    wanted: list[str]

    @property
    def code(self) -> int:
        if any("not done" in line for line in self.wanted):
            return 1
        return 2 if any(line.startswith("error: ") for line in self.wanted) else 0


def calls(block: str) -> Iterator[Call]:
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, *wanted = part.splitlines()
        yield Call(command, [line for line in wanted if line.strip()])


def names(kind: str) -> list[object]:
    holding = [page for page in PAGES if any(found[1] == kind for found in BLOCK.finditer(page.read_text("utf-8")))]
    return [pytest.param(page, id=str(page.relative_to(ROOT))) for page in holding]


def said(command: str, monkeypatch: pytest.MonkeyPatch) -> tuple[int, list[str]]:
    """Exit code and lines, standard output and error as they come, of a micromask command run here."""
    heard, code = io.StringIO(), 0
    monkeypatch.setattr("sys.argv", shlex.split(command.split("  #")[0]))
    with redirect_stdout(heard), redirect_stderr(heard):
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
    return code, [line.rstrip() for line in heard.getvalue().splitlines() if line.strip()]


def alike(wanted: str, got: str) -> bool:
    """The same words, and numbers that are close: whole ones below 20 exactly, others to 5 % or 3, rest to 15 %."""
    wanted, got = " ".join(wanted.split()), " ".join(got.split())
    words = [ANYTHING.sub(".*", re.escape(word)) for word in NUMBER.split(wanted)]
    found = re.fullmatch(r"(\d+(?:\.\d+)?)".join(words), got)
    if not found:
        return False
    for a, b in zip(NUMBER.findall(wanted), found.groups(), strict=True):
        x, y = float(a), float(b)
        whole = "." not in a and "." not in b
        allowed = (0 if max(x, y) < 20 else max(3, 0.05 * x)) if whole else max(0.15, 0.15 * x)
        if abs(x - y) > allowed + 1e-9:
            return False
    return True


def missing(wanted: list[str], got: list[str]) -> str | None:
    """The first wanted line that does not come in its turn."""
    rest = iter(got)
    for line in wanted:
        if line.strip() != "..." and not any(alike(line, each) for each in rest):
            return line
    return None


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("page", names("console"))
def test_what_a_page_says_a_command_prints_it_prints(page, desk, tmp_path, monkeypatch):
    text = page.read_text("utf-8")
    blocks = [found[2] for found in BLOCK.finditer(text) if found[1] == "console"]
    desk.lay_out("\n".join(blocks), tmp_path)
    monkeypatch.chdir(tmp_path)
    for block in blocks:
        fresh = block
        for call in calls(block):
            if call.command.startswith(NOT_MICROMASK):
                continue
            assert call.command.startswith("micromask"), f"{page.name}: what is {call.command!r}?"
            code, got = said(call.command, monkeypatch)
            shown = "\n".join(got)
            if "MICROMASK_WRITE_EXAMPLES" in os.environ:
                fresh = rewritten(fresh, call, got)
                continue
            assert code == call.code, f"{page.name}: $ {call.command} ended with {code}\n{shown}"
            line = missing(call.wanted, got)
            assert line is None, f"{page.name}: $ {call.command} does not print\n{line}\nbut\n{shown}"
        text = text.replace(block, fresh)
    if text != page.read_text("utf-8"):
        page.write_text(text, encoding="utf-8")


def rewritten(block: str, call: Call, got: list[str]) -> str:
    """The block with the output of today; an output with '...' in it is left as it is."""
    if not call.wanted or any("..." in line for line in call.wanted):
        return block
    before, _, after = block.partition(f"$ {call.command}\n")
    rest = after.split("\n$ ", 1)
    later = f"$ {rest[1]}" if len(rest) > 1 else ""
    kept = [line for line in got if not TIMING.search(line)]
    return f"{before}$ {call.command}\n" + "".join(f"{line}\n" for line in kept) + later


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("page", names("python"))
def test_the_python_of_a_page_runs(page, desk, tmp_path, monkeypatch, capsys):
    blocks = [found[2] for found in BLOCK.finditer(page.read_text("utf-8")) if found[1] == "python"]
    desk.lay_out("\n".join(blocks), tmp_path)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for number, block in enumerate(blocks, 1):
        exec(compile(block, f"{page.name}, python example {number}", "exec"), names)


def test_a_small_difference_passes_and_another_word_or_count_does_not():
    assert alike("1  micro  36  1.20-1.63  surprise 0.96", "1  micro  38  1.23-1.60  surprise 0.91")
    assert alike("report ... done", "report anything at all done")
    assert not alike("found 4 of 4", "found 3 of 4")
    assert not alike("1  micro  surprise 0.96", "1  micro  negative 0.96")
    assert missing(["a 1", "c"], ["a 1", "b", "c"]) is None
    assert missing(["c", "a 1"], ["a 1", "b", "c"]) == "a 1"
