"""The window of `micromask live`: a picture, a strip of snapshots and a line of words. Needs tkinter and a display."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PIL import Image as Pictures

from micromask.core.errors import MissingPartError
from micromask.core.types import Image

ELSEWHERE = "or watch in the browser: micromask app, then the page Live"


class Window:
    """A window that is open until somebody closes it.

    Parameters
    ----------
    title : str
    pressed : callable
        Called with the name of each key: "space", "q", "Escape" and so on.

    Raises
    ------
    MissingPartError
        If there is no tkinter, or no display to open a window on.
    """

    def __init__(self, title: str, pressed: Callable[[str], None]) -> None:
        try:
            import tkinter

            from PIL import ImageTk
        except ImportError:
            raise MissingPartError(
                f"this Python has no tkinter, which the window needs: install python3-tk (Debian, Ubuntu), {ELSEWHERE}"
            ) from None
        try:
            self._root = tkinter.Tk()
        except tkinter.TclError as error:
            raise MissingPartError(
                f"no window can be opened ({error}): run it on a machine with a screen, {ELSEWHERE}"
            ) from None
        self.closed = False
        self._made: Callable[[Any], Any] = ImageTk.PhotoImage
        self._root.title(title)
        self._root.configure(background="#14181d")
        self._root.protocol("WM_DELETE_WINDOW", self.close)
        self._root.bind("<Key>", lambda event: pressed(event.keysym))
        colours: dict[str, Any] = {"background": "#14181d", "foreground": "#e6eaee", "borderwidth": 0}
        self._picture, self._strip = (tkinter.Label(self._root, **colours) for _ in range(2))
        self._words = tkinter.Label(self._root, anchor="w", padx=10, pady=6, font=("TkDefaultFont", 12), **colours)
        self._picture.grid(row=0, column=0)
        self._strip.grid(row=0, column=1, sticky="n")
        self._words.grid(row=1, column=0, columnspan=2, sticky="ew")

    def show(self, picture: Image, words: str) -> None:
        """Show a picture (H, W, 3) RGB and a line, and hear what was pressed meanwhile."""
        self._put(self._picture, picture)
        self._words.configure(text=words)
        self._root.update()

    def show_strip(self, strip: Image) -> None:
        """Show the snapshots (H, W, 3) RGB beside the picture."""
        self._put(self._strip, strip)

    def close(self) -> None:
        """Close it; nothing happens if it is closed."""
        if not self.closed:
            self.closed = True
            self._root.destroy()

    def _put(self, label: Any, picture: Image) -> None:
        shown = getattr(label, "shown", None)
        made = Pictures.fromarray(picture)
        if shown is not None and (shown.width(), shown.height()) == made.size:
            shown.paste(made)
            return
        # Tk shows a picture for as long as somebody holds it.
        label.shown = self._made(made)
        label.configure(image=label.shown)
