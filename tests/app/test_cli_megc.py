"""`micromask megc`: logs and tables of the challenges, worked by hand."""

from __future__ import annotations

import json

import pytest

from micromask.core.results import Prediction, Results, Sample, Split
from micromask.core.types import Analysis, Evidence, Expression, Recording, SubjectId
from micromask.evaluation.document import document_of
from micromask.evaluation.run_files import write_run
from micromask.reports.document import write_document

TRUTH = """vid,onset,offset,type
a,101,120,me
a,301,400,mae
b,11,30,me
quiet,,,
"""
FOUND = """vid,pred_onset,pred_offset,type
a,105,122,me
a,301,340,mae
quiet,5,20,me
"""
"""Of a's micro-expression 16 of 22 frames are shared (0.73), of its macro-expression 40 of 100; b's is missed."""


def films(here):
    (here / "truth.csv").write_text(TRUTH)
    (here / "found.csv").write_text(FOUND)


def test_spotting_is_counted_over_every_film_and_kind(micromask, here):
    films(here)
    done = micromask("megc", "spotting", "truth.csv", "found.csv")
    assert done.code == 0, done.err
    assert [line.split() for line in done.out.splitlines()] == [
        ["3", "films,", "1", "without", "an", "expression;", "IoU", "0.5", "or", "more"],
        ["kind", "TP", "FP", "FN", "precision", "recall", "F1"],
        ["micro", "1", "1", "1", "0.500", "0.500", "0.500"],
        ["macro", "0", "1", "1", "0.000", "0.000", "0.000"],
        ["overall", "1", "2", "2", "0.333", "0.333", "0.333"],
    ]
    told = json.loads(micromask("megc", "spotting", "truth.csv", "found.csv", "--json").out)
    assert (told["films"], told["films_without_expressions"], told["iou"]) == (3, 1, 0.5)
    assert told["overall"] == {"tp": 1, "fp": 2, "fn": 2, "precision": 1 / 3, "recall": 1 / 3, "f1": 1 / 3}
    assert told["strs"] is None


def test_what_was_not_there_to_find_has_no_figure(micromask, here):
    (here / "truth.csv").write_text("vid,onset,offset,type\na,1,10,me\n")
    (here / "found.csv").write_text("vid,onset,offset,type\na,1,10,me\n")
    done = micromask("megc", "spotting", "truth.csv", "found.csv")
    assert done.out.splitlines()[3].split() == ["macro", "0", "0", "0", "-", "-", "-"]
    assert "every film of the truth has an expression" in done.error
    told = json.loads(micromask("megc", "spotting", "truth.csv", "found.csv", "--json").out)
    assert told["macro"]["f1"] is None


def test_strs_is_spotting_times_recognition(micromask, here):
    (here / "truth.csv").write_text(
        "subject,video,onset,offset,emotion\n1,a,1,10,happy\n1,a,21,30,sad\n1,a,51,60,sad\n1,b,,,\n"
    )
    (here / "found.csv").write_text("subject,video,onset,offset,emotion\n1,a,1,10,happy\n1,a,21,30,happy\n")
    done = micromask("megc", "spotting", "truth.csv", "found.csv")
    # two of three found: F1 0.8; precision (1/2 + 0) / 2, recall (1 + 0) / 2, their harmonic mean 1/3
    assert done.out.splitlines()[-1] == (
        "STRS 0.267: spotting 0.800 times F1 0.333 of happy, sad in 2 found micro-expressions"
    )


def test_the_spotting_log_of_2020_is_written_and_its_figures_are_the_same(micromask, here):
    films(here)
    done = micromask("megc", "spotting", "truth.csv", "found.csv", "--log", "log.txt", "--corpus", "2")
    assert done.code == 0
    assert (here / "log.txt").read_text() == (
        "2\na 101 120 105 122 TP\na - - 301 340 FP\na 301 400 - - FN\nb 11 30 - - FN\nquiet - - 5 20 FP\n"
    )
    assert micromask("megc", "log", "log.txt").out == "spotting log: TP 1, FP 2, FN 2; F1 0.333\n"
    assert json.loads(micromask("megc", "log", "log.txt", "--json").out)["overall"]["fn"] == 2
    lacking = micromask("megc", "spotting", "truth.csv", "found.csv", "--log", "other.txt")
    assert "--corpus 1 (SAMM-LV) or 2 (CAS(ME)²) go together" in lacking.error


def test_a_film_that_the_truth_does_not_name_is_refused(micromask, here):
    films(here)
    (here / "truth.csv").write_text("\n".join(TRUTH.splitlines()[:-1]))
    done = micromask("megc", "spotting", "truth.csv", "found.csv")
    assert done.code == 2
    assert "'quiet', which is none of the 2 films of the truth" in done.error
    assert "(in a table: a row without frames)" in done.error


def test_a_recognition_log_has_figures_of_each_data_set(micromask, here):
    (here / "log.txt").write_text("casme2 sub01\nx 0 0\ny 1 1\nz 2 0\nsmic s1\nu 0 0\nv 0 1\n")
    lines = [line.split() for line in micromask("megc", "log", "log.txt").out.splitlines()]
    # all: negative 2 of 3, one more said; positive 1 of 1, one more said; surprise 0 of 1
    f1 = [2 * 2 / (3 + 3), 2 * 1 / (1 + 2), 0]
    assert lines[1] == ["all", "5", "2", f"{sum(f1) / 3:.3f}", f"{(2 / 3 + 1 + 0) / 3:.3f}", "0.600"]
    assert lines[2] == ["casme2", "3", "1", f"{(2 / 3 + 1 + 0) / 3:.3f}", "0.667", "0.667"]
    assert [row["part"] for row in json.loads(micromask("megc", "log", "log.txt", "--json").out)["parts"]] == [
        "all",
        "casme2",
        "smic",
    ]
    turned = json.loads(micromask("megc", "log", "log.txt", "--json", "--prediction-first").out)["parts"]
    assert turned[0]["accuracy"] == 0.6
    assert turned[0]["uar"] != pytest.approx((2 / 3 + 1) / 3)


def analysed(folder, name, *intervals):
    """A folder as `analyze` leaves it, of a film at 100 frames/s."""
    seen = Evidence(100.0, 100.0, 50.0, 1.0)
    expressions = tuple(
        Expression(
            face=0,
            onset=onset,
            apex=onset,
            offset=offset,
            onset_s=onset / 100,
            apex_s=onset / 100,
            offset_s=offset / 100,
            kind=kind,
            strength=2.0,
            regions=(),
            evidence=seen,
            probabilities={emotion: 0.9, "other": 0.1} if emotion else {},
        )
        for onset, offset, kind, emotion in intervals
    )
    recording = Recording(name, folder / f"{name}.mp4", 100.0, 500, (4, 4))
    analysis = Analysis(recording, 500, 5.0, (), expressions, (), (), "haar", "none", {})
    folder.mkdir(parents=True)
    write_document(analysis, folder / "analysis.json")


def test_analyses_become_the_table_of_a_challenge_and_are_scored_like_it(micromask, here):
    analysed(here / "runs" / "a", "a", (104, 121, "micro", "happy"), (300, 339, "macro", "sad"))
    analysed(here / "runs" / "quiet", "quiet", (4, 19, "micro", "sad"))
    done = micromask("megc", "convert", "runs", "--out", "ours.csv")
    assert done.out == "3 intervals of 2 films, MEGC table  ours.csv\n"
    assert (here / "ours.csv").read_text() == FOUND
    (here / "truth.csv").write_text(TRUTH)
    from_folders = micromask("megc", "spotting", "truth.csv", "runs/a", "runs/quiet", "--json").out
    assert from_folders == micromask("megc", "spotting", "truth.csv", "ours.csv", "--json").out
    again = micromask("megc", "convert", "runs", "--out", "ours.csv")
    assert again.error == "error: ours.csv exists; choose another --out or add --overwrite"


def test_the_table_of_emotions_wants_a_subject(micromask, here):
    analysed(here / "a", "a", (104, 121, "micro", "happy"), (300, 339, "macro", "sad"))
    lacking = micromask("megc", "convert", "a", "--out", "ours.csv", "--emotions")
    assert (lacking.code, "say whose films they are with --subject" in lacking.error) == (2, True)
    done = micromask("megc", "convert", "a", "--out", "ours.csv", "--emotions", "--subject", "17")
    assert done.out == "1 interval of 1 film, STRS table  ours.csv\n"
    assert (here / "ours.csv").read_text() == "subject,video,onset,offset,emotion\n17,a,105,122,happy\n"


def evaluated(folder, labels=("negative", "positive", "surprise"), frame=None):
    """A run of `evaluate` with two seeds: the first is right but for ann's second clip, the second never."""
    samples = tuple(
        Sample(f"casme2/{who}/{clip}", f"casme2/{who}/{clip}", SubjectId("casme2", who), who, label, frame)
        for who, clip, label in (("bo", "EP2", labels[1]), ("ann", "EP1", labels[0]), ("ann", "EP3", labels[-1]))
    )
    people = {"ann": {samples[1].id, samples[2].id}, "bo": {samples[0].id}}
    every = {each.id for each in samples}
    splits = tuple(Split(who, frozenset(every - own), frozenset(own)) for who, own in people.items())
    predictions = []
    for split in splits:
        for seed in (3, 4):
            for each in samples:
                if each.id in split.test:
                    right = labels.index(each.label)
                    said = right if seed == 3 and not each.id.endswith("EP3") else (right + 1) % len(labels)
                    shares = tuple(float(said == at) for at in range(len(labels)))
                    predictions.append(Prediction(each.id, split.held_out, seed, each.label, shares))
    results = Results("net", "loso", "casme2", labels, samples, splits, tuple(predictions), (3, 4), "last")
    write_run(folder, results, document_of(results))


def test_an_evaluation_becomes_a_recognition_log(micromask, here):
    evaluated(here / "run")
    done = micromask("megc", "convert", "run", "--out", "log.txt")
    assert done.out == "3 predictions, recognition log of MEGC 2019  log.txt\n"
    assert (here / "log.txt").read_text() == "casme2 ann\nEP1 0 0\nEP3 2 0\ncasme2 bo\nEP2 1 1\n"
    micromask("megc", "convert", "run", "--out", "log.txt", "--seed", "4", "--overwrite")
    assert "EP1 0 1" in (here / "log.txt").read_text()
    none = micromask("megc", "convert", "run", "--out", "x.txt", "--seed", "5")
    assert none.error == "error: the run has the seeds 3, 4, not 5"


def test_what_is_no_such_run_is_refused(micromask, here):
    evaluated(here / "five", labels=("negative", "joy"))
    evaluated(here / "frames", frame=3)
    (here / "empty").mkdir()
    (here / "table.csv").write_text(FOUND)
    for run, line in {
        "five": "a recognition log has the classes negative, positive, surprise, and this run has joy",
        "frames": "a recognition log has an answer a clip, and this run has one a frame",
        "empty": "no analysis.json in it or one folder below",
        "table.csv": "is a file: give folders that 'analyze' wrote",
    }.items():
        done = micromask("megc", "convert", run, "--out", "out.txt")
        assert (done.code, line in done.error) == (2, True), done.err
    assert not (here / "out.txt").exists()
