import pytest
import torch

from micromask.core.errors import BadInputError
from micromask.training.device import choose_device


def test_the_gpu_is_taken_where_there_is_one():
    assert choose_device().type == ("cuda" if torch.cuda.is_available() else "cpu")


@pytest.mark.parametrize("name", ["toaster", "cuda:99"])
def test_a_device_that_is_not_here_is_refused(name):
    with pytest.raises(BadInputError, match=f"no device '{name}' on this machine"):
        choose_device(name)
