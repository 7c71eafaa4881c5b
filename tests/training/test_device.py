import pytest
import torch

from micromask.core.errors import BadInputError
from micromask.training.device import choose_device, devices_here


def machine(monkeypatch: pytest.MonkeyPatch, *, cuda: tuple[str, ...] = (), mps: bool = False) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: bool(cuda))
    monkeypatch.setattr(torch.cuda, "device_count", lambda: len(cuda))
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda number: cuda[number])
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)


@pytest.mark.parametrize(
    ("cuda", "mps", "taken"),
    [
        pytest.param(("H200", "H200"), False, "cuda", id="NVIDIA"),
        pytest.param((), True, "mps", id="Apple"),
        pytest.param(("H200",), True, "cuda", id="both"),
        pytest.param((), False, "cpu", id="none"),
    ],
)
def test_the_gpu_is_taken_where_there_is_one(monkeypatch, cuda, mps, taken):
    machine(monkeypatch, cuda=cuda, mps=mps)
    assert choose_device() == torch.device(taken)


def test_the_devices_that_are_here_are_named_with_what_they_are(monkeypatch):
    machine(monkeypatch, cuda=("H200", "A100"), mps=True)
    found = devices_here()
    assert list(found) == ["cuda:0", "cuda:1", "mps", "cpu"]
    assert found["cuda:1"] == "A100"


@pytest.mark.parametrize("name", ["toaster", "cuda:99", "meta", ""])
def test_a_device_that_is_not_here_is_refused_and_those_that_are_named(monkeypatch, name):
    machine(monkeypatch)
    with pytest.raises(BadInputError, match=rf"no device '{name}' on this machine: known here are cpu \(\d+ threads\)"):
        choose_device(name)
