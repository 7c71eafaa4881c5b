"""A film comes in pieces: what was acknowledged is on the disk, whatever happens."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from micromask.core.errors import BadInputError, BadOutputError
from micromask.recordings import probe, read
from micromask.studies import chunks
from micromask.studies.sessions import (
    Acknowledged,
    add_chunk,
    add_events,
    begin_recording,
    begin_session,
    delete_session,
    end_recording,
    end_session,
    recordings_of,
    recover,
)
from micromask.studies.shown import StudyEvent
from micromask.studies.store import open_store, read_store

FILM = "films/P01/1-questions.webm"


def test_pieces_make_the_film_in_their_order(study, recording):
    assert add_chunk(study, recording, 0, b"one,") == Acknowledged(1, 4)
    assert add_chunk(study, recording, 1, b"") == Acknowledged(2, 4)
    assert add_chunk(study, recording, 2, b"two") == Acknowledged(3, 7)
    end_recording(study, recording)
    (one,) = recordings_of(study, "P01")
    assert (one.path, one.chunks, one.bytes, one.state, one.items) == (FILM, 3, 7, "closed", ("q1", "q2"))
    assert (study / FILM).read_bytes() == b"one,two"


def test_a_piece_sent_again_is_acknowledged_and_not_appended(study, recording):
    for number, data in ((0, b"one,"), (1, b"two"), (0, b"one,"), (1, b"two")):
        last = add_chunk(study, recording, number, data)
    assert last == Acknowledged(2, 7)
    end_recording(study, recording)
    assert add_chunk(study, recording, 1, b"two") == last
    assert (study / FILM).read_bytes() == b"one,two"


def test_a_piece_after_a_gap_before_the_first_or_after_the_end_is_refused(study, recording):
    add_chunk(study, recording, 0, b"one,")
    with pytest.raises(BadInputError, match="recording 1: piece 2 came, and piece 1 is next"):
        add_chunk(study, recording, 2, b"three")
    with pytest.raises(BadInputError, match="piece -1 came"):
        add_chunk(study, recording, -1, b"x")
    end_recording(study, recording)
    with pytest.raises(BadInputError, match="recording 1 has ended"):
        add_chunk(study, recording, 1, b"two")
    with pytest.raises(BadInputError, match="no recording 9"):
        add_chunk(study, 9, 0, b"x")
    assert (study / FILM).read_bytes() == b"one,"


@pytest.mark.parametrize(
    ("mime", "ending"),
    [
        ("video/webm", ".webm"),
        ("video/webm; codecs=vp9", ".webm"),
        ('video/webm;codecs="vp8, opus"', ".webm"),
        ("video/x-matroska;codecs=avc1", ".mkv"),
        ("video/mp4;codecs=avc1.42E01E,mp4a.40.2", ".mp4"),
    ],
)
def test_what_browsers_record_is_taken(study, design, join, mime, ending):
    session = begin_session(study, design, join())
    begin_recording(study, session.id, "images", mime)
    assert recordings_of(study)[0].path == f"films/P01/1-images{ending}"


@pytest.mark.parametrize(
    "mime", ["video/quicktime", "audio/webm", "video/webm;codecs=../x", "video/webm\nx", "image/svg+xml", "", "a" * 300]
)
def test_other_types_are_refused(study, design, join, mime):
    session = begin_session(study, design, join())
    with pytest.raises(BadInputError, match="a film is video/webm, video/mp4, video/x-matroska"):
        begin_recording(study, session.id, "images", mime)


def test_a_part_that_the_study_does_not_have_is_refused(study, recording):
    with pytest.raises(BadInputError, match=r"session 1 has no part '\.\./x'; it has: questions, images"):
        begin_recording(study, 1, "../x", "video/webm")


def test_a_second_film_of_a_session_ends_the_first_and_a_second_session_of_a_person_too(study, design, recording):
    begin_recording(study, 1, "images", "video/webm")
    assert [one.state for one in recordings_of(study)] == ["interrupted", "open"]
    begin_session(study, design, "P01")
    assert [(one.state, one.session_state) for one in recordings_of(study)] == [("interrupted", "interrupted")] * 2


def test_a_piece_or_a_film_that_is_too_large_is_refused(study, recording, monkeypatch):
    monkeypatch.setattr(chunks, "MOST_CHUNK_BYTES", 100)
    monkeypatch.setattr(chunks, "MOST_FILM_BYTES", 150)
    with pytest.raises(BadInputError, match="a piece of film has at most"):
        add_chunk(study, recording, 0, b"x" * 101)
    add_chunk(study, recording, 0, b"x" * 100)
    with pytest.raises(BadInputError, match="a film has at most"):
        add_chunk(study, recording, 1, b"x" * 51)
    assert add_chunk(study, recording, 1, b"x" * 50) == Acknowledged(2, 150)


def test_the_limits_are_64_mib_and_8_gib():
    assert (chunks.MOST_CHUNK_BYTES, chunks.MOST_FILM_BYTES) == (67_108_864, 8_589_934_592)


def test_on_a_full_disk_one_line_says_so_nothing_half_stays_and_the_piece_may_come_again(study, recording, monkeypatch):
    add_chunk(study, recording, 0, b"one,")
    real = os.write

    def full(descriptor, data):
        if len(data) > 2:
            return real(descriptor, data[:2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(BadOutputError, match="last piece cannot be kept") as error:
        add_chunk(study, recording, 1, b"two!")
    assert str(error.value).endswith("(No space left on device); make room and go on")
    assert "\n" not in str(error.value)
    assert (study / FILM).read_bytes() == b"one,"
    monkeypatch.undo()
    assert add_chunk(study, recording, 1, b"two!") == Acknowledged(2, 8)
    assert (study / FILM).read_bytes() == b"one,two!"


def test_a_film_longer_than_what_was_acknowledged_is_cut_back_by_the_next_piece(study, recording):
    add_chunk(study, recording, 0, b"one,")
    with (study / FILM).open("ab") as film:
        film.write(b"written but never acknowledged")
    add_chunk(study, recording, 1, b"two")
    assert (study / FILM).read_bytes() == b"one,two"


def test_a_film_that_others_shortened_is_told_and_not_filled_up(study, recording):
    add_chunk(study, recording, 0, b"one,")
    (study / FILM).write_bytes(b"on")
    with pytest.raises(BadInputError, match="had 4 bytes and has 2"):
        add_chunk(study, recording, 1, b"two")
    assert "2 bytes of films/P01/1-questions.webm are missing" in recover(study)[0]


def test_recovery_interrupts_what_was_open_and_cuts_films_back(study, recording):
    add_chunk(study, recording, 0, b"one,")
    with (study / FILM).open("ab") as film:
        film.write(b"tail")
    said = recover(study)
    assert said == (
        "recording 1: cut back by 4 bytes that were not acknowledged",
        "recording 1 (questions) was interrupted; 4 bytes are safe",
    )
    (one,) = recordings_of(study)
    assert (one.state, one.session_state) == ("interrupted", "interrupted")
    assert (study / FILM).read_bytes() == b"one,"
    assert recover(study) == ()


def test_recovery_leaves_what_was_ended_as_it_is_and_names_a_film_of_no_recording(study, recording):
    end_recording(study, recording)
    end_session(study, 1, "done")
    (study / "films").mkdir(exist_ok=True)
    (study / "films" / "stray.webm").write_bytes(b"x")
    assert recover(study) == ("films/stray.webm belongs to no recording: look at it and remove it",)
    assert (study / "films" / "stray.webm").exists()
    assert recordings_of(study)[0].session_state == "done"


CHILD = """
import sys
from pathlib import Path
from micromask.studies.sessions import add_chunk
study, film = Path(sys.argv[1]), Path(sys.argv[2]).read_bytes()
step = int(sys.argv[3])
for number, at in enumerate(range(0, len(film), step)):
    done = add_chunk(study, 1, number, film[at : at + step])
    print(done.chunks, done.bytes, flush=True)
"""


def test_what_a_killed_process_had_acknowledged_is_on_the_disk_and_the_film_can_be_read(
    study, recording, webm, tmp_path
):
    size = webm.stat().st_size
    step = max(1, size // 60)
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(study), str(webm), str(step)], stdout=subprocess.PIPE, text=True
    )
    told = []
    assert child.stdout is not None
    for line in child.stdout:
        told.append(line)
        if len(told) == 40:
            child.send_signal(signal.SIGKILL)
            break
    told += child.stdout.readlines()
    child.stdout.close()
    assert child.wait() == -signal.SIGKILL
    told_chunks, told_bytes = (int(each) for each in told[-1].split())
    recover(study)
    (one,) = recordings_of(study)
    assert one.state == "interrupted"
    assert one.chunks in (told_chunks, told_chunks + 1)
    assert one.bytes >= told_bytes
    assert (study / FILM).read_bytes() == webm.read_bytes()[: one.bytes]
    assert one.bytes < size
    whole = [float(frame.image.mean()) for frame in read(probe(webm))]
    kept = [float(frame.image.mean()) for frame in read(probe(study / FILM))]
    assert 10 <= len(kept) < len(whole) == 30
    assert kept == whole[: len(kept)]


def test_deleting_what_was_recorded_leaves_the_session_and_nothing_that_was_in_it(study, design, recording):
    add_chunk(study, recording, 0, b"one,")
    add_events(study, recording, [StudyEvent(0, 0.5, "stimulus-on", "q1")])
    delete_session(study, 1)
    assert recordings_of(study) == ()
    assert [path for path in (study / "films").rglob("*") if path.is_file()] == []
    with read_store(study) as store:
        counts = {
            table: store.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("recording", "event", "file", "session")
        }
        assert counts == {"recording": 0, "event": 0, "file": 0, "session": 1}
        assert store.execute("SELECT state FROM session").fetchone()[0] == "deleted"
    again = begin_recording(study, begin_session(study, design, "P01").id, "questions", "video/webm")
    assert again == 2, "a late piece for recording 1 must not reach another film"
    with pytest.raises(BadInputError, match="no recording 1"):
        add_chunk(study, 1, 1, b"late")


def test_a_deletion_that_was_cut_off_is_finished_by_recovery(study, recording):
    add_chunk(study, recording, 0, b"one,")
    with open_store(study) as store:
        store.execute("UPDATE session SET state = 'deleted'")
    assert recordings_of(study) == ()
    assert "session 1: its deletion was finished" in recover(study)
    assert not (study / FILM).exists()


def test_a_session_that_is_in_an_export_is_not_deleted_behind_its_back(study, recording):
    from micromask.studies.files import note_file

    with open_store(study) as store:
        note_file(store, "exports/first", "P01", "export", "films")
    with pytest.raises(BadInputError, match="P01 is in an export: remove them with 'micromask study forget"):
        delete_session(study, 1)


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_folders_and_files_are_their_owners_alone_also_sqlites_own(study, recording):
    before = os.umask(0)
    try:
        with open_store(study) as store:
            store.execute("UPDATE session SET ended = NULL")
            add = store.execute("SELECT 1").fetchone()
            assert add
            names = {path.name for path in study.iterdir()}
            assert {"study.sqlite-wal", "study.sqlite-shm"} <= names
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in study.iterdir() if path.is_file()}
        assert set(modes.values()) == {0o600}, modes
        add_chunk(study, recording, 0, b"one,")
    finally:
        os.umask(before)
    for path in [study, *study.rglob("*")]:
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_folder_that_was_open_to_others_is_closed_before_a_film_is_put_in(study, recording):
    folder = study / "films" / "P01"
    folder.mkdir(parents=True)
    Path(folder).chmod(0o777)
    add_chunk(study, recording, 0, b"one,")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
