"""The README's figures of the app are those that the benchmarks stored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def newest(name: str) -> Any:
    return json.loads(sorted((ROOT / "benchmarks" / "results").glob(f"{name}-2*.json"))[-1].read_text("utf-8"))


def test_the_load_that_the_app_bears() -> None:
    told = newest("app-load")
    assert (told["films"], told["seconds"], told["jobs"]) == (50, 30, {"done": 50})
    rate, slow = f"{told['answers_per_second']:.0f}", f"{told['p50_ms']:.0f} ms, {told['p99_ms']:.0f} ms"
    assert f"| {rate}; {told['errors']}; {slow} | `python benchmarks/app_load.py` |" in README
    assert f"| {told['server_mib']:.0f} MiB; {told['largest_worker_mib']:.0f} MiB |" in README


def test_how_fast_the_live_page_is() -> None:
    rows = newest("camera-page")["rows"]
    rates = [[row["frames_per_s"] for row in rows if row["faces"] == faces] for faces in (1, 3)]
    words = "; ".join(f"{min(each):.0f} to {max(each):.0f}" for each in rates)
    assert f"| {words} | `python benchmarks/camera_page.py` |" in README
