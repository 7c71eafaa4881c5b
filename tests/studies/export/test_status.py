"""The status of a study counts what is there and says what to do next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from micromask.recordings import write_film
from micromask.studies.coding import add_coder, save_label
from micromask.studies.export import export_study
from micromask.studies.labels import Decision
from micromask.studies.people import add_participant, withdraw_consent
from micromask.studies.sessions import begin_recording, begin_session
from micromask.studies.status import study_status
from micromask.studies.store import open_store


@pytest.fixture(scope="session")
def grey(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A film of 50 frames at 20 frames a second: 2.5 s."""
    path = tmp_path_factory.mktemp("film") / "grey.mp4"
    write_film(path, (np.full((32, 32, 3), 40 + index, np.uint8) for index in range(50)), 20)
    return path.read_bytes()


def put_film(study: Path, recording: int, data: bytes) -> None:
    with open_store(study) as store:
        (path,) = store.execute("SELECT path FROM recording WHERE id = ?", (recording,)).fetchone()
        store.execute("UPDATE recording SET bytes = ? WHERE id = ?", (len(data), recording))
    (study / path).parent.mkdir(parents=True, exist_ok=True)
    (study / path).write_bytes(data)


def status(case: Any) -> Any:
    return study_status(case.folder, case.design)


def test_a_new_study_is_to_be_finished_and_served(empty):
    told = status(empty)
    assert (told.people, told.films, told.sessions, told.labels) == ((), (), {}, {})
    assert told.next == (
        f"fill in the consent text in {empty.folder / 'study.yaml'}: [NAME OF THE LAB]",
        f"film somebody: micromask study serve {empty.folder}",
    )


def test_films_are_told_with_their_state_and_their_seconds(case, grey):
    put_film(case.folder, 1, grey)
    put_film(case.folder, 2, b"no film at all")
    begin_recording(case.folder, begin_session(case.folder, case.design, "P03").id, "images", "video/webm")
    films = {film.recording: film for film in status(case).films}
    assert (films[1].participant, films[1].part, films[1].state) == ("P01", "questionnaire", "closed")
    assert films[1].seconds == pytest.approx(2.5)
    assert films[1].frames == 40
    assert films[2].seconds is None
    assert "2-images.webm" in films[2].why
    assert (films[3].seconds, films[3].why) == (None, "empty")
    assert (films[6].state, films[6].seconds, films[6].why) == ("open", None, "still recorded")
    assert status(case).sessions == {"done": 5, "running": 1}
    assert "a session is running" in status(case).next


def test_labels_are_counted_by_coder_and_settled_ones_by_how(case, grey):
    put_film(case.folder, 1, grey)
    for coder, emotion in (("Anna", "anger"), ("Ben", "sadness")):
        add_coder(case.folder, coder)
        save_label(case.folder, case.design, coder, 1, Decision("micro", emotion, 30))
        save_label(case.folder, case.design, coder, 1, Decision("micro", "disgust", 35))
    told = status(case)
    assert told.labels == {"Anna": {"micro": 2}, "Ben": {"micro": 2}}
    assert told.settled == {
        "masked": {"discussion": 1, "third coder": 1},
        "micro": {"agreed": 4, "majority": 1, "one coder": 1},
    }
    assert told.unsettled == 1  # frame 35; frame 30 is settled
    # labels AD and SD of two frames: pairs that differ 2 of 4, by chance 10 of 12, so 1 - 0.5 / (10 / 12)
    assert told.alpha == {"micro": pytest.approx(0.4)}
    assert any("settled (1)" in each for each in told.next)


def test_what_to_do_follows_from_how_far_it_is(case, grey):
    put_film(case.folder, 1, grey)
    with open_store(case.folder) as store:
        store.execute("DELETE FROM framed")
    assert any("micromask study frames" in each for each in status(case).next)
    with open_store(case.folder) as store:
        store.execute("INSERT INTO framed VALUES (1, 0.5, 'mtcnn', 0, '[]', '')")
    assert any("code the frames" in each for each in status(case).next)
    add_coder(case.folder, "Anna")
    save_label(case.folder, case.design, "Anna", 1, Decision("micro", "anger", 30))
    told = status(case)
    assert any("ask a second coder" in each for each in told.next)
    assert told.alpha == {"micro": "only Anna has coded: agreement needs two coders"}
    assert told.next[-1] == f"export what is settled: micromask study export {case.folder} --out FOLDER"


def test_people_are_told_with_their_consent_and_who_withdrew_is_to_be_forgotten(case):
    withdraw_consent(case.folder, "P02")
    add_participant(case.folder, case.design, {"age": "20", "gender": "male"})
    told = status(case)
    consents = {each.name: each.consent for each in told.people}
    assert consents == {"P01": "given", "P02": "withdrawn", "P03": "given", "P04": "none"}
    assert told.next[0] == f"P02 withdrew consent: micromask study forget {case.folder} P02"


def test_exports_are_listed(case, tmp_path):
    export_study(case.folder, case.design, tmp_path / "out")
    assert status(case).exports == (str(tmp_path / "out"),)
