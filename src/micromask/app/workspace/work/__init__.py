"""What jobs do, a module for each kind of work; it enters its kind in `works` when it is imported.

Heavy imports stay inside the functions.
"""

from __future__ import annotations

from micromask.app.workspace.work import agree as agree
from micromask.app.workspace.work import analyze as analyze
from micromask.app.workspace.work import cohort as cohort
from micromask.app.workspace.work import compare_runs as compare_runs
from micromask.app.workspace.work import export as export
from micromask.app.workspace.work import magnify as magnify
from micromask.app.workspace.work import predict as predict
from micromask.app.workspace.work import train as train
