"""From clips and a label set to samples: what a protocol puts on one side or the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from micromask.core.clips import Clip
from micromask.core.errors import BadInputError
from micromask.core.results import Sample
from micromask.datasets.labels import LabelSet, label_clips, label_sets
from micromask.datasets.picks import check_pick, picked_frames


def samples_of(clips: Iterable[Clip], label_set: str) -> tuple[Sample, ...]:
    """A sample a clip, in the clips' order; clips that the label set leaves out are counted by `left_out`.

    A sample's recording is the film itself: clips of one file or folder share it, whatever a loader calls them. Its
    attributes are those of the clip, and ``corpus`` (the data set of the subject), ``kind`` (micro, macro, masked) and,
    where there is an apex, ``apex_from`` (who says so).

    Parameters
    ----------
    clips : iterable of Clip
    label_set : str
        A name in ``datasets.label_sets``.

    Raises
    ------
    BadInputError
        If there is no such label set, it leaves out every clip, or two clips have one name (see `join_clips`).
    """
    return tuple(sample for _, sample in _labelled(list(clips), label_set))


def left_out(clips: Iterable[Clip], label_set: str) -> Mapping[str, int]:
    """How many clips of each raw label a label set leaves out, most first; ``(nothing)`` is a clip without a label.

    Raises
    ------
    BadInputError
        If there is no such label set.
    """
    labels: LabelSet = label_sets[label_set]
    counts = Counter(clip.annotation.emotion or "(nothing)" for clip in clips if labels(clip) is None)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def frame_samples(
    clips: Iterable[Clip], label_set: str, pick: str = "evenly", *, frames: int = 8, rate: float = 10.0
) -> tuple[Sample, ...]:
    """Several frames of each clip as samples called ``CLIP#FRAME``, for models that read single frames.

    Every frame has its clip's label, subject and recording. All are within onset to offset: what a face does outside of
    them was not coded.

    Parameters
    ----------
    clips : iterable of Clip
    label_set : str
        A name in ``datasets.label_sets``.
    pick : str
        ``evenly``: so many frames from onset to offset. ``around-apex``: the apex and equally many frames on both
        sides, ``rate`` of them a second. ``per-second``: from the onset on, ``rate`` of them a second. ``all``.
    frames : int
        At most so many a clip, for ``evenly`` and ``around-apex``; a shorter clip gives each of its frames once.
    rate : float
        Frames a second, for ``around-apex`` and ``per-second``.

    Raises
    ------
    BadInputError
        As `samples_of`; if there is no such way to pick, or a clip has no pictures (a motion map) or no apex.

    Source
    ------
    Around the apex, 10 a second, as many before as after: one of the ways in which published frame models take them.
    """
    check_pick(pick, frames, rate)
    return tuple(
        replace(sample, id=f"{clip.id}#{frame}", frame=frame)
        for clip, sample in _labelled(list(clips), label_set)
        for frame in picked_frames(clip, pick, frames=frames, rate=rate)
    )


def join_clips(corpora: Iterable[Iterable[Clip]]) -> tuple[Clip, ...]:
    """The clips of several data sets as one; a name that stands in two of them gets its subject's data set before it.

    Raises
    ------
    BadInputError
        If two clips of one data set have one name.
    """
    joined = [clip for corpus in corpora for clip in corpus]
    uses = Counter(clip.id for clip in joined)
    named = tuple(
        clip if uses[clip.id] == 1 else replace(clip, id=f"{clip.subject.dataset}/{clip.id}") for clip in joined
    )
    _check_names(named)
    return named


def _labelled(clips: Sequence[Clip], label_set: str) -> Iterator[tuple[Clip, Sample]]:
    _check_names(clips)
    labels = label_clips(clips, label_set)
    films: dict[Path, str] = {}
    for clip in clips:
        film = films.setdefault(clip.recording.path, clip.recording.id)
        if clip.id in labels:
            yield clip, Sample(clip.id, clip.id, clip.subject, film, labels[clip.id], attributes=_attributes(clip))


def _attributes(clip: Clip) -> dict[str, str]:
    told = {**clip.attributes, "corpus": clip.subject.dataset, "kind": clip.annotation.kind}
    if clip.annotation.apex_from is not None:
        told["apex_from"] = clip.annotation.apex_from
    return told


def _check_names(clips: Sequence[Clip]) -> None:
    seen: dict[str, Clip] = {}
    for clip in clips:
        other = seen.setdefault(clip.id, clip)
        if other is not clip:
            raise BadInputError(
                f"two clips are called {clip.id} ({other.subject} and {clip.subject}); "
                "a run needs a name of its own for each (evaluation.samples.join_clips for several data sets)"
            )
