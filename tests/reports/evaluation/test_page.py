from __future__ import annotations

import json
import re

import numpy as np
import pytest

from micromask.core.errors import BadInputError
from micromask.evaluation import document as made_by
from micromask.evaluation.audit import CODES
from micromask.evaluation.protocols import protocols
from micromask.reports.evaluation import FORMAT, Picture, render, words
from micromask.reports.evaluation.words import interval, number


@pytest.fixture(scope="module")
def page(document, read_page):
    return read_page(render(document))


def test_every_element_is_closed_and_every_link_leads_somewhere(page):
    assert page.open == []
    ids = [own["id"] for _, own in page.elements if "id" in own]
    assert len(ids) == len(set(ids))
    assert {link["href"].removeprefix("#") for link in page.all("a")} <= set(ids)
    named = [own["aria-labelledby"] for _, own in page.elements if "aria-labelledby" in own]
    assert set(named) <= set(ids)


def test_the_page_loads_nothing_from_anywhere(page):
    assert page.all("link") == page.all("iframe") == []
    for tag, own in page.elements:
        for name in ("src", "href", "srcset", "data", "action", "poster"):
            if name in own:
                assert own[name].startswith(("data:image/", "#")), (tag, name)
    style = "".join(page.inside["style"])
    assert "@import" not in style
    assert "url(" not in style
    policy = page.all("meta", **{"http-equiv": "Content-Security-Policy"})[0]["content"]
    assert "default-src 'none'" in policy


def test_plotly_is_in_the_page_once(page):
    assert len([script for script in page.inside["script"] if len(script) > 1_000_000]) == 1


def test_the_page_holds_every_headline_figure_of_the_document(page, document):
    metrics, majority = document["metrics"], document["majority"]
    for name in ("uf1", "uar", "accuracy"):
        assert number(metrics[name]) in page.text
        assert interval(metrics["intervals"][name]) in page.text
        assert f"Always “{majority['label']}”: {number(majority[name])}" in page.text
        assert interval(majority["gain"][name][1:]) in page.text
    for one in (*metrics["fold_mean_f1"].values(), metrics["fold_mean_recall"], metrics["fold_mean_accuracy"]):
        assert number(one) in page.text
    assert f"ECE {number(document['calibration']['ece'])}" in page.text
    assert number(document["ranking"]["macro_auc"]) in page.text
    assert document["protocol"]["pooling"] in page.text


def test_the_page_holds_every_table_of_the_document(page, document):
    for row in document["report"]["classes"]:
        assert all(number(row[name]) in page.text for name in ("precision", "recall", "f1"))
    for row in document["by_subject"]:
        assert row["subject"] in page.text
    for row in document["hardest"]:
        assert row["clip"] in page.text
    for part in document["parts"]:
        assert interval(part["metrics"]["intervals"]["uf1"]) in page.text
    for finding in document["findings"]:
        assert finding["code"] in page.text
        assert all(line in page.text for line in finding["evidence"])
    for words_of_it in ("micromask evaluate made --model ststnet", "2.13.0", "1 min 15 s", "recipe: augment", "flip"):
        assert words_of_it in page.text
    assert document["dataset"]["card"]["licence"] in page.text


def test_every_table_says_what_it_is_and_every_figure_in_words(page):
    assert len(page.all("table")) == len(page.all("caption")) >= 7
    assert all(own.get("scope") in {"col", "row"} for own in page.all("th"))
    charts = [own for own in page.all("div") if own.get("class") == "chart"]
    assert [own["id"] for own in charts] == ["chart-roc", "chart-reliability", "chart-loss", "chart-accuracy"]
    assert all(own["role"] == "img" and len(own["aria-label"]) > 30 for own in charts)


def test_the_figures_in_the_page_are_those_of_the_document(page, document):
    figures = [json.loads(script) for script in page.inside["script"] if script.lstrip().startswith('{"data"')]
    assert len(figures) == 4
    roc, reliability, loss, accuracy = figures
    lines = [line for line in roc["data"] if "name" in line]
    assert len(lines) == 3 * 2  # a class and seed each
    first = document["ranking"]["classes"][0]
    assert lines[0]["x"] == first["curves"][0]["false_positive_rate"]
    assert lines[0]["name"] == f"negative · {number(first['auc'])}"
    bins = [each for each in document["calibration"]["bins"] if each["count"]]
    assert reliability["data"][1]["x"] == [each["confidence"] for each in bins]
    for figure, what in ((loss, "loss"), (accuracy, "accuracy")):
        drawn = {line["name"]: line["y"] for line in figure["data"] if "name" in line}
        assert drawn["validation side"] == [row[f"validation_{what}"]["mean"] for row in document["curves"]]


def test_the_test_side_is_a_line_of_its_own_where_it_chose_the_epoch(document, read_page):
    name = "test side, which chose the epoch"
    seen = {"mean": 0.7, "low": 0.6, "high": 0.8}
    told = [{**row, "test_loss": seen, "test_accuracy": seen} for row in document["curves"]]
    page = read_page(render({**document, "curves": told}))
    figures = [json.loads(script) for script in page.inside["script"] if script.lstrip().startswith('{"data"')]
    assert [[line["y"] for line in figure["data"] if line.get("name") == name] for figure in figures[2:]] == [
        [[0.7, 0.7, 0.7]],
        [[0.7, 0.7, 0.7]],
    ]
    assert "test 0.700" in page.all("div", id="chart-loss")[0]["aria-label"]
    assert "that is the leak" in page.text
    assert "No test sample is in these curves" not in page.text
    honest = render(document)
    assert name not in honest
    assert "No test sample is in these curves" in honest


def test_a_clean_run_says_that_its_people_are_new(page):
    assert "on people whom the model never saw" in page.text
    assert "Do not believe" not in page.text
    assert "0 leaks" in page.text
    assert "could not be looked for" in page.text
    assert page.all("h1")[0].get("class") is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"protocol": "random-clips"}, "with people on both sides: not a figure for new people"),
        ({"selection": "as-published"}, "the epoch chosen on the test data: too high"),
    ],
)
def test_a_leak_is_in_the_headline(invent, changes, said, read_page):
    page = read_page(render(invent(**changes)))
    assert said in page.text
    assert "Do not believe the figures below." in page.text
    assert page.all("h1")[0]["class"] == "leaks"
    assert page.all("li", **{"class": "leak"})
    assert page.text.index("Do not believe") < page.text.index("mean over classes of F1")


def test_a_leak_by_construction_is_told_even_where_no_name_shows_it(invent, read_page):
    document = invent(protocol="random-clips")
    assert "LK002" not in {each["code"] for each in document["findings"]}
    page = read_page(render(document))
    assert "by construction of protocol random-clips, though no name shows it" in page.text


@pytest.mark.parametrize("changes", [
    pytest.param({"seeds": (0,)}, id="one seed"),
    pytest.param({"frames": 3}, id="frames"),
    pytest.param({"corpora": 1}, id="one corpus"),
    pytest.param({"protocol": "cross-dataset"}, id="tested again"),
    pytest.param({"protocol": "random-clips", "people": 2}, id="one fold"),
    pytest.param({"model": "flow-histogram-svm", "curves": ()}, id="classical"),
    pytest.param({"model": "somebody's net", "protocol": "loso"}, id="unknown model"),
    pytest.param({"labels": tuple(f"class {at}" for at in range(14)), "people": 9}, id="many classes"),
    pytest.param({"findings": (), "settings": {}, "versions": {}, "seconds": {}}, id="bare"),
])  # fmt: skip
def test_every_sort_of_run_has_a_page(invent, changes, read_page):
    document = invent(**changes)
    page = read_page(render(json.loads(json.dumps(document))))
    assert page.open == []
    assert number(document["metrics"]["uf1"]) in page.text
    if document["by_clip"]:
        assert interval(document["by_clip"]["intervals"]["uf1"]) in page.text
    if len(document["labels"]) > 10:
        assert "Drawn for the 10 classes of the most samples" in page.text


@pytest.mark.parametrize(("knows", "said"), [(True, "It is better at who"), (False, "It is not better at who")])
def test_the_identity_probe_is_told_where_it_was_run(document, knows, said, read_page):
    one = {"accuracy": 0.4321, "interval": [0.3, 0.55], "chance": 0.25, "skill": 0.2428, "classes": 3}
    probe = {"protocol": "mixed", "people": 6, "what": one, "who": {**one, "accuracy": 0.8765}, "knows_who": knows}
    page = read_page(render({**document, "probe": probe}))
    assert said in page.text
    assert all(words_of_it in page.text for words_of_it in ("0.432", "0.876", "0.300 to 0.550"))
    assert "Identity probe" not in read_page(render({**document, "probe": None})).text


def test_where_the_data_lay_is_not_on_the_page(invent):
    document = invent(settings={"data": {"roots": ["/home/ann/corpora"]}, "epochs": []})
    assert "/home/ann" not in render(document)


def test_names_of_people_samples_and_labels_are_escaped(invent, read_page):
    bad = "<img src=x onerror=alert(1)>"
    end = "</script><script>alert(2)</script>"
    document = invent(
        labels=(bad, end, "plain"),
        name=bad,
        dataset=end,
        command=bad,
        versions={bad: end},
        settings={"label_set": bad, bad: end, "epochs": []},
    )
    text = render(document, {document["hardest"][0]["clip"]: Picture(np.zeros((4, 4), np.uint8), None, end)})
    assert bad not in text
    assert end not in text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text
    page = read_page(text)
    assert page.open == []
    assert not [own for _, own in page.elements if "onerror" in own]
    figures = [json.loads(script) for script in page.inside["script"] if script.lstrip().startswith('{"data"')]
    assert figures[0]["data"][1]["name"].startswith("&lt;img")  # plotly takes names for markup


def test_pictures_are_shown_only_where_they_are_handed_in(document, read_page):
    without = read_page(render(document))
    assert without.all("img") == []
    wrong, right = document["hardest"][0]["clip"], document["surest"][0]["clip"]
    picture = np.full((28, 28, 3), 90, np.uint8)
    pictures = {
        wrong: Picture(picture, np.eye(28, dtype=np.float32), "seen by fold 1"),
        right: Picture(picture),
        "nobody": Picture(picture),
    }
    page = read_page(render(document, pictures))
    assert [own["alt"] for own in page.all("img")] == [
        f"{wrong} as the model read it",
        f"Where the network found its answer in {wrong}: Grad-CAM",
        f"{right} as the model read it",
    ]
    assert all(own["src"].startswith("data:image/jpeg;base64,") for own in page.all("img"))
    assert "seen by fold 1" in page.text
    assert "as their consent and the data set's licence allow" in page.text
    assert "licence allow" not in without.text


@pytest.mark.parametrize("bad", [None, [], {}, {"format": "micromask-analysis/1"}, "results.json"])
def test_what_is_no_document_is_refused(bad):
    with pytest.raises(BadInputError, match=r"wanted 'micromask-evaluation/1'; give the results.json"):
        render(bad)


@pytest.mark.parametrize("key", ["metrics", "protocol", "findings", "labels", "by_subject", "versions", "ranking"])
def test_a_document_without_a_part_is_refused_by_its_name(document, key):
    with pytest.raises(BadInputError, match=f"results.json: .*{key}.*; evaluate again"):
        render({name: value for name, value in document.items() if name != key})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("metrics", {"uf1": "high"}),
        ("confusion", {"mean": [[1]]}),
        ("by_subject", [{}]),
        ("labels", 3),
        ("seeds", None),
    ],
)
def test_a_document_with_something_impossible_is_refused(document, key, value):
    with pytest.raises(BadInputError, match="evaluate again"):
        render({**document, key: value})


def test_the_page_speaks_of_the_format_that_documents_have():
    assert made_by.FORMAT == FORMAT


def test_every_code_and_every_protocol_has_its_sentence():
    assert set(CODES) <= set(words.CODES)
    assert set(protocols) <= set(words.PROTOCOLS)
    assert all(re.match(r"[A-Z].*[.]$", text) for text in (*words.CODES.values(), *words.PROTOCOLS.values()))
