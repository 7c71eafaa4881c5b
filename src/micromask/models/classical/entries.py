"""The classical baselines in the catalogue."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from micromask.models.catalogue import Build, Layer, ModelEntry, enter
from micromask.models.classical.arrays import Method
from micromask.models.classical.flow_orientation import FlowOrientation
from micromask.models.classical.lbp_top import LbpTop
from micromask.models.classical.machines import LINEAR, RADIAL
from micromask.models.classical.network import ClassicalNetwork, Features
from micromask.models.classical.perceptron import PERCEPTRON
from micromask.models.classical.pixels import Pixels
from micromask.models.classical.trees import TREES
from micromask.models.flow_histogram import HistogramLayout
from micromask.models.inputs import Input

STAGES = (("features", "scale"), ("decision",))

_SCORES = (
    "A class's score is the sum of its pairs' decisions, as in the recogniser that comes with the package. LIBSVM "
    "counts won pairs instead, and can name another class where these are close."
)
_TABLE_3 = (
    "HybridMicroNet's paper (Table 3) names this method and gives its accuracy only: features and settings are ours.",
    "The features are grey pixels: a frame of 64 x 64 pooled by area to 32 x 32 and rounded to a sixteenth of a grey "
    "level, each pixel less its mean over the training frames and divided by its spread. Frames of other sizes are "
    "pooled to 32 x 32, too.",
)


def _classical(name: str, features: Callable[[Input], Features], method: Method, *, standardise: bool = False) -> Build:
    def build(given: Input, n_classes: int, pretrained: bool) -> nn.Module:
        return ClassicalNetwork(name, features(given), method, n_classes, standardise=standardise)

    return build


def _on_frames(name: str, title: str, method: Method, paper: str, doi: str, means: str, *settled: str) -> ModelEntry:
    return enter(
        ModelEntry(
            name=name,
            title=title,
            family="classical",
            input=Input("frame", 1, 64, 64),
            build=_classical(name, lambda given: Pixels(given.height, given.width), method, standardise=True),
            stages=STAGES,
            paper=paper,
            doi=doi,
            resizable=True,
            layers=(Layer("pixels", "features"), Layer("mean and spread", "scale"), Layer(means, "decision")),
            open_points=(*_TABLE_3, *settled),
        )
    )


_on_frames(
    "ann",
    "Multi-layer perceptron on pixels",
    PERCEPTRON,
    "Rumelhart, Hinton, Williams 1986, Learning representations by back-propagating errors",
    "10.1038/323533a0",
    "hidden layer of 100 with relu, linear layer",
    "One hidden layer of 100 units with relu; Adam at 0.001, batches of 200, weight decay 0.0001, at most 200 passes; "
    "classes are not weighted.",
)
_on_frames(
    "decision-tree",
    "Decision tree on pixels",
    TREES,
    "Breiman, Friedman, Olshen, Stone 1984, Classification and Regression Trees",
    "10.1201/9781315139470",
    "one tree",
    "Gini impurity, classes weighted to balance them, grown until every leaf is pure; no pruning. Its leaves are "
    "certain, so its probabilities are 0 (a millionth) or 1.",
)
_on_frames(
    "random-forest",
    "Random forest on pixels",
    TREES,
    "Breiman 2001, Random forests",
    "10.1023/A:1010933404324",
    "100 trees",
    "Not in the table; the field's usual companion of the tree. 100 trees on bootstrap samples, 32 of the 1,024 "
    "features tried at each node, classes weighted to balance them; probabilities are the mean of the trees'.",
)
_on_frames(
    "svm-linear",
    "Linear support vector machine on pixels",
    LINEAR,
    "Cortes, Vapnik 1995, Support-vector networks",
    "10.1007/BF00994018",
    "a plane a pair of classes",
    "The table says SVM without a kernel: this one is linear, svm-rbf has the radial one. C = 1, weighted by class to "
    "balance them; one against one.",
    _SCORES,
)
_on_frames(
    "svm-rbf",
    "Radial support vector machine on pixels",
    RADIAL,
    "Cortes, Vapnik 1995, Support-vector networks",
    "10.1007/BF00994018",
    "a machine a pair of classes",
    "The table says SVM without a kernel: this one is radial, svm-linear is linear. C = 1, weighted by class to "
    "balance them; gamma is one over the number of features times their variance; one against one.",
    _SCORES,
)

enter(
    ModelEntry(
        name="lbp-top-svm",
        title="LBP-TOP histograms and a linear support vector machine",
        family="classical",
        input=Input("frames", 1, 64, 64, frames=16),
        build=_classical("lbp-top-svm", lambda given: LbpTop(given.frames, given.height, given.width), LINEAR),
        stages=STAGES,
        paper="Zhao, Pietikäinen 2007, Dynamic texture recognition using local binary patterns with an application to "
        "facial expressions",
        doi="10.1109/TPAMI.2007.1110",
        resizable=True,
        layers=(
            Layer("histograms of codes in XY, XT and YT, block by block", "features"),
            Layer("linear SVM, a plane a pair of classes", "decision"),
        ),
        open_points=(
            "Block grid and radii are those of the baseline of CASME II (Yan et al. 2014, "
            "doi:10.1371/journal.pone.0086041): 5 x 5 blocks over all frames, radii 1, 1 and 4.",
            "4 neighbours in each plane, so that none has to be interpolated, and all 16 codes: only two of them are "
            "not uniform.",
            "Sequences are 16 frames of 64 x 64; the paper's own come in many sizes. With radius 4 in time, 8 frames "
            "have codes.",
            "Codes are taken over the whole face and then shared out to blocks, so that blocks have no borders of "
            "their own; each block's histogram adds to 1.",
            "C = 10,000, weighted by class: the histograms' numbers are small, and this is large enough to part a few "
            "hundred clips without error. One against one.",
            _SCORES,
        ),
    )
)


def _on_flow(name: str, title: str, layout: HistogramLayout, counted: str, *settled: str) -> ModelEntry:
    return enter(
        ModelEntry(
            name=name,
            title=title,
            family="classical",
            input=Input("motion", 3, 28, 28),
            build=_classical(name, lambda given: FlowOrientation(layout), RADIAL),
            stages=STAGES,
            paper="Dalal, Triggs, Schmid 2006, Human detection using oriented histograms of flow and appearance",
            doi="10.1007/11744047_33",
            layers=(
                Layer(f"orientation histograms of (u, v) and (v, strain), {counted}", "features"),
                Layer("radial SVM, a machine a pair of classes", "decision"),
            ),
            open_points=(
                *settled,
                "C = 3, weighted by class to balance them, gamma one over the number of features times their variance, "
                "and a mirrored copy of every map, as the recogniser was fitted; one against one.",
                _SCORES,
            ),
        )
    )


_on_flow(
    "flow-histogram-svm",
    "Orientation histograms of the flow and a radial support vector machine",
    HistogramLayout(),
    "each pixel in one bin of one cell",
    "The idea of the histograms is the paper's; cells (7 x 7), orientations (8), the pair (v, strain), the square root "
    "and the length of 1 are ours, as in the recogniser that comes with the package.",
)
_on_flow(
    "flow-histogram-svm-soft",
    "Orientation histograms of the flow, softly binned, and a radial support vector machine",
    HistogramLayout(soft=True),
    "each pixel shared between bins and cells",
    "The idea of the histograms is the paper's; cells (7 x 7), orientations (8), the pair (v, strain), the square root "
    "and the length of 1 are ours, as in flow-histogram-svm.",
    "A pixel is shared linearly between its two nearest orientations and its four nearest cells, so that a small shift "
    "of the face changes the vector little; in flow-histogram-svm it counts in one bin of one cell.",
    "Soft bins were chosen among candidates on the maps of CASME II and SMIC in MEGC 2019, by leaving one subject out: "
    "a figure of this model on those maps is flattered by that choice. The recogniser's card has all candidates; the "
    "difference of soft from hard bins there cannot be told from none, which is why hard bins ship.",
)
