"""The pages of the data sets, docs/datasets/*.md, made from their cards.

    python scripts/dataset_pages.py

A test holds the pages to the cards. Pages that are written by hand (see BY_HAND) are linked and left alone.
"""

from __future__ import annotations

from pathlib import Path

from micromask.datasets.card import Card, cards
from micromask.datasets.synthetic import layouts

FOLDER = Path(__file__).parents[1] / "docs" / "datasets"
BY_HAND = {"mmed-fst"}

INDEX = """\
# Data sets

Every data set becomes the same clips: `load(NAME, ROOT)` in Python, `micromask datasets check NAME ROOT` on the command
line ([how to](../how-to/data-sets.md)). None is downloaded: corpora are licensed, and each page says how to apply.

| name | what it is | subjects | clips | frames/s | kind |
|---|---|---|---|---|---|
{rows}

Counts are those of the published sheets. The pages are made from the cards in `src/micromask/datasets/cards` by
`scripts/dataset_pages.py`; `micromask datasets info NAME` prints the same card.

## Labels

A clip keeps the coder's own word. Classes are functions of a clip (`label_clips(clips, NAME)`): `own`, `megc-3`,
`five-class`, `objective`, `objective-5`, `basic-7`, `masked-pair`, `masked-or-not`, `shown`, `felt`, `intended`.

## What a check says

`micromask datasets check` ends with 0 where no finding is an error, else with 1. A code never changes its meaning.

| code | severity | what |
|---|---|---|
{codes}
"""

PAGE = """\
# {title}

| | |
|---|---|
{facts}

## How it lies on disk

```text
{tree}
```

**Annotation.** {sheet}

**Releases** are told apart by their structure: {releases}.
{labels}
## What to know

{notes}

<!-- made from src/micromask/datasets/cards/{name}.toml by scripts/dataset_pages.py -->
"""


def pages() -> dict[str, str]:
    """Name and text of every page that is made."""
    from micromask.datasets.build import TITLES

    rows = "\n".join(
        f"| `{each.name}` | [{cell(each.title)}]({each.name}.md) | {cell(each.subjects)} | {cell(each.clips)} "
        f"| {cell(each.fps)} | {cell(each.kind)} |"
        for each in cards()
    )
    codes = "\n".join(f"| {code} | {severity} | {cell(what)} |" for code, (severity, what) in sorted(TITLES.items()))
    made = {"README.md": INDEX.format(rows=rows, codes=codes)}
    return made | {f"{each.name}.md": page(each) for each in cards() if each.name not in BY_HAND}


def page(card: Card) -> str:
    facts = {
        "name": f"`{card.name}`",
        "subjects": card.subjects,
        "clips": card.clips,
        "frames per second": card.fps,
        "kind": card.kind,
        "licence": card.licence,
        "paper": card.paper,
        "DOI": f"[{card.doi}](https://doi.org/{card.doi})" if card.doi.startswith("10.") else card.doi,
        "how to get it": card.access,
    }
    labels = ""
    if card.labels:
        rows = "\n".join(f"| {cell(label)} | {cell(number)} |" for label, number in card.labels.items())
        labels = f"\n| emotion as coded | clips |\n|---|---|\n{rows}\n"
    written = next((layout for layout in layouts.values() if layout.corpus == card.name), None)
    notes = [f"- {plain(note)}" for note in card.notes]
    if written is not None and card.name != "synthetic":
        notes.append(
            f"- Synthetic people in this layout: `micromask datasets synthesize --layout {written.name} --out ROOT`."
        )
    return PAGE.format(
        title=card.title,
        name=card.name,
        facts="\n".join(
            f"| {key} | {value if key in ('name', 'DOI') else cell(value)} |" for key, value in facts.items()
        ),
        tree=card.tree.rstrip(),
        sheet=f"{plain(card.sheet)}.",
        releases=plain("; ".join(card.releases)),
        labels=labels,
        notes="\n".join(notes),
    )


def plain(text: str) -> str:
    """Text that Markdown shows as it stands."""
    return text.replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_").replace("[", "\\[")


def cell(value: object) -> str:
    return plain(str(value)).replace("|", "\\|")


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")
    print(f"{len(pages())} pages in {FOLDER}")


if __name__ == "__main__":
    main()
