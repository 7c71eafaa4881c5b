"""The page of an evaluation, drawn from its results.json alone."""

from micromask.reports.evaluation.page import FORMAT, render
from micromask.reports.evaluation.pictures import Picture, pictures_of, read_pictures

__all__ = ["FORMAT", "Picture", "pictures_of", "read_pictures", "render"]
