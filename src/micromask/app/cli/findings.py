"""What an analysis found, as a person reads it in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from micromask.app.cli.talk import out, plain, say, show_table, table_lines
from micromask.core.types import Analysis, Expression, MaskedInterval
from micromask.reports.masked import UPPER_WORDS, measures_words
from micromask.reports.words import count, region_words

BOTH = {"brow": "brows", "cheek": "cheeks", "mouth": "mouth corners", "lip": "lips", "eye": "eyes"}
"""What the two parts of a region are called together."""

NARROWEST = 14
"""Columns that a terminal must have left for the regions to stand in the table."""

OTHERS = {"blink": "blink", "head-move": "head move", "gap": "gap", "cut": "cut"}
"""What is noted beside the expressions."""


def show_analysis(analysis: Analysis) -> None:
    """Print an analysis for a person: summary, table; cautions go to stderr."""
    console = out()
    for line in summary_lines(analysis):
        console.print(Text(line))
    if analysis.expressions:
        many = len(analysis.faces) > 1
        console.print(Text("from onset over apex to offset, in frames and in seconds:"))
        show_expressions(analysis.expressions, faces=many, emotions=bool(analysis.settings["recognise"]))
    if analysis.masked is not None and analysis.faces:
        show_masked(analysis.masked, faces=len(analysis.faces) > 1)
    for caution in analysis.cautions:
        say(f"caution: {caution}")


def summary_lines(analysis: Analysis) -> list[str]:
    """What was looked at and found, in words."""
    recording = analysis.recording
    height, width = recording.picture_size
    many = len(analysis.faces)
    lines = [
        f"{plain(recording.path.resolve().name)}: {width}x{height}, {count(analysis.frames, 'frame')}, "
        f"{recording.fps:.4g} frames/s{' (varying)' if recording.times is not None else ''}, {analysis.seconds:.2f} s, "
        f"{count(many, 'face') if many else 'no face'}"
    ]
    if analysis.broke_at is not None:
        wanted = recording.declared_frames or recording.n_frames
        lines.append(f"the film breaks off at frame {analysis.broke_at} of {wanted}; what comes before was analysed")
    kinds = [one.kind for one in analysis.expressions]
    found = ", ".join(count(kinds.count(kind), f"{kind}-expression") for kind in ("micro", "macro") if kind in kinds)
    # Every face has its own blinks and gaps; a cut is one for all.
    seen = {(event.name, None if event.name == "cut" else event.face, event.onset) for event in analysis.events}
    names = [name for name, _, _ in seen]
    others = ", ".join(count(names.count(name), words) for name, words in OTHERS.items() if name in names)
    lines.append((found or "no expression") + (f"; besides {others}" if others else ""))
    return lines


def _times(number: int, words: str) -> str:
    return (
        f"{words} {number} times"
        if " not " in words and number > 1
        else words
        if " not " in words
        else count(number, words)
    )


def show_expressions(expressions: Sequence[Expression], *, faces: bool, emotions: bool) -> None:
    """Print a table of expressions; on a narrow terminal the regions stand below each row."""
    console = out()
    bare = table_lines(expression_table(expressions, faces=faces, emotions=emotions, regions=False))
    if not console.is_terminal or max(map(len, bare)) + NARROWEST <= console.width:
        show_table(expression_table(expressions, faces=faces, emotions=emotions))
        return
    console.print(Text(bare[0], style="bold"))
    for line, one in zip(bare[1:], expressions, strict=True):
        console.print(Text(line))
        console.print(Text(f"{'':>6}{moved(one.regions)}"))


def show_masked(marks: Sequence[MaskedInterval], *, faces: bool) -> None:
    """Print the masked intervals: where, what the two halves of the face did, and what decided."""
    console = out()
    told = count(len(marks), "interval") if marks else "no interval"
    console.print(Text(f"masked: {told} in which the lower face smiles and the upper face does not, or does other"))
    for number, one in enumerate(marks, 1):
        whose = f"  face {one.face}" if faces else ""
        frames = f"{one.onset}-{one.apex}-{one.offset}"
        seconds = f"{one.onset_s:.2f}-{one.apex_s:.2f}-{one.offset_s:.2f}"
        said = f"{UPPER_WORDS[one.upper]}, score {one.score:.2f}"
        console.print(Text(f"M{number}{whose}  {frames}  {seconds}  {said}"))
        for line in measures_words(one):
            console.print(Text(f"      {line}"))


def expression_table(
    expressions: Sequence[Expression], *, faces: bool, emotions: bool = True, regions: bool = True
) -> Table:
    """The expressions found, a row each; frames and seconds are onset-apex-offset."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("#", justify="right", no_wrap=True)
    if faces:
        table.add_column("face", justify="right", no_wrap=True)
    table.add_column("kind", no_wrap=True)
    table.add_column("frames", justify="right", no_wrap=True)
    table.add_column("seconds", justify="right", no_wrap=True)
    if emotions:
        table.add_column("emotion", no_wrap=True)
    table.add_column("strength", justify="right", no_wrap=True)
    if regions:
        table.add_column("regions that moved", overflow="fold")
    for number, one in enumerate(expressions, 1):
        row = [str(number), *([str(one.face)] if faces else []), one.kind]
        row += [f"{one.onset}-{one.apex}-{one.offset}", f"{one.onset_s:.2f}-{one.apex_s:.2f}-{one.offset_s:.2f}"]
        if emotions:
            row.append(f"{one.emotion} {one.probabilities[one.emotion]:.2f}" if one.emotion else "-")
        row.append(f"{one.strength:.1f} %")
        table.add_row(*row, *([moved(one.regions)] if regions else []))
    return table


def moved(regions: Sequence[str]) -> str:
    """Regions in words, strongest first, the two parts of one under one name.

    >>> moved(["brow_left", "glabella", "brow_right", "mouth_left"])
    'brows, glabella, left mouth'
    """
    words: dict[str, None] = {}
    for name in regions:
        part, _, side = name.rpartition("_")
        parts = {each for each in regions if each.rpartition("_")[0] == part}
        words[BOTH[part] if side and part in BOTH and len(parts) == 2 else region_words(name)] = None
    return ", ".join(words)
