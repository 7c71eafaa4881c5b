"""The studies that a server has open, each an application below its own address."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from threading import Lock

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from micromask.app.web.alone import alone
from micromask.app.web.links import Links
from micromask.app.web.study.app import create_study_app
from micromask.app.web.study.session import LOOK_SECONDS, Eyes, end_silent
from micromask.core.errors import BadInputError
from micromask.studies.read_design import FILE, read_design
from micromask.studies.recover import recover
from micromask.studies.sittings import sittings

LONGEST_KEY = 40


class OpenStudies(Mapping[str, FastAPI]):
    """Studies by the key that stands for them in addresses: ``/studies/KEY/...``.

    An ASGI application that hands a request on to the study of its key.

    Parameters
    ----------
    links : Links
        Who is signed in.
    detector : str
        Name in `micromask.faces.detect.detectors`, for the camera check.
    workspace : Path, optional
        The server's.
    locked : bool
        Whether each study is held by its lock while it is open (`alone`): a server does so.

    Attributes
    ----------
    faults : dict of str to (Path, str)
        Studies of the workspace that could not be opened: folder and why, by the key that they would have.
    """

    def __init__(self, links: Links, *, detector: str, workspace: Path | None, locked: bool) -> None:
        self._links, self._eyes = links, Eyes(detector)
        self._workspace, self._locked = workspace, locked
        self.faults: dict[str, tuple[Path, str]] = {}
        self._apps: dict[str, FastAPI] = {}
        self._held: dict[str, ExitStack] = {}
        self._lock = Lock()

    def open(self, study: Path, key: str = "") -> str:
        """Open a study and bring it in order; its key. One that is open already keeps the key that it has.

        Parameters
        ----------
        study : Path
            Its folder.
        key : str
            The key that it should have; its folder's name makes one otherwise. A number is added to one that is taken.

        Raises
        ------
        BadInputError
            If there is no study, its study.yaml has a mistake, or another server has it open.
        """
        study = study.resolve()
        with self._lock, ExitStack() as held:
            for known, app in self._apps.items():
                if app.state.study == study:
                    return known
            if not (study / FILE).is_file():  # nothing is to be left in a folder of something else
                raise BadInputError(f"{study} holds no study (no {FILE}): make one with 'micromask study new {study}'")
            if self._locked:
                held.enter_context(alone(study))
            key = self._free(key or key_of(study.name))
            self._apps[key] = create_study_app(study, key, self._links, self._eyes, workspace=self._workspace)
            self._held[key] = held.pop_all()
        return key

    def shut(self, key: str) -> None:
        """Close one study and give its lock back.

        Raises
        ------
        BadInputError
            If a session of it is running.
        """
        with self._lock:
            self._check_idle(key)
            del self._apps[key]
            self._held.pop(key).close()

    def read_again(self, key: str) -> None:
        """Take over what was changed in a study's plan.

        Raises
        ------
        BadInputError
            If the plan has a mistake (the one before stands then), or a session of it is running.
        """
        with self._lock:
            self._check_idle(key)
            state = self._apps[key].state
            state.design = read_design(state.study)

    def recovered(self) -> tuple[str, ...]:
        """A line for each thing that had to be brought in order when the studies were opened."""
        several = len(self._apps) > 1
        return tuple(
            f"{app.state.study.name}: {line}" if several else line
            for app in self._apps.values()
            for line in app.state.recovered
        )

    def interrupt(self) -> None:
        """The server has stopped: sessions that ran then are interrupted."""
        for app in self._apps.values():
            recover(app.state.study)

    def close(self) -> None:
        """Give all locks back."""
        for held in self._held.values():
            held.close()

    async def watch(self) -> None:
        """End the sessions whose browser is gone, again and again until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            for app in tuple(self._apps.values()):
                await run_in_threadpool(end_silent, app.state.study, app.state.heard)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request below /studies/KEY on to that study."""
        app = self._apps.get(scope["path_params"]["key"])
        if app is None:
            raise HTTPException(404, "there is no such study here: look at the list of studies")
        await app(scope, receive, send)

    def __getitem__(self, key: str) -> FastAPI:
        return self._apps[key]

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._apps))

    def __len__(self) -> int:
        return len(self._apps)

    def _check_idle(self, key: str) -> None:
        state = self._apps[key].state
        for one in sittings(state.study):
            if one.state == "running":
                raise BadInputError(
                    f"{state.design.title}: session {one.id} is running; wait for its end, or end it first"
                )

    def _free(self, key: str) -> str:
        number, free = 1, key
        while free in self._apps:
            number += 1
            free = f"{key}-{number}"
        return free


def key_of(name: str) -> str:
    """A folder's name as it stands in an address: small letters, digits and dashes.

    >>> key_of("My study, 2nd part"), key_of("Gesichter (übrig)"), key_of("..")
    ('my-study-2nd-part', 'gesichter-ubrig', 'study')
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    return words[:LONGEST_KEY].strip("-") or "study"
