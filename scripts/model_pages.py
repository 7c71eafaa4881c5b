"""The pages of the models, docs/models/*.md, made from the catalogue.

    python scripts/model_pages.py

A test holds the pages to the catalogue.
"""

from __future__ import annotations

import re
from pathlib import Path

from micromask.models import ModelEntry, entry_of, models, multiply_adds, parameter_count
from micromask.models.cost import LayerRow, blueprint, layer_table

FOLDER = Path(__file__).parents[1] / "docs" / "models"
CLASSES = 5
FAMILIES = {
    "frame network": "Networks that read one frame",
    "motion network": "Networks that read a motion map",
    "sequence network": "Networks that read a sequence of frames",
    "classical": "Classical baselines",
}

CHANNELS = {1: "grey only", 3: "three channels only"}

INDEX = """\
# Models

`create(NAME, n_classes)` in Python, `micromask models info NAME` on the command line
([how to](../how-to/models.md)). What a model reads is declared with it: one frame of a face, a sequence of frames, or
the motion map of onset and apex. Any network of timm goes by `timm:NAME`, such as `timm:convnext_tiny`.

{families}

Parameters and multiply-adds are those of {classes} classes at the model's own size. Multiply-adds are counted in
convolutions, linear and recurrent layers, attention and distances, for one sample. A classical model takes both from
its data: they are known once it is fitted.

The pages are made from the catalogue by `scripts/model_pages.py`.
"""

FAMILY = """\
## {title}

| name | what it is | input | parameters | multiply-adds | ImageNet weights |
|---|---|---|---|---|---|
{rows}"""

PAGE = """\
# {title}

| | |
|---|---|
{facts}

## The paper's layers and ours

| paper | ours | output shape | parameters |
|---|---|---|---|
{layers}

{shapes}

## What the paper leaves open, and how it was settled

{points}

## Use

```python
{example}
```

<!-- made from the catalogue by scripts/model_pages.py -->
"""

NETWORK = """\
from micromask.models import create

model = create("{name}", n_classes={classes})
print(model.input)"""

CLASSICAL = """\
import numpy as np

from micromask.models import create, example_inputs
from micromask.training.fit_classical import fit_classical

model = create("{name}", n_classes=3)
inputs, labels = example_inputs(model.input, 6), np.array([0, 1, 2, 0, 1, 2])
fit_classical(model, inputs, labels)
print(model(inputs).argmax(1))"""


def pages() -> dict[str, str]:
    """Name and text of every page."""
    rows: dict[str, list[str]] = {family: [] for family in FAMILIES}
    made = {}
    for name in sorted(models):
        entry, parameters, cost, layers = counted(name)
        imagenet = "yes" if entry.imagenet else "no"
        rows[entry.family].append(
            f"| `{name}` | [{cell(entry.title)}]({name}.md) | {sizes(entry.input.shape)} | {parameters} | {cost} "
            f"| {imagenet} |"
        )
        made[f"{name}.md"] = page(entry, parameters, cost, layers)
    families = [FAMILY.format(title=FAMILIES[family], rows="\n".join(found)) for family, found in rows.items() if found]
    return {"README.md": INDEX.format(families="\n\n".join(families), classes=CLASSES)} | made


def counted(name: str) -> tuple[ModelEntry, str, str, tuple[LayerRow, ...]]:
    """What a page tells in figures; a classical model has none before it is fitted."""
    model = blueprint(name, CLASSES)
    if entry_of(name).family == "classical":
        return entry_of(name), "by the data", "by the data", layer_table(model)
    return entry_of(name), f"{parameter_count(model):,}", f"{multiply_adds(model):,}", layer_table(model)


def page(entry: ModelEntry, parameters: str, cost: str, layers: tuple[LayerRow, ...]) -> str:
    classical = entry.family == "classical"
    figures = (f"{parameters} ({CLASSES} classes)", f"{cost} a sample") if not classical else (parameters, cost)
    facts = {
        "name": f"`{entry.name}`",
        "family": entry.family,
        "paper": cell(entry.paper),
        "DOI": f"[{entry.doi}](https://doi.org/{entry.doi})" if entry.doi else "none",
        "reads": cell(str(entry.input)),
        "gives": "scores (N, classes)" if classical else "logits (N, classes)",
        "other sizes": "yes" if entry.resizable else "no",
        "grey or colour": "either" if entry.any_channels else CHANNELS[entry.input.channels],
        "ImageNet weights": "yes" if entry.imagenet else "no",
        "parameters": figures[0],
        "multiply-adds": figures[1],
    }
    shapes = (
        f"Shapes are of one sample, without the batch, with {CLASSES} classes at the model's own size. Of a module "
        "and a part of it that has its own row, the part counts its parameters, so that the rows add up to the network."
    )
    if classical:
        shapes = "Shapes and parameters are known once it is fitted: they depend on the data."
    return PAGE.format(
        title=plain(entry.title),
        facts="\n".join(f"| {key} | {value} |" for key, value in facts.items()),
        layers="\n".join(layer(row, classical) for row in layers),
        shapes=shapes,
        points="\n".join(f"- {plain(point)}" for point in entry.open_points),
        example=(CLASSICAL if classical else NETWORK).format(name=entry.name, classes=CLASSES),
    )


def layer(row: LayerRow, classical: bool) -> str:
    ours, parameters = (f"`{row.ours}`", f"{row.parameters:,}") if row.ours else ("-", "-")
    shapes = "; ".join(sizes(shape) for shape in row.output) or "-"
    return f"| {cell(row.paper)} | {ours} | {shapes} | {'-' if classical else parameters} |"


def sizes(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))


def plain(text: str) -> str:
    """Text that Markdown shows as it stands; its addresses and DOIs become links."""
    text = text.replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_").replace("[", "\\[")
    text = re.sub(r"https://[^\s,;)]+", lambda found: f"<{found[0].replace(chr(92), '')}>", text)
    return re.sub(
        r"\bdoi:(10\.[^\s,;)]+[^\s,;).])",
        lambda found: f"[doi:{found[1]}](https://doi.org/{found[1].replace(chr(92), '')})",
        text,
    )


def cell(text: str) -> str:
    return plain(text).replace("|", "\\|")


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    made = pages()
    for name, text in made.items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")
    print(f"{len(made)} pages in {FOLDER}")


if __name__ == "__main__":
    main()
