"""What holds for every corpus with a sheet and films: roots, sheets and paths as they are in the world."""

from __future__ import annotations

import runpy
from pathlib import Path

import av
import cv2
import PIL.Image
import pytest

from micromask.core.errors import BadInputError
from micromask.datasets import cas_me_2, cas_me_3, four_dme, mmew, smic, smic_e  # noqa: F401
from micromask.datasets.catalogue import load, open_corpus

NAMES = ("smic", "smic-e", "cas-me-2", "cas-me-3", "mmew", "4dme")
WITH_SHEET = NAMES[1:]
SHEETS = {"cas-me-3": "cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx"}


def build(name: str, folder: Path) -> Path:
    script = Path(__file__).parent / "corpora" / f"{name.replace('-', '_')}.py"
    return runpy.run_path(str(script))["build"](folder)


def sheet_of(name: str, root: Path) -> Path:
    return root / SHEETS[name] if name in SHEETS else next(root.glob("*.xlsx"))


@pytest.mark.parametrize("name", NAMES)
def test_loading_opens_no_picture(tmp_path, monkeypatch, name):
    root = build(name, tmp_path)

    def opened(*_, **__):
        raise AssertionError("a picture was opened")

    monkeypatch.setattr(cv2, "imread", opened)
    monkeypatch.setattr(PIL.Image, "open", opened)
    monkeypatch.setattr(av, "open", opened)
    corpus = open_corpus(name, root)
    assert len(corpus.clips) >= 4
    assert all(clip.recording.size is None for clip in corpus.clips)


@pytest.mark.parametrize("name", NAMES)
def test_a_healthy_corpus_has_no_error_and_at_least_two_subjects(tmp_path, name):
    corpus = open_corpus(name, build(name, tmp_path))
    assert [finding for finding in corpus.findings if finding.severity in ("error", "leak")] == []
    assert len({clip.subject for clip in corpus.clips}) >= 2
    assert {clip.subject.dataset for clip in corpus.clips} == {name}


@pytest.mark.parametrize("name", NAMES)
def test_large_letters_in_endings_and_letters_of_any_script_in_the_path_do_no_harm(tmp_path, name):
    root = build(name, tmp_path / "Ästhetik 表情")
    before = [clip.id for clip in load(name, root)]
    for picture in [path for path in root.rglob("*") if path.suffix in (".jpg", ".bmp")]:
        picture.rename(picture.with_suffix(picture.suffix.upper()))
    again = root.rename(root.with_name("again"))
    if name != "smic":
        sheet = sheet_of(name, again)
        sheet.rename(sheet.with_suffix(".XLSX"))
    assert [clip.id for clip in load(name, again)] == before


@pytest.mark.parametrize("name", WITH_SHEET)
def test_a_root_on_the_wrong_level_is_told_the_right_one(tmp_path, name):
    root = build(name, tmp_path)
    with pytest.raises(BadInputError, match=r"one level too high; its sheet lies in"):
        load(name, tmp_path)
    below = next(child for child in sorted(root.iterdir()) if child.is_dir())
    with pytest.raises(BadInputError, match=r"one level too low; its sheet lies in"):
        load(name, below)


@pytest.mark.parametrize("name", WITH_SHEET)
def test_a_sheet_that_is_none_is_told(tmp_path, name):
    root = build(name, tmp_path)
    sheet_of(name, root).write_text("this is no workbook")
    with pytest.raises(BadInputError, match=r"cannot be read as \.xlsx .*save it again"):
        load(name, root)


@pytest.mark.parametrize("name", WITH_SHEET)
def test_two_sheets_are_told_apart_by_the_person_not_by_us(tmp_path, name):
    root = build(name, tmp_path)
    sheet = sheet_of(name, root)
    sheet.with_stem(sheet.stem + " (2)").write_bytes(sheet.read_bytes())
    with pytest.raises(BadInputError, match=r"has 2 sheets .*keep one, or give the sheet's own path"):
        load(name, root)
    assert load(name, sheet)


@pytest.mark.parametrize("name", ["smic-e", "cas-me-3", "mmew", "4dme"])
def test_a_sheet_without_the_columns_is_told_what_it_lacks(tmp_path, name):
    root = build(name, tmp_path)
    sheet = sheet_of(name, root)
    sheet.unlink()
    sheet.with_suffix(".csv").write_text("Person,Film,From,To\n1,a,3,9\n")
    with pytest.raises(BadInputError, match=rf"{name}: .* lacks a column: .*row 1 has: Person, Film, From, To"):
        load(name, root)


@pytest.mark.parametrize("name", NAMES)
def test_an_option_that_the_loader_does_not_have_is_refused(tmp_path, name):
    with pytest.raises(BadInputError, match=f"{name} has no option 'colour'"):
        load(name, build(name, tmp_path), colour=True)
