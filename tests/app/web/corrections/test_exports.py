"""What an export holds, read again with the programs that people read it with: pandas, pympi, PyAV."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace

import pandas as pd
import pytest
from pympi.Elan import Eaf

from micromask.app.workspace.corrections.authors import author_named
from micromask.app.workspace.corrections.opinions import Told, say
from micromask.app.workspace.exports.clips import Cut
from micromask.app.workspace.exports.kept import export_file, exports, tidy_exports
from micromask.app.workspace.exports.wanted import PARTS, Wanted, payload_of
from micromask.app.workspace.exports.zip_file import write_export
from micromask.app.workspace.jobs import job, queue
from micromask.app.workspace.recordings import recording, remove, results_of
from micromask.app.workspace.store import writing
from micromask.app.workspace.work.export import export_now
from micromask.app.workspace.work.kinds import Cancelled, works
from micromask.core.errors import BadInputError

FIRST, SECOND = "m0-20-25-30", "m0-60-70-84"
FOLDER = "001 Interview 7"


@pytest.fixture
def said(made):
    """Kai corrects the first interval and adds one; Mia accepts the first and rejects the second."""
    here = made.workspace, made.recording
    for name in ("Kai", "Mia"):
        author_named(made.workspace, name)
    say(*here, "Kai", Told("correct", FIRST, 0, 18, 25, 33, "micro", "fear", '=the brows, "inner"'))
    say(*here, "Mia", Told("accept", FIRST, 0, 20, 25, 30, "micro", "surprise"))
    say(*here, "Mia", Told("reject", SECOND))
    say(*here, "Kai", Told("add", None, 0, 100, 104, 108, "micro", "disgust"))
    return made


def exported(made, tmp_path, *parts, recordings=(1,), **cut):
    wanted = Wanted(tuple(recordings), parts or PARTS, Cut(**cut))
    written = write_export(made.workspace, wanted, tmp_path / "all.zip", tmp_path)
    return zipfile.ZipFile(tmp_path / "all.zip"), list(written.left_out)


def table(archive, name):
    return pd.read_csv(io.BytesIO(archive.read(name)))


def test_the_table_has_machine_and_people_side_by_side(said, tmp_path, shown_times):
    rows = table(exported(said, tmp_path, "csv")[0], "intervals.csv")
    assert list(rows["machine_onset"].fillna(-1)) == [20, 60, -1]
    assert list(rows["machine_emotion"].fillna("")) == ["surprise", "positive", ""]
    assert list(rows["p_positive"].fillna(-1)) == [0.2, 0.8, -1]
    assert list(rows["people_onset"].fillna(-1)) == [20, -1, 100]
    assert list(rows["people_said"]) == ["corrected; accepted", "rejected", "added"]
    assert list(rows["by"]) == ["Kai; Mia", "Mia", "Kai"]
    assert list(rows["counts"]) == ["yes", "no", "yes"]
    assert list(rows["disputed"]) == ["yes", "no", "no"]
    assert list(rows["emotion"]) == ["surprise", "positive", "disgust"]
    assert rows["participant"].unique().tolist() == ["P07"]
    wanted = [shown_times[last] - shown_times[first] for first, last in ((20, 30), (60, 84), (100, 108))]
    assert rows["duration_s"].tolist() == pytest.approx(wanted, abs=2e-6)


def test_each_opinion_is_a_row(said, tmp_path):
    rows = table(exported(said, tmp_path, "csv")[0], "opinions.csv")
    assert list(rows["key"][:3]) == [FIRST, FIRST, SECOND]
    assert list(rows["author"]) == ["Kai", "Mia", "Mia", "Kai"]
    assert list(rows["said"]) == ["corrected", "accepted", "rejected", "added"]
    assert list(rows["onset"].fillna(-1)) == [18, 20, -1, 100]
    assert list(rows["emotion"].fillna("")) == ["fear", "surprise", "", "disgust"]
    # No spreadsheet takes what a person typed for a formula.
    assert rows["note"][0] == '\'=the brows, "inner"'


def test_elan_has_a_tier_for_each_author_beside_the_machines(said, tmp_path, shown_times):
    archive, _ = exported(said, tmp_path, "elan")
    archive.extract(f"{FOLDER}/Interview 7.eaf", tmp_path)
    eaf = Eaf(tmp_path / FOLDER / "Interview 7.eaf", suppress_version_warning=True)

    def spans(tier):
        return sorted(eaf.get_annotation_data_for_tier(tier))

    def ms(first, last):
        return round(1000 * shown_times[first]), round(1000 * shown_times[last + 1])

    assert spans("Expressions") == [(*ms(20, 30), "micro: surprise 70 %"), (*ms(60, 84), "macro: positive 80 %")]
    assert spans("Corrected") == [(*ms(20, 30), "micro: surprise"), (*ms(100, 108), "micro: disgust")]
    assert spans("by Kai") == [(*ms(18, 33), "micro: fear (corrected)"), (*ms(100, 108), "micro: disgust (added)")]
    assert spans("by Mia") == [(*ms(20, 30), "micro: surprise (accepted)")]
    assert spans("by Mia, rejected") == [(*ms(60, 84), "macro: positive")]
    assert "by Kai, rejected" not in eaf.get_tier_names()
    assert eaf.get_parameters_for_tier("by Kai")["ANNOTATOR"] == "Kai"
    (film,) = eaf.get_linked_files()
    assert (film["MEDIA_URL"], film["RELATIVE_MEDIA_URL"]) == ("./Interview%207.mp4", "./Interview 7.mp4")


def test_json_has_what_was_said_and_what_was_taken_back(said, tmp_path):
    from micromask.app.workspace.corrections.opinions import undo

    undo(said.workspace, 1, "Kai")
    archive, _ = exported(said, tmp_path, "json")
    told = json.loads(archive.read(f"{FOLDER}/corrections.json"))
    assert told["recording"]["title"] == "Interview 7.mp4"
    assert [one["key"] for one in told["intervals"]] == [FIRST, SECOND]
    assert told["intervals"][0]["machine"]["probabilities"] == {"negative": 0.1, "positive": 0.2, "surprise": 0.7}
    assert [o["verdict"] for o in told["intervals"][0]["opinions"]] == ["corrected", "accepted"]
    assert [(line["author"], line["does"]) for line in told["log"]] == [
        ("Kai", "correct"),
        ("Mia", "accept"),
        ("Mia", "reject"),
        ("Kai", "add"),
        ("Kai", "undo"),
    ]
    assert json.loads(archive.read(f"{FOLDER}/analysis.json"))["format"] == "micromask-analysis/1"


def test_there_is_a_clip_of_each_interval_that_counts_with_its_very_frames(said, tmp_path, look):
    archive, left_out = exported(said, tmp_path, "csv", "clips", slower=4, caption="separate")
    assert left_out == []
    clips = sorted(name for name in archive.namelist() if name.endswith(".mp4"))
    assert clips == [
        f"{FOLDER}/clips/01 micro surprise 20-30.mp4",
        f"{FOLDER}/clips/02 micro disgust 100-108.mp4",
    ]
    for name, frames in zip(clips, (range(20, 31), range(100, 109)), strict=True):
        archive.extract(name, tmp_path)
        assert [number for number, _ in look(tmp_path / name)] == list(frames)
    assert "micro: surprise · Interview 7.mp4" in archive.read(clips[0].replace(".mp4", ".srt")).decode()
    assert list(table(archive, "intervals.csv")["clip"].fillna("")) == [clips[0], "", clips[1]]
    assert [path.name for path in tmp_path.glob("clip*")] == []


def test_the_report_says_what_people_said(said, tmp_path):
    html = exported(said, tmp_path, "report")[0].read(f"{FOLDER}/report.html").decode()
    assert "After corrections: 2 micro-expressions" in html
    assert "<b>Mia</b> rejected" in html


def test_nothing_in_an_export_names_a_folder_of_this_machine(said, tmp_path):
    author_named(said.workspace, "Kai")
    archive, _ = exported(said, tmp_path)
    places = [str(said.workspace).encode(), b"own workspace", str(tmp_path).encode(), b"films/1"]
    assert archive.testzip() is None
    for name in archive.namelist():
        assert not name.startswith("/")
        assert ".." not in name
        data = archive.read(name)
        assert not [place for place in places if place in data], name


def test_many_recordings_are_in_one_zip_with_one_table(said, tmp_path, found, moved):
    other = said.another('../Zoë: "2".webm', moved(10, 12, 14, chances=()), participant="=P08", group="patients")
    waiting = said.another("Later.mp4", *found)
    (results_of(said.workspace, waiting) / "analysis.json").unlink()
    archive, left_out = exported(said, tmp_path, "csv", "elan", recordings=(1, other, waiting))
    rows = table(archive, "intervals.csv")
    assert list(rows["recording_id"]) == [1, 1, 1, other]
    assert rows["participant"].iloc[-1] == "'=P08"
    assert rows["machine_emotion"].isna().iloc[-1]
    assert [line.partition(":")[0] for line in left_out] == ["Later.mp4 has no results yet"]
    assert "Left out:\n- Later.mp4 has no results yet" in archive.read("README.txt").decode()
    assert f"{other:03d} Zoë 2/Zoë 2.eaf" in archive.namelist()


def test_a_film_that_is_gone_leaves_out_its_clips_only(said, tmp_path):
    recording(said.workspace, 1).film.unlink()
    archive, left_out = exported(said, tmp_path, "csv", "clips")
    assert left_out == ["clips of Interview 7.mp4: the film is not where it was, or cannot be read"]
    assert sorted(archive.namelist()) == ["README.txt", "intervals.csv", "opinions.csv"]


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        ({"recordings": ()}, "choose 1 to 1000 recordings to export, got 0"),
        ({"recordings": (1, 1)}, "a recording is named twice"),
        ({"parts": ()}, "what can be exported is csv, elan, json, report, clips, got nothing"),
        ({"parts": ("csv", "pdf")}, "got csv, pdf"),
    ],
)
def test_what_cannot_be_exported_is_refused(wrong, line):
    with pytest.raises(BadInputError, match=line):
        Wanted(**{"recordings": (1,), "parts": ("csv",)} | wrong)


def test_a_job_makes_an_export_that_can_be_fetched_and_says_how_far_it_is(said):
    asked = payload_of(Wanted((1,), ("csv", "clips")))
    one = job(said.workspace, queue(said.workspace, "export", asked))
    with writing(said.workspace) as store:
        store.execute("UPDATE job SET state = 'running' WHERE id = ?", (one.id,))
    heard = []
    works["export"](said.workspace, one, lambda *told: heard.append(told))
    (export,) = exports(said.workspace)
    assert (export.job, export.name, export.recordings) == (one.id, "Interview 7.zip", 1)
    path, _ = export_file(said.workspace, export.id)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.stat().st_size == export.bytes
    assert zipfile.ZipFile(path).testzip() is None
    assert [done for done, _, _ in heard] == sorted(done for done, _, _ in heard)
    assert "cutting clip 2 of 2 of Interview 7.mp4" in [line for _, _, line in heard]
    assert heard[-1][2] == "ready"


def test_a_cancelled_job_leaves_no_export(said):
    asked = payload_of(Wanted((1,), ("clips",)))
    one = job(said.workspace, queue(said.workspace, "export", asked))

    def stop(done, total, line):
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        works["export"](said.workspace, one, stop)
    assert exports(said.workspace) == ()
    assert list((said.workspace / "exports").iterdir()) == []


def test_the_job_of_an_export_does_not_name_who_was_removed(said, moved):
    other = said.another("Other.mp4", moved(10, 12, 14))
    one = job(said.workspace, queue(said.workspace, "export", payload_of(Wanted((1, other), ("csv",)))))
    with writing(said.workspace) as store:
        line = "ready; left out: Other.mp4 has no results yet"
        store.execute("UPDATE job SET state = 'running', line = ? WHERE id = ?", (line, one.id))
    works["export"](said.workspace, one, lambda *_: None)
    remove(said.workspace, other)
    assert job(said.workspace, one.id).line == "ready"


def test_an_export_goes_when_somebody_in_it_is_removed(said, moved):
    other = said.another("Other.mp4", moved(10, 12, 14))
    both = export_now(said.workspace, payload_of(Wanted((1, other), ("csv",))))
    alone = export_now(said.workspace, payload_of(Wanted((1,), ("csv",))))
    gone, _ = export_file(said.workspace, both)
    remove(said.workspace, other)
    assert not gone.exists()
    assert [one.id for one in exports(said.workspace)] == [alone]
    with pytest.raises(BadInputError, match="this export is not here any more"):
        export_file(said.workspace, both)


def test_a_recording_removed_while_it_is_exported_is_not_exported(said, monkeypatch):
    from micromask.app.workspace.exports import zip_file

    real = zip_file.write_export

    def and_then_removed(workspace, wanted, path, scratch, tell=lambda *_: None):
        written = real(workspace, wanted, path, scratch, tell)
        remove(workspace, 1)
        return written

    monkeypatch.setattr(zip_file, "write_export", and_then_removed)
    with pytest.raises(BadInputError, match="was removed while it was exported"):
        export_now(said.workspace, payload_of(Wanted((1,), ("csv",))))
    assert list((said.workspace / "exports").iterdir()) == []
    assert list((said.workspace / "scratch").iterdir()) == []


def test_the_oldest_exports_make_room_and_strange_files_go(said, monkeypatch):
    from micromask.app.workspace.exports import kept as module

    monkeypatch.setattr(module, "MOST_KEPT", 2)
    made = [export_now(said.workspace, payload_of(Wanted((1,), ("csv",)))) for _ in range(3)]
    (said.workspace / "exports" / "left.zip").write_bytes(b"half")
    tidy_exports(said.workspace)
    assert [one.id for one in exports(said.workspace)] == made[:0:-1]
    assert len(list((said.workspace / "exports").iterdir())) == 2


def test_a_recording_analysed_anew_while_it_is_exported_is_exported_again(said, tmp_path, moved):
    def and_then_analysed(done, total, line):
        if done == 1 and "cutting" in line:
            said.analysed_again(moved(40, 45, 50))

    wanted = replace(Wanted((1,), ("csv", "clips")))
    with pytest.raises(BadInputError, match="was analysed anew while it was exported: export again"):
        write_export(said.workspace, wanted, tmp_path / "all.zip", tmp_path, and_then_analysed)
