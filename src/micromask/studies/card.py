"""What an exported data set says of itself: its design, counts, people, agreement and what they agreed to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any, Literal

from micromask import __version__
from micromask.studies.agreement import Agreement, KindAgreement, agreement
from micromask.studies.design import Design
from micromask.studies.selection import Selection, SettledFrame
from micromask.studies.store import now

FORMAT = "micromask study export 1"

Layout = Literal["mmed-fst", "deidentified"]


def card_document(
    study: Path,
    design: Design,
    selection: Selection,
    layout: Layout,
    stimuli: Sequence[str],
    left_out: Mapping[str, int],
) -> dict[str, Any]:
    """The card of an export, as JSON values. No coder and nobody who was left out is named in it.

    Parameters
    ----------
    study : Path
    design : Design
    selection : Selection
        What is exported.
    layout : {"mmed-fst", "deidentified"}
    stimuli : sequence of str
        The stimulus of each frame of the selection.
    left_out : mapping
        Why people or labels were left out -> how many.
    """
    frames = selection.frames
    genders = {name: said_gender(design, told) for name, told in selection.people.items()}
    return {
        "format": FORMAT,
        "layout": layout,
        "title": design.title,
        "made": now(),
        "micromask": __version__,
        "counts": {
            "participants": len(selection.people),
            "films": len({each.recording for each in frames}),
            "frames": len({(each.recording, each.number) for each in frames}),
            "labels": _by_kind(frames),
            "no_expression": dict(Counter(kind for name, kind in selection.no_expression if name in selection.people)),
            "settled_how": dict(sorted(Counter(each.how for each in frames).items())),
        },
        "subsets": _subsets(selection, stimuli, genders),
        "demographics": _demographics(selection, genders),
        "agreement": _agreement(agreement(study)),
        "consent": _consents(selection),
        "left_out": {why: number for why, number in left_out.items() if number},
        "design": _design(design),
    }


def _by_kind(frames: Sequence[SettledFrame]) -> dict[str, dict[str, int]]:
    kinds = sorted({each.kind for each in frames})
    return {kind: dict(sorted(Counter(each.emotion for each in frames if each.kind == kind).items())) for kind in kinds}


def said_gender(design: Design, answers: Mapping[str, str | int]) -> str:
    """A participant's gender as one of the study's choices; what was typed freely is not told."""
    choices = next((field.choices for field in design.fields if field.name == "gender"), ())
    answer = str(answers.get("gender", ""))
    return answer if answer in choices or answer in ("female", "male") else "another" if answer else "not said"


def _subsets(selection: Selection, stimuli: Sequence[str], genders: Mapping[str, str]) -> list[dict[str, Any]]:
    """Labels by stimulus, kind and gender: each combination that there is."""
    found: dict[tuple[str, str, str], list[SettledFrame]] = {}
    for each, stimulus in zip(selection.frames, stimuli, strict=True):
        found.setdefault((stimulus, each.kind, genders[each.participant]), []).append(each)
    return [
        {
            "stimulus": stimulus,
            "kind": kind,
            "gender": gender,
            "participants": len({each.participant for each in frames}),
            "labels": len(frames),
            "emotions": dict(sorted(Counter(each.emotion for each in frames).items())),
        }
        for (stimulus, kind, gender), frames in sorted(found.items())
    ]


def _demographics(selection: Selection, genders: Mapping[str, str]) -> dict[str, Any]:
    known = [age for told in selection.people.values() if isinstance(age := told.get("age"), int)]
    years = {"youngest": min(known), "median": float(median(known)), "oldest": max(known)} if known else {}
    return {"gender": dict(sorted(Counter(genders.values()).items())), "age": {"known": len(known), **years}}


def _agreement(told: Agreement) -> dict[str, Any]:
    """The figures of each kind of label, coders numbered instead of named; of everybody in the study who consents."""
    names = sorted({name for kind in told.kinds for name in kind.labelled})
    called = {name: f"coder {number}" for number, name in enumerate(names, start=1)}
    return {kind.kind: _agreement_of(kind, called) for kind in told.kinds}


def _agreement_of(kind: KindAgreement, called: Mapping[str, str]) -> dict[str, Any]:
    def coders(names: Sequence[str]) -> list[str]:
        return [called[name] for name in names]

    return {
        "labelled": {called[name]: number for name, number in kind.labelled.items()},
        "figures": [
            {"coders": coders(each.coders), "emotion": each.emotion, **asdict(each.chance)} for each in kind.figures
        ],
        "action_units": [{"coders": coders(each.coders), "value": each.value, "why": each.why} for each in kind.units],
        "differ": len(kind.disagreements),
        "why": "agreement needs two coders" if kind.why else "",
    }


def _consents(selection: Selection) -> list[dict[str, Any]]:
    """Each text that somebody in the export agreed to, with how many did and when."""
    found: dict[str, dict[str, Any]] = {}
    for name in selection.people:
        consent = selection.consents[name]
        told = found.setdefault(
            consent.sha256,
            {"sha256": consent.sha256, "participants": 0, "first": consent.day, "last": consent.day}
            | {"text": consent.text},
        )
        told["participants"] += 1
        told["first"], told["last"] = min(told["first"], consent.day), max(told["last"], consent.day)
    return list(found.values())


def _design(design: Design) -> dict[str, Any]:
    """The design without its place on the disk and its consent text, which stands in the versions agreed to."""
    return {name: value for name, value in asdict(design).items() if name not in ("folder", "consent")}
