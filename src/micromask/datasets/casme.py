"""CASME: micro-expressions at 60 fps whose sheet marks the first and the last frame of a lasting apex."""

from __future__ import annotations

from pathlib import Path

from micromask.datasets.build import Builder
from micromask.datasets.casme2 import named_rows, picture_folder, say_unnamed_folders
from micromask.datasets.catalogue import Corpus, LoadOptions, datasets
from micromask.datasets.correct import Corrector
from micromask.datasets.frames import existing, frame_folder
from micromask.datasets.sheets import find_sheet, read_sheet

FPS = 60.0
LICENCE = "CASME licence agreement, research only"
SHEETS = ("casme.xls*", "casme.csv", "CASME-cod*.xls*", "CASME-cod*.csv")
COLUMNS = {
    "subject": ("Subject",),
    "clip": ("Filename",),
    "onset": ("OnsetF", "OnsetFrame"),
    "apex": ("ApexF1", "ApexFrame"),
    "apex_end": ("ApexF2",),
    "offset": ("OffsetF", "OffsetFrame"),
    "action_units": ("AU", "Action Units"),
    "emotion": ("Emotion", "Estimated Emotion"),
}
PICTURES = {
    "raw": ("CASME_raw_selected", "CASME_raw_selected/CASME_raw_selected", "raw", "."),
    "cropped": ("Cropped", "Cropped/Cropped"),
}
RELEASES = {189: "189-rows", 193: "20190721"}


@datasets.add("casme")
def casme(root: Path, options: LoadOptions) -> Corpus:
    """The clips of CASME: ``sub01/EP01_12/EP01_12-1.jpg`` and ``casme.xlsx``.

    Clips are named ``sub01/EP01_12``, subjects as their folders: '01' where the sheet has the number 1. ``ApexF1`` is
    the apex; where ``ApexF2`` says that it lasted, that is counted (DS046). Some rows of the 189-row sheet do not fit
    their folders: an edge beyond the last file takes the nearest file (DS009), a row without any file is refused with
    its number (DS007). Which clips these are was never published, so that nothing can be corrected by name.

    Options: ``images`` "raw" (default; ``CASME_raw_selected``, or the subjects' folders beside the sheet) or "cropped"
    (``Cropped``, files that begin with ``reg_``).

    Releases are told apart by the number of rows: ``189-rows``, ``20190721`` (193 rows), else ``unknown``.

    Source: Yan et al. 2013, doi:10.1109/FG.2013.6553799
    """
    images = str(options.take("casme", images="raw")["images"])
    path = find_sheet(root, SHEETS, "casme")
    sheet = read_sheet(path, COLUMNS, "casme", optional=("apex_end",))
    place = picture_folder(path.parent, images, PICTURES, "casme")
    release = RELEASES.get(len(sheet.rows), "unknown")
    builder = Builder("casme", root, options)
    if release == "unknown":
        known = " or ".join(map(str, RELEASES))
        builder.say("DS041", f"{path.name}: {len(sheet.rows)} rows, the known releases have {known}")
    corrector = Corrector("casme", release, options.corrections)
    named: set[str] = set()
    lasting = 0
    for row, subject, clip_id in named_rows(builder, corrector, sheet, named):
        folder = existing(place, clip_id)
        added = builder.clip(
            row,
            clip_id,
            subject,
            frame_folder(folder) if folder else None,
            fps=FPS,
            onset=row.whole("onset"),
            apex=row.whole("apex"),
            offset=row.whole("offset"),
            emotion=row.text("emotion"),
            kind="micro",
            licence=LICENCE,
            looked_for=f"{place.name}/{clip_id}",
            action_units=row.text("action_units"),
        )
        first, last = row.whole("apex"), row.whole("apex_end")
        lasting += added is not None and first is not None and last is not None and last > first
    if lasting:
        builder.say("DS046", f"{path.name}: {lasting} of {len(builder.clips)} clips")
    say_unnamed_folders(builder, place, named)
    return builder.corpus(release, corrector.applied)
