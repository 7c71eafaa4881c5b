"""One study's pages as an application of their own, below ``/studies/KEY`` of the server."""

from __future__ import annotations

from pathlib import Path

from fastapi import Depends, FastAPI

from micromask.app.web.links import Links
from micromask.app.web.refusals import bare_app
from micromask.app.web.study import agreement, coding, coding_pages, consent, films, pages, participant, session
from micromask.app.web.study.own import own_only
from micromask.studies.design import Design
from micromask.studies.read_design import read_design
from micromask.studies.recover import recover

ROUTERS = (
    pages.pages,
    consent.api,
    participant.pages,
    participant.api,
    session.api,
    coding_pages.pages,
    coding.api,
    films.api,
    agreement.api,
)


def create_study_app(
    study: Path,
    key: str,
    links: Links,
    eyes: session.Eyes,
    *,
    workspace: Path | None = None,
    design: Design | None = None,
) -> FastAPI:
    """The pages of a study; recordings that were cut off are closed first.

    Parameters
    ----------
    study : Path
        The study's folder.
    key : str
        Its name in addresses.
    links : Links
        Who is signed in: the server's.
    eyes : Eyes
        Looks at the pictures of the camera check.
    workspace : Path, optional
        The server's, for the links at the top of a page; the study's pages do not use it.
    design : Design, optional
        Its study.yaml, where that has been read already.

    Returns
    -------
    FastAPI
        With ``state.study``, ``state.design``, ``state.key`` and ``state.base``.

    Raises
    ------
    BadInputError
        If there is no study, or its study.yaml has a mistake.
    """
    app = bare_app()
    app.state.study, app.state.design = study, design or read_design(study)
    app.state.key, app.state.base = key, f"/studies/{key}"
    app.state.links, app.state.workspace = links, workspace
    app.state.consents, app.state.eyes, app.state.heard = consent.Consents(), eyes, session.Heard()
    app.state.recovered = recover(study)
    for router in ROUTERS:
        app.include_router(router, dependencies=[Depends(own_only)])
    return app
