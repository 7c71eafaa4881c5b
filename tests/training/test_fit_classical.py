from __future__ import annotations

import pickle
import sys
from copy import deepcopy

import numpy as np
import pytest
import torch

from micromask.core.errors import BadInputError, MissingPartError
from micromask.models import create, example_inputs, models, to_input
from micromask.models.classical.decision import FLOOR
from micromask.models.flow_histogram import HistogramLayout, class_scores, flow_histograms, pair_decisions
from micromask.training.classical_methods import ClassicalRecipe, fit_clusters
from micromask.training.fit_classical import fit_classical
from micromask.training.fit_svm import SvmRecipe, fit_svm

sklearn = pytest.importorskip("sklearn")

NAMES = [name for name in models if models[name].family == "classical"]
ON_FRAMES = [name for name in NAMES if models[name].input.reads == "frame"]


def small(name: str, n_classes: int):
    """The model, on pictures of 32 px where its own are large."""
    return create(name, n_classes, size=(32, 32) if models[name].input.height > 64 else None)


def noise(name: str, n: int, n_classes: int, seed: int = 0):
    """A model and 8-bit noise with labels, each class a little brighter in a corner of its own."""
    model = small(name, n_classes)
    labels = np.arange(n) % n_classes
    inputs = example_inputs(model.input, n, seed) * 0.8
    for picture, label in zip(inputs, labels, strict=True):
        picture[..., 5 * label : 5 * label + 4, :9] += 0.1
    return model, (inputs * 255).round() / 255, labels


def seen(model, inputs):
    """What the decision sees."""
    network = model.network
    return network.clusters(network.weigh(network.scale(network.features(inputs)))).numpy()


def estimator(name: str):
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPClassifier
    from sklearn.svm import SVC
    from sklearn.tree import DecisionTreeClassifier

    made = {
        "ann": lambda: MLPClassifier((100,), random_state=5),
        "decision-tree": lambda: DecisionTreeClassifier(class_weight="balanced", random_state=5),
        "hybridmicronet-enhanced": lambda: LogisticRegression(C=10, class_weight="balanced", max_iter=1000),
        "random-forest": lambda: RandomForestClassifier(100, class_weight="balanced", random_state=5),
        "svm-linear": lambda: SVC(
            kernel="linear", C=1, class_weight="balanced", tol=1e-5, decision_function_shape="ovo"
        ),
        "svm-rbf": lambda: SVC(C=1, class_weight="balanced", tol=1e-5, decision_function_shape="ovo"),
    }
    return made[name]()


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
@pytest.mark.parametrize("n_classes", [2, 5])
@pytest.mark.parametrize("name", ON_FRAMES)
def test_the_model_gives_what_scikit_learn_gives(name, n_classes):
    model, inputs, labels = noise(name, 60, n_classes)
    labels = np.where(np.arange(60) < 20, 0, labels)  # classes of different sizes
    _, fresh, _ = noise(name, 40, n_classes, seed=1)
    fit_classical(model, inputs, labels, seed=5)
    theirs = estimator(name).fit(seen(model, inputs), labels)
    new, ours = seen(model, fresh), model(fresh)
    if name.startswith("svm"):
        decisions = theirs.decision_function(new)
        # For two classes scikit-learn's positive side is the second class.
        decisions = -decisions[:, None] if n_classes == 2 else decisions
        np.testing.assert_allclose(ours, class_scores(decisions, n_classes), atol=1e-4)
    else:
        np.testing.assert_allclose(ours.softmax(1), theirs.predict_proba(new), atol=1e-4)
    if n_classes == 2 or not name.startswith("svm"):  # of more classes LIBSVM counts won pairs
        np.testing.assert_array_equal(ours.argmax(1), theirs.predict(new))


@pytest.mark.parametrize("n_classes", [2, 5])
def test_lbp_top_and_a_linear_machine_give_what_scikit_learn_gives(n_classes):
    from sklearn.svm import SVC

    model, inputs, labels = noise("lbp-top-svm", 30, n_classes)
    _, fresh, _ = noise("lbp-top-svm", 20, n_classes, seed=1)
    fit_classical(model, inputs, labels)
    theirs = SVC(kernel="linear", C=10_000, class_weight="balanced", tol=1e-5, decision_function_shape="ovo")
    decisions = theirs.fit(seen(model, inputs), labels).decision_function(seen(model, fresh))
    decisions = -decisions[:, None] if n_classes == 2 else decisions
    np.testing.assert_allclose(model(fresh), class_scores(decisions, n_classes), atol=1e-4)


@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("n_classes", [2, 3, 5])
def test_flow_histograms_are_fitted_as_the_recogniser_is(n_classes, soft):
    rng = np.random.default_rng(n_classes)
    maps, fresh = (rng.integers(0, 256, (n, 28, 28, 3), np.uint8) for n in (40, 60))
    labels = np.arange(40) % n_classes
    layout = HistogramLayout(soft=soft)
    machine = fit_svm(maps, labels, SvmRecipe(layout))
    expected = class_scores(pair_decisions(machine, flow_histograms(fresh, layout)), n_classes)
    model = create("flow-histogram-svm-soft" if soft else "flow-histogram-svm", n_classes)
    fit_classical(model, to_input(maps, model.input), labels)
    found = model(to_input(fresh, model.input)).numpy()
    np.testing.assert_allclose(found, expected, atol=1e-3)
    np.testing.assert_array_equal(found.argmax(1), expected.argmax(1))


def test_frames_are_seen_less_their_mean_and_over_their_spread():
    model, inputs, labels = noise("svm-linear", 30, 3)
    inputs[:, 0, 10:12, 10:12] = 0.6  # the same in all frames
    fit_classical(model, inputs, labels)
    pooled = inputs.numpy()[:, 0].astype(np.float64).reshape(-1, 32, 2, 32, 2).mean((2, 4)).reshape(30, -1)
    spread = pooled.std(0)
    assert spread[5 * 32 + 5] < 1e-9
    spread[5 * 32 + 5] = 1
    np.testing.assert_allclose(seen(model, inputs), (pooled - pooled.mean(0)) / spread, atol=1e-4)


@pytest.mark.parametrize("n_classes", [2, 4])
@pytest.mark.parametrize("name", NAMES)
def test_eight_samples_are_learnt_by_heart(name, n_classes):
    model = small(name, n_classes)
    inputs, labels = example_inputs(model.input, 8), np.arange(8) % n_classes
    fit_classical(model, inputs, labels)
    assert model(inputs).argmax(1).tolist() == labels.tolist()


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_arrays_and_leaves_the_inputs_alone(name):
    one, inputs, labels = noise(name, 12, 3)
    before = inputs.clone()
    same, other = small(name, 3), small(name, 3)
    fit_classical(one, inputs, labels, seed=1)
    fit_classical(same, inputs, labels, seed=1)
    fit_classical(other, inputs, labels, seed=2)
    states = [each.state_dict() for each in (one, same, other)]
    assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])
    drawn = name in ("ann", "decision-tree", "hybridmicronet-enhanced", "random-forest")
    equal = all(
        states[0][key].shape == states[2][key].shape and torch.equal(states[0][key], states[2][key])
        for key in states[0]
    )
    assert equal != drawn
    assert torch.equal(inputs, before)


@pytest.mark.parametrize("name", NAMES)
def test_a_copy_of_a_model_is_fitted_as_the_model_is(name):
    model, inputs, labels = noise(name, 12, 3)
    copies = [deepcopy(model), pickle.loads(pickle.dumps(model))]
    for each in (model, *copies):
        fit_classical(each, inputs, labels)
    copies.append(deepcopy(model))
    assert all(torch.equal(each(inputs), model(inputs)) for each in copies)


@pytest.mark.parametrize("name", NAMES)
def test_a_class_that_nobody_shows_is_never_predicted(name):
    narrow, inputs, plain = noise(name, 12, 3)
    labels = np.array([1, 3, 4])[plain]
    wide = small(name, 6)
    fit_classical(wide, inputs, labels)
    scores = wide(inputs)
    assert scores.shape == (12, 6)
    assert scores.argmax(1).tolist() == labels.tolist()
    # The classes that were there keep each other's distance, those that were not come a millionth after the last.
    fit_classical(narrow, inputs, plain)
    torch.testing.assert_close(scores[:, [1, 3, 4]], narrow(inputs))
    lowest = (scores[:, [1, 3, 4]].amin(1) + np.log(FLOOR))[:, None].expand(-1, 3)
    torch.testing.assert_close(scores[:, [0, 2, 5]], lowest)


def test_clusters_are_the_groups_that_were_planted_and_as_wide():
    rng = np.random.default_rng(0)
    centres = np.eye(8, 20, dtype=np.float32) * 10
    rows = np.repeat(centres, 30, axis=0) + rng.normal(size=(240, 20)).astype(np.float32)
    found = fit_clusters(rows, 0)
    means = rows.reshape(8, 30, 20).mean(1)
    order = found["centres"].argmax(1)
    np.testing.assert_allclose(found["centres"], means[order], atol=1e-5)
    assert found["spread"] == pytest.approx(((rows.reshape(8, 30, 20) - means[:, None]) ** 2).sum(2).mean())


@pytest.mark.parametrize(("rows", "clusters"), [(2, 1), (5, 2), (16, 8), (100, 8)])
def test_a_cluster_has_two_samples_or_more_to_be_made_of(rows, clusters):
    found = fit_clusters(np.random.default_rng(1).normal(size=(rows, 3)).astype(np.float32), 0)
    assert found["centres"].shape == (clusters, 3)


def test_samples_that_are_all_alike_make_one_cluster_that_is_not_infinitely_narrow():
    found = fit_clusters(np.ones((10, 3), np.float32), 0)
    assert found["centres"].tolist() == [[1, 1, 1]]
    assert found["spread"] > 0
    # Two groups of equal samples: their variance is 1 in the one feature, a hundredth of it the least spread.
    assert fit_clusters(np.repeat(np.float32([[-1], [1]]), 2, axis=0), 0)["spread"] == pytest.approx(0.01)


def test_what_is_said_of_a_frame_does_not_hang_on_those_beside_it():
    model, inputs, labels = noise("hybridmicronet-enhanced", 20, 3)
    fit_classical(model, inputs[:12], labels[:12])
    together = model(inputs)
    torch.testing.assert_close(torch.cat([model(each[None]) for each in inputs]), together, atol=1e-5, rtol=1e-5)


def test_a_perceptron_stops_where_the_recipe_says_without_a_word():
    model, inputs, labels = noise("ann", 12, 3)
    fit_classical(model, inputs, labels, recipe=ClassicalRecipe(hidden=7, passes=1))
    assert model.network.decision.hidden_bias.shape == (7,)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.array([0, 1, 2, 3, 0, 1]), r"labels must be 0 to 2, two classes or more, got \[0, 1, 2, 3\]"),
        (np.array([0, -1, 2, 1, 0, 1]), r"got \[-1, 0, 1, 2\]"),
        (np.array([1, 1, 1, 1, 1, 1]), r"two classes or more, got \[1\]"),
        (np.array([0, 1, 2]), r"labels must be \(6,\) whole numbers, got \(3,\)"),
        (np.array([0, 1, 2, 0, 1, 2.0]), r"whole numbers, got \(6,\) float64"),
    ],
)
def test_labels_that_do_not_fit_are_refused(labels, message):
    model, inputs, _ = noise("decision-tree", 6, 3)
    with pytest.raises(BadInputError, match=message):
        fit_classical(model, inputs, labels)


def test_inputs_that_do_not_fit_are_refused():
    model, inputs, labels = noise("decision-tree", 6, 3)
    with pytest.raises(BadInputError, match=r"decision-tree reads frame \(N, 1, 64, 64\).*, got \(6, 1, 32, 64\)"):
        fit_classical(model, inputs[:, :, :32], labels)
    inputs[2, 0, 3, 3] = float("nan")
    with pytest.raises(BadInputError, match="not finite"):
        fit_classical(model, inputs, labels)


def test_a_network_is_not_fitted_here():
    model = create("ststnet", 3)
    with pytest.raises(BadInputError, match="ststnet is no classical model"):
        fit_classical(model, example_inputs(model.input, 6), np.arange(6) % 3)


@pytest.mark.parametrize("name", NAMES)
def test_without_scikit_learn_a_person_is_told_and_the_model_stays_as_it_was(name, monkeypatch):
    model, inputs, labels = noise(name, 12, 3)
    fit_classical(model, inputs, labels)
    before = model(inputs)
    for part in ("sklearn.svm", "sklearn.tree", "sklearn.ensemble", "sklearn.neural_network", "sklearn.cluster"):
        monkeypatch.setitem(sys.modules, part, None)
    with pytest.raises(MissingPartError, match=r"needs scikit-learn: pip install 'micromask\[train\]'"):
        fit_classical(model, inputs * 0.5, labels)
    assert torch.equal(model(inputs), before)


@pytest.mark.parametrize("wrong", [{"cost": 0}, {"trees": 0}, {"hidden": 0}, {"passes": 0}])
def test_a_recipe_that_cannot_be_followed_is_refused(wrong):
    with pytest.raises(ValueError, match=r"cost > 0 and trees, hidden, passes >= 1"):
        ClassicalRecipe(**wrong)
