import hashlib
import shutil
from pathlib import Path
from typing import Any

import pytest

from micromask.app.workspace.claims import Teller, claim
from micromask.app.workspace.jobs import cancel, job
from micromask.app.workspace.recordings import Recorded, add_and_queue, recording, results_of
from micromask.app.workspace.work.kinds import works
from micromask.app.workspace.worker import do
from micromask.reports.folder import read_run
from micromask.reports.tracks import TRACKS_FILE, read_tracks


def analysed(workspace: Path, title: str, film: Path, outside: bool = False, **payload: Any) -> Recorded:
    """The recording after a worker has done its job, here in this process."""
    number, _ = add_and_queue(workspace, title, film, payload, outside=outside)
    one = claim(workspace, 1)
    assert one is not None
    do(workspace, 1, one)
    return recording(workspace, number)


def sums(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.is_file()}


@pytest.fixture
def twice(films: Path, tmp_path: Path) -> tuple[Path, Path]:
    """The same film in two files."""
    one, two = tmp_path / "one.mp4", tmp_path / "two.mp4"
    return Path(shutil.copy(films / "smile.mp4", one)), Path(shutil.copy(films / "smile.mp4", two))


def test_the_planned_smile_is_found_and_everything_is_in_its_place(workspace: Path, films: Path, film: Path) -> None:
    shutil.copy(films / "smile.mp4", film)
    one = analysed(workspace, "Anna.mp4", film, detector="haar", masked=True)
    assert (one.state, one.why) == ("ready", "")
    assert (one.frames, one.fps, one.seconds) == (90, 30.0, pytest.approx(3.0))
    results = results_of(workspace, one.id)
    names = {"report.html", "expressions.csv", "timeline.parquet", "analysis.json", "masked.csv", "tracks.npz"}
    assert {path.name for path in results.iterdir()} == names
    assert {path.name for path in one.folder.iterdir()} == {"film.mp4", "play.mp4", "play.npz"}
    for path in (*results.iterdir(), *one.folder.iterdir()):
        assert path.stat().st_mode & 0o777 == 0o600, path
    analysis = read_run(results)
    (smile,) = analysis.expressions
    assert (smile.kind, smile.apex) == ("micro", pytest.approx(51, abs=2))
    assert (analysis.recording.id, analysis.recording.path.name) == ("Anna", "Anna.mp4")
    (track,) = read_tracks(results / TRACKS_FILE)
    assert (track.recording_id, len(track.frames)) == ("Anna", 90)
    done = job(workspace, 1)
    assert (done.done, done.total, done.line) == (180, 180, "1 micro- and 0 macro-expressions")
    assert "<title>" in (results / "report.html").read_text(encoding="utf-8")
    assert str(workspace) not in (results / "report.html").read_text(encoding="utf-8")
    assert list((workspace / "scratch").iterdir()) == []


def test_the_same_film_gives_the_same_bytes(workspace: Path, twice: tuple[Path, Path]) -> None:
    one, two = (analysed(workspace, "Anna.mp4", film, detector="haar") for film in twice)
    assert sums(results_of(workspace, one.id)) == sums(results_of(workspace, two.id))
    assert sums(one.folder) == sums(two.folder)


def test_a_corrupt_upload_fails_in_one_line_with_its_own_name_and_stays_in_the_list(
    workspace: Path, tmp_path: Path
) -> None:
    (tmp_path / "bad").write_bytes(b"no film" * 1000)
    one = analysed(workspace, "holiday film.mp4", tmp_path / "bad")
    assert (one.state, one.frames) == ("failed", None)
    assert one.why.startswith("holiday film.mp4: is not a film that can be read")
    assert "\n" not in one.why
    assert str(workspace) not in one.why
    assert not results_of(workspace, one.id).exists()
    assert [path.name for path in one.folder.iterdir()] == ["film.mp4"]
    assert list((workspace / "scratch").iterdir()) == []


def test_a_film_outside_that_is_gone_is_named_with_its_place(workspace: Path, film: Path) -> None:
    number, _ = add_and_queue(workspace, "film.mp4", film, {}, outside=True)
    film.unlink()
    one = claim(workspace, 1)
    assert one is not None
    do(workspace, 1, one)
    assert recording(workspace, number).why == f"{film}: no such file or folder"


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        ({"detector": "harr"}, "no detector 'harr'; did you mean 'haar'?"),
        ({"detector": "haar", "face": "3"}, "1.mp4: no face 3; its faces are 0"),
        ({"model": "../../x.safetensors"}, "no model '../../x.safetensors' in this workspace"),
    ],
)
def test_what_cannot_be_asked_for_is_said(workspace: Path, film: Path, payload: dict[str, Any], why: str) -> None:
    assert analysed(workspace, "1.mp4", film, **payload).why.startswith(why)


def test_a_film_without_a_face_is_ready_and_says_so(workspace: Path, films: Path, film: Path) -> None:
    shutil.copy(films / "nobody.mp4", film)
    one = analysed(workspace, "1.mp4", film, detector="haar")
    assert one.state == "ready"
    assert job(workspace, 1).line == "no face was found"
    assert read_tracks(results_of(workspace, one.id) / TRACKS_FILE) == ()


def test_an_analysis_that_is_cancelled_on_the_way_leaves_the_old_results_as_they_were(
    workspace: Path, twice: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = analysed(workspace, "1.mp4", twice[0], detector="haar")
    before = sums(results_of(workspace, one.id)) | sums(one.folder)
    (results_of(workspace, one.id) / "corrections.txt").write_text("by Berta")
    from micromask.app.workspace.jobs import again

    again(workspace, 1)
    running = claim(workspace, 1)
    assert running is not None
    heard: list[str] = []

    class Told(Teller):
        def __call__(self, done: int, total: int, line: str) -> None:
            heard.append(line)
            if line == "making it playable in the browser":
                cancel(workspace, 1)
            super().__call__(done, total, line)

    monkeypatch.setattr("micromask.app.workspace.worker.Teller", Told)
    do(workspace, 1, running)
    assert heard[0] == "looking at the film"
    assert "following the face" in heard
    assert job(workspace, 1).state == "cancelled"
    after = sums(results_of(workspace, one.id)) | sums(one.folder)
    assert after.pop("corrections.txt")
    assert after == before
    assert list((workspace / "scratch").iterdir()) == []


def test_every_kind_of_work_is_a_function_of_workspace_job_and_tell() -> None:
    assert "analyze" in works
    for kind in works:
        assert works[kind].__code__.co_argcount == 3, kind
        assert works[kind].__doc__, kind
