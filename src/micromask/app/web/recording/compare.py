"""The page Compare: two recordings side by side on one time axis."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from micromask.app.web.analyse.api import Workspace
from micromask.app.web.look import page
from micromask.app.workspace.recordings import Recorded
from micromask.app.workspace.watching import watched_of
from micromask.app.workspace.work.cohort import ready, titles

pages = APIRouter(prefix="/compare")


@pages.get("")
def compare(request: Request, workspace: Workspace, left: int | None = None, right: int | None = None) -> Response:
    """Choose two recordings, or see those that were chosen."""
    there = ready(workspace)
    known = {one.id: one for one in there}
    chosen = [known.get(number or 0) for number in (left, right)]
    both = [one for one in chosen if one is not None]
    return page(
        request,
        "compare.html",
        recordings=there,
        left=chosen[0],
        right=chosen[1],
        shown=len(both) == 2,
        lost=None not in (left, right) and len(both) < 2,
        rates=rates_of(workspace, both) if len(both) == 2 else None,
    )


def rates_of(workspace: Path, both: list[Recorded]) -> dict[str, Any]:
    """Expressions per minute of two recordings by emotion, as people corrected them, and what keeps them apart."""
    from micromask.evaluation.cohort import cohort
    from micromask.evaluation.cohort_words import unlike

    names = titles(both)
    each_once = {one.id: one for one in both}.values()
    made = [replace(watched_of(workspace, one, names[one.id]), participant="", group="") for one in each_once]
    document = cohort(made)
    rows = document["recordings"] * (2 if len(made) == 1 else 1)
    return {"emotions": document["emotions"], "sides": [row["rates"] for row in rows], "unlike": unlike(made)}
