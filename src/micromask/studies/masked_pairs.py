"""The name of a masked pair, such as happy_but_sad: what coders choose, what the export writes, what readers split."""

from __future__ import annotations

from micromask.core.errors import BadInputError
from micromask.datasets.labels import FORMS, one_spelling, split_masked
from micromask.studies.design import Design


def pair_name(shown: str, felt: str) -> str:
    """The name of a pair, in the form that MMED-FST writes it.

    >>> pair_name("happiness", "sad"), pair_name("neutral", "disgust")
    ('happy_but_sad', 'neutral_but_disgusted')
    """
    return "_but_".join(FORMS.get(one_spelling(each), each) for each in (shown, felt))


def pairs_of(design: Design) -> dict[str, tuple[str, str]]:
    """The pairs that a design allows: name to (shown, felt) in the design's own words.

    Raises
    ------
    BadInputError
        If a pair's name could not be read back as this pair from an exported table.
    """
    found: dict[str, tuple[str, str]] = {}
    for shown, felt in design.masked:
        name = pair_name(shown, felt)
        read = split_masked(name)
        if read is None or tuple(map(one_spelling, read)) != (one_spelling(shown), one_spelling(felt)):
            raise BadInputError(
                f"{design.folder.name}: masked pair {shown} over {felt} has no name that readers of the data set "
                f"split; use emotions such as {', '.join(FORMS)}"
            )
        found[name] = shown, felt
    return found
