"""`study new`, `study status` and `study export` as commands."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import typer

from micromask.app.cli.study.export import export_command
from micromask.app.cli.study.new import new_command
from micromask.app.cli.study.status import status_command
from micromask.core.errors import BadInputError, BadOutputError
from micromask.datasets import load
from micromask.studies.people import add_participant, give_consent, withdraw_consent
from micromask.studies.read_design import read_design
from micromask.studies.sessions import begin_recording, begin_session, end_session
from micromask.studies.store import now, open_store

Study = Callable[..., tuple[str, str]]


@pytest.fixture
def study(capsys: pytest.CaptureFixture[str]) -> Study:
    app = typer.Typer()
    app.command("new")(new_command)
    app.command("status")(status_command)
    app.command("export")(export_command)

    def call(*arguments: object) -> tuple[str, str]:
        capsys.readouterr()
        app([str(each) for each in arguments], standalone_mode=False)
        return tuple(capsys.readouterr())

    return call


@pytest.fixture
def settled(tmp_path: Path, study: Study) -> Path:
    """A study in which P01 and P02 have one settled frame each, and P02 withdrew."""
    folder = tmp_path / "smiles"
    study("new", folder, "--template", "mmed-fst")
    design = read_design(folder)
    for number, gender in enumerate(("female", "male"), start=1):
        name = add_participant(folder, design, {"age": "20", "gender": gender})
        give_consent(folder, name, design.consent)
        session = begin_session(folder, design, name)
        begin_recording(folder, session.id, "images", "video/webm")
        end_session(folder, session.id, "done")
        path = f"frames/{name}/{number}/0004.png"
        (folder / path).parent.mkdir(parents=True)
        (folder / path).write_bytes(cv2.imencode(".png", np.full((16, 16, 3), 90, np.uint8))[1].tobytes())
        with open_store(folder) as store:
            frame = (number, 4, 60, 2.0, "I01", path, "[]", "{}")
            store.execute("INSERT INTO frame VALUES (?, ?, ?, ?, ?, ?, ?, ?)", frame)
            label = (number, 4, "micro", "disgust", "agreed", "Anna", "9", now())
            store.execute("INSERT INTO settled VALUES (?, ?, ?, ?, ?, ?, ?, ?)", label)
    withdraw_consent(folder, "P02")
    return folder


def test_a_new_study_says_where_it_is_and_what_comes_next(tmp_path, study):
    told, talk = study("new", tmp_path / "smiles", "--template", "mmed-fst")
    assert told.splitlines() == [
        f"study  {tmp_path / 'smiles'}  (Micro- and masked expressions under questions and images)",
        "part   questionnaire  20 items, counterbalanced",
        "part   images  15 items, shuffled",
        f"next   change {tmp_path / 'smiles' / 'study.yaml'}, the consent text above all",
        f"then   micromask study status {tmp_path / 'smiles'}",
    ]
    assert talk == ""
    with pytest.raises(BadOutputError, match="exists"):
        study("new", tmp_path / "smiles")


def test_status_tells_a_mistake_in_the_plan_with_its_line(tmp_path, study):
    study("new", tmp_path / "smiles")
    plan = tmp_path / "smiles" / "study.yaml"
    plan.write_text(plan.read_text(encoding="utf-8").replace("kinds:", "kind:"), encoding="utf-8")
    with pytest.raises(
        BadInputError, match=r"study\.yaml, line 8: the study has no entry 'kind'; did you mean 'kinds'"
    ):
        study("status", tmp_path / "smiles")


def test_status_says_how_far_it_is(settled, study):
    told, _ = study("status", settled)
    lines = told.splitlines()
    assert "people     2 (agreed 1, withdrew 1)" in lines
    assert "sessions   2 (done 2)" in lines
    assert "settled    micro: agreed 2" in lines
    assert any(line.split() == ["1", "P01", "images", "interrupted", "not", "made", "empty"] for line in lines)
    assert f"next  P02 withdrew consent: micromask study forget {settled} P02" in lines


def test_status_as_json_has_the_same_and_no_answers_of_people(settled, study):
    told = json.loads(study("status", settled, "--json")[0])
    assert told["people"] == [{"name": "P01", "consent": "given"}, {"name": "P02", "consent": "withdrawn"}]
    assert told["settled"] == {"micro": {"agreed": 2}}
    assert told["films"][0]["why"] == "empty"


def test_export_says_what_it_holds_and_who_is_left_out(settled, study, tmp_path):
    told, talk = study("export", settled, "--out", tmp_path / "out")
    assert talk == "note: left out, consent withdrawn: P02\n"
    assert told.splitlines() == [
        "exported  1 participant, 1 picture, 1 label",
        f"folder    {tmp_path / 'out'}",
        f"card      {tmp_path / 'out' / 'CARD.md'}",
        f"then      micromask reproduce mmed-fst --data mmed-fst --root {tmp_path / 'out'} --out FOLDER",
    ]
    (clip,) = load("mmed-fst", tmp_path / "out")
    assert (clip.id, clip.annotation.emotion) == ("P01/images/4/micro", "disgust")


def test_an_export_without_faces_needs_faces_to_measure(settled, study, tmp_path):
    with pytest.raises(BadInputError, match=r"no motion can be shown: no face on the labelled frame \(1\)"):
        study("export", settled, "--out", tmp_path / "out", "--deidentified")
    assert not (tmp_path / "out").exists()
