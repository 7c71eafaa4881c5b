import numpy as np
import pytest

from micromask.reports.evaluation.pictures import OPACITY, Picture, heat_over


def test_heat_colours_its_place_and_leaves_the_rest_grey():
    image = np.full((224, 224, 3), (200, 40, 40), np.uint8)
    heat = np.zeros((224, 224), np.float32)
    heat[:, 112:] = 1
    over = heat_over(Picture(image, heat)).astype(int)
    grey = round(0.299 * 200 + 0.587 * 40 + 0.114 * 40)
    assert (np.abs(over[:, :112] - grey) <= 1).all()
    red = [round((1 - OPACITY) * grey + OPACITY * channel) for channel in (180, 20, 10)]
    assert (np.abs(over[:, 112:] - red) <= 1).all()


def test_small_maps_are_drawn_larger_and_large_ones_as_they_are():
    assert heat_over(Picture(np.zeros((28, 28), np.uint8), np.zeros((28, 28)))).shape == (224, 224, 3)
    assert heat_over(Picture(np.zeros((300, 240), np.uint8), np.zeros((300, 240)))).shape == (300, 240, 3)


def test_a_picture_that_is_none_is_refused():
    with pytest.raises(ValueError, match="uint8"):
        Picture(np.zeros((4, 4)))
    with pytest.raises(ValueError, match=r"heat has the shape of its picture \(4, 4\), got \(2, 2\)"):
        Picture(np.zeros((4, 4), np.uint8), np.zeros((2, 2)))
