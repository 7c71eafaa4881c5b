"""The page of a reproduction, drawn from an invented document: the pair must be impossible to miss."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest

from micromask.reports.reproduction import reproduction_html
from micromask.reports.reproduction.drawings import curves_chart, pair_chart
from micromask.reports.reproduction.page import duration, headline_row, verdict

WAYS = ("as-published", "subject-independent", "identity")


def cell(run: str, accuracy: float) -> dict[str, Any]:
    return {
        "run": run,
        "why_not": "",
        "accuracy": accuracy,
        "interval": [accuracy - 0.04, min(1.0, accuracy + 0.04)],
        "uf1": accuracy,
        "uar": accuracy,
        "macro_auc": 0.7,
        "majority": 0.4,
        "classes": 2,
        "samples": 40,
        "subjects": 4,
        "train_accuracy": 0.95,
        "seconds": 75.0,
        "leaks": [],
    }


def row(model: str, published: float, apart: float, **more: Any) -> dict[str, Any]:
    cells = dict(zip(WAYS, (published, apart, 0.99), strict=True))
    return {
        "subset": "samm",
        "data": "samm",
        "model": model,
        "title": model.upper(),
        "baseline": False,
        "weights": "none",
        "lacks_weights": False,
        "claim": {"accuracy": 99.89, "f1": None, "low": 99.89, "high": 99.89, "on": ["samm"], "source": "Table 1"},
        "ways": {way: cell(f"{model}--{way}", value) for way, value in cells.items()},
        "difference": {"value": apart - published, "interval": [-0.8, -0.5]},
        **more,
    }


def run(way: str) -> dict[str, Any]:
    figures = {"precision": 0.5, "recall": 0.5, "f1": 0.5, "support": 20}
    curve = [{"seed": 0, "false_positive_rate": [0.0, 0.5, 1.0], "true_positive_rate": [0.0, 0.75, 1.0]}]
    leak = {"code": "LK001", "title": "the same subject is on both sides", "severity": "leak", "evidence": ["4 of 4"]}
    return {
        "way": way,
        "folder": f"runs/{way}",
        "labels": ["anger", "joy"],
        "folds": 1,
        "confusion": {"mean": [[15.0, 5.0], [10.0, 10.0]]},
        "report": {
            "classes": [{"label": "anger", **figures}, {"label": "joy", **figures}],
            "macro": figures,
            "weighted": figures,
        },
        "ranking": {"macro_auc": 0.7, "classes": [{"label": "anger", "auc": 0.7, "curves": curve}]},
        "curves": [
            {"epoch": 1, "train_loss": {"mean": 2.0}, "train_accuracy": {"mean": 0.5}},
            {"epoch": 2, "train_loss": {"mean": 1.0}, "train_accuracy": {"mean": 0.75}},
        ],
        "findings": [leak] if way != "subject-independent" else [],
    }


@pytest.fixture
def document() -> dict[str, Any]:
    rows = [row("mbcc-cnn", 0.983, 0.292), row("svm", 0.948, 0.24, baseline=True, claim=None)]
    return {
        "format": "micromask-reproduction/1",
        "version": "0.1.0",
        "command": "micromask reproduce mbcc-cnn",
        "paper": {
            "name": "mbcc-cnn",
            "title": "A paper",
            "authors": "A. Author",
            "published": "A journal",
            "link": "https://example.org",
            "claim": "Nearly all.",
            "doubt": "Frames were split.",
            "share": 0.8,
            "share_from": "80/20",
            "goal": None,
            "data": ["samm"],
            "settled": ["One thing."],
            "claims": [
                {"subset": "samm", "model": "mbcc-cnn", "figures": {"accuracy": 99.89}, "source": "Table 1"},
            ],
            "titles": {"mbcc-cnn": "MBCC-CNN"},
            "printed": [{"subset": "samm", "method": "STSTNet", "accuracy": 76.05, "source": "Table 1"}],
        },
        "quick": True,
        "left_out": ["The modular network."],
        "cautions": ["The data is synthetic."],
        "data": [{"name": "samm", "clips": 24, "subjects": 6}],
        "ways": {
            way: {
                "runs": 2,
                "of": 2,
                "how": ["by some rule"],
                "findings": [{**each, "runs": 2} for each in run(way)["findings"]],
            }
            for way in WAYS
        },
        "rows": rows,
        "comparisons": [],
        "finish": [],
        "runs": {each["ways"][way]["run"]: run(way) for each in rows for way in WAYS},
        "versions": {"python": "3.11"},
        "seconds": 100.0,
    }


@pytest.fixture
def read(read_page: Any) -> Callable[[dict[str, Any]], Any]:
    """read(document): its page, read."""
    return lambda document: read_page(reproduction_html(document))


def test_the_pair_stands_in_the_title_the_heading_and_the_first_two_boxes(document):
    page = reproduction_html(document)
    assert "<h1>98 % as published, 29 % on new people</h1>" in page
    assert "<title>mbcc-cnn: 98 % as published, 29 % on new people</title>" in page
    first = page.partition('class="notes"')[0]
    assert re.findall(r'<p class="big">([\d.]+ %)</p>', first) == ["98.3 %", "29.2 %"]
    assert "<strong>−69.1</strong>" in first


def test_the_paper_the_majority_and_identity_stand_beside_the_pair(document, read):
    text = read(document).text
    for told in ("99.89 %", "40.0 %", "99.0 %", "chance 40 %", "Table 1", "LK001", "no leak found"):
        assert told in text


def test_what_the_paper_reports_on_other_data_is_told_as_such(document, read):
    document["rows"][0]["claim"] |= {"accuracy": None, "low": 98.73, "high": 100.0, "on": ["samm", "casme", "casme2"]}
    text = read(document).text
    assert "98.73–100.0 % Table 1, on samm, casme, casme2" in text
    assert "98.73–100.0 % on 3 of its own" in text
    assert str(pair_chart(document["rows"][:1], several=False)).count('class="claim"') == 2


def test_a_list_of_other_methods_ends_with_the_papers_figure_and_both_of_ours(document, read):
    text = read(document).text
    table = text.partition("STSTNet")[2]
    assert re.search(
        r"76\.05 .*MBCC-CNN, the paper.* 99\.89 .*ours as published.* 98\.3 .*ours on new people.* 29\.2", table
    )


def test_nothing_is_loaded_from_elsewhere(document, read):
    words = read(document)
    for tag, attributes in words.elements:
        assert tag not in ("script", "link", "iframe", "object", "base")
        assert "src" not in attributes
    assert "svg" in {tag for tag, _ in words.elements}
    assert "default-src 'none'" in reproduction_html(document)


def test_what_comes_from_data_is_escaped(document):
    document["rows"][0]["subset"] = document["rows"][1]["title"] = "<img src=x onerror=alert(1)>"
    document["runs"]["mbcc-cnn--as-published"]["labels"][0] = "<b>anger</b>"
    page = reproduction_html(document)
    assert "<img" not in page
    assert "<b>anger" not in page


def test_a_half_that_was_not_run_says_why_in_its_place(document, read):
    for each in document["rows"]:
        for way in WAYS[1:]:
            each["ways"][way] = {"run": None, "why_not": "nobody says who is in the pictures"}
        each["difference"] = None
    page = reproduction_html(document)
    assert "98 % as published; nobody knows how much of it holds on new people" in page
    assert '<p class="big none">Not run: nobody says who is in the pictures</p>' in page
    assert read(document).text.count("nobody says who is in the pictures") >= 3


def test_where_nothing_was_run_the_page_is_drawn_all_the_same(document, read):
    for each in document["rows"]:
        each["ways"] = {way: {"run": None, "why_not": "2 samples, fewer than 10"} for way in WAYS}
        each["difference"] = None
    document["runs"] = {}
    assert verdict(document) == "Nothing could be run"
    assert read(document).text.count("2 samples, fewer than 10") >= 2


def test_the_page_opens_with_the_papers_model_and_not_with_a_baseline(document):
    rows = document["rows"][::-1]
    assert headline_row(rows)["model"] == "mbcc-cnn"
    half = copy.deepcopy(document["rows"][0])
    half["model"], half["ways"]["subject-independent"] = "half", {"run": None, "why_not": "no"}
    assert headline_row([half, *rows])["model"] == "mbcc-cnn"
    assert headline_row([half])["model"] == "half"


def test_comparisons_and_finishing_order_are_told_with_their_intervals(document, read):
    model = {"model": "mbcc-cnn", "title": "CNN", "why_not": "", "accuracy": [0.05, -0.02, 0.12], "uf1": None}
    document["comparisons"] = [
        {
            "attribute": "gender",
            "way": "subject-independent",
            "rest": "images, micro",
            "sides": ["women", "men"],
            "models": [model],
            "mean": {"accuracy": [0.05, -0.02, 0.12], "corrected": [-0.05, 0.15], "comparisons": 4, "models": 1},
            "said": "These data do not say it.",
        }
    ]
    told = {"train": 0.95, "test": 0.7, "seconds": 75.0, "reached": False}
    finish = {"subset": "samm", "model": "a", "title": "CNN 1", "order": 1, "paper_order": 2.0, "paper_train": 91.2}
    document["finish"] = [{**finish, "paper_test": 82.53, "ways": {"as-published": told}}]
    document["paper"]["goal"] = 0.8
    text = read(document).text
    assert "+5.0" in text
    assert "−2.0 to +12.0" in text
    assert "corrected: −5.0 to +15.0" in text
    assert "These data do not say it." in text
    for words in ("goal of 80 %", "1 min 15 s", "91.2 / 82.53", "goal not reached"):
        assert words in text


def test_a_chart_puts_each_figure_where_it_belongs(document):
    chart = str(pair_chart(document["rows"][:1], several=False))
    left, right = (float(each) for each in re.findall(r'<text x="([\d.]+)"[^>]*class="tick"', chart)[::5])
    at = {name: float(re.search(pattern, chart)[1]) for name, pattern in (
        ("published", r'<circle cx="([\d.]+)"'), ("apart", r'<rect x="([\d.]+)"'))}  # fmt: skip
    assert (at["published"] - left) / (right - left) == pytest.approx(0.983, abs=0.001)
    assert (at["apart"] + 6 - left) / (right - left) == pytest.approx(0.292, abs=0.001)


def test_curves_show_test_or_validation_where_they_were_measured_and_nothing_without_epochs():
    rows = [{"epoch": n, "train_loss": {"mean": 1.0 / n}, "test_loss": {"mean": 2.0}} for n in (1, 2)]
    chart = str(curves_chart(rows, "loss"))
    assert chart.count("<polyline") == 2
    assert "training" in chart
    assert "test" in chart
    assert str(curves_chart(rows, "accuracy")) == str(curves_chart([], "loss")) == ""


def test_times_are_told_in_the_unit_that_fits():
    assert [duration(each) for each in (0.04, 59.0, 61.0, 3700.0)] == ["0.0 s", "59.0 s", "1 min 1 s", "1 h 1 min"]
