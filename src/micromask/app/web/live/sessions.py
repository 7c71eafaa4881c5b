"""The live views that are open: a watcher each, in this process's memory only, gone when their page is."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

from micromask.app.workspace.live_films import LiveFilm
from micromask.core.errors import BadInputError, MicromaskError
from micromask.core.types import Frame
from micromask.faces.detect import Detector, detectors
from micromask.inference.fitted import Fitted
from micromask.inference.snapshot import SnapFace, snapshot
from micromask.inference.stream import SMALLEST, LiveState, LiveWatcher
from micromask.studies.camera_check import read_picture

MOST_VIEWS = 3
"""So many live views at a time: each one wants most of a processor core."""

MOST_WAITING = 3
"""A page has two frames on their way; of one that sends more, those beyond this are refused."""

SILENT_SECONDS = 20.0
"""A page that sends nothing for so long is gone."""

SWEEP_SECONDS = 2.0


class BusyError(BadInputError):
    """More is asked for than can be done now."""


class GoneError(BadInputError):
    """There is no such live view (any more)."""


class LiveView:
    """One page that watches a camera.

    Parameters
    ----------
    detector : str
    model : Fitted, optional
        A model of single frames.
    payload : dict
        How the page's films are to be analysed.
    clock : callable
        Seconds that never run backwards.

    Raises
    ------
    BadInputError, MissingPartError
        If the detector is not there, or the model reads no single frames.
    """

    def __init__(
        self, detector: str, model: Fitted | None, payload: dict[str, Any], clock: Callable[[], float] = monotonic
    ) -> None:
        self.heard = clock()
        self.film: LiveFilm | None = None
        self._watcher = LiveWatcher(detector=detector, model=model)
        self._closer: Detector = detectors[detector]()
        self._detector, self._model, self._payload, self._clock = detector, model, payload, clock
        self._waiting = threading.Semaphore(MOST_WAITING)
        self._watching, self._looking, self._filming = threading.Lock(), threading.Lock(), threading.Lock()
        self._last: tuple[int, float] = (-1, -1.0)
        self._state: LiveState | None = None
        self._over = False

    def watch(self, data: bytes, number: int, time: float) -> LiveState | None:
        """Watch a frame (a JPEG or PNG picture); None for one that came too late, after a newer one.

        Raises
        ------
        BusyError
            If too many frames wait already.
        BadInputError
            If it is no such picture, or the view is over.
        """
        self.heard = self._clock()
        if not self._waiting.acquire(blocking=False):
            raise BusyError("frames come faster than they can be looked at: send two at a time")
        try:
            picture = read_picture(data)
            with self._watching:
                if self._over:
                    raise GoneError(GONE)
                if number <= self._last[0] or time <= self._last[1]:
                    return None
                self._last = (number, time)
                self._state = self._watcher.step(Frame(number, time, picture))
                return self._state
        finally:
            self._waiting.release()

    def snap(self, data: bytes) -> tuple[SnapFace, ...]:
        """Look closely at one picture; it is not kept.

        Raises
        ------
        BusyError
            While another one is looked at.
        BadInputError
            If it is no picture.
        """
        self.heard = self._clock()
        picture = read_picture(data)
        if not self._looking.acquire(blocking=False):
            raise BusyError("the snapshot before is still being looked at")
        try:
            state = self._state
            same_size = state is not None and state.size == picture.shape[:2]
            known = {face.face: face.box for face in state.faces} if state is not None and same_size else {}
            smallest = SMALLEST.get(self._detector, 40.0)
            return snapshot(picture, self._closer, smallest=smallest, model=self._model, known=known)
        finally:
            self._looking.release()

    def begin_film(self, workspace: Path, mime: str) -> None:
        """Begin to record.

        Raises
        ------
        BadInputError
            If a film is being recorded already, or the browser's kind of film is not known.
        """
        self.heard = self._clock()
        with self._filming:
            if self._over:
                raise GoneError(GONE)
            if self.film is not None:
                raise BadInputError("this view is recording already")
            self.film = LiveFilm(workspace, mime)

    def add_piece(self, number: int, data: bytes) -> int:
        """The next piece of the film is on the disk when this returns; how many there are.

        Raises
        ------
        BadInputError
            If nothing is being recorded, or the piece does not fit.
        """
        self.heard = self._clock()
        with self._filming:
            if self.film is None:
                raise BadInputError("nothing is being recorded")
            return self.film.add(number, data)

    def end_film(self) -> tuple[int, int] | None:
        """Take the film into the list: the recording's id and the job's; None if there was none or nothing in it.

        Raises
        ------
        FullError
            If the queue is full; the film is not lost and this may be tried again.
        """
        self.heard = self._clock()
        with self._filming:
            ids = None if self.film is None else self.film.end(self._payload)
            self.film = None
            return ids

    def close(self) -> None:
        """End the watcher's threads; a film that was being recorded is kept."""
        with self._watching:
            over, self._over = self._over, True
        if over:
            return
        self._watcher.close()
        try:
            self.end_film()
        except MicromaskError:  # the queue is full: `live_films.rescue` finds it
            with self._filming:
                if self.film is not None:
                    self.film.leave()
                self.film = None

    @property
    def silent(self) -> bool:
        """Whether its page is gone."""
        return self._clock() - self.heard > SILENT_SECONDS


GONE = "this live view is over: begin again"


class LiveViews:
    """The live views of one server, by the key that their page was given."""

    def __init__(self) -> None:
        self._lock, self._views = threading.Lock(), dict[str, LiveView]()
        self._beginning = 0
        self._sweeper: threading.Thread | None = None

    def open(self, begin: Callable[[], LiveView]) -> str:
        """Add what ``begin`` makes; its key.

        Raises
        ------
        BusyError
            If too many are open.
        """
        self.sweep()
        with self._lock:
            if len(self._views) + self._beginning >= MOST_VIEWS:
                raise BusyError(f"{MOST_VIEWS} live views are open already: close one of them, then begin again")
            self._beginning += 1
        try:
            view, key = begin(), secrets.token_hex(8)
            with self._lock:
                self._views[key] = view
                if self._sweeper is None:
                    self._sweeper = threading.Thread(target=self._sweep_on, name="live views", daemon=True)
                    self._sweeper.start()
            return key
        finally:
            with self._lock:
                self._beginning -= 1

    def get(self, key: str) -> LiveView:
        """One of them.

        Raises
        ------
        GoneError
            If it is over.
        """
        with self._lock:
            view = self._views.get(key)
        if view is None:
            raise GoneError(GONE)
        return view

    def films(self) -> set[Path]:
        """The part files that are being written."""
        with self._lock:
            return {view.film.path for view in self._views.values() if view.film is not None}

    def end(self, key: str) -> None:
        """End one; nothing happens if it is over."""
        with self._lock:
            view = self._views.pop(key, None)
        if view is not None:
            view.close()

    def close(self) -> None:
        """End all of them."""
        with self._lock:
            keys = list(self._views)
        for key in keys:
            self.end(key)

    def sweep(self) -> None:
        """End those whose page is gone."""
        with self._lock:
            gone = [key for key, view in self._views.items() if view.silent]
        for key in gone:
            self.end(key)

    def _sweep_on(self) -> None:
        """Sweep now and then while there are any."""
        pause = threading.Event()
        while True:
            pause.wait(SWEEP_SECONDS)
            self.sweep()
            with self._lock:
                if not self._views:
                    self._sweeper = None
                    return
