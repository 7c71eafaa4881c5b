"""Which face detector should be the default? Finds, jitter on still film and time of each, measured side by side.

    python benchmarks/detectors.py      # a table, and the same as dated JSON in benchmarks/results/

Films: the clips of the shared material (MICROMASK_SHARED or the sibling folder `shared`), one person each, scaled to at
most 640 px. Still film: scikit-image's portrait. Times are one thread's CPU milliseconds.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import torch
from skimage.data import astronaut

from micromask.core.errors import MissingPartError
from micromask.faces.detect import Detector, detectors, landmarks68

SHARED = Path(os.environ.get("MICROMASK_SHARED", Path(__file__).parents[2] / "shared"))
RESULTS = Path(__file__).with_name("results")
LONGEST = 640
EVERY = 5
NOISE = 3.0
STILL_FRAMES = 60
FACE_WIDTHS = (40, 60, 100, 200)
PORTRAIT_FACE_PX = 92.5
"""Width of the portrait's face, ear to ear, by its 68 landmarks."""


def portrait(face_px: float) -> np.ndarray:
    """Head and shoulders of the portrait with a face of that width, RGB."""
    scale = face_px / PORTRAIT_FACE_PX
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(astronaut()[20:250, 110:340], None, fx=scale, fy=scale, interpolation=how)


def clip_frames(path: Path) -> list[np.ndarray]:
    """Every fifth frame, at most 640 px, RGB."""
    frames = []
    with av.open(str(path)) as film:
        for index, frame in enumerate(film.decode(video=0)):
            if index % EVERY == 0:
                image = frame.to_ndarray(format="rgb24")
                scale = min(1, LONGEST / max(image.shape[:2]))
                frames.append(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    return frames


def iou(a: Any, b: Any) -> float:
    """Intersection over union of two boxes."""
    sides = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    shared = float(np.prod(np.clip(sides, 0, None)))
    return shared / float(np.prod(np.subtract(a[2:], a[:2])) + np.prod(np.subtract(b[2:], b[:2])) - shared)


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    """What the call gives, and its CPU milliseconds."""
    start = time.process_time()
    value = call()
    return value, (time.process_time() - start) * 1e3


def eyes(points: np.ndarray) -> np.ndarray:
    """Centres of the two eyes (2, 2) of 5, 68 or 478 landmarks."""
    if len(points) == 5:
        return points[:2]
    corners = ([36, 37, 38, 39, 40, 41], [42, 43, 44, 45, 46, 47]) if len(points) == 68 else ([33, 133], [362, 263])
    return np.stack([points[list(one)].mean(axis=0) for one in corners])


def jitter(film: list[np.ndarray]) -> float:
    """RMS movement of points (T of (L, 2)) from frame to frame, % of the mean distance between the eyes."""
    between = np.mean([np.linalg.norm(np.subtract(*eyes(points))) for points in film])
    return float(np.sqrt((np.diff(film, axis=0) ** 2).sum(axis=-1).mean()) / between * 100)


def jitter_of_eyes(film: list[np.ndarray]) -> float:
    """The same of the eyes' centres alone."""
    between = np.mean([np.linalg.norm(np.subtract(*eyes(points))) for points in film])
    return float(np.sqrt((np.diff([eyes(p) for p in film], axis=0) ** 2).sum(axis=-1).mean()) / between * 100)


def still_film(face_px: float) -> list[np.ndarray]:
    """The portrait, again and again, with new noise in every frame."""
    generator = np.random.default_rng(0)
    image = portrait(face_px).astype(float)
    noisy = (image + generator.normal(0, NOISE, image.shape) for _ in range(STILL_FRAMES))
    return [np.clip(frame, 0, 255).round().astype(np.uint8) for frame in noisy]


def measure_clips(tools: dict[str, Detector], clips: list[Path]) -> dict[str, dict[str, Any]]:
    """Per detector: share of frames with exactly one face in the right place, IoU, time of a full and a local call.

    The right place is the median of all detectors' best boxes in that frame (IoU >= 0.5 with it); every clip shows one
    person in every frame. A local call looks at two face widths around it, resized so that the face has 100 px.
    """
    rows: dict[str, dict[str, Any]] = {name: {"clips": {}} for name in tools}
    full: dict[str, list[float]] = {name: [] for name in tools}
    local: dict[str, list[float]] = {name: [] for name in tools}
    overlap: dict[str, list[float]] = {name: [] for name in tools}
    local_right: dict[str, list[bool]] = {name: [] for name in tools}
    for clip in clips:
        right: dict[str, list[bool]] = {name: [] for name in tools}
        missed: dict[str, int] = dict.fromkeys(tools, 0)
        for frame in clip_frames(clip):
            found = {}
            for name, detector in tools.items():
                found[name], ms = timed(lambda d=detector, f=frame: d(f, 40))
                full[name].append(ms)
            best = [max(some, key=lambda d: d.confidence).box for some in found.values() if some]
            truth = np.median(best, axis=0)
            width = truth[2] - truth[0]
            (x, y), side = (truth[:2] + truth[2:]) / 2 - width, round(2 * width)
            x, y = max(0, round(x)), max(0, round(y))
            crop = cv2.resize(frame[y : y + side, x : x + side], None, fx=100 / width, fy=100 / width)
            for name, detector in tools.items():
                hits = [one for one in found[name] if iou(np.array(one.box), truth) >= 0.5]
                right[name].append(len(hits) == 1 and len(found[name]) == 1)
                missed[name] += not hits
                overlap[name] += [iou(np.array(one.box), truth) for one in hits]
                near, ms = timed(lambda d=detector, c=crop: d(c, 60))
                local[name].append(ms)
                local_right[name].append(len(near) == 1)
        for name in tools:
            rows[name]["clips"][clip.stem] = {
                "frames": len(right[name]),
                "exactly_right": round(float(np.mean(right[name])), 4),
                "missed": missed[name],
            }
    for name in tools:
        frames = [one["frames"] for one in rows[name]["clips"].values()]
        shares = [one["exactly_right"] for one in rows[name]["clips"].values()]
        rows[name] |= {
            "exactly_right": round(float(np.average(shares, weights=frames)), 4),
            "iou_with_median_box": round(float(np.mean(overlap[name])), 3),
            "ms_at_640px": round(float(np.median(full[name])), 1),
            "ms_local": round(float(np.median(local[name])), 1),
            "local_exactly_one": round(float(np.mean(local_right[name])), 4),
        }
    return rows


def measure_still(detector: Detector) -> dict[str, Any]:
    """Jitter of a detector's own landmarks and of 68 landmarks fitted in its box, in %, at two face widths."""
    rows: dict[str, Any] = {}
    for face_px in (60, 150):
        own, fitted = [], []
        for frame in still_film(face_px):
            found = detector(frame, 40)
            if found:
                own.append(found[0].landmarks)
                fitted.append(landmarks68(frame, found[0].box))
        row: dict[str, Any] = {"found": len(fitted) / STILL_FRAMES}
        if detector.landmarks and len(own) > 1:
            row |= {"own": round(jitter(own), 2), "own_eyes": round(jitter_of_eyes(own), 2)}
        if len(fitted) > 1:
            row |= {"fit68": round(jitter(fitted), 2), "fit68_eyes": round(jitter_of_eyes(fitted), 2)}
        rows[str(face_px)] = row
    return rows


def measure_small(detector: Detector) -> dict[str, bool]:
    """Whether exactly the portrait's face is found on a 640 x 360 canvas of grey noise, for each face width."""
    generator = np.random.default_rng(1)
    answers = {}
    for face_px in FACE_WIDTHS:
        canvas = np.clip(generator.normal(128, 12, (360, 640, 3)), 0, 255).astype(np.uint8)
        head = portrait(face_px)[:360]
        canvas[: head.shape[0], 90 : 90 + head.shape[1]] = head
        found = detector(canvas, 40)
        answers[str(face_px)] = len(found) == 1 and 0.7 < (found[0].box[2] - found[0].box[0]) / face_px < 1.4
    return answers


def hard_pictures() -> Iterator[tuple[str, np.ndarray]]:
    """The portrait with a face of 60 px: rolled, dark, flat, blurred, noisy, lit from one side, narrowed."""
    image = portrait(60)
    height, width = image.shape[:2]
    for degrees in (-40, -30, -20, -10, 10, 20, 30, 40):
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
        yield f"roll {degrees}", cv2.warpAffine(image, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    for gain in (0.1, 0.2, 0.4):
        yield f"dark {gain}", (image * gain).astype(np.uint8)
        yield f"flat {gain}", (128 + (image - 128.0) * gain).astype(np.uint8)
    for sigma in (1, 2, 3):
        yield f"blur {sigma}", cv2.GaussianBlur(image, (0, 0), sigma)
    generator = np.random.default_rng(3)
    for sigma in (10, 20, 40):
        yield f"noise {sigma}", np.clip(image + generator.normal(0, sigma, image.shape), 0, 255).astype(np.uint8)
    yield "side light", (image * np.linspace(0.1, 1, width)[None, :, None]).astype(np.uint8)
    for share in (0.8, 0.7, 0.6):
        yield f"narrow {share}", cv2.resize(image, None, fx=share, fy=1)


def measure_hard(detector: Detector) -> dict[str, Any]:
    """In how many of the hard pictures exactly one face is found, and which were missed or gave more than one."""
    failed = [name for name, image in hard_pictures() if len(detector(image, 30)) != 1]
    total = sum(1 for _ in hard_pictures())
    return {"right": total - len(failed), "of": total, "failed": failed}


def show(rows: dict[str, Any]) -> None:
    """The table."""
    titles = (
        "detector",
        "right %",
        "IoU",
        "ms 640",
        "ms local",
        "jitter own",
        "jitter 68",
        "eyes own",
        "eyes 68",
        "sizes found",
    )
    print(("{:10}" + "{:>11}" * 9).format(*titles))
    for name, row in rows.items():
        still = row["still"]["60"]
        sizes = ",".join(width for width, good in row["found_on_noise"].items() if good)
        figures = [100 * row["exactly_right"], row["iou_with_median_box"], row["ms_at_640px"], row["ms_local"]]
        figures += [still.get(key, float("nan")) for key in ("own", "fit68", "own_eyes", "fit68_eyes")]
        hard = f"{row['hard']['right']}/{row['hard']['of']}"
        print(f"{name:10}" + "".join(f"{figure:11.2f}" for figure in figures) + f"{hard:>11}  {sizes}")


def main() -> None:
    """Measure, print, write."""
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    clips = sorted((SHARED / "clips").glob("*.mp4"))
    if not clips:
        raise SystemExit("no clips found: set MICROMASK_SHARED to the folder that holds clips/")
    tools: dict[str, Detector] = {}
    for name in detectors:
        try:
            tools[name] = detectors[name]()
        except MissingPartError as error:
            print(f"left out: {error}")
    rows = measure_clips(tools, clips)
    for name, detector in tools.items():
        rows[name] |= {"still": measure_still(detector), "found_on_noise": measure_small(detector)}
        rows[name] |= {"hard": measure_hard(detector)}
    show(rows)
    film = still_film(60)
    box = (0.3 * film[0].shape[1], 0.3 * film[0].shape[0], 0.7 * film[0].shape[1], 0.7 * film[0].shape[0])
    fit_ms = float(np.median([timed(lambda f=frame: landmarks68(f, box))[1] for frame in film]))
    print(f"landmarks68: {fit_ms:.2f} ms a pass")
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    record = {
        "date": today,
        "command": "python benchmarks/detectors.py",
        "python": platform.python_version(),
        "opencv": cv2.__version__,
        "torch": torch.__version__,
        "unit": "CPU ms, one thread; jitter in % of the distance between the eyes",
        "detectors": rows,
        "ms_landmarks68": round(fit_ms, 2),
    }
    RESULTS.mkdir(exist_ok=True)
    target = RESULTS / f"detectors-{today}.json"
    target.write_text(json.dumps(record, indent=2) + "\n")
    print(f"written: {target.relative_to(Path.cwd()) if target.is_relative_to(Path.cwd()) else target.name}")


if __name__ == "__main__":
    main()
