"""Epochs as they are logged. TensorBoard and MLflow are stood in for by modules that note what they are told."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from micromask.core.errors import BadInputError, BadOutputError, MissingPartError
from micromask.training.log import Told, check_logs, loggers, open_logs

TOLD = Told({"model": "ststnet", "epochs": 2, "long": "x" * 900}, {"uf1": 0.5})
FIRST = {"epoch": 1.0, "learning_rate": 0.1, "train_loss": 0.9, "train_accuracy": 0.25}
SECOND = {**FIRST, "epoch": 2.0, "train_loss": 0.5, "validation_loss": 0.7, "validation_accuracy": 0.5}


@pytest.fixture
def tensorboard(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    noted: list[tuple[Any, ...]] = []

    class SummaryWriter:
        def __init__(self, log_dir: str) -> None:
            noted.append(("open", log_dir))

        def add_scalar(self, tag: str, value: float, step: int) -> None:
            noted.append((tag, value, step))

        def add_text(self, tag: str, text: str) -> None:
            noted.append((tag, text))

        def flush(self) -> None:
            noted.append(("flush",))

        def close(self) -> None:
            noted.append(("close",))

    module = ModuleType("torch.utils.tensorboard")
    module.SummaryWriter = SummaryWriter  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", module)
    return noted


class Refused(Exception):  # noqa: N818 - what the stand-in's exceptions.MlflowException is
    pass


@pytest.fixture
def mlflow(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    module = ModuleType("mlflow")
    noted = SimpleNamespace(calls=[], module=module)

    @contextmanager
    def start_run(run_name: str):
        noted.calls.append(("start", run_name))
        yield
        noted.calls.append(("end",))

    for name in ("set_tracking_uri", "set_experiment", "log_params"):
        setattr(module, name, lambda what, name=name: noted.calls.append((name, what)))
    module.log_metrics = lambda rows, step: noted.calls.append(("metrics", rows, step))  # type: ignore[attr-defined]
    module.start_run = start_run  # type: ignore[attr-defined]
    module.exceptions = SimpleNamespace(MlflowException=Refused)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "mlflow", module)
    monkeypatch.setitem(sys.modules, "sqlalchemy", ModuleType("sqlalchemy"))
    return noted


def test_a_csv_has_a_row_an_epoch_as_soon_as_it_is_over(tmp_path):
    place = tmp_path / "new" / "epochs.csv"
    with open_logs([f"csv:{place}"], TOLD) as write:
        write("final", FIRST)
        assert place.read_text().splitlines()[1] == "final,1,0.1,0.9,0.25,,"
        write("final", SECOND)
    assert place.read_text().splitlines() == [
        "fit,epoch,learning_rate,train_loss,train_accuracy,validation_loss,validation_accuracy",
        "final,1,0.1,0.9,0.25,,",
        "final,2,0.1,0.5,0.25,0.7,0.5",
    ]


def test_a_csv_that_is_there_is_gone_on_with_or_refused(tmp_path):
    place = tmp_path / "epochs.csv"
    with open_logs([f"csv:{place}"], TOLD) as write:
        write("final", FIRST)
    with pytest.raises(BadOutputError, match=r"epochs\.csv is there already: choose another name or remove it"):
        check_logs([f"csv:{place}"])
    with open_logs([f"csv:{place}"], TOLD, go_on=True) as write:
        write("final", SECOND)
    assert [line.split(",")[1] for line in place.read_text().splitlines()] == ["epoch", "1", "2"]


def test_tensorboard_gets_scalars_by_fit_and_epoch(tensorboard, tmp_path):
    with open_logs([f"tensorboard:{tmp_path}"], TOLD) as write:
        write("choosing", SECOND)
    assert tensorboard[0] == ("open", str(tmp_path))
    assert tensorboard[1][0] == "settings"
    assert "    model: ststnet\n    epochs: 2" in tensorboard[1][1]
    assert tensorboard[2] == ("estimate/uf1", 0.5, 0)
    assert ("choosing/train_loss", 0.5, 2) in tensorboard
    assert ("choosing/validation_accuracy", 0.5, 2) in tensorboard
    assert tensorboard[-2:] == [("flush",), ("close",)]


def test_tensorboard_is_closed_when_the_fit_is_stopped(tensorboard, tmp_path):
    with pytest.raises(KeyboardInterrupt), open_logs([f"tensorboard:{tmp_path}"], TOLD):
        raise KeyboardInterrupt
    assert tensorboard[-1] == ("close",)


def test_mlflow_gets_a_run_with_settings_figures_and_epochs(mlflow, tmp_path):
    with open_logs([f"mlflow:{tmp_path / 'runs'}"], TOLD) as write:
        write("final", FIRST)
    names = [call[0] for call in mlflow.calls]
    assert names == ["set_tracking_uri", "set_experiment", "start", "log_params", "metrics", "metrics", "end"]
    assert mlflow.calls[0][1] == f"sqlite:///{tmp_path}/runs/mlflow.db"
    assert (tmp_path / "runs").is_dir()
    assert mlflow.calls[2][1] == "ststnet"
    assert mlflow.calls[3][1] == {"model": "ststnet", "epochs": "2", "long": "x" * 500}
    assert mlflow.calls[4][1:] == ({"estimate/uf1": 0.5}, 0)
    measured = {"final/learning_rate": 0.1, "final/train_loss": 0.9, "final/train_accuracy": 0.25}
    assert mlflow.calls[5][1:] == (measured, 1)


def test_the_address_of_a_server_is_taken_as_it_is(mlflow):
    with open_logs(["mlflow:https://runs.example.org:5000"], TOLD):
        pass
    assert mlflow.calls[0] == ("set_tracking_uri", "https://runs.example.org:5000")


def test_what_the_server_says_is_one_line(mlflow):
    def refuse(name: str) -> None:
        raise Refused("API request failed\nwith a long story")

    mlflow.module.set_experiment = refuse
    with (
        pytest.raises(BadOutputError, match=r"^cannot write the log mlflow:http://x: API request failed$"),
        open_logs(["mlflow:http://x"], TOLD),
    ):
        pass


def test_several_logs_get_the_same_rows(tensorboard, tmp_path):
    place = tmp_path / "epochs.csv"
    with open_logs([f"csv:{place}", f"tensorboard:{tmp_path}"], TOLD) as write:
        write("final", FIRST)
    assert len(place.read_text().splitlines()) == 2
    assert ("final/train_loss", 0.9, 1) in tensorboard


@pytest.mark.parametrize(
    ("kind", "module"), [("tensorboard", "torch.utils.tensorboard"), ("mlflow", "mlflow")], ids=str
)
def test_a_package_that_is_not_installed_is_named_with_how_to_get_it(monkeypatch, kind, module):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingPartError, match=rf"^--log {kind} needs .+: pip install 'micromask\[{kind}\]'$"):
        check_logs([f"{kind}:somewhere"])


def test_the_small_mlflow_serves_for_an_address_and_not_for_a_folder(mlflow, monkeypatch):
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    check_logs(["mlflow:http://localhost:5000"])
    with pytest.raises(MissingPartError, match="--log mlflow needs MLflow"):
        check_logs(["mlflow:runs"])


@pytest.mark.parametrize("asked", ["csv", "csv:", "epochs.csv"])
def test_a_log_without_a_place_is_refused(asked):
    with pytest.raises(BadInputError, match=r"a log is KIND:WHERE, such as csv:epochs\.csv"):
        check_logs([asked])


def test_a_kind_that_is_not_known_is_refused():
    assert list(loggers) == ["csv", "mlflow", "tensorboard"]
    with pytest.raises(BadInputError, match="no log 'tensorbord'; did you mean 'tensorboard'"):
        check_logs(["tensorbord:x"])


def test_a_place_that_cannot_be_written_is_said_in_one_line(mlflow, tmp_path):
    (tmp_path / "file").write_text("")
    for kind in ("csv", "mlflow"):
        where = tmp_path / "file" / "below"
        with (
            pytest.raises(BadOutputError, match=r"cannot write the log .*below: "),
            open_logs([f"{kind}:{where}"], TOLD),
        ):
            pass
