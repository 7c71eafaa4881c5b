"""LK003 and LK005 on pictures: drawn ones, whose likeness is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

from micromask.evaluation.audit import audit, audits, make_case, not_looked_at, with_looks
from micromask.evaluation.audit.looks import LOW, look_at
from micromask.evaluation.audit.picture_files import look
from micromask.evaluation.audit.pictures import likeness, mirrored


def picture(seed: int, size: int = 96) -> np.ndarray:
    """Smooth spots, another pattern for each seed."""
    field = gaussian_filter(np.random.default_rng(seed).normal(size=(size, size)), 9)
    return np.clip(128 + 40 * field / field.std(), 0, 255)


def save(folder: Path, name: str, pixels: np.ndarray) -> str:
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(folder / name)
    return name


def split(folder: Path, rows: list[tuple[str, str, str]]):
    """Rows are subject, side and picture; twelve people with pictures of their own stand on both sides beside them."""
    for person in range(12):
        name = save(folder, f"other{person}.png", picture(1000 + person))
        rows.append((f"other{person}", "test" if person % 2 else "train", name))
    table = pd.DataFrame(rows, columns=["subject", "split", "image"])
    return make_case("pictures", table.assign(clip=[f"clip{at}" for at in range(len(table))]), root=folder)


def leaks(case) -> set[str]:
    return {each.code for each in audit(case) if each.severity == "leak"}


def noisy(pixels):
    return pixels + np.random.default_rng(5).normal(0, 4, pixels.shape)


ALIKE = {
    "the same": lambda pixels: pixels,
    "other noise": noisy,
    "brighter": lambda pixels: 0.9 * pixels + 20,
    "half the size": lambda pixels: pixels[::2, ::2],
}


@pytest.mark.parametrize("change", ALIKE.values(), ids=ALIKE)
def test_a_near_duplicate_under_another_subject_is_found(tmp_path, change):
    one, other = save(tmp_path, "one.png", picture(1)), save(tmp_path, "other.png", change(picture(1)))
    case = split(tmp_path, [("ann", "train", one), ("bo", "test", other)])
    assert leaks(case) == {"LK003"}
    (finding,) = audits["LK003"](case)
    assert finding.evidence[0] == "1 test picture of 7 (over all folds) in 1 fold"
    assert finding.evidence[1].startswith("other.png is one.png (bo and ann), correlation ")


def test_the_next_frame_of_a_face_that_moved_a_little_is_found(tmp_path):
    one, other = (
        save(tmp_path, "one.png", picture(1)),
        save(tmp_path, "other.png", noisy(np.roll(picture(1), 1, axis=1))),
    )
    assert leaks(split(tmp_path, [("ann", "train", one), ("ann", "test", other)])) == {"LK001", "LK003"}


def test_a_near_duplicate_saved_as_jpeg_is_found(tmp_path):
    one = save(tmp_path, "one.png", picture(1))
    Image.fromarray(picture(1).astype(np.uint8)).save(tmp_path / "other.jpg", quality=40)
    assert leaks(split(tmp_path, [("ann", "train", one), ("bo", "test", "other.jpg")])) == {"LK003"}


def test_near_duplicates_on_one_side_are_no_leak(tmp_path):
    one, other = save(tmp_path, "one.png", picture(1)), save(tmp_path, "other.png", noisy(picture(1)))
    assert leaks(split(tmp_path, [("ann", "test", one), ("ann", "test", other)])) == set()


def test_a_picture_that_is_tested_in_one_fold_and_trained_on_in_another_is_no_leak(tmp_path):
    names = [save(tmp_path, f"{at}.png", picture(at)) for at in range(6)]
    rows = [
        (f"clip{at}", f"s{at}", "test" if at == fold else "train", str(fold), name)
        for fold in range(6)
        for at, name in enumerate(names)
    ]
    case = make_case("loso", pd.DataFrame(rows, columns=["clip", "subject", "split", "fold", "image"]), root=tmp_path)
    assert leaks(case) == set()


def test_faces_that_are_alike_but_of_two_people_are_no_duplicates(tmp_path):
    """Correlation 0.95, as of two synthetic people in front of one background."""
    shared, own = picture(1) - 128, (picture(2) - 128, picture(3) - 128)
    names = [save(tmp_path, f"{at}.png", 128 + 0.97 * shared + 0.22 * each) for at, each in enumerate(own)]
    case = with_looks(split(tmp_path, [("ann", "train", names[0]), ("bo", "test", names[1])]))
    assert 0.9 < likeness(case.looks, np.array([0]), np.array([1]))[0] < 0.97
    assert leaks(case) == set()


def test_pictures_without_contrast_are_nobodys_duplicates(tmp_path):
    names = [save(tmp_path, f"{at}.png", np.full((40, 40), 90 + at)) for at in range(2)]
    assert leaks(split(tmp_path, [("ann", "train", names[0]), ("bo", "test", names[1])])) == set()


def test_a_mirrored_copy_of_a_test_picture_in_training_is_an_augmentation_before_the_split(tmp_path):
    one, flipped = save(tmp_path, "one.png", picture(1)), save(tmp_path, "flipped.png", picture(1)[:, ::-1])
    case = split(tmp_path, [("bo", "test", one), ("ann", "train", flipped)])
    assert leaks(case) == {"LK005"}
    (finding,) = audits["LK005"](case)
    assert finding.evidence == (
        "1 test picture (over all folds) mirrored among those to train on",
        "flipped.png to train on is one.png mirrored",
    )


def test_a_symmetric_face_is_no_mirrored_copy_of_itself(tmp_path):
    """A near-duplicate of a symmetric picture is as like its mirror image: LK003 alone says so."""
    half = picture(1)
    even = (half + half[:, ::-1]) / 2
    one, other = save(tmp_path, "one.png", even), save(tmp_path, "other.png", noisy(even))
    assert leaks(split(tmp_path, [("ann", "train", one), ("bo", "test", other)])) == {"LK003"}


def test_an_augmented_copy_is_known_by_the_name_of_its_picture(tmp_path):
    table = pd.DataFrame(
        [
            ("clip", "ann", "train", "a/001_rot10.png"),
            ("clip", "ann", "test", "b/001.png"),
            ("x", "bo", "train", "002.png"),
        ],
        columns=["clip", "subject", "split", "image"],
    )
    (finding,) = audits["LK005"](make_case("names", table, root=tmp_path))
    assert finding.evidence == (
        "1 image (over all folds) with copies on both sides, by the names",
        "a/001_rot10.png to train on, b/001.png to test on",
    )
    elsewhere = table.assign(clip=["one", "two", "three"])
    assert audits["LK005"](make_case("names", elsewhere, root=tmp_path)) == [], "001 of another clip is another picture"


def test_copies_that_stay_on_their_side_are_no_leak():
    rows = [("c1", "ann", "train"), ("c1_flip", "ann", "train"), ("c2", "bo", "test"), ("c2_flip", "bo", "test")]
    case = make_case("apart", pd.DataFrame(rows, columns=["clip", "subject", "split"]))
    assert audits["LK005"](case) == []


def test_two_copies_without_their_original_are_copies_of_it():
    rows = [("c1_rot90", "ann", "train"), ("c1_blur", "ann", "test"), ("c1", "bo", "train")]
    (finding,) = audits["LK005"](make_case("copies", pd.DataFrame(rows, columns=["clip", "subject", "split"])))
    assert finding.evidence[1:] == ("c1_rot90 to train on, c1_blur to test on",)


def test_pictures_that_cannot_be_read_are_told_and_the_others_are_compared(tmp_path):
    (tmp_path / "broken.png").write_bytes(b"no picture")
    one, other = save(tmp_path, "one.png", picture(1)), save(tmp_path, "other.png", picture(1))
    rows = [("ann", "train", one), ("bo", "test", other), ("cy", "test", "broken.png"), ("cy", "test", "nowhere.png")]
    case = with_looks(split(tmp_path, rows))
    assert leaks(case) == {"LK003"}
    assert not_looked_at(case)["LK003"] == "2 of 16 pictures that can be read, such as broken.png"


def test_the_hash_of_a_mirror_image_is_the_hash_mirrored(tmp_path):
    paths = [
        tmp_path / save(tmp_path, f"{at}.png", pixels) for at, pixels in enumerate((picture(1), picture(1)[:, ::-1]))
    ]
    looks = look(paths)
    assert looks.hashes.shape == (2, LOW * LOW - 1)
    np.testing.assert_allclose(mirrored(looks.hashes[:1]), looks.hashes[1:], atol=1e-3)
    np.testing.assert_allclose(likeness(looks, np.array([0]), np.array([1]), mirror=True), 1, atol=1e-5)


def test_sixteen_bit_and_palette_pictures_are_read(tmp_path):
    grey = picture(1).astype(np.uint8)
    Image.fromarray(grey.astype(np.uint16) * 256).save(tmp_path / "deep.png")
    Image.fromarray(grey).convert("P").save(tmp_path / "palette.png")
    Image.fromarray(np.stack([grey] * 3, axis=2)).save(tmp_path / "colour.png")
    looks = look([tmp_path / f"{name}.png" for name in ("deep", "palette", "colour")])
    assert looks.seen.all()
    assert (likeness(looks, np.array([0, 0]), np.array([1, 2])) > 0.999).all()


def test_pictures_at_hand_look_as_their_files_do(tmp_path):
    grey = np.stack([picture(seed) for seed in range(3)]).astype(np.uint8)
    colour = np.stack([grey, grey // 2, 255 - grey], axis=3)
    for kind in (grey, colour):
        paths = [tmp_path / save(tmp_path, f"{at}.png", one) for at, one in enumerate(kind)]
        there, read = look_at(kind), look(paths)
        np.testing.assert_array_equal(there.small, read.small)
        np.testing.assert_array_equal(there.hashes, read.hashes)
        assert not there.lost.any()
    blank = look_at(np.full((1, 28, 28, 3), 127, np.uint8))
    assert not blank.seen.any(), "what is nearly of one grey looks like any other"
    with pytest.raises(ValueError, match=r"pictures are \(N, H, W\) or \(N, H, W, 3\), got \(2, 4, 8, 8\)"):
        look_at(np.zeros((2, 4, 8, 8), np.uint8))


def test_synthetic_people_in_one_studio_are_told_apart(tmp_path):
    from micromask.datasets import load
    from micromask.datasets.synthetic import CorpusPlan, synthesize
    from micromask.recordings import read

    synthesize(tmp_path / "people", CorpusPlan(subjects=4, clips_per_subject=1, fps=20, seconds=0.6, size=96), jobs=1)
    rows = []
    for clip in load("synthetic", tmp_path / "people"):
        for frame in read(clip.recording):
            name = save(tmp_path, f"{len(rows)}.png", frame.image)
            rows.append((clip.id, clip.subject.name, str(frame.index), name))
    table = pd.DataFrame(rows, columns=["clip", "subject", "frame", "image"])
    apart = table.assign(split=np.where(table["subject"].isin(["S01", "S02"]), "test", "train"))
    assert leaks(make_case("apart", apart, root=tmp_path)) == set()
    mixed = table.assign(split=np.where(table["frame"].astype(int) % 4 == 0, "test", "train"))
    assert leaks(make_case("frames", mixed, root=tmp_path)) == {"LK001", "LK002", "LK003"}
