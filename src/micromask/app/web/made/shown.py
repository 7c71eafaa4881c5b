"""What the pages of one cohort and one agreement have in common: whether it is there, and whether it still holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from micromask.app.web.look import page
from micromask.app.workspace.made import REMOVED, WORDS, MadeKind, made, made_document
from micromask.app.workspace.outdated import outdated, recordings_now
from micromask.core.errors import BadInputError


def shown_made(request: Request, workspace: Path, kind: MadeKind, number: int) -> dict[str, Any] | Response:
    """What the page of one is told; the whole page where there is no document, since it waits, failed or was cancelled.

    Raises
    ------
    HTTPException
        404 if there is none of that number.
    """
    try:
        of = made(workspace, kind, number)
    except BadInputError as error:
        raise HTTPException(404, str(error)) from None
    told = {"number": number, "of": of, "kind": kind, "word": WORDS[kind], "removed": of.payload.get(REMOVED, 0)}
    try:
        document = made_document(workspace, kind, number)
    except BadInputError:
        return page(request, "made_waits.html", **told)
    changed = outdated(workspace, kind, of, recordings_now(workspace))
    return told | {"document": document, "made": document.get("read_at", of.made), "changed": changed}
