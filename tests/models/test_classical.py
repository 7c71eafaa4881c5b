from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
import torch

from micromask.core.errors import BadInputError
from micromask.models import create, example_inputs, export_onnx, load_model, models, save_model
from micromask.models.classical.arrays import STANDARDISE, Fitted
from micromask.models.classical.clusters import CLUSTERED, CLUSTERS
from micromask.models.classical.decision import FLOOR, over_classes
from micromask.models.classical.machines import LINEAR, RADIAL, pairs_of, radial_decisions
from micromask.models.classical.perceptron import LOGISTIC, PERCEPTRON
from micromask.models.classical.trees import TREES
from micromask.models.flow_histogram import SupportVectorMachine, class_scores, pair_decisions
from micromask.models.store import Promise
from micromask.training.fit_classical import fit_classical

NAMES = [name for name in models if models[name].family == "classical"]


def small(name: str, n_classes: int = 3):
    """The model, on pictures of 32 px where its own are large."""
    return create(name, n_classes, size=(32, 32) if models[name].input.height > 64 else None)


def fitted(name: str, n_classes: int = 3, n: int = 12):
    model = small(name, n_classes)
    fit_classical(model, example_inputs(model.input, n).mul(255).round() / 255, np.arange(n) % n_classes)
    return model


def test_every_baseline_of_the_issue_is_there():
    assert NAMES == [
        "ann",
        "decision-tree",
        "flow-histogram-svm",
        "flow-histogram-svm-soft",
        "hybridmicronet-enhanced",
        "lbp-top-svm",
        "random-forest",
        "svm-linear",
        "svm-rbf",
    ]


@pytest.mark.parametrize("name", NAMES)
def test_an_unfitted_baseline_says_what_fits_it(name):
    model = small(name)
    with pytest.raises(BadInputError, match=rf"^{name} is not fitted: training\.fit_classical fits it$"):
        model(example_inputs(model.input, 2))


@pytest.mark.parametrize("name", NAMES)
def test_a_saved_state_brings_its_shapes_along(name):
    model, other = fitted(name), small(name)
    other.load_state_dict({key: each.clone() for key, each in model.state_dict().items()})
    inputs = example_inputs(model.input, 5, seed=1)
    assert torch.equal(other(inputs), model(inputs))
    # A fitted one takes another fit's shapes, too, and an unfitted state makes it unfitted.
    other.load_state_dict(fitted(name, n=24).state_dict())
    assert other(inputs).shape == (5, 3)
    other.load_state_dict(small(name).state_dict())
    with pytest.raises(BadInputError, match="is not fitted"):
        other(inputs)


@pytest.mark.parametrize(
    ("name", "scaled", "arrays"),
    [
        ("ann", True, ["hidden_weight", "hidden_bias", "weight", "bias"]),
        ("decision-tree", True, ["roots", "feature", "left", "right", "threshold", "share"]),
        ("flow-histogram-svm", False, ["per_class", "support", "dual", "intercept", "gamma"]),
        ("lbp-top-svm", False, ["weight", "intercept"]),
        ("svm-linear", True, ["weight", "intercept"]),
        ("svm-rbf", True, ["per_class", "support", "dual", "intercept", "gamma"]),
    ],
)
def test_saved_arrays_have_the_names_by_which_older_files_are_read(name, scaled, arrays):
    scale = ["network.scale.mean", "network.scale.spread"] if scaled else []
    expected = [*scale, *(f"network.decision.{each}" for each in ("present", *arrays))]
    assert list(fitted(name).state_dict()) == list(create(name, 3).state_dict()) == expected


@pytest.mark.parametrize("name", NAMES)
def test_a_weights_file_holds_all_of_a_baseline(name, tmp_path):
    model = fitted(name)
    promise = Promise(
        classes=("one", "two", "three"),
        label_set="numbers",
        preprocessing="none",
        training_data="noise",
        licence="none",
        protocol="none",
        metrics={},
    )
    save_model(tmp_path / "m.safetensors", model, promise)
    read, card = load_model(tmp_path / "m.safetensors")
    assert card["name"] == name
    inputs = example_inputs(model.input, 5, seed=1)
    assert torch.equal(read(inputs), model(inputs))


@pytest.mark.parametrize("name", NAMES)
def test_a_state_of_more_classes_is_refused(name):
    state = fitted(name, 4).state_dict()
    with pytest.raises(BadInputError, match=r"a model of 3 classes cannot hold the classes \[0, 1, 2, 3\]"):
        small(name).load_state_dict(state)


def test_a_state_that_lacks_an_array_is_refused_by_torch():
    state = fitted("svm-rbf").state_dict()
    del state["network.decision.gamma"]
    with pytest.raises(RuntimeError, match="gamma"):
        create("svm-rbf", 3).load_state_dict(state)


@pytest.mark.parametrize("name", ["ann", "decision-tree", "svm-linear"])
def test_a_frame_of_another_size_is_pooled_to_the_same_features(name):
    model = fitted(name)
    large = create(name, 3, size=(128, 96))
    large.load_state_dict(model.state_dict())
    small = example_inputs(model.input, 4, seed=3)
    twice = small.repeat_interleave(2, dim=2)
    tiled = torch.nn.functional.interpolate(twice, scale_factor=(1, 1.5), mode="area")
    assert large(tiled).shape == (4, 3)
    same = create(name, 3, size=(128, 128))
    same.load_state_dict(model.state_dict())
    torch.testing.assert_close(same(twice.repeat_interleave(2, dim=3)), model(small), atol=1e-4, rtol=0)


@pytest.mark.parametrize("name", NAMES)
def test_the_layers_and_stages_of_the_entry_name_parts_of_the_network(name):
    entry, network = models[name], fitted(name).network
    assert {layer.ours for layer in entry.layers} <= {part for part, _ in network.named_modules()}
    prefixes = [prefix for stage in entry.stages for prefix in stage]
    assert all(any(key.startswith(prefix) for prefix in prefixes) for key in network.state_dict())
    assert not list(network.parameters())


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_fitted_baseline_exports_to_onnx_with_the_same_scores(name, tmp_path):
    model = fitted(name, 5, 20)
    export_onnx(model, tmp_path / "m.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "m.onnx", providers=["CPUExecutionProvider"])
    # 8-bit pictures, half of them seen in training: many numbers lie where a tree or a comparison turns exactly.
    inputs = (
        torch.cat([example_inputs(model.input, 20), example_inputs(model.input, 20, seed=4)]).mul(255).round() / 255
    )
    (found,) = session.run(None, {"input": inputs.numpy()})
    np.testing.assert_allclose(found, model(inputs), atol=1e-4)


def filled_radial(classes: int) -> tuple[Fitted, SupportVectorMachine]:
    rng = np.random.default_rng(classes)
    counts = np.arange(2, 2 + classes)
    machine = SupportVectorMachine(
        support=rng.normal(size=(counts.sum(), 6)).astype(np.float32),
        per_class=counts,
        dual=rng.normal(size=(classes - 1, counts.sum())),
        intercept=rng.normal(size=len(pairs_of(classes))),
        gamma=0.3,
    )
    ours = Fitted(over_classes(RADIAL, classes), 6)
    arrays = {name: torch.as_tensor(getattr(machine, name)) for name in ("support", "per_class", "dual", "intercept")}
    ours.fill({**arrays, "gamma": torch.tensor([machine.gamma]), "present": torch.arange(classes)})
    return ours, machine


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_libsvms_arrays_give_the_decisions_and_scores_of_the_recogniser(classes):
    ours, machine = filled_radial(classes)
    features = np.random.default_rng(9).normal(size=(20, 6)).astype(np.float32)
    decisions = pair_decisions(machine, features)
    found = radial_decisions(torch.from_numpy(features), dict(ours.named_buffers()))
    np.testing.assert_allclose(found, decisions, atol=1e-5)
    np.testing.assert_allclose(ours(torch.from_numpy(features)), class_scores(decisions, classes), atol=1e-5)


def one_tree(**changes):
    """Is feature 1 at most 0.5? Yes: leaf 1, all of the first class. No: is feature 0 at most 2? Leaves 3 and 4."""
    arrays = {
        "present": torch.tensor([0, 2]),
        "roots": torch.tensor([0]),
        "feature": torch.tensor([1, 0, 0, 0, 0]),
        "threshold": torch.tensor([0.5, 0, 2, 0, 0]),
        "left": torch.tensor([1, 1, 3, 3, 4]),
        "right": torch.tensor([2, 1, 4, 3, 4]),
        "share": torch.tensor([[0.5, 0.5], [1, 0], [0.25, 0.75], [0.3, 0.7], [0, 1]]),
    }
    trees = Fitted(over_classes(TREES, 3), 2)
    trees.fill({**arrays, **changes})
    return trees


def test_a_tree_that_a_person_can_walk():
    features = torch.tensor([[9, 0.5], [2, 0.6], [2.1, 0.6]])
    found = one_tree()(features).exp()
    floor = FLOOR * FLOOR  # of class 1, which was not there: a millionth of the least
    expected = torch.tensor([[1, floor, FLOOR], [0.3, 0.3 * FLOOR, 0.7], [FLOOR, floor, 1]])
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=0)


def test_a_forest_is_the_mean_of_its_trees():
    # The second tree begins at node 2 of the first.
    forest = one_tree(roots=torch.tensor([0, 2]))
    found = forest(torch.tensor([[9.0, 0.5]])).exp()[0]
    torch.testing.assert_close(found[[0, 2]], torch.tensor([0.5, 0.5]))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"left": torch.tensor([1, 1, 0, 3, 4])}, "must lead on to later nodes"),
        ({"right": torch.tensor([2, 1, 5, 3, 4])}, "must lead on to later nodes"),
        ({"feature": torch.tensor([2, 0, 0, 0, 0])}, "feature must be 0 to 1"),
        ({"roots": torch.tensor([5])}, "roots must be 0 to 4"),
        ({"threshold": torch.zeros(4)}, r"threshold must be \(5,\), got \(4,\)"),
        ({"present": torch.tensor([2, 0])}, "ascending order"),
        ({"present": torch.tensor([0, 3])}, "a model of 3 classes cannot hold"),
    ],
)
def test_arrays_that_are_no_tree_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        one_tree(**changes)


def test_other_arrays_that_do_not_go_together_are_refused():
    present = torch.arange(3)
    with pytest.raises(ValueError, match=r"weight must be \(3, 4\), got \(2, 4\)"):
        Fitted(over_classes(LINEAR, 3), 4).fill(
            {"present": present, "weight": torch.zeros(2, 4), "intercept": torch.zeros(3)}
        )
    with pytest.raises(ValueError, match=r"weight must be \(3, 7\), got \(2, 7\)"):
        Fitted(over_classes(PERCEPTRON, 3), 4).fill(
            {
                "present": present,
                "hidden_weight": torch.zeros(7, 4),
                "hidden_bias": torch.zeros(7),
                "weight": torch.zeros(2, 7),
                "bias": torch.zeros(3),
            }
        )
    with pytest.raises(ValueError, match="every spread must be positive"):
        Fitted(STANDARDISE, 2).fill({"mean": torch.zeros(2), "spread": torch.tensor([1.0, 0.0])})
    with pytest.raises(ValueError, match="wanted the arrays"):
        Fitted(STANDARDISE, 2).fill({"mean": torch.zeros(2)})
    with pytest.raises(ValueError, match=r"bias must be \(3,\), got \(4,\)"):
        Fitted(over_classes(LOGISTIC, 3), 4).fill(
            {"present": present, "weight": torch.zeros(3, 4), "bias": torch.zeros(4)}
        )
    with pytest.raises(ValueError, match=rf"1 to {CLUSTERS} centres are wanted, got {CLUSTERS + 1}"):
        Fitted(CLUSTERED, 2).fill({"centres": torch.zeros(CLUSTERS + 1, 2), "spread": torch.ones(1)})
    with pytest.raises(ValueError, match="the clusters' spread must be positive"):
        Fitted(CLUSTERED, 2).fill({"centres": torch.zeros(3, 2), "spread": torch.zeros(1)})
    ours, machine = filled_radial(3)
    wrong = dict(ours.named_buffers())
    arrays = {name: wrong[name] for name in ("present", "support", "dual", "intercept", "gamma")}
    with pytest.raises(ValueError, match=r"per_class must be 1 or more each and add to 9"):
        ours.fill({**arrays, "per_class": torch.tensor([0, 4, 5])})
    with pytest.raises(ValueError, match="gamma must be positive"):
        ours.fill({**arrays, "per_class": torch.from_numpy(machine.per_class), "gamma": torch.zeros(1)})
