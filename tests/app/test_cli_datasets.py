"""`micromask datasets` and `micromask cache` as a person uses them."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from micromask.datasets.cache import Cache, Recipe
from micromask.datasets.card import cards

TINY = ("--subjects", 2, "--clips-per-subject", 2, "--fps", 20, "--seconds", 0.6, "--size", 64)


@pytest.fixture(scope="module")
def people(tmp_path_factory) -> Path:
    from micromask.app.cli import run

    root = tmp_path_factory.mktemp("corpora") / "people"
    assert run(["datasets", "synthesize", "--out", str(root), *map(str, TINY)]) == 0
    return root


def test_list_names_every_corpus(micromask):
    done = micromask("datasets", "list")
    assert done.code == 0
    lines = done.out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == [each.name for each in cards()]
    assert "CASME II" in done.out


def test_info_prints_the_card_whole(micromask):
    done = micromask("datasets", "info", "samm")
    assert done.code == 0
    for words in ("SAMM", "159", "10.1109/TAFFC.2016.2573832", "ROOT/", "Anger 57", "- "):
        assert words in done.out


def test_info_of_nothing_known_is_answered_with_the_nearest_name(micromask):
    done = micromask("datasets", "info", "casme3")
    assert done.code == 2
    assert "no data set 'casme3'; did you mean" in done.error


def test_synthesize_says_what_it_wrote_and_how_to_check_it(micromask, here):
    done = micromask("datasets", "synthesize", "--out", "faces", "--layout", "folder", *TINY)
    assert done.code == 0
    assert done.out.splitlines()[0] == "image-folder  4 clips, 2 subjects, 48 frames"
    command = done.out.splitlines()[-1].removeprefix("check").strip()
    assert command == r"micromask datasets check image-folder faces --set 'subject_pattern=^(S\d+)_'"
    checked = micromask("datasets", "check", "image-folder", "faces", "--set", r"subject_pattern=^(S\d+)_", "--json")
    assert checked.code == 0
    assert json.loads(checked.out)["subjects"] == 2
    again = micromask("datasets", "check", "image-folder", "faces", "--subject-pattern", r"^(S\d+)_", "--json")
    assert again.out == checked.out


def test_synthesize_says_where_a_loader_takes_another_rate_for_granted(micromask, here):
    done = micromask("datasets", "synthesize", "--out", "c", "--layout", "casme2", *TINY)
    assert done.code == 0
    assert "note: the loader of casme2 takes 200 frames/s for granted; these clips have 20" in done.err


def test_synthesize_refuses_a_folder_that_is_there(micromask, people):
    done = micromask("datasets", "synthesize", "--out", people, *TINY)
    assert done.code == 2
    assert "is there already; choose another --out" in done.err


def test_check_of_a_healthy_corpus_counts_labels_per_subject(micromask, people):
    done = micromask("datasets", "check", "synthetic", people)
    assert done.code == 0
    lines = [line.split() for line in done.out.splitlines()]
    assert ["synthetic", "4", "clips,", "2", "subjects,", "4", "recordings", "(release", "format", "1)"] in lines
    assert ["subject", "anger", "disgust", "happiness", "surprise", "all"] in lines
    assert ["synthetic/S01", "1", "1", "2"] in lines
    assert ["all", "1", "1", "1", "1", "4"] in lines
    assert lines[-1] == ["healthy"]


def test_check_of_a_broken_corpus_ends_with_1_and_names_the_place(micromask, here, people):
    for path in people.rglob("*"):
        if path.is_file():
            (here / path.relative_to(people)).parent.mkdir(parents=True, exist_ok=True)
            (here / path.relative_to(people)).write_bytes(path.read_bytes())
    (here / "films" / "S02" / "S02_EP02.mp4").write_bytes((here / "films" / "S01" / "S01_EP01.mp4").read_bytes())
    done = micromask("datasets", "check", "synthetic", ".")
    assert done.code == 1
    assert "DS049 error: the same picture stands under two subjects (1)" in done.out
    assert "S01/EP01 and S02/EP02: the same film films/S01/S01_EP01.mp4 and films/S02/S02_EP02.mp4" in done.out
    assert done.out.splitlines()[-1] == "not healthy: 1 error"
    assert micromask("datasets", "check", "synthetic", ".", "--json").code == 1


def test_check_of_a_root_one_level_too_high_says_so(micromask, people):
    done = micromask("datasets", "check", "synthetic", people.parent)
    assert done.code == 2
    assert f"one level too high; its sheet lies in {people}" in done.error


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--missing-apex", "guess"), "--missing-apex is midpoint, motion-peak, drop, got 'guess'"),
        (("--set", "images"), "--set wants KEY=VALUE, such as images=cropped, got 'images'"),
        (("--set", "colour=red"), "synthetic has no option 'colour'"),
    ],
)
def test_settings_that_cannot_be_are_refused_in_one_line(micromask, people, arguments, message):
    done = micromask("datasets", "check", "synthetic", people, *arguments)
    assert done.code == 2
    assert message in done.error


def test_the_sheet_as_published_can_be_checked(micromask, tmp_path):
    script = Path(__file__).parents[1] / "datasets" / "corpora" / "samm.py"
    root = runpy.run_path(str(script))["build"](tmp_path, mistakes=True)
    mended = json.loads(micromask("datasets", "check", "samm", root, "--json").out)
    assert any("013_1_9" in line for line in mended["corrections"])
    published = json.loads(micromask("datasets", "check", "samm", root, "--json", "--no-corrections").out)
    assert published["corrections"] == []
    assert "DS006" in {finding["code"] for finding in published["findings"]}


def test_the_cache_says_what_it_holds_and_lets_go_of_it(micromask, tmp_path, monkeypatch):
    import numpy as np

    monkeypatch.setenv("MICROMASK_CACHE", str(tmp_path / "cache"))
    assert micromask("cache", "info").out.splitlines()[-1].split() == ["all", "0", "0", "B"]
    for version in (1, 2):
        Cache().put(Recipe("faces", version, ()), {"faces": np.zeros(2048, np.uint8)})
    done = micromask("cache", "info")
    assert str(tmp_path / "cache") in done.out
    assert ["faces", "2"] in [line.split()[:2] for line in done.out.splitlines()]
    assert "the cache holds no 'face'; it holds: faces" in micromask("cache", "clear", "--kind", "face").error
    assert micromask("cache", "clear").out.startswith("removed 2 entries, ")
    assert micromask("cache", "clear").out.startswith("removed 0 entries, 0 B")


@pytest.mark.parametrize("group", ["datasets", "cache"])
def test_a_group_without_a_verb_shows_its_help(micromask, group):
    done = micromask(group)
    assert (done.code, done.err) == (0, "")
    assert done.out == micromask(group, "--help").out


def test_help_imports_nothing_heavy():
    code = """
import sys
from micromask.app.cli import run
for verb in (["datasets"], ["datasets", "check"], ["datasets", "synthesize"], ["cache"]):
    run([*verb, "--help"])
print()
print(*sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert not loaded & {"torch", "cv2", "pandas", "scipy", "plotly", "pyarrow", "skimage", "av"}
