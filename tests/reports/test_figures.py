from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest

from micromask.reports.figures import LINE_POINTS, MAP_COLUMNS, timeline_figure
from micromask.reports.sparkline import HEIGHT, WIDTH, sparkline


def named(figure, name):
    return next(trace for trace in figure["data"] if trace["name"] == name)


@pytest.fixture(scope="module")
def figure(analysis):
    return timeline_figure(analysis, analysis.timelines[0])


def test_plotly_knows_every_word_of_the_figure(figure):
    go.Figure(figure)


def test_the_figure_is_json_without_nan(figure):
    assert json.loads(json.dumps(figure, allow_nan=False)) == figure


def test_intervals_lie_where_they_were_planned(figure):
    shades = [shape for shape in figure["layout"]["shapes"] if shape.get("opacity") == 0.14]
    # To the end of the offset frame, 5 ms after it begins.
    assert [(shade["x0"], shade["x1"]) for shade in shades] == [
        (1.6, 1.96),
        (4.2, 4.605),
        (7.4, 9.405),
        (11.2, 11.505),
    ]
    assert len({shade["fillcolor"] for shade in shades}) == 2
    assert named(figure, "micro-expression")["x"] == [1.75, 4.35, 11.32]
    assert named(figure, "macro-expression")["text"] == ["3"]


def test_pointing_at_an_interval_tells_its_frames_and_emotion(figure):
    told = named(figure, "macro 3")["hovertemplate"]
    for words in ("macro · positive 95 %", "7.400 s (frame 1480)", "8.300 s (frame 1660)", "9.400 s (frame 1880)"):
        assert words in told


def test_frames_without_the_face_are_a_break_in_the_line(figure):
    line = named(figure, "strength")
    assert line["connectgaps"] is False
    unseen = [y for x, y in zip(line["x"], line["y"], strict=True) if 12.6 <= x <= 13.0]
    assert unseen
    assert all(y is None for y in unseen)


def test_rows_that_are_missing_break_the_line_too(invented):
    analysis = invented(fps=50.0, expressions=(), pictures=())
    whole = analysis.timelines[0]
    rows = np.r_[0:100, 200:300]
    part = replace(
        whole,
        frames=whole.frames[rows],
        times=whole.times[rows],
        strength=whole.strength[rows],
        eyes=whole.eyes[rows],
        head=whole.head[rows],
        regions={name: values[rows] for name, values in whole.regions.items()},
    )
    line = named(timeline_figure(analysis, part), "strength")
    assert line["y"].count(None) == 1
    assert line["x"][100] == 4.0
    assert line["customdata"][99:102] == [99, None, 200]


def test_ten_minutes_at_200_frames_a_second_are_thinned_and_keep_their_peaks(invented):
    analysis = invented(seconds=600.0)
    figure = timeline_figure(analysis, analysis.timelines[0])
    line = named(figure, "strength")
    assert len(line["x"]) <= LINE_POINTS
    highest = np.nanmax(analysis.timelines[0].strength)
    assert max(y for y in line["y"] if y is not None) == pytest.approx(highest, abs=1e-3)
    regions = next(trace for trace in figure["data"] if trace["type"] == "heatmap")
    assert all(len(row) <= MAP_COLUMNS for row in regions["z"])
    assert len(json.dumps(figure)) < 700_000


def test_names_of_regions_and_classes_are_not_fixed(invented):
    analysis = invented(fps=25.0)
    one = replace(analysis.expressions[0], probabilities={"<b>awe</b>": 1.0}, regions=("ear_left",))
    timeline = replace(analysis.timelines[0], regions={"ear_left": analysis.timelines[0].strength})
    figure = timeline_figure(replace(analysis, expressions=(one,), pictures=()), timeline)
    assert "&lt;b&gt;awe&lt;/b&gt; 100 %" in named(figure, "micro 1")["hovertemplate"]
    assert next(trace for trace in figure["data"] if trace["type"] == "heatmap")["y"] == ["left ear"]


def test_a_timeline_in_which_nothing_was_measured_is_drawn_empty(invented):
    analysis = invented(fps=25.0, expressions=(), pictures=(), events=())
    blank = np.full(350, np.nan)
    regions = dict.fromkeys(analysis.timelines[0].regions, blank)
    empty = replace(
        analysis.timelines[0], strength=blank, eyes=blank, head=blank, regions=regions, threshold=float("nan")
    )
    for timeline in (empty, replace(empty, regions={})):
        figure = timeline_figure(analysis, timeline)
        go.Figure(figure)
        json.dumps(figure, allow_nan=False)


def test_the_small_line_of_a_card_shows_the_interval_in_its_middle(analysis):
    line = sparkline(analysis.timelines[0], analysis.expressions[0], 0.36)
    assert line is not None
    assert (line.from_s, line.to_s) == (pytest.approx(1.24, abs=0.006), pytest.approx(2.32, abs=0.006))
    assert line.interval == (pytest.approx(WIDTH / 3, abs=1.5), pytest.approx(2 * WIDTH / 3, abs=1.5))
    assert 0 < line.apex[1] < 0.25 * HEIGHT
    assert len(line.strokes) == 1


def test_a_gap_beside_an_interval_parts_the_small_line(analysis):
    one = replace(analysis.expressions[0], onset_s=12.5, apex_s=12.55, offset_s=13.1)
    line = sparkline(analysis.timelines[0], one, 0.6)
    assert line is not None
    assert len(line.strokes) == 2
    blank = replace(analysis.timelines[0], strength=np.full(2800, np.nan))
    assert sparkline(blank, one, 0.6) is None
