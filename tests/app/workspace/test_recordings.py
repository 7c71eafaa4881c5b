from pathlib import Path

import pytest

from micromask.app.workspace.claims import claim, finish
from micromask.app.workspace.jobs import MOST_WAITING, FullError, cancel, job, jobs, queue
from micromask.app.workspace.recordings import (
    add_and_queue,
    add_recording,
    describe,
    recording,
    recordings,
    remove,
    results_of,
)
from micromask.app.workspace.store import kept_open
from micromask.core.errors import BadInputError


def test_an_uploaded_film_is_moved_in_for_its_owner_only(workspace: Path, film: Path) -> None:
    data = film.read_bytes()
    film.chmod(0o644)
    number = add_recording(workspace, "Anna, second try.MP4", film, participant=" P01 ", group="controls")
    one = recording(workspace, number)
    assert (one.title, one.participant, one.group) == ("Anna, second try.MP4", "P01", "controls")
    assert (one.state, one.seconds, one.fps, one.frames, one.why) == ("waiting", None, None, None, "")
    assert one.film == workspace / "films" / str(number) / "film.mp4"
    assert one.film.read_bytes() == data
    assert one.film.stat().st_mode & 0o777 == 0o600
    assert one.folder.stat().st_mode & 0o777 == 0o700
    assert not film.exists()


@pytest.mark.parametrize(
    ("name", "title", "stored"),
    [
        ("../../../etc/passwd", "passwd", "film.dat"),
        ("..\\..\\windows\\system32\\evil.exe", "evil.exe", "film.dat"),
        ("/", "recording", "film.dat"),
        ("...", "recording", "film.dat"),
        ("a\x00b\n.mp4", "a b .mp4", "film.mp4"),
        ("film.mp4/../../x", "x", "film.dat"),
        ("\ud800.webm", ".webm", "film.dat"),
        ("Ä" * 3000 + ".mkv", "Ä" * 196 + ".mkv", "film.mkv"),
        ("x.mp4\u202egpj.exe", "x.mp4 gpj.exe", "film.dat"),
        ("<script>.AVI", "<script>.AVI", "film.avi"),
    ],
)
def test_a_name_is_a_title_and_never_a_path(workspace: Path, film: Path, name: str, title: str, stored: str) -> None:
    number = add_recording(workspace, name, film)
    one = recording(workspace, number)
    assert one.title == title
    assert one.film == workspace / "films" / str(number) / stored
    assert one.film.is_file()
    assert sorted(path.name for path in workspace.parent.iterdir()) == ["workspace"]


def test_a_film_outside_stays_where_it_is(workspace: Path, film: Path) -> None:
    number = add_recording(workspace, film.name, film, outside=True)
    one = recording(workspace, number)
    assert (one.film, one.outside) == (film, True)
    assert one.folder == workspace / "films" / str(number)
    assert one.folder.is_dir()
    remove(workspace, number)
    assert film.is_file()
    assert not one.folder.exists()


def test_a_film_that_is_not_there_is_not_taken_in(workspace: Path, tmp_path: Path) -> None:
    for outside in (False, True):
        with pytest.raises(BadInputError, match="no such film"):
            add_recording(workspace, "x.mp4", tmp_path / "x.mp4", outside=outside)
    assert recordings(workspace) == ()


def test_removing_a_recording_takes_its_files_results_and_jobs(workspace: Path, film: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.mp4"
    other.write_bytes(b"2")
    number, work = add_and_queue(workspace, "1.mp4", film, {})
    kept, _ = add_and_queue(workspace, "2.mp4", other, {})
    for each in (number, kept):
        results_of(workspace, each).mkdir()
        (results_of(workspace, each) / "report.html").write_text("x")
    remove(workspace, number)
    assert [one.id for one in recordings(workspace)] == [kept]
    assert [one.recording for one in jobs(workspace)] == [kept]
    assert not results_of(workspace, number).exists()
    assert not (workspace / "films" / str(number)).exists()
    assert (results_of(workspace, kept) / "report.html").exists()
    for use in (lambda: recording(workspace, number), lambda: remove(workspace, number)):
        with pytest.raises(BadInputError, match=f"there is no recording {number} here"):
            use()
    with pytest.raises(BadInputError, match=f"there is no job {work} here"):
        job(workspace, work)


def test_nothing_of_a_removed_recording_is_left_in_the_database_while_a_server_has_it_open(
    workspace: Path, film: Path
) -> None:
    def files_with(words: bytes) -> list[str]:
        return [path.name for path in workspace.glob("app.sqlite*") if words in path.read_bytes()]

    with kept_open(workspace):
        number = add_recording(workspace, "Interview Q7R.mp4", film, participant="Person Q7R")
        assert files_with(b"Q7R") != []
        remove(workspace, number)
        assert files_with(b"Q7R") == []


def test_a_number_is_never_given_out_twice(workspace: Path, film: Path, tmp_path: Path) -> None:
    first = add_recording(workspace, "1.mp4", film)
    remove(workspace, first)
    (tmp_path / "again.mp4").write_bytes(b"x")
    assert add_recording(workspace, "1.mp4", tmp_path / "again.mp4") > first


def test_when_the_queue_is_full_the_film_is_not_taken_in_and_stays_where_it_was(workspace: Path, film: Path) -> None:
    for _ in range(MOST_WAITING):
        queue(workspace, "short", {})
    with pytest.raises(FullError):
        add_and_queue(workspace, "1.mp4", film, {})
    assert film.is_file()
    assert recordings(workspace) == ()
    assert list((workspace / "films").iterdir()) == []


def test_a_recording_is_in_the_state_of_its_latest_analysis(workspace: Path, film: Path) -> None:
    number, first = add_and_queue(workspace, "1.mp4", film, {})

    def state() -> tuple[str, str]:
        one = recording(workspace, number)
        return one.state, one.why

    assert state() == ("waiting", "")
    assert claim(workspace, 1) is not None
    assert state() == ("working", "")
    finish(workspace, 1, first, "failed", (0, 0, "1.mp4: is no film"))
    assert state() == ("failed", "1.mp4: is no film")
    second = queue(workspace, "analyze", {}, recording=number)
    queue(workspace, "magnify", {}, recording=number)
    assert state() == ("waiting", "")
    cancel(workspace, second)
    assert state() == ("cancelled", "")
    magnified = claim(workspace, 1)
    assert magnified is not None
    finish(workspace, 1, magnified.id, "done", (0, 0, ""))
    assert state() == ("cancelled", "")
    third = queue(workspace, "analyze", {}, recording=number)
    claim(workspace, 1)
    finish(workspace, 1, third, "done", (1, 1, "2 micro-expressions"))
    assert state() == ("ready", "")


def test_who_is_on_a_recording_can_be_said_later(workspace: Path, film: Path) -> None:
    number = add_recording(workspace, "1.mp4", film, participant="P01", group="controls")
    describe(workspace, number, group="patients\n")
    assert (recording(workspace, number).participant, recording(workspace, number).group) == ("P01", "patients")
    describe(workspace, number, participant="")
    assert (recording(workspace, number).participant, recording(workspace, number).group) == ("", "patients")
    with pytest.raises(BadInputError, match="there is no recording 9"):
        describe(workspace, 9, group="x")


def test_what_a_crash_left_under_a_number_is_not_taken_for_the_new_recording(workspace: Path, film: Path) -> None:
    stale = workspace / "results" / "1"
    stale.mkdir()
    (stale / "report.html").write_text("somebody else")
    assert add_recording(workspace, "1.mp4", film) == 1
    assert not stale.exists()
