from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from pympi.Elan import Eaf

from micromask.core.types import Recording
from micromask.reports.elan import write_elan


def read(path):
    return Eaf(path, suppress_version_warning=True)


def test_the_tiers_hold_what_was_planned_in_milliseconds(analysis, tmp_path):
    write_elan(analysis, tmp_path / "a.eaf", tmp_path / "a.mp4")
    eaf = read(tmp_path / "a.eaf")
    assert list(eaf.get_tier_names()) == ["Expressions", "Apex", "Regions", "Events"]
    # From 1.600 s to the end of the frame that begins at 1.955 s and lasts 5 ms.
    expressions = sorted(eaf.get_annotation_data_for_tier("Expressions"))
    assert expressions[0] == (1600, 1960, "micro: surprise 81 %")
    assert expressions[2] == (7400, 9405, "macro: positive 95 %")
    assert sorted(eaf.get_annotation_data_for_tier("Apex"))[0] == (1750, 1755, "apex")
    assert sorted(eaf.get_annotation_data_for_tier("Regions"))[0] == (1600, 1960, "left brow, right brow, glabella")
    assert [value for *_, value in sorted(eaf.get_annotation_data_for_tier("Events"))] == [
        "blink",
        "head move",
        "blink",
        "face not seen",
    ]


def test_the_file_has_the_structure_that_elan_asks_for(invented, tmp_path):
    write_elan(invented(faces=2, fps=30.0), tmp_path / "a.eaf", tmp_path / "a.mp4")
    root = ElementTree.parse(tmp_path / "a.eaf").getroot()
    assert root.tag == "ANNOTATION_DOCUMENT"
    assert root.attrib["FORMAT"] == "2.8"
    order = [child.tag for child in root]
    wanted = ["HEADER", "TIME_ORDER", "TIER", "LINGUISTIC_TYPE", "CONSTRAINT"]
    assert sorted(order, key=wanted.index) == order
    assert root.find("HEADER").attrib["TIME_UNITS"] == "milliseconds"
    slots = {slot.attrib["TIME_SLOT_ID"]: int(slot.attrib["TIME_VALUE"]) for slot in root.iter("TIME_SLOT")}
    assert list(slots.values()) == sorted(slots.values())
    types = {one.attrib["LINGUISTIC_TYPE_ID"] for one in root.iter("LINGUISTIC_TYPE")}
    ids = [one.attrib["ANNOTATION_ID"] for one in root.iter("ALIGNABLE_ANNOTATION")]
    assert len(ids) == len(set(ids)) == 2 * (3 * 4 + 4)
    used = set()
    for tier in root.iter("TIER"):
        assert tier.attrib["LINGUISTIC_TYPE_REF"] in types
        spans = []
        for one in tier.iter("ALIGNABLE_ANNOTATION"):
            refs = one.attrib["TIME_SLOT_REF1"], one.attrib["TIME_SLOT_REF2"]
            used.update(refs)
            spans.append(tuple(slots[ref] for ref in refs))
        spans.sort()
        assert all(start < end for start, end in spans)
        assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert used == set(slots)
    stereotypes = {one.attrib["STEREOTYPE"] for one in root.iter("CONSTRAINT")}
    assert stereotypes == {"Time_Subdivision", "Symbolic_Subdivision", "Symbolic_Association", "Included_In"}


def test_each_face_of_several_has_its_own_tiers(invented, tmp_path):
    write_elan(invented(faces=2), tmp_path / "a.eaf", tmp_path / "a.mp4")
    names = list(read(tmp_path / "a.eaf").get_tier_names())
    assert [name for name in names if name.endswith("Expressions")] == ["Face 0 - Expressions", "Face 1 - Expressions"]


def test_annotations_that_overlap_go_to_another_tier(invented, tmp_path):
    one = invented().expressions[0]
    second = replace(one, onset=390, apex=395, offset=400, onset_s=1.95, apex_s=1.975, offset_s=2.0)
    third = replace(one, onset=401, apex=402, offset=410, onset_s=2.005, apex_s=2.01, offset_s=2.05)
    write_elan(invented(expressions=(one, second, third), pictures=()), tmp_path / "a.eaf", tmp_path / "a.mp4")
    eaf = read(tmp_path / "a.eaf")
    spans = {name: sorted(eaf.get_annotation_data_for_tier(name)) for name in ("Expressions", "Expressions (2)")}
    assert [span[:2] for span in spans["Expressions"]] == [(1600, 1960), (2005, 2055)]
    assert [span[:2] for span in spans["Expressions (2)"]] == [(1950, 2005)]


def test_a_frame_shorter_than_a_millisecond_is_still_an_annotation(invented, tmp_path):
    recording = Recording("fast", invented().recording.path, 4000.0, 9000, (480, 640))
    one = replace(invented().expressions[0], onset=4, apex=5, offset=5, onset_s=0.001, apex_s=0.00125, offset_s=0.00125)
    write_elan(invented(recording=recording, expressions=(one,), pictures=()), tmp_path / "a.eaf", tmp_path / "a.mp4")
    assert read(tmp_path / "a.eaf").get_annotation_data_for_tier("Apex")[0][:2] == (1, 2)


@pytest.mark.parametrize(
    ("film", "relative", "mime"),
    [
        pytest.param("films/one two.mp4", "../films/one two.mp4", "video/mp4", id="another folder"),
        pytest.param("run/clip.MOV", "./clip.MOV", "video/quicktime", id="beside it"),
        pytest.param("clip.webm", "../clip.webm", "video/webm", id="above it"),
    ],
)
def test_the_film_is_linked_relative_to_the_file(analysis, tmp_path, film, relative, mime):
    (tmp_path / "run").mkdir()
    write_elan(analysis, tmp_path / "run" / "a.eaf", tmp_path / film)
    media = ElementTree.parse(tmp_path / "run" / "a.eaf").getroot().find("HEADER/MEDIA_DESCRIPTOR").attrib
    assert media["RELATIVE_MEDIA_URL"] == relative
    assert media["MIME_TYPE"] == mime
    assert media["MEDIA_URL"] == (tmp_path / film).as_uri()


def test_a_folder_of_images_is_not_linked_for_elan_cannot_play_it(analysis, tmp_path):
    (tmp_path / "images").mkdir()
    write_elan(analysis, tmp_path / "a.eaf", tmp_path / "images")
    assert read(tmp_path / "a.eaf").media_descriptors == []


def test_a_film_without_expressions_gives_empty_tiers(invented, tmp_path):
    write_elan(invented(expressions=(), events=(), pictures=()), tmp_path / "a.eaf", tmp_path / "a.mp4")
    eaf = read(tmp_path / "a.eaf")
    assert {name: len(eaf.get_annotation_data_for_tier(name)) for name in eaf.get_tier_names()} == {
        "Expressions": 0,
        "Apex": 0,
        "Regions": 0,
        "Events": 0,
    }
    write_elan(invented(faces=0), tmp_path / "none.eaf", tmp_path / "a.mp4")
    assert list(read(tmp_path / "none.eaf").get_tier_names()) == []


def test_writing_again_leaves_one_file(analysis, tmp_path):
    for _ in range(2):
        write_elan(analysis, tmp_path / "a.eaf", tmp_path / "a.mp4")
    assert [path.name for path in tmp_path.iterdir()] == ["a.eaf"]
