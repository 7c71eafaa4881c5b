"""Data sets by name: one function a corpus turns its folder into clips."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from micromask.core.clips import Clip, Finding
from micromask.core.errors import BadInputError
from micromask.core.registry import Registry
from micromask.core.types import Recording

MissingApex = Literal["midpoint", "motion-peak", "drop"]


@dataclass(frozen=True, slots=True)
class Corpus:
    """A data set that was read: its clips, which release of it this is, and what has to be said about it.

    ``recordings`` are all films of a corpus of long films, those without any expression too (spotting is scored on them
    as well); it is empty where each clip has a recording of its own. Clips of one film share one recording.
    """

    name: str
    root: Path
    release: str
    clips: tuple[Clip, ...]
    findings: tuple[Finding, ...] = ()
    recordings: tuple[Recording, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """What every loader honours.

    ``corrections`` False leaves published sheets as they are; ``missing_apex`` says what becomes of a clip whose apex
    nobody marked; ``extra`` are the loader's own options (such as ``part`` or ``subject_pattern``).
    """

    corrections: bool = True
    missing_apex: MissingApex = "midpoint"
    extra: dict[str, Any] = field(default_factory=dict)

    def take(self, loader: str, **known: Any) -> dict[str, Any]:
        """The loader's own options over its defaults; BadInputError on one that it does not have."""
        for name in self.extra:
            if name not in known:
                raise BadInputError(f"{loader} has no option {name!r}; it has: {', '.join(known) or 'none'}")
        return {**known, **self.extra}


Loader = Callable[[Path, LoadOptions], Corpus]

datasets: Registry[Loader] = Registry("data set")


def open_corpus(
    name: str, root: str | Path, *, corrections: bool = True, missing_apex: MissingApex = "midpoint", **extra: Any
) -> Corpus:
    """Read a data set with everything that has to be said about it; rows that cannot be right become findings.

    Raises
    ------
    BadInputError
        If there is no such data set, or the folder is not one of its.
    """
    place = Path(root)
    loader = datasets[name]
    if not place.exists():
        raise BadInputError(
            f"{place}: no such folder; {name} expects its root there (see: micromask datasets info {name})"
        )
    if missing_apex not in ("midpoint", "motion-peak", "drop"):
        raise BadInputError(f"missing apex is midpoint, motion-peak or drop, got {missing_apex!r}")
    return loader(place, LoadOptions(corrections, missing_apex, extra))


def load(
    name: str,
    root: str | Path,
    *,
    corrections: bool = True,
    missing_apex: MissingApex = "midpoint",
    strict: bool = True,
    **extra: Any,
) -> tuple[Clip, ...]:
    """The clips of a data set.

    Parameters
    ----------
    name, root : str, path
        A name in ``datasets`` and where that corpus lies.
    corrections : bool
        Mend known mistakes of published sheets (``datasets/corrections``).
    missing_apex : {"midpoint", "motion-peak", "drop"}
        What becomes of a clip without a marked apex; the clip says that its apex is estimated.
    strict : bool
        Refuse a corpus with rows that cannot be right; False leaves those rows out.

    Raises
    ------
    BadInputError
        If the folder is not one of this corpus's, or (strict) a row cannot be right; the message names file and row.
    """
    corpus = open_corpus(name, root, corrections=corrections, missing_apex=missing_apex, **extra)
    errors = [finding for finding in corpus.findings if finding.severity == "error"]
    if strict and errors:
        lines = [line for finding in errors for line in (finding.evidence or (finding.title,))]
        raise BadInputError(
            f"{name}: {lines[0]}" + (f" (and {len(lines) - 1} more)" if len(lines) > 1 else "")
            + "; see all with: micromask datasets check, or leave such rows out with strict=False"
        )  # fmt: skip
    return corpus.clips
