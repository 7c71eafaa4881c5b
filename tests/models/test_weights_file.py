import json
import pickle

import numpy as np
import pytest
from safetensors.numpy import save, save_file

from micromask.core.errors import BadInputError, BadOutputError
from micromask.models.weights_file import REQUIRED, checksum, read_weights, write_weights

CARD = {key: f"some {key}" for key in REQUIRED} | {"name": "demo"}
TENSORS = {"b": np.arange(6, dtype=np.float32).reshape(2, 3), "a": np.array([1, 2], np.int32)}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "demo.safetensors"
    write_weights(path, TENSORS, CARD)
    return path


def test_what_was_written_is_read(file):
    tensors, card = read_weights(file, "demo")
    assert sorted(tensors) == ["a", "b"]
    np.testing.assert_array_equal(tensors["b"], TENSORS["b"])
    assert tensors["a"].dtype == np.int32
    assert {key: card[key] for key in CARD} == CARD
    assert card["checksum"] == checksum(TENSORS)


def test_the_same_input_gives_the_same_bytes_in_any_order(file, tmp_path):
    again = tmp_path / "again.safetensors"
    write_weights(again, dict(reversed(TENSORS.items())), dict(reversed(CARD.items())))
    assert again.read_bytes() == file.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again.safetensors", "demo.safetensors"]


@pytest.mark.parametrize("cut", [0, 4, 20, -1, -10])
def test_a_truncated_file_is_refused(file, cut):
    file.write_bytes(file.read_bytes()[:cut])
    with pytest.raises(BadInputError, match=r"demo\.safetensors (is damaged or cut short|is not a weights file)"):
        read_weights(file)


def test_changed_numbers_are_refused(file):
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(bytes(content))
    with pytest.raises(BadInputError, match=r"checksum is .* the card says"):
        read_weights(file)


def test_another_models_file_is_refused(file):
    with pytest.raises(BadInputError, match="holds the weights of 'demo', wanted 'other'"):
        read_weights(file, "other")


def test_a_pickle_is_refused_and_not_opened(tmp_path):
    path = tmp_path / "weights.safetensors"
    path.write_bytes(pickle.dumps(TENSORS))
    with pytest.raises(BadInputError, match=r"is not a weights file.*never pickles"):
        read_weights(path)


def test_text_and_foreign_safetensors_are_refused(tmp_path):
    path = tmp_path / "weights.safetensors"
    path.write_text("these are no weights at all")
    with pytest.raises(BadInputError, match="is not a weights file"):
        read_weights(path)
    save_file(TENSORS, path)
    with pytest.raises(BadInputError, match="has no card of micromask"):
        read_weights(path)
    path.write_bytes(save(TENSORS, {"micromask": json.dumps({"name": "demo"})}))
    with pytest.raises(BadInputError, match="its card lacks version, classes"):
        read_weights(path)
    path.write_bytes(save(TENSORS, {"micromask": "[1]"}))
    with pytest.raises(BadInputError, match="its card lacks name"):
        read_weights(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(BadInputError, match=r"cannot read the weights .*none\.safetensors: No such file"):
        read_weights(tmp_path / "none.safetensors")
    with pytest.raises(BadInputError, match="cannot read the weights"):
        read_weights(tmp_path)


def test_a_card_without_its_facts_is_not_written(tmp_path):
    with pytest.raises(ValueError, match=r"lacks .*licence"):
        write_weights(tmp_path / "x.safetensors", TENSORS, {"name": "demo"})
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_an_error_for_people(tmp_path):
    with pytest.raises(BadOutputError, match="cannot write the weights"):
        write_weights(tmp_path / "none" / "x.safetensors", TENSORS, CARD)
    (tmp_path / "taken").mkdir()
    with pytest.raises(BadOutputError, match="cannot write the weights"):
        write_weights(tmp_path / "taken", TENSORS, CARD)
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
