"""The agreement of two models in words: what came out, and what it does not say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NOT_ACCURACY = (
    "Agreement is not accuracy: where two models say the same, both can be wrong, and nobody has labelled these "
    "recordings."
)
MOSTLY = 0.9
"""Where one emotion has this share of all that both name, kappa is low however often they agree."""


def headline(document: Mapping[str, Any]) -> str:
    """The agreement in a sentence."""
    one, other = (each["name"] for each in document["models"])
    compared, kappa = document["compared"], document["kappa"]
    if len(document["shared"]) == 1:
        only = document["emotions"][0]
        return f"{one} and {other} share one emotion, {only['emotion']}: {_against(only)}"
    if not compared:
        return f"{one} and {other} never both name an emotion that both know"
    told = f"{one} and {other} name the same emotion in {document['same']} of {_of(compared, 'interval')}"
    if kappa["value"] is None:
        return f"{told}; no kappa: {kappa['why']}"
    return f"{told}; {_figure(kappa)}"


def _against(row: Mapping[str, Any]) -> str:
    """One emotion against everything else, in words."""
    told = f"{row['first']} and {row['second']} times named, {row['both']} times together"
    return f"{told}; {_figure(row['kappa'])} against everything else" if row["kappa"]["value"] is not None else told


def _figure(kappa: Mapping[str, Any]) -> str:
    ends = kappa["interval"]
    return f"kappa {kappa['value']:.2f}" + (f" [{ends[0]:.2f}, {ends[1]:.2f}]" if ends else "")


def cautions_of(document: Mapping[str, Any]) -> list[str]:
    """What one has to know before believing the figures, a sentence each."""
    said = [NOT_ACCURACY]
    models, compared = document["models"], document["compared"]
    common = sorted(set(models[0]["fitted_on"]) & set(models[1]["fitted_on"]))
    if common:
        said.append(f"Both models were fitted on {', '.join(common)}, so they can share mistakes that come from there.")
    for each, side in zip(models, ("first", "second"), strict=True):
        if document["not_shared"][side]:
            number = document["not_shared"][side]
            said.append(
                f"In {_of(number, 'interval')} {each['name']} names an emotion that the other does not know "
                f"({', '.join(each['alone'])}): {'it is' if number == 1 else 'they are'} not compared."
            )
        if document["not_read"][side]:
            said.append(f"{each['name']} could not read {_of(document['not_read'][side], 'interval')}.")
    if compared and len(document["shared"]) > 1:
        largest = max(document["emotions"], key=lambda row: row["first"] + row["second"])
        named = [
            row[side]["emotion"]
            for row in document["intervals"]
            if row["same"] is not None
            for side in ("first", "second")
        ]
        share = named.count(largest["emotion"]) / len(named)
        if share > MOSTLY:
            said.append(
                f"{100 * share:.0f} % of what is named is {largest['emotion']}: raw agreement is high by chance alone, "
                "and kappa is low however often they agree (Feinstein, Cicchetti 1990, "
                "doi:10.1016/0895-4356(90)90158-L)."
            )
    if compared and document["units"] < document["least_units"]:
        said.append(
            f"What is compared is of {_units(document)}; an interval of 95 % needs at least "
            f"{document['least_units']}, so how far the figures hold for others is not known."
        )
    return said


def _units(document: Mapping[str, Any]) -> str:
    one = document["units"] == 1 and "," not in document["unit"]
    return f"{document['units']} {document['unit'].removesuffix('s') if one else document['unit']}"


def _of(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
