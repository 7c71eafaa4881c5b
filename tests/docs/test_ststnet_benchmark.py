"""The page about STSTNet says what the newest measurement says."""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "why" / "ststnet-benchmark.md").read_text("utf-8")
RECORDS = sorted((ROOT / "benchmarks" / "results").glob("ststnet-paper-*.json"))


def test_the_page_has_the_figures_of_the_newest_measurement():
    record = json.loads(RECORDS[-1].read_text("utf-8"))
    assert RECORDS[-1].name in PAGE
    for side in ("plain", "ours"):
        told = record["sides"][side]
        for run in told["runs"]:
            assert f"| {side}, seed {run['seed']} | {run['uf1']:.3f} | {run['uar']:.3f} |" in PAGE
        mean = f"| {side}, mean | {told['mean_uf1']:.3f} | {told['mean_uar']:.3f} |"
        assert (mean in PAGE) == (len(told["runs"]) > 1)
    less = record["ours_less_plain"]
    assert f"| ours less plain | {less['uf1']:+.3f} | {less['uar']:+.3f} |" in PAGE
    assert f"{record['maps']} maps of {record['subjects']} people" in PAGE


def test_the_measurement_was_the_papers_training_and_ours_was_near_enough():
    for path in RECORDS:
        record = json.loads(path.read_text("utf-8"))
        assert record["training"] == {"optimiser": "Adam", "learning_rate": 5e-5, "epochs": 800, "batch": 256}
        assert record["parameters"] == {"plain": 1683, "ours": 1683}
        assert len(record["sides"]["ours"]["runs"]) == len(record["sides"]["plain"]["runs"]) >= 1
        assert abs(record["ours_less_plain"]["uf1"]) <= 0.03
