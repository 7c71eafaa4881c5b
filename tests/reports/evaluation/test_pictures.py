import cv2
import numpy as np
import pytest

from micromask.core.errors import BadInputError
from micromask.reports.evaluation.pictures import (
    EVEN,
    OPACITY,
    Picture,
    heat_over,
    heat_uri,
    plain_uri,
    read_pictures,
)


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


def test_heat_alone_lies_on_an_even_grey():
    heat = np.zeros((224, 224), np.float32)
    heat[:, 112:] = 1
    alone = Picture(None, heat)
    over = heat_over(alone).astype(int)
    assert (over[:, :112] == EVEN).all()
    assert (over[:, 112:] == [round((1 - OPACITY) * EVEN + OPACITY * channel) for channel in (180, 20, 10)]).all()
    assert plain_uri(alone) is None
    assert heat_uri(Picture(np.zeros((4, 4), np.uint8))) is None


def test_what_a_run_left_is_read_again_and_what_is_missing_is_named(tmp_path):
    (tmp_path / "explained").mkdir()
    image = np.zeros((8, 6, 3), np.uint8)
    image[..., 0] = 200  # red
    cv2.imwrite(str(tmp_path / "explained" / "01.png"), image[..., ::-1])
    cv2.imwrite(str(tmp_path / "explained" / "01-heat.png"), np.full((8, 6), 51, np.uint8))
    row = {"clip": "a", "said": "anger", "probability": 0.912, "fold": "p1", "seed": 0, "picture": "01.png"}
    document = {"explained": [{**row, "heat": "01-heat.png"}]}
    (found,) = read_pictures(tmp_path, document).values()
    np.testing.assert_array_equal(found.image, image)
    np.testing.assert_allclose(found.heat, 0.2)
    assert found.caption == "anger 0.91 by the network of fold p1, seed 0"
    (tmp_path / "explained" / "01-heat.png").write_bytes(b"no picture")
    with pytest.raises(BadInputError, match=r"explained/01-heat.png: no picture; evaluate again"):
        read_pictures(tmp_path, document)
    with pytest.raises(BadInputError, match=r"explained/../results.json: missing"):
        read_pictures(tmp_path, {"explained": [{**row, "heat": "../results.json"}]})
    assert read_pictures(tmp_path, {}) == {}


def test_a_picture_that_is_none_is_refused():
    with pytest.raises(ValueError, match="got neither"):
        Picture(None)
    with pytest.raises(ValueError, match="uint8"):
        Picture(np.zeros((4, 4)))
    with pytest.raises(ValueError, match=r"heat has the shape of its picture \(4, 4\), got \(2, 2\)"):
        Picture(np.zeros((4, 4), np.uint8), np.zeros((2, 2)))
