"""How many frames a second does the live view look at, how late, and how small may a face be, with each detector?

    python benchmarks/live.py [--seconds 20] [--detectors haar dlib mtcnn]

A film is played as a camera: 1280 x 720 at 30 frames/s, each frame a JPEG as the page sends it. What counts is what the
server does of it: decode, follow, look, spot. Who is late gets the newest frame. Latency is from the moment at which a
frame is due to the moment at which its answer is there; the first two seconds are left out. The process is held to two
cores. Scenes: one face (190 px wide), three faces (190, 110 and 70 px), the same with a ResNet-18 that reads the
emotion of each face, small faces (36, 28 and 20 px).

Small faces are also looked for one by one: the public-domain portrait, two synthetic people made of it, and, where the
shared clips are there (MICROMASK_SHARED or the sibling folder `shared`), four filmed people, each shrunk until the face
has a width and put into a 1280 x 720 picture without people.

Prints tables and writes benchmarks/results/live-DATE.json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import cv2
import numpy as np
import psutil
import torch
from skimage.data import astronaut, coffee

from micromask.core.errors import MissingPartError
from micromask.core.types import Frame, Image
from micromask.datasets.preparation import Preparation
from micromask.datasets.synthetic import demo_script, render
from micromask.faces.detect import Detector, detectors
from micromask.inference.fitted import Fitted
from micromask.inference.stream import SMALLEST, LiveWatcher
from micromask.models import create
from micromask.recordings import probe, read
from micromask.recordings.play import newest
from micromask.studies.camera_check import read_picture

SHARED = Path(os.environ.get("MICROMASK_SHARED", Path(__file__).parents[2] / "shared"))
RESULTS = Path(__file__).parent / "results"
SIZE, FPS, FILM_SECONDS, WARM = (720, 1280), 30.0, 10.0, 2.0
FACE_SHARE = 0.45
"""Width of the face in a rendered square, as a share of its side."""

SCENES = {
    "one face": ((190, 200, 150),),
    "three faces": ((190, 90, 150), (110, 620, 220), (70, 1020, 120)),
    "small faces": ((36, 200, 200), (28, 640, 300), (20, 1000, 150)),
}
"""Width (px) of each face, and where its square begins (x, y)."""

MODEL = "mer-resnet18"
"""A model of single frames that reads every face of one more scene of three faces, as often as it can."""

WIDTHS = (14, 16, 18, 20, 24, 28, 32, 40, 50)


def background() -> Image:
    """A picture without people, scikit-image's cup of coffee, with the noise of a camera."""
    still = cv2.resize(coffee(), SIZE[::-1], interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(1).normal(0, 3, still.shape)
    return np.clip(still + noise, 0, 255).astype(np.uint8)


def scene(name: str) -> list[bytes]:
    """Ten seconds of a scene as JPEG pictures; each face shows two micro-expressions in its own time."""
    faces = []
    for number, (width, x, y) in enumerate(SCENES[name]):
        side = round(width / FACE_SHARE)
        script = replace(
            demo_script(FPS),
            seconds=FILM_SECONDS,
            size=max(160, side // 4 * 4),
            subject=(0, 2, 3)[number],
            seed=number,
            expressions=demo_script(FPS).expressions[:2],
            blinks=(4.1,),
        )
        frames = [cv2.resize(frame, (side, side), interpolation=cv2.INTER_AREA) for frame in render(script)]
        faces.append((frames[40 * number :] + frames[: 40 * number], x, y))
    pictures = []
    empty = background()
    for index in range(round(FILM_SECONDS * FPS)):
        picture = empty.copy()
        for frames, x, y in faces:
            frame = frames[index]
            picture[y : y + len(frame), x : x + len(frame)] = frame
        pictures.append(cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes())
    return pictures


def camera(pictures: list[bytes], seconds: float, began: float) -> Iterator[Frame]:
    """Each JPEG when it is due, as bytes in place of a picture."""
    for index in range(round(seconds * FPS)):
        due = index / FPS
        time.sleep(max(0.0, began + due - time.monotonic()))
        yield Frame(index, due, np.frombuffer(pictures[index % len(pictures)], np.uint8))


def frame_model() -> Fitted:
    """ResNet-18 for seven emotions, not trained: it takes the same time, and its answers are not looked at."""
    classes = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
    network = create(MODEL, len(classes))
    return Fitted(MODEL, "not trained", classes, {}, "frame", network, Preparation())


def measure(
    detector: str, name: str, pictures: list[bytes], seconds: float, model: Fitted | None = None
) -> dict[str, Any]:
    """Watch a scene live."""
    latencies, shown, wrong, ids, told, looked = [], [], [], set(), 0, 0
    places = [(x, y, x + width / FACE_SHARE, y + width / FACE_SHARE) for width, x, y in SCENES[name]]
    with LiveWatcher(detector=detector, model=model) as watcher:
        watcher.step(Frame(0, -1.0, read_picture(pictures[0])))  # what is built at the first frame is there
        began = time.monotonic()
        with closing(newest(camera(pictures, seconds, began))) as frames:
            for frame, _ in frames:
                state = watcher.step(Frame(frame.index + 1, frame.time, read_picture(frame.image.tobytes())))
                now = time.monotonic()
                told += len(state.told)
                if frame.time < WARM:
                    continue
                looked += 1
                latencies.append(1e3 * (now - began - frame.time))
                right = [face for face in state.faces if any(overlaps(face.box, place) for place in places)]
                shown.append(len(right))
                wrong.append(len(state.faces) - len(right))
                ids |= {face.face for face in right}
    p50, p95 = np.percentile(latencies, [50, 95])
    return {
        "detector": detector,
        "scene": name,
        "model": None if model is None else model.name,
        "frames_per_s": round(looked / (seconds - WARM), 1),
        "latency_ms_p50": round(float(p50), 1),
        "latency_ms_p95": round(float(p95), 1),
        "latency_ms_longest": round(max(latencies), 1),
        "faces": len(SCENES[name]),
        "faces_shown_mean": round(float(np.mean(shown)), 2),
        "false_faces_mean": round(float(np.mean(wrong)), 2),
        "numbers_given": len(ids),
        "expressions_told": told,
        "rss_mib": round(psutil.Process().memory_info().rss / 2**20),
    }


def heads() -> list[tuple[str, Image, float]]:
    """Heads to shrink: whose, the picture, and the width of the face in it."""
    wanted = [("portrait", astronaut()[20:250, 110:340])]
    for subject in (2, 3):
        script = replace(demo_script(FPS), seconds=0.2, size=480, subject=subject, expressions=(), blinks=(), head=())
        wanted.append((f"synthetic {subject}", next(iter(render(script)))))
    for clip in sorted((SHARED / "clips").glob("*.mp4")):
        frame = next(iter(read(probe(clip), colour=True, start=20, stop=21))).image
        wanted.append((clip.stem, frame))
    finder = detectors["mtcnn"]()
    found = []
    for name, image in wanted:
        x0, y0, x1, y1 = finder(image, 40)[0].box
        width, x, y = x1 - x0, (x0 + x1) / 2, (y0 + y1) / 2
        top, left = (round(max(0.0, v)) for v in (y - 1.4 * width, x - 1.3 * width))
        head = image[top : round(y + 1.4 * width), left : round(x + 1.3 * width)]
        found.append((name, head, width))
    return found


def measure_small(detector: Detector, people: list[tuple[str, Image, float]]) -> dict[str, Any]:
    """In how many of the people the face is found at each width, finds that are none, and the time of a search."""
    asked = SMALLEST.get(detector.name, 40.0)
    rows: dict[str, Any] = {"asked_px": asked, "people": len(people), "found": {}, "false_finds": 0}
    took = []
    for width in WIDTHS:
        right = 0
        for number, (_, head, own) in enumerate(people):
            scale = width / own
            small = cv2.resize(head, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            picture = background()
            y, x = 80 + 61 * number, 100 + 127 * number
            picture[y : y + small.shape[0], x : x + small.shape[1]] = small
            began = time.process_time()
            finds = detector(picture, asked)
            took.append(time.process_time() - began)
            hits = [
                one
                for one in finds
                if overlaps(one.box, (x, y, x + small.shape[1], y + small.shape[0]))
                and 0.6 < (one.box[2] - one.box[0]) / width < 1.6
            ]
            right += bool(hits)
            rows["false_finds"] += len(finds) - len(hits)
        rows["found"][str(width)] = right
    rows["ms_full_search"] = round(1e3 * float(np.median(took)), 1)
    return rows


def overlaps(box: tuple[float, ...], place: tuple[float, ...]) -> bool:
    """Whether the middle of a box lies in a place."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return place[0] < x < place[2] and place[1] < y < place[3]


def main() -> None:
    """Measure, print, write."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seconds", type=float, default=20.0, help="of each scene")
    asked.add_argument("--detectors", nargs="*", default=list(detectors))
    asked.add_argument("--out", type=Path, default=RESULTS / f"live-{date.today()}.json")
    options = asked.parse_args()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    cores = None
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
        cores = len(os.sched_getaffinity(0))
    tools: dict[str, Detector] = {}
    for name in options.detectors:
        try:
            tools[name] = detectors[name]()
        except MissingPartError as error:
            print(f"left out: {error}")
    people = heads()
    small = {name: measure_small(detector, people) for name, detector in tools.items()}
    print(f"of {len(people)} people, those whose face is found, by its width in px (1280 x 720)")
    print(
        "{:10}{:>8}".format("detector", "asked") + "".join(f"{width:>5}" for width in WIDTHS) + "  false  ms a search"
    )
    for name, row in small.items():
        found = "".join(f"{row['found'][str(width)]:>5}" for width in WIDTHS)
        print(f"{name:10}{row['asked_px']:>8.0f}{found}{row['false_finds']:>7}{row['ms_full_search']:>13.0f}")
    print()
    print(
        "detector  scene         frames/s  p50 ms  p95 ms  longest  faces  shown  false  numbers  told  RSS MiB",
        flush=True,
    )
    rows = []
    for scene_name in SCENES:
        pictures = scene(scene_name)
        plans: list[tuple[str, Fitted | None]] = [(name, None) for name in tools]
        if scene_name == "three faces":
            plans += [(name, frame_model()) for name in tools]
        for name, model in plans:
            row = measure(name, scene_name, pictures, options.seconds, model)
            rows.append(row)
            what = scene_name + (" + model" if model else "")
            speed = f"{row['frames_per_s']:8.1f}{row['latency_ms_p50']:8.0f}{row['latency_ms_p95']:8.0f}"
            seen = f"{row['faces']:7}{row['faces_shown_mean']:7.2f}{row['false_faces_mean']:7.2f}"
            rest = f"{row['numbers_given']:9}{row['expressions_told']:6}{row['rss_mib']:9}"
            print(f"{name:10}{what:21}{speed}{row['latency_ms_longest']:9.0f}{seen}{rest}", flush=True)
    record = {
        "date": str(date.today()),
        "command": "python benchmarks/live.py",
        "python": platform.python_version(),
        "opencv": cv2.__version__,
        "torch": torch.__version__,
        "cores": cores,
        "seconds": options.seconds,
        "small": small,
        "live": rows,
    }
    options.out.parent.mkdir(exist_ok=True)
    options.out.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    print(f"written: {options.out.name}")


if __name__ == "__main__":
    main()
