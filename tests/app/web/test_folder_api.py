"""The chooser of films on this machine: what it shows of folders, and which folders it does not open."""

from __future__ import annotations

from pathlib import Path

import pytest

from micromask.app.web.analyse.folders import film_in, list_folder, open_folder, places
from micromask.core.errors import BadInputError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Films, pictures, folders, hidden ones and links of all kinds."""
    made = tmp_path / "films"
    (made / "day 10").mkdir(parents=True)
    (made / "day 9").mkdir()
    (made / ".hidden").mkdir()
    for name in ("film 10.mp4", "film 9.MP4", "notes.txt", ".secret.mp4", "picture.png"):
        (made / name).write_bytes(b"12345")
    (made / "broken.mp4").symlink_to(made / "nowhere")
    (made / "folder.mp4").mkdir()
    return made


def test_folders_and_films_are_listed_in_natural_order_without_hidden_ones(folder: Path) -> None:
    listed = list_folder(folder)
    assert listed.folders == ("day 9", "day 10", "folder.mp4")
    assert listed.films == (("film 9.MP4", 5), ("film 10.mp4", 5))
    assert listed.pictures == 0
    assert listed.whole


def test_a_folder_without_films_says_how_many_pictures_it_holds(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.png").write_bytes(b"")
    (tmp_path / "notes.txt").write_bytes(b"")
    assert list_folder(tmp_path).pictures == 3


def test_names_that_are_no_text_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "line\nbreak.mp4").write_bytes(b"")
    (tmp_path / "Bildschirm 3.04\u202fpm.mov").write_bytes(b"")
    assert [name for name, _ in list_folder(tmp_path).films] == ["Bildschirm 3.04\u202fpm.mov"]


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("~nobody-of-this-name/films", "type the whole path"),
        ("films", "type the whole path"),
        ("/nowhere/at/all", "there is no such folder"),
        ("/etc", "a folder of the system"),
        ("/proc/self", "a folder of the system"),
        ("/tmp/\0", "cannot be typed"),
        ("/tmp/a\nb", "cannot be typed"),
    ],
)
def test_a_path_that_leads_nowhere_is_refused_in_one_line(workspace: Path, typed: str, line: str) -> None:
    with pytest.raises(BadInputError, match=line) as raised:
        open_folder(typed, workspace)
    assert "\n" not in str(raised.value)


def test_a_film_is_not_a_folder(folder: Path, workspace: Path) -> None:
    with pytest.raises(BadInputError, match="is a file; choose the folder"):
        open_folder(str(folder / "film 10.mp4"), workspace)


def test_links_are_followed_before_a_folder_is_judged(tmp_path: Path, workspace: Path) -> None:
    (tmp_path / "etc").symlink_to("/etc")
    with pytest.raises(BadInputError, match="a folder of the system"):
        open_folder(str(tmp_path / "etc"), workspace)
    (tmp_path / "ours").symlink_to(workspace / "films")
    with pytest.raises(BadInputError, match="the app's own folder"):
        open_folder(str(tmp_path / "ours"), workspace)
    with pytest.raises(BadInputError, match="the app's own folder"):
        open_folder(str(workspace / "films" / ".."), workspace)


def test_nothing_typed_is_the_home_folder(workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert open_folder("", workspace) == tmp_path.resolve()
    (tmp_path / "films").mkdir()
    assert open_folder("~/films ", workspace) == (tmp_path / "films").resolve()
    assert places()[0] == ("Home", tmp_path)


def test_only_a_film_of_the_folder_itself_is_taken(folder: Path) -> None:
    assert film_in(folder, "film 9.MP4") == folder / "film 9.MP4"
    assert film_in(folder, "") == folder
    for name in ("../films/film 9.MP4", "notes.txt", "folder.mp4", "broken.mp4", "..", str(folder / "film 9.MP4")):
        with pytest.raises(BadInputError):
            film_in(folder, name)
