"""`micromask study frames`: the films of a study, cut into frames."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from micromask.app.cli.study.frames import frames_command
from micromask.core.errors import BadInputError
from micromask.studies.frames import frames_of
from micromask.studies.import_film import PaperConsent, import_film
from micromask.studies.new import new_study
from micromask.studies.people import withdraw_consent
from micromask.studies.read_design import read_design

app = typer.Typer()
app.command("frames")(frames_command)


@pytest.fixture(scope="module")
def two_people(films: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """P01 and P02, each with the film of a smile (3 s, 30 frames/s) in which the first item is shown from 0.9 s on."""
    study = tmp_path_factory.mktemp("studies") / "smiles"
    new_study(study, "mmed-fst")
    design = read_design(study)
    part = design.parts[0]
    log = study.parent / "log.csv"
    log.write_text(f"time_s,item\n0.9,{part.items[0].id}\n", encoding="utf-8")
    answers = {field.name: field.choices[0] if field.choices else "21" for field in design.fields if field.needed}
    for _ in range(2):
        import_film(study, design, films / "smile.mp4", log, part.name, fields=answers, consent=PaperConsent())
    return study


@pytest.fixture
def study(two_people: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(two_people, tmp_path / "smiles"))


def frames(*arguments: object):
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def test_everybodys_films_are_cut_and_counted(study):
    done = frames(study, "--jobs", "1", "--detector", "haar", "--no-candidates")
    assert done.exit_code == 0
    head, first, second, last = done.stdout.splitlines()
    assert head.split() == [
        "who",
        "recording",
        "part",
        "each",
        "frames",
        "no-face",
        "blurred",
        "eyes-closed",
        "candidates",
    ]
    assert first.split()[:2] == ["P01", "1"]
    assert second.split()[3:] == ["0.5", "s", "5", "0", "0", "0", "not", "looked", "for"]
    assert last == "10 frames written, 2 films"
    item = read_design(study).parts[0].items[0].id
    assert [frame.item for frame in frames_of(study, 1)] == [None, *[item] * 4]


def test_the_face_is_found_by_mtcnn_and_the_smile_is_a_candidate(study):
    done = frames(study, "--participant", "P01")
    assert done.stdout.splitlines()[1].split()[3:] == ["0.5", "s", "5", "0", "0", "0", "1"]
    assert done.stdout.splitlines()[-1] == "5 frames written, 1 film"
    assert not list((study / "frames").glob("P02/*/*.png"))
    again = frames(study, "--participant", "P01")
    assert again.stdout.splitlines()[1].endswith("as it was")
    assert again.stdout.splitlines()[-1] == "0 frames written, 1 film"


def test_films_of_people_without_consent_are_left_out_by_name(study):
    withdraw_consent(study, "P02")
    done = frames(study, "--detector", "haar", "--no-candidates", "--jobs", "1")
    assert done.exit_code == 0
    assert "P02 left out: no consent, or it was withdrawn" in done.stderr
    assert not list((study / "frames").glob("P02/*/*.png"))
    with pytest.raises(BadInputError, match="P02 has given no consent, or has withdrawn it: their films are not cut"):
        frames(study, "--participant", "P02")


def test_one_bad_film_does_not_stop_the_others(study):
    (bad,) = (study / "films" / "P01").iterdir()
    bad.write_bytes(b"this is no film at all")
    done = frames(study, "--detector", "haar", "--no-candidates", "--jobs", "1")
    assert done.exit_code == 1
    assert done.stdout.splitlines()[-1] == "5 frames written, 1 film"
    assert "is not a film that can be read" in done.stderr
    with pytest.raises(BadInputError, match="is not a film that can be read"):
        frames(study, "--participant", "P01")


def test_a_study_without_films_says_how_to_get_some(tmp_path):
    new_study(tmp_path / "empty", "blank")
    with pytest.raises(BadInputError, match=r"has no film to cut: record with 'micromask study serve "):
        frames(tmp_path / "empty")
    with pytest.raises(BadInputError, match="holds no study"):
        frames(tmp_path / "nowhere")
