"""The page Images: faces read from pictures, and models of the user's own."""

from __future__ import annotations

from fastapi import APIRouter

from micromask.app.web.images import api, models, pages

ROUTERS: tuple[APIRouter, ...] = (pages.pages, api.api, models.api)
