from __future__ import annotations

from pathlib import Path

import pytest

from micromask.datasets.frames import FrameFolder
from micromask.datasets.trimmed import rebased


def files(first: int, last: int) -> FrameFolder:
    numbers = tuple(range(first, last + 1))
    return FrameFolder(Path("clip"), tuple(f"{number}.jpg" for number in numbers), numbers)


@pytest.mark.parametrize(
    ("folder", "row", "first", "wanted"),
    [
        pytest.param(files(1, 50), (5, 8, 20), None, (5, 8, 20), id="counts as the files do"),
        pytest.param(files(500, 600), (510, 520, 530), 500, (510, 520, 530), id="long film, files with its numbers"),
        pytest.param(files(1, 30), (510, 515, 520), 501, (10, 15, 20), id="long film, files counted from 1"),
        pytest.param(files(0, 29), (510, 515, 520), 501, (9, 14, 19), id="long film, files counted from 0"),
        pytest.param(files(1, 50), (33, 35, 38), 30, (4, 6, 9), id="numbers that both could mean: the first decides"),
        pytest.param(files(1, 11), (510, 515, 520), None, (1, 6, 11), id="clip cut out, onset is its first file"),
        pytest.param(files(1, 8), (510, 519, 520), None, (1, 8, 8), id="clip cut short: clamped"),
        pytest.param(files(1, 30), (25, 28, 40), None, (25, 28, 40), id="ends behind the files: left to the loader"),
        pytest.param(files(1, 30), (900, 905, 910), 501, (900, 905, 910), id="behind the film: left to the loader"),
        pytest.param(files(1, 11), (510, 530, 520), None, (1, 530, 11), id="apex outside stays outside"),
    ],
)
def test_frame_numbers_are_those_of_the_files(folder, row, first, wanted):
    assert rebased(folder, *row, first)[:3] == wanted


def test_nothing_is_done_without_a_folder_or_an_interval():
    assert rebased(None, 1, 2, 3)[:3] == (1, 2, 3)
    assert rebased(files(1, 5), None, 2, 3)[:3] == (None, 2, 3)
    assert rebased(files(1, 5), 9, None, 7)[:3] == (9, None, 7)
