"""The page Live: a camera, the faces in it and what they do."""

from __future__ import annotations

from fastapi import APIRouter

from micromask.app.web.live import api, pages

ROUTERS: tuple[APIRouter, ...] = (pages.pages, api.api)
