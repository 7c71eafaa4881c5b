"""Folders of pictures as recordings, and which recordings some paths hold."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from micromask.core.errors import BadInputError
from micromask.recordings import find_recordings, probe, read


def save(path, image):
    Image.fromarray(image).save(path)


@pytest.fixture
def folder(tmp_path, numbered):
    folder = tmp_path / "EP02_01f"
    folder.mkdir()
    for number in range(12):
        save(folder / f"img{number + 1}.PNG", numbered(number))
    (folder / "notes.txt").write_text("not a picture")
    (folder / ".hidden.png").write_bytes(b"rubbish")
    return folder


def test_pictures_come_in_natural_order(folder, numbers):
    film = probe(folder)
    assert (film.id, film.fps, film.n_frames, film.size, film.times) == ("EP02_01f", 30.0, 12, (64, 160), None)
    frames = list(read(film))
    assert numbers(frames) == [f.index for f in frames] == list(range(12))
    assert frames[6].time == pytest.approx(0.2)
    assert numbers(read(film, start=4, stop=8)) == [4, 5, 6, 7]


def test_the_rate_of_a_folder_can_be_given(folder):
    film = probe(folder, image_fps=200)
    assert film.fps == 200
    assert [f.time for f in read(film, start=3, stop=5)] == [3 / 200, 4 / 200]
    with pytest.raises(BadInputError, match="positive"):
        probe(folder, image_fps=0)


@pytest.mark.parametrize("ending", ["png", "JPG", "jpeg", "bmp", "tif", "TIFF", "webp"])
def test_each_kind_of_picture_is_read_in_grey_and_colour(tmp_path, numbered, numbers, ending):
    for number in (3, 700):
        save(tmp_path / f"{number}.{ending}", numbered(number))
    film = probe(tmp_path)
    assert numbers(read(film)) == numbers(read(film, colour=True)) == [3, 700]
    first = next(iter(read(film, colour=True))).image
    assert first.shape == (64, 160, 3)
    assert np.abs(first.astype(int) - numbered(3)).mean() < 40  # noise is hard on lossy pictures
    small = next(iter(read(film, longest=80)))
    assert (small.image.shape, small.scale) == ((32, 80), 0.5)


def test_a_red_picture_is_red(tmp_path):
    save(tmp_path / "1.png", np.full((8, 8, 3), (250, 10, 20), np.uint8))
    assert next(iter(read(probe(tmp_path), colour=True))).image[0, 0].tolist() == [250, 10, 20]


def test_sixteen_bits_become_eight(tmp_path):
    cv2.imwrite(str(tmp_path / "1.png"), np.full((8, 8), 0x8040, np.uint16))
    assert next(iter(read(probe(tmp_path)))).image[0, 0] == 0x80


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photographs_on_their_side_are_put_upright(tmp_path, numbered, number_in, orientation):
    stored = Image.fromarray(numbered(5))
    exif = Image.Exif()
    exif[274] = orientation
    stored.save(tmp_path / "1.jpg", exif=exif, quality=95)
    film = probe(tmp_path)
    assert film.size == ((64, 160) if orientation < 5 else (160, 64))
    image = next(iter(read(film))).image
    assert image.shape == film.size
    back = {1: [], 2: ["x"], 3: ["x", "y"], 4: ["y"], 5: ["t"], 6: ["x", "t"], 7: ["x", "y", "t"], 8: ["y", "t"]}
    for step in back[orientation]:
        image = {"x": image[:, ::-1], "y": image[::-1], "t": image.T}[step]
    assert number_in(image) == 5


def test_one_picture_of_another_size_is_named_with_both_sizes(folder, numbered):
    save(folder / "img7.PNG", numbered(6, (32, 170)))
    with pytest.raises(BadInputError, match=r"img7\.PNG: is 170x32 px but img1\.PNG is 160x64 px"):
        probe(folder)


@pytest.mark.parametrize("content", [b"", b"not a picture at all"])
def test_an_unreadable_picture_is_named(folder, content):
    (folder / "img4.PNG").write_bytes(content)
    with pytest.raises(BadInputError, match=r"img4\.PNG: this picture cannot be read"):
        probe(folder)


def test_a_picture_whose_pixels_are_cut_off_is_named_when_it_is_read(folder):
    broken = folder / "img4.PNG"
    broken.write_bytes(broken.read_bytes()[:9000])
    film = probe(folder)
    frames = iter(read(film))
    assert [next(frames).index for _ in range(3)] == [0, 1, 2]
    with pytest.raises(BadInputError, match=r"img4\.PNG: this picture cannot be read"):
        next(frames)


def test_find_takes_films_as_given_and_folders_for_what_they_hold(tmp_path, folder, encode):
    films = tmp_path / "films"
    films.mkdir()
    for name in ("take10.mp4", "take9.MOV", ".take1.mp4"):
        (films / name).touch()
    lonely = tmp_path / "odd.name"
    lonely.touch()
    found = find_recordings([lonely, films, str(folder), films / "take9.MOV"])
    assert found == [lonely, films / "take9.MOV", films / "take10.mp4", folder]


def test_find_names_what_it_looked_for(tmp_path):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(
        BadInputError, match=r"holds no recording; looked for films \(.*\.mp4.*\) and pictures \(.*\.png"
    ):
        find_recordings([tmp_path])
    with pytest.raises(BadInputError, match="holds no recording"):
        probe(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInputError, match="is empty"):
        find_recordings([tmp_path / "empty"])
    with pytest.raises(BadInputError, match="no such file or folder"):
        find_recordings([tmp_path / "missing.mp4"])


def test_a_single_picture_is_no_recording(folder):
    with pytest.raises(BadInputError, match="single picture"):
        probe(folder / "img1.PNG")
