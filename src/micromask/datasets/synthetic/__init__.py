"""Film of a face whose movements are known exactly: a public-domain portrait, warped.

A :class:`Script` says what happens when; :func:`render` draws its frames, :func:`write` makes a film of them and
:func:`truth` says what an ideal analysis would find.
"""

from micromask.datasets.synthetic.actions import ACTIONS
from micromask.datasets.synthetic.films import demo_script, still_script, trap_script, vfr_times
from micromask.datasets.synthetic.render import expression_field, inter_ocular_px, landmarks_px, render, write
from micromask.datasets.synthetic.script import HeadMove, LightChange, PlannedExpression, Script, frame_times
from micromask.datasets.synthetic.truth import truth

__all__ = [
    "ACTIONS",
    "HeadMove",
    "LightChange",
    "PlannedExpression",
    "Script",
    "demo_script",
    "expression_field",
    "frame_times",
    "inter_ocular_px",
    "landmarks_px",
    "render",
    "still_script",
    "trap_script",
    "truth",
    "vfr_times",
    "write",
]
