from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from micromask.core.errors import BadInputError
from micromask.datasets import load, open_corpus


@pytest.fixture
def root(tmp_path: Path, corpora: Callable[[str], ModuleType]) -> Path:
    return corpora("flow_table").build(tmp_path)


def add(root: Path, line: str) -> None:
    with (root / "manifest.csv").open("a", encoding="utf-8") as table:
        table.write(line + "\n")


def test_each_row_is_a_map_of_its_own_corpuss_subject(root):
    clips = load("flow-table", root)
    assert [clip.id for clip in clips[:3]] == ["casme2/sub91/EP91_01f", "casme2/sub91/EP91_02", "casme2/sub92/EP91_01f"]
    assert {str(clip.subject) for clip in clips} == {"casme2/sub91", "casme2/sub92", "smic/s91"}
    first = clips[0]
    assert first.motion is not None
    assert first.motion.path == root / "maps" / "sub91_EP91_01f.png"
    assert first.annotation.emotion == "negative"
    assert str(first.annotation.source) == "manifest.csv, row 2"


def test_the_table_may_be_named_itself_and_its_columns_may_be_in_any_order(root):
    text = (root / "manifest.csv").read_text("utf-8")
    turned = [",".join([*reversed(line.split(",")), "extra"]) for line in text.splitlines()]
    (root / "turned.csv").write_text("\ufeff" + "\r\n".join(turned), encoding="utf-8")
    (root / "manifest.csv").unlink()
    assert len(load("flow-table", root / "turned.csv")) == 5


def test_a_row_without_its_map_an_empty_cell_and_a_second_row_of_one_clip_are_refused_by_row(root):
    add(root, "smic,s92,s92_ne_01,negative,maps/nowhere.png")
    add(root, "smic,,s92_ne_02,negative,maps/s91_s91_ne_91.png")
    add(root, "smic,s91,s91_ne_91,negative,maps\\s91_s91_ne_91.png")
    found = open_corpus("flow-table", root)
    assert {each.code: each.evidence for each in found.findings} == {
        "DS007": ("manifest.csv, row 7: no file maps/nowhere.png",),
        "DS011": ("manifest.csv, row 8: subject empty",),
        "DS017": ("manifest.csv, row 9: smic/s91/s91_ne_91 stands twice",),
    }
    assert len(found.clips) == 5
    with pytest.raises(BadInputError, match=r"manifest.csv, row 7: no file .* \(and 2 more\)"):
        load("flow-table", root)


def test_a_table_that_lacks_a_column_names_it(root):
    text = (root / "manifest.csv").read_text("utf-8").replace("emotion", "emotoin")
    (root / "manifest.csv").write_text(text, encoding="utf-8")
    with pytest.raises(BadInputError, match=r"lacks a column: emotion; .* is 'emotoin' meant"):
        load("flow-table", root)


def test_an_empty_table_two_tables_and_a_wrong_level_are_refused(root):
    with pytest.raises(BadInputError, match="one level too low"):
        load("flow-table", root / "maps")
    with pytest.raises(BadInputError, match="one level too high"):
        load("flow-table", root.parent)
    (root / "second.csv").write_text("dataset,subject,clip,emotion,file\n", encoding="utf-8")
    with pytest.raises(BadInputError, match="has 2 sheets"):
        load("flow-table", root)
    with pytest.raises(BadInputError, match="has a header and no rows"):
        load("flow-table", root / "second.csv")


def test_no_map_is_opened(root, monkeypatch):
    def fail(*_args, **_more):
        raise AssertionError("an image was opened")

    for name in ("cv2.imread", "PIL.Image.open", "av.open"):
        monkeypatch.setattr(name, fail)
    assert len(load("flow-table", root)) == 5


@pytest.mark.shared
def test_the_shared_maps_are_309_clips_of_40_subjects(shared):
    clips = load("flow-table", shared / "data" / "megc-flow")
    assert len(clips) == 309
    assert len({clip.subject for clip in clips}) == 40
    assert Counter(clip.annotation.emotion for clip in clips) == {"negative": 158, "positive": 83, "surprise": 68}
