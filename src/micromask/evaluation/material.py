"""From clips to what a model reads: every sample's pixels, of the model's own kind and size, in one array."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from micromask.core.clips import Clip, Finding
from micromask.core.errors import BadInputError
from micromask.core.results import Sample
from micromask.core.types import Image
from micromask.datasets.build import TITLES
from micromask.datasets.cache import Cache
from micromask.datasets.labels import label_sets
from micromask.datasets.prepare import MAP_SIZE, clip_faces, clip_motion_map, clip_pictures
from micromask.evaluation.samples import frame_samples, left_out, samples_of
from micromask.faces.cover import Region, check_region
from micromask.imaging.sample import interpolate_frames
from micromask.imaging.tone import equalise, resize, to_grey
from micromask.models.inputs import Input

Crop = Literal["face", "whole"]
Tone = Literal["plain", "clahe"]
Pictures = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Preparation:
    """How pixels are made of clips.

    ``crop`` face: the face is found, turned upright and cut out; whole: the picture as it is, for data sets of faces
    already cut out. ``tone`` clahe: contrast-limited equalisation of grey pictures (paper C). ``pick``, ``frames`` and
    ``rate`` say which frames of a clip a frame model gets; see ``evaluation.samples.frame_samples``. ``detector`` and
    ``flow`` are names of their registries. ``region`` upper-face: all but eyes and brows is blank, and motion maps are
    at rest there; no-mouth: mouth and chin are.
    """

    crop: Crop = "face"
    tone: Tone = "plain"
    pick: str = "evenly"
    frames: int = 8
    rate: float = 10.0
    detector: str = "mtcnn"
    flow: str = "tvl1"
    region: Region = "whole"

    def __post_init__(self) -> None:
        check_region(self.region)
        if self.crop not in get_args(Crop) or self.tone not in get_args(Tone):
            raise BadInputError(f"crop is face or whole and tone plain or clahe, got {self.crop!r} and {self.tone!r}")


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
            made = _pictures(known[name], own, given, how, cache)
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


def _pictures(clip: Clip, own: Sequence[Sample], given: Input, how: Preparation, cache: Cache | None) -> Pictures:
    """(n, H, W) or (n, H, W, C), or (1, T, H, W[, C]) for a sequence."""
    if given.reads == "motion":
        made = clip_motion_map(clip, cache, detector=how.detector, method=how.flow, region=how.region)[None]
        if (given.height, given.width) != (MAP_SIZE, MAP_SIZE):
            made = np.stack([resize(each, (given.height, given.width)) for each in made])
        return made
    if clip.motion is not None:
        raise BadInputError(f"{clip.id}: is a motion map and has no frames; take a model that reads motion")
    wanted = [sample.frame for sample in own if sample.frame is not None] or None
    faces = _faces(clip, wanted, given, how, cache)
    if given.reads == "frame":
        return faces
    return np.asarray(interpolate_frames(faces, given.frames), np.uint8)[None]


def _faces(clip: Clip, wanted: Sequence[int] | None, given: Input, how: Preparation, cache: Cache | None) -> Pictures:
    colour = given.channels == 3 and how.tone == "plain"
    looks: dict[str, Any] = {"colour": colour, "detector": how.detector, "region": how.region}
    if how.crop == "face":
        found = clip_faces(clip, cache, frames=wanted, size=max(given.height, given.width), **looks)
    else:
        numbers = wanted or range(clip.annotation.onset, clip.annotation.offset + 1)
        whole = clip_pictures(clip, list(numbers), **looks)
        found = np.stack([resize(image, (given.height, given.width)) for image in whole])
    return np.stack([_toned(image, given, how) for image in found])


def _toned(image: Image, given: Input, how: Preparation) -> Image:
    if image.shape[:2] != (given.height, given.width):
        image = resize(image, (given.height, given.width))
    return equalise(to_grey(image)) if how.tone == "clahe" else image


def _finding(code: str, lines: Sequence[str]) -> Finding:
    severity, title = TITLES[code]
    return Finding(code, title, severity, tuple(lines))  # type: ignore[arg-type]
