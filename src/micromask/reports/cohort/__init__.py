"""A cohort as one offline page and as a table, drawn from the document of `evaluation.cohort`."""

from micromask.reports.cohort.page import group_name, render, untold_of
from micromask.reports.cohort.table import COHORT_COLUMNS, cohort_csv

__all__ = ["COHORT_COLUMNS", "cohort_csv", "group_name", "render", "untold_of"]
