"""An export holds what was settled, of those who consent, whole or not at all, and is read back as it is."""

from __future__ import annotations

import csv
import hashlib
import json
import stat
from collections import Counter
from pathlib import Path

import pytest

from micromask.core.errors import BadInputError, BadOutputError
from micromask.datasets import load
from micromask.datasets.cache import Cache
from micromask.datasets.catalogue import open_corpus
from micromask.studies import export as exporting
from micromask.studies.coding import add_coder, save_label
from micromask.studies.design import Design, Item, Part
from micromask.studies.export import export_study, stimulus_of
from micromask.studies.forget import forget
from micromask.studies.labels import Decision
from micromask.studies.people import withdraw_consent
from micromask.studies.read_design import read_design
from micromask.studies.store import open_store

SETTLED = {
    "P01/questionnaire/30/micro": "anger",
    "P01/questionnaire/30/masked": "happy_but_angry",
    "P01/questionnaire/32/micro": "sadness",
    "P01/images/4/micro": "happiness",
    "P01/questionnaire/10030/micro": "contempt",
    "P02/questionnaire/7/micro": "disgust",
    "P03/questionnaire/9/masked": "happy_but_sad",
}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_loading_an_export_gives_exactly_what_was_settled(case, tmp_path):
    done = export_study(case.folder, case.design, tmp_path / "out")
    clips = load("mmed-fst", tmp_path / "out")
    assert {clip.id: clip.annotation.emotion for clip in clips} == SETTLED
    assert (done.people, done.pictures, done.labels, done.left_out, done.told) == (3, 6, 7, {}, ())


def test_nothing_about_an_export_worries_the_loader(case, tmp_path):
    export_study(case.folder, case.design, tmp_path / "out")
    assert [each.code for each in open_corpus("mmed-fst", tmp_path / "out").findings] == []


def test_a_clip_knows_its_item_its_units_its_gender_and_its_stimulus(case, tmp_path):
    export_study(case.folder, case.design, tmp_path / "out")
    clips = {clip.id: clip for clip in load("mmed-fst", tmp_path / "out")}
    first = clips["P01/questionnaire/30/masked"]
    assert first.annotation.intended_emotion == "anger"  # item Q09 of the template
    assert first.annotation.action_units == "4+L4+12"
    assert first.attributes == {"gender": "female", "stimulus": "questionnaire"}
    assert clips["P01/images/4/micro"].annotation.intended_emotion == "happiness"
    assert clips["P02/questionnaire/7/micro"].attributes["gender"] == "male"


def test_each_picture_is_the_kept_frame_and_two_films_of_one_person_do_not_collide(case, tmp_path):
    export_study(case.folder, case.design, tmp_path / "out")
    place = tmp_path / "out" / "frames" / "P01" / "questionnaire"
    assert sorted(each.name for each in place.iterdir()) == ["0030.png", "0032.png", "10030.png"]
    assert (place / "0030.png").read_bytes() == case.picture(1, 30)
    assert (place / "10030.png").read_bytes() == case.picture(3, 30)
    told = {(row["participant"], row["frame"]): row for row in rows(tmp_path / "out" / "frames.csv")}
    assert (told["P01", "30"]["recording"], told["P01", "10030"]["recording"]) == ("1", "3")
    assert (told["P01", "10030"]["number"], told["P01", "10030"]["time_s"]) == ("30", "15.000")
    assert told["P01", "30"]["micro_settled_how"] == "agreed"
    assert told["P01", "30"]["masked_settled_how"] == "discussion"
    assert told["P02", "7"]["micro_settled_how"] == "one coder"


def test_frame_30_of_the_first_film_is_the_15th_second_for_the_loader_too(case, tmp_path):
    export_study(case.folder, case.design, tmp_path / "out")
    clips = {clip.id: clip for clip in load("mmed-fst", tmp_path / "out")}
    early, late = clips["P01/questionnaire/30/micro"], clips["P01/questionnaire/32/micro"]
    times = early.recording.times
    assert times[late.annotation.onset] - times[early.annotation.onset] == 1.0


def test_the_card_counts_what_is_there(case, tmp_path):
    export_study(case.folder, case.design, tmp_path / "out")
    card = json.loads((tmp_path / "out" / "card.json").read_text(encoding="utf-8"))
    assert card["counts"] == {
        "participants": 3,
        "films": 5,
        "frames": 6,
        "labels": {
            "masked": {"happy_but_angry": 1, "happy_but_sad": 1},
            "micro": {"anger": 1, "contempt": 1, "disgust": 1, "happiness": 1, "sadness": 1},
        },
        "no_expression": {"micro": 1},
        "settled_how": {"agreed": 3, "discussion": 1, "majority": 1, "one coder": 1, "third coder": 1},
    }
    counted = {(each["stimulus"], each["kind"], each["gender"]): each["labels"] for each in card["subsets"]}
    assert counted == {
        ("questionnaire", "micro", "female"): 3,
        ("questionnaire", "micro", "male"): 1,
        ("questionnaire", "masked", "female"): 2,
        ("images", "micro", "female"): 1,
    }
    assert card["demographics"] == {
        "gender": {"female": 2, "male": 1},
        "age": {"known": 3, "youngest": 19, "median": 21.0, "oldest": 30},
    }


def test_the_subsets_of_the_card_are_those_that_the_loader_gives(case, tmp_path):
    export_study(case.folder, case.design, tmp_path / "out")
    card = json.loads((tmp_path / "out" / "card.json").read_text(encoding="utf-8"))
    for each in card["subsets"]:
        wanted = {name: each[name] for name in ("stimulus", "kind", "gender")}
        clips = load("mmed-fst", tmp_path / "out", **wanted)
        assert Counter(clip.annotation.emotion for clip in clips) == each["emotions"]


def test_the_card_holds_the_texts_that_people_agreed_to(case, tmp_path):
    export_study(case.folder, case.design, tmp_path / "out")
    (consent,) = json.loads((tmp_path / "out" / "card.json").read_text(encoding="utf-8"))["consent"]
    assert consent["text"] == case.design.consent
    assert consent["sha256"] == hashlib.sha256(case.design.consent.encode()).hexdigest()
    assert consent["participants"] == 3
    assert "The study" not in consent["text"]
    page = (tmp_path / "out" / "CARD.md").read_text(encoding="utf-8")
    assert f"Agreed to by 3 on {consent['first']}" in page
    assert "> How to withdraw." in page


def test_the_card_has_the_agreement_and_no_coders_name(case, tmp_path):
    for coder, emotions in (("Anna", ("anger", "sadness")), ("Ben", ("anger", "contempt"))):
        add_coder(case.folder, coder)
        for number, emotion in zip((30, 32), emotions, strict=True):
            save_label(case.folder, case.design, coder, 1, Decision("micro", emotion, number))
    export_study(case.folder, case.design, tmp_path / "out")
    told = json.loads((tmp_path / "out" / "card.json").read_text(encoding="utf-8"))["agreement"]["micro"]
    kappa = next(each for each in told["figures"] if each["measure"] == "Cohen's kappa" and each["emotion"] is None)
    # one of two frames alike, 1/4 by chance: (1/2 - 1/4) / (1 - 1/4)
    assert kappa["value"] == pytest.approx(1 / 3)
    assert kappa["coders"] == ["coder 1", "coder 2"]
    assert (told["labelled"], told["differ"]) == ({"coder 1": 2, "coder 2": 2}, 1)
    for path in (tmp_path / "out").rglob("*"):
        assert path.is_dir() or (b"Anna" not in path.read_bytes() and b"Ben" not in path.read_bytes())
    assert "| Cohen's kappa | coder 1, coder 2 | all | 0.33 | 2 |" in (tmp_path / "out" / "CARD.md").read_text()


def test_whoever_withdrew_is_left_out_and_named_to_the_lab_only(case, tmp_path):
    withdraw_consent(case.folder, "P02")
    case.design = read_design(case.folder)
    done = export_study(case.folder, case.design, tmp_path / "out")
    assert done.left_out == {"consent withdrawn": ("P02",)}
    assert {clip.subject.name for clip in load("mmed-fst", tmp_path / "out")} == {"P01", "P03"}
    assert not any("P02" in str(path) for path in (tmp_path / "out").rglob("*"))
    for path in (each for each in (tmp_path / "out").rglob("*") if each.suffix in (".csv", ".md", ".json")):
        assert "P02" not in path.read_text(encoding="utf-8")
    card = json.loads((tmp_path / "out" / "card.json").read_text(encoding="utf-8"))
    assert card["left_out"] == {"consent withdrawn": 1}
    assert case.exports() == {str(tmp_path / "out"): "P01 P03"}


def test_without_anybody_who_consents_there_is_nothing_to_export(case, tmp_path):
    for name in ("P01", "P02", "P03"):
        withdraw_consent(case.folder, name)
    with pytest.raises(BadInputError, match="no settled label that may be exported: P01, P02, P03 withdrew consent"):
        export_study(case.folder, case.design, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_study_without_settled_labels_says_what_to_do(empty, tmp_path):
    with pytest.raises(BadInputError, match="no settled label that may be exported: label frames and settle them"):
        export_study(empty.folder, empty.design, tmp_path / "out")


def test_consent_that_is_withdrawn_while_the_export_is_written_stops_it(case, tmp_path, monkeypatch):
    def slow(*told: object) -> None:
        withdraw_consent(case.folder, "P03")

    monkeypatch.setattr(exporting, "write_card", slow)
    with pytest.raises(BadInputError, match="P03 withdrew consent in the meantime; nothing was exported"):
        export_study(case.folder, case.design, tmp_path / "out")
    assert [each.name for each in tmp_path.iterdir()] == ["study"]
    assert case.exports() == {}


def test_an_export_is_noted_for_each_person_in_it(case, tmp_path):
    export_study(case.folder, case.design, tmp_path / "out")
    export_study(case.folder, case.design, case.folder / "exports" / "first")
    assert case.exports() == {str(tmp_path / "out"): "P01 P02 P03", "exports/first": "P01 P02 P03"}


def test_another_gender_is_left_out_and_said(case, tmp_path):
    name = case.person("another", 25)
    case.settle(case.film(name, "images"), 3, "sadness")
    done = export_study(case.folder, case.design, tmp_path / "out")
    assert done.left_out == {"no gender that the layout knows": ("P04",)}
    assert {clip.id: clip.annotation.emotion for clip in load("mmed-fst", tmp_path / "out")} == SETTLED


def test_where_nobody_has_a_gender_that_the_layout_knows_it_says_what_does_without(empty, tmp_path):
    empty.settle(empty.film(empty.person("no answer", 25), "images"), 3, "sadness")
    with pytest.raises(BadInputError, match=r"female or male, in a field 'gender'.*--deidentified"):
        export_study(empty.folder, empty.design, tmp_path / "out")


def test_a_frame_that_is_gone_stops_the_export(case, tmp_path):
    (case.folder / "frames" / "P01" / "2" / "0004.png").unlink()
    with pytest.raises(BadInputError, match=r"frames/P01/2/0004\.png is not there; make it again"):
        export_study(case.folder, case.design, tmp_path / "out")
    assert [each.name for each in tmp_path.iterdir()] == ["study"]


def test_a_settled_frame_that_is_not_kept_any_more_is_said(case, tmp_path):
    with open_store(case.folder) as store:
        store.execute("DELETE FROM frame WHERE recording = 4 AND number = 7")
    with pytest.raises(BadInputError, match=r"recording 4 \(P02, questionnaire\): frame 7 is settled but not kept"):
        export_study(case.folder, case.design, tmp_path / "out")


def test_only_its_owner_can_read_an_export(case, tmp_path):
    export_study(case.folder, case.design, tmp_path / "out")
    inside = case.folder / "exports" / "first"
    export_study(case.folder, case.design, inside)
    places = (tmp_path / "out", *(tmp_path / "out").rglob("*"), inside.parent, inside, *inside.rglob("*"))
    for path in places:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_a_folder_that_is_there_is_not_touched(case, tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(BadOutputError, match="exists; an export wants a folder of its own"):
        export_study(case.folder, case.design, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_another_interval_stands_in_a_column(case, tmp_path):
    with open_store(case.folder) as store:
        store.execute("UPDATE framed SET seconds = 0.25 WHERE recording = 4")
    export_study(case.folder, case.design, tmp_path / "out")
    assert {row["frame_seconds"] for row in rows(tmp_path / "out" / "frames.csv")} == {"0.5", "0.25"}


def test_more_than_ten_thousand_frames_still_do_not_collide(case, tmp_path):
    with open_store(case.folder) as store:
        store.execute("UPDATE frame SET number = 12345 WHERE recording = 1 AND number = 32")
        store.execute("UPDATE settled SET number = 12345 WHERE recording = 1 AND number = 32")
    export_study(case.folder, case.design, tmp_path / "out")
    ids = {clip.id for clip in load("mmed-fst", tmp_path / "out")}
    assert {"P01/questionnaire/12345/micro", "P01/questionnaire/100030/micro"} <= ids


QUESTION, IMAGE = Item("a", "sadness", 1, "?"), Item("b", "sadness", 1, image="images/b.png")


@pytest.mark.parametrize(
    ("part", "stimulus"),
    [
        (Part("images", (QUESTION,)), "images"),
        (Part("first", (QUESTION, QUESTION)), "questionnaire"),
        (Part("second", (IMAGE,)), "images"),
    ],
)
def test_a_part_is_a_stimulus_by_its_name_or_by_what_it_shows(part, stimulus):
    assert stimulus_of(part) == stimulus


def test_a_part_that_mixes_both_is_refused():
    with pytest.raises(BadInputError, match="part 'mixed' mixes questions and images"):
        stimulus_of(Part("mixed", (QUESTION, IMAGE)))


def test_a_part_that_left_the_plan_is_said(case, tmp_path):
    plan = case.design
    only = Design(plan.folder, plan.title, plan.emotions, plan.kinds, plan.parts[:1], plan.consent, plan.masked)
    with pytest.raises(BadInputError, match=r"recording 2 of P01 is of part 'images', which study\.yaml has no more"):
        export_study(case.folder, only, tmp_path / "out")


def test_forgetting_somebody_removes_the_exports_that_hold_them(case, tmp_path):
    export_study(case.folder, case.design, tmp_path / "with")
    export_study(case.folder, case.design, case.folder / "exports" / "with")
    withdraw_consent(case.folder, "P02")
    export_study(case.folder, case.design, tmp_path / "without")
    receipt = forget(case.folder, "P02", cache=Cache(tmp_path / "cache"))
    assert receipt.left == ()
    assert not (tmp_path / "with").exists()
    assert not (case.folder / "exports" / "with").exists()
    assert {clip.subject.name for clip in load("mmed-fst", tmp_path / "without")} == {"P01", "P03"}
    export_study(case.folder, case.design, tmp_path / "again")
    assert {clip.subject.name for clip in load("mmed-fst", tmp_path / "again")} == {"P01", "P03"}
