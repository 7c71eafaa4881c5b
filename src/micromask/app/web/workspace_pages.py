"""The pages that work on a workspace: they are there when the server has one."""

from __future__ import annotations

from fastapi import APIRouter

from micromask.app.web import analyse, images, jobs_api, live, made, recording

ROUTERS: tuple[APIRouter, ...] = (
    *analyse.ROUTERS,
    jobs_api.api,
    *live.ROUTERS,
    *recording.ROUTERS,
    *images.ROUTERS,
    *made.ROUTERS,
)
