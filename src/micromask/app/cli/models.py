"""`micromask models`: which models are known, what each is, and one written as ONNX."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from micromask.app.cli.talk import add_row, new_table, out, plain, say, short, show_table
from micromask.core.errors import BadInputError

if TYPE_CHECKING:
    from micromask.models import Model

CLASSES = 5
"""Classes of a model where nobody says how many."""

BY_DATA = "by the data"
"""What a classical model has learnt and what it costs, before it is fitted."""

ONLY = {1: "grey only", 3: "three channels only"}
"""Channels of a model that takes no others."""

models_app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
)


@models_app.callback(invoke_without_command=True)
def _options(context: typer.Context) -> None:
    """Networks and classifiers: which are known, what each is, and one written as ONNX."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@models_app.command("list", short_help="Name the models that are known.")
def list_command(
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Name the models that are known, with what they read; parameters are those with 5 classes."""
    from micromask.models import models, parameter_count
    from micromask.models.cost import blueprint

    counted = [(entry, parameter_count(blueprint(name, CLASSES))) for name, entry in models.items()]
    if as_json:
        keys = ("name", "title", "family", "paper", "doi", "resizable", "any_channels", "imagenet")
        rows: list[dict[str, Any]] = [
            {key: getattr(entry, key) for key in keys}
            | {"input": asdict(entry.input), "classes": CLASSES, "parameters": parameters or None}
            for entry, parameters in counted
        ]
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    table = new_table("name", "family", "reads")
    for column in ("input", "parameters"):
        table.add_column(column, justify="right")
    table.add_column("source")
    for entry, parameters in counted:
        cells = (entry.family, entry.input.reads, _sizes(entry.input.shape), _learnt(parameters), short(entry.paper))
        add_row(table, entry.name, *cells)
    show_table(table)


@models_app.command("info", short_help="Say what a model is, layer by layer.")
def info_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name that 'list' prints, or timm:NAME.")],
    classes: Annotated[int, typer.Option("--classes", metavar="N", help="Classes that it tells apart.")] = CLASSES,
) -> None:
    """Say what a model is: its source, what it reads, its layers beside those of its paper, what it costs."""
    from micromask.models import entry_of, multiply_adds, parameter_count
    from micromask.models.cost import blueprint, layer_table

    entry, model = entry_of(name), blueprint(name, classes)
    classical = entry.family == "classical"
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for key, value in {
        "name": entry.name,
        "title": entry.title,
        "family": entry.family,
        "paper": entry.paper,
        "doi": entry.doi or "none",
        "reads": str(entry.input),
        "other sizes": "yes" if entry.resizable else "no",
        "grey or colour": "either" if entry.any_channels else ONLY[entry.input.channels],
        "gives": f"{'scores' if classical else 'logits'} (N, {classes})",
        "parameters": _learnt(parameter_count(model)),
        "multiply-adds": BY_DATA if classical else f"{multiply_adds(model):,} a sample",
        "ImageNet weights": "yes" if entry.imagenet else "no",
    }.items():
        add_row(table, key, value)
    show_table(table)
    console = out()
    rows = layer_table(model)
    if rows:
        console.print()
        layers = new_table("paper", "ours")
        for column in ("output shape", "parameters"):
            layers.add_column(column, justify="right")
        for row in rows:
            shapes = "; ".join(_sizes(shape) for shape in row.output)
            parameters = f"{row.parameters:,}" if row.ours and not classical else "-"
            add_row(layers, row.paper, row.ours or "-", shapes or "-", parameters)
        show_table(layers)
    if entry.open_points:
        console.print()
        console.print(Text("what the paper leaves open, and how it was settled:"))
        for point in entry.open_points:
            console.print(Text(f"- {plain(point)}"))


@models_app.command("export", short_help="Write a model as ONNX.")
def export_command(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A name that 'list' prints, or a file of weights.")],
    onnx: Annotated[Path, typer.Option("--onnx", metavar="FILE", help="File to write.")],
    classes: Annotated[
        int | None, typer.Option("--classes", metavar="N", help="Classes; 5, or those of the weights.")
    ] = None,
    weights: Annotated[
        str, typer.Option("--weights", metavar="WHICH", help="imagenet, none, or a file of weights.")
    ] = "none",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that is there.")] = False,
) -> None:
    """Write a model as ONNX, for any batch, after comparing it with PyTorch under onnxruntime."""
    from micromask.models import export_onnx

    wanted, names = _wanted(model, classes, weights)
    difference = export_onnx(wanted, onnx, classes=names, overwrite=overwrite)
    if names is None:
        drawn = "its last layer was" if weights == "imagenet" else "its weights were"
        say(f"note: {drawn} drawn at random; give a file of weights for a model that was fitted")
    console = out()
    for key, value in {
        "onnx": str(onnx),
        "input": f"(batch, {', '.join(map(str, wanted.input.shape))}) float32",
        "logits": f"(batch, {wanted.n_classes})" + (f": {', '.join(names)}" if names else ""),
        "parity": f"{difference:.1e} at most from PyTorch, under onnxruntime",
    }.items():
        console.print(Text(f"{key:<6}  {plain(value)}"))


def _wanted(model: str, classes: int | None, weights: str) -> tuple[Model, list[str] | None]:
    """The model and, where it is from a file of weights, the names of its classes."""
    from micromask.models import create, entry_of, load_model, models

    named = model in models or model.startswith("timm:")
    if not named and (model.endswith(".safetensors") or Path(model).is_file()):
        if weights != "none":
            raise BadInputError(f"{model} is a file of weights already; leave --weights {weights} out")
        loaded, card = load_model(model, n_classes=classes)
        return loaded, card["classes"]
    if weights in ("none", "imagenet") or not Path(weights).exists():
        if named and entry_of(model).family == "classical":
            raise BadInputError(
                f"{model} has nothing to export before it is fitted: micromask train --model {model} --out "
                f"{model}.safetensors, then export that file"
            )
        return create(model, CLASSES if classes is None else classes, weights), None
    loaded, card = load_model(weights, name=model, n_classes=classes)
    return loaded, card["classes"]


def _sizes(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))


def _learnt(parameters: int) -> str:
    return f"{parameters:,}" if parameters else BY_DATA
