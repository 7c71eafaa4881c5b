"""Frames of a study: pictures and rows together, the same again each time, and never numbered anew under labels."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
import weakref

import cv2
import numpy as np
import pytest

from micromask.core.errors import BadInputError
from micromask.datasets.synthetic import HeadMove, Script, landmarks_px, render
from micromask.faces.align import EYE_DISTANCE, EYE_HEIGHT, apply, invert
from micromask.recordings import write_film
from micromask.studies import face_frames, frames, fresh_folder
from micromask.studies.candidates import candidates_of
from micromask.studies.frame_jobs import make_all
from micromask.studies.frames import Wish, begin_frames, frames_of, make_frames
from micromask.studies.people import withdraw_consent
from micromask.studies.sessions import delete_session
from micromask.studies.store import open_store, read_store

HAAR = Wish(detector="haar", candidates=False)
AGAIN = Wish(detector="haar", candidates=False, again=True)


def rows(study):
    with read_store(study) as store:
        tables = ("frame", "candidate")
        found = {name: [tuple(row) for row in store.execute(f"SELECT * FROM {name} ORDER BY 1, 2")] for name in tables}
        columns = "path, participant, kind, made_from"
        return found | {"file": [tuple(row) for row in store.execute(f"SELECT {columns} FROM file ORDER BY path")]}


def pictures(study):
    return {path.relative_to(study).as_posix(): path.read_bytes() for path in (study / "frames").rglob("*.png")}


def label(study, recording, number):
    with open_store(study) as store:
        store.execute("INSERT OR IGNORE INTO coder VALUES ('Ada', '2026')")
        store.execute(
            "INSERT INTO label (coder, recording, number, kind, emotion, made)"
            " VALUES ('Ada', ?, ?, 'micro', 'happiness', '2026')",
            (recording, number),
        )


def test_each_frame_says_what_was_on_the_screen(study, design, film_of, numbered, shown):
    recording = film_of(numbered("items.mp4", 40, 10), shown(0.7, 1.5, 3.2))
    make_frames(study, design, recording, HAAR)
    assert [(frame.number, frame.item) for frame in frames_of(study, recording)] == [
        (1, None),
        (2, "q1"),
        (3, "q2"),  # shown from 1.5 s: its start belongs to it
        (4, "q2"),
        (5, "q2"),
        (6, "q2"),
        (7, "q3"),
    ]


def test_the_face_is_cut_out_upright_with_its_eyes_on_the_same_points(study, design, film_of, tmp_path):
    turned = (HeadMove("roll", 0.05, 0.4, 12, there_and_back=False), HeadMove("shift_x", 0.05, 0.4, 0.3, False))
    script = Script(1, 10, size=240, noise=1, head=turned)
    recording = film_of(write_film(tmp_path / "turned.mp4", render(script), 10))
    make_frames(study, design, recording, HAAR)
    (frame,) = frames_of(study, recording)
    to_aligned = np.array(frame.measures["to_aligned"])
    truth = landmarks_px(script)
    eyes = np.array([truth[36:42].mean(0), truth[42:48].mean(0)])
    at_rest = np.array([np.array([0.5 - EYE_DISTANCE / 2, EYE_HEIGHT]), np.array([0.5 + EYE_DISTANCE / 2, EYE_HEIGHT])])
    # where the eyes of the turned head are in the film: 12 degrees clockwise, 0.3 eye distances to the right
    found = apply(invert(to_aligned), at_rest * 256)
    slope, at_first = (np.degrees(np.arctan2(*(both[1] - both[0])[::-1])) for both in (found, eyes))
    assert slope - at_first == pytest.approx(12, abs=2.5)
    assert np.hypot(*(found[1] - found[0])) == pytest.approx(np.hypot(*(eyes[1] - eyes[0])), rel=0.06)
    assert found.mean(0)[0] - eyes.mean(0)[0] == pytest.approx(0.3 * np.hypot(*(eyes[1] - eyes[0])), abs=8)
    picture = cv2.imread(str(study / frame.path))
    assert picture.shape == (256, 256, 3)
    assert frame.measures["size"] == 256


def test_the_boxes_of_eyes_and_mouth_hold_those_of_the_drawn_face(study, design, film_of, face_film, tmp_path):
    recording = film_of(face_film)
    make_frames(study, design, recording, HAAR)
    truth = landmarks_px(Script(3, 10, size=200))
    for frame in frames_of(study, recording):
        points = apply(np.array(frame.measures["to_aligned"]), truth)
        parts = {"eyes": [*range(17, 27), *range(36, 48)], "mouth": range(48, 68)}
        for name, other in (("eyes", "mouth"), ("mouth", "eyes")):
            x0, y0, x1, y1 = frame.measures["regions"][name]
            inside = [x0 <= x <= x1 and y0 <= y <= y1 for x, y in points]
            assert all(inside[i] for i in parts[name])
            assert not any(inside[i] for i in parts[other])
        landmarks = np.array(frame.measures["landmarks"])
        assert landmarks.shape == (68, 2)
        assert np.abs(landmarks[17:68] - points[17:68]).mean() < 6


def test_made_again_the_pictures_and_the_rows_are_the_same(study, design, film_of, face_film, shown):
    recording = film_of(face_film, shown(0.2))
    first = make_frames(study, design, recording, HAAR)
    before, seen = rows(study), pictures(study)
    assert first.fresh
    assert (first.frames, len(seen)) == (5, 5)
    kept = make_frames(study, design, recording, HAAR)
    assert not kept.fresh
    assert (kept.frames, kept.flags) == (first.frames, first.flags)
    assert make_frames(study, design, recording, AGAIN).fresh
    assert rows(study) == before
    assert pictures(study) == seen
    assert sorted(path.name for path in (study / "frames" / "P01").iterdir()) == [str(recording)]


def test_only_the_owner_can_read_and_every_picture_is_noted(study, design, film_of, face_film):
    recording = film_of(face_film)
    make_frames(study, design, recording, HAAR)
    for path in (study / "frames").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
    film = f"films/P01/{recording}-questions.mp4"
    assert [row for row in rows(study)["file"] if row[2] == "frame"] == [
        (path, "P01", "frame", film) for path in sorted(pictures(study))
    ]


def test_labels_keep_their_frames(study, design, film_of, face_film):
    recording = film_of(face_film)
    make_frames(study, design, recording, HAAR)
    label(study, recording, 2)
    before, seen = rows(study), pictures(study)
    finer = Wish(seconds=0.25, detector="haar", candidates=False, again=True)
    with pytest.raises(BadInputError, match=r"each 0\.5 s and labels on 1 of them.*give --seconds 0\.5$"):
        make_frames(study, design, recording, finer)
    assert make_frames(study, design, recording, AGAIN).fresh
    assert (rows(study), pictures(study)) == (before, seen)


def test_an_undone_label_keeps_its_frame_too_for_undo_can_bring_it_back(study, design, film_of, face_film):
    recording = film_of(face_film)
    make_frames(study, design, recording, HAAR)
    label(study, recording, 2)
    with open_store(study) as store:
        store.execute("UPDATE label SET removed = '2026'")
    with pytest.raises(BadInputError, match="would be numbered anew"):
        make_frames(study, design, recording, Wish(0.25, "haar", False, again=True))


def test_a_label_that_came_meanwhile_is_not_given_another_frame(study, design, film_of, face_film):
    recording = film_of(face_film)
    make_frames(study, design, recording, HAAR)
    task = begin_frames(study, design, recording, Wish(0.25, "haar", False, again=True))
    label(study, recording, 2)
    before, seen = rows(study), pictures(study)
    with pytest.raises(BadInputError, match=r"frame 2 has a label and would mean frame 5 of the film, not 10"):
        frames.finish_frames(study, task, frames.cut_recording(task))
    found = rows(study)
    assert (found["frame"], pictures(study)) == (before["frame"], seen)
    assert sorted(path.name for path in (study / "frames" / "P01").iterdir()) == [str(recording)]
    assert len(found["file"]) == len(before["file"]) - 1  # the note of the work that was abandoned


def test_without_labels_another_interval_needs_to_be_asked_for(study, design, film_of, face_film):
    recording = film_of(face_film)
    make_frames(study, design, recording, HAAR)
    with pytest.raises(BadInputError, match=r"each 0\.5 s, found by haar: with --again .* each 0\.25 s by haar$"):
        make_frames(study, design, recording, Wish(0.25, candidates=False))
    made = make_frames(study, design, recording, Wish(0.25, "haar", False, again=True))
    assert made.frames == 11
    assert len(pictures(study)) == 11
    make_frames(study, design, recording, AGAIN)
    assert len(pictures(study)) == 5


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"seconds": 0.0}, r"--seconds is 0\.01 to 60, got 0"),
        ({"seconds": float("nan")}, "--seconds is"),
        ({"detector": "hare"}, "no detector 'hare'; did you mean 'haar'"),
    ],
)
def test_what_makes_no_sense_is_refused(wish, message):
    with pytest.raises(BadInputError, match=message):
        Wish(**wish)


def test_without_consent_no_frame_is_made(study, design, film_of, face_film):
    recording = film_of(face_film)
    task = begin_frames(study, design, recording, HAAR)
    cut = frames.cut_recording(task)
    withdraw_consent(study, "P01")
    with pytest.raises(BadInputError, match="P01 has given no consent, or has withdrawn it"):
        frames.finish_frames(study, task, cut)
    with pytest.raises(BadInputError, match="P01 has given no consent, or has withdrawn it"):
        make_frames(study, design, recording, HAAR)
    assert rows(study)["frame"] == []
    assert list((study / "frames").rglob("*.png")) == []


def test_a_film_that_is_recorded_is_left_alone_and_one_that_is_empty_told(study, design, film_of, face_film):
    recording = film_of(face_film)
    with open_store(study) as store:
        store.execute("UPDATE recording SET state = 'open'")
    with pytest.raises(BadInputError, match=r"recording 1 \(P01, questions\) is still being recorded"):
        make_frames(study, design, recording, HAAR)
    with open_store(study) as store:
        store.execute("UPDATE recording SET state = 'closed'")
        (path,) = store.execute("SELECT path FROM recording").fetchone()
    (study / path).write_bytes(b"")
    with pytest.raises(BadInputError, match=r"recording 1 \(P01, questions\) is empty"):
        make_frames(study, design, recording, HAAR)
    with pytest.raises(BadInputError, match="no recording 7 in"):
        make_frames(study, design, 7, HAAR)


def test_a_film_that_breaks_off_gives_what_can_be_read_and_says_so(study, design, film_of, numbered, tmp_path):
    whole = numbered("long.mkv", 60, 10)
    broken = tmp_path / "broken.mkv"
    broken.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    recording = film_of(broken)
    made = make_frames(study, design, recording, HAAR)
    assert 1 <= made.frames < 11
    assert [frame.number for frame in frames_of(study, recording)] == list(range(1, made.frames + 1))
    (line,) = made.told
    assert line.startswith("the film breaks off at frame ")
    assert "what comes before was used" in line


def test_a_film_that_cannot_be_read_leaves_nothing_behind(study, design, film_of, tmp_path):
    (tmp_path / "text.mp4").write_text("this is no film", encoding="utf-8")
    recording = film_of(tmp_path / "text.mp4")
    with pytest.raises(BadInputError, match="is not a film that can be read"):
        make_frames(study, design, recording, HAAR)
    assert list((study / "frames" / "P01").iterdir()) == []
    assert rows(study)["file"] == []


def test_candidates_of_the_spotter_are_kept_with_what_it_measured(study, design, film_of, faces, tmp_path):
    recording = film_of(write_film(tmp_path / "raised.mp4", faces, 10))
    without = make_frames(study, design, recording, HAAR)
    assert without.candidates is None
    made = make_frames(study, design, recording, Wish(detector="haar"))
    found = candidates_of(study, recording)
    assert made.candidates == len(found)
    assert any(one.onset_s < 1.5 < one.offset_s and "brow_left" in one.told["regions"] for one in found)
    for one in found:
        assert one.onset <= one.apex <= one.offset < 30
        assert sum(one.told["probabilities"].values()) == pytest.approx(1, abs=0.001)
    assert not make_frames(study, design, recording, Wish()).fresh


@pytest.mark.slow
def test_several_processes_make_what_one_makes(study, design, film_of, face_film, numbered, tmp_path):
    films = [film_of(face_film), film_of(numbered("long.mkv", 60, 10)), film_of(face_film, (), None)]
    (tmp_path / "text.mp4").write_text("this is no film", encoding="utf-8")
    bad = film_of(tmp_path / "text.mp4")
    one = dict(make_all(study, design, [*films, bad], HAAR))
    before, seen = rows(study), pictures(study)
    done: list[int] = []
    two = dict(make_all(study, design, [*films, bad], AGAIN, jobs=2, progress=done.append))
    assert (rows(study), pictures(study)) == (before, seen)
    assert {number: each.frames for number, each in two.items() if number != bad} == {
        number: each.frames for number, each in one.items() if number != bad
    }
    assert str(two[bad]) == str(one[bad])
    assert "is not a film that can be read" in str(two[bad])
    assert done == sorted(done)
    assert not list((study / "frames").rglob("*.part"))


def test_two_at_a_time_are_refused(study, design, film_of, face_film):
    recording = film_of(face_film)
    first = make_all(study, design, [recording, recording], HAAR)
    next(first)
    with pytest.raises(BadInputError, match=r"somebody is making frames of .* already"):
        next(make_all(study, design, [recording], HAAR))
    first.close()
    assert len(list(make_all(study, design, [recording], HAAR))) == 1


def test_a_session_that_was_deleted_takes_its_frames_along(study, design, film_of, face_film):
    recording = film_of(face_film)
    make_frames(study, design, recording, HAAR)
    with read_store(study) as store:
        (session,) = store.execute("SELECT session FROM recording").fetchone()
    delete_session(study, session)
    assert list(study.rglob("*.png")) == []
    assert rows(study)["frame"] == []


class Killed(BaseException):
    """What no code handles: as if the process had ended there."""


@pytest.mark.parametrize("first", [True, False], ids=["first time", "made before"])
@pytest.mark.parametrize(
    ("module", "name"),
    [
        (frames, "cut_recording"),
        (frames, "replace_framed"),
        (fresh_folder, "sync_folder"),
        (frames, "clear_up"),
    ],
    ids=["while it cuts", "between rows and pictures", "pictures moved, rows not kept", "all kept, old not removed"],
)
def test_killed_at_any_point_a_recording_is_whole_or_untouched(
    study, design, film_of, face_film, monkeypatch, first, module, name
):
    recording = film_of(face_film)
    if not first:
        make_frames(study, design, recording, HAAR)
        (study / f"frames/P01/{recording}/0001.png").write_bytes(b"as it was before")
    rows_before, seen = rows(study), pictures_or_none(study)

    def kill(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(module, name, kill)
        patched.setattr(frames, "abandon", lambda *_: None)
        with pytest.raises(Killed):
            make_frames(study, design, recording, AGAIN)
    fresh_folder.tidy(study)
    kept = name == "clear_up"
    assert (pictures_or_none(study) == seen) is not kept
    assert (len(rows(study)["frame"]) == (0 if first else 5)) or kept
    if not kept:
        assert rows(study) == rows_before
    assert list(study.rglob("*.part")) == []
    fresh_folder.tidy(study)
    make_frames(study, design, recording, AGAIN)
    assert len(pictures(study)) == len(rows(study)["frame"]) == 5
    assert b"as it was before" not in pictures(study).values()


def pictures_or_none(study):
    return pictures(study) if (study / "frames").exists() else {}


def test_no_more_than_a_few_frames_are_in_memory_at_a_time(study, design, film_of, numbered, monkeypatch):
    recording = film_of(numbered("many.mp4", 300, 30))
    alive: list[weakref.ref[np.ndarray]] = []
    most = 0
    real = face_frames.read

    class Watching:
        def __init__(self, stream):
            self.stream = stream

        def __iter__(self):
            nonlocal most
            for frame in self.stream:
                alive.append(weakref.ref(frame.image))
                most = max(most, sum(one() is not None for one in alive))
                yield frame

        def __getattr__(self, name):
            return getattr(self.stream, name)

    monkeypatch.setattr(face_frames, "read", lambda *given, **told: Watching(real(*given, **told)))
    make_frames(study, design, recording, HAAR)
    assert len(alive) == 300
    assert most <= 4


CHILD = """
import sys
from pathlib import Path
from micromask.studies.design import Design, Item, Part
from micromask.studies.frame_jobs import make_all
from micromask.studies.frames import Wish

if __name__ == "__main__":
    study, jobs = Path(sys.argv[1]), int(sys.argv[2])
    design = Design(study, "", (), (), (Part("questions", ()),), "")
    numbers = [int(each) for each in sys.argv[3:]]
    list(make_all(study, design, numbers, Wish(detector="haar", candidates=False, again=True), jobs=jobs))
"""


@pytest.mark.slow
def test_kill_9_in_the_middle_leaves_each_recording_whole_or_untouched(
    study, design, film_of, numbered, face_film, tmp_path
):
    films = [film_of(face_film), film_of(numbered("kill.mp4", 600, 30))]
    list(make_all(study, design, films, HAAR))
    before, seen = rows(study), pictures(study)
    script = tmp_path / "child.py"
    script.write_text(CHILD, encoding="utf-8")
    for jobs in (1, 2):
        child = subprocess.Popen([sys.executable, str(script), str(study), str(jobs), *map(str, films)])
        work = study / "frames" / "P01"
        deadline = time.monotonic() + 120
        while not list(work.glob("*.part/new/0003.png")) and child.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        assert list(work.glob("*.part"))
        time.sleep(1.5)  # the processes that it started see that it is gone
        list(make_all(study, design, [], HAAR))
        assert list(work.glob("*.part")) == []
        assert (rows(study), pictures(study)) == (before, seen)
