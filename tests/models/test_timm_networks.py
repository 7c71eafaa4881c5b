import subprocess
import sys

import pytest
import torch
from torch import nn

from micromask.core.errors import BadInputError
from micromask.models import create, entry_of, example_inputs, models, parameter_count
from micromask.models.cost import blueprint, layer_table
from micromask.models.imagenet import ImageNetInput
from micromask.models.torchvision_schemas import import_timm
from micromask.models.vgg import vgg_features

STUDY = {
    # Published for 1000 classes, less the layers that are left out or are for 1000 classes.
    "vgg16": 138_357_544 - (25088 * 4096 + 4096) - (4096 * 4096 + 4096) - (4096 * 1000 + 1000),
    "vgg19": 143_667_240 - (25088 * 4096 + 4096) - (4096 * 4096 + 4096) - (4096 * 1000 + 1000),
    "resnet50": 25_557_032 - (2048 * 1000 + 1000),
    # The auxiliary classifier: 1 x 1 from 768 to 128, 5 x 5 from 128 to 768, both with batch norm, and 1000 classes.
    "inception-v3": 27_161_264
    - (768 * 128 + 2 * 128 + 25 * 128 * 768 + 2 * 768 + 768 * 1000 + 1000)
    - (2048 * 1000 + 1000),
    "efficientnet-b0": 5_288_548 - (1280 * 1000 + 1000),
}
HEAD = {"vgg16": 512, "vgg19": 512, "resnet50": 2048, "inception-v3": 2048, "efficientnet-b0": 1280}


def test_importing_the_models_and_naming_them_loads_no_timm():
    code = (
        "import sys, micromask.models as m; names = list(m.models); m.create('vgg16', 2, size=(32, 32));"
        "assert 'resnet50' in names; print([each for each in ('timm', 'torchvision') if each in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", STUDY)
def test_the_networks_of_the_study_have_the_published_number_of_parameters(name):
    assert parameter_count(blueprint(name, 5)) == STUDY[name] + HEAD[name] * 5 + 5


def test_the_convolutions_of_vgg_16_have_14714688_parameters():
    with torch.device("meta"):
        assert parameter_count(vgg_features(16)) == 14_714_688


@pytest.mark.parametrize("name", STUDY)
def test_the_table_of_layers_names_modules_and_ends_at_the_classes(name):
    rows = layer_table(blueprint(name, 5))
    assert all(row.output for row in rows)
    assert rows[-1].output == ((5,),)


def test_the_maps_of_the_networks_are_as_large_as_published_at_their_own_size():
    def maps(name, module, size=None):
        with torch.device("meta"):
            (row,) = (row for row in layer_table(create(name, 5, size=size)) if row.ours.endswith(module))
            return row.output[0]

    assert maps("vgg16", ".block5", (224, 224)) == (512, 7, 7)
    assert maps("resnet50", ".layer4", (224, 224)) == (2048, 7, 7)
    assert maps("inception-v3", ".Mixed_5d") == (288, 35, 35)
    assert maps("inception-v3", ".Mixed_6e") == (768, 17, 17)
    assert maps("inception-v3", ".Mixed_7c") == (2048, 8, 8)
    assert maps("efficientnet-b0", ".blocks.6", (224, 224)) == (320, 7, 7)


@pytest.mark.parametrize(("name", "side"), [("vgg16", 32), ("resnet50", 64), ("efficientnet-b0", 64)])
def test_a_network_reads_another_size_and_grey_and_gives_finite_logits(name, side):
    torch.manual_seed(0)
    model = create(name, 3, size=(side, side), channels=1).eval()
    with torch.no_grad():
        logits = model(example_inputs(model.input, 2))
    assert logits.shape == (2, 3)
    assert logits.abs().max() < 1e3


def test_a_grey_picture_gives_what_the_same_picture_in_colour_gives():
    torch.manual_seed(0)
    colour = create("timm:test_resnet", 3, size=(64, 64)).eval()
    grey = create("timm:test_resnet", 3, size=(64, 64), channels=1).eval()
    grey.load_state_dict(colour.state_dict())
    picture = example_inputs(grey.input, 2)
    with torch.no_grad():
        torch.testing.assert_close(grey(picture), colour(picture.repeat(1, 3, 1, 1)), rtol=0, atol=0)


def test_the_mean_colour_of_imagenet_becomes_zero_and_one_spread_above_it_one():
    scale = ImageNetInput()
    mean, spread = (torch.tensor(each).view(1, 3, 1, 1) for each in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    torch.testing.assert_close(
        scale(torch.cat([mean, mean + spread])), torch.tensor([0.0, 1.0]).view(2, 1, 1, 1).expand(2, 3, 1, 1)
    )


def test_inception_scales_by_its_own_mean_and_spread_and_is_tame_before_any_training():
    torch.manual_seed(0)
    model = create("inception-v3", 3, size=(75, 75), channels=1).eval()
    assert model.network.scale(torch.tensor([0.0, 0.5, 1.0]).view(3, 1, 1, 1)).flatten(1)[:, 0].tolist() == [-1, 0, 1]
    with torch.no_grad():
        assert model(example_inputs(model.input, 2)).abs().max() < 100


def weights_of(name, seed=1, **options):
    """Random weights of a network of timm as its file on the hub holds them: for 1000 classes and three channels."""
    torch.manual_seed(seed)
    network = import_timm().create_model(name, **options)
    return {
        key: torch.rand_like(each) if each.is_floating_point() else each for key, each in network.state_dict().items()
    }


def test_imagenet_weights_arrive_and_the_head_is_new(hub):
    held = weights_of("efficientnet_b0")
    hub("timm/efficientnet_b0.ra_in1k", held)
    torch.manual_seed(0)
    model = create("efficientnet-b0", 5, weights="imagenet")
    found = model.network.backbone.state_dict()
    assert set(found) == set(held)
    for key, each in held.items():
        if not key.startswith("classifier"):
            assert torch.equal(found[key], each), key
    assert found["classifier.weight"].shape == (5, 1280)


def test_the_head_is_new_for_as_many_classes_as_imagenet_has(hub):
    held = weights_of("test_resnet")
    hub("timm/test_resnet.r160_in1k", held)
    found = create("timm:test_resnet", 1000, weights="imagenet").network.backbone.state_dict()
    assert torch.equal(found["layer4.0.conv1.weight"], held["layer4.0.conv1.weight"])
    assert found["fc.weight"].shape == held["fc.weight"].shape
    assert not torch.equal(found["fc.weight"], held["fc.weight"])


def test_a_summed_stem_is_the_sum_of_the_weights_over_the_channels(hub):
    held = weights_of("test_resnet")
    hub("timm/test_resnet.r160_in1k", held)
    model = create("timm:test_resnet", 3, weights="imagenet", channels=1, grey="sum")
    assert model.grey == "sum"
    torch.testing.assert_close(
        model.network.backbone.state_dict()["conv1.0.weight"], held["conv1.0.weight"].sum(dim=1, keepdim=True)
    )
    assert create("timm:test_resnet", 3, weights="imagenet", channels=1).grey == "repeat"


def test_both_ways_with_grey_agree_where_the_channels_have_one_mean_and_spread(hub):
    hub("timm/test_vit3.r160_in1k", weights_of("test_vit3"))
    facts = import_timm().get_pretrained_cfg("test_vit3")
    assert len(set(facts.mean)) == len(set(facts.std)) == 1
    models_ = []
    for grey in ("repeat", "sum"):
        torch.manual_seed(0)
        models_.append(create("timm:test_vit3", 3, weights="imagenet", channels=1, grey=grey).eval())
    picture = example_inputs(models_[0].input, 1)
    models_[1].network.backbone.head.load_state_dict(models_[0].network.backbone.head.state_dict())
    with torch.no_grad():
        torch.testing.assert_close(models_[1](picture), models_[0](picture), rtol=1e-3, atol=1e-3)


def test_vgg_takes_the_numbered_convolutions_of_its_file_in_their_order(hub, monkeypatch):
    monkeypatch.setitem(sys.modules["micromask.models.vgg"].BLOCKS, 16, ((1, 4), (2, 6)))
    layers = (nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
    layers += (nn.Conv2d(4, 6, 3, padding=1), nn.ReLU(), nn.Conv2d(6, 6, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
    published = nn.Sequential(*layers)
    held = {f"features.{key}": each for key, each in published.state_dict().items()}
    hub("timm/vgg16.tv_in1k", held | {"head.fc.weight": torch.zeros(3, 6)})
    picture = torch.rand(1, 3, 8, 8)
    with torch.no_grad():
        torch.testing.assert_close(vgg_features(16, pretrained=True)(picture), published(picture))
        summed = vgg_features(16, 1, pretrained=True)(picture[:, :1])
        torch.testing.assert_close(summed, published(picture[:, :1].expand(-1, 3, -1, -1)))


@pytest.mark.parametrize("depth", [16, 19])
def test_the_convolutions_of_vgg_are_those_of_its_file_on_the_hub(depth):
    with torch.device("meta"):
        ours = [tuple(each.shape) for each in vgg_features(depth).parameters()]
        theirs = [tuple(each.shape) for each in import_timm().create_model(f"vgg{depth}").features.parameters()]
    assert ours == theirs


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(
            lambda held: held.pop("layer3.0.conv1.weight"), "lacks 1 tensors .*layer3.0.conv1.weight", id="gap"
        ),
        pytest.param(lambda held: held.update({"bn1.weight": torch.ones(3)}), "does not hold the weights", id="shape"),
    ],
)
def test_a_file_with_other_tensors_is_refused(hub, change, said):
    held = weights_of("test_resnet")
    change(held)
    hub("timm/test_resnet.r160_in1k", held)
    with pytest.raises(BadInputError, match=said):
        create("timm:test_resnet", 3, weights="imagenet")


def test_a_file_without_the_convolutions_of_vgg_is_refused(hub):
    hub("timm/vgg16.tv_in1k", {"features.0.weight": torch.zeros(64, 3, 3, 3)})
    with pytest.raises(BadInputError, match=r"does not hold the convolutions of VGG-16"):
        create("vgg16", 3, weights="imagenet", size=(32, 32))


def test_the_same_seed_draws_the_same_network_however_often_it_was_built():
    drawn = []
    for _ in range(2):
        torch.manual_seed(3)
        drawn.append(create("timm:test_vit", 2, size=(96, 96)).state_dict())
    assert all(torch.equal(each, drawn[1][key]) for key, each in drawn[0].items())


@pytest.mark.parametrize("name", ["test_resnet", "test_vit", "test_convnext", "test_efficientnet", "pit_ti_224"])
def test_the_stages_of_any_network_of_timm_cover_it_once_and_end_at_its_classifier(name):
    stages = entry_of(f"timm:{name}").stages
    model = blueprint(f"timm:{name}", 7)
    places = [
        [number for number, stage in enumerate(stages) if any(f"{own}.".startswith(f"{each}.") for each in stage)]
        for own, _ in model.network.named_parameters()
    ]
    assert all(len(each) == 1 for each in places)
    head = [
        each
        for (_, each), place in zip(model.network.named_parameters(), places, strict=True)
        if place == [len(stages) - 1]
    ]
    assert {each.shape[0] for each in head} == {7}
    assert len(stages) > 3


def test_a_network_of_timm_has_its_own_size_and_takes_another_where_it_can():
    assert entry_of("timm:test_vit").input.shape == (3, 160, 160)
    assert create("timm:test_vit", 2, size=(96, 96))(torch.zeros(1, 3, 96, 96)).shape == (1, 2)
    with pytest.raises(BadInputError, match=r"test_vit of timm cannot read 97 x 96 px \(.*its own is 160 x 160"):
        create("timm:test_vit", 2, size=(97, 96))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: create("timm:convnext_tinny", 2), r"no network 'convnext_tinny'; did you mean 'timm:convnext_tiny'\?"),
        (lambda: create("timm:", 2), "timm has no network ''"),
        (lambda: create("timm:resnet18.none", 2), r"no weights 'resnet18.none' \(with weights: .*resnet18.tv_in1k"),
        (lambda: create("timm:botnet50ts_256", 2, weights="imagenet"), "has no ImageNet weights"),
        (lambda: create("vgg16", 2, size=(31, 40)), "vgg16 .*32 x 32 px or more, asked for 31 x 40"),
        (lambda: create("inception-v3", 2, size=(64, 64)), "cannot read 64 x 64 px .*its own is 299 x 299"),
        (lambda: create("resnet50", 2, channels=2), "resnet50 reads 1 channel or 3, asked for 2"),
        (lambda: create("resnet50", 2, grey="sum"), r"resnet50: grey='sum' sums a stem for three channels"),
        (lambda: create("ststnet", 2, grey="sum"), r"ststnet: grey='sum'"),
        (lambda: create("resnet50", 2, grey="first"), "grey is 'repeat' or 'sum', got 'first'"),
    ],
)
def test_what_cannot_be_built_is_refused_with_a_way_on(call, said):
    with pytest.raises(BadInputError, match=said):
        call()


def test_every_network_of_the_study_says_what_is_open_and_names_the_study():
    for name in STUDY:
        entry = models[name]
        assert entry.imagenet
        assert entry.resizable
        assert entry.any_channels
        assert "10.47852/bonviewJCCE52026148" in entry.paper
        assert any("head" in each for each in entry.open_points)
