"""The pages that work on a workspace, a router each: they are there when the server has one."""

from __future__ import annotations

from fastapi import APIRouter

from micromask.app.web import (
    agree_pages,
    analyse_api,
    analyse_pages,
    cohort_pages,
    compare_pages,
    corrections_api,
    export_api,
    export_pages,
    folder_api,
    images_api,
    images_pages,
    jobs_api,
    live_api,
    live_pages,
    made_api,
    models_api,
    recording_api,
    recording_pages,
    runs_pages,
    upload_api,
)

ROUTERS: tuple[APIRouter, ...] = (
    analyse_pages.pages,
    analyse_api.api,
    folder_api.api,
    upload_api.api,
    jobs_api.api,
    live_pages.pages,
    live_api.api,
    recording_pages.pages,
    recording_api.api,
    corrections_api.api,
    export_api.api,
    export_pages.pages,
    images_pages.pages,
    images_api.api,
    models_api.api,
    cohort_pages.pages,
    compare_pages.pages,
    agree_pages.pages,
    made_api.api,
    runs_pages.pages,
    runs_pages.api,
)
