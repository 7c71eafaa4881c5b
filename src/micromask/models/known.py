"""The models that come with the package: importing this module enters every one of them in the catalogue."""

from micromask.models import (  # noqa: F401  (each enters itself in the catalogue)
    cnn3d,
    cnn_lstm,
    dual_inception,
    htnet,
    hybridmicronet,
    hybridmicronet_enhanced,
    mbcc_cnn,
    mbcc_cnn_modular,
    mer_cnn,
    mer_resnet18,
    mmed_cnn,
    off_apexnet,
    shallow_flow,
    sssnet,
    ststnet,
    timm_networks,
    vgg,
)
from micromask.models.classical import entries  # noqa: F401
