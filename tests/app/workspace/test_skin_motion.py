"""Motion and magnified films of a drawn-over face whose one movement is known: its left mouth corner goes up."""

from __future__ import annotations

import time
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from micromask.app.workspace.jobs import Job, queue
from micromask.app.workspace.playable import make_playable
from micromask.app.workspace.recordings import Recorded, add_recording, recording, results_of
from micromask.app.workspace.skin_motion import SIZE, skin_motion
from micromask.app.workspace.store import create_workspace, writing
from micromask.app.workspace.work.kinds import works
from micromask.app.workspace.work.magnify import GAP, SIDE, Magnified, magnified_path, payload_of
from micromask.core.errors import BadInputError
from micromask.core.types import FaceTrack, FloatArray, Image
from micromask.datasets.synthetic import PlannedExpression, Script, render
from micromask.faces.align import apply
from micromask.inference.film import watch
from micromask.recordings import probe, write_film
from micromask.reports.tracks import TRACKS_FILE, write_tracks

ONSET, APEX, OFFSET = 12, 18, 26
CORNERS = (48, 54)


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Recorded, FaceTrack]:
    """A workspace with one followed face that smiles in frames 12 to 26 of 40."""
    workspace = create_workspace(tmp_path_factory.mktemp("motion") / "workspace")
    smile = PlannedExpression(ONSET / 30, APEX / 30, OFFSET / 30, (("lip_corner_puller", 0.06),), "positive")
    source = write_film(
        workspace / "uploads" / "x.mp4", render(Script(40 / 30, 30, size=240, expressions=(smile,))), 30
    )
    number = add_recording(workspace, "smile.mp4", source)
    one = recording(workspace, number)
    film = probe(one.film)
    results_of(workspace, number).mkdir(parents=True)
    (track,) = watch(film, detector="haar").tracks
    write_tracks([track], results_of(workspace, number) / TRACKS_FILE)
    make_playable(film, one.folder / "play.mp4")
    return workspace, one, track


def opened(png: bytes) -> Image:
    return cv2.cvtColor(cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED), cv2.COLOR_BGRA2RGBA)


def strongest(alpha: Image, about: dict[str, object]) -> FloatArray:
    """The middle of what is covered most, in pixels of the recording."""
    rows, columns = np.nonzero(alpha > 0.8 * alpha.max())
    return apply(np.array(about["to_picture"]), np.array([columns.mean(), rows.mean()]))


def test_the_motion_lies_on_the_mouth_in_the_pixels_of_the_film(ready: tuple[Path, Recorded, FaceTrack]) -> None:
    workspace, one, track = ready
    made = skin_motion(one, results_of(workspace, one.id), track.face_id, ONSET, APEX)
    corners = track.landmarks[APEX, CORNERS]
    eyes = np.linalg.norm(track.landmarks[APEX, 36:42].mean(0) - track.landmarks[APEX, 42:48].mean(0))
    flow, strain = opened(made.flow), opened(made.strain)
    assert flow.shape == strain.shape == (SIZE, SIZE, 4)
    assert np.linalg.norm(strongest(flow[..., 3], made.about) - corners.mean(0)) < 0.5 * eyes
    # 6 % of the distance between the eyes was asked for: full colour is about that, and the corners go up
    assert 2 < made.about["flow"] < 9
    up = [y1 - y0 for _, y0, _, y1 in made.about["arrows"]]
    assert np.mean(up) < 0
    assert made.about["strain"] > 1


def test_it_is_worked_out_once_and_anew_when_the_film_is_analysed_again(
    ready: tuple[Path, Recorded, FaceTrack],
) -> None:
    workspace, one, track = ready
    results = results_of(workspace, one.id)
    first = skin_motion(one, results, 0, ONSET, ONSET + 2)
    kept = sorted((one.folder / "motion").iterdir())
    began = time.perf_counter()
    assert skin_motion(one, results, 0, ONSET, ONSET + 2) == first
    assert time.perf_counter() - began < 0.05
    assert sorted((one.folder / "motion").iterdir()) == kept
    write_tracks([track], results / TRACKS_FILE)
    skin_motion(one, results, 0, ONSET, ONSET + 2)
    assert len(list((one.folder / "motion").iterdir())) == len(kept) + 1


@pytest.mark.parametrize(
    ("face", "onset", "frame", "line"),
    [
        (0, 18, 18, "motion needs a later frame than the onset 18, got 18"),
        (0, 18, 12, "motion needs a later frame than the onset 18, got 12"),
        (7, 12, 18, "smile.mp4: no face 7 was followed"),
        (0, 12, 400, "face 0 is not seen in frame 400"),
        (0, 12, 40000, "frames 12 and 40000 are more than 20 s apart"),
    ],
)
def test_what_cannot_be_shown_is_told(
    ready: tuple[Path, Recorded, FaceTrack], face: int, onset: int, frame: int, line: str
) -> None:
    workspace, one, _ = ready
    with pytest.raises(BadInputError) as told:
        skin_motion(one, results_of(workspace, one.id), face, onset, frame)
    assert str(told.value) == line


def job_of(workspace: Path, one: Recorded, wanted: Magnified) -> Job:
    """The job as a worker would have taken it."""
    number = queue(workspace, "magnify", payload_of(wanted), recording=one.id)
    with writing(workspace) as store:
        store.execute("UPDATE job SET state = 'running' WHERE id = ?", (number,))
    return Job(number, "magnify", one.id, payload_of(wanted), "running", 0, 0, "", "", None, None)


def faces(film: Path) -> tuple[Image, FloatArray]:
    """Frames (T, H, W) grey and their times."""
    with av.open(str(film)) as container:
        found = [
            (one.to_ndarray(format="gray")[: one.height, : one.width], float(one.time or 0))
            for one in container.decode(video=0)
        ]
    return np.stack([grey for grey, _ in found]), np.array([at for _, at in found])


def corner_heights(pictures: Image) -> FloatArray:
    """How far the mouth corners rise (px) over time: the flow's vertical part around them in the aligned face."""
    from micromask.faces.align import aligned_landmarks
    from micromask.motion.flow import flow

    corners = np.round(aligned_landmarks(SIDE)[list(CORNERS)]).astype(int)
    rise = []
    for picture in pictures:
        v = flow(pictures[0], picture, "dis")[1]
        rise.append(-np.mean([v[y - 12 : y + 12, x - 12 : x + 12].mean() for x, y in corners]))
    return np.array(rise)


def test_a_magnified_film_is_the_interval_beside_itself_with_larger_movements(
    ready: tuple[Path, Recorded, FaceTrack],
) -> None:
    workspace, one, _ = ready
    wanted = Magnified(0, ONSET, OFFSET, 5)
    told: list[tuple[int, int, str]] = []
    path = magnified_path(workspace, one, wanted)
    path.unlink(missing_ok=True)
    works["magnify"](workspace, job_of(workspace, one, wanted), lambda *line: told.append(line))
    pictures, times = faces(path)
    assert pictures.shape == (OFFSET - ONSET + 1, SIDE, 2 * SIDE + GAP)
    np.testing.assert_allclose(times, np.arange(len(times)) / 30, atol=1e-6)
    plain, larger = (corner_heights(half) for half in (pictures[:, :, :SIDE], pictures[:, :, SIDE + GAP :]))
    assert plain.max() > 1
    assert np.ptp(larger) > 1.3 * np.ptp(plain)
    assert told[-1][0] == told[-1][1]
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ((0, 5, 5, 10), "an interval has 0 <= onset < offset, got 5 to 5"),
        ((0, 5, 9, 11), "movements are made 5, 10, 20 times larger, got 11"),
    ],
)
def test_an_interval_that_is_none_is_refused(told: tuple[int, int, int, int], line: str) -> None:
    with pytest.raises(BadInputError) as error:
        Magnified(*told)
    assert str(error.value) == line


def test_a_face_that_is_not_there_and_a_film_that_is_gone_are_told(ready: tuple[Path, Recorded, FaceTrack]) -> None:
    workspace, one, _ = ready
    with pytest.raises(BadInputError, match=r"^face 4 is not seen in frames 12 to 26$"):
        works["magnify"](workspace, job_of(workspace, one, Magnified(4, ONSET, OFFSET, 5)), lambda *_: None)
    with pytest.raises(BadInputError, match=r"^an interval of at most 10 s can be magnified, this one is longer$"):
        works["magnify"](workspace, job_of(workspace, one, Magnified(0, 0, 301, 5)), lambda *_: None)
    away = one.film.rename(one.film.with_suffix(".away"))
    try:
        with pytest.raises(BadInputError, match=r"^smile\.mp4: the film is not where it was; put it back to see its"):
            skin_motion(one, results_of(workspace, one.id), 0, ONSET, OFFSET)
        with pytest.raises(BadInputError, match=r"^smile\.mp4: the film is not where it was; put it back to magnify"):
            works["magnify"](workspace, job_of(workspace, one, Magnified(0, ONSET, OFFSET, 5)), lambda *_: None)
    finally:
        away.rename(one.film)
