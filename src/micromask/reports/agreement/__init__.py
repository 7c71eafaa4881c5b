"""The agreement of two models as one offline page, drawn from the document of `evaluation.model_agreement`."""

from micromask.reports.agreement.page import render
from micromask.reports.agreement.table import AGREEMENT_COLUMNS, agreement_csv

__all__ = ["AGREEMENT_COLUMNS", "agreement_csv", "render"]
