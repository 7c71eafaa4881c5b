"""Pictures as people have them: every kind is read as training reads it, or refused with one clear line."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from micromask.core.errors import BadInputError
from micromask.recordings import single
from micromask.recordings.images import read_image
from micromask.recordings.single import picture_files, read_single

ORIENTATION = 274


def ramp() -> Image.Image:
    """64 px wide, 48 high: redder to the right, greener downwards."""
    y, x = np.mgrid[0:48, 0:64]
    return Image.fromarray(np.stack([4 * x, 5 * y, 0 * x + 40], axis=-1).astype(np.uint8))


def test_a_phone_picture_is_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # to be turned a quarter clockwise
    ramp().transpose(Image.Transpose.ROTATE_90).save(tmp_path / "phone.jpg", exif=exif, quality=95)
    read = read_single(tmp_path / "phone.jpg")
    assert read.notes == ()
    assert read.image.shape == (48, 64, 3)
    assert np.abs(read.image.astype(int) - np.asarray(ramp())).mean() < 6


def test_print_colours_sixteen_bits_and_transparency_are_read_and_said(tmp_path: Path) -> None:
    ramp().convert("CMYK").save(tmp_path / "print.jpg", quality=95)
    ramp().convert("RGBA").save(tmp_path / "clear.png")
    grey = np.asarray(ramp().convert("L"))
    Image.fromarray(grey.astype(np.uint16) * 256 + 7).save(tmp_path / "deep.png")
    for name, word in (("print.jpg", "CMYK"), ("clear.png", "transparency"), ("deep.png", "16 bits")):
        read = read_single(tmp_path / name)
        assert word in " ".join(read.notes)
        np.testing.assert_array_equal(read.image, read_image(tmp_path / name, colour=True))
    np.testing.assert_array_equal(read_single(tmp_path / "deep.png").image[..., 0], grey)


def test_sixteen_bits_of_colour_are_said_too(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "deep.png"), np.asarray(ramp())[..., ::-1].astype(np.uint16) * 257)
    cv2.imwrite(str(tmp_path / "deep.tif"), np.asarray(ramp())[..., ::-1].astype(np.uint16) * 257)
    for name in ("deep.png", "deep.tif"):
        read = read_single(tmp_path / name)
        assert read.notes == ("of its 16 bits the upper 8 are read",)
        np.testing.assert_array_equal(read.image, np.asarray(ramp()))


@pytest.mark.parametrize("numbers", [np.float32(0.5), np.int32(70_000), np.int32(-1)])
def test_numbers_that_are_no_grey_levels_are_refused_and_not_read_as_black(tmp_path: Path, numbers: np.number) -> None:
    Image.fromarray(np.full((8, 8), numbers)).save(tmp_path / "numbers.tif")
    with pytest.raises(BadInputError, match="nobody says what is black and what is white; save it with 8 bits"):
        read_single(tmp_path / "numbers.tif")


def test_of_an_animated_gif_the_first_picture_is_read(tmp_path: Path) -> None:
    others = [Image.new("RGB", (64, 48), (0, 0, 10 * n)) for n in range(1, 4)]
    ramp().save(tmp_path / "moving.gif", save_all=True, append_images=others, duration=40)
    read = read_single(tmp_path / "moving.gif")
    assert read.notes == ("the first of 4 pictures in the file is read; micromask analyze reads it as a film",)
    assert np.abs(read.image.astype(int) - np.asarray(ramp())).mean() < 12


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        pytest.param("empty.png", b"", "the file is empty", id="empty"),
        pytest.param("words.jpg", b"no picture at all", "is no picture that can be read", id="words"),
        pytest.param("a.heic", b"\0\0\0\x18ftypheic" + b"\0" * 32, "is a HEIC picture", id="heic"),
        pytest.param("b.jpg", b"\0\0\0\x18ftypmif1" + b"\0" * 32, "is a HEIC picture", id="heic under another name"),
        pytest.param("cut.jpg", None, "this picture cannot be read", id="cut short"),
        pytest.param("away.jpg", ..., "is not there any more", id="gone"),
    ],
)
def test_what_cannot_be_read_is_refused_with_one_line(tmp_path: Path, name: str, content: object, line: str) -> None:
    path = tmp_path / name
    if content is None:
        Image.effect_noise((200, 200), 80).save(path)
        content = path.read_bytes()[:2000]
    if isinstance(content, bytes):
        path.write_bytes(content)
    with pytest.raises(BadInputError) as caught:
        read_single(path)
    assert line in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_huge_picture_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    Image.new("1", (9000, 9000)).save(tmp_path / "huge.png")
    with pytest.raises(BadInputError, match="9000x9000 px is too large: at most 64 million px"):
        read_single(tmp_path / "huge.png")
    Image.new("1", (20000, 20000)).save(tmp_path / "bomb.png")
    with pytest.raises(BadInputError, match="is too large"):
        read_single(tmp_path / "bomb.png")


def test_a_folder_stands_for_its_pictures_and_those_of_its_folders_each_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("10.png", "2.png", "b/1.JPG", "b/deep/x.gif", ".hidden.png", ".h/1.png", "notes.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    found = [path.relative_to(tmp_path).as_posix() for path in picture_files([tmp_path, tmp_path / "2.png"])]
    assert found == ["2.png", "10.png", "b/1.JPG", "b/deep/x.gif"]
    assert picture_files([tmp_path / "notes.txt"]) == [tmp_path / "notes.txt"]
    (tmp_path / "bare").mkdir()
    with pytest.raises(BadInputError, match="holds no pictures"):
        picture_files([tmp_path / "bare"])
    with pytest.raises(BadInputError, match="no such file or folder"):
        picture_files([tmp_path / "nowhere"])
    monkeypatch.setattr(single, "MOST_PICTURES", 3)
    with pytest.raises(BadInputError, match="more than 3 pictures"):
        picture_files([tmp_path])
