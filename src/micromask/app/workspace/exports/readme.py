"""What lies beside the files of an export: which is which, what counts, and what had to be left out."""

from __future__ import annotations

from collections.abc import Sequence

from micromask import __version__
from micromask.studies.store import now

_FILES = {
    "csv": (
        "intervals.csv   every interval, one a row: machine_... is what was measured, people_... what people say\n"
        "                of it, the columns without a prefix what stands; counts says whether it counts;\n"
        "                layer is expressions, or masked for a mark of a masked expression, which lies within one:\n"
        "                count each layer by itself\n"
        "opinions.csv    what each author says of each interval, one a row\n"
    ),
    "elan": (
        "*.eaf           for ELAN: the machine's tiers, 'Corrected', and a tier for each author, those of masked\n"
        "                marks by themselves; put the film beside it\n"
    ),
    "json": (
        "analysis.json   what the machine measured\n"
        "corrections.json  every interval with all opinions on it, and the log of all that was said and taken back\n"
    ),
    "report": "report.html     the report, with what people said\n",
    "clips": "clips/          a film of each interval that counts\n",
}


def readme(titles: Sequence[str], parts: Sequence[str], left_out: Sequence[str]) -> str:
    """The README.txt of an export."""
    missing = "".join(f"- {line}\n" for line in left_out)
    return (
        f"Exported with micromask {__version__}, {now()[:16].replace('T', ' ')} UTC.\n\n"
        f"Recordings ({len(titles)}):\n{''.join(f'- {title}{chr(10)}' for title in titles)}\n"
        f"{'Left out:' + chr(10) + missing + chr(10) if missing else ''}"
        f"{''.join(words for part, words in _FILES.items() if part in parts)}\n"
        "Frames are counted from 0 and the offset is the last frame included. Seconds are from the first frame.\n\n"
        "What stands: an interval of the machine counts unless more people reject it than keep it, one that a person\n"
        "added if more people keep it than reject it. Its frames, kind and emotion are those of whoever spoke last\n"
        "among those who keep it, else the machine's. Nothing that was measured is changed by what people say.\n\n"
        "Reports and clips show a person's face: pass them on only as that person's consent allows.\n"
    )
