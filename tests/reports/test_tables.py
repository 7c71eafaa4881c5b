from __future__ import annotations

import csv
import math
from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
import pytest

from micromask.core.errors import BadInputError
from micromask.core.types import Evidence, Recording
from micromask.reports.tables import (
    COLUMNS,
    TIMELINE_COLUMNS,
    expression_row,
    read_timeline_parquet,
    write_expressions_csv,
    write_timeline_parquet,
)


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))


def test_every_column_of_the_csv_is_documented_and_in_its_place(analysis, tmp_path):
    write_expressions_csv(analysis, tmp_path / "e.csv")
    header = rows(tmp_path / "e.csv")[0]
    documented = list(COLUMNS)
    spread = documented.index("p_<class>")
    expected = [*documented[:spread], "p_negative", "p_positive", "p_surprise", *documented[spread + 1 :]]
    assert header == expected
    assert all(column.meaning for column in COLUMNS.values())
    assert COLUMNS["onset"].unit.startswith("frame")
    assert COLUMNS["apex_s"].unit.startswith("s ")
    assert COLUMNS["strength"].unit == "% of the distance between the eyes"


def test_the_csv_has_one_row_an_expression_with_what_was_planned(analysis, tmp_path):
    write_expressions_csv(analysis, tmp_path / "e.csv")
    with (tmp_path / "e.csv").open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert [(one["kind"], one["emotion"]) for one in found] == [
        ("micro", "surprise"),
        ("micro", "positive"),
        ("macro", "positive"),
        ("micro", "negative"),
    ]
    first = found[0]
    assert (first["number"], first["onset"], first["apex"], first["offset"]) == ("1", "320", "350", "391")
    assert (first["onset_s"], first["duration_s"]) == ("1.6", "0.355")  # 71 steps of 5 ms
    assert (first["p_surprise"], first["regions"]) == ("0.81", "brow_left; brow_right; glabella")


def test_the_duration_follows_a_clock_that_is_not_uniform(invented):
    times = np.array([0.0, 0.1, 0.15, 0.35, 0.4])
    recording = Recording("a", invented().recording.path, 10.0, 5, (480, 640), times=times)
    one = replace(invented().expressions[0], onset=1, apex=1, offset=2, onset_s=0.1, apex_s=0.1, offset_s=0.15)
    analysis = invented(recording=recording, expressions=(one,), pictures=())
    assert expression_row(analysis, one)["duration_s"] == 0.05  # from 0.10 s to 0.15 s


def test_commas_quotes_and_line_ends_survive_the_csv(invented, tmp_path):
    name = 'a, "b"\nc; é'
    analysis = invented(recording=replace(invented().recording, id=name))
    write_expressions_csv(analysis, tmp_path / "e.csv")
    found = rows(tmp_path / "e.csv")
    assert len(found) == 5
    assert all(len(row) == len(found[0]) for row in found)
    assert found[1][1] == name
    assert (tmp_path / "e.csv").read_bytes().count(b"\r\n") == 5


def test_a_csv_without_expressions_is_its_header_alone(invented, tmp_path):
    write_expressions_csv(invented(expressions=(), pictures=()), tmp_path / "e.csv")
    assert rows(tmp_path / "e.csv") == [[name for name in COLUMNS if name != "p_<class>"]]


def test_what_is_not_known_is_empty(invented):
    one = replace(invented().expressions[0], probabilities={}, evidence=Evidence(80.0, 25.0, math.nan, 1.0))
    row = expression_row(invented(expressions=(one,), pictures=()), one)
    assert (row["emotion"], row["blur"]) == ("", "")


def test_an_expression_of_another_analysis_has_no_row(invented):
    with pytest.raises(ValueError, match="the expression at frame 320 is not one of interview-07's"):
        expression_row(invented(expressions=(), pictures=()), invented().expressions[0])


def test_the_timeline_keeps_every_frame_of_every_face_with_its_units(invented, tmp_path):
    analysis = invented(fps=50.0, faces=2)
    write_timeline_parquet(analysis, tmp_path / "t.parquet")
    table = pq.read_table(tmp_path / "t.parquet")
    assert table.num_rows == 2 * 700
    names = list(TIMELINE_COLUMNS)[:-1] + [f"region_{name}" for name in analysis.timelines[0].regions]
    assert table.column_names == names
    for field in table.schema:
        assert b"meaning" in field.metadata
    assert table.schema.field("time_s").metadata[b"unit"] == b"s from the first frame"
    assert table.schema.field("region_chin").metadata[b"unit"] == b"% of the distance between the eyes"
    assert table.schema.metadata[b"recording"] == b"interview-07"
    frame = table.to_pandas()
    planned = sum(one.offset - one.onset + 1 for one in analysis.expressions if one.face == 1)
    assert frame[frame["face"] == 1]["in_expression"].sum() == planned
    unseen = frame[(frame["time_s"] >= 12.6) & (frame["time_s"] <= 13.0)]
    assert unseen["strength"].isna().all()
    assert table["strength"].null_count == len(unseen)


def test_the_timeline_read_back_says_the_same(invented, tmp_path):
    analysis = invented(fps=50.0, faces=2)
    write_timeline_parquet(analysis, tmp_path / "t.parquet")
    again = read_timeline_parquet(tmp_path / "t.parquet")
    assert [one.face for one in again] == [0, 1]
    for old, new in zip(analysis.timelines, again, strict=True):
        np.testing.assert_array_equal(new.frames, old.frames)
        np.testing.assert_array_equal(new.times, old.times)
        np.testing.assert_array_equal(new.strength, old.strength.astype(np.float32))
        assert list(new.regions) == list(old.regions)
        np.testing.assert_array_equal(new.regions["chin"], old.regions["chin"].astype(np.float32))
        assert new.threshold == old.threshold


def test_faces_with_different_regions_share_one_table(invented, tmp_path):
    analysis = invented(fps=25.0, faces=2)
    fewer = replace(analysis.timelines[1], regions={"forehead": analysis.timelines[1].strength})
    write_timeline_parquet(replace(analysis, timelines=(analysis.timelines[0], fewer)), tmp_path / "t.parquet")
    frame = pq.read_table(tmp_path / "t.parquet").to_pandas()
    assert frame[frame["face"] == 0]["region_forehead"].isna().all()
    assert frame[frame["face"] == 1]["region_chin"].isna().all()


def test_a_film_without_faces_gives_an_empty_timeline(invented, tmp_path):
    write_timeline_parquet(invented(faces=0), tmp_path / "t.parquet")
    assert pq.read_table(tmp_path / "t.parquet").num_rows == 0
    assert read_timeline_parquet(tmp_path / "t.parquet") == ()


def test_what_is_no_timeline_is_refused_in_one_line(tmp_path):
    (tmp_path / "t.parquet").write_text("film", encoding="utf-8")
    for name in ("t.parquet", "missing.parquet"):
        with pytest.raises(BadInputError, match=r"is not a timeline\.parquet of a run"):
            read_timeline_parquet(tmp_path / name)
