"""The page of an evaluation, drawn from its results.json alone."""

from micromask.reports.evaluation.page import FORMAT, render
from micromask.reports.evaluation.pictures import Picture

__all__ = ["FORMAT", "Picture", "render"]
