"""Where does the common box lie in each detector's own box? The numbers behind `BoxShape` in micromask.faces.detect.

    python benchmarks/detector_boxes.py

The truth is what the 68 landmarks span; films as in benchmarks/detectors.py, and the portrait at twelve sizes. People
differ by some per cent, so the mean over the films is rounded for use, and the sideways shift is taken as 0.
"""

from __future__ import annotations

import cv2
import numpy as np
import torch

from detectors import SHARED, clip_frames, portrait
from micromask.faces.detect import detectors
from micromask.faces.detect.haar import OWN_BOX as HAAR_BOX
from micromask.faces.detect.landmarks import DLIB_BOX
from micromask.faces.detect.mtcnn import OWN_BOX as MTCNN_BOX

WORDS = ("right", "down", "width", "height")


def main() -> None:
    """Print the median common box in each detector's own box: per film, and the mean of the films."""
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    clips = sorted((SHARED / "clips").glob("*.mp4"))
    if not clips:
        raise SystemExit("no clips found: set MICROMASK_SHARED to the folder that holds clips/")
    shapes = {"haar": HAAR_BOX, "dlib": DLIB_BOX, "mtcnn": MTCNN_BOX}
    tools = {name: detectors[name]() for name in shapes}
    films = {"portrait": [portrait(width) for width in np.linspace(45, 150, 12)]}
    films |= {clip.stem: clip_frames(clip)[::3] for clip in clips}
    hog = tools["dlib"]._detector  # its box is not the one the detector gives: see below
    for name, shape in shapes.items():
        rows = []
        for frames in films.values():
            film = []
            for frame in frames:
                truth = max(tools["dlib"](frame, 40), key=lambda d: d.confidence, default=None)
                if truth is None:
                    continue
                if name == "dlib":  # its box is replaced by the landmarks' span, so ask the HOG detector itself
                    grey = cv2.cvtColor(cv2.resize(frame, None, fx=2, fy=2), cv2.COLOR_RGB2GRAY)
                    own = [np.array([r.left(), r.top(), r.right() + 1, r.bottom() + 1]) / 2 for r in hog(grey, 0)]
                else:
                    own = [np.array(shape.from_common(d.box)) for d in tools[name](frame, 40)]
                for box in own:
                    size, centre = box[2:] - box[:2], (box[:2] + box[2:]) / 2
                    wanted = np.array(truth.box)
                    shift = ((wanted[:2] + wanted[2:]) / 2 - centre) / size
                    if np.abs(shift).max() < 0.5:
                        film.append([*shift, *((wanted[2:] - wanted[:2]) / size)])
            rows.append(np.median(film, axis=0))
        mean = np.mean(rows, axis=0).round(3)
        shares = "  ".join(f"{word} {value:+.3f}" for word, value in zip(WORDS, mean, strict=True))
        print(f"{name:6} {shares}   in use: {shape}")


if __name__ == "__main__":
    main()
