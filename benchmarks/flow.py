"""How long does a flow field take, and how true is it? Prints tables and writes benchmarks/results/flow-DATE.json.

The picture is scikit-image's public-domain portrait of an astronaut; the movements are drawn into it, so the truth is
known: a smooth bump of 1.5 px of a standard deviation of 10 px at ten places of the face, on pictures with noise.

    python benchmarks/flow.py [--quick]
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import cv2
import numpy as np
from skimage import data

from micromask.core.types import FloatArray, Image
from micromask.faces.regions import steady_weights
from micromask.imaging.tone import normalise_light
from micromask.motion.flow import FlowMethod, flow_methods
from micromask.motion.head import HeadModel, face_depth, head_field

PLACES = [(50, 62), (64, 62), (78, 62), (40, 80), (88, 80), (50, 96), (78, 96), (64, 104), (45, 46), (83, 46)]
PEAK, WIDTH = 1.5, 10.0
SIDE = 128


def portrait(size: int) -> Image:
    """The face, size x size px."""
    grey = cv2.cvtColor(data.astronaut()[40:204, 154:289], cv2.COLOR_RGB2GRAY)
    how = cv2.INTER_AREA if size <= SIDE else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(grey, (size, size), interpolation=how))


def bump_pair(face: Image, place: tuple[int, int], angle: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The face, the face with a bump at ``place`` that moves at ``angle``, and the true flow."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    turn = np.array([np.cos(angle), np.sin(angle)])

    def size_at(px: FloatArray, py: FloatArray) -> FloatArray:
        return PEAK * np.exp(-((px - place[0]) ** 2 + (py - place[1]) ** 2) / (2 * WIDTH**2))

    from_x, from_y = x, y
    for _ in range(30):  # where each pixel's content came from
        step = size_at(from_x, from_y)
        from_x, from_y = x - step * turn[0], y - step * turn[1]
    to = [np.asarray(each, dtype=np.float32) for each in (from_x, from_y)]
    moved = cv2.remap(face.astype(np.float32), to[0], to[1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    return face.astype(np.float32), np.asarray(moved), turn.reshape(2, 1, 1) * size_at(x, y)


def timed_pair(size: int) -> tuple[Image, Image]:
    """Two pictures of the face, size x size px, with a bump between them."""
    pictures = [np.clip(each, 0, 255).astype(np.uint8) for each in bump_pair(portrait(SIDE), PLACES[0], 0.3)[:2]]
    first, second = (cv2.resize(each, (size, size), interpolation=cv2.INTER_CUBIC) for each in pictures)
    return np.asarray(first), np.asarray(second)


def milliseconds(work: Callable[[], object], repeats: int) -> float:
    """Shortest time of one call: other work on the machine only makes it longer."""
    work()
    spent = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        spent.append(time.perf_counter() - begin)
    return 1e3 * min(spent)


def truth(method: FlowMethod, noise: float, side_light: bool, normalised: bool) -> dict[str, float]:
    """End-point error (px), share of the bump that is found around its top, and noise of a region at rest (px)."""
    rng = np.random.default_rng(0)
    face = portrait(SIDE)
    light = 0.8 + 0.3 * np.arange(SIDE) / SIDE if side_light else np.ones(SIDE)

    def seen(picture: FloatArray) -> Image:
        taken = np.clip(np.round(picture + rng.normal(0, noise, picture.shape)), 0, 255).astype(np.uint8)
        return normalise_light(taken) if normalised else taken

    y, x = np.mgrid[0:SIDE, 0:SIDE]
    windows = np.stack([np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * 6.0**2)) for cx, cy in PLACES])
    windows /= windows.sum((1, 2), keepdims=True)
    errors, shares, rest = [], [], []
    for i, place in enumerate(PLACES):
        first, second, true = bump_pair(face, place, angle=0.3 + 2.4 * i)
        found = method(seen(first), seen(second * light))
        errors.append(np.sqrt(((found - true) ** 2).sum(0)).mean())
        want, got = ((each * windows[i]).sum((1, 2)) for each in (true, found))
        shares.append(got @ want / (want @ want))
        still = method(seen(first), seen(first * light))
        rest.append(np.square((still[:, None] * windows).sum((2, 3))).mean())
    noise_px = float(np.sqrt(np.mean(rest)))
    return {"error": float(np.mean(errors)), "share": float(np.mean(shares)), "noise": noise_px}


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer repeats")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    repeats = 5 if args.quick else 25
    variants: dict[str, FlowMethod] = {name: flow_methods[name]() for name in flow_methods}
    variants["dis, smoothness 20"] = flow_methods["dis"](smoothness=20.0)
    variants["dis, preset fast"] = flow_methods["dis"](preset="fast")
    variants["tvl1, 3 scales, 3 warps"] = flow_methods["tvl1"](scales=3, warps=3)

    speed: dict[str, dict[str, float]] = {}
    print(f"{'ms a pair, one thread':26}{'128 px':>10}{'256 px':>10}")
    for name, method in variants.items():
        pairs = {size: timed_pair(size) for size in (128, 256)}
        speed[name] = {str(size): milliseconds(lambda m=method, p=pair: m(*p), repeats) for size, pair in pairs.items()}
        print(f"{name:26}{speed[name]['128']:10.2f}{speed[name]['256']:10.2f}")

    face = portrait(SIDE)
    weights, depth = steady_weights(size=SIDE), face_depth((SIDE, SIDE))
    model = HeadModel((SIDE, SIDE), weights, depth, step=4)
    field = variants["dis"](*timed_pair(SIDE))
    motion = model.fit(field)
    other = {
        "normalise_light": milliseconds(lambda: normalise_light(face), 200),
        "head fit, step 4": milliseconds(lambda: model.fit(field), 200),
        "head field": milliseconds(lambda: head_field(motion, (SIDE, SIDE), depth), 200),
    }
    for name, ms in other.items():
        print(f"{name:26}{ms:10.3f}")

    cases = {
        "noise 1": (1.0, False),
        "noise 2.5": (2.5, False),
        "noise 1, light from the side": (1.0, True),
    }
    results: dict[str, dict[str, dict[str, float]]] = {}
    for normalised in (False, True):
        for case, (noise, side_light) in cases.items():
            title = f"{case}, {'light normalised' if normalised else 'as it is'}"
            print(f"\n{title}\n{'':26}{'error px':>10}{'share':>10}{'noise px':>10}{'share/noise':>13}")
            results[title] = {}
            for name, method in variants.items():
                row = truth(method, noise, side_light, normalised)
                results[title][name] = row
                ratio = row["share"] / row["noise"]
                print(f"{name:26}{row['error']:10.3f}{row['share']:10.2f}{row['noise']:10.4f}{ratio:13.1f}")

    args.out.mkdir(parents=True, exist_ok=True)
    path = args.out / f"flow-{date.today():%Y-%m-%d}.json"
    facts = {
        "date": f"{date.today():%Y-%m-%d}",
        "python": platform.python_version(),
        "opencv": cv2.__version__,
        "milliseconds_128_256": speed,
        "milliseconds_128": other,
        "truth": results,
    }
    path.write_text(json.dumps(facts, indent=1) + "\n")
    print(f"\nwrote {path}")


if __name__ == "__main__":
    main()
