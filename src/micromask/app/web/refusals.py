"""What went wrong, said in one line: an application of ours answers every error through these."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from micromask.app.web.look import refusal
from micromask.app.workspace.jobs import RETRY_SECONDS, FullError
from micromask.core.errors import BadInputError, MicromaskError


def bare_app() -> FastAPI:
    """An application without pages about itself, whose errors are refusals of one line."""
    app = FastAPI(
        title="micromask",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        # Newer FastAPI sends what it measures to wherever the environment says: nothing leaves this machine.
        telemetry={
            "tracing": False,
            "metrics": False,
            "logs": False,
            "operation_spans": False,
            "auto_configure": False,
        },
    )
    app.add_exception_handler(MicromaskError, _told)
    app.add_exception_handler(HTTPException, _no)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(OverflowError, _beyond)
    return app


def _told(request: Request, error: Exception) -> Response:
    if isinstance(error, FullError):
        response = refusal(request.scope, 429, str(error))
        response.headers["Retry-After"] = str(RETRY_SECONDS)
        return response
    status = 422 if isinstance(error, BadInputError) else 500
    return refusal(request.scope, status, str(error))


def _no(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    line = "there is no such page here" if error.status_code == 404 and error.detail == "Not Found" else error.detail
    response = refusal(request.scope, error.status_code, line)
    response.headers.update(error.headers or {})
    return response


def _beyond(request: Request, error: Exception) -> Response:
    """A number in the address that no row of a database can have."""
    return refusal(request.scope, 404, "there is no such page here")


def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = "; ".join(f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg']}" for one in error.errors())
    return refusal(request.scope, 422, f"this request is not in order: {faults}")
