"""What somebody wants to export: which recordings, which parts, how clips are cut."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from micromask.app.workspace.exports.clips import Cut
from micromask.core.errors import BadInputError

Part = Literal["csv", "elan", "json", "report", "clips"]
PARTS: tuple[Part, ...] = get_args(Part)

MOST_RECORDINGS = 1000

AT_ONCE = 5
"""So many recordings are exported while the browser waits; more, and all with clips, are a job."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be exported: ids of recordings, which parts, and how clips are cut."""

    recordings: tuple[int, ...]
    parts: tuple[Part, ...]
    cut: Cut = field(default_factory=Cut)

    def __post_init__(self) -> None:
        if not self.recordings or len(self.recordings) > MOST_RECORDINGS:
            raise BadInputError(f"choose 1 to {MOST_RECORDINGS} recordings to export, got {len(self.recordings)}")
        if len(set(self.recordings)) < len(self.recordings):
            raise BadInputError("a recording is named twice: export each once")
        if not self.parts or not set(self.parts) <= set(PARTS):
            raise BadInputError(f"what can be exported is {', '.join(PARTS)}, got {', '.join(self.parts) or 'nothing'}")

    @property
    def is_long(self) -> bool:
        """Whether it takes so long that a worker should do it."""
        return "clips" in self.parts or len(self.recordings) > AT_ONCE


def wanted_of(payload: dict[str, Any]) -> Wanted:
    """What a job's payload asks for; BadInputError if it asks for what cannot be."""
    return Wanted(tuple(payload["recordings"]), tuple(payload["parts"]), Cut(**payload["cut"]))


def payload_of(wanted: Wanted) -> dict[str, Any]:
    """The payload of a job."""
    return {"recordings": list(wanted.recordings), "parts": list(wanted.parts), "cut": asdict(wanted.cut)}
