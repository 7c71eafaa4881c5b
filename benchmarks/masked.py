"""Are smiles of the mouth alone marked, and smiles of the whole face and talking mouths left alone?

Synthetic people smile in four ways and talk, under several conditions; each film is analysed from its pixels. People
0 to 6 are those on whom the limits of `micromask.inference.masked` were set; everything that is counted is counted on
others. Prints a table and writes benchmarks/results/masked-DATE.json.

    python benchmarks/masked.py [--people 4] [--limits]

With --limits it prints instead how far eyes and cheeks went in smiles of the mouth alone and in faint whole smiles of
people 0 to 6: what the limits lie between.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from micromask import __version__
from micromask.core.types import MaskedInterval
from micromask.datasets.synthetic import PlannedExpression, Script, write
from micromask.datasets.synthetic.masked import SMILES, smile, smiles_script
from micromask.inference.face_parts import face_parts
from micromask.inference.film import watch
from micromask.inference.masked import PLATEAU, find_masked
from micromask.inference.segments import MotionTrace, segments_of
from micromask.inference.spot import spot
from micromask.recordings import probe

RESULTS = Path(__file__).parent / "results"
SET_ON = range(7)
FIRST = 11
SEED = 1

CONDITIONS: dict[str, dict[str, Any]] = {
    "still head": {},
    "head wanders 5 %": {"sway": 0.05},
    "head turns 6 degrees": {"turn": 6.0},
    "noise 5 grey levels": {"noise": 5.0},
    "micro, 0.42 s": {"lasts_s": 0.42, "strength": 0.045},
    "strong, loud speech": {"strength": 0.10, "loud": 0.09},
    "weak smiles, 3.5 %": {"strength": 0.035},
    "faint upper face": {"share": 0.5},
    "100 frames/s": {"fps": 100.0},
}
"""What differs from a smile of 6 % of the distance between the eyes and 1.2 s, at 30 frames/s and noise 2."""

NEVER = ("whole smile: marked", "marks in speech or at rest")
"""What should not be: told also where it is 0."""

KINDS: dict[str, str] = {name: upper for upper, (name, _) in SMILES.items()}


def watched(script: Script) -> MotionTrace | None:
    """The motion of the one face of a script's film; None where none was found."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        write(script, path)
        traces = watch(probe(path)).traces
    return traces[0] if traces else None


def marks_of(script: Script) -> tuple[MaskedInterval, ...]:
    trace = watched(script)
    return () if trace is None else find_masked(trace, spot(trace))


def counted(script: Script) -> Counter[str]:
    """What became of each planned smile, and how many marks lie in speech or nowhere."""
    found = list(marks_of(script))
    told: Counter[str] = Counter()
    for planned in (one for one in script.expressions if one.emotion in KINDS):
        own = [mark for mark in found if mark.onset_s < planned.offset_s and planned.onset_s < mark.offset_s]
        found = [mark for mark in found if mark not in own]
        wanted = KINDS[planned.emotion]
        said = [mark.upper for mark in own]
        if wanted == "smiles":
            told["whole smile: left alone" if not said else "whole smile: marked"] += 1
        else:
            outcome = "not marked" if not said else "marked" if said == [wanted] else "marked as another"
            told[f"{wanted}: {outcome}"] += 1
    told["marks in speech or at rest"] += len(found)
    return told


def leak(subject: int) -> Script:
    """A whole smile of 3.6 s in which the brows are lowered for 0.4 s."""
    long = smile("smiles", 1.5, lasts_s=3.6)
    brows = PlannedExpression(3.0, 3.2, 3.4, (("brow_lowerer", 0.04),), "happy_but_angry")
    return Script(seconds=7, fps=30, size=240, expressions=(long, brows), subject=subject, seed=SEED)


def leaks(people: range) -> dict[str, Any]:
    """How often a moment of lowered brows within a whole smile is found, and how far its times are off (s)."""
    hits, off = 0, []
    for subject in people:
        own = [mark for mark in marks_of(leak(subject)) if mark.upper == "brows-lowered"]
        hits += len(own) == 1
        off += [max(abs(mark.onset_s - 3.0), abs(mark.offset_s - 3.4)) for mark in own[:1]]
    return {"found": hits, "of": len(people), "largest_error_s": max(off, default=None)}


def shares(script: Script) -> Iterator[tuple[str, float, float]]:
    """(kind, eyes, cheeks) of each smile: medians over its height, as shares of the smile."""
    trace = watched(script)
    if trace is None:
        return
    (segment, *_) = segments_of(trace)
    parts = face_parts(segment)
    assert parts is not None
    for planned in (one for one in script.expressions if one.emotion in KINDS):
        rows = np.flatnonzero((segment.times >= planned.onset_s) & (segment.times <= planned.offset_s))
        size = float(parts.smile[rows].max())
        rows = rows[parts.smile[rows] >= PLATEAU * size]
        eyes, cheeks = (float(np.median(course[rows])) / size for course in (parts.eyes, parts.up["upper_cheek"]))
        yield planned.emotion, eyes, cheeks


def limits() -> dict[str, Any]:
    """The ranges that the limits lie between, on the people whom they were set on."""
    alone: list[list[float]] = []
    faint: list[list[float]] = []
    whole: list[list[float]] = []
    for subject in SET_ON:
        for share in (1.0, 0.5):
            for kind, *values in shares(smiles_script(subject, seed=SEED, share=share)):
                if KINDS[kind] == "still":
                    alone.append(values)
                elif KINDS[kind] == "smiles":
                    (whole if share == 1.0 else faint).append(values)
        print(f"person {subject}", flush=True)
    return {
        name: {
            "smiles": len(values),
            "eyes": [round(float(each), 3) for each in np.quantile(np.array(values)[:, 0], [0, 0.5, 1])],
            "cheeks": [round(float(each), 3) for each in np.quantile(np.array(values)[:, 1], [0, 0.5, 1])],
        }
        for name, values in (("mouth alone", alone), ("faint whole smile", faint), ("whole smile", whole))
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--people", type=int, default=4)
    parser.add_argument("--limits", action="store_true")
    asked = parser.parse_args()
    path = RESULTS / f"masked{'-limits' if asked.limits else ''}-{date.today().isoformat()}.json"
    if asked.limits:
        record: dict[str, Any] = {"version": __version__, "people": list(SET_ON), "limits": limits()}
        print(json.dumps(record["limits"], indent=1))
    else:
        people = range(FIRST, FIRST + asked.people)
        table: dict[str, dict[str, int]] = {}
        total: Counter[str] = Counter()
        for name, condition in CONDITIONS.items():
            told = Counter(dict.fromkeys(NEVER, 0))
            for subject in people:
                told.update(counted(smiles_script(subject, seed=SEED, **condition)))
            table[name] = dict(sorted(told.items()))
            total.update(told)
            print(f"{name}: {table[name]}", flush=True)
        record = {
            "version": __version__,
            "people": list(people),
            "conditions": table,
            "all": dict(sorted(total.items())),
            "moment_in_a_whole_smile": leaks(people),
        }
        print(json.dumps({"all": record["all"], "moment": record["moment_in_a_whole_smile"]}, indent=1))
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(path)


if __name__ == "__main__":
    main()
