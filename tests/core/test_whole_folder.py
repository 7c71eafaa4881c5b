import pytest

from micromask.core.errors import BadOutputError
from micromask.core.whole_folder import whole_folder


def test_a_folder_is_there_when_all_is_written_and_not_before(tmp_path):
    place = tmp_path / "a" / "b" / "run"
    with whole_folder(place, {"one.txt"}) as fresh:
        (fresh / "one.txt").write_text("1")
        assert not place.exists()
    assert [each.name for each in place.iterdir()] == ["one.txt"]
    assert [each.name for each in place.parent.iterdir()] == ["run"]


def write_and_fail(place):
    with whole_folder(place, {"one.txt"}) as fresh:
        (fresh / "one.txt").write_text("new")
        1 / 0  # noqa: B018


def test_work_that_fails_leaves_nothing_behind(tmp_path):
    with pytest.raises(ZeroDivisionError):
        write_and_fail(tmp_path / "a" / "run")
    assert list(tmp_path.iterdir()) == []


def test_what_was_there_stays_where_the_work_fails(tmp_path):
    (tmp_path / "one.txt").write_text("old")
    with pytest.raises(ZeroDivisionError):
        write_and_fail(tmp_path)
    assert (tmp_path / "one.txt").read_text() == "old"


def test_own_files_are_replaced_and_those_of_others_kept(tmp_path):
    place = tmp_path / "run"
    (place / "units").mkdir(parents=True)
    for name in ("one.txt", "two.txt", "notes.txt", "units/fold.npz"):
        (place / name).write_text("old")
    with whole_folder(place, {"one.txt", "two.txt"}) as fresh:
        (fresh / "one.txt").write_text("new")
    found = {str(each.relative_to(place)): each.read_text() for each in place.rglob("*") if each.is_file()}
    assert found == {"one.txt": "new", "notes.txt": "old", "units/fold.npz": "old"}


def test_a_place_that_cannot_be_written_is_told_in_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(BadOutputError, match="file is a file; choose another --out"),
        whole_folder(tmp_path / "file", ()),
    ):
        pass
    with (
        pytest.raises(BadOutputError, match=r"run cannot be written: .*make room or choose another --out"),
        whole_folder(tmp_path / "file" / "run", ()),
    ):
        pass
