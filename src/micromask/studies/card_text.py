"""The card of an exported data set as a page to read, in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from micromask.studies.masked_pairs import pair_name

HOW_TO_READ = {
    "mmed-fst": (
        'The layout is that of MMED-FST: `load("mmed-fst", FOLDER)` in Python, or on the command line '
        "`micromask datasets check mmed-fst FOLDER` and `micromask reproduce mmed-fst --data mmed-fst --root FOLDER`. "
        "Frame n is the picture at n / 2 seconds of a person's first film of that part. A second film of them "
        "begins at 10000, or at the next power of ten where there are more frames; the columns `session`, `recording`, "
        "`number` and `time_s` of frames.csv say where each one is from."
    ),
    "deidentified": (
        "No picture of a face is in this folder: only motion maps (u, v and strain of the optical flow, 28 x 28, each "
        "stretched to 0-255), landmarks and tables. Every file was checked for that before it was put in place. "
        '`load("flow-table", FOLDER/"micro")` reads the maps of micro-expressions, `FOLDER/"masked"` those of '
        "masked expressions. landmarks.csv has the 68 points of each labelled frame in px of an upright face of "
        "128 x 128. De-identified is not anonymous: landmarks and motion say something of the shape and the habits of "
        "a face, and whoever has the list of pseudonyms knows who it is."
    ),
}

CARE = (
    "- Frames of one film half a second apart are nearly one picture: keep participants apart when you split.\n"
    "- A label says what coders saw on a face. It does not say what somebody felt, nor whether anybody lied.\n"
    "- The data may be used for what the participants agreed to, and for nothing else. Whoever withdraws later must be "
    "taken out here too: make the export again."
)


def card_text(document: Mapping[str, Any]) -> str:
    """A card (see `card_document`) as Markdown."""
    counts = document["counts"]
    made = f"Made {document['made'][:10]} with micromask {document['micromask']}."
    pieces = [f"# {_plain(document['title'])}", made, HOW_TO_READ[document["layout"]], "## What it holds"]
    pieces.append(
        f"{counts['participants']} participants, {counts['films']} films, {counts['frames']} labelled frames. "
        f"Settled: {_plain(_listed(counts['settled_how']))}. Settled as showing no expression, and not here: "
        f"{_plain(_listed(counts['no_expression']))}."
    )
    for kind, emotions in counts["labels"].items():
        pieces.append(_table((kind, "labels"), [*emotions.items(), ("all", sum(emotions.values()))]))
    pieces += ["## Subsets", _subsets(document["subsets"]), "## Participants", _people(document["demographics"])]
    if document["left_out"]:
        pieces.append(f"Left out: {_plain(_listed(document['left_out']))}.")
    pieces += ["## Agreement of the coders", *_agreement(document["agreement"])]
    pieces += ["## Consent", *_consents(document["consent"]), "## Design", *_design(document["design"])]
    pieces += ["## Care", CARE]
    return "\n\n".join(pieces) + "\n"


def _subsets(subsets: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        (
            each["stimulus"],
            each["kind"],
            each["gender"],
            each["participants"],
            each["labels"],
            _listed(each["emotions"]),
        )
        for each in subsets
    ]
    return _table(("stimulus", "kind", "gender", "participants", "labels", "emotions"), rows)


def _people(told: Mapping[str, Any]) -> str:
    age = told["age"]
    years = f"{age['youngest']} to {age['oldest']} years, median {age['median']:g}" if age["known"] else "not known"
    return f"Gender: {_plain(_listed(told['gender']))}. Age: {years} (known of {age['known']})."


def _agreement(kinds: Mapping[str, Mapping[str, Any]]) -> list[str]:
    if not kinds:
        return ["Nobody's labels are in the study any more, so there are no figures."]
    pieces = ["Of all frames in the study of people who consent, those left out here included."]
    for kind, told in kinds.items():
        if told["why"]:
            pieces.append(f"{kind}: {told['why']}.")
            continue
        rows = [
            (each["measure"], ", ".join(each["coders"]), each["emotion"] or "all", _value(each), each["frames"])
            for each in told["figures"]
        ]
        pieces.append(f"{kind}: coders differ on {told['differ']} frames.")
        pieces.append(_table(("measure", "coders", "emotion", "value", "frames"), rows))
    return pieces


def _value(figure: Mapping[str, Any]) -> str:
    if figure["value"] is None:
        return f"none: {figure['why']}"
    spread = figure["interval"]
    return f"{figure['value']:.2f}" + (f" [{spread[0]:.2f}, {spread[1]:.2f}]" if spread else "")


def _consents(consents: Iterable[Mapping[str, Any]]) -> list[str]:
    pieces = []
    for each in consents:
        days = each["first"] if each["first"] == each["last"] else f"{each['first']} to {each['last']}"
        pieces.append(f"Agreed to by {each['participants']} on {days}, SHA-256 `{each['sha256']}`:")
        pieces.append("\n".join(f"> {_plain(line)}".rstrip() for line in each["text"].splitlines()))
    return pieces


def _design(design: Mapping[str, Any]) -> list[str]:
    pairs = ", ".join(pair_name(*pair).replace("_", " ") for pair in design["masked"])
    pieces = [
        f"Emotions: {', '.join(design['emotions'])}. Kinds: {', '.join(design['kinds'])}."
        + (f" Masked pairs: {pairs}." if pairs else "")
        + f" One frame each {design['frame_seconds']:g} s. Coders "
        + ("did not see" if design["blind_to_stimulus"] else "saw")
        + " what was on the screen."
    ]
    for part in design["parts"]:
        pieces.append(f"Part {part['name']}, {part['order']} order:")
        rows = [
            (item["id"], item["intended_emotion"], f"{item['seconds']:g}", item["text"] or item["image"])
            for item in part["items"]
        ]
        pieces.append(_table(("item", "meant for", "seconds", "shown"), rows))
    return pieces


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counts.items()) or "none"


def _table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(_plain(str(cell)) for cell in line) + " |" for line in lines)


def _plain(text: str) -> str:
    """Words that cannot be taken for a table's edge, mark-up or a tag."""
    for sign in "\\|<>*_`[]":
        text = text.replace(sign, "\\" + sign) if sign in text else text
    return " ".join(text.split())
