from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from micromask.core.types import Recording
from micromask.reports.page import report_html, write_report
from micromask.reports.words import verdict


@pytest.fixture(scope="module")
def page(analysis, read_page):
    return read_page(report_html(analysis))


def test_every_element_of_the_page_is_closed(page):
    assert page.open == []
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_the_page_loads_nothing_from_anywhere(page):
    assert page.all("link") == []
    assert page.all("iframe") == []
    for tag, attributes in page.elements:
        for name in ("src", "href", "srcset", "data", "action", "poster", "xlink:href", "background"):
            if name in attributes:
                assert attributes[name].startswith(("data:image/", "#")), (tag, name, attributes[name][:60])
        assert "url(" not in attributes.get("style", "")
    style = "".join(page.inside["style"])
    assert "@import" not in style
    assert all(address.startswith("data:image/png") for address in re.findall(r"url\([\"']?([^\"')]+)", style))
    policy = page.all("meta", **{"http-equiv": "Content-Security-Policy"})[0]["content"]
    assert "default-src 'none'" in policy
    assert "http" not in policy


def test_plotly_is_in_the_page_once_and_only_where_it_is_needed(page, invented):
    libraries = [script for script in page.inside["script"] if len(script) > 1_000_000]
    assert len(libraries) == 1
    assert "plotly.js" in libraries[0][:400]
    assert len(report_html(invented(faces=0))) < 60_000


def test_the_head_of_the_page_says_what_was_analysed_and_found(page):
    for words in (
        "interview 07.mp4",
        "3 micro-expressions and 1 macro-expression in 14.0 s of 1 face",
        "640 × 480 px",
        "200 frames/s",
        "2,800",
        "14.00 s",
        "184 px wide, seen in 98 %",
        "dlib",
        "face largest · flow dis · recognise yes",
        "a support vector machine on invented maps, trained on nobody",
        "never of lies, guilt or diagnoses",
    ):
        assert words in page.text


def test_every_expression_has_a_row_and_a_card_with_its_pictures(page):
    assert [card["id"] for card in page.all("article")] == [f"expression-{number}" for number in (1, 2, 3, 4)]
    assert [card["class"] for card in page.all("article")] == ["card micro", "card micro", "card macro", "card micro"]
    assert len(page.all("img")) == 3 * 4
    assert all(len(picture["alt"]) > 20 for picture in page.all("img"))
    assert {link["href"] for link in page.all("a")} >= {f"#expression-{number}" for number in (1, 2, 3, 4)}
    assert "width: 81.0%" in {bar["style"] for bar in page.all("i")}
    assert "the head moved by 1.3 %" in page.text


def test_what_comes_from_the_recording_is_escaped(invented, read_page):
    bad = "<script>alert(1)</script>"
    analysis = invented(
        fps=25.0,
        recording=Recording(bad, Path("x/</title><img src=x onerror=alert(2)>.mp4"), 25.0, 350, (480, 640)),
        cautions=(bad,),
        detector=bad,
        recognizer=bad,
        settings={bad: bad},
    )
    one = replace(analysis.expressions[0], probabilities={bad: 1.0}, regions=(bad,))
    text = report_html(replace(analysis, expressions=(one, *analysis.expressions[1:])))
    assert bad not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<img src=x" not in text
    assert read_page(text).open == []


def test_the_figure_in_the_page_is_json(page):
    figures = [json.loads(script) for script in page.inside["script"] if script.lstrip().startswith('{"data"')]
    assert len(figures) == 1
    assert len(figures[0]["layout"]["shapes"]) == 4 * 2 + 1


def test_a_film_without_a_face_is_told_kindly(invented, read_page):
    page = read_page(report_html(invented(faces=0)))
    for words in (
        "No face was found in 14.0 s of film",
        "nothing to measure",
        "at least 40 px wide",
        "another detector",
    ):
        assert words in page.text
    assert page.all("article") == page.all("table") == []


def test_a_film_without_an_expression_is_told_kindly(invented, read_page):
    page = read_page(report_html(invented(expressions=(), pictures=())))
    for words in ("No expression in 14.0 s of 1 face", "No expression stood out", "a peak below the dashed line"):
        assert words in page.text
    assert len(page.all("div", **{"class": "chart"})) == 1


def test_a_face_that_was_not_measured_is_not_said_to_have_been_at_rest(invented, read_page):
    whole = invented(expressions=(), pictures=())
    (timeline,) = whole.timelines
    blank = replace(timeline, strength=np.full_like(timeline.strength, np.nan))
    page = read_page(report_html(replace(whole, timelines=(blank,))))
    assert "not in sight for long enough" in page.text
    assert "at rest:" not in page.text
    assert "No expression stood out" not in page.text


def test_several_faces_have_a_timeline_each(invented, read_page):
    page = read_page(report_html(invented(fps=50.0, faces=2)))
    assert [chart["data-face"] for chart in page.all("div", **{"class": "chart"})] == ["0", "1"]
    assert "6 micro-expressions and 2 macro-expressions in 14.0 s of 2 faces" in page.text
    assert "face 1: 164 px wide" in page.text


def test_a_break_and_a_low_frame_rate_stand_above_the_results(invented, read_page):
    page = read_page(report_html(invented(fps=25.0, broke_at=200)))
    assert "The film broke off at frame 200 (8.00 s)" in page.text
    assert "At 25 frames/s a micro-expression (0.5 s or less) is at most 12 frames long." in page.text
    assert page.text.index("broke off") < page.text.index("Timeline of motion strength")
    told = read_page(
        report_html(invented(fps=25.0, broke_at=200, cautions=("the film breaks off at frame 200 of 350",)))
    )
    assert "The film breaks off at frame 200 of 350." in told.text
    assert "broke off" not in told.text


def test_cards_without_pictures_or_probabilities_still_stand(invented, read_page):
    analysis = invented(fps=50.0, pictures=())
    bare = tuple(replace(one, probabilities={}, regions=()) for one in analysis.expressions)
    page = read_page(report_html(replace(analysis, expressions=bare, timelines=())))
    assert len(page.all("article")) == 4
    assert page.all("img") == page.all("button") == []
    assert "No recogniser was run." in page.text


def test_a_long_film_is_thinned_and_says_so(invented):
    analysis = invented(seconds=600.0)
    text = report_html(analysis)
    assert "Drawn from 120,000 frames by the lowest and highest of each stretch" in text
    assert len(text) - len(report_html(replace(analysis, timelines=()))) < 5_700_000


def test_the_report_is_written_as_utf_8(invented, tmp_path):
    write_report(invented(faces=0), tmp_path / "report.html")
    assert "640 × 480 px" in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        pytest.param([0, 1, 2, 3], "3 micro-expressions and 1 macro-expression in 14.0 s of 1 face", id="both"),
        pytest.param([0], "1 micro-expression in 14.0 s of 1 face", id="one micro"),
        pytest.param([2, 2], "2 macro-expressions in 14.0 s of 1 face", id="two macro"),
        pytest.param([], "No expression in 14.0 s of 1 face", id="none"),
    ],
)
def test_the_verdict_is_in_words(analysis, kinds, expected):
    chosen = tuple(analysis.expressions[kind] for kind in kinds)
    assert verdict(replace(analysis, expressions=chosen, pictures=())) == expected


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    ("front", "back"),
    [
        ("ink", "ground"),
        ("muted", "ground"),
        ("muted", "paper"),
        ("paper", "micro"),
        ("paper", "macro"),
        ("micro", "ground"),
        ("warn", "warn-ground"),
    ],
)
def test_text_has_the_contrast_that_wcag_asks_for(page, front, back):
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", "".join(page.inside["style"])))
    light, dark = sorted((luminance(colours[front]), luminance(colours[back])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5
