"""What is made of several recordings or runs: the pages Cohort, Agreement and Runs."""

from __future__ import annotations

from fastapi import APIRouter

from micromask.app.web.made import agreement, api, cohort, runs

ROUTERS: tuple[APIRouter, ...] = (cohort.pages, agreement.pages, runs.pages, runs.api, api.api)
