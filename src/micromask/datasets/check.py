"""Is a corpus on disk what it should be: its clips and labels counted, its pictures hashed and looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from micromask.core.clips import Finding
from micromask.core.errors import BadInputError
from micromask.core.types import Recording, SubjectId
from micromask.datasets.build import TITLES
from micromask.datasets.cache import hash_file
from micromask.datasets.catalogue import Corpus, MissingApex, open_corpus
from micromask.datasets.duplicates import WHOLE_FILM, Place, Prints, duplicates, places_of
from micromask.datasets.pixels import frame_files, read_frames

MOST_DECODED = 2000
"""Pictures that are decoded unless all are asked for, spread evenly over the corpus."""

MOST_LINES = 1000
"""Lines of evidence that a finding of this check keeps; the last one then says how many more there are."""


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check found.

    ``emotions`` counts clips by emotion as coded, ``subject_emotions`` the same for each subject, ``kinds`` by micro,
    macro and masked, ``apexes`` by where the apex is from. ``corrections`` are the mended cells. ``hashed`` and
    ``decoded`` say how many pictures (films count once) were compared and looked at, of ``sampled`` onsets, apexes and
    offsets.
    """

    name: str
    root: Path
    release: str
    clips: int
    subjects: int
    recordings: int
    emotions: Mapping[str, int]
    subject_emotions: Mapping[str, Mapping[str, int]]
    kinds: Mapping[str, int]
    apexes: Mapping[str, int]
    corrections: tuple[str, ...]
    findings: tuple[Finding, ...]
    sampled: int
    hashed: int
    decoded: int
    thorough: bool

    @property
    def healthy(self) -> bool:
        """Whether nothing is wrong: notes and cautions may be there, errors not."""
        return all(finding.severity != "error" for finding in self.findings)


def check(
    name: str,
    root: str | Path,
    *,
    corrections: bool = True,
    missing_apex: MissingApex = "midpoint",
    thorough: bool = False,
    **extra: Any,
) -> CheckReport:
    """Load a corpus as it lies on disk and look for what is wrong with it.

    Parameters
    ----------
    name, root, corrections, missing_apex, **extra
        As for ``open_corpus``.
    thorough : bool
        Hash every frame of every recording, and decode every clip's onset, apex and offset; otherwise those three are
        hashed and at most 2,000 of them decoded. A film is hashed as a whole either way.

    Returns
    -------
    CheckReport
        With the loader's findings and these: DS015 and DS049 (the same bytes in two places), DS016 (a picture or film
        cannot be read), DS050 (no clip at all).

    Raises
    ------
    BadInputError
        If there is no such data set, or the folder is not one of its.
    """
    corpus = open_corpus(name, root, corrections=corrections, missing_apex=missing_apex, **extra)
    return check_corpus(corpus, thorough=thorough)


def check_corpus(
    corpus: Corpus, *, thorough: bool = False, progress: Callable[[int], None] | None = None
) -> CheckReport:
    """The report on a corpus that was opened; ``progress`` is called with the number of pictures done so far."""
    places = places_of(corpus)
    look = _Look(corpus.root, thorough, progress)
    look.over(places)
    lines = {finding.code: list(finding.evidence) for finding in corpus.findings}
    for code, said in (*look.lines.items(), *duplicates(look.prints, places, corpus.root).items()):
        lines.setdefault(code, []).extend(said)
    if not corpus.clips:
        lines["DS050"] = [f"{corpus.root}: {corpus.name} found no clip; see: micromask datasets info {corpus.name}"]
    by_subject: dict[SubjectId, Counter[str]] = {}
    for clip in corpus.clips:
        by_subject.setdefault(clip.subject, Counter())[clip.annotation.emotion] += 1
    applied = next((finding.evidence for finding in corpus.findings if finding.code == "DS001"), ())
    return CheckReport(
        name=corpus.name,
        root=corpus.root,
        release=corpus.release,
        clips=len(corpus.clips),
        subjects=len(by_subject),
        recordings=len(places),
        emotions=_counted(clip.annotation.emotion for clip in corpus.clips),
        subject_emotions={str(who): _counted(count.elements()) for who, count in by_subject.items()},
        kinds=_counted(clip.annotation.kind for clip in corpus.clips),
        apexes=_counted(clip.annotation.apex_from or "none" for clip in corpus.clips),
        corrections=applied,
        findings=_findings(corpus.findings, lines),
        sampled=sum(len(place.frames) for place in places),
        hashed=look.hashed,
        decoded=look.decoded,
        thorough=thorough,
    )


def count_pictures(corpus: Corpus, *, thorough: bool = False) -> int:
    """How many pictures (films count once) ``check_corpus`` will hash."""
    return sum(_hashes(place, thorough) for place in places_of(corpus))


def report_document(report: CheckReport) -> dict[str, Any]:
    """The report as JSON can hold it."""
    return {
        "dataset": report.name,
        "root": str(report.root),
        "release": report.release,
        "healthy": report.healthy,
        "clips": report.clips,
        "subjects": report.subjects,
        "recordings": report.recordings,
        "emotions": dict(report.emotions),
        "subject_emotions": {who: dict(count) for who, count in report.subject_emotions.items()},
        "kinds": dict(report.kinds),
        "apexes": dict(report.apexes),
        "corrections": list(report.corrections),
        "findings": [
            {"code": each.code, "severity": each.severity, "title": each.title, "evidence": list(each.evidence)}
            for each in report.findings
        ],
        "sampled": report.sampled,
        "hashed": report.hashed,
        "decoded": report.decoded,
        "thorough": report.thorough,
    }


def _is_film(recording: Recording) -> bool:
    return frame_files(recording) is None


def _hashes(place: Place, thorough: bool) -> int:
    if _is_film(place.recording):
        return 1
    return place.recording.n_frames if thorough else len(place.frames)


class _Look:
    """One walk over all recordings; a picture leaves 24 bytes behind, whatever its size."""

    def __init__(self, root: Path, thorough: bool, progress: Callable[[int], None] | None) -> None:
        self.lines: dict[str, list[str]] = {}
        self.hashed = self.decoded = 0
        self._root, self._thorough = root, thorough
        self._progress = progress or (lambda _: None)
        self.prints = Prints()
        self._step, self._sample = 1, 0

    def over(self, places: Sequence[Place]) -> None:
        if not self._thorough:
            self._step = max(1, -(-sum(len(place.frames) for place in places) // MOST_DECODED))
        for number, place in enumerate(places):
            try:
                files = frame_files(place.recording)
            except BadInputError as error:
                self._say("DS016", f"{place.name}: {error}")
                continue
            if files is None:
                self._film(number, place)
            else:
                self._pictures(number, place, files)

    def _film(self, number: int, place: Place) -> None:
        path = place.recording.path
        if self._hash(path, number, WHOLE_FILM, place) and place.frames and self._due(len(place.frames)):
            try:
                for _ in read_frames(place.recording, place.frames):
                    self.decoded += 1
            except BadInputError as error:
                self._say("DS016", f"{place.name}: {error}")

    def _pictures(self, number: int, place: Place, files: Sequence[Path]) -> None:
        frames: Iterable[int] = range(len(files)) if self._thorough else sorted(place.frames)
        for frame in frames:
            readable = self._hash(files[frame], number, frame, place)
            if frame in place.frames and readable and self._due(1):
                try:
                    self.decoded += sum(1 for _ in read_frames(place.recording, (frame,)))
                except BadInputError as error:
                    self._say("DS016", f"{place.name}: frame {frame}: {error}")

    def _due(self, samples: int) -> bool:
        """Whether one of the next samples is to be decoded."""
        before, self._sample = self._sample, self._sample + samples
        return -(-before // self._step) * self._step < self._sample

    def _hash(self, path: Path, number: int, frame: int, place: Place) -> bool:
        try:
            if path.stat().st_size == 0:
                raise OSError("the file is empty")
            self.prints.add(hash_file(path), number, frame)
        except OSError as error:
            self._say("DS016", f"{place.name}: {path}: {error.strerror or error}")
            return False
        finally:
            self.hashed += 1
            self._progress(self.hashed)
        return True

    def _say(self, code: str, line: str) -> None:
        self.lines.setdefault(code, []).append(line)


def _counted(things: Iterable[str]) -> dict[str, int]:
    """How often each thing is there, most frequent first, then by name."""
    return dict(sorted(Counter(things).items(), key=lambda item: (-item[1], item[0])))


def _findings(loaders: Sequence[Finding], lines: Mapping[str, Sequence[str]]) -> tuple[Finding, ...]:
    known = {finding.code: finding for finding in loaders}
    findings = []
    for code, said in sorted(lines.items()):
        told = tuple(said)
        if len(told) > MOST_LINES:
            told = (*told[:MOST_LINES], f"and {len(told) - MOST_LINES} more")
        before = known.get(code)
        title, severity = (before.title, before.severity) if before else (TITLES[code][1], TITLES[code][0])
        findings.append(Finding(code, title, severity, told))  # type: ignore[arg-type]
    return tuple(findings)
