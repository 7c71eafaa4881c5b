"""A de-identified export holds how faces moved and where their points lie, and no face."""

from __future__ import annotations

import csv
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from micromask.core.errors import BadInputError, BadOutputError
from micromask.datasets import load
from micromask.datasets.catalogue import open_corpus
from micromask.datasets.synthetic import PlannedExpression, Script, landmarks_px, write
from micromask.faces.align import ALIGNED_SIZE, apply, face_transform, warp_face
from micromask.faces.detect import detectors
from micromask.motion.window import FLOW_SIZE, map_window
from micromask.recordings import probe, read
from micromask.recordings.images import read_image
from micromask.studies.coding import add_coder, save_label
from micromask.studies.deidentified import export_deidentified
from micromask.studies.labels import Decision
from micromask.studies.only_maps import check_only_maps, likeness
from micromask.studies.people import withdraw_consent
from micromask.studies.store import open_store

FPS = 20
SCRIPT = Script(
    seconds=3,
    fps=FPS,
    size=240,
    noise=1,
    expressions=(
        PlannedExpression(
            1.2, 1.5, 2.2, (("inner_brow_raiser", 0.08), ("outer_brow_raiser", 0.08)), "surprise", hold_s=0.2
        ),
    ),
)
RAISED, FIRST = 3, 0
"""Kept frame 3 (1.5 s) shows the raised brows; a kept frame may be the film's first, which has none before it."""


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "brows.mp4"
    write(SCRIPT, path)
    return path


@pytest.fixture
def filmed(case: Any, film: Path) -> Any:
    """The study of the export's tests, in which P02's recording 4 is a film with a face; its labels alone are left."""
    points = landmarks_px(SCRIPT)
    measures = {
        "size": 256,
        "landmarks": apply(face_transform(points, 256), points).round(2).tolist(),
        "to_aligned": face_transform(points, 256).round(6).tolist(),
    }
    with open_store(case.folder) as store:
        store.execute("DELETE FROM settled")
        (place,) = store.execute("SELECT path FROM recording WHERE id = 4").fetchone()
        store.execute("UPDATE frame SET measures = ? WHERE recording = 4", (json.dumps(measures),))
        store.execute("UPDATE frame SET frame = number * ?, time_s = number * 0.5", (FPS // 2,))
        store.execute("UPDATE frame SET frame = 0, number = ?, time_s = 0 WHERE number = 1", (FIRST,))
    (case.folder / place).parent.mkdir(parents=True, exist_ok=True)
    (case.folder / place).write_bytes(film.read_bytes())
    case.settle(4, RAISED, "disgust", units="1+2")
    return case


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_flow_tables_loader_reads_both_kinds(filmed, tmp_path):
    filmed.settle(4, RAISED, "happy_but_sad", "masked")
    filmed.settle(4, 4, "anger")
    done = export_deidentified(filmed.folder, filmed.design, tmp_path / "out")
    assert (done.people, done.pictures, done.labels) == (1, 3, 3)
    name = "study-micro-and-masked-expressions-under"
    micro = load("flow-table", tmp_path / "out" / "micro")
    assert {clip.id: clip.annotation.emotion for clip in micro} == {
        f"{name}/P02/questionnaire-0003": "disgust",
        f"{name}/P02/questionnaire-0004": "anger",
    }
    (masked,) = load("flow-table", tmp_path / "out" / "masked")
    assert masked.annotation.emotion == "happy_but_sad"
    assert open_corpus("flow-table", tmp_path / "out" / "micro").findings == ()


def test_a_map_shows_the_brows_rise_and_nothing_else(filmed, tmp_path):
    export_deidentified(filmed.folder, filmed.design, tmp_path / "out")
    (row,) = table(tmp_path / "out" / "micro" / "manifest.csv")
    assert (row["reference"], row["from_s"], row["to_s"]) == ("0.5 s before", "1.000", "1.500")
    v = read_image(tmp_path / "out" / "micro" / row["file"], colour=True)[:, :, 1].astype(int)
    assert v[:8].min() == 0  # up is negative, and the smallest value of a channel is 0
    assert np.median(v[14:]) - v[:8].min() > 150


def test_the_onset_that_coders_marked_is_where_motion_is_measured_from(filmed, tmp_path):
    for coder, onset in (("Anna", 24), ("Ben", 22), ("Cleo", 25)):
        add_coder(filmed.folder, coder)
        told = {"onset": onset, "apex": 30, "offset": 40}
        save_label(filmed.folder, filmed.design, coder, 4, Decision("micro", "disgust", **told))
    add_coder(filmed.folder, "Dan")
    save_label(filmed.folder, filmed.design, "Dan", 4, Decision("micro", "anger", onset=1, apex=2, offset=40))
    export_deidentified(filmed.folder, filmed.design, tmp_path / "out")
    (row,) = table(tmp_path / "out" / "micro" / "manifest.csv")
    assert (row["reference"], row["from_s"]) == ("onset", "1.200")


def test_no_detector_finds_a_face_and_no_map_looks_like_the_one_it_was_made_of(filmed, tmp_path):
    filmed.settle(4, 4, "anger")
    export_deidentified(filmed.folder, filmed.design, tmp_path / "out")
    maps = sorted((tmp_path / "out").rglob("*.png"))
    assert len(maps) == check_only_maps(tmp_path / "out") == 2
    haar = detectors["haar"]()
    for path in maps:
        motion = read_image(path, colour=True)
        large = cv2.resize(motion, (280, 280), interpolation=cv2.INTER_CUBIC)
        assert all(haar(np.ascontiguousarray(large[:, :, channel])) == [] for channel in range(3))


def test_the_same_detector_and_the_same_measure_would_have_found_one(film):
    picture = next(iter(read(probe(film), colour=True, stop=1))).image
    assert len(detectors["haar"]()(picture)) == 1
    place = face_transform(landmarks_px(SCRIPT), ALIGNED_SIZE)
    face = warp_face(picture, place * (FLOW_SIZE / ALIGNED_SIZE), FLOW_SIZE)[map_window()]
    thumbnail = cv2.resize(face, (28, 28), interpolation=cv2.INTER_AREA)
    assert likeness(thumbnail, picture, place) > 0.95


def test_landmarks_lie_in_an_upright_face_of_128_px(filmed, tmp_path):
    filmed.settle(4, RAISED, "happy_but_sad", "masked")
    export_deidentified(filmed.folder, filmed.design, tmp_path / "out")
    (row,) = table(tmp_path / "out" / "landmarks.csv")  # one frame, though it has two labels
    assert (row["subject"], row["clip"], row["time_s"]) == ("P02", "questionnaire-0003", "1.500")
    points = np.array([[float(row[f"{axis}{at}"]) for axis in "xy"] for at in range(68)])
    wanted = apply(face_transform(landmarks_px(SCRIPT), 128), landmarks_px(SCRIPT))
    np.testing.assert_allclose(points, wanted, atol=0.02)
    assert points[36:48, 1].mean() == pytest.approx(0.31 * 128, abs=3)  # the eyes' height in every aligned face


def test_labels_without_a_face_or_without_a_frame_before_are_left_out_and_counted(filmed, tmp_path):
    filmed.settle(4, FIRST, "anger")
    filmed.settle(1, 5, "anger")
    done = export_deidentified(filmed.folder, filmed.design, tmp_path / "out")
    assert done.left_out == {"no label with motion": ("P01",)}
    assert set(done.told) == {
        "1 labels left out: no frame before the labelled one",
        "1 labels left out: no face on the labelled frame",
    }
    card = json.loads((tmp_path / "out" / "card.json").read_text(encoding="utf-8"))
    assert card["counts"]["labels"] == {"micro": {"disgust": 1}}
    assert card["left_out"] == {
        "no label with motion": 1,
        "no frame before the labelled one": 1,
        "no face on the labelled frame": 1,
    }


def test_any_gender_is_in_it_and_no_age_and_no_free_text(filmed, tmp_path):
    with open_store(filmed.folder) as store:
        told = {"gender": "another", "age": 47, "note": "plays the tuba"}
        store.execute("UPDATE participant SET fields = ? WHERE name = 'P02'", (json.dumps(told),))
    export_deidentified(filmed.folder, filmed.design, tmp_path / "out")
    (row,) = table(tmp_path / "out" / "micro" / "manifest.csv")
    assert row["gender"] == "another"
    assert "age" not in row
    for path in (each for each in (tmp_path / "out").rglob("*") if each.is_file()):
        assert b"tuba" not in path.read_bytes()


def test_consent_and_notes_are_as_for_every_export(filmed, tmp_path):
    filmed.settle(1, 5, "anger")
    withdraw_consent(filmed.folder, "P01")
    done = export_deidentified(filmed.folder, filmed.design, tmp_path / "out")
    assert done.left_out == {"consent withdrawn": ("P01",)}
    assert filmed.exports() == {str(tmp_path / "out"): "P02"}
    with pytest.raises(BadOutputError, match="exists"):
        export_deidentified(filmed.folder, filmed.design, tmp_path / "out")


def test_where_no_label_has_motion_it_says_why(filmed, tmp_path):
    with open_store(filmed.folder) as store:
        store.execute("UPDATE settled SET number = ?", (FIRST,))
    with pytest.raises(BadInputError, match=r"no motion can be shown: no frame before the labelled one \(1\)"):
        export_deidentified(filmed.folder, filmed.design, tmp_path / "out")


GOOD = np.zeros((28, 28, 3), np.uint8)
GOOD[0, 0] = 255


def encoded(pixels: np.ndarray, ending: str = ".png") -> bytes:
    return cv2.imencode(ending, pixels)[1].tobytes()


def with_text(data: bytes) -> bytes:
    chunk = b"tEXtComment\x00P01 is Maria"
    return data[:33] + struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) + data[33:]


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("face.png", encoded(GOOD), "face.png is no map, table or card"),
        ("micro/maps/P01/a.jpg", encoded(GOOD, ".jpg"), "is no map, table or card"),
        ("micro/maps/P01/a.png", encoded(GOOD, ".jpg"), "is no PNG"),
        ("micro/maps/P01/a.png", encoded(np.zeros((64, 64, 3), np.uint8)), "is no picture of 28 x 28 px"),
        ("micro/maps/P01/a.png", encoded(np.zeros((28, 28), np.uint8)), "in three channels"),
        ("micro/maps/P01/a.png", encoded(GOOD.astype(np.uint16)), "of 8 bits"),
        ("micro/maps/P01/a.png", encoded(np.full((28, 28, 3), 90, np.uint8)), "was not stretched as maps are"),
        ("micro/maps/P01/a.png", encoded(GOOD) + b"more", "holds more than pixels"),
        ("micro/maps/P01/a.png", with_text(encoded(GOOD)), "holds more than pixels"),
        ("micro/manifest.csv", b"a,b\n1," + b"x" * 201, "has a cell of more than 200 letters"),
    ],
)
def test_whatever_could_hold_a_face_stops_the_export(tmp_path, name, data, told):
    (tmp_path / "micro" / "maps" / "P01").mkdir(parents=True)
    (tmp_path / "micro" / "maps" / "P01" / "good.png").write_bytes(encoded(GOOD))
    assert check_only_maps(tmp_path) == 1
    (tmp_path / name).write_bytes(data)
    with pytest.raises(BadOutputError) as error:
        check_only_maps(tmp_path)
    assert told in str(error.value)


def test_a_link_in_an_export_stops_it(tmp_path):
    (tmp_path / "CARD.md").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BadOutputError, match=r"CARD\.md is no file of its own"):
        check_only_maps(tmp_path)
