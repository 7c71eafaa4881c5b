"""A participant is forgotten: nothing of them is left anywhere, nothing of others is touched, and it is proved."""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from micromask.core.errors import BadInputError
from micromask.datasets.cache import Cache, Recipe, fingerprint
from micromask.studies import derived, erase
from micromask.studies.files import note_file, place_of, write_private
from micromask.studies.forget import forget
from micromask.studies.people import add_participant, give_consent, participants, withdraw_consent
from micromask.studies.sessions import (
    StudyEvent,
    add_chunk,
    add_events,
    begin_recording,
    begin_session,
    end_recording,
    end_session,
    recordings_of,
)
from micromask.studies.store import FILE, create_store, now, open_store, read_store

SECRET = {"P01": 'met "Röschen Quendel" in Zwiesel', "P02": "collects orange teapots"}
WORDS = (b"Quendel", b"Zwiesel", b"blinks like Aunt Ottilie", "Röschen".encode(), b"R\\u00f6schen")


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "cache")


def recorded(study, design, name, film):
    """A sitting with everything that can be made of it: frames, maps, candidates, labels of a coder, settled ones."""
    session = begin_session(study, design, name)
    number = begin_recording(study, session.id, "questions", "video/webm")
    half = len(film) // 2
    add_chunk(study, number, 0, film[:half])
    add_chunk(study, number, 1, film[half:])
    add_events(study, number, [StudyEvent(0, 0.5, "stimulus-on", "q1"), StudyEvent(1, 2.5, "stimulus-off", "q1")])
    end_recording(study, number)
    end_session(study, session.id, "done")
    source = recordings_of(study, name)[0].path
    with open_store(study) as store:
        for frame in (1, 2):
            path = f"frames/{name}/{number}/{frame:04d}.png"
            write_private(study / path, f"picture {frame} of {name}".encode())
            note_file(store, path, name, "frame", source)
            store.execute(
                "INSERT INTO frame VALUES (?, ?, ?, ?, 'q1', ?, '[]', '{}')",
                (number, frame, 15 * frame, frame / 2, path),
            )
        path = f"maps/{name}/{number}/0001.npz"
        write_private(study / path, f"map of {name}".encode())
        note_file(store, path, name, "map", f"frames/{name}/{number}/0001.png")
        store.execute("INSERT OR IGNORE INTO coder VALUES ('anna', ?)", (now(),))
        note = "blinks like Aunt Ottilie" if name == "P01" else "calm throughout"
        label = store.execute(
            "INSERT INTO label (coder, recording, number, kind, emotion, note, made)"
            " VALUES ('anna', ?, 1, 'micro', 'sadness', ?, ?)",
            (number, note, now()),
        ).lastrowid
        after = json.dumps({"note": note})
        store.execute("INSERT INTO change (coder, label, after, made) VALUES ('anna', ?, ?, ?)", (label, after, now()))
        store.execute(
            "INSERT INTO settled VALUES (?, 1, 'micro', 'sadness', 'one coder', 'anna', '', ?)", (number, now())
        )
        store.execute(
            "INSERT INTO candidate (recording, onset, apex, offset, onset_s, apex_s, offset_s, kind, told)"
            " VALUES (?, 1, 2, 3, .1, .2, .3, 'micro', '{}')",
            (number,),
        )
    return number


def exported(study, folder, names):
    """An export with a picture of each and one table of all, noted as its folder for each."""
    write_private(folder / "annotations.csv", ("subject\n" + "\n".join(names) + "\n").encode())
    for name in names:
        write_private(folder / name / "0001.png", f"picture 1 of {name}, cropped".encode())
    with open_store(study) as store:
        for name in names:
            note_file(store, place_of(study, folder), name, "export", "frames")


def cached(cache, path):
    cache.put(Recipe("faces", 1, (fingerprint(path),)), {"faces": np.zeros((2, 2), np.uint8)})


@pytest.fixture(scope="session")
def template(designed, webm, tmp_path_factory):
    """P01 and P02 with films, frames, maps, labels and cache entries; exports of both, of P01, and of P02."""
    place = tmp_path_factory.mktemp("template")
    study, cache = place / "smiles", Cache(place / "cache")
    study.mkdir(mode=0o700)
    create_store(study)
    design = designed(study)
    write_private(study / "study.yaml", b"title: Smiles\n")
    for name in ("P01", "P02"):
        assert add_participant(study, design, {"age": "21", "gender": "female", "about": SECRET[name]}) == name
        give_consent(study, name, design.consent)
        film = webm.read_bytes() if name == "P01" else webm.read_bytes()[::-1]
        number = recorded(study, design, name, film)
        cached(cache, study / f"films/{name}/{number}-questions.webm")
        cached(cache, study / f"frames/{name}/{number}/0001.png")
    exported(study, study / "exports" / "both", ["P01", "P02"])
    exported(study, place / "elsewhere", ["P01"])
    exported(study, place / "kept", ["P02"])
    cached(cache, place / "elsewhere" / "P01" / "0001.png")
    return place


@pytest.fixture
def full(template, tmp_path):
    """A study of one's own like the template."""
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    with closing(sqlite3.connect(tmp_path / "smiles" / FILE)) as store, store:
        store.execute("PRAGMA synchronous = OFF")
        store.execute("UPDATE file SET path = replace(path, ?, ?)", (str(template), str(tmp_path)))
    return tmp_path / "smiles"


@pytest.fixture
def keys(tmp_path):
    path = tmp_path / "keys.csv"
    path.write_bytes('participant;name\r\nP01;"Ottokar\r\nWinterfeldt"\r\nP02;Zoë Mär\r\nP010;Nobody\r\n'.encode())
    path.chmod(0o640)
    return path


def everything(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def rows_of_others(study):
    """All rows that are not P01's, by table."""
    found = {}
    with read_store(study) as store:
        mine = {
            row[0]
            for row in store.execute(
                "SELECT recording.id FROM recording JOIN session ON session.id = session WHERE participant = 'P01'"
            )
        }
        sessions = {row[0] for row in store.execute("SELECT id FROM session WHERE participant = 'P01'")}
        labels = {row[0] for row in store.execute("SELECT id, recording FROM label") if row[1] in mine}
        for table in (
            "participant",
            "consent",
            "session",
            "recording",
            "event",
            "frame",
            "candidate",
            "label",
            "change",
            "settled",
            "coder",
            "counter",
        ):
            rows = [dict(row) for row in store.execute(f"SELECT * FROM {table}")]
            found[table] = [
                row
                for row in rows
                if row.get("participant") != "P01"
                and not (table == "participant" and row["name"] == "P01")
                and not (table == "recording" and row["session"] in sessions)
                and row.get("recording") not in mine
                and row.get("label") not in labels
            ]
    return found


def test_before_it_the_words_can_be_found_and_so_the_search_means_something(full):
    with closing(sqlite3.connect(full / FILE)) as store:
        store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw = (full / FILE).read_bytes()
    assert b"Quendel" in raw
    assert b"blinks like Aunt Ottilie" in raw
    assert b'P01{"age"' in raw
    assert b"films/P01/" in raw


def test_nothing_of_a_forgotten_participant_is_left_and_nothing_of_another_is_touched(full, keys, cache, tmp_path):
    others = {
        path: data for path, data in everything(full).items() if "P02" in path.parts and "exports" not in path.parts
    }
    rows = rows_of_others(full)
    kept = everything(tmp_path / "kept")
    assert len(others) == 4
    assert len(rows["label"]) == 1

    done = forget(full, "P01", keys, cache=cache)

    assert done.left == ()
    after = everything(full)
    assert [path for path in after if "P01" in str(path.relative_to(full))] == []
    assert not (full / "films" / "P01").exists()
    for path, data in after.items():
        for word in (*WORDS, b"P01"):
            assert word not in data, f"{word!r} is left in {path.name}"
    assert {path: after.get(path) for path in others} == others
    assert rows_of_others(full) == rows
    assert [one.name for one in participants(full)] == ["P02"]
    assert not (full / "exports" / "both").exists()
    assert not (tmp_path / "elsewhere").exists()
    assert everything(tmp_path / "kept") == kept
    assert keys.read_bytes() == "participant;name\r\nP02;Zoë Mär\r\nP010;Nobody\r\n".encode()
    assert stat.S_IMODE(keys.stat().st_mode) == 0o640


def test_cache_entries_made_from_their_files_go_and_those_of_others_stay(full, cache):
    forget(full, "P01", cache=cache)
    left = list(cache.folder.rglob("*.npz"))
    wanted = {
        cache.place(Recipe("faces", 1, (fingerprint(path),)))
        for path in (full / "films/P02/2-questions.webm", full / "frames/P02/2/0001.png")
    }
    assert set(left) == wanted


def test_their_pseudonym_and_the_numbers_of_their_recordings_are_not_used_again(full, designed, cache):
    forget(full, "P01", cache=cache)
    forget(full, "P02", cache=cache)
    assert participants(full) == ()
    name = add_participant(full, designed(full), {"age": "30", "gender": "male"})
    assert name == "P03"
    with open_store(full) as store:
        columns = "(participant, begun, state, items)"
        session = store.execute(f"INSERT INTO session {columns} VALUES ('P03', '', 'running', '{{}}')").lastrowid
    assert session == 3


def test_the_receipt_says_what_was_done_and_nothing_about_whom(full, keys, cache):
    done = forget(full, "P01", keys, cache=cache)
    assert done.path is not None
    assert done.path.parent == full / "receipts"
    assert stat.S_IMODE(done.path.stat().st_mode) == 0o600
    text = done.path.read_text("utf-8")
    told = json.loads(text)
    assert told["removed"] == {
        "film": {"files": 1, "bytes": told["removed"]["film"]["bytes"]},
        "frame": {"files": 2, "bytes": len("picture 1 of P01") * 2},
        "map": {"files": 1, "bytes": len("map of P01")},
        "export": {"files": 5, "bytes": told["removed"]["export"]["bytes"]},
        "cache": {"files": 3, "bytes": told["removed"]["cache"]["bytes"]},
    }
    assert told["rows"] == {
        "participant": 1, "consent": 1, "session": 1, "recording": 1, "event": 2, "frame": 2, "candidate": 1,
        "label": 1, "change": 1, "settled": 1, "file": 6,
    }  # fmt: skip
    assert told["key_list_rows"] == 1
    assert told["found"] == 0
    assert told["searched"]["files"] == done.searched.files > 5
    assert told["searched"]["exports_that_remain"] == 1
    assert told["searched"]["cache_entries"] == 2
    for word in ("P01", "Quendel", "Winterfeldt", "female", "films/", "keys.csv", str(full)):
        assert word not in text
    assert done.path.stem == told["receipt"]
    assert len(told["receipt"]) == 16


def test_the_deleted_bytes_are_gone_from_the_database_also_while_somebody_reads_it(full, cache):
    with closing(sqlite3.connect(full / FILE)) as reader:
        reader.execute("SELECT count(*) FROM participant").fetchall()
        forget(full, "P01", cache=cache)
        for name in (FILE, f"{FILE}-wal"):
            data = (full / name).read_bytes()
            assert not any(word in data for word in (*WORDS, b"P01")), name
        assert reader.execute("PRAGMA freelist_count").fetchone() == (0,)


def test_a_database_that_is_in_use_is_told_and_the_next_run_finishes(full, cache, monkeypatch):
    monkeypatch.setattr(erase, "WAIT_SECONDS", 0.2)
    with closing(sqlite3.connect(full / FILE, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM participant").fetchall()
        done = forget(full, "P01", cache=cache)
        assert done.path is None
        assert "stop what uses it and run again" in done.left[0]
        reader.execute("ROLLBACK")
    assert forget(full, "P01", cache=cache).left == ()


CHILD = """
import os, signal, sys
from pathlib import Path
from micromask.datasets.cache import Cache
from micromask.studies import forget as module

stage, study, keys, cache = sys.argv[1], *map(Path, sys.argv[2:])
def die(*given, **more):
    os.kill(os.getpid(), signal.SIGKILL)
if stage.isdigit():
    real, calls = module.remove, []
    def remove(path):
        calls.append(path)
        return die() if len(calls) > int(stage) else real(path)
    module.remove = remove
elif stage == "keys":
    module.remove_key = die
elif stage == "vacuum":
    from micromask.studies import erase
    erase.closing = die
elif stage == "search":
    module.search = die
elif stage == "end":
    real = module.remove
    module.remove = lambda path: die() if path.name.startswith("forgetting") else real(path)
module.forget(study, "P01", keys, cache=Cache(cache))
"""


@pytest.mark.parametrize("stage", ["0", "5", "keys", "vacuum", "search", "end"])
def test_killed_in_the_middle_it_is_run_again_and_finishes(full, keys, cache, tmp_path, stage):
    others = {
        path: data for path, data in everything(full).items() if "P02" in path.parts and "exports" not in path.parts
    }
    child = subprocess.run([sys.executable, "-c", CHILD, stage, full, keys, cache.folder], check=False)
    assert child.returncode == -signal.SIGKILL
    assert stat.S_IMODE((full / "forgetting-P01.json").stat().st_mode) == 0o600

    done = forget(full, "P01", keys, cache=cache)

    assert done.left == ()
    after = everything(full)
    for path, data in [*after.items(), *everything(cache.folder).items()]:
        assert not any(word in data for word in (*WORDS, b"P01")), path
        assert "P01" not in path.name
    assert {path: after[path] for path in others} == others
    (receipt,) = (full / "receipts").iterdir()
    told = json.loads(receipt.read_text("utf-8"))
    counts = {kind: each["files"] for kind, each in told["removed"].items()}
    assert counts == {"film": 1, "frame": 2, "map": 1, "export": 5, "cache": 3}
    assert told["rows"]["label"] == 1
    assert told["key_list_rows"] == 1
    with pytest.raises(BadInputError, match="no participant 'P01'"):
        forget(full, "P01", keys, cache=cache)


def test_a_file_that_cannot_be_removed_is_named_and_no_receipt_is_written(full, cache, monkeypatch):
    real = Path.unlink

    def stuck(path, missing_ok=False):
        if path.name == "0002.png":
            raise PermissionError(13, "Permission denied", str(path))
        real(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", stuck)
    done = forget(full, "P01", cache=cache)
    assert done.path is None
    assert any("0002.png cannot be removed: Permission denied" in line for line in done.left)
    assert "frames/P01/1/0002.png is named after the participant" in done.left
    assert not (full / "receipts").exists()
    monkeypatch.undo()
    again = forget(full, "P01", cache=cache)
    assert again.left == ()
    assert again.removed["frame"].files == 2


def test_a_cell_that_others_have_in_the_key_list_too_does_not_stop_it(full, cache, keys):
    keys.write_text("P01,Ottokar Winterfeldt,Hospital of Bern\nP02,Zoe Maer,Hospital of Bern\n", encoding="utf-8")
    assert forget(full, "P01", keys, cache=cache).left == ()


def test_a_name_of_the_key_list_in_a_coders_note_on_another_is_found(full, cache, keys):
    with open_store(full) as store:
        store.execute("UPDATE label SET note = 'sister of Winterfeldt' WHERE note = 'calm throughout'")
    keys.write_text("P01,Ottokar,Winterfeldt\nP02,Zoe,Maer\n", encoding="utf-8")
    done = forget(full, "P01", keys, cache=cache)
    assert done.left == ("study.sqlite holds words of the participant",)
    with open_store(full) as store:
        store.execute("UPDATE label SET note = ''")
    assert forget(full, "P01", keys, cache=cache).left == ()


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("notes.bin", b"\0" * 5_000_000 + b"Quendel\0", "notes.bin holds words of the participant"),
        ("notes.md", b"P01 came late", "notes.md names the participant"),
        ("images/P01.jpg", b"x", "images/P01.jpg is named after the participant"),
        ("backup/a.png", b"picture 1 of P01", "backup/a.png is a copy of a file that was removed"),
        ("films/P07/1.webm", b"x", "films/P07/1.webm belongs to nobody in the study"),
    ],
)
def test_what_lies_in_the_study_without_having_been_noted_is_found(full, cache, name, data, told):
    if name == "notes.bin":
        with open_store(full) as store:
            store.execute("UPDATE participant SET fields = ? WHERE name = 'P01'", (json.dumps({"about": "Quendel"}),))
    (full / name).parent.mkdir(parents=True, exist_ok=True)
    (full / name).write_bytes(data)
    done = forget(full, "P01", cache=cache)
    assert done.left == (told,)
    (full / name).unlink()
    assert forget(full, "P01", cache=cache).left == ()


def test_words_about_them_in_what_belongs_to_another_are_found(full, cache):
    with open_store(full) as store:
        store.execute("UPDATE label SET note = 'smiles more than P01 does' WHERE note = 'calm throughout'")
    done = forget(full, "P01", cache=cache)
    assert done.left == ("study.sqlite: table label, column note names the participant",)


def test_a_pseudonym_that_begins_another_is_told_apart(full, cache):
    with open_store(full) as store:
        store.execute("UPDATE counter SET last = 9")
        store.execute("INSERT INTO coder VALUES ('P010', '')")
    (full / "list.csv").write_text("P010\nP01x\n")
    assert forget(full, "P01", cache=cache).left == ()


def test_a_pseudonym_that_is_an_example_in_the_plan_and_the_consent_names_nobody(full, cache):
    text = "Your name is not kept with it: you are\ncalled P01 or the like, as in a list."
    (full / "study.yaml").write_text(f"consent: |\n  {text}\n")
    with open_store(full) as store:
        store.execute("UPDATE consent SET text = ?", (text,))
    (full / "terms.json").write_text(json.dumps({"terms": text}))
    (full / "other.json").write_text(json.dumps({"terms": "called P01 by all"}))
    assert forget(full, "P01", cache=cache).left == ("other.json names the participant",)


def test_an_export_made_anew_before_the_second_run_stays(full, cache):
    (full / "notes.md").write_text("P01 came late")
    assert forget(full, "P01", cache=cache).path is None
    (full / "notes.md").unlink()
    exported(full, full / "exports" / "both", ["P02"])
    assert forget(full, "P01", cache=cache).left == ()
    assert (full / "exports" / "both" / "P02" / "0001.png").exists()


def test_an_export_that_could_not_be_removed_goes_with_the_second_run(full, cache, monkeypatch):
    real = Path.unlink

    def stuck(path, missing_ok=False):
        if path.name == "annotations.csv":
            raise PermissionError(13, "Permission denied", str(path))
        real(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", stuck)
    done = forget(full, "P01", cache=cache)
    assert [line.split("/")[-1] for line in done.left[:2]] == [
        "annotations.csv cannot be removed: Permission denied"
    ] * 2
    monkeypatch.undo()
    assert forget(full, "P01", cache=cache).left == ()
    assert not (full / "exports" / "both").exists()


def test_an_export_that_is_not_at_its_place_is_told(full, cache, tmp_path):
    (tmp_path / "elsewhere").rename(tmp_path / "moved")
    done = forget(full, "P01", cache=cache)
    assert done.left == ()
    assert (
        f"export {tmp_path / 'elsewhere'} is not at its place: if it was moved or copied, remove it there" in done.notes
    )


def test_a_folder_that_was_noted_by_mistake_is_not_emptied(full, cache):
    with open_store(full) as store:
        note_file(store, "films", "P01", "film", "nothing")
    done = forget(full, "P01", cache=cache)
    assert done.left == ("films was noted, but holds others' files too: look at it and remove what is theirs",)
    assert (full / "films" / "P02").exists()


def test_an_answer_that_says_nothing_is_not_searched_for(study, design, join, cache):
    (study / "study.yaml").write_text("title: Smiles and stimulus talk\n")
    for about in ("stimulus", "student here", "carpenter"):
        join(about)
    join("student here")
    for name in ("P01", "P02", "P03"):
        done = forget(study, name, cache=cache)
        assert done.left == ()


def test_one_without_any_file_can_be_forgotten_and_an_unknown_one_cannot(study, design, join, cache, tmp_path):
    join()
    withdraw_consent(study, "P01")
    with pytest.raises(BadInputError, match="no participant 'P02' in this study; known: P01"):
        forget(study, "P02", cache=cache)
    with pytest.raises(BadInputError, match=r"a participant is named like P01, got '\.\./P01'"):
        forget(study, "../P01", cache=cache)
    assert forget(study, "P01", cache=cache).left == ()


def test_a_key_list_in_the_studys_folder_is_refused_before_anything_is_done(full, cache, tmp_path):
    (full / "keys.csv").write_text("P01,Ann\n")
    before = hashlib.sha256(b"".join(everything(full / "films").values())).digest()
    with pytest.raises(BadInputError, match="lies in the study's folder"):
        forget(full, "P01", full / "keys.csv", cache=cache)
    with pytest.raises(BadInputError, match="no such key list"):
        forget(full, "P01", tmp_path / "none.csv", cache=cache)
    assert hashlib.sha256(b"".join(everything(full / "films").values())).digest() == before


def test_a_linked_export_goes_together_with_what_it_links_to(full, cache, tmp_path):
    (full / "exports" / "both").rename(tmp_path / "disk")
    (full / "exports" / "both").symlink_to(tmp_path / "disk")
    assert forget(full, "P01", cache=cache).left == ()
    assert not (tmp_path / "disk").exists()
    assert not (full / "exports" / "both").is_symlink()


def test_what_is_made_from_what_is_made_from_a_film_is_derived_from_it():
    notes = [
        derived.NotedFile("maps/x.npz", "P01", "map", "frames/P01/1/a.png"),
        derived.NotedFile("frames/P01/1/a.png", "P01", "frame", "films/P01/1-q.webm"),
        derived.NotedFile("frames/P01/10/a.png", "P01", "frame", "films/P01/10-q.webm"),
    ]
    found = derived.derived_from(notes, ["films/P01/1-q.webm"])
    assert {one.path for one in found} == {"maps/x.npz", "frames/P01/1/a.png"}
