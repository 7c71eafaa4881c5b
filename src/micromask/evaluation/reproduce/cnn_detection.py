"""Seven emotions from single images with ResNet-18 and two networks of the paper's own."""

from __future__ import annotations

from micromask.datasets.preparation import Preparation
from micromask.datasets.synthetic import CorpusPlan
from micromask.evaluation.reproduce.paper import Contender, Paper, Quick, QuickFit, enter, whole
from micromask.training.recipe import PAPER_D_AUGMENT

OWN_IMAGES = "its own folder of images"
"""The paper names its source and nothing by which its images could be had again."""

enter(
    Paper(
        name="cnn-detection",
        title="Detection of Facial Micro-Expressions Using CNN",
        authors="Sánchez García, López Lin, Romero-Herrera",
        published="Journal of Theoretical and Applied Information Technology 101(23), 2023",
        link="https://www.jatit.org",
        claim="Test accuracies of 80.81 % (ResNet-18), 82.53 % (CNN 1) and 81.83 % (CNN 2) on seven emotions.",
        doubt=(
            "Nobody says who is in the images, so that the same person, and an image and its own cropped, mirrored, "
            "blurred or turned copy, can be on both sides."
        ),
        contenders=(
            Contender("mer-resnet18", "ResNet-18", "cnn-detection", quick=QuickFit(32, 8, 8, learning_rate=5e-4)),
            Contender("mer-cnn1", "CNN 1", "cnn-detection", quick=QuickFit(32, 8, 8, learning_rate=5e-4)),
            Contender("mer-cnn2", "CNN 2", "cnn-detection", quick=QuickFit(32, 8, 8, learning_rate=5e-4)),
            Contender("svm-linear", "linear SVM on pixels", baseline=True, quick=QuickFit(64, 1, 16)),
        ),
        share=0.8,
        share_from="80/20: the paper gives no share",
        preparation=Preparation(crop="whole", frames=1),
        subsets=whole,
        settled=(
            "Share of the split, input sizes, rate, batch and epochs are not given: 80/20, the models' own sizes, and "
            "the recipe cnn-detection.",
            "The changed images are added to the originals before anything is split, as the paper tells it: one copy a "
            "change. Subject-independent, the same changes are drawn anew for each training batch.",
            "The prose of section 3.3 counts fewer layers than the list in 3.6: the list is built.",
            "Training accuracy is that of the last epoch while it learns (dropout and changes on); it is thus a "
            "little below what the same images would give afterwards.",
            "Pictures are taken whole, as the paper's folder of faces is; --crop face finds and cuts out the face.",
        ),
        quick=Quick(
            CorpusPlan(
                subjects=5,
                clips_per_subject=4,
                fps=20,
                seconds=0.6,
                size=64,
                strength=0.06,
                head_motion=0.05,
                light=0.2,
                seed=5,
                emotions=("happiness", "surprise", "disgust", "anger"),
            ),
            frames=2,
            folds=2,
            left_out=(
                "Full pictures: they are 32 px wide instead of 80 and 128, two a clip.",
                "Most of the training: 8 epochs of batches of 8, at a rate of 0.0005 instead of 0.0001. CNN 1 and "
                "CNN 2, which have no batch norm, barely begin to learn in that.",
                "Folds: 2 groups of people instead of 5.",
            ),
        ),
        data=(OWN_IMAGES,),
        augmented=PAPER_D_AUGMENT,
        comparisons=("finish",),
        goal=0.8,
    )
)
