"""The machine's masked marks as people accept, reject, correct and add them: beside the expressions they lie in."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import replace

import pytest
from pympi.Elan import Eaf

from micromask.app.workspace.corrections.authors import author_named
from micromask.app.workspace.corrections.opinions import (
    Told,
    corrected,
    corrected_expressions,
    history,
    redo,
    say,
    undo,
)
from micromask.app.workspace.exports.clips import Cut
from micromask.app.workspace.exports.wanted import PARTS, Wanted
from micromask.app.workspace.exports.zip_file import write_export
from micromask.app.workspace.found import found_in, last_corrections
from micromask.app.workspace.recordings import recording
from micromask.app.workspace.store import create_workspace, writing
from micromask.app.workspace.watching import watched_of
from micromask.core.errors import BadInputError
from micromask.core.opinions import MarkedInterval

SMILE, MARK, WITHIN = "m0-60-70-84", "mm0-60-70-84", "mm0-66-68-70"
SEEN = Told("accept", MARK, 0, 60, 70, 84, "masked")
PAIR = Told("correct", MARK, 0, 62, 70, 80, "masked", shown_emotion="happiness", felt_emotion="sadness")
MISSED = Told("add", None, 0, 20, 25, 30, "masked", shown_emotion="happiness")


@pytest.fixture
def here(smiled):
    """(workspace, recording) with marks, and the authors Kai and Mia."""
    for name in ("Kai", "Mia"):
        author_named(smiled.workspace, name)
    return smiled.workspace, smiled.recording


def by_key(here):
    return {one.key: one for one in corrected(*here)}


def counting(here):
    """(number of masked marks that count, kinds and emotions that a cohort counts)."""
    shown = watched_of(here[0], recording(*here), "film").shown
    return sum(one.layer == "masked" and one.counts for one in corrected(*here)), shown


def test_a_mark_is_an_interval_of_its_own_beside_the_expression_at_the_same_frames(here):
    found = [(one.key, one.layer, one.number, one.kind, one.emotion, one.counts) for one in corrected(*here)]
    assert found == [
        ("m0-20-25-30", "expressions", 1, "micro", "surprise", True),
        (SMILE, "expressions", 2, "macro", "positive", True),
        (MARK, "masked", 1, "masked", "", True),
        (WITHIN, "masked", 2, "masked", "", True),
    ]


def test_two_people_say_what_they_see_and_each_can_go_back(here, shown_times):
    say(*here, "Kai", SEEN)
    say(*here, "Mia", PAIR)
    say(*here, "Mia", Told("reject", WITHIN))
    one = by_key(here)[MARK]
    assert [(o.author, o.verdict, o.interval.emotion_words) for o in one.opinions] == [
        ("Kai", "accept", "no emotion named"),
        ("Mia", "correct", "happiness over sadness"),
    ]
    assert (one.stands.onset, one.stands.offset, one.disputed) == (62, 80, True)
    assert one.onset_s == pytest.approx(shown_times[62], abs=2e-6)
    assert (one.machine.onset, one.machine.upper) == (60, "still")
    assert not by_key(here)[WITHIN].counts
    assert by_key(here)[SMILE].by == ()  # the expression at the very frames of the mark is another thing
    undo(*here, "Mia")
    undo(*here, "Mia")
    assert (by_key(here)[WITHIN].counts, by_key(here)[MARK].by) == (True, ("Kai",))
    redo(*here, "Mia")
    assert by_key(here)[MARK].stands.felt_emotion == "sadness"
    assert [line.does for line in history(*here)] == ["accept", "correct", "reject", "undo", "undo", "redo"]


def test_a_missed_mark_is_added_on_an_expression_and_one_that_is_there_is_not(here):
    say(*here, "Kai", MISSED)
    added = next(one for one in corrected(*here) if one.machine is None)
    assert (added.layer, added.kind, added.counts, added.stands.shown_emotion) == (
        "masked",
        "masked",
        True,
        "happiness",
    )
    assert by_key(here)["m0-20-25-30"].by == ()
    with pytest.raises(BadInputError, match="mark M1, frames 60 to 84, is nearly the same: correct that one"):
        say(*here, "Kai", replace(MISSED, onset=61, apex=70, offset=84))
    # Nor is an expression made into a mark that the machine has already.
    with pytest.raises(BadInputError, match="mark M1, frames 60 to 84, is nearly the same"):
        say(*here, "Kai", replace(PAIR, about=SMILE, onset=60, offset=84))


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        (
            {"kind": "macro", "shown_emotion": "", "felt_emotion": ""},
            "mark M1 is of a masked expression: reject it if it",
        ),
        ({"kind": "macro"}, "only a masked expression has a shown and a felt emotion, got kind macro"),
        ({"felt_emotion": "=cmd()"}, "an emotion begins with a letter"),
        ({"shown_emotion": "a" * 61}, "an emotion has at most 60 letters"),
        ({"does": "accept"}, "changed while you looked at it"),
    ],
)
def test_what_cannot_be_is_refused_with_one_line(here, wrong, line):
    with pytest.raises(BadInputError, match=line):
        say(*here, "Kai", replace(PAIR, **wrong))
    assert history(*here) == ()


def test_opinions_find_their_mark_again_and_never_an_expression(here, smiled, moved, marked_at):
    say(*here, "Kai", PAIR)
    smiled.analysed_again(moved(20, 25, 30), moved(60, 70, 84), masked=[marked_at(61, 70, 83)])
    assert [(one.key, one.by) for one in corrected(*here)][1:] == [(SMILE, ()), ("mm0-61-70-83", ("Kai",))]
    # Without --masked no mark is looked for: what was said of it is kept as that of one that is gone.
    smiled.analysed_again(moved(20, 25, 30), moved(60, 70, 84))
    gone = by_key(here)["gm0-60-70-84"]
    assert (gone.gone, gone.layer, gone.counts, gone.stands.felt_emotion) == (True, "masked", True, "sadness")
    assert by_key(here)[SMILE].by == ()


def test_marks_are_never_counted_as_emotions(here):
    expressions = (("micro", "surprise"), ("macro", "positive"))
    assert counting(here) == (2, expressions)
    say(*here, "Kai", PAIR)
    say(*here, "Kai", MISSED)
    assert counting(here) == (3, expressions)
    say(*here, "Kai", Told("reject", WITHIN))
    assert counting(here) == (2, expressions)
    assert [one.number for one in corrected_expressions(*here)] == [1, 2]
    found = found_in(*here, last_corrections(here[0])[here[1]])
    assert (found.micro, found.macro, found.masked) == (1, 1, 2)
    assert dict(found.emotions) == {"surprise": 1, "positive": 1}


def test_an_expression_that_people_call_masked_stays_one_with_the_emotion_that_is_shown(here):
    say(*here, "Kai", replace(PAIR, about="m0-20-25-30", onset=20, apex=25, offset=30))
    one = by_key(here)["m0-20-25-30"]
    assert (one.layer, one.kind, one.emotion) == ("expressions", "masked", "happiness")
    assert counting(here)[1] == (("masked", "happiness"), ("macro", "positive"))


def test_only_a_masked_expression_has_two_emotions():
    with pytest.raises(ValueError, match="only a masked expression has a shown and a felt emotion, got kind micro"):
        MarkedInterval(0, 1, 2, 3, 0.1, 0.2, 0.3, "micro", "", "happiness")


OLD = (
    '{"face": 0, "onset": %d, "apex": %d, "offset": %d, "onset_s": 0.1, "apex_s": 0.2, "offset_s": 0.3, '
    '"kind": "%s", "emotion": "%s"}'
)
"""An interval as the log of corrections held it before masked marks could be corrected."""


def test_a_workspace_of_an_older_version_says_what_it_said(made):
    create_workspace(made.workspace)
    author_named(made.workspace, "Kai")
    lines = [
        ("correct", OLD % (20, 25, 30, "micro", "surprise"), None, OLD % (18, 25, 33, "masked", "fear")),
        ("add", None, None, OLD % (100, 104, 108, "masked", "disgust")),
        ("reject", OLD % (60, 70, 84, "macro", "positive"), None, None),
    ]
    with writing(made.workspace) as store:
        store.executemany(
            "INSERT INTO correction (recording, author, made, does, about, added, interval)"
            " VALUES (1, 'Kai', '2026-11-01T08:00:00+00:00', ?, ?, ?, ?)",
            lines,
        )
    here = made.workspace, made.recording
    told = [(one.key, one.layer, one.kind, one.emotion, one.counts, one.by) for one in corrected(*here)]
    assert told == [
        ("m0-20-25-30", "expressions", "masked", "fear", True, ("Kai",)),
        (SMILE, "expressions", "macro", "positive", False, ("Kai",)),
        ("a2", "masked", "masked", "disgust", True, ("Kai",)),
    ]
    undo(*here, "Kai")
    say(*here, "Kai", Told("accept", SMILE, 0, 60, 70, 84, "macro", "positive"))
    assert by_key(here)[SMILE].opinions[0].verdict == "accept"
    # What is no masked expression is written as the older version reads it.
    with writing(made.workspace) as store:
        (last,) = store.execute("SELECT interval FROM correction ORDER BY id DESC LIMIT 1").fetchone()
    assert set(json.loads(last)) == set(json.loads(OLD % (0, 0, 0, "micro", "")))


@pytest.fixture
def exported(here, tmp_path):
    """A zip of all parts: Kai corrects M1 and adds one, Mia accepts M1 and rejects M2."""
    say(*here, "Kai", PAIR)
    say(*here, "Kai", replace(MISSED, onset=100, apex=104, offset=108, note="=a grin"))
    say(*here, "Mia", SEEN)
    say(*here, "Mia", Told("reject", WITHIN))
    written = write_export(
        here[0], Wanted((1,), PARTS, Cut(slower=4, caption="separate")), tmp_path / "a.zip", tmp_path
    )
    assert written.left_out == ()
    return zipfile.ZipFile(tmp_path / "a.zip")


FOLDER = "001 Interview 7"


def table(archive, name):
    """The columns of a table by name, as text."""
    rows = list(csv.DictReader(io.StringIO(archive.read(name).decode(), newline="")))
    return {column: [row[column] for row in rows] for column in rows[0]}


def test_the_tables_have_marks_with_machine_and_people_side_by_side(exported):
    rows = table(exported, "intervals.csv")
    assert rows["layer"] == ["expressions", "expressions", "masked", "masked", "masked"]
    assert rows["number"] == ["1", "2", "1", "2", ""]
    assert rows["machine_upper"] == ["", "", "still", "brows-lowered", ""]
    assert rows["machine_score"] == ["", "", "0.66", "0.66", ""]
    assert rows["machine_kind"] == ["micro", "macro", "masked", "masked", ""]
    assert rows["machine_strength"] == ["4.0", "4.0", "", "", ""]
    assert rows["people_said"] == ["", "", "corrected; accepted", "rejected", "added"]
    assert rows["counts"] == ["yes", "yes", "yes", "no", "yes"]
    assert rows["shown_emotion"] == ["", "", "", "", "happiness"]  # Mia accepted M1 after Kai had named a pair
    said = table(exported, "opinions.csv")
    assert said["author"] == ["Kai", "Mia", "Mia", "Kai"]
    assert said["layer"] == ["masked"] * 4
    assert said["felt_emotion"] == ["sadness", "", "", ""]
    assert said["note"][3] == "'=a grin"


def test_elan_has_tiers_of_marks_for_each_author(exported, tmp_path, shown_times):
    exported.extract(f"{FOLDER}/Interview 7.eaf", tmp_path)
    eaf = Eaf(tmp_path / FOLDER / "Interview 7.eaf", suppress_version_warning=True)

    def spans(tier):
        return sorted(eaf.get_annotation_data_for_tier(tier))

    def ms(first, last):
        return round(1000 * shown_times[first]), round(1000 * shown_times[last + 1])

    still = "masked: lower face smiles, upper face does not"
    assert spans("Corrected, masked") == [(*ms(60, 84), still), (*ms(100, 108), "masked: happiness shown")]
    assert spans("by Kai, masked") == [
        (*ms(62, 80), "masked: happiness over sadness (corrected)"),
        (*ms(100, 108), "masked: happiness shown (added)"),
    ]
    assert spans("by Mia, masked") == [(*ms(60, 84), f"{still} (accepted)")]
    assert spans("by Mia, masked, rejected") == [(*ms(66, 70), "masked: lower face smiles, brows are lowered")]
    assert spans("Corrected") == [(*ms(20, 30), "micro: surprise"), (*ms(60, 84), "macro: positive")]
    assert spans("by Kai") == spans("by Mia") == []
    assert len(spans("Masked")) + len(spans("Masked (2)")) == 2  # what was measured stays


def test_json_has_marks_with_their_measures_and_every_word(exported):
    told = json.loads(exported.read(f"{FOLDER}/corrections.json"))
    mark = next(one for one in told["intervals"] if one["key"] == MARK)
    assert (mark["layer"], mark["number"], mark["counts"]) == ("masked", 1, True)
    assert (mark["machine"]["upper"], mark["machine"]["score"], mark["machine"]["pair"]) == ("still", 0.66, None)
    assert [one["interval"]["felt_emotion"] for one in mark["opinions"]] == ["sadness", ""]
    assert [line["does"] for line in told["log"]] == ["correct", "add", "accept", "reject"]
    assert told["log"][0]["about"]["kind"] == "masked"


def test_the_report_has_what_people_said_in_its_section_and_on_the_marks_card(exported):
    html = exported.read(f"{FOLDER}/report.html").decode()
    assert "After corrections: 1 micro-expression, 1 macro-expression and 2 masked expressions" in html
    assert '<a href="#masked-1">M1</a>' in html
    cards = {one.partition('id="')[2].partition('"')[0]: one for one in html.split("<article")[1:]}
    assert "<b>Kai</b> corrected as masked, happiness over sadness:" in cards["masked-1"]
    assert "does not count" in cards["masked-2"]
    assert 'class="said"' not in cards["expression-2"]


def test_there_is_a_clip_of_each_mark_that_counts(exported, tmp_path, look):
    clips = sorted(name.rpartition("/")[2] for name in exported.namelist() if name.endswith(".mp4"))
    assert clips == [
        "01 micro surprise 20-30.mp4",
        "02 macro positive 60-84.mp4",
        "03 masked lower face smiles upper face does not 60-84.mp4",
        "04 masked happiness shown 100-108.mp4",
    ]
    exported.extract(f"{FOLDER}/clips/{clips[3]}", tmp_path)
    assert [number for number, _ in look(tmp_path / FOLDER / "clips" / clips[3])] == list(range(100, 109))
    words = exported.read(f"{FOLDER}/clips/03 masked lower face smiles upper face does not 60-84.srt").decode()
    assert "masked: lower face smiles, upper face does not · Interview 7.mp4" in words


def test_the_page_is_told_of_marks_and_takes_what_people_say_of_them(smiled, people):
    kai = people()
    kai.post("/api/corrections/me", {"name": "Kai"})
    before = kai.get("/api/corrections/1")
    assert [(one["layer"], one["number"]) for one in before["intervals"]][2:] == [("masked", 1), ("masked", 2)]
    assert before["intervals"][2]["machine"]["words"] == "lower face smiles, upper face does not"
    assert before["emotions_of_masked"][-2:] == ["surprise", "neutral"]
    frames = {"onset": 62, "apex": 70, "offset": 80, "kind": "masked"}
    asked = frames | {"does": "correct", "about": MARK, "shown_emotion": "happiness", "felt_emotion": "anger"}
    after = kai.post("/api/corrections/1", asked)["intervals"][2]
    assert after["stands"]["words"] == "happiness over anger"
    wrong = kai.post("/api/corrections/1", asked | {"kind": "micro"}, 422)
    assert wrong["error"].startswith("only a masked expression has a shown and a felt emotion")
