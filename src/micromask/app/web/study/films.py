"""Films and kept frames by number: a request never names a path."""

from __future__ import annotations

import cv2
import numpy as np
from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from micromask.studies.coded_films import open_film, picture_path
from micromask.studies.film_clock import film_path

api = APIRouter(prefix="/api/films")

THUMB = 96
"""Side of the small pictures of the filmstrip, px."""


@api.get("/{recording}")
def film(request: Request, recording: int) -> Response:
    """The film itself, whole or the bytes that the browser asks for."""
    study = request.app.state.study
    opened = open_film(study, recording)
    return FileResponse(film_path(study, recording), media_type=opened.mime.partition(";")[0])


@api.get("/{recording}/frames/{number}")
def picture(request: Request, recording: int, number: int) -> Response:
    """A kept frame: the face cut out."""
    return FileResponse(picture_path(request.app.state.study, recording, number))


@api.get("/{recording}/frames/{number}/small")
def small_picture(request: Request, recording: int, number: int) -> Response:
    """The same, small."""
    image = cv2.imread(str(picture_path(request.app.state.study, recording, number)))
    if image is None:
        raise HTTPException(404, f"the picture of frame {number} of recording {recording} cannot be read")
    shrunk = cv2.resize(image, (THUMB, THUMB), interpolation=cv2.INTER_AREA)
    data: np.ndarray = cv2.imencode(".jpg", shrunk, [cv2.IMWRITE_JPEG_QUALITY, 85])[1]
    return Response(data.tobytes(), media_type="image/jpeg")
