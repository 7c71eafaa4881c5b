"""How fast is `analyze`, against decoding the same film alone, and does its memory stay flat as the film grows?

Films are made from the public-domain portrait. Everything is measured in one run on one machine, so the ratios count,
not the seconds. Prints tables and writes benchmarks/results/analyze-DATE.json.

    python benchmarks/analyze.py [--skip-memory]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import av
import cv2
import numpy as np

from micromask.core.types import Image
from micromask.datasets.synthetic import demo_script, render, write
from micromask.inference.analyze import analyze
from micromask.recordings import probe, read, write_film
from micromask.reports.folder import write_run

RESULTS = Path(__file__).parent / "results"
ROUNDS = 3


def enlarged(size: tuple[int, int], face: float, seconds: float) -> Iterator[Image]:
    """The demo's first seconds, the picture ``face`` of the frame's height, on a grey background (H, W)."""
    height, width = size
    side = int(height * face) // 2 * 2
    top, left = (height - side) // 2, (width - side) // 2
    for frame in render(
        replace(demo_script(30), seconds=seconds, expressions=demo_script(30).expressions[:2], blinks=())
    ):
        canvas = np.full((height, width, 3), 110, dtype=np.uint8)
        canvas[top : top + side, left : left + side] = cv2.resize(frame, (side, side), interpolation=cv2.INTER_CUBIC)
        yield canvas


def looped(source: Path, target: Path, times: int) -> None:
    """The same compressed film ``times`` over, without decoding it."""
    with av.open(str(target), "w") as out:
        stream = None
        for turn in range(times):
            with av.open(str(source)) as film:
                given = film.streams.video[0]
                stream = stream or out.add_stream_from_template(given)
                assert given.duration is not None
                for packet in film.demux(given):
                    if packet.dts is None or packet.pts is None:
                        continue
                    packet.pts += turn * given.duration
                    packet.dts += turn * given.duration
                    packet.stream = stream
                    out.mux(packet)


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def speed(film: Path, folder: Path) -> dict[str, Any]:
    """Frames per second of decoding and of analysing, taken in turn; medians of ROUNDS."""
    recording = probe(film)
    rows = []
    for turn in range(ROUNDS):
        grey = seconds(lambda: [None for _ in read(recording)])
        colour = seconds(lambda: [None for _ in read(recording, colour=True)])
        started = time.perf_counter()
        analysis = analyze(film)
        analysed = time.perf_counter()
        write_run(analysis, folder / f"{film.stem}-{turn}")
        writing, total = time.perf_counter() - analysed, time.perf_counter() - started
        stages = {**analysis.stage_seconds, "report": writing}
        rows.append((total, grey, colour, stages))
    total, grey, colour = (statistics.median(row[index] for row in rows) for index in range(3))
    stages = rows[-1][3]
    busy = sum(stages.values())
    n = recording.n_frames
    return {
        "frames": n,
        "size": list(recording.size),
        "frames_per_second": n / total,
        "times_real_time": n / total / recording.fps,
        "against_decoding_grey": total / grey,
        "against_decoding_colour": total / colour,
        "decoding_grey_frames_per_second": n / grey,
        "decoding_colour_frames_per_second": n / colour,
        "stage_shares": {name: value / busy for name, value in stages.items()},
    }


def peak_memory(film: Path, folder: Path) -> int:
    """Peak resident memory (bytes) of `micromask analyze` in a process of its own."""
    code = (
        "import resource, sys\nfrom micromask.app.cli import app\n"
        "try:\n    app(sys.argv[1:])\nexcept SystemExit as end:\n    assert not end.code, end\n"
        "print('peak', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    command = [sys.executable, "-c", code, "analyze", str(film), "--out", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    kilobytes = int(done.stdout.rsplit("peak", 1)[1])
    return kilobytes * (1 if sys.platform == "darwin" else 1024)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--skip-memory", action="store_true", help="leave out the ten-minute film")
    skip_memory = options.parse_args().skip_memory
    cv2.setNumThreads(1)
    found: dict[str, Any] = {"date": str(date.today()), "machine": platform.machine(), "cores": os.cpu_count()}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        films = {name: folder / f"{name}.mp4" for name in ("480x480", "1280x720", "3840x2160")}
        write(demo_script(30), films["480x480"])
        write_film(films["1280x720"], enlarged((720, 1280), 0.9, 8), 30)
        write_film(films["3840x2160"], enlarged((2160, 3840), 0.6, 4), 30)
        analyze(films["480x480"])  # start-up: loads the detector, the landmarks and the recogniser
        print(f"{'film':<11}{'frames/s':>9}{'x real time':>13}{'x decoding to RGB':>19}{'x decoding to grey':>20}")
        for name, film in films.items():
            got = found[name] = speed(film, folder)
            print(
                f"{name:<11}{got['frames_per_second']:>9.0f}{got['times_real_time']:>13.1f}"
                f"{got['against_decoding_colour']:>19.1f}{got['against_decoding_grey']:>20.1f}"
            )
            print("  " + ", ".join(f"{stage} {share:.0%}" for stage, share in got["stage_shares"].items()))
        if not skip_memory:
            long, short = folder / "long.mp4", folder / "short.mp4"
            looped(films["480x480"], long, 40)
            write(
                replace(demo_script(30), seconds=10, expressions=demo_script(30).expressions[:3], blinks=(4.1,)), short
            )
            small, large = peak_memory(short, folder / "short"), peak_memory(long, folder / "long")
            found["memory"] = {
                "short_s": probe(short).n_frames / 30, "long_s": probe(long).n_frames / 30,
                "short_bytes": small, "long_bytes": large, "ratio": large / small,
            }  # fmt: skip
            print(
                f"peak memory: {small / 2**20:.0f} MiB for {found['memory']['short_s']:.0f} s, "
                f"{large / 2**20:.0f} MiB for {found['memory']['long_s']:.0f} s: ratio {large / small:.2f}"
            )
    RESULTS.mkdir(exist_ok=True)
    target = RESULTS / f"analyze-{date.today()}.json"
    target.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(target)


if __name__ == "__main__":
    main()
