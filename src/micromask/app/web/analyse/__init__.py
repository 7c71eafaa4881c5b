"""The page Analyse: films in, a queue, a list of what was found."""

from __future__ import annotations

from fastapi import APIRouter

from micromask.app.web.analyse import api, folders, pages, uploads

ROUTERS: tuple[APIRouter, ...] = (pages.pages, api.api, folders.api, uploads.api)
