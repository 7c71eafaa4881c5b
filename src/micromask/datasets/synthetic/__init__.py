"""Film of a face whose movements are known exactly: a public-domain portrait, warped.

A :class:`Script` says what happens when; :func:`render` draws its frames, :func:`write` makes a film of them and
:func:`truth` says what an ideal analysis would find. :func:`synthesize` writes a whole corpus of other people, who show
emotions that a :class:`CorpusPlan` draws from a seed.
"""

from micromask.datasets.synthetic.actions import ACTIONS
from micromask.datasets.synthetic.corpus import EMOTIONS, CorpusPlan, SyntheticClip, plan_clips
from micromask.datasets.synthetic.films import demo_script, still_script, trap_script, vfr_times
from micromask.datasets.synthetic.layouts import layouts
from micromask.datasets.synthetic.render import expression_field, inter_ocular_px, landmarks_px, render, write
from micromask.datasets.synthetic.script import HeadMove, LightChange, PlannedExpression, Script, frame_times
from micromask.datasets.synthetic.synthesize import synthesize
from micromask.datasets.synthetic.truth import truth

__all__ = [
    "ACTIONS",
    "EMOTIONS",
    "CorpusPlan",
    "HeadMove",
    "LightChange",
    "PlannedExpression",
    "Script",
    "SyntheticClip",
    "demo_script",
    "expression_field",
    "frame_times",
    "inter_ocular_px",
    "landmarks_px",
    "layouts",
    "plan_clips",
    "render",
    "still_script",
    "synthesize",
    "trap_script",
    "truth",
    "vfr_times",
    "write",
]
