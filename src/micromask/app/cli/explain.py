"""`--explain` of `micromask evaluate`: where the networks looked, in the clips that they were surest about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from micromask.app.cli.talk import progress_bar, say
from micromask.core.errors import BadInputError

if TYPE_CHECKING:
    from micromask.core.clips import Clip
    from micromask.core.results import Results
    from micromask.evaluation.explained import Explained
    from micromask.evaluation.material import Material
    from micromask.evaluation.run import Plan

MOST = 6
"""Clips of each sort that can be asked for: each may want its fold fitted again."""

FREE = ("free for any use", "public domain", "cc0", "cc by", "cc-by")
"""Words of licences that allow pictures in a report that is passed on."""


def may_show(clips: Sequence[Clip], said: bool) -> bool:
    """Whether the samples themselves may stand in a report: somebody says so, or the licence of every film is free."""
    licences = {clip.recording.licence.casefold() for clip in clips}
    return said or all(any(words in licence for words in FREE) for licence in licences)


def explained_of(
    material: Material, plan: Plan, results: Results, document: Mapping[str, Any], number: int
) -> dict[str, Explained]:
    """Grad-CAM of so many of the surest clips, right ones and wrong ones; nothing, with a note why, where the model has
    none to show.
    """
    from micromask.evaluation.explained import explain_clips

    clips = [row["clip"] for sort in ("hardest", "surest") for row in document[sort][:number]]
    try:
        with progress_bar("explaining", _folds(results, clips), unit="fold") as done:
            return explain_clips(material, plan, results, clips, on_fold=done)
    except BadInputError as error:
        say(f"note: --explain: {error}; the report has no such pictures")
        return {}


def _folds(results: Results, clips: Sequence[str]) -> int:
    """How many folds are fitted again: those that test one of the clips first."""
    clip_of = {sample.id: sample.clip for sample in results.samples}
    left, folds = set(clips), 0
    for split in results.splits:
        here = left & {clip_of[each] for each in split.test}
        folds += bool(here)
        left -= here
    return folds
