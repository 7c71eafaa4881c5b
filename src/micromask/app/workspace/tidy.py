"""What a server that was killed may have left behind."""

from __future__ import annotations

import shutil
from pathlib import Path

from micromask.app.workspace.exports.kept import tidy_exports
from micromask.app.workspace.made import tidy_made
from micromask.app.workspace.store import reading


def tidy(workspace: Path) -> None:
    """Remove uploads that broke off, and the files of recordings, pictures and exports the database does not know."""
    for part in (workspace / "uploads").iterdir():
        part.unlink(missing_ok=True)
    with reading(workspace) as store:
        films = {str(row["id"]) for row in store.execute("SELECT id FROM recording")}
        batches = {str(row["id"]) for row in store.execute("SELECT id FROM picture_batch")}
    for place, known in (("films", films), ("results", films), ("pictures", batches)):
        for folder in (workspace / place).iterdir():
            if folder.name.isdecimal() and folder.name not in known:
                shutil.rmtree(folder, ignore_errors=True)
    for folder in (workspace / "scratch").glob("export-*"):
        shutil.rmtree(folder, ignore_errors=True)
    tidy_exports(workspace)
    tidy_made(workspace)
