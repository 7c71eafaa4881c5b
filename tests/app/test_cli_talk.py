"""How findings look, in a pipe and on terminals of several widths."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from rich.console import Console

from micromask.app.cli import findings, talk
from micromask.core.types import Evidence, Expression


def expression(number: int, regions: tuple[str, ...]) -> Expression:
    onset, apex, offset = 10000 * number, 10000 * number + 400, 10000 * number + 900
    seconds = (onset / 200, apex / 200, offset / 200)
    seen = Evidence(120.0, 200.0, 80.0, 0.5)
    return Expression(
        number, onset, apex, offset, *seconds, "macro", 12.34, regions, seen, {"negative": 0.25, "surprise": 0.75}
    )


FOUND = [
    expression(1, ("brow_left", "glabella", "brow_right")),
    expression(2, ("mouth_left", "cheek_left", "lip_upper", "lip_lower", "chin")),
]


@pytest.mark.parametrize("columns", [80, 100, 120])
@pytest.mark.parametrize("faces", [False, True])
def test_the_table_fits_the_terminal_and_nothing_is_cut(columns, faces, monkeypatch):
    terminal = Console(width=columns, file=StringIO(), force_terminal=True, color_system=None)
    monkeypatch.setattr(findings, "out", lambda: terminal)
    monkeypatch.setattr(talk, "out", lambda: terminal)
    findings.show_expressions(FOUND, faces=faces, emotions=True)
    shown = re.sub(r"\x1b\[\d*m", "", terminal.file.getvalue())
    assert all(len(line) <= columns for line in shown.splitlines())
    assert "…" not in shown
    for words in ("100.00-102.00-104.50", "10000-10400-10900", "surprise 0.75", "12.3 %", "glabella", "lips"):
        assert words in shown


def test_a_table_in_a_pipe_has_one_line_for_each_expression_and_no_blanks_at_its_end(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    findings.show_expressions(FOUND, faces=True, emotions=True)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines == [line.rstrip() for line in lines]
    assert lines[1].endswith("surprise 0.75    12.3 %  brows, glabella")
    assert lines[2].endswith("left mouth, left cheek, lips, chin")
