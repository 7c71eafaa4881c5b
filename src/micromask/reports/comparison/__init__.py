"""Runs side by side as one offline page, drawn from the document of `evaluation.compare`."""

from micromask.reports.comparison.page import render

__all__ = ["render"]
