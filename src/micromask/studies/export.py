"""A study as a data set: settled labels and their frames in the layout of MMED-FST, with a card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from micromask.core.errors import BadInputError
from micromask.datasets.mmed_fst import STIMULI
from micromask.studies.card import card_document
from micromask.studies.coded_units import CodedUnit, read_units, units_text
from micromask.studies.design import Design, Part
from micromask.studies.export_folder import Exported, export_folder, refuse_existing, some, write_card, write_table
from micromask.studies.selection import Selection, SettledFrame, export_numbers, select, without_people

GENDERS = {"female": "female", "woman": "female", "male": "male", "man": "male"}
"""Answers (in small letters) that the layout has a word for."""

COLUMNS = (
    "participant", "stimulus", "frame", "item", "intended_emotion", "micro_emotion", "masked_expression",
    "action_units", "micro_settled_how", "masked_settled_how", "part", "session", "recording", "number", "time_s",
    "frame_seconds",
)  # fmt: skip
"""Those of MMED-FST, then ours, which its loader passes over."""


def export_study(study: Path, design: Design, folder: Path) -> Exported:
    """Write what a study has settled as a data set in the layout of MMED-FST, whole or not at all.

    ``participants.csv``, ``frames.csv``, ``frames/<participant>/<stimulus>/<number>.png``, ``CARD.md`` and
    ``card.json``. Only settled labels, and only of people whose consent stands. That an export holds a person is noted
    in the study, so that `forget` finds it.

    Parameters
    ----------
    study : Path
    design : Design
        Of that study.
    folder : Path
        Must not be there.

    Raises
    ------
    BadInputError
        If there is nothing to export, no participant has a gender that the layout knows, or a part is neither
        questionnaire nor images.
    BadOutputError
        If the folder is there or cannot be written.
    """
    refuse_existing(folder)
    whole = select(study, design)
    other = tuple(name for name, told in whole.people.items() if gender_of(told) is None)
    if len(other) == len(whole.people):
        raise BadInputError(
            "the layout of MMED-FST wants each participant's gender, female or male, in a field 'gender', and nobody "
            "here has it: export with --deidentified, whose layout does not"
        )
    selection = without_people(whole, other)
    stimuli = {part.name: stimulus_of(part) for part in design.parts if _used(part.name, selection.frames)}
    groups = [_known(stimuli, each) for each in selection.frames]
    numbers = export_numbers(selection.frames, groups)
    left_out = {
        "consent withdrawn": whole.withdrawn,
        "no consent": whole.without_consent,
        "no gender that the layout knows": other,
    }
    document = card_document(study, design, selection, "mmed-fst", groups, {k: len(v) for k, v in left_out.items()})
    with export_folder(study, folder, selection) as fresh:
        pictures = _write_frames(study, fresh, selection.frames, groups, numbers)
        _write_people(fresh, selection)
        write_card(fresh, document)
    return Exported(folder, len(selection.people), pictures, len(selection.frames), some(left_out))


def gender_of(answers: Mapping[str, str | int]) -> str | None:
    """The layout's word for a participant's gender, None where it has none."""
    return GENDERS.get(str(answers.get("gender", "")).strip().casefold())


def stimulus_of(part: Part) -> str:
    """Which of the layout's two stimuli a part is: by its name, else images where every item has one.

    Raises
    ------
    BadInputError
        If some of its items have an image and others have none.
    """
    if part.name in STIMULI:
        return part.name
    images = sum(item.image is not None for item in part.items)
    if 0 < images < len(part.items):
        raise BadInputError(
            f"part {part.name!r} mixes questions and images, and the layout of MMED-FST knows either: make two parts "
            "of it, or export with --deidentified"
        )
    return "images" if images else "questionnaire"


def picture_of(study: Path, frame: SettledFrame) -> Path:
    """Where the picture of a kept frame lies; BadInputError where it does not."""
    path = (study / frame.picture).resolve()
    if not path.is_relative_to(study.resolve()) or not path.is_file():
        raise BadInputError(f"the picture {frame.picture} is not there; make it again with 'micromask study frames'")
    return path


def _used(part: str, frames: Sequence[SettledFrame]) -> bool:
    return any(each.part == part for each in frames)


def _known(stimuli: Mapping[str, str], frame: SettledFrame) -> str:
    if frame.part not in stimuli:
        raise BadInputError(
            f"recording {frame.recording} of {frame.participant} is of part {frame.part!r}, which study.yaml has no "
            "more: put it back"
        )
    return stimuli[frame.part]


def _write_frames(
    study: Path,
    folder: Path,
    frames: Sequence[SettledFrame],
    groups: Sequence[str],
    numbers: Sequence[int],
) -> int:
    """The table of frames and their pictures; how many pictures."""
    rows: dict[tuple[str, str, int], dict[str, object]] = {}
    for each, stimulus, number in zip(frames, groups, numbers, strict=True):
        row = rows.get((each.participant, stimulus, number))
        if row is None:
            row = rows[each.participant, stimulus, number] = {
                **dict.fromkeys(COLUMNS, ""),
                "participant": each.participant,
                "stimulus": stimulus,
                "frame": number,
                "item": each.item,
                "intended_emotion": each.intended,
                "part": each.part,
                "session": each.session,
                "recording": each.recording,
                "number": each.number,
                "time_s": f"{each.time_s:.3f}",
                "frame_seconds": f"{each.step_s:g}",
            }
            place = folder / "frames" / each.participant / stimulus / f"{number:04d}.png"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(picture_of(study, each).read_bytes())
        row["micro_emotion" if each.kind == "micro" else "masked_expression"] = each.emotion
        row[f"{each.kind}_settled_how"] = each.how
        row["action_units"] = _both(str(row["action_units"]), each.action_units)
    write_table(folder / "frames.csv", COLUMNS, rows.values())
    return len(rows)


def _both(one: str, other: str) -> str:
    """All action units that either label names, each once."""
    units: set[CodedUnit] = {*read_units(one), *read_units(other)} if one and other else set()
    return units_text(sorted(units, key=lambda unit: (unit.number, str(unit)))) if units else one or other


def _write_people(folder: Path, selection: Selection) -> None:
    rows = [
        {"participant": name, "gender": gender_of(told), "age": _age(told)} for name, told in selection.people.items()
    ]
    write_table(folder / "participants.csv", ("participant", "gender", "age"), rows)


def _age(answers: Mapping[str, str | int]) -> str:
    age = str(answers.get("age", "")).strip()
    return age if age.isdecimal() else ""
