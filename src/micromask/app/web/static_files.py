"""The app's own style and scripts, read once: a request's name is looked up and is never a path."""

from __future__ import annotations

import mimetypes
from functools import cache
from importlib.resources import files

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

pages = APIRouter()


@cache
def _known() -> dict[str, tuple[bytes, str]]:
    return {
        one.name: (one.read_bytes(), mimetypes.guess_type(one.name)[0] or "application/octet-stream")
        for one in files("micromask.app.web").joinpath("static").iterdir()
        if one.is_file()
    }


@pages.get("/static/{name}")
def static(name: str) -> Response:
    """One file by its name."""
    if name not in _known():
        raise HTTPException(404, "there is no such page here")
    data, kind = _known()[name]
    return Response(data, media_type=kind, headers={"Cache-Control": "no-cache"})


@pages.get("/favicon.ico")
def icon() -> Response:
    """What browsers ask for by themselves."""
    return static("icon.svg")
