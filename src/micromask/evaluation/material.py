"""From clips to what a model reads: every sample's pixels, of the model's own kind and size, in one array."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from micromask.core.clips import Clip, Finding
from micromask.core.errors import BadInputError
from micromask.core.results import Sample
from micromask.datasets.build import TITLES
from micromask.datasets.cache import Cache
from micromask.datasets.labels import label_sets
from micromask.datasets.preparation import Preparation, clip_input
from micromask.evaluation.samples import frame_samples, left_out, samples_of
from micromask.models.inputs import Input

Pictures = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """Samples and their pixels, in one order: pictures (N, ...) uint8 as ``models.inputs.to_input`` takes them.

    ``labels`` are the classes in the order in which a model numbers them.
    """

    samples: tuple[Sample, ...]
    pictures: Pictures
    labels: tuple[str, ...]
    label_set: str
    findings: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        if len(self.samples) != len(self.pictures):
            raise ValueError(f"{len(self.samples)} samples and pictures {self.pictures.shape}")
        if len(self.labels) < 2:
            raise BadInputError(
                f"label set {self.label_set!r} gives these samples only {', '.join(self.labels) or 'no class'}: "
                "two classes or more are needed"
            )

    @property
    def codes(self) -> NDArray[np.int64]:
        """Each sample's class as a number (N,)."""
        order = {label: number for number, label in enumerate(self.labels)}
        return np.array([order[sample.label] for sample in self.samples], np.int64)

    def rows(self, ids: frozenset[str]) -> NDArray[np.int64]:
        """The rows of these samples, ascending."""
        return np.array([row for row, sample in enumerate(self.samples) if sample.id in ids], np.int64)


def gather(
    clips: Sequence[Clip],
    label_set: str,
    given: Input,
    preparation: Preparation | None = None,
    *,
    cache: Cache | None = None,
    progress: Callable[[int], None] | None = None,
) -> Material:
    """The samples of clips and their pixels, as a model with this input reads them.

    Parameters
    ----------
    clips : sequence of Clip
    label_set : str
        A name in ``datasets.label_sets``.
    given : Input
        Of the model.
    preparation : Preparation, optional
    cache : Cache, optional
        Where faces and motion maps are kept once they were computed.
    progress : callable, optional
        Called with the number of clips done.

    Returns
    -------
    Material
        Clips without a class, and clips of which nothing can be read, are left out and named in the findings.

    Raises
    ------
    BadInputError
        If nothing is left, the clips are motion maps and the model reads pictures, or a name is not known.
    """
    how = preparation or Preparation()
    samples = frame_samples(clips, label_set, how.pick, frames=how.frames, rate=how.rate) if given.reads == "frame" \
        else samples_of(clips, label_set)  # fmt: skip
    by_clip: dict[str, list[Sample]] = {}
    for sample in samples:
        by_clip.setdefault(sample.clip, []).append(sample)
    kept: list[Sample] = []
    pictures: list[Pictures] = []
    lost: list[str] = []
    known = {clip.id: clip for clip in clips}
    for done, (name, own) in enumerate(by_clip.items(), start=1):
        try:
            wanted = [sample.frame for sample in own if sample.frame is not None] or None
            made = clip_input(known[name], wanted, given, how, cache)
        except BadInputError as error:
            lost.append(str(error))
        else:
            kept += own
            pictures.append(made)
        if progress is not None:
            progress(done)
    if not kept:
        raise BadInputError(f"none of {len(by_clip)} clips can be read; the first: {lost[0]}")
    present = {sample.label for sample in kept}
    known_order = [label for label in label_sets[label_set].classes if label in present]
    labels = tuple(known_order + sorted(present - set(known_order)))
    outside = [f"{emotion}: {number}" for emotion, number in left_out(clips, label_set).items()]
    findings = [_finding(code, lines) for code, lines in (("DS051", outside), ("DS052", lost)) if lines]
    return Material(tuple(kept), np.concatenate(pictures), labels, label_set, tuple(findings))


def relabelled(material: Material, label: Callable[[Sample], str], name: str) -> Material:
    """The same pixels under other classes, such as who it is instead of what is shown (the identity probe)."""
    from dataclasses import replace

    samples = tuple(replace(sample, label=label(sample)) for sample in material.samples)
    return Material(samples, material.pictures, tuple(sorted({each.label for each in samples})), name)


def stills(material: Material, given: Input) -> Pictures:
    """One picture of each sample, (N, H, W) or (N, H, W, 3): the middle frame of a sequence, else what the model reads.

    Parameters
    ----------
    material : Material
    given : Input
        Of the model that the material was gathered for.
    """
    return material.pictures[:, material.pictures.shape[1] // 2] if given.reads == "frames" else material.pictures


def class_counts(material: Material) -> Mapping[str, int]:
    """Samples of each class, in the order of the labels."""
    counts = Counter(sample.label for sample in material.samples)
    return {label: counts[label] for label in material.labels}


def _finding(code: str, lines: Sequence[str]) -> Finding:
    severity, title = TITLES[code]
    return Finding(code, title, severity, tuple(lines))  # type: ignore[arg-type]
