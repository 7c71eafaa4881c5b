"""The expressions as an ELAN annotation file (.eaf), the format that coders open their video with."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import quote

from pympi.Elan import Eaf, to_eaf

from micromask.core.opinions import CorrectedInterval, Layer, MarkedInterval
from micromask.core.types import Analysis, Recording
from micromask.reports.clock import frame_end
from micromask.reports.corrected import says_of
from micromask.reports.masked import UPPER_WORDS
from micromask.reports.words import EVENT_WORDS, emotion_words, region_words

MIME_TYPES = {
    ".avi": "video/x-msvideo",
    ".m4v": "video/mp4",
    ".mkv": "video/x-matroska",
    ".mov": "video/quicktime",
    ".mp4": "video/mp4",
    ".mpeg": "video/mpeg",
    ".mpg": "video/mpeg",
    ".webm": "video/webm",
    ".wmv": "video/x-ms-wmv",
}

DONE = {"accept": "accepted", "correct": "corrected", "add": "added"}

ENDS: dict[Layer, str] = {"expressions": "", "masked": ", masked"}
"""How the names of people's tiers end."""

Span = tuple[int, int, str]
"""Start ms, end ms, value."""


def write_elan(
    analysis: Analysis,
    path: Path,
    media: Path,
    *,
    by_name: bool = False,
    corrected: Sequence[CorrectedInterval] = (),
) -> None:
    """Write an ELAN annotation file of format 2.8 with the recording linked.

    The tiers are Expressions (kind and emotion, from the start of the onset frame to the end of the offset frame),
    Apex (the apex frame), Regions (those that moved, strongest first), Events (blinks, moves of the head, gaps, cuts)
    and, where masked expressions were looked for, Masked (what the two halves of the face did, and the score). Where
    the recording has several faces, each has its own ('Face 1 - Expressions'). Annotations that overlap go to a second
    tier ('Expressions (2)'), for a tier of ELAN holds one annotation at a time. Times are rounded to
    the millisecond, ELAN's unit.

    With ``corrected`` every author has a tier of their own ('by Kai': what they accepted, corrected and added, with
    their name as its annotator), where needed one of what they rejected ('by Kai, rejected'), and Corrected is what
    stands. Masked marks, which lie within expressions, have tiers beside those: 'Corrected, masked', 'by Kai, masked'
    and 'by Kai, masked, rejected'. The machine's tiers stay as they were measured.

    Parameters
    ----------
    analysis : Analysis
    path : Path
        The .eaf to write; an existing one is replaced.
    media : Path
        The recording. Linked by its address and relative to ``path``'s folder; a folder of images and a file that is
        no film are left unlinked, for ELAN plays films only.
    by_name : bool
        Link the recording by its name alone, as a file beside ``path``: no folder of this machine is written.
    corrected : sequence of CorrectedInterval
        What people said.

    Source
    ------
    ELAN annotation format 2.8, https://www.mpi.nl/tools/elan/EAFv2.8.xsd
    """
    eaf = Eaf(author="micromask")
    eaf.remove_tier("default")
    eaf.header = {"MEDIA_FILE": "", "TIME_UNITS": "milliseconds"}
    _link(eaf, path, media, by_name=by_name)
    faces = sorted({*(face.face for face in analysis.faces), *(one.face for one in corrected)})
    for face in faces:
        prefix = f"Face {face} - " if len(faces) > 1 else ""
        for name, spans in _tiers(analysis, face).items():
            _add(eaf, f"{prefix}{name}", spans)
        for name, annotator, spans in _people(analysis, face, corrected):
            _add(eaf, f"{prefix}{name}", spans, annotator)
    _sort_time_slots(eaf)
    eaf.properties = [("lastUsedAnnotationId", str(len(eaf.annotations)))]
    path.unlink(missing_ok=True)
    to_eaf(path, eaf)


def _link(eaf: Eaf, path: Path, media: Path, *, by_name: bool) -> None:
    mime = MIME_TYPES.get(media.suffix.lower())
    if mime is None or media.is_dir():
        return
    if by_name:
        eaf.add_linked_file(f"./{quote(media.name)}", relpath=f"./{media.name}", mimetype=mime)
        return
    place = media.resolve()
    try:
        relative = Path(os.path.relpath(place, path.parent.resolve())).as_posix()
    except ValueError:  # on another drive
        relative = None
    if relative is not None and not relative.startswith("."):
        relative = f"./{relative}"
    eaf.add_linked_file(place.as_uri(), relpath=relative, mimetype=mime)


def _tiers(analysis: Analysis, face: int) -> dict[str, list[Span]]:
    span = partial(_span, analysis.recording)
    found = [one for one in analysis.expressions if one.face == face]
    tiers = {
        "Expressions": [
            span(one.onset_s, one.offset, one.offset_s, f"{one.kind}: {emotion_words(one)}") for one in found
        ],
        "Apex": [span(one.apex_s, one.apex, one.apex_s, "apex") for one in found],
        "Regions": [
            span(one.onset_s, one.offset, one.offset_s, ", ".join(map(region_words, one.regions)))
            for one in found
            if one.regions
        ],
        "Events": [
            span(event.onset_s, event.offset, event.offset_s, EVENT_WORDS.get(event.name, event.name))
            for event in analysis.events
            if event.face == face
        ],
    }
    if analysis.masked is not None:
        tiers["Masked"] = [
            span(one.onset_s, one.offset, one.offset_s, f"{UPPER_WORDS[one.upper]} (score {one.score:.2f})")
            for one in analysis.masked
            if one.face == face
        ]
    return tiers


def _people(
    analysis: Analysis, face: int, corrected: Sequence[CorrectedInterval]
) -> Iterator[tuple[str, str | None, list[Span]]]:
    """Name, annotator and spans of the tiers of what stands and of each author, in the order of their names."""
    if not any(one.opinions for one in corrected):
        return
    film = analysis.recording
    here = {layer: [one for one in corrected if one.face == face and one.layer == layer] for layer in ENDS}
    for layer, ends in ENDS.items():
        if layer == "expressions" or here[layer]:
            yield f"Corrected{ends}", None, [_said(film, one, one.stands) for one in here[layer] if one.counts]
    for author in sorted({name for one in corrected for name in one.by}, key=str.casefold):
        for layer, ends in ENDS.items():
            said = [(one, opinion) for one in here[layer] for opinion in one.opinions if opinion.author == author]
            kept = [
                _said(film, one, opinion.interval, f" ({DONE[opinion.verdict]})")
                for one, opinion in said
                if opinion.interval is not None
            ]
            if layer == "expressions" or said:
                yield f"by {author}{ends}", author, kept
            against = [_said(film, one, one.seen) for one, opinion in said if opinion.interval is None]
            if against:
                yield f"by {author}{ends}, rejected", author, against


def _said(recording: Recording, one: CorrectedInterval, interval: MarkedInterval, more: str = "") -> Span:
    words = f"{interval.kind}: {says_of(one, interval)}{more}"
    return _span(recording, interval.onset_s, interval.offset, interval.offset_s, words)


def _span(recording: Recording, first_s: float, last: int, last_s: float, value: str) -> Span:
    start = max(0, round(1000 * first_s))
    return start, max(start + 1, round(1000 * frame_end(recording, last, last_s))), value


def _add(eaf: Eaf, name: str, spans: Sequence[Span], annotator: str | None = None) -> None:
    """Lay the spans into as few tiers as hold them without overlap; the first exists even where it is empty."""
    eaf.add_tier(name, "default-lt", ann=annotator)
    ends = [0]
    for start, end, value in sorted(spans):
        row = next((row for row, last in enumerate(ends) if last <= start), len(ends))
        if row == len(ends):
            ends.append(0)
            eaf.add_tier(f"{name} ({row + 1})", "default-lt", ann=annotator)
        ends[row] = end
        eaf.add_annotation(name if row == 0 else f"{name} ({row + 1})", start, end, value)


def _sort_time_slots(eaf: Eaf) -> None:
    """Number the time slots in the order of their times, as ELAN writes them."""
    order = sorted(eaf.timeslots, key=lambda slot: (eaf.timeslots[slot], int(slot[2:])))
    renamed = {slot: f"ts{number}" for number, slot in enumerate(order, 1)}
    eaf.timeslots = {renamed[slot]: eaf.timeslots[slot] for slot in order}
    for aligned, *_ in eaf.tiers.values():
        for name, (start, end, value, picture) in aligned.items():
            aligned[name] = (renamed[start], renamed[end], value, picture)
