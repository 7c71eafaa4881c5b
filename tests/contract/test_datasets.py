"""What every data set promises, checked for each name in the registry on a small invented corpus of its layout."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path

import av
import cv2
import PIL.Image
import pytest

from micromask.app.cli import run
from micromask.core.errors import BadInputError
from micromask.datasets import datasets, load, open_corpus
from micromask.datasets.card import card, cards
from micromask.datasets.check import check, report_document

CORPORA = Path(__file__).parents[1] / "datasets" / "corpora"


def build(name: str, folder: Path) -> Path:
    script = CORPORA / f"{name.replace('-', '_')}.py"
    assert script.is_file(), f"write {script.name} with a function build(folder) that makes a healthy corpus of {name}"
    spec = importlib.util.spec_from_file_location(f"contract_{script.stem}", script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.build(folder)


@pytest.fixture(scope="module", params=sorted(datasets))
def name(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def root(name, tmp_path_factory) -> Path:
    return build(name, tmp_path_factory.mktemp(name))


def test_it_has_a_card_that_says_how_to_get_it_and_how_it_lies_on_disk(name):
    facts = card(name)
    assert facts.name == name
    for field in ("title", "licence", "paper", "doi", "access", "sheet"):
        assert getattr(facts, field).strip(), f"cards/{name}.toml says nothing under {field}"
    assert facts.tree.startswith("ROOT/")
    assert facts.notes


def test_every_card_is_of_a_data_set():
    assert {each.name for each in cards()} == set(datasets)


def test_its_loader_says_what_it_reads(name):
    assert len((datasets[name].__doc__ or "").splitlines()) > 3


def test_it_loads_at_least_four_clips_of_at_least_one_known_person(name, root):
    clips = load(name, root)
    assert len(clips) >= 4
    assert all(clip.subject.name and clip.subject.dataset for clip in clips)
    assert len({clip.id for clip in clips}) == len(clips)


def test_every_annotation_lies_on_its_recording_and_says_where_it_is_from(name, root):
    for clip in load(name, root):
        annotation = clip.annotation
        assert 0 <= annotation.onset <= annotation.offset < clip.recording.n_frames
        assert annotation.apex is None or annotation.onset <= annotation.apex <= annotation.offset
        assert annotation.source.file.exists(), annotation.source
        assert clip.recording.path.exists()
        assert clip.recording.fps > 0


def test_loading_opens_no_picture(name, root, monkeypatch):
    def opened(*_, **__):
        raise AssertionError("a picture was opened")

    for module, function in (
        (cv2, "imread"),
        (cv2, "imdecode"),
        (cv2, "VideoCapture"),
        (PIL.Image, "open"),
        (av, "open"),
    ):
        monkeypatch.setattr(module, function, opened)
    assert load(name, root)


def test_loading_twice_gives_the_same_clips_in_the_same_order(name, root, tmp_path):
    first = [(clip.id, clip.subject, clip.annotation.emotion) for clip in load(name, root)]
    assert [(clip.id, clip.subject, clip.annotation.emotion) for clip in load(name, root)] == first
    elsewhere = tmp_path / root.name
    shutil.copytree(root, elsewhere)
    assert [(clip.id, clip.subject, clip.annotation.emotion) for clip in load(name, elsewhere)] == first


def test_a_root_under_a_name_that_is_not_ascii_loads_as_well(name, root, tmp_path):
    elsewhere = tmp_path / "Ästhetik 表情" / root.name
    shutil.copytree(root, elsewhere)
    assert [clip.id for clip in load(name, elsewhere)] == [clip.id for clip in load(name, root)]


@pytest.mark.parametrize("thorough", [False, True])
def test_a_healthy_corpus_is_found_healthy(name, root, thorough):
    report = check(name, root, thorough=thorough)
    assert report.healthy, [finding.evidence for finding in report.findings if finding.severity == "error"]
    assert report.clips == len(load(name, root))
    assert sum(report.emotions.values()) == report.clips
    assert sum(sum(each.values()) for each in report.subject_emotions.values()) == report.clips
    assert report.hashed > 0
    assert report.decoded == report.sampled


def test_the_command_says_the_same_as_json_and_ends_with_0(name, root, capsys):
    assert run(["datasets", "check", name, str(root), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document == json.loads(json.dumps(report_document(check(name, root))))
    assert {"clips", "subjects", "emotions", "findings"} <= set(document)


def test_corrections_can_be_left_out(name, root):
    corpus = open_corpus(name, root, corrections=False)
    assert "DS001" not in {finding.code for finding in corpus.findings}
    assert run(["datasets", "check", name, str(root), "--no-corrections"]) in (0, 1)


def test_clips_without_a_marked_apex_can_be_dropped(name, root):
    kept = load(name, root, missing_apex="drop", strict=False)
    estimated = {clip.id for clip in load(name, root) if clip.annotation.apex_from == "midpoint"}
    assert {clip.id for clip in load(name, root)} - {clip.id for clip in kept} == estimated


def test_an_empty_folder_is_refused_in_one_line(name, tmp_path):
    with pytest.raises(BadInputError) as refused:
        load(name, tmp_path)
    assert name in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_folder_that_is_not_there_is_refused_with_the_way_to_the_card(name, tmp_path):
    with pytest.raises(BadInputError, match=f"no such folder; .*micromask datasets info {name}"):
        load(name, tmp_path / "nowhere")


def test_an_option_that_it_does_not_have_is_refused_by_name(name, root):
    with pytest.raises(BadInputError, match="has no option 'colour'"):
        load(name, root, colour=True)


def test_a_name_that_nobody_has_is_answered_with_the_nearest():
    with pytest.raises(BadInputError, match="no data set 'casme22'; did you mean 'casme2'"):
        load("casme22", ".")
