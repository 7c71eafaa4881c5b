"""The report of a reproduction: a paper's figure, ours as published, and ours with people apart, side by side."""

from micromask.reports.reproduction.page import reproduction_html

__all__ = ["reproduction_html"]
