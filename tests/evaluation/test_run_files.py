from __future__ import annotations

import csv
import json
from dataclasses import replace

import numpy as np
import pytest

from micromask.core.clips import Finding
from micromask.core.errors import BadInputError, BadOutputError
from micromask.core.results import Prediction, Results, Sample
from micromask.core.types import SubjectId
from micromask.evaluation.document import document_of
from micromask.evaluation.protocols import make_splits, with_validation
from micromask.evaluation.run_files import FILES, check_run_folder, read_document, read_run, write_run


def made(seeds=(0, 1)):
    """A run with all that is awkward to write: commas, quotes, signs, a third, a missing attribute."""
    rng = np.random.default_rng(0)
    labels = ("joy, mixed", 'the "other"', "größe")
    samples = tuple(
        Sample(
            f"{person}/c,{clip}#{clip}",
            f"{person}/c,{clip}",
            SubjectId("data/set", person),
            f"film {clip}",
            labels[clip % 3],
            clip,
            {"gender": "f", "apex_from": "coder"} if clip else {"gender": "m"},
        )
        for person in ("ann", "bob", "cem", "=dan")
        for clip in range(3)
    )
    splits = tuple(with_validation(split, samples) for split in make_splits("loso", samples))
    told = {sample.id: sample.label for sample in samples}
    predictions = [
        Prediction(name, split.held_out, seed, told[name], tuple(rng.dirichlet(np.ones(3)).tolist()))
        for split in splits
        for seed in seeds
        for name in sorted(split.test)
    ]
    curves = [
        {"fold": split.held_out, "seed": seed, "epoch": 1.0, "learning_rate": 1e-3, "train_loss": 1 / 3, **more}
        for split, more in zip(splits, ({}, {}, {"validation_loss": 0.1}, {}), strict=True)
        for seed in seeds
    ]
    epochs = [{"fold": split.held_out, "seed": seed, "epoch": 1, "seconds": 0.5} for split in splits for seed in seeds]
    return Results(
        model="ststnet",
        protocol="loso",
        dataset="made",
        labels=labels,
        samples=samples,
        splits=splits,
        predictions=tuple(predictions),
        seeds=seeds,
        selection="inner",
        findings=(Finding("DS051", "clips outside of the label set", "note", ("joy: 4",)),),
        curves=tuple(curves),
        settings={"label_set": "own", "recipe": {"augment": ["flip"]}, "epochs": epochs},
        versions={"python": "3.12.0"},
        seconds={"wall": 1.25},
    )


@pytest.fixture
def run(tmp_path):
    results = made()
    write_run(tmp_path / "run", results, document_of(results, command="micromask evaluate made"))
    return tmp_path / "run"


def test_a_run_that_is_read_is_the_one_that_was_written(run):
    document, results = read_run(run)
    assert results == made()
    assert document == document_of(made(), command="micromask evaluate made")
    assert document_of(results, command="micromask evaluate made") == document  # the files hold all that it takes
    assert read_document(run) == read_document(run / "results.json") == document


def test_the_same_run_gives_the_same_bytes(run, tmp_path):
    results = made()
    write_run(tmp_path / "again", results, document_of(results, command="micromask evaluate made"))
    for name in FILES.values():
        if name != "report.html":
            assert (tmp_path / "again" / name).read_bytes() == (run / name).read_bytes()


def test_the_table_of_predictions_is_plain_csv(run):
    with (run / "predictions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [
        *("sample", "clip", "subject", "fold", "seed", "truth", "predicted"),
        *("p_joy, mixed", 'p_the "other"', "p_größe"),
    ]
    assert len(rows) == 12 * 2
    first = made().predictions[0]
    assert rows[0]["sample"] == first.sample
    assert rows[0]["subject"] == "data/set/=dan"
    assert [float(rows[0][f"p_{label}"]) for label in made().labels] == list(first.probabilities)
    assert rows[0]["predicted"] == made().labels[int(np.argmax(first.probabilities))]


def test_the_paths_of_what_was_written_are_told(tmp_path):
    results = made()
    told = write_run(tmp_path / "run", results, document_of(results), page="<!doctype html>größe")
    assert told == {name: tmp_path / "run" / file for name, file in FILES.items()}
    assert all(path.is_file() for path in told.values())
    assert told["report"].read_text(encoding="utf-8") == "<!doctype html>größe"


def test_a_run_is_not_overwritten_unless_asked(run):
    results = made(seeds=(0,))
    before = {path.name: path.read_bytes() for path in run.iterdir()}
    with pytest.raises(
        BadOutputError, match=r"holds a run already \(results.json\); choose another --out or add --over"
    ):
        write_run(run, results, document_of(results))
    assert {path.name: path.read_bytes() for path in run.iterdir()} == before
    (run / "notes.txt").write_text("mine")
    write_run(run, results, document_of(results), overwrite=True)
    assert read_run(run)[1].seeds == (0,)
    assert (run / "notes.txt").read_text() == "mine"


def test_work_in_progress_in_the_folder_is_no_run_and_stays(tmp_path):
    (tmp_path / "units").mkdir()
    (tmp_path / "units" / "fold-000-seed-0.npz").write_bytes(b"kept")
    check_run_folder(tmp_path)
    results = made()
    write_run(tmp_path, results, document_of(results))
    assert (tmp_path / "units" / "fold-000-seed-0.npz").read_bytes() == b"kept"
    with pytest.raises(BadOutputError, match="holds a run already"):
        check_run_folder(tmp_path)
    with pytest.raises(BadOutputError, match="is a file"):
        check_run_folder(tmp_path / "results.json")


def test_a_document_that_is_no_json_leaves_nothing_behind(tmp_path):
    results = made()
    with pytest.raises(ValueError, match="JSON"):
        write_run(tmp_path / "run", results, {**document_of(results), "seconds": {"wall": float("nan")}})
    assert list(tmp_path.iterdir()) == []


def change(path, old, new, count=1):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, count), encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (
            "predictions.csv",
            '"ann/c,0#0"',
            '"ann/c,9#9"',
            r"predictions.csv, row \d+: 'ann/c,9#9' is not tested in fold",
        ),
        ("predictions.csv", "sample,clip", "name,clip", "predictions.csv, row 1: no column sample"),
        ("predictions.csv", "p_größe", "p_small", "predictions.csv, row 1: no column p_größe"),
        ("predictions.csv", ",0.", ",1.", r"predictions.csv, row 2: p_.* is from 0 to 1, got '1\."),
        ("predictions.csv", ",0.", ",", r"predictions.csv, row 2: p_.* is from 0 to 1"),
        ("samples.csv", "data/set,ann", "data/set,", "samples.csv, row 2: subject empty"),
        ("samples.csv", "film 0,", "film 0,,", r"samples.csv, row 2: \d+ cells under \d+ columns"),
        ("splits.csv", ",test", ",tset", r"splits.csv, row \d+: split is train, validation, test"),
        ("curves.csv", ",1.0,", ",one,", "curves.csv, row 2: epoch is a number, got 'one'"),
        ("results.json", '"format"', '"form"', "results.json: format None, wanted 'micromask-evaluation/1'"),
        ("results.json", '"seeds": [', '"seeds": [[', "results.json: is not JSON"),
        ("results.json", '"selection"', '"selected"', "results.json: has no 'selection'"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_row(run, file, old, new, said):
    change(run / file, old, new)
    with pytest.raises(BadInputError, match=said):
        read_run(run)


def test_a_changed_answer_does_not_pass(run):
    with (run / "predictions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    rows[1][5] = next(label for label in made().labels if label != rows[1][5])
    with (run / "predictions.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    with pytest.raises(BadInputError, match=r"predictions.csv, row 2: truth is"):
        read_run(run)


def test_rows_that_stand_twice_are_refused(run):
    text = (run / "predictions.csv").read_text(encoding="utf-8")
    (run / "predictions.csv").write_text(text + text.splitlines()[1] + "\n", encoding="utf-8")
    with pytest.raises(BadInputError, match=r"predictions.csv, row 26: .* with seed 0 stands twice"):
        read_run(run)


def test_a_missing_file_or_folder_is_named(run, tmp_path):
    (run / "samples.csv").unlink()
    with pytest.raises(BadInputError, match=r"samples\.csv"):
        read_run(run)
    with pytest.raises(BadInputError, match=r"no such folder .*nowhere; give the folder of a run"):
        read_run(tmp_path / "nowhere")
    (tmp_path / "list.json").write_text(json.dumps([1]))
    with pytest.raises(BadInputError, match="format None"):
        read_document(tmp_path / "list.json")


def test_results_with_one_seed_less_are_read_as_they_are(tmp_path):
    results = replace(made(seeds=(3,)), curves=(), findings=())
    write_run(tmp_path / "run", results, document_of(results))
    assert read_run(tmp_path / "run")[1] == results
