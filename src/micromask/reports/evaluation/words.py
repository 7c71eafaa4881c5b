"""What codes, protocols and choices mean, in sentences for a reader who has the page and nothing else."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

CODES: Mapping[str, str] = {
    "LK001": "A person who is tested was also learnt from. Faces are easier to remember than expressions, so the "
    "figure is one of knowing people and says nothing about new ones.",
    "LK002": "A clip or a film is on both sides. What is tested was all but seen in training.",
    "LK003": "Pictures on the two sides are nearly the same picture, such as neighbouring frames of one film. To "
    "remember them is enough.",
    "LK004": "The epoch, or another setting, is the one that did best on the people who are tested. The best of many "
    "tries is better than the model is.",
    "LK005": "Copies were made of samples before they were split, so that a changed copy of a test sample was "
    "learnt from.",
    "LK006": "A step before the model, such as a mean, a choice of features or clusters, was fitted with test data "
    "among them.",
    "LK007": "One person stands under two names, one to learn from and one to be tested.",
    "LK008": "The classes are people, or who it is tells the class: the figure is one of recognising people.",
    "LK009": "The threshold of a spotter is the one that did best on the recordings that are tested.",
    "LK010": "The model had seen a person who is tested before this run began, in the data that it was pre-trained on.",
    "EV001": "A class has no sample in some folds. That is usual where each person is a fold, and harmless as long as "
    "counts are pooled, as they are on this page; a mean of the folds' F1 would depend on what an absent class counts.",
    "EV002": "What is called F1 is the mean of the folds' F1, which is another and a biased figure.",
    "EV003": "Few people are tested. What holds for them may not hold for others, and no number of clips makes "
    "up for it.",
    "EV004": "The apex of some test clips is an estimate and no coder's: those samples may show another moment.",
    "EV005": "One seed only: how far chance in training moves the figure is not known.",
    "EV006": "Naming always the most frequent class might do as well.",
    "EV007": "The claimed gain is smaller than what other people in the test would change.",
    "EV008": "A published figure cannot be right: no counts give it.",
    "DS051": "These clips carry an emotion that the label set has no class for. They are in no figure.",
    "DS052": "Nothing could be read of these clips. They are in no figure.",
}
"""What a code means, one or two sentences; a code that is not here is told by its title."""

PROTOCOLS: Mapping[str, str] = {
    "random-frames": "Frames were drawn at random to learn from and to test on. Nearly every test frame has a twin, "
    "milliseconds away, among those that were learnt from.",
    "random-clips": "Clips were drawn at random to learn from and to test on, so the people who are tested were learnt "
    "from too.",
    "subjects": "Some people were drawn at random and kept for the test; the model learnt from the others. Another "
    "draw may give another figure.",
    "k-fold-subjects": "People were put into groups, and each group was tested by a model that learnt from all others.",
    "loso": "Leave one subject out: everybody was tested once, by a model that learnt from all others and never saw "
    "them.",
    "cde": "Several data sets were joined, and everybody was tested once, by a model that learnt from all others.",
    "hde": "Each data set was tested by a model that learnt from other data sets only: new people, cameras and coders.",
    "cross-dataset": "A model that learnt from one data set was tested on another: new people, cameras and coders.",
    "by-attribute": "A model that learnt from one kind of sample was tested on another kind.",
}
"""What a protocol does, for its figure to be understood; one that is not here is told by its title."""

SELECTIONS: Mapping[str, str] = {
    "inner": "The epoch was chosen on people of the training side, never on those who are tested.",
    "last": "Nothing was chosen: the last epoch counts.",
    "as-published": "The epoch that did best on the tested people themselves was kept, as in some published code. "
    "That is a leak, and the figure is too high.",
}

CLASSICAL = "Nothing was chosen: a classical model has no epochs."


def protocol_words(protocol: Mapping[str, Any]) -> str:
    """What the folds are, and whether the people are apart in them."""
    told = PROTOCOLS.get(protocol["name"], f"{protocol['title'].capitalize()}.")
    if protocol["people_apart"]:
        return told
    return f"{told} People are on both sides of a fold: this is not a figure for new people."


def selection_words(document: Mapping[str, Any]) -> str:
    """By what the epoch was chosen."""
    if document["model"].get("family") == "classical":
        return CLASSICAL
    return SELECTIONS.get(document["selection"], f"Chosen by: {document['selection']}.")


def headline(document: Mapping[str, Any]) -> str:
    """The figure and whom it is of, in one line."""
    figure = f"UF1 {number(document['metrics']['uf1'])}"
    leaks = leak_codes(document)
    if not document["protocol"]["people_apart"]:
        return f"{figure}, with people on both sides: not a figure for new people"
    if "LK004" in leaks:
        return f"{figure}, the epoch chosen on the test data: too high"
    if leaks:
        return f"{figure}, with a leak: not to be believed"
    return f"{figure} on people whom the model never saw"


def leak_codes(document: Mapping[str, Any]) -> list[str]:
    """The codes of the leaks that were found or that the protocol has by construction."""
    found = [each["code"] for each in document["findings"] if each["severity"] == "leak"]
    return sorted({*found, *document["protocol"]["leaks"]})


def number(value: float | None, digits: int = 3) -> str:
    """A figure in a fixed number of digits; a dash where there is none.

    >>> number(0.73288), number(None)
    ('0.733', '–')
    """
    return "–" if value is None or not math.isfinite(value) else f"{value:.{digits}f}"


def short(value: float | None) -> str:
    """A count that may be a mean over seeds: whole where it is whole.

    >>> short(12.0), short(12.333333), short(None)
    ('12', '12.3', '–')
    """
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value - round(value)) < 1e-9 else f"{value:,.1f}"


def percent(value: float | None) -> str:
    """A share in per cent.

    >>> percent(0.694), percent(None)
    ('69 %', '–')
    """
    return "–" if value is None else f"{100 * value:.0f} %"


def interval(pair: Sequence[float | None] | None) -> str:
    """An interval in words.

    >>> interval([0.6392, 0.8205]), interval(None)
    ('0.639 to 0.821', 'not known')
    """
    return "not known" if pair is None else f"{number(pair[0])} to {number(pair[1])}"


def duration(seconds: float) -> str:
    """Time used.

    >>> duration(12.3), duration(1002.6), duration(9000)
    ('12.3 s', '16 min 43 s', '2 h 30 min')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def setting(value: Any) -> str:
    """A setting as a person reads it.

    >>> setting(True), setting([]), setting(["flip", "crop"]), setting(None)
    ('yes', 'none', 'flip, crop', 'none')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(each) for each in value) or "none"
    return "none" if value is None else str(value)
