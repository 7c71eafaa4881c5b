"""From what was asked for on the command line to the clips of one data set or several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, get_args

from micromask.app.cli.talk import progress_bar, say
from micromask.core.errors import BadInputError

if TYPE_CHECKING:
    from micromask.core.clips import Clip, Finding
    from micromask.datasets.catalogue import MissingApex

SYNTHETIC = "synthetic"
SMALL = {"subjects": 6, "clips_per_subject": 12, "seconds": 0.7, "size": 160, "fps": 60.0, "blinks": 0.0}
"""The synthetic corpus that is made where no --root is given."""


def loader_settings(pairs: Sequence[str], subject_pattern: str | None) -> dict[str, Any]:
    """A loader's own options from KEY=VALUE pairs.

    >>> loader_settings(["images=cropped", "with-x=1"], None)
    {'images': 'cropped', 'with_x': '1'}
    """
    found: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not (key and equals):
            raise BadInputError(f"--set wants KEY=VALUE, such as images=cropped, got {pair!r}")
        found[key.replace("-", "_")] = value
    if subject_pattern is not None:
        found["subject_pattern"] = subject_pattern
    return found


def missing_apex_of(asked: str) -> MissingApex:
    """What becomes of a clip without an apex, by its name."""
    from micromask.datasets.catalogue import MissingApex

    for how in get_args(MissingApex):
        if how == asked:
            return how  # type: ignore[no-any-return]
    raise BadInputError(f"--missing-apex is {', '.join(get_args(MissingApex))}, got {asked!r}")


@contextmanager
def opened(
    names: Sequence[str], roots: Sequence[Path], missing_apex: str, extra: dict[str, Any]
) -> Iterator[tuple[tuple[Clip, ...], tuple[Finding, ...]]]:
    """The clips of one data set or several, and what was found out about them.

    ``synthetic`` without a root is made, small, in a temporary folder that is gone afterwards.

    Raises
    ------
    BadInputError
        If the data sets and roots are not as many, or one of them cannot be read.
    """
    from micromask.datasets import open_corpus
    from micromask.evaluation.samples import join_clips

    with TemporaryDirectory(prefix="micromask-") as place:
        if tuple(names) == (SYNTHETIC,) and not roots:
            roots = [_made(Path(place) / SYNTHETIC)]
        if len(names) != len(roots):
            raise BadInputError(f"{len(names)} data sets ({', '.join(names)}) and {len(roots)} --root: one for each")
        read = [
            open_corpus(name, root, missing_apex=missing_apex_of(missing_apex), **extra)
            for name, root in zip(names, roots, strict=True)
        ]
        findings = tuple(finding for corpus in read for finding in corpus.findings)
        for finding in findings:
            if finding.severity == "error":
                say(
                    f"note: {finding.code} {finding.title}: {len(finding.evidence)} left out (micromask datasets check)"
                )
        yield join_clips([corpus.clips for corpus in read]), findings


def _made(root: Path) -> Path:
    from micromask.datasets.synthetic import CorpusPlan, synthesize

    plan = CorpusPlan(**SMALL)  # type: ignore[arg-type]
    frames = plan.subjects * plan.clips_per_subject * round(plan.seconds * plan.fps)
    say(f"no --root: making a small synthetic corpus of {plan.subjects} people")
    with progress_bar("synthetic corpus", frames) as done:
        synthesize(root, plan, jobs=2, progress=done)
    return root
