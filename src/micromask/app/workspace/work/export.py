"""The kind of work "export": a zip of many recordings, or with clips; what is short is made at once."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

from micromask.app.workspace.exports.kept import FOLDER, note_export, tidy_exports
from micromask.app.workspace.jobs import Job
from micromask.app.workspace.store import writing
from micromask.app.workspace.work.kinds import Tell, keep, scratch, works
from micromask.studies.files import private_folder

KIND = "export"


@works.add(KIND)
def export_recordings(workspace: Path, job: Job, tell: Tell) -> None:
    """Make the zip that the payload (`export_wanted.payload_of`) asks for, to be fetched as an export.

    Raises
    ------
    BadInputError
        If none of the recordings has results, or one was removed or analysed anew in the meantime.
    BadOutputError
        If there is no room.
    """
    from micromask.app.workspace.exports.wanted import wanted_of
    from micromask.app.workspace.exports.zip_file import write_export, zip_name

    wanted = wanted_of(job.payload)
    name = zip_name(workspace, wanted)
    place = scratch(workspace, job)
    made = place / "export.zip"
    made.unlink(missing_ok=True)  # a job that was killed begins anew
    written = write_export(workspace, wanted, made, place, tell)
    target = workspace / FOLDER / f"{secrets.token_hex(8)}.zip"
    size = made.stat().st_size
    keep(
        workspace,
        job,
        {made: target},
        note=lambda store: note_export(store, target, name, size, wanted.recordings, job.id),
    )
    tidy_exports(workspace)
    more = f"; left out: {'; '.join(written.left_out)}" if written.left_out else ""
    tell(written.steps, written.steps, f"ready{more}")


def export_now(workspace: Path, payload: dict[str, object]) -> int:
    """Make a zip while somebody waits; its id. For what `export_wanted.Wanted.is_long` does not call long.

    Raises
    ------
    BadInputError, BadOutputError
        As `export_recordings`.
    """
    from micromask.app.workspace.exports.wanted import wanted_of
    from micromask.app.workspace.exports.zip_file import write_export, zip_name

    wanted = wanted_of(payload)
    name = zip_name(workspace, wanted)
    place = private_folder(workspace / "scratch" / f"export-{secrets.token_hex(8)}")
    try:
        made = place / "export.zip"
        write_export(workspace, wanted, made, place)
        target = private_folder(workspace / FOLDER) / f"{secrets.token_hex(8)}.zip"
        with writing(workspace) as store:
            number = note_export(store, target, name, made.stat().st_size, wanted.recordings)
            made.replace(target)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    tidy_exports(workspace)
    return number
