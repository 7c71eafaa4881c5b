from itertools import product

import numpy as np
import pytest
import torch
from skimage.feature import local_binary_pattern

from micromask.core.errors import BadInputError
from micromask.models.classical.flow_orientation import FlowOrientation
from micromask.models.classical.lbp_top import PLANES, LbpTop, uniform_codes
from micromask.models.classical.pixels import Pixels, area_weights
from micromask.models.flow_histogram import HistogramLayout, flow_histograms

XY, XT, YT = PLANES


def all_different(seed: int, shape: tuple[int, ...]) -> np.ndarray:
    """Random 16-bit grey levels, no two alike."""
    return np.random.default_rng(seed).permutation(2**16)[: np.prod(shape)].reshape(shape).astype(np.uint16)


def as_grey(films: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(films.astype(np.float32) / 2**16)


def test_one_pixel_of_a_tiny_sequence_has_the_codes_that_a_hand_counts():
    # The centre, 5, at frame 1, row 1, column 1. Its neighbours, right, up, left, down in XY: 9, 2, 5, 1: bits 1010.
    # In XT right, earlier, left, later: 9, 6, 5, 4: bits 1110. In YT down, earlier, up, later: 1, 6, 2, 4: bits 0100.
    film = torch.zeros(1, 3, 3, 3)
    film[0, 1] = torch.tensor([[0, 2, 0], [5, 5, 9], [0, 1, 0]])
    film[0, 0, 1, 1], film[0, 2, 1, 1] = 6, 4
    lbp = LbpTop(3, 3, 3, radii=(1, 1, 1), grid=(1, 1))
    codes = [lbp.codes(film / 255, plane).item() for plane in PLANES]
    assert codes == [0b0101, 0b0111, 0b0010]  # the first neighbour is the lowest bit
    (vector,) = lbp((film / 255)[:, None])
    assert vector.nonzero().flatten().tolist() == [0b0101, 16 + 0b0111, 32 + 0b0010]
    assert vector.sum() == 3


def test_a_still_film_is_flat_along_time_and_keeps_its_picture():
    film = as_grey(all_different(0, (8, 8))).expand(1, 5, 8, 8)
    lbp = LbpTop(5, 8, 8, radii=(1, 1, 2))
    for plane in (XT, YT):  # both neighbours along time, bits 1 and 3, are as bright as the centre
        assert ((lbp.codes(film, plane) & 0b1010) == 0b1010).all()
    assert not ((lbp.codes(film, XY) & 0b1010) == 0b1010).all()


@pytest.mark.parametrize(("neighbours", "radius"), [(4, 1), (8, 1), (8, 2), (6, 3)])
def test_codes_in_the_picture_are_those_of_scikit_image(neighbours, radius):
    films = all_different(1, (2, 3, 17, 19))
    lbp = LbpTop(3, 17, 19, radii=(radius, radius, 1), neighbours=neighbours, grid=(2, 2))
    found = lbp.codes(as_grey(films), XY).numpy()
    inner = slice(radius, -radius)
    for one, film in zip(found, films, strict=True):
        expected = local_binary_pattern(film[1], neighbours, radius, "default")
        np.testing.assert_array_equal(one[0], expected[inner, inner])


def test_time_is_seen_as_a_picture_would_be():
    film = all_different(2, (11, 12, 13))
    lbp = LbpTop(11, 12, 13, radii=(2, 2, 2), neighbours=8)
    (found,) = lbp.codes(as_grey(film)[None], XT).numpy()
    expected = local_binary_pattern(film[:, 5], 8, 2, "default")  # rows are frames
    np.testing.assert_array_equal(found[:, 3], expected[2:-2, 2:-2])


def test_interpolated_equals_count_as_equal_on_8_bit_frames():
    flat = torch.full((1, 9, 10, 10), 77 / 255)
    lbp = LbpTop(9, 10, 10, radii=(1, 1, 3), neighbours=8)
    assert all((lbp.codes(flat, plane) == 255).all() for plane in PLANES)
    # As much brighter on the right as darker below: down right, between them, is as bright as the centre.
    grey, more = torch.meshgrid(torch.arange(30, 220), torch.arange(1, 30), indexing="ij")
    films = torch.zeros(grey.numel(), 3, 3, 3)
    films[:, 1, 1, 1] = films[:, 1, 2, 2] = grey.flatten() / 255
    films[:, 1, 1, 2], films[:, 1, 2, 1] = (grey + more).flatten() / 255, (grey - more).flatten() / 255
    codes = LbpTop(3, 3, 3, radii=(1, 1, 1), neighbours=8, grid=(1, 1)).codes(films, XY)
    assert (codes >= 128).all()


def test_there_are_58_uniform_codes_of_8_bits_and_the_others_share_a_bin():
    bins = uniform_codes(8)
    assert sorted(set(bins)) == list(range(59))
    assert bins.count(58) == 256 - 58
    assert bins[0b01010101] == 58
    assert bins[0b00111000] != 58
    assert bins[0b10000001] != 58  # the circle closes
    assert LbpTop(9, 12, 12, neighbours=8, uniform=True).length == 3 * 25 * 59


def test_each_block_counts_its_own_pixels_and_its_histogram_adds_to_one():
    film = torch.zeros(1, 1, 3, 6, 6)
    film[..., 3, 4] = 1  # row 2, column 3 of the 4 x 4 pixels with codes: the block at the bottom right
    lbp = LbpTop(3, 6, 6, radii=(1, 1, 1), grid=(2, 2))
    vector = lbp(film).reshape(3, 4, 16)
    torch.testing.assert_close(vector.sum(2), torch.ones(3, 4))
    # A pixel of the last block, (2, 3), is brighter than its neighbours in XY; (2, 2) and (3, 3) see one brighter one.
    assert vector[0, 3, 0] == 1 / 4
    assert vector[0, :3, 15].tolist() == [1, 3 / 4 + 1 / 4, 1]


def test_sequences_too_small_for_the_radii_are_refused():
    with pytest.raises(BadInputError, match=r"at least 9 frames of 7 x 7 px, got 8 of 64 x 64"):
        LbpTop(8, 64, 64)
    with pytest.raises(BadInputError, match=r"got 16 of 64 x 6"):
        LbpTop(16, 64, 6)


def test_halving_a_frame_is_the_mean_of_four_pixels():
    frames = np.random.default_rng(0).integers(0, 256, (3, 64, 64))
    expected = frames.reshape(3, 32, 2, 32, 2).mean((2, 4)) / 255
    found = Pixels(64, 64)(torch.from_numpy(frames / 255).float()[:, None])
    np.testing.assert_allclose(found, expected.reshape(3, -1), atol=1e-7)


@pytest.mark.parametrize("size", [96, 224])
def test_in_whatever_order_pixels_are_added_the_features_are_the_same(size):
    frames = torch.randint(0, 256, (5, 1, size, size), generator=torch.Generator().manual_seed(0)) / 255
    pool = Pixels(size, size)
    turned = pool(frames.flip(2, 3)).reshape(5, 32, 32).flip(1, 2).flatten(1)
    assert torch.equal(pool(frames), turned)


@pytest.mark.parametrize("size", [(64, 64), (48, 100), (32, 33), (20, 224)])
def test_a_slope_and_its_mean_survive_pooling_at_every_size(size):
    height, width = size
    slope = torch.linspace(0.5 / width, 1 - 0.5 / width, width).expand(1, 1, height, width)
    found = Pixels(height, width)(slope).reshape(32, 32)
    torch.testing.assert_close(found.mean(), torch.tensor(0.5), atol=1e-4, rtol=0)
    step = 1.0 / min(width, 32)  # a pixel of the coarser grid
    torch.testing.assert_close(found[0], (torch.arange(32) + 0.5) / 32, atol=step / 2, rtol=0)


def test_weights_of_an_area_add_to_one():
    for size, cells in ((7, 3), (3, 7), (64, 32)):
        torch.testing.assert_close(area_weights(size, cells).sum(1), torch.ones(cells))


def test_weights_of_a_part_of_a_line_count_its_pixels_alone():
    # From 1.5 to 4.5 px of 6 in two stretches: half of pixel 1, pixel 2; pixel 3, half of pixel 4.
    found = area_weights(6, 2, 0.25, 0.75)
    torch.testing.assert_close(found * 3, torch.tensor([[0, 1, 2, 0, 0, 0], [0, 0, 0, 2, 1, 0.0]]))


def as_model_reads(maps: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.moveaxis(maps, 3, 1).astype(np.float32) * np.float32(1 / 255))


def maps_with_many_ties(kind: str) -> np.ndarray:
    """8-bit maps; directions of few grey levels often lie on the edge of a bin exactly."""
    rng = np.random.default_rng(3)
    if kind == "wide":
        return rng.integers(0, 256, (40, 28, 28, 3), np.uint8)
    if kind == "few levels":
        return rng.integers(126, 131, (40, 28, 28, 3), np.uint8)
    maps = np.full((40, 28, 28, 3), 120, np.uint8)
    maps[:, 10:20, 5:25] = rng.integers(0, 256, (40, 10, 20, 3), np.uint8)
    return maps


@pytest.mark.parametrize("layout", [HistogramLayout(), HistogramLayout(soft=True), HistogramLayout(4, 12, soft=True)])
@pytest.mark.parametrize("kind", ["wide", "few levels", "a patch"])
def test_histograms_in_torch_are_those_of_the_recogniser(kind, layout):
    maps = maps_with_many_ties(kind)
    found = FlowOrientation(layout)(as_model_reads(maps)).numpy()
    assert found.shape == (40, layout.length)
    np.testing.assert_allclose(found, flow_histograms(maps, layout), atol=1e-5)


@pytest.mark.parametrize("soft", [False, True])
def test_a_map_in_which_nothing_moves_gives_zeros(soft):
    assert not FlowOrientation(HistogramLayout(soft=soft))(torch.full((1, 3, 28, 28), 100 / 255)).any()


def test_a_softly_binned_pixel_is_shared_as_a_hand_shares_it():
    # One pixel moves right. Its centre, row 5.5 and column 9.5, is 3.5 px from the centre of cell (0, 1), at 2 and 6,
    # and 0.5 px from that of cell (1, 2); right is the edge between orientations 7 and 0.
    one = torch.zeros(1, 3, 28, 28)
    one[0, 0, 5, 9] = 1
    found = FlowOrientation(HistogramLayout(soft=True))(one)[0, :392].square().reshape(7, 7, 8)
    rows, columns = {0: 1 / 8, 1: 7 / 8}, {1: 1 / 8, 2: 7 / 8}
    expected = torch.zeros(7, 7, 8)
    for row, column in product(rows, columns):
        expected[row, column, [0, 7]] = rows[row] * columns[column] / 2
    torch.testing.assert_close(found, expected)
