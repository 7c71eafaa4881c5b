"""Does a model read a face better once it is enhanced? Writes enhance-DATE.json.

Synthetic people show one of four emotions, strongly. A small frame model (``mmed-cnn``, its own recipe, no weights to
begin with) is fitted on pictures of some people as they are. Then it reads other people's faces: as they are, and made
small, dark, noisy, blurred or flat; each as `micromask predict` reads it and as `micromask predict --enhanced` does.
Both read the same faces of the same pictures. What is told is UAR, its mean over fits with other seeds, and how much
more it is with the enhancement: 95 % intervals over the people, both on the same draws of them.

Small faces lie in a plain picture; their width is what ``mtcnn`` measures before they are shrunk. They are also found
and read as a snapshot of the live view does it, which tells both.

    python benchmarks/enhance.py [--people 24] [--seeds 0 1 2]

Synthetic people are one portrait, changed: what is found says which way the enhancement pulls a model that was fitted
on faces without it, and not how much it would do for real faces or another model. The tables go into
docs/how-to/images.md and docs/how-to/live.md by hand; tests/docs/test_enhance_figures.py holds them to the file.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import pickle
import platform
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from micromask import __version__
from micromask.core.types import Image
from micromask.datasets import load
from micromask.datasets.preparation import Preparation
from micromask.datasets.prepare import find_faces
from micromask.datasets.synthetic import CorpusPlan, synthesize
from micromask.evaluation.final import fit_final
from micromask.evaluation.material import Material, gather
from micromask.evaluation.metrics import uar_each
from micromask.evaluation.model_card import Told, promise_of
from micromask.evaluation.statistics import bootstrap_counts, bootstrap_difference, subject_counts
from micromask.evaluation.unit import ModelChoice, input_of
from micromask.faces.detect import detectors
from micromask.inference import predict as reading
from micromask.inference.fitted import Fitted, load_fitted
from micromask.inference.snapshot import snapshot
from micromask.inference.stream import SMALLEST
from micromask.models import save_model
from micromask.training.recipe import recipe_of

RESULTS = Path(__file__).with_name("results")
MODEL, EPOCHS = "mmed-cnn", 20
EMOTIONS = ("happiness", "surprise", "anger", "sadness")
PLAN = CorpusPlan(
    subjects=60, clips_per_subject=8, fps=20, seconds=0.6, size=240, strength=0.075, emotions=EMOTIONS, seed=0
)
"""Who the model is fitted on: two pictures of each emotion a person. Another seed is other people."""

CANVAS = 320
SENSOR = 2.0
"""A shrunken or darkened picture gets this noise (grey levels), as the pictures of the corpus have it."""

WIDTHS = (12, 16, 24, 32, 48)
Harm = Callable[[Image, float, np.random.Generator], Image]


def small(width: int) -> Harm:
    def harm(image: Image, measured: float, rng: np.random.Generator) -> Image:
        side = max(8, round(image.shape[0] * width / measured))
        made = np.full((CANVAS, CANVAS, 3), image.reshape(-1, 3).mean(0), np.float64)
        at = (CANVAS - side) // 2
        made[at : at + side, at : at + side] = cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)
        return noisy_by(made, SENSOR, rng)

    return harm


def noisy_by(values: NDArray[np.float64], sd: float, rng: np.random.Generator) -> Image:
    return np.clip(np.rint(values + rng.normal(0, sd, values.shape)), 0, 255).astype(np.uint8)


def dark(share: float) -> Harm:
    return lambda image, _, rng: noisy_by(image * share, SENSOR, rng)


def noisy(sd: float) -> Harm:
    return lambda image, _, rng: noisy_by(image.astype(np.float64), sd, rng)


def blurred(share: float) -> Harm:
    """A Gaussian blur whose standard deviation is a share of the face's width."""
    return lambda image, width, rng: np.asarray(cv2.GaussianBlur(image, (0, 0), share * width), np.uint8)


def flat(share: float) -> Harm:
    return lambda image, _, rng: np.rint(128 + share * (image.astype(np.float64) - 128)).astype(np.uint8)


CONDITIONS: dict[str, Harm] = {
    "untouched": lambda image, width, rng: image,
    **{f"{width} px wide": small(width) for width in WIDTHS},
    "a quarter of the light": dark(0.25),
    "a tenth of the light": dark(0.1),
    "noise of 12 grey levels": noisy(12),
    "noise of 25 grey levels": noisy(25),
    "blur of 2 % of the face": blurred(0.02),
    "blur of 4 % of the face": blurred(0.04),
    "half the contrast": flat(0.5),
    "a quarter of the contrast": flat(0.25),
}


@dataclass(slots=True)
class Side:
    """What was said under one condition on one way: truth and people (n,), what each fit said of the picture as it is
    and enhanced, and which steps the enhancement took."""

    of: int = 0
    truth: list[int] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    plain: list[list[int]] = field(default_factory=list)
    enhanced: list[list[int]] = field(default_factory=list)
    steps: Counter[str] = field(default_factory=Counter)

    def summary(self) -> dict[str, Any]:
        """Both UARs, their paired difference, and what was found and done; without figures where nobody was found."""
        told: dict[str, Any] = {"faces": len(self.truth), "of": self.of, "steps": dict(sorted(self.steps.items()))}
        if len(set(self.people)) < 2:
            return told
        truth = np.array(self.truth)
        counts = {
            name: np.stack(
                [subject_counts(truth, np.array(each), self.people, len(EMOTIONS)) for each in zip(*said, strict=True)]
            )
            for name, said in (("plain", self.plain), ("enhanced", self.enhanced))
        }
        for name, own in counts.items():
            told[name] = rounded(asdict(bootstrap_counts(own, uar_each)))
            told[name]["by_seed"] = [round(float(each), 4) for each in uar_each(own.sum(axis=1))]
        more = bootstrap_difference(counts["enhanced"], counts["plain"], uar_each)
        told["enhanced_less_plain"] = rounded(asdict(more))
        return told


def rounded(values: Mapping[str, float]) -> dict[str, Any]:
    return {name: round(float(value), 4) for name, value in values.items()}


def pictures_of(folder: Path, plan: CorpusPlan) -> list[Any]:
    """A corpus of people as `synthesize` writes it, the pictures at rest left out."""
    synthesize(folder, plan, layout="image-folder")
    clips = load("image-folder", folder, subject_pattern=r"^(S\d+)_")
    return [clip for clip in clips if clip.annotation.emotion in EMOTIONS]


def fitted_models(folder: Path, seeds: Sequence[int]) -> list[Fitted]:
    """The same network fitted with several seeds, each written and read again as `micromask train` does it."""
    choice = ModelChoice(MODEL)
    name, recipe = recipe_of(MODEL, "frame")
    recipe = replace(recipe, epochs=EPOCHS)
    clips = pictures_of(folder / "training", PLAN)
    material: Material = gather(clips, "own", input_of(choice))
    models = []
    for seed in seeds:
        final = fit_final(material, choice, recipe, seed=seed)
        told = Told(("image-folder",), Preparation(), recipe, f"{name}, changed: epochs", seed=seed)
        path = folder / f"seed-{seed}.safetensors"
        save_model(path, final.model, promise_of(material, clips, final, told))
        models.append(load_fitted(path))
        print(f"fitted with seed {seed} in {final.seconds:.0f} s", flush=True)
    return models


class Remembered:
    """A function that is asked the same for every model and both ways, and works once."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.known: dict[bytes, Any] = {}

    def __call__(self, *given: Any) -> Any:
        """What the function gives; of a list a copy, which its caller may add to."""
        key = hashlib.sha256(pickle.dumps(given)).digest()
        if key not in self.known:
            self.known[key] = self.function(*given)
        known = self.known[key]
        return list(known) if isinstance(known, list) else known


def remember() -> list[Remembered]:
    """`predict` finds and enhances each face once and not once a model."""
    names = ("find_faces", "landmarks_of", "enhance_face")
    made = [Remembered(getattr(reading, name)) for name in names]
    for name, each in zip(names, made, strict=True):
        setattr(reading, name, each)
    return made


def said_by_predict(path: Path, models: Sequence[Fitted], where: tuple[float, float]) -> Any:
    """What each model says of the face at a place, as it is and enhanced, and the steps; None where none was found."""
    rows: tuple[list[int], list[int]] = ([], [])
    steps: tuple[str, ...] = ()
    for model in models:
        for row, enhanced in zip(rows, (False, True), strict=True):
            read = reading.predict(path, model, reading.Asked(enhanced=enhanced, heat=False))
            assert not read.why, read.why
            own = [face for face in read.faces if holds(face.box, where)]
            if not own:
                return None
            assert own[0].emotion is not None
            row.append(EMOTIONS.index(own[0].emotion))
            steps = own[0].steps
    return rows, steps


def said_by_snapshot(image: Image, models: Sequence[Fitted], where: tuple[float, float]) -> Any:
    """The same by a snapshot of the live view."""
    rows: tuple[list[int], list[int]] = ([], [])
    finder = Remembered(detectors["mtcnn"]())
    steps: tuple[str, ...] = ()
    for model in models:
        own = [
            face
            for face in snapshot(image, finder, smallest=SMALLEST["mtcnn"], model=model)  # type: ignore[arg-type]
            if holds(face.box, where)
        ]
        if not own:
            return None
        for row, shares in zip(rows, (own[0].as_it_is, own[0].probabilities), strict=True):
            row.append(EMOTIONS.index(max(shares, key=lambda name: shares[name])))
        steps = own[0].enhanced.steps
    return rows, steps


def holds(box: tuple[float, float, float, float] | None, where: tuple[float, float]) -> bool:
    return box is not None and box[0] <= where[0] <= box[2] and box[1] <= where[1] <= box[3]


def kind_of(step: str) -> str:
    """A step without its figures: 'noise of 12 grey levels smoothed' is 'noise smoothed'."""
    return re.sub(r" (of )?[\d.]+ (grey levels|times)", "", step)


def measure(folder: Path, models: Sequence[Fitted], people: int) -> tuple[dict[str, dict[str, Side]], list[float]]:
    """Every test picture under every condition, by `predict`; the small ones by a snapshot, too. And the faces' widths
    as they are (px)."""
    plan = replace(PLAN, subjects=people, clips_per_subject=len(EMOTIONS), seed=1)
    clips = pictures_of(folder / "test", plan)
    remembered = remember()
    sides = {
        "predict": {name: Side() for name in CONDITIONS},
        "snapshot": {f"{width} px wide": Side() for width in WIDTHS},
    }
    path = folder / "picture.png"
    widths: list[float] = []
    for done, clip in enumerate(clips, start=1):
        source = clip.recording.path
        source = next(source.iterdir()) if source.is_dir() else source
        image = cv2.cvtColor(cv2.imread(str(source)), cv2.COLOR_BGR2RGB)
        x0, y0, x1, y1 = find_faces(image)[0].box
        widths.append(x1 - x0)
        for number, (name, harm) in enumerate(CONDITIONS.items()):
            made = harm(image, x1 - x0, np.random.default_rng([done, number]))
            where = (x0 + x1) / 2, (y0 + y1) / 2
            if made.shape != image.shape:
                where = placed((x0, y0, x1, y1), image, int(name.split()[0]))
            path.write_bytes(cv2.imencode(".png", cv2.cvtColor(made, cv2.COLOR_RGB2BGR))[1].tobytes())
            answers = {"predict": said_by_predict(path, models, where)}
            if name in sides["snapshot"]:
                answers["snapshot"] = said_by_snapshot(made, models, where)
            for way, answer in answers.items():
                side = sides[way][name]
                side.of += 1
                if answer is None:
                    continue
                (plain, enhanced), steps = answer
                side.truth.append(EMOTIONS.index(clip.annotation.emotion))
                side.people.append(str(clip.subject))
                side.plain.append(plain)
                side.enhanced.append(enhanced)
                side.steps.update({kind_of(step) for step in steps})
            for each in remembered:
                each.known.clear()
        if done % 10 == 0:
            print(f"{done} of {len(clips)} pictures", flush=True)
    return sides, widths


def placed(box: tuple[float, float, float, float], image: Image, width: int) -> tuple[float, float]:
    """Where the middle of a face comes to lie when its picture is shrunk and put into the middle of the canvas."""
    side = max(8, round(image.shape[0] * width / (box[2] - box[0])))
    at, factor = (CANVAS - side) // 2, side / image.shape[0]
    return at + factor * (box[0] + box[2]) / 2, at + factor * (box[1] + box[3]) / 2


def show(found: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
    for way, conditions in found.items():
        print(f"\n{way:26s} {'faces':>9s}  {'as it is':>8s} {'enhanced':>8s}  enhanced less as it is")
        for name, told in conditions.items():
            faces = f"{told['faces']} of {told['of']}"
            if "plain" not in told:
                print(f"{name:26s} {faces:>9s}")
                continue
            more = told["enhanced_less_plain"]
            figures = f"{told['plain']['value']:8.3f} {told['enhanced']['value']:8.3f}"
            between = f"{more['value']:+.3f} [{more['low']:+.3f}, {more['high']:+.3f}]"
            print(f"{name:26s} {faces:>9s}  {figures}  {between}  {told['steps']}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=24)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    asked = parser.parse_args()
    torch.set_num_threads(1)
    begin = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        models = fitted_models(Path(folder), asked.seeds)
        sides, widths = measure(Path(folder), models, asked.people)
    found = {way: {name: side.summary() for name, side in each.items()} for way, each in sides.items()}
    show(found)
    today = datetime.now(UTC).date().isoformat()
    record = {
        "date": today,
        "version": __version__,
        "command": f"python benchmarks/enhance.py --people {asked.people} --seeds {' '.join(map(str, asked.seeds))}",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "model": MODEL,
        "epochs": EPOCHS,
        "emotions": EMOTIONS,
        "people": {"training": PLAN.subjects, "test": asked.people},
        "pictures": {"training": PLAN.subjects * PLAN.clips_per_subject, "test": asked.people * len(EMOTIONS)},
        "strength": PLAN.strength,
        "median_width_px": round(float(np.median(widths)), 1),
        "seeds": asked.seeds,
        "cpu_s": round(time.process_time() - begin),
    }
    RESULTS.mkdir(exist_ok=True)
    target = RESULTS / f"enhance-{today}.json"
    target.write_text(json.dumps(record | found, indent=1) + "\n", "utf-8")
    print(f"written: {target.name}")


if __name__ == "__main__":
    main()
