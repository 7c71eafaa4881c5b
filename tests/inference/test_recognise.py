"""The shipped recogniser on drawn motion: what FACS says each movement means, no data set needed."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from micromask.core.errors import BadInputError
from micromask.inference.recognise import NAME, SHIPPED, Recognizer, load_recognizer, recognise, softmax
from micromask.models.flow_histogram import HistogramLayout, SupportVectorMachine, mirror_maps
from micromask.models.weights_file import REQUIRED, read_weights, write_weights

Y, X = (np.mgrid[0:28, 0:28] + 0.5) / 28


def bump(x: float, y: float, width: float, height: float) -> np.ndarray:
    return np.exp(-(((X - x) / width) ** 2 + ((Y - y) / height) ** 2) / 2)


def encoded(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    (uy, ux), (vy, vx) = np.gradient(u), np.gradient(v)
    strain = np.sqrt(ux**2 + vy**2 + (uy + vx) ** 2 / 2)
    planes = [255 * (p - p.min()) / max(float(np.ptp(p)), 1e-9) for p in (u, v, strain)]
    return np.stack(planes, axis=-1).round().astype(np.uint8)[None]


def smile() -> np.ndarray:
    """AU12: the mouth corners go up and out, the cheeks with them."""
    left, right = bump(0.26, 0.64, 0.1, 0.1), bump(0.74, 0.64, 0.1, 0.1)
    return encoded(right - left, -1.2 * (left + right))


def raised_brows() -> np.ndarray:
    """AU1+2: both brows and the skin above go up."""
    return encoded(0.05 * bump(0.5, 0.5, 0.3, 0.3), -(bump(0.24, 0.12, 0.14, 0.09) + bump(0.76, 0.12, 0.14, 0.09)))


def lowered_brows() -> np.ndarray:
    """AU4: both brows go down and together."""
    left, right = bump(0.28, 0.14, 0.12, 0.08), bump(0.72, 0.14, 0.12, 0.08)
    return encoded(0.5 * (left - right), left + right)


@pytest.fixture(scope="module")
def shipped() -> Recognizer:
    return load_recognizer()


@pytest.mark.parametrize(
    ("drawn", "emotion"), [(smile, "positive"), (raised_brows, "surprise"), (lowered_brows, "negative")]
)
def test_drawn_action_units_are_read_as_facs_reads_them(shipped, drawn, emotion):
    said = recognise(shipped, drawn())[0]
    assert shipped.classes[int(said.argmax())] == emotion, said.round(3)
    assert said.max() > 0.6


def test_probabilities_add_to_one_whatever_the_map(shipped):
    rng = np.random.default_rng(0)
    maps = np.concatenate([rng.integers(0, 256, (20, 28, 28, 3), np.uint8), np.zeros((1, 28, 28, 3), np.uint8)])
    said = recognise(shipped, maps)
    assert said.shape == (21, 3)
    assert said.dtype == np.float64
    assert (said >= 0).all()
    np.testing.assert_allclose(said.sum(axis=1), 1, atol=1e-12)


def test_each_map_is_read_on_its_own(shipped):
    maps = np.concatenate([smile(), raised_brows(), lowered_brows()])
    together = recognise(shipped, maps)
    np.testing.assert_allclose(together, np.concatenate([recognise(shipped, m[None]) for m in maps]), atol=1e-12)
    assert recognise(shipped, maps[:0]).shape == (0, 3)


def test_a_face_and_its_mirror_image_are_read_alike(shipped):
    maps = np.random.default_rng(1).integers(0, 256, (10, 28, 28, 3), np.uint8)
    # Not exactly: a movement on the edge between two hard bins falls to the same side in both.
    np.testing.assert_allclose(recognise(shipped, maps), recognise(shipped, mirror_maps(maps)), atol=0.05)


def test_maps_of_another_shape_are_refused(shipped):
    with pytest.raises(ValueError, match=r"maps must be \(N, 28, 28, 3\) uint8"):
        recognise(shipped, np.zeros((28, 28, 3), np.uint8))


def test_the_shipped_file_says_what_it_is(shipped):
    assert SHIPPED.stat().st_size <= 3_000_000
    assert shipped.classes == ("negative", "positive", "surprise")
    assert not [key for key in REQUIRED if not shipped.card[key]]
    assert "non-commercial" in shipped.card["licence"]
    uf1, uar = (shipped.card["metrics"]["loso"][name] for name in ("uf1", "uar"))
    assert f"UF1 {uf1['value']:.2f}" in shipped.describe
    assert f"UAR {uar['value']:.2f}" in shipped.describe
    assert "\n" not in shipped.describe
    for figure in (uf1, uar):
        assert figure["low"] < figure["value"] < figure["high"]


def test_the_card_for_people_tells_the_same_figures(shipped):
    page = (SHIPPED.parent / "CARD.md").read_text(encoding="utf-8")
    for name in ("uf1", "uar"):
        assert f"{shipped.card['metrics']['loso'][name]['value']:.3f}" in page
    assert shipped.card["licence"] in page
    assert all(limit in page for limit in shipped.card["limits"])


def test_the_results_on_disk_are_those_of_the_card(shipped):
    results = Path(__file__).parents[2] / "benchmarks" / "results" / "recognizer.json"
    told = json.loads(results.read_text(encoding="utf-8"))
    for name in ("uf1", "uar"):
        found = told["figures"]["loso"][told["ships"]][name]["value"]
        assert round(found, 3) == shipped.card["metrics"]["loso"][name]["value"]


def test_it_needs_neither_torch_nor_scikit_learn():
    script = (
        "import sys, numpy as np; from micromask.inference.recognise import *; "
        "recognise(load_recognizer(), np.zeros((1, 28, 28, 3), np.uint8)); "
        "print([m for m in ('torch', 'sklearn', 'cv2', 'pandas', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_another_models_file_and_one_that_does_not_fit_are_refused(tmp_path):
    tensors, card = read_weights(SHIPPED)
    other = tmp_path / "other.safetensors"
    write_weights(other, tensors, {**card, "name": "ststnet"})
    with pytest.raises(BadInputError, match=f"holds the weights of 'ststnet', wanted '{NAME}'"):
        load_recognizer(other)
    write_weights(other, {**tensors, "support": tensors["support"][:, :5]}, card)
    with pytest.raises(BadInputError, match="do not fit together"):
        load_recognizer(other)
    write_weights(other, tensors, {key: value for key, value in card.items() if key != "temperature"})
    with pytest.raises(BadInputError, match="do not fit together"):
        load_recognizer(other)
    with pytest.raises(BadInputError, match="cannot read the weights"):
        load_recognizer(tmp_path / "none.safetensors")


def test_a_recogniser_of_parts_that_do_not_fit_cannot_be_made():
    machine = SupportVectorMachine(np.zeros((2, 784)), np.array([1, 1]), np.zeros((1, 2)), np.zeros(1), 1.0)
    with pytest.raises(ValueError, match="3 names for the 2 classes"):
        Recognizer(("a", "b", "c"), "", {}, HistogramLayout(), machine, 1.0)
    with pytest.raises(ValueError, match="temperature must be positive"):
        Recognizer(("a", "b"), "", {}, HistogramLayout(), machine, 0.0)
    with pytest.raises(ValueError, match="the layout makes 256"):
        Recognizer(("a", "b"), "", {}, HistogramLayout(cells=4), machine, 1.0)


def test_softmax_of_no_rows_is_no_rows():
    assert softmax(np.zeros((0, 3))).shape == (0, 3)


@pytest.mark.shared
def test_the_shipped_arrays_read_the_maps_they_were_made_from(shipped, shared):
    sheet = (shared / "data" / "megc-flow" / "manifest.csv").read_text().splitlines()[1:]
    cv2 = pytest.importorskip("cv2")
    rows = [line.split(",") for line in sheet]
    maps = np.stack([cv2.imread(str(shared / "data" / "megc-flow" / row[4]))[:, :, ::-1] for row in rows])
    said = recognise(shipped, np.ascontiguousarray(maps)).argmax(axis=1)
    right = np.mean([shipped.classes[k] == row[3] for k, row in zip(said, rows, strict=True)])
    assert right > 0.95
