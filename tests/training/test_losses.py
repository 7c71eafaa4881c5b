import math

import pytest
import torch

from micromask.training.losses import class_weights, loss_of

LABELS = torch.tensor([0, 0, 0, 1])
LOGITS = torch.tensor([[math.log(3.0), 0.0], [0.0, math.log(3.0)]])
TARGETS = torch.tensor([0, 0])


def test_cross_entropy_is_the_mean_negative_log_probability():
    # probabilities of class 0: 3/4 and 1/4
    assert loss_of("cross-entropy", LABELS, 2)(LOGITS, TARGETS).item() == pytest.approx(-math.log(0.75 * 0.25) / 2)


def test_class_weights_make_rare_classes_count_as_much_as_common_ones():
    weights = class_weights(LABELS, 2)
    assert (weights[LABELS[:3]].sum(), weights[1]) == (pytest.approx(2.0), pytest.approx(2.0))
    mixed = torch.tensor([0, 1])
    # (2/3 * -log 3/4 + 2 * -log 3/4) / (2/3 + 2)
    assert loss_of("class-weighted", LABELS, 2)(LOGITS, mixed).item() == pytest.approx(-math.log(0.75))


def test_an_empty_class_is_no_division_by_zero():
    assert torch.isfinite(class_weights(LABELS, 3)).all()


def test_focal_loss_counts_what_is_known_already_for_less():
    # -(1 - p)^2 log p of p = 3/4 and 1/4, both of class 0
    by_hand = (-(0.25**2) * math.log(0.75) - 0.75**2 * math.log(0.25)) / 2
    assert loss_of("focal", LABELS, 2)(LOGITS, TARGETS).item() == pytest.approx(by_hand)
