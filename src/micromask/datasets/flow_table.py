"""Motion maps that a table lists: a csv with one map a row."""

from __future__ import annotations

from pathlib import Path

from micromask.core.errors import BadInputError
from micromask.core.types import SubjectId
from micromask.datasets.build import Builder
from micromask.datasets.catalogue import Corpus, LoadOptions, datasets
from micromask.datasets.flow_folder import map_clip
from micromask.datasets.sheets import Row, find_sheet, read_sheet

NAME = "flow-table"
COLUMNS = {
    "dataset": ("dataset",),
    "subject": ("subject",),
    "clip": ("clip",),
    "emotion": ("emotion",),
    "file": ("file",),
}


@datasets.add(NAME)
def flow_table(root: Path, options: LoadOptions) -> Corpus:
    """Motion maps as in ``manifest.csv``: columns dataset, subject, clip, emotion, file, in any order, others ignored.

    ``root`` is the csv or the folder in which it is the only one. ``file`` is relative to the csv. A clip is
    ``dataset/subject/clip``, its subject the dataset's; ``recording`` is one frame, the map's file, and ``motion`` says
    how it is coded. No image is opened. No options. One release, ``N rows``.

    Raises
    ------
    BadInputError
        If there is no such csv, or it lacks a column. Rows whose map is missing (DS007), whose cell is empty (DS011) or
        whose name was there already (DS017) become findings.

    Source
    ------
    Layout of this project's own; the maps are those of Liong et al. 2019, doi:10.1109/FG.2019.8756567
    """
    options.take(NAME)
    sheet = read_sheet(find_sheet(root, ("*.csv",), NAME), COLUMNS, NAME)
    if not sheet.rows:
        raise BadInputError(f"{NAME}: {sheet.file} has a header and no rows")
    builder = Builder(NAME, root, options)
    for row in sheet:
        _add(builder, row)
    return builder.corpus(f"{len(sheet.rows)} rows")


def _add(builder: Builder, row: Row) -> None:
    cells = {name: row.text(name) for name in COLUMNS}
    empty = [name for name, text in cells.items() if not text]
    if empty:
        builder.say("DS011", f"{row.source}: {', '.join(empty)} empty")
        return
    path = row.source.file.parent / cells["file"].replace("\\", "/")
    if not path.is_file():
        builder.say("DS007", f"{row.source}: no file {cells['file']}")
        return
    subject = SubjectId(cells["dataset"], cells["subject"])
    builder.add(map_clip(f"{subject}/{cells['clip']}", path, subject, cells["emotion"], row.source))
