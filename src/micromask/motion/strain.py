"""How much the skin is stretched, squeezed and sheared, however far it moves."""

from __future__ import annotations

import numpy as np

from micromask.core.types import FloatArray


def optical_strain(flow: FloatArray) -> FloatArray:
    """Size of the strain of a flow field at each pixel.

    The strain tensor is the symmetric part of the flow's gradient: exx = du/dx, eyy = dv/dy, exy = (du/dy + dv/dx) / 2.
    A drift has none, nor has a small rotation.

    Parameters
    ----------
    flow : (2, H, W) float
        (u, v): motion right and down, in px.

    Returns
    -------
    (H, W) float32
        sqrt(exx² + eyy² + 2 exy²), px per px; derivatives by central differences, one-sided at the border. Not scaled.

    Raises
    ------
    ValueError
        If flow is not (2, H, W) with H, W >= 2. OpenCV's own order is (H, W, 2): transpose it first.

    Source
    ------
    Liong et al. 2014, doi:10.1007/978-3-319-16631-5_47

    Examples
    --------
    Skin that is drawn out sideways by 2 % has a strain of 0.02; skin that only moves has none:

    >>> x = np.tile(np.arange(5.0), (4, 1))
    >>> optical_strain(np.stack([0.02 * x, 0 * x])).round(4)[1, 2]
    np.float32(0.02)
    >>> optical_strain(np.stack([0 * x + 7, 0 * x])).max()
    np.float32(0.0)
    """
    if flow.ndim != 3 or flow.shape[0] != 2 or min(flow.shape[1:]) < 2:
        raise ValueError(f"flow must be (2, H, W) with H, W >= 2, got {flow.shape}")
    (u_y, u_x), (v_y, v_x) = np.gradient(flow[0]), np.gradient(flow[1])
    shear = u_y + v_x
    return np.asarray(np.sqrt(u_x**2 + v_y**2 + 0.5 * shear**2), dtype=np.float32)
