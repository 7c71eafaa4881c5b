"""Pages that stay open while the server is stopped and started again: they say so once, and take it back."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ASKS = ("/analyse", "/images", "/exports")
"""These ask for news by themselves."""


def test_open_pages_say_that_the_server_is_away_then_who_signs_in_again_and_then_nothing(
    workspace: Path, app_process: Callable[..., Any], plain_chromium: Any
) -> None:
    server = app_process(workspace)
    with closing(plain_chromium.new_context()) as context:
        context.new_page().goto(server.links[0])
        pages = {}
        for path in ASKS:
            pages[path] = context.new_page()
            pages[path].goto(server.address + path)
        server.end()
        for path in ASKS:
            said(pages[path], "The server does not answer")
        again = app_process(workspace, port=server.port)
        for path in ASKS:
            said(pages[path], "Not signed in: open a link")
        context.new_page().goto(again.links[0])
        for path in ASKS:
            pages[path].locator("#says").wait_for(state="hidden", timeout=40_000)


def said(page: Any, words: str) -> None:
    line = page.locator("#says")
    end = time.monotonic() + 40
    while not (line.is_visible() and line.inner_text().startswith(words)):
        assert time.monotonic() < end, line.inner_text()
        time.sleep(0.1)
