"""MMED-FST: micro- and masked expressions by stimulus and gender, six networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from micromask.core.clips import Clip
from micromask.datasets.preparation import Preparation
from micromask.datasets.synthetic import CorpusPlan
from micromask.evaluation.reproduce.paper import Contender, Paper, Quick, QuickFit, Subset, enter

STIMULI = ("questionnaire", "images")
GENDERS = {"female": "women", "male": "men"}


def cells(name: str, clips: Sequence[Clip]) -> tuple[Subset, ...]:
    """The cells of Tables 4 to 7: stimulus, then micro of everybody, of women, of men, and masked.

    Where no clip names its stimulus the same four are also made of all clips together. Classes are the paper's five
    where the data set is its own, else those of the data set.
    """
    micro = "five-class" if name == "mmed-fst" else "own"
    known = {attribute for clip in clips for attribute in clip.attributes}
    ways: list[tuple[str, tuple[tuple[str, str], ...]]] = [(each, (("stimulus", each),)) for each in STIMULI]
    if "stimulus" not in known:
        ways.append(("any stimulus", ()))
    found = []
    for stimulus, where in ways:
        found.append(Subset(f"{stimulus}, micro", name, micro, where, masked=False))
        for gender, words in GENDERS.items():
            narrower = (*where, ("gender", gender))
            found.append(Subset(f"{stimulus}, micro, {words}", name, micro, narrower, masked=False))
        found.append(Subset(f"{stimulus}, masked", name, "masked-pair", where, masked=True))
    return tuple(found)


def cast_parts(clips: Sequence[Clip]) -> tuple[Clip, ...]:
    """Synthetic clips with a gender and a stimulus that mean nothing: people in turn, first and second half of each.

    So whatever is read better here than there is chance, and an interval has to say so.
    """
    people = {name: place for place, name in enumerate(sorted({clip.subject.name for clip in clips}))}
    own: dict[str, list[str]] = {}
    for clip in clips:
        own.setdefault(clip.subject.name, []).append(clip.id)
    parts = []
    for clip in clips:
        ids = own[clip.subject.name]
        told = {
            "gender": tuple(GENDERS)[people[clip.subject.name] % 2],
            "stimulus": STIMULI[2 * ids.index(clip.id) // len(ids)],
        }
        parts.append(replace(clip, attributes={**clip.attributes, **told}))
    return tuple(parts)


enter(
    Paper(
        name="mmed-fst",
        title="Micro-expression and Masked Expression Classification Using Neural Networks",
        authors="Suresh, Ramachandran Sugumaran, Palaniswamy, Arthanarisamy Ramaswamy",
        published="Journal of Computational and Cognitive Engineering, 2025",
        link="https://doi.org/10.47852/bonviewJCCE52026148",
        claim=(
            "Micro-expressions: 80 % (questionnaire) and 77 % (images) with ResNet-50, up to 86 % for women and 81 % "
            "for men; masked expressions: 82 % and 73 % with VGG-16. Questions are said to work better than images, "
            "and women to be more expressive than men."
        ),
        doubt=(
            "Frames 0.5 s apart of one person are on both sides of an 80/20 split at random. The comparisons of women "
            "with men and of questions with images have no intervals, though there are 11 women and 10 men."
        ),
        contenders=(
            Contender("mmed-cnn", "CNN", "mmed-fst", quick=QuickFit(48, 20, 16)),
            Contender("resnet50", "ResNet-50", "mmed-fst-transfer", channels=1),
            Contender("vgg19", "VGG-19", "mmed-fst-transfer", channels=1),
            Contender("vgg16", "VGG-16", "mmed-fst-transfer", channels=1),
            Contender("inception-v3", "Inception V3", "mmed-fst-transfer", channels=1),
            Contender(
                "efficientnet-b0",
                "EfficientNet-B0",
                "mmed-fst-transfer",
                channels=1,
                quick=QuickFit(32, 6, 16, first_only=True),
            ),
            Contender("svm-linear", "linear SVM on pixels", baseline=True, quick=QuickFit(64, 1, 16)),
        ),
        share=0.8,
        share_from="80/20, section 4 of the paper",
        preparation=Preparation(crop="whole", frames=8),
        subsets=cells,
        settled=(
            "Input size, epochs and rate are not given: 128 px (Inception V3: 299), 30 epochs, 0.001 for the CNN and "
            "0.0001 for the pre-trained networks.",
            "The last layer is said to have relu in Table 2 and softmax in the text: logits and softmax.",
            "Parameters were chosen by trial, and those with the highest accuracy reported; by which data is not said. "
            "Nothing is chosen here: the last epoch counts.",
            "Preprocessing is grey and a fixed size; no face is said to be cut out, so the picture is taken whole "
            "(--crop face cuts it out).",
            "Inception V3 stays at 20 to 33 % on micro-expressions in the paper. It is run at 299 px with its batch "
            "norms in the right mode; a figure near chance would be a finding, not a fault of the run.",
        ),
        quick=Quick(
            CorpusPlan(
                subjects=8,
                clips_per_subject=10,
                fps=20,
                seconds=0.6,
                size=64,
                strength=0.03,
                head_motion=0.05,
                light=0.2,
                seed=2,
                emotions=("happiness", "anger", "sadness", "happy_but_angry", "happy_but_sad"),
            ),
            frames=6,
            folds=2,
            left_out=(
                "VGG-16, VGG-19, ResNet-50 and Inception V3; EfficientNet-B0 is fitted at 32 px on the first cell "
                "only, for 6 epochs and without ImageNet weights.",
                "The study's data, unless it is given: synthetic people take its place. Their gender and stimulus are "
                "assigned in turn and mean nothing, so that every difference between them is chance.",
                "Full pictures: the CNN reads 48 px instead of 128, for 20 epochs.",
                "Folds: 2 groups of people instead of 5.",
            ),
        ),
        data=("mmed-fst",),
        comparisons=("stimulus", "gender"),
        prepare=cast_parts,
    )
)
