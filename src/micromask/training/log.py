"""What is measured after each epoch of one fit, written where people look at curves: a CSV, TensorBoard or MLflow."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from micromask.core.errors import BadInputError, BadOutputError, MissingPartError
from micromask.core.registry import Registry

Row = Mapping[str, float]
Write = Callable[[str, Row], None]
"""Takes the fit's name (``choosing`` or ``final``) and the row of an epoch, as `training.fit.fit` hands it on."""

COLUMNS = (
    "fit",
    "epoch",
    "learning_rate",
    "train_loss",
    "train_accuracy",
    "validation_loss",
    "validation_accuracy",
)
"""Of the CSV; a fit without a validation side leaves the last two empty."""

EXPERIMENT = "micromask"
LONGEST = 500
"""Signs of a setting that every server of MLflow takes."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is logged once: settings by name, and figures such as UF1 that were measured before."""

    settings: Mapping[str, object]
    figures: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Logger:
    """A way to log: ``check`` raises what `open_logs` would, before the work is done; ``open`` writes."""

    check: Callable[[str, bool], None]
    open: Callable[[str, Told, bool], AbstractContextManager[Write]]


loggers: Registry[Logger] = Registry("log")


def check_logs(asked: Sequence[str], *, go_on: bool = False) -> None:
    """Refuse what `open_logs` would refuse, before the work is done.

    Raises
    ------
    BadInputError
        If one is not KIND:WHERE or there is no such kind.
    MissingPartError
        If the package that it takes is not installed.
    BadOutputError
        If the CSV is there already and nothing is gone on with.
    """
    for each in asked:
        logger, where = _read(each)
        logger.check(where, go_on)


@contextmanager
def open_logs(asked: Sequence[str], told: Told, *, go_on: bool = False) -> Iterator[Write]:
    """Open some logs and yield the function to call with each epoch.

    Parameters
    ----------
    asked : sequence of str
        ``csv:FILE``, ``tensorboard:FOLDER``, ``mlflow:FOLDER`` or ``mlflow:URI`` of a tracking server.
    told : Told
        Logged when they are opened; a CSV has no place for it.
    go_on : bool
        A fit that was cut off goes on: a CSV gets the epochs that follow, TensorBoard a further file in the folder,
        MLflow a further run.

    Raises
    ------
    As `check_logs`; BadOutputError if a log cannot be written.
    """
    check_logs(asked, go_on=go_on)
    with ExitStack() as stack:
        writes = []
        for each in asked:
            logger, where = _read(each)
            writes.append(stack.enter_context(logger.open(where, told, go_on)))

        def write(fit: str, row: Row) -> None:
            for one in writes:
                one(fit, row)

        yield write


def _read(asked: str) -> tuple[Logger, str]:
    kind, colon, where = asked.partition(":")
    if not (colon and where):
        raise BadInputError(f"a log is KIND:WHERE, such as csv:epochs.csv, got {asked!r}; kinds: {', '.join(loggers)}")
    return loggers[kind], where


def _check_csv(where: str, go_on: bool) -> None:
    if Path(where).exists() and not go_on:
        raise BadOutputError(f"the log {where} is there already: choose another name or remove it")


@contextmanager
def _csv(where: str, told: Told, go_on: bool) -> Iterator[Write]:
    path = Path(where)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", newline="", encoding="utf-8") as file:
            rows = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
            if not path.stat().st_size:
                rows.writeheader()

            def write(fit: str, row: Row) -> None:
                rows.writerow({"fit": fit, **row, "epoch": int(row["epoch"])})
                file.flush()

            yield write
    except OSError as error:
        raise BadOutputError(f"cannot write the log {path}: {error.strerror or error}") from None


def _tensorboard() -> Any:
    try:
        return import_module("torch.utils.tensorboard")
    except ImportError as error:
        raise MissingPartError("--log tensorboard needs TensorBoard: pip install 'micromask[tensorboard]'") from error


@contextmanager
def _to_tensorboard(where: str, told: Told, go_on: bool) -> Iterator[Write]:
    try:
        writer = _tensorboard().SummaryWriter(log_dir=where)
    except OSError as error:
        raise BadOutputError(f"cannot write the log {where}: {error.strerror or error}") from None
    try:
        writer.add_text("settings", "\n".join(f"    {name}: {value}" for name, value in told.settings.items()))
        for name, value in told.figures.items():
            writer.add_scalar(f"estimate/{name}", value, 0)

        def write(fit: str, row: Row) -> None:
            for name, value in row.items():
                if name != "epoch":
                    writer.add_scalar(f"{fit}/{name}", value, int(row["epoch"]))
            writer.flush()

        yield write
    finally:
        writer.close()


def _mlflow(where: str) -> Any:
    try:
        if not _is_address(where):
            import_module("sqlalchemy")  # a folder's runs are in SQLite, which mlflow-skinny leaves out
        return import_module("mlflow")
    except ImportError as error:
        raise MissingPartError("--log mlflow needs MLflow: pip install 'micromask[mlflow]'") from error


@contextmanager
def _to_mlflow(where: str, told: Told, go_on: bool) -> Iterator[Write]:
    mlflow = _mlflow(where)
    try:
        mlflow.set_tracking_uri(_uri(where))
        mlflow.set_experiment(EXPERIMENT)
        with mlflow.start_run(run_name=str(told.settings.get("model", EXPERIMENT))):
            mlflow.log_params({name: str(value)[:LONGEST] for name, value in told.settings.items()})
            mlflow.log_metrics({f"estimate/{name}": value for name, value in told.figures.items()}, step=0)

            def write(fit: str, row: Row) -> None:
                measured = {f"{fit}/{name}": value for name, value in row.items() if name != "epoch"}
                mlflow.log_metrics(measured, step=int(row["epoch"]))

            yield write
    except mlflow.exceptions.MlflowException as error:
        raise BadOutputError(f"cannot write the log mlflow:{where}: {str(error).splitlines()[0]}") from error


def _is_address(where: str) -> bool:
    return "://" in where or where.startswith("databricks")


def _uri(where: str) -> str:
    """A folder as the address of the SQLite file in it, which MLflow keeps its runs in; an address as it is."""
    if _is_address(where):
        return where
    folder = Path(where).resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadOutputError(f"cannot write the log {where}: {error.strerror or error}") from None
    return f"sqlite:///{(folder / 'mlflow.db').as_posix()}"


loggers.add("csv")(Logger(_check_csv, _csv))
loggers.add("tensorboard")(Logger(lambda where, go_on: _tensorboard() and None, _to_tensorboard))
loggers.add("mlflow")(Logger(lambda where, go_on: _mlflow(where) and None, _to_mlflow))
