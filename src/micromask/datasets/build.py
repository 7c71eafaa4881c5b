"""From a row of a sheet and a folder of frames to a clip, with every doubt written down."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from micromask.core.clips import Annotation, Clip, ClipKind, Finding
from micromask.core.types import Recording, SubjectId
from micromask.datasets.action_units import parse_action_units
from micromask.datasets.apex import with_apex
from micromask.datasets.catalogue import Corpus, LoadOptions
from micromask.datasets.frames import FrameFolder, folder_recording
from micromask.datasets.sheets import Row

TITLES: dict[str, tuple[str, str]] = {
    "DS001": ("note", "corrections of the published sheet were applied"),
    "DS002": ("note", "clips without a marked apex have an estimated one"),
    "DS003": ("note", "clips without a marked apex were left out, as asked"),
    "DS004": ("note", "the sheet has no offset for some clips; their last known frame is taken"),
    "DS005": ("error", "a row is no interval: offset before onset"),
    "DS006": ("error", "a row has its apex outside its interval"),
    "DS007": ("error", "a row's frames are not on disk"),
    "DS008": ("error", "a subject or clip of the sheet has no folder"),
    "DS009": ("caution", "frames are missing inside clips"),
    "DS010": ("note", "folders on disk have no row in the sheet"),
    "DS011": ("error", "a cell cannot be read"),
    "DS012": ("caution", "an apex lies on the edge of its interval"),
    "DS013": ("note", "rows are left out by the corpus's own rules"),
    "DS014": ("caution", "frame numbers were rebased to the clip's own frames"),
    "DS015": ("caution", "the same picture stands under two clips of one subject"),
    "DS016": ("error", "an image cannot be read"),
    "DS017": ("error", "two clips have one name"),
    "DS018": ("caution", "nobody says who is in the pictures: subjects cannot be kept apart"),
    "DS019": ("error", "whose picture a file is cannot be told"),
    "DS020": ("error", "copies of one clip stand under different labels"),
    "DS021": ("caution", "copies of one clip differ in content"),
    "DS022": ("leak", "a held-out subject's own clips stand among its training clips"),
    "DS023": ("caution", "a part of the composite is absent"),
    "DS024": ("caution", "the sheet's label is not that of the published ground truth"),
    "DS025": ("caution", "labels are not among the corpus's own"),
    "DS030": ("caution", "two places of the corpus disagree about one fact"),
    "DS031": ("caution", "expressions coded as micro last longer than half a second"),
    "DS040": ("error", "a folder of frames holds pictures that put frames and numbers out of step"),
    "DS041": ("note", "the sheet has another number of rows than the release that it looks like"),
    "DS042": ("caution", "a row's duration does not fit its frames"),
    "DS043": ("note", "frame numbers with fractions were rounded"),
    "DS044": ("note", "expressions begin before their film; its first frame is taken"),
    "DS045": ("note", "a companion sheet has no row for some clips"),
    "DS046": ("note", "the apex lasts in some clips; the first of its two marked frames is taken"),
    "DS047": ("caution", "action units cannot be read in full; they are kept as coded"),
    "DS048": ("note", "a companion sheet is absent; what it would add is empty"),
    "DS049": ("error", "the same picture stands under two subjects"),
    "DS050": ("error", "no clip was found"),
    "DS051": ("note", "clips have no class in the label set and were left out"),
    "DS052": ("caution", "samples were left out: no face was found or their pictures cannot be read"),
}
"""What each code means: severity and title. A code never changes its meaning."""


@dataclass(slots=True)
class Builder:
    """Collects clips and findings of one corpus; a loader calls `clip` for each row and `corpus` at the end."""

    name: str
    root: Path
    options: LoadOptions
    clips: list[Clip] = field(default_factory=list)
    lines: dict[str, list[str]] = field(default_factory=dict)
    recordings: list[Recording] = field(default_factory=list)
    _ids: set[str] = field(default_factory=set)

    def say(self, code: str, line: str) -> None:
        """Note a finding's line under its code."""
        assert code in TITLES, code
        self.lines.setdefault(code, []).append(line)

    def clip(
        self,
        row: Row,
        clip_id: str,
        subject: str,
        folder: FrameFolder | None,
        *,
        fps: float,
        onset: int | None,
        apex: int | None,
        offset: int | None,
        emotion: str,
        kind: ClipKind,
        licence: str,
        recording: Recording | None = None,
        looked_for: str = "",
        **more: Any,
    ) -> Clip | None:
        """Add a clip whose frames are file numbers of ``folder``; None (and a finding) where that cannot be.

        ``more`` are further fields of the annotation. A missing apex (None) is treated as asked for. Edges that have
        no file take the nearest existing frame inside the interval, and say so. ``recording`` is the film that several
        clips of one folder share; without it the clip gets one of its own. ``looked_for`` names the folder that
        was wanted where ``folder`` is None.
        """
        where = f"{row.source}: {clip_id}"
        if onset is None or offset is None:
            self.say("DS011", f"{where}: onset {onset} and offset {offset} must be frame numbers")
            return None
        if offset < onset:
            self.say("DS005", f"{where}: ends (offset {offset}) before it begins (onset {onset})")
            return None
        if apex is not None and not onset <= apex <= offset:
            self.say("DS006", f"{where}: apex {apex} outside onset {onset} to offset {offset}")
            return None
        if folder is None:
            self.say("DS008", f"{where}: no folder of frames" + (f", wanted {looked_for}" if looked_for else ""))
            return None
        if folder.strays:
            self.say("DS040", f"{where}: {folder.path.name} holds {folder.strays[0]}; take it out")
            return None
        inside = [number for number in folder.numbers if onset <= number <= offset]
        if not inside:
            numbers = f"{folder.numbers[0]} to {folder.numbers[-1]}"
            self.say("DS007", f"{where}: frames {onset} to {offset} are not on disk; {folder.path.name} has {numbers}")
            return None
        if len(inside) < offset - onset + 1:
            self.say("DS009", f"{where}: {offset - onset + 1 - len(inside)} of {offset - onset + 1} frames missing")
        if apex is not None and apex in (onset, offset) and onset != offset:
            self.say("DS012", f"{where}: apex {apex} is the clip's {'onset' if apex == onset else 'offset'}")
        apex_from: Literal["coder"] | None = None if apex is None else "coder"
        first, last = folder.index(inside[0]), folder.index(inside[-1])
        assert first is not None
        assert last is not None
        top = None if apex is None else folder.index(min(inside, key=lambda number: abs(number - apex)))
        annotation = Annotation(first, top, last, emotion, kind, row.source, apex_from=apex_from, **more)
        if recording is None:
            recording = folder_recording(folder, SubjectId(self.name, subject), clip_id, fps, licence)
        return self.add(Clip(clip_id, recording, annotation))

    def add(self, clip: Clip) -> Clip | None:
        """Add a ready clip, its missing apex treated as asked for; None where that means to leave it out."""
        if clip.id in self._ids:
            self.say("DS017", f"{clip.annotation.source}: {clip.id} stands twice")
            return None
        self._ids.add(clip.id)
        if unparsed := parse_action_units(clip.annotation.action_units).unparsed:
            self.say("DS047", f"{clip.annotation.source}: {clip.id}: {unparsed[0]!r}")
        if clip.annotation.apex is None and clip.motion is None:
            if self.options.missing_apex == "drop":
                self.say("DS003", f"{clip.annotation.source}: {clip.id}")
                return None
            clip = with_apex(clip, self.options.missing_apex)
            self.say(
                "DS002",
                f"{clip.annotation.source}: {clip.id}: apex {clip.annotation.apex} by {self.options.missing_apex}",
            )
        self.clips.append(clip)
        return clip

    def corpus(self, release: str, applied: list[str] | None = None) -> Corpus:
        """The corpus with all clips and findings."""
        for line in applied or []:
            self.say("DS001", line)
        findings = tuple(
            Finding(code, TITLES[code][1], TITLES[code][0], tuple(lines))  # type: ignore[arg-type]
            for code, lines in sorted(self.lines.items())
        )
        return Corpus(self.name, self.root, release, tuple(self.clips), findings, tuple(self.recordings))
