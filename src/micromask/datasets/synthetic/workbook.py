"""Workbooks whose bytes depend on nothing but their cells: no clock, no machine."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path

_TIMES = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")


def write_workbook(path: Path, tables: Mapping[str, Sequence[Sequence[object]]]) -> None:
    """Write tables by name, each a list of rows, as .xlsx; every date in it is the first that the format knows."""
    from openpyxl import Workbook  # type: ignore[import-untyped]

    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in tables.items():
        sheet = book.create_sheet(name)
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row, 1):
                if value is not None:
                    sheet.cell(number, column, value)
    packed = BytesIO()
    book.save(packed)
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(packed) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _TIMES.sub(rb"\g<1>1980-01-01T00:00:00Z", content)
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, content)
