import hashlib
import os
import socket
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import save

from micromask.core.errors import BadInputError, BadOutputError
from micromask.models import create
from micromask.models import hub as our_hub
from micromask.models.hub import imagenet_file, names_in, sum_channels, tensors_of

REPOSITORY = "timm/tiny.test"
TENSORS = {"features.0.weight": torch.arange(27.0).view(1, 3, 3, 3), "head.bias": torch.ones(2)}


def test_a_file_in_the_cache_is_found_without_any_hub(hub):
    hub(REPOSITORY, TENSORS)
    path = imagenet_file("tiny", REPOSITORY)
    assert path.name == "model.safetensors"
    assert names_in(path) == {"features.0.weight", "head.bias"}
    read = tensors_of(path, "features.")
    assert list(read) == ["features.0.weight"]
    assert torch.equal(read["features.0.weight"], TENSORS["features.0.weight"])


def test_the_variables_of_the_hub_name_the_cache(hub, tmp_path):
    blob = hub(REPOSITORY, TENSORS)
    code = f"from micromask.models.hub import imagenet_file; print(imagenet_file('tiny', {REPOSITORY!r}).resolve())"
    surroundings = {key: each for key, each in os.environ.items() if not key.startswith("HF_")}
    for name, folder in (("HF_HUB_CACHE", tmp_path / "hub"), ("HF_HOME", tmp_path)):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=surroundings | {name: str(folder), "HF_HUB_OFFLINE": "1"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == str(blob)


def one_clear_line(error, *said):
    message = str(error.value)
    assert "\n" not in message
    for each in said:
        assert each in message


def test_without_file_and_hub_the_message_names_file_folder_and_the_way_out(hub, tmp_path):
    started = time.monotonic()
    with pytest.raises(BadInputError) as error:
        imagenet_file("tiny", REPOSITORY)
    assert time.monotonic() - started < 3
    one_clear_line(error, "tiny", REPOSITORY, "model.safetensors", str(tmp_path / "hub"), "--weights none", "127.0.0.1")


@pytest.mark.parametrize(
    ("name", "repository"),
    [
        ("vgg16", "timm/vgg16.tv_in1k"),
        ("vgg19", "timm/vgg19.tv_in1k"),
        ("resnet50", "timm/resnet50.tv_in1k"),
        ("inception-v3", "timm/inception_v3.tv_in1k"),
        ("efficientnet-b0", "timm/efficientnet_b0.ra_in1k"),
        ("hybridmicronet", "timm/vgg16.tv_in1k"),
        ("hybridmicronet-enhanced", "timm/vgg16.tv_in1k"),
        ("mer-resnet18", "timm/resnet18.tv_in1k"),
        ("timm:convnext_tiny", "timm/convnext_tiny."),
    ],
)
def test_every_network_with_imagenet_weights_says_which_file_it_lacks(hub, name, repository):
    with pytest.raises(BadInputError) as error:
        create(name, 5, weights="imagenet")
    one_clear_line(error, repository, "model.safetensors", "--weights none")


def test_offline_mode_asks_nobody(hub, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(our_hub, "_why_unreachable", lambda *_: pytest.fail("asked the hub"))
    with pytest.raises(BadInputError, match="HF_HUB_OFFLINE is set"):
        imagenet_file("tiny", REPOSITORY)


def point_to(monkeypatch, port):
    address = f"http://127.0.0.1:{port}"
    monkeypatch.setattr(constants, "ENDPOINT", address)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", address + "/{repo_id}/resolve/{revision}/{filename}")


def test_a_hub_that_never_answers_is_not_waited_for(hub, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        point_to(monkeypatch, silent.getsockname()[1])
        monkeypatch.setattr(our_hub, "PATIENCE", 0.5)
        started = time.monotonic()
        with pytest.raises(BadInputError, match=r"cannot be fetched .*(timed out|no answer within 0.5 s)"):
            imagenet_file("tiny", REPOSITORY)
        assert time.monotonic() - started < 2


@pytest.fixture
def local_hub(hub, monkeypatch):
    """A hub on this machine that has one file, for as long as the test lasts."""
    content = save(TENSORS)

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self):
            known = self.path.startswith(f"/{REPOSITORY}/resolve/main/model.safetensors")
            self.send_response(200 if known else 404)
            self.send_header("X-Repo-Commit", "0" * 40)
            if known:
                self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
            else:
                self.send_header("X-Error-Code", "EntryNotFound")
            self.send_header("Content-Length", str(len(content) if known else 0))
            self.end_headers()
            return known

        def do_GET(self):
            if self.do_HEAD():
                self.wfile.write(content)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        point_to(monkeypatch, server.server_port)
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield
        server.shutdown()
        thread.join()


def test_a_file_is_fetched_once_and_then_read_from_the_cache(local_hub, monkeypatch):
    path = imagenet_file("tiny", REPOSITORY)
    assert torch.equal(tensors_of(path)["head.bias"], torch.ones(2))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert imagenet_file("tiny", REPOSITORY) == path


def test_a_file_that_the_hub_does_not_have_is_said_to_be_missing_there(local_hub):
    with pytest.raises(BadInputError, match=r"other.safetensors of timm/tiny.test, are not in the cache .*404"):
        imagenet_file("tiny", REPOSITORY, "other.safetensors")


def test_a_cache_that_cannot_be_written_is_named(local_hub, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("huggingface_hub.hf_hub_download", full)
    with pytest.raises(BadOutputError, match=r"No space left on device; name another folder in HF_HUB_CACHE"):
        imagenet_file("tiny", REPOSITORY)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda content: content[:-4], id="cut short"),
        pytest.param(lambda content: b"\x80\x04pickle", id="another format"),
        pytest.param(lambda content: b"", id="empty"),
        pytest.param(lambda content: content[:-1] + b"\x7f", id="one byte changed"),
    ],
)
def test_a_damaged_file_in_the_cache_is_refused(hub, damage):
    content = save(TENSORS)
    blob = hub(REPOSITORY, content=damage(content), blob=hashlib.sha256(content).hexdigest())
    with pytest.raises(BadInputError) as error:
        imagenet_file("tiny", REPOSITORY)
    one_clear_line(error, "damaged", "model.safetensors", str(blob), "--weights none")


def test_a_picture_with_equal_channels_gives_what_the_grey_one_gives_through_the_summed_stem():
    generator = torch.Generator().manual_seed(0)
    stem = torch.rand((4, 3, 3, 3), generator=generator)
    grey = torch.rand((2, 1, 8, 8), generator=generator)
    colour = torch.nn.functional.conv2d(grey.expand(-1, 3, -1, -1), stem, padding=1)
    torch.testing.assert_close(torch.nn.functional.conv2d(grey, sum_channels(stem), padding=1), colour)
