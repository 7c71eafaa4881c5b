"""The kind of work "predict": read the pictures of a batch, one after the other; each is kept as soon as it is read."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from micromask.app.workspace.jobs import Job
from micromask.app.workspace.own import usable_model
from micromask.app.workspace.pictures import (
    KIND,
    Picture,
    batch_of,
    describe_batch,
    face_file,
    keep_rows,
    pictures,
)
from micromask.app.workspace.work.kinds import Tell, keep, scratch, works
from micromask.reports.words import count


@works.add(KIND)
def predict_batch(workspace: Path, job: Job, tell: Tell) -> None:
    """Read what was not read yet of the batch that the payload names; after a restart only the rest is read.

    Raises
    ------
    BadInputError
        If the batch or its model is not there any more, or the model cannot be used. A picture that cannot be read
        is a row that says so.
    BadOutputError
        If there is no room.
    """
    _one_thread()
    from micromask.inference.fitted import load_fitted
    from micromask.inference.predict import Asked, predict
    from micromask.reports.predictions import line_document, lines_of

    batch = batch_of(workspace, job.payload["batch"])
    own = usable_model(workspace, batch.model)
    fitted = None if own is None else load_fitted(own.path)
    if fitted is not None:
        describe_batch(workspace, batch.id, fitted.describe, fitted.classes)
    asked = Asked(enhanced=batch.enhanced and fitted is not None)
    every = pictures(workspace, batch.id)
    done, faces = 0, 0
    for one in every:
        rows = one.rows
        if rows is None:
            tell(done, len(every), one.title)
            lines = lines_of(predict(one.path, fitted, asked, name=one.title))
            rows = tuple(line_document(line) for line in lines)
            _keep(workspace, job, one, rows, [(line.shown, line.heat) for line in lines])
        done, faces = done + 1, faces + sum(row["face"] is not None for row in rows)
    tell(done, len(every), f"{count(faces, 'face')} in {count(len(every), 'picture')}")


def _keep(
    workspace: Path, job: Job, one: Picture, rows: tuple[dict[str, object], ...], files: list[tuple[bytes, bytes]]
) -> None:
    place = scratch(workspace, job)
    moves = {}
    for number, both in enumerate(files):
        for heat, packed in enumerate(both):
            if packed:
                target = face_file(workspace, one.batch, one.id, number, heat=bool(heat))
                made = place / target.name
                made.write_bytes(packed)
                moves[made] = target
    keep(workspace, job, moves, note=partial(keep_rows, picture=one.id, rows=rows))


def _one_thread() -> None:
    import cv2
    import torch

    cv2.setNumThreads(1)
    torch.set_num_threads(1)
