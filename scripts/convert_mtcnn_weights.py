"""Make src/micromask/faces/detect/weights/mtcnn.safetensors from the wheel of mtcnn 1.0.0 (MIT).

    pip install mtcnn==1.0.0 --no-deps joblib lz4
    python scripts/convert_mtcnn_weights.py

The wheel holds each network as a pickled list of Keras arrays (joblib, lz4). They are read here, once, by whoever runs
this script, and stored in PyTorch's order as safetensors, which can run no code. The networks' inputs are RGB.
"""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import joblib
import numpy as np
from safetensors.numpy import save_file

WEIGHTS = Path(__file__).parents[1] / "src/micromask/faces/detect/weights"

# the layers in the order of the wheel's lists; a layer followed by "prelu" has one slope per channel after it
LAYERS = {
    "pnet": ["conv1", "prelu1", "conv2", "prelu2", "conv3", "prelu3", "box", "face"],
    "rnet": ["conv1", "prelu1", "conv2", "prelu2", "conv3", "prelu3", "fc", "prelu4", "box", "face"],
    "onet": [
        *("conv1", "prelu1", "conv2", "prelu2", "conv3", "prelu3", "conv4", "prelu4"),
        *("fc", "prelu5", "box", "points", "face"),
    ],
}
LAST_MAP = {"rnet": (3, 3), "onet": (3, 3)}
"""(H, W) of the feature map that enters `fc`."""


def convert(net: str, arrays: list[np.ndarray]) -> dict[str, np.ndarray]:
    """Keras arrays of one network to named PyTorch ones: (kh, kw, in, out) becomes (out, in, kh, kw)."""
    left = list(arrays)
    named: dict[str, np.ndarray] = {}
    for layer in LAYERS[net]:
        weight = left.pop(0)
        if layer.startswith("prelu"):
            named[f"{net}.{layer}"] = weight.reshape(-1)
            continue
        if weight.ndim == 4:
            weight = weight.transpose(3, 2, 0, 1)
        elif layer == "fc":  # the wheel flattens (W, H, C), PyTorch (C, H, W)
            height, width = LAST_MAP[net]
            weight = weight.reshape(width, height, -1, weight.shape[1]).transpose(3, 2, 1, 0)
            weight = weight.reshape(len(weight), -1)
        else:
            weight = weight.T
        named[f"{net}.{layer}.weight"] = np.ascontiguousarray(weight)
        named[f"{net}.{layer}.bias"] = left.pop(0)
    if left:
        raise SystemExit(f"{net}: {len(left)} arrays more than layers; is this mtcnn 1.0.0?")
    return named


def main() -> None:
    """Convert, write the weights and the card beside them, and say where they went."""
    spec = find_spec("mtcnn")
    if spec is None or not spec.submodule_search_locations or version("mtcnn") != "1.0.0":
        raise SystemExit("needs the wheel: pip install mtcnn==1.0.0 --no-deps")
    folder = Path(spec.submodule_search_locations[0]) / "assets" / "weights"
    tensors: dict[str, np.ndarray] = {}
    sources = {}
    for net in LAYERS:
        path = folder / f"{net}.lz4"
        sources[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
        tensors |= convert(net, joblib.load(path))
    WEIGHTS.mkdir(exist_ok=True)
    target = WEIGHTS / "mtcnn.safetensors"
    save_file(tensors, target, metadata={"source": "mtcnn 1.0.0 (PyPI wheel)", "licence": "MIT"})
    card = {
        "file": target.name,
        "sha256": hashlib.sha256(target.read_bytes()).hexdigest(),
        "parameters": sum(int(tensor.size) for tensor in tensors.values()),
        "source": "wheel of mtcnn 1.0.0 from PyPI, mtcnn/assets/weights",
        "source_sha256": sources,
        "licence": "MIT, see NOTICE.txt",
        "paper": "Zhang et al. 2016, doi:10.1109/LSP.2016.2603342",
        "made_by": "scripts/convert_mtcnn_weights.py",
    }
    (WEIGHTS / "mtcnn.json").write_text(json.dumps(card, indent=2) + "\n")
    print(f"{target}  {target.stat().st_size} bytes, {card['parameters']} parameters")


if __name__ == "__main__":
    main()
