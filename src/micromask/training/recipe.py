"""How a network is fitted, as one value; and the recipes of the papers by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from micromask.core.registry import Registry

Optimiser = Literal["adam", "adamw", "sgd"]
Loss = Literal["cross-entropy", "class-weighted", "focal"]
Schedule = Literal["constant", "cosine", "step"]
Trained = Literal["all", "last-block", "head"]
Precision = Literal["full", "mixed"]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a network is fitted.

    ``loss`` class-weighted is cross-entropy with each class weighted by the inverse of its share; focal (Lin et al.
    2017, doi:10.1109/ICCV.2017.324) has gamma 2 and those weights. ``balanced`` draws each epoch's samples so that
    classes come equally often. ``schedule`` cosine falls to 0 over the epochs, step falls to a tenth after each third.
    ``augment`` are names in ``training.augment.augmentations``, applied to each batch of the training side only, in
    that order; ``mirrored`` adds a mirrored copy of each training sample. ``trained`` says which stages learn;
    ``unfreeze_every`` then frees one more stage each so many epochs (0: never). ``patience`` stops once the validation
    loss has not fallen for so many epochs (0: never; without a validation side it does nothing). ``precision`` mixed
    computes in 16 bits where the device is a GPU that can.
    """

    epochs: int = 30
    batch: int = 64
    optimiser: Optimiser = "adam"
    learning_rate: float = 1e-3
    momentum: float = 0.0
    weight_decay: float = 0.0
    loss: Loss = "class-weighted"
    balanced: bool = False
    schedule: Schedule = "constant"
    augment: tuple[str, ...] = ()
    mirrored: bool = False
    trained: Trained = "all"
    unfreeze_every: int = 0
    patience: int = 0
    precision: Precision = "full"

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.batch < 2 or not self.learning_rate > 0:
            got = f"epochs {self.epochs}, batch {self.batch}, learning_rate {self.learning_rate:g}"
            raise ValueError(f"epochs >= 1, batch >= 2, learning_rate > 0 wanted, got {got}")
        if self.momentum < 0 or self.weight_decay < 0 or self.unfreeze_every < 0 or self.patience < 0:
            names = ("momentum", "weight_decay", "unfreeze_every", "patience")
            got = ", ".join(f"{name} {getattr(self, name)}" for name in names)
            raise ValueError(f"momentum, weight_decay, unfreeze_every and patience are 0 or more, got {got}")
        for name, known in _CHOICES.items():
            if getattr(self, name) not in known:
                raise ValueError(f"{name} is one of {', '.join(known)}, got {getattr(self, name)!r}")


_CHOICES: dict[str, tuple[str, ...]] = {
    "optimiser": get_args(Optimiser),
    "loss": get_args(Loss),
    "schedule": get_args(Schedule),
    "trained": get_args(Trained),
    "precision": get_args(Precision),
}

recipes: Registry[Recipe] = Registry("recipe")
"""Recipes by name. Which one a model is fitted by where nobody names one is what `recipe_of` says."""

PAPER_C_AUGMENT = ("flip", "rotation", "rescale")
"""HybridMicroNet: flip, rotation and rescale; there before the split, here always after it."""

PAPER_D_AUGMENT = ("crop", "flip", "blur", "rotation")
"""Seven-emotion CNNs: random crop, horizontal flip, Gaussian blur, rotation."""

for _name, _recipe in {
    # the project's own for motion maps: what the recogniser's candidates were fitted with
    "motion": Recipe(epochs=30, batch=64, learning_rate=2e-3, weight_decay=1e-3, augment=("shift",), mirrored=True),
    # the project's own for sequences of frames
    "sequence": Recipe(epochs=30, batch=16, learning_rate=1e-3, augment=("flip",)),
    # Liong et al. 2019, doi:10.1109/FG.2019.8756567, and the authors' code: nothing chosen, the last epoch counts
    "ststnet": Recipe(epochs=800, batch=256, learning_rate=5e-5, loss="cross-entropy"),
    # paper A: Adam and cross-entropy; epochs and rates are not given
    "mmed-fst": Recipe(epochs=30, batch=32, learning_rate=1e-3, loss="cross-entropy"),
    "mmed-fst-transfer": Recipe(epochs=30, batch=32, learning_rate=1e-4, loss="cross-entropy"),
    # paper B: Adam 1e-3, 20 epochs; the batch is not given
    "mbcc-cnn": Recipe(epochs=20, batch=32, learning_rate=1e-3, loss="cross-entropy"),
    # paper C: SGD with momentum 0.5, batch 65; rate and epochs are not given
    "hybridmicronet": Recipe(
        epochs=30,
        batch=65,
        optimiser="sgd",
        learning_rate=1e-2,
        momentum=0.5,
        loss="cross-entropy",
        augment=PAPER_C_AUGMENT,
    ),
    # paper D: cross-entropy; the optimiser's rate and the batch are not given
    "cnn-detection": Recipe(epochs=30, batch=64, learning_rate=1e-4, loss="cross-entropy", augment=PAPER_D_AUGMENT),
}.items():
    recipes.add(_name)(_recipe)


OF_MODEL = {
    **dict.fromkeys(("vgg16", "vgg19", "resnet50", "inception-v3", "efficientnet-b0"), "mmed-fst-transfer"),
    "mmed-cnn": "mmed-fst",
    **dict.fromkeys(("mbcc-cnn", "mbcc-cnn-modular"), "mbcc-cnn"),
    "hybridmicronet": "hybridmicronet",
    **dict.fromkeys(("mer-resnet18", "mer-cnn1", "mer-cnn2"), "cnn-detection"),
}
"""The recipe that a model is fitted by where nobody names one; see `recipe_of`."""


def recipe_of(model: str, reads: str) -> tuple[str, Recipe]:
    """The recipe of a model where nobody names one, and its name: its own paper's, else that of what it reads.

    >>> recipe_of("mbcc-cnn", "frame")[0], recipe_of("ststnet", "motion")[0], recipe_of("timm:resnet18", "frame")[0]
    ('mbcc-cnn', 'motion', 'mmed-fst-transfer')
    """
    name = OF_MODEL.get(model) or {"motion": "motion", "frames": "sequence"}.get(reads, "mmed-fst-transfer")
    return name, recipes[name]
