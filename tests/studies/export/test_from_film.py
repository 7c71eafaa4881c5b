"""From a recorded film to both exports, each step by the part of the project that does it."""

from __future__ import annotations

from pathlib import Path

import pytest

from micromask.datasets import load
from micromask.datasets.synthetic import PlannedExpression, Script, write
from micromask.recordings.images import read_image
from micromask.studies.coding import add_coder, save_label
from micromask.studies.deidentified import export_deidentified
from micromask.studies.export import export_study
from micromask.studies.frames import Wish, make_frames
from micromask.studies.labels import Decision
from micromask.studies.new import new_study
from micromask.studies.people import add_participant, give_consent
from micromask.studies.sessions import (
    StudyEvent,
    add_chunk,
    add_events,
    begin_recording,
    begin_session,
    end_recording,
    end_session,
)
from micromask.studies.settle import settle_by_rule

SCRIPT = Script(
    seconds=3,
    fps=20,
    size=240,
    noise=1,
    expressions=(PlannedExpression(1.2, 1.5, 2.2, (("outer_brow_raiser", 0.1),), "surprise", hold_s=0.2),),
)


@pytest.mark.slow
def test_what_was_filmed_coded_and_settled_is_what_both_exports_hold(tmp_path: Path) -> None:
    study = tmp_path / "study"
    design = new_study(study, "mmed-fst")
    who = add_participant(study, design, {"age": "20", "gender": "female"})
    give_consent(study, who, design.consent)
    session = begin_session(study, design, who)
    film = begin_recording(study, session.id, "images", "video/mp4")
    write(SCRIPT, tmp_path / "film.mp4")
    add_chunk(study, film, 0, (tmp_path / "film.mp4").read_bytes())
    add_events(study, film, [StudyEvent(0, 0.2, "stimulus-on", "I07"), StudyEvent(1, 2.7, "stimulus-off", "I07")])
    end_recording(study, film)
    end_session(study, session.id, "done")
    make_frames(study, design, film, Wish(detector="dlib", candidates=False))
    for coder in ("Anna", "Ben"):
        add_coder(study, coder)
        save_label(study, design, coder, film, Decision("micro", "anger", 3))
    settle_by_rule(study, "Anna")

    export_study(study, design, tmp_path / "faces")
    (clip,) = load("mmed-fst", tmp_path / "faces")
    assert (clip.id, clip.annotation.emotion) == ("P01/images/3/micro", "anger")
    assert clip.annotation.intended_emotion == "anger"  # I07 was on the screen
    picture = tmp_path / "faces" / "frames" / "P01" / "images" / "0003.png"
    assert picture.read_bytes() == (study / "frames" / "P01" / str(film) / "0003.png").read_bytes()

    export_deidentified(study, design, tmp_path / "maps")
    (clip,) = load("flow-table", tmp_path / "maps" / "micro")
    v = read_image(clip.recording.path, colour=True)[:, :, 1].astype(int)
    assert v[:8].min() == 0  # the brows went up between 1.0 and 1.5 s; up is negative
