"""The page of one recording and what is done on it: corrections, exports; and two recordings side by side."""

from __future__ import annotations

from fastapi import APIRouter

from micromask.app.web.recording import api, compare, corrections, exports, exports_page, pages

ROUTERS: tuple[APIRouter, ...] = (pages.pages, api.api, corrections.api, exports.api, exports_page.pages, compare.pages)
