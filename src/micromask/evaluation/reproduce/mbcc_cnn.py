"""MBCC-CNN on four corpora of micro-expressions: emotion, and who it is."""

from __future__ import annotations

from micromask.datasets.preparation import Preparation
from micromask.datasets.synthetic import CorpusPlan
from micromask.evaluation.reproduce.paper import Contender, Paper, Quick, QuickFit, enter, whole

enter(
    Paper(
        name="mbcc-cnn",
        title="Enhanced Micro-Expression Recognition Using MBCC-CNN Architecture",
        authors="Sharma, Singh, Nigam",
        published="Journal of Information Systems Engineering and Management 10(61s), 2025",
        link="https://www.jisem-journal.com/index.php/journal/article/view/13337",
        claim="Accuracies of 99.89 % on SAMM, 98.73 % on CASME, 100.00 % on CASME II and 99.58 % on CAS(ME)².",
        doubt=(
            "Single frames were split, so that frames of one clip are on both sides; and the ROC legends and confusion "
            "matrices of CASME and CASME II have 19 and 26 classes called sub01, sub02, …: what was told apart there "
            "is who a person is. So three things are run: emotion with frames at random, emotion with subjects apart, "
            "and identity with frames at random."
        ),
        contenders=(
            Contender("mbcc-cnn", "MBCC-CNN, dual-branch", "mbcc-cnn", quick=QuickFit(24, 25, 16)),
            Contender("mbcc-cnn-modular", "MBCC-CNN, modular", "mbcc-cnn"),
            Contender("svm-linear", "linear SVM on pixels", baseline=True, quick=QuickFit(64, 1, 16)),
        ),
        share=0.8,
        share_from="80/20: the paper gives no share",
        preparation=Preparation(detector="haar", pick="all"),
        subsets=whole,
        settled=(
            "The text describes two networks; both are run: the dual-branch one that it says is trained, and the "
            "modular one that its figures draw.",
            "The share of the split is not given: 80/20, every frame from onset to offset. The matrix of SAMM counts "
            "1,811 test frames, about a fifth of what its clips hold.",
            "Three face detectors are named: the Haar cascade is taken, with alignment by landmarks, grey, 64 x 64 px.",
            "No epoch is said to be chosen: the last of 20 counts.",
            "Classes are each corpus's own. The paper's matrix of CAS(ME)² has three of them.",
        ),
        quick=Quick(
            CorpusPlan(
                subjects=6,
                clips_per_subject=4,
                fps=60,
                seconds=0.6,
                size=64,
                strength=0.03,
                head_motion=0.05,
                light=0.2,
                seed=3,
                emotions=("happiness", "surprise", "disgust", "anger"),
            ),
            frames=12,
            folds=3,
            left_out=(
                "The modular network, which costs forty times as much as the dual-branch one.",
                "The four corpora, unless they are given: a synthetic one of a few people takes their place.",
                "Full pictures: they are 24 px wide instead of 64, with 12 frames a clip and batches of 16.",
                "Folds: 3 groups of people instead of 5.",
            ),
        ),
        data=("samm", "casme", "casme2", "cas-me-2"),
    )
)
