import pytest
import torch
from torch import nn

from micromask.core.errors import BadInputError
from micromask.models import Input, create, example_inputs, models
from micromask.models.cost import blueprint
from micromask.models.freeze import POLICIES, stages_trained, train_last, train_only, training_mode, unfreezing


class Toy(nn.Module):
    """Two blocks with batch norm and dropout, and a head with dropout before it."""

    def __init__(self, classes):
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Dropout(0.5))
        self.second = nn.Sequential(nn.Conv2d(4, 4, 3), nn.BatchNorm2d(4, affine=False), nn.Dropout(0.5))
        self.drop = nn.Dropout(0.5)
        self.head = nn.Linear(4, classes)

    def forward(self, frames):
        return self.head(self.drop(self.second(self.first(frames)).mean((2, 3))))


@pytest.fixture
def toy(enter_model):
    torch.manual_seed(0)
    enter_model(
        "toy",
        lambda given, n_classes, _: Toy(n_classes),
        input=Input("frame", 1, 8, 8),
        stages=(("first",), ("second",), ("drop", "head")),
    )
    return create("toy", 2)


def one_step(model, mode):
    """What changed of a model's tensors in one step of an optimiser that also decays weights; by name."""
    before = {key: each.clone() for key, each in model.network.state_dict().items()}
    trained = [each for each in model.parameters() if each.requires_grad]
    optimizer = torch.optim.SGD(trained, lr=0.1, momentum=0.9, weight_decay=0.1)
    mode(model)
    loss = nn.functional.cross_entropy(model(example_inputs(model.input, 4)), torch.tensor([0, 1, 0, 1]))
    loss.backward()
    optimizer.step()
    return {key for key, each in model.network.state_dict().items() if not torch.equal(each, before[key])}


NORM = {"running_mean", "running_var", "num_batches_tracked"}


@pytest.mark.parametrize(
    ("policy", "changed"),
    [
        ("head", {"head.weight", "head.bias"}),
        (
            "last-block",
            {"head.weight", "head.bias", "second.0.weight", "second.0.bias"} | {f"second.1.{each}" for each in NORM},
        ),
    ],
)
def test_a_step_changes_what_is_trained_and_no_weight_and_no_statistic_of_the_rest(toy, policy, changed):
    train_only(toy, policy)
    assert one_step(toy, training_mode) == changed


def test_all_changes_everything(toy):
    train_only(toy, "all")
    assert one_step(toy, training_mode) == set(toy.network.state_dict())


def test_without_training_mode_the_statistics_of_frozen_blocks_would_move(toy):
    train_only(toy, "head")
    assert {f"first.1.{each}" for each in NORM} <= one_step(toy, lambda model: model.train())


def test_dropout_of_frozen_blocks_is_off_and_that_of_the_head_on(toy):
    train_only(toy, "head")
    training_mode(toy)
    network = toy.network
    assert [each.training for each in (network.first[2], network.second[2], network.drop)] == [False, False, True]
    train_only(toy, "last-block")
    training_mode(toy)
    assert [each.training for each in (network.first[2], network.second[2], network.drop)] == [False, True, True]
    assert network.training


def test_dropout_that_no_stage_names_follows_what_it_stands_in(enter_model):
    class Bare(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.Sequential(nn.Linear(4, 4), nn.Sequential(nn.Dropout(0.5)))
            self.drop = nn.Dropout(0.5)
            self.head = nn.Linear(4, 2)

    enter_model("bare", lambda *_: Bare(), stages=(("body.0",), ("head",)))
    model = create("bare", 2)
    train_only(model, "head")
    training_mode(model)
    assert [model.network.body[1][0].training, model.network.drop.training] == [False, True]


def test_frozen_blocks_of_a_real_network_stay_as_they_were():
    torch.manual_seed(0)
    model = create("timm:test_resnet", 2, size=(64, 64))
    train_only(model, "last-block")
    changed = one_step(model, training_mode)
    assert changed
    assert {key.split(".")[1] for key in changed} == {"layer4", "fc"}
    assert {"backbone.layer4.0.bn1.running_mean", "backbone.layer4.0.conv1.weight"} <= changed


@pytest.mark.parametrize("name", sorted(each for each in models if models[each].family != "classical"))
def test_every_model_of_the_catalogue_can_be_frozen_by_its_stages(name):
    model = blueprint(name, 5)
    counts = []
    for policy in POLICIES:
        train_only(model, policy)
        training_mode(model)
        counts.append(sum(each.numel() for each in model.network.parameters() if each.requires_grad))
    head, last, everything = counts
    assert 0 < head <= last <= everything == sum(each.numel() for each in model.network.parameters())
    # What the head trains ends in a number for each class.
    train_only(model, "head")
    assert 5 in {each.shape[0] for each in model.network.parameters() if each.requires_grad}


def test_stages_are_unfrozen_from_the_head_epoch_by_epoch(toy):
    schedule = {0: 1, 2: 2, 3: 3}
    trained = []
    for epoch in range(5):
        train_last(toy, unfreezing(schedule, epoch))
        trained.append({name.split(".")[0] for name, each in toy.network.named_parameters() if each.requires_grad})
    everything = {"head", "second", "first"}
    assert trained == [{"head"}, {"head"}, {"head", "second"}, everything, everything]


@pytest.mark.parametrize(
    "schedule", [{}, {1: 1}, {0: 0}, {0: 3, 4: 2}, {-1: 1, 0: 1}], ids=["empty", "late", "none", "fewer", "before 0"]
)
def test_a_schedule_that_leaves_something_unsaid_is_refused(schedule):
    with pytest.raises(BadInputError, match="a schedule of unfreezing says from which epoch on"):
        unfreezing(schedule, 3)


def test_a_policy_means_as_many_stages_as_there_are(toy, enter_model):
    assert [stages_trained(toy, each) for each in POLICIES] == [1, 2, 3]
    enter_model("one", lambda *_: nn.Linear(2, 2))
    assert [stages_trained(create("one", 2), each) for each in POLICIES] == [1, 1, 1]
    with pytest.raises(BadInputError, match="no policy 'body' of what is trained: wanted one of head, last-block, all"):
        train_only(toy, "body")
    with pytest.raises(ValueError, match="toy has 3 stages, cannot train the last 4"):
        train_last(toy, 4)


def test_stages_that_leave_a_parameter_out_are_a_mistake_of_the_entry(enter_model):
    enter_model("gap", lambda *_: Toy(2), stages=(("first",), ("head",)))
    with pytest.raises(ValueError, match=r"gap: second.0.weight is in 0 stages"):
        train_only(create("gap", 2), "head")
