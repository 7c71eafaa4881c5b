"""A file of bearable size from the browser, streamed to the disk, and given to whoever keeps it."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import TypeVar

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from micromask.app.workspace.uploads import SPARE_BYTES
from micromask.core.errors import BadInputError, BadOutputError
from micromask.studies.files import FILE_MODE

SILENT_SECONDS = 60.0
PIECE = 1 << 18
BROKEN_OFF, FULL_DISK = 499, 507

T = TypeVar("T")


async def received(request: Request, workspace: Path, keep: Callable[[Path], T]) -> T:
    """What ``keep`` makes of the request's body, which is a file in ``workspace/uploads`` while it runs, and gone then.

    How large a body may be is for `micromask.app.web.limits` to say.

    Raises
    ------
    BadInputError
        If the body is empty; and whatever ``keep`` raises.
    HTTPException
        408: nothing came for a minute; 507: the disk is full.
    """
    path = workspace / "uploads" / f"{secrets.token_hex(8)}.part"
    try:
        if shutil.disk_usage(workspace).free < SPARE_BYTES:
            raise BadOutputError("the disk is nearly full: make room, then send it again")
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), FILE_MODE)
        with os.fdopen(descriptor, "wb", buffering=PIECE) as file:
            size = 0
            async for piece in pieces(request, SILENT_SECONDS, "nothing came"):
                size += len(piece)
                await run_in_threadpool(file.write, piece)
        if not size:
            raise BadInputError("this file is empty: choose another")
        return await run_in_threadpool(keep, path)
    except ClientDisconnect:
        raise HTTPException(BROKEN_OFF, "the file broke off") from None  # nobody hears it
    except BadOutputError as error:
        raise HTTPException(FULL_DISK, str(error)) from None
    except OSError as error:
        raise HTTPException(FULL_DISK, f"this file cannot be kept ({error.strerror or error}): make room") from None
    finally:
        path.unlink(missing_ok=True)


async def pieces(
    request: Request, seconds: float, nothing: str, headers: Mapping[str, str] | None = None
) -> AsyncIterator[bytes]:
    """The body as it comes; 408 where nothing more comes for so long, with ``nothing`` in words."""
    stream = request.stream()
    while True:
        try:
            async with asyncio.timeout(seconds):
                piece = await anext(stream, None)
        except TimeoutError:
            raise HTTPException(408, f"{nothing} for {seconds:g} s: send it again", headers) from None
        if piece is None:
            return
        if piece:
            yield piece
