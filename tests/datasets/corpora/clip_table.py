"""A table of clips: folders of frames and single images of two corpora's subjects, invented."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

TABLE = """\
path,subject,emotion,onset,apex,offset,kind,action_units,shown_emotion,felt_emotion,intended_emotion,fps,dataset,note
frames/A one,A,happy,1,3,5,micro,12,,,amusement,100,lab,kept by nobody
frames/A one,A,sad,6,,8,macro,1+4,,,,100,lab,
frames/Bé,B,,,,,micro,,,,,200,lab,
frames/D,B,disgust,0,0,9,micro,4,,,,200,,
stills/C.JPG,C,happy_but_sad,,,,masked,6+12,happy,sad,sadness,,lab,
"""


def build(folder: Path) -> Path:
    """clips.csv, three folders of ten frames, one still."""
    rng = np.random.default_rng(0)
    root = folder / "lab"
    for name in ("A one", "Bé", "D"):
        (root / "frames" / name).mkdir(parents=True)
        for frame in range(1, 11):
            pixels = rng.integers(0, 255, (8, 8), dtype=np.uint8)
            (root / "frames" / name / f"img{frame}.png").write_bytes(cv2.imencode(".png", pixels)[1].tobytes())
    (root / "stills").mkdir()
    cv2.imwrite(str(root / "stills" / "C.JPG"), rng.integers(0, 255, (8, 8), dtype=np.uint8))
    (root / "clips.csv").write_text(TABLE, encoding="utf-8")
    return root
