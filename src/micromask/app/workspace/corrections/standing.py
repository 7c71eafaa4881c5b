"""From the machine's intervals and the log of corrections to what stands: one rule, without files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import cast

from micromask.app.workspace.corrections.said import Said, in_force
from micromask.core.opinions import CorrectedInterval, Layer, MarkedInterval, Opinion, Verdict
from micromask.core.types import Analysis, Expression, MaskedInterval

SAME = 0.5
"""Two intervals of a face are the same where they share at least this part of their union (Li et al. 2019,
doi:10.1109/FG.2019.8756626)."""


Found = Expression | MaskedInterval
"""What the machine says: an expression, or a masked mark."""


@dataclass(slots=True)
class Target:
    """An interval that opinions are about, with the lines of the log about it that nobody took back."""

    marked: MarkedInterval
    number: int | None = None
    machine: Found | None = None
    added: int | None = None
    lines: list[Said] = field(default_factory=list)

    @property
    def layer(self) -> Layer:
        """Of the machine's own kind: an expression that people call masked stays an expression."""
        return self.marked.layer

    @property
    def key(self) -> str:
        """Machine's (m) and gone ones (g) are told by face and frames, added ones (a) by the line that added them.

        Masked marks (mm, gm) can lie at the very frames of an expression.
        """
        if self.added is not None:
            return f"a{self.added}"
        one = self.marked
        begins = ("g" if self.number is None else "m") + ("m" if self.layer == "masked" else "")
        return f"{begins}{one.face}-{one.onset}-{one.apex}-{one.offset}"


def found_by(analysis: Analysis) -> tuple[Found, ...]:
    """All that the machine found: its expressions, then its masked marks where it looked for them."""
    return (*analysis.expressions, *(analysis.masked or ()))


def marked(found: Found) -> MarkedInterval:
    """The machine's interval, an expression with its most probable emotion; of a masked mark it names none."""
    one = found
    where = (one.face, one.onset, one.apex, one.offset, one.onset_s, one.apex_s, one.offset_s)
    if isinstance(one, MaskedInterval):
        return MarkedInterval(*where, "masked")
    return MarkedInterval(*where, one.kind, one.emotion or "")


def shared(one: MarkedInterval, other: MarkedInterval) -> float:
    """Intersection over union of two intervals in frames; 0 for different faces.

    >>> def frames(face, onset, offset):
    ...     return MarkedInterval(face, onset, onset, offset, 0.0, 0.0, 0.1, "micro")
    >>> shared(frames(0, 10, 19), frames(0, 15, 24)), shared(frames(0, 10, 19), frames(1, 10, 19))
    (0.3333333333333333, 0.0)
    """
    common = min(one.offset, other.offset) - max(one.onset, other.onset) + 1
    if one.face != other.face or common <= 0:
        return 0.0
    return common / (max(one.offset, other.offset) - min(one.onset, other.onset) + 1)


def targets_of(found: Sequence[Found], lines: Iterable[Said]) -> list[Target]:
    """The machine's intervals, those that are gone and those that were added, each with the lines about it.

    Lines about an interval of an earlier analysis, or about an added one, go to the interval of the same layer that is
    the same by `SAME`; where there is none they keep one of their own. An added interval that nobody keeps is left out.
    Each layer is numbered from 1.
    """
    targets: list[Target] = []
    numbers: Counter[Layer] = Counter()
    for one in found:
        seen_there = marked(one)
        numbers[seen_there.layer] += 1
        targets.append(Target(seen_there, numbers[seen_there.layer], one))
    groups: dict[tuple[object, ...], list[Said]] = {}
    for line in in_force(lines):
        groups.setdefault(line.subject, []).append(line)
    for subject, said in sorted(groups.items(), key=lambda group: group[0][0] == "added"):
        kept = [line.interval for line in _latest(said) if line.interval is not None]
        seen = said[0].about if subject[0] == "machine" else kept[-1] if kept else None
        if seen is None:
            continue
        of_layer = [one for one in targets if one.layer == seen.layer]
        near = max(of_layer, key=lambda one: shared(one.marked, seen), default=None)
        if near is None or shared(near.marked, seen) < SAME:
            near = Target(seen, added=said[0].added)
            targets.append(near)
        near.lines.extend(said)
    return [one for one in targets if one.machine is not None or opinions_on(one)]


def opinions_on(target: Target) -> dict[str, Said]:
    """What each author who has an opinion said last, oldest first."""
    return {line.author: line for line in _latest(target.lines) if line.does != "withdraw"}


def resolved(found: Sequence[Found], lines: Iterable[Said]) -> tuple[CorrectedInterval, ...]:
    """Every interval with all opinions on it and what stands, in the order of the film."""
    intervals = [standing(target) for target in targets_of(found, lines)]
    return tuple(sorted(intervals, key=lambda one: (one.stands.onset, one.face, one.key)))


def standing(target: Target) -> CorrectedInterval:
    """What stands of one interval.

    One of the machine counts unless more people reject it than keep it; any other counts if more people keep it than
    reject it. Frames, kind and emotion are those of whoever spoke last among those who keep it, else the machine's.
    """
    said = list(opinions_on(target).values())
    keep = [line.interval for line in said if line.interval is not None]
    for_it, against = len(keep), len(said) - len(keep)
    return CorrectedInterval(
        key=target.key,
        number=target.number,
        machine=target.machine,
        seen=target.marked,
        opinions=tuple(
            Opinion(line.author, cast(Verdict, line.does), line.interval, line.made, line.note) for line in said
        ),
        stands=keep[-1] if keep else target.marked,
        counts=for_it >= against if target.machine is not None else for_it > against,
        gone=target.machine is None and target.added is None,
    )


def _latest(lines: Iterable[Said]) -> list[Said]:
    """The last line of each author, oldest first."""
    last = {line.author: line for line in sorted(lines, key=lambda line: line.id)}
    return sorted(last.values(), key=lambda line: line.id)
