"""How many frames a second does the page Live look at, and how late, with the browser and the server on one machine?

    python benchmarks/camera_page.py [--seconds 20] [--detectors haar dlib mtcnn]

Chromium without a window opens the page of a real `micromask app`; its camera is a film of 1280 x 720 at 30 frames/s
with one face or three. So the browser's own work (camera, JPEG, drawing) is in it, which `live.py` leaves out. The
page's own figures are read once a second after the first five; both are held to two cores.

Prints a table and writes benchmarks/results/camera-page-DATE.json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import cv2
import numpy as np
from playwright.sync_api import Browser, Playwright, sync_playwright

from micromask.core.types import Image
from micromask.datasets.synthetic import Script, render
from micromask.faces.detect import describe_detectors

RESULTS = Path(__file__).with_name("results")
SIZE, FPS, SECONDS = (720, 1280), 30, 8
SIDES = (420, 300, 200)
"""Of the square pictures that hold a face, px; the face is about 0.45 of it."""

WARM_UP = 5


def camera_film(path: Path, people: int) -> None:
    """So many synthetic people side by side, as Chromium's fake camera reads it."""
    films = [list(render(Script(SECONDS, FPS, size=side))) for side in SIDES[:people]]
    with path.open("wb") as film:
        for number in range(SECONDS * FPS):
            film.write(
                cv2.imencode(".jpg", beside([each[number] for each in films]), [cv2.IMWRITE_JPEG_QUALITY, 90])[1]
            )


def beside(faces: list[Image]) -> Image:
    """One BGR picture (720, 1280, 3) with faces on grey."""
    picture, left = np.full((*SIZE, 3), 110, np.uint8), 40
    for face in faces:
        side = len(face)
        picture[120 : 120 + side, left : left + side] = face[..., ::-1]
        left += side + 60
    return picture


def measure(browser: Browser, link: str, detector: str, seconds: float) -> dict[str, Any]:
    """What the page says of itself while it watches."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(link)
    page.goto(link.partition("/link/")[0] + "/live")
    page.locator("#options > summary").click()
    page.select_option("#detector", detector)
    page.click("#start")
    time.sleep(WARM_UP)
    rates, delays, faces = [], [], []
    for _ in range(int(seconds)):
        time.sleep(1)
        rates.append(float(page.inner_text("#rate")))
        delays.append(float(page.inner_text("#latency")))
        faces.append(page.locator("#people > li").count())
    camera = float(page.inner_text("#camera-rate"))
    page.close()
    return {
        "camera_frames_per_s": camera,
        "frames_per_s": statistics.median(rates),
        "frames_per_s_least": min(rates),
        "latency_ms": statistics.median(delays),
        "latency_ms_most": max(delays),
        "faces_shown_mean": statistics.mean(faces),
    }


def scene(
    playwright: Playwright, chromium: str, film: Path, folder: Path, detector: str, seconds: float
) -> dict[str, Any]:
    """One detector on one camera film, with a server and a browser of its own."""
    call = [sys.executable, "-c", "from micromask.app.cli import main; main()", "app", str(folder)]
    server = subprocess.Popen(
        [*call, "--port", "0", "--no-browser"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    browser = playwright.chromium.launch(
        executable_path=chromium,
        args=[
            "--no-sandbox",
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-video-capture={film}",
        ],
    )
    try:
        assert server.stdout is not None
        return measure(browser, server.stdout.readline().strip(), detector, seconds)
    finally:
        browser.close()
        server.terminate()
        server.wait(20)


def main() -> int:
    """Measure every detector that works here with one face and with three."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seconds", type=float, default=20, help="of each scene")
    asked.add_argument("--detectors", nargs="*", default=[one.name for one in describe_detectors() if one.works])
    given = asked.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("no chromium on this machine: install Debian's chromium")
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    print("detector  faces  camera  frames/s  least   ms  most  shown")
    rows = []
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        for people in (1, 3):
            film = folder / f"{people}.mjpeg"
            camera_film(film, people)
            for detector in given.detectors:
                told = scene(playwright, chromium, film, folder / "workspace", detector, given.seconds)
                rows.append({"detector": detector, "faces": people, **told})
                print(
                    f"{detector:8s}  {people:5d}  {told['camera_frames_per_s']:6.0f}  {told['frames_per_s']:8.0f}  "
                    f"{told['frames_per_s_least']:5.0f}  {told['latency_ms']:3.0f}  {told['latency_ms_most']:4.0f}  "
                    f"{told['faces_shown_mean']:5.2f}",
                    flush=True,
                )
    document = {
        "date": str(date.today()),
        "machine": platform.machine(),
        "cores": 2,
        "size": SIZE,
        "seconds": given.seconds,
        "rows": rows,
    }
    path = RESULTS / f"camera-page-{date.today()}.json"
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(f"written: {path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
