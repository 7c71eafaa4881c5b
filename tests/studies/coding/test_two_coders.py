"""Two coders at a time, and coders whose process is killed: real processes on one study."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from micromask.studies.coding import add_coder, labels_of
from micromask.studies.store import open_store

CODER = """
import sys
from pathlib import Path
from micromask.studies.coding import save_label
from micromask.studies.design import Design
from micromask.studies.labels import Decision
folder, coder, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
design = Design(folder, "A study", ("anger", "sad"), ("micro",), (), "I agree.")
for index in range(count):
    told = Decision("micro", ("anger", "sad")[index % 2], index % 4, note=str(index))
    print(save_label(folder, design, coder, 1, told).decision.note, flush=True)
"""


def coder_process(folder: Path, coder: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CODER, str(folder), coder, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"})


def changes(folder: Path, coder: str) -> list[str]:
    with open_store(folder) as store:
        rows = store.execute("SELECT json_extract(after, '$.note') FROM change WHERE coder = ? ORDER BY id", (coder,))
        return [row[0] for row in rows]


def test_two_coders_write_at_the_same_time_and_nothing_is_lost(case):
    for name in ("ann", "ben"):
        add_coder(case.folder, name)
    working = [coder_process(case.folder, name, 40) for name in ("ann", "ben")]
    said = [process.communicate(timeout=60)[0].split() for process in working]
    assert [process.returncode for process in working] == [0, 0]
    for name, notes in zip(("ann", "ben"), said, strict=True):
        assert notes == changes(case.folder, name) == [str(index) for index in range(40)]
        assert [label.decision.note for label in labels_of(case.folder, name, 1)] == ["36", "37", "38", "39"]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL here")
def test_a_killed_coder_process_loses_nothing_that_it_said_was_saved(case):
    add_coder(case.folder, "ann")
    with coder_process(case.folder, "ann", 100_000) as working:
        assert working.stdout is not None
        said = [working.stdout.readline().strip() for _ in range(25)]
        working.send_signal(signal.SIGKILL)
        said += working.stdout.read().split()
    kept = changes(case.folder, "ann")
    assert kept[: len(said)] == said == [str(index) for index in range(len(said))]
    assert len(kept) - len(said) in (0, 1)
    assert {label.decision.note for label in labels_of(case.folder, "ann", 1)} == set(kept[-4:])
