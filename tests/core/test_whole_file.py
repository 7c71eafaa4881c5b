from __future__ import annotations

from pathlib import Path

import pytest

from micromask.core.whole_file import whole_file


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_takes_the_place_of_the_old_one_when_it_is_complete(tmp_path):
    place = tmp_path / "told.json"
    place.write_text("old")
    with whole_file(place) as part:
        part.write_text("new")
        assert place.read_text() == "old"
    assert place.read_text() == "new"
    assert names(tmp_path) == ["told.json"]


def break_off(place: Path, error: BaseException) -> None:
    with whole_file(place) as part:
        part.write_text("ne")
        raise error


@pytest.mark.parametrize("error", [OSError("no space left"), ValueError("a bug"), KeyboardInterrupt()])
def test_a_file_that_breaks_off_leaves_the_old_one_and_nothing_else(tmp_path, error):
    place = tmp_path / "told.json"
    place.write_text("old")
    with pytest.raises(type(error)):
        break_off(place, error)
    assert place.read_text() == "old"
    assert names(tmp_path) == ["told.json"]


def test_where_nothing_can_be_written_the_callers_error_is_the_systems(tmp_path):
    with pytest.raises(FileNotFoundError), whole_file(tmp_path / "nothing" / "told.json") as part:
        part.write_text("new")


def test_two_writers_of_one_file_do_not_meet(tmp_path):
    with whole_file(tmp_path / "told.json") as one, whole_file(tmp_path / "told.json") as two:
        assert one != two
        one.write_text("one")
        two.write_text("two")
    assert (tmp_path / "told.json").read_text() == "one"  # moved last
    assert names(tmp_path) == ["told.json"]
