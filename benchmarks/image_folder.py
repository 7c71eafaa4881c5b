"""How long does it take to index a folder of 100,000 images, and how much memory? Writes image-folder-DATE.json.

The images are empty files, because none of them is opened; each run is a process of its own. The folder's names are in
the system's cache after they were made, so the first figure of a cold disk will be higher.

    python benchmarks/image_folder.py [--files 100000] [--runs 3]
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

EMOTIONS = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
SUBJECTS = 250
PATTERN = r"^(S\d+)_"

ONE_RUN = """
import json, resource, sys, time
from micromask.datasets import open_corpus
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
begin = time.perf_counter()
corpus = open_corpus("image-folder", sys.argv[1], subject_pattern=sys.argv[2])
seconds = time.perf_counter() - begin
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({
    "clips": len(corpus.clips),
    "subjects": len({clip.subject for clip in corpus.clips}),
    "findings": len(corpus.findings),
    "seconds": seconds,
    "before_mb": before / 1024,
    "peak_mb": peak / 1024,
}))
"""


def write_files(root: Path, files: int) -> None:
    """Empty images of 250 people, spread over seven emotions."""
    for emotion in EMOTIONS:
        (root / emotion).mkdir(parents=True)
    for number in range(files):
        (root / EMOTIONS[number % len(EMOTIONS)] / f"S{number % SUBJECTS:03d}_{number}.png").touch()


def measure(root: Path) -> dict[str, float]:
    """One run in a process of its own."""
    done = subprocess.run([sys.executable, "-c", ONE_RUN, str(root), PATTERN], check=True, capture_output=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results")
    args = parser.parse_args()
    sizes = sorted({max(args.files // 10, 1), args.files})
    results = {}
    print(f"{'files':>8}{'seconds':>10}{'MB more':>10}{'bytes a clip':>14}")
    for files in sizes:
        with tempfile.TemporaryDirectory() as folder:
            write_files(Path(folder) / "faces", files)
            runs = [measure(Path(folder) / "faces") for _ in range(args.runs)]
        assert all(run["clips"] == files and not run["findings"] for run in runs)
        best = min(runs, key=lambda run: run["seconds"])
        more = best["peak_mb"] - best["before_mb"]
        print(f"{files:8}{best['seconds']:10.2f}{more:10.1f}{more * 2**20 / files:14.0f}")
        results[str(files)] = {"runs": runs, "best_seconds": best["seconds"], "more_mb": more}
    args.out.mkdir(parents=True, exist_ok=True)
    path = args.out / f"image-folder-{date.today():%Y-%m-%d}.json"
    facts = {"date": f"{date.today():%Y-%m-%d}", "python": platform.python_version(), "results": results}
    path.write_text(json.dumps(facts, indent=1) + "\n")
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
