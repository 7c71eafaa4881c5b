"""Does the map that film gives mean to the recogniser what the training maps mean? How large must the flow be?

The recogniser was trained on maps from laboratory film of other people, made by others. Here faces of several invented
subjects show one facial action each; the map is built at several sizes as `micromask analyze` builds it, and the
recogniser names the emotion that the action belongs to. Prints a table, writes benchmarks/results/film-maps-DATE.json.

    python benchmarks/film_maps.py [--subjects 8]
"""

from __future__ import annotations

import argparse
import json
import time
from datetime import date
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from micromask.core.types import FloatArray, Image
from micromask.datasets.synthetic import PlannedExpression, Script, landmarks_px, render
from micromask.faces.align import ALIGNED_SIZE, face_transform, warp_face
from micromask.imaging.tone import normalise_light, to_grey
from micromask.inference.recognise import load_recognizer, recognise
from micromask.motion.maps import encode_map
from micromask.motion.strain import optical_strain
from micromask.motion.window import map_window, own_flow

# The action's prototypical emotion class: smile; frown, sad mouth, disgusted nose; raised brows (EMFACS).
ACTIONS: dict[str, tuple[str, tuple[tuple[str, float], ...]]] = {
    "AU12": ("positive", (("lip_corner_puller", 0.04),)),
    "AU4": ("negative", (("brow_lowerer", 0.04),)),
    "AU15": ("negative", (("lip_corner_depressor", 0.04),)),
    "AU9": ("negative", (("nose_wrinkler", 0.04),)),
    "AU1": ("surprise", (("inner_brow_raiser", 0.05),)),
    "AU1+2": ("surprise", (("inner_brow_raiser", 0.04), ("outer_brow_raiser", 0.04))),
}


def pair(subject: int, actions: tuple[tuple[str, float], ...]) -> tuple[Image, Image, FloatArray]:
    """Onset and apex (grey) and the transform to the aligned face."""
    planned = PlannedExpression(0.05, 0.2, 0.39, actions, "any")
    script = Script(seconds=0.4, fps=10, subject=subject, seed=subject, expressions=(planned,))
    frames = list(render(script))
    return to_grey(frames[0]), to_grey(frames[2]), face_transform(landmarks_px(script))


def neighbours(maps: FloatArray) -> list[float]:
    """Correlation of a pixel with its right neighbour, for u, v and strain: how smooth maps (N, 28, 28, 3) are."""
    planes = maps.astype(np.float64).transpose(3, 0, 1, 2)
    return [
        float(np.mean([np.corrcoef(one[:, 1:].ravel(), one[:, :-1].ravel())[0, 1] for one in channel]))
        for channel in planes
    ]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--subjects", type=int, default=8)
    subjects = options.parse_args().subjects
    cv2.setNumThreads(1)
    recognizer = load_recognizer()
    films = [(name, emotion, pair(who, do)) for who in range(subjects) for name, (emotion, do) in ACTIONS.items()]
    found: dict[str, Any] = {"date": str(date.today()), "subjects": subjects, "recognizer": recognizer.describe}
    print(f"{'size':>5}{'right':>8}{'ms a map':>10}{'neighbours u, v, strain':>26}  probability of the right class")
    for size in (64, 96, 128, 192):
        rows, columns = map_window(size)
        started = time.process_time()
        maps = []
        for _, _, (onset, apex, to_aligned) in films:
            faces = [normalise_light(warp_face(each, to_aligned * size / ALIGNED_SIZE, size)) for each in (onset, apex)]
            window = own_flow(faces[0], faces[1])[:, rows, columns]
            maps.append(encode_map(window, optical_strain(window)))
        spent = (time.process_time() - started) / len(films)
        chances = recognise(recognizer, np.stack(maps))
        at = [recognizer.classes.index(emotion) for _, emotion, _ in films]
        right = float(np.mean(chances.argmax(1) == at))
        mean = {
            name: float(np.mean([row[i] for row, i, film in zip(chances, at, films, strict=True) if film[0] == name]))
            for name in ACTIONS
        }
        smooth = neighbours(np.stack(maps))
        found[str(size)] = {
            "neighbours_u_v_strain": smooth,
            "right": right,
            "milliseconds": 1e3 * spent,
            "probability": mean,
        }
        print(
            f"{size:>5}{right:>8.2f}{1e3 * spent:>10.0f}{' '.join(f'{each:.2f}' for each in smooth):>26}  "
            + ", ".join(f"{k} {v:.2f}" for k, v in mean.items())
        )
    target = Path(__file__).parent / "results" / f"film-maps-{date.today()}.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(target)


if __name__ == "__main__":
    main()
