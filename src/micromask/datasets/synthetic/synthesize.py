"""Write a synthetic corpus into a new folder: whole or not at all, the same bytes for the same plan."""

from __future__ import annotations

import json
import multiprocessing
import secrets
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from micromask.core.errors import BadInputError, BadOutputError
from micromask.datasets.synthetic.corpus import CorpusPlan, SyntheticClip, plan_clips
from micromask.datasets.synthetic.layouts import layouts

TRUTH = "synthetic.json"
"""What every synthetic corpus holds besides: how it was made and the truth about each clip."""

FORMAT = 1


def synthesize(
    folder: str | Path,
    plan: CorpusPlan,
    *,
    layout: str = "synthetic",
    jobs: int = 1,
    progress: Callable[[int], None] | None = None,
) -> tuple[SyntheticClip, ...]:
    """Write a corpus of synthetic people.

    Parameters
    ----------
    folder : str or Path
        Its root; must not be there yet, or be empty.
    plan : CorpusPlan
        What it is like. Emotions that the layout cannot name are refused.
    layout : str
        A name in ``layouts``: a corpus whose loader then reads it.
    jobs : int
        How many processes draw. The bytes do not depend on it.
    progress : callable, optional
        Called with the number of frames done so far.

    Returns
    -------
    tuple of SyntheticClip
        What was written, and the truth about it; also in ``synthetic.json``.

    Raises
    ------
    BadInputError
        If there is no such layout, or it has no name for an emotion.
    BadOutputError
        If the folder holds something or cannot be written.
    """
    kind = layouts[layout]
    unknown = [name for name in plan.emotions if name not in kind.emotions]
    if unknown:
        raise BadInputError(f"layout {layout} has no name for {', '.join(unknown)}; it has: {', '.join(kind.emotions)}")
    clips = tuple(plan_clips(plan))
    done = 0
    with _new_folder(Path(folder)) as root:
        for clip in _written(root, layout, clips, jobs):
            done += clip.frames
            if progress is not None:
                progress(done)
        kind.sheets(root, clips)
        truth = {
            "format": FORMAT,
            "layout": layout,
            "plan": asdict(plan),
            "clips": [_document(clip) for clip in clips],
        }
        text = json.dumps(truth, indent=1, ensure_ascii=False) + "\n"
        (root / TRUTH).write_text(text, encoding="utf-8", newline="")
    return clips


def _written(root: Path, layout: str, clips: tuple[SyntheticClip, ...], jobs: int) -> Iterator[SyntheticClip]:
    """Write all clips; each as soon as it is done."""
    jobs = min(jobs, len(clips))
    if jobs <= 1:
        for clip in clips:
            layouts[layout].clip(root, clip)
            yield clip
        return
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=spawn, initializer=_one_thread) as pool:
        futures = {pool.submit(_write_clip, root, layout, clip): clip for clip in clips}
        try:
            for future in as_completed(futures):
                future.result()
                yield futures[future]
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _one_thread() -> None:
    import cv2

    cv2.setNumThreads(1)


def _write_clip(root: Path, layout: str, clip: SyntheticClip) -> None:
    layouts[layout].clip(root, clip)


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """A hidden folder beside ``folder`` to write to; moved into place at the end, gone after an error."""
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise BadOutputError(f"{folder} is there already; choose another --out or remove it")
    place = folder.resolve()
    part = place.with_name(f".{place.name}.{secrets.token_hex(4)}.part")
    try:
        part.mkdir(parents=True)
        yield part
        if place.is_dir():
            place.rmdir()
        part.replace(place)
    except OSError as error:
        raise BadOutputError(
            f"{folder} cannot be written: {error.strerror or error}; make room or choose another --out"
        ) from None
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _document(clip: SyntheticClip) -> dict[str, Any]:
    """The truth about one clip as JSON can hold it."""
    return {
        "subject": clip.subject,
        "number": clip.number,
        "emotion": clip.emotion,
        "kind": clip.kind,
        "shown": clip.shown,
        "felt": clip.felt,
        "action_units": clip.action_units,
        "actions": dict(clip.actions),
        "onset": clip.onset,
        "apex": clip.apex,
        "offset": clip.offset,
        "frames": clip.frames,
        "blinks": list(clip.script.blinks),
        "seed": clip.script.seed,
        "face": clip.script.subject,
    }
