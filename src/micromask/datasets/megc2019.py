"""The composite of MEGC 2019: the clips of CASME II, SAMM and SMIC that have one of three classes, as one data set."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from micromask.core.clips import Clip, Source
from micromask.core.errors import BadInputError
from micromask.datasets.build import Builder
from micromask.datasets.catalogue import Corpus, LoadOptions, datasets
from micromask.datasets.labels import MEGC_3, label_sets

NAME = "megc2019"
TRUTH = "combined_3class_gt.csv"
CORPORA = ("casme2", "samm", "smic")
_SPELLED = {"casme2": "casme2", "casmeii": "casme2", "samm": "samm", "smic": "smic", "smichs": "smic", "hs": "smic"}
PUBLISHED = {442: "442 rows", 441: "441 rows (without samm 032_3_1)"}
"""The two ground-truth files in circulation, by their number of rows."""


@dataclass(frozen=True, slots=True)
class TruthRow:
    """One line of the ground truth: corpus, subject and file as it writes them, and the class of three."""

    source: Source
    dataset: str
    subject: str
    file: str
    label: str


@datasets.add(NAME)
def megc2019(root: Path, options: LoadOptions) -> Corpus:
    """The clips of CASME II, SAMM and SMIC (HS) that the composite takes, each with its own corpus's subject.

    ``root`` holds a folder for each corpus (``CASME2``, ``casme2``, ``CASME II``, ``SAMM``, ``SMIC``), each laid out as
    that corpus's own loader wants it, and perhaps ``combined_3class_gt.csv``; root may also be that csv itself. Clips
    are named ``casme2/sub01/EP02_01f``; their raw labels are the coders', the label set ``megc-3`` makes the three
    classes. With the csv its rows are taken, else the rules of ``labels.MEGC_RULES``. A label of the csv that is not
    the rules' is said (DS024), a row whose clip is not there is an error (DS008), an absent corpus a caution (DS023),
    and what a corpus's own loader has to say is said here under its name.

    Options
    -------
    casme2, samm, smic : str
        Where a corpus lies, if not below root.
    truth : str
        The ground-truth csv, if not in root; ``""`` means not to use one.

    Releases: ``442 rows``, ``441 rows (without samm 032_3_1)`` (the csv in circulation with blank rows between),
    ``N rows`` for any other csv, ``by the rules`` without one.

    Raises
    ------
    BadInputError
        If no corpus is found, one is laid out wrong, or the csv is none.

    Source
    ------
    See et al. 2019, doi:10.1109/FG.2019.8756611
    """
    told = options.take(NAME, casme2=None, samm=None, smic=None, truth=None)
    folder = root.parent if root.is_file() else root
    places = _places(folder, {name: told[name] for name in CORPORA})
    if not places:
        raise BadInputError(
            f"{NAME}: no corpus in {folder}; wanted folders casme2, samm and smic there, or their paths as options"
        )
    builder = Builder(NAME, root, options)
    clips: list[Clip] = []
    for name in CORPORA:
        if name not in places:
            builder.say("DS023", f"{name} is not there; the composite has three corpora")
            continue
        clips += _of_corpus(builder, name, places[name], options)
    path = _truth_path(root, folder, told["truth"])
    if path is None:
        for clip in clips:
            _take(builder, clip)
        return builder.corpus("by the rules")
    rows, release = read_ground_truth(path)
    _take_rows(builder, rows, clips, set(places))
    return builder.corpus(release)


def read_ground_truth(path: Path) -> tuple[tuple[TruthRow, ...], str]:
    """The rows of ``combined_3class_gt.csv`` and which file this is.

    Lines are ``dataset,subject,file,label`` without a header, label 0 negative, 1 positive, 2 surprise, in any line
    ending; lines of nothing but commas, which one of the files in circulation has between its rows, count for nothing.

    Returns
    -------
    rows : tuple of TruthRow
    release : str
        ``442 rows``, ``441 rows (without samm 032_3_1)`` or ``N rows``; `, blank rows between` where it has them.

    Raises
    ------
    BadInputError
        If a line has other columns, another corpus or another label, or a clip stands twice; the message names the row.
    """
    rows: list[TruthRow] = []
    seen: dict[tuple[str, str, str], int] = {}
    blank = 0
    try:
        lines = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInputError(f"{NAME}: {path.name} cannot be read as csv ({error})") from None
    for number, line in enumerate(lines, 1):
        cells = [cell.strip() for cell in line]
        if not any(cells):
            blank += 1
            continue
        where = f"{NAME}: {path.name}, row {number}"
        if len(cells) < 4 or any(cells[4:]):
            raise BadInputError(f"{where}: wanted dataset,subject,file,label, got {','.join(cells)!r}")
        corpus = _corpus_named(cells[0])
        if corpus is None:
            raise BadInputError(f"{where}: dataset is one of {', '.join(CORPORA)}, got {cells[0]!r}")
        if cells[3] not in ("0", "1", "2"):
            raise BadInputError(f"{where}: label is 0 negative, 1 positive or 2 surprise, got {cells[3]!r}")
        key = (corpus, cells[1], cells[2])
        if key in seen:
            raise BadInputError(f"{where}: {'/'.join(key)} stands in row {seen[key]} already")
        seen[key] = number
        rows.append(TruthRow(Source(path, number), *key, MEGC_3[int(cells[3])]))
    if not rows:
        raise BadInputError(f"{NAME}: {path.name} has no rows")
    has_odd_one = any(row.dataset == "samm" and row.file == "032_3_1" for row in rows)
    known = (len(rows) == 442 and has_odd_one) or (len(rows) == 441 and not has_odd_one)
    release = PUBLISHED[len(rows)] if known else f"{len(rows)} rows"
    return tuple(rows), release + (", blank rows between" if blank else "")


def _corpus_named(text: str) -> str | None:
    return _SPELLED.get(re.sub(r"[\W_]", "", text).lower())


def _places(folder: Path, told: dict[str, object]) -> dict[str, Path]:
    places: dict[str, Path] = {}
    for entry in sorted(folder.iterdir()):
        name = _corpus_named(entry.name) if entry.is_dir() else None
        if name is not None:
            if name in places and told[name] is None:
                raise BadInputError(
                    f"{NAME}: {places[name].name} and {entry.name} in {folder} are both {name}; "
                    f"keep one, or say which with the option {name}"
                )
            places[name] = entry
    for name, place in told.items():
        if place is not None:
            places[name] = Path(str(place))
            if not places[name].is_dir():
                raise BadInputError(f"{NAME}: {name}: {place}: no such folder")
    return places


def _truth_path(root: Path, folder: Path, told: object) -> Path | None:
    if told is not None:
        if not str(told):
            return None
        if not Path(str(told)).is_file():
            raise BadInputError(f"{NAME}: truth: {told}: no such file")
        return Path(str(told))
    if root.is_file():
        return root
    return next((path for path in sorted(folder.iterdir()) if path.name.lower() == TRUTH), None)


def _of_corpus(builder: Builder, name: str, place: Path, options: LoadOptions) -> Sequence[Clip]:
    """A corpus's clips under composite names; its findings are carried over."""
    corpus = datasets[name](place, replace(options, extra={}))
    for finding in corpus.findings:
        for line in finding.evidence:
            builder.say(finding.code, f"{name}: {line}")
    clips = []
    for clip in corpus.clips:
        last = clip.id.rsplit("/", 1)[-1]
        new = f"{name}/{_folder(name, clip.subject.name)}/{last}"
        clips.append(replace(clip, id=new, recording=replace(clip.recording, id=new)))
    return clips


def _folder(name: str, subject: str) -> str:
    return f"sub{subject}" if name == "casme2" and subject.isdecimal() else subject


def _take(builder: Builder, clip: Clip) -> None:
    if label_sets["megc-3"](clip) is None:
        builder.say("DS013", f"{clip.annotation.source}: {clip.id} ({clip.annotation.emotion}) has none of the classes")
    else:
        builder.add(clip)


def _plain(text: str) -> str:
    """A subject's or a file's name without the zeros before its numbers: 's01_ne_01' is 's1_ne_1'."""
    return re.sub(r"\d+", lambda found: str(int(found[0])), text.lower())


def matching_names(dataset: str, subject: str, file: str) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    """A clip's name, exactly and without zeros, to match the ground truth with the corpora.

    Subjects go by number in both: 'sub01', '01' and '1' are one person of CASME II.

    >>> matching_names("smic", "s01", "s01_ne_02")
    (('smic', '1', 's01_ne_02'), ('smic', '1', 's1_ne_2'))
    """
    person = _plain(re.sub(r"^\D+", "", subject))
    return (dataset, person, file.lower()), (dataset, person, _plain(file))


def _take_rows(builder: Builder, rows: Sequence[TruthRow], clips: Sequence[Clip], there: set[str]) -> None:
    exact: dict[tuple[str, str, str], Clip] = {}
    loose: dict[tuple[str, str, str], Clip] = {}
    for clip in clips:
        first, second = matching_names(clip.subject.dataset, clip.subject.name, clip.id.rsplit("/", 1)[-1])
        exact[first] = clip
        loose[second] = clip
    for row in rows:
        if row.dataset not in there:
            continue
        first, second = matching_names(row.dataset, row.subject, row.file)
        found = exact.get(first) or loose.get(second)
        if found is None:
            builder.say("DS008", f"{row.source}: {row.dataset} {row.subject} {row.file} is not in that corpus's folder")
            continue
        label = label_sets["megc-3"](found)
        if label != row.label:
            builder.say(
                "DS024", f"{row.source}: {found.id} is {row.label} there and {label} by {found.annotation.emotion!r}"
            )
        builder.add(found)
